"""Small scripts of tutorials: batches drawn by hand, networks in named blocks, words and their neighbours."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from core.analysis.rules.batches import batch_sizes
from core.analysis.rules.datasets import datasets
from core.analysis.rules.duration import epochs
from core.analysis.rules.model_classes import model_classes
from core.analysis.rules.rates import learning_rates
from tests.core.analysis.writing import names, program

TORCH = "import numpy as np\nimport torch\nfrom torch import nn\nfrom torch.nn.functional import cross_entropy\n"
LOOP = """
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(90):
    x, y = data.draw(24)
    cross_entropy(net(x), y).backward()
    opt.step()
    x, y = data.draw(5)
    print(net(x))
"""
DATA = """
class Data:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def draw(self, n):
        at = np.random.randint(0, len(self.x), size=n)
        return self.x[at], self.y[at]
data = Data(*np.load('words.npz'))
"""


@pytest.mark.parametrize(("turns", "drawn"), [(LOOP, [24]), (LOOP.replace("24", "7 * 2"), [14])])
def test_a_batch_that_an_object_draws(tmp_path: Path, turns: str, drawn: list[int]) -> None:
    code = TORCH + DATA + "net = nn.Linear(3, 2)\n" + turns
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": code}))] == drawn


def test_what_is_drawn_to_hide_is_no_batch(tmp_path: Path) -> None:
    hidden = DATA.replace("return self.x[at]", "self.x[at] = 0\n        return self.x")
    code = TORCH + hidden.replace(", self.y[at]", ", self.y") + "net = nn.Linear(3, 2)\n" + LOOP
    assert not list(batch_sizes(program(tmp_path, {"train.py": code})))


NEIGHBOURS = """
class Words(nn.Module):
    def __init__(self, count, size):
        super().__init__()
        self.embed = nn.Embedding(count, size)
        self.out = nn.Linear(size, {out})
    def forward(self, context):
        return self.out(self.embed(context).mean(1))
net = Words(len(vocabulary), 2)
context, centre = pairs()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
cross_entropy(net(context), centre).backward()
opt.step()
"""


@pytest.mark.parametrize(("out", "told"), [("count", True), ("4", False)])
def test_words_that_tell_their_neighbours(tmp_path: Path, out: str, told: bool) -> None:
    code = TORCH + "from data import pairs, vocabulary\n" + NEIGHBOURS.format(out=out)
    found = program(tmp_path, {"train.py": code})
    assert ("Word2Vec" in {fact.value for fact in architecture(found)}) == told


BLOCKS = """
import tensorflow as tf
labels = tf.placeholder(tf.float32, [None, 1])
with tf.variable_scope('Generator'):
    z = tf.placeholder(tf.float32, [None, 5])
    g1 = tf.layers.dense({z}, 128, tf.nn.relu)
    painted = tf.layers.dense(g1, 15)
with tf.variable_scope('Discriminator'):
    real = tf.placeholder(tf.float32, [None, 15])
    d1 = tf.layers.dense({real}, 128, name='l')
    p1 = tf.layers.dense(d1, 1, tf.nn.sigmoid, name='out')
    d2 = tf.layers.dense({made}, 128, name='l', reuse=True)
    p2 = tf.layers.dense(d2, 1, tf.nn.sigmoid, name='out', reuse=True)
step_d = tf.train.AdamOptimizer(1e-4).minimize(-tf.reduce_mean(tf.log(p1) + tf.log(1 - p2)))
step_g = tf.train.AdamOptimizer(1e-4).minimize(tf.reduce_mean(tf.log(1 - p2)))
sess = tf.Session()
for turn in range(50):
    sess.run([step_d, step_g], {{z: noise(), real: data(), labels: classes()}})
