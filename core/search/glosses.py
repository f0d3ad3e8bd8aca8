"""Tasks, families and environments in plain words: free text is compared with them, and so finds models by their facts.

"describe a photograph in words" is near to the description of image captioning, whatever words a script uses. What is
compared are two sentences, which is what the embedder was trained for; a sentence and a piece of code are much harder.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.catalog.columns import Columns
from core.catalog.matching import names_meant
from core.catalog.ranking import Ranking, cosines_of
from core.catalog.word_index import Scores
from core.vocabulary import Vocabulary, fold, load

if TYPE_CHECKING:
    from core.protocols import TextEmbedder

FIELDS = ("task", "architecture", "environment")
TECHNIQUE = "technique"
"""What no field holds; the models that show it are known by their words."""
NEAR = 0.5
"""Cosine from which a description is what the text speaks of."""
BESIDE = 0.1
"""How far below the nearest description another may lie and still be meant."""
WIDER = 0.2
"""How far below it a family may lie that some model is, where no model is known to show anything as near."""
AS_NEAR = 0.05
"""How far below the nearest task, family or environment another may lie and be meant as much."""
SURE = 0.6
"""Cosine from which a text surely speaks of a task, so that models that are known to be for another are not meant."""
SHORTEST = 5
"""Letters of the shortest name that is looked up in the models' text."""
SHORTEST_CALLED = 3
"""The same in their ids, of which each word counts: `knn`."""
GENERAL = ("classification", "regression", "reconstruction", "data generation")
"""Tasks that say how a model learns, not of what: it may still be for a special one that its text names."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the nearest descriptions say of each model: a task or family `stated` by a fact, a technique `shown` by its
    words, a task or family `told` by its text: the description's cosine, 0 where nothing."""

    stated: Scores
    shown: Scores
    singled: Scores
    """The same as `shown`, less the more models show it."""
    told: Scores
    otherwise: NDArray[np.bool_]
    """The models known to be for something else, where the text surely speaks of a task that others are for."""
    nearest: float
    """The cosine of the nearest description, 0 where none is near."""
    meant: NDArray[np.bool_]
    """The models of the nearest task, family or environment that any is of, where the text surely speaks of it."""
    of_others: NDArray[np.bool_]
    """Those known to be of another than that."""

    @property
    def named(self) -> Scores:
        """How well a description names each model, by its facts or its words."""
        return np.maximum(self.stated, self.shown)


