"""Likelihoods of held-out digits."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from assets.zoo.evaluation.digits import real
from assets.zoo.evaluation.logs import last, printed


def elbo(folder: Path, file: str, column: str, sigma: float) -> tuple[float, str]:
    """The test ELBO from a log of its negative without the normalising constant of Gaussian pixels, in nats a picture.

    With the constant, studies with other deviations `sigma` can be compared. A column with a group in it is a pattern.
    """
    read = printed if "(" in column else last
    train, test = real()
    errors = ((test - train.mean(0)) ** 2).flatten(1).sum(1).mean().item()
    constant = test[0].numel() * math.log(sigma * math.sqrt(2 * math.pi))
    guess = -errors / (2 * sigma**2) - constant
    return -read(folder, file, column) - constant, f"the mean of the training digits {guess:.1f}"


def moons(folder: Path, file: str, pattern: str) -> tuple[float, str]:
    """How many nats a flow on scikit-learn's two moons (deviation 0.05) is above their own density."""
    from sklearn.datasets import make_moons

    held_out = make_moons(10000, noise=0.05, random_state=0)[0][8000:]
    single = make_moons(10000, noise=0.05, random_state=1)[0]
    normal = 0.5 * np.linalg.slogdet(2 * np.pi * math.e * np.cov(single, rowvar=False))[1]
    centres = make_moons(2000, shuffle=False)[0]
    squares = ((held_out[:, None] - centres) ** 2).sum(2) / (2 * 0.05**2)
    truth = -np.log(np.exp(-squares).mean(1) / (2 * np.pi * 0.05**2)).mean()
    return printed(folder, file, pattern) - truth, f"the truth 0, one Gaussian {normal - truth:.2f}"
