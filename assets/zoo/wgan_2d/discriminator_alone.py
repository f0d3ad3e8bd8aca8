"""A standard GAN's discriminator alone: ring against blob, nothing is generated.

It soon tells most of them apart, and where it is sure, the gradient that a generator would learn from is gone:
`lost_fakes` is the share of fakes at which log(1 - D) is all but level. A critic's slope is near one everywhere.
"""

import csv
import os

import torch
import torch.nn.functional as F
from plane import Critic, blob, draw, ring, slopes

SEED = 0
STEPS = 2000
BATCH_SIZE = 256
LEARNING_RATE = 1e-3
HIDDEN = 64
OUT = "discriminator_alone"


def main():
    torch.manual_seed(SEED)
    os.makedirs(OUT, exist_ok=True)
    discriminator = Critic(HIDDEN)
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=LEARNING_RATE)
    real, fake = ring(1000), blob(1000)
    labels = torch.cat([torch.ones(BATCH_SIZE, 1), torch.zeros(BATCH_SIZE, 1)])
    with open(f"{OUT}/log.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "loss", "real_score", "fake_score", "lost_fakes"])
        for step in range(1, STEPS + 1):
            logits = discriminator(torch.cat([ring(BATCH_SIZE), blob(BATCH_SIZE)]))
            loss = F.binary_cross_entropy_with_logits(logits, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 100 == 0:
                with torch.no_grad():
                    scores = [torch.sigmoid(discriminator(points)).mean().item() for points in (real, fake)]
                lost = (slopes(lambda points: F.logsigmoid(-discriminator(points)), fake) < 0.1).float().mean().item()
                log.writerow([step, *(f"{value:.5f}" for value in (loss.item(), *scores, lost))])
            if step % 500 == 0 or step == STEPS:
                draw(f"{OUT}/landscape_step_{step:04d}.png", discriminator, real, fake)
                print(f"step {step}: real {scores[0]:.3f}, fake {scores[1]:.3f}, lost {lost:.3f}")
    torch.save(discriminator.state_dict(), f"{OUT}/discriminator.pt")


if __name__ == "__main__":
    main()
