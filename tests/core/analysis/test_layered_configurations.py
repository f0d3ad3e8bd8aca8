"""Configurations laid one over another, and what stands in them: sections of a module's own, loaders in loops."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"

SECTIONS = """
from yacs.config import CfgNode
_C = CfgNode()
cfg = _C
_C.OPTIM = CfgNode()
_C.OPTIM.RATE = 0.1
_C.OPTIM.EPOCHS = 200
def load(path):
    with manager.open(path) as file:
        _C.merge_from_other_cfg(_C.load_cfg(file))
"""

RUN = (
    TORCH
    + """
import argparse
import config
from config import cfg
class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(8, 8, 3, padding=1)
        self.b = nn.Conv2d(8, 8, 3, padding=1)
    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x
class Block(nn.Module):
    def __init__(self, proj):
        super().__init__()
        self.proj = nn.Conv2d(8, 8, 1) if proj else None
        self.f = Inner()
    def forward(self, x):
        x_p = self.proj(x) if self.proj else x
        return F.relu(x_p + self.f(x))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for i in range(3):
            self.add_module("stage{}".format(i), Block(i > 0))
    def forward(self, x):
        for stage in self.children():
            x = stage(x)
        return x
class SoftCrossEntropyLoss(nn.Module):
    def forward(self, x, y):
        return torch.sum(-y * F.log_softmax(x, -1))
parser = argparse.ArgumentParser()
parser.add_argument("--cfg", required=True)
config.load(parser.parse_args().cfg)
net, criterion = Net(), SoftCrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=cfg.OPTIM.RATE)
for epoch in range(cfg.OPTIM.EPOCHS):
    for x, y in loader:
        criterion(net(x), y).backward()
        optimizer.step()
"""
)


def test_a_module_keeps_the_configuration_that_a_file_is_laid_over(tmp_path: Path) -> None:
    files = {
        "run.py": RUN,
        "config.py": SECTIONS,
        "configs/a.yaml": "OPTIM:\n  RATE: 0.4\n",
        "configs/b.yaml": "OPTIM:\n  RATE: 0.2\n  EPOCHS: 90\n",
    }
    assert names(tmp_path, files) == ["configs/a.yaml", "configs/b.yaml"]
    found = analysed(tmp_path, files, "configs/b.yaml")
    assert (values(found, "learning_rate"), values(found, "epochs")) == ([0.2], [90])


def test_blocks_whose_convolutions_are_a_part_of_a_part(tmp_path: Path) -> None:
    files = {"run.py": RUN, "config.py": SECTIONS, "configs/a.yaml": "OPTIM:\n  RATE: 0.4\n"}
    found = analysed(tmp_path, files, "run.py")
    assert "ResNet" in values(found, "architecture")
    assert values(found, "task") == ["image classification"]


LOADERS = (
    TORCH
    + """
import argparse
import ruamel_yaml as yaml
from torch.utils.data import DataLoader
def samplers_of(datasets):
    made = []
    for dataset in datasets:
        made.append(torch.utils.data.DistributedSampler(dataset))
    return made
def loaders_of(datasets, samplers, sizes):
    made = []
    for dataset, sampler, size in zip(datasets, samplers, sizes):
        made.append(DataLoader(dataset, sampler=sampler, batch_size=size))
    return made
parser = argparse.ArgumentParser()
parser.add_argument("--config", default="configs/plain.yaml")
config = yaml.load(open(parser.parse_args().config), Loader=yaml.Loader)
train, test = loaders_of([a, b], samplers_of([a, b]), [config["train_size"], config["test_size"]])
net = nn.Linear(4, 2)
optimizer = optim.Adam(net.parameters(), lr=config["rate"])
for epoch in range(config["epochs"]):
    for x, y in train:
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
"""
)


def test_loaders_made_in_a_loop_over_lists_that_loops_made(tmp_path: Path) -> None:
    files = {"train.py": LOADERS, "configs/plain.yaml": "train_size: 16\ntest_size: 64\nrate: 1e-5\nepochs: 6\n"}
    found = analysed(tmp_path, files, "train.py")
    assert (values(found, "batch_size"), values(found, "learning_rate")) == ([16], [1e-5])
