"""A WGAN's critic alone, held by a gradient penalty (Gulrajani et al. 2017): ring against blob, nothing is generated.

The penalty asks for a slope of one, so that the difference of the critic's means is the Wasserstein distance itself.
"""

import csv
import os

import torch
from plane import Critic, blob, draw, gradient_penalty, lipschitz, ring, transport

SEED = 0
STEPS = 2000
BATCH_SIZE = 256
LEARNING_RATE = 1e-3
BETAS = (0.5, 0.9)
HIDDEN = 64
PENALTY_WEIGHT = 10.0
OUT = "critic_penalty"


def main():
    torch.manual_seed(SEED)
    os.makedirs(OUT, exist_ok=True)
    critic = Critic(HIDDEN)
    optimizer = torch.optim.Adam(critic.parameters(), lr=LEARNING_RATE, betas=BETAS)
    real, fake = ring(1000), blob(1000)
    exact = transport(real, fake)
    with open(f"{OUT}/log.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "loss", "gradient_penalty", "lipschitz", "distance", "exact_distance"])
        for step in range(1, STEPS + 1):
            batch, fakes = ring(BATCH_SIZE), blob(BATCH_SIZE)
            penalty = gradient_penalty(critic, batch, fakes)
            loss = critic(fakes).mean() - critic(batch).mean() + PENALTY_WEIGHT * penalty
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 100 == 0:
                with torch.no_grad():
                    distance = (critic(real).mean() - critic(fake).mean()).item()
                row = (loss.item(), penalty.item(), lipschitz(critic), distance, exact)
                log.writerow([step, *(f"{value:.5f}" for value in row)])
            if step % 500 == 0 or step == STEPS:
                draw(f"{OUT}/landscape_step_{step:04d}.png", critic, real, fake)
                print(f"step {step}: distance {distance:.3f} of {exact:.3f}")
    torch.save(critic.state_dict(), f"{OUT}/critic.pt")


if __name__ == "__main__":
    main()
