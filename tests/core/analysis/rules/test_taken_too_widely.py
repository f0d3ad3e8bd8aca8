"""Conditions that were widened, and what stands next to what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

START = """
import torch
from torch import nn
from torch.nn import functional as F
from torchvision import datasets, models
loader = torch.utils.data.DataLoader(datasets.MNIST("data"), batch_size=8)
"""
STEP = """
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize("inside", ["for p in net.parameters():\n        p -= 0.1 * p.grad.sign()", ""])
def test_weights_that_go_by_signs_are_trained(tmp_path: Path, inside: str) -> None:
    attacked = "x.requires_grad = True\n    x = x + 0.1 * x.grad.sign()"
    code = f"{START}\nnet = nn.Linear(784, 10)\nfor x, y in loader:\n    F.cross_entropy(net(x), y).backward()\n    "
    told = inside.replace("p -=", "p.requires_grad = True; p -=") or attacked
    assert names(tmp_path, {"train.py": code + told}) == (["train.py"] if inside else [])


def test_groups_of_what_a_network_says_are_looked_at(tmp_path: Path) -> None:
    code = "import numpy as np\nfrom sklearn.cluster import KMeans\nprint(KMeans(10).fit_predict(np.load('x.npy')))"
    judge = "import torch\nnet = torch.load('net.pt')\n" + code
    assert names(tmp_path, {"groups.py": code, "judge.py": judge}) == ["groups.py"]


@pytest.mark.parametrize(("one", "other", "twins"), [("source", "target", True), ("output", "target", False)])
def test_a_target_beside_a_source_is_another_input(tmp_path: Path, one: str, other: str, twins: bool) -> None:
    code = f"""{START}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 32))
        self.head = nn.Linear(32, 1)
    def forward(self, {one}, {other}):
        return self.head(torch.abs(self.base({one}) - self.base({other})))
net = Net()
{STEP.replace("net(x)", "net(x, x)")}"""
    assert ("Siamese" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is twins


@pytest.mark.parametrize(("also", "family"), [("", "MLP"), (", x", "RNN")])
def test_a_highway_has_no_state(tmp_path: Path, also: str, family: str) -> None:
    code = f"""{START}
class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate, self.new, self.out = nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, 10)
    def forward(self, h{also}):
        gate = torch.sigmoid(self.gate(h))
        return self.out(h + gate * (torch.relu(self.new(h)) - h))
net = Layer()
{STEP}"""
    assert family in values(analysed(tmp_path, {"train.py": code}), "architecture")


@pytest.mark.parametrize(
    ("line", "weighs"), [("StepLR(optimizer, 9, gamma=args.gamma)", True), ("steps(args.gamma)", False)]
)
def test_a_gamma_of_a_scheduler_is_no_discount(tmp_path: Path, line: str, weighs: bool) -> None:
    code = f"""{START}
import argparse
from torch.optim.lr_scheduler import StepLR
from returns import steps
parser = argparse.ArgumentParser()
parser.add_argument("--lambda_", type=float, default=1.0)
parser.add_argument("--gamma", type=float, default=0.95)
args = parser.parse_args()
net = nn.Linear(784, 10)
{STEP.replace("y).backward", "y + args.lambda_).backward")}
    {line}"""
    assert bool(values(analysed(tmp_path, {"train.py": code}), "loss_weights")) is weighs


def test_what_a_trainer_is_given_is_no_head_of_a_ready_network(tmp_path: Path) -> None:
    code = f"""{START}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    def forward(self, x):
        return self.layers(x)
class Trainer:
    def fit(self):
        optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
        for x, y in loader:
            F.cross_entropy(self.model(x), judge(x)).backward()
            optimizer.step()
judge = models.vgg16(pretrained=True).eval()
trainer = Trainer()
trainer.model = Net()
trainer.fit()
"""
    assert "MLP" in values(analysed(tmp_path, {"train.py": code}), "architecture")


def test_what_a_table_is_asked_for_by_get_is_used(tmp_path: Path) -> None:
    code = f"""{START}
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--loss", default="ce")
args = parser.parse_args()
table = {{"ce": nn.CrossEntropyLoss(), "mse": nn.MSELoss(), "kl": nn.KLDivLoss()}}
first, second = table[args.loss], table.get("mse")
net = nn.Linear(784, 10)
{STEP.replace("F.cross_entropy(net(x), y)", "(first(net(x), y) + second(net(x), y))")}"""
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["CrossEntropyLoss", "MSELoss"]


@pytest.mark.parametrize(("kept", "told"), [("h[-1]", "text classification"), ("out", "token classification")])
def test_tags_of_whole_texts_are_no_tags_of_words(tmp_path: Path, kept: str, told: str) -> None:
    code = f"""
import torch
from torch import nn
from texts import pairs, vocab, num_tags
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.lstm = nn.Embedding(len(vocab), 32), nn.LSTM(32, 64)
        self.out = nn.Linear(64, num_tags)
    def forward(self, x):
        out, (h, c) = self.lstm(self.words(x))
        return self.out({kept})
net, wanted = Net(), nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in pairs:
    wanted(net(x), y).backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "task") == [told]


@pytest.mark.parametrize(
    ("top", "told"),
    [("layers.GlobalAveragePooling1D()(x)", False), ("x", True)],
)
def test_pieces_that_are_told_apart_are_not_made(tmp_path: Path, top: str, told: bool) -> None:
    code = f"""
import glob, pretty_midi, numpy as np
from tensorflow.keras import layers, models
found = [pretty_midi.PrettyMIDI(path).instruments[0].notes for path in glob.glob("*/*.mid")]
given = layers.Input((64,))
x = layers.Embedding(128, 32)(given)
x = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, 8)(x, x))
x = layers.LayerNormalization()(x + layers.Dense(32)(layers.Dense(64)(x)))
net = models.Model(given, layers.Dense(9)({top}))
net.compile("adam", loss="sparse_categorical_crossentropy")
net.fit(np.array(found), np.load("y.npy"), epochs=2)
"""
    assert ("music generation" in values(analysed(tmp_path, {"train.py": code}), "task")) is told


def test_where_something_runs_is_no_part_of_the_data(tmp_path: Path) -> None:
    own = """
