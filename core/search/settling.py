"""Items in their sentence: a model to be like, weak values beside a word for their field, what is refused."""

from __future__ import annotations

import re

from core.search.english import English
from core.search.items import Item, letters, near
from core.search.query import Filter
from core.search.refusals import find_refusals


def _likened(items: list[Item]) -> None:
    """Reads "like ID", "similar to ID": a model to be like, not the model itself."""
    for place, item in enumerate(items):
        before = " ".join(other.text.casefold() for other in items[max(place - 2, 0) : place])
        if isinstance(item.expr, Filter) and item.expr.field == "id" and _LIKE.search(before):
            item.expr, item.fields = Filter("like", "like", item.expr.value), ("like",)
            for other in items[max(place - 2, 0) : place]:
                other.code = "f" if other.code == "w" else other.code


_LIKE = re.compile(r"\b(?:like|similar(?: to)?|resembling|near-identical(?: to)?|copies of|duplicates of|variants of)$")


_KINDS = frozenset(["architecture", "environment", "task", "id", "path"])
"""Fields that say more closely what kind of model is meant."""


def _refused(items: list[Item], place: int) -> bool:
    """Whether a negation stands before an item or the list that it ends: "agents that are no DQNs, SACs or TD3s"."""
    before = "".join(item.code for item in items[:place] if item.code not in "frqht")
    return re.search("X(?:E[coa]+)*$", before) is not None


def _is_listed(items: list[Item], place: int) -> bool:
    """Whether a value of the same field that is settled ends a list here, "a cosine or linear schedule", or begins one,
    "MSE or MAE"."""
    ahead = items[place + 2 : place + 3] if letters(items[place + 1 : place + 2]) in ("o", "a") else []
    before = items[place - 2 : place - 1] if place > 1 and items[place - 1].code == "o" else []
    return any(i.code == "E" and not i.weak and i.fields == items[place].fields for i in [*ahead, *before])


def _is_purpose(items: list[Item], place: int) -> bool:
    """Whether "for" stands before an item and nothing more is said of it."""
    return (
        place > 0
        and items[place - 1].text.casefold() == "for"
        and [i.code for i in items[place + 1 :]][:1] in ([], ["c"])
    )


def _pass_over_pictures(items: list[Item]) -> None:
    """Takes what data consist of for a word that says nothing: "images of MNIST", "the digits from USPS"."""
    for shown, of, data in zip(items, items[1:], items[2:], strict=False):
        named = data.code == "E" and data.fields == ("datasets",) and not data.subject
        if named and of.text.casefold() in ("of", "from") and shown.text.casefold() in _CONTENT:
            shown.code, shown.expr, shown.fields = "f", None, ()


def _join_included(items: list[Item]) -> None:
    """Reads "GANs including WGANs", "RNNs, LSTMs and GRUs included": what is included is had beside the rest."""
    for match in re.finditer(r"Ec?(?P<including>h)r?E|E(?:f?[ca]+r?E)+(?P<included>[fhw])", letters(items)):
        named = [item for item in items[match.start() : match.end()] if item.code == "E"]
        said = items[match.start("including" if match["including"] else "included")]
        if said.text.casefold() in ("including", "included") and len({item.fields for item in named}) == 1:
            for item in items[match.start() : match.end()]:
                item.code = "o" if item.code in "ach" else item.code


_CONTENT = frozenset(["images", "pictures", "photos", "samples", "examples", "digits", "data", "sentences", "texts"])
_PLAYED = frozenset(["play", "plays", "playing", "played"])


def settle(items: list[Item], words: English) -> list[Item]:
    """Weak values count only beside a word for their field; what is left of them is free text or nothing."""
    _likened(items)
    if any(set(item.fields) & _KINDS and not _refused(items, place) for place, item in enumerate(items)):
        for place, item in enumerate(items):
            if item.alone and not _refused(items, place):  # "GANs that are not conditional"
                item.code, item.expr = "f", None
    for before, item, behind in zip(items, items[1:], items[2:], strict=False):
        if item.text.casefold() == "nor" and before.code == behind.code == "N":
            item.code = "o"  # "neither batch size 64 nor 32"
        elif item.text.casefold() == "after" and before.code == "F" and behind.code == "N":
            item.code = "q"  # "learning starts after 10000 steps"
    for match in re.finditer(r"s(?=[r]?F[fq]?N)", letters(items)):
        extreme = items[match.start()]
        if extreme.text.casefold() in ("minimum", "maximum", "minimal", "maximal"):
            extreme.code, extreme.role = "C", {"least": "at_least", "most": "at_most"}[extreme.role]
    _pass_over_pictures(items)
    _join_included(items)
    find_refusals(items, words)
    for place in range(len(items) - 2, -1, -1):
        if items[place].code == "F" and items[place + 1].code == "G" and items[place + 1].text.casefold() != "by":
            del items[place]  # "learning rate scheduler": the last noun is the one that is meant
    for place, item in reversed(list(enumerate(items))):
        if item.code != "E" or not item.weak:
            continue
        beside = any(other.code in "FG" and set(other.fields) & set(item.fields) for other in near(items, place))
        beside = beside or _is_listed(items, place)
        task = item.fields == ("task",) and (_refused(items, place) or _is_purpose(items, place))
        played = item.fields == ("environment",) and any(
            i.text.casefold() in _PLAYED for i in items[max(place - 2, 0) : place]
        )
        if beside or task or played:  # "that do not translate", "transformers for addition", "agents that play Doom"
            item.weak = False
        else:
            item.code, item.expr = "f" if item.text.casefold() in words.dropped else "w", None
    return items
