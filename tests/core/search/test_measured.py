"""What is said of metrics, as the grammar says it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from core.catalog.columns import Columns
from core.search.measured import measured

LOGGED = {
    "loss": [0.5, 2.0],
    "val_loss": [0.7],
    "val/acc": [0.5, 0.93],
    "hits": [31.0, 88.0],
    "lr": [1e-3],
    "epoch": [9.0],
    "beta": [2.0],
}
COLUMNS = cast(
    Columns,
    SimpleNamespace(
        metric_names=tuple(LOGGED),
        settings=("beta", "loss"),
        column=lambda field: SimpleNamespace(values=LOGGED.get(field.removeprefix("metrics."), [])),
    ),
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("models with a validation accuracy of at least 90%", "models metrics.val/acc>=0.9"),
        ("over 90 percent val acc", "metrics.val/acc>0.9"),
        ("GANs whose training loss is below 1e-2", "GANs metrics.loss<0.01"),
        ("hits above 50%", "metrics.hits>50"),
        ("which GAN has the lowest validation loss", "which GAN sort:metrics.val_loss rank:1"),
        ("top 3 GANs by validation accuracy", "top 3 GANs sort:-metrics.val/acc"),
        ("sorted by val loss", "sort:metrics.val_loss"),
        ("compare the GANs by loss", "compare the GANs by loss"),
        ("val accuracy between 80 and 90", "metrics.val/acc:0.8..0.9"),
        ("runs with logged val accuracy", "runs has:metrics.val/acc"),
        ("worst loss", "sort:-metrics.loss rank:1"),
        ("which GAN has the lowest loss?", "which GAN sort:metrics.loss rank:1 ?"),
        ("is any loss below 1, or lr 0.1", "is any metrics.loss<1 , or lr 0.1"),
        ("best val acc", "sort:-metrics.val/acc rank:1"),
        ("which GANs have checkpoints?", "which GANs has:checkpoints ?"),
        ("VAEs without checkpoints or on MNIST", "VAEs -has:checkpoints or on MNIST"),
        ("runs that left some pictures behind", "runs has:images"),
        ("agents with no training logs", "agents -has:metrics"),
        ("with gradient checkpoints", "with gradient checkpoints"),
        ("with checkpoints every epoch", "with checkpoints every epoch"),
        ('"with checkpoints"', '"with checkpoints"'),
        ("highest perplexity", "highest perplexity"),  # which no run logged
        ("perplexity under 50", "metrics.perplexity<50"),
        ("loss weight above 3", "loss weight above 3"),
        ("loss below 20 epochs", "loss below 20 epochs"),
        ("without loss below 1", "without loss below 1"),
        ('"loss below 1"', '"loss below 1"'),
        ("metrics.loss<1", "metrics.loss<1"),
        ("GANs with an lr > 5e-4", "GANs with an lr > 5e-4"),  # a setting, though a run logged it
        ("highest epoch", "highest epoch"),
        ("beta above 1", "beta above 1"),
    ],
)
def test_a_metric_is_read(line: str, expected: str) -> None:
    assert measured(line, COLUMNS) == expected
