"""Search beside ChromaDB: `search_against_chroma.py [--models N] [--key KEY.json --root NAME=FOLDER ...]`.

ChromaDB gets the same passages and the vectors of the same embedder; a question's time is the embedding and the query
in both, over a made catalogue of N models (10,000; 0: no times). Then the set F1 of both over questions with known
answers, ChromaDB's answer being the models of its nearest 10 passages: the questions of a key, a list of {"query",
"relevant": [NAME/path ...], "neutral"}, over the folders that it names, or those of zoo_questions.json.
It is installed into an environment of its own under the cache folder, never into the project's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from made_catalogue import ROOT, make

# isort: split
import numpy as np  # behind what forbids its threads, as the app does

from core.catalog.reading import Reader
from core.folders import folder
from core.library import Library
from core.protocols import TextEmbedder
from core.search.answering import answer, hits
from models import text_embedder

P = ParamSpec("P")
T = TypeVar("T")
CHROMA = "chromadb==1.5.9"
ROUNDS = 30
HITS = 50
NEAREST = 10
"""Passages whose models are ChromaDB's answer to a question with a known answer."""
ZOO = ROOT / "assets" / "zoo"
BARS = {"free text": 2.0, "free text and two filters or more": 1 / 3}
"""The share of ChromaDB's time that ours may take."""
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
        command = [str(python), str(Path(__file__).with_name("in_chroma.py")), scratch]
        own = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}  # modelsearch.py's
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=own)

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


def timed(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> tuple[float, T]:
    """Milliseconds, and what came of it."""
    began = time.perf_counter()
    made = work(*given, **named)
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
            for line, _, _ in asked[: len(FILTERS)]:
                ours(line)
            times: list[tuple[float, float, float]] = []
            for number, (line, text, where) in enumerate(asked):
                mine = timed(ours, line)[0] if number % 2 else 0.0
                embedding, (vector,) = timed(embedder.embed, [text])
                theirs = embedding + chroma.ask(vector, where, HITS)["ms"]
                mine = mine or timed(ours, line)[0]  # now the one goes first, now the other
                product, _ = timed(reader.vectors.__matmul__, vector)
                times.append((mine, theirs, embedding + product))
            mine, theirs, floor = (statistics.median(each) for each in zip(*times, strict=True))
            share = statistics.median(own / other for own, other, _ in times)
            print(f"{kind}: ours {mine:.1f} ms, ChromaDB {theirs:.1f} ms, the floor {floor:.1f} ms;", end=" ")
            print(f"ours takes {share:.2f} of ChromaDB's time (bar: {BARS[kind]:.2f})")
        chroma.close()
        reader.close()


def f1(found: set[str], wanted: set[str]) -> float:
    """1 where both are empty."""
    return 2 * len(found & wanted) / (len(found) + len(wanted)) if found or wanted else 1.0


Question = tuple[str, set[str], set[str]]
"""What is asked, the models that answer it, and those that are neither right nor wrong: by path or by id."""


def of_key(key: Path, roots: dict[str, Path]) -> list[Question]:
    """The questions of an answer key, models by path."""

    def paths(names: list[str]) -> set[str]:
        return {str(roots[name.partition("/")[0]] / name.partition("/")[2]) for name in names}

    asked = json.loads(key.read_text())
    return [(each["query"], paths(each["relevant"]), paths(each.get("neutral", []))) for each in asked]


def of_zoo() -> list[Question]:
    """The questions about the demo collection, models by id."""
    asked = json.loads(Path(__file__).with_name("zoo_questions.json").read_text())
    return [(each["question"], {f"zoo/{id}" for id in each["ids"]}, set()) for each in asked]


def compare_sets(python: Path, embedder: TextEmbedder, roots: Sequence[Path], asked: Sequence[Question]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        library = Library(Path(scratch) / "catalog", lambda: embedder)
        library.index(roots)
        reader = library.reader()
        paths = dict(reader.query("SELECT id, path FROM model"))
        judged = {name for _, right, neutral in asked for name in right | neutral}
        name_of = {id: path if path in judged else id for id, path in paths.items()}
        rows = reader.query("SELECT text, id FROM passage p JOIN model m ON m.number = p.model ORDER BY p.number")
        chroma = Chroma(python, scratch, reader.vectors, [(text, {"model": id}) for text, id in rows])
        near = [chroma.ask(embedder.embed([question])[0], None, NEAREST)["passages"] for question, _, _ in asked]
        chroma.close()
        theirs = [{name_of[rows[number][1]] for number in numbers} for numbers in near]
        mine = [{name_of[id] for id in library.search(question).ids} for question, _, _ in asked]
        for name, sets in (("ours", mine), ("ChromaDB", theirs)):
            scores = [f1(found - neutral, right) for found, (_, right, neutral) in zip(sets, asked, strict=True)]
            exact = sum(score == 1 for score in scores)
            print(f"{name}: set F1 {statistics.mean(scores):.3f}, exact {exact} of {len(asked)} questions")
        library.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--root", action="append", default=[], metavar="NAME=FOLDER")
    given = parser.parse_args()
    embedder, python = text_embedder.load(), environment()
    if embedder is None or python is None:
        print(f"skipped: {'the embedder is not set up' if embedder is None else f'{CHROMA} cannot be installed'}")
        return
    if given.models:
        compare_times(python, given.models, embedder)
    roots = {name: Path(folder).resolve() for name, _, folder in (each.partition("=") for each in given.root)}
    asked = of_key(given.key, roots) if given.key else of_zoo()
    compare_sets(python, embedder, list(roots.values()) or [ZOO], asked)


if __name__ == "__main__":
    main()
