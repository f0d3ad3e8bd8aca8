"""Configurations whose names a script puts together of its options."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from core.analysis.config_paths import chosen_by_name
from tests.core.analysis.writing import analysed, candidates, values

RUN = """
import argparse
import os
import torch
import yaml
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets

parser = argparse.ArgumentParser()
parser.add_argument("--dataset", default="MNIST")
args = parser.parse_args()
with open({path}) as file:
    settings = yaml.safe_load(file)
net = nn.Linear(784, 10)
optimizer = torch.optim.SGD(net.parameters(), lr=settings["lr"])
data = getattr(datasets, args.dataset)("data")
for epoch in range(settings["epochs"]):
    for x, y in DataLoader(data, batch_size=settings["batch"]):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
"""

PATHS = [
    'f"configs/{args.dataset}.yaml"',
    '"./configs/" + args.dataset + ".yaml"',
    '"configs/{}.yaml".format(args.dataset)',
    'os.path.join("configs", args.dataset + ".yaml")',
    'os.path.join(os.path.dirname(__file__), "configs", f"{args.dataset}.yaml")',
]
CONFIGS = {
    "configs/MNIST.yaml": "lr: 0.02\nepochs: 3\nbatch: 16\n",
    "configs/CIFAR10.yaml": "lr: 0.05\nepochs: 9\nbatch: 32\n",
}
NAMED = {"configs/a.yaml": CONFIGS["configs/MNIST.yaml"], "configs/b.yaml": CONFIGS["configs/CIFAR10.yaml"]}


@pytest.mark.parametrize("path", PATHS)
def test_the_one_that_the_default_names_and_the_others(tmp_path: Path, path: str) -> None:
    files = {"train.py": RUN.format(path=path), **CONFIGS}
    found = [each.path.removeprefix(f"{tmp_path}/") for each in candidates(tmp_path, files)]
    assert found == ["configs/CIFAR10.yaml", "train.py"]
    told = [
        [values(analysed(tmp_path, files, name), field) for field in ("datasets", "learning_rate", "epochs")]
        for name in found
    ]
    assert told == [[["CIFAR-10"], [0.05], [9]], [["MNIST"], [0.02], [3]]]


def test_where_no_option_names_one_all_may_be_read(tmp_path: Path) -> None:
    files = {"train.py": "NAME = 'a'\n" + RUN.format(path='"./configs/{}.yaml".format(NAME)'), **NAMED}
    assert [each.path.removeprefix(f"{tmp_path}/") for each in candidates(tmp_path, files)] == ["train.py"]
    assert values(analysed(tmp_path, files), "epochs") == [3]


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ('f"configs/{a}_{b}.json"', "configs/*_*.json"),
        ('ROOT / "conf" / f"{a}.toml"', "conf/*.toml"),
        ('f"{a}.yaml"', ""),
        ('f"../{a}/b.yaml"', ""),
        ('f"logs/{a}.txt"', ""),
        ('"configs/a.yaml"', ""),
    ],
)
def test_what_is_told_of_a_path(code: str, path: str) -> None:
    assert chosen_by_name(ast.parse(code, mode="eval").body) == path


MADE = """
import argparse
import json
import factory
parser = argparse.ArgumentParser()
parser.add_argument("--config", default="None")
config = json.load(open(parser.parse_args().config))
net = factory.create("nets." + config["net"])()
factory.create("trainers." + config["trainer"])(net, config["lr"]).train()
"""
MADE_OF = {
    "factory.py": (
        "import importlib\ndef create(name):\n    module, cls = name.rsplit('.', 1)\n"
        "    return getattr(importlib.import_module(module), cls)\n"
    ),
    "nets/__init__.py": "",
    "nets/small.py": (
        "from torch import nn\nclass Small(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.layer = nn.Linear(784, 10)\n    def forward(self, x):\n        return self.layer(x)\n"
    ),
    "trainers/__init__.py": "",
    "trainers/plain.py": (
        "import torch\nclass Plain:\n    def __init__(self, net, lr):\n        self.net = net\n"
        "        self.optimizer = torch.optim.SGD(net.parameters(), lr=lr)\n    def train(self):\n"
        "        for x, y in data:\n            torch.nn.functional.cross_entropy(self.net(x), y).backward()\n"
        "            self.optimizer.step()\n"
    ),
    "configs/a.json": '{"net": "small.Small", "trainer": "plain.Plain", "lr": 0.07, "epochs": 3}',
}


def test_what_is_made_of_a_name_below_a_package(tmp_path: Path) -> None:
    facts = analysed(tmp_path, {"from_config.py": MADE, **MADE_OF}, "from_config.py")
    assert (values(facts, "model_classes"), values(facts, "learning_rate")) == (["Small"], [0.07])


LAUNCH = """
import argparse
import importlib
import yaml
parser = argparse.ArgumentParser()
parser.add_argument("--fname", help="name of config file to load", default="configs.yaml")
params = yaml.safe_load(open(parser.parse_args().fname))
importlib.import_module(f"app.{params['app']}.train").main(args=params)
"""
TRAIN = """
import torch
def main(args):
    net = torch.nn.Linear(784, 10)
    optimizer = torch.optim.SGD(net.parameters(), lr=args["lr"])
    for epoch in range(args["epochs"]):
        for x, y in data:
            torch.nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
"""


def test_a_training_named_in_a_configuration_stands_in_a_folder_without_init(tmp_path: Path) -> None:
    submit = LAUNCH.replace("import yaml", "import submitit\nimport yaml")
    files = {f"configs/{name}.yaml": f"app: one\nlr: 0.{name}\nepochs: 3\n" for name in "12"}
    files |= {"app/main.py": LAUNCH, "app/main_distributed.py": submit, "app/one/train.py": TRAIN}
    found = [each.path.removeprefix(f"{tmp_path}/") for each in candidates(tmp_path, files)]
    assert found == ["configs/1.yaml", "configs/2.yaml"]
    assert values(analysed(tmp_path, files, "configs/2.yaml"), "learning_rate") == [0.2]
