"""Facets of an answer: which values its models have, and how many models have each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.facts import Value
from core.catalog.columns import Column, Mask, columns_of

if TYPE_CHECKING:
    from core.catalog.reading import Reader
    from core.search.answer import Answer

FIELDS = ("architecture", "datasets", "environment", "task", "framework", "optimizer", "hardware", "kind", "root")
"""Fields that are counted unless others are asked for: those with few values that many models share."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A field in an answer: its values with their models counted, the most frequent first; `unknown` have none."""

    field: str
    counts: tuple[tuple[Value, int], ...]
    unknown: int


def facets(found: Answer, reader: Reader, fields: Sequence[str] = FIELDS, most: int = 10) -> tuple[Facet, ...]:
    """The facets of these fields; a value that a model has twice counts once, a known none is the value None."""
    columns = columns_of(reader)
    among = np.zeros(len(columns.ids), bool)
    among[[columns.number_of[id] for id in found.ids if id in columns.number_of]] = True
    return tuple(_facet(field, columns.column(field), among, most) for field in fields)


def _facet(field: str, column: Column, among: Mask, most: int) -> Facet:
    counts = column.counts(among)
    ranked = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-int(counts[code]), str(column.values[code])))
    unknown = int(among.sum()) - len(np.unique(column.models[among[column.models]]))
    return Facet(field, tuple((column.values[code], int(counts[code])) for code in ranked[:most]), unknown)
