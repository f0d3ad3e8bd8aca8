"""Free text over one generation: what its words and its meaning say of each model, and the passage that speaks for it.

Vectors are compared exactly: with few passages by the vectors themselves, with many first in bytes (see `rounded`).
Only text without a filter over a catalogue large enough to have an index (see `nearness`) is served by that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.facts import Place
from core.catalog import nearness
from core.catalog.columns import Mask, columns_of
from core.catalog.kept import Kept
from core.catalog.passages import Passages
from core.catalog.reading import Reader
from core.catalog.word_index import Scores, WordIndex, content_words

if TYPE_CHECKING:
    from core.protocols import Multiplier, TextEmbedder

FEW = 0.05
"""Share of the models up to which their own vectors are gathered; above it, a product with all is faster."""

Vector = NDArray[np.float32]
MOST_TEXTS = 50
"""Texts of the last questions whose vectors are kept."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A word of the free text: which models hold it in any of its forms, which in their names, how much it tells."""

    word: str
    held: Mask
    named: Mask
    rarity: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """A passage that speaks for its model: the question's words in it, its beginning, and where it stands."""

    held: tuple[str, ...]
    text: str
    place: Place


class Meaning:
    """The cosine of each model's nearest passage: exact where that is asked for, elsewhere no less than it is.

    `most` is no less than it, `exactly` gives it for the models that are open.
    """

    def __init__(self, most: Scores, open_: Mask, exactly: Callable[[Mask], Scores]) -> None:
        self._most, self._open, self._exactly = most, open_, exactly

    def of(self, models: Mask) -> Scores:
        """Exact for these models."""
        asked = models & self._open
        if asked.any():
            self._most[asked] = self._exactly(asked)[asked]
            self._open &= ~asked
        return self._most


@dataclass(frozen=True, slots=True)
class TextScores:
    """What some free text says of each model.

    `bm25` is the sum over the words of the best passage's score; `meaning` the cosine of the nearest passage,
    `described` that of its facts in plain words; NaN where there are no vectors.
    """

    words: tuple[Looked, ...]
    bm25: Scores
    meaning: Meaning
    described: Scores

    def coverage(self) -> Scores:
        """The share of the words, weighted by how rare they are, that each model's text holds; 0 for no words."""
        return self._share([looked.held for looked in self.words])

    def naming(self) -> Scores:
        """The same of each model's id."""
        return self._share([looked.named for looked in self.words])

    def _share(self, masks: Sequence[Mask]) -> Scores:
        rarities = [looked.rarity for looked in self.words]
        share = np.zeros(len(self.bm25))
        for rarity, held in zip(rarities, masks, strict=True):
            share += rarity * held
        return share / (sum(rarities) or 1.0)


