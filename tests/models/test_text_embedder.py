"""The exported embedder against published figures and torch. Skipped where `modelsearch setup` has not been run."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from models import text_embedder
from models.weights import MINILM

why = text_embedder.missing()
needs_embedder = pytest.mark.skipif(why is not None, reason=str(why))

TEXTS = [
    "a convolutional autoencoder",
    "x",
    "",
    "Züge – 漢字 \udcff",
    "loss " * 400,
    "learning rate of 0.001",
    "a GAN",
    "a VAE",
]


@pytest.fixture(scope="module")
def embedder() -> text_embedder.OnnxTextEmbedder:
    found = text_embedder.load()
    assert found is not None
    return found


@needs_embedder
def test_it_gives_the_similarities_that_its_authors_publish(embedder: text_embedder.OnnxTextEmbedder) -> None:
    """sbert.net, "Quickstart", all-MiniLM-L6-v2: 0.6660, 0.1046, 0.1411."""
    vectors = embedder.embed(["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."])
    near = vectors @ vectors.T
    assert np.allclose([near[0, 1], near[0, 2], near[1, 2]], [0.6660, 0.1046, 0.1411], atol=1e-4)


@needs_embedder
def test_a_text_has_one_vector_whatever_it_is_embedded_with(embedder: text_embedder.OnnxTextEmbedder) -> None:
    together = embedder.embed(TEXTS + [f"passage {number} of a file" for number in range(40)])[: len(TEXTS)]
    alone = np.vstack([embedder.embed([text]) for text in TEXTS])
    backwards = embedder.embed(TEXTS[::-1])[::-1]
    assert (together == alone).all() and (backwards == alone).all()


@needs_embedder
def test_vectors_are_of_unit_length_and_single_precision(embedder: text_embedder.OnnxTextEmbedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimensions) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.embed([]).shape == (0, 384)


@needs_embedder
def test_only_the_first_256_tokens_count(embedder: text_embedder.OnnxTextEmbedder) -> None:
    same = embedder.embed(["word " * 254, "word " * 254 + "diffusion", "word " * 253 + "diffusion"])
    assert (same[0] == same[1]).all() and not (same[0] == same[2]).all()


@needs_embedder
def test_it_can_be_called_from_many_threads(embedder: text_embedder.OnnxTextEmbedder) -> None:
    expected = embedder.embed(TEXTS)
    found: list[bool] = []

    def work() -> None:
        found.append(bool((embedder.embed(TEXTS) == expected).all()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4


@needs_embedder
def test_it_computes_what_torch_computes(embedder: text_embedder.OnnxTextEmbedder) -> None:
    torch = pytest.importorskip("torch", reason="torch (the extra `export`) is not installed")
    weights = MINILM.path()
    if weights is None:
        pytest.skip(f"the package {MINILM.package} is not installed")
    from models.export import encoder
    from models.safetensors import read_tensors

    network = encoder(read_tensors(weights))
    for text in TEXTS:
        (tokens,) = embedder._tokens([text])
        with torch.inference_mode():
            expected = network(torch.tensor([tokens])).numpy()
        assert np.abs(expected - embedder.embed([text])).max() < 1e-5


def test_without_the_export_there_is_none_and_it_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert text_embedder.load() is None
    reason = text_embedder.missing()
    assert reason is not None and "modelsearch setup" in reason and "\n" not in reason


def test_batches_hold_one_length_each_and_every_row_once() -> None:
    tokens = [[0] * length for length in [3, 900, 3, 5000, 5, 3, 900]]
    batches = list(text_embedder._batches(tokens))
    assert sorted(row for rows in batches for row in rows) == list(range(len(tokens)))
    assert all(len({len(tokens[row]) for row in rows}) == 1 for rows in batches)
    assert max(len(rows) * len(tokens[rows[0]]) for rows in batches if len(rows) > 1) <= text_embedder.TOKENS_A_BATCH


@needs_embedder
def test_what_ships_is_embedded_once(embedder: text_embedder.OnnxTextEmbedder, tmp_path: Path) -> None:
    home = text_embedder.embedder_folder()
    for name in (text_embedder.MODEL_FILE, text_embedder.TOKENIZER_FILE):
        (tmp_path / name).symlink_to(home / name)
    expected = embedder.embed(TEXTS[:2])
    assert (text_embedder.OnnxTextEmbedder(tmp_path).remember(TEXTS[:2]) == expected).all()
    (kept,) = tmp_path.glob("*.npy")
    (tmp_path / text_embedder.MODEL_FILE).unlink()
    assert (text_embedder.OnnxTextEmbedder(tmp_path).remember(TEXTS[:2]) == expected).all()
    kept.write_bytes(b"damaged")
    assert (_in(tmp_path, embedder).remember(TEXTS[:2]) == expected).all()
    assert (_in(tmp_path, embedder).remember(TEXTS[5:7]) == embedder.embed(TEXTS[5:7])).all()
    assert len(list(tmp_path.iterdir())) == 2  # the tokenizer, and the texts of this version alone


def _in(folder: Path, embedder: text_embedder.OnnxTextEmbedder) -> text_embedder.OnnxTextEmbedder:
    """The same network with another folder."""
    found = text_embedder.OnnxTextEmbedder(folder)
    found.__dict__.update({name: getattr(embedder, name) for name in ("_session", "_tokenizer")})
    return found
