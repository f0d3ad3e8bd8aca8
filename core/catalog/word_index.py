"""Words looked up in the BM25 index of one generation: which models and passages hold them.

Words are looked up whole and as parts of compounds, each also in its other number (`digit`, `digits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray

from core.analysis.facts import Place
from core.catalog import text_index
from core.catalog.columns import Mask, columns_of
from core.catalog.kept import Kept
from core.catalog.passages import Passages
from core.catalog.reading import Reader
from core.catalog.tokens import words
from core.search.english import english

MOST_PASSAGES = 5000
"""Passages that one word is looked up in; a word in more tells little."""

MOST_WORDS = 200
"""Words of the last questions whose passages, and texts whose models, are kept: names of what is often asked for come
with every other question."""

Scores = NDArray[np.float64]
"""One score for each model, by its number."""


@dataclass(frozen=True, slots=True)
class Found:
    """Documents that a query found, best first: their models, passages (below 0: a model's names) and BM25 scores."""

    models: NDArray[np.int32]
    passages: NDArray[np.int32]
    bm25: Scores
    whole: bool = True
    """Whether these are all that there are."""


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
        if not word.endswith("ss"):
            found.append(word[:-1] if word.endswith("s") else f"{word}s")  # "letters", though its stem is "lett"
        if word.endswith("y"):
            found.append(word[:-1] + "ies")
        if word.endswith("ies"):
            found.append(word[:-3] + "y")
    return tuple(dict.fromkeys(found))


_ENDINGS = {"ings": 4, "ing": 4, "ies": 9, "ions": 4, "ion": 4, "ed": 4, "ers": 4, "er": 4, "es": 4, "s": 3, "e": 4}
"""The commonest endings, and the letters that must stand before them."""


def _stem(word: str) -> str:
    """The word without its ending."""
    for end, keep in _ENDINGS.items():
        if word.endswith(end) and len(word) - len(end) >= keep and not word.endswith("ss"):
            return word[: -len(end)]
    return word


class WordIndex:
    """The text index of one reader. Safe to use from any thread."""

    def __init__(self, reader: Reader, passages: Passages) -> None:
        self._reader, self._passages = reader, passages
        self.count = len(columns_of(reader).ids)
        self._kept: Kept[str, Found] = Kept(MOST_WORDS)
        self._held: Kept[tuple[str, bool, bool], Mask] = Kept(MOST_WORDS)
        self._called: Kept[str, Mask] = Kept(MOST_WORDS)
        self._shown: Kept[str, Mask] = Kept(MOST_WORDS)

    def scores(self, word: str) -> Scores:
        """BM25 of each model's best passage for a word in any of its forms, whole or as a part; 0 without."""
        scores = np.zeros(self.count)
        found = self._look_up(word)
        telling = _in(found, self._passages.telling)
        np.maximum.at(scores, found.models[telling], found.bm25[telling])
        return scores

    def naming(self, word: str) -> Mask:
        """The models whose ids hold a word in any of its forms, whole or as a part."""
        found = self._look_up(word)
        mask = np.zeros(self.count, bool)
        mask[found.models[found.passages < 0]] = True
        return mask

    def holding(self, text: str, phrase: bool = False, telling: bool = False) -> Mask:
        """The models whose indexed text holds a phrase, or every word of a text, exactly as written, the words of a
        text also in their other forms; `telling` leaves out the passages that many models share."""
        return self._held.get((text, phrase, telling), lambda: self._holding(text, phrase, telling))

    def showing(self, phrase: str) -> Mask:
        """The models whose own text, no README, holds a phrase."""
        return self._shown.get(phrase, lambda: self._mask(self._phrase_query(words(phrase)), self._passages.own))

    def _holding(self, text: str, phrase: bool, telling: bool) -> Mask:
        wanted = words(text)
        if not wanted:
            return np.zeros(self.count, bool)
        if phrase:
            return self._mask(self._phrase_query(wanted), self._passages.telling if telling else None)
        held: Mask = np.logical_and.reduce([self._mask(self._either_field(*forms(word))) for word in wanted])
        return held

    def calling(self, name: str) -> Mask:
        """The models whose ids hold a phrase, as words of their own or as parts of compounds."""
        return self._called.get(name, lambda: self._calling(words(name)))

    def _calling(self, wanted: Sequence[str]) -> Mask:
        mask = np.zeros(self.count, bool)
        if wanted:
            found = self._search(self._phrase_query(wanted), len(self._passages.models) + self.count)
            mask[found.models[found.passages < 0]] = True
        return mask

    def which_hold(self, word: str, rows: NDArray[np.int64], models: Sequence[int]) -> NDArray[np.bool_]:
        """Which of these passages, all those of these models, hold a word in any of its forms, whole or as a part."""
        found = self._look_up(word)
        if not found.whole:
            either = [(tantivy.Occur.Should, self._word_query(word, field)) for field in ("words", "parts")]
            found = self._search(self._within(models, tantivy.Query.boolean_query(either)), len(rows) + len(models))
        held = np.zeros(len(self._passages.models), bool)
        held[found.passages[found.passages >= 0]] = True
        return held[rows]

    def shown(self, rows: NDArray[np.int64], models: Sequence[int]) -> dict[int, tuple[str, Place]]:
        """What is shown of these passages of these models, by their numbers."""
        searcher = self._reader.text.searcher()
        query = self._within(models, tantivy.Query.all_query())
        most = np.count_nonzero(np.isin(self._passages.models, models)) + len(models)
        addresses = [address for _, address in searcher.search(query, int(most), count=False).hits]
        passages = searcher.fast_field_values("passage", addresses)
        wanted = set(rows.tolist())
        return {
            passage: text_index.shown(searcher.doc(address))
            for passage, address in zip(passages, addresses, strict=True)
            if passage in wanted
        }

    # -- queries

    def _look_up(self, word: str) -> Found:
        return self._kept.get(word, lambda: self._looked_up(word))

    def _looked_up(self, word: str) -> Found:
        """The passages that hold a word, whole and as a part; a part counts less."""
        whole, part = (self._search(self._word_query(word, field), MOST_PASSAGES) for field in ("words", "parts"))
        return Found(
            np.concatenate([whole.models, part.models]),
            np.concatenate([whole.passages, part.passages]),
            np.concatenate([whole.bm25, 0.8 * part.bm25]),
            whole.whole and part.whole,
        )

    def _search(self, query: Any, limit: int) -> Found:
        if self._reader.text is None:
            return Found(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
        searcher = self._reader.text.searcher()
        hits = searcher.search(query, max(limit, 1), count=False).hits
        passages = np.array(searcher.fast_field_values("passage", [address for _, address in hits]), np.int32)
        models, own = -1 - passages, passages >= 0
        models[own] = self._passages.models[passages[own]]
        return Found(models, passages, np.array([score for score, _ in hits], np.float64), len(hits) < limit)

    def _mask(self, query: Any, among: NDArray[np.bool_] | None = None) -> Mask:
        """The models whose names or passages, all or these, a query finds."""
        found = self._search(query, len(self._passages.models) + self.count)
        mask = np.zeros(self.count, bool)
        mask[found.models if among is None else found.models[_in(found, among)]] = True
        return mask

    def _word_query(self, word: str, field: str) -> Any:
        schema = text_index.schema()
        terms = [tantivy.Query.term_query(schema, field, form) for form in forms(word)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])

    def _either_field(self, *shapes: str) -> Any:
        schema = text_index.schema()
        fields = [tantivy.Query.term_query(schema, field, word) for field in ("words", "parts") for word in shapes]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, each) for each in fields])

    def _phrase_query(self, wanted: Sequence[str]) -> Any:
        """Words in a row, also as parts of names: `HierarchicalVAE` for "hierarchical vae"."""
        if len(wanted) == 1:
            return self._either_field(wanted[0])
        schema = text_index.schema()
        rows = [tantivy.Query.phrase_query(schema, field, list(wanted)) for field in ("words", "parts")]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, row) for row in rows])

    def _within(self, models: Sequence[int], query: Any) -> Any:
        """A query over the documents of these models alone, unscored."""
        query_of = tantivy.Query
        own = query_of.term_set_query(text_index.schema(), "model", [int(model) for model in models])
        both = query_of.boolean_query([(tantivy.Occur.Must, own), (tantivy.Occur.Must, query)])
        return query_of.const_score_query(both, 1.0)


def _in(found: Found, passages: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the documents found are a model's names, or of these passages."""
    kept: NDArray[np.bool_] = found.passages < 0
    kept[~kept] = passages[found.passages[~kept]]
    return kept
