"""How near generated colour pictures are to drawn ones: a Frechet distance of small versions, without a classifier."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import torch

from assets.zoo.evaluation.digits import frechet
from assets.zoo.studies import ZOO

COUNT = 500


def distance(folder: Path, samples: str) -> tuple[float, str]:
    """To pictures that the study could have drawn and has not; the samples are (500, 3, 8, 8) bytes."""
    fresh, others, noise = small(draw(COUNT, seed=1)), small(draw(COUNT, seed=2)), np.random.default_rng(0)
    compare = f"drawn pictures {frechet(others, fresh):.2f}, noise {frechet(noise.random(fresh.shape), fresh):.1f}"
    return frechet(np.load(folder / samples).reshape(COUNT, -1) / 255, fresh), compare


def draw(count: int, seed: int) -> torch.Tensor:
    """Pictures (count, 3, 32, 32) in [-1, 1], as `abstract_gan` draws its own."""
    spec = importlib.util.spec_from_file_location("zoo_pictures", ZOO / "abstract_gan/pictures.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    drawn: torch.Tensor = module.drawn(count, seed)
    return drawn


def small(pictures: torch.Tensor) -> np.ndarray:
    """(n, 192) in [0, 1]: means of 4 x 4 pixels."""
    return ((torch.nn.functional.avg_pool2d(pictures, 4) + 1) / 2).flatten(1).double().numpy()
