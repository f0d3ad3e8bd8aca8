"""WGAN with gradient penalty (Gulrajani et al. 2017) on a ring of eight Gaussians in the plane.

Each picture shows the data in the left half and the generator's points in the right half.
"""

import argparse
import csv
import math
import os

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.autograd import grad


def ring(count, generator=None):
    """Points of eight Gaussians (deviation 0.1) on a circle of radius 2."""
    angle = torch.randint(8, (count,), generator=generator) * (2 * math.pi / 8)
    centres = 2 * torch.stack([angle.cos(), angle.sin()], dim=1)
    return centres + 0.1 * torch.randn(count, 2, generator=generator)


class Generator(nn.Module):
    def __init__(self, latent, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2)
        )

    def forward(self, z):
        return self.net(z)


class Critic(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1)
        )

    def forward(self, x):
        return self.net(x)


def gradient_penalty(critic, real, fake):
    """How far the critic's slope between real and fake points is from one."""
    mix = torch.rand(len(real), 1)
    between = (mix * real + (1 - mix) * fake).requires_grad_(True)
    slopes = grad(critic(between).sum(), between, create_graph=True)[0]
    return ((slopes.norm(dim=1) - 1) ** 2).mean()


def density(points, size=128, reach=3.0):
    """A picture of where the points are."""
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=size, range=[[-reach, reach]] * 2)
    return (np.minimum(counts[::-1], 4) / 4 * 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=3000, help="generator updates")
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--n-critic", type=int, default=5, help="critic updates per generator update")
    parser.add_argument("--lambda-gp", type=float, default=0.1, help="weight of the gradient penalty")
    parser.add_argument("--latent", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    opt = parser.parse_args()

    torch.manual_seed(opt.seed)
    os.makedirs("images", exist_ok=True)
    generator, critic = Generator(opt.latent, opt.hidden), Critic(opt.hidden)
    optimizer_g = torch.optim.Adam(generator.parameters(), lr=opt.lr, betas=(0.0, 0.9))
    optimizer_c = torch.optim.Adam(critic.parameters(), lr=opt.lr, betas=(0.0, 0.9))
    data = ring(4000, torch.Generator().manual_seed(0)).numpy()
    noise = torch.randn(4000, opt.latent, generator=torch.Generator().manual_seed(0))
    with open("progress.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "critic_loss", "generator_loss", "wasserstein", "gradient_penalty"])
        for step in range(1, opt.steps + 1):
            for _ in range(opt.n_critic):
                real = ring(opt.batch_size)
                fake = generator(torch.randn(opt.batch_size, opt.latent)).detach()
                distance = critic(real).mean() - critic(fake).mean()
                penalty = gradient_penalty(critic, real, fake)
                loss_c = -distance + opt.lambda_gp * penalty
                optimizer_c.zero_grad()
                loss_c.backward()
                optimizer_c.step()
            loss_g = -critic(generator(torch.randn(opt.batch_size, opt.latent))).mean()
            optimizer_g.zero_grad()
            loss_g.backward()
            optimizer_g.step()
            if step % 50 == 0:
                row = (loss_c.item(), loss_g.item(), distance.item(), penalty.item())
                log.writerow([step, *(f"{value:.5f}" for value in row)])
            if step % 500 == 0 or step == opt.steps:
                with torch.no_grad():
                    points = generator(noise).numpy()
                Image.fromarray(np.hstack([density(data), density(points)])).save(f"images/{step}.png")
                print(f"step {step}: wasserstein {distance.item():.4f}", flush=True)
    torch.save(generator.state_dict(), "generator.pt")
    torch.save(critic.state_dict(), "critic.pt")


if __name__ == "__main__":
    main()
