"""What is found by way of bytes is what exact search finds: how far a product is off is known for any vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.catalog.rounded import CHUNK, MOST_ASKED, read_rounded, rounded, write_rounded
from core.catalog.schema import DIMENSIONS
from tests.core.search.made import WordEmbedder

WIDTH = 12
COMPONENTS = st.floats(-1, 1, width=32)


def unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > 1e-6, vectors / np.where(lengths > 1e-6, lengths, 1), 0).astype(np.float32)


@given(
    arrays.arrays(np.float32, (5, WIDTH), elements=COMPONENTS),
    arrays.arrays(np.float32, (1, WIDTH), elements=COMPONENTS),
)
def test_a_product_is_no_further_off_than_is_said(vectors: np.ndarray, vector: np.ndarray) -> None:
    vectors, (vector,) = unit(vectors), unit(vector)
    passages = rounded(vectors)
    near, off = passages.products(vector, WordEmbedder().multiplier(passages.codes))
    assert (np.abs(near - vectors.astype(np.float64) @ vector) <= off).all()


def test_a_product_is_not_far_off() -> None:
    random = np.random.default_rng(1)
    vectors = unit(random.standard_normal((200, DIMENSIONS)))
    passages = rounded(vectors)
    _, off = passages.products(vectors[0], WordEmbedder().multiplier(passages.codes))
    assert off.max() < 0.03


def test_a_question_is_rounded_to_seven_bits() -> None:
    codes = rounded(np.eye(DIMENSIONS, dtype=np.float32)[:3], MOST_ASKED).codes
    assert codes.max() == 63


def test_they_are_read_as_they_were_written(tmp_path: Path) -> None:
    vectors = unit(np.random.default_rng(2).standard_normal((CHUNK + 3, DIMENSIONS)))
    vectors[5] = 0
    write_rounded(tmp_path / "v", vectors)
    written, expected = read_rounded(tmp_path / "v", len(vectors)), rounded(vectors)
    assert written is not None
    for name in ("codes", "steps", "errors"):
        assert np.array_equal(getattr(written, name), getattr(expected, name))


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_file_of_another_size_is_not_read(tmp_path: Path, count: int) -> None:
    write_rounded(tmp_path / "v", np.ones((3, DIMENSIONS), np.float32))
    assert read_rounded(tmp_path / "v", count) is None
    assert read_rounded(tmp_path / "nothing", 3) is None
