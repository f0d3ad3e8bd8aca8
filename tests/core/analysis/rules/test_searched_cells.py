"""Cells of which a search chooses the operations, and runs over epochs that a count of steps ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

SEARCHED = """
import itertools
import torch
from torch import nn
class Mixed(nn.Module):
    def __init__(self, names):
        super().__init__()
        self.ops = nn.ModuleList()
        for name in names:
            if {asks}:
                self.ops.append(nn.MaxPool2d(3, 1, 1))
            else:
                self.ops.append(nn.Conv2d(8, 8, 3, padding=1))
    def forward(self, x):
        return sum(op(x) for op in self.ops)
class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.ops = nn.ModuleList([Mixed(NAMES) for _ in range(3)])
    def forward(self, x):
        states = [x]
        for op in self.ops:
            s = {layer}
            states.append(s)
        return torch.cat(states, dim=1)
NAMES = ["conv", "max_pool", "M"]
net = nn.Sequential(nn.Conv2d(3, 8, 3), Cell(), nn.Flatten(), nn.Linear(32, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
step, max_step = 0, 500
for epoch in itertools.count(start=1):
    for x, y in loader:
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
        step += 1
    if step == max_step:
        break
"""
SUMMED = "sum(w[j] * op(h) for j, h in enumerate(states))"


@pytest.mark.parametrize(
    ("asks", "layer", "told"),
    [
        ("'pool' in name", SUMMED, None),
        ("name == 'M'", SUMMED, "VGG"),
        ("'pool' in name", "op(states)", "DenseNet"),
    ],
)
def test_cells_of_chosen_operations(tmp_path: Path, asks: str, layer: str, told: str | None) -> None:
    analysis = analysed(tmp_path, {"train.py": SEARCHED.format(asks=asks, layer=layer)}, "train.py")
    found = {*values(analysis, "architecture")} & {"VGG", "DenseNet"}
    assert found == ({told} if told else set())


def test_epochs_that_a_count_of_steps_ends_are_not_counted(tmp_path: Path) -> None:
    text = SEARCHED.format(asks="'pool' in name", layer=SUMMED)
    analysis = analysed(tmp_path, {"train.py": text}, "train.py")
    assert values(analysis, "epochs") == []
    assert values(analysis, "steps") == [500]
