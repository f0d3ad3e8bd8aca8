"""What networks are for where several things speak: heat and depth, likenesses, films, writing; and counters."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"
TRAINED = """
optimizer = optim.Adam(net.parameters())
for x, y in loader:
    {step}
    {loss}.backward()
    optimizer.step()
"""
FLAT = "net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3))\n"
DEEP = "net = nn.Sequential(nn.Conv3d(3, 8, 3), nn.Flatten(), nn.Linear(8, 8))\n"
HEAT = "def maps(joints):\n    heatmaps = torch.zeros(len(joints), 9, 9)\n    return heatmaps\nmaps(8)\n"


@pytest.mark.parametrize(
    ("net", "step", "loss", "task"),
    [
        (FLAT, "depth_pred = net(x)", "F.mse_loss(depth_pred, y)", ["depth estimation"]),
        (HEAT + FLAT, "depth_pred = net(x)", "F.mse_loss(depth_pred, y)", ["pose estimation"]),
        (FLAT, "y = torch.arange(len(x))", "F.cross_entropy(net(x) @ net(y).T, y)", ["contrastive learning"]),
        (FLAT, "y = torch.arange(8)", "F.cross_entropy(net(x), y)", ["image classification"]),
        (FLAT, "y = torch.arange(ways)", "F.cross_entropy(net(x), y)", ["image classification"]),
        (DEEP, "frames = x", "F.cross_entropy(net(frames), y)", ["video classification"]),
        (DEEP, "frame = table(x)", "F.cross_entropy(net(x), y)", ["image classification"]),
        (DEEP, "volumes = x", "F.cross_entropy(net(volumes), y)", ["image classification"]),
    ],
)
def test_what_tells_more_than_a_loss(tmp_path: Path, net: str, step: str, loss: str, task: list[str]) -> None:
    code = TORCH + net + TRAINED.format(step=step, loss=loss)
    assert values(analysed(tmp_path, {"train.py": code}), "task") == task


@pytest.mark.parametrize(("name", "task"), [("JointCTCLoss", ["speech recognition"]), ("DirectCTCost", [])])
def test_writing_that_one_s_own_loss_aligns(tmp_path: Path, name: str, task: list[str]) -> None:
    code = (
        TORCH
        + """
class Judge(nn.Module):
    def forward(self, out, y):
        return align(out, y, 8, 8)
net = nn.LSTM(80, 32)
judge = Judge()
""".replace("Judge", name)
        + TRAINED.format(step="pass", loss="judge(net(x)[0], y)")
    )
    assert values(analysed(tmp_path, {"train.py": code}), "task") == task


def test_a_loss_is_given_what_a_network_made(tmp_path: Path) -> None:
    judge = """
class {name}(nn.Module):
    def forward(self, out, known):
        known = self.pick(out)
        return F.mse_loss(known, out)
net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
judge = {name}()
"""
    trained = TRAINED.format(step="pass", loss="judge(net(x), y)")
    for name, told in (("HintLoss", False), ("Hint", True)):
        code = TORCH + judge.format(name=name) + trained
        assert ("Autoencoder" in values(analysed(tmp_path / name, {"train.py": code}), "architecture")) is told


def test_pictures_of_two_resolutions_and_words_of_a_bert(tmp_path: Path) -> None:
    pairs = TORCH + FLAT + TRAINED.format(step="lr, hr = x", loss="F.l1_loss(net(lr), hr)")
    assert values(analysed(tmp_path / "pairs", {"train.py": pairs}), "task") == ["super-resolution"]
    rates = TORCH + "lr, hr = 0.1, 72\n" + FLAT + TRAINED.format(step="pass", loss="F.l1_loss(net(x), y)")
    assert "super-resolution" not in values(analysed(tmp_path / "rates", {"train.py": rates}), "task")
    words = TORCH + "from transformers import BertModel\nbert = BertModel.from_pretrained('bert-base-uncased')\n"
    words += "class Judge(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.bert = bert\n"
    words += (
        "        self.head = nn.Linear(768, 2)\n    def forward(self, x):\n        return self.head(self.bert(x)[1])\n"
    )
    words += "net = Judge()\n" + TRAINED.format(step="pass", loss="F.cross_entropy(net(x), y)")
    assert values(analysed(tmp_path / "words", {"train.py": words}), "task") == ["text classification"]


@pytest.mark.parametrize("step", ["steps = steps + 1", "steps, turns = steps + 1, turns + 1", "steps += 1"])
def test_what_a_loop_counts_decides_no_branch(tmp_path: Path, step: str) -> None:
    code = (
        TORCH
        + f"""
net = nn.Linear(4, 2)
optimizer = optim.Adam(net.parameters())
steps = turns = 0
while True:
    {step}
    if steps % 4 == 0:
        F.mse_loss(net(x), y).backward()
        optimizer.step()
"""
    )
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["mse_loss"]


def test_groups_that_only_start_something(tmp_path: Path) -> None:
    code = (
        TORCH
        + """
from sklearn.cluster import KMeans
net = nn.Linear(4, 2)
def {name}(x):
    return KMeans(3).fit(x).cluster_centers_
