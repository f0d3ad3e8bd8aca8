"""An energy-based model of eight Gaussians in the plane, sampled by Langevin dynamics.

The energy is pushed down at the data and up where the chains of the model stand (persistent contrastive divergence,
Tieleman 2008; Du and Mordatch 2019). Pictures: the data, the samples, and exp(-energy), all in one row.
"""

import csv
import math
import os

import numpy as np
import torch
from PIL import Image
from torch import nn

STEPS = 1200
BATCH_SIZE = 256
LR = 2e-3
HIDDEN = 96
CHAINS = 2048
LANGEVIN_STEPS = 10
STEP_SIZE = 0.02
RESTART = 0.05  # the share of chains that begin anew, so that they do not all stay in one place
ENERGY_DECAY = 0.02  # keeps energies near zero
SEED = 0
OUT = "figures"


def gaussians(count, generator=None):
    """Points of eight Gaussians (deviation 0.2) on a circle of radius 2."""
    angle = torch.randint(8, (count,), generator=generator) * (2 * math.pi / 8)
    centres = 2 * torch.stack([angle.cos(), angle.sin()], dim=1)
    return centres + 0.2 * torch.randn(count, 2, generator=generator)


class Energy(nn.Module):
    """Linear layers over waves of random frequencies: fine details are learnt sooner (Tancik et al. 2020)."""

    def __init__(self):
        super().__init__()
        self.register_buffer("frequencies", 1.5 * torch.randn(2, HIDDEN // 2))
        self.net = nn.Sequential(
            nn.Linear(HIDDEN, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, 1)
        )

    def forward(self, x):
        waves = x @ self.frequencies
        return self.net(torch.cat([waves.sin(), waves.cos()], dim=1)).squeeze(1) + 0.05 * (x**2).sum(1)


def langevin(energy, x, steps, generator=None):
    """Downhill with noise: the chain's points in the end are samples of exp(-energy)."""
    for _ in range(steps):
        x = x.detach().requires_grad_(True)
        slope = torch.autograd.grad(energy(x).sum(), x)[0]
        x = x - STEP_SIZE * slope + math.sqrt(2 * STEP_SIZE) * torch.randn(x.shape, generator=generator)
    return x.detach()


def start(count, generator=None):
    return 6 * torch.rand(count, 2, generator=generator) - 3


def energy_distance(a, b):
    """Zero for points of one distribution (Szekely and Rizzo 2013)."""
    return (2 * torch.cdist(a, b).mean() - torch.cdist(a, a).mean() - torch.cdist(b, b).mean()).item()


def density(points, size=160, reach=3.0):
    """A picture of where the points are."""
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=size, range=[[-reach, reach]] * 2)
    return (np.minimum(counts[::-1], 2) / 2 * 255).astype(np.uint8)


@torch.no_grad()
def landscape(energy, size=160, reach=3.0):
    """exp(-energy) over the plane, the brightest point white."""
    axis = torch.linspace(-reach, reach, size)
    y, x = torch.meshgrid(axis.flip(0), axis, indexing="ij")
    height = -energy(torch.stack([x, y], dim=-1).reshape(-1, 2)).reshape(size, size)
    return ((height - height.max()).exp() * 255).byte().numpy()


torch.manual_seed(SEED)
os.makedirs(OUT, exist_ok=True)
energy = Energy()
optimizer = torch.optim.Adam(energy.parameters(), lr=LR, betas=(0.9, 0.99))
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
chains = start(CHAINS)
truth = gaussians(2000, torch.Generator().manual_seed(1))
with open("training.csv", "w", newline="") as file:
    log = csv.writer(file)
    log.writerow(["step", "energy_data", "energy_model", "energy_distance"])
    for step in range(1, STEPS + 1):
        real = gaussians(BATCH_SIZE)
        chosen = torch.randperm(CHAINS)[:BATCH_SIZE]
        begin = torch.where(torch.rand(BATCH_SIZE, 1) < RESTART, start(BATCH_SIZE), chains[chosen])
        fake = chains[chosen] = langevin(energy, begin, LANGEVIN_STEPS)
        energy_real, energy_fake = energy(real), energy(fake)
        decay = ENERGY_DECAY * (energy_real**2 + energy_fake**2).mean()
        loss = energy_real.mean() - energy_fake.mean() + decay
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(energy.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        if step % 300 == 0 or step == STEPS:
            generator = torch.Generator().manual_seed(0)
            samples = langevin(energy, start(2000, generator), 150, generator)
            distance = energy_distance(samples, truth)
            log.writerow([step, *(f"{x:.4f}" for x in (energy_real.mean(), energy_fake.mean(), distance))])
            print(f"step {step}: energy distance to the data {distance:.4f}", flush=True)
            row = np.hstack([density(truth), density(samples), landscape(energy)])
            Image.fromarray(row).save(f"{OUT}/step_{step:05d}.png")
torch.save(energy.state_dict(), "energy.pt")
