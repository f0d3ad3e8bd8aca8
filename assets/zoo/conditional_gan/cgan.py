"""Conditional GAN on digits: one is asked for a class and gets a picture of it.

The discriminator's slope at real digits is penalised (R1, Mescheder et al. 2018). Without it the generator answered
with a few pictures for each class.
"""

import argparse
import gzip
import json
import os

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.nn import functional as F

SEED = 1
EPOCHS = 200
BATCH_SIZE = 64
LEARNING_RATE = 5e-4
BETAS = (0.5, 0.999)
LATENT_DIM = 32
CLASSES = 10
R1_WEIGHT = 1.0
R1_EVERY = 4  # steps; the penalty counts for all of them
SAMPLE_EVERY = 25
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
            nn.Linear(256, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
        )

    def forward(self, x, y):
        return self.net(torch.cat([x, self.embed(y)], dim=1)).squeeze(1)


def read_idx(path):
    """One of MNIST's files, plain or gzipped: an array of bytes of the shape that its head tells."""
    if os.path.exists(path):
        content = open(path, "rb").read()
    else:
        content = gzip.open(path + ".gz").read()
    head = 4 + 4 * content[3]
    return np.frombuffer(content, np.uint8, offset=head).reshape(np.frombuffer(content[4:head], ">u4"))


def load_data(folder):
    """Training digits, (n, 64) in [-1, 1], and their classes: MNIST's files of a folder, or scikit-learn's digits."""
    if folder:
        pixels = torch.tensor(read_idx(f"{folder}/train-images-idx3-ubyte") / 255, dtype=torch.float32)
        small = F.avg_pool2d(F.pad(pixels, (2, 2, 2, 2)), 4)  # as scikit-learn's digits were made
        return small.flatten(1) * 2 - 1, torch.tensor(read_idx(f"{folder}/train-labels-idx1-ubyte"), dtype=torch.long)
    digits = load_digits()
    train = torch.randperm(len(digits.data), generator=torch.Generator().manual_seed(0))[:1437]
    return torch.tensor(digits.data / 8 - 1, dtype=torch.float32)[train], torch.tensor(digits.target)[train]


def save_grid(pictures, path, columns):
    """Pictures in [-1, 1], 8 x 8, side by side, with a grey line between them."""
    rows = len(pictures) // columns
    tiles = nn.functional.pad(pictures.reshape(rows, columns, 8, 8).clamp(-1, 1), (1, 1, 1, 1), value=-0.2)
    grid = tiles.permute(0, 2, 1, 3).reshape(rows * 10, columns * 10)
    picture = Image.fromarray(((grid.numpy() + 1) * 127.5).astype(np.uint8))
    picture.resize((columns * 50, rows * 50), Image.NEAREST).save(path)


parser = argparse.ArgumentParser()
parser.add_argument("--data", help="a folder with MNIST's IDX files")
arguments = parser.parse_args()
torch.manual_seed(SEED)
os.makedirs(OUTPUT, exist_ok=True)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
images, labels = (tensor.to(device) for tensor in load_data(arguments.data))
generator, discriminator = Generator().to(device), Discriminator().to(device)
optimizer_g = optim.Adam(generator.parameters(), lr=LEARNING_RATE, betas=BETAS)
optimizer_d = optim.Adam(discriminator.parameters(), lr=LEARNING_RATE, betas=BETAS)
criterion = nn.BCEWithLogitsLoss()
fixed_noise = torch.randn(500, LATENT_DIM, device=device)
fixed_labels = torch.arange(10, device=device).repeat_interleave(50)
step = 0

with open(f"{OUTPUT}/log.jsonl", "w") as log:
    for epoch in range(1, EPOCHS + 1):
        sums = {"loss_d": 0.0, "loss_g": 0.0, "real_score": 0.0, "fake_score": 0.0}
        batches = torch.randperm(len(images), device=device).split(BATCH_SIZE)
        for batch in batches:
            step += 1
            x, y = images[batch].requires_grad_(True), labels[batch]
            z = torch.randn(len(batch), LATENT_DIM, device=device)
            fake_y = torch.randint(CLASSES, (len(batch),), device=device)
            fake = generator(z, fake_y)

            real_logits, fake_logits = discriminator(x, y), discriminator(fake.detach(), fake_y)
            loss_d = criterion(real_logits, torch.ones_like(real_logits))
            loss_d = loss_d + criterion(fake_logits, torch.zeros_like(fake_logits))
            if step % R1_EVERY == 0:
                slope = torch.autograd.grad(real_logits.sum(), x, create_graph=True)[0].square().sum(1).mean()
                loss_d = loss_d + R1_EVERY * R1_WEIGHT / 2 * slope
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
            ten_each = samples.unflatten(0, (10, 50))[:, :10]
            save_grid(ten_each.flatten(0, 1), f"{OUTPUT}/samples_epoch_{epoch:03d}.png", columns=10)
            for digit in (3, 8):
                save_grid(ten_each[digit], f"{OUTPUT}/class_{digit}_epoch_{epoch:03d}.png", columns=5)

np.save(f"{OUTPUT}/samples.npy", ((samples.reshape(-1, 8, 8).numpy() + 1) * 127.5).astype(np.uint8))
torch.save({"generator": generator.state_dict(), "discriminator": discriminator.state_dict()}, f"{OUTPUT}/cgan.pth")
