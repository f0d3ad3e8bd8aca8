"""A thousand searches leave nothing behind: memory stays flat, no thread and no open file is added."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from pathlib import Path

import pytest

from core.catalog.reading import Reader
from core.search.answering import answer, hits
from tests.core.search.made import WordEmbedder

QUESTIONS = [
    "digits {n} trained with Adam",
    "lr:<0.01 -dataset:mnist sort:-epochs",
    "text:word{n}",
    "like:lab/digits/ae/v1/train epochs:>{n}",
    '"handwritten digits" -longer',
    "compare Keras models and PyTorch GANs",
    "models on Atari made before {n}",
]
DISTINCT = 60 * len(QUESTIONS)
"""Different questions: more than what a Ranking keeps, fewer than the caches of words hold."""
MOST_BYTES = 100_000
"""What a thousand questions may leave: a tenth of a kilobyte each."""


def ask(reader: Reader, numbers: range) -> None:
    for number in numbers:
        question = QUESTIONS[number % len(QUESTIONS)].format(n=number % DISTINCT)
        hits(answer(question, reader, WordEmbedder, None), reader, 0, 50)


def test_memory_is_flat_and_no_thread_or_file_is_left(reader: Reader) -> None:
    tracemalloc.start()
    try:
        ask(reader, range(500))  # what is kept on purpose is full now
        gc.collect()
        threads, files = threading.active_count(), open_files()
        before = tracemalloc.get_traced_memory()[0]
        ask(reader, range(500, 1500))
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < MOST_BYTES
    assert threading.active_count() == threads
    assert open_files() == files


def open_files() -> int:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("this system does not list a process's open files")
    return len(list(folder.iterdir()))


def test_threads_that_end_take_their_cursors_with_them(reader: Reader) -> None:
    alive = sum(type(each).__name__ == "DuckDBPyConnection" for each in gc.get_objects())
    for number in range(20):
        worker = threading.Thread(target=ask, args=(reader, range(number, number + 2)))
        worker.start()
        worker.join()
    gc.collect()
    assert sum(type(each).__name__ == "DuckDBPyConnection" for each in gc.get_objects()) <= alive + 1
