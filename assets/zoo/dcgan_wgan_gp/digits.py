"""Digits, (n, 1, 8, 8) in [-1, 1]: scikit-learn's, or MNIST's own files brought to the same size."""

import gzip
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

TEST = 360  # of scikit-learn's 1797 digits


def read_idx(folder, name):
    """The pictures of an IDX file, plain or gzipped, as (n, 28, 28) bytes."""
    path = Path(folder, name)
    content = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(f"{name}.gz").read_bytes())
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, offset=4)
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape).copy())


def mnist(folder, part):
    """Means of 4 x 4 pixels, which is how scikit-learn's digits were made out of larger ones."""
    pixels = read_idx(folder, f"{part}-images-idx3-ubyte").float() / 255
    return F.avg_pool2d(F.pad(pixels, (2, 2, 2, 2)), 4).unsqueeze(1) * 2 - 1


def digits(folder=None):
    """Training and test pictures."""
    if folder:
        return mnist(folder, "train"), mnist(folder, "t10k")
    pixels = torch.tensor(load_digits().images / 8 - 1, dtype=torch.float32).unsqueeze(1)
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
    return pixels[order[:-TEST]], pixels[order[-TEST:]]