class Glosses:
    """The descriptions and their vectors by one embedder."""

    def __init__(self, vocabulary: Vocabulary, embedder: TextEmbedder) -> None:
        techniques = vocabulary.table("techniques", "techniques")
        self._words = {
            name: [each for line in spec["words"] for each in _numbers(line)] for name, spec in techniques.items()
        }
        says = [(field, name, text) for field in FIELDS for name, text in vocabulary.table("glosses", field).items()]
        says += [(TECHNIQUE, name, spec["says"]) for name, spec in techniques.items()]
        texts = [[text] if isinstance(text, str) else text for *_, text in says]
        self.names = [(field, name) for field, name, _ in says]
        self._starts = np.cumsum([0, *map(len, texts)])[:-1]
        self._vocabulary = vocabulary
        self._vectors = embedder.remember(
            [
                text if place else f"{name}: {text}"
                for (_, name), of in zip(self.names, texts, strict=True)
                for place, text in enumerate(of)
            ]
        )

    def near(
        self, vector: NDArray[np.float32], columns: Columns, ranking: Ranking, text: str = "", beside: float = BESIDE
    ) -> list[tuple[str, str, float]]:
        """What a text speaks of, each with its cosine, the nearest first.

        Of families and environments there are more than are described here, so that one which no model is known to be
        of, nor called after, says nothing against the others. A task that the text calls by its name ("object detection
        in photographs") is the one that it means, however near others are."""
        called = self._tasks_called(text)
        cosines = np.maximum.reduceat(cosines_of(self._vectors, vector), self._starts)
        near: list[tuple[str, str, float]] = []
        for place in np.argsort(-cosines):
            (field, name), cosine = self.names[place], float(cosines[place])
            if cosine < max(NEAR, near[0][-1] - beside if near else 0.0):
                break
            if called and field == "task" and not self._is_kin(name, called):
                continue
            if field in ("task", TECHNIQUE) or self._stated(field, name, columns, ranking).any():
                near.append((field, name, cosine))
        return near

    def _families(
        self, vector: NDArray[np.float32], columns: Columns, ranking: Ranking
    ) -> list[tuple[str, str, float]]:
        """The families that surely do what a text speaks of, "group points around centres", though no model is known to
        be for it."""
        wide = self.near(vector, columns, ranking, beside=WIDER)
        return [each for each in wide if each[0] == "architecture" and each[-1] >= SURE]

    def _tasks_called(self, text: str) -> list[str]:
        """The special tasks that a text calls by a name of two words or more."""
        said = f" {text.casefold()} "
        terms = (term for term in self._vocabulary.terms("task") if term.name not in GENERAL)
        return [
            term.name
            for term in terms
            if any(" " in name and f" {name} " in said for name in (term.name, *term.aliases))
        ]

    def _is_kin(self, task: str, others: Sequence[str]) -> bool:
        """Whether a task is one of the others, or a kind of it, or it a kind of this."""
        kinds = (task, *self._vocabulary.parents("task", task))
        return any(other in kinds or task in self._vocabulary.parents("task", other) for other in others)

    def spoken(self, vector: NDArray[np.float32], columns: Columns, ranking: Ranking, text: str = "") -> Spoken:
        stated, shown, singled, told = np.zeros((4, ranking.count))
        near = self.near(vector, columns, ranking, text)
        known = columns.column("task").where(ranking.count, lambda value: value is not None)
        of = [self._of(field, name, columns, ranking) for field, name, _ in near]
        if near and not np.any(of):
            families = self._families(vector, columns, ranking)
            near, of = near + families, of + [self._of(field, name, columns, ranking) for field, name, _ in families]
        for (field, name, cosine), here in zip(near, of, strict=True):
            if field == TECHNIQUE:
                rarity = np.log1p(ranking.count / (1 + here.sum())) / np.log1p(ranking.count / 2)
                shown, singled = np.maximum(shown, cosine * here), np.maximum(singled, cosine * rarity * here)
            else:
                stated = np.maximum(stated, cosine * here)
                of_another = self._of_another(field, name, columns, ranking.count) & (not here.any())
                says = self._told(field, name, ranking) & ~of_another
                told = np.maximum(told, cosine * (says | self._called(field, name, ranking)))
        sure = bool(stated.max(initial=0.0) >= SURE)
        nearest = near[0][-1] if near else 0.0
        meant, of_others = self._meant(near, of, columns, ranking.count)
        return Spoken(stated, shown, singled, told, known & (stated == 0) & sure, nearest, meant, of_others)

    def _meant(
        self, near: Sequence[tuple[str, str, float]], of: Sequence[NDArray[np.bool_]], columns: Columns, count: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """The models of the nearest fact that any is of, and of what is as near, "sentiment or entailment", and those
        known to be of another; none if unsure."""
        sure = [
            (field, cosine, here)
            for (field, _, cosine), here in zip(near, of, strict=True)
            if cosine >= SURE and field != TECHNIQUE and here.any()
        ]
        if not sure:
            return np.zeros(count, bool), np.zeros(count, bool)
        field, nearest, _ = sure[0]
        meant = np.logical_or.reduce([here for _, cosine, here in sure if cosine >= nearest - AS_NEAR])
        return meant, columns.column(field).where(count, lambda value: value is not None) & ~meant

    def _of(self, field: str, name: str, columns: Columns, ranking: Ranking) -> NDArray[np.bool_]:
        """The models that a description is of: by their words for a technique, by their facts for all else."""
        if field == TECHNIQUE:
            return self._shown(name, ranking)
        stated = self._stated(field, name, columns, ranking)
        if field == "task" and not stated.any():
            wider = [parent for parent in self._vocabulary.parents(field, name) if parent not in GENERAL]
            stated = _any(ranking, (self._stated(field, parent, columns, ranking) for parent in wider))
        return stated

    def _of_another(self, field: str, name: str, columns: Columns, count: int) -> NDArray[np.bool_]:
        """The models known for a special task that a task is no kind of."""
        kinds = (None, name, *GENERAL, *self._vocabulary.parents(field, name))
        return columns.column("task").where(count, lambda value: field == "task" and value not in kinds)

    def _stated(self, field: str, name: str, columns: Columns, ranking: Ranking) -> NDArray[np.bool_]:
        """The models whose facts say it, or that are called after it: `adaboost.py`."""
        by_facts = columns.column(field).where(ranking.count, names_meant(field, name, self._vocabulary))
        return by_facts | self._called(field, name, ranking)

    def _shown(self, name: str, ranking: Ranking) -> NDArray[np.bool_]:
        """The models whose text or names hold what a technique leaves there."""
        lines = [line.split(" + ") for line in self._words[name]]
        held = {part: ranking.words.showing(part) for line in lines for part in line}
        shown: NDArray[np.bool_] = np.logical_or.reduce(
            [np.logical_and.reduce([held[part] for part in line]) for line in lines]
        )
        return shown

    def _called(self, field: str, name: str, ranking: Ranking) -> NDArray[np.bool_]:
        """The models whose id has its name, or an alias."""
        words = [word for word in self._names_of(field, name) if len(fold(word)) >= SHORTEST_CALLED]
        words += [word[:-1] for word in words if len(word) > SHORTEST and word.endswith("s") and word[-2:] != "ss"]
        return _any(ranking, map(ranking.words.calling, words))

    def _told(self, field: str, name: str, ranking: Ranking) -> NDArray[np.bool_]:
        """The models whose text has its name, or an alias."""
        words = (word for word in self._names_of(field, name) if len(fold(word)) >= SHORTEST)
        return _any(ranking, (ranking.words.holding(word, phrase=True) for word in words))

    def _names_of(self, field: str, name: str) -> tuple[str, ...]:
        term = self._vocabulary.term(field, name)
        return (term.name, *term.aliases) if term else ()


def _any(ranking: Ranking, masks: Iterable[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.logical_or.reduce([np.zeros(ranking.count, bool), *masks])
    return found


def _numbers(words: str) -> list[str]:
    """What a technique leaves in a text; the plural too of what tells it alone: "hypernetwork", "hypernetworks"."""
    last = words.split()[-1]
    plural = "+" not in words and len(last) > SHORTEST and last.isalpha() and last[-1] not in "sy"
    return [words, f"{words}s"] if plural else [words]


_KEPT: dict[str, Glosses] = {}
_LOCK = threading.Lock()


def glosses_of(embedder: TextEmbedder) -> Glosses:
    """The descriptions by this embedder, embedded once a process."""
    with _LOCK:
        if embedder.name not in _KEPT:
            _KEPT[embedder.name] = Glosses(load(), embedder)
        return _KEPT[embedder.name]
