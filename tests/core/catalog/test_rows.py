"""The row of a model in the grid."""

from __future__ import annotations

from core.analysis.facts import Place
from core.artifacts.records import Artefacts, Checkpoint, Metric
from core.catalog.model import Dates
from core.catalog.rows import found_of, make_row, with_found

ROW = make_row({"id": ("a",)}, (), Dates("2025-01-01", "2025-01-01", "file", "file", "", 0), 10, 2)


def test_a_row_counts_what_was_left_behind_and_holds_the_metrics() -> None:
    place = Place("/a/log.csv", 2, 2)
    checkpoint = Checkpoint("/a/m.pt", "torch", 9, None, None, (), "2025-01-01", True, "written")
    found = Artefacts(checkpoints=(checkpoint,), metrics=(Metric("loss", 0.5, "", 1, place),))
    row = with_found(ROW, found)
    assert (row["images"], row["checkpoints"], row["metrics"], row["metrics.loss"]) == ((), (1,), ("loss",), (0.5,))
    assert {**ROW, **found_of(row)} == row


def test_what_is_gone_is_counted_no_longer() -> None:
    place = Place("/a/log.csv", 2, 2)
    row = with_found(ROW, Artefacts(metrics=(Metric("loss", 0.5, "", 1, place),)))
    assert with_found(row, Artefacts()) == ROW


def test_a_metric_of_a_split_is_there_with_its_split_too() -> None:
    place = Place("/a/log.csv", 2, 2)
    found = Artefacts(metrics=tuple(Metric("loss", value, split, 1, place) for value, split in ((1, "train"), (2, ""))))
    row = with_found(ROW, found)
    assert (row["metrics"], row["metrics.loss"], row["metrics.train_loss"]) == (("loss",), (1, 2), (1,))
