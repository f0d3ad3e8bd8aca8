"""Free text over one generation: BM25 from tantivy, nearness of meaning from the vectors, and the two fused.

Words are looked up whole and as parts of compounds, each also in its other number (`digit`, `digits`). Vectors are
compared exactly: one product with the memory-mapped matrix.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import tantivy
from numpy.typing import NDArray

from core.analysis.facts import Place
from core.catalog.reading import Reader, listed
from core.catalog.selecting import Mask, columns_of
from core.catalog.tokens import parts, words
from core.search.english import english

COMMON, SHARED = 8, 0.12
"""A passage that more models than this, in number and in share, have in common tells none of them from another."""

MOST_PASSAGES = 5000
"""Passages that one word is looked up in; a word in more tells little."""

Scores = NDArray[np.float64]
"""One score for each model, by its number."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A word of the free text: which models hold it in any of its forms, and how much it tells."""

    word: str
    held: Mask
    rarity: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """A passage that speaks for its model: the question's words in it, its beginning, and where it stands."""

    held: tuple[str, ...]
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class TextScores:
    """What some free text says of each model.

    `bm25` is the sum over the words of the best passage's score; `meaning` the cosine of the nearest passage, NaN where
    there are no vectors.
    """

    words: tuple[Looked, ...]
    bm25: Scores
    meaning: Scores

    def coverage(self, among: Callable[[str], bool] = lambda word: True) -> Scores:
        """The share of the words, weighted by how rare they are, that each model's text holds; 0 for no words."""
        chosen = [looked for looked in self.words if among(looked.word)]
        total = sum(looked.rarity for looked in chosen)
        held = sum((looked.rarity * looked.held for looked in chosen), np.zeros(len(self.bm25)))
        return np.asarray(held / (total or 1.0), np.float64)


def content_words(text: str) -> list[str]:
    """The words of a free text that can tell one passage from another, each once."""
    found = [word for word in words(text) if word not in english().dropped]
    return list(dict.fromkeys(found or words(text)))


@lru_cache(maxsize=10_000)
def forms(word: str) -> tuple[str, ...]:
    """A word and its other number and nearest verb forms."""
    found = [word]
    if word.isalpha() and len(word) > 3:
        stem = _stem(word)
        found += (
            [stem, *(stem + end for end in ("s", "es", "e", "ed", "ing", "er", "ion"))] if len(stem) > 3 else [stem]
        )
        if word.endswith("y"):
            found.append(word[:-1] + "ies")
        if word.endswith("ies"):
            found.append(word[:-3] + "y")
    return tuple(dict.fromkeys(found))


def _stem(word: str) -> str:
    """The word without its commonest endings."""
    for end, keep in (
        ("ings", 4),
        ("ing", 4),
        ("ies", 9),
        ("ions", 4),
        ("ion", 4),
        ("ed", 4),
        ("ers", 4),
        ("er", 4),
        ("es", 4),
        ("s", 3),
        ("e", 4),
    ):
        if word.endswith(end) and len(word) - len(end) >= keep and not word.endswith("ss"):
            return word[: -len(end)]
    return word


