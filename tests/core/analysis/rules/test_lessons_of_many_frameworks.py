"""What small lessons and books write in frameworks of all kinds: demonstrations called tests, rates that a loop halves,
learners whose callbacks do the work, blocks added up in a loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

DEMONSTRATION = """
    import tensorflow as tf
    import tensorflow.examples.tutorials.mnist.input_data as input_data
    def NAME():
        mnist = input_data.read_data_sets("data", one_hot=True)
        x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=tf.layers.dense(x, 10)))
        step = tf.train.AdamOptimizer(1e-3).minimize(loss)
        size = 50
        with tf.Session() as sess:
            for epoch in range(5):
                xs, ys = mnist.train.next_batch(size)
                sess.run(step, feed_dict={x: xs, y: ys})
    NAME()
"""


@pytest.mark.parametrize("name", ["main", "test_mnist"])
def test_a_function_that_trains_judges_nothing(tmp_path: Path, name: str) -> None:
    analysis = analysed(tmp_path, {"train.py": DEMONSTRATION.replace("NAME", name)})
    assert values(analysis, "batch_size") == [50]


HALVED = """
    from mxnet import nd, autograd, gluon
    def descend(weights, lr):
        for weight in weights:
            weight[:] = weight - lr * weight.grad
    w = nd.random_normal(shape=(784, 10))
    w.attach_grad()
    learning_rate = 2.0
    data = gluon.data.DataLoader(gluon.data.vision.MNIST(train=True), 64, shuffle=True)
    for epoch in range(30):
        if epoch % 10 == 9:
            learning_rate = learning_rate / 2
        for x, y in data:
            with autograd.record():
                loss = gluon.loss.SoftmaxCrossEntropyLoss()(nd.dot(x, w), y)
            loss.backward()
            descend([w], learning_rate)
"""


def test_the_rate_that_a_loop_starts_from(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HALVED}), "learning_rate") == [2.0]


CALLED_BACK = """
    from functools import partial
    from operator import attrgetter
    import fastcore.all as fc
    import torch.nn.functional as F
    from torch import nn, optim
    def told(callbacks, name, learn):
        for each in sorted(callbacks, key=attrgetter("order")):
            method = getattr(each, name, None)
            if method is not None:
                method(learn)
    class Steps:
        order = 1
        def judge(self, learn):
            learn.loss = learn.loss_func(learn.model(learn.batch[0]), learn.batch[1])
        def move(self, learn):
            learn.loss.backward()
            learn.opt.step()
    class Learner:
        def __init__(self, model, data, loss_func=F.mse_loss, lr=0.1, cbs=None, opt_func=optim.SGD):
            cbs = fc.L(cbs)
            fc.store_attr()
        def fit(self, epochs):
            self.opt = self.opt_func(self.model.parameters(), self.lr)
            for epoch in range(epochs):
                for self.batch in self.data:
                    told(self.cbs, "judge", self)
                    told(self.cbs, "move", self)
    Learner(nn.Linear(4, 2), data, F.cross_entropy, lr=0.06, cbs=CBS, opt_func=partial(optim.Adam, eps=1e-5)).fit(7)
"""


@pytest.mark.parametrize("callbacks", ["[Steps()]", "Steps()"])
def test_learners_keep_what_they_are_given(tmp_path: Path, callbacks: str) -> None:
    analysis = analysed(tmp_path, {"train.py": CALLED_BACK.replace("CBS", callbacks)})
    told = {field: values(analysis, field) for field in ("optimizer", "learning_rate", "epochs", "loss")}
    assert told == {"optimizer": ["Adam"], "learning_rate": [0.06], "epochs": [7], "loss": ["cross_entropy"]}


IN_TURN = """
    import tensorflow as tf
    x, y = tf.placeholder(tf.float32, [None, 32, 32, 3]), tf.placeholder(tf.int64, [None])
    def conv2d(x, outs):
        kernel = tf.get_variable("w", [3, 3, x.get_shape()[-1], outs])
        return tf.nn.relu(tf.nn.conv2d(x, kernel, [1, 1, 1, 1], "SAME"))
    def network(net):
        net = conv2d(net, 64)
        for block in range(4):
            conv = conv2d(net, 16)
            conv = conv2d(conv, 64)
            ADDED
        return tf.layers.dense(tf.reduce_mean(net, [1, 2]), 10)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=network(x)))
    step = tf.train.AdamOptimizer(1e-3).minimize(loss)
    with tf.Session() as sess:
        for epoch in range(5):
            sess.run(step, feed_dict={x: a, y: b})
"""


@pytest.mark.parametrize(("added", "told"), [("net = conv + net", True), ("net = conv", False)])
def test_blocks_are_added_up_in_a_loop(tmp_path: Path, added: str, told: bool) -> None:
    analysis = analysed(tmp_path, {"train.py": IN_TURN.replace("ADDED", added)})
    assert ("ResNet" in values(analysis, "architecture")) == told


LIKELIHOOD = """
    import tensorflow as tf
    import tensorflow.examples.tutorials.mnist.input_data as input_data
    mnist = input_data.read_data_sets("data")
    activation = tf.nn.softplus
    x = tf.placeholder(tf.float32, [None, 784])
    def network(x, n_hidden=2):
        h = activation(tf.matmul(x, tf.Variable(tf.zeros([784, 512]))))
        mean = tf.matmul(h, tf.Variable(tf.zeros([512, n_hidden])))
        spread = tf.matmul(h, tf.Variable(tf.zeros([512, n_hidden])))
        z = mean + tf.exp(spread) * tf.random_normal(tf.shape(mean))
        y = tf.nn.sigmoid(tf.matmul(z, tf.Variable(tf.zeros([n_hidden, 784]))))
        told = -tf.reduce_sum(x * tf.log(y + 1e-10) + (1 - x) * tf.log(1 - y + 1e-10), 1)
        apart = -0.5 * tf.reduce_sum(1 + 2 * spread - tf.square(mean) - tf.exp(2 * spread), 1)
        return tf.reduce_mean(told + apart)
    step = tf.train.AdamOptimizer(1e-3).minimize(network(x))
    with tf.Session() as sess:
        for epoch in range(5):
            sess.run(step, feed_dict={x: mnist.train.next_batch(100)[0]})
