"""Embedding: ONNX Runtime against plain torch on the same texts, and float32 against int8 in speed and in ranking.

    python tests/bench/embedding.py [--passages N]

Prints ratios. The texts are passages of this project's own sources, the questions are docstrings' first lines, each of
which should find the passage that it was taken from (the docstring itself is left out of the passage).
"""

from __future__ import annotations

import argparse
import ast
import logging
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import modelsearch  # noqa: E402, F401  (loads the packages from the checkout)
from models import sessions, text_embedder  # noqa: E402
from models.export import encoder  # noqa: E402
from models.safetensors import read_tensors  # noqa: E402
from models.weights import MINILM  # noqa: E402


def pairs() -> list[tuple[str, str]]:
    """(first line of the docstring, code without it) of every documented function and class of the project."""
    found = []
    for path in sorted(p for name in ("core", "models", "tui") for p in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and (text := ast.get_docstring(node)):
                node.body = node.body[1:] or [ast.Pass()]
                found.append((text.partition("\n")[0], ast.unparse(node)[:1500]))
    return found


def torch_embedder(embedder: text_embedder.OnnxTextEmbedder):
    import torch

    torch.set_num_threads(sessions.THREADS)
    weights = MINILM.path()
    assert weights is not None
    network = encoder(read_tensors(weights))

    def embed(texts: list[str]) -> np.ndarray:
        tokens = embedder._tokens(texts)
        vectors = np.zeros((len(texts), 384), np.float32)
        with torch.inference_mode():
            for rows in text_embedder._batches(tokens):
                vectors[rows] = network(torch.tensor([tokens[row] for row in rows])).numpy()
        return vectors

    return embed


def int8_embedder(folder: Path) -> text_embedder.OnnxTextEmbedder:
    """The same graph with its matrix products in int8 (dynamic quantisation), in a folder of its own."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)
    given = text_embedder.embedder_folder()
    model = folder / text_embedder.MODEL_FILE
    quantize_dynamic(given / text_embedder.MODEL_FILE, model, weight_type=QuantType.QInt8, per_channel=True)
    (folder / text_embedder.TOKENIZER_FILE).write_bytes((given / text_embedder.TOKENIZER_FILE).read_bytes())
    return text_embedder.OnnxTextEmbedder(folder)


def timed(embed, texts: list[str]) -> tuple[float, np.ndarray]:
    embed(texts[:4])
    start = time.perf_counter()
    vectors = embed(texts)
    return time.perf_counter() - start, vectors


def mean_reciprocal_rank(questions: np.ndarray, passages: np.ndarray) -> float:
    scores = questions @ passages.T
    ranks = (scores > scores.diagonal()[:, None]).sum(1) + 1
    return float((1 / ranks).mean())


def first_ten(questions: np.ndarray, passages: np.ndarray) -> list[set[int]]:
    return [set(row) for row in np.argsort(-(questions @ passages.T), axis=1)[:, :10].tolist()]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--passages", type=int, default=300)
    count = parser.parse_args().passages
    embedder = text_embedder.load()
    if embedder is None:
        sys.exit(text_embedder.missing())
    given = pairs()[:count]
    questions, passages = [q for q, _ in given], [p for _, p in given]
    with tempfile.TemporaryDirectory() as folder:
        contenders = {"onnx fp32": embedder.embed, "torch fp32": torch_embedder(embedder)}
        contenders["onnx int8"] = int8_embedder(Path(folder)).embed
        results = {name: timed(embed, passages) for name, embed in contenders.items()}
        asked = {name: embed(questions) for name, embed in contenders.items()}
    base, vectors = results["torch fp32"]
    wanted = first_ten(asked["torch fp32"], vectors)
    print(f"{len(passages)} passages, {sessions.THREADS} threads")
    for name, (seconds, found) in results.items():
        cosine = (found * vectors).sum(1).mean()
        rank = mean_reciprocal_rank(asked[name], found)
        rate = len(passages) / seconds
        kept = np.mean([len(a & b) / 10 for a, b in zip(wanted, first_ten(asked[name], found), strict=True)])
        print(f"{name:10}  {base / seconds:5.2f} x torch  {rate:6.1f}/s  cosine to torch {cosine:.4f}", end="  ")
        print(f"MRR {rank:.3f}  first ten as torch {kept:.2f}")
    start = time.perf_counter()
    for question in questions[:50]:
        embedder.embed([question])
    print(f"one question: {(time.perf_counter() - start) / min(50, len(questions)) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
