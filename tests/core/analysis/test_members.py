"""Members of an Enum stand for their values, and the class of an object decides a branch."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

TRAIN = """
    from dataclasses import dataclass, field
    from enum import Enum

    import torch
    from omegaconf import OmegaConf
    from torch import nn

    class Cell(Enum):
        long = nn.LSTM
        short = nn.GRU

    class Rate(float, Enum):
        LOW = 1e-4
        HIGH = 1e-2

    @dataclass
    class Slow:
        rate: float = Rate.LOW.value

    @dataclass
    class Fast:
        rate: float = Rate["HIGH"].value

    @dataclass
    class Settings:
        cell: Cell = Cell.CHOSEN
        optim: object = field(default_factory=Slow)

    class Net(nn.Module):
        def __init__(self, settings):
            super().__init__()
            self.run = settings.cell.value(8, 16)
            self.out = nn.Linear(16, 4)

        def forward(self, x):
            return self.out(self.run(x)[0])

    settings = Settings()
    net = Net(settings)
    if OmegaConf.get_type(settings.optim) is Fast:
        opt = torch.optim.SGD(net.parameters(), lr=settings.optim.rate)
    elif type(settings.optim) == Slow:
        opt = torch.optim.AdamW(net.parameters(), lr=settings.optim.rate)
    for x, y in loader:
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
"""


def test_a_member_is_what_it_stands_for(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TRAIN.replace("CHOSEN", "short")})
    assert values(found, "architecture") == ["GRU", "RNN"]


def test_the_class_of_an_object_decides(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TRAIN.replace("CHOSEN", "long")})
    assert values(found, "optimizer") == ["AdamW"]
    assert values(found, "learning_rate") == [1e-4]
