"""Modules that are imported by a name that the run makes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from core.analysis.config_paths import package_of
from tests.core.analysis.writing import analysed, names, values

NETS = """
from torch import nn
class SmallNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Linear(8, 2)
    def forward(self, x):
        return self.layers(x)
"""
TRAINED = """
import torch
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    torch.nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
"""


@pytest.mark.parametrize(
    "asked",
    [
        "'.' + name, package=__package__",
        "f'.{name}', 'nets'",
        "'nets.' + name",
    ],
)
def test_a_module_may_be_asked_for_beside_this_one(tmp_path: Path, asked: str) -> None:
    files = {
        "train.py": "from nets.face import Face\nnet = Face('small_net').net\n" + TRAINED,
        "nets/__init__.py": "",
        "nets/small_net.py": NETS,
        "nets/face.py": f"""
import importlib
class Face:
    def __init__(self, name):
        named = "".join([part.capitalize() for part in name.split("_")])
        self.net = getattr(importlib.import_module({asked}), named)()
""",
    }
    assert values(analysed(tmp_path, files), "model_classes") == ["SmallNet"]


def test_a_package_is_imported_by_its_first_name(tmp_path: Path) -> None:
    code = """
def made_of(name):
    parts = name.split(".")
    found = __import__(".".join(parts[:-1]))
    for part in parts[1:]:
        found = getattr(found, part)
    return found
net = made_of("nets.small_net.SmallNet")()
"""
    files = {"train.py": code + TRAINED, "nets/small_net.py": NETS}
    assert values(analysed(tmp_path, files), "model_classes") == ["SmallNet"]


def test_a_package_inside_of_one_has_its_own_names(tmp_path: Path) -> None:
    """Its module asks for another by the full name, while the package is still being read."""
    files = {
        "train.py": "import utils.nets\nnet = utils.nets.Chosen()\n" + TRAINED,
        "utils/__init__.py": "",
        "utils/nets/__init__.py": "from utils.nets.small import SmallNet\nChosen = SmallNet\n",
        "utils/nets/small.py": "import utils.nets.sizes\n" + NETS,
        "utils/nets/sizes.py": "WIDTH = 3\n",
    }
    assert values(analysed(tmp_path, files), "model_classes") == ["SmallNet"]


def test_a_module_s_attribute_may_be_got_by_its_own_method(tmp_path: Path) -> None:
    files = {
        "train.py": (
            "from importlib import import_module\nname = 'small'\n"
            "net = import_module('nets.' + name).__getattribute__('SmallNet')()\n" + TRAINED
        ),
        "nets/small.py": NETS,
    }
    assert values(analysed(tmp_path, files), "model_classes") == ["SmallNet"]


@pytest.mark.parametrize("asked", ['"nets.small_net"', "name"])
def test_a_module_may_be_asked_for_by_its_whole_name(tmp_path: Path, asked: str) -> None:
    made = f"import importlib\nname = 'nets.small_net'\nnet = importlib.import_module({asked}).SmallNet()\n"
    files = {"train.py": made + TRAINED, "nets/__init__.py": "", "nets/small_net.py": NETS}
    assert values(analysed(tmp_path, files), "model_classes") == ["SmallNet"]


MADE = """
import sys
import torch
import yaml
from pydoc import locate
from shelf.parsing import object_from_dict
with open("config.yaml") as file:
    told = yaml.safe_load(file)
model = locate(told["model"])(64, 2)
optimizer = object_from_dict(told["optimizer"], params=model.parameters())
for x, y in loader:
    torch.nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
"""


def test_functions_of_libraries_make_what_entries_name(tmp_path: Path) -> None:
    config = "model: nets.Net\noptimizer:\n  type: torch.optim.AdamW\n  lr: 0.003\n"
    net = "import torch\nclass Net(torch.nn.Linear):\n    pass\n"
    found = analysed(tmp_path, {"train.py": MADE, "nets.py": net, "config.yaml": config})
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["AdamW"], [0.003])
    assert values(found, "model_classes") == ["Net"]
    shown = MADE.replace("object_from_dict(told", "torch.optim.SGD(describe(told").replace("=model.p", "=3), model.p")
    found = analysed(tmp_path, {"train.py": shown, "nets.py": net, "config.yaml": config})
    assert values(found, "optimizer") == ["SGD"]


CHOSEN = """
import argparse, importlib, os, sys
import torch
class Config:
    @staticmethod
    def fromfile(path):
        folder, name = os.path.split(path)
        sys.path.insert(0, folder)
        module = importlib.import_module(os.path.splitext(name)[0])
        return {key: value for key, value in module.__dict__.items() if not key.startswith("__")}
parser = argparse.ArgumentParser()
parser.add_argument("config", help="path to config file")
config = Config.fromfile(parser.parse_args().config)
model = torch.nn.Linear(4, 2)
optimizer = torch.optim.Adam(model.parameters(), lr=config["rate"])
for x, y in loader:
    torch.nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
"""


def test_names_of_a_chosen_module_are_settings(tmp_path: Path) -> None:
    files = {
        "train.py": CHOSEN,
        "configs/lanes.py": "dataset = 'CULane'\nrate = 0.1\nbatch_size = 8\n",
        "configs/roads.py": "dataset = 'Cityscapes'\nrate = 0.2\nbatch_size = 4\n",
    }
    found = analysed(tmp_path, files, "configs/lanes.py")
    assert (values(found, "datasets"), values(found, "learning_rate")) == (["CULane"], [0.1])
    assert values(found, "settings.rate") == [0.1]


MODULES = """
import argparse, importlib
import torch
def train(config):
    model = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.rate)
    for epoch in range(config.epochs):
        for x, y in loader:
            torch.nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--config-module", type=str, required=True)
    args = parser.parse_args()
    train(importlib.import_module(args.config_module).Config())
"""
STATED = "class Config:\n    def __init__(self):\n        self.rate = {rate}\n        self.epochs = 7\n"


def test_an_option_takes_the_dotted_name_of_a_module_of_settings(tmp_path: Path) -> None:
    files = {
        "train.py": MODULES,
        "configs/letters/small.py": STATED.format(rate=0.1),
        "configs/letters/large.py": STATED.format(rate=0.01),
    }
    assert names(tmp_path, files) == ["configs/letters/large.py", "configs/letters/small.py"]
    found = analysed(tmp_path, files, "configs/letters/large.py")
    assert (values(found, "learning_rate"), values(found, "epochs")) == ([0.01], [7])


@pytest.mark.parametrize(
    ("made", "package"),
    [
        ("'.'.join(['lib.nets', kind, name])", "lib.nets"),
        ("'.'.join(['lib', 'nets', name])", "lib.nets"),
        ("'.'.join([__name__, name])", "."),
        ("f'lib.nets.{name}'", "lib.nets"),
        ("f'lib.nets.of_{name}'", "lib.nets"),
    ],
)
def test_the_package_of_a_name_that_is_made(made: str, package: str) -> None:
    assert package_of(ast.parse(made, mode="eval").body) == package
