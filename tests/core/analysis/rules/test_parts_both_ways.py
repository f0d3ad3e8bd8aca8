"""Parts that are gone through both ways, autoencoders that only encode for others, judges that are given devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\nfrom torchvision import datasets\n"
LOADER = "loader = torch.utils.data.DataLoader(datasets.MNIST('data'), batch_size=16)\n"

COUPLED = (
    TORCH
    + LOADER
    + """
class Law(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(392, 100), nn.ReLU(), nn.Linear(100, 392))
        self.other = nn.Linear(392, 392)
    def law(self, a, b):
        return a + b
    def forward(self, x):
        return torch.cat([x[:, :392], self.law(x[:, 392:], self.net(x[:, :392]))], 1)
    def inverse(self, y):
        return torch.cat([y[:, :392], y[:, 392:] - self.{back}(y[:, :392])], 1)

net = Law()
optimizer = optim.Adam(net.parameters(), lr=1e-3)
for x, _ in loader:
    F.softplus(net(x.flatten(1))).sum().backward()
    optimizer.step()
"""
)


@pytest.mark.parametrize(("back", "told"), [("net", True), ("other", False)])
def test_a_part_is_of_a_flow_whose_inverse_asks_the_same_network(tmp_path: Path, back: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": COUPLED.replace("{back}", back)})
    assert ("Flow" in values(found, "architecture")) is told


CODED = (
    TORCH
    + LOADER
    + """
from diffusers.models import AutoencoderKL

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
    def forward(self, x):
        return self.conv(x)

vae = AutoencoderKL.from_pretrained("some/vae")
net = {net}
optimizer = optim.Adam(net.parameters(), lr=1e-3)
for x, _ in loader:
    z = vae.encode(x).latent_dist.sample()
    F.mse_loss(net(z), z.flip(1)).backward()
    optimizer.step()
"""
)


@pytest.mark.parametrize(("net", "told"), [("Net()", False), ("vae", True)])
def test_an_autoencoder_of_a_library_may_only_encode(tmp_path: Path, net: str, told: bool) -> None:
    code = CODED if net == "Net()" else CODED.replace("class Net", "class _Unused").split("class _Unused")[0]
    code = code if net == "Net()" else code + CODED[CODED.index("vae =") :]
    found = analysed(tmp_path, {"train.py": code.replace("{net}", net)})
    assert ("VAE" in values(found, "architecture")) is told


JUDGED = (
    TORCH
    + LOADER
    + """
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

class PeriodDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3)
    def forward(self, y, y_hat):
        return self.conv(y), self.conv(y_hat)

class Maker(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1)
    def forward(self, x):
        return self.conv(x)

maker, mpd = Maker().to(device), PeriodDiscriminator().to(device)
optim_g, optim_d = optim.Adam(maker.parameters(), lr=1e-4), optim.Adam(mpd.parameters(), lr=1e-4)
for y, _ in loader:
    y = torch.autograd.Variable(y.to(device, non_blocking=True))
    y_hat = maker(torch.randn_like(y))
    real, made = mpd(y, y_hat.detach())
    ((1 - real) ** 2).mean().add((made**2).mean()).backward()
    optim_d.step()
    _, made = mpd(y, y_hat)
    ((1 - made) ** 2).mean().backward()
    optim_g.step()
"""
)


def test_what_was_brought_to_a_device_was_not_made_there(tmp_path: Path) -> None:
    assert "GAN" in values(analysed(tmp_path, {"train.py": JUDGED}), "architecture")
