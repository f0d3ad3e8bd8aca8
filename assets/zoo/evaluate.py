"""How good the zoo's samples are: `python -m assets.zoo.evaluate` reads the grids with the zoo's own classifier.

Prints for each grid how sure the classifier is of its digits (mean of the highest probability; real test digits give
the ceiling), how many of the ten classes it sees, and for the conditional GAN how often it reads the class asked for.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

ZOO = Path(__file__).resolve().parent
GRIDS = (
    "vae/v1/results/epoch_60/samples.png",
    "vae/v2/results/epoch_100/samples.png",
    "conditional_gan/output/samples_epoch_300.png",
    "diffusion/runs/unet/samples_step_03000.png",
    "latent_diffusion/output/diffusion_samples_e0600.png",
)


def read_grid(path: Path) -> torch.Tensor:
    """The digits of a grid, (n, 1, 8, 8) in [0, 1]."""
    pixels = np.asarray(Image.open(path).convert("L"), dtype=np.float32)[2::5, 2::5] / 255
    rows, columns = pixels.shape[0] // 10, pixels.shape[1] // 10
    tiles = pixels.reshape(rows, 10, columns, 10).transpose(0, 2, 1, 3)[:, :, 1:9, 1:9]
    return torch.from_numpy(tiles.reshape(rows * columns, 1, 8, 8).copy())


def classifier() -> torch.nn.Module:
    """The zoo's convolutional classifier with the weights that it shipped with."""
    sys.path.insert(0, str(ZOO / "classifier"))
    from train import ConvNet

    model = ConvNet(channels=16, dropout=0.2)
    model.load_state_dict(torch.load(ZOO / "classifier/runs/cnn/model.pt", weights_only=True))
    return model.eval()


def real_digits() -> torch.Tensor:
    """The digits that the classifier was not trained on."""
    from sklearn.datasets import load_digits

    images = torch.tensor(load_digits().images / 16, dtype=torch.float32).unsqueeze(1)
    return images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[1437:]]


def main() -> None:
    model = classifier()
    grids = {"held-out digits": real_digits(), **{name: read_grid(ZOO / name) for name in GRIDS}}
    for name, digits in grids.items():
        with torch.no_grad():
            sure, read = model(digits).softmax(1).max(1)
        line = f"{name}: {len(digits)} digits, sure {sure.mean():.3f}, classes {len(read.unique())}"
        if name.startswith("conditional_gan"):
            line += f", as asked {(read == torch.arange(10).repeat_interleave(10)).float().mean():.2f}"
        print(line)


if __name__ == "__main__":
    main()
