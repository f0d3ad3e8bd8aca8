"""From an expression to the models that meet it: one boolean for each model, exactly.

A field is read from the catalogue once a generation, as a column: the model of each fact and the number of its
distinct value. A filter then decides over the distinct values, which are few, and the answer is a mask over the models.
Masks combine as the expression says; nothing here ranks.
"""

from __future__ import annotations

import fnmatch
import json
import threading
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeGuard
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from core.analysis.facts import Fact, Value
from core.catalog.first_screen import row_from
from core.catalog.model import Row
from core.catalog.reading import Reader, listed
from core.fields import SETTINGS
from core.search.dates import Clock, read_date
from core.search.query import And, Expr, Filter, Not, Or, Text
from core.vocabulary import Vocabulary, fold, load

if TYPE_CHECKING:
    from core.catalog.user import UserFile

Mask = NDArray[np.bool_]
"""One boolean for each model, by its number."""

MODEL_NAMES = ("id", "path", "kind", "script", "root", "author")
MODEL_NUMBERS = ("commits", "size", "lines")
DATES = ("created", "modified")
USER_FIELDS = ("tag", "note")
METRICS = "metrics."
"""What the field of a metric's last value begins with: `metrics.accuracy:>0.9`."""
MOST_ROWS = 20_000
"""Rows of the grid that are kept in memory."""

SHORTEST_BEGINNING = 7
"""Letters in which a loss of the user's own must begin as a known one does, to be of its family."""


class Column:
    """A field's facts: `models[i]` has the value `values[codes[i]]`, in the order of position. None is a known none."""

    def __init__(self, models: NDArray[np.int32], codes: NDArray[np.int32], values: tuple[Value, ...]) -> None:
        self.models, self.codes, self.values = models, codes, values

    def where(self, count: int, test: Callable[[Value], bool]) -> Mask:
        """The models with a value that passes."""
        return self.having(count, np.fromiter((test(value) for value in self.values), bool, len(self.values)))

    def main(self, count: int, test: Callable[[Value], bool]) -> Mask:
        """The models whose first value passes."""
        passed = np.fromiter((test(value) for value in self.values), bool, len(self.values))
        mask = np.zeros(count, bool)
        mask[self.models[::-1]] = passed[self.codes[::-1]]
        return mask

    def having(self, count: int, passed: NDArray[np.bool_]) -> Mask:
        """The models with one of these of the distinct values."""
        mask = np.zeros(count, bool)
        mask[self.models[passed[self.codes]]] = True
        return mask

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """Each distinct value as a number, NaN where it is none."""
        return np.array([float(v) if is_number(v) else np.nan for v in self.values], np.float64)

    @cached_property
    def simple(self) -> bool:
        """Whether no value is compound, so that `numbers` holds all numbers that there are."""
        return not any(isinstance(value, tuple) for value in self.values)


def is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Columns:
    """The columns of one generation, read when first asked for. Safe to use from any thread."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._columns: dict[str, Column] = {}
        self._rows: dict[int, Row] = {}
        self._facts: dict[str, dict[int, list[Fact]]] = {}
        self._lock = threading.Lock()

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids by model number."""
        return tuple(row[0] for row in self._reader.query("SELECT id FROM model ORDER BY number", []))

    @cached_property
    def number_of(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.ids)}

    @cached_property
    def paths(self) -> dict[str, str]:
        """Path by id."""
        return dict(self._reader.query("SELECT id, path FROM model", []))

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """The grid's rows of these models, kept for the next time they are looked at."""
        missing = [number for number in numbers if number not in self._rows]
        if len(self._rows) > MOST_ROWS:
            self._rows.clear()
            missing = list(numbers)
        if missing:
            sql = f"SELECT number, grid FROM model WHERE number IN {listed(missing)}"
            self._rows.update({number: row_from(json.loads(grid)) for number, grid in self._reader.query(sql, [])})
        return [self._rows[number] for number in numbers]

    def facts(self, numbers: Sequence[int], fields: Sequence[str]) -> dict[int, list[Fact]]:
        """The facts of these fields by model, kept for the next time they are looked at."""
        for field in fields:
            kept = self._facts.setdefault(field, {})
            if missing := [number for number in numbers if number not in kept]:
                kept.update(self._reader.facts(missing, [field]))
        return {number: [fact for field in fields for fact in self._facts[field][number]] for number in numbers}

    @cached_property
    def default_order(self) -> NDArray[np.int32]:
        """Model numbers, last modified first, then by id."""
        rows = self._reader.query("SELECT number FROM model ORDER BY modified_at DESC NULLS LAST, id", [])
        return np.array([row[0] for row in rows], np.int32)

    @cached_property
    def roots(self) -> dict[str, str]:
        """Label by path."""
        return dict(self._reader.query("SELECT path, label FROM root", []))

    @cached_property
    def fields(self) -> dict[str, int]:
        """Every field that has facts, with the number of its models."""
        return dict(self._reader.query("SELECT field, count(DISTINCT model) FROM fact GROUP BY field", []))

    @cached_property
    def metric_names(self) -> tuple[str, ...]:
        return tuple(row[0] for row in self._reader.query("SELECT DISTINCT name FROM metric ORDER BY name", []))

    def column(self, field: str) -> Column:
        with self._lock:
            if field not in self._columns:
                self._columns[field] = self._read(field)
            return self._columns[field]

    def _read(self, field: str) -> Column:
        sql, parameters, is_json = _column_sql(field)
        rows = self._reader.query(sql, parameters)
        distinct: dict[Any, int] = {}
        codes = [distinct.setdefault(value, len(distinct)) for _, value in rows]
        values = tuple(_value(text) for text in distinct) if is_json else tuple(distinct)
        if field == "root":
            values = tuple(self.roots.get(str(path), str(path)) for path in values)
        return Column(np.array([row[0] for row in rows], np.int32), np.array(codes, np.int32), values)


