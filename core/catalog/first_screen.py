"""The first screenful in a small file of each generation, so that it paints before DuckDB is imported.

Imports neither DuckDB nor numpy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.catalog.generations import FIRST, current
from core.catalog.schema import VERSION
from core.errors import BadInput

if TYPE_CHECKING:
    from core.analysis.facts import Value
    from core.catalog.model import Row

ROWS = 200
"""More than the tallest terminal shows, few enough to be read in a few milliseconds."""


@dataclass(frozen=True, slots=True)
class FirstScreen:
    """The first rows of the empty question, and how many it has in all."""

    rows: tuple[Row, ...]
    total: int


def read_first_screen(catalog: Path) -> FirstScreen | None:
    """What the newest generation shows first; None where there is none that can be read (the Reader then says why)."""
    try:
        folder = current(catalog)
        data = json.loads((folder / FIRST).read_bytes()) if folder else None
    except (OSError, ValueError, BadInput):
        return None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        return None
    return FirstScreen(tuple(row_from(row) for row in data["rows"]), data["total"])


def write_first_screen(folder: Path, grids: Sequence[str], total: int) -> None:
    """Write the file from the JSON of the first rows."""
    text = f'{{"version": {VERSION}, "total": {total}, "rows": [{", ".join(grids)}]}}'
    (folder / FIRST).write_text(text, encoding="utf-8")


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def row_from(data: Mapping[str, Any]) -> Row:
    """The Row that `to_json` wrote."""
    return {name: tuple(map(value_from, values)) for name, values in data.items()}


def value_from(data: Any) -> Value:
    """A fact's value from JSON: lists are tuples here."""
    return tuple(map(value_from, data)) if isinstance(data, list) else data
