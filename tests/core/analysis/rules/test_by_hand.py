"""Cells, attention and stacks that the code writes out itself, and what such models are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from core.analysis.rules.rates import learning_rates
from core.analysis.rules.task import task
from tests.core.analysis.writing import analysed, candidates, names, program, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"
LOOP = """
opt = optim.Adam(net.parameters(), lr=1e-3)
for x, y in loader:
    F.cross_entropy(net(x, None), y).backward()
    opt.step()
"""
CELL = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.over = nn.Parameter(torch.randn(8, 16)), nn.Parameter(torch.randn(16, 16))
        self.gate, self.fresh = nn.Linear(24, 16), nn.Linear(24, 16)
    def forward(self, inputs, hidden):
        for x in inputs:
            {step}
        return hidden
net = Net()
"""
TANH = "hidden = torch.tanh(x @ self.into + hidden @ self.over)"
JOINED = "hidden = self.fresh(torch.cat((x, hidden), 1))"
MIXED = (
    "z = torch.sigmoid(torch.matmul(x, self.into) + torch.matmul(hidden, self.over)); "
    "new = torch.tanh(self.fresh(x)); hidden = z * hidden + (1 - z) * new"
)
HIGHWAY = "x = F.relu(self.gate(x))"

MASKED = """
def masked_softmax(scores, mask):
    return F.softmax(scores.masked_fill(mask, -1e9), dim=-1)
class Weigh(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)
    def forward(self, q, k, v, mask):
        self.weights = masked_softmax(torch.bmm(q, k.transpose(1, 2)), mask)
        return torch.bmm(self.drop(self.weights), v)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.weigh = nn.GRU(8, 8), Weigh()
    def forward(self, x, mask):
        out, _ = self.cell(x)
        return self.weigh(out, out, out, mask)
net = Net()
"""

WRAPPED = """
class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.run = nn.GRU(8, 8)
    def forward(self, x, state=None):
        return self.run(x, state)
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = Cell()
    def forward(self, x):
        return self.cell(x)
class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = Cell()
    def forward(self, x, state):
        return self.cell(x, state)
class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()
    def forward(self, x, y):
        return self.decoder(y, self.encoder(x)[1])
net = Both()
"""

SCRATCH = """
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.b = torch.zeros((2, 1), requires_grad=True), torch.zeros(1, requires_grad=True)
def forward(self, x):
    return torch.matmul(x, self.w) + self.b
Line.forward = forward
net = Line()
print(forward(net, x)); print(forward(net, y))
"""

STACKED = """
def block(times, size):
    layers = []
    for _ in range(times):
        layers += [nn.LazyConv2d(size, kernel_size=3, padding=1), nn.ReLU()]
    layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)
class Net(nn.Module):
    def __init__(self, plan):
        super().__init__()
        self.body = nn.Sequential(*[block(times, size) for times, size in plan], nn.Flatten())
        self.head = nn.Sequential(nn.LazyLinear(64), nn.ReLU(), nn.LazyLinear(64), nn.ReLU(), nn.LazyLinear(10))
    def forward(self, x, _):
        return self.head(self.body(x))
net = Net(((1, 8), (1, 16), (2, 32), (2, 64), (2, 64)))
"""

STATISTICS = """
from torchvision.models import vgg19
features = vgg19(pretrained=True).features
def distance(made, content, style):
    kept = F.mse_loss(made, content)
    return kept + F.mse_loss(made.mean((2, 3)), style.mean((2, 3))) + F.mse_loss(made.std((2, 3)), style.std((2, 3)))
net = nn.Sequential(nn.Conv2d(512, 64, 3), nn.Upsample(2), nn.Conv2d(64, 3, 3))
distance(net(features(x)), features(x), features(y))
"""

NEAREST = """
class Nearest(torch.autograd.Function):
    @staticmethod
    def forward(ctx, inputs, codebook):
        far = torch.addmm((codebook ** 2).sum(1), inputs, codebook.t(), alpha=-2.0)
        _, chosen = torch.min(far, dim=1)
        ctx.mark_non_differentiable(chosen)
        return codebook[chosen]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Conv2d(3, 8, 4), nn.ConvTranspose2d(8, 3, 4)
        self.book = nn.Embedding(64, 8)
    def forward(self, x, _):
        return self.decoder(Nearest.apply(self.encoder(x), self.book.weight))
net = Net()
"""
ANNEALED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.codebook = nn.Conv2d(3, 64, 4), nn.Embedding(64, 8)
        self.decoder = nn.ConvTranspose2d(8, 3, 4)
    def forward(self, x, _):
        drawn = F.gumbel_softmax(self.encoder(x), dim=1)
        return self.decoder(torch.einsum("bnhw,nd->bdhw", drawn, self.codebook.weight))
