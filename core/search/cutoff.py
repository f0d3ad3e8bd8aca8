"""Where relevance ends. How the numbers were chosen and measured stands in docs/search.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.catalog.columns import Mask
from core.catalog.ranking import Looked, TextScores
from core.catalog.word_index import Scores
from core.search.english import english
from core.search.glosses import Spoken

COVERED = 0.7
"""Share of the words, weighted by rarity, that a model's text must hold to be relevant by its words alone."""
NEAR = 0.42
"""Cosine from which a passage is near in meaning; unrelated passages of code reach 0.44, so that it needs a witness."""
SURE = 0.52
"""Cosine from which meaning needs no witness."""
BESIDE = 0.06
"""How far below the nearest passage of all another may lie and still belong to the answer."""
WITNESS = 0.2
"""Share of the words that bears out a near passage."""
SPECIFIC = 0.4
"""Share of the words from which they narrow a task down: agents that "balance a pole", among all agents."""
MANY, MANY_SHARE = 8, 0.08
"""Models, in number and in share, that may hold the words of a question that tells them from others by its words."""
TOLD = 0.33
"""Cosine that a passage needs where the model's text names the task or family that the question describes."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of how a free text and each model belong together."""

    scores: TextScores
    spoken: Spoken

    @property
    def meaning(self) -> Scores:
        return np.nan_to_num(self.scores.meaning, nan=0.0)

    def relevance(self) -> Scores:
        """One figure for each model, 0 to 1: what its facts say, its words and its meaning, fused."""
        top = self.scores.bm25.max(initial=0.0) or 1.0
        words = 0.8 * self.scores.coverage() + 0.2 * self.scores.bm25 / top
        facts = np.maximum(self.spoken.stated, 0.7 * self.spoken.told)
        fused: Scores = (words + np.clip(self.meaning, 0, 1) + facts) / 3
        return fused

    def relevant(self, met: Mask, filtered: bool) -> Mask:
        """The models that the text is about, of those that met the filters."""
        for looked in self.scores.words:
            if is_marked(looked.word):
                met = met & looked.held
        if filtered and not self.topics():
            return met
        covered = self.scores.coverage(is_topic if self.topics() else lambda word: True)
        meaning = self.meaning
        close = meaning >= meaning[met].max(initial=0.0) - BESIDE
        near = close & ((meaning >= SURE) | ((meaning >= NEAR) & (covered >= WITNESS)))
        told = (self.spoken.told > 0) & (meaning >= TOLD)
        other = self._worded(met & (covered >= COVERED)) | near | told
        found: Mask = met & (self._stated(covered, met) | (other & ~self.spoken.otherwise))
        return found

    def _worded(self, held: Mask) -> Mask:
        """The models that hold the words; where very many do, the words tell little, and only the nearest count."""
        meaning = self.meaning
        if held.sum() <= max(MANY, MANY_SHARE * len(held)) or not meaning.any():
            return held
        nearest: Mask = held & (meaning >= max(TOLD, float(meaning[held].max(initial=0.0)) - BESIDE))
        return nearest

    def _stated(self, covered: Scores, met: Mask) -> Mask:
        """The models whose facts say it; where some of them hold the question's words too, those only."""
        stated = met & (self.spoken.stated > 0)
        most = float(covered[stated].max(initial=0.0))
        return stated & (covered >= 0.5 * most) if most >= SPECIFIC else stated

    def topics(self) -> list[Looked]:
        """The words that say what a model should be about."""
        return [looked for looked in self.scores.words if is_topic(looked.word)]


def is_topic(word: str) -> bool:
    return word not in english().generic and not is_marked(word)


def is_marked(word: str) -> bool:
    """Whether a word is a name that has to stand there as it is: `v1`, `resnet18`."""
    return any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