class Ranking:
    """Text search over one reader. Safe to use from any thread."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.count = len(columns_of(reader).ids)
        self.passages = Passages(reader)
        self.words = WordIndex(reader, self.passages)
        self._vectors_kept: Kept[str, Vector] = Kept(MOST_TEXTS)
        self._multipliers: Kept[str, Multiplier] = Kept(1)

    @cached_property
    def _descriptions(self) -> NDArray[np.float32]:
        """The vectors of the passages that describe models, side by side."""
        return np.ascontiguousarray(self._reader.vectors[self.passages.described])

    @cached_property
    def embedded(self) -> bool:
        """Whether there are vectors to compare with."""
        return len(self._reader.vectors) == len(self.passages.models) > 0 and bool(self._reader.meta.get("embedder"))

    def score(self, text: str, embedder: TextEmbedder | None, among: Mask) -> TextScores:
        """What a free text says of each model, without an embedder by its words alone.

        The meaning is compared for the models in `among` alone.
        """
        bm25 = np.zeros(self.count)
        looked = []
        for word in content_words(text) if self._reader.text is not None else ():
            scores = self.words.scores(word)
            held = scores > 0
            rarity = float(np.log1p(self.count / (1.0 + held.sum())))
            looked.append(Looked(word, held, self.words.naming(word), rarity))
            bm25 += scores
        if embedder is None or not self.embedded:
            unknown = np.full(self.count, np.nan)
            return TextScores(tuple(looked), bm25, _known(unknown), unknown)
        vector = self.vector(text, embedder)
        return TextScores(tuple(looked), bm25, self._meaning(vector, embedder, among), self._description(vector))

    # -- meaning

    def vector(self, text: str, embedder: TextEmbedder) -> Vector:
        """The embedding of a free text, kept for its reasons and for the next key that is pressed."""
        return self._vectors_kept.get(text, lambda: embedder.embed([text])[0])

    def _meaning(self, vector: Vector, embedder: TextEmbedder, among: Mask) -> Meaning:
        """The cosine of the nearest passage of each of these models; NaN for the others."""
        if "recall" in self._reader.meta and among.all():
            return _known(self._by_index(vector))
        if self._reader.rounded is None or np.count_nonzero(among) <= FEW * self.count:
            return _known(self._nearest(np.flatnonzero(among[self.passages.models]), vector))
        codes = self._reader.rounded.codes
        multiply = self._multipliers.get(embedder.name, lambda: embedder.multiplier(codes))
        near, off = self._reader.rounded.products(vector, multiply)

        def exactly(asked: Mask) -> Scores:
            rows = np.flatnonzero(asked[self.passages.models])
            sure = self._best(rows, near[rows] - off[rows])[self.passages.models[rows]]
            return self._nearest(rows[near[rows] + off[rows] >= sure], vector)

        return Meaning(self._best(None, near + off), among.copy(), exactly)

    def _nearest(self, rows: NDArray[np.int64], vector: Vector) -> Scores:
        """The best cosine of each model among these passages, exactly; NaN for models without."""
        return self._best(rows, cosines_of(self._reader.vectors[rows], vector))

    def _best(self, rows: NDArray[np.int64] | None, cosines: Vector) -> Scores:
        """The best of these passages' figures (None: of all) by model, those aside that many models share; NaN for
        models without."""
        best, models, telling = np.full(self.count, np.nan), self.passages.models, self.passages.telling
        if rows is not None:
            models, telling = models[rows], telling[rows]
        starts = self.passages.starts if rows is None else np.flatnonzero(np.diff(models, prepend=-1))
        if len(starts):
            best[models[starts]] = np.fmax.reduceat(np.where(telling, cosines, np.nan), starts)
        return best

    def _description(self, vector: Vector) -> Scores:
        """The cosine of each model's facts in plain words, exactly; NaN where there are none."""
        return self._best(self.passages.described, cosines_of(self._descriptions, vector))

    def _by_index(self, vector: Vector) -> Scores:
        """The same from the HNSW index of a large catalogue, for text without a filter; NaN where it does not reach."""
        best = np.full(self.count, np.nan)
        cursor = self._reader.cursor()
        nearness.load_vss(cursor)
        for passage, distance in nearness.nearest(cursor, vector, nearness.REACH):
            if self.passages.telling[passage]:
                model = self.passages.models[passage]
                best[model] = np.fmax(best[model], 1 - distance)
        return best

    def like(self, model: int) -> Scores:
        """The cosine of each model's mean passage to this model's; zeros without vectors."""
        if not self.embedded:
            return np.zeros(self.count)
        means = self._means
        return np.asarray(means @ means[model], np.float64)

    @cached_property
    def _means(self) -> NDArray[np.float64]:
        sums = np.zeros((self.count, self._reader.vectors.shape[1]))
        np.add.at(sums, self.passages.models, self._reader.vectors)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        means: NDArray[np.float64] = sums / np.where(lengths, lengths, 1)
        return means

    # -- what speaks for a hit

    def best_passages(self, models: Sequence[int], text: str) -> dict[int, Spoken]:
        """Of each model the passage that holds most of the words; of several the nearest in meaning, else the first."""
        among = np.zeros(self.count, bool)
        among[list(models)] = True
        rows = np.flatnonzero(among[self.passages.models]) if self._reader.text is not None else np.zeros(0, np.int64)
        if not len(rows):
            return {}
        wanted = content_words(text)
        held = np.array([self.words.which_hold(word, rows, models) for word in wanted]).reshape(-1, len(rows))
        vector = self._vectors_kept.peek(text)
        nearness = cosines_of(self._reader.vectors[rows], vector) if vector is not None else np.zeros(len(rows))
        order = np.lexsort((rows, -np.round(nearness, 6), -held.sum(axis=0), self.passages.models[rows]))
        best = order[np.flatnonzero(np.diff(self.passages.models[rows], prepend=-1))]
        shown = self.words.shown(rows[best], models)
        return {
            int(self.passages.models[rows[place]]): Spoken(
                tuple(word for word, hold in zip(wanted, held, strict=True) if hold[place]), *shown[int(rows[place])]
            )
            for place in best
        }


def cosines_of(vectors: Vector, vector: Vector) -> Vector:
    """The products with a vector, the same for equal vectors wherever they stand: those of `@` depend on that in their
    last digit, and so would the order of models that are equally near."""
    found: Vector = np.einsum("ij,j->i", vectors, vector)
    return found


def _known(meaning: Scores) -> Meaning:
    """What is exact from the start."""
    return Meaning(meaning, np.zeros(len(meaning), bool), lambda asked: meaning)


def ranking_of(reader: Reader) -> Ranking:
    """The ranking of a reader."""
    return reader.made(Ranking)
