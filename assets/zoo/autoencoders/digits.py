"""Digits as rows of 64 pixels in [0, 1]: scikit-learn's, or MNIST's own files brought to the same 8 x 8."""

import gzip
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits


def read_idx(folder, name):
    """One of MNIST's files, gzipped or not, as an array of bytes."""
    path = Path(folder) / name
    zipped = path.with_name(name + ".gz")
    content = gzip.decompress(zipped.read_bytes()) if zipped.exists() else path.read_bytes()
    _, kind, rank = struct.unpack_from(">HBB", content)
    if kind != 8:
        raise ValueError(f"{path}: not a file of bytes in IDX format")
    shape = struct.unpack_from(f">{rank}I", content, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def shrink(pictures):
    """28 x 28 to 8 x 8 as scikit-learn's digits were made: the mean of blocks of 4 x 4."""
    padded = F.pad(torch.tensor(pictures, dtype=torch.float32)[:, None] / 255, (2, 2, 2, 2))
    return F.avg_pool2d(padded, 4).flatten(1)


def load(folder=None):
    """Training pictures, their digits, test pictures, their digits."""
    if folder:
        images = [shrink(read_idx(folder, f"{part}-images-idx3-ubyte")) for part in ("train", "t10k")]
        labels = [torch.tensor(read_idx(folder, f"{part}-labels-idx1-ubyte")).long() for part in ("train", "t10k")]
        return images[0], labels[0], images[1], labels[1]
    digits = load_digits()
    x, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    train, test = order[:1437], order[1437:]
    return x[train], y[train], x[test], y[test]
