"""Assignments that a script puts together as text and executes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, fact, values

AGENT = """
import torch

class Agent:
    def __init__(self, net, **given):
        self.rate = 0.05
        for name, value in given.items():
            LINE
        self.optimizer = torch.optim.Adam(net.parameters(), lr=self.rate)

    def learn(self):
        for x in loader:
            self.net(x).mean().backward()
            self.optimizer.step()

given = {"rate": 3e-4}
Agent(torch.nn.Linear(4, 2), **given).learn()
"""


@pytest.mark.parametrize(
    ("line", "rate"),
    [
        ("exec('self.' + name + ' = ' + str(value))", 0.0003),
        ('exec(f"self.{name} = {value}")', 0.0003),
        ('exec(f"self.{name} = value")', 0.0003),
        ('exec(f"self.{name}_told = value")', 0.05),
        ('exec(f"self.{name} = {value} * 2")', 0.05),  # no more than a value
    ],
)
def test_settings_are_put_on_an_object_by_lines(tmp_path: Path, line: str, rate: float) -> None:
    told = analysed(tmp_path, {"train.py": AGENT.replace("LINE", line)})
    assert values(told, "learning_rate") == [rate]
    if rate == 0.0003:
        assert fact(told, "learning_rate").place.line == 15


@pytest.mark.parametrize("name", ["lambda", "class"])
def test_no_line_is_made_of_a_word_of_pythons_own(tmp_path: Path, name: str) -> None:
    given = f'given = {{"{name}": 0.1}}'
    text = AGENT.replace("LINE", 'exec(f"self.{name} = {value}")').replace('given = {"rate": 3e-4}', given)
    assert values(analysed(tmp_path, {"train.py": text}), "learning_rate") == [0.05]
