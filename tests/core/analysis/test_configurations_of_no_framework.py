"""Configurations that are found and heard by name where no framework reads them: texts, files laid below others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

LOOP = """
net = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    for x in loader:
        net(x).sum().backward()
        optimizer.step()
"""
FLAGS = """
import configargparse
import torch
parser = configargparse.ArgumentParser()
parser.add_argument("--config", is_config_file=True)
parser.add_argument("--lr", type=float, default=1.0)
parser.add_argument("--epochs", type=int, default=1)
args = parser.parse_args()
"""


def test_texts_of_settings_may_stand_in_folders_of_configurations(tmp_path: Path) -> None:
    files = {
        "train.py": FLAGS + LOOP,
        "configs/first/rooms.txt": "lr = 0.1\nepochs = 30\n",
        "configs/second/rooms.txt": "lr = 0.2\nepochs = 40\n",
        "lists/first/rooms.txt": "lr = 0.3\nepochs = 50\n",
    }
    assert names(tmp_path, files) == ["configs/first/rooms.txt", "configs/second/rooms.txt", "train.py"]
    found = analysed(tmp_path, files, "configs/second/rooms.txt")
    assert values(found, "learning_rate") == [0.2] and values(found, "epochs") == [40]


OPTION = """
import argparse
import torch
import yaml
parser = argparse.ArgumentParser()
parser.add_argument("--cfg")
args = argparse.Namespace(**yaml.safe_load(open(parser.parse_args().cfg)))
"""
SETTINGS = "lr: {}\nepochs: 3\nbatch_size: 8\n"


@pytest.mark.parametrize(
    ("tested", "listed"),
    [
        ("net_cars_test_rooms.yaml", False),
        ("net_cars_test_boats.yaml", False),
        ("net_cars_testing_all.yaml", True),
        ("net_boats_test_rooms.yaml", True),
    ],
)
def test_files_beside_a_readme_train_but_those_that_only_try(tmp_path: Path, tested: str, listed: bool) -> None:
    files = {
        "main/train.py": OPTION + LOOP,
        "README.md": "How to train.\n",
        "asset/kinds/net_cars_train_houses.yaml": SETTINGS.format(0.1),
        "asset/kinds/net_cars_train_boats.yaml": SETTINGS.format(0.2),
        f"asset/kinds/{tested}": SETTINGS.format(0.3),
    }
    assert (f"asset/kinds/{tested}" in names(tmp_path, files)) is listed
    assert "asset/kinds/net_cars_train_boats.yaml" in names(tmp_path, files)


HAND = """
import sys
import importlib
import torch
import settings
def main():
    given = settings.parse(sys.argv[1:])
    opt = settings.of(given)
    with torch.cuda.device(0):
        model = importlib.import_module("models.{}".format(given.model))
        run = model.Run(opt)
        run.setup_optimizer(opt)
        run.train(opt)
main()
"""
PARSED = """
import yaml
def parse(words):
    return dict(word.split("=") for word in words)
def read(path):
    with open(path) as file:
        found = yaml.safe_load(file)
    if "_above_" in found:
        found = {**read(found.pop("_above_")), **found}
    return found
def of(given):
    return read("options/{}.yaml".format(given["yaml"]))
"""
RUN = """
import torch
class Run:
    def __init__(self, settings):
        self.net, told = torch.nn.Linear(3, 1), settings["optim"]
        self.optimizer = getattr(torch.optim, told["algo"])(self.net.parameters(), lr=told["lr"])
    def train(self):
        for x in self.loader:
            self.net(x).sum().backward()
            self.optimizer.step()
"""


def test_what_a_command_line_read_by_hand_takes_says_by_name_over_what_it_is_built_on(tmp_path: Path) -> None:
    files = {
        "train.py": HAND,
        "settings.py": PARSED,
        "models/one.py": RUN,
        "models/two.py": RUN,
        "options/base.yaml": "optim:\n  algo: Adam\n  lr: 0.5\nbatch_size: 16\n",
        "options/rooms.yaml": "_above_: options/base.yaml\noptim:\n  lr: 0.25\n",
        "options/houses.yaml": "_above_: options/rooms.yaml\nbatch_size: 4\n",
    }
    assert names(tmp_path, files) == ["options/houses.yaml", "options/rooms.yaml"]
    for name, batch in (("rooms", 16), ("houses", 4)):
        found = analysed(tmp_path, files, f"options/{name}.yaml")
        assert values(found, "optimizer") == ["Adam"] and values(found, "learning_rate") == [0.25]
        assert values(found, "batch_size") == [batch]


USING = """
import json
import torch
from voice.net import Voice
import data
def voice():
    with open("voice/config.json") as file:
        return Voice(json.load(file))
loader = torch.utils.data.DataLoader(data.Rooms(), batch_size=data.settings()["size"])
net = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(net.parameters())
talking = voice()
for x in loader:
    net(x).sum().backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("folder", "batches"), [("voice", []), ("configs", [16])])
def test_settings_of_a_package_that_is_only_used_say_nothing(tmp_path: Path, folder: str, batches: list[int]) -> None:
    files = {
        "train.py": USING.replace("voice/config", f"{folder}/config"),
        "voice/net.py": "class Voice:\n    def __init__(self, told):\n        self.told = told\n",
        f"{folder}/config.json": '{"batch_size": 16, "learning_rate": 0.5}',
    }
    assert values(analysed(tmp_path, files), "batch_size") == batches


def test_what_stands_beside_a_configuration_is_no_part(tmp_path: Path) -> None:
    """A module beside two settings, of which one is built on the other, makes them no settings of a package."""
    code = """
import argparse
import torch
import yaml
parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True)
def read(path):
    told = yaml.safe_load(open(path))
    base = read(told["base_config"]) if "base_config" in told else {}
    return {**base, **told}
told = read(parser.parse_args().config)
net = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(net.parameters(), lr=told["lr"])
for x in torch.utils.data.DataLoader(open("a"), batch_size=told["batch_size"]):
    net(x).sum().backward()
    optimizer.step()
"""
    settings = "base_config: configs/birds/base.yaml\nlr: 0.5\nepochs: 3\n"
    files = {
        "train.py": code,
        "configs/birds/prepare.py": "print(1)\n",
        **{f"configs/birds/{name}.yaml": settings for name in ("small", "large")},
        "configs/birds/base.yaml": "batch_size: 16\nlr: 0.1\n",
    }
    found = analysed(tmp_path, files, "configs/birds/small.yaml")
    assert values(found, "batch_size") == [16] and values(found, "learning_rate") == [0.5]
