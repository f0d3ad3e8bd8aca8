"""What a search gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.analysis.facts import Place, Value
from core.artifacts.records import Image
from core.catalog.model import Row
from core.search.query import Query


@dataclass(frozen=True, slots=True)
class Why:
    """One reason for a hit: a fact that met a filter, a word that matched, the nearest passage."""

    kind: Literal["fact", "unknown", "word", "passage", "name"]
    field: str
    value: Value
    place: Place | None
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One model of an answer. `score` is None where nothing was ranked by text."""

    id: str
    path: str
    score: float | None
    why: tuple[Why, ...]
    row: Row


@dataclass(frozen=True, slots=True)
class PictureHit:
    """One picture of an answer and the id of its model."""

    model: str
    image: Image


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole set, in order, as ids; hits with reasons are made for the part that is looked at."""

    asked: str
    query: Query
    ids: tuple[str, ...]
    scores: tuple[float | None, ...]
    unknown: int
    """How many of them are there only because a negated field is unknown."""
    hint: str | None = None
    """For an empty answer, or one without the pictures that are asked for: the chip whose removal gives some, and how
    many."""
    cohorts: tuple[Answer, ...] = ()
    pictures: tuple[PictureHit, ...] = ()
