"""Runs whose loop is a library's: `assets/runners` is followed over the user's configuration and classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, program, values

OPTIONS = """
name: small
model_type: SRModel
manual_seed: 3
datasets:
  train:
    type: PairedImageDataset
    batch_size_per_gpu: 4
network_g:
  type: Small
  width: 8
train:
  optim_g:
    type: AdamW
    lr: 0.002
  total_iter: 1000
  pixel_opt:
    type: L1Loss
"""
ARCH = """
from basicsr.utils.registry import ARCH_REGISTRY
from torch import nn
@ARCH_REGISTRY.register()
class Small(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, width, 3), nn.Conv2d(width, 3, 3))
    def forward(self, x):
        return self.layers(x)
"""
START = (
    "import net.archs\nfrom basicsr.train import train_pipeline\nif __name__ == '__main__':\n    train_pipeline('.')\n"
)


def test_basicsr_runs_a_file_of_options(tmp_path: Path) -> None:
    files = {"net/__init__.py": "", "net/archs.py": ARCH, "net/train.py": START}
    files |= {"options/train/a.yml": OPTIONS, "options/train/b.yml": OPTIONS.replace("0.002", "0.004")}
    assert names(tmp_path, files) == ["options/train/a.yml", "options/train/b.yml"]
    found = analysed(tmp_path, files, "options/train/b.yml")
    assert values(found, "model_classes") == ["Small"]
    assert values(found, "learning_rate") == [0.004]
    assert values(found, "optimizer") == ["AdamW"]
    assert values(found, "batch_size") == [4]
    assert values(found, "steps") == [1000]
    assert values(found, "loss") == ["L1Loss"]
    assert all("runners" not in fact.place.file for fact in found.facts)
    assert found.layers and {Path(layer.place.file).name for layer in found.layers} == {"archs.py"}
    assert "runners" not in repr((found.passages, found.writes))


TRAINER = """
import torch
from torch import nn
from detectron2.config import get_cfg
from detectron2.engine import DefaultTrainer, default_argument_parser, launch
from detectron2.modeling import META_ARCH_REGISTRY
@META_ARCH_REGISTRY.register()
class Segmenter(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, cfg.MODEL.WIDTH, 3), nn.Conv2d(cfg.MODEL.WIDTH, 3, 3))
    def forward(self, x):
        return nn.functional.cross_entropy(self.layers(x), x)
class Trainer(DefaultTrainer):
    @classmethod
    def build_optimizer(cls, cfg, model):
        return torch.optim.AdamW(model.parameters(), cfg.SOLVER.BASE_LR)
def main(args):
    cfg = get_cfg()
    cfg.merge_from_file(args.config_file)
    trainer = Trainer(cfg)
    return trainer.train()
if __name__ == "__main__":
    args = default_argument_parser().parse_args()
    launch(main, args.num_gpus, args=(args,))
"""
BASE = "MODEL:\n  WIDTH: 8\nSOLVER:\n  IMS_PER_BATCH: 16\n  BASE_LR: 0.001\n"


def test_a_trainer_of_detectron2_is_followed_with_its_heirs_methods(tmp_path: Path) -> None:
    config = "_BASE_: Base-A.yaml\nMODEL:\n  META_ARCHITECTURE: Segmenter\nSOLVER:\n  MAX_ITER: 900\n"
    files = {"train_net.py": TRAINER, "configs/Base-A.yaml": BASE}
    files |= {"configs/a.yaml": config, "configs/b.yaml": config.replace("900", "500")}
    found = analysed(tmp_path, files, "configs/b.yaml")
    assert values(found, "model_classes") == ["Segmenter"]
    assert values(found, "learning_rate") == [0.001]
    assert values(found, "optimizer") == ["AdamW"]
    assert values(found, "batch_size") == [16]
    assert values(found, "steps") == [500]
    assert values(found, "loss") == ["cross_entropy"]


def test_what_a_library_would_choose_is_no_fact(tmp_path: Path) -> None:
    script = TRAINER
    start, end = script.index("class Trainer"), script.index("def main")
    plain = script[:start] + script[end:].replace("Trainer(cfg)", "DefaultTrainer(cfg)")
    files = {"train_net.py": plain, "configs/Base-A.yaml": BASE}
    files |= {"configs/a.yaml": "_BASE_: Base-A.yaml\nMODEL:\n  META_ARCHITECTURE: Segmenter\n"}
    found = analysed(tmp_path, files, "train_net.py")
    assert values(found, "optimizer") == []
    assert values(found, "learning_rate") == [0.001]


def test_a_models_configuration_is_the_runs_where_there_is_no_other(tmp_path: Path) -> None:
    script = (
        "import argparse, torch\nfrom omegaconf import OmegaConf\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--model-config', type=str)\n{more}"
        "config = OmegaConf.load(parser.parse_args().model_config)\n"
        "net = torch.nn.Linear(1, 1)\noptimizer = torch.optim.SGD(net.parameters(), lr=config.lr)\n"
        "for epoch in range(config.epochs):\n    net(torch.ones(1)).backward()\n    optimizer.step()\n"
    )
    configs = {"configs/a.yaml": "lr: 0.1\nepochs: 3\n", "configs/b.yaml": "lr: 0.2\nepochs: 4\n"}
    assert names(tmp_path, {"main.py": script.format(more=""), **configs}) == ["configs/a.yaml", "configs/b.yaml"]


MM_NET = """
from torch import nn
from {registry} import {name}
@{name}.register_module()
class Small(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, width, 3), nn.Conv2d(width, 3, 3))
    def forward(self, x):
        return self.layers(x)
