"""A made catalogue of any size, for the benchmarks of searching."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import modelsearch  # noqa: E402, F401  (loads the packages from the checkout; forbids numpy its threads, as the app does)

# isort: split
import duckdb  # noqa: E402
import numpy as np  # noqa: E402

from core.catalog import text_index  # noqa: E402
from core.catalog.generations import ROUNDED, VECTORS  # noqa: E402
from core.catalog.reading import Reader  # noqa: E402
from core.catalog.rounded import write_rounded  # noqa: E402
from core.catalog.schema import DIMENSIONS, TABLES, VERSION  # noqa: E402
from core.protocols import TextEmbedder  # noqa: E402
from core.vocabulary import fold, load  # noqa: E402

PASSAGES = 10
"""Passages of a model."""
WORDS = [
    f"{a}{b}" for a in ("train", "load", "image", "graph", "token", "noise", "layer", "sample") for b in range(250)
]
VERBS = [
    "classify",
    "generate",
    "translate",
    "segment",
    "denoise",
    "compress",
    "predict",
    "describe",
    "detect",
    "rank",
]
OBJECTS = [
    "faces",
    "flowers",
    "sentences",
    "photographs",
    "molecules",
    "songs",
    "digits",
    "clothes",
    "games",
    "roads",
]
WAYS = [
    "noise",
    "attention",
    "convolutions",
    "recurrence",
    "graphs",
    "rewards",
    "masks",
    "distances",
    "kernels",
    "votes",
]
SENTENCES = [f"{verb} {what} with the help of {way}" for verb in VERBS for what in OBJECTS for way in WAYS]
"""What passages begin with; a passage's vector is its sentence's, a little aside."""
ASIDE = 0.5


def make(catalog: Path, count: int, embedder: TextEmbedder | None) -> Reader:
    """A catalogue of `count` models with about 25 facts each, written in bulk."""
    random_ = random.Random(1)
    folder = catalog / "g000001-bench"
    folder.mkdir(parents=True)
    db = duckdb.connect(str(folder / "catalogue.duckdb"))
    db.execute(TABLES)
    name = embedder.name if embedder else "none"
    db.execute("INSERT INTO meta VALUES ('version', ?), ('embedder', ?)", [str(VERSION), name])
    db.execute("INSERT INTO root (path, label, offline) VALUES ('/data', 'data', false)")
    _insert(db, "model", [_model(number) for number in range(count)])
    _insert(db, "fact", [fact for number in range(count) for fact in _facts(number, random_)])
    said = [random_.randrange(len(SENTENCES)) for _ in range(count * PASSAGES)]
    texts = [f"{SENTENCES[number]} {' '.join(random_.choices(WORDS, k=20))}" for number in said]
    _insert(db, "passage", [_passage(number, text) for number, text in enumerate(texts)])
    db.close()
    place = ("/f.py", 1, 2, None)
    text_index.build(folder / "text", ((number, number // PASSAGES, text, place) for number, text in enumerate(texts)))
    vectors = np.random.default_rng(1).standard_normal((len(texts), DIMENSIONS)).astype(np.float32)
    if embedder is not None:
        vectors *= ASIDE / np.sqrt(DIMENSIONS)
        vectors += embedder.embed(SENTENCES)[said]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors.tofile(folder / VECTORS)
    write_rounded(folder / ROUNDED, vectors)
    (catalog / "CURRENT").write_text(folder.name)
    return Reader.open(catalog)


def _insert(db: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write("\n".join(map(json.dumps, rows)))
        file.flush()
        db.execute(f"INSERT INTO {table} BY NAME SELECT * FROM read_json('{file.name}', format='newline_delimited')")


def _model(number: int) -> dict[str, Any]:
    id = f"data/{number % 100:03d}/{number:06d}/train"
    day = f"{2020 + number % 6}-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
    return {
        "number": number,
        "id": id,
        "path": f"/{id}.py",
        "kind": "script",
        "aliases": [],
        "root": "/data",
        "offline": False,
        "created": f"{day}T12:00:00+00:00",
        "modified": f"{day}T12:00:00+00:00",
        "created_day": day,
        "modified_day": day,
        "created_at": float(number),
        "modified_at": float(number),
        "created_from": "git",
        "modified_from": "git",
        "author": "A",
        "commits": 1,
        "size": 1000,
        "lines": 100,
        "warnings": [],
        "files": [],
        "writes": "[]",
        "digest": "",
        "grid": json.dumps({"id": [id], "path": [f"/{id}.py"]}),
        "found_warnings": [],
    }


def _facts(number: int, random_: random.Random) -> list[dict[str, Any]]:
    vocabulary = load()
    said: list[tuple[str, Any]] = [
        (field, term.name)
        for field in ("architecture", "datasets", "framework", "optimizer", "loss", "hardware")
        for term in random_.sample(vocabulary.terms(field)[:25] or vocabulary.terms(field), 2)
    ] + [
        ("batch_size", 2 ** random_.randint(2, 10)),
        ("learning_rate", 10 ** random_.uniform(-5, 0)),
        ("epochs", random_.randint(1, 300)),
    ]
    said += [(f"settings.{random_.choice(WORDS)}", random_.randint(0, 100)) for _ in range(10)]
    return [
        {
            "model": number,
            "position": place,
            "field": field,
            "value": json.dumps(value),
            "folded": fold(str(value)),
            "number": value if not isinstance(value, str) else None,
            "file": "/f.py",
            "line": place + 1,
            "end_line": place + 1,
            "how": "module constant",
            "stage": "",
        }
        for place, (field, value) in enumerate(said)
    ]


def _passage(number: int, text: str) -> dict[str, Any]:
    return {
        "number": number,
        "model": number // PASSAGES,
        "kind": "code",
        "text": text,
        "hash": str(number),
        "file": "/f.py",
        "line": 1,
        "end_line": 2,
    }
