"""Products of bytes are exact, and their graph is what `onnx` takes for one."""

from __future__ import annotations

import numpy as np
import pytest

from models.products import graph, multiplier


@pytest.mark.parametrize("count", [1, 7, 1000, 40_000])
def test_products_are_exact(count: int) -> None:
    random = np.random.default_rng(count)
    matrix = random.integers(-128, 128, (384, count)).astype(np.int8)
    vector = random.integers(-63, 64, 384).astype(np.int8)
    assert np.array_equal(multiplier(matrix)(vector), vector.astype(np.int32) @ matrix)


def test_the_largest_products_are_exact() -> None:
    multiply = multiplier(np.array([[-128, 127]] * 384, np.int8))
    for component in (-63, 63):
        assert multiply(np.full(384, component, np.int8)).tolist() == [-128 * component * 384, 127 * component * 384]


def test_the_matrix_may_be_read_only() -> None:
    matrix = np.ones((384, 3), np.int8)
    matrix.flags.writeable = False
    assert multiplier(matrix)(np.ones(384, np.int8)).tolist() == [384] * 3


def test_the_graph_is_what_onnx_reads() -> None:
    onnx = pytest.importorskip("onnx")
    read = onnx.ModelProto()
    read.ParseFromString(graph(384, 100_000))
    assert read.SerializeToString() == graph(384, 100_000)
    assert [node.op_type for node in read.graph.node] == ["MatMulInteger"]
    assert list(read.graph.initializer[0].dims) == [384, 100_000]
