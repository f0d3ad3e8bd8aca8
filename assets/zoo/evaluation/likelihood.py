"""Likelihoods of held-out digits."""

from __future__ import annotations

import math
from pathlib import Path

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
