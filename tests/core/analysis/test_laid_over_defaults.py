"""Defaults that a script reads by their own path, and the configuration that is chosen and laid over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, candidates, values

TRAIN = """
net = torch.nn.Linear(784, 10)
optimizer = torch.optim.SGD(net.parameters(), lr=settings["lr"])
for epoch in range(settings["epochs"]):
    for x, y in torch.utils.data.DataLoader(data, batch_size=settings["batch"]):
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
"""
OPTION = """
import argparse, os, torch, yaml
def load(path):
    with open(path) as file:
        return yaml.safe_load(file)
parser = argparse.ArgumentParser()
parser.add_argument("--config", {asked})
settings = load(os.path.join(os.path.dirname(__file__), "configs/default.yaml"))
settings.update(load(parser.parse_args().config))
"""
FILES = {
    "configs/default.yaml": "lr: 0.1\nepochs: 10\nbatch: 8\nmodel: a\n",
    "configs/a.yaml": "lr: 0.2\nepochs: 20\nmodel: a\n",
    "configs/b.yaml": "lr: 0.3\nepochs: 20\nmodel: b\n",
}


@pytest.mark.parametrize("asked", ["required=True", 'default="configs/b.yaml"'])
def test_a_chosen_configuration_leaves_the_defaults_that_are_read_first(tmp_path: Path, asked: str) -> None:
    facts = analysed(tmp_path, {"train.py": OPTION.format(asked=asked) + TRAIN, **FILES}, "configs/a.yaml")
    assert [values(facts, field) for field in ("learning_rate", "epochs", "batch_size")] == [[0.2], [20], [8]]


BY_HAND = """
import os, sys, torch, yaml
from collections.abc import Mapping
from copy import deepcopy
def chosen(words, option, folder):
    name = None
    for place, word in enumerate(words):
        if word.split("=")[0] == option:
            name = word.split("=")[1]
            break
    if name is not None:
        with open(os.path.join(os.path.dirname(__file__), "config", folder, "{}.yaml".format(name))) as file:
            return yaml.safe_load(file)
def laid_over(below, above):
    for key, value in above.items():
        if isinstance(value, Mapping):
            below[key] = laid_over(below.get(key, {}), value)
        else:
            below[key] = value
    return below
words = deepcopy(sys.argv)
with open(os.path.join(os.path.dirname(__file__), "config", "default.yaml")) as file:
    settings = yaml.safe_load(file)
settings = laid_over(settings, chosen(words, "--world", "worlds"))
settings = laid_over(settings, chosen(words, "--config", "methods"))
settings = {key: value for key, value in settings.items()}
"""
METHODS = {
    "config/default.yaml": "lr: 0.1\nepochs: 10\nbatch: 8\n" + "".join(f"other{n}: {n}\n" for n in range(60)),
    "config/worlds/flat.yaml": "gravity: 0\n",
    "config/worlds/round.yaml": "gravity: 1\n",
    "config/methods/first.yaml": "lr: 0.2\nbatch: 16\n",
    "config/methods/second.yaml": "lr: 0.3\nbatch: 32\n",
}


def test_a_command_line_read_by_hand_leads_to_the_chosen_configuration(tmp_path: Path) -> None:
    files = {"main.py": BY_HAND + TRAIN, **METHODS}
    found = [each.path.removeprefix(f"{tmp_path}/") for each in candidates(tmp_path, files)]
    assert found == ["config/methods/first.yaml", "config/methods/second.yaml"]
    facts = analysed(tmp_path, files, "config/methods/second.yaml")
    assert [values(facts, field) for field in ("learning_rate", "epochs", "batch_size")] == [[0.3], [10], [32]]


ATTRIBUTES = {
    "type": "settings = type('Args', (object,), given)\n",
    "own class": (
        "class Config(object):\n    def __init__(self, given):\n        self._C = CfgNode(given)\n"
        "    def __getattr__(self, name):\n        return self._C.__getattr__(name)\n"
        "settings = Config(given)\n"
    ),
}


@pytest.mark.parametrize("made", list(ATTRIBUTES))
def test_settings_whose_attributes_are_those_of_a_dict(tmp_path: Path, made: str) -> None:
    head = "import json, torch\nfrom yacs.config import CfgNode\ngiven = json.load(open('configs/a.json'))\n"
    asked = TRAIN.replace('["', ".").replace('"]', "")
    files = {"train.py": head + ATTRIBUTES[made] + asked, "configs/a.json": '{"lr": 0.2, "epochs": 20, "batch": 8}'}
    facts = analysed(tmp_path, files)
    assert [values(facts, field) for field in ("learning_rate", "epochs", "batch_size")] == [[0.2], [20], [8]]


METHODS_BY_NAME = """
import torch
def chosen(name):
    return globals()[name]
class Plain(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(4, 2)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.2)
    def update(self, x, y):
        torch.nn.functional.cross_entropy(self.net(x), y).backward()
        self.optimizer.step()
class Other(Plain):
    pass
"""


def test_a_method_of_training_is_chosen_among_those_that_a_module_defines(tmp_path: Path) -> None:
    run = "import methods\nif __name__ == '__main__':\n    method = methods.chosen('Plain')()\n"
    run += "    for epoch in range(3):\n        for x, y in data:\n            method.update(x, y)\n"
    files = {"train.py": run, "methods.py": METHODS_BY_NAME}
    assert [each.path.removeprefix(f"{tmp_path}/") for each in candidates(tmp_path, files)] == ["train.py"]
    assert values(analysed(tmp_path, files), "model_classes") == ["Plain"]


def test_paths_of_many_holes_are_not_tried_on_long_names(tmp_path: Path) -> None:
    holes = "-".join(["{torch}"] * 12)
    code = OPTION.format(asked="required=True").replace('"configs/default.yaml"', f'f"{holes}.json"')
    chosen = "configs/" + "a-" * 100 + ".yaml"
    files = {"train.py": code + TRAIN, **FILES, chosen: FILES["configs/a.yaml"]}
    assert values(analysed(tmp_path, files, chosen), "learning_rate") == [0.2]
