"""Items in their sentence: a model to be like, weak values beside a word for their field, what is refused."""

from __future__ import annotations

import re

from core.search.english import English
from core.search.items import Item, letters, near
from core.search.query import Filter


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


def _is_purpose(items: list[Item], place: int) -> bool:
    """Whether "for" stands before an item and nothing more is said of it."""
    return (
        place > 0
        and items[place - 1].text.casefold() == "for"
        and [i.code for i in items[place + 1 :]][:1] in ([], ["c"])
    )


def _refuse_behind(items: list[Item], words: English) -> None:
    """Refuses the name before a negation that has nothing behind it: "LSTMs excluded", "MNIST is not wanted"."""
    for match in re.finditer(r"[EFG]q?(?P<not>X)[fh]{0,2}(?P<verb>w?)(?=[cb]|$)", letters(items)):
        name, refusal = items[match.start()], items[match.start("not")]
        verb = items[match.start("verb")] if match["verb"] else None
        bare = verb is None or verb.text.casefold() in words.generic
        if bare and refusal.text.casefold() not in _AHEAD and (name.code == "E" or not name.weak):
            items[match.start() : match.end()] = [refusal, name, *([Item("f", "")] * (match.end() - match.start() - 2))]


def _pass_over_pictures(items: list[Item]) -> None:
    """Takes what data consist of for a word that says nothing: "images of MNIST", "the digits from USPS"."""
    for shown, of, data in zip(items, items[1:], items[2:], strict=False):
        named = data.code == "E" and data.fields == ("datasets",) and not data.subject
        if named and of.text.casefold() in ("of", "from") and shown.text.casefold() in _CONTENT:
            shown.code, shown.expr, shown.fields = "f", None, ()


def _pass_over_verbs(items: list[Item], words: English) -> None:
    """Leads a negation over a verb to the name that it governs: "not evaluated on MNIST", "not allowed to use it"."""
    for match in re.finditer(r"X[frh]{0,2}(?P<verb>w)(?P<to>[fhqtC])h?[fr]{0,2}[EFG]", letters(items)):
        verb, to = items[match.start("verb")], items[match.start("to")]
        if verb.text.casefold() in words.generic and to.text.casefold() in _GOVERNING:
            verb.code = to.code = "f"


_GOVERNING = frozenset(
    ["about", "in", "on", "with", "from", "of", "to", "for", "at", "by", "upon", "into", "over", "use"]
)
_AHEAD = frozenset(["without", "w/o", "except", "except for", "lacking", "other than", "but not"])
"""What refuses only what is behind it."""
_CONTENT = frozenset(["images", "pictures", "photos", "samples", "examples", "digits", "data", "sentences", "texts"])
_PLAYED = frozenset(["play", "plays", "playing", "played"])
_PRONOUNS = frozenset(["it", "he", "she", "you", "one"])
_AUXILIARIES = frozenset(["does", "do", "did", "is", "was", "has", "can", "could", "will", "would"])


def _says_what_a_thing_does(items: list[Item], place: int) -> bool:
    """Whether a negation belongs to a verb of which a pronoun is the subject, so that it refuses no model: "states it
    can't predict", "knows when it does not know"; "one without dropout" refuses."""
    before = [item.text.casefold() for item in items[max(place - 2, 0) : place]]
    if before[-1:] and before[-1] in _AUXILIARIES:
        before.pop()
    return before[-1:] != [] and before[-1] in _PRONOUNS and items[place].text.casefold() not in ("without", "w/o")


def settle(items: list[Item], words: English) -> list[Item]:
    """Weak values count only beside a word for their field; what is left of them is free text or nothing."""
    _likened(items)
    if any(set(item.fields) & _KINDS and not _refused(items, place) for place, item in enumerate(items)):
        for item in items:
            item.code, item.expr = ("f", None) if item.alone else (item.code, item.expr)
    for place, item in enumerate(items):
        if item.code == "X" and _says_what_a_thing_does(items, place):
            item.code = "f"
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
    _refuse_behind(items, words)
    _pass_over_verbs(items, words)
    for place in range(len(items) - 2, -1, -1):
        if items[place].code == "F" and items[place + 1].code == "G" and items[place + 1].text.casefold() != "by":
            del items[place]  # "learning rate scheduler": the last noun is the one that is meant
    for place, item in enumerate(items):
        if item.code != "E" or not item.weak:
            continue
        beside = any(other.code in "FG" and set(other.fields) & set(item.fields) for other in near(items, place))
        task = item.fields == ("task",) and (_refused(items, place) or _is_purpose(items, place))
        played = item.fields == ("environment",) and any(
            i.text.casefold() in _PLAYED for i in items[max(place - 2, 0) : place]
        )
        if beside or task or played:  # "that do not translate", "transformers for addition", "agents that play Doom"
            item.weak = False
        else:
            item.code, item.expr = "f" if item.text.casefold() in words.dropped else "w", None
    return items
