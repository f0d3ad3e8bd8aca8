"""Notebooks that train one model after the other, and fetch their data in a cell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = "from tensorflow import keras\nfrom tensorflow.keras import layers\n"
NET = "net = keras.Sequential([layers.Dense(9), layers.Dense(4)])\nnet.compile('adam', loss='mse')\n"


def notebook(*cells: str) -> str:
    """A notebook of these code cells."""
    made = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    return json.dumps({"cells": made, "nbformat": 4, "metadata": {}})


def test_data_fetched_by_a_command(tmp_path: Path) -> None:
    fetched = "!wget https://example.org/data/aclImdb_v1.tar.gz\n!tar xf aclImdb_v1.tar.gz"
    analysis = analysed(tmp_path, {"a.ipynb": notebook(fetched, HEAD, NET + "net.fit(x, y)")}, "a.ipynb")
    assert values(analysis, "datasets") == ["IMDb"]
    told = next(fact for fact in analysis.facts if fact.field == "datasets")
    assert (told.place.cell, told.place.line) == (0, 1)


@pytest.mark.parametrize(
    ("code", "batches"),
    [
        ("net.fit(a, b, batch_size=64)\nd = keras.utils.image_dataset_from_directory('p', batch_size=32)\n", [32, 64]),
        ("dummy_data = keras.utils.timeseries_dataset_from_array(a, b, 3, batch_size=2)\n"
         "d = keras.utils.timeseries_dataset_from_array(x, y, 9, batch_size=256)\n", [256]),
        ("for shown in maker.flow(a, batch_size=1):\n    show(shown)\n"
         "d = maker.flow_from_directory('p', batch_size=20)\n", [20]),
    ],
)  # fmt: skip
def test_batches_of_several_models(tmp_path: Path, code: str, batches: list[int]) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + NET + code + "net.fit(d)\n"}), "batch_size") == batches


def test_a_folder_counts_beside_what_a_library_loads(tmp_path: Path) -> None:
    code = "(x, y), _ = keras.datasets.mnist.load_data()\nd = keras.utils.image_dataset_from_directory('celeba_gan')\n"
    found = values(analysed(tmp_path, {"train.py": HEAD + code + NET + "net.fit(x, y)\nnet.fit(d)\n"}), "datasets")
    assert found == ["MNIST", "CelebA"]


def test_an_autoencoder_beside_diffusion(tmp_path: Path) -> None:
    code = """
    import numpy as np
    def schedule(n):
        alpha = 1 - np.linspace(0.0001, 0.02, n)
        return np.cumprod(alpha)
    schedule(9)
    """
    code = HEAD + NET + "net.fit(x, x)\n" + "\n".join(line[4:] for line in code.splitlines())
    found = values(analysed(tmp_path, {"train.py": code}), "architecture")
    assert {"Autoencoder", "Diffusion"} <= set(found)


LEARNER = """
from fastai.vision import *
from fastai.vision.gan import *
path = untar_data(URLs.{data})
data = GANItemList.from_folder(path).databunch(bs=48)
rule = partial(optim.{rule}, betas=(0.0, 0.99))
learn = GANLearner.wgan(data, basic_generator(64, 3), basic_critic(64, 3), opt_func=rule)
learn.fit(30, 2e-4)
"""


@pytest.mark.parametrize(("data", "rule"), [("BIWI_HEAD_POSE", "Adam"), ("HUMAN_NUMBERS", "SGD")])
def test_a_learner_of_adversaries(tmp_path: Path, data: str, rule: str) -> None:
    code = LEARNER.format(data=data, rule=rule)
    analysis = analysed(tmp_path, {"gan.ipynb": notebook(code)}, "gan.ipynb")
    told = {
        field: values(analysis, field)
        for field in ("framework", "architecture", "optimizer", "learning_rate", "epochs")
    }
    assert told == {"framework": ["fastai", "PyTorch"], "architecture": ["WGAN", "GAN"], "optimizer": [rule],
                    "learning_rate": [2e-4], "epochs": [30]}  # fmt: skip
    assert values(analysis, "datasets") == [data.replace("_", " ").title().replace("Biwi", "BIWI")]


ATTENDING = """
import torch
from torch import nn
soft_argmax = nn.Softmax
class Attend(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)
    def forward(self, x):
        shares = {shares}(dim=-1)(torch.matmul(self.q(x), self.k(x).transpose(1, 2)))
        return torch.matmul(shares, self.v(x))
