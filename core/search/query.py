"""The one Query that the grammar and plain language are both read into, and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.analysis.facts import Value

Op = Literal[":", "=", "!=", "<", "<=", ">", ">=", "..", "glob", "has", "missing", "none", "like"]


@dataclass(frozen=True, slots=True)
class Filter:
    """`field op value`, an exact predicate. For `..` the value is (low, high), None where open.

    A `value` of several alternatives (`field:a,b`) is an Or of filters, never a Filter with several values.
    """

    field: str
    op: Op
    value: Value = None
    note: str = ""
    """What the chip says beside the value: how a date or a typo was read."""


@dataclass(frozen=True, slots=True)
class Text:
    """Free text: ranked by BM25 and meaning; never a filter unless negated."""

    words: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    arg: Expr


@dataclass(frozen=True, slots=True)
class And:
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or:
    args: tuple[Expr, ...]


Expr = Filter | Text | Not | And | Or

Intent = Literal["find", "details", "compare", "cohorts", "images", "count", "report"]


@dataclass(frozen=True, slots=True)
class PictureWish:
    """Which pictures a question for pictures asks for; None and "" where it does not say."""

    epoch: int | None = None
    step: int | None = None
    label: str = ""
    latest: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked. `str(query)` is one canonical line that reads back as the same query."""

    expr: Expr | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    """(field, descending) in order."""
    limit: int | None = None
    intent: Intent = "find"
    cohorts: tuple[Query, ...] = ()
    pictures: PictureWish | None = None
    bad: tuple[str, ...] = ()
    """One line for each chip whose value cannot be read; the chip is marked and filters nothing."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One removable part of a query as the screen shows it."""

    text: str
    kind: Literal["filter", "text", "sort", "limit", "intent", "bad"]
    note: str = ""
