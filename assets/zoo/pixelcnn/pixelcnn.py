"""PixelCNN (van den Oord et al. 2016): digits pixel by pixel, each a choice of 17 grey levels given those before it.

`python pixelcnn.py --data DIR` reads MNIST's own files instead of scikit-learn's digits.
"""

import argparse
import csv
import gzip
import math
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

LEVELS = 17
CHANNELS = 64
BLOCKS = 5
DROPOUT = 0.3
EPOCHS = 25
BATCH_SIZE = 64
LEARNING_RATE = 3e-3
SEED = 0
OUT = Path("out")


def idx(path):
    """An array of bytes in MNIST's format, compressed or not."""
    packed = path.with_name(path.name + ".gz")
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    start = 4 + 4 * content[3]
    return np.frombuffer(content, np.uint8, offset=start).reshape(struct.unpack(f">{content[3]}I", content[4:start]))


def load_levels(folder):
    """Training and test pictures as levels 0 to 16; MNIST's are averaged over blocks of 4 x 4."""
    if folder is None:
        levels = torch.tensor(load_digits().images, dtype=torch.long)
        order = torch.randperm(len(levels), generator=torch.Generator().manual_seed(0))
        return levels[order[:1437]], levels[order[1437:]]
    parts = [torch.tensor(idx(folder / f"{part}-images-idx3-ubyte")) for part in ("train", "t10k")]
    return [F.avg_pool2d(F.pad(x.float() * (LEVELS - 1) / 255, (2, 2, 2, 2)), 4).round().long() for x in parts]


class MaskedConv2d(nn.Conv2d):
    """Sees the rows above and the pixels to the left; its own pixel only where `own` says so."""

    def __init__(self, inputs, outputs, size, own):
        super().__init__(inputs, outputs, size, padding=size // 2)
        mask = torch.ones(size, size)
        mask[size // 2, size // 2 + own :] = 0
        mask[size // 2 + 1 :] = 0
        self.register_buffer("mask", mask)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


class Residual(nn.Module):
    """Half the channels see around; the other convolutions only mix."""

    def __init__(self, channels):
        super().__init__()
        self.net = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(channels, channels // 2, 1),
            nn.ReLU(),
            MaskedConv2d(channels // 2, channels // 2, 3, own=True),
            nn.ReLU(),
            nn.Conv2d(channels // 2, channels, 1),
            nn.Dropout2d(DROPOUT),
        )

    def forward(self, x):
        return x + self.net(x)


class PixelCNN(nn.Module):
    def __init__(self, levels=LEVELS, channels=CHANNELS, blocks=BLOCKS):
        super().__init__()
        self.stem = MaskedConv2d(1, channels, 7, own=False)
        self.blocks = nn.Sequential(*[Residual(channels) for _ in range(blocks)])
        self.head = nn.Sequential(
            nn.ReLU(), nn.Conv2d(channels, channels, 1), nn.ReLU(), nn.Conv2d(channels, levels, 1)
        )

    def forward(self, levels):
        """Levels (n, height, width) to logits (n, LEVELS, height, width)."""
        return self.head(self.blocks(self.stem(levels[:, None] / (LEVELS - 1) * 2 - 1)))


@torch.no_grad()
def bits_per_pixel(model, levels):
    model.eval()
    return F.cross_entropy(model(levels), levels).item() / math.log(2)


@torch.no_grad()
def sample(model, count, height, width, seed=SEED):
    """Row by row, left to right: each pixel is drawn, then seen by the next."""
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    levels = torch.zeros(count, height, width, dtype=torch.long)
    for y in range(height):
        for x in range(width):
            chances = model(levels[:, : y + 1])[:, :, y, x].softmax(1)
            levels[:, y, x] = torch.multinomial(chances, 1, generator=generator)[:, 0]
    return levels


def save_grid(levels, path, columns=8):
    """Pictures side by side, with a grey line between them."""
    count, height, width = levels.shape
    tiles = F.pad(levels.reshape(count // columns, columns, height, width) / (LEVELS - 1), (1, 1, 1, 1), value=0.4)
    grid = tiles.permute(0, 2, 1, 3).reshape(count // columns * (height + 2), columns * (width + 2))
    picture = Image.fromarray((grid.numpy() * 255).astype(np.uint8))
    picture.resize((picture.width * 5, picture.height * 5), Image.NEAREST).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with MNIST's files")
    train, test = load_levels(parser.parse_args().data)
    torch.manual_seed(SEED)
    OUT.mkdir(exist_ok=True)
    loader = DataLoader(TensorDataset(train), batch_size=BATCH_SIZE, shuffle=True)
    model = PixelCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    with open(OUT / "metrics.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["epoch", "train_bits_per_dim", "test_bits_per_dim"])
        for epoch in range(1, EPOCHS + 1):
            model.train()
            losses = []
            for (batch,) in loader:
                loss = F.cross_entropy(model(batch), batch)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            scheduler.step()
            row = np.mean(losses) / math.log(2), bits_per_pixel(model, test)
            log.writerow([epoch, *(f"{bits:.4f}" for bits in row)])
            if epoch % 5 == 0 or epoch == EPOCHS:
                save_grid(sample(model, 64, *train.shape[1:]), OUT / f"samples_epoch_{epoch:03d}.png")
                print(f"epoch {epoch}: train {row[0]:.3f} test {row[1]:.3f} bits a pixel", flush=True)
    samples = sample(model, 500, *train.shape[1:], seed=SEED + 1)
    np.save(OUT / "samples.npy", (samples * 255 // (LEVELS - 1)).byte().numpy())
    torch.save(model.state_dict(), OUT / "pixelcnn.pt")


if __name__ == "__main__":
    main()
