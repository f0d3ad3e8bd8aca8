from __future__ import annotations

from core.compare.cohorts import compare_cohorts
from core.compare.difference import CohortComparison, CohortRow
from core.compare.many import compare_many
from tests.core.compare.building import model


def _row(comparison: CohortComparison, field: str) -> CohortRow:
    return next(row for row in comparison.rows if row.field == field)


def test_spreads_count_values_and_unknowns() -> None:
    gans = [model("a", {"optimizer": "Adam", "batch_size": 64}), model("b", {"optimizer": ["Adam", "SGD"]}), model("c")]
    comparison = compare_cohorts(["GAN", "VAE"], [gans, [model("d", {"batch_size": 128})]])
    assert comparison.sizes == (3, 1)
    adam = _row(comparison, "optimizer").spreads[0]
    assert adam.counts == (("Adam", 2), ("SGD", 1))
    assert adam.unknown == 1
    assert adam.median is None


def test_numbers_have_a_median_and_a_range() -> None:
    group = [model(str(size), {"batch_size": size}) for size in (32, 64, 512, 128)]
    spread = _row(compare_cohorts(["all", "none"], [group, []]), "batch_size").spreads[0]
    assert (spread.low, spread.median, spread.high) == (32, 96, 512)
    rates = [model(str(rate), {"learning_rate": rate}) for rate in (5e-5, 1e-4)]
    assert _row(compare_cohorts(["all"], [rates]), "learning_rate").spreads[0].median == 7.5e-5


def test_a_known_none_is_counted_and_is_not_unknown() -> None:
    spread = _row(compare_cohorts(["q"], [[model("a", {"optimizer": None})]]), "optimizer").spreads[0]
    assert (spread.counts, spread.unknown) == (((None, 1),), 0)


def test_rows_that_differ_come_first() -> None:
    first = [model("a", {"framework": "PyTorch", "epochs": 5})]
    second = [model("b", {"framework": "PyTorch", "epochs": 9}), model("c", {"framework": "PyTorch", "epochs": 9})]
    fields = [row.field for row in compare_cohorts(["x", "y"], [first, second]).rows]
    assert fields.index("epochs") < fields.index("framework")


def test_many_models_as_a_table() -> None:
    models = [model(name, {"optimizer": opt, "epochs": 5}) for name, opt in (("a", "Adam"), ("b", "SGD"), ("c", None))]
    table = compare_many(models)
    assert table.ids == ("a", "b", "c")
    assert table.rows[0].field == "optimizer"
    assert table.rows[0].values == (("Adam",), ("SGD",), (None,))
    assert next(row for row in table.rows if row.field == "epochs").same
