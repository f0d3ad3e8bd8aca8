"""Runs inside ChromaDB's own environment: `python in_chroma.py FOLDER`, for search_against_chroma.py.

FOLDER holds vectors.npy and passages.json (text, metadata). Each line of stdin is a question (vector, where, count),
each line of stdout its answer: milliseconds, and the numbers of the passages found.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import chromadb  # type: ignore[import-not-found, unused-ignore]
import numpy as np


def main() -> None:
    folder = Path(sys.argv[1])
    vectors = np.load(folder / "vectors.npy")
    passages = json.loads((folder / "passages.json").read_text())
    settings = chromadb.config.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(folder / "chroma"), settings=settings)
    found = client.create_collection("passages", metadata={"hnsw:space": "cosine"}, embedding_function=None)
    for start in range(0, len(vectors), 5000):
        part = slice(start, min(start + 5000, len(vectors)))
        found.add(
            ids=[str(number) for number in range(part.start, part.stop)],
            embeddings=vectors[part],
            documents=[text for text, _ in passages[part]],
            metadatas=[about for _, about in passages[part]],
        )
    for line in sys.stdin:
        ask = json.loads(line)
        vector = [np.array(ask["vector"], np.float32)]
        began = time.perf_counter()
        got = found.query(query_embeddings=vector, n_results=ask["count"], where=ask["where"])
        took = (time.perf_counter() - began) * 1e3
        print(json.dumps({"ms": took, "passages": [int(id) for id in got["ids"][0]]}), flush=True)


if __name__ == "__main__":
    main()
