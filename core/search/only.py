"""What "only" and "plain" exclude: "trained only on MNIST", "CPU only" refuse the other values that such models have,
"plain GANs" the kinds of GAN that have names of their own."""

from __future__ import annotations

from itertools import pairwise

from core.analysis.facts import Value
from core.catalog.matching import names_meant
from core.search.items import Item
from core.search.lexicon import Lexicon
from core.search.query import Expr, Filter, Or, both, either, leaves, negate

ONLY = frozenset(["only", "solely", "exclusively", "purely"])
FIELDS = frozenset(["datasets", "optimizer", "environment", "hardware"])
"""Fields with several values of which one may be the only one; a family has its parents beside it."""

_USED = frozenset([
    "use", "uses", "used", "using", "train", "trains", "trained", "run", "runs", "running", "employ", "employs",
    "rely", "relies", "on", "with", "for", "to", "in",
])  # fmt: skip
"""Words between a model and what it only uses; "only MNIST models" asks for these and excludes nothing."""


def read_only(items: list[Item], lexicon: Lexicon) -> None:
    """Narrow what an "only" belongs to: the name behind it, else the one before it."""
    for place, item in enumerate(items):
        if item.code != "f" or item.text.casefold() not in ONLY or "X" in {other.code for other in items[:place]}:
            continue
        named = _behind(items, place) or (items[place - 1] if place else None)
        if named and (wanted := _wanted(named.expr)):
            named.expr = both([named.expr, negate(_others(wanted, lexicon))])


def _wanted(expr: Expr | None) -> list[Filter]:
    """The filters of one field that a name means: one, or several of which any will do ("a GPU")."""
    leaves = expr.args if isinstance(expr, Or) else (expr,)
    found = [leaf for leaf in leaves if isinstance(leaf, Filter) and leaf.op == ":" and leaf.field in FIELDS]
    return found if len(found) == len(leaves) and len({leaf.field for leaf in found}) == 1 else []


PLAIN = frozenset(
    ["plain", "vanilla", "ordinary", "basic", "standard", "regular", "classic", "simple", "normal", "pure"]
)


def read_plain(items: list[Item], lexicon: Lexicon) -> None:
    """Take the members out of a family that is asked for as it is, unless a model here is called so."""
    told = [leaf for item in items for leaf, _ in leaves(item.expr) if isinstance(leaf, Filter)]
    for item, named in pairwise(items):
        leaf = named.expr
        if item.code not in "wf" or item.text.casefold() not in PLAIN or not isinstance(leaf, Filter):
            continue
        if leaf.field in ("architecture", "framework") and leaf.op == ":" and not lexicon.is_called(leaf, item.text):
            item.code, named.expr = "f", both([leaf, negate(_members(leaf, told, lexicon))])


def _members(leaf: Filter, told: list[Filter], lexicon: Lexicon) -> Expr | None:
    """The members of a family that some model of the collection is, but for those that are told beside it: "plain
    RNNs, LSTMs included"."""
    values = map(str, lexicon.columns.values(leaf.field)) if lexicon.columns else ()
    asked = {str(other.value) for other in told if other.field == leaf.field}
    own = [name for name in values if str(leaf.value) in lexicon.vocabulary.parents(leaf.field, name)]
    own = [name for name in own if name not in asked]
    return either(Filter(leaf.field, ":", name) for name in sorted(own))


def _behind(items: list[Item], place: int) -> Item | None:
    """The name behind an "only", where words of use stand between them or before it."""
    between = place + 1
    while between < len(items) and items[between].code in "frhq":
        between += 1
    said = {item.text.casefold() for item in items[max(place - 1, 0) : between]}
    meant = said & _USED and not said & {"ones", "those"}  # "LSTMs, but only the ones on IMDb": of them, no others
    return items[between] if between < len(items) and items[between].code == "E" and meant else None


def _others(wanted: list[Filter], lexicon: Lexicon) -> Expr | None:
    """The values that models of the collection have beside these."""
    if lexicon.columns is None:
        return None
    column, field = lexicon.columns.column(wanted[0].field), wanted[0].field
    tests = [names_meant(field, str(leaf.value), lexicon.vocabulary) for leaf in wanted]

    def meant(value: Value) -> bool:
        return any(test(value) for test in tests)

    counts = column.counts(column.where(len(lexicon.columns.ids), meant))
    beside = [value for value, count in zip(column.values, counts, strict=True) if count and value and not meant(value)]
    return either(Filter(field, ":", value) for value in sorted(map(str, beside)))
