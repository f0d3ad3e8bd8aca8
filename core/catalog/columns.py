"""The fields of one generation as columns: the model of each fact and the number of its distinct value.

A column is read from the catalogue when it is first asked for, and kept as long as its reader is.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.facts import Fact, Place, Value, is_number
from core.catalog.first_screen import row_from, to_json, value_from
from core.catalog.model import Row
from core.catalog.reading import Reader, listed
from core.catalog.rows import LEFT_BEHIND
from core.fields import SETTINGS
from core.vocabulary import fold

Mask = NDArray[np.bool_]
"""One boolean for each model, by its number."""

MODEL_NAMES = ("id", "path", "kind", "script", "root", "author")
MODEL_NUMBERS = ("commits", "size", "lines")
DATES = ("created", "modified")
USER_FIELDS = ("tag", "note")
METRICS = "metrics."
"""What the field of a metric's last value begins with: `metrics.accuracy:>0.9`."""
_WITH_SPLIT = "replace(split, 'validation', 'val') || '_' || name"
"""A metric of one split by its usual name."""
COUNT = "count."
"""What the field of how many known values another has begins with: `count.datasets:>1`."""
MOST_ROWS = 20_000
"""Rows of the grid that are kept in memory."""


class Column:
    """A field's facts: `models[i]`, which ascend, has the value `values[codes[i]]`, in the order of position.

    None is a known none.
    """

    def __init__(self, models: NDArray[np.int32], codes: NDArray[np.int32], values: tuple[Value, ...]) -> None:
        self.models, self.codes, self.values = models, codes, values

    def where(self, count: int, test: Callable[[Value], bool]) -> Mask:
        """The models with a value that passes."""
        return self.having(count, np.fromiter((test(value) for value in self.values), bool, len(self.values)))

    def having(self, count: int, passed: NDArray[np.bool_]) -> Mask:
        """The models with one of these of the distinct values."""
        mask = np.zeros(count, bool)
        mask[self.models[passed[self.codes]]] = True
        return mask

    def counts(self, among: Mask | None = None) -> NDArray[np.int64]:
        """How many models, of all or of these, have each of the distinct values."""
        return self._counted if among is None else self._count(among[self.models])

    @cached_property
    def _counted(self) -> NDArray[np.int64]:
        return self._count(np.ones(len(self.models), bool))

    def _count(self, here: NDArray[np.bool_]) -> NDArray[np.int64]:
        pairs = np.unique(self.models[here].astype(np.int64) * len(self.values) + self.codes[here])
        return np.bincount(pairs % max(len(self.values), 1), minlength=len(self.values))

    def numbered(self) -> Column:
        """The column of how many known values each model has."""
        known = np.array([value is not None for value in self.values], bool)
        models = np.unique(self.models)
        pairs = np.unique(np.stack([self.models, self.codes])[:, known[self.codes]], axis=1)
        counts = np.bincount(np.searchsorted(models, pairs[0]), minlength=len(models))
        values, codes = np.unique(counts, return_inverse=True)
        return Column(models, codes.astype(np.int32), tuple(values.tolist()))

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """Each distinct value as a number, NaN where it is none."""
        return np.array([float(v) if is_number(v) else np.nan for v in self.values], np.float64)

    @cached_property
    def simple(self) -> bool:
        """Whether no value is compound, so that `numbers` holds all numbers that there are."""
        return not any(isinstance(value, tuple) for value in self.values)


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the facts of a column stand and how they are known, in its order."""

    file: NDArray[np.object_]
    line: NDArray[np.int32]
    end_line: NDArray[np.int32]
    cell: NDArray[np.int32]
    """-1 outside of notebooks."""
    how: NDArray[np.object_]
    stage: NDArray[np.object_]

    def fact(self, field: str, value: Value, row: int) -> Fact:
        cell = int(self.cell[row])
        place = Place(self.file[row], int(self.line[row]), int(self.end_line[row]), None if cell < 0 else cell)
        return Fact(field, value, place, self.how[row], self.stage[row])


class Columns:
    """The columns of one generation, read when first asked for. Safe to use from any thread."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._columns: dict[str, Column] = {}
        self._origins: dict[str, Origins] = {}
        self._rows: dict[int, Row] = {}
        self._stored: NDArray[np.object_] | None = None
        self._lock = threading.Lock()

    # -- models, by number

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._reader.arrays("SELECT id FROM model ORDER BY number")["id"].tolist())

    @cached_property
    def paths(self) -> tuple[str, ...]:
        return tuple(self._reader.arrays("SELECT path FROM model ORDER BY number")["path"].tolist())

    @cached_property
    def number_of(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.ids)}

    @cached_property
    def default_order(self) -> NDArray[np.int32]:
        """Model numbers, last modified first, then by id."""
        found = self._reader.arrays("SELECT number FROM model ORDER BY modified_at DESC NULLS LAST, id")
        return np.asarray(found["number"], np.int32)

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """The grid's rows of these models, kept for the next time they are looked at."""
        missing = [number for number in numbers if number not in self._rows]
        if len(self._rows) > MOST_ROWS:
            self._rows.clear()
            missing = list(numbers)
        if missing:
            self._rows.update({number: row_from(json.loads(grid)) for number, grid in self._grids(missing)})
        return [self._rows[number] for number in numbers]

    def keep_rows(self) -> None:
        """Read all rows, where models are few enough: to find some DuckDB unpacks as much, each time."""
        if self._stored is None and len(self.ids) <= MOST_ROWS:
            self._stored = self._reader.arrays("SELECT grid FROM model ORDER BY number")["grid"]

    def _grids(self, numbers: Sequence[int]) -> Iterable[tuple[int, str]]:
        """The rows of these models as they are stored; who asks a second time will ask again."""
        if self._rows:
            self.keep_rows()
        if self._stored is not None:
            return [(number, self._stored[number]) for number in numbers]
        return self._reader.query(f"SELECT number, grid FROM model WHERE number IN {listed(numbers)}", [])

    # -- what the generation has

    @cached_property
    def roots(self) -> dict[str, str]:
        """Label by path."""
        return dict(self._reader.query("SELECT path, label FROM root", []))

    @cached_property
    def fields(self) -> dict[str, int]:
        """Every field that has facts, with the number of its models."""
        return dict(self._reader.query("SELECT field, count(DISTINCT model) FROM fact GROUP BY field", []))

    @cached_property
    def settings(self) -> tuple[str, ...]:
        """The names of the settings that the scripts have."""
        sql = "SELECT DISTINCT field FROM fact WHERE starts_with(field, ?) ORDER BY field"
        return tuple(field.removeprefix(SETTINGS) for (field,) in self._reader.query(sql, [SETTINGS]))

    def settings_that_are(self, one: str, other: str) -> tuple[str, ...]:
        """The fields of the settings that are the one in some model and the other in another."""
        sql = (
            "SELECT field FROM fact WHERE starts_with(field, ?) AND value IN (?, ?, ?, ?)"
            " GROUP BY field HAVING bool_or(value IN (?, ?)) AND bool_or(value IN (?, ?)) ORDER BY field"
        )
        both = (one, to_json(one), other, to_json(other))  # as a number and as a text
        return tuple(field for (field,) in self._reader.query(sql, [SETTINGS, *both, *both]))

    @cached_property
    def metric_names(self) -> tuple[str, ...]:
        """The metrics that runs logged; one of a split also with its split: `loss` and `val_loss`."""
        named = f"SELECT name FROM metric UNION SELECT {_WITH_SPLIT} FROM metric WHERE split <> '' ORDER BY 1"
        return tuple(row[0] for row in self._reader.query(named, []))

    @cached_property
    def picture_labels(self) -> frozenset[str]:
        """The words by which pictures are labelled, folded: what they show, "sneaker"."""
        rows = self._reader.query("SELECT DISTINCT label FROM image WHERE label <> ''", [])
        return frozenset(fold(word) for (label,) in rows for word in label.split())

    def values(self, field: str) -> tuple[Value, ...]:
        """The distinct values of a field, where they are names the most frequent first."""
        if field == "author":
            return self._authors
        return self._names.get(field, ()) if _source(field).json else self.column(field).values

    @cached_property
    def _names(self) -> dict[str, tuple[Value, ...]]:
        """The distinct values of every field of the vocabulary, its numbers left out, the most frequent first."""
        sql = (
            "SELECT field, value FROM fact WHERE number IS NULL AND NOT starts_with(field, ?)"
            " GROUP BY ALL ORDER BY field, count(*) DESC, value"
        )
        found: dict[str, list[Value]] = {}
        for field, value in self._reader.query(sql, [SETTINGS]):
            found.setdefault(field, []).append(value_from(json.loads(value)))
        return {field: tuple(values) for field, values in found.items()}

    @cached_property
    def _authors(self) -> tuple[str, ...]:
        sql = "SELECT author FROM model WHERE author IS NOT NULL GROUP BY author ORDER BY count(*) DESC, author"
        return tuple(row[0] for row in self._reader.query(sql))

    # -- columns

    def column(self, field: str) -> Column:
        with self._lock:
            if field not in self._columns:
                self._columns[field] = self._read(field)
            return self._columns[field]

    def facts(self, numbers: Sequence[int], fields: Sequence[str]) -> dict[int, list[Fact]]:
        """The facts of these fields by model, with their places; a model's own names and dates have none."""
        found: dict[int, list[Fact]] = {number: [] for number in numbers}
        for field in fields:
            column, origins = self.column(field), self._origins_of(field)
            if origins is None:
                continue
            starts, stops = (np.searchsorted(column.models, list(numbers), side) for side in ("left", "right"))
            for number, start, stop in zip(numbers, starts.tolist(), stops.tolist(), strict=True):
                values = (column.values[code] for code in column.codes[start:stop].tolist())
                found[number] += [origins.fact(field, value, row) for row, value in enumerate(values, start)]
        return found

    def _read(self, field: str) -> Column:
        if field.startswith(COUNT):
            return self._read(field.removeprefix(COUNT)).numbered()
        source = _source(field)
        found = self._reader.arrays(f"SELECT {source.columns} {source.rows}", source.parameters)
        distinct: dict[Any, int] = {}
        codes = [distinct.setdefault(value, len(distinct)) for value in found["value"].tolist()]
        values = tuple(value_from(json.loads(text)) for text in distinct) if source.json else tuple(distinct)
        if field == "root":
            values = tuple(self.roots.get(str(path), str(path)) for path in values)
        return Column(np.asarray(found["model"], np.int32), np.array(codes, np.int32), values)

    def _origins_of(self, field: str) -> Origins | None:
        with self._lock:
            if field not in self._origins and (origin := _source(field).origin):
                source = _source(field)
                found = self._reader.arrays(f"SELECT {origin} {source.rows}", source.parameters)
                same: dict[str, str] = {}  # each text once: files and explanations repeat
                for name in ("file", "how", "stage"):
                    found[name] = np.array([same.setdefault(text, text) for text in found[name]], object)
                self._origins[field] = Origins(**found)
            return self._origins.get(field)


