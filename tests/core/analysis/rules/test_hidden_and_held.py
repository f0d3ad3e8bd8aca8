"""Masked autoencoders, and latents that networks with flows and judges hold near a prior."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

MASKED = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, size=64):
        super().__init__()
        self.cut = nn.Conv2d(3, size, 16, stride=16)
        self.TOKEN = nn.Parameter(torch.zeros(1, 1, size))
        layer = nn.TransformerEncoderLayer(size, 4)
        self.blocks = nn.ModuleList([layer for _ in range(9)])
        self.decoder_blocks = nn.ModuleList([layer for _ in range(2)])
        self.guess = nn.Linear(size, 768)
    def forward(self, x, hidden):
        x = self.cut(x).flatten(2).transpose(1, 2)[:, ~hidden]
        for block in self.blocks:
            x = block(x)
        x = torch.cat([x, self.TOKEN.expand(len(x), int(hidden.sum()), -1)], 1)
        for block in self.decoder_blocks:
            x = block(x)
        return self.guess(x)

net = Net()
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
for pictures, hidden, patches in loader:
    guessed = net(pictures, hidden)
    loss = LOSS
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("token", "loss", "found"),
    [
        ("mask_token", "nn.functional.mse_loss(guessed, patches)", True),
        ("mask_token", "nn.functional.cross_entropy(guessed, patches)", False),
        ("answer_token", "nn.functional.mse_loss(guessed, patches)", False),
    ],
)
def test_what_a_mask_token_stands_for_is_made_again(token: str, loss: str, found: bool, tmp_path: Path) -> None:
    code = MASKED.replace("TOKEN", token).replace("LOSS", loss)
    assert ("Autoencoder" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


HELD = """
import torch
from torch import nn

class Step(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.net = nn.Conv1d(size, size, 1)
    def forward(self, z):
        shift, scale = self.net(z[:, :4]), self.net(z[:, 4:])
        logdet = scale.sum((1, 2))
        return z * torch.exp(scale) + shift, logdet

class Speaker(nn.Module):
    def __init__(self, size=8):
        super().__init__()
        self.enc = nn.Conv1d(80, 2 * size, 5)
        self.flow = Step(size)
        self.dec = nn.ConvTranspose1d(size, 80, 5)
    def forward(self, x):
        m, logs = self.enc(x).chunk(2, 1)
        z = m + torch.randn_like(m) * torch.exp(logs)
        z_p, logdet = self.flow(z)
        return self.dec(z), z_p, logs, logdet

def distance(z_p, logs):
    return (z_p ** 2 / 2 - logs).mean()

net = Speaker()
optimizer = torch.optim.AdamW(net.parameters(), lr=2e-4)
for x in loader:
    made, z_p, logs, logdet = net(x)
    loss_NAME = distance(z_p, logs)
    loss = (made - x).abs().mean() + loss_NAME
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("name", "found"), [("kl", True), ("dur", False)])
def test_a_latent_beside_a_flow_that_a_divergence_holds(name: str, found: bool, tmp_path: Path) -> None:
    code = HELD.replace("NAME", name)
    assert ("VAE" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found
