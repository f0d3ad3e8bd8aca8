"""Configurations built on others, and parts that are given one whole: `Net(cfg)` of detectron2's kind."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

CONFIG = """
import functools
from yacs.config import CfgNode
def get_cfg():
    cfg = CfgNode()
    cfg.MODEL = CfgNode()
    cfg.MODEL.WIDTH = 8
    cfg.SOLVER = CfgNode()
    cfg.SOLVER.LR = 0.1
    cfg.SOLVER.BATCH = 4
    cfg.DATASETS = CfgNode()
    cfg.DATASETS.NAMES = ("Market1501",)
    return cfg
def configurable(init_func=None, *, from_config=None):
    if init_func is not None:
        @functools.wraps(init_func)
        def wrapped(self, *args, **kwargs):
            init_func(self, **type(self).from_config(*args, **kwargs))
        return wrapped
    def wrapper(orig_func):
        @functools.wraps(orig_func)
        def wrapped(*args, **kwargs):
            return orig_func(**from_config(*args, **kwargs))
        return wrapped
    return wrapper
"""
ENGINE = """
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from config import configurable
from data.datasets import REGISTRY
def _told(cfg):
    items = [REGISTRY.get(name)(root="x") for name in cfg.DATASETS.NAMES]
    return {"items": items, "size": cfg.SOLVER.BATCH}
@configurable(from_config=_told)
def build_loader(items, *, size):
    return DataLoader(items, batch_size=size, shuffle=True)
class Net(nn.Module):
    @configurable
    def __init__(self, *, width):
        super().__init__()
        self.layer = nn.Linear(3, width)
    @classmethod
    def from_config(cls, cfg):
        return {"width": cfg.MODEL.WIDTH}
    def forward(self, x):
        return self.layer(x)
class Checkpointer:
    def step(self, epoch):
        pass
class Trainer:
    def __init__(self, cfg):
        self.net, self.loader = Net(cfg), build_loader(cfg)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=cfg.SOLVER.LR)
        self.saver = Checkpointer()
    def train(self):
        for epoch in range(9):
            self.saver.step(epoch)
            for x, y in self.loader:
                F.cross_entropy(self.net(x), y).backward()
                self.optimizer.step()
for name in ["net", "loader"]:
    setattr(Trainer, name + "_kept", property(lambda self, name=name: getattr(self, name)))
"""
RUN = """
import argparse
from config import get_cfg
from engine import Trainer
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--config-file", default="", metavar="FILE")
    args = parser.parse_args()
    cfg = get_cfg()
    cfg.merge_from_file(args.config_file)
    Trainer(cfg).train()
"""
REGISTRY = """
class Registry:
    def __init__(self):
        self._kept = {}
    def register(self):
        def deco(cls):
            self._kept[cls.__name__] = cls
            return cls
        return deco
    def get(self, name):
        return self._kept.get(name)
REGISTRY = Registry()
from .veri import VeRi
from .market1501 import Market1501
"""
DATA = """
from . import REGISTRY
@REGISTRY.register()
class {name}:
    def __init__(self, root):
        self.train = []
