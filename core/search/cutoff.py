"""Where relevance ends. How the numbers were chosen and measured stands in docs/search.md."""

from __future__ import annotations

import numpy as np

from core.catalog.ranking import Scores, TextScores
from core.catalog.selecting import Mask
from core.search.lexicon import english

COVERED = 0.6
"""Share of the words, weighted by rarity, that a model's text must hold to be relevant by words alone."""
NEAR = 0.42
"""Cosine from which a passage is relevant by meaning alone."""
BESIDE = 0.06
"""How far below the nearest passage of all another may lie and still belong to the answer."""


def relevance(scores: TextScores) -> Scores:
    """One figure for each model, 0 to 1: words and meaning fused."""
    meaning = np.clip(np.nan_to_num(scores.meaning, nan=0.0), 0, 1)
    top = scores.bm25.max(initial=0.0) or 1.0
    fused: Scores = 0.45 * scores.coverage() + 0.1 * scores.bm25 / top + 0.45 * meaning
    return fused


def relevant(scores: TextScores, met: Mask, filtered: bool) -> Mask:
    """The models that the text is about, of those that met the filters."""
    for looked in scores.words:
        if is_marked(looked.word):
            met = met & looked.held
    topics = [looked for looked in scores.words if looked.word not in english().generic and not is_marked(looked.word)]
    if filtered and not topics:
        return met
    meaning = np.nan_to_num(scores.meaning, nan=0.0)
    best = meaning[met].max(initial=0.0)
    by_words = scores.coverage(lambda word: not filtered or word not in english().generic) >= COVERED
    by_meaning = (meaning >= NEAR) & (meaning >= best - BESIDE)
    found: Mask = met & (by_words | by_meaning)
    return found


def is_marked(word: str) -> bool:
    """Whether a word is a name that has to stand there as it is: `v1`, `resnet18`."""
    return any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