net = Net()
for step in range(9):
    heat = max(heat * math.exp(-0.1 * step), 0.5)
    print(net.codebook.weight.detach(), F.mse_loss(net(x, None), x))
"""
BLIND = """
class Blind(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, (3, 3))
    def hide(self):
        self.conv.weight.data[:, :, -1].zero_()
    def forward(self, x, _):
        self.hide()
        return self.conv(x)
net = Blind()
"""
BRANCHES = """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 5)
        self.d = nn.Conv2d(8, 8, 3)
    def forward(self, x):
        outputs = [self.a(x), self.d(self.b(x)), self.c(x)]
        return torch.cat(outputs, 1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block, self.out = Block(), nn.Linear(64, 10)
    def forward(self, x, _):
        return self.out(self.block(x).flatten(1))
net = Net()
"""

SCANNED = """
import tensorflow as tf
class Cell(object):
    def __init__(self, x):
        self.into, self.over = tf.Variable(tf.zeros([9, 16])), tf.Variable(tf.zeros([16, 16]))
        def forward(s_t_prev, x_t):
            return tf.nn.tanh(tf.slice(self.into, [x_t, 0], [1, -1]) + tf.matmul(s_t_prev, self.over))
        self.out = tf.scan(forward, x, initializer=tf.zeros([1, 16]))
net = nn.Linear(3, 4)
cell = Cell(x)
"""
BUILT_AND_CALLED = """
import tensorflow as tf
def linear(x, size):
    w = tf.get_variable("w", shape=[9, size])
    return tf.nn.xw_plus_b(x, w, tf.get_variable("b", shape=[size]))
class Generator(object):
    def __call__(self, x):
        return tf.tanh(linear(linear(x, 8), 1))
class Discriminator(object):
    def __call__(self, x):
        return tf.sigmoid(linear(linear(x, 8), 1))
def minimise(loss):
    return tf.train.AdamOptimizer(0.01).minimize(loss)
made = Generator()(noise)
real, fake = Discriminator()(data), Discriminator()(made)
steps = minimise(-tf.reduce_mean(tf.log(real) + tf.log(1.0 - fake))), minimise(-tf.reduce_mean(tf.log(fake)))
"""
MATCHED = """
from scipy.optimize import linear_sum_assignment
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.ends = nn.Transformer(32), nn.Linear(32, 4)
    def forward(self, x, _):
        return self.ends(self.body(x, x))
net = Net()
boxes = net(x, None)
rows, columns = linear_sum_assignment(torch.cdist(boxes, wanted))
"""

LIBRARY = """
def step(net, d2x, loss):
    made = net(x)
    metric.add(loss * 3, d2x.accuracy(made, y), 7)
    metric.add(loss * 3, d2x.accuracy(y, y), 7)
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(64, 10))
other = optim.SGD(net.parameters(), lr=0.1)
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CELL.format(step=TANH), ["RNN"]),
        (CELL.format(step=JOINED), ["RNN"]),
        (CELL.format(step=MIXED), ["GRU", "RNN"]),
        (CELL.format(step=HIGHWAY), ["MLP"]),
        (MASKED, ["GRU", "RNN", "Attention"]),
        (WRAPPED, ["Seq2Seq", "GRU", "RNN"]),
        (SCRATCH, ["Logistic Regression", "Linear"]),
        (STACKED, ["VGG", "CNN"]),
        (STATISTICS, ["Style Transfer", "CNN"]),
        (NEAREST, ["VQ-VAE", "VAE", "Autoencoder", "CNN"]),
        (ANNEALED, ["VAE", "Autoencoder", "CNN"]),
        (BLIND, ["Autoregressive", "CNN"]),
        (BLIND.replace("[:, :, -1]", "[0, :]"), ["CNN"]),  # a row, as of what is filled up to a length
        (BRANCHES, ["Inception", "CNN"]),
        (SCANNED, ["RNN"]),
        (BUILT_AND_CALLED, ["GAN", "MLP"]),
        (MATCHED, ["DETR", "Transformer", "Attention"]),
        (LIBRARY, ["CNN"]),
    ],
)
def test_what_is_written_out(text: str, expected: list[str], tmp_path: Path) -> None:
    facts = architecture(program(tmp_path, {"train.py": TORCH + text + LOOP}))
    assert [fact.value for fact in facts] == expected


