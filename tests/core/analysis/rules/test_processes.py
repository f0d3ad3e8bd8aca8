"""Processes are told by their formulas, whatever their parts are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from core.analysis.rules.details import seeds
from tests.core.analysis.writing import program

HEAD = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 8), nn.Linear(8, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
"""
CASES = {
    "change of variables": (
        """
        class Warp(nn.Module):
            def nats(self, x):
                z, gained = self.go(x)
                return gained - 0.5 * (z ** 2).sum(1)
            def go(self, x):
                return net(x), x.sum(1)
        warp = Warp()
        for x in data:
            (-warp.nats(x).mean()).backward()
            opt.step()
        """,
        "Flow",
    ),
    "a divergence is no change of variables": (
        """
        def encode(x):
            return net(x).chunk(2, 1)
        for x in data:
            mean, spread = encode(x)
            loss = -0.5 * (1 + spread - mean.pow(2) - spread.exp()).sum()
            loss.backward()
            opt.step()
        """,
        "",
    ),
    "a share of the data and the rest of noise": (
        """
        for x in data:
            noise = torch.randn_like(x)
            left = torch.cos(torch.rand(len(x), 1)) ** 2
            loss = (net(left.sqrt() * x + (1 - left).sqrt() * noise) - noise).pow(2).mean()
            loss.backward()
            opt.step()
        """,
        "Diffusion",
    ),
    "two pictures mixed": (
        """
        for x, y in data:
            left = torch.rand(len(x), 1)
            loss = (net(left.sqrt() * x + (1 - left).sqrt() * y) - y).pow(2).mean()
            loss.backward()
            opt.step()
        """,
        "",
    ),
    "the way back to the data": (
        """
        for x in data:
            z = torch.randn_like(x)
            loss = ((0.1 * net(x + 0.1 * z) + z) ** 2).mean()
            loss.backward()
            opt.step()
        """,
        "Score-Based",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_formulas_show(name: str, tmp_path: Path) -> None:
    text, expected = CASES[name]
    lines = text.splitlines()
    followed = program(tmp_path, {"train.py": HEAD + "\n".join(line[8:] for line in lines)})
    found = [fact.value for fact in architecture(followed)]
    assert ({"Flow", "Diffusion", "Score-Based"} & set(found)) == ({expected} if expected else set())


def test_a_generator_apart_is_not_the_seed_of_a_seeded_run(tmp_path: Path) -> None:
    split = "torch.randperm(9, generator=torch.Generator().manual_seed(7))\n"
    alone = program(tmp_path, {"train.py": HEAD + split})
    assert [fact.value for fact in seeds(alone)] == [7]
    both = program(tmp_path, {"train.py": HEAD + "torch.manual_seed(1)\n" + split})
    assert [fact.value for fact in seeds(both)] == [1]
