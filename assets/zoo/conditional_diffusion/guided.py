"""Class-conditional diffusion of digits with classifier-free guidance (Ho and Salimans 2022): one is asked for a digit.

A UNet predicts the noise and is told the class; now and then the class is withheld, so that one network knows the
noise with and without it. Sampling goes further than with the class, away from without.
"""

import copy
import gzip
import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CLASSES = 10
NO_CLASS = 10


@dataclass
class Config:
    epochs: int = 60
    batch_size: int = 96
    lr: float = 2e-3
    timesteps: int = 100
    sampling_steps: int = 25
    base_channels: int = 24
    class_dropout: float = 0.15
    guidance: float = 1.5
    ema_decay: float = 0.99
    sample_every: int = 20
    seed: int = 0
    out_dir: str = "samples"
    data_dir: str = ""  # a folder with MNIST's files, instead of scikit-learn's digits


def read_idx(path):
    """An array of bytes in MNIST's format, compressed or not."""
    packed = path.with_name(path.name + ".gz")
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    start = 4 + 4 * content[3]
    return np.frombuffer(content, np.uint8, offset=start).reshape(struct.unpack(f">{content[3]}I", content[4:start]))


def mnist(folder):
    """MNIST's training digits in [-1, 1], averaged over blocks of 4 x 4, with their labels."""
    pixels = torch.tensor(read_idx(folder / "train-images-idx3-ubyte") / 127.5 - 1, dtype=torch.float32)
    images = F.avg_pool2d(F.pad(pixels, (2, 2, 2, 2), value=-1.0), 4).unsqueeze(1)
    return images, torch.tensor(read_idx(folder / "train-labels-idx1-ubyte"), dtype=torch.long)


def digits():
    """scikit-learn's digits in [-1, 1] with their labels, without those held out."""
    found = load_digits()
    train = torch.randperm(len(found.images), generator=torch.Generator().manual_seed(0))[:1437]
    images = torch.tensor(found.images / 8 - 1, dtype=torch.float32).unsqueeze(1)
    return images[train], torch.tensor(found.target)[train]


class ResBlock(nn.Module):
    """Two convolutions around a shortcut; time and class scale and shift what is between them."""

    def __init__(self, inputs, outputs, embedding):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(8, inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2, self.conv2 = nn.GroupNorm(8, outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.condition = nn.Linear(embedding, 2 * outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x, condition):
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.condition(condition)[:, :, None, None].chunk(2, dim=1)
        h = self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))
        return h + self.shortcut(x)


class ConditionalUNet(nn.Module):
    """Half the size and back, with a skip connection; the classes are 0 to 9 and "none"."""

    def __init__(self, channels):
        super().__init__()
        embedding = 4 * channels
        self.channels = channels
        self.time_embed = nn.Sequential(nn.Linear(channels, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        self.class_embed = nn.Embedding(CLASSES + 1, embedding)
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.down = ResBlock(channels, channels, embedding)
        self.shrink = nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1)
        self.middle = ResBlock(2 * channels, 2 * channels, embedding)
        self.grow = nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1)
        self.up = ResBlock(2 * channels, channels, embedding)
        self.head = nn.Sequential(nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, x, t, y):
        rates = torch.exp(-math.log(1000) * torch.arange(self.channels // 2) / (self.channels // 2))
        angles = t[:, None] * rates
        condition = self.time_embed(torch.cat([angles.sin(), angles.cos()], dim=1)) + self.class_embed(y)
        skip = self.down(self.stem(x), condition)
        h = self.grow(self.middle(self.shrink(skip), condition))
        return self.head(self.up(torch.cat([h, skip], dim=1), condition))


def cosine_schedule(timesteps):
    """How much of the picture's variance is left after each step (Nichol and Dhariwal 2021)."""
    at = torch.arange(1, timesteps + 1) / timesteps
    return (torch.cos((at + 0.008) / 1.008 * math.pi / 2) ** 2).clamp(min=1e-4)


def diffusion_loss(model, x, y, kept):
    t = torch.randint(len(kept), (len(x),))
    noise = torch.randn_like(x)
    left = kept[t][:, None, None, None]
    return F.mse_loss(model(left.sqrt() * x + (1 - left).sqrt() * noise, t, y), noise)


@torch.no_grad()
def sample(model, y, kept, cfg, seed):
    """A few deterministic steps (DDIM, Song et al. 2021); the clean picture is held within its range at each."""
    x = torch.randn(len(y), 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    nothing = torch.full_like(y, NO_CLASS)
    steps = torch.linspace(len(kept) - 1, 0, cfg.sampling_steps).long().tolist()
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        t = torch.full((len(y),), step)
        with_class, without = model(x, t, y), model(x, t, nothing)
        noise = without + cfg.guidance * (with_class - without)
        clean = ((x - (1 - kept[step]).sqrt() * noise) / kept[step].sqrt()).clamp(-1, 1)
        noise = (x - kept[step].sqrt() * clean) / (1 - kept[step]).sqrt()
        before = torch.tensor(1.0) if following is None else kept[following]
        x = before.sqrt() * clean + (1 - before).sqrt() * noise
    return x


def save_grid(pictures, path, columns):
    """Pictures in [-1, 1], side by side, with a grey line between them."""
    count, _, height, width = pictures.shape
    rows = count // columns
    tiles = F.pad(pictures.reshape(rows, columns, height, width).clamp(-1, 1), (1, 1, 1, 1), value=-0.2)
    grid = tiles.permute(0, 2, 1, 3).reshape(rows * (height + 2), columns * (width + 2))
    picture = Image.fromarray(((grid.numpy() + 1) * 127.5).astype(np.uint8))
    picture.resize((picture.width * 5, picture.height * 5), Image.NEAREST).save(path)


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    out = Path(cfg.out_dir)
    out.mkdir(exist_ok=True)
    images, labels = mnist(Path(cfg.data_dir)) if cfg.data_dir else digits()
    train_loader = DataLoader(TensorDataset(images, labels), batch_size=cfg.batch_size, shuffle=True, drop_last=True)
    model = ConditionalUNet(cfg.base_channels)
    ema = copy.deepcopy(model).eval()
    kept = cosine_schedule(cfg.timesteps)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, cfg.epochs)
    asked = torch.arange(CLASSES).repeat_interleave(10)
    with open(out / "log.jsonl", "w") as log:
        for epoch in range(1, cfg.epochs + 1):
            losses = []
            for x, y in train_loader:
                y = torch.where(torch.rand(len(y)) < cfg.class_dropout, NO_CLASS, y)
                loss = diffusion_loss(model, x, y, kept)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                with torch.no_grad():
                    for average, parameter in zip(ema.parameters(), model.parameters(), strict=True):
                        average.lerp_(parameter, 1 - cfg.ema_decay)
            scheduler.step()
            log.write(json.dumps({"epoch": epoch, "loss": round(float(np.mean(losses)), 5)}) + "\n")
            if epoch % cfg.sample_every == 0 or epoch == cfg.epochs:
                pictures = sample(ema, asked, kept, cfg, cfg.seed)
                save_grid(pictures, out / f"classes_epoch_{epoch:03d}.png", columns=10)
                print(f"epoch {epoch}: loss {np.mean(losses):.4f}", flush=True)
    pictures = sample(ema, asked.repeat_interleave(5), kept, cfg, cfg.seed + 1)
    np.save(out / "samples.npy", ((pictures[:, 0] + 1) * 127.5).round().byte().numpy())
    torch.save(ema.state_dict(), out / "unet_ema.pt")


if __name__ == "__main__":
    main()
