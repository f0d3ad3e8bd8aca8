"""Searches leave nothing behind: no memory, no thread, no open file, no cursor. The benchmark takes a thousand."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from pathlib import Path

import pytest

from core.catalog.columns import columns_of
from core.catalog.kept import Kept
from core.catalog.ranking import ranking_of
from core.catalog.reading import Reader
from core.search.answering import answer, hits
from core.search.lexicon import lexicon_of
from tests.core.search.made import COLLECTION, WordEmbedder, make_catalogue

QUESTIONS = [
    f"{question} {number}".replace("N", str(number))
    for number in range(5)
    for question in (
        "digits N trained with Adam",
        "lr:<0.01 -dataset:mnist sort:-epochs",
        "text:wordN",
        "like:lab/digits/ae/v1/train epochs:>N",
        '"handwritten digits" -longer',
        "compare Keras models and PyTorch GANs",
        "models on Atari made before N",
    )
]


def ask(reader: Reader, rounds: int) -> None:
    for question in QUESTIONS * rounds:
        hits(answer(question, reader, WordEmbedder, None), reader, 0, 50)


def test_searches_leave_no_memory_thread_or_file(reader: Reader) -> None:
    """The same questions again: all that is kept on purpose is kept by then.

    Blocks of memory are counted, not bytes. DuckDB leaves two or three for each statement; an answer that is left is
    dozens.
    """
    ask(reader, 2)
    blocks, threads, files = counted(), threading.active_count(), open_files()
    ask(reader, 3)
    assert counted() - blocks < 4 * 3 * len(QUESTIONS)
    assert threading.active_count() == threads
    assert open_files() == files


def counted() -> int:
    gc.collect()
    return sys.getallocatedblocks()


def open_files() -> int:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("this system does not list a process's open files")
    return len(list(folder.iterdir()))


def test_what_is_kept_is_bounded() -> None:
    kept: Kept[int, int] = Kept(3)
    for number in range(10):
        assert kept.get(number, lambda number=number: number) == number  # type: ignore[misc]
    assert [kept.peek(number) for number in range(10)] == [None] * 7 + [7, 8, 9]


def test_threads_that_end_take_their_cursors_with_them(reader: Reader) -> None:
    alive = cursors()
    for _ in range(5):
        worker = threading.Thread(target=ask, args=(reader, 1))
        worker.start()
        worker.join()
    assert cursors() <= alive + 1


def cursors() -> int:
    gc.collect()
    return sum(type(each).__name__ == "DuckDBPyConnection" for each in gc.get_objects())


def test_a_reader_takes_what_was_made_of_it_along(tmp_path: Path) -> None:
    """Each run of indexing makes a new generation: the columns, words and vectors of the last one go."""
    reader = make_catalogue(tmp_path / "catalog", COLLECTION)
    ask(reader, 1)
    made = [weakref.ref(make(reader)) for make in (columns_of, ranking_of, lexicon_of)]
    reader.close()
    del reader
    gc.collect()
    assert [each() for each in made] == [None, None, None]
