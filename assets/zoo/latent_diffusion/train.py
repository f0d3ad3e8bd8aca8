"""Latent diffusion on scikit-learn's digits in two stages: an autoencoder, then diffusion in its latent space."""

import argparse
import csv
import gzip
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ae-epochs", type=int, default=80)
    parser.add_argument("--ae-lr", type=float, default=2e-3)
    parser.add_argument("--diffusion-epochs", type=int, default=600)
    parser.add_argument("--diffusion-lr", type=float, default=1e-3)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--latent-dim", type=int, default=10)
    parser.add_argument("--timesteps", type=int, default=100)
    parser.add_argument("--data", type=Path, help="a folder with MNIST's files, instead of scikit-learn's digits")
    parser.add_argument("--output", default="output")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def load_pictures(folder):
    """Training pictures (n, 1, 8, 8) in [0, 1]; MNIST's are averaged over blocks of 4 x 4."""
    if folder is None:
        pictures = torch.tensor(load_digits().images / 16, dtype=torch.float32).unsqueeze(1)
        return pictures[torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))[:1437]]
    path = folder / "train-images-idx3-ubyte"
    packed = folder / f"{path.name}.gz"
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    pixels = np.frombuffer(content, np.uint8, offset=16).reshape(struct.unpack(">3I", content[4:16]))
    return F.avg_pool2d(F.pad(torch.tensor(pixels / 255, dtype=torch.float32), (2, 2, 2, 2)), 4).unsqueeze(1)


class Autoencoder(nn.Module):
    """Convolutions down to a short code, and back."""

    def __init__(self, latent_dim):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 16, latent_dim),
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, 32 * 16),
            nn.ReLU(),
            nn.Unflatten(1, (32, 4, 4)),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 1, 3, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


class Denoiser(nn.Module):
    """Predicts the noise in a code from the code and the time."""

    def __init__(self, latent_dim, timesteps, hidden=128):
        super().__init__()
        self.time = nn.Embedding(timesteps, hidden)
        self.inwards = nn.Linear(latent_dim, hidden)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden))
            for _ in range(3)
        )
        self.outwards = nn.Linear(hidden, latent_dim)

    def forward(self, z, t):
        h = self.inwards(z) + self.time(t)
        for block in self.blocks:
            h = h + block(h)
        return self.outwards(h)


def save_grid(pictures, path, columns=8):
    """Pictures in [0, 1], side by side, with a grey line between them."""
    rows = len(pictures) // columns
    tiles = F.pad(pictures.reshape(rows, columns, 8, 8).clamp(0, 1), (1, 1, 1, 1), value=0.4)
    grid = tiles.permute(0, 2, 1, 3).reshape(rows * 10, columns * 10)
    picture = Image.fromarray((grid.numpy() * 255).astype(np.uint8))
    picture.resize((columns * 50, rows * 50), Image.NEAREST).save(path)


def train_autoencoder(args, data, out):
    model = Autoencoder(args.latent_dim)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.ae_lr)
    loader = DataLoader(TensorDataset(data), batch_size=args.batch_size, shuffle=True)
    with open(out / "autoencoder_log.csv", "w", newline="") as file:
        log = csv.DictWriter(file, ["epoch", "loss"])
        log.writeheader()
        for epoch in range(1, args.ae_epochs + 1):
            losses = []
            for (x,) in loader:
                loss = F.mse_loss(model(x), x)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            log.writerow({"epoch": epoch, "loss": f"{np.mean(losses):.6f}"})
            if epoch % 20 == 0 or epoch == args.ae_epochs:
                with torch.no_grad():
                    pairs = torch.cat([data[:32], model(data[:32])])
                save_grid(pairs, out / f"autoencoder_reconstruction_e{epoch:04d}.png")
                print(f"autoencoder epoch {epoch}: {np.mean(losses):.5f}", flush=True)
    torch.save(model.state_dict(), out / "autoencoder.pt")
    return model.eval()


@torch.no_grad()
def sample(denoiser, autoencoder, kept, scale, count, latent_dim, seed=0):
    """Codes out of noise by the deterministic steps of DDIM (Song et al. 2021), then pictures."""
    z = torch.randn(count, latent_dim, generator=torch.Generator().manual_seed(seed))
    for step in reversed(range(len(kept))):
        noise = denoiser(z, torch.full((count,), step))
        clean = (z - (1 - kept[step]).sqrt() * noise) / kept[step].sqrt()
        before = kept[step - 1] if step else torch.tensor(1.0)
        z = before.sqrt() * clean + (1 - before).sqrt() * noise
    return autoencoder.decoder(z * scale[1] + scale[0])


def train_diffusion(args, data, autoencoder, out):
    with torch.no_grad():
        codes = autoencoder.encoder(data)
    scale = codes.mean(0), codes.std(0)
    codes = (codes - scale[0]) / scale[1]
    kept = (1 - torch.linspace(1e-3, 0.12, args.timesteps)).cumprod(0)
    denoiser = Denoiser(args.latent_dim, args.timesteps)
    optimizer = torch.optim.AdamW(denoiser.parameters(), lr=args.diffusion_lr, weight_decay=0.01)
    loader = DataLoader(TensorDataset(codes), batch_size=args.batch_size, shuffle=True)
    with open(out / "diffusion_log.csv", "w", newline="") as file:
        log = csv.DictWriter(file, ["epoch", "loss"])
        log.writeheader()
        for epoch in range(1, args.diffusion_epochs + 1):
            losses = []
            for (z,) in loader:
                t = torch.randint(args.timesteps, (len(z),))
                noise = torch.randn_like(z)
                mixed = kept[t, None].sqrt() * z + (1 - kept[t, None]).sqrt() * noise
                loss = F.mse_loss(denoiser(mixed, t), noise)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            log.writerow({"epoch": epoch, "loss": f"{np.mean(losses):.6f}"})
            if epoch % 150 == 0 or epoch == args.diffusion_epochs:
                pictures = sample(denoiser, autoencoder, kept, scale, 64, args.latent_dim)
                save_grid(pictures, out / f"diffusion_samples_e{epoch:04d}.png")
                print(f"diffusion epoch {epoch}: {np.mean(losses):.5f}", flush=True)
    pictures = sample(denoiser, autoencoder, kept, scale, 500, args.latent_dim, seed=1)
    np.save(out / "samples.npy", (pictures[:, 0] * 255).round().byte().numpy())
    torch.save(denoiser.state_dict(), out / "denoiser.pt")


def main():
    args = parse()
    torch.manual_seed(args.seed)
    out = Path(args.output)
    out.mkdir(exist_ok=True)
    data = load_pictures(args.data)
    autoencoder = train_autoencoder(args, data, out)
    train_diffusion(args, data, autoencoder, out)


if __name__ == "__main__":
    main()
