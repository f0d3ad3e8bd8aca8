"""A model as the grid shows it, and its place in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.analysis.facts import Fact, Value
from core.catalog.model import Dates, Row
from core.fields import LISTED, SINGLE


def make_row(
    id: str, path: str, kind: str, root: str, dates: Dates, size: int, lines: int, facts: Iterable[Fact], metrics: Iterable[str]
) -> Row:
    """The id, path, kind and root, every field of the vocabulary and the settings; unknown and known none are empty."""
    found: dict[str, dict[Value, None]] = {}
    for fact in facts:
        if fact.value is not None:
            found.setdefault(fact.field, {})[fact.value] = None
    row: dict[str, tuple[Value, ...]] = {"id": (id,), "path": (path,), "kind": (kind,), "root": (root,)}
    row |= {field: tuple(found.get(field, ())) for field in LISTED}
    row |= {field: tuple(found.get(field, ()))[:1] for field in SINGLE}
    row["metrics"] = tuple(dict.fromkeys(metrics))
    row |= {field: tuple(values) for field, values in found.items() if field not in row}
    return with_file(row, dates, size, lines)


def with_file(row: Row, dates: Dates, size: int, lines: int) -> Row:
    """The row with what the file system and git say."""
    known = {"created": dates.created, "modified": dates.modified, "author": dates.author, "commits": dates.commits}
    own = {name: () if value is None else (value,) for name, value in known.items()}
    return {**row, **own, "size": (size,), "lines": (lines,)}


def instant(date: str) -> float:
    """Seconds since 1970 of an ISO 8601 date with its offset."""
    return datetime.fromisoformat(date).timestamp()


def day(date: str) -> str:
    """The day as the commit wrote it, in its own offset: "2025-03-01"."""
    return date[:10]
