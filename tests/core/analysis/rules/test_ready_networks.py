"""Weights of networks that a library makes ready, and of layers that are laid in loops."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.ready import ready
from core.analysis.rules.layers import layer_tree, parameters
from tests.core.analysis.writing import program

TORCH = "import timm\nfrom torch import nn\nfrom torchvision import models\nfrom somewhere import Encoder, more\n"
KERAS = "import keras\nfrom keras import layers\n"
BODY = 11_689_512 - 513 * 1000


def counts(folder: Path, code: str) -> list[object]:
    return [fact.value for fact in parameters(program(folder, {"train.py": code}))]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("net = models.resnet18()", [BODY + 513_000]),
        ("net = models.resnet18(weights='DEFAULT', num_classes=10)", [BODY + 5130]),
        ("net = models.resnet18()\nnet.fc = nn.Linear(net.fc.in_features, 10)", [BODY + 5130]),
        ("net = models.resnet18()\nnet.fc = nn.Sequential(nn.Linear(512, 8), nn.Linear(8, 2))", [BODY + 4104 + 18]),
        ("net = models.vgg16()\nnet.classifier[6] = nn.Linear(4096, 10)", [138_357_544 - 4_097_000 + 40_970]),
        ("net = models.resnet18()\nnet.layer4 = nn.Linear(2, 2)", []),
        ("net = models.resnet18(num_classes=int(input()))", []),
        ("net = timm.create_model('resnet18')\nnet.fc = nn.Linear(512, 10)", []),
        ("a = models.resnet18()\nb = models.resnet34()", [BODY + 513_000, 21_797_672]),
    ],
)
def test_ready_networks_and_what_is_put_into_them(tmp_path: Path, code: str, expected: list[int]) -> None:
    assert counts(tmp_path, TORCH + code) == expected


CLASS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {}
        self.fc = nn.Linear(512, 10)
    def width(self):
        width = 0
        for part in self.modules():
            if part.__class__.__name__ == "Norm":
                width += part.size
        return width
    def forward(self, x):
        return self.fc(self.body(x))
net = Net()
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("self.body = models.resnet18(); self.body.fc = nn.Identity()", [BODY + 5130]),
        ("self.body = nn.Sequential(*list(models.resnet18().children())[:-1])", []),
        ("self.body = Encoder(3)", []),
        ("self.body = nn.ReLU(); self.encoder = Encoder(3)", [5130]),
        ("self.body = nn.Linear(3, self.width())", []),
    ],
)
def test_networks_within_networks(tmp_path: Path, body: str, expected: list[int]) -> None:
    assert counts(tmp_path, TORCH + CLASS.format(body)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (TORCH + "net = nn.Sequential(*[nn.Linear(4, 4) for _ in range(3)], nn.Linear(4, 2))", [70]),
        (TORCH + "laid = []\nfor i in range(3):\n    laid.append(nn.Linear(4, 4))\nn = nn.Sequential(*laid)", [60]),
        (TORCH + "net = nn.Sequential(*more(3), nn.Linear(4, 2))", []),
        (TORCH + "def two(n):\n    return [nn.Linear(n, n), nn.ReLU()]\nnet = nn.Sequential(*two(4), *two(4))", [40]),
        (TORCH + "def block(n):\n    return nn.Linear(n, n)\nnet = nn.Sequential(block(4), block(4))", [40]),
        (KERAS + "m = keras.Sequential([keras.Input((8,))])\nfor i in range(3):\n    m.add(layers.Dense(8))", [216]),
        (KERAS + "x = keras.Input((8,))\nfor i in range(3):\n    x = layers.Dense(8)(x)", [216]),
        (KERAS + "x = keras.Input((8,))\nfor i in range(more):\n    x = layers.Dense(8)(x)\nlayers.Dense(1)(x)", []),
        (KERAS + "for fold in range(5):\n    x = keras.Input((8,))\n    x = layers.Dense(8)(x)\n    m.fit(x)", [72]),
    ],
)  # fmt: skip
def test_layers_that_are_laid_one_by_one(tmp_path: Path, code: str, expected: list[int]) -> None:
    assert counts(tmp_path, code) == expected


def test_the_tree_names_networks_as_the_script_does(tmp_path: Path) -> None:
    code = "G = nn.Sequential(nn.Linear(2, 3))\nnet = models.resnet18()\nnet.fc = nn.Linear(512, 10)\n"
    names = [layer.name for layer in layer_tree(program(tmp_path, {"train.py": TORCH + code}))]
    assert names == ["G", "G.0", "net", "net.fc"]


def test_only_networks_of_known_size_are_ready() -> None:
    assert ready("torchvision.models.resnet50") == ready("torchvision.models.resnet.resnet50")
    assert ready("torchvision.models.inception_v3") is None and ready("timm.models.resnet50") is None
