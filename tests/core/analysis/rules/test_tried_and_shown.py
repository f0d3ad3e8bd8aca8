"""What scripts try out, show or set anew before they train."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

REWORKED = """
from dataclasses import dataclass
import tyro
import torch

@dataclass
class Args:
    lr: float = 1e-3
    envs: int = 4
    steps: int = 128
    parts: int = 4
    batch_size: int = 0
    minibatch_size: int = 0
    epochs: int = 3

args = tyro.cli(Args)
args.batch_size = int(args.envs * args.steps)
args.minibatch_size = int(args.batch_size // args.parts)
args.epochs = args.epochs * 2
net = torch.nn.Linear(2, 2)
optimizer = torch.optim.Adam(net.parameters(), args.lr)
for x, y in collected(net):
    (net(x) - y).mean().backward()
    optimizer.step()
"""


def test_settings_worked_out_after_they_were_read(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": REWORKED}, "a.py")
    told = {fact.field: fact for fact in analysis.facts}
    assert told["settings.batch_size"].value == 512
    assert told["settings.batch_size"].how.startswith("computed")
    assert told["settings.minibatch_size"].value == 128
    assert told["settings.epochs"].value == 3  # the number that was told, not what is made of it
    assert values(analysis, "batch_size") == [512]


SEARCHED = """
import torch
from torch import nn
from torch.optim.lr_scheduler import _LRScheduler

class Growing(_LRScheduler):
    def get_lr(self):
        return [rate * 2 for rate in self.base_lrs]

class LRFinder:
    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer
    def range_test(self, data):
        schedule = Growing(self.optimizer)
        for x, y in data:
            nn.functional.mse_loss(self.model(x), y).backward()
            self.optimizer.step()
            schedule.step()

net = nn.Linear(2, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=1e-7)
LRFinder(net, optimizer).range_test(data)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for x, y in data:
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
"""


def test_a_search_for_the_rate_is_no_training(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": SEARCHED}, "a.py")
    assert values(analysis, "learning_rate") == [1e-3]
    assert values(analysis, "optimizer") == ["Adam"]
    assert values(analysis, "scheduler") == []


SHOWN = """
import torch
from torch import nn

def batches(words, batch_size, window=5):
    for at in range(0, len(words), batch_size):
        yield words[at : at + batch_size]

print(next(batches(list(range(20)), batch_size=4)))
net = nn.Linear(2, 2)
optimizer = torch.optim.Adam(net.parameters())
for x in batches(words, 512):
    net(x).mean().backward()
    optimizer.step()
"""


def test_a_batch_that_is_only_shown(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": SHOWN}, "a.py"), "batch_size") == [512]


ROLES = """
import torch
from torch import nn

class Agent:
    def __init__(self):
        self.net = nn.Linear(2, 2)
        self.alpha = torch.zeros(1, requires_grad=True)
        self.optimizer = torch.optim.Adam(self.net.parameters())
    def _alpha_and_policy_loss(self, x):
        return (self.net(x) * self.alpha).mean()
    def _calc_loss(self, x):
        return self.net(x).abs().mean()
    def train(self, x, y):
        loss = nn.functional.mse_loss(self.net(x), y) + self._alpha_and_policy_loss(x) + self._calc_loss(x)
        loss.backward()
        self.optimizer.step()

agent = Agent()
for x, y in data:
    agent.train(x, y)
"""


def test_whose_a_loss_is_does_not_name_it(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": ROLES}, "a.py"), "loss") == ["mse_loss"]


def test_a_side_of_one_is_multiplied_first(tmp_path: Path) -> None:
    code = "IMG_SIZE = 1\nfor side in (1, 28, 28):\n    IMG_SIZE *= side\n" + SHOWN
    assert values(analysed(tmp_path, {"a.py": code}, "a.py"), "image_size") == []


def test_a_switch_for_tests_is_no_data_to_judge_by(tmp_path: Path) -> None:
    code = """
import argparse
import torch
from torch import nn
from torch.utils.data import DataLoader

def main(test_mode=False):
    batch_size = 8
    net = nn.Linear(2, 2)
    optimizer = torch.optim.Adam(net.parameters())
    for x in DataLoader(data, batch_size=batch_size):
        net(x).mean().backward()
        optimizer.step()

parser = argparse.ArgumentParser()
parser.add_argument("--test_mode", action="store_true")
main(parser.parse_args().test_mode)
"""
    assert values(analysed(tmp_path, {"a.py": code}, "a.py"), "batch_size") == [8]


ENCODED = """
import argparse, math
import torch
from torch import nn
from torch.utils.data import DataLoader
parser = argparse.ArgumentParser()
parser.add_argument("--train_batch_size", type=int, default=16)
parser.add_argument("--vae_encode_batch_size", type=int, default=32)
parser.add_argument("--gradient_accumulation_steps", type=int, default=1)
parser.add_argument("--max_train_steps", type=int, default=None)
args = parser.parse_args()

def encoded(images, encode_batch_size):
    return [net(images[at : at + encode_batch_size]) for at in range(0, len(images), encode_batch_size)]

def batches(batch_size):
    yield from drawn(batch_size)

net = nn.Linear(2, 2)
optimizer = torch.optim.Adam(net.parameters())
data = batches(args.train_batch_size)
epochs = math.ceil(args.max_train_steps / math.ceil(data.length / args.gradient_accumulation_steps))
for epoch in range(0, epochs):
    for x in data:
        nn.functional.mse_loss(encoded(x, args.vae_encode_batch_size), x).backward()
        optimizer.step()
"""


def test_what_only_encodes_or_gathers_is_no_batch_and_no_step(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": ENCODED}, "a.py")
    assert values(analysis, "batch_size") == [16]
    assert values(analysis, "steps") == []


PUT_IN = """
import torch
from torch import nn

def put_into(cls):
    def put(function):
        setattr(cls, function.__name__, function)
    return put

class Whole(nn.Module):
    def loss(self, got, wanted):
        return nn.functional.cross_entropy(got, wanted)

class Net(Whole):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(2, 2)
    def forward(self, x):
        return self.line(x)

@put_into(Net)
def loss(self, got, wanted):
    return super(Net, self).loss(got, wanted) * 2

net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, y in data:
    net.loss(net(x), y).backward()
    optimizer.step()
"""


def test_a_function_put_into_a_class_asks_what_is_above_it(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": PUT_IN}, "a.py"), "loss") == ["cross_entropy"]
