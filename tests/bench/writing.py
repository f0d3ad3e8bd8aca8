"""Writing: tokens a second of the writer, reading and writing, and what a report costs with it and without.

    python tests/bench/writing.py [GGUF]

The limit to compare with, in the same run: what a bare loop over llama.cpp's decode reaches, with nothing chosen.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import modelsearch  # noqa: E402, F401  (loads the packages from the checkout)
from core.report.planning import plan  # noqa: E402
from core.report.prompting import prompt_for, writable  # noqa: E402
from core.report.writing import write_report  # noqa: E402
from models import writer  # noqa: E402
from tests.core.report.making import GAN, RUN, VAE  # noqa: E402

TOKENS = 64


def rate(seconds: float, tokens: int = TOKENS) -> float:
    return tokens / seconds


def main() -> None:
    gguf = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    start = time.perf_counter()
    pen = writer.load(gguf)
    if pen is None:
        sys.exit(writer.missing(gguf))
    print(f"{pen.name}: loaded in {time.perf_counter() - start:.2f} s, {writer._threads()} threads")
    claims = [claim for section in plan([VAE], [RUN]) for claim in section.claims if writable(claim)]
    llama = pen._llama

    for text in (prompt_for(claims[0]), prompt_for(claims[1])):
        start = time.perf_counter()
        first = next(pen.write(text, grammar="root ::= [a-zA-Z ,.]*"))
        again = "again, its fixed part held" if text != prompt_for(claims[0]) else f"{len(llama.tokens)} tokens"
        print(f"first piece {first!r} after {time.perf_counter() - start:.2f} s ({again})")

    llama.keep(0)
    llama.read([1])
    start = time.perf_counter()
    for _ in range(TOKENS):
        llama.read([1])
    bare = time.perf_counter() - start
    print(f"bare decoding: {rate(bare):.1f} tokens/s")
    for name, grammar in (("free", None), ("within a grammar", "root ::= [a-zA-Z0-9 ,.]*")):
        start = time.perf_counter()
        written = len(list(pen.write("Tell a long story about a river.", grammar=grammar, max_tokens=TOKENS)))
        seconds = time.perf_counter() - start
        print(
            f"{name}: {rate(seconds, written):.1f} tokens/s, {rate(seconds, written) / rate(bare):.2f} of bare decoding"
        )

    for models in ([VAE], [GAN, VAE]):
        took = []
        for make in (lambda: pen, lambda: None):
            start = time.perf_counter()
            report = write_report(models, [RUN] * len(models), "", make)
            took.append(time.perf_counter() - start)
            if report.writer:
                print(f"{len(models)} model(s): {report.written} written, {report.replaced} replaced")
        print(f"    {took[0]:.1f} s with the writer, {took[1] * 1000:.0f} ms without")


if __name__ == "__main__":
    main()