import torch
class Rows(torch.utils.data.Dataset):
    def __init__(self, path, env="live"):
        self.rows = open(path).readlines()
"""
    code = f"""{START.replace('datasets.MNIST("data")', 'Rows("x.csv", env="dev")')}
net = nn.Linear(8, 2)
{STEP}""".replace("import torch\n", "import torch\nfrom rows import Rows\n", 1)
    assert values(analysed(tmp_path, {"train.py": code, "rows.py": own}), "batch_size") == [8]


@pytest.mark.parametrize(("back", "found"), [("nn.ConvTranspose2d(64, 1, 4, 4)", False), ("nn.Linear(64, 10)", True)])
def test_patches_that_are_cut_and_put_together_are_no_convolutions(tmp_path: Path, back: str, found: bool) -> None:
    laid = "nn.Conv2d(1, 64, 4, 4)" + (", nn.Conv2d(64, 64, 2, 2)" if found else "")
    code = f"""{START}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cut, self.back = nn.Sequential({laid}), {back}
        self.mix = nn.Sequential(nn.Linear(49, 128), nn.GELU(), nn.Linear(128, 49))
    def forward(self, x):
        return self.back(self.mix(self.cut(x).flatten(2)).view(-1, 64, 7, 7))
net = Net()
{STEP}"""
    assert ("CNN" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


def test_the_window_of_a_signal_tells_no_forecast(tmp_path: Path) -> None:
    code = f"""
import numpy as np
from skimage.filters import window
{START.replace('datasets.MNIST("data")', 'np.load("x.npy") * window("hann", 512)')}
net = nn.Sequential(nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 1))
{STEP.replace("cross_entropy", "mse_loss")}"""
    assert values(analysed(tmp_path, {"train.py": code}), "task") == ["regression"]


@pytest.mark.parametrize(("told", "task"), [("len(words)", []), ("3", ["text classification"])])
def test_the_word_that_comes_next_is_no_kind_of_text(tmp_path: Path, told: str, task: list[str]) -> None:
    code = f"""
import torch
from torch import nn
from texts import words, pairs
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.lstm = nn.Embedding(len(words), 32), nn.LSTM(32, 64)
        self.out = nn.Linear(64, {told})
    def forward(self, x):
        return self.out(self.lstm(self.words(x))[0][:, -1])
net, wanted = Net(), nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in pairs:
    wanted(net(x), y).backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "task") == task
