"""How long a question takes over a made catalogue: `python tests/bench/search.py [MODELS]` (10,000).

Prints for each kind of question the median and the 95th percentile of the time from the question to the total and the
first 50 hits with their reasons, beside what is demanded, and the floor for free text: embedding it and one matrix
product. The kinds and the floor are taken in turn, so that a busy machine slows all of them.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from made_catalogue import PASSAGES, make

from core.catalog.reading import Reader
from core.protocols import TextEmbedder
from core.search.answering import answer, hits, warm
from models import text_embedder

ROUNDS = 60
FACTS_ALONE = [
    "VAEs on MNIST",
    "learning rate below {n}e-4",
    "models without dropout trained with Adam",
    "batch size between 32 and {n}",
    "dataset:cifar10 lr:<1e-3 -architecture:gan sort:-epochs",
    "GANs or diffusion models created in 2024",
    "epochs>{n} optimizer:sgd",
]
WITH_TEXT = [
    "describe a photograph in words {n}",
    "transformers with noise{n} schedules",
    "image{n} and graph{n} on MNIST",
]


@dataclass
class Times:
    """Wall and processor time of one kind of work, in milliseconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take(self, work: Callable[[], object]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        self.wall.append((time.perf_counter() - wall) * 1e3)
        self.cpu.append((time.process_time() - cpu) * 1e3)

    def line(self, name: str, bar: tuple[int, int] | None = None) -> str:
        """Medians and 95th percentiles, beside the bar where there is one."""
        told = f"{name:15} wall {_both(self.wall)} ms   processor {_both(self.cpu)} ms"
        return told + (f"   bar: {bar[0]} and {bar[1]} ms" if bar else "")


def _both(times: list[float]) -> str:
    return f"{statistics.median(times):6.1f} (95 %: {statistics.quantiles(times, n=20)[-1]:6.1f})"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    embedder = text_embedder.load()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        reader = make(Path(folder) / "catalog", count, embedder)
        print(f"{count} models, {count * PASSAGES} passages, made in {time.perf_counter() - start:.0f} s")
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}: where it is high, compare with the floor")
        measure(reader, embedder)
        remember(reader, embedder)
        reader.close()


def remember(reader: Reader, embedder: TextEmbedder | None) -> None:
    """Print what a thousand searches leave in memory, after three hundred that fill what is kept on purpose."""

    def ask(numbers: range) -> int:
        for number in numbers:
            for line in (FACTS_ALONE[number % len(FACTS_ALONE)], WITH_TEXT[number % len(WITH_TEXT)]):
                hits(answer(line.format(n=number), reader, lambda: embedder, None), reader, 0, 50)
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    before = ask(range(150))
    grown = (ask(range(150, 650)) - before) / 1e6
    print(f"a thousand searches leave {grown:.1f} MB in memory, of {before / 1e6:.0f} (bar: flat)")


def measure(reader: Reader, embedder: TextEmbedder | None) -> None:
    def ask(questions: list[str], number: int) -> object:
        question = questions[number % len(questions)].format(n=number + 1)
        return hits(answer(question, reader, lambda: embedder, None), reader, 0, 50)

    def floor(number: int) -> object:
        return reader.vectors @ embedder.embed([f"describe image{number} in words"])[0] if embedder else None

    first, warming, first_text = Times(), Times(), Times()
    first.take(lambda: ask(FACTS_ALONE, 0))
    warming.take(lambda: warm(reader, lambda: embedder))
    first_text.take(lambda: ask(WITH_TEXT, 0))
    for name, times in (
        ("the first question of a process", first),
        ("what the first text needs, read in the background", warming),
        ("the first text", first_text),
    ):
        print(f"{name}: {times.wall[0]:.0f} ms, of them {times.cpu[0]:.0f} of the processor")
    facts, texts, floors = Times(), Times(), Times()
    for number in range(-len(FACTS_ALONE), ROUNDS):  # the first ones fill the columns
        for times, work in (
            (facts, lambda: ask(FACTS_ALONE, number)),  # noqa: B023
            (texts, lambda: ask(WITH_TEXT, number)),  # noqa: B023
            (floors, lambda: floor(number)),  # noqa: B023
        ):
            (times if number >= 0 else Times()).take(work)
    print(facts.line("facts alone", (10, 25)))
    print(texts.line("with free text", (20, 50)))
    if embedder is not None:
        print(floors.line("the floor") + "   (embedding the question, one matrix product)")
        ratio = statistics.median(own / least for own, least in zip(texts.cpu, floors.cpu, strict=True))
        print(f"with free text takes {ratio:.2f} times the processor time of the floor")


if __name__ == "__main__":
    main()
