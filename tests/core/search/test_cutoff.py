"""Where an answer ends, by evidence made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.catalog.columns import Mask
from core.catalog.ranking import Looked, Meaning, TextScores
from core.search.cutoff import BESIDE, CUT, FEW, LEAST, MEANING, NAMED, NARROWED, STEP, Evidence, is_topic
from core.search.glosses import Spoken

BEST = (CUT + 1.5) / MEANING
"""A cosine that is far enough by itself."""


def evidence(cosines: list[float], words: tuple[Looked, ...] = (), meant: Mask | None = None) -> Evidence:
    """Of models about which only the cosines of their nearest passages, and words, are known, and which are `meant`."""
    nothing = np.zeros(len(cosines))
    nobody = np.zeros(len(cosines), bool)
    meaning = Meaning(np.array(cosines), nobody.copy(), lambda asked: nothing)
    of, others = (nobody, nobody) if meant is None else (meant, ~meant)
    spoken = Spoken(nothing, nothing, nothing, nothing, nobody, 0.0, of, others)
    return Evidence(TextScores(words, nothing, meaning, nothing), spoken)


def found(of: Evidence, filtered: bool = False) -> list[bool]:
    everything: list[bool] = of.relevant(np.ones(len(of.scores.bm25), bool), filtered).tolist()
    return everything


def shares(*of_best: float) -> list[float]:
    """Cosines that weigh these shares of a best that is far enough."""
    return [BEST * share for share in of_best]


def test_a_list_ends_at_the_widest_step() -> None:
    assert found(evidence(shares(0.58, 1, 0.9, 0.6))) == [False, True, True, False]
    assert found(evidence(shares(0.7, 1, 0.72, 0.1))) == [False, True, False, False]
    assert found(evidence(shares(0.75, 1, 0.78, 0.1))) == [True, True, True, False]


def test_without_a_wide_step_those_near_the_best_are_meant() -> None:
    slope = np.arange(1, LEAST, -STEP / 2)
    assert found(evidence(shares(*slope))) == (slope >= BESIDE).tolist()


def test_no_step_is_looked_for_where_many_are_near() -> None:
    many = [0.9] * FEW
    assert found(evidence(shares(1, *many[1:], 0.78)))[-1]
    assert not found(evidence(shares(1, *many, 0.78)))[-1]


def test_those_of_another_task_are_not_meant_beside_a_best_that_is_of_the_nearest() -> None:
    cosines = shares(0.95, 1, 0.9)
    assert found(evidence(cosines, meant=np.array([False, True, True]))) == [False, True, True]
    assert found(evidence(cosines, meant=np.array([True, False, True]))) == [True, True, True]


def test_nothing_is_found_where_the_best_is_too_far() -> None:
    assert found(evidence([(CUT - 0.1) / MEANING, 0.1])) == [False, False]


def test_relevance_ends_at_one_half() -> None:
    of = evidence(shares(0.6, 1, 0.9))
    relevance = of.relevance(np.ones(3, bool), False, np.ones(3, bool))
    assert (relevance >= 0.5).tolist() == found(of) == [False, True, True]


def test_less_is_enough_where_filters_have_chosen() -> None:
    cosines = [(CUT - NARROWED + 0.1) / MEANING, 0.0]
    topic = Looked("protein", np.zeros(2, bool), np.zeros(2, bool), 1.0)
    assert found(evidence(cosines, (topic,))) == [False, False]
    assert found(evidence(cosines, (topic,)), filtered=True)[0]


def test_a_word_in_a_name_tells_more_than_one_in_a_text() -> None:
    word = Looked("spline", np.array([True, True]), np.array([False, True]), 1.0)
    of = evidence([0.3, 0.3], (word,))
    both, exact = np.ones(2, bool), np.ones(2, bool)
    text, name = of.relevance(both, False, exact)
    assert name > text
    assert np.log(name / (1 - name)) - np.log(text / (1 - text)) == pytest.approx(NAMED)


def test_what_may_be_near_is_compared_exactly() -> None:
    """A cosine that is only known to be at most so much neither sets the best nor belongs beside it."""
    most, exactly = np.array([0.9, BEST, 0.9]), np.array([0.1, BEST, BEST * 0.9])
    nothing, nobody = np.zeros(3), np.zeros(3, bool)
    of = Evidence(
        TextScores((), nothing, Meaning(most, ~nobody, lambda asked: exactly), nothing),
        Spoken(nothing, nothing, nothing, nothing, nobody, 0.0, nobody, nobody),
    )
    assert found(of) == [False, True, True]


def test_marked_words_have_to_stand_there() -> None:
    word = Looked("resnet18", np.array([True, False]), np.zeros(2, bool), 1.0)
    assert found(evidence([BEST, BEST], (word,))) == [True, False]


def test_behind_filters_a_marked_word_means_those_that_are_called_so() -> None:
    word = Looked("a2c", np.array([True, True]), np.array([False, True]), 1.0)
    assert found(evidence([BEST, BEST], (word,)), filtered=True) == [False, True]
    assert found(evidence([BEST, BEST], (word,))) == [True, True]


def test_what_is_only_told_of_a_model_is_no_topic() -> None:
    """Verbs and adverbs ask for nothing beside filters, unless the vocabulary describes something by them."""
    told = ("hammers", "conducted", "extends", "quickly", "settled")
    assert not any(map(is_topic, told))
    assert all(map(is_topic, ("galaxies", "protein", "painting", "quikdraw")))
    assert all(map(is_topic, ("growing", "halting", "restarts", "tune")))
