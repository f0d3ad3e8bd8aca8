"""A family that only a name speaks of is told apart from those that the structure shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.naming import named_only
from tests.core.analysis.writing import program

TRAIN = """
import torch
from torch import nn

class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(784, 64), nn.Linear(64, 10)

    def forward(self, x):
        return self.b(torch.relu(self.a(x)))

net = {name}()
opt = torch.optim.Adam(net.parameters())
for x, y in loader:
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
"""


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        ("train.py", "Classifier", []),
        ("train.py", "TransformerNet", [("Transformer", "name of a class", 4)]),
        ("wgan_gp_digits.py", "MLP", [("WGAN-GP", "name of the script", 1)]),
        ("cyclegan/train.py", "MLPNet", [("CycleGAN", "name of the folder", 1)]),
    ],
)
def test_what_only_a_name_says(file: str, name: str, expected: list[tuple[str, str, int]], tmp_path: Path) -> None:
    facts = list(named_only(program(tmp_path, {file: TRAIN.format(name=name)}, file)))
    assert [(fact.value, fact.how, fact.place.line) for fact in facts] == expected
