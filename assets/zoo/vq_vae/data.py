"""Digits, or MNIST from a folder, as tensors (n, 1, 8, 8) in [0, 1]: for training and for testing."""

import gzip
import os

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits


def load_pictures(folder=None):
    if folder is not None:
        return read(folder, "train-images-idx3-ubyte"), read(folder, "t10k-images-idx3-ubyte")
    x = torch.from_numpy(load_digits().images).float()[:, None] / 16
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    return x[order[:1437]], x[order[1437:]]


def read(folder, name):
    """MNIST's pictures are made as coarse as the others: one pixel of each 4 x 4, after a margin of two."""
    path = os.path.join(folder, name)
    if os.path.exists(path + ".gz"):
        with gzip.open(path + ".gz") as f:
            raw = f.read()
    else:
        with open(path, "rb") as f:
            raw = f.read()
    magic, count, rows, columns = np.frombuffer(raw, ">u4", count=4)
    assert magic == 2051, f"{path}: not pictures"
    x = torch.from_numpy(np.frombuffer(raw, np.uint8, offset=16).reshape(count, 1, rows, columns).copy())
    return F.avg_pool2d(F.pad(x.float() / 255, (2, 2, 2, 2)), 4)