"""
FILES = {
    "config.py": CONFIG,
    "engine.py": ENGINE,
    "tools/train_net.py": "import sys\nsys.path.append('.')\n" + RUN,
    "data/__init__.py": "",
    "data/datasets/__init__.py": REGISTRY,
    "data/datasets/veri.py": DATA.format(name="VeRi"),
    "data/datasets/market1501.py": DATA.format(name="Market1501"),
    "configs/Base-small.yml": "MODEL: {WIDTH: 16}\nSOLVER: {LR: 0.02, BATCH: 64}\n",
    "configs/VeRi/small.yml": '_BASE_: ../Base-small.yml\nDATASETS:\n  NAMES: ("VeRi",)\n',
    "configs/Market/small.yml": "_BASE_: ../Base-small.yml\n",
}


def test_bases_are_no_models_and_what_is_built_on_them_is(tmp_path: Path) -> None:
    assert names(tmp_path, FILES) == ["configs/Market/small.yml", "configs/VeRi/small.yml"]


def test_parts_that_are_given_a_configuration_whole(tmp_path: Path) -> None:
    found = analysed(tmp_path, FILES, "configs/VeRi/small.yml")
    assert (values(found, "learning_rate"), values(found, "batch_size")) == ([0.02], [64])
    assert (values(found, "datasets"), values(found, "environment")) == (["VeRi-776"], [])
    assert [layer.parameters for layer in found.layers][-1:] == [3 * 16 + 16]
    assert values(found, "task") != ["reinforcement learning"]


NAMED = """
_entrypoints = {}
def register_model(fn):
    _entrypoints[fn.__module__.split(".")[-1]] = fn
    return fn
def build_model(cfg):
    if cfg["name"] not in _entrypoints:
        raise ValueError(cfg["name"])
    return _entrypoints[cfg["name"]](cfg)
"""
NET = """
from torch import nn
from parts.registry import register_model
class Wide(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(3, width)
    def forward(self, x):
        return self.layer(x)
@register_model
def get_net(cfg, **kwargs):
    return Wide(cfg["width"])
"""
TRAIN = """
import argparse
import torch
import yaml
import parts
parser = argparse.ArgumentParser()
parser.add_argument("--cfg", required=True)
cfg = yaml.safe_load(open(parser.parse_args().cfg))
net = parts.build_model(cfg)
optimizer = torch.optim.SGD(net.parameters(), lr=cfg["lr"])
for epoch in range(cfg["epochs"]):
    for x, y in loader:
        torch.nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
"""


def test_a_network_that_is_kept_under_the_name_of_its_module(tmp_path: Path) -> None:
    said = "name: {name}\nwidth: {width}\nlr: 0.1\nepochs: 2\n"
    files = {
        "train.py": TRAIN,
        "parts/__init__.py": "from .net_wide import *\nfrom .registry import build_model\n",
        "parts/registry.py": NAMED,
        "parts/net_wide.py": NET,
        "configs/ffhq.yaml": said.format(name="net_wide", width=7),
        "configs/other.yaml": said.format(name="net_wide", width=9),
    }
    found = analysed(tmp_path, files, "configs/ffhq.yaml")
    assert (values(found, "model_classes"), values(found, "datasets")) == (["Wide"], ["FFHQ"])
    assert found.layers[-1].parameters == 3 * 7 + 7


RUNNER = """
import argparse
from mmengine.config import Config
from mmengine.runner import Runner
parser = argparse.ArgumentParser()
parser.add_argument("config", help="train config file path")
cfg = Config.fromfile(parser.parse_args().config)
runner = Runner.from_cfg(cfg)
runner.train()
"""


def test_a_configuration_of_python_is_built_on_others_beside_it(tmp_path: Path) -> None:
    files = {
        "tools/train.py": RUNNER,
        "configs/_base_/rows.py": "train_dataloader = dict(batch_size=128, num_workers=4)\n",
        "configs/net/long.py": "_base_ = ['../_base_/rows.py']\n"
        "optimizer = dict(type='AdamW', lr=2e-4)\noptim_wrapper = dict(type='OptimWrapper', optimizer=optimizer)\n"
        "train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=400)\nmodel = dict(type='Net')\n",
        "configs/net/short.py": "_base_ = 'long.py'\ntrain_cfg = dict(max_epochs=300)\n",
    }
    assert names(tmp_path, files) == ["configs/net/long.py", "configs/net/short.py"]
    found = analysed(tmp_path, files, "configs/net/short.py")
    assert (values(found, "epochs"), values(found, "learning_rate")) == ([300], [2e-4])
    assert (values(found, "optimizer"), values(found, "batch_size")) == (["AdamW"], [128])
