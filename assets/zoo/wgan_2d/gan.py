"""A standard GAN (Goodfellow et al. 2014) on the ring, with the kind of networks of `wgan_gp.py`, to compare."""

import csv
import os

import torch
import torch.nn.functional as F
from plane import Critic, Generator, draw, ring, spots_hit, transport

SEED = 0
STEPS = 4000
BATCH_SIZE = 256
LEARNING_RATE = 5e-4
BETAS = (0.5, 0.999)
LATENT = 8
HIDDEN = 128
OUT = "gan"


def main():
    torch.manual_seed(SEED)
    os.makedirs(OUT, exist_ok=True)
    generator, discriminator = Generator(LATENT, HIDDEN), Critic(HIDDEN)
    optimizer_g = torch.optim.Adam(generator.parameters(), lr=LEARNING_RATE, betas=BETAS)
    optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=LEARNING_RATE, betas=BETAS)
    held_out, noise = ring(500), torch.randn(500, LATENT)
    ones, zeros = torch.ones(BATCH_SIZE, 1), torch.zeros(BATCH_SIZE, 1)
    with open(f"{OUT}/log.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "loss_d", "loss_g", "real_score", "fake_score", "exact_distance", "spots_hit"])
        for step in range(1, STEPS + 1):
            fake = generator(torch.randn(BATCH_SIZE, LATENT))
            real_logits, fake_logits = discriminator(ring(BATCH_SIZE)), discriminator(fake.detach())
            loss_d = F.binary_cross_entropy_with_logits(real_logits, ones)
            loss_d = loss_d + F.binary_cross_entropy_with_logits(fake_logits, zeros)
            optimizer_d.zero_grad()
            loss_d.backward()
            optimizer_d.step()

            loss_g = F.binary_cross_entropy_with_logits(discriminator(fake), ones)
            optimizer_g.zero_grad()
            loss_g.backward()
            optimizer_g.step()
            if step % 100 == 0:
                scores = [torch.sigmoid(logits).mean().item() for logits in (real_logits, fake_logits)]
                with torch.no_grad():
                    points = generator(noise)
                distance, hit = transport(held_out, points), spots_hit(points)
                row = (loss_d.item(), loss_g.item(), *scores, distance)
                log.writerow([step, *(f"{value:.5f}" for value in row), hit])
            if step % 500 == 0 or step == STEPS:
                draw(f"{OUT}/points_step_{step:04d}.png", discriminator, held_out, points)
                print(f"step {step}: distance {distance:.3f}, {hit} spots", flush=True)
    torch.save(generator.state_dict(), f"{OUT}/generator.pt")


if __name__ == "__main__":
    main()
