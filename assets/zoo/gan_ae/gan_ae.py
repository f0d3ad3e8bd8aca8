"""GAN-AE: an adversarial autoencoder (Makhzani et al. 2015) on digits.

A discriminator tells the codes of pictures from draws of a standard normal; the encoder learns to fool it while the
autoencoder rebuilds the pictures. Where it succeeds, a decoded normal draw is a new digit. `study.py` asks how this
depends on the size of the code, the weight of the adversary and the learning rate.
"""

import argparse
import csv
import gzip
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn

TEST = 360  # of scikit-learn's 1797 digits


@dataclass
class Config:
    latent_dim: int = 16
    adversarial_weight: float = 0.01
    learning_rate: float = 1.6e-2
    epochs: int = 60
    batch_size: int = 64
    hidden: int = 128
    draw_every: int = 10
    seed: int = 0


class Encoder(nn.Module):
    def __init__(self, hidden, latent_dim):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, latent_dim))

    def forward(self, x):
        return self.net(x)


class Decoder(nn.Module):
    def __init__(self, hidden, latent_dim):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(latent_dim, hidden), nn.ReLU(), nn.Linear(hidden, 64), nn.Sigmoid())

    def forward(self, z):
        return self.net(z)


class Discriminator(nn.Module):
    """The logit of a code being a draw of the standard normal."""

    def __init__(self, hidden, latent_dim):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(latent_dim, hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, 1),
        )

    def forward(self, z):
        return self.net(z).squeeze(1)


def read_pictures(path):
    """An IDX file of 28 x 28 bytes, plain or gzipped, as means of 4 x 4 of its padded pixels: (n, 64) in [0, 1]."""
    file = open(path, "rb") if path.exists() else gzip.open(f"{path}.gz")
    with file:
        _, count, height, width = struct.unpack(">4I", file.read(16))
        pixels = np.frombuffer(file.read(), np.uint8).reshape(count, 1, height, width)
    return F.avg_pool2d(F.pad(torch.tensor(pixels / 255, dtype=torch.float32), (2, 2, 2, 2)), 4).flatten(1)


def load_data(folder=None):
    """Training and test digits, (n, 64) in [0, 1]: scikit-learn's, or MNIST's files in a folder."""
    if folder:
        return tuple(read_pictures(Path(folder, f"{part}-images-idx3-ubyte")) for part in ("train", "t10k"))
    pixels = torch.tensor(load_digits().data / 16, dtype=torch.float32)
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
    return pixels[order[:-TEST]], pixels[order[-TEST:]]


def train(config, training, test, out=None):
    """Train once; gives encoder and decoder. Into a folder, if one is given, go losses, pictures, samples, weights."""
    torch.manual_seed(config.seed)
    encoder = Encoder(config.hidden, config.latent_dim)
    decoder = Decoder(config.hidden, config.latent_dim)
    discriminator = Discriminator(config.hidden, config.latent_dim)
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=config.learning_rate)
    optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=config.learning_rate)
    history = []
    for epoch in range(1, config.epochs + 1):
        sums = np.zeros(3)
        batches = torch.randperm(len(training)).split(config.batch_size)
        for batch in batches:
            x = training[batch]
            codes = encoder(x)
            real, fake = discriminator(torch.randn_like(codes)), discriminator(codes.detach())
            loss_d = F.softplus(-real).mean() + F.softplus(fake).mean()
            optimizer_d.zero_grad()
            loss_d.backward()
            optimizer_d.step()

            reconstruction = F.mse_loss(decoder(codes), x, reduction="sum") / len(x)
            adversarial = F.softplus(-discriminator(codes)).mean()
            loss = reconstruction + config.adversarial_weight * adversarial
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            sums += (reconstruction.item(), adversarial.item(), loss_d.item())
        history.append((epoch, *(sums / len(batches)).round(4)))
        if out and (epoch % config.draw_every == 0 or epoch == config.epochs):
            draw(encoder, decoder, test, out / f"digits_epoch_{epoch:03d}.png")
    if out:
        with open(out / "losses.csv", "w", newline="") as file:
            csv.writer(file).writerows([("epoch", "reconstruction", "adversarial", "discriminator"), *history])
        np.save(out / "samples.npy", (sample(decoder, 500) * 255).byte().reshape(-1, 8, 8).numpy())
        torch.save({"encoder": encoder.state_dict(), "decoder": decoder.state_dict()}, out / "gan_ae.pt")
    return encoder, decoder


@torch.no_grad()
def sample(decoder, count):
    """Decoded draws of the standard normal, always the same draws."""
    return decoder(torch.randn(count, decoder.net[0].in_features, generator=torch.Generator().manual_seed(0)))


def frechet(a, b):
    """The squared Frechet distance between the normals fitted to two sets of pictures, in pixels."""
    a, b = a.double().numpy(), b.double().numpy()
    covariance_a, covariance_b = np.cov(a.T), np.cov(b.T)
    root = np.sqrt(np.linalg.eigvals(covariance_a @ covariance_b).real.clip(0)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(covariance_a + covariance_b) - 2 * root)


@torch.no_grad()
def measure(encoder, decoder, test):
    """What rebuilding loses and how far samples are from digits, both squared distances of whole pictures."""
    lost = (decoder(encoder(test)) - test).square().sum(1).mean().item()
    distance = frechet(sample(decoder, 2000), test)
    return {"test_reconstruction": lost, "test_frechet": distance, "cost": lost + distance}


@torch.no_grad()
def draw(encoder, decoder, test, path):
    """Two rows of test digits, each above its reconstruction, then four rows of samples."""
    rebuilt = decoder(encoder(test[:32]))
    rows = torch.cat([test[:16], rebuilt[:16], test[16:32], rebuilt[16:], sample(decoder, 64)])
    tiles = F.pad(rows.reshape(8, 16, 8, 8), (1, 1, 1, 1), value=0.4)
    picture = Image.fromarray((tiles.permute(0, 2, 1, 3).reshape(80, 160) * 255).byte().numpy())
    picture.resize((640, 320), Image.NEAREST).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="a folder with MNIST's IDX files; without one, scikit-learn's digits")
    parser.add_argument("--out", type=Path, default=Path("best"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    training, test = load_data(args.data)
    encoder, decoder = train(Config(), training, test, args.out)
    print(measure(encoder, decoder, test))


if __name__ == "__main__":
    main()
