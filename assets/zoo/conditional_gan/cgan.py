"""Conditional GAN on scikit-learn's digits: one is asked for a class and gets a picture of it."""

import json
import os

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn, optim

SEED = 1
EPOCHS = 300
BATCH_SIZE = 64
LEARNING_RATE = 5e-4
BETAS = (0.5, 0.999)
LATENT_DIM = 32
CLASSES = 10
SMOOTH = 0.9  # real labels are 0.9, which keeps the discriminator from certainty
SAMPLE_EVERY = 50
OUTPUT = "output"


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(CLASSES, 16)
        self.net = nn.Sequential(
            nn.Linear(LATENT_DIM + 16, 128),
            nn.BatchNorm1d(128),
            nn.ReLU(),
            nn.Linear(128, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(),
            nn.Linear(256, 64),
            nn.Tanh(),
        )

    def forward(self, z, y):
        return self.net(torch.cat([z, self.embed(y)], dim=1))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(CLASSES, 16)
        self.net = nn.Sequential(
            nn.Linear(64 + 16, 256),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(256, 128),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(128, 1),
        )

    def forward(self, x, y):
        return self.net(torch.cat([x, self.embed(y)], dim=1)).squeeze(1)


def save_grid(pictures, path, columns):
    """Pictures in [-1, 1], 8 x 8, side by side, with a grey line between them."""
    rows = len(pictures) // columns
    tiles = nn.functional.pad(pictures.reshape(rows, columns, 8, 8).clamp(-1, 1), (1, 1, 1, 1), value=-0.2)
    grid = tiles.permute(0, 2, 1, 3).reshape(rows * 10, columns * 10)
    picture = Image.fromarray(((grid.numpy() + 1) * 127.5).astype(np.uint8))
    picture.resize((columns * 50, rows * 50), Image.NEAREST).save(path)


torch.manual_seed(SEED)
os.makedirs(OUTPUT, exist_ok=True)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
digits = load_digits()
images = torch.tensor(digits.data / 8 - 1, dtype=torch.float32, device=device)
labels = torch.tensor(digits.target, device=device)
generator, discriminator = Generator().to(device), Discriminator().to(device)
optimizer_g = optim.Adam(generator.parameters(), lr=LEARNING_RATE, betas=BETAS)
optimizer_d = optim.Adam(discriminator.parameters(), lr=LEARNING_RATE, betas=BETAS)
criterion = nn.BCEWithLogitsLoss()
fixed_noise = torch.randn(100, LATENT_DIM, device=device)
fixed_labels = torch.arange(10, device=device).repeat_interleave(10)

with open(f"{OUTPUT}/log.jsonl", "w") as log:
    for epoch in range(1, EPOCHS + 1):
        sums = {"loss_d": 0.0, "loss_g": 0.0, "real_score": 0.0, "fake_score": 0.0}
        batches = torch.randperm(len(images), device=device).split(BATCH_SIZE)
        for batch in batches:
            x, y = images[batch], labels[batch]
            z = torch.randn(len(batch), LATENT_DIM, device=device)
            fake_y = torch.randint(CLASSES, (len(batch),), device=device)
            fake = generator(z, fake_y)

            real_logits, fake_logits = discriminator(x, y), discriminator(fake.detach(), fake_y)
            loss_d = criterion(real_logits, torch.full_like(real_logits, SMOOTH))
            loss_d = loss_d + criterion(fake_logits, torch.zeros_like(fake_logits))
            optimizer_d.zero_grad()
            loss_d.backward()
            optimizer_d.step()

            logits = discriminator(fake, fake_y)
            loss_g = criterion(logits, torch.ones_like(logits))
            optimizer_g.zero_grad()
            loss_g.backward()
            optimizer_g.step()

            sums["loss_d"] += loss_d.item()
            sums["loss_g"] += loss_g.item()
            sums["real_score"] += torch.sigmoid(real_logits).mean().item()
            sums["fake_score"] += torch.sigmoid(fake_logits).mean().item()
        means = {name: round(value / len(batches), 4) for name, value in sums.items()}
        log.write(json.dumps({"epoch": epoch, **means}) + "\n")
        if epoch % SAMPLE_EVERY == 0 or epoch == EPOCHS:
            print(f"epoch {epoch}", means)
            generator.eval()
            with torch.no_grad():
                samples = generator(fixed_noise, fixed_labels).cpu()
            generator.train()
            save_grid(samples, f"{OUTPUT}/samples_epoch_{epoch:03d}.png", columns=10)
            for digit in (3, 8):
                ten = samples[digit * 10 : digit * 10 + 10]
                save_grid(ten, f"{OUTPUT}/class_{digit}_epoch_{epoch:03d}.png", columns=5)

torch.save({"generator": generator.state_dict(), "discriminator": discriminator.state_dict()}, f"{OUTPUT}/cgan.pth")
