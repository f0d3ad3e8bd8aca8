"""Bases that heirs take the place of, settings that are put on a device, and configurations that only try a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

CAPTIONS = """
import torch
from torch import nn
class Captioner(nn.Module):
    def forward(self, x):
        return torch.cat([self.step(each) for each in x])
class Net(Captioner):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
    def step(self, x):
        return self.fc(x)
{forward}
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x in loader:
    net(x).sum().backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("forward", "told"),
    [
        ("", ["Net", "Captioner"]),
        ("    def forward(self, x):\n        return super().forward(x) + 1", ["Net", "Captioner"]),
        ("    def forward(self, x):\n        return self.step(x)", ["Net"]),
    ],
)
def test_a_base_is_a_network_where_its_forward_is_run(tmp_path: Path, forward: str, told: list[str]) -> None:
    analysis = analysed(tmp_path, {"train.py": CAPTIONS.format(forward=forward)}, "train.py")
    assert values(analysis, "model_classes") == told


AVERAGED = """
import copy
import torch
from torch import nn
class ModelEma(nn.Module):
    def __init__(self, model, decay=0.99):
        super().__init__()
        self.module = copy.deepcopy(model)
        self.decay = decay
    def update(self, model):
        for kept, new in zip(self.module.parameters(), model.parameters()):
            kept.data.copy_(self.decay * kept.data + (1 - self.decay) * new.data)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
    def forward(self, x):
        return self.fc(x)
net = Net()
ema = ModelEma(net, 0.9997)
for pruning in range(args.prune_iterations):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for iteration in range(100):
        net(next(data)).sum().backward()
        optimizer.step()
        ema.update(net)
"""
ROUNDS = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--prune_iterations', default=35)\n"


def test_averages_of_weights_are_no_network_and_rounds_of_pruning_no_steps(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": ROUNDS + "args = parser.parse_args()" + AVERAGED}, "train.py")
    assert values(analysis, "model_classes") == ["Net"]
    assert values(analysis, "ema") == [0.9997]
    assert values(analysis, "steps") == [100]


PROCESSOR = """
import argparse
import yaml
import torch
from torch import nn, optim
class Processor:
    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--config", default=None)
        parser.add_argument("--base_lr", type=float, default=0.01)
        parser.add_argument("--optimizer", default="SGD")
        parser.add_argument("--num_epoch", type=int, default=3)
        p = parser.parse_args()
        if p.config is not None:
            with open(p.config) as f:
                parser.set_defaults(**yaml.safe_load(f))
        self.arg = parser.parse_args()
        self.model = nn.Linear(2, 2)
        for name, value in vars(self).items():
            if str(value.__class__).find("torch.nn.modules") != -1:
                setattr(self, name, value.to("cuda"))
        if self.arg.optimizer == "SGD":
            self.optimizer = optim.SGD(self.model.parameters(), lr=self.arg.base_lr)
        elif self.arg.optimizer == "Adam":
            self.optimizer = optim.Adam(self.model.parameters(), lr=self.arg.base_lr)
    def start(self):
        for epoch in range(self.arg.num_epoch):
            for x in loader:
                self.model(x).sum().backward()
                self.optimizer.step()
Processor().start()
"""
TWINS = {
    "main.py": PROCESSOR,
    "config/one/train_joint.yaml": "base_lr: 0.1\nbatch_size: 8\nnum_epoch: 80\n",
    "config/one/test_joint.yaml": "base_lr: 0.1\nbatch_size: 8\nnum_epoch: 1\n",
    "config/two/train_bone.yaml": "base_lr: 0.2\nbatch_size: 8\nnum_epoch: 80\n",
    "config/two/test_bone.yaml": "base_lr: 0.2\nbatch_size: 8\nnum_epoch: 1\n",
    "config/two/test_alone.yaml": "base_lr: 0.3\nbatch_size: 8\nnum_epoch: 2\n",
}


def test_settings_stay_what_they_are_where_all_that_is_kept_is_put_on_a_device(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, TWINS, "config/one/train_joint.yaml")
    assert values(analysis, "learning_rate") == [0.1]
    assert values(analysis, "optimizer") == ["SGD"]


def test_a_configuration_that_tries_what_its_twin_trains_is_no_model(tmp_path: Path) -> None:
    listed = ["config/one/train_joint.yaml", "config/two/test_alone.yaml", "config/two/train_bone.yaml"]
    assert names(tmp_path, TWINS) == listed
