"""Why each hit is there: the facts that met a filter, with their places, the words that matched, the nearest passage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.analysis.facts import Fact, Place
from core.catalog.model import Model
from core.catalog.selecting import DATES, MODEL_NAMES, MODEL_NUMBERS, Columns, columns_of, value_test
from core.search.answer import Why
from core.search.query import Filter, Query, Text, leaves, print_expr
from core.vocabulary import load

if TYPE_CHECKING:
    from core.catalog.reading import Reader

_OF_MODEL = {*MODEL_NAMES, *MODEL_NUMBERS, *DATES}


def reasons(query: Query, ids: Sequence[str], reader: Reader) -> dict[str, tuple[Why, ...]]:
    """The reasons of each of these hits."""
    columns = columns_of(reader)
    filters = [(leaf, negated) for leaf, negated in leaves(query.expr) if isinstance(leaf, Filter)]
    texts = [leaf for leaf, negated in leaves(query.expr) if isinstance(leaf, Text) and not negated]
    found: dict[str, list[Why]] = {name: [] for name in ids}
    if not filters and not texts:
        return dict.fromkeys(ids, ())
    for model in reader.models(ids):
        for leaf, negated in filters:
            found[model.id] += _of_filter(leaf, negated, model, columns)
        for text in texts:
            found[model.id] += _of_text(text, model, reader)
    return {name: tuple(why) for name, why in found.items()}


def _of_filter(leaf: Filter, negated: bool, model: Model, columns: Columns) -> list[Why]:
    if leaf.op == "like":
        return []
    if leaf.field in _OF_MODEL:
        return [] if negated else [Why("fact", leaf.field, _own(leaf.field, model, columns), None, print_expr(leaf))]
    facts = [fact for fact in model.facts if fact.field == leaf.field]
    if negated or leaf.op in ("missing", "!="):
        if not facts:
            return [Why("unknown", leaf.field, None, None, f"{leaf.field} is unknown")]
        return [_fact(fact) for fact in facts[:1]] if negated and leaf.op != "has" else []
    kind = load().fields[leaf.field].kind if leaf.field in load().fields else "name"
    test = value_test(leaf, kind, load())
    met: dict[object, Fact] = {}
    for fact in facts:
        if test(fact.value):
            met.setdefault(fact.value, fact)
    return [_fact(fact) for fact in met.values()][:3]


def _fact(fact: Fact) -> Why:
    return Why("fact", fact.field, fact.value, fact.place, fact.how)


def _own(field: str, model: Model, columns: Columns) -> str | int | None:
    dates = {"created": model.dates.created, "modified": model.dates.modified, "author": model.dates.author}
    own: dict[str, str | int | None] = {"id": model.id, "path": model.path, "kind": model.kind, "script": model.script}
    own |= {"root": columns.roots.get(model.root, model.root), "size": model.size, "lines": model.lines}
    return (own | dates | {"commits": model.dates.commits})[field]


def _of_text(text: Text, model: Model, reader: Reader) -> list[Why]:
    from core.search.answering import ranking_of

    ranking = ranking_of(reader)
    found = ranking.best_passage(columns_of(reader).number_of[model.id], text.words)
    if found is None:
        return []
    held, said, file, line, end_line, cell = found
    place = Place(file, line, end_line, cell)
    kind = "word" if held else "passage"
    value = ", ".join(held) if held else None
    return [Why(kind, "text", value, place, said)]  # type: ignore[arg-type]
