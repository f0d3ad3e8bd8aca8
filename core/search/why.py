"""Why each hit is there: the facts that met a filter, with their places, the words that matched, the best passage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from core.analysis.facts import Fact, Value
from core.catalog.columns import COUNT, DATES, MODEL_NAMES, MODEL_NUMBERS, USER_FIELDS, Columns, columns_of
from core.catalog.matching import kind_of, value_test
from core.catalog.ranking import Spoken, ranking_of
from core.catalog.rows import LEFT_BEHIND
from core.search.answer import Why
from core.search.query import Filter, Query, Text, leaves, print_expr
from core.vocabulary import load

if TYPE_CHECKING:
    from core.catalog.reading import Reader

_OF_MODEL = {*MODEL_NAMES, *MODEL_NUMBERS, *DATES, *LEFT_BEHIND}


def reasons(query: Query, ids: Sequence[str], reader: Reader) -> dict[str, tuple[Why, ...]]:
    """The reasons of each of these hits."""
    columns = columns_of(reader)
    filters = [
        (leaf, negated) for leaf, negated in leaves(query.expr) if isinstance(leaf, Filter) and leaf.op != "like"
    ]
    texts = [leaf for leaf, negated in leaves(query.expr) if isinstance(leaf, Text) and not negated]
    numbers = [columns.number_of[name] for name in ids]
    facts = columns.facts(numbers, sorted({_told(leaf) for leaf, _ in filters} - _OF_MODEL - set(USER_FIELDS)))
    once = lru_cache(maxsize=None, typed=True)  # a value that many models have is tested once
    tests = {leaf: once(_test(leaf)) for leaf, _ in filters}
    spoken = [ranking_of(reader).best_passages(numbers, text.words) for text in texts]
    found: dict[str, tuple[Why, ...]] = {}
    for name, number in zip(ids, numbers, strict=True):
        why: list[Why] = []
        for leaf, negated in filters:
            own = [fact for fact in facts[number] if fact.field == _told(leaf)]
            why += _of_filter(leaf, negated, own, tests[leaf]) if leaf.field not in _OF_MODEL else []
            why += _of_model(leaf, negated, number, columns) if leaf.field in _OF_MODEL else []
        why += [reason for passages in spoken for reason in _of_text(passages.get(number))]
        found[name] = tuple(dict.fromkeys(why))
    return found


def _told(leaf: Filter) -> str:
    """The field whose facts meet a filter: those that are counted, of a count."""
    return leaf.field.removeprefix(COUNT)


def _test(leaf: Filter) -> Callable[[Value], bool]:
    counts = leaf.field.startswith(COUNT)
    return (lambda value: value is not None) if counts else value_test(leaf, kind_of(leaf.field), load())


def _of_filter(leaf: Filter, negated: bool, facts: list[Fact], test: Callable[[Value], bool]) -> list[Why]:
    """The facts that met a filter; behind a negation, that the field is unknown or what it is instead."""
    if leaf.field in USER_FIELDS:
        return []
    if negated or leaf.op in ("missing", "!="):
        if not facts:
            return [Why("unknown", leaf.field, None, None, f"{leaf.field} is unknown")]
        return [_fact(fact) for fact in facts[:1]]
    return [_fact(fact) for fact in {fact.value: fact for fact in reversed(facts) if test(fact.value)}.values()][:3]


def _of_model(leaf: Filter, negated: bool, number: int, columns: Columns) -> list[Why]:
    """What the model's own row says of a field that is no fact: its path, its dates, its author."""
    if negated:
        return []
    own = columns.column(leaf.field)
    return [
        Why("fact", leaf.field, own.values[code], None, print_expr(leaf))
        for code in own.codes[own.models == number][:1]
    ]


def _fact(fact: Fact) -> Why:
    return Why("fact", fact.field, fact.value, fact.place, fact.how)


def _of_text(spoken: Spoken | None) -> list[Why]:
    """The passage that speaks for the model, with the words it holds."""
    if spoken is None:
        return []
    if spoken.held:
        return [Why("word", "text", ", ".join(spoken.held), spoken.place, spoken.text)]
    return [Why("passage", "text", None, spoken.place, spoken.text)]
