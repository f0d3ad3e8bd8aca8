"""beta-VAE (Higgins et al. 2017) on digits, and three ways to draw codes for new ones.

A weight other than one on the KL makes the codes of the data differ from the prior. So samples are drawn from the
prior, from a Gaussian fitted to the codes of the training digits with a diagonal covariance, and with a full one.
A convolutional classifier says which are the better digits.

    python beta_vae.py
    python beta_vae.py --beta 4 --out runs/beta_4
"""

import argparse
from dataclasses import dataclass, fields
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from digits import digits, mnist
from events import EventWriter
from PIL import Image
from sampling import KINDS, LatentGaussian
from scoring import inception_score, load_classifier
from torch import nn


@dataclass
class Config:
    beta: float = 0.25
    sigma: float = 0.1
    latent_dim: int = 10
    channels: int = 24
    epochs: int = 60
    batch_size: int = 64
    learning_rate: float = 2e-3
    sample_every: int = 20
    seed: int = 0
    data: str = ""
    out: str = "runs/beta_0.25"

    @classmethod
    def from_command_line(cls):
        parser = argparse.ArgumentParser()
        for field in fields(cls):
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=field.type, default=field.default)
        return cls(**vars(parser.parse_args()))


class BetaVAE(nn.Module):
    """Strided convolutions to the mean and the log-variance of a code, transposed ones back."""

    def __init__(self, channels, latent_dim):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, channels, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu = nn.Linear(2 * channels * 4, latent_dim)
        self.logvar = nn.Linear(2 * channels * 4, latent_dim)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, 2 * channels * 4),
            nn.ReLU(),
            nn.Unflatten(1, (2 * channels, 2, 2)),
            nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(channels, 1, 4, stride=2, padding=1),
            nn.Sigmoid(),
        )

    def encode(self, x):
        h = self.encoder(x)
        return self.mu(h), self.logvar(h)

    def reparameterize(self, mu, logvar):
        return mu + torch.randn_like(mu) * (logvar / 2).exp()

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decoder(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(x_hat, x, mu, logvar, config):
    """Reconstruction, KL and their weighted sum, per picture in nats."""
    reconstruction = F.mse_loss(x_hat, x, reduction="sum") / (2 * config.sigma**2 * len(x))
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / len(x)
    return reconstruction, kld, reconstruction + config.beta * kld


def save_grid(pictures, path, columns=8):
    """Pictures in [0, 1], side by side, with a grey line between them."""
    rows = len(pictures) // columns
    tiles = F.pad(pictures.reshape(rows, columns, 8, 8).clamp(0, 1), (1, 1, 1, 1), value=0.4)
    grid = tiles.permute(0, 2, 1, 3).reshape(rows * 10, columns * 10)
    picture = Image.fromarray((grid.numpy() * 255).astype(np.uint8))
    picture.resize((columns * 50, rows * 50), Image.NEAREST).save(path)


@torch.no_grad()
def sample_all(model, train, count, generator):
    """Pictures of each way to draw codes, by its name."""
    codes = model.encode(train)[0]
    return {
        kind: model.decoder(LatentGaussian.fit(codes, kind).sample(count, generator)).reshape(-1, 8, 8)
        for kind in KINDS
    }


@torch.no_grad()
def draw_codes(model, test, path):
    """How far the codes of test digits are from the prior: the KL of each dimension, and their correlations."""
    mu, logvar = model.encode(test)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(0)
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3))
    left.bar(range(len(kl)), kl)
    left.set_xlabel("latent dimension")
    left.set_ylabel("KL, nats")
    shown = right.imshow(torch.corrcoef(mu.T), cmap="RdBu", vmin=-1, vmax=1)
    right.set_title("correlation of the means")
    figure.colorbar(shown)
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    plt.close(figure)


def main():
    config = Config.from_command_line()
    torch.manual_seed(config.seed)
    train, test = mnist(config.data) if config.data else digits()
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)
    classifier = load_classifier()
    model = BetaVAE(config.channels, config.latent_dim)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)
    writer = EventWriter(out / "events.out.tfevents.0.beta_vae")
    for epoch in range(1, config.epochs + 1):
        model.train()
        sums = np.zeros(3)
        for batch in torch.randperm(len(train)).split(config.batch_size):
            x = train[batch]
            x_hat, mu, logvar = model(x)
            reconstruction, kld, loss = loss_function(x_hat, x, mu, logvar, config)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            sums += np.array([reconstruction.item(), kld.item(), loss.item()]) * len(batch)
        for name, value in zip(("reconstruction", "kl", "loss"), sums / len(train), strict=True):
            writer.add_scalar(f"train/{name}", value, epoch)
        model.eval()
        with torch.no_grad():
            x_hat, mu, logvar = model(test)
            terms = loss_function(x_hat, test, mu, logvar, config)
        for name, value in zip(("reconstruction", "kl", "loss"), terms, strict=True):
            writer.add_scalar(f"test/{name}", value.item(), epoch)
        if epoch % config.sample_every == 0 or epoch == config.epochs:
            samples = sample_all(model, train, 1000, torch.Generator().manual_seed(0))
            for kind, pictures in samples.items():
                writer.add_scalar(f"inception_score/{kind}", inception_score(classifier, pictures), epoch)
                save_grid(pictures[:64], out / f"samples_{kind}_epoch_{epoch:03d}.png")
            print(f"epoch {epoch}: loss {terms[2].item():.2f}", flush=True)
    writer.close()
    draw_codes(model, test, out / "codes.png")
    for kind, pictures in samples.items():
        np.save(out / f"samples_{kind}.npy", (pictures.numpy() * 255).astype(np.uint8))
        print(f"{kind}: inception score {inception_score(classifier, pictures):.3f}")
    torch.save(model.state_dict(), out / "model.pt")


if __name__ == "__main__":
    main()
