"""A generator alone, against the critic of `critic_penalty.py`, which no longer learns.

Nothing spreads the points: they all climb to where the critic is highest and beyond the data, since a frozen critic
rises for ever there. It is the critic's answer to each move that makes a WGAN cover the ring.
"""

import csv
import os

import torch
from plane import Critic, Generator, draw, ring, spots_hit, transport

SEED = 0
STEPS = 150
BATCH_SIZE = 256
LEARNING_RATE = 2e-4
LATENT = 8
HIDDEN = 64
CRITIC = "critic_penalty/critic.pt"
OUT = "generator_alone"


def main():
    torch.manual_seed(SEED)
    os.makedirs(OUT, exist_ok=True)
    generator = Generator(LATENT, HIDDEN)
    critic = Critic(HIDDEN).requires_grad_(False)
    critic.load_state_dict(torch.load(CRITIC))
    optimizer = torch.optim.Adam(generator.parameters(), lr=LEARNING_RATE)
    real, noise = ring(500), torch.randn(500, LATENT)
    with open(f"{OUT}/log.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "loss", "exact_distance", "spots_hit"])
        for step in range(1, STEPS + 1):
            loss = -critic(generator(torch.randn(BATCH_SIZE, LATENT))).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 5 == 0:
                with torch.no_grad():
                    points = generator(noise)
                distance, hit = transport(real, points), spots_hit(points)
                log.writerow([step, f"{loss.item():.5f}", f"{distance:.5f}", hit])
            if step % 25 == 0 or step == STEPS:
                draw(f"{OUT}/points_step_{step:03d}.png", critic, real, points)
                print(f"step {step}: loss {loss.item():.3f}, distance {distance:.3f}, {hit} spots")
    torch.save(generator.state_dict(), f"{OUT}/generator.pt")


if __name__ == "__main__":
    main()
