"""How long work tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total` in a stage; total 0 = not known yet. `what` names the thing in hand."""

    stage: Literal["scan", "history", "analyse", "artefacts", "store", "embed"]
    done: int
    total: int
    what: str = ""


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """What one indexing run did, in models; `left_out` counts folders and files that were passed over."""

    models: int
    added: int
    changed: int
    removed: int
    offline: int
    left_out: int
    seconds: float
    problems: tuple[str, ...] = ()
    """One line each: what could not be read, and what could not be done."""
