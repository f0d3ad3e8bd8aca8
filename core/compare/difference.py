"""What a comparison gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.analysis.facts import Place, Value


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of two models. Empty values = unknown. Places follow the values."""

    field: str
    a: tuple[Value, ...]
    b: tuple[Value, ...]
    same: bool
    place_a: tuple[Place, ...]
    place_b: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer of two models aligned; None where one has no counterpart."""

    name: str
    a: str | None
    b: str | None
    change: Literal["same", "changed", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Diff:
    """Two models side by side: differing rows first, equal rows after."""

    a: str
    b: str
    rows: tuple[FieldRow, ...]
    layers: tuple[LayerRow, ...]
    code: str | None
    """Unified text of the two sources, where asked for."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of one field in a cohort: counts by value, and for numbers the median and the range."""

    counts: tuple[tuple[Value, int], ...]
    unknown: int
    median: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CohortRow:
    field: str
    spreads: tuple[Spread, ...]
    """One for each cohort."""


@dataclass(frozen=True, slots=True)
class CohortComparison:
    queries: tuple[str, ...]
    sizes: tuple[int, ...]
    rows: tuple[CohortRow, ...]
    """Rows whose spreads differ first."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One field of three or more models. `values` follow the models; empty = unknown, `(None,)` = a known none."""

    field: str
    values: tuple[tuple[Value, ...], ...]
    same: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Three or more models beside each other: differing rows first, equal rows after."""

    ids: tuple[str, ...]
    rows: tuple[TableRow, ...]
