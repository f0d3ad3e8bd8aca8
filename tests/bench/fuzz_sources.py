"""Whatever stands in a script is analysed: `python tests/bench/fuzz_sources.py [CASES]` (10,000 by default).

Prints the slowest case; a failure, or a case that takes over two seconds of the processor, ends it with its seed and
leaves the source in `failed.py`.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import modelsearch  # noqa: F401  (loads the packages from the checkout)
from core.analysis.analyser import analyse
from core.analysis.discovery import discover
from core.analysis.facts import Candidate
from core.analysis.outline import outline
from core.analysis.source import read_source
from tests.core.analysis.mutating import mutated, scripts

LONGEST = 2.0
SOURCES = scripts()


def case(seed: int) -> tuple[int, float, str, list[str]]:
    """The seed, the seconds of the processor, the source and what failed."""
    text = mutated(SOURCES, random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.py"
        path.write_text(text, encoding="utf-8", newline="")
        began = time.process_time()
        try:
            source = read_source(str(path))
            discover({str(path): outline(source)}, folder)
            found = analyse(Candidate(str(path), "script", files=(str(path),)), lambda _: source)
            failed = [line for line in found.warnings if " failed: " in line]
        except Exception as error:
            failed = [f"{type(error).__name__}: {error}"]
    return seed, time.process_time() - began, text, failed


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    slowest, wrong = 0.0, 0
    with ProcessPoolExecutor() as workers:
        for seed, seconds, text, failed in workers.map(case, range(count), chunksize=50):
            slowest = max(slowest, seconds)
            if failed or seconds > LONGEST:
                wrong += 1
                Path("failed.py").write_text(text, encoding="utf-8", newline="")
                print(f"seed {seed}: {seconds:.2f} s {failed}", flush=True)
    print(f"{count} cases: {wrong} failed or took over {LONGEST} s; the slowest took {slowest:.2f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
