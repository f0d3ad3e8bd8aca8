"""Judges that are given what is real and what is made at once, which is no condition."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TURN = """
import torch
from torch import nn

class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Conv1d(80, 1, 7, padding=3)
    def forward(self, c, pitch):
        return self.net(c) + pitch

class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Conv1d(1, 1, 7)
    def forward(self, y, y_made):
        return self.net(y), self.net(y_made)

net_g, net_d = Generator(), Discriminator()
optim_g = torch.optim.Adam(net_g.parameters(), lr=1e-4)
optim_d = torch.optim.Adam(net_d.parameters(), lr=1e-4)
for c, pitch, y in loader:
    y_made = net_g({given})
    {told} = net_d(y, y_made.detach())
    loss_d = ((1 - {real}) ** 2).mean() + ({made} ** 2).mean()
    optim_d.zero_grad()
    loss_d.backward()
    optim_d.step()
    {told} = net_d(y, y_made)
    loss_g = ((1 - {made}) ** 2).mean()
    optim_g.zero_grad()
    loss_g.backward()
    optim_g.step()
"""


@pytest.mark.parametrize(
    ("given", "real", "made", "conditional"),
    [
        ("c, pitch", "on_real", "on_fake", False),
        ("c, pitch", "score_r", "score_g", False),
        ("pitch, c", "score_r", "score_g", True),  # a code given along
    ],
)
def test_what_is_real_is_no_condition(tmp_path: Path, given: str, real: str, made: str, conditional: bool) -> None:
    words = {"told": f"{real}, {made}", "real": real, "made": made, "given": given}
    text = TURN
    for word, value in words.items():
        text = text.replace("{" + word + "}", value)
    found = values(analysed(tmp_path, {"train.py": text}), "architecture")
    assert "GAN" in found and ("Conditional GAN" in found) == conditional
