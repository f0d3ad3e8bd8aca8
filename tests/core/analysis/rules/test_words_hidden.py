"""Diffusion of words: some are hidden, more of them as the time goes on, and a transformer guesses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HIDDEN = """
import torch
from torch import nn
from datasets import load_dataset

def modulate(x, shift, scale):
    return x * (1 + scale) + shift

class Block(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.attention = nn.MultiheadAttention(size, 4)
        self.feed = nn.Sequential(nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size))
        self.told = nn.Linear(size, 2 * size)
    def forward(self, x, c):
        shift, scale = self.told(c).chunk(2, -1)
        h = CONDITION
        x = x + self.attention(h, h, h)[0]
        return x + self.feed(self.norm2(x))

class Net(nn.Module):
    def __init__(self, size=64):
        super().__init__()
        self.words = nn.Embedding(901, size)
        self.time = nn.Linear(1, size)
        self.blocks = nn.ModuleList([Block(size) for _ in range(4)])
        self.out = nn.Linear(size, 900)
    def forward(self, x, t):
        x, c = self.words(x), self.time(t)
        for block in self.blocks:
            x = block(x, c)
        return self.out(x)

def spoil(x, t):
    CHANCE
    chosen = torch.rand(x.shape) < chance
    return torch.where(chosen, 900, x)

net = Net()
optimizer = torch.optim.AdamW(net.parameters(), lr=3e-4)
for x in load_dataset("openwebtext"):
    t = torch.rand(len(x), 1)
    loss = nn.functional.cross_entropy(net(spoil(x, t), t).transpose(1, 2), x)
    loss.backward()
    optimizer.step()
"""
MODULATED = "modulate(self.norm1(x), shift, scale)"


@pytest.mark.parametrize(
    ("chance", "condition", "families"),
    [
        ("chance = 1 - torch.exp(-t)", MODULATED, ["DiT", "Diffusion"]),
        ("chance = (1 - 1e-3) * t + 1e-3", MODULATED, ["DiT", "Diffusion"]),
        ("chance = (1 - 1e-3) * t + 1e-3", "self.norm1(x) + c", ["Diffusion", "Transformer"]),
        ("chance = 0.15", MODULATED, ["Transformer", "Attention"]),
    ],
)
def test_words_that_are_hidden_by_the_time(chance: str, condition: str, families: list[str], tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HIDDEN.replace("CHANCE", chance).replace("CONDITION", condition)})
    assert values(found, "architecture")[:2] == families
    assert values(found, "task") == ["language modelling"]
