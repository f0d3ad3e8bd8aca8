"""How good samples of 8 x 8 digits are, by the zoo's own convolutional classifier.

A study leaves at least 500 samples as an array of bytes (n, 8, 8), 0 to 255, in a .npy file.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

import numpy as np
import torch

from assets.zoo.studies import ZOO

COUNT = 500
"""Samples that are looked at: the Frechet distance depends on their number."""
HELD_OUT = 360


def score(folder: Path, samples: str) -> tuple[float, str]:
    """The Inception score (Salimans et al. 2016), 1 to 10."""
    return inception_score(probabilities(read(folder / samples))), references("score")


def distance(folder: Path, samples: str) -> tuple[float, str]:
    """The Frechet distance (Heusel et al. 2017) to the held-out digits."""
    return frechet(features(read(folder / samples)), features(real()[1])), references("distance")


def as_asked(folder: Path, samples: str) -> tuple[float, str]:
    """The share of samples that are read as the class asked for; they stand in ten equal parts, by class."""
    pictures = read(folder / samples, all_of_them=True)
    asked = torch.arange(10).repeat_interleave(len(pictures) // 10)
    return (probabilities(pictures).argmax(1) == asked).float().mean().item(), "chance 0.1"


def read(path: Path, all_of_them: bool = False) -> torch.Tensor:
    """Samples (n, 1, 8, 8) in [0, 1], evenly out of the file. Raises ValueError for too few or another shape."""
    array = np.load(path)
    if array.dtype != np.uint8 or array.shape[1:] != (8, 8) or len(array) < COUNT:
        raise ValueError(f"{path.name}: {array.dtype} {array.shape}, wanted at least {COUNT} pictures of bytes, 8 x 8")
    chosen = slice(None) if all_of_them else np.linspace(0, len(array) - 1, COUNT).astype(int)
    return torch.from_numpy(array[chosen]).float().unsqueeze(1) / 255


@functools.cache
def real() -> tuple[torch.Tensor, torch.Tensor]:
    """The digits that the zoo trains on, and those that it holds out, as `read` gives them."""
    from sklearn.datasets import load_digits

    images = torch.tensor(load_digits().images / 16, dtype=torch.float32).unsqueeze(1)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return images[order[:-HELD_OUT]], images[order[-HELD_OUT:]]


@functools.cache
def classifier() -> torch.nn.Module:
    """The convolutional classifier with the weights that ship."""
    spec = importlib.util.spec_from_file_location("zoo_classifier", ZOO / "classifier/train.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.ConvNet(channels=16, dropout=0.2)
    model.load_state_dict(torch.load(ZOO / "classifier/runs/cnn/model.pt", weights_only=True))
    return model.eval()


@torch.no_grad()
def features(pictures: torch.Tensor) -> np.ndarray:
    """What the classifier's last linear layer sees: (n, 128)."""
    return classifier().features(pictures).flatten(1).double().numpy()


@torch.no_grad()
def probabilities(pictures: torch.Tensor) -> torch.Tensor:
    """Of the ten classes: (n, 10)."""
    return classifier()(pictures).softmax(1)


def inception_score(chances: torch.Tensor) -> float:
    """exp of the mean divergence of each sample's classes from those of all samples."""
    mean = chances.mean(0, keepdim=True)
    return (chances * (chances.clamp_min(1e-12).log() - mean.clamp_min(1e-12).log())).sum(1).mean().exp().item()


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """|m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½), of two sets of features (n, d)."""
    first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    root = np.sqrt(np.clip(np.linalg.eigvals(first @ second).real, 0, None)).sum()
    return float(((one.mean(0) - other.mean(0)) ** 2).sum() + np.trace(first) + np.trace(second) - 2 * root)


@functools.cache
def references(kind: str) -> str:
    """The same number of as many training digits and of noise."""
    train, held_out = real()
    noise = torch.rand(COUNT, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    if kind == "score":
        digits, random = (inception_score(probabilities(pictures)) for pictures in (held_out, noise))
        return f"held-out digits {digits:.2f}, noise {random:.2f}"
    wanted = features(held_out)
    return (
        f"training digits {frechet(features(train[:COUNT]), wanted):.2f}, noise {frechet(features(noise), wanted):.1f}"
    )
