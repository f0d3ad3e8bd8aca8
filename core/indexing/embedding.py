"""The last stage: vectors for the passages that have none, published as they grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from core.catalog.writing import Vectors
from core.progress import Progress, Step
from core.protocols import TextEmbedder

BATCH = 64
"""Texts handed to the embedder at a time, of like length so that little is padded."""
FIRST_PUBLISHED = 1024
"""Embeddings that make the first generation worth its writing; then twice as many, and so on."""


def embed(
    texts: list[tuple[str, str]], embedder: TextEmbedder, progress: Progress, stop: Callable[[], bool]
) -> Iterator[Vectors]:
    """The vectors in parts of doubling size, so that each is worth a generation. Ends early once `stop()` is true."""
    start, size = 0, FIRST_PUBLISHED
    while start < len(texts) and not stop():
        part = texts[start : start + size]
        made = []
        for first in range(0, len(part), BATCH):
            if stop():
                break
            progress(Step("embed", start + first, len(texts)))
            made.append(embedder.embed([text for _, text in part[first : first + BATCH]]))
        if made:
            matrix = np.concatenate(made).astype(np.float32, copy=False)
            yield Vectors([hash for hash, _ in part[: len(matrix)]], matrix)
        start, size = start + size, size * 2
        progress(Step("embed", min(start, len(texts)), len(texts)))
