"""Transformers over what convolutions see: parts of a network beside others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

PARTS = """
class Compare(nn.Module):
    def forward(self, queries, keys, values):
        return torch.softmax(queries @ keys.transpose(1, 2), -1) @ values

class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(n, n), nn.Linear(n, n), nn.Linear(n, n)
        self.compare = Compare()
        self.wide = nn.Sequential(nn.Linear(n, 2 * n), nn.ReLU(), nn.Linear(2 * n, n))
        self.first, self.second = nn.LayerNorm(n), nn.LayerNorm(n)
    def forward(self, x, other):
        x = self.first(x + self.compare(self.q(x), self.k(other), self.v(other)))
        return self.second(x + self.wide(x))

class Crossing(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.blocks = nn.ModuleList([Block(n) for _ in range(4)])
    def forward(self, x, other):
        for block in self.blocks:
            x = block(x, other)
        return x

class Residual(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.one, self.two = nn.Conv2d(n, n, 3, padding=1), nn.Conv2d(n, n, 3, padding=1)
    def forward(self, x):
        return x + self.two(torch.relu(self.one(x)))

class Features(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.first = nn.Conv2d(3, n, 7, 2)
        self.body = nn.Sequential(*[Residual(n) for _ in range(16)])
    def forward(self, x):
        return self.body(self.first(x))
"""
MATCHING = """
class Matching(nn.Module):
    def __init__(self, n=64):
        super().__init__()
        self.see = Features(n)
        self.cross = PART(n)
    def forward(self, one, other):
        one, other = (self.see(each).flatten(2).transpose(1, 2) for each in (one, other))
        return self.cross(one, other) @ self.cross(other, one).transpose(1, 2)

model = Matching()
"""


@pytest.mark.parametrize(
    ("part", "families"),
    [("Crossing", ["Transformer", "Attention", "ResNet", "CNN"]), ("Block", ["Attention", "ResNet", "CNN"])],
)
def test_blocks_that_attend_to_features_are_a_transformer(tmp_path: Path, part: str, families: list[str]) -> None:
    step = STEP.replace("LOSS", "loss = F.cross_entropy(model(x, y), labels)")
    told = analysed(tmp_path, {"train.py": HEAD + PARTS + MATCHING.replace("PART", part) + step})
    found = values(told, "architecture")
    assert [name for name in families if name not in found] == [] and ("Transformer" in found) == (part == "Crossing")
