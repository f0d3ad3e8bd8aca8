"""Classes that a configuration names as a module and a name, of a tree of settings that is copied level by level."""

from __future__ import annotations

import json
from pathlib import Path

from tests.core.analysis.writing import analysed, candidates, values

LAUNCHER = """
import argparse
import json
from maker import copied, made

parser = argparse.ArgumentParser()
parser.add_argument("--config", default="config/small.json")
with open(parser.parse_args().config) as file:
    told = copied(json.load(file))
net = made(told["parts"]["nets"][0])
runner = made(told["parts"]["runner"], net=net)
runner.train()
"""
MAKER = """
import importlib
from functools import partial
from types import FunctionType

def copied(given):
    if isinstance(given, dict):
        whole = {}
        for name, entry in given.items():
            whole[name] = copied(entry)
        return whole
    elif isinstance(given, list):
        return [copied(entry) for entry in given]
    return given

def made(entry, **more):
    module, name = entry["name"][0], entry["name"][1]
    found = getattr(importlib.import_module(module), name)
    given = entry.get("args", {})
    given.update(more)
    if isinstance(found, type):
        thing = found(**given)
    elif isinstance(found, FunctionType):
        thing = partial(found, **given)
    return thing
"""
NETS = """
import torch

class Mixed(torch.nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.lines = torch.nn.Linear(sizes["first"], sizes["last"])
        self.drop = torch.nn.Dropout(sizes["drop"])

    def forward(self, x):
        return torch.nn.functional.mse_loss(self.drop(self.lines(x)), x)
"""
RUNNERS = """
import torch

class Runner:
    def __init__(self, net, optimizers):
        self.net = net
        self.optimizer = torch.optim.Adam(net.parameters(), **optimizers[0])

    def train(self):
        for x in loader:
            loss = self.net(x)
            loss.backward()
            self.optimizer.step()
"""


def _config(rate: float) -> str:
    sizes = {**{f"size_{number}": number for number in range(12)}, "first": 8, "last": 8, "drop": 0.15}
    net = {"name": ["nets.mixed", "Mixed"], "args": {"sizes": sizes}}
    runner = {"name": ["nets.runners", "Runner"], "args": {"optimizers": [{"lr": rate, "weight_decay": 0}]}}
    beside = {f"entry_{number}": number for number in range(9)}
    parts = {"nets": [net], "runner": runner, **beside}
    return json.dumps({**beside, "parts": parts, "train": {"epochs": 3}}, indent=1)


FILES = {
    "run.py": LAUNCHER, "maker.py": MAKER, "nets/__init__.py": "", "nets/mixed.py": NETS, "nets/runners.py": RUNNERS,
    "config/small.json": _config(0.001), "config/large.json": _config(0.004),
}  # fmt: skip


def test_a_class_is_named_by_its_module_and_its_name(tmp_path: Path) -> None:
    found = [str(Path(each.path).relative_to(tmp_path)) for each in candidates(tmp_path, FILES)]
    assert found == ["config/large.json", "run.py"]
    told = analysed(tmp_path, FILES, "config/large.json")
    assert values(told, "model_classes") == ["Mixed"]
    assert values(told, "loss") == ["mse_loss"]  # which the class, made and not put off, only holds
    assert values(told, "learning_rate") == [0.004]


def test_what_is_copied_level_by_level_is_copied_whole(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, FILES, "run.py"), "dropout") == [0.15]