class Ranking:
    """Text search over one reader. Safe to use from any thread."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.count = len(columns_of(reader).ids)

    @cached_property
    def _models(self) -> NDArray[np.int32]:
        """The model of each passage, by passage number."""
        rows = self._reader.query("SELECT model FROM passage ORDER BY number", [])
        return np.array([row[0] for row in rows], np.int32)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """The first passage of each model that has any: passages are numbered by model."""
        return np.flatnonzero(np.diff(self._models, prepend=-1))

    @cached_property
    def _telling(self) -> NDArray[np.bool_]:
        """Whether each passage tells its model from others: a README that a large part of the models share does not."""
        most = max(COMMON, SHARED * self.count)
        shared = "SELECT hash FROM passage GROUP BY hash HAVING count(DISTINCT model) > ?"
        sql = f"SELECT number FROM passage WHERE hash IN ({shared})"
        telling = np.ones(len(self._models), bool)
        telling[[row[0] for row in self._reader.query(sql, [most])]] = False
        return telling

    @cached_property
    def embedded(self) -> bool:
        """Whether there are vectors to compare with."""
        return len(self._reader.vectors) == len(self._models) > 0 and bool(self._reader.meta.get("embedder"))

    # -- words

    def _search(self, query: Any, limit: int) -> tuple[NDArray[np.int32], NDArray[np.int64], Scores]:
        """The hits' models, passages (below 0: a model's names) and BM25 scores, best first."""
        none = np.zeros(0)
        if self._reader.text is None:
            return none.astype(np.int32), none.astype(np.int64), none
        searcher = self._reader.text.searcher()
        hits = searcher.search(query, max(limit, 1), count=False).hits
        passages = np.array(searcher.fast_field_values("passage", [address for _, address in hits]), np.int64)
        models = np.where(passages < 0, -1 - passages, self._models[np.maximum(passages, 0)]) if len(hits) else none
        return models.astype(np.int32), passages, np.array([score for score, _ in hits], np.float64)

    def _word_query(self, word: str, field: str) -> Any:
        schema = self._reader.text.schema
        terms = [tantivy.Query.term_query(schema, field, form) for form in forms(word)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])

    def holding(self, text: str, phrase: bool = False) -> Mask:
        """The models whose indexed text holds a phrase, or every word of a text, exactly as written."""
        mask = np.zeros(self.count, bool)
        wanted = words(text)
        if self._reader.text is None or not wanted:
            return mask
        if phrase:
            mask[self._models_of(self._phrase_query(wanted))] = True
            return mask
        found = [self._mask_of(self._either_field(word)) for word in wanted]
        held: Mask = np.logical_and.reduce(found)
        return held

    def _either_field(self, word: str) -> Any:
        schema = self._reader.text.schema
        fields = [tantivy.Query.term_query(schema, field, word) for field in ("words", "parts")]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, each) for each in fields])

    def _phrase_query(self, wanted: Sequence[str]) -> Any:
        schema = self._reader.text.schema
        if len(wanted) == 1:
            return self._either_field(wanted[0])
        return tantivy.Query.phrase_query(schema, "words", list(wanted))

    def _mask_of(self, query: Any) -> Mask:
        mask = np.zeros(self.count, bool)
        mask[self._models_of(query)] = True
        return mask

    def _models_of(self, query: Any) -> NDArray[np.int32]:
        return self._search(query, len(self._models) + self.count)[0]

    def score(self, text: str, vector: NDArray[np.float32] | None) -> TextScores:
        """What a free text says of each model; `vector` is its embedding, None where there is no embedder."""
        bm25 = np.zeros(self.count)
        looked = []
        for word in content_words(text) if self._reader.text is not None else ():
            scores = self._word_scores(word)
            held = scores > 0
            looked.append(Looked(word, held, float(np.log1p(self.count / (1.0 + held.sum())))))
            bm25 += scores
        return TextScores(tuple(looked), bm25, self._meaning(vector))

    def _word_scores(self, word: str) -> Scores:
        """BM25 of each model's best passage for a word in any of its forms, whole or as a part."""
        scores = np.zeros(self.count)
        for field, weight in (("words", 1.0), ("parts", 0.8)):
            models, passages, bm25 = self._search(self._word_query(word, field), MOST_PASSAGES)
            telling = (
                (passages < 0) | self._telling[np.maximum(passages, 0)] if len(passages) else passages.astype(bool)
            )
            np.maximum.at(scores, models[telling], weight * bm25[telling])
        return scores

    # -- meaning

    def _meaning(self, vector: NDArray[np.float32] | None) -> Scores:
        """The cosine of each model's nearest passage."""
        best = np.full(self.count, np.nan)
        if vector is not None and self.embedded:
            cosines = np.asarray(self._reader.vectors @ vector, np.float64)
            told = np.where(self._telling, cosines, np.nan)
            best[self._models[self._starts]] = np.fmax.reduceat(told, self._starts)
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
        np.add.at(sums, self._models, self._reader.vectors)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        means: NDArray[np.float64] = sums / np.where(lengths, lengths, 1)
        return means

    def best_passages(self, models: Sequence[int], text: str) -> dict[int, Spoken]:
        """Of each model the passage that holds most of the words."""
        wanted = {word: set(forms(word)) for word in content_words(text)}
        columns = "model, text, file, line, end_line, cell"
        sql = f"SELECT {columns} FROM passage WHERE model IN {listed(models)} ORDER BY number"
        best: dict[int, Spoken] = {}
        for model, said, *place in self._reader.query(sql) if models else ():
            own = {*words(said), *parts(said)}
            held = tuple(word for word, shapes in wanted.items() if shapes & own)
            if model not in best or len(held) > len(best[model].held):
                best[model] = Spoken(held, excerpt(said), Place(*place))
        return best


_SPACES = re.compile(r"\s+")


def excerpt(text: str, length: int = 200) -> str:
    """The beginning of a passage on one line."""
    line = _SPACES.sub(" ", text).strip()
    return line if len(line) <= length else line[: length - 1].rsplit(" ", 1)[0] + "…"


_RANKINGS: WeakKeyDictionary[Reader, Ranking] = WeakKeyDictionary()
_LOCK = threading.Lock()


def ranking_of(reader: Reader) -> Ranking:
    """The ranking of a reader, kept as long as the reader is."""
    with _LOCK:
        if reader not in _RANKINGS:
            _RANKINGS[reader] = Ranking(reader)
        return _RANKINGS[reader]
