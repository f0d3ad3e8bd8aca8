"""A family that only a name speaks of is told apart from those that the structure shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
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


@pytest.mark.parametrize(
    ("name", "layer", "families", "only"),
    [
        ("TCN", "nn.Conv1d(1, 1, 3)", ["TCN", "CNN"], []),
        ("TCN", "nn.Linear(1, 1)", [], ["TCN"]),
        ("MyAlexNet", "nn.Conv2d(3, 8, 3)", ["AlexNet", "CNN"], []),
        ("WGAN", "nn.Conv2d(3, 8, 3)", ["CNN"], ["WGAN"]),
    ],
)
def test_a_class_is_what_it_is_named_for_where_its_parents_show(
    tmp_path: Path, name: str, layer: str, families: list[str], only: list[str]
) -> None:
    code = f"class {name}(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    code += f"        self.layer = {layer}\n"
    code += f"    def forward(self, x):\n        return self.layer(x)\nnet = {name}()\n"
    found = program(tmp_path, {"train.py": f"from torch import nn\n{code}"})
    assert [fact.value for fact in architecture(found)][: len(families)] == families
    assert [fact.value for fact in named_only(found)] == only
