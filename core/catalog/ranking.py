"""Free text over one generation: BM25 from tantivy, nearness of meaning from the vectors, and the two fused.

Words are looked up whole and as parts of compounds, each also in its other number (`digit`, `digits`). Vectors are
compared exactly, by one product with the memory-mapped matrix; only text without a filter over a catalogue large enough
to have an index (see `nearness`) is served by that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import tantivy
from numpy.typing import NDArray

from core.analysis.facts import Place
from core.catalog import nearness, text_index
from core.catalog.columns import Mask, columns_of
from core.catalog.kept import Kept
from core.catalog.reading import Reader
from core.catalog.tokens import words
from core.search.english import english

if TYPE_CHECKING:
    from core.protocols import TextEmbedder

COMMON, SHARED = 8, 0.12
"""A passage that more models than this, in number and in share, have in common tells none of them from another."""

MOST_PASSAGES = 5000
"""Passages that one word is looked up in; a word in more tells little."""

FEW = 0.2
"""Share of the models up to which their own vectors are gathered; above it, one product with all is faster."""

MOST_WORDS, MOST_TEXTS = 200, 50
"""Words and texts of the last questions whose passages and vectors are kept."""

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

    `bm25` is the sum over the words of the best passage's score; `meaning` the cosine of the nearest passage, `described`
    that of its facts in plain words; NaN where there are no vectors.
    """

    words: tuple[Looked, ...]
    bm25: Scores
    meaning: Scores
    described: Scores

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
        self._words_kept: Kept[str, list[tuple[NDArray[np.int32], Scores]]] = Kept(MOST_WORDS)
        self._vectors_kept: Kept[str, NDArray[np.float32]] = Kept(MOST_TEXTS)

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
        telling[self._described] = True
        return telling

    @cached_property
    def _described(self) -> NDArray[np.int64]:
        """The passages that describe a model by its facts, one for each model that has facts."""
        rows = self._reader.query("SELECT number FROM passage WHERE kind = 'described' ORDER BY number", [])
        return np.array([row[0] for row in rows], np.int64)

    @cached_property
    def _descriptions(self) -> NDArray[np.float32]:
        """Their vectors, side by side."""
        return np.ascontiguousarray(self._reader.vectors[self._described])

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

    def holding(self, text: str, phrase: bool = False, telling: bool = False) -> Mask:
        """The models whose indexed text holds a phrase, or every word of a text, exactly as written, the
        words of a text also in their other forms; `telling` leaves out the passages that many models share."""
        mask = np.zeros(self.count, bool)
        wanted = words(text)
        if self._reader.text is None or not wanted:
            return mask
        if phrase:
            models, passages, _ = self._search(self._phrase_query(wanted), len(self._models) + self.count)
            if telling and len(passages):
                models = models[(passages < 0) | self._telling[np.maximum(passages, 0)]]
            mask[models] = True
            return mask
        found = [self._mask_of(self._either_field(*forms(word))) for word in wanted]
        held: Mask = np.logical_and.reduce(found)
        return held

    def _either_field(self, *shapes: str) -> Any:
        schema = self._reader.text.schema
        fields = [tantivy.Query.term_query(schema, field, word) for field in ("words", "parts") for word in shapes]
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

    def score(self, text: str, vector: NDArray[np.float32] | None, among: Mask) -> TextScores:
        """What a free text says of each model; `vector` is its embedding, None where there is no embedder.

        The meaning is compared for the models in `among` alone.
        """
        bm25 = np.zeros(self.count)
        looked = []
        for word in content_words(text) if self._reader.text is not None else ():
            scores = self._word_scores(word)
            held = scores > 0
            looked.append(Looked(word, held, float(np.log1p(self.count / (1.0 + held.sum())))))
            bm25 += scores
        return TextScores(tuple(looked), bm25, self._meaning(vector, among), self._description(vector))

    def _word_scores(self, word: str) -> Scores:
        """BM25 of each model's best passage for a word in any of its forms, whole or as a part."""
        scores = np.zeros(self.count)
        for models, bm25 in self._words_kept.get(word, lambda: self._look_up(word)):
            np.maximum.at(scores, models, bm25)
        return scores

    def _look_up(self, word: str) -> list[tuple[NDArray[np.int32], Scores]]:
        """The models of the passages that hold a word and their BM25 scores: of whole words, and of parts."""
        found = []
        for field, weight in (("words", 1.0), ("parts", 0.8)):
            models, passages, bm25 = self._search(self._word_query(word, field), MOST_PASSAGES)
            telling = (
                (passages < 0) | self._telling[np.maximum(passages, 0)] if len(passages) else passages.astype(bool)
            )
            found.append((models[telling], weight * bm25[telling]))
        return found

    # -- meaning

    def vector(self, text: str, embedder: TextEmbedder) -> NDArray[np.float32]:
        """The embedding of a free text, kept for its reasons and for the next key that is pressed."""
        return self._vectors_kept.get(text, lambda: embedder.embed([text])[0])

    def _meaning(self, vector: NDArray[np.float32] | None, among: Mask) -> Scores:
        """The cosine of the nearest passage of each of these models, exactly; NaN for the others."""
        best = np.full(self.count, np.nan)
        if vector is None or not self.embedded or not among.any():
            return best
        if "recall" in self._reader.meta and among.all():
            return self._by_index(vector)
        if np.count_nonzero(among) > FEW * self.count:
            cosines, models, starts = self._reader.vectors @ vector, self._models, self._starts
            told = np.where(self._telling, cosines, np.nan)
        else:
            rows = np.flatnonzero(among[self._models])
            models = self._models[rows]
            starts = np.flatnonzero(np.diff(models, prepend=-1))
            told = np.where(self._telling[rows], self._reader.vectors[rows] @ vector, np.nan)
        if len(starts):
            best[models[starts]] = np.fmax.reduceat(told, starts)
        return best

    def _description(self, vector: NDArray[np.float32] | None) -> Scores:
        """The cosine of each model's facts in plain words, exactly; NaN where there are none."""
        found = np.full(self.count, np.nan)
        if vector is not None and self.embedded:
            found[self._models[self._described]] = self._descriptions @ vector
        return found

    def _by_index(self, vector: NDArray[np.float32]) -> Scores:
        """The same from the HNSW index of a large catalogue, for text without a filter; NaN where it does not reach."""
        best = np.full(self.count, np.nan)
        cursor = self._reader.cursor()
        nearness.load_vss(cursor)
        for passage, distance in nearness.nearest(cursor, vector, nearness.REACH):
            if self._telling[passage]:
                model = self._models[passage]
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
        np.add.at(sums, self._models, self._reader.vectors)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        means: NDArray[np.float64] = sums / np.where(lengths, lengths, 1)
        return means

    # -- what speaks for a hit

    def best_passages(self, models: Sequence[int], text: str) -> dict[int, Spoken]:
        """Of each model the passage that holds most of the words; of several the nearest in meaning, else the first."""
        among = np.zeros(self.count, bool)
        among[list(models)] = True
        rows = np.flatnonzero(among[self._models]) if self._reader.text is not None else np.zeros(0, np.int64)
        if not len(rows):
            return {}
        wanted = content_words(text)
        held = np.array([self._which_hold(word, rows, models) for word in wanted]).reshape(-1, len(rows))
        vector = self._vectors_kept.peek(text)
        nearness = self._reader.vectors[rows] @ vector if vector is not None else np.zeros(len(rows))
        order = np.lexsort((rows, -np.round(nearness, 6), -held.sum(axis=0), self._models[rows]))
        best = order[np.flatnonzero(np.diff(self._models[rows], prepend=-1))]
        shown = self._shown(rows[best], models)
        return {
            int(self._models[rows[place]]): Spoken(
                tuple(word for word, hold in zip(wanted, held, strict=True) if hold[place]), *shown[int(rows[place])]
            )
            for place in best
        }

    def _within(self, models: Sequence[int], query: Any) -> Any:
        """A query over the documents of these models alone, unscored."""
        query_of = tantivy.Query
        own = query_of.term_set_query(self._reader.text.schema, "model", [int(model) for model in models])
        both = query_of.boolean_query([(tantivy.Occur.Must, own), (tantivy.Occur.Must, query)])
        return query_of.const_score_query(both, 1.0)

    def _which_hold(self, word: str, rows: NDArray[np.int64], models: Sequence[int]) -> NDArray[np.bool_]:
        """Which of these passages hold a word in any of its forms, whole or as a part."""
        either = [(tantivy.Occur.Should, self._word_query(word, field)) for field in ("words", "parts")]
        query = self._within(models, tantivy.Query.boolean_query(either))
        _, passages, _ = self._search(query, len(rows) + len(models))
        found: NDArray[np.bool_] = np.isin(rows, passages)
        return found

    def _shown(self, rows: NDArray[np.int64], models: Sequence[int]) -> dict[int, tuple[str, Place]]:
        """What is shown of these passages, by their numbers."""
        searcher = self._reader.text.searcher()
        query = self._within(models, tantivy.Query.all_query())
        most = np.count_nonzero(np.isin(self._models, models)) + len(models)
        addresses = [address for _, address in searcher.search(query, int(most), count=False).hits]
        passages = searcher.fast_field_values("passage", addresses)
        wanted = set(rows.tolist())
        return {
            passage: text_index.shown(searcher.doc(address))
            for passage, address in zip(passages, addresses, strict=True)
            if passage in wanted
        }


def ranking_of(reader: Reader) -> Ranking:
    """The ranking of a reader."""
    return reader.made(Ranking)