ARRAYS = """
import numpy as np
w1, w2 = np.random.randn(9, 5), np.random.randn(5, 1)
rate = 1e-6
for t in range(500):
    hidden = np.maximum(x.dot(w1), 0)
    slope = 2.0 * (hidden.dot(w2) - y)
    back = slope.dot(w2.T)
    w2 -= rate * hidden.T.dot(slope)
    w1 -= rate * x.T.dot(back)
"""
ONE = """
import numpy as np
w, b = np.random.randn(9, 1), 0
for t in range(500):
    off = x.dot(w) + np.broadcast_to(b, y.shape) - y
    w -= lr * x.T.dot(off)
print(x.dot(w))
"""
HANDED = """
import numpy as np
W, b = np.random.randn(9, 1), 0
def grad_loss(X, p, y):
    return np.dot(X.T, softmax(p) - y)
def softmax(z):
    return np.exp(z) / np.exp(z).sum()
def predict(X, W, b):
    return softmax(np.dot(X, W) + b)
def train(X, y, W, b):
    for t in range(500):
        W -= lr * grad_loss(X, np.dot(X, W) + b, y)
train(x, y, W, b)
print(predict(x, W, b))
"""
SQUASHED = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for t in range(500):
    p = net(x)
    cost = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
    cost.backward()
    opt.step()
"""
TOLD = """
from keras.layers import Dense
from keras.models import Sequential
net = Sequential([Dense(1, activation="sigmoid")])
net.compile(loss="binary_crossentropy", optimizer="sgd")
net.fit(x, y, epochs=9)
"""
LAMBDA = """
import tensorflow as tf
W, b = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
model = lambda x: tf.nn.softmax(tf.matmul(x, W) + b)
opt = tf.optimizers.Adam(0.01)
for x, y in data:
    with tf.GradientTape() as tape:
        loss = tf.losses.binary_crossentropy(y, model(x))
    opt.apply_gradients(zip(tape.gradient(loss, [W, b]), [W, b]))
"""
LOGISTIC = ["Logistic Regression", "Linear"]
SHAPED = """
import torch
for t in range(500):
    guess = x.mm(w) + b.expand_as(y)
    loss = ((guess - y) ** 2).mean()
    w = w - lr * x.t().mm(guess - y)
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ARRAYS, ["MLP"]),
        (ONE, ["Linear"]),
        (SHAPED, ["Linear"]),
        (HANDED, LOGISTIC),
        (SQUASHED, LOGISTIC),
        (TOLD, LOGISTIC),
        (LAMBDA, LOGISTIC),
    ],
)
def test_weights_changed_by_hand(text: str, expected: list[str], tmp_path: Path) -> None:
    assert [fact.value for fact in architecture(program(tmp_path, {"train.py": text}))] == expected


@pytest.mark.parametrize(("text", "count"), [(ARRAYS, 1), ("for t in range(9):\n    x -= lr * (2 * x)\n", 0)])
def test_a_step_down_a_gradient_is_training_where_matrices_are_multiplied(
    text: str, count: int, tmp_path: Path
) -> None:
    assert len(candidates(tmp_path, {"train.py": text})) == count


@pytest.mark.parametrize(
    ("step", "rates"),
    [
        ("w += -0.5 * w.grad", [0.5]),
        ("kl *= -0.5 * beta", []),
        ("bound -= -0.5 * spread", []),
        ("w -= 0.5 * dw", [0.5]),
    ],
)
def test_shares_of_a_loss_are_no_rates(step: str, rates: list[float], tmp_path: Path) -> None:
    fitted = "net.compile('rmsprop', 'mse')\nnet.fit(x)\n"
    text = f"from keras.models import Sequential\nnet = Sequential([])\n{step}\n{fitted}"
    assert [fact.value for fact in learning_rates(program(tmp_path, {"train.py": text}))] == rates


