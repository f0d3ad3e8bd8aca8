"""`report`: prose with its sources, streamed to stdout or written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def report(catalog: Path | None, words: Sequence[str], output: Path | None) -> int:
    raise NotImplementedError