"""
ENGINE = """
import argparse
from mmengine.config import Config
from mmengine.runner import Runner
parser = argparse.ArgumentParser()
parser.add_argument("config", help="train config file path")
if __name__ == "__main__":
    runner = Runner.from_cfg(Config.fromfile(parser.parse_args().config))
    runner.train()
"""
ENGINE_BASE = """
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="AdamW", lr=0.002))
train_cfg = dict(type="EpochBasedTrainLoop", max_epochs=12)
"""


def test_a_runner_of_mmengine_imports_what_its_configuration_says(tmp_path: Path) -> None:
    plain = "_base_ = '../_base_/run.py'\ncustom_imports = dict(imports=['project'])\n"
    newer = "from mmengine.config import read_base\nwith read_base():\n    from .._base_.run import *\n"
    rest = (
        "model = dict(type='Small', width=8)\ntrain_dataloader = dict(batch_size=6, dataset=dict(type='CocoDataset'))\n"
    )
    files = {"tools/train.py": ENGINE, "configs/_base_/run.py": ENGINE_BASE}
    files["tools/project/__init__.py"] = MM_NET.format(registry="mmdet.registry", name="MODELS")
    files |= {"configs/small/a.py": plain + rest, "configs/small/b.py": newer + rest}
    assert names(tmp_path, files) == ["configs/small/a.py", "configs/small/b.py"]
    found = analysed(tmp_path, files, "configs/small/a.py")
    assert values(found, "model_classes") == ["Small"]
    for each in (found, analysed(tmp_path, files, "configs/small/b.py")):
        assert values(each, "optimizer") == ["AdamW"]
        assert values(each, "learning_rate") == [0.002]
        assert values(each, "epochs") == [12]
        assert values(each, "batch_size") == [6]


def test_what_trains_for_mmsegmentation_trains_as_for_mmdetection(tmp_path: Path) -> None:
    script = """
        import argparse
        import project
        from mmcv.utils import Config
        from mmseg.apis import train_segmentor
        from mmseg.models import build_segmentor
        parser = argparse.ArgumentParser()
        parser.add_argument("config", help="train config file path")
        if __name__ == "__main__":
            cfg = Config.fromfile(parser.parse_args().config)
            train_segmentor(build_segmentor(cfg.model), [], cfg)
    """
    config = (
        "model = dict(type='Small', width=8)\ndata = dict(samples_per_gpu=2)\noptimizer = dict(type='SGD', lr=0.01)\n"
    )
    config += "runner = dict(type='IterBasedRunner', max_iters={})\n"
    files = {
        "train.py": script,
        "project/__init__.py": "from project.models import net\n",
        "project/models/__init__.py": "",
    }
    files["project/models/net.py"] = MM_NET.format(registry="mmseg.models.builder", name="SEGMENTORS")
    files["project/models/builder.py"] = "other = 1\n"  # the library's is meant
    files |= {"configs/a.py": config.format(900), "configs/b.py": config.format(500)}
    found = analysed(tmp_path, files, "configs/b.py")
    assert values(found, "model_classes") == ["Small"]
    assert values(found, "optimizer") == ["SGD"]
    assert values(found, "learning_rate") == [0.01]
    assert values(found, "steps") == [500]
    assert values(found, "batch_size") == [2]


def test_a_parent_that_is_passed_over_is_not_called(tmp_path: Path) -> None:
    script = """
        import torch
        class First:
            def __init__(self):
                self.rate = 0.5
        class Second(First):
            def __init__(self):
                self.rate = missing()
        class Third(Second):
            def __init__(self):
                super(Second, self).__init__()
                net = torch.nn.Linear(1, 1)
                optimizer = torch.optim.SGD(net.parameters(), lr=self.rate)
                net(torch.ones(1)).backward()
                optimizer.step()
        Third()
    """
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "learning_rate") == [0.5]


def test_a_trainer_of_dassl_takes_data_and_optimizer_from_its_configuration(tmp_path: Path) -> None:
    script = """
        import argparse
        from dassl.config import get_cfg_default
        from dassl.engine import build_trainer
        parser = argparse.ArgumentParser()
        parser.add_argument("--config-file", type=str, default="", help="path to config file")
        cfg = get_cfg_default()
        cfg.merge_from_file(parser.parse_args().config_file)
        trainer = build_trainer(cfg)
        trainer.train()
    """
    config = "DATALOADER:\n  TRAIN_X:\n    BATCH_SIZE: 32\nOPTIM:\n  NAME: 'adam'\n  LR: 0.002\n  MAX_EPOCH: {}\n"
    files = {
        "train.py": script,
        "configs/trainers/a.yaml": config.format(5),
        "configs/trainers/b.yaml": config.format(9),
    }
    assert names(tmp_path, files) == ["configs/trainers/a.yaml", "configs/trainers/b.yaml"]
    found = analysed(tmp_path, files, "configs/trainers/b.yaml")
    assert [values(found, field) for field in ("optimizer", "batch_size", "epochs")] == [["Adam"], [32], [9]]


LAZY = """
import torch
from detectron2.config import LazyCall as L
from project import Small
model = L(Small)(width=8)
optimizer = L(torch.optim.AdamW)(lr=0.002)
train = dict(max_iter={})
"""
LAZILY = """
import torch
from detectron2.config import LazyConfig, instantiate
from detectron2.engine import default_argument_parser
def main(args):
    cfg = LazyConfig.load(args.config_file)
    net = instantiate(cfg.model)
    cfg.optimizer.params = net.parameters()
    optimizer = instantiate(cfg.optimizer)
    for step in range(cfg.train.max_iter):
        net(torch.ones(1)).backward()
        optimizer.step()
