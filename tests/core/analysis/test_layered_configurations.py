"""Configurations laid one over another, and what stands in them: sections of a module's own, loaders in loops."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, candidates, names, values

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


PARTS = """
import torch
from torch import nn
import pytorch_lightning as pl
from torch.utils.data import DataLoader
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(8, width)
    def forward(self, x):
        return self.layer(x)
class Trained(pl.LightningModule):
    def __init__(self, net, rate: float):
        super().__init__()
        self.save_hyperparameters(ignore=["net"])
        self.net = net
    def training_step(self, batch, index):
        return nn.functional.mse_loss(self.net(batch), batch)
    def configure_optimizers(self):
        return torch.optim.AdamW(self.net.parameters(), lr=self.hparams.rate)
class Data(pl.LightningDataModule):
    def __init__(self, train):
        super().__init__()
        self.cfg = train
    def train_dataloader(self):
        return DataLoader(rows, batch_size=self.cfg.batch_size)
"""
SAID = """
seed_everything: 44
model:
  class_path: parts.Trained
  init_args:
    rate: {rate}
    net:
      class_path: parts.Net
      init_args: {{width: 16}}
data:
  class_path: parts.Data
  init_args:
    train: {{batch_size: 12}}
trainer:
  max_steps: 5000
"""
BARE = """
from pytorch_lightning.cli import LightningCLI
if __name__ == "__main__":
    cli = LightningCLI({given}run=False)
    cli.trainer.fit(cli.model, datamodule=cli.datamodule)
"""


def test_a_command_line_whose_classes_a_configuration_names(tmp_path: Path) -> None:
    said = {"configs/a.yaml": SAID.format(rate=5e-4), "configs/b.yaml": SAID.format(rate=1e-4)}
    files = {"train.py": BARE.format(given=""), "parts.py": PARTS, "configs/jobs.yaml": "steps: [build]\n", **said}
    assert names(tmp_path, files) == ["configs/a.yaml", "configs/b.yaml"]
    found = analysed(tmp_path, files, "configs/b.yaml")
    assert (values(found, "learning_rate"), values(found, "batch_size")) == ([1e-4], [12])
    assert (values(found, "steps"), values(found, "seed")) == ([5000], [44])
    assert values(found, "model_classes") == ["Net"]


def test_a_configuration_belongs_to_the_script_whose_folder_it_is_named_for(tmp_path: Path) -> None:
    script = "from parts import Data, Trained\n" + BARE.format(given="Trained, Data, ")
    said = {f"configs/{name}_big.yaml": "model: {rate: 0.1}\ntrainer: {max_epochs: 3}\n" for name in ("tune", "warm")}
    files = {"parts.py": PARTS, "src/warm/train.py": script, "src/tune/train.py": script, **said}
    found = candidates(tmp_path, files)
    pairs = [(Path(each.path).name, Path(each.script or "").parent.name) for each in found]
    assert pairs == [("tune_big.yaml", "tune"), ("warm_big.yaml", "warm")]


TABLE = """
import argparse
import torch
import yaml
from kinds import one, two
kinds = {"one": one, "two": two}
parser = argparse.ArgumentParser()
parser.add_argument("config", type=str, help="Path to config file.")
cfg = yaml.safe_load(open(parser.parse_args().config))
net = kinds[cfg["kind"]].setup.net_of(cfg)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
trainer = kinds[cfg["kind"]].setup.trainer_of(net, optimizer)
while True:
    for batch in loader:
        trainer.train_step(batch)
"""
SETUP = """
from torch import nn
from kinds.{kind} import training
def net_of(cfg):
    return nn.Linear(4, cfg["width"])
def trainer_of(net, optimizer):
    return training.Trainer(net, optimizer)
"""
STEPPING = """
import torch.nn.functional as F
class Trainer:
    def __init__(self, net, optimizer):
        self.net, self.optimizer = net, optimizer
    def train_step(self, batch):
        F.{loss}(self.net(batch), batch).backward()
        self.optimizer.step()
"""


def test_a_table_of_packages_whose_modules_are_spoken_of(tmp_path: Path) -> None:
    files = {"train.py": TABLE, "configs/a.yaml": "training: {kind: one}\n"}
    for kind, loss in (("one", "mse_loss"), ("two", "l1_loss")):
        files[f"kinds/{kind}/__init__.py"] = f"from kinds.{kind} import setup, training\n"
        files[f"kinds/{kind}/setup.py"] = SETUP.format(kind=kind)
        files[f"kinds/{kind}/training.py"] = STEPPING.format(loss=loss)
        files[f"configs/sampling_{kind}.yaml"] = f"kind: {kind}\nwidth: 3\ntraining: {{out: a}}\n"
    files["configs/demo.yaml"] = "kind: one\nmodel: b\n"
    found = names(tmp_path, files)
    assert found == ["configs/a.yaml", "configs/sampling_one.yaml", "configs/sampling_two.yaml"]
    assert values(analysed(tmp_path, files, "configs/sampling_two.yaml"), "loss") == ["l1_loss"]


CHAINED = """
import argparse, importlib, os
import yaml
hparams = {}
def lay(old, new):
    for key, value in new.items():
        if isinstance(value, dict) and key in old:
            lay(old[key], value)
        else:
            old[key] = value
