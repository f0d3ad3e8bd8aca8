"""Products of bytes are exact, and their graph is what `onnx` makes of its description."""

from __future__ import annotations

import numpy as np
import pytest

from models.products import GRAPH, products


@pytest.mark.parametrize("count", [0, 1, 7, 1000])
def test_products_are_exact(count: int) -> None:
    random = np.random.default_rng(count)
    rows = random.integers(-128, 128, (count, 384)).astype(np.int8)
    vector = random.integers(-63, 64, 384).astype(np.int8)
    assert np.array_equal(products(rows, vector), rows.astype(np.int32) @ vector.astype(np.int32))


def test_the_largest_products_are_exact() -> None:
    rows = np.array([[-128] * 384, [127] * 384], np.int8)
    for component in (-63, 63):
        found = products(rows, np.full(384, component, np.int8))
        assert found.tolist() == [-128 * component * 384, 127 * component * 384]


def test_the_graph_is_one_product_of_bytes() -> None:
    onnx = pytest.importorskip("onnx")
    make, kinds = onnx.helper, onnx.TensorProto
    graph = make.make_graph(
        [make.make_node("MatMulInteger", ["A", "B"], ["Y"])],
        "g",
        [
            make.make_tensor_value_info("A", kinds.INT8, ["n", "k"]),
            make.make_tensor_value_info("B", kinds.INT8, ["k", "m"]),
        ],
        [make.make_tensor_value_info("Y", kinds.INT32, ["n", "m"])],
    )
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)])
    model.ir_version = 8
    assert model.SerializeToString() == GRAPH