if __name__ == "__main__":
    main(default_argument_parser().parse_args())
"""


def test_lazy_configurations_are_called_when_they_are_asked_for(tmp_path: Path) -> None:
    files = {"train_net.py": LAZILY, "configs/a.py": LAZY.format(900), "configs/b.py": LAZY.format(500)}
    files["project/__init__.py"] = MM_NET.format(registry="project.registry", name="MODELS")
    files["project/registry.py"] = "from detectron2.utils.registry import Registry\nMODELS = Registry()\n"
    assert names(tmp_path, files) == ["configs/a.py", "configs/b.py"]
    found = analysed(tmp_path, files, "configs/b.py")
    assert [values(found, field) for field in ("model_classes", "optimizer")] == [["Small"], ["AdamW"]]
    assert [values(found, field) for field in ("learning_rate", "steps")] == [[0.002], [500]]


def test_what_lazy_configurations_have_in_common_is_none(tmp_path: Path) -> None:
    plain = "from .models.small import model\nfrom .common.train import train\noptimizer = dict(lr={})\n"
    files = {"train_net.py": LAZILY, "configs/a.py": plain.format(0.1), "configs/b.py": plain.format(0.2)}
    files |= {"configs/models/small.py": LAZY, "configs/common/train.py": "train = dict(max_iter=3)\n"}
    files |= {"configs/models/wide.py": LAZY, "configs/c.py": plain.format(0.3).replace("small", "wide")}
    assert names(tmp_path, files) == ["configs/a.py", "configs/b.py", "configs/c.py"]


TIMM = """
import argparse
from timm.models import create_model
from timm.optim import create_optimizer_v2, optimizer_kwargs
from timm.scheduler import create_scheduler_v2, scheduler_kwargs
parser = argparse.ArgumentParser()
parser.add_argument("--opt", default="sgd")
parser.add_argument("--sched", default="cosine")
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--weight-decay", type=float, default=2e-5)
parser.add_argument("--momentum", type=float, default=0.9)
parser.add_argument("--opt-betas", type=float, nargs="+", default=None)
parser.add_argument("--epochs", type=int, default=30)
args = parser.parse_args()
model = create_model("resnet50")
optimizer = create_optimizer_v2(model, **optimizer_kwargs(cfg=args))
scheduler, epochs = create_scheduler_v2(optimizer, **scheduler_kwargs(args))
for epoch in range(epochs):
    for x, y in loader:
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
"""


@pytest.mark.parametrize("modules", [0, 200])
def test_what_timm_reads_of_options_also_in_its_own_repository(tmp_path: Path, modules: int) -> None:
    own = {f"timm/net{each}.py": "def create_model(name):\n    return unknown(name)\n" for each in range(modules)}
    files = {**own, "timm/__init__.py": "", "timm/models.py": "from .net1 import *\n"} if modules else {}
    found = analysed(tmp_path, {"train.py": TIMM, **files})
    assert values(found, "optimizer") == ["SGD"]
    assert values(found, "learning_rate") == [0.05]
    assert values(found, "weight_decay") == [2e-5]
    assert values(found, "scheduler") == ["CosineAnnealingLR"]
    assert values(found, "architecture") == ["ResNet", "CNN"]


SUBMITTED = """
from concurrent.futures import ThreadPoolExecutor
import flax.linen as nn
import jax
import optax
from flax import struct
from flax.training.train_state import TrainState
class Agent(struct.PyTreeNode):
    first: TrainState
    second: TrainState
    def update_first(self, batch):
        def reading_loss(params):
            return ((self.first.apply_fn(params, batch) - 1) ** 2).mean()
        grads = jax.grad(reading_loss)(self.first.params)
        return self.replace(first=self.first.apply_gradients(grads=grads))
    def update_second(self, batch):
        def writing_loss(params):
            return ((self.second.apply_fn(params, batch) - 2) ** 2).mean()
        grads = jax.grad(writing_loss)(self.second.params)
        return self.replace(second=self.second.apply_gradients(grads=grads))
    def update(self, batch):
        agent = self.update_first(batch)
        return agent.update_second(batch)