def _column_sql(field: str) -> tuple[str, list[Any], bool]:
    """The statement that reads a field as (model, value), by model and position, and whether the value is JSON."""
    if field in MODEL_NAMES + MODEL_NUMBERS:
        return f"SELECT number, {field} FROM model WHERE {field} IS NOT NULL ORDER BY number", [], False
    if field in DATES:
        day = f"{field}_day"
        return f"SELECT number, {day}::VARCHAR FROM model WHERE {day} IS NOT NULL ORDER BY number", [], False
    if field == "stage":
        return "SELECT DISTINCT model, stage FROM fact WHERE stage <> '' ORDER BY ALL", [], False
    if field == "layers":
        return "SELECT model, kind || ' ' || name FROM module ORDER BY model, position", [], False
    if field == "metrics":
        return "SELECT model, name FROM metric ORDER BY model, position", [], False
    if field.startswith(METRICS):
        name = field.removeprefix(METRICS)
        return "SELECT model, value FROM metric WHERE name = ? ORDER BY model, position", [name], False
    return "SELECT model, value FROM fact WHERE field = ? ORDER BY model, position", [field], True


def _value(text: str) -> Value:
    """A fact's value from its JSON, compound ones as tuples."""
    return _tuples(json.loads(text))


def _tuples(value: Any) -> Value:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


_COLUMNS: WeakKeyDictionary[Reader, Columns] = WeakKeyDictionary()
_COLUMNS_LOCK = threading.Lock()


def columns_of(reader: Reader) -> Columns:
    """The columns of a reader, kept as long as the reader is."""
    with _COLUMNS_LOCK:
        if reader not in _COLUMNS:
            _COLUMNS[reader] = Columns(reader)
        return _COLUMNS[reader]


# -- one filter over the distinct values of its field


def names_meant(field: str, text: str, vocabulary: Vocabulary) -> Callable[[Value], bool]:
    """Whether a value is what the text names: the same name, an alias of it, or a member of the family it names."""
    wanted = vocabulary.canonical(field, text)
    folded = fold(text)

    def test(value: Value) -> bool:
        said = str(value)
        if value is None or fold(said) == folded:
            return value is not None
        if wanted is None:
            return False
        name = vocabulary.canonical(field, said) or (_family(said, vocabulary) if field == "loss" else None)
        return name is not None and (name == wanted or wanted in vocabulary.parents(field, name))

    return test


def _family(loss: str, vocabulary: Vocabulary) -> str | None:
    """The known loss whose name a user's own function begins with, the longest one."""
    folded = fold(loss)
    known = [
        (len(start), term.name)
        for term in vocabulary.terms("loss")
        for word in (term.name, *term.aliases)
        if len(start := fold(word)) >= SHORTEST_BEGINNING and folded.startswith(start)
    ]
    return max(known)[1] if known else None


