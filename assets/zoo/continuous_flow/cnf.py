"""A continuous normalising flow on two spirals in the plane (Chen et al. 2018; Grathwohl et al. 2019).

A learnt velocity carries the points to a standard normal; the density follows from the velocity's divergence along
the way. The equation is solved by Runge-Kutta steps of fixed size. The divergence is exact (`--trace exact`: both unit
vectors are pushed through the network) or estimated with one random vector (`--trace hutchinson`).
"""

import argparse
import itertools
import json
import math
import os

import numpy as np
import torch
from PIL import Image
from torch import nn

TURNS, ARM_POINTS, BLUR = 1.0, 200, 0.1


def spiral_centres():
    """Points along two arms, evenly spaced by length: the spirals are these points, blurred."""
    angle = TURNS * 2 * math.pi * torch.linspace(0.06, 1, ARM_POINTS).sqrt()
    arm = (0.42 * angle)[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    return torch.cat([arm, -arm])


def spirals(count, generator=None):
    centres = spiral_centres()
    chosen = centres[torch.randint(len(centres), (count,), generator=generator)]
    return chosen + BLUR * torch.randn(count, 2, generator=generator)


def true_log_prob(x):
    """The density of the spirals, a mixture of Gaussians, in nats."""
    centres = spiral_centres()
    near = -((x[:, None] - centres) ** 2).sum(-1) / (2 * BLUR**2)
    return near.logsumexp(1) - math.log(len(centres) * 2 * math.pi * BLUR**2)


class Velocity(nn.Module):
    """Where a point moves at a time, and how the movement changes along given directions."""

    def __init__(self, hidden):
        super().__init__()
        self.inwards = nn.Linear(2, hidden)
        self.middle = nn.Linear(hidden, hidden)
        self.outwards = nn.Linear(hidden, 2)
        self.time = nn.Linear(1, 2 * hidden)

    def forward(self, t, x, directions):
        """x (n, 2) and directions (k, n, 2) to the velocity (n, 2) and its derivatives (k, n, 2)."""
        first, second = self.time(t.reshape(1, 1)).chunk(2, dim=1)
        h = torch.tanh(self.inwards(x) + first)
        slope = (1 - h**2) * (directions @ self.inwards.weight.T)
        h = torch.tanh(self.middle(h) + second)
        slope = (1 - h**2) * (slope @ self.middle.weight.T)
        return self.outwards(h), slope @ self.outwards.weight.T


class ContinuousFlow(nn.Module):
    def __init__(self, hidden, solver_steps, trace):
        super().__init__()
        self.velocity = Velocity(hidden)
        self.solver_steps = solver_steps
        self.trace = trace

    def directions(self, x):
        """Both unit vectors, or a random one of signs (Hutchinson's estimator)."""
        if self.trace == "exact":
            return torch.eye(2)[:, None].expand(2, len(x), 2)
        return torch.randint(2, (1, *x.shape)).float() * 2 - 1

    def solve(self, x, start, end):
        """Runge-Kutta of the fourth order from one time to another: the points and the integral of the divergence."""
        directions = self.directions(x)
        step = (end - start) / self.solver_steps

        def change(t, x):
            velocity, slope = self.velocity(torch.tensor(t), x, directions)
            return velocity, (slope * directions).sum((0, 2))

        gathered = torch.zeros(len(x))
        for index in range(self.solver_steps):
            t = start + index * step
            v1, d1 = change(t, x)
            v2, d2 = change(t + step / 2, x + step / 2 * v1)
            v3, d3 = change(t + step / 2, x + step / 2 * v2)
            v4, d4 = change(t + step, x + step * v3)
            x = x + step / 6 * (v1 + 2 * v2 + 2 * v3 + v4)
            gathered = gathered + step / 6 * (d1 + 2 * d2 + 2 * d3 + d4)
        return x, gathered

    def log_prob(self, x):
        z, gathered = self.solve(x, 0.0, 1.0)
        return gathered - 0.5 * (z**2).sum(1) - math.log(2 * math.pi)

    @torch.no_grad()
    def paths(self, count, times):
        """Points on their way from the normal to the data, one tensor a time."""
        x = torch.randn(count, 2, generator=torch.Generator().manual_seed(0))
        seen = [x]
        for start, end in itertools.pairwise(times):
            x, _ = self.solve(x, start, end)
            seen.append(x)
        return seen


def density(points, size=160, reach=3.2):
    """A picture of where the points are."""
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=size, range=[[-reach, reach]] * 2)
    return (np.minimum(counts[::-1], 4) / 4 * 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iterations", type=int, default=800)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--lr", type=float, default=1e-2)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--solver-steps", type=int, default=5)
    parser.add_argument("--trace", choices=["exact", "hutchinson"], default="exact")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="output")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    os.makedirs(args.output, exist_ok=True)
    test = spirals(5000, torch.Generator().manual_seed(1))
    least = -true_log_prob(test).mean().item()
    flow = ContinuousFlow(args.hidden, args.solver_steps, args.trace)
    optimizer = torch.optim.Adam(flow.parameters(), lr=args.lr)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=args.lr, total_steps=args.iterations)
    with open(f"{args.output}/train.jsonl", "w") as log:
        for iteration in range(1, args.iterations + 1):
            loss = -flow.log_prob(spirals(args.batch_size)).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
            optimizer.step()
            scheduler.step()
            if iteration % 50 == 0 or iteration == args.iterations:
                with torch.no_grad():
                    nll = -flow.log_prob(test).mean().item()
                row = {"iteration": iteration, "loss": loss.item(), "test_nll": nll, "above_truth": nll - least}
                log.write(json.dumps({name: round(value, 4) for name, value in row.items()}) + "\n")
            if iteration % 200 == 0 or iteration == args.iterations:
                print(f"iteration {iteration}: held-out {nll:.4f} nats, the truth {least:.4f}", flush=True)
                seen = flow.paths(5000, [1.0, 0.75, 0.5, 0.25, 0.0])
                strip = np.hstack([density(points.numpy()) for points in [*seen, test]])
                Image.fromarray(strip).save(f"{args.output}/flow_{iteration:05d}.png")
    torch.save(flow.state_dict(), f"{args.output}/cnf.pt")


if __name__ == "__main__":
    main()