def make(rate):
    net = nn.Dense(4)
    made = lambda: TrainState.create(apply_fn=net.apply, params=net.init(key, x), tx=optax.adam(rate))
    return Agent(first=made(), second=made())
def loop(steps, make_agent, data):
    agent = make_agent()
    for step in range(steps):
        agent = agent.update(next(data))
if __name__ == "__main__":
    pool = ThreadPoolExecutor(1)
    pool.submit(loop, 300, make_agent=lambda: make(0.02), data=stream())
"""


def test_a_pool_hands_arguments_on(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SUBMITTED})
    assert (values(found, "learning_rate"), values(found, "steps")) == ([0.02], [300])
    asked = {call.name for call in program(tmp_path, {"train.py": SUBMITTED}).calls}
    assert {"update_first", "update_second"} <= asked


ARGUS = """
import argus
import torch

class Small(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.line = torch.nn.Linear(8, width)
    def forward(self, x):
        return self.line(x)

class Other(Small):
    pass

class Trained(argus.Model):
    nn_module = {"Small": Small, "Other": Other}

params = {
    "nn_module": ("Small", {"width": 3}),
    "optimizer": ("AdamW", {"lr": 0.002}),
    "loss": LOSS,
    "device": "cuda",
}
Trained(params).fit(loader, num_epochs=7)
"""


@pytest.mark.parametrize("loss", ['"SmoothL1Loss"', '("SmoothL1Loss", {"beta": 0.5})'])
def test_a_model_of_argus_is_made_of_what_its_tables_name(tmp_path: Path, loss: str) -> None:
    found = analysed(tmp_path, {"train.py": ARGUS.replace("LOSS", loss)})
    assert values(found, "model_classes") == ["Small"]
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["AdamW"], [0.002])
    assert (values(found, "loss"), values(found, "epochs")) == (["SmoothL1Loss"], [7])
    assert all(fact.place.file == str(tmp_path / "train.py") for fact in found.facts if fact.field == "loss")
