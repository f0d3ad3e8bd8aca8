from __future__ import annotations

from pathlib import Path

import pytest

from core.compare.two import align, compare_two
from core.errors import BadInput
from tests.core.compare.building import layer, metric, model


def test_differing_rows_come_first_and_the_vocabulary_before_settings() -> None:
    a = model("a", {"settings.z_dim": 10, "optimizer": "Adam", "epochs": 5, "settings.gamma": 0.9})
    b = model("b", {"settings.z_dim": 20, "optimizer": "SGD", "epochs": 5, "settings.gamma": 0.9})
    rows = compare_two(a, b).rows
    assert [row.field for row in rows if not row.same] == ["optimizer", "settings.z_dim"]
    equal = [row.field for row in rows if row.same]
    assert equal.index("epochs") < equal.index("created") < equal.index("settings.gamma")
    assert [row.same for row in rows] == sorted(row.same for row in rows)


def test_a_row_holds_distinct_values_and_their_places() -> None:
    row = compare_two(model("a", {"datasets": ["MNIST", "CIFAR-10", "MNIST"]}), model("b")).rows[0]
    assert row.a == ("MNIST", "CIFAR-10")
    assert [place.line for place in row.place_a] == [1, 2]
    assert (row.b, row.place_b, row.same) == ((), (), False)


def test_the_order_of_values_is_no_difference() -> None:
    a, b = model("a", {"datasets": ["MNIST", "SVHN"]}), model("b", {"datasets": ["SVHN", "MNIST"]})
    assert all(row.same for row in compare_two(a, b).rows)


def test_a_known_none_differs_from_unknown_and_gives_way_to_a_value() -> None:
    none, unknown = model("a", {"optimizer": None}), model("b")
    row = next(row for row in compare_two(none, unknown).rows if row.field == "optimizer")
    assert (row.a, row.b, row.same) == ((None,), (), False)
    both = compare_two(model("a", {"optimizer": [None, "Adam"]}), unknown).rows[0]
    assert both.a == ("Adam",)
    assert len(both.place_a) == 1


def test_what_neither_knows_has_no_row() -> None:
    assert "optimizer" not in [row.field for row in compare_two(model("a"), model("b")).rows]


def test_metrics_are_rows_by_name_and_split() -> None:
    a = model("a", metrics=(metric("loss", 0.5, "validation"), metric("accuracy", 0.9)))
    b = model("b", metrics=(metric("loss", 0.4, "validation"),))
    rows = {row.field: row for row in compare_two(a, b).rows}
    assert (rows["metrics.loss (validation)"].a, rows["metrics.loss (validation)"].b) == ((0.5,), (0.4,))
    assert rows["metrics.accuracy"].b == ()


def test_a_model_equals_itself() -> None:
    one = model("a", {"optimizer": "Adam", "betas": [(0.5, 0.999)]}, layers=(layer("fc1"), layer("fc2")))
    diff = compare_two(one, one)
    assert all(row.same for row in diff.rows)
    assert [row.change for row in diff.layers] == ["same", "same"]


def test_layers_are_aligned_in_order() -> None:
    a = [layer("fc1"), layer("drop", "Dropout", "0.5"), layer("fc2", arguments="4, 2")]
    b = [layer("fc1"), layer("fc2", arguments="4, 10"), layer("out", "Softmax", "")]
    assert [(row.name, row.change) for row in align(a, b)] == [
        ("fc1", "same"),
        ("drop", "removed"),
        ("fc2", "changed"),
        ("out", "added"),
    ]


def test_a_renamed_layer_faces_its_counterpart() -> None:
    rows = list(align([layer("encoder.0")], [layer("enc.0")]))
    assert [(row.name, row.a, row.b, row.change) for row in rows] == [
        ("encoder.0 → enc.0", "Linear(8, 4)", "Linear(8, 4)", "changed")
    ]


def test_every_layer_of_both_appears_once() -> None:
    a = [layer(f"a{n}", "Conv2d" if n % 3 else "Linear", str(n % 4)) for n in range(30)]
    b = [layer(f"b{n}", "Conv2d" if n % 4 else "ReLU", str(n % 5)) for n in range(20)]
    rows = list(align(a, b))
    assert sum(row.a is not None for row in rows) == 30
    assert sum(row.b is not None for row in rows) == 20


def test_code_is_the_unified_difference(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n")
    (tmp_path / "b.py").write_text("x = 1\ny = 3\n")
    a, b = model("a", path=str(tmp_path / "a.py")), model("b", path=str(tmp_path / "b.py"))
    assert compare_two(a, b).code is None
    code = compare_two(a, b, code=True).code
    assert code is not None
    assert "-y = 2\n+y = 3" in code


def test_code_of_a_source_that_is_gone_is_one_line(tmp_path: Path) -> None:
    gone = model("a", path=str(tmp_path / "gone.py"))
    with pytest.raises(BadInput, match=r"gone\.py: cannot be read"):
        compare_two(gone, gone, code=True)
