"""Loaders of one's own over shards of tokens."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

SHARDS = """
import json
import os
import torch
from torch import nn, optim
import torch.nn.functional as F

class LoaderOfTokens:
    def __init__(self, B, T, split):
        self.B, self.T = B, T
        root = "fineweb10B"
        self.shards = [os.path.join(root, name) for name in os.listdir(root) if split in name]
    def next(self):
        return torch.load(self.shards[0])[: self.B * self.T].view(self.B, self.T)

total_batch_size = 524288
B = 64
loader = LoaderOfTokens(B=B, T=1024, split="train")
net = nn.Sequential(nn.Embedding(100, 32), nn.Linear(32, 100))
optimizer = optim.AdamW(net.parameters(), lr=6e-4)
for step in range(100):
    x = loader.next()
    F.cross_entropy(net(x[:, :-1]), x[:, 1:]).backward()
    optimizer.step()
    with open("data/hellaswag_val.jsonl") as lines:
        score = sum(net(torch.tensor(json.loads(line))).argmax() for line in lines)
"""


def test_a_loader_of_ones_own_tells_its_shards_and_its_batch(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SHARDS})
    assert values(found, "datasets") == ["FineWeb"]
    assert values(found, "batch_size") == [64]