_PLACE = "file, line, end_line, coalesce(cell, -1) AS cell"


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a field is stored: what to select as `model` and `value`, and from which rows, by model and position."""

    columns: str
    rows: str
    parameters: tuple[str, ...] = ()
    json: bool = False
    origin: str = ""
    """What to select for Origins; "" where there is no place to name."""


def _source(field: str) -> _Source:
    if field in MODEL_NAMES + MODEL_NUMBERS:
        return _Source(f"number AS model, {field} AS value", f"FROM model WHERE {field} IS NOT NULL ORDER BY number")
    if field in DATES:
        day = f"{field}_day"
        return _Source(
            f"number AS model, {day}::VARCHAR AS value", f"FROM model WHERE {day} IS NOT NULL ORDER BY number"
        )
    if field in LEFT_BEHIND:
        table = field.removesuffix("s")
        return _Source("model, count(*) AS value", f"FROM {table} GROUP BY model ORDER BY model")
    if field == "stage":
        return _Source("DISTINCT model, stage AS value", "FROM fact WHERE stage <> '' ORDER BY model, value")
    order, unstaged = "ORDER BY model, position", f"{_PLACE}, '' AS how, '' AS stage"
    if field == "layers":
        return _Source("model, kind || ' ' || name AS value", f"FROM module {order}", origin=unstaged)
    if field == "metrics":
        return _Source("model, name AS value", f"FROM metric {order}", origin=unstaged)
    if field.startswith(METRICS):
        name = field.removeprefix(METRICS)
        meant = f"name = ? OR split <> '' AND {_WITH_SPLIT} = ?"
        return _Source("model, value", f"FROM metric WHERE {meant} {order}", (name, name), origin=unstaged)
    return _Source("model, value", f"FROM fact WHERE field = ? {order}", (field,), True, f"{_PLACE}, how, stage")


def columns_of(reader: Reader) -> Columns:
    """The columns of a reader."""
    return reader.made(Columns)
