"""Time of `modelsearch diff A B`, the whole process, against importing DuckDB: limit 1.5 times that and 150 ms."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNS = 10
PROGRAM = [sys.executable, str(ROOT / "modelsearch.py")]


def seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - begun


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        catalog = ["--catalog", folder]
        subprocess.run([*PROGRAM, "index", str(ROOT / "assets" / "zoo"), *catalog], check=True, capture_output=True)
        listed = subprocess.run([*PROGRAM, "list", *catalog], check=True, capture_output=True, text=True).stdout
        first, second = (line.split("\t")[0] for line in listed.splitlines()[:2])
        diff = [*PROGRAM, "diff", first, second, *catalog]
        peer = [sys.executable, "-c", "import duckdb"]
        seconds(diff), seconds(peer)
        pairs = [(seconds(peer), seconds(diff)) for _ in range(RUNS)]
    floor, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    limit = 1.5 * floor + 0.150
    print(f"import duckdb {floor * 1000:.0f} ms, diff {ours * 1000:.0f} ms, {ours / limit:.2f} of the limit")


if __name__ == "__main__":
    main()
