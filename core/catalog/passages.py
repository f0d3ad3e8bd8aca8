"""The passages of one generation, by number: whose each is, and which of them tell their model from others."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.catalog.reading import Reader

COMMON = 5
"""A passage that more models than this have in common tells none of them from another."""


class Passages:
    """Read when first asked for. Safe to use from any thread."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @cached_property
    def models(self) -> NDArray[np.int32]:
        """The model of each passage; passages are numbered by model."""
        return np.asarray(self._reader.arrays("SELECT model FROM passage ORDER BY number")["model"], np.int32)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The first passage of each model that has any."""
        return np.flatnonzero(np.diff(self.models, prepend=-1))

    @cached_property
    def described(self) -> NDArray[np.int64]:
        """The passages that describe a model by its facts, numbered by model."""
        found = self._reader.arrays("SELECT number FROM passage WHERE kind = 'described' ORDER BY number")
        return np.asarray(found["number"], np.int64)

    @cached_property
    def telling(self) -> NDArray[np.bool_]:
        """Whether each passage tells its model from others: the README of a whole repository does not."""
        shared = "SELECT hash FROM passage GROUP BY hash HAVING count(DISTINCT model) > ?"
        found = self._reader.arrays(f"SELECT number FROM passage WHERE hash IN ({shared})", [COMMON])
        telling = np.ones(len(self.models), bool)
        telling[found["number"]] = False
        telling[self.described] = True
        return telling

    @cached_property
    def own(self) -> NDArray[np.bool_]:
        """Those of them that are no README's, which speaks of what others do as well."""
        found = self._reader.arrays("SELECT number FROM passage WHERE kind = 'readme'")
        own = self.telling.copy()
        own[found["number"]] = False
        return own
