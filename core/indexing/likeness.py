"""Near-identical models: min-hashes of a source's words in threes (Broder, 1997), with its literals blanked.

Two versions of a script that differ in numbers and names of files have the same words in the same order.
Configurations are alike by their nature, so two of them are near-identical only where they configure the same network.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping

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
_PRIME = (1 << 61) - 1
_RANDOM = np.random.default_rng(20)
_A = _RANDOM.integers(1, 1 << 31, HASHES, dtype=np.uint64)
_B = _RANDOM.integers(0, 1 << 31, HASHES, dtype=np.uint64)


def signature(text: str) -> str:
    """The min-hashes of a source, 32 bits each, as hexadecimal digits; empty for a text too short to tell."""
    words = [_blank(word) for word in _WORDS.findall(text) if not word.startswith("#")]
    shingles = {" ".join(words[i : i + 3]) for i in range(len(words) - 2)}
    if len(shingles) < 10:
        return ""
    hashes = np.array([_hash(shingle) for shingle in shingles], dtype=np.uint64)
    mixed = (hashes[:, None] * _A + _B) % np.uint64(_PRIME)
    lowest: NDArray[np.uint32] = (mixed.min(axis=0) & np.uint64(0xFFFFFFFF)).astype(">u4")
    return bytes(lowest).hex()


def _blank(word: str) -> str:
    """Numbers and texts count as that, whatever they are."""
    return "0" if word[0].isdigit() else "''" if word[0] in "\"'" else word


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")


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
