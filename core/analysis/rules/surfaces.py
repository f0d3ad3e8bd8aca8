"""Shapes in space: how far points are from a surface, or whether they are inside of it."""

from __future__ import annotations

import ast
import re

from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed


def shaping(model: Purposed) -> Answer | None:
    """What is told of points in space is how far they are from a surface, or whether they are inside of it; a column of
    a table is neither."""
    for body in model.view.bodies:
        told = body.values_called(_INSIDE) if body.speaks_of(_POINTS) else []
        told = [value for value in told if not isinstance(value, ast.Name | ast.Constant)]  # whether it is wanted
        told = [value for value in told if _TABLES.isdisjoint(body.words(value))]
        if told:
            return "3D reconstruction", body.place(told[0]), "points are so far from a surface, or inside of it"
    return None


_TABLES = frozenset({"read_csv", "read_excel", "read_parquet"})
_INSIDE = re.compile(r"(^|_)(sdfs?|signed_dist(ance)?s?|occupanc(y|ies)|occ)(_|$)")
_POINTS = re.compile(r"(^|_)(points?|pts|xyz)(_|$)")