def _compared(op: str, numbers: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    """A comparison of numbers, equal up to rounding; what is no number (NaN) never passes."""
    slack = 1e-9 * abs(limit)
    tests: dict[str, Callable[[], NDArray[np.bool_]]] = {
        ":": lambda: np.abs(numbers - limit) <= slack,
        "<": lambda: numbers < limit - slack,
        "<=": lambda: numbers <= limit + slack,
        ">": lambda: numbers > limit + slack,
        ">=": lambda: numbers >= limit - slack,
    }
    return tests[op]()


def _compare(op: str, limit: float) -> Callable[[Value], bool]:
    """The comparison of one value; of a compound one, one of its numbers has to pass."""

    def test(value: Value) -> bool:
        if isinstance(value, tuple):
            return any(map(test, value))
        return is_number(value) and bool(_compared(op, np.array([float(value)]), limit)[0])

    return test


def _on_day(op: str, text: str) -> Callable[[Value], bool]:
    """A comparison with a span of days: before its first, after its last, within it."""
    span = read_date(text, Clock(date(1970, 1, 1)))
    if span is None:
        return lambda value: False
    first, last = span.first.isoformat(), span.last.isoformat()
    tests: dict[str, Callable[[str], bool]] = {
        ":": lambda day: first <= day <= last,
        "<": lambda day: day < first,
        "<=": lambda day: day <= last,
        ">": lambda day: day > last,
        ">=": lambda day: day >= first,
    }
    return lambda value: isinstance(value, str) and tests[op](value)


def _glob(pattern: str, keep: str) -> Callable[[Value], bool]:
    """A pattern with * and ? over letters and digits, and over the marks in `keep`."""

    def plain(text: str) -> str:
        return "".join(letter for letter in text.casefold() if letter.isalnum() or letter in keep)

    wanted = "".join(letter for letter in pattern.casefold() if letter.isalnum() or letter in keep + "*?")
    return lambda value: value is not None and fnmatch.fnmatchcase(plain(str(value)), wanted)


def _holds(text: str) -> Callable[[Value], bool]:
    wanted = text.casefold()
    return lambda value: value is not None and wanted in str(value).casefold()


def _path_tail(text: str) -> Callable[[Value], bool]:
    """The whole id, or whole parts at its end."""
    wanted = text.casefold().strip("/")
    return lambda value: f"/{str(value).casefold()}".endswith(f"/{wanted}")


def value_test(leaf: Filter, kind: str, vocabulary: Vocabulary) -> Callable[[Value], bool]:
    """The test that a filter's positive form makes of one value; `!=` and `missing` are made of it by the caller."""
    op, value = leaf.op, leaf.value
    if op in ("has", "missing", "none", "like"):
        return lambda found: found is None if op == "none" else found is not None
    if op == "..":
        low, high = value if isinstance(value, tuple) else (value, None)
        lower = _one_test(leaf.field, kind, ">=", low, vocabulary) if low is not None else lambda found: True
        upper = _one_test(leaf.field, kind, "<=", high, vocabulary) if high is not None else lambda found: True
        return lambda found: found is not None and lower(found) and upper(found)
    if op == "glob":
        return _glob(str(value), "/._-" if leaf.field in ("id", "path", "script") else "")
    return _one_test(leaf.field, kind, ":" if op == "!=" else op, value, vocabulary)


def _one_test(field: str, kind: str, op: str, value: Value, vocabulary: Vocabulary) -> Callable[[Value], bool]:
    if kind == "date":
        return _on_day(op, str(value))
    if is_number(value):
        return _compare(op, value)
    if field == "id":
        return _path_tail(str(value))
    if field in ("path", "script") or kind == "text":
        return _holds(str(value))
    if field == "root":
        return lambda found: str(found).casefold() == str(value).casefold()
    if isinstance(value, bool):
        return lambda found: found is value
    return names_meant(field, str(value), vocabulary)


def _numbers_passed(leaf: Filter, column: Column) -> NDArray[np.bool_] | None:
    """Which distinct values pass a comparison of numbers, all at once; None where it is none."""
    value, op = leaf.value, ":" if leaf.op == "!=" else leaf.op
    if not column.simple:
        return None
    if op in (":", "<", "<=", ">", ">=") and is_number(value):
        return _compared(op, column.numbers, value)
    if op == ".." and isinstance(value, tuple) and any(map(is_number, value)):
        low, high = (
            float(end) if is_number(end) else float(open_end)
            for end, open_end in zip(value, ("-inf", "inf"), strict=True)
        )
        return (column.numbers >= low - 1e-9 * _size(low)) & (column.numbers <= high + 1e-9 * _size(high))
    return None


def _size(number: float) -> float:
    return abs(number) if np.isfinite(number) else 0.0


def kind_of(field: str) -> str:
    """The kind of a field's values; a setting's are names until they are numbers."""
    spec = load().fields.get(field)
    return spec.kind if spec else "name"


# -- expressions


class Selector:
    """Answers expressions over one generation. `texts` gives the models whose indexed text holds some words."""

    def __init__(self, reader: Reader, user: UserFile | None, texts: Callable[[Text], Mask]) -> None:
        self.columns = columns_of(reader)
        self.count = len(self.columns.ids)
        self._reader, self._user, self._texts = reader, user, texts
        self._vocabulary = load()
        self._kept: dict[Filter | Text, Mask] = {}

    def mask(self, expr: Expr | None, strict: bool = False) -> Mask:
        """The models that meet it; `strict`: where a negated field is unknown, a model does not."""
        if expr is None:
            return np.ones(self.count, bool)
        if isinstance(expr, And | Or):
            masks = [self.mask(arg, strict) for arg in expr.args]
            joined: Mask = np.logical_and.reduce(masks) if isinstance(expr, And) else np.logical_or.reduce(masks)
            return joined
        if isinstance(expr, Not):
            met = ~self.mask(expr.arg, strict)
            return met & self._stated(expr.arg) if strict and isinstance(expr.arg, Filter) else met
        if expr not in self._kept:
            self._kept[expr] = self._texts(expr) if isinstance(expr, Text) else self.leaf(expr)
        return self._kept[expr]

    def unknown(self, expr: Expr | None, met: Mask) -> int:
        """How many of those that meet it do so only because a negated field is unknown."""
        return int((met & ~self.mask(expr, strict=True)).sum())

    def leaf(self, leaf: Filter) -> Mask:
        """The models that meet one filter."""
        if leaf.op == "like":
            return self._like(str(leaf.value))
        if leaf.field in USER_FIELDS:
            return self._written(leaf)
        column = self.columns.column(leaf.field)
        if leaf.op == "missing":
            return ~column.where(self.count, lambda value: True)
        passed = _numbers_passed(leaf, column)
        if passed is not None:
            met = column.having(self.count, passed)
        else:
            met = column.where(self.count, value_test(leaf, kind_of(leaf.field), self._vocabulary))
        return column.where(self.count, lambda value: value is not None) & ~met if leaf.op == "!=" else met

    def _stated(self, leaf: Filter) -> Mask:
        """The models that say anything of the field, a known none included."""
        if leaf.field in USER_FIELDS or leaf.op in ("has", "missing", "none", "like"):
            return np.ones(self.count, bool)
        return self.columns.column(leaf.field).where(self.count, lambda value: True)

    def _like(self, name: str) -> Mask:
        """All but the model itself: likeness ranks, it does not filter."""
        mask = np.ones(self.count, bool)
        if name in self.columns.number_of:
            mask[self.columns.number_of[name]] = False
        return mask

    def _written(self, leaf: Filter) -> Mask:
        """Over the user's tags (whole) or notes (any part)."""
        user = self._user
        if user is None:
            return np.zeros(self.count, bool)
        tags = user.all_tags() if leaf.field == "tag" else {id: [note] for id, note in user.all_notes().items()}
        said = [tags.get(name, []) for name in self.columns.ids]
        if leaf.op in ("has", "missing", "none"):
            return np.array([bool(found) == (leaf.op == "has") for found in said], bool)
        if leaf.op == "glob":
            test = _glob(str(leaf.value), "-_./ ")
        elif leaf.field == "note":
            test = _holds(str(leaf.value))
        else:
            test = lambda tag: str(tag).casefold() == str(leaf.value).casefold()  # noqa: E731
        met = np.array([any(test(str(each)) for each in found) for found in said], bool)
        return ~met if leaf.op == "!=" else met

    # -- order

    def order(self, met: Mask, sort: tuple[tuple[str, bool], ...]) -> NDArray[np.int32]:
        """The numbers of these models in this order; unknown values last, ties as in the default order, then by id."""
        numbers = self.columns.default_order[met[self.columns.default_order]]
        for field, descending in reversed(sort):
            keys = self._sort_keys(field, descending)[numbers]
            numbers = numbers[np.argsort(keys, kind="stable")]
        return numbers

    def _sort_keys(self, field: str, descending: bool) -> NDArray[np.float64]:
        """One key for each model, smallest first, infinite where the field is unknown."""
        column = self.columns.column(field)
        ranks = column.numbers
        if np.isnan(ranks).all():
            places = {text: place for place, text in enumerate(sorted({_folded(v) for v in column.values}))}
            ranks = np.array([np.nan if v is None else places[_folded(v)] for v in column.values], float)
        keys = np.full(self.count, np.inf)
        signed = (-ranks if descending else ranks)[column.codes]
        if kind_of(field) in ("number", "size") or field.startswith(SETTINGS):
            np.fmin.at(keys, column.models, signed)
            return keys
        keys[column.models[::-1]] = np.nan_to_num(signed[::-1], nan=np.inf)
        return keys


def _folded(value: Value) -> str:
    return str(value).casefold()
