"""Numbers that a study wrote down beside that of a baseline or of the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from assets.zoo.evaluation.logs import printed


def beside(folder: Path, file: str, pattern: str, against: Mapping[str, str]) -> tuple[float, str]:
    """What `pattern` finds last in a log or notebook, and what other patterns find, by their names."""
    others = [f"{name} {printed(folder, file, other):.4g}" for name, other in against.items()]
    return printed(folder, file, pattern), ", ".join(others)
