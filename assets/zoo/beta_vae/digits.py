"""Pictures (n, 1, 8, 8) in [0, 1] for training and for testing."""

import gzip
import struct
from os import path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits


def digits():
    """Scikit-learn's digits, 360 of them held out."""
    images = torch.tensor(load_digits().images / 16, dtype=torch.float32).unsqueeze(1)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return images[order[:1437]], images[order[1437:]]


def mnist(folder):
    """MNIST from its own files in a folder, each block of 4 x 4 pixels made one."""
    return _idx(path.join(folder, "train-images-idx3-ubyte")), _idx(path.join(folder, "t10k-images-idx3-ubyte"))


def _idx(name):
    with open(name, "rb") if path.exists(name) else gzip.open(name + ".gz") as file:
        magic, count, height, width = struct.unpack(">4I", file.read(16))
        if magic != 0x803:
            raise ValueError(f"{name} is not an IDX file of pictures")
        pictures = np.frombuffer(file.read(), np.uint8).reshape(count, 1, height, width)
    return F.avg_pool2d(F.pad(torch.tensor(pictures / 255, dtype=torch.float32), (2, 2, 2, 2)), 4)
