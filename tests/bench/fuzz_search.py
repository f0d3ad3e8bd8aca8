"""Whatever is typed is read: `python tests/bench/fuzz_search.py [LINES]` (100,000), one in fifty of them answered.

Prints the longest time of reading and of answering one line; an exception, a line that does not read back as itself, or
one that takes over a second ends it with what it was.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import modelsearch  # noqa: E402, F401  (loads the packages from the checkout)
from core.search.answering import answer, hits  # noqa: E402
from core.search.reading import read_question  # noqa: E402
from tests.core.search.made import COLLECTION, WordEmbedder, make_catalogue  # noqa: E402
from tests.core.search.test_fuzz import mutated  # noqa: E402

EVERY = 50
LONGEST = 1.0
"""Seconds of the processor that one line may take."""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    random_ = random.Random(1)
    slowest = {"read": 0.0, "answered": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        reader = make_catalogue(Path(folder) / "catalog", COLLECTION)
        for number in range(count):
            line = mutated(random_)
            began = time.process_time()
            query = read_question(line, reader)
            slowest["read"] = max(slowest["read"], time.process_time() - began)
            if read_question(str(query), reader) != query:
                raise SystemExit(f"reads back as another query: {line!r}")
            if number % EVERY == 0:
                began = time.process_time()
                hits(answer(query, reader, WordEmbedder, None), reader, 0, 50)
                slowest["answered"] = max(slowest["answered"], time.process_time() - began)
            if max(slowest.values()) > LONGEST:
                raise SystemExit(f"takes over {LONGEST} s: {line!r}")
        reader.close()
    print(f"{count} lines read, {-(-count // EVERY)} answered; the longest took", end=" ")
    print(" and ".join(f"{seconds * 1e3:.0f} ms to be {name}" for name, seconds in slowest.items()))


if __name__ == "__main__":
    main()
