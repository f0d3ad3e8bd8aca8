"""Theano and the symbols of MXNet, plain arrays, and the words by which their code names data and losses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

CARRIED = """
import numpy as np
import theano
import theano.tensor as T

class Carrier:
    def fit(self, X, Y, rate=0.1, activation=T.tanh, epochs=20):
        self.f = activation
        self.Wx, self.Wh = theano.shared(np.random.randn(8, 16)), theano.shared(np.random.randn(16, 16))
        self.Wo, self.b, self.h0 = theano.shared(np.random.randn(16, 2)), theano.shared(np.zeros(16)), theano.shared(0)
        x, y = T.fmatrix("x"), T.ivector("y")
        xw = x.dot(self.Wx)
        def recurrence(INPUT, h_t1):
            return self.f(SUM + h_t1.dot(self.Wh) + self.b)
        h, _ = theano.scan(fn=recurrence, sequences=x, outputs_info=[self.h0])
        out = T.nnet.softmax(h.dot(self.Wo))
        cost = -T.mean(T.log(out[T.arange(y.shape[0]), y]))
        params = [self.Wx, self.Wh, self.Wo, self.b]
        updates = [(p, p - rate * g) for p, g in zip(params, T.grad(cost, params))]
        train_op = theano.function(inputs=[x, y], outputs=cost, updates=updates)
        for i in range(epochs):
            train_op(X[i], Y[i])

Carrier().fit(X, Y, rate=1e-3)
"""


@pytest.mark.parametrize(("given", "total"), [("x_t", "x_t.dot(self.Wx)"), ("xw_t", "xw_t"), ("x_t", "self.Wx[x_t]")])
def test_a_state_carried_by_a_scan(given: str, total: str, tmp_path: Path) -> None:
    code = CARRIED.replace("INPUT", given).replace("SUM", total)
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["RNN"]


def test_what_only_looks_one_layer_back_carries_no_state(tmp_path: Path) -> None:
    code = CARRIED.replace("SUM + h_t1.dot(self.Wh)", "INPUT.dot(self.Wh)").replace("INPUT, h_t1", "INPUT")
    assert "RNN" not in values(analysed(tmp_path, {"train.py": code.replace("INPUT", "x_t")}), "architecture")


GATED = """
import numpy as np
import theano
import theano.tensor as T

class Unit:
    def __init__(self, activation):
        self.f = activation
        self.Wz, self.Wh = theano.shared(np.random.randn(8, 8)), theano.shared(np.random.randn(8, 8))
    def turn(self, x_t, h_t1):
        z_t = T.nnet.sigmoid(x_t.dot(self.Wz) + h_t1.dot(self.Wh))
        new = self.f(x_t.dot(self.Wh) + h_t1.dot(self.Wz))
        return (1 - z_t) * h_t1 + z_t * new
    def output(self, x):
        h, _ = theano.scan(fn=self.turn, sequences=x, outputs_info=[x])
        return h
unit = Unit(T.tanh)
cost = T.mean(unit.output(x))
train = theano.function([x], cost, updates=[(unit.Wz, unit.Wz - 0.1 * T.grad(cost, unit.Wz))])
for epoch in range(10):
    train(X)
"""


def test_a_method_that_a_scan_is_given(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": GATED}), "architecture") == ["GRU", "RNN"]


def test_convolutions_and_their_pictures(tmp_path: Path) -> None:
    code = """
    import numpy as np
    import theano
    import theano.tensor as T
    from theano.tensor.nnet import conv2d
    from scipy.io import loadmat
    train = loadmat("../large_files/train_32x32.mat")
    filters, W = theano.shared(np.random.randn(20, 3, 5, 5)), theano.shared(np.random.randn(500, 10))
    X, Y = T.tensor4("X"), T.matrix("Y")
    out = T.nnet.softmax(T.nnet.relu(conv2d(input=X, filters=filters)).flatten(2).dot(W))
    cost = -T.sum(Y * T.log(out))
    step = theano.function([X, Y], updates=[(filters, filters - 1e-3 * T.grad(cost, filters))])
    for i in range(10):
        step(a, b)
"""
    facts = analysed(tmp_path, {"train.py": code})
    assert values(facts, "architecture") == ["CNN"]
    assert values(facts, "datasets") == ["SVHN"]


def test_symbols_that_go_into_one_another(tmp_path: Path) -> None:
    code = """
    import mxnet as mx
    data = mx.symbol.Variable("data")
    first = mx.sym.Activation(data=mx.sym.FullyConnected(data=data, num_hidden=500), act_type="relu")
    last = mx.sym.FullyConnected(data=first, num_hidden=10)
    model = mx.mod.Module(symbol=mx.sym.SoftmaxOutput(data=last, name="softmax"))
    model.fit(batches, optimizer="adam", num_epoch=15)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["MLP"]


@pytest.mark.parametrize("step", ["w -= 0.1 * gradient", "w = w - learning_rate * x.T.dot(delta)"])
def test_the_framework_of_a_step_by_hand(step: str, tmp_path: Path) -> None:
    head = "import numpy as np\nw = np.random.randn(3)\nlearning_rate = 0.001\n"
    code = f"{head}for t in range(100):\n    gradient = delta = x.dot(w) - y\n    {step}\n"
    assert values(analysed(tmp_path, {"train.py": code}), "framework") == ["NumPy"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("getKaggleMNIST", "MNIST"), ("loadCIFAR10", "CIFAR-10"), ("getImageData", None), ("getitem", None)],
)
def test_data_that_a_function_is_named_for(name: str, told: str | None, tmp_path: Path) -> None:
    code = f"""
    import torch
    from torch import nn
    def {name}():
        return open("train.csv").read()
    net, x = nn.Sequential(nn.Linear(9, 9), nn.ReLU(), nn.Linear(9, 2)), {name}()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "datasets") == ([told] if told else [])


def test_words_judged_by_a_product_of_lookups(tmp_path: Path) -> None:
    code = """
    import tensorflow as tf
    window_size, num_negatives = 10, 5
    words, around = tf.Variable(tf.random_normal([99, 50])), tf.Variable(tf.random_normal([99, 50]))
    middle, near, negatives = (tf.placeholder(tf.int32, [None]) for _ in range(3))
    center, context = tf.nn.embedding_lookup(words, middle), tf.nn.embedding_lookup(around, near)
    logits = tf.reduce_sum(center * context, axis=1)
    loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.ones_like(logits), logits=logits))
    train_op = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
    with tf.Session() as session:
        for epoch in range(20):
            session.run(train_op, feed_dict={middle: a, near: b})
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture")[0] == "Word2Vec"


def test_a_known_loss_of_the_users_that_is_handed_on(tmp_path: Path) -> None:
    code = """
    import torch
    from torch import nn
    def smooth_l1_loss(got, wanted, beta=0.1):
        apart = torch.abs(got - wanted)
        return torch.where(apart < beta, apart ** 2, apart - beta).mean()
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(9, 9), nn.Linear(9, 4)
        def forward(self, x, boxes, kinds):
            seen = self.b(self.a(x))
            return {"box": smooth_l1_loss(seen, boxes), "kind": nn.functional.cross_entropy(seen, kinds)}
    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        sum(net(x, boxes, kinds).values()).backward()
        opt.step()
"""
    assert sorted(map(str, values(analysed(tmp_path, {"train.py": code}), "loss"))) == [
        "cross_entropy",
        "smooth_l1_loss",
    ]
