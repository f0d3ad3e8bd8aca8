"""Code of papers of many fields: features spread along graphs, flags that a script sets anew, settings looked up by
what holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
STEPS = (
    "optimizer = torch.optim.Adam(net.parameters(), lr=0.01)\nfor epoch in range(3):\n    for x, y in loader:\n"
    "        loss = F.cross_entropy(net(x), y)\n        loss.backward()\n        optimizer.step()\n"
)


@pytest.mark.parametrize(
    ("given", "line", "spread"),
    [
        ("adj_matrix", "kept = near @ kept + 0.1 * x", True),
        ("adjacency", "kept = sparse_dot(near, kept)", True),
        ("weights", "kept = near @ kept + 0.1 * x", False),  # a recurrent state
        ("adj_matrix", "kept = near @ x", False),
    ],
)
def test_features_that_are_spread_again_and_again_are_of_a_graph(
    tmp_path: Path, given: str, line: str, spread: bool
) -> None:
    code = f"""
class Spreading(nn.Module):
    def __init__(self, {given}):
        super().__init__()
        self.near = prepared({given})
        self.first = nn.Linear(16, 7)
    def forward(self, x):
        x = kept = self.first(x)
        near = drop(self.near)
        for _ in range(10):
            {line}
        return kept

net = Spreading(read())
"""
    found = values(analysed(tmp_path, {"train.py": HEAD + code + STEPS}), "architecture")
    assert ("GNN" in found) is spread


def test_a_script_may_set_the_default_of_a_flag_of_another_module(tmp_path: Path) -> None:
    common = "from absl import flags\nflags.DEFINE_float('rate', 0.0001, 'rate')\n"
    code = """
import torch
from absl import app, flags
import common
FLAGS = flags.FLAGS

def main(_):
    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=FLAGS.rate)
    for x, y in loader:
        loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()

if __name__ == "__main__":
    FLAGS.set_default("rate", 0.03)
    app.run(main)
"""
    found = analysed(tmp_path, {"train.py": code, "common.py": common})
    assert (values(found, "learning_rate"), values(found, "settings.rate")) == ([0.03], [0.03])


@pytest.mark.parametrize(("test", "told"), [("self.step < images", []), ("turn < images", [4096])])
def test_a_loop_that_goes_until_a_step_is_reached_counts_no_epochs(tmp_path: Path, test: str, told: list[int]) -> None:
    code = f"""
net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
images, turn = 4096, 0
while {test}:
    for x, y in loader:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "epochs") == told


def test_settings_are_taken_from_what_can_be_asked_by_key_or_by_name(tmp_path: Path) -> None:
    code = """
import argparse
import json

def looked_up(name, first, second):
    def get(holder):
        if hasattr(holder, "__getitem__"):
            return holder[name]
        elif hasattr(holder, "__getattribute__"):
            return getattr(holder, name)
        else:
            NotImplementedError(name)
    try:
        return get(first)
    except KeyError:
        return get(second)

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.5)
args = parser.parse_args()
with open("own.json") as file:
    told = json.load(file)
net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=looked_up("rate", told, args))
for x, y in loader:
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
"""
    found = analysed(tmp_path, {"train.py": HEAD + code, "own.json": '{"rate": 0.02}'})
    assert values(found, "learning_rate") == [0.02]