def load():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=str, default="", help="path to config file")
    args = parser.parse_args()
    seen = set()
    def read(path):
        with open(path) as file:
            own = yaml.safe_load(file)
        seen.add(path)
        made = {}
        for base in own.get("base_config", []):
            if base.startswith("."):
                base = os.path.normpath(f"{os.path.dirname(path)}/{base}")
            if base not in seen:
                lay(made, read(base))
        lay(made, own)
        return made
    hparams.update(read(args.config))
"""
STARTED = """
import importlib
from common.reading import hparams, load
def run():
    package, _, name = hparams["task_cls"].rpartition(".")
    task_cls = getattr(importlib.import_module(package), name)
    task_cls.launch()
if __name__ == "__main__":
    load()
    run()
"""
PREPARE = """
import importlib
from common.reading import hparams, load
if __name__ == "__main__":
    load()
    package, _, name = hparams["reader_cls"].rpartition(".")
    reader_cls = getattr(importlib.import_module(package), name)
    reader_cls().prepare()
"""
TASK = """
import torch
from common.reading import hparams
class Task:
    @classmethod
    def launch(cls):
        task = cls()
        task.train()
    def train(self):
        model = torch.nn.Linear(4, 2)
        optimizer = torch.optim.AdamW(model.parameters(), lr=hparams["lr"])
        for x, y in torch.utils.data.DataLoader(data, batch_size=hparams["rows"]):
            torch.nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
"""


def test_chains_of_bases_name_what_is_trained(tmp_path: Path) -> None:
    files = {
        "tasks/run.py": STARTED, "tasks/prepare.py": PREPARE, "speech/speak.py": TASK, "common/reading.py": CHAINED,
        "tasks/words.py": "class Reader:\n    def prepare(self):\n        print('ready')\n",
        "egs/bases/all.yaml": "lr: 0.5\nrows: 4\nreader_cls: tasks.words.Reader\n",
        "egs/bases/speak.yaml": "base_config: [./all.yaml]\ntask_cls: speech.speak.Task\nlr: 0.01\n",
        "egs/data/plain.yaml": "base_config: [egs/bases/speak.yaml, egs/bases/all.yaml]\nrows: 16\n",
        "egs/data/large.yaml": "base_config: [./plain.yaml]\nrows: 64\n",
        "README.md": "    python tasks/run.py --config egs/data/plain.yaml\n",
    }  # fmt: skip
    assert names(tmp_path, files) == ["egs/data/large.yaml", "egs/data/plain.yaml"]
    plain, large = (analysed(tmp_path, files, f"egs/data/{name}.yaml") for name in ("plain", "large"))
    assert (values(plain, "learning_rate"), values(plain, "batch_size")) == ([0.01], [16])
    assert (values(large, "optimizer"), values(large, "batch_size")) == (["AdamW"], [64])


LAID_OVER = """
import argparse
import yaml
def load(path):
    with open(path) as file:
        own = yaml.safe_load(file)
    base = own.get("inherit_from")
    made = load(base) if base else {}
    for section, entries in own.items():
        made.setdefault(section, {}).update(entries if isinstance(entries, dict) else {})
    return made
parser = argparse.ArgumentParser()
parser.add_argument("config", type=str, help="path to config file")
cfg = load(parser.parse_args().config)
net = nn.Linear(4, 2)
optimizer = optim.Adam(net.parameters(), lr=cfg["training"]["lr"])
for x, y in loader:
    F.mse_loss(net(x), y).backward()
    optimizer.step()
"""


def test_sections_for_judging_laid_over_a_base_are_no_model(tmp_path: Path) -> None:
    files = {
        "train.py": TORCH + LAID_OVER,
        "configs/faces/wide.yaml": "training:\n  lr: 0.01\ntest:\n  threshold: 0.2\n",
        "configs/faces/deep.yaml": "inherit_from: configs/faces/wide.yaml\ntraining:\n  lr: 0.02\n",
        "configs/faces/wide_ready.yaml": "inherit_from: configs/faces/wide.yaml\ntest:\n  model_file: wide.pt\n",
    }
    found = names(tmp_path, files)
    assert "configs/faces/deep.yaml" in found and "configs/faces/wide_ready.yaml" not in found
