"""Words between a field and its number that only lead to it: "lies somewhere between", "batches of size 32"."""

from __future__ import annotations

import re
from itertools import pairwise

from core.search.english import english
from core.search.items import Item, letters


def lead_to_numbers(items: list[Item]) -> None:
    """Takes out of the way what stands around a number and says nothing of it."""
    for field, of, size in zip(items, items[1:], items[2:], strict=False):
        if field.code == "F" and of.text.casefold() in ("of", "with") and size.text.casefold() in _EXTENTS:
            of.code = size.code = "f"  # "batches of size 32": of the batches, not of the file
    for field, count in pairwise(items):
        if field.code == "F" and count.text.casefold() in _COUNTS:
            count.code = "f"  # "step counts over one million"
    for number, unit, of in zip(items, items[1:], items[2:], strict=False):
        if number.code == "N" and unit.text.casefold() in _ENTRIES and of.text.casefold() in ("of", "in", "for"):
            unit.code = of.code = "f"  # "256 units of latent space"
    for match in re.finditer("(?<!N)P(?=[fr]?N)", letters(items)):
        bound = items[match.start()]
        if bound.text.casefold().startswith("at "):
            bound.code, bound.role = "C", _AHEAD[bound.role]  # "at maximum 0.001"
    for match in re.finditer("NP?(?P<unit>w)F", letters(items)):
        unit = items[match.start("unit")]
        if f"{unit.text.casefold().removesuffix('s')}s" in UNITS:
            unit.code = "f"  # "1000+ sample batches"
    for number, joint, field in zip(items, items[1:], items[2:], strict=False):
        if number.code + field.code == "NF" and joint.text.casefold() == "as":
            joint.code = "f"  # "0.01 as learning rate"
        elif number.code + field.code == "NN" and joint.text.casefold().startswith("up to"):
            joint.code = "t"  # "from 1e-4 up to 1e-3"
    for match in re.finditer(r"N(?:[fr]{0,2}F)?(?P<bound>[Cs])(?![fr]?[NFGE])", letters(items)):
        bound = items[match.start("bound")]
        if bound.role in _BEHIND:
            bound.code, bound.role = "P", _BEHIND[bound.role]  # "10 epochs at most"
    for compared, field, than in zip(items, items[1:], items[2:], strict=False):
        if field.code == "F" and than.text.casefold() == "than" and compared.text.casefold() in _COMPARED:
            compared.code, than.code, than.role = "f", "C", _COMPARED[compared.text.casefold()]
    _skip_plain_words(items)


_COMPARED = dict.fromkeys(("lower", "smaller", "fewer", "less", "shorter"), "less") | dict.fromkeys(
    ("higher", "larger", "bigger", "greater", "more", "longer"), "more"
)
"""What stands before the field that is compared: "lower learning rates than 0.01"."""
_ENTRIES = frozenset(["units", "dimension", "dimensions", "dims", "entries", "neurons"])
_COUNTS = frozenset(["count", "counts", "budget", "budgets"])
_EXTENTS = frozenset(["size", "sizes", "dimension", "dimensions", "dimensionality", "length", "width"])
UNITS = frozenset([
    "transitions", "experiences", "samples", "entries", "frames", "tokens", "units", "updates", "images", "pictures",
    "sequences", "sentences", "numbers", "dimensions", "dims", "neurons", "points", "items",
])  # fmt: skip
"""What a number may count besides a field: "a batch size of no less than 256 samples"."""


def _skip_plain_words(items: list[Item]) -> None:
    """Leads a field over words that say nothing to its number: "the dropout lies somewhere between 0.1 and 0.2"; and a
    negation to what it turns round: "does not go beyond 64"."""
    generic = english().generic
    for match in _GAP.finditer(letters(items)):
        between = items[match.start("gap") : match.end("gap")]
        if all(item.text.casefold() in generic for item in between if item.code == "w"):
            for item in between:
                item.code = "f" if item.code in "wt" else item.code
    for match in reversed(list(_TURNING.finditer(letters(items)))):
        bound, between = items[match.end() - 1], items[match.start() + 1 : match.end() - 1]
        if bound.role in _OPPOSITE and all(item.text.casefold() in generic for item in between):
            bound.role = _OPPOSITE[bound.role]
            joint = [Item("a", "and")] if items[match.start()].text.casefold().startswith("and ") else []
            items[match.start() : match.end() - 1] = joint


_BEHIND = {"at_most": "or_less", "most": "or_less", "at_least": "or_more", "least": "or_more"}
_AHEAD = {"or_less": "at_most", "or_more": "at_least"}
_GAP = re.compile(r"F(?P<gap>[fqrhtw]{1,5})(?=X?[frh]{0,2}(?:[BC][fr]{0,2}N|N)(?!P?[fr]{0,2}F))")
_TURNING = re.compile(r"X[frhw]{0,3}C(?=[fr]{0,2}N)")
_OPPOSITE = {"more": "at_most", "less": "at_least", "at_least": "less", "at_most": "more"}
