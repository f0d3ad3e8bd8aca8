"""What looks like a setting, a loss, a role or a task by its name, and is another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

GLOBALS = """
import torch
accumulation = 5 * 8
batch_size = 12
max_iters = 6000
only_judge = False
rate = 1e-3
names = [k for k, v in globals().items() if not k.startswith("_") and isinstance(v, (int, float, bool, str))]
exec(open("chosen.py").read())
config = {k: globals()[k] for k in names}
net = torch.nn.Linear(8, 2)
optimizer = torch.optim.AdamW(net.parameters(), lr=rate)
def draw():
    at = torch.randint(len(data) - 8, (batch_size,))
    return data[at], data[at + 1]
step = 0
while True:
    if step == 0 and only_judge:
        break
    for _ in range(accumulation):
        x, y = draw()
        torch.nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
    step += 1
    if step > max_iters:
        break
"""


def test_the_first_turn_is_no_limit_and_looking_at_settings_sets_none(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": GLOBALS, "chosen.py": "batch_size = 64\nmax_iters = 500\n"})
    assert (values(found, "batch_size"), values(found, "steps")) == ([64], [500])
    assert "12" in next(fact.how for fact in found.facts if fact.field == "batch_size")


START = """
import torch
from torch import nn, optim
from torch.nn import functional as F
"""


@pytest.mark.parametrize(
    ("shown", "found"),
    [("disp = ConfusionMatrixDisplay(counts)\ndisp.plot()", "image classification"),
     ("pred_disp = net(left)", "depth estimation")],
)  # fmt: skip
def test_what_displays_is_no_disparity(tmp_path: Path, shown: str, found: str) -> None:
    code = f"""{START}
from sklearn.metrics import ConfusionMatrixDisplay
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8, 2))
optimizer = optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
disp = ConfusionMatrixDisplay(counts)
disp.plot()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "task") == ["image classification"]


@pytest.mark.parametrize(("compared", "found"), [("", []), (", y", ["l2_loss"])])
def test_a_square_of_weights_alone_is_a_penalty(tmp_path: Path, compared: str, found: list[str]) -> None:
    code = f"""
import jax, optax
optimizer = optax.sgd(0.1)
def compute_loss(params, x, y):
    loss = optax.softmax_cross_entropy(x @ params, y).mean()
    return loss + optax.l2_loss(params{compared}).sum()
for x, y in loader:
    grads = jax.grad(compute_loss)(params, x, y)
    updates, state = optimizer.update(grads, state)
    params = optax.apply_updates(params, updates)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["softmax_cross_entropy", *found]


@pytest.mark.parametrize(
    ("judge", "maker"),
    [('D["model"]', 'G["model"]'), ('nets["D"]', 'nets["G"]'), ('nets["discriminator"]', 'nets["generator"]')],
)
def test_networks_in_dicts_go_by_the_key_or_the_name_that_tells(tmp_path: Path, judge: str, maker: str) -> None:
    code = f"""{START}
made = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())
judging = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 1), nn.Sigmoid())
G, D = {{"model": made}}, {{"model": judging}}
nets = {{"G": made, "D": judging, "generator": made, "discriminator": judging}}
one, other = optim.Adam(made.parameters(), lr=1e-3), optim.Adam(judging.parameters(), lr=1e-3)
for x in loader:
    z = torch.randn(32, 10)
    sample = {maker}(z)
    judged, drawn = {judge}(sample), {judge}(x)
    (-torch.mean(torch.log(drawn) + torch.log(1 - judged))).backward()
    other.step()
    (-torch.mean(torch.log({judge}({maker}(z))))).backward()
    one.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["GAN", "MLP"]


