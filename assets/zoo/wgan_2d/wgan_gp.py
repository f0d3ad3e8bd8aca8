"""WGAN with gradient penalty (Gulrajani et al. 2017) on a ring of eight Gaussians: critic and generator together.

Each picture shows the critic as a landscape, data in white and the generator's points in red on it.
"""

import argparse
import csv
import os

import torch
from plane import Critic, Generator, draw, gradient_penalty, ring, spots_hit, transport


def options(arguments=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=2000, help="generator updates")
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--n-critic", type=int, default=3, help="critic updates per generator update")
    parser.add_argument("--lambda-gp", type=float, default=1.0, help="weight of the gradient penalty")
    parser.add_argument("--latent", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def train(opt, pictures=None):
    """Train once; gives generator, critic, what was logged every 50 steps, and the last points."""
    torch.manual_seed(opt.seed)
    generator, critic = Generator(opt.latent, opt.hidden), Critic(opt.hidden)
    optimizer_g = torch.optim.Adam(generator.parameters(), lr=opt.lr, betas=(0.0, 0.9))
    optimizer_c = torch.optim.Adam(critic.parameters(), lr=opt.lr, betas=(0.0, 0.9))
    held_out, noise = ring(500), torch.randn(500, opt.latent)
    history = []
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
        if step % 50 == 0 or step == opt.steps:
            with torch.no_grad():
                points = generator(noise)
            losses = {"critic_loss": loss_c, "generator_loss": loss_g, "wasserstein": distance}
            row = {name: loss.item() for name, loss in {**losses, "gradient_penalty": penalty}.items()}
            row |= {"exact_distance": transport(held_out, points), "spots_hit": spots_hit(points)}
            history.append({"step": step, **{name: round(value, 5) for name, value in row.items()}})
        if pictures and (step % 500 == 0 or step == opt.steps):
            draw(f"{pictures}/{step}.png", critic, held_out, points)
            print(history[-1], flush=True)
    return generator, critic, history, (held_out, points)


def main():
    os.makedirs("images", exist_ok=True)
    generator, critic, history, _ = train(options(), "images")
    with open("progress.csv", "w", newline="") as file:
        log = csv.DictWriter(file, history[0])
        log.writeheader()
        log.writerows(history)
    torch.save(generator.state_dict(), "generator.pt")
    torch.save(critic.state_dict(), "critic.pt")


if __name__ == "__main__":
    main()
