"""What the studies in the plane share: the ring of Gaussians, the networks, distances and pictures."""

import math

import matplotlib
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.autograd import grad

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SPOTS = 8
RADIUS = 2.0
DEVIATION = 0.1


def centres():
    angle = torch.arange(SPOTS) * (2 * math.pi / SPOTS)
    return RADIUS * torch.stack([angle.cos(), angle.sin()], dim=1)


def ring(count, generator=None):
    """Points of eight Gaussians on a circle, (count, 2)."""
    spot = torch.randint(SPOTS, (count,), generator=generator)
    return centres()[spot] + DEVIATION * torch.randn(count, 2, generator=generator)


def blob(count, generator=None):
    """Points of one wide Gaussian in the middle: the fakes of a critic that is trained alone."""
    return torch.randn(count, 2, generator=generator)


class Generator(nn.Module):
    def __init__(self, latent, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2)
        )

    def forward(self, z):
        return self.net(z)


class Critic(nn.Module):
    """A score without bounds; a standard GAN reads it as the logit of being real."""

    def __init__(self, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1)
        )

    def forward(self, x):
        return self.net(x)


def slopes(critic, points, keep_graph=False):
    """The length of the critic's gradient at each point."""
    points = points.detach().requires_grad_(True)
    return grad(critic(points).sum(), points, create_graph=keep_graph)[0].norm(dim=1)


def gradient_penalty(critic, real, fake):
    """How far the critic's slope between real and fake points is from one (Gulrajani et al. 2017)."""
    mix = torch.rand(len(real), 1)
    return ((slopes(critic, mix * real + (1 - mix) * fake, keep_graph=True) - 1) ** 2).mean()


def lipschitz(critic, reach=3.0, size=60):
    """The estimated Lipschitz constant: the steepest slope on a lattice over the plane."""
    axis = torch.linspace(-reach, reach, size)
    return slopes(critic, torch.cartesian_prod(axis, axis)).max().item()


def transport(a, b):
    """The exact Wasserstein-1 distance of two equally large sets of points, by the cheapest assignment."""
    costs = torch.cdist(a, b)
    return costs[linear_sum_assignment(costs.numpy())].mean().item()


def spots_hit(points):
    """How many of the eight Gaussians have at least 1 % of the points within three deviations."""
    near = torch.cdist(points, centres()) < 3 * DEVIATION
    return int((near.float().mean(0) >= 0.01).sum())


def draw(path, critic, real, fake, reach=3.0, size=80):
    """The critic as a landscape, with real points in white and fake ones in red on it."""
    axis = torch.linspace(-reach, reach, size)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    with torch.no_grad():
        heights = critic(torch.stack([x, y], dim=2).flatten(0, 1)).reshape(size, size)
    figure, axes = plt.subplots(figsize=(3.2, 3.2), layout="constrained")
    axes.contourf(x, y, heights, levels=20)
    axes.plot(*real[:300].T, ".", color="white", markersize=2)
    axes.plot(*fake[:300].T, ".", color="red", markersize=2)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    figure.savefig(path, dpi=80)
    plt.close(figure)
