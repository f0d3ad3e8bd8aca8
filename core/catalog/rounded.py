"""Embeddings rounded to bytes: a quarter of the memory to read, and a bound on how far a cosine by them is off.

A question is compared with all passages in bytes, and with few of them exactly: those that the bound leaves open. So
what is found is what exact search finds. For x = x' + e and q = q' + f, x' and q' being the rounded vectors,
|q.x - q'.x'| <= |q||e| + |f||x'| (Cauchy's inequality).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.catalog.schema import DIMENSIONS

if TYPE_CHECKING:
    from core.protocols import Multiplier

Floats = NDArray[np.float32]
MOST, MOST_ASKED = 127, 63
"""The largest code of a passage, and of a question (see core.protocols.Multiplier)."""
ARITHMETIC = 1e-5
"""What single precision may add to the bound."""
CHUNK = 4096
"""Vectors that are rounded at a time."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """Vectors by passage number: `codes` of shape (384, passages) times the passage's step, and the lengths of what
    rounding took away."""

    codes: NDArray[np.int8]
    steps: Floats
    errors: Floats

    def products(self, vector: Floats, multiply: Multiplier) -> tuple[Floats, Floats]:
        """The products of a unit vector with each passage's, nearly, and how far off each is at most; `multiply` is of
        the codes."""
        asked = rounded(vector[None], MOST_ASKED)
        near = multiply(asked.codes[:, 0]).astype(np.float32) * (self.steps * asked.steps[0])
        length, error = np.linalg.norm(vector), asked.errors[0]
        return near, self.errors * (length + error) + (error + np.float32(ARITHMETIC))


def rounded(vectors: Floats, most: int = MOST) -> Rounded:
    """Vectors that are of unit length or zeros, rounded to codes from -most to most."""
    steps = np.abs(vectors).max(axis=1, initial=0.0) / np.float32(most)
    codes = np.rint(vectors / np.where(steps, steps, 1)[:, None]).astype(np.int8)
    return Rounded(codes.T, steps, np.linalg.norm(vectors - steps[:, None] * codes, axis=1).astype(np.float32))


def write_rounded(path: Path, vectors: Floats) -> None:
    """The codes of all vectors, then their steps, then their errors."""
    codes = np.empty((DIMENSIONS, len(vectors)), np.int8)
    steps, errors = np.empty((2, len(vectors)), np.float32)
    for start in range(0, len(vectors), CHUNK):
        part = slice(start, start + CHUNK)
        made = rounded(vectors[part])
        codes[:, part], steps[part], errors[part] = made.codes, made.steps, made.errors
    with path.open("wb") as file:
        for array in (codes, steps, errors):
            array.tofile(file)


def read_rounded(path: Path, count: int) -> Rounded | None:
    """The rounded vectors of this many passages, memory-mapped; None where the file has not that many."""
    codes = count * DIMENSIONS
    if not count or not path.is_file() or path.stat().st_size != codes + 8 * count:
        return None
    stored = np.memmap(path, np.uint8, "r")
    floats = stored[codes:].view(np.float32)
    return Rounded(stored[:codes].view(np.int8).reshape(DIMENSIONS, count), floats[:count], floats[count:])
