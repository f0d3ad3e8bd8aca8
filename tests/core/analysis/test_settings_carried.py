"""Settings that code carries from one holder to another, and those that are made anew."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

KINDS = """
import enum
class Kind(enum.Enum):
    DIGITS = 0,
    SHAPES = 1
"""

CARRIED = """
import argparse
import torch
from torch import nn
from torchvision import datasets
from kinds import *

def get_settings():
    parser = argparse.ArgumentParser()
    parser.add_argument("--num_of_epochs", type=int, default=100)
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--data", choices=[kind.name for kind in Kind], default=Kind.SHAPES.name)
    args = parser.parse_args()
    settings = dict()
    for name in vars(args):
        settings[name] = getattr(args, name)
    settings.update({"layers": 2})
    return settings

def train(settings):
    if settings["data"].lower() == Kind.DIGITS.name.lower():
        data = datasets.MNIST("x")
    else:
        data = datasets.CIFAR10("x")
    net = nn.Linear(2, 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=settings["lr"])
    for epoch in range(settings["num_of_epochs"]):
        for x, y in data:
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()

train(get_settings())
"""


def test_options_are_carried_over_one_by_one_and_members_are_known_by_name(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": CARRIED, "kinds.py": KINDS})
    assert values(found, "epochs") == [100]
    assert values(found, "learning_rate") == [0.005]
    assert values(found, "datasets") == ["CIFAR-10"]


ANEW = """
import ml_collections
import torch
from torch import nn

def small():
    config = ml_collections.ConfigDict()
    config.width = 8
    config.rate = 0.5
    return config

def large():
    config = small()
    config.width = 64
    config.rate = 0.25
    return config

CONFIGS = {"small": small(), "large": large()}

class Settings:
    def __init__(self, name, **given):
        self.name = name
        for key in given:
            self.put(key, given[key])
    def put(self, key, value):
        self.__dict__[key] = value

more = Settings("more", batch_size=16)
config = CONFIGS["small"]
net = nn.Linear(config.width, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=config.rate)
for x, y in torch.utils.data.DataLoader(data, batch_size=more.batch_size):
    nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
"""


def test_a_configuration_that_another_begins_with_stays_what_it_was(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": ANEW}), "learning_rate") == [0.5]


def test_an_object_has_what_it_was_given_as_one_of_many(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": ANEW}), "batch_size") == [16]


KEPT_WHOLE = """
import argparse
import pytorch_lightning as pl
import torch
from torch import nn

class Part(pl.LightningModule):
    def __init__(self, settings, scale=1):
        super().__init__()
        self.save_hyperparameters(settings)
        self.net = nn.Linear(8, 2)
    def training_step(self, batch, index):
        return nn.functional.cross_entropy(self.net(batch[0]), batch[1])
    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.003)
args = parser.parse_args()
pl.Trainer(max_epochs=4).fit(Part(args))
"""


def test_the_one_namespace_that_lightning_is_told_to_save(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": KEPT_WHOLE}), "learning_rate") == [0.003]
