"""Two normalising flows on two rings in the plane: `python train.py --config configs/glow.yaml`.

NICE (Dinh et al. 2014) shifts one coordinate by the other and scales only at its end. A step of Glow (Kingma and
Dhariwal 2018) normalises, mixes by an invertible matrix (the 1x1 convolution of a picture that has a single pixel),
then scales and shifts. The density of the rings is known, and so is the least that the loss can reach.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
import yaml
from PIL import Image
from torch import nn

RADII = torch.tensor([1.0, 2.2])
WIDTH = 0.12


def rings(count, generator=None):
    """Points on two rings, each as likely; their distance from the ring is Gaussian."""
    radius = RADII[torch.randint(2, (count,), generator=generator)] + WIDTH * torch.randn(count, generator=generator)
    angle = 2 * math.pi * torch.rand(count, generator=generator)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)


def true_log_prob(x):
    """The density of the rings: that of the radius, spread over the circle."""
    radius = x.norm(dim=1, keepdim=True)
    across = -0.5 * ((radius - RADII) / WIDTH) ** 2 - math.log(WIDTH * math.sqrt(2 * math.pi))
    return across.logsumexp(1) - math.log(2) - (2 * math.pi * radius[:, 0]).log()


def network(outputs, hidden):
    return nn.Sequential(
        nn.Linear(1, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, outputs)
    )


class AdditiveCoupling(nn.Module):
    """Shifts one coordinate by the other; keeps volumes."""

    def __init__(self, moved, hidden):
        super().__init__()
        self.moved = moved
        self.net = network(1, hidden)

    def shift(self, x):
        return nn.functional.pad(self.net(x[:, [1 - self.moved]]), (self.moved, 1 - self.moved))

    def forward(self, x):
        return x + self.shift(x), torch.zeros(len(x))

    def inverse(self, y):
        return y - self.shift(y)


class Scale(nn.Module):
    """NICE's last layer: each coordinate has its own scale."""

    def __init__(self):
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        return x * self.log_scale.exp(), self.log_scale.sum().expand(len(x))

    def inverse(self, y):
        return y * (-self.log_scale).exp()


class ActNorm(nn.Module):
    """Scale and shift; the first batch sets them so that it leaves with mean 0 and deviation 1."""

    def __init__(self):
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(2))
        self.shift = nn.Parameter(torch.zeros(2))
        self.register_buffer("ready", torch.tensor(False))

    def forward(self, x):
        if not self.ready:
            self.log_scale.data = -x.detach().std(0).log()
            self.shift.data = -x.detach().mean(0) * self.log_scale.exp()
            self.ready.fill_(True)
        return x * self.log_scale.exp() + self.shift, self.log_scale.sum().expand(len(x))

    def inverse(self, y):
        return (y - self.shift) * (-self.log_scale).exp()


class InvertibleLinear(nn.Module):
    """Mixes the coordinates; begins as a rotation."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.linalg.qr(torch.randn(2, 2))[0])

    def forward(self, x):
        return x @ self.weight.T, torch.linalg.slogdet(self.weight)[1].expand(len(x))

    def inverse(self, y):
        return y @ torch.linalg.inv(self.weight).T


class AffineCoupling(nn.Module):
    """Scales and shifts the second coordinate by the first."""

    def __init__(self, hidden):
        super().__init__()
        self.net = network(2, hidden)

    def terms(self, kept):
        log_scale, shift = self.net(kept).chunk(2, dim=1)
        return 2 * torch.tanh(log_scale / 2), shift

    def forward(self, x):
        kept, moved = x.chunk(2, dim=1)
        log_scale, shift = self.terms(kept)
        return torch.cat([kept, moved * log_scale.exp() + shift], dim=1), log_scale[:, 0]

    def inverse(self, y):
        kept, moved = y.chunk(2, dim=1)
        log_scale, shift = self.terms(kept)
        return torch.cat([kept, (moved - shift) * (-log_scale).exp()], dim=1)


class Nice(nn.Module):
    def __init__(self, layers, hidden):
        super().__init__()
        self.layers = nn.ModuleList([AdditiveCoupling(index % 2, hidden) for index in range(layers)])
        self.layers.append(Scale())


class Glow(nn.Module):
    def __init__(self, layers, hidden):
        super().__init__()
        self.layers = nn.ModuleList()
        for _ in range(layers):
            self.layers.extend([ActNorm(), InvertibleLinear(), AffineCoupling(hidden)])


def log_prob(flow, x):
    """Exact, in nats: the change of variables from a standard normal."""
    log_det = torch.zeros(len(x))
    for layer in flow.layers:
        x, stretched = layer(x)
        log_det = log_det + stretched
    return log_det - 0.5 * (x**2).sum(1) - math.log(2 * math.pi)


@torch.no_grad()
def sample(flow, count):
    x = torch.randn(count, 2, generator=torch.Generator().manual_seed(0))
    for layer in reversed(flow.layers):
        x = layer.inverse(x)
    return x


def density(points, size=160, reach=3.0):
    """A picture of where the points are."""
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=size, range=[[-reach, reach]] * 2)
    return (np.minimum(counts[::-1], 4) / 4 * 255).astype(np.uint8)


def build(config):
    if config["flow"] == "nice":
        return Nice(config["layers"], config["hidden"])
    return Glow(config["layers"], config["hidden"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="configs/nice.yaml")
    args = parser.parse_args()
    config = yaml.safe_load(Path(args.config).read_text())
    torch.manual_seed(config["seed"])
    out = Path("runs") / config["name"]
    out.mkdir(parents=True, exist_ok=True)

    train, test = rings(config["points"]), rings(5000)
    least = -true_log_prob(test).mean().item()
    flow = build(config)
    optimizer = torch.optim.Adam(flow.parameters(), lr=config["lr"])
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=config["epochs"])
    for epoch in range(1, config["epochs"] + 1):
        losses = []
        for batch in torch.randperm(len(train)).split(config["batch_size"]):
            loss = -log_prob(flow, train[batch]).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(flow.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
        with torch.no_grad():
            nll = -log_prob(flow, test).mean().item()
        numbers = f"train_nll {np.mean(losses):.4f} test_nll {nll:.4f} above_truth {nll - least:.4f}"
        print(f"epoch {epoch} {numbers}", flush=True)
        if epoch % 10 == 0 or epoch == config["epochs"]:
            both = np.hstack([density(test.numpy()), density(sample(flow, len(test)).numpy())])
            Image.fromarray(both).resize((640, 320), Image.NEAREST).save(out / f"samples_{epoch:03d}.png")
    torch.save(flow.state_dict(), out / "flow.pt")


if __name__ == "__main__":
    main()