SHIFTED = "windows = [(text[i : i + 9], text[i + 1 : i + 10]) for i in range(len(text) - 9)]\n"
ENLARGED = """
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.ConvTranspose2d(8, 21, 4, stride=2))
"""
BOXES = """
anchors = [(8, 8), (16, 16)]
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4 * len(anchors), 3))
bboxes = net(picture, None)
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SHIFTED + CELL.format(step=TANH), "language modelling"),
        (CELL.format(step=TANH), "classification"),
        (ENLARGED, "image segmentation"),
        (BOXES, "object detection"),
    ],
)
def test_what_it_is_for(text: str, expected: str, tmp_path: Path) -> None:
    facts = task(program(tmp_path, {"train.py": TORCH + text + LOOP}))
    assert [fact.value for fact in facts] == [expected]


LINES = """
import numpy as np
X_b, y = np.ones((100, 3)), np.ones((100, 1))
eta = 0.1
theta_best = np.linalg.pinv(X_b) @ y
guess = X_b @ theta_best
theta = np.random.randn(3, 1)
for epoch in range(50):
    gradients = 2 / 100 * X_b.T @ (X_b @ theta - y)
    theta = theta - eta * gradients
def fit(theta, X):
    for epoch in range(9):
        gradients = X.T @ (X @ theta - y)
        theta = theta - eta * gradients
    return theta
fit(theta, X_b)
{more}
"""


@pytest.mark.parametrize(("more", "told"), [("", "Linear"), ("out = np.maximum(X_b @ theta, 0) @ weights", "MLP")])
def test_several_lines_fitted_by_hand_are_no_network(tmp_path: Path, more: str, told: str) -> None:
    found = program(tmp_path, {"train.py": LINES.format(more=more)})
    assert [fact.value for fact in architecture(found)] == [told]


TABLES = """
import torch
import torch.nn.functional as F
codes, w1, w2 = torch.randn((27, 2)), torch.randn((6, 100)), torch.randn((100, 27))
parameters = [codes, w1, w2]
for i in range(2000):
    at = torch.randint(0, x.shape[0], (32,))
    logits = torch.tanh(codes[x[at]].view(-1, 6) @ w1) @ w2
    loss = F.cross_entropy(logits, y[at])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.1 if i < 1000 else 0.01
    for p in parameters:
        p.data += -lr * p.grad
"""


def test_a_step_that_is_added_turned_round(tmp_path: Path) -> None:
    facts = analysed(tmp_path, {"train.py": TABLES})
    assert values(facts, "learning_rate") == [0.1]
    assert values(facts, "batch_size") == [32]
    assert values(facts, "architecture") == ["MLP"]


def test_weights_that_are_only_weighed_are_no_step(tmp_path: Path) -> None:
    assert not names(tmp_path, {"train.py": TABLES.replace("+= -lr * p.grad", "+= 2 * p.grad")})


PAINTED = """
from keras import backend as K
from keras.applications import vgg19
from scipy.optimize import fmin_l_bfgs_b
model = vgg19.VGG19(weights="imagenet", include_top=False)
iterations = 10
def gram(x):
    features = K.batch_flatten(x)
    return K.dot(features, K.transpose(features))
style, content = K.sum(K.square(gram(a) - gram(b))), K.sum(K.square(a - c))
both = K.function([c], [style + content] + K.gradients(style + content, c))
for i in range(iterations):
    x, low, info = fmin_l_bfgs_b(loss, x.flatten(), fprime=slopes, maxfun=20)
"""


def test_a_picture_that_scipy_draws_nearer(tmp_path: Path) -> None:
    facts = analysed(tmp_path, {"train.py": PAINTED})
    assert values(facts, "optimizer") == ["LBFGS"]
    assert values(facts, "steps") == [10]


FED = """
import numpy as np
import tensorflow as tf
x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 784])
weights = {"in": tf.Variable(tf.random_normal([784, 64])), "out": tf.Variable(tf.random_normal([64, 784]))}
lr = tf.Variable(0.0, trainable=False)
def coder(x, w):
    return tf.nn.sigmoid(tf.matmul(tf.nn.sigmoid(tf.matmul(x, w["in"])), w["out"]))
