"""The values of an answer's models, counted: what each narrows the answer to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.search.query import Filter
from tui.app.dialogs.choose import Option
from tui.app.text import value

if TYPE_CHECKING:
    from core.search.facets import Facet

NAME = 14
"""Cells of a field's name: the longest that is counted and a blank."""


def narrowing(found: Sequence[Facet], total: int) -> list[tuple[Filter, int]]:
    """The filters that some of the models meet and others do not, with how many meet them, field by field."""
    counted: list[tuple[Filter, int]] = []
    for facet in found:
        counted += [(_filter(facet.field, each), count) for each, count in facet.counts]
        counted.append((Filter(facet.field, "missing"), facet.unknown))
    return [(leaf, count) for leaf, count in counted if 0 < count < total]


def _filter(field: str, item: object) -> Filter:
    return Filter(field, "none") if item is None else Filter(field, ":", str(item))


def options(filters: Sequence[tuple[Filter, int]]) -> list[Option]:
    """The lines of the list; what each stands for is its number."""
    return [
        Option(str(number), f"{leaf.field:{NAME}}{_said(leaf)}", str(count))
        for number, (leaf, count) in enumerate(filters)
    ]


def _said(leaf: Filter) -> str:
    return "unknown" if leaf.op == "missing" else value(leaf.field, leaf.value)
