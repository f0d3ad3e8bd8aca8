"""Whatever is typed is read: no exception, and the canonical line reads back as the same query."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.reading import Reader
from core.catalog.user import UserFile
from core.search.answer import Answer
from core.search.answering import answer, hits
from core.search.reading import read_question
from tests.core.search.made import WordEmbedder

SEEDS = [
    "models using autoencoder but not trained on MNIST, made before April",
    "samples of the GANs with and without dropout from epochs 10 to 20",
    "do the non-variational autoencoders use larger batches than the VAEs, GANs and RNNs compared?",
    "diffusion dataset:cifar10 created:2025-03 lr:<1e-3 -conditional",
    "batch size between 100 and 150 and at most 5 epochs",
    "compare the PyTorch VAEs with the ones in Keras",
    "show the samples of the digit autoencoder v1 at epoch 10",
    '("a phrase" OR kind:script,config) NOT has:scheduler sort:-lr limit:3',
    "what is the largest batch size of GANs created between January and March 2025?",
    "scripts in lab/digits that use neither Adam nor SGD, like:lab/faces/dcgan",
    "params:10M..200M gamma:>0.99 tag:best note:todo missing:optimizer optimizer:none",
    "MNIST vs CIFAR-10 from the last 7 days | q1 2024 (or may be summer 2023)",
    "resnet-50 with ~1e-4 <= lr != 3 or size:>10MB path:*ae* id:v1/train image.epoch:3 intent:images",
    "metrics.accuracy > 0.9 and params.lr = '0.001' or not run.hparams['batch size'] IN (32, \"64\")",
]
PIECES = [
    "(",
    ")",
    '"',
    "|",
    " OR ",
    " AND ",
    " NOT ",
    "-",
    ":",
    "..",
    "<",
    ">=",
    "!=",
    ",",
    " ",
    "\n",
    "é",
    "β",
    "'",
    "\\",
    "*",
    "?",
    "=",
    " not ",
    " without ",
    " or ",
    " and ",
    " between ",
    "0",
    "1e-3",
    "1e999",
    "9" * 30,
    "none",
    "%",
    "\x00",
    "\u202e",
    " vs ",
    " how do ",
    " what ",
    " use larger ",
    " than ",
    " in contrast to ",
    " leave ",
    " aside ",
    " then 5",
    "(more than ",
    "select * from runs where ",
    "params.",
    "nn.",
    " passes over the data",
    " thanks",
    "😀",
    "[",
    "]",
]


def mutated(random_: random.Random) -> str:
    line = list(random_.choice(SEEDS))
    for _ in range(random_.randint(0, 12)):
        place = random_.randrange(len(line) + 1)
        kind = random_.random()
        if kind < 0.4:
            line.insert(place, random_.choice(PIECES))
        elif kind < 0.7 and line:
            del line[place : place + random_.randint(1, 8)]
        else:
            other = random_.choice(SEEDS)
            start = random_.randrange(len(other))
            line.insert(place, other[start : start + random_.randint(1, 30)])
    return "".join(line)


def test_generated_questions_are_read_and_read_back(reader: Reader) -> None:
    random_ = random.Random(20250301)
    for _ in range(1000):
        line = mutated(random_)
        query = read_question(line, reader)
        assert read_question(str(query), reader) == query, line


def test_generated_questions_are_answered(reader: Reader, user: UserFile) -> None:
    random_ = random.Random(7)
    for _ in range(400):
        found = answer(mutated(random_), reader, WordEmbedder, user)
        assert len(found.ids) == len(found.scores) == len(set(found.ids))
        assert len(hits(found, reader, 0, 5)) == len(found.ids[:5])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.text(max_size=80))
def test_any_text_is_read_and_read_back(reader: Reader, line: str) -> None:
    query = read_question(line, reader)
    assert read_question(str(query), reader) == query


@pytest.mark.parametrize(
    "piece", ["<", ">=", "non-", "-only", "1-1 ", " vs a", "compare a and ", "a:b ", "a ", '"a" ', "-(", "mnist or "]
)
def test_a_long_line_is_read_and_read_back(piece: str, reader: Reader) -> None:
    query = read_question(piece * (4000 // len(piece)), reader)
    assert read_question(str(query), reader) == query


def test_a_deep_and_a_long_line_are_answered(ask: Callable[[str], Answer]) -> None:
    assert ask("(" * 5000 + "mnist" + ")" * 5000)
    assert ask("mnist " * 5000)


@pytest.mark.parametrize(
    "line",
    [
        'note:"a vs b"',
        'note:t"odo missing:op vs CIFAR-10 timizer optimizer:none',
        '"a VERSUS b" opt:adam',
        'compare note:"x and y" and tag:z',
        "“a vs b”",
        'tag:" OR best  note:todo',
        'compare note:"a: b" and tag:c',
    ],
)
def test_words_in_quotes_part_nothing(line: str, reader: Reader) -> None:
    query = read_question(line, reader)
    assert read_question(str(query), reader) == query
    assert len(query.cohorts) == (2 if line.startswith("compare") else 0)


@pytest.mark.parametrize("line", ["MNIST from q1 2025 but not 2024", "samples from epochs 10 to 10"])
def test_numbers_and_dates_are_read_back(line: str, reader: Reader) -> None:
    query = read_question(line, reader)
    assert read_question(str(query), reader) == query


def test_a_home_folder_of_no_user_is_read(ask: Callable[[str], Answer]) -> None:
    assert ask("~\0").ids == ()
    assert len(ask("compare MNIST vs ~\0x").cohorts) == 2