"""


def test_a_likelihood_mixes_no_states(tmp_path: Path) -> None:
    families = values(analysed(tmp_path, {"train.py": LIKELIHOOD}), "architecture")
    assert "VAE" in families
    assert "RNN" not in families


SOFTPLUS = """
    import chainer
    import chainer.functions as F
    import chainer.links as L
    class Generator(chainer.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.l0 = L.Linear(100, 4 * 4 * 64)
                self.dc1, self.dc2 = L.Deconvolution2D(64, 32, 4, 2, 1), L.Deconvolution2D(32, 3, 4, 2, 1)
        def __call__(self, z):
            h = F.reshape(F.relu(self.l0(z)), (len(z), 64, 4, 4))
            return F.tanh(self.dc2(F.relu(self.dc1(h))))
    class Discriminator(chainer.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.c0, self.l1 = L.Convolution2D(3, 32, 4, 2, 1), L.Linear(None, 1)
        def __call__(self, x):
            return self.l1(F.leaky_relu(self.c0(x)))
    class Updater(chainer.training.StandardUpdater):
        def __init__(self, *args, **kwargs):
            self.gen, self.dis = kwargs.pop("models")
            super().__init__(*args, **kwargs)
        def update_core(self):
            x_real = chainer.Variable(self.converter(self.get_iterator("main").next()))
            y_real = self.dis(x_real)
            x_fake = self.gen(noise(len(x_real)))
            y_fake = self.dis(x_fake)
            loss_dis = F.sum(F.softplus(-y_real)) + F.sum(F.softplus(y_fake))
            loss_gen = F.sum(F.softplus(-y_fake))
            self.gen.cleargrads()
            loss_gen.backward()
            self.get_optimizer("gen").update()
            x_fake.unchain_backward()
            self.dis.cleargrads()
            loss_dis.backward()
            self.get_optimizer("dis").update()
    gen, dis = Generator(), Discriminator()
    opts = {"gen": chainer.optimizers.Adam(2e-4), "dis": chainer.optimizers.Adam(2e-4)}
    opts["gen"].setup(gen), opts["dis"].setup(dis)
    train, _ = chainer.datasets.get_cifar10(withlabel=False)
    updater = Updater(models=(gen, dis), iterator=chainer.iterators.SerialIterator(train, 64), optimizer=opts)
    chainer.training.Trainer(updater, (50, "epoch")).run()
"""


def test_softplus_is_cross_entropy_of_judges(tmp_path: Path) -> None:
    assert "DCGAN" in values(analysed(tmp_path, {"train.py": SOFTPLUS}), "architecture")


FLUID = """
    import argparse
    import paddle
    import paddle.fluid as fluid
    parser = argparse.ArgumentParser()
    parser.add_argument("--use_gpu", type=int, default=0)
    args = parser.parse_args()
    words, label = fluid.data(name="words", shape=[None]), fluid.data(name="label", shape=[None, 1])
    h = fluid.layers.fc(input=fluid.embedding(input=words, size=[5000, 128]), size=512)
    lstm, cell = fluid.layers.dynamic_lstm(input=h, size=512)
    said = fluid.layers.fc(input=fluid.layers.sequence_pool(input=lstm, pool_type="max"), size=2, act="softmax")
    cost = fluid.layers.mean(fluid.layers.cross_entropy(input=said, label=label))
    fluid.optimizer.Adagrad(learning_rate=0.002).minimize(cost)
    place = fluid.CUDAPlace(0) if args.use_gpu else fluid.CPUPlace()
    exe = fluid.Executor(place)
    for epoch in range(3):
        for data in paddle.batch(paddle.dataset.imdb.train(known), batch_size=128)():
            exe.run(fluid.default_main_program(), feed=data, fetch_list=[cost])
"""


def test_static_graphs_of_paddle(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": FLUID})
    assert {"LSTM", "RNN"} <= set(values(analysis, "architecture"))
    assert values(analysis, "loss") == ["cross_entropy"]
    assert values(analysis, "hardware") == ["cuda"]


STEPPED = """
    from mxnet import nd, autograd
    def NAME(weights, speeds, lr, mom):
        for weight, speed in zip(weights, speeds):
            speed[:] = mom * speed + lr * weight.grad
            weight[:] = weight - speed
    w, x, y = nd.random_normal(shape=(2, 1)), nd.random_normal(shape=(100, 2)), nd.random_normal(shape=(100, 1))
    w.attach_grad()
    speeds = [w.zeros_like()]
    for epoch in range(3):
        with autograd.record():
            loss = (nd.dot(x, w) - y) ** 2
        loss.backward()
        NAME([w], speeds, 0.2, 0.9)
"""


@pytest.mark.parametrize(("name", "listed"), [("sgd_momentum", True), ("draw", False)])
def test_steps_are_taken_by_functions_called_so(tmp_path: Path, name: str, listed: bool) -> None:
    assert bool(names(tmp_path, {"train.py": STEPPED.replace("NAME", name)})) == listed
