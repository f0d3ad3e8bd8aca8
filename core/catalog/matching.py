"""One filter over the distinct values of its field: which of them it means."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.analysis.facts import Value, is_number
from core.catalog.columns import COUNT, Column
from core.catalog.rows import LEFT_BEHIND
from core.search.dates import Clock, read_date
from core.search.query import Filter
from core.vocabulary import Vocabulary, fold, load

SHORTEST_BEGINNING = 7
"""Letters in which a loss of the user's own must begin as a known one does, to be of its family."""


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
        name = vocabulary.canonical(field, said) or _family(field, said, vocabulary)
        return name is not None and (name == wanted or wanted in vocabulary.parents(field, name))

    return test


_VERSION = re.compile(
    r"(?:NoFrameskip|Deterministic)?(?:-(?:random|medium|expert|simple|replay|full|umaze|large|diverse|play|human|cloned"
    r"|complete|partial|mixed|sparse|dense))*[-_]v\d+$"
)
"""The end of an environment's id: its version, and which recorded behaviour of it is meant (D4RL)."""


def _family(field: str, said: str, vocabulary: Vocabulary) -> str | None:
    """The known value that one of a user's own belongs to: an environment in any version, or by what stands before its
    first hyphen ("MiniGrid-DoorKey-8x8-v0", "SpaceInvaders-Atari2600"), a loss by how it begins."""
    if field == "environment":
        name = _VERSION.sub("", said.rpartition("/")[2])
        games = vocabulary.table("environments", "games")
        known = vocabulary.canonical(field, name) or next((of for of, names in games.items() if name in names), None)
        return known or vocabulary.canonical(field, name.partition("-")[0]) or _variant(name, vocabulary)
    return _loss(said, vocabulary) if field == "loss" else None


def _variant(name: str, vocabulary: Vocabulary) -> str | None:
    """The environment with whose name a class begins: `HalfCheetahDirEnv`."""
    words = re.findall("[A-Z][a-z0-9]*", name) if name.endswith("Env") else []
    starts = ("".join(words[:length]) for length in range(len(words) - 1, 0, -1))
    return next((found for start in starts if (found := vocabulary.canonical("environment", start))), None)


def _loss(loss: str, vocabulary: Vocabulary) -> str | None:
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


def glob(pattern: str, keep: str) -> Callable[[Value], bool]:
    """A pattern with * and ? over letters and digits, and over the marks in `keep`."""

    def plain(text: str) -> str:
        return "".join(letter for letter in text.casefold() if letter.isalnum() or letter in keep)

    wanted = "".join(letter for letter in pattern.casefold() if letter.isalnum() or letter in keep + "*?")
    return lambda value: value is not None and fnmatch.fnmatchcase(plain(str(value)), wanted)


def holds(text: str) -> Callable[[Value], bool]:
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
        return glob(str(value), "/._-" if leaf.field in ("id", "path", "script") else "")
    return _one_test(leaf.field, kind, ":" if op == "!=" else op, value, vocabulary)


def _one_test(field: str, kind: str, op: str, value: Value, vocabulary: Vocabulary) -> Callable[[Value], bool]:
    if kind == "date":
        return _on_day(op, str(value))
    if is_number(value):
        return _compare(op, value)
    if field == "id":
        return _path_tail(str(value))
    if field in ("path", "script") or kind == "text":
        return holds(str(value))
    if field == "root":
        return lambda found: str(found).casefold() == str(value).casefold()
    if isinstance(value, bool):
        return lambda found: found is value
    return names_meant(field, str(value), vocabulary)


def numbers_passed(leaf: Filter, column: Column) -> NDArray[np.bool_] | None:
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
    if field.startswith(COUNT) or field in LEFT_BEHIND:
        return "number"
    spec = load().fields.get(field)
    return spec.kind if spec else "name"