net, x = Attend(), torch.randn(2, 3, 8)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(x).sum().backward()
optimizer.step()
"""


@pytest.mark.parametrize(("shares", "told"), [("soft_argmax", True), ("nn.Softmax", True), ("nn.Softplus", False)])
def test_shares_by_another_name(tmp_path: Path, shares: str, told: bool) -> None:
    analysis = analysed(tmp_path, {"a.ipynb": notebook(ATTENDING.format(shares=shares))}, "a.ipynb")
    assert ("Attention" in values(analysis, "architecture")) == told


MESSAGES = """
import torch
from torch import nn
class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(8, 8), nn.Linear(8, 8)
    def forward(self, g, x):
        g.ndata['a'], g.ndata['b'] = self.a(x), self.b(x)
        g.{sent}(lambda edges: {{'m': edges.src['b']}}, lambda nodes: {{'h': nodes.mailbox['m'].sum(1)}})
        return g.ndata['h'] + g.ndata['a']
net = Gated()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(*load()).sum().backward()
optimizer.step()
"""


@pytest.mark.parametrize(("sent", "told"), [("update_all", True), ("apply_nodes", False)])
def test_messages_along_edges(tmp_path: Path, sent: str, told: bool) -> None:
    analysis = analysed(tmp_path, {"a.ipynb": notebook(MESSAGES.format(sent=sent))}, "a.ipynb")
    assert ("GNN" in values(analysis, "architecture")) == told


FRAMES = """
import tensorflow as tf
def batches_of(frame, size=32):
    return tf.data.Dataset.from_tensor_slices(dict(frame)).shuffle(9).batch(size).prefetch(1)
data = batches_of(read(), size=5)
for one in data.take(1):
    print(one)
first = next(iter(data))[0]
list(tf.data.Dataset.range(6).batch(2))
{again}
net = tf.keras.Sequential([tf.keras.layers.Dense(1)])
net.compile('adam', loss='mse')
net.fit(data, epochs=3)
"""


@pytest.mark.parametrize(("again", "size"), [("data = batches_of(read(), size=64)", 64), ("", 5)])
def test_the_batches_that_fit_is_handed_are_those_of_training(tmp_path: Path, again: str, size: int) -> None:
    analysis = analysed(tmp_path, {"a.ipynb": notebook(FRAMES.format(again=again))}, "a.ipynb")
    assert values(analysis, "batch_size") == [size]


SPREAD = """
import numpy as np
from sklearn.linear_model import LinearRegression
def spread(data):
    return np.median(np.abs(data - np.{middle}(data)))
