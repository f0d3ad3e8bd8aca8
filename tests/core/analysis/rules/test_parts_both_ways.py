"""Parts that are gone through both ways, autoencoders that only encode for others, judges that are given devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\nfrom torchvision import datasets\n"
LOADER = "loader = torch.utils.data.DataLoader(datasets.MNIST('data'), batch_size=16)\n"


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


STAGES = (
    TORCH
    + """
class Codebook(nn.Module):
    def __init__(self):
        super().__init__()
        self.codebook = nn.Embedding(64, 16)
    def forward(self, z):
        near = torch.argmin(torch.cdist(z.flatten(2).transpose(1, 2), self.codebook.weight), -1)
        q = self.codebook(near)
        return q.detach(), near

class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 16, 4, 4), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1))
        self.decoder = nn.ConvTranspose2d(16, 1, 4, 4)
        self.codes = Codebook()
    def forward(self, x):
        return self.codes(self.encoder(x))

class Block(nn.Module):
    def __init__(self, size=32):
        super().__init__()
        self.one, self.two = nn.LayerNorm(size), nn.LayerNorm(size)
        self.key, self.query, self.value = nn.Linear(size, size), nn.Linear(size, size), nn.Linear(size, size)
        self.feed = nn.Sequential(nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size))
    def forward(self, x):
        h = self.one(x)
        weights = torch.softmax(self.query(h) @ self.key(h).transpose(1, 2), -1)
        x = x + weights @ self.value(h)
        return x + self.feed(self.two(x))

class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(64, 32)
        self.blocks = nn.Sequential(Block(), Block())
        self.head = nn.Linear(32, 64)
    def forward(self, codes):
        return self.head(self.blocks(self.table(codes)))

class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.coder, self.words = Coder(), Words()
        self.coder.load_state_dict(torch.load("coder.pt"))
        self.coder.eval()
    def forward(self, x):
        with torch.no_grad():
            _, codes = self.coder(x)
        return self.words(codes[:, :-1]), codes[:, 1:]

net = Both()
optimizer = optim.AdamW(net.words.parameters(), lr=1e-4)
for x, _ in torch.utils.data.DataLoader(datasets.MNIST("data"), batch_size=16):
    scores, wanted = net(x)
    F.cross_entropy(scores.flatten(0, 1), wanted.flatten()).backward()
    optimizer.step()
"""
)


def test_a_part_over_tokens_is_found_beside_convolutions_and_leads_what_is_only_loaded(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": STAGES}), "architecture")
    assert found.index("Transformer") < found.index("VQ-VAE")


PADDED = (
    TORCH
    + LOADER
    + """
class Gated(nn.Module):
    def __init__(self, dilation):
        super().__init__()
        self.filter = nn.Conv1d(8, 8, 3, dilation=dilation, padding={padding})
        self.gate = nn.Conv1d(8, 8, 3, dilation=dilation, padding={padding})
    def forward(self, x):
        return torch.tanh(self.filter(x)) * torch.sigmoid(self.gate(x))
    def generate(self, x):
        return self(x)

net = nn.Sequential(Gated(2), Gated(4))
optimizer = optim.Adam(net.parameters(), lr=1e-3)
for x, _ in loader:
    net(torch.randn(16, 8, 100)).pow(2).mean().backward()
    optimizer.step()
"""
)


@pytest.mark.parametrize(("padding", "told"), [("2 * dilation", True), ("dilation", False)])
def test_what_sees_both_ways_does_not_come_one_by_one(tmp_path: Path, padding: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": PADDED.replace("{padding}", padding)})
    assert ("Autoregressive" in values(found, "architecture")) is told


def test_what_is_real_may_be_cut_where_the_maker_says(tmp_path: Path) -> None:
    cut = JUDGED.replace("    real, made = mpd(y,", "    y = cut(y, y_hat)\n    real, made = mpd(y,", 1)
    found = analysed(tmp_path, {"train.py": cut.replace("device =", "cut = lambda a, b: a[: len(b)]\ndevice =", 1)})
    assert "GAN" in values(found, "architecture")


@pytest.mark.parametrize(("clamped", "told"), [("p.grad.data", False), ("p.data", True)])
def test_gradients_that_are_clipped_make_no_critic(tmp_path: Path, clamped: str, told: bool) -> None:
    clipping = f"    for p in mpd.parameters():\n        {clamped}.clamp_(-0.01, 0.01)\n    optim_d.step()\n"
    found = analysed(tmp_path, {"train.py": JUDGED.replace("    optim_d.step()\n", clipping)})
    assert ("WGAN" in values(found, "architecture")) is told
