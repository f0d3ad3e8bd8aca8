"""A WGAN's critic alone, its weights clipped (Arjovsky et al. 2017): ring against blob, nothing is generated.

Clipped weights bound the critic's slope, but nobody knows by how much: the difference of its means is the Wasserstein
distance times its Lipschitz constant, which is estimated here as its steepest slope. `critic_penalty.py` is the other
way to hold it.
"""

import csv
import os

import torch
from plane import Critic, blob, draw, lipschitz, ring, transport

SEED = 0
STEPS = 2000
BATCH_SIZE = 256
LEARNING_RATE = 5e-4
HIDDEN = 64
CLIP = 0.1
OUT = "critic_clipping"


def main():
    torch.manual_seed(SEED)
    os.makedirs(OUT, exist_ok=True)
    critic = Critic(HIDDEN)
    optimizer = torch.optim.RMSprop(critic.parameters(), lr=LEARNING_RATE)
    real, fake = ring(1000), blob(1000)
    exact = transport(real, fake)
    with open(f"{OUT}/log.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "loss", "lipschitz", "distance", "exact_distance"])
        for step in range(1, STEPS + 1):
            loss = critic(blob(BATCH_SIZE)).mean() - critic(ring(BATCH_SIZE)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for parameter in critic.parameters():
                    parameter.clamp_(-CLIP, CLIP)
            if step % 100 == 0:
                with torch.no_grad():
                    difference = (critic(real).mean() - critic(fake).mean()).item()
                steepest = lipschitz(critic)
                row = (loss.item(), steepest, difference / steepest, exact)
                log.writerow([step, *(f"{value:.5f}" for value in row)])
            if step % 500 == 0 or step == STEPS:
                draw(f"{OUT}/landscape_step_{step:04d}.png", critic, real, fake)
                print(f"step {step}: slope {steepest:.3f}, distance {difference / steepest:.3f} of {exact:.3f}")
    torch.save(critic.state_dict(), f"{OUT}/critic.pt")


if __name__ == "__main__":
    main()