"""


@pytest.mark.parametrize(
    ("given", "families"),
    [
        (("z", "real", "painted"), {"GAN", "MLP"}),
        (("tf.concat((z, labels), 1)", "tf.concat((real, labels), 1)", "tf.concat((painted, labels), 1)"),
         {"Conditional GAN", "GAN", "MLP"}),
        (("z", "real", "real"), {"MLP"}),
    ],
)  # fmt: skip
def test_a_game_in_named_blocks(tmp_path: Path, given: tuple[str, str, str], families: set[str]) -> None:
    z, real, made = given
    found = program(tmp_path, {"train.py": BLOCKS.format(z=z, real=real, made=made)})
    assert {fact.value for fact in architecture(found)} == families


BOTH_SIDES = """
from tensorflow import keras
import tensorflow as tf
class Attend(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = keras.layers.Dense(8), keras.layers.Dense(8), keras.layers.Dense(8)
    def call(self, given):
        a, b, c = given
        weights = tf.nn.softmax(tf.matmul(self.q(a), self.k(b), transpose_b=True))
        return tf.matmul(weights, self.v(c))
class {name}Block(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.feed = Attend(), Attend(), keras.layers.Dense(8)
        self.norm, self.again = keras.layers.LayerNormalization(), keras.layers.LayerNormalization()
    def call(self, given):
        x, y = given
        y = self.norm(y + self.one([y, y, y]))
        y = self.again(y + self.two([y, {other}, {other}]))
        return y + self.feed(y)
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.embed, self.block = keras.layers.Embedding(9, 8), {name}Block()
    def call(self, x):
        hidden = 1 - tf.linalg.band_part(tf.ones((4, 4)), -1, 0)
        return self.block((self.embed(x), self.embed(x) + hidden))
net = Net()
net.compile(keras.optimizers.Adam(0.1), keras.losses.SparseCategoricalCrossentropy())
net.fit(x, y, 32, 7)
"""


@pytest.mark.parametrize(("name", "other", "family"), [("Decoder", "x", "Seq2Seq"), ("Causal", "y", "GPT")])
def test_which_side_of_a_transformer(tmp_path: Path, name: str, other: str, family: str) -> None:
    found = program(tmp_path, {"train.py": BOTH_SIDES.format(name=name, other=other)})
    assert {fact.value for fact in architecture(found)} & {"Seq2Seq", "GPT"} == {family}
    assert [fact.value for fact in epochs(found)] == [7]


PIECES = """
import tensorflow as tf
X, Y = tf.placeholder("float", [None, 784]), tf.placeholder("float", [None, 10])
w_h, w_out = tf.Variable(tf.random_normal([784, 625])), tf.Variable(tf.random_normal([625, 10]))
def model(X, w_h, w_out):
    return tf.matmul(tf.nn.relu(tf.matmul(X, w_h)), w_out)
cost = tf.nn.softmax_cross_entropy_with_logits(logits=model(X, w_h, w_out), labels=Y)
step = tf.train.AdamOptimizer(0.1).minimize(cost)
images, labels = load()
sess = tf.Session()
for turn in range(100):
    for start{head}:
        sess.run(step, feed_dict={{X: images[{taken}], Y: labels[{taken}]}})
"""


@pytest.mark.parametrize(
    ("head", "taken", "batches"),
    [
        (" in range(0, len(images), 96)", "start:start + 96", [96]),
        (", end in zip(range(0, len(images), 96), range(96, len(images), 96))", "start:end", [96]),
        (" in range(0, len(images), 96)", "start", []),
    ],
)
def test_pieces_of_the_data_one_after_the_other(tmp_path: Path, head: str, taken: str, batches: list[int]) -> None:
    found = program(tmp_path, {"train.py": PIECES.format(head=head, taken=taken)})
    assert [fact.value for fact in batch_sizes(found)] == batches
    assert [fact.value for fact in architecture(found)] == ["MLP"]


UNROLLED = """
import tensorflow as tf
class Talk:
    def __init__(self):
        first, second = self.cells()
        outputs, {one}_states = tf.nn.dynamic_rnn(first, tf.placeholder(tf.float32, [None, None, 9]), dtype=tf.float32)
        outputs, {two}_states = tf.nn.dynamic_rnn(
            second, tf.placeholder(tf.float32, [None, None, 9]), initial_state={one}_states
        )
        self.step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_mean(outputs))
    def cells(self):
        return [tf.nn.rnn_cell.BasicLSTMCell(9) for _ in range(2)]
talk = Talk()
for turn in range(9):
    tf.Session().run(talk.step)
"""


@pytest.mark.parametrize(("one", "two", "told"), [("enc", "dec", True), ("lower", "upper", False)])
def test_an_encoder_and_a_decoder_by_their_states(tmp_path: Path, one: str, two: str, told: bool) -> None:
    found = program(tmp_path, {"train.py": UNROLLED.format(one=one, two=two)})
    assert ("Seq2Seq" in {fact.value for fact in architecture(found)}) == told


GROUPS = """
from mxnet import autograd, gluon
from mxnet.gluon import nn
def group(count, channels):
    laid = nn.Sequential()
    for _ in range(count):
        laid.add(nn.Conv2D(channels=channels, kernel_size={size}, padding=1, activation='relu'))
    laid.add(nn.MaxPool2D(pool_size=2, strides=2))
    return laid
def stack(plan):
    laid = nn.Sequential()
    for count, channels in plan:
        laid.add(group(count, channels))
    return laid
net = nn.Sequential()
with net.name_scope():
    net.add(stack({plan}))
    net.add(nn.Dense(512, activation='relu'), nn.Dropout(0.5), nn.Dense(10))
trainer = gluon.Trainer(net.collect_params(), 'sgd', {{'learning_rate': 0.05}})
for x, y in data:
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(x), y)
    loss.backward()
    trainer.step(64)
