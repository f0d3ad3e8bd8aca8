"""Variational autoencoder on scikit-learn's 8 x 8 digits, first version: small latent space, plain ELBO."""

import argparse
import csv
import gzip
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description="VAE on digits")
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--lr", type=float, default=1e-3, help="learning rate of Adam")
parser.add_argument("--latent-dim", type=int, default=8)
parser.add_argument("--hidden", type=int, default=256)
parser.add_argument("--sigma", type=float, default=0.15, help="deviation of a pixel")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--data", help="folder with the IDX files of MNIST, to use them instead")
parser.add_argument("--out", default="results")


class DigitVAE(nn.Module):
    """A Gaussian encoder and a Gaussian decoder, both with one hidden layer."""

    def __init__(self, latent_dim, hidden):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, latent_dim)
        self.log_variance = nn.Linear(hidden, latent_dim)
        self.decoder = nn.Sequential(nn.Linear(latent_dim, hidden), nn.ReLU(), nn.Linear(hidden, 64), nn.Sigmoid())

    def encode(self, x):
        h = self.encoder(x)
        return self.mean(h), self.log_variance(h)

    def forward(self, x):
        mean, log_variance = self.encode(x)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        return self.decoder(z), mean, log_variance


def elbo_terms(decoded, x, mean, log_variance, sigma):
    """Reconstruction and KL, in nats per picture; the pixels are Gaussian with deviation sigma."""
    reconstruction = F.mse_loss(decoded, x, reduction="sum") / (2 * sigma**2 * len(x))
    kl = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp()) / len(x)
    return reconstruction, kl


def read_idx(folder, name):
    """The pictures of an IDX file, as rows of 64 pixels in [0, 1]: 4 x 4 pixels are made one."""
    path = Path(folder) / f"{name}-images-idx3-ubyte"
    if path.exists():
        data = path.read_bytes()
    else:
        data = gzip.open(f"{path}.gz").read()
    shape = [int.from_bytes(data[i : i + 4], "big") for i in (4, 8, 12)]
    pictures = np.frombuffer(data, np.uint8, offset=16).reshape(shape)
    pictures = np.pad(pictures, ((0, 0), (2, 2), (2, 2))).reshape(-1, 8, 4, 8, 4).mean((2, 4)) / 255
    return torch.tensor(pictures.reshape(-1, 64), dtype=torch.float32)


def load(folder=None):
    """Training and test pictures."""
    if folder:
        return read_idx(folder, "train"), read_idx(folder, "t10k")
    pictures = torch.tensor(load_digits().data / 16, dtype=torch.float32)
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))
    return pictures[order[:1437]], pictures[order[1437:]]


def save_grid(pictures, path, columns=8, scale=5):
    """Draw 8 x 8 pictures side by side, with a grey line between them."""
    rows = len(pictures) // columns
    tiles = F.pad(pictures.reshape(rows, columns, 8, 8).clamp(0, 1), (1, 1, 1, 1), value=0.4)
    grid = tiles.permute(0, 2, 1, 3).reshape(rows * 10, columns * 10)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray((grid.numpy() * 255).astype(np.uint8))
    picture.resize((columns * 10 * scale, rows * 10 * scale), Image.NEAREST).save(path)


def main():
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    train, test = load(args.data)
    test = test.to(device)
    loader = DataLoader(TensorDataset(train), batch_size=args.batch_size, shuffle=True)
    model = DigitVAE(args.latent_dim, args.hidden).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    out = Path(args.out)
    out.mkdir(exist_ok=True)
    noise = torch.randn(64, args.latent_dim)

    with open(out / "metrics.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["epoch", "train_loss", "test_loss", "test_reconstruction", "test_kl"])
        for epoch in range(1, args.epochs + 1):
            model.train()
            total = 0.0
            for (x,) in loader:
                x = x.to(device)
                decoded, mean, log_variance = model(x)
                reconstruction, kl = elbo_terms(decoded, x, mean, log_variance, args.sigma)
                loss = reconstruction + kl
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(x)
            model.eval()
            with torch.no_grad():
                decoded, mean, log_variance = model(test)
                reconstruction, kl = elbo_terms(decoded, test, mean, log_variance, args.sigma)
            row = [total / len(train), (reconstruction + kl).item(), reconstruction.item(), kl.item()]
            log.writerow([epoch, *(f"{value:.4f}" for value in row)])
            if epoch % 10 == 0 or epoch == args.epochs:
                with torch.no_grad():
                    pairs = torch.cat([test[:32], model(test[:32])[0]]).cpu()
                    samples = model.decoder(noise.to(device)).cpu()
                save_grid(pairs, out / f"epoch_{epoch}" / "reconstruction.png")
                save_grid(samples, out / f"epoch_{epoch}" / "samples.png")
                print(f"epoch {epoch}: train {row[0]:.2f} test {row[1]:.2f}")
    torch.save(model.state_dict(), out / "vae.pt")
    with torch.no_grad():
        samples = model.decoder(torch.randn(1000, args.latent_dim).to(device)).cpu()
    np.save(out / "samples.npy", (samples.reshape(-1, 8, 8).numpy() * 255).astype(np.uint8))


if __name__ == "__main__":
    main()
