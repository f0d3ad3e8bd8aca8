"""Where relevance ends. How the numbers were chosen and measured stands in docs/search_measured.md."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.catalog.columns import Mask
from core.catalog.ranking import Looked, TextScores
from core.catalog.word_index import Scores, forms
from core.search.english import english, is_told, topical
from core.search.glosses import Spoken

COVERED = 0.7
"""Share of the words, weighted by rarity, that a model's text must hold to be relevant where there is no embedder."""

MEANING, WORDS, NAMED, SHOWN, TOLD = 5.4, 4.0, 1.0, 5.0, 2.6
"""What each kind of evidence weighs: the cosine of the nearest passage, the share of the question's words that the
text holds and that the model's name holds, and the cosine of a description that the model's text shows (less the more
models show it) or names."""
BELOW_DESCRIBED, BELOW_NEAREST, OTHERWISE = 1.4, 2.5, -0.9
"""What counts against a model: how far it is below the model whose facts, in plain words, are nearest; how far what
descriptions say of it is below the nearest description of all; and a task that is known to be another."""
CUT = 2.8
"""What the evidence of the best must weigh."""
LEAST, MOST = 0.55, 0.95
"""Shares of the best's weight: a model below the first is never meant beside it, and the list ends between the two, at
the widest step down from one model to the next."""
STEP, BESIDE = 0.06, 0.8
"""The share of the best's weight that a step must have, and the one from which a model is meant where none is so wide
or more than `FEW` weigh so much."""
FEW = 50
NARROWED = 2.0
"""How much less it must weigh where filters say a part of the question and have chosen the models."""


@dataclass(frozen=True)
class Evidence:
    """All that is known of how a free text and each model belong together."""

    scores: TextScores
    spoken: Spoken | None
    """None where there is no embedder."""

    def relevance(self, met: Mask, filtered: bool, exact: Mask) -> Scores:
        """One figure for each model, 0 to 1, among those that met the filters; 0.5 is where relevance ends.

        Exact for the models of a mask, the best among them; for the others no less than that, which costs less."""
        if self.spoken is None:
            top = self.scores.bm25.max(initial=0.0) or 1.0
            return np.asarray(self.scores.coverage() * 0.5 / COVERED + 0.01 * self.scores.bm25 / top)
        weight = self.weight(met, filtered, exact)
        return np.asarray(1 / (1 + np.exp(end(weight[met], weight[exact].max(initial=0.0)) - weight)))

    def weight(self, met: Mask, filtered: bool, exact: Mask) -> Scores:
        """What all evidence of each model weighs together, by an embedder.

        It grows with the meaning, so that where that is no less than exact, this is."""
        scores = self.scores
        below = BELOW_DESCRIBED * np.nan_to_num(scores.described)[met].max(initial=0.0)
        return np.asarray(
            MEANING * np.nan_to_num(scores.meaning.of(exact)) + self._sure + (NARROWED * filtered - below)
        )

    @cached_property
    def _sure(self) -> Scores:
        """What is exact from the start, for all models."""
        scores, spoken = self.scores, self.spoken
        assert spoken is not None, "there is nothing to weigh without an embedder"
        weight = SHOWN * spoken.singled + TOLD * spoken.told + BELOW_DESCRIBED * np.nan_to_num(scores.described)
        weight += WORDS * scores.coverage() + NAMED * scores.naming() + OTHERWISE * spoken.otherwise
        return np.asarray(weight + BELOW_NEAREST * np.minimum(spoken.named - spoken.nearest, 0))

    def relevant(self, met: Mask, filtered: bool) -> Mask:
        """The models that the text is about, of those that met the filters; those that are called by a marked word
        where filters say the rest."""
        for looked in self.marked():
            named = met & looked.named
            met = named if filtered and named.any() else met & looked.held
        if filtered and not self.topics():
            return met
        near = np.zeros_like(met) if self.spoken is None else self._near(met, filtered)
        relevance = self.relevance(met, filtered, near)
        found = np.asarray(met & (relevance >= 0.5))
        if self.spoken is not None and self.spoken.meant[np.argmax(relevance * found)]:
            found &= ~self.spoken.of_others
        return found

    def _near(self, met: Mask, filtered: bool) -> Mask:
        """The models that decide where the list ends, all that may be the best or near it: what they weigh is exact."""
        near = np.zeros_like(met)
        if met.any():
            near[np.argmax(np.where(met, self.weight(met, filtered, near), -np.inf))] = True
            for share in (BESIDE, LEAST):
                weight = self.weight(met, filtered, near)
                if share == BESIDE or _has_step(weight[met], weight[near].max()):
                    near |= met & (weight >= share * weight[near].max())
        return near

    def marked(self) -> list[Looked]:
        """The words that have to stand there as they are."""
        return [looked for looked in self.scores.words if is_marked(looked.word)]

    def topics(self) -> list[Looked]:
        """The words that say what a model should be about."""
        return [looked for looked in self.scores.words if is_topic(looked.word)]


def end(weights: Scores, best: float) -> float:
    """The weight at which a list ends; what is below `LEAST` of the best need not be exact."""
    if _has_step(weights, best):
        least = LEAST * best
        weights = np.append(-np.sort(-weights[weights >= least]), least)
        steps = np.minimum(weights[:-1], MOST * best) - weights[1:]
        widest = np.argmax(steps)
        if steps[widest] >= STEP * best:
            return float(weights[widest] + weights[widest + 1]) / 2
    return max(CUT, BESIDE * best)


def _has_step(weights: Scores, best: float) -> bool:
    """Whether a step is looked for: where anything is found, and few are near the best."""
    return bool(best >= CUT and np.count_nonzero(weights >= BESIDE * best) <= FEW)


def is_topic(word: str) -> bool:
    return not (word in english().generic or is_marked(word) or (is_told(word) and topical().isdisjoint(forms(word))))


def is_marked(word: str) -> bool:
    """Whether a word is a name that has to stand there as it is: `v1`, `resnet18`."""
    return any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word) and word not in _FLAT


_FLAT = frozenset(["1d", "2d", "3d", "4d"])
"""Numbers of dimensions, which are plain words."""