"""


@pytest.mark.parametrize(
    ("size", "plan", "families"),
    [
        ("3", "((1, 64), (1, 128), (2, 256), (2, 512))", {"VGG", "CNN"}),
        ("5", "((1, 64), (1, 128), (2, 256), (2, 512))", {"CNN"}),
        ("3", "((1, 64), (1, 128))", {"CNN"}),
    ],
)
def test_groups_of_convolutions_by_a_plan(tmp_path: Path, size: str, plan: str, families: set[str]) -> None:
    found = program(tmp_path, {"train.py": GROUPS.format(size=size, plan=plan)})
    assert {fact.value for fact in architecture(found)} == families


REPEATED = """
from keras.layers import LSTM, Dense, RepeatVector, TimeDistributed
from keras.models import Sequential
model = Sequential()
model.add(LSTM(9, input_shape=(3, 2)))
model.add({between})
model.add(LSTM(9, return_sequences=True))
model.add(TimeDistributed(Dense(2)))
model.compile('adam', loss='categorical_crossentropy')
model.fit(x, y, epochs=3)
"""


@pytest.mark.parametrize(("between", "told"), [("RepeatVector(4)", True), ("Dense(4)", False)])
def test_what_is_repeated_for_a_second_sequence(tmp_path: Path, between: str, told: bool) -> None:
    found = program(tmp_path, {"train.py": REPEATED.format(between=between)})
    assert ("Seq2Seq" in {fact.value for fact in architecture(found)}) == told


LINES = """
import tensorflow as tf
x, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
x1, x2 = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
w, w1, w2, b = [tf.Variable(0.0) for _ in range(4)]
def model(x, w):
    return tf.multiply(x, w)
guess = {guess}
step = tf.train.GradientDescentOptimizer(0.01).minimize(tf.reduce_mean(tf.square(y - guess)))
tf.Session().run(step)
"""


@pytest.mark.parametrize(
    ("guess", "families"), [("model(x, w)", ["Linear"]), ("x1 * w1 + x2 * w2 + b", ["Linear"]), ("y * 2", [])]
)
def test_lines_written_out(tmp_path: Path, guess: str, families: list[str]) -> None:
    found = program(tmp_path, {"train.py": LINES.format(guess=guess)})
    assert [fact.value for fact in architecture(found)] == families


BY_HAND = """
import numpy as np
class Perceptron:
    def __init__(self, n_hidden=30, epochs=500, eta=0.5, alpha=0.0):
        self.w1, self.w2 = np.zeros((n_hidden, 784)), np.zeros((10, n_hidden))
        self.epochs, self.eta, self.alpha = epochs, eta, alpha
    def forward_pass(self, x, w1, w2):
        hidden = np.tanh(w1.dot(x.T))
        return hidden, w2.dot(hidden)
    def fit(self, x, y):
        before = 0.0
        for i in range(self.epochs):
            hidden, out = self.forward_pass(x, self.w1, self.w2)
            grad1, grad2 = self.w2.T.dot(out - y).dot(x), (out - y).dot(hidden.T)
            delta_w1, delta_w2 = self.eta * grad1, self.eta * grad2
            self.w1 -= delta_w1 + self.alpha * before
            self.w2 -= delta_w2
        return self
net = Perceptron(n_hidden=50, epochs=70, eta=0.002)
net.fit(np.load('x.npy'), np.load('y.npy'))
checked = np.zeros((3, 4))
for i in range(3):
    for j in range(4):
        out = net.forward_pass(checked, net.w1, net.w2)
        checked[i, j] = out[1].sum()
