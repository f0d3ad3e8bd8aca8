"""Near-identical models: min-hashes of a source's words in threes (Broder, 1997), with its literals blanked.

Two versions of a script that differ in numbers and names of files have the same words in the same order.
Configurations are alike by their nature, so two of them are near-identical only where they configure the same network.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

HASHES = 64
BANDS = 16
"""Sixteen bands of four: pairs with a likeness of 0.8 meet in one with a probability of 0.9998."""
ALIKE = 0.8
"""Share of equal min-hashes from which two models are said to be near-identical."""
MOST_MEMBERS = 200
"""Of models that share one band (generated copies) no more than this are compared with each other."""

_WORDS = re.compile(r"#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|\d[\w.]*|[^\W\d]\w*|[^\s\w]")
_RANDOM = np.random.default_rng(20)
_ORDER = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
"""Odd numbers that the three words of a shingle are multiplied with, so that their order counts."""
_A = _RANDOM.integers(0, 1 << 64, (HASHES, 1), dtype=np.uint64) | np.uint64(1)
_B = _RANDOM.integers(0, 1 << 64, (HASHES, 1), dtype=np.uint64)
"""Multiply-shift hashing (Dietzfelbinger, 1997): the upper half of `a * x + b`, where 64 bits overflow."""


def signature(text: str) -> str:
    """The min-hashes of a source, 32 bits each, as hexadecimal digits; empty for a text too short to tell."""
    written = _WORDS.findall(text)
    words = np.array([_hash(word) for word in written if word[0] != "#"], dtype=np.uint64)
    if len(words) < 3:
        return ""
    threes = words[:-2] * _ORDER[0] + words[1:-1] * _ORDER[1] + words[2:] * _ORDER[2]
    hashes = np.unique(threes >> np.uint64(32))
    if len(hashes) < 10:
        return ""
    lowest: NDArray[np.uint32] = ((hashes * _A + _B).min(axis=1) >> np.uint64(32)).astype(">u4")
    return bytes(lowest).hex()


@lru_cache(maxsize=20_000)
def _hash(word: str) -> int:
    """32 bits that stand for a word; numbers and texts count as that, whatever they are."""
    blanked = "0" if word[0].isdigit() else "''" if word[0] in "\"'" else word
    return int.from_bytes(hashlib.blake2b(blanked.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")


def near_identical(signatures: Mapping[str, tuple[str, str]]) -> list[tuple[str, str, float]]:
    """(id, other id, likeness) for every pair that is alike, in both directions, sorted.

    `signatures` holds for each id its signature and its group: only models of one group are compared.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for id, (made, group) in sorted(signatures.items()):
        if made:
            groups[group].append(id)
    found = []
    for ids in groups.values():
        matrix = np.array([np.frombuffer(bytes.fromhex(signatures[id][0]), dtype=">u4") for id in ids])
        for a, b in _pairs(matrix):
            score = float((matrix[a] == matrix[b]).mean())
            if score >= ALIKE:
                found += [(ids[a], ids[b], score), (ids[b], ids[a], score)]
    return sorted(found)


def _pairs(matrix: NDArray[np.uint32]) -> set[tuple[int, int]]:
    """Pairs of rows that agree in a whole band."""
    pairs: set[tuple[int, int]] = set()
    rows = HASHES // BANDS
    for band in range(BANDS):
        groups: dict[bytes, list[int]] = defaultdict(list)
        for row, part in enumerate(matrix[:, band * rows : (band + 1) * rows]):
            groups[part.tobytes()].append(row)
        for members in groups.values():
            near = members[:MOST_MEMBERS]
            pairs |= {(a, b) for i, a in enumerate(near) for b in near[i + 1 :]}
    return pairs
