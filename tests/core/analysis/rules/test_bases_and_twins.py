"""Bases that heirs replace, settings put on a device, labels, and what only tries or uses a model."""

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


LABELLED = """
import torch
from torch import nn
class Joint(nn.Module):
    def __init__(self, count):
        super().__init__()
        self.count = count
        self.body, self.head = nn.Linear(9, 8), nn.Linear(8, count)
    def forward(self, input_ids, {wanted}):
        outputs = self.body(input_ids)
        pooled = outputs[0]
        logits = self.head(pooled)
        if self.count == 1:
            loss = nn.MSELoss()(logits.view(-1), {wanted}.view(-1))
        else:
            loss = nn.CrossEntropyLoss()(logits, {wanted})
        outputs = (loss, logits) + outputs[2:]
        return outputs
net = Joint(count)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in loader:
    net(x, y)[0].backward()
    optimizer.step()
"""


@pytest.mark.parametrize("wanted", ["labels", "intent_label_ids", "slot_labels"])
def test_labels_of_a_kind_are_no_input_that_is_rebuilt(tmp_path: Path, wanted: str) -> None:
    analysis = analysed(tmp_path, {"train.py": LABELLED.format(wanted=wanted)}, "train.py")
    assert "Autoencoder" not in values(analysis, "architecture")


USED = (
    "from engine import Engine\nimport torch\nnet = torch.nn.Linear(2, 1)\nEngine(net).load('net.bin').{does}(data)\n"
)
ENGINE = """
import torch
class Engine:
    def __init__(self, net):
        self.net, self.optimizer = net, torch.optim.Adam(net.parameters(), lr=0.01)
    def load(self, path):
        self.net.load_state_dict(torch.load(path))
        return self
    def fit(self, data):
        for x in data:
            self.net(x).sum().backward()
            self.optimizer.step()
    def predict(self, data):
        self.fit(data[:1])
"""


@pytest.mark.parametrize(("name", "listed"), [("flower_inference.py", False), ("variational_inference.py", True)])
def test_scripts_that_are_called_for_inference(tmp_path: Path, name: str, listed: bool) -> None:
    files = {"engine.py": ENGINE, "flower_training.py": USED.format(does="fit"), name: USED.format(does="predict")}
    assert (name in names(tmp_path, files)) == listed
