"""Where relevance ends. How the numbers were chosen and measured stands in docs/search.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.catalog.columns import Mask
from core.catalog.ranking import Looked, TextScores
from core.catalog.word_index import Scores
from core.search.english import english, spelt
from core.search.glosses import Spoken

COVERED = 0.7
"""Share of the words, weighted by rarity, that a model's text must hold to be relevant where there is no embedder."""

MEANING, WORDS, SHOWN, TOLD = 5.4, 4.0, 5.0, 2.6
"""What each kind of evidence weighs: the cosine of the nearest passage, the share of the question's words, and the
cosine of a description that the model's text shows (less the more models show it) or names."""
BELOW_DESCRIBED, BELOW_NEAREST, OTHERWISE = 1.4, 2.5, -0.9
"""What counts against a model: how far it is below the model whose facts, in plain words, are nearest; how far what
descriptions say of it is below the nearest description of all; and a task that is known to be another."""
CUT = 3.3
"""What the evidence must weigh."""
NAME, FEW, FEW_SHARE = 3, 8, 0.08
"""Words of the longest question for a name, and models, in number and in share, that it may mean."""
NARROWED = 1.0
"""How much less it must weigh where filters say a part of the question and have chosen the models."""
SAID, SEEN, MOST = 0.75, 0.7, 0.3
"""Cosine from which a description of a task or family is what is asked for: models whose facts state it belong; of a
technique: models whose text shows it, unless more than a share of all do."""
APART, SURELY_APART, NAMED_APART = 1.5, 0.5, 2.8
"""How far below the best a model may be that the nearest description does not name; so where that is surely meant;
and one whose facts it names as well as the best."""
TOLD_APART = 0.22
"""How much less near the facts of such a one may be in plain words: "draw new faces" is not for digits."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of how a free text and each model belong together."""

    scores: TextScores
    spoken: Spoken | None
    """None where there is no embedder."""

    def relevance(self, met: Mask, filtered: bool, exact: Mask) -> Scores:
        """One figure for each model, 0 to 1, among those that met the filters; 0.5 is where relevance ends.

        Exact for the models of a mask; for the others no less than that, which costs less."""
        if self.spoken is None:
            top = self.scores.bm25.max(initial=0.0) or 1.0
            return np.asarray(self.scores.coverage() * 0.5 / COVERED + 0.01 * self.scores.bm25 / top)
        return np.asarray(1 / (1 + np.exp(CUT - NARROWED * filtered - self._weight(self.spoken, met, exact))))

    def _weight(self, spoken: Spoken, met: Mask, exact: Mask) -> Scores:
        """Grows with the meaning, so that where that is no less than exact, this is."""
        described = np.nan_to_num(self.scores.described)
        weight = MEANING * np.nan_to_num(self.scores.meaning.of(exact)) + WORDS * self.scores.coverage()
        weight += SHOWN * spoken.singled + TOLD * spoken.told + OTHERWISE * spoken.otherwise
        weight += BELOW_DESCRIBED * (described - described[met].max(initial=0.0))
        return np.asarray(weight + BELOW_NEAREST * np.minimum(spoken.named - spoken.nearest, 0))

    def relevant(self, met: Mask, filtered: bool) -> Mask:
        """The models that the text is about, of those that met the filters."""
        for looked in self.scores.words:
            if is_marked(looked.word):
                met = met & looked.held
        if filtered and not self.topics():
            return met
        named = np.zeros_like(met)
        if self.spoken:
            spoken = self.spoken
            named = met & (self._worded(met) | (spoken.stated >= SAID) | spoken.meant | self._seen(spoken))
        hopeful = named | (met & (self.relevance(met, filtered, np.zeros_like(met)) >= 0.5))
        found: Mask = named | (met & (self.relevance(met, filtered, hopeful) >= 0.5))
        return found & self._beside(self.spoken, found) if self.spoken and found.any() else found

    def _beside(self, spoken: Spoken, found: Mask) -> Mask:
        """The models that are not far below the best, or as well named by a description."""
        weight, named = self._weight(spoken, found, found), spoken.named
        best, below = float(named[found].max()), weight[found].max() - weight
        described = np.nan_to_num(self.scores.described)
        alike = described >= described[found].max() - TOLD_APART
        as_well = (named >= best) & (best > 0) & (below <= NAMED_APART) & alike
        sure = best >= SAID or spoken.meant.any()
        beside: Mask = (below <= (SURELY_APART if sure else APART)) | as_well | self._worded(found)
        return beside

    @staticmethod
    def _seen(spoken: Spoken) -> Mask:
        """The models whose text shows the technique that is surely meant, where these are not many."""
        seen: Mask = spoken.shown >= SEEN
        return seen if seen.mean() <= MOST else np.zeros_like(seen)

    def _worded(self, met: Mask) -> Mask:
        """The few models that hold every one of few words: a question for a name."""
        held: Mask = met & (self.scores.coverage() >= 1 - 1e-9)
        few = len(self.scores.words) <= NAME and held.sum() <= max(FEW, FEW_SHARE * len(held))
        return held if few and any(map(is_name, self.scores.words)) else np.zeros_like(held)

    def topics(self) -> list[Looked]:
        """The words that say what a model should be about."""
        return [looked for looked in self.scores.words if is_topic(looked.word)]


def is_name(looked: Looked) -> bool:
    """Whether a word is none of English: `infogan`. A long notebook holds any three plain words somewhere; of words
    as short as "go" nobody keeps a list."""
    return len(looked.word) > 2 and looked.word not in spelt() and looked.word not in english().ordinary


def is_topic(word: str) -> bool:
    return word not in english().generic and not is_marked(word)


def is_marked(word: str) -> bool:
    """Whether a word is a name that has to stand there as it is: `v1`, `resnet18`."""
    return any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word) and word not in _FLAT


_FLAT = frozenset(["1d", "2d", "3d", "4d"])
"""Numbers of dimensions, which are plain words."""