spread(y)
LinearRegression().fit(x, y)
"""


@pytest.mark.parametrize("middle", ["median", "mean"])
def test_a_distance_from_the_middle_is_no_reconstruction(tmp_path: Path, middle: str) -> None:
    analysis = analysed(tmp_path, {"a.ipynb": notebook(SPREAD.format(middle=middle))}, "a.ipynb")
    assert values(analysis, "architecture") == ["Linear"]


LEARNED = """
from fastai.vision import *
from fastai.text import *
data = {data}.from_folder('data').split_by_rand_pct().{label}().databunch(bs=32)
learn = {learner}
learn.fit_one_cycle(4)
"""


@pytest.mark.parametrize(
    ("data", "label", "learner", "told"),
    [
        ("ImageList", "label_from_folder", "cnn_learner(data, models.resnet34)", ["image classification"]),
        ("PointsItemList", "label_from_func", "cnn_learner(data, models.resnet34)", ["pose estimation"]),
        ("TextList", "label_for_lm", "Learner(data, nn.LSTM(8, 8))", ["language modelling"]),
        ("ImageList", "label_from_folder", "unet_learner(data, models.resnet34)", ["image segmentation"]),
    ],
)
def test_what_a_learner_is_for(tmp_path: Path, data: str, label: str, learner: str, told: list[str]) -> None:
    code = LEARNED.format(data=data, label=label, learner=learner)
    analysis = analysed(tmp_path, {"a.ipynb": notebook(code)}, "a.ipynb")
    assert values(analysis, "task") == told


LOSSES = """
import torch
from torch import nn
shown = nn.{other}()
print(f'{{shown(torch.rand(3), torch.ones(3)):.2f}}')
net = nn.Linear(8, 2)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    criterion(net(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize("other", ["BCELoss", "CrossEntropyLoss"])
def test_a_loss_that_is_only_printed(tmp_path: Path, other: str) -> None:
    analysis = analysed(tmp_path, {"a.ipynb": notebook(LOSSES.format(other=other))}, "a.ipynb")
    assert values(analysis, "loss")[-1:] == ["CrossEntropyLoss"]
    assert "BCELoss" not in values(analysis, "loss")


WRITTEN = """%%writefile {path}.py
import torch
from torch import nn
RATE = 0.05
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 2)
    def forward(self, x):
        return self.layer(x)
"""
USING = """
import torch
{imports}
net = {net}()
optimizer = torch.optim.SGD(net.parameters(), lr={rate})
for x, y in loader:
    torch.nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("path", "imports", "net", "rate"),
    [
        ("parts", "import parts", "parts.Net", "parts.RATE"),
        ("parts", "from parts import Net, RATE", "Net", "RATE"),
        ("lib/parts", "from lib.parts import *", "Net", "RATE"),
        ("./parts", "", "Net", "RATE"),
    ],
)
def test_modules_that_cells_write(tmp_path: Path, path: str, imports: str, net: str, rate: str) -> None:
    using = USING.format(imports=imports, net=net, rate=rate)
    analysis = analysed(tmp_path, {"a.ipynb": notebook(WRITTEN.format(path=path), using)}, "a.ipynb")
    assert values(analysis, "model_classes") == ["Net"]
    told = next(fact for fact in analysis.facts if fact.field == "learning_rate")
    assert (told.value, told.place.cell, told.place.line) == (0.05, 0, 4)


def test_data_behind_an_address(tmp_path: Path) -> None:
    fetched = "from fastai import datasets\nfile = datasets.download_data('http://example.org/data/mnist/mnist.pkl')\n"
    analysis = analysed(tmp_path, {"a.ipynb": notebook(fetched, HEAD + NET + "net.fit(x, y)")}, "a.ipynb")
    assert values(analysis, "datasets") == ["MNIST"]


def test_what_a_cell_writes_that_is_no_python(tmp_path: Path) -> None:
    code = notebook("%%writefile run.sh\nimport = 3", "import run\nrun.start()\n" + HEAD + NET + "net.fit(x, y)")
    assert not analysed(tmp_path, {"a.ipynb": code}, "a.ipynb").warnings


AROUND = """
import torch
from torch import nn
def nothing(x):
    return x
class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.convs = nn.Sequential(nn.Conv2d(a, b, 3), nn.ReLU(), nn.Conv2d(b, b, 3))
        self.idconv = nothing if a == b else nn.Conv2d(a, b, 1)
        self.pool = nn.AvgPool2d(2)
    def forward(self, x):
        return self.convs(x) + self.{around}(self.pool({taken}))
net = nn.Sequential(Block(3, 8), Block(8, 8))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(x).sum().backward()
optimizer.step()
"""


@pytest.mark.parametrize(("around", "taken", "told"), [("idconv", "x", True), ("idconv", "self.bias", False)])
def test_the_way_around_a_block_may_pool(tmp_path: Path, around: str, taken: str, told: bool) -> None:
    code = notebook(AROUND.format(around=around, taken=taken))
    assert ("ResNet" in values(analysed(tmp_path, {"a.ipynb": code}, "a.ipynb"), "architecture")) == told
