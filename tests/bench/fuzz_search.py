"""Whatever is typed is read: `python tests/bench/fuzz_search.py [LINES [SEED]]` (100,000 lines, seed 1).

One line in fifty is answered too, and every piece that lines are mutated with is read as one line of 4000 characters.
Prints each line that raises, does not read back as itself or takes over a second of the processor, then the longest
times; ends with 1 where there was one.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import modelsearch  # noqa: E402, F401  (loads the packages from the checkout)
from core.catalog.reading import Reader  # noqa: E402
from core.search.answering import answer, hits  # noqa: E402
from core.search.reading import read_question  # noqa: E402
from tests.core.search.made import COLLECTION, WordEmbedder, make_catalogue  # noqa: E402
from tests.core.search.test_fuzz import PIECES, SEEDS, mutated  # noqa: E402

T = TypeVar("T")
EVERY = 50
LONGEST = 1.0
"""Seconds of the processor that one line may take."""


def lines(count: int, random_: random.Random) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is answered."""
    yield from ((piece * (4000 // len(piece)), True) for piece in (*PIECES, *SEEDS))
    yield from ((mutated(random_), number % EVERY == 0) for number in range(count))


class Trial:
    """Tries lines on one catalogue and keeps the longest times."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.slowest = {"read": 0.0, "answered": 0.0}
        self.answered = 0
        self._late = ""

    def complaint(self, line: str, answered: bool) -> str:
        """What is wrong with how a line is treated; "" where nothing is."""
        try:
            self._late = ""
            query = self._timed("read", lambda: read_question(line, self._reader))
            if read_question(str(query), self._reader) != query:
                return "reads back as another query"
            if answered:
                self.answered += 1
                found = self._timed("answered", lambda: answer(query, self._reader, WordEmbedder, None))
                hits(found, self._reader, 0, 50)
        except Exception as error:  # the trial goes on: every line that fails is told
            return repr(error)
        return self._late

    def _timed(self, name: str, work: Callable[[], T]) -> T:
        began = time.process_time()
        done = work()
        took = time.process_time() - began
        self.slowest[name] = max(self.slowest[name], took)
        if took > LONGEST:
            self._late = f"takes {took:.1f} s to be {name}"
        return done


def main() -> int:
    count, seed = (int(word) for word in [*sys.argv[1:], *("100000", "1")[len(sys.argv) - 1 :]])
    tried = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        reader = make_catalogue(Path(folder) / "catalog", COLLECTION)
        read_question("the first question reads the vocabulary", reader)
        trial = Trial(reader)
        for line, answered in lines(count, random.Random(seed)):
            tried += 1
            if complaint := trial.complaint(line, answered):
                failed += 1
                print(f"{complaint}: {line[:300]!r}")
        reader.close()
    longest = " and ".join(f"{seconds * 1e3:.0f} ms to be {name}" for name, seconds in trial.slowest.items())
    print(f"{tried} lines read, {trial.answered} answered, {failed} of them wrongly; the longest took {longest}")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
