"""Three or more models as a table."""

from __future__ import annotations

from collections.abc import Sequence

from core.catalog.model import Model
from core.compare.difference import Table, TableRow
from core.compare.values import cells, ordered


def compare_many(models: Sequence[Model]) -> Table:
    """A row for each field that any of the models knows; rows in which they differ first."""
    known = [cells(model) for model in models]
    rows = []
    for field in ordered(field for of_one in known for field in of_one):
        values = tuple(of_one[field][0] if field in of_one else () for of_one in known)
        rows.append(TableRow(field, values, same=len({frozenset(value) for value in values}) == 1))
    rows.sort(key=lambda row: row.same)
    return Table(tuple(model.id for model in models), tuple(rows))
