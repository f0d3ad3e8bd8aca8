"""The canonical line, chips and edits of a query."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.reading import Reader
from core.search.query import (
    And,
    Expr,
    Filter,
    Not,
    Or,
    PictureWish,
    Query,
    Text,
    both,
    chips,
    either,
    negate,
    to_json,
    with_filter,
    with_sort,
    without,
)
from core.search.reading import read_question

NUMBERS = st.one_of(st.integers(-(10**9), 10**9), st.floats(1e-9, 1e9, allow_nan=False))
WORDS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=12
)
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map(" ".join).filter(lambda text: not set(text) & set("“”„−–—≤≥≠×"))
PLAIN = st.builds(
    Filter,
    st.sampled_from(["stage", "model_classes", "tag", "note", "path", "id"]),
    st.sampled_from([":", "!="]),
    TEXTS,
)
NUMERIC = st.builds(
    Filter,
    st.sampled_from(["learning_rate", "epochs", "settings.gamma"]),
    st.sampled_from([":", "!=", "<", "<=", ">", ">="]),
    NUMBERS,
)
RANGES = st.builds(
    lambda name, low, high: Filter(name, "..", (low, high)), st.sampled_from(["batch_size", "steps"]), NUMBERS, NUMBERS
)
PRESENCE = st.builds(Filter, st.sampled_from(["optimizer", "seed"]), st.sampled_from(["has", "missing", "none"]))
DATES = st.builds(
    lambda op, day: Filter("created", op, day.isoformat()),
    st.sampled_from([":", "<", ">="]),
    st.dates(date(1970, 1, 1), date(2099, 12, 31)),
)
LEAVES = st.one_of(PLAIN, NUMERIC, RANGES, PRESENCE, DATES, st.builds(Text, TEXTS, st.booleans()))


def joined(children: st.SearchStrategy[Expr | None]) -> st.SearchStrategy[Expr | None]:
    many = st.lists(children, min_size=1, max_size=3)
    return st.one_of(many.map(both), many.map(either), children.map(negate))


EXPRESSIONS = st.recursive(LEAVES, joined, max_leaves=8)
ORDERS = st.one_of(
    st.just(((), None)),
    st.tuples(
        st.lists(st.tuples(st.sampled_from(["epochs", "created"]), st.booleans()), min_size=1, max_size=2, unique=True),
        st.sampled_from([None, (1, 1), (2, None), (1, 3)]),
    ),
)
QUERIES = st.builds(
    lambda expr, order, limit, intent: Query(expr, tuple(order[0]), order[1], limit, intent),
    EXPRESSIONS,
    ORDERS,
    st.one_of(st.none(), st.integers(1, 10**6)),
    st.sampled_from(["find", "count", "report", "details"]),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES)
def test_the_canonical_line_parses_to_itself(reader: Reader, query: Query) -> None:
    assert read_question(str(query), reader) == query


def test_a_comparison_and_a_wish_for_pictures_print_and_read_back(reader: Reader) -> None:
    for line in (
        "architecture:VAE VERSUS (architecture:GAN datasets:MNIST) limit:3",
        "intent:images image.epoch:3 image.latest:true",
    ):
        assert str(read_question(line, reader)) == line


def test_chips_are_the_parts_of_the_line_and_each_can_be_removed(reader: Reader) -> None:
    query = read_question("vae lr:<1e-3 (adam OR sgd) warm sort:-lr limit:3 lr:oops images of it", reader)
    parts = chips(query)
    assert " ".join(chip.text for chip in parts) == str(query)
    for number, chip in enumerate(parts):
        left = without(query, number)
        assert str(left) == " ".join(other.text for other in parts if other is not chip)


def test_a_removed_cohort_leaves_a_plain_query(reader: Reader) -> None:
    query = read_question("compare VAEs and GANs", reader)
    assert [chip.text for chip in chips(query)] == ["architecture:VAE", "VERSUS architecture:GAN"]
    assert str(without(query, 0)) == "architecture:GAN"


def test_a_removed_wish_is_no_longer_wished() -> None:
    query = Query(intent="images", pictures=PictureWish(epoch=3, label="cat"))
    assert [chip.text for chip in chips(query)] == ["intent:images", "image.epoch:3", "image.label:cat"]
    assert without(query, 1).pictures == PictureWish(label="cat")
    assert without(query, 0) == Query()


def test_a_filter_and_a_sort_are_added(reader: Reader) -> None:
    query = read_question("vae", reader)
    assert str(with_filter(query, "datasets", "MNIST")) == "architecture:VAE datasets:MNIST"
    assert str(with_filter(query, "optimizer", None)) == "architecture:VAE missing:optimizer"
    assert str(with_filter(query, "batch_size", 64, exclude=True)) == "architecture:VAE -batch_size:64"
    assert str(with_sort(with_sort(query, "epochs"), "created", descending=True)) == "architecture:VAE sort:-created"
    placed = replace(with_sort(query, "epochs"), rank=(1, 1))
    assert str(with_sort(placed, "created")) == "architecture:VAE sort:created"
    assert str(with_filter(read_question("compare GANs and VAEs", reader), "seed", 1)).count("seed:1") == 2


def test_the_tree_is_json() -> None:
    expr = And((Or((Filter("seed", ":", 1), Filter("seed", ":", 2))), Not(Text("a b", phrase=True))))
    assert to_json(expr) == {
        "op": "and",
        "args": [
            {"op": "or", "args": [{"field": "seed", "op": ":", "value": 1}, {"field": "seed", "op": ":", "value": 2}]},
            {"op": "not", "args": [{"field": "text", "op": "phrase", "value": "a b"}]},
        ],
    }
    assert to_json(None) is None