cost = tf.reduce_mean(tf.pow(tf.reshape(coder(x, weights), [-1, 784]) - tf.reshape(y, [-1, 784]), 2))
optm = tf.train.AdamOptimizer(lr).minimize(cost)
rate = 0.002
with tf.Session() as sess:
    for epoch in range(50):
        sess.run(tf.assign(lr, rate * (0.97 ** epoch)))
        images, _ = data.next_batch(100)
        noisy = images + 0.3 * np.random.randn(100, 784)
        sess.run(optm, feed_dict={x: FED, y: images})
"""


@pytest.mark.parametrize(("fed", "found"), [("noisy", ["Autoencoder", "MLP"]), ("others", ["MLP"])])
def test_noise_on_what_is_wanted_is_fed(fed: str, found: list[str], tmp_path: Path) -> None:
    facts = analysed(tmp_path, {"train.py": FED.replace("FED", fed)})
    assert values(facts, "architecture") == found
    assert values(facts, "learning_rate") == [0.002]


NEURON = """
import numpy as np
class Neuron:
    def __init__(self, eta=0.01, rounds=50):
        self.eta, self.rounds = eta, rounds
    def fit(self, X, y):
        self.w, self.b = np.zeros(X.shape[1]), 0.0
        for _ in range(self.rounds):
            errors = y - np.dot(X, self.w) - self.b
            self.b += self.eta * errors.sum()
            self.w += self.eta * X.T.dot(errors)
first = Neuron(eta=0.1).fit(X, y)
second = Neuron(eta=0.0001)
second.fit(X, y)
"""


def test_each_neuron_has_a_rate_of_its_own(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": NEURON}), "learning_rate") == [0.1, 0.0001]


def test_what_a_layer_has_learned_is_looked_at(tmp_path: Path) -> None:
    code = (
        TORCH
        + """
center, context = nn.Embedding(99, 8), nn.Embedding(99, 8)
net = nn.Sequential(center, context)
"""
        + LOOP
        + """
def nearest(layer, at):
    W = layer.weight.data
    return torch.matmul(W, W[at])
nearest(net[0], 3)
"""
    )
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Embedding"]


def test_a_function_that_trains_one_layer_is_called_twice(tmp_path: Path) -> None:
    code = (
        TORCH
        + """
def fit_and_plot(decay):
    net = nn.Linear(200, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.003, weight_decay=decay)
    for epoch in range(100):
        for x, y in loader:
            F.mse_loss(net(x), y).backward()
            optimizer.step()
fit_and_plot(0)
fit_and_plot(3)
"""
    )
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Linear"]


SHOWN = """
def scorer(size, hidden):
    return nn.Sequential(nn.Linear(size, hidden), nn.Tanh(), nn.Linear(hidden, 1))
SHOW
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.score, self.rnn = scorer(16, 10), nn.GRU(24, 16)
    def forward(self, x, state):
        return self.rnn(x * torch.softmax(self.score(x), 0), state)
net = Net()
"""


@pytest.mark.parametrize("show", ["", "print(scorer(16, 10)(torch.zeros(4, 16)).shape)"])
def test_a_part_that_is_built_once_more_to_be_looked_at(show: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + SHOWN.replace("SHOW", show) + LOOP})
    assert "MLP" not in values(found, "architecture")


@pytest.mark.parametrize(
    ("turns", "taken"), [("x, y in zip(points, told)", "pass"), ("i in range(9)", "x, y = points[i], told[i]")]
)
def test_one_weight_over_points_in_turn_is_a_line(tmp_path: Path, turns: str, taken: str) -> None:
    code = f"""
import numpy as np
points, told, lr = np.random.rand(9, 3), np.random.rand(9), 0.1
w = np.zeros(3)
for epoch in range(20):
    for {turns}:
        {taken}
        w = w - lr * (np.dot(x, w) - y) * x
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Linear"]


def test_weights_that_are_picked_turn_by_turn_are_many(tmp_path: Path) -> None:
    code = """
import tensorflow as tf
class Fitted:
    def __init__(self, widths):
        self.weights = [tf.Variable(tf.truncated_normal([a, b])) for a, b in zip(widths, widths[1:])]
        self.x, self.y = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.float32, [None, 1])
        self.loss = tf.reduce_mean(tf.square(self.net(self.x) - self.y))
        self.step = tf.train.AdamOptimizer(0.001).minimize(self.loss)
    def net(self, h):
        for i in range(0, len(self.weights) - 1):
            w = self.weights[i]
            h = tf.tanh(tf.matmul(h, w))
        w = self.weights[-1]
        return tf.matmul(h, w)
    def train(self, data):
        session = tf.Session()
        for turn in range(100):
            session.run(self.step, data)
Fitted([2, 20, 20, 1]).train(load())
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["MLP"]


@pytest.mark.parametrize(("joined", "found"), [("left", True), ("other", False)])
def test_what_a_loop_gives_the_last_first_is_joined_on_the_way_up(tmp_path: Path, joined: str, found: bool) -> None:
    code = f"""
