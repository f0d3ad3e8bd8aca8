"""Where relevance ends. How the numbers were chosen and measured stands in docs/search.md."""

from __future__ import annotations

import numpy as np

from core.catalog.ranking import Scores, TextScores
from core.catalog.selecting import Mask

COVERED = 0.6
"""Share of the words, weighted by rarity, that a model's text must hold to be relevant by words alone."""
NEAR = 0.42
"""Cosine from which a passage is relevant by meaning alone."""
BESIDE = 0.06
"""How far below the nearest passage of all another may lie and still belong to the answer."""


def relevance(scores: TextScores) -> Scores:
    """One figure for each model, 0 to 1: words and meaning fused."""
    meaning = np.nan_to_num(scores.meaning, nan=0.0)
    top = scores.bm25.max() if len(scores.bm25) and scores.bm25.max() > 0 else 1.0
    return 0.45 * scores.coverage + 0.1 * scores.bm25 / top + 0.45 * np.clip(meaning, 0, 1)


def relevant(scores: TextScores, met: Mask, filtered: bool) -> Mask:
    """The models that the text is about, of those that met the filters."""
    meaning = np.nan_to_num(scores.meaning, nan=0.0)
    best = meaning[met].max() if met.any() else 0.0
    by_words = scores.coverage >= COVERED
    by_meaning = (meaning >= NEAR) & (meaning >= best - BESIDE)
    found: Mask = by_words | by_meaning
    return found