"""


def test_a_network_with_gradients_by_hand(tmp_path: Path) -> None:
    assert names(tmp_path, {"train.py": BY_HAND}) == ["train.py"]
    found = program(tmp_path, {"train.py": BY_HAND})
    assert [fact.value for fact in architecture(found)] == ["MLP"]
    assert [fact.value for fact in model_classes(found)] == ["Perceptron"]
    assert {fact.value for fact in learning_rates(found)} == {0.002}
    assert [fact.value for fact in epochs(found)] == [70]


ESTIMATED = """
import os
import tensorflow as tf
EPOCHS = 90
{tried}
def read(batch_size):
    return tf.data.Dataset.from_tensor_slices(load_mnist('data')).repeat(EPOCHS).batch(batch_size)
def load_mnist(path):
    return [open(path + '/images', 'rb').read(), open(path + '/labels', 'rb').read()]
net = tf.estimator.DNNClassifier(feature_columns=[tf.feature_column.numeric_column('pixels')], hidden_units=[32, 16])
net.train(input_fn=lambda: read(batch_size=24), steps=EPOCHS * 100)
print(net.predict(read(7)))
"""
TRIED = "if 'CI' in os.environ:\n    EPOCHS = 1"


@pytest.mark.parametrize("tried", ["", TRIED, "smoke_test = 'TRAVIS' in os.environ\nEPOCHS = 2 if smoke_test else 90"])
def test_an_estimator(tmp_path: Path, tried: str) -> None:
    code = ESTIMATED.format(tried=tried)
    assert names(tmp_path, {"train.py": code}) == ["train.py"]
    found = program(tmp_path, {"train.py": code})
    assert [fact.value for fact in architecture(found)] == ["MLP"]
    assert [fact.value for fact in datasets(found)] == ["MNIST"]
    assert {fact.value for fact in epochs(found)} == {90}


def test_what_is_repeated_after_all_sequences_is_for_none(tmp_path: Path) -> None:
    last = "model.add(TimeDistributed(Dense(2)))\n"
    code = REPEATED.format(between="Dense(4)").replace(last, f"model.add(LSTM(9))\nmodel.add(RepeatVector(4))\n{last}")
    assert "Seq2Seq" not in {fact.value for fact in architecture(program(tmp_path, {"train.py": code}))}


NEURON = """
import numpy as np
class Neuron:
    def __init__(self, eta=0.01, turns=50):
        self.eta, self.turns = eta, turns
    def fit(self, x, y):
        self.w_, self.b_ = np.zeros(x.shape[1]), 0.0
        for i in range(self.turns):
            wrong = y - self.predict(x)
            self.w_ += self.eta * 2.0 * x.T.dot(wrong) / x.shape[0]
            self.b_ += self.eta * 2.0 * wrong.mean()
        return self
    def predict(self, x):
        return np.dot(x, self.w_) + self.b_
class Other(Neuron):
    def predict(self, x):
        return np.where(np.dot(x, self.w_) + self.b_ >= 0.5, 1, 0)
Neuron(eta=0.5).fit(x, y)
Neuron(eta=0.1).fit(x, y)
Other().fit(x, y)
"""


def test_neurons_that_fit_themselves(tmp_path: Path) -> None:
    assert names(tmp_path, {"train.py": NEURON}) == ["train.py"]
    found = program(tmp_path, {"train.py": NEURON})
    assert [fact.value for fact in architecture(found)] == ["Linear"]
    assert [fact.value for fact in model_classes(found)] == ["Neuron", "Other"]


HEIRS = """
import torch
from torch import nn
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.board = open('board.txt')
{builds}
    def forward(self, x):
        return self.net(x)
class Net(Base):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(8, 2)
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
net(x).sum().backward()
opt.step()
"""


@pytest.mark.parametrize(("builds", "told"), [("", ["Net"]), ("        self.stem = nn.Linear(4, 8)", ["Net", "Base"])])
def test_a_base_that_only_holds_the_network_of_its_heirs(tmp_path: Path, builds: str, told: list[str]) -> None:
    found = program(tmp_path, {"train.py": HEIRS.format(builds=builds)})
    assert [fact.value for fact in model_classes(found)] == told
