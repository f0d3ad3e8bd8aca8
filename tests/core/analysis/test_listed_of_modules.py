"""Classes that code finds in what a module has, and settings that are laid over others one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.test_importing_by_name import NETS, TRAINED
from tests.core.analysis.writing import analysed, values

OTHER = NETS.replace("SmallNet", "WideNet").replace("nn.Linear(8, 2)", "nn.Conv2d(3, 8, 3)")
BASE = "from torch import nn\nclass Base(nn.Module):\n    pass\n"
HEIR = "import os\nimport torch\nfrom nets.base import Base\n" + NETS.replace("(nn.Module)", "(Base)")


@pytest.mark.parametrize(
    "listed",
    [
        "known.extend([getattr(small, name) for name in dir(small) if 'Net' in name])",
        "known.extend([each for _, each in inspect.getmembers(small, inspect.isclass)])",
        "known += [getattr(small, name) for name in dir(small) if isinstance(getattr(small, name), type)]",
    ],
)
def test_a_class_is_picked_of_all_that_a_module_has(tmp_path: Path, listed: str) -> None:
    train = f"""
import argparse
import inspect
import small
known = []
{listed}
parser = argparse.ArgumentParser()
parser.add_argument("--net", default="WideNet")
net = {{each.__name__: each for each in known}}[parser.parse_args().net]()
"""
    found = analysed(tmp_path, {"train.py": train + TRAINED, "small.py": NETS + OTHER.partition("nn\n")[2]})
    assert values(found, "model_classes") == ["WideNet"]


PICKING = """
def class_in(path, base):
    import inspect
    module = __import__(path, fromlist=[""])
    classes = inspect.getmembers(module, inspect.isclass)
    classes = [each for each in classes if each[1].__module__ == path]
    classes = [each for each in classes if issubclass(each[1], base)]
    assert len(classes) == 1
    return classes[0][1]
"""
ASKING = """
from nets.base import Base
from nets.tools import class_in
def net_of(name):
    return class_in(f"{__name__}.wide.{name}", Base)
"""


def test_the_one_heir_in_a_module_is_found(tmp_path: Path) -> None:
    files = {
        "train.py": "from nets import net_of\nnet = net_of('small')()\n" + TRAINED,
        "nets/tools.py": PICKING,
        "nets/__init__.py": ASKING,
        "nets/base.py": BASE,
        "nets/wide/__init__.py": "",
        "nets/wide/small.py": HEIR,
        "later/inspect.py": "from nets.base import Base\n",  # is not Python's own
    }
    assert values(analysed(tmp_path, files), "model_classes") == ["SmallNet"]


LAYING = """
import argparse, json
import torch
from small import SmallNet, WideNet
class Settings:
    def __init__(self, args):
        self.root = json.load(open(args.settings))
        for key, value in args.__dict__.items():
            if not self.has(*key.split(":")):
                self.add(key.split(":"), value)
            elif value is not None:
                self.update(key.split(":"), value)
    def get(self, *key):
        return self.root[key[0]] if len(key) == 1 else self.root[key[0]][key[1]]
    def has(self, *key):
        if len(key) == 1 and key[0] in self.root:
            return True
        if len(key) == 2 and (key[0] in self.root and key[1] in self.root[key[0]]):
            return True
        return False
    def add(self, key, value):
        if len(key) == 1:
            self.root[key[0]] = value
        else:
            if key[0] not in self.root:
                self.root[key[0]] = dict()
            self.root[key[0]][key[1]] = value
    def update(self, key, value):
        if len(key) == 1 and not isinstance(self.root[key[0]], dict):
            self.root[key[0]] = value
        elif len(key) == 2:
            self.root[key[0]][key[1]] = value
parser = argparse.ArgumentParser()
parser.add_argument("--settings", default="wide.json")
parser.add_argument("--net", default="wide", dest="network:name")
"""


def test_many_options_are_laid_over_sections_one_by_one(tmp_path: Path) -> None:
    options = "".join(f'parser.add_argument("--of_{n}", default={n}, dest="data:of_{n}")\n' for n in range(60))
    options += 'parser.add_argument("--net_width", default=8, dest="network:width")\n'
    made = """settings = Settings(parser.parse_args())
net = {"small": SmallNet, "wide": WideNet}[settings.get("network", "name")]()
"""
    text = '{"network": {"width": 4}, "train": {"lr": 0.1, "batch_size": 4, "epochs": 3}}'
    small = NETS + OTHER.partition("nn\n")[2]
    readme = "```\npython train.py --settings wide.json\n```\n"
    files = {"train.py": LAYING + options + made + TRAINED, "small.py": small, "wide.json": text, "README.md": readme}
    assert values(analysed(tmp_path, files), "model_classes") == ["WideNet"]
