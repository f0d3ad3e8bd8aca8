"""The columns of the results: what each shows, how wide it may be and which end of a cut cell stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.app import text

if TYPE_CHECKING:
    from core.analysis.facts import Value
    from core.catalog.model import Row


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `least` and `most` are cells; `keep` is the end of a cut cell that stays."""

    name: str
    title: str
    field: str
    least: int = 6
    most: int = 20
    align: str = "left"
    keep: str = "start"


COLUMNS: tuple[Column, ...] = (
    Column("rank", "#", "", 2, 7, "right"),
    Column("id", "model", "id", 18, 44, keep="end"),
    Column("architecture", "architecture", "architecture", 14, 24),
    Column("dataset", "dataset", "datasets", 10, 18),
    Column("batch", "batch", "batch_size", 5, 7, "right"),
    Column("rate", "rate", "learning_rate", 6, 9, "right"),
    Column("optimizer", "optimizer", "optimizer", 7, 12),
    Column("epochs", "epochs", "epochs", 6, 7, "right"),
    Column("hardware", "hardware", "hardware", 8, 12),
    Column("framework", "framework", "framework", 7, 12),
    Column("score", "score", "score", 5, 6, "right"),
    Column("distance", "distance", "distance", 8, 8, "right"),
    Column("size", "size", "size", 6, 8, "right"),
    Column("created", "created", "created", 10, 10),
    Column("modified", "modified", "modified", 10, 10),
    Column("images", "images", "images", 6, 6, "right"),
    Column("path", "path", "path", 16, 60, keep="end"),
)
"""In the order in which they are shown as they fit."""

BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
FIXED = ("rank", "id")
"""Columns that never scroll away."""
GAP = 2
"""Cells between two columns."""


def column(name: str) -> Column:
    """The column of this name; any other name is a field of its own: a metric, a setting, a field of the vocabulary."""
    if name.startswith("metrics."):
        return Column(name, name.removeprefix("metrics."), name, 9, 12, "right")
    return BY_NAME.get(name) or Column(name, name.removeprefix("settings."), name, 6, 18)


def cell(spec: Column, row: Row, rank: int, score: float | None) -> str:
    """What stands in a cell; empty where nothing is known."""
    if spec.name == "rank":
        return str(rank + 1)
    if spec.name == "score":
        return "" if score is None else f"{score:.2f}"
    if spec.name == "distance":
        return "" if score is None else f"{max(1 - score, 0):.2f}"
    return text.values(spec.field, values(spec, row))


def values(spec: Column, row: Row) -> tuple[Value, ...]:
    """The values behind a cell; empty for unknown."""
    return row.get(spec.field) or row.get(f"settings.{spec.field}") or ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A column and the cells it was given."""

    column: Column
    width: int


def place(specs: Sequence[Column], natural: Mapping[str, int], width: int, first: int = 0) -> list[Placed]:
    """The columns that fit into `width`, by priority; `first` scrolls those that are not fixed.

    What is left over goes to cut columns, the earlier ones first.
    """
    fixed = [spec for spec in specs if spec.name in FIXED]
    moving = [spec for spec in specs if spec.name not in FIXED][first:]
    chosen: list[Placed] = []
    used = 0
    for spec in [*fixed, *moving]:
        least = max(min(natural.get(spec.name, spec.least), _least(spec, width)), cell_len(spec.title))
        if chosen and used + least > width:
            break
        chosen.append(Placed(spec, least))
        used += least + GAP
    return _widened(chosen, natural, width - used + GAP)


def _least(spec: Column, width: int) -> int:
    """The id grows with the grid, since it is what one looks for."""
    return max(spec.least, width // 3) if spec.name == "id" else spec.least


def _widened(chosen: list[Placed], natural: Mapping[str, int], spare: int) -> list[Placed]:
    wider = []
    for item in chosen:
        wish = min(natural.get(item.column.name, item.width), item.column.most)
        more = max(min(wish - item.width, spare), 0)
        spare -= more
        wider.append(Placed(item.column, item.width + more))
    return wider
