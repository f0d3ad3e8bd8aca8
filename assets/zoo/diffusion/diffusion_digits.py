"""Denoising diffusion (DDPM, Ho et al. 2020) on scikit-learn's digits with a small UNet that predicts the noise."""

import copy
import gzip
import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from events import EventWriter
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn


@dataclass
class Config:
    steps: int = 1500
    batch_size: int = 64
    learning_rate: float = 1e-3
    timesteps: int = 200
    channels: int = 32
    ema_decay: float = 0.995
    grad_clip: float = 1.0
    sample_every: int = 500
    seed: int = 0
    out: str = "runs/unet"
    data: str = ""  # a folder with MNIST's files, instead of scikit-learn's digits


def load_images(folder):
    """Training pictures (n, 1, 8, 8) in [-1, 1]; MNIST's are averaged over blocks of 4 x 4."""
    if folder:
        pixels = torch.tensor(read_idx(Path(folder) / "train-images-idx3-ubyte") / 127.5 - 1, dtype=torch.float32)
        return F.avg_pool2d(F.pad(pixels, (2, 2, 2, 2), value=-1.0), 4).unsqueeze(1)
    images = torch.tensor(load_digits().images / 8 - 1, dtype=torch.float32).unsqueeze(1)
    return images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:1437]]


def read_idx(path):
    """An array of bytes in MNIST's format, compressed or not."""
    packed = path.with_name(path.name + ".gz")
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    start = 4 + 4 * content[3]
    return np.frombuffer(content, np.uint8, offset=start).reshape(struct.unpack(f">{content[3]}I", content[4:start]))


class Block(nn.Module):
    """Two convolutions, told the time in between, around a shortcut."""

    def __init__(self, inputs, outputs, time):
        super().__init__()
        self.first = nn.Sequential(nn.GroupNorm(8, inputs), nn.SiLU(), nn.Conv2d(inputs, outputs, 3, padding=1))
        self.time = nn.Linear(time, outputs)
        self.second = nn.Sequential(nn.GroupNorm(8, outputs), nn.SiLU(), nn.Conv2d(outputs, outputs, 3, padding=1))
        self.shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, t):
        h = self.first(x) + self.time(t)[:, :, None, None]
        return self.second(h) + self.shortcut(x)


class UNet(nn.Module):
    """8 x 8 down to 4 x 4 and back, with a skip connection."""

    def __init__(self, channels):
        super().__init__()
        self.channels = channels
        time = 4 * channels
        self.time = nn.Sequential(nn.Linear(channels, time), nn.SiLU(), nn.Linear(time, time))
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.down = Block(channels, channels, time)
        self.shrink = nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1)
        self.middle = Block(2 * channels, 2 * channels, time)
        self.grow = nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1)
        self.up = Block(2 * channels, channels, time)
        self.head = nn.Sequential(nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, x, t):
        half = self.channels // 2
        rates = torch.exp(-math.log(10000) * torch.arange(half, device=x.device) / half)
        angles = t[:, None].float() * rates
        t = self.time(torch.cat([angles.sin(), angles.cos()], dim=1))
        skip = self.down(self.stem(x), t)
        h = self.grow(self.middle(self.shrink(skip), t))
        return self.head(self.up(torch.cat([h, skip], dim=1), t))


class Diffusion:
    """The forward process with a cosine schedule (Nichol and Dhariwal 2021), and ancestral sampling.

    Sampling keeps the clean picture, as it is foreseen at each step, within its range: without, a few of the pictures
    overshoot and end as noise.
    """

    def __init__(self, timesteps):
        at = torch.arange(timesteps + 1) / timesteps
        kept = torch.cos((at + 0.008) / 1.008 * math.pi / 2) ** 2
        self.betas = (1 - kept[1:] / kept[:-1]).clamp(max=0.999)
        self.alphas = 1 - self.betas
        self.kept = self.alphas.cumprod(0)
        self.timesteps = timesteps

    def loss(self, model, x):
        t = torch.randint(self.timesteps, (len(x),))
        noise = torch.randn_like(x)
        kept = self.kept[t][:, None, None, None]
        return F.mse_loss(model(kept.sqrt() * x + (1 - kept).sqrt() * noise, t), noise)

    @torch.no_grad()
    def sample(self, model, count, generator):
        x = torch.randn(count, 1, 8, 8, generator=generator)
        for step in reversed(range(self.timesteps)):
            noise = model(x, torch.full((count,), step))
            kept, alpha, beta = self.kept[step], self.alphas[step], self.betas[step]
            clean = ((x - (1 - kept).sqrt() * noise) / kept.sqrt()).clamp(-1, 1)
            before = kept / alpha
            x = (before.sqrt() * beta * clean + alpha.sqrt() * (1 - before) * x) / (1 - kept)
            if step > 0:
                deviation = (beta * (1 - before) / (1 - kept)).sqrt()
                x = x + deviation * torch.randn(x.shape, generator=generator)
        return x


def save_grid(pictures, path, columns=8):
    """Pictures in [-1, 1], side by side, with a grey line between them."""
    rows = len(pictures) // columns
    tiles = F.pad(pictures.reshape(rows, columns, 8, 8).clamp(-1, 1), (1, 1, 1, 1), value=-0.2)
    grid = tiles.permute(0, 2, 1, 3).reshape(rows * 10, columns * 10)
    picture = Image.fromarray(((grid.numpy() + 1) * 127.5).astype(np.uint8))
    picture.resize((columns * 50, rows * 50), Image.NEAREST).save(path)


def main():
    config = Config()
    torch.manual_seed(config.seed)
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)
    data = load_images(config.data)
    model = UNet(config.channels)
    averaged = copy.deepcopy(model).eval()
    diffusion = Diffusion(config.timesteps)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.steps)
    writer = EventWriter(out / "events.out.tfevents.0.digits")
    recent = []
    for step in range(1, config.steps + 1):
        batch = data[torch.randint(len(data), (config.batch_size,))]
        loss = diffusion.loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.grad_clip)
        optimizer.step()
        scheduler.step()
        with torch.no_grad():
            for average, parameter in zip(averaged.parameters(), model.parameters(), strict=True):
                average.lerp_(parameter, 1 - config.ema_decay)
        recent.append(loss.item())
        if step % 50 == 0:
            writer.add_scalar("train/loss", sum(recent) / len(recent), step)
            recent.clear()
        if step % config.sample_every == 0 or step == config.steps:
            samples = diffusion.sample(averaged, 64, torch.Generator().manual_seed(config.seed))
            save_grid(samples, out / f"samples_step_{step:05d}.png")
            print(f"step {step}: loss {loss.item():.4f}", flush=True)
    writer.close()
    samples = diffusion.sample(averaged, 500, torch.Generator().manual_seed(config.seed + 1))
    np.save(out / "samples.npy", ((samples[:, 0].clamp(-1, 1) + 1) * 127.5).round().byte().numpy())
    torch.save(averaged.state_dict(), out / "unet_ema.pt")


if __name__ == "__main__":
    main()
