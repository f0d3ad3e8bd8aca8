"""Configurations that a script merges over its own, and folders of Hydra that are computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

DEFAULTS = """
from yacs.config import CfgNode as CN
_C = CN()
_C.MODEL = CN(new_allowed=True)
_C.MODEL.WIDTH = 8
_C.TRAIN = CN()
_C.TRAIN.BATCH_SIZE = 4
_C.TRAIN.EPOCHS = 2
_C.TRAIN.LR = 0.1
_C.GPUS = (0,)
"""

TRAIN = """
import argparse
import json
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from defaults import _C

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cfg", required=True, type=str)
    parser.add_argument("--opts", nargs="+", default=None)
    args = parser.parse_args()
    cfg = _C.clone()
    cfg.defrost()
    cfg.merge_from_file(args.cfg)
    cfg.merge_from_list(["MODEL.WIDTH", "12"])
    cfg.freeze()
    notes = json.load(open("notes.json"))
    net = nn.Sequential(nn.Linear(3072, cfg.MODEL.WIDTH), nn.ReLU(), nn.Linear(cfg.MODEL.WIDTH, 10))
    optimizer = optim.SGD(net.parameters(), lr=cfg.TRAIN.LR)
    loader = DataLoader(CIFAR10("data"), batch_size=cfg.TRAIN.BATCH_SIZE * len(cfg.GPUS))
    for epoch in range(cfg.TRAIN.EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()

if __name__ == "__main__":
    main()
"""

YACS = {
    "tools/train.py": TRAIN,
    "tools/defaults.py": DEFAULTS,
    "experiments/base/small.yaml": "TRAIN:\n  LR: 0.01\n  EPOCHS: 30\n",
    "experiments/base/large.yaml": "_BASE_: small.yaml\nGPUS: (0, 1)\nTRAIN:\n  BATCH_SIZE: 16\n",
}


def test_each_file_that_can_be_merged_is_a_model(tmp_path: Path) -> None:
    """A required configuration of yacs, in upper case, though the script reads another file of another kind."""
    assert names(tmp_path, YACS) == ["experiments/base/large.yaml", "experiments/base/small.yaml"]


@pytest.mark.parametrize(
    ("name", "batch", "rate", "epochs"), [("small", [4], [0.01], [30]), ("large", [16], [0.01], [30])]
)
def test_files_are_merged_over_what_code_says(
    tmp_path: Path, name: str, batch: list[object], rate: list[object], epochs: list[object]
) -> None:
    """What the file does not say the code or the file that it is built on says."""
    told = analysed(tmp_path, YACS, f"experiments/base/{name}.yaml")
    assert values(told, "batch_size") == batch
    assert values(told, "learning_rate") == rate
    assert values(told, "epochs") == epochs
    assert values(told, "parameters") == [3072 * 12 + 12 + 120 + 10]


HYDRA = {
    "configs/train.yaml": "defaults:\n  - _self_\n  - model: net\n  - experiment: null\nlr: 0.1\nepochs: 3\n",
    "configs/model/net.yaml": "_target_: src.net.Net\nwidth: 6\n",
    "configs/debug/quick.yaml": "# @package _global_\nepochs: 1\n",
    "configs/experiment/long.yaml": "# @package _global_\ndefaults:\n  - override /model: net\nepochs: 90\n",
    "src/net.py": """
        from torch import nn
        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.body = nn.Linear(4, width)
            def forward(self, x):
                return self.body(x)
    """,
    "src/showing.py": """
        def show(cfg):
            print(cfg)
        if __name__ == "__main__":
            from hydra import compose, initialize
            with initialize(config_path="../configs"):
                show(compose(config_name="train.yaml"))
    """,
    "src/train.py": """
        import hydra
        import rootutils
        from torch import optim
        from src.showing import show
        ROOT = rootutils.setup_root(__file__)
        PARAMS = {"version_base": "1.3", "config_path": str(ROOT / "configs"), "config_name": "train.yaml"}
        @hydra.main(**PARAMS)
        def main(cfg):
            from src.train import fit as run
            run(cfg)
        def fit(cfg):
            net = hydra.utils.instantiate(cfg.model)
            optimizer = optim.SGD(net.parameters(), lr=cfg.lr)
            for epoch in range(cfg.epochs):
                net(batch()).sum().backward()
                optimizer.step()
        if __name__ == "__main__":
            main()
    """,
}


def test_a_computed_folder_of_hydra_is_found(tmp_path: Path) -> None:
    """The default composition and the experiment are models; groups, and a script that only shows them, are not."""
    assert names(tmp_path, HYDRA) == ["configs/experiment/long.yaml", "src/train.py"]
    assert values(analysed(tmp_path, HYDRA, "src/train.py"), "epochs") == [3]
    told = analysed(tmp_path, HYDRA, "configs/experiment/long.yaml")
    assert values(told, "epochs") == [90]
    assert values(told, "learning_rate") == [0.1]
    assert values(told, "model_classes") == ["Net"]


def test_what_is_chosen_by_its_name_is_a_model_where_the_default_of_hydra_stands_nowhere(tmp_path: Path) -> None:
    """The only one is what the script runs with."""
    chosen = "defaults:\n  - model: net\n  - _self_\nlr: 0.02\nepochs: 7\n"
    files = {name: text for name, text in HYDRA.items() if name not in ("configs/train.yaml", "src/showing.py")}
    files["src/train.py"] = files["src/train.py"].replace("from src.showing import show", "")
    del files["configs/experiment/long.yaml"]
    files["configs/first.yaml"] = chosen
    alone = analysed(tmp_path / "one", files, "src/train.py")
    assert (values(alone, "learning_rate"), values(alone, "epochs")) == ([0.02], [7])
    files["configs/second.yaml"] = chosen.replace("0.02", "0.04")
    assert names(tmp_path / "two", files) == ["configs/first.yaml", "configs/second.yaml"]
    assert values(analysed(tmp_path / "two", files, "configs/second.yaml"), "learning_rate") == [0.04]


YACS_COPIED = """
import argparse, imp, os, torch
from lib.yacs import CfgNode as CN
from pycocotools.coco import COCO
cfg = CN()
cfg.task = "first"
cfg.file = "data/coco/annotations/instances_train2017.json"
cfg.train = CN()
cfg.train.lr = 0.1
cfg.train.epoch = 3
parser = argparse.ArgumentParser()
parser.add_argument("--cfg_file", default="configs/default.yaml")
cfg.merge_from_file(parser.parse_args().cfg_file)
module = ".".join(["lib.networks", cfg.task])
path = os.path.join("lib/networks", cfg.task, "__init__.py")
net = imp.load_source(module, path).get_network(cfg)
data = torch.utils.data.DataLoader(COCO(cfg.file), batch_size=4)
optimizer = torch.optim.SGD(net.parameters(), lr=cfg.train.lr)
for epoch in range(cfg.train.epoch):
    for x in data:
        net(x).backward()
        optimizer.step()
"""
NETWORK = """
from torch import nn
class {0}(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)
    def forward(self, x):
        return self.layer(x)
def get_network(cfg):
    return {0}()
"""


def test_a_copy_of_yacs_is_yacs_and_a_module_may_be_loaded_by_a_made_path(tmp_path: Path) -> None:
    files = {"train.py": YACS_COPIED, "lib/__init__.py": "", "lib/networks/__init__.py": ""}
    files["lib/yacs.py"] = (
        "class CfgNode(dict):\n    def merge_from_file(self, file):\n        self.update(load(file))\n"
    )
    files |= {f"lib/networks/{each.lower()}/__init__.py": NETWORK.format(each) for each in ("First", "Second")}
    files["configs/default.yaml"] = "task: first\n"
    files["configs/b.yaml"] = "task: second\nfile: data/sheep/annotations/all.json\ntrain:\n  epoch: 9\n"
    plain, other = (analysed(tmp_path, files, path) for path in ("train.py", "configs/b.yaml"))
    assert [values(found, "model_classes") for found in (plain, other)] == [["First"], ["Second"]]
    assert [values(found, "epochs") for found in (plain, other)] == [[3], [9]]
    assert [values(found, "datasets") for found in (plain, other)] == [["COCO"], []]


def test_a_configuration_stays_itself_as_plain_objects(tmp_path: Path) -> None:
    code = """
import torch
from omegaconf import OmegaConf
cfg = OmegaConf.to_object(OmegaConf.load("train.yaml"))
net = torch.nn.Linear(4, 4)
optimizer = torch.optim.Adam(net.parameters(), lr=cfg["optim"]["lr"])
for epoch in range(cfg["epochs"]):
    net(torch.ones(1, 4)).sum().backward()
    optimizer.step()
"""
    found = analysed(tmp_path, {"run.py": code, "train.yaml": "epochs: 7\noptim:\n  lr: 0.02\n"}, "run.py")
    assert values(found, "learning_rate") == [0.02] and values(found, "epochs") == [7]


MERGED = """
from easydict import EasyDict as edict
import yaml

__C = edict()
cfg = __C
__C.SIDE = 64
__C.TRAIN = edict()
__C.TRAIN.BATCH_SIZE = 64
__C.TRAIN.EPOCHS = 9
__C.TRAIN.LR = 0.1

def _merge_a_into_b(a, b):
    if type(a) is not edict:
        return
    for k, v in a.iteritems():
        if not b.has_key(k):
            raise KeyError(k)
        if type(v) is edict:
            _merge_a_into_b(a[k], b[k])
        else:
            b[k] = v

def cfg_from_file(filename):
    with open(filename) as f:
        yaml_cfg = edict(yaml.load(f))
    _merge_a_into_b(yaml_cfg, __C)
"""
OF_MERGED = """
import argparse
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from config import cfg, cfg_from_file

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cfg", dest="cfg_file", default=None, type=str)
    args = parser.parse_args()
    if args.cfg_file is not None:
        cfg_from_file(args.cfg_file)
    net = nn.Sequential(nn.Linear(3072, cfg.SIDE), nn.ReLU(), nn.Linear(cfg.SIDE, 10))
    opt = torch.optim.SGD(net.parameters(), lr=cfg.TRAIN.LR)
    for epoch in range(cfg.TRAIN.EPOCHS):
        for x, y in DataLoader(CIFAR10("data"), batch_size=cfg.TRAIN.BATCH_SIZE):
            loss = nn.functional.cross_entropy(net(x), y)
            loss.backward()
            opt.step()
"""


def test_a_file_merged_by_a_function_of_python_2(tmp_path: Path) -> None:
    files = {
        "config.py": MERGED,
        "train.py": OF_MERGED,
        "cfg/birds.yml": "TRAIN:\n  BATCH_SIZE: 24\n  EPOCHS: 600\n",
        "cfg/dogs.yml": "TRAIN:\n  BATCH_SIZE: 8\n",
    }
    birds = analysed(tmp_path, files, "cfg/birds.yml")
    told = {name: values(birds, name) for name in ("batch_size", "epochs", "learning_rate")}
    assert told == {"batch_size": [24], "epochs": [600], "learning_rate": [0.1]}
    assert values(analysed(tmp_path, files, "cfg/dogs.yml"), "epochs") == [9]


IN_PYTHON = {
    "defaults.py": "from yacs.config import CfgNode as CN\n_C = CN()\n_C.NET = CN()\n_C.NET.SIDES = (8, 2)\n"
    "_C.TRAIN = CN()\n_C.TRAIN.LR = 0.1\ndef get():\n    return _C.clone()\n",
    "train.py": """
        import argparse
        import torch
        from torch import nn
        from yacs.config import CfgNode as CN
        from defaults import get
        def lower(section):
            if not isinstance(section, CN):
                return section
            return {name.lower(): lower(value) for name, value in section.items()}
        def build(net):
            if net["sides"] == (8, 2):
                return nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3))
            elif net["sides"] == (16, 4):
                return nn.LSTM(3, 8)
        p = argparse.ArgumentParser()
        p.add_argument("data_cfg_path", help="data config path")
        p.add_argument("main_cfg_path", help="main config path")
        args = p.parse_args()
        cfg = get()
        cfg.merge_from_file(args.main_cfg_path)
        cfg.merge_from_file(args.data_cfg_path)
        model = build(lower(cfg)["net"])
        optimizer = torch.optim.SGD(model.parameters(), lr=cfg.TRAIN.LR)
        for epoch in range(3):
            for x, y in loader:
                optimizer.zero_grad()
                nn.functional.mse_loss(model(x), y).backward()
                optimizer.step()
        """,
    "configs/data/small.py": "from defaults import _C as cfg\ncfg.DATA = 'small'\n",
    "configs/fast.py": "from defaults import _C as cfg\ncfg.TRAIN.LR = 0.4\n",
    "configs/slow.py": "from defaults import _C as cfg\ncfg.TRAIN.LR = 0.01\ncfg.NET.SIDES = (16, 4)\n",
}


def test_files_of_python_that_are_merged_over_sections(tmp_path: Path) -> None:
    assert names(tmp_path, IN_PYTHON) == ["configs/fast.py", "configs/slow.py"]
    fast = analysed(tmp_path, IN_PYTHON, "configs/fast.py")
    assert values(fast, "learning_rate") == [0.4]
    assert values(fast, "architecture") == ["CNN"]
    slow = analysed(tmp_path, IN_PYTHON, "configs/slow.py")
    assert values(slow, "learning_rate") == [0.01]
    assert values(slow, "architecture") == ["LSTM", "RNN"]
