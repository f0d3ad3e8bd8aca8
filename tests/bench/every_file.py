"""Every Python file of a folder analysed as if it were a model, whatever it is.

    python tests/bench/every_file.py [FOLDER]       (default: all packages installed beside this Python)

Prints the slowest files, and each file on which anything failed or that took over `LONGEST` seconds of the processor;
ends with 1 if there is one.
"""

from __future__ import annotations

import sys
import sysconfig
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import modelsearch  # noqa: F401  (loads the packages beside it)
from core.analysis.analyser import analyse
from core.analysis.facts import Candidate
from core.analysis.outline import outline
from core.analysis.source import read_source

LONGEST = 2.0


def measure(path: str) -> tuple[str, float, list[str]]:
    """The file, the seconds of the processor that it took, and what failed."""
    began = time.process_time()
    try:
        source = read_source(path)
        outline(source)
        found = analyse(
            Candidate(path, "script", files=(path,)), lambda name: source if name == path else read_source(name)
        )
        failed = [warning for warning in found.warnings if " failed: " in warning]
    except Exception as error:
        failed = [f"{path}: {type(error).__name__}: {error}"]
    return path, time.process_time() - began, failed


def measured(folder: Path) -> Iterator[tuple[str, float, list[str]]]:
    files = sorted(str(path) for path in folder.rglob("*.py") if path.is_file())
    with ProcessPoolExecutor() as workers:
        yield from workers.map(measure, files, chunksize=20)


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else sysconfig.get_paths()["purelib"]).resolve()
    times: list[tuple[float, str]] = []
    wrong = 0
    for path, seconds, failed in measured(folder):
        times.append((seconds, path))
        wrong += bool(failed)
        for line in failed:
            print(f"failed {line}", flush=True)
    slow = sum(seconds > LONGEST for seconds, _ in times)
    for seconds, path in sorted(times, reverse=True)[:10]:
        print(f"{seconds:6.2f} s {Path(path).relative_to(folder)}")
    print(
        f"{len(times)} files in {sum(seconds for seconds, _ in times):.0f} s: {wrong} failed, {slow} over {LONGEST} s"
    )
    return 1 if wrong or slow else 0


if __name__ == "__main__":
    sys.exit(main())
