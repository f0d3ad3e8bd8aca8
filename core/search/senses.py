"""What a phrase of a question may mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sense:
    """What a phrase may mean: a value of a field, a field, settings by name, or a concept (a line of the grammar)."""

    kind: Literal["value", "field", "setting", "concept"]
    field: str
    value: str = ""
    names: tuple[str, ...] = ()
    weak: bool = False
    """An ordinary English word too: it counts only beside a word for its field."""
    alone: bool = False
    """It counts only where the sentence does not say more closely what kind of model is meant."""
    subject: bool = False
    """It is what pictures show: in a sentence that describes more, a word like the others."""
    described: bool = False
    """In a sentence that says more of what a model is about, a word like the others."""


@dataclass(frozen=True, slots=True)
class Found:
    sense: Sense
    length: int
    """Words of the question that the phrase takes."""
    plural: bool = False
    note: str = ""
    name: str = ""
    """The phrase as the vocabulary or the collection spells it."""
