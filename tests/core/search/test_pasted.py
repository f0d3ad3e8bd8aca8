"""Filters of MLflow and expressions of Aim are read as chips; any other line stays as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.catalog.reading import Reader
from core.search.answer import Answer
from core.search.pasted import unpasted
from core.search.reading import read_question


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("params.lr = '0.001'", "learning_rate:0.001"),
        ("metrics.accuracy > 0.9 and params.lr = '0.001'", "metrics.accuracy>0.9 learning_rate:0.001"),
        ("params.optimizer != \"SGD\" AND params.`batch size` >= 64", "optimizer!=SGD batch_size>=64"),
        ("params.dataset IN ('mnist', 'celeba')", "datasets:MNIST,CelebA"),
        ("params.dataset NOT IN ('mnist')", "-datasets:MNIST"),
        ("params.optimizer LIKE 'ada%'", "optimizer:ada*"),
        ("run.hparams.lr < 0.01 and run.hparams['batch_size'] == 64", "learning_rate<0.01 batch_size:64"),
        ("run.metrics.loss < 0.5", "metrics.loss<0.5"),
        ("(params.lr > 0.05 or params.epochs <= 5) and not params.optimizer = 'Adam'",
         "(learning_rate>0.05 OR epochs<=5) -optimizer:Adam"),
        ("run.hparams.gamma > 0.98", "settings.gamma>0.98"),
        ("tags.best = 'yes'", "tag:yes"),
        ("tags.mlflow.runName = 'lab/faces/dcgan'", "id:lab/faces/dcgan"),
        ("run.created_at >= datetime(2025, 2, 1)", "created>=2025-02-01"),
        ('metric.name == "loss" and metric.context.subset == "val"', "has:metrics.loss"),
        ('metric.name == "loss" and metric.last < 0.5', "has:metrics.loss metrics.loss<0.5"),
        ('metric.name == "loss" and run.lr < 0.01', "has:metrics.loss learning_rate<0.01"),
    ],
)  # fmt: skip
def test_a_pasted_filter_is_chips(line: str, read: str, reader: Reader) -> None:
    query = read_question(line, reader)
    assert str(query) == read and not query.bad
    assert read_question(str(query), reader) == query


def test_a_pasted_filter_is_answered(ask: Callable[[str], Answer]) -> None:
    assert set(ask("params.dataset = 'MNIST' and params.lr < 0.0008").ids) == {"lab/digits/ae/v2/train"}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "and",
        "run",
        "metrics",
        "the params.lr",
        "params.lr",
        "params.lr = ",
        "runs and metrics",
        "lr:<1e-3 -arch:gan",
    ],
)
def test_any_other_line_stays(line: str) -> None:
    assert unpasted(line) == line


def test_a_list_without_an_end_is_passed_over() -> None:
    assert unpasted(line := "metrics.x in (" + "a" * 1900) == line
