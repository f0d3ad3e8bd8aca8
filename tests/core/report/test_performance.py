"""What is said of a run is what its logs hold."""

from __future__ import annotations

import pytest

from core.analysis.facts import Place
from core.artifacts.records import Artefacts, Metric
from core.report.comparing import quantities, rank_claims
from core.report.performance import better, insights, metric_label, metric_table, performance
from tests.core.report.making import LINEAR, RUN, VAE, series


@pytest.mark.parametrize(
    ("name", "split", "label"),
    [
        ("loss", "validation", "validation loss"),
        ("val_loss", "validation", "validation loss"),
        ("val/loss", "validation", "validation loss"),
        ("train_acc", "train", "training acc"),
        ("training", "train", "training"),
        ("loss", "", "loss"),
        ("loss_d", "", "loss_d"),
        ("validity", "validation", "validation validity"),
        ("x\n\x1b[2J", "", "x [2J"),
    ],
)
def test_a_metric_is_named_with_its_split_once(name: str, split: str, label: str) -> None:
    assert metric_label(name, split) == label


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("loss", "lower"),
        ("val_loss", "lower"),
        ("test/accuracy", "higher"),
        ("Episode return", "higher"),
        ("FID", "lower"),
        ("loss_d", None),
        ("generator_loss", None),
        ("lossless", None),
        ("kl", None),
        ("lr", None),
    ],
)
def test_which_way_is_better_is_said_only_where_the_name_tells(name: str, way: str | None) -> None:
    assert better(name) == way


def test_best_and_last_are_found_for_both_directions() -> None:
    artefacts = Artefacts(
        series=(series("loss", "validation", 3.0, 1.0, 2.0), series("accuracy", "validation", 0.5, 0.9, 0.7))
    )
    (table,) = metric_table(VAE, artefacts)
    assert {row[:4] for row in table.rows} == {
        ("validation loss", "3", "1 (epoch 2)", "2"),
        ("validation accuracy", "0.5", "0.9 (epoch 2)", "0.7"),
    }
    assert [claim.text for claim in insights(artefacts)] == [
        "The validation accuracy had its best value, 0.9, at epoch 2, 1 epoch before the end.",
        "The validation loss had its best value, 1, at epoch 2, 1 epoch before the end.",
    ]


def test_a_run_without_traces_is_said_to_have_none() -> None:
    assert [claim.text for claim in performance(VAE, Artefacts(), "It")] == [
        "No metric log, checkpoint or picture of it was found."
    ]


def test_what_did_not_change_is_not_said_to_have_fallen() -> None:
    (claim,) = performance(VAE, Artefacts(series=(series("x", "", 2.0, 2.0),)), "It")
    assert claim.text == "The x stayed at 2 between epochs 1 and 2."


def test_values_that_are_no_numbers_are_not_compared() -> None:
    """A run that diverged logs NaN or infinity: said, and kept out of rankings and ratios."""
    nan, inf = float("nan"), float("inf")
    place = Place("/data/log.csv", 1, 1)
    runs = [Artefacts(metrics=(Metric("loss", value, "test", None, place),)) for value in (nan, 0.5)]
    assert not [q for q in quantities([VAE, LINEAR], runs) if "loss" in q.name]
    told = " ".join(
        claim.text for claim in performance(VAE, Artefacts(series=(series("loss", "", 1.0, nan, inf),)), "It")
    )
    assert told == "The loss is not a finite number in 2 of its 3 values, first at epoch 2."


def test_what_several_runs_of_a_model_logged_is_not_compared() -> None:
    """Three seeds end on three returns: none of them is the model's."""
    seeds = tuple(Metric("return", float(seed), "", None, Place(f"/data/seed{seed}.csv", 1, 1)) for seed in range(3))
    runs = [Artefacts(metrics=seeds), Artefacts(metrics=seeds[:1])]
    assert not [q for q in quantities([VAE, LINEAR], runs) if "return" in q.name]


def test_rankings_name_all_who_share_a_place() -> None:
    three = [RUN, RUN, Artefacts()]
    from tests.core.report.making import GAN

    found = quantities([VAE, LINEAR, GAN], three)
    texts = [claim.text for claim in rank_claims([VAE, LINEAR, GAN], found)]
    assert (
        "The batch size is highest in gan/train (128) and lowest in linear/train and vae/train (64), a factor of 2."
        in texts
    )
    assert not any("loss" in text for text in texts)
