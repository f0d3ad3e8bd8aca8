"""What a run trains comes before what it only loads; how outputs are drawn; sums written digit by digit."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from core.analysis.rules.loss import losses
from core.analysis.rules.model_classes import model_classes
from core.analysis.rules.task import task
from tests.core.analysis.writing import program

CLASSES = """
import torch
import torchvision
from torch import nn
import torch.nn.functional as F
class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 10, 3))
    def encode(self, x):
        return self.layers(x).argmax(1)
    def forward(self, x):
        codes = self.layers(x)
        return codes, F.mse_loss(codes, torch.ones(1))
class Prior(nn.Module):
    def __init__(self):
        super().__init__()
        self.symbol, self.rnn, self.head = nn.Embedding(11, 32), nn.GRU(32, 32), nn.Linear(32, 10)
    def forward(self, codes):
        return self.head(self.rnn(self.symbol(codes))[0])
    def sample(self, count):
        symbol, state, drawn = torch.zeros(count, 1), None, []
        for _ in range(16):
            h, state = self.rnn(self.symbol(symbol), state)
            symbol = torch.multinomial(self.head(h[:, -1]).softmax(-1), 1)
            drawn.append(symbol)
        return torch.cat(drawn, 1)
"""
RUN = (
    CLASSES
    + """
judge = Judge()
{loading}
prior = Prior()
optimizer = torch.optim.Adam({given}, lr=1e-3)
for x, _ in torch.utils.data.DataLoader({data}):
    codes = judge.encode(x)
    F.cross_entropy(prior(codes), codes).backward()
    optimizer.step()
prior.sample(8)
"""
)
LOADED = "judge.load_state_dict(torch.load('judge.pt'))"
PICTURES, WORDS = "torchvision.datasets.MNIST('data')", "torchtext.datasets.WikiText2()"


def run(loading: str = LOADED, given: str = "prior.parameters()", data: str = PICTURES) -> str:
    return RUN.format(loading=loading, given=given, data=data)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (run(), "Prior"),
        (run(loading=""), "Judge"),
        (run(given="[*judge.parameters(), *prior.parameters()]"), "Judge"),
        (run(given="unknown"), "Judge"),
    ],
)
def test_what_is_trained_comes_first(tmp_path: Path, text: str, first: str) -> None:
    found = program(tmp_path, {"train.py": text})
    assert next(fact.value for fact in found.ask(model_classes)) == first


def test_families_of_what_is_only_loaded_come_last(tmp_path: Path) -> None:
    found = program(tmp_path, {"train.py": run()})
    assert [fact.value for fact in found.ask(architecture)] == ["Autoregressive", "GRU", "RNN", "CNN"]


def test_a_loss_in_a_network_that_is_only_loaded_is_none_of_the_run(tmp_path: Path) -> None:
    assert [fact.value for fact in program(tmp_path, {"train.py": run()}).ask(losses)] == ["cross_entropy"]


def test_a_loss_in_a_loaded_network_that_the_run_calls_is_one(tmp_path: Path) -> None:
    text = run().replace("codes = judge.encode(x)", "codes, loss = judge(x)")
    assert {fact.value for fact in program(tmp_path, {"train.py": text}).ask(losses)} == {"cross_entropy", "mse_loss"}


def test_text_that_is_drawn_word_by_word_is_a_language_models(tmp_path: Path) -> None:
    found = program(tmp_path, {"train.py": "import torchtext\n" + run(data=WORDS)})
    assert "Autoregressive" not in [fact.value for fact in found.ask(architecture)]


ADDER = """
import torch
from torch import nn
def written(a, b):
    {written}
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.symbol, self.rnn, self.head = nn.Embedding(11, 32), nn.GRU(32, 32), nn.Linear(32, 11)
    def forward(self, x):
        return self.head(self.rnn(self.symbol(x))[0])
net = Encoder()
optimizer = torch.optim.Adam(net.parameters())
for step in range(100):
    nn.functional.cross_entropy(net(written(1, 2)), written(3, 4)).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("line", "tasks"),
    [
        ('return f"{a}+{b}"', ["arithmetic"]),
        ('return "{} + {}".format(a, b)', ["arithmetic"]),
        ("return a // 10 ** torch.arange(3) % 10", ["arithmetic"]),
        ('return f"{a}/{b}"', []),
        ("return a // 10 % 60", []),
    ],
)
def test_sums_written_digit_by_digit_are_arithmetic(tmp_path: Path, line: str, tasks: list[str]) -> None:
    found = program(tmp_path, {"train.py": ADDER.replace("{written}", line)})
    assert [fact.value for fact in found.ask(task)] == tasks
