"""What analysing collections costs, against parsing the same files with `ast.parse`; the bar is 6.

    python tests/bench/analysis_cost.py [FOLDER...]

Two ratios are printed for each folder and for all of them, each the least of some measurements by the least of as
many, taken in turn:

- processor: seconds of the processor that one process needs to read, outline, place and analyse everything, by those
  that it needs to parse. Other work on the machine changes them little.
- wall: seconds by the clock for the same work as indexing does it, by its worker processes on all cores, by those that
  one process needs to parse. They mean something only while nothing else runs. The processes are started before, as an
  index run starts them while it looks for files.

Each folder is one collection, read as a whole. Without one, the demo collection is measured.
"""

from __future__ import annotations

import ast
import functools
import gc
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

import modelsearch  # noqa: F401  (loads the packages beside it)
from core.analysis.analyser import analyse
from core.analysis.discovery import discover
from core.analysis.magics import without_magics
from core.analysis.outline import Outline, outline
from core.analysis.source import Source, read_source
from core.indexing.tasks import Analysing, Outlined, Outlining
from core.indexing.worker import COLLECTING
from core.indexing.workers import Pool

ZOO = Path(__file__).parents[2] / "assets" / "zoo"
KINDS = (".py", ".ipynb", ".yaml", ".yml", ".json", ".toml", ".md")
LARGEST = 5_000_000
TIMES = 4


class Cost(NamedTuple):
    """Seconds: parsing and analysing by the processor, parsing and analysing on all cores by the clock."""

    parsing: float
    analysing: float
    parsing_wall: float
    analysing_wall: float


def files_of(folder: Path) -> list[str]:
    files = [p for p in sorted(folder.rglob("*")) if p.suffix in KINDS and ".git" not in p.parts and p.is_file()]
    return [str(p) for p in files if p.stat().st_size < LARGEST]


def in_one_process(files: list[str], root: str) -> int:
    """Analyse everything here; how many models there are."""
    sources = {path: read_source(path) for path in files}
    read = functools.cache(lambda path: sources[path] if path in sources else read_source(path))
    found = discover({path: outline(source) for path, source in sources.items()}, root)
    for candidate in found:
        analyse(candidate, read)
    return len(found)


def on_all_cores(files: list[str], root: str, pool: Pool) -> int:
    """Analyse everything as indexing does it; how many models there are."""
    told = pool.perform([Outlining(path) for path in files], bool)
    outlines = (Outline.from_json(json.loads(done.outline or "{}")) for _, done in told if isinstance(done, Outlined))
    found = discover({made.path: made for made in outlines if made is not None}, root)
    return sum(1 for _ in pool.perform([Analysing(candidate) for candidate in found], bool))


def code_of(source: Source) -> Iterable[str]:
    """What there is to parse in a file."""
    if source.kind == "notebook":
        return [without_magics(cell.text) for cell in source.cells if cell.kind == "code"]
    return [source.text] if source.kind == "python" and source.tree is not None else []


def parse(texts: Iterable[str]) -> None:
    for text in texts:
        with suppress(SyntaxError):
            ast.parse(text)


def took(clock: Callable[[], float], work: Callable[[], object]) -> float:
    """Seconds of one measurement."""
    gc.collect()
    before = clock()
    work()
    return clock() - before


def by_the_clock(files: list[str], root: str) -> float:
    """Seconds of analysing everything on all cores, with processes that have read nothing of it yet."""
    with Pool() as pool:
        pool.get_ready(sys.maxsize)
        on_all_cores(files_of(ZOO)[:60], str(ZOO), pool)  # they load what they need
        before = time.perf_counter()
        on_all_cores(files, root, pool)
        return time.perf_counter() - before


def measure(folder: Path) -> tuple[int, int, Cost]:
    """Files, models, and what they cost."""
    files, root = files_of(folder), str(folder)
    texts = [text for path in files for text in code_of(read_source(path))]
    models = in_one_process(files, root)
    measured = [
        Cost(
            took(time.process_time, lambda: parse(texts)),
            took(time.process_time, lambda: in_one_process(files, root)),
            took(time.perf_counter, lambda: parse(texts)),
            by_the_clock(files, root),
        )
        for _ in range(TIMES)
    ]
    return len(files), models, Cost(*map(min, zip(*measured, strict=True)))


def show(name: str, files: int, models: int, cost: Cost) -> None:
    seconds = " ".join(f"{each:8.3f}" for each in cost)
    by_processor, by_clock = cost.analysing / cost.parsing, cost.analysing_wall / cost.parsing_wall
    print(f"{name[-36:]:36} {files:6} {models:6} {seconds} {by_processor:9.1f} {by_clock:6.1f}", flush=True)


def main() -> None:
    gc.set_threshold(*COLLECTING)  # as in the processes that index
    warnings.simplefilter("ignore")  # the collections' own
    folders = [Path(name).resolve() for name in sys.argv[1:]] or [ZOO]
    print(
        f"{len(os.sched_getaffinity(0))} cores; seconds of parsing and of everything, by the processor and by the clock"
    )
    print(f"{'folder':36} {'files':>6} {'models':>6} {'parse':>8} {'all':>8} {'parse':>8} {'all':>8} processor   wall")
    measured = []
    for folder in folders:
        measured.append(measure(folder))
        show(str(folder), *measured[-1])
    files, models, costs = zip(*measured, strict=True)
    show("total", sum(files), sum(models), Cost(*map(sum, zip(*costs, strict=True))))


if __name__ == "__main__":
    main()