centres = {name}(x)
"""
        + TRAINED.format(step="pass", loss="F.mse_loss(net(x), centres)")
    )
    for name, told in (("initialize", False), ("_codes_init", False), ("group", True)):
        found = analysed(tmp_path / name, {"train.py": code.format(name=name)})
        assert ("K-Means" in values(found, "architecture")) is told


def test_a_layer_that_brings_two_resolutions_together_is_no_dense_block(tmp_path: Path) -> None:
    code = (
        TORCH
        + """
class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
    def forward(self, {given}):
        return torch.cat([x, self.conv({other})], 1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.three = Layer(), Layer(), Layer()
    def forward(self, x):
        return self.three(self.two(self.one({calls})))
net = Net()
"""
        + TRAINED.format(step="pass", loss="F.cross_entropy(net(x), y)")
    )
    for given, other, told in (("x", "x", True), ("x, coarse", "coarse", False)):
        text = code.format(given=given, other=other, calls="x")
        found = values(analysed(tmp_path / other, {"train.py": text}), "architecture")
        assert ("DenseNet" in found) is told


def test_texts_that_are_made_tokens_are_no_pictures_though_what_reads_them_convolves(tmp_path: Path) -> None:
    code = """
from transformers import BertModel, BertTokenizer
tokens = BertTokenizer.from_pretrained('bert-base-uncased')
class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.bert = BertModel.from_pretrained('bert-base-uncased')
        self.conv, self.head = nn.Conv2d(1, 8, (3, 768)), nn.Linear(8, 2)
    def forward(self, x):
        return self.head(self.conv(self.bert(x)[0].unsqueeze(1)).flatten(1))
loader = open('data/sst-2/train.tsv')
net = Judge()
"""
    code = TORCH + code + TRAINED.format(step="x = tokens(x)", loss="F.cross_entropy(net(x), y)")
    found = analysed(tmp_path, {"train.py": code})
    assert values(found, "datasets") == ["SST-2"]
    assert values(found, "task") == ["sentiment analysis"]


WORDS = """
from torchvision.datasets import CocoCaptions
class Writer(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.cell, self.head = nn.Embedding(999, 32), nn.LSTM(32, 32), nn.Linear(32, 999)
    def forward(self, x):
        return self.head(self.cell(self.words(x))[0])
loader, net = CocoCaptions("pictures", "captions.json"), Writer()
"""


def test_words_over_pictures_that_others_read_describe_them(tmp_path: Path) -> None:
    code = TORCH + WORDS + TRAINED.format(step="pass", loss="F.cross_entropy(net(x), y)")
    found = analysed(tmp_path, {"train.py": code})
    assert values(found, "datasets") == ["COCO"]
    assert values(found, "task") == ["image captioning"]


SEEN = """
from torchvision.datasets import CocoDetection
from torchvision.models import vit_b_16
KNOWN
loader, net = CocoDetection("pictures", "objects.json"), vit_b_16()
"""


@pytest.mark.parametrize(
    ("known", "task"),
    [
        ("", "image classification"),
        (
            "from transformers import BertTokenizer\nBertTokenizer.from_pretrained('bert-base-cased')",
            "image captioning",
        ),
    ],
)
def test_words_beside_pictures_describe_them(tmp_path: Path, known: str, task: str) -> None:
    code = TORCH + SEEN.replace("KNOWN", known) + TRAINED.format(step="pass", loss="F.cross_entropy(net(x), y)")
    assert values(analysed(tmp_path, {"train.py": code}), "task") == [task]


HOUSES = """
from tensorflow import keras
from sklearn.datasets import fetch_california_housing
houses = fetch_california_housing()
clothes, _ = keras.datasets.fashion_mnist.load_data()
one = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
one.compile(loss="{loss}", optimizer="sgd")
one.fit(houses.data, houses.target)
two = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(10)])
two.compile(loss="sparse_categorical_crossentropy", optimizer="sgd")
two.fit(*clothes)
"""


@pytest.mark.parametrize(("loss", "task"), [("mse", "regression"), ("binary_crossentropy", "image classification")])
def test_numbers_that_are_guessed_first_are_what_a_notebook_is_for(tmp_path: Path, loss: str, task: str) -> None:
    assert values(analysed(tmp_path, {"train.py": HOUSES.format(loss=loss)}), "task") == [task]


KEPT = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Linear(8, 8)
    def forward(self, x):
        raise NotImplementedError
class RootLoss(nn.Module):
    def forward(self, x, y):
        return torch.sqrt((x - y) ** 2 + 1e-9).mean()
class Trainer:
    def __init__(self):
        self.net, self.compare = Net(), RootLoss()
        self.optimizer = optim.Adam(self.net.parameters())
    def step(self, x, y):
        self.optimizer.zero_grad()
        made = self.net(x)
        USED
        loss.backward()
        self.optimizer.step()
trainer = Trainer()
for x, y in loader:
    trainer.step(x, y)
"""


@pytest.mark.parametrize(("used", "told"), [("loss = self.compare(made, y)", ["RootLoss"]), ("loss = made.sum()", [])])
def test_a_loss_that_is_asked_after_what_cannot_be_followed(tmp_path: Path, used: str, told: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": TORCH + KEPT.replace("USED", used)}), "loss") == told