@pytest.mark.parametrize(
    ("loss", "found"), [("SupervisedContrastiveLoss", "image classification"), ("InfoNCELoss", "contrastive learning")]
)
def test_what_draws_labels_together_before_they_are_told(tmp_path: Path, loss: str, found: str) -> None:
    code = f"""{START}
class {loss}(nn.Module):
    def forward(self, z, y):
        scores = z @ z.T / 0.1
        return -(scores.diag() - scores.logsumexp(1)).mean()
body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten())
head = nn.Linear(8, 2)
drawing = {loss}()
optimizer = optim.SGD([*body.parameters(), *head.parameters()], lr=0.1)
for x, y in loader:
    drawing(body(x), y).backward()
    optimizer.step()
for x, y in loader:
    F.cross_entropy(head(body(x)), y).backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "task") == [found]


@pytest.mark.parametrize(
    ("wanted", "found"), [("F.one_hot(graph.y)", "node classification"), ("graph.distances", "regression")]
)
def test_kinds_that_are_compared_as_numbers_stay_kinds(tmp_path: Path, wanted: str, found: str) -> None:
    code = f"""{START}
from torch_geometric.datasets import Planetoid
graph = Planetoid(root=".", name="Cora")[0]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1433, 7)
        self.wanted = {wanted}
    def forward(self, x):
        return self.layer(x)
net = Net()
optimizer = optim.SGD(net.parameters(), lr=0.5)
for _ in range(64):
    F.mse_loss(net(graph.x), net.wanted).backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "task") == [found]


def test_what_keeps_hyperparameters_need_not_keep_weights(tmp_path: Path) -> None:
    code = f"""{START}
class Keeps:
    def save_hyperparameters(self):
        pass
class Board(Keeps):
    def __init__(self):
        self.save_hyperparameters()
class Module(nn.Module, Keeps):
    def __init__(self):
        super().__init__()
        self.board = Board()
class Cell(Module):
    def __init__(self):
        Module.__init__(self)
        self.cell = nn.GRU(8, 8)
    def forward(self, x):
        return self.cell(x)[0]
class Whole(Module):
    def __init__(self, cell):
        super().__init__()
        self.cell, self.weight = cell, nn.Parameter(torch.randn(8, 2))
    def forward(self, x):
        return torch.matmul(self.cell(x), self.weight)
net = Whole(Cell())
optimizer = optim.SGD(net.parameters(), lr=0.5)
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "model_classes") == ["Whole", "Cell"]


def test_all_that_is_drawn_at_once_is_not_all_that_tells_the_batch(tmp_path: Path) -> None:
    code = """
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data
mnist = input_data.read_data_sets("data")
images, labels = mnist.train.next_batch(50000)
x, y = tf.data.Dataset.from_tensor_slices((images, labels)).batch(128).make_one_shot_iterator().get_next()
loss = tf.losses.sparse_softmax_cross_entropy(y, tf.layers.dense(x, 10))
step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
with tf.Session() as session:
    for _ in range(400):
        session.run(step)
"""
    assert 128 in values(analysed(tmp_path, {"train.py": code}), "batch_size")


def test_data_stand_where_they_are_read_by_name_though_a_helper_puts_their_path_together(tmp_path: Path) -> None:
    helpers = """
import os
def fetched(name):
    folder, ending = os.path.splitext(os.path.join("data", name + ".zip"))
    return folder
def read_snli(folder, is_train):
    return open(folder)
"""
    code = f"""{START}
import helpers
data = helpers.read_snli(helpers.fetched("SNLI"), True)
net = nn.Sequential(nn.Embedding(900, 8), nn.Flatten(), nn.Linear(8, 3))
optimizer = optim.SGD(net.parameters(), lr=0.5)
for x, y in data:
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""
    found = analysed(tmp_path, {"train.py": code, "helpers.py": helpers})
    (told,) = (fact for fact in found.facts if fact.field == "datasets")
    assert (told.value, told.place and told.place.file) == ("SNLI", str(tmp_path / "train.py"))


def test_how_often_data_repeat_to_be_judged_by_is_no_length_of_training(tmp_path: Path) -> None:
    code = """
import tensorflow as tf
def make_input_fn(x, y, num_epochs=10, batch_size=32):
    def input_function():
        return tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size).repeat(num_epochs)
    return input_function
train_input_fn = make_input_fn(x_train, y_train)
eval_input_fn = make_input_fn(x_eval, y_eval, num_epochs=1)
model = tf.estimator.LinearClassifier(feature_columns=columns)
model.train(train_input_fn)
model.evaluate(eval_input_fn)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "epochs") == [10]
