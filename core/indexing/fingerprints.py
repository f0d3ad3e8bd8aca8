"""What facts and artefacts are made with: when that changes, they are made anew."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]


@cache
def fingerprint() -> str:
    """Changes whenever the code or the vocabulary that facts are made with changes: old facts are then made anew."""
    return _hash_of("core/analysis/**/*.py", "core/vocabulary.py", "assets/vocabulary/**/*.toml", "assets/runners/*.py")


@cache
def artefact_fingerprint() -> str:
    """The same for pictures, checkpoints and logs."""
    return _hash_of("core/artifacts/**/*.py")


def _hash_of(*patterns: str) -> str:
    made = hashlib.blake2b(digest_size=8)
    for pattern in patterns:
        for path in sorted(HERE.glob(pattern)):
            made.update(path.read_bytes())
    return made.hexdigest()
