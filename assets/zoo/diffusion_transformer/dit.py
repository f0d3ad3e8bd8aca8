"""A transformer that denoises digits (DiT, Peebles and Xie 2023), told the time through adaptive layer norm.

It predicts v, between noise and picture (Salimans and Ho 2022), which is worth learning at every level of noise.

`--data DIR` reads MNIST's own files from a folder instead of scikit-learn's digits.
"""

import argparse
import copy
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

SIZE = 8  # of the pictures, in pixels


def get_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2200)
    parser.add_argument("--batch-size", type=int, default=48)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--timesteps", type=int, default=100)
    parser.add_argument("--patch", type=int, default=2)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--depth", type=int, default=3)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--ema", type=float, default=0.99)
    parser.add_argument("--data", help="a folder with MNIST's files")
    parser.add_argument("--output", default="output")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def read_idx(path):
    """An array of bytes in MNIST's format, compressed or not."""
    packed = Path(f"{path}.gz")
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else Path(path).read_bytes()
    start = 4 + 4 * content[3]
    return np.frombuffer(content, np.uint8, offset=start).reshape(struct.unpack(f">{content[3]}I", content[4:start]))


def load_images(folder):
    """Training pictures (n, 1, 8, 8) in [-1, 1]; MNIST's are averaged over blocks of 4 x 4."""
    if folder:
        pixels = torch.tensor(read_idx(f"{folder}/train-images-idx3-ubyte") / 127.5 - 1, dtype=torch.float32)
        return F.avg_pool2d(F.pad(pixels, (2, 2, 2, 2), value=-1.0), 4).unsqueeze(1)
    images = torch.tensor(load_digits().images / 8 - 1, dtype=torch.float32).unsqueeze(1)
    return images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:1437]]


class DiTBlock(nn.Module):
    """Attention and a perceptron; the time scales and shifts what they get and gates what they add."""

    def __init__(self, dim, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, elementwise_affine=False)
        self.attention = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.norm2 = nn.LayerNorm(dim, elementwise_affine=False)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))
        self.modulation = nn.Linear(dim, 6 * dim)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x, time):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.modulation(F.silu(time))[:, None].chunk(6, dim=2)
        h = self.norm1(x) * (1 + scale1) + shift1
        x = x + gate1 * self.attention(h, h, h, need_weights=False)[0]
        return x + gate2 * self.mlp(self.norm2(x) * (1 + scale2) + shift2)


class DiT(nn.Module):
    def __init__(self, size, patch, dim, depth, heads, timesteps):
        super().__init__()
        self.patchify = nn.Conv2d(1, dim, patch, stride=patch)
        self.position = nn.Parameter(0.5 * torch.randn(1, (size // patch) ** 2, dim))
        self.time = nn.Sequential(nn.Embedding(timesteps, dim), nn.Linear(dim, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.blocks = nn.ModuleList([DiTBlock(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim)
        self.unpatchify = nn.ConvTranspose2d(dim, 1, patch, stride=patch)

    def forward(self, x, t):
        """Pictures (n, 1, size, size) and times (n,) to v, which is of their size."""
        maps = self.patchify(x)
        time = self.time(t)
        tokens = maps.flatten(2).transpose(1, 2) + self.position
        for block in self.blocks:
            tokens = block(tokens, time)
        return self.unpatchify(self.norm(tokens).transpose(1, 2).reshape(maps.shape))


@torch.no_grad()
def sample(model, alphas, count, seed):
    """Ancestral sampling (Ho et al. 2020); the clean picture is kept within its range at each step."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 1, SIZE, SIZE, generator=generator)
    kept = alphas.cumprod(0)
    for step in reversed(range(len(alphas))):
        v = model(x, torch.full((count,), step))
        clean = (kept[step].sqrt() * x - (1 - kept[step]).sqrt() * v).clamp(-1, 1)
        before = kept[step - 1] if step else torch.tensor(1.0)
        mean = before.sqrt() * (1 - alphas[step]) * clean + alphas[step].sqrt() * (1 - before) * x
        x = mean / (1 - kept[step])
        if step:
            deviation = ((1 - before) / (1 - kept[step]) * (1 - alphas[step])).sqrt()
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
    args = get_args()
    torch.manual_seed(args.seed)
    out = Path(args.output)
    out.mkdir(exist_ok=True)
    images = load_images(args.data)
    model = DiT(SIZE, args.patch, args.dim, args.depth, args.heads, args.timesteps)
    ema = copy.deepcopy(model).eval()
    alphas = 1 - torch.linspace(1e-3, 0.12, args.timesteps)
    kept = alphas.cumprod(0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.99), weight_decay=0.01)
    warmup = torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, total_iters=args.warmup)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.steps)
    recent = []
    with open(out / "loss.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "loss"])
        for step in range(1, args.steps + 1):
            x = images[torch.randint(len(images), (args.batch_size,))]
            t = torch.randint(args.timesteps, (len(x),))
            noise = torch.randn_like(x)
            left = kept[t][:, None, None, None]
            v = left.sqrt() * noise - (1 - left).sqrt() * x
            loss = F.mse_loss(model(left.sqrt() * x + (1 - left).sqrt() * noise, t), v)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            warmup.step()
            decay.step()
            with torch.no_grad():
                for average, parameter in zip(ema.parameters(), model.parameters(), strict=True):
                    average.lerp_(parameter, 1 - args.ema)
            recent.append(loss.item())
            if step % 50 == 0 or step == args.steps:
                log.writerow([step, f"{np.mean(recent):.5f}"])
                recent.clear()
            if step % 550 == 0 or step == args.steps:
                save_grid(sample(ema, alphas, 64, args.seed), out / f"samples_step{step:05d}.png")
                print(f"step {step}: loss {loss.item():.4f}", flush=True)
    samples = sample(ema, alphas, 500, args.seed + 1)[:, 0]
    np.save(out / "samples.npy", ((samples + 1) * 127.5).round().byte().numpy())
    torch.save({name: weights.half() for name, weights in ema.state_dict().items()}, out / "dit_ema.pt")


if __name__ == "__main__":
    main()
