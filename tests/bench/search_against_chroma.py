"""Search beside ChromaDB: `python tests/bench/search_against_chroma.py [MODELS]` (10,000).

ChromaDB gets the same passages and the vectors of the same embedder; a question's time is the embedding and the query
in both. Then the set F1 of both over the questions in zoo_questions.json, ChromaDB's answer being the models of its
nearest 10 passages. It is installed into an environment of its own under the cache folder, never into the project's.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from search import ROOT, make

from core.catalog.reading import Reader
from core.folders import folder
from core.library import Library
from core.protocols import TextEmbedder
from core.search.answering import answer, hits
from models import text_embedder

T = TypeVar("T")
CHROMA = "chromadb==1.5.9"
ROUNDS = 30
HITS = 50
NEAREST = 10
"""Passages whose models are ChromaDB's answer to a question of the zoo."""
TEXTS = ("turn noise into pictures of faces {n}", "translate sentences {n}", "an agent that learns to balance {n}")
FILTERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("datasets:{datasets} optimizer:{optimizer}", {}),
    ("datasets:{datasets} lr:<1e-2", {"learning_rate": {"$lt": 0.01}}),
    ("architecture:{architecture} epochs:>100 batch:<=256", {"epochs": {"$gt": 100}, "batch_size": {"$lte": 256}}),
)
"""Filters in our grammar and what of them is a comparison in ChromaDB's; names stand in both."""


def environment() -> Path | None:
    """The Python of an environment that has ChromaDB; None where it cannot be installed."""
    home = folder("cache") / "bench" / CHROMA.replace("=", "-")
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    installed = subprocess.run([python, "-c", "import chromadb"], capture_output=True).returncode == 0
    if not installed:
        installed = subprocess.run([python, "-m", "pip", "install", "-q", CHROMA], capture_output=True).returncode == 0
    return python if installed else None


class Chroma:
    """The passages in a ChromaDB that is asked question by question."""

    def __init__(self, python: Path, scratch: str, vectors: Any, passages: Sequence[Any]) -> None:
        np.save(Path(scratch) / "vectors.npy", vectors)
        (Path(scratch) / "passages.json").write_text(json.dumps(passages))
        command = [python, Path(__file__).with_name("in_chroma.py"), scratch]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, vector: Any, where: Any, count: int) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"vector": vector.tolist(), "where": where, "count": count}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        self._process.communicate()


def about(reader: Reader) -> list[dict[str, Any]]:
    """The first value of every main field, by model: ChromaDB's metadata."""
    fields = ("architecture", "datasets", "optimizer", "batch_size", "learning_rate", "epochs")
    found: list[dict[str, Any]] = [{} for _ in reader.ids()]
    for model, field, value in reader.query("SELECT model, field, value FROM fact ORDER BY model, position"):
        if field in fields:
            found[model].setdefault(field, json.loads(value))
    return found


def questions(known: list[dict[str, Any]]) -> dict[str, list[tuple[str, str, Any]]]:
    """By kind: our line, its free text, ChromaDB's `where`."""
    alone = [TEXTS[n % len(TEXTS)].format(n=n) for n in range(ROUNDS)]
    found: dict[str, list[tuple[str, str, Any]]] = {"free text": [(f'text:"{text}"', text, None) for text in alone]}
    found["free text and two filters or more"] = mixed = []
    for n, text in enumerate(alone):
        line, where = FILTERS[n % len(FILTERS)]
        names = {
            name: known[n * 7 % len(known)][name]
            for name in ("datasets", "optimizer", "architecture")
            if f"{{{name}}}" in line
        }
        both = [{name: value} for name, value in (names | where).items()]
        quoted = {name: f'"{value}"' for name, value in names.items()}
        mixed.append((f'{line.format(**quoted)} text:"{text}"', text, {"$and": both}))
    return found


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Milliseconds, and what came of it."""
    began = time.perf_counter()
    made = work()
    return (time.perf_counter() - began) * 1e3, made


def compare_times(python: Path, count: int, embedder: TextEmbedder) -> None:
    """Each question is asked of both in turn, so that a busy machine slows both."""
    with tempfile.TemporaryDirectory() as scratch:
        reader = make(Path(scratch) / "catalog", count, embedder)
        known = about(reader)
        rows = reader.query("SELECT text, model FROM passage ORDER BY number")
        chroma = Chroma(python, scratch, reader.vectors, [(text, known[model]) for text, model in rows])
        chroma.ask(reader.vectors[0], None, HITS)

        def ours(line: str) -> object:
            return hits(answer(line, reader, lambda: embedder, None), reader, 0, HITS)

        for kind, asked in questions(known).items():
            ours(asked[0][0].replace("0", "warm"))
            times: list[tuple[float, float, float]] = []
            for line, text, where in asked:
                mine, _ = timed(lambda line=line: ours(line))
                embedding, vector = timed(lambda text=text: embedder.embed([text])[0])
                product, _ = timed(lambda vector=vector: reader.vectors @ vector)
                times.append((mine, embedding + chroma.ask(vector, where, HITS)["ms"], embedding + product))
            mine, theirs, floor = (statistics.median(each) for each in zip(*times, strict=True))
            print(f"{kind}: ours {mine:.1f} ms, ChromaDB {theirs:.1f} ms, the floor {floor:.1f} ms;", end=" ")
            print(f"ours takes {mine / theirs:.2f} of ChromaDB's time, {mine / floor:.2f} of the floor's")
        chroma.close()
        reader.close()


def f1(found: set[str], wanted: set[str]) -> float:
    """1 where both are empty."""
    return 2 * len(found & wanted) / (len(found) + len(wanted)) if found or wanted else 1.0


def compare_sets(python: Path, embedder: TextEmbedder) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        library = Library(Path(scratch) / "catalog", lambda: embedder)
        library.index([ROOT / "assets" / "zoo"])
        reader = library.reader()
        rows = reader.query("SELECT text, id FROM passage p JOIN model m ON m.number = p.model ORDER BY p.number")
        asked = json.loads(Path(__file__).with_name("zoo_questions.json").read_text())
        chroma = Chroma(python, scratch, reader.vectors, [(text, {"model": id}) for text, id in rows])
        theirs = [chroma.ask(embedder.embed([each["question"]])[0], None, NEAREST) for each in asked]
        chroma.close()
        wanted = [{f"zoo/{id}" for id in each["ids"]} for each in asked]
        mine = [set(library.search(each["question"]).ids) for each in asked]
        other = [{rows[number][1] for number in got["passages"]} for got in theirs]
        for name, sets in (("ours", mine), ("ChromaDB", other)):
            scores = [f1(found, right) for found, right in zip(sets, wanted, strict=True)]
            exact = sum(score == 1 for score in scores)
            print(f"{name}: set F1 {statistics.mean(scores):.3f}, exact {exact} of {len(asked)} questions on the zoo")
        library.close()


def main() -> None:
    embedder, python = text_embedder.load(), environment()
    if embedder is None or python is None:
        print(f"skipped: {'the embedder is not set up' if embedder is None else f'{CHROMA} cannot be installed'}")
        return
    compare_times(python, int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, embedder)
    compare_sets(python, embedder)


if __name__ == "__main__":
    main()
