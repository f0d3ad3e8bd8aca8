"""From an expression to the models that meet it: one boolean for each model, exactly.

A filter decides over the distinct values of its field's column, which are few, and the answer is a mask over the
models. Masks combine as the expression says; nothing here ranks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.facts import Value
from core.catalog.columns import USER_FIELDS, Mask, columns_of
from core.catalog.matching import glob, holds, kind_of, numbers_passed, value_test
from core.catalog.reading import Reader
from core.fields import SETTINGS
from core.search.query import And, Expr, Filter, Not, Or, Text
from core.vocabulary import load

if TYPE_CHECKING:
    from core.catalog.user import UserFile


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
        passed = numbers_passed(leaf, column)
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
            test = glob(str(leaf.value), "-_./ ")
        elif leaf.field == "note":
            test = holds(str(leaf.value))
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

    def placed(
        self, numbers: NDArray[np.int32], sort: tuple[tuple[str, bool], ...], first: int, last: int | None
    ) -> Mask:
        """Which of these models have the values of these places among what is sorted by, all that share one; what is
        unknown stands behind every place."""
        keys = self._sort_keys(*sort[0])[numbers]
        places = np.where(np.isfinite(keys), np.unique(keys, return_inverse=True)[1] + 1, np.inf)
        return np.asarray((places >= first) & (places <= (last or np.inf)))

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
