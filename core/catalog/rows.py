"""A model as the grid shows it, and its place in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.analysis.facts import Fact, Value
from core.artifacts.records import Artefacts
from core.catalog.model import Dates, Row
from core.fields import LISTED, SINGLE

LEFT_BEHIND = ("images", "checkpoints")
"""The fields of how many files a model left behind; no file is unknown: it may be elsewhere."""


def make_row(names: Row, facts: Iterable[Fact], dates: Dates, size: int, lines: int) -> Row:
    """`names` (id, path, kind, root), every field of the vocabulary and the settings; unknown and known none are
    empty."""
    found: dict[str, dict[Value, None]] = {}
    for fact in facts:
        if fact.value is not None:
            found.setdefault(fact.field, {})[fact.value] = None
    row: dict[str, tuple[Value, ...]] = dict(names)
    row |= {field: tuple(found.get(field, ())) for field in LISTED}
    row |= {field: tuple(found.get(field, ()))[:1] for field in SINGLE}
    row |= dict.fromkeys(("metrics", *LEFT_BEHIND), ())
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


def with_found(row: Row, found: Artefacts) -> Row:
    """The row with what was found of the model's runs: how many files of a kind it left, the names of its metrics
    under `metrics` and the values of each under `metrics.NAME`."""
    values: dict[str, dict[float, None]] = {}
    for metric in found.metrics:
        for name in metric.names:
            values.setdefault(name, {})[metric.value] = None
    others = {field: value for field, value in row.items() if not _is_found(field)}
    left = {"images": len(found.images), "checkpoints": len(found.checkpoints)}
    others |= {field: (count,) if count else () for field, count in left.items()}
    names = tuple(dict.fromkeys(metric.name for metric in found.metrics))
    return {**others, "metrics": names, **{f"metrics.{name}": tuple(of) for name, of in values.items()}}


def found_of(row: Row) -> Row:
    """What `with_found` added."""
    return {field: value for field, value in row.items() if _is_found(field)}


def _is_found(field: str) -> bool:
    return field in LEFT_BEHIND or field.startswith("metrics")
