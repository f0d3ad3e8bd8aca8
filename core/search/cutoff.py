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
"""Share of the words, weighted by rarity, that a model's text must hold to be relevant where there is no embedder."""

MEANING, DESCRIBED, WORDS, STATED, SHOWN, TOLD = 2.78, 1.85, 3.2, 0.81, 2.94, 1.45
"""What each kind of evidence weighs: the cosine of the nearest passage and of the facts in plain words, the share of
the question's words, and the cosine of a description that the model's facts state, its text shows, or its text names."""
BELOW_DESCRIBED, BELOW_STATED, BELOW_NEAREST, OTHERWISE = 1.18, 0.69, 1.67, -0.63
"""What counts against a model: how far it is below the model that is described best, below the best that a
description gives to any model, and below the nearest description of all; and a task that is known to be another."""
CUT = 3.44
"""What the evidence must weigh."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of how a free text and each model belong together."""

    scores: TextScores
    spoken: Spoken | None
    """None where there is no embedder."""

    def relevance(self, met: Mask) -> Scores:
        """One figure for each model, 0 to 1, among those that met the filters; 0.5 is where relevance ends."""
        words = self.scores.coverage()
        if self.spoken is None:
            top = self.scores.bm25.max(initial=0.0) or 1.0
            return np.asarray(words * 0.5 / COVERED + 0.01 * self.scores.bm25 / top)
        spoken, described = self.spoken, np.nan_to_num(self.scores.described)
        named = np.maximum(spoken.stated, spoken.shown)
        weight = (
            MEANING * np.nan_to_num(self.scores.meaning)
            + DESCRIBED * described
            + WORDS * words
            + STATED * spoken.stated
            + SHOWN * spoken.shown
            + TOLD * spoken.told
            + BELOW_DESCRIBED * (described - described[met].max(initial=0.0))
            + BELOW_STATED * (named - named[met].max(initial=0.0))
            + BELOW_NEAREST * np.minimum(named - spoken.nearest, 0)
            + OTHERWISE * spoken.otherwise
        )
        return np.asarray(1 / (1 + np.exp(CUT - weight)))

    def relevant(self, met: Mask, filtered: bool) -> Mask:
        """The models that the text is about, of those that met the filters."""
        for looked in self.scores.words:
            if is_marked(looked.word):
                met = met & looked.held
        if filtered and not self.topics():
            return met
        found: Mask = met & (self.relevance(met) >= 0.5)
        return found

    def topics(self) -> list[Looked]:
        """The words that say what a model should be about."""
        return [looked for looked in self.scores.words if is_topic(looked.word)]


def is_topic(word: str) -> bool:
    return word not in english().generic and not is_marked(word)


def is_marked(word: str) -> bool:
    """Whether a word is a name that has to stand there as it is: `v1`, `resnet18`."""
    return any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
