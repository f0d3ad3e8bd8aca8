"""Libraries that are told their optimizer by name (MXNet), or its rate at each step (Objax)."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

GLUON = """
    import mxnet as mx
    from mxnet import autograd, gluon, nd
    from mxnet.gluon import nn

    class VAE(gluon.HybridBlock):
        def __init__(self, hidden, latent):
            super().__init__()
            self.latent = latent
            self.encoder = nn.HybridSequential()
            self.encoder.add(nn.Dense(hidden, activation="relu"))
            self.encoder.add(nn.Dense(latent * 2))
            self.decoder = nn.HybridSequential()
            self.decoder.add(nn.Dense(hidden, activation="relu"))
            self.decoder.add(nn.Dense(784, activation="sigmoid"))

        def hybrid_forward(self, F, x):
            halves = F.split(self.encoder(x), axis=1, num_outputs=2)
            mu, lv = halves[0], halves[1]
            eps = F.random_normal(loc=0, scale=1, shape=(64, self.latent))
            y = self.decoder(mu + F.exp(0.5 * lv) * eps)
            kl = 0.5 * F.sum(1 + lv - mu * mu - F.exp(lv), axis=1)
            return -F.sum(x * F.log(y) + (1 - x) * F.log(1 - y), axis=1) - kl

    data = mx.io.NDArrayIter(mx.test_utils.get_mnist()["train_data"], batch_size=64)
    net = VAE(400, 2)
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 1e-3})
    for epoch in range(50):
        data.reset()
        for batch in data:
            with autograd.record():
                loss = net(batch.data[0])
            loss.backward()
            trainer.step(batch.data[0].shape[0])
"""

MODULE = """
    import mxnet as mx
    data = mx.sym.Variable("data")
    net = mx.sym.FullyConnected(data, num_hidden=10)
    net = mx.sym.SoftmaxOutput(net, name="softmax")
    mod = mx.mod.Module(net, context=mx.cpu())
    mod.fit(train_iter, optimizer="sgd", optimizer_params=(("learning_rate", 0.1), ("momentum", 0.9)), num_epoch=8)
"""


def test_an_optimizer_told_by_name_with_a_dict(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": GLUON})
    assert values(found, "optimizer") == ["Adam"] and values(found, "learning_rate") == [1e-3]
    assert values(found, "architecture") == ["VAE", "Autoencoder", "MLP"]  # its forward is handed the operations
    assert values(found, "task") != ["reinforcement learning"]  # data are reset, a trainer steps


def test_an_optimizer_told_by_name_with_pairs(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": MODULE})
    assert values(found, "optimizer") == ["SGD"] and values(found, "learning_rate") == [0.1]
    assert values(found, "epochs") == [8]


OBJAX = """
    import objax
    import tensorflow as tf
    (x_train, y_train), _ = tf.keras.datasets.mnist.load_data()
    model = objax.nn.Sequential([objax.nn.Linear(784, 64), objax.functional.relu, objax.nn.Linear(64, 10)])
    opt = objax.optimizer.Adam(model.vars())

    @objax.Function.with_vars(model.vars())
    def loss(x, y):
        return objax.functional.loss.cross_entropy_logits_sparse(model(x), y).mean()

    gv = objax.GradValues(loss, model.vars())

    @objax.Function.with_vars(model.vars() + gv.vars() + opt.vars())
    def train_op(x, y, lr):
        g, v = gv(x, y)
        opt(lr=lr, grads=g)
        return v

    train_op = objax.Jit(train_op)
    for epoch in range(30):
        for at in range(0, len(x_train), 64):
            train_op(x_train[at : at + 64], y_train[at : at + 64], 4e-3 if epoch < 20 else 4e-4)
"""


def test_a_rate_told_at_each_step(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": OBJAX})
    assert values(found, "framework")[0] == "Objax" and values(found, "architecture") == ["MLP"]
    assert values(found, "optimizer") == ["Adam"] and values(found, "learning_rate") == [4e-3, 4e-4]
    assert values(found, "epochs") == [30]


LOOKED_AT = """
    import torch
    from torch import nn
    from torch.utils.data import DataLoader
    from torchvision.datasets import MNIST
    data = MNIST(".")
    shown = DataLoader(data, batch_size=2)
    for turn in range(5):
        pictures, labels = next(iter(shown))
    train_dl = DataLoader(data, batch_size=32)
    net = nn.Linear(784, 10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        for x, y in train_dl:
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
"""


def test_a_loader_of_which_only_the_first_batch_is_taken_does_not_train(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": LOOKED_AT}), "batch_size") == [32]


RESUMED = """
    import torch
    from torch import nn

    class Training:
        def __init__(self):
            self.epoch = 0
            self.net = nn.Linear(2, 1)
            self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)

        def train(self, x, epochs):
            for epoch in range(self.epoch, self.epoch + epochs):
                self.net(x).sum().backward()
                self.optimizer.step()
                self.epoch += 1

    EPOCHS = 6000
    Training().train(torch.ones(4, 2), epochs=EPOCHS)
"""


def test_epochs_from_where_training_stands(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": RESUMED}), "epochs") == [6000]


def test_the_optimizer_and_the_rate_that_a_loss_is_given_to(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    from tensorflow.contrib import layers
    rate = 1e-2
    x = tf.placeholder(tf.float32, [None, 784])
    loss = tf.reduce_mean(tf.square(layers.fully_connected(x, 784) - x))
    step = layers.optimize_loss(loss, tf.train.get_global_step(), rate, "Adam", update_ops=[])
    with tf.Session() as sess:
        for epoch in range(10):
            sess.run(step, {x: images})
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "learning_rate") == [0.01]


GROUPS = """
import torch
from torch.optim.lr_scheduler import LambdaLR
body, head = torch.nn.Linear(4, 4), torch.nn.Linear(4, 2)

def groups(base=1.0):
    return [{"params": body.parameters(), "lr": 0.2 * base}, {"params": head.parameters(), "lr": 1.0 * base}]

optimizer = torch.optim.SGD(groups(), 0.03, momentum=0.9)
schedule = LambdaLR(optimizer, lambda step: 0.03 * (1 + step) ** -0.75)
for x, y in loader:
    torch.nn.functional.cross_entropy(head(body(x)), y).backward()
    optimizer.step()
    schedule.step()
"""


def test_a_group_of_the_factor_one_has_no_rate_of_its_own(tmp_path: Path) -> None:
    assert 1.0 not in values(analysed(tmp_path, {"train.py": GROUPS}), "learning_rate")


def test_an_optimizer_among_the_functions_of_sonnet(tmp_path: Path) -> None:
    text = """
        import sonnet as snt
        import tensorflow as tf
        fn = snt.functional
        net = snt.nets.MLP([100, 10])
        loss = fn.transform(lambda x: net(x).mean())
        optimizer = fn.adam(0.02)
        state = optimizer.init(params)
        step = fn.jit(fn.value_and_grad(loss.apply))
        for x in data:
            _, gradients = step(params, x)
            params, state = optimizer.apply(state, gradients, params)
        """
    told = analysed(tmp_path, {"train.py": text})
    assert (values(told, "optimizer"), values(told, "learning_rate")) == (["Adam"], [0.02])
