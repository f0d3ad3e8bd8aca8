"""The HNSW index is built for large catalogues only, and kept only where it finds what exact search finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.catalog import nearness
from core.catalog.connecting import connect
from core.catalog.schema import DIMENSIONS, TABLES

Matrix = NDArray[np.float32]


def vectors(clusters: int, each: int) -> Matrix:
    chance = np.random.default_rng(1)
    made = np.repeat(chance.normal(size=(clusters, DIMENSIONS)), each, axis=0)
    made += 0.05 * chance.normal(size=made.shape)
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def index(folder: Path, matrix: Matrix) -> float | None:
    connection = connect(folder / "x.duckdb", read_only=False)
    connection.execute(TABLES)
    columns = {f"c{i}": np.ascontiguousarray(matrix[:, i]) for i in range(DIMENSIONS)}
    connection.register("v", {"number": np.arange(len(matrix)), **columns})
    names = ", ".join(columns)
    connection.execute(f"INSERT INTO passage (number, embedding) SELECT number, array_value({names}) FROM v")
    connection.unregister("v")
    try:
        return nearness.add_index(connection, matrix)
    finally:
        connection.execute("CHECKPOINT")
        connection.close()


def test_small_catalogues_have_no_index(tmp_path: Path) -> None:
    assert index(tmp_path, vectors(10, 10)) is None


def test_a_good_index_is_kept_and_the_catalogue_opens_without_the_extension(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearness, "FROM", 500)
    matrix = vectors(10, 60)
    recall = index(tmp_path, matrix)
    assert recall is not None and recall >= nearness.LEAST_RECALL
    connection = connect(tmp_path / "x.duckdb", read_only=True)
    assert connection.execute("SELECT count(embedding) FROM passage").fetchall() == [(600,)]
    nearness.load_vss(connection)
    found = [number for number, _ in nearness.nearest(connection, matrix[7], 5)]
    assert set(found) == set(np.argsort(-(matrix @ matrix[7]))[:5].tolist())
    connection.close()


def test_an_index_that_finds_too_little_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearness, "FROM", 500)
    monkeypatch.setattr(nearness, "WIDTH", 1)
    assert index(tmp_path, vectors(600, 1)) is None
    connection = connect(tmp_path / "x.duckdb", read_only=True)
    assert connection.execute("SELECT count(*) FROM duckdb_indexes()").fetchall() == [(0,)]
