"""Judges that compare the made with the real in methods of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

SCALES = """
import torch
from torch import nn

class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnns = nn.ModuleList([nn.Conv2d(3, 1, 4, 2), nn.Conv2d(3, 1, 8, 4)])
    def forward(self, x):
        return [cnn(x) for cnn in self.cnns]
    def told_apart(self, model, OTHER, input_real):
        outs = zip(model.forward(OTHER), model.forward(input_real))
        return sum((out0 ** 2).mean() + ((out1 - 1) ** 2).mean() for out0, out1 in outs)
    def taken_for_real(self, model, x):
        return sum(((out - 1) ** 2).mean() for out in model.forward(x))

class Trainer(nn.Module):
    def __init__(self):
        super().__init__()
        self.gen = nn.Conv2d(3, 3, 3, padding=1)
        self.JUDGE = Judge()
        self.gen_opt = torch.optim.Adam(self.gen.parameters(), 1e-4)
        self.judge_opt = torch.optim.Adam(self.JUDGE.parameters(), 1e-4)
    def gen_update(self, made):
        self.gen_opt.zero_grad()
        self.JUDGE.taken_for_real(self.JUDGE, made).backward()
        self.gen_opt.step()
    def judge_update(self, made, x):
        self.judge_opt.zero_grad()
        self.JUDGE.told_apart(self.JUDGE, made.detach(), x).backward()
        self.judge_opt.step()

trainer = Trainer()
for x in loader:
    made = trainer.gen(x)
    trainer.gen_update(made)
    trainer.judge_update(made, x)
"""


@pytest.mark.parametrize(
    ("judge", "other", "found"),
    [("MsImageDis", "input_fake", True), ("Scorer", "input_fake", False), ("MsImageDis", "input_other", False)],
)
def test_a_judge_tells_apart_in_its_own_method(judge: str, other: str, found: bool, tmp_path: Path) -> None:
    code = SCALES.replace("JUDGE", "dis_a").replace("OTHER", other).replace("Judge", judge)
    assert ("GAN" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found