from keras.layers import Conv2D, Input, MaxPooling2D, UpSampling2D, concatenate
from keras.models import Model
def build(shape, width=16):
    x = whole = Input(shape)
    other = Conv2D(width, 3)(x)
    kept = []
    for depth in range(4):
        x = Conv2D(width, 3, activation="relu")(x)
        kept.append(x)
        x = MaxPooling2D(2)(x)
    for left in reversed(kept):
        x = concatenate([UpSampling2D(2)(x), {joined}])
        x = Conv2D(width, 3, activation="relu")(x)
    return Model(whole, Conv2D(1, 1)(x))
model = build((64, 64, 1))
model.compile("adam", "binary_crossentropy")
model.fit(x, y, epochs=3)
"""
    assert ("UNet" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


def test_cells_of_a_tree_whose_children_are_squeezed(tmp_path: Path) -> None:
    code = """
import torch
from torch import nn
class Tree(nn.Module):
    def __init__(self):
        super().__init__()
        self.i, self.o, self.u, self.f = (nn.Linear(8, 8) for _ in range(4))
    def forward(self, x, cells):
        i, o, u = torch.sigmoid(self.i(x)), torch.sigmoid(self.o(x)), torch.tanh(self.u(x))
        f = torch.sigmoid(self.f(x))
        left = torch.squeeze(torch.mul(f, cells), 1)
        c = torch.mul(i, u) + torch.sum(left, 0)
        return c, torch.mul(o, torch.tanh(c))
net = Tree()
opt = torch.optim.Adagrad(net.parameters(), lr=0.01)
for epoch in range(3):
    for x, cells, y in trees():
        nn.functional.mse_loss(net(x, cells)[1], y).backward()
        opt.step()
"""
    assert "LSTM" in values(analysed(tmp_path, {"train.py": code}), "architecture")


@pytest.mark.parametrize(("name", "found"), [("GraphConvolution", True), ("Mixing", False)])
def test_a_layer_that_spreads_what_it_is_given_and_weighs_it(tmp_path: Path, name: str, found: bool) -> None:
    code = f"""
from keras import backend as K
from keras.layers import Input, Layer
from keras.models import Model
class {name}(Layer):
    def build(self, shapes):
        self.kernel = self.add_weight("kernel", (8, 2))
    def call(self, inputs):
        features, basis = inputs[0], inputs[1:]
        spread = K.concatenate([K.dot(each, features) for each in basis])
        return K.softmax(K.dot(spread, self.kernel))
x, near = Input((8,)), Input((None,))
model = Model([x, near], {name}()([x, near]))
model.compile("adam", "categorical_crossentropy")
model.fit([data, graph], labels, epochs=3)
"""
    assert ("GCN" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


def test_green_is_no_gradient(tmp_path: Path) -> None:
    code = """
import torch
def grey(r, g, b):
    return 0.2989 * r + 0.587 * g + 0.114 * b
net = torch.nn.Conv2d(1, 3, 3)
opt = make_optimizer(net)
for picture, y in pictures:
    torch.nn.functional.mse_loss(net(grey(*picture)), y).backward()
    opt.step()
"""
    assert not values(analysed(tmp_path, {"train.py": code}), "learning_rate")


def test_a_line_that_a_measure_keeps_ready_is_not_what_is_trained(tmp_path: Path) -> None:
    files = {
        "measure.py": (
            "from sklearn.linear_model import LinearRegression\nclass Bench:\n    line = LinearRegression()\n"
            "    def angle(x, y):\n        return Bench.line.fit(x, y).coef_\n"
        ),
        "train.py": """
import torch
from measure import Bench
net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(8, 3, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in pictures:
    net(x).sub(y).abs().mean().backward()
    opt.step()
""",
    }
    found = analysed(tmp_path, files, "train.py")
    assert values(found, "architecture") == ["CNN"]
    assert "regression" not in values(found, "task")
