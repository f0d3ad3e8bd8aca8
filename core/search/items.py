"""The words of a sentence, and the items that they become: what each word is, before it is known what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.search.query import Expr

CODES = {
    "neg": "X",
    "or": "o",
    "and": "a",
    "but": "b",
    "both": "x",
    "article": "r",
    "between": "B",
    "to": "t",
    "equal": "q",
    **dict.fromkeys(("less", "at_most", "more", "at_least", "about", "unequal"), "C"),
    "or_more": "P",
    "or_less": "P",
    "has": "h",
    "missing": "m",
    "pretrained": "z",
    "most": "s",
    "least": "s",
    "latest": "L",
    "oldest": "L",
    "sorted": "S",
    "descending": "V",
    "ascending": "V",
    "top": "p",
}
"""The letter of each role of `[function]` in english.toml. Items become a string of letters, over which the rules are
regular expressions. Also: F a field of numbers, G another field, N a number, E an expression, c a comma, f a word that
says nothing, w a word of free text."""


@dataclass(slots=True)
class Item:
    """A word or phrase of the sentence: `text` as written, `role` of a function word, what it stands for."""

    code: str
    text: str
    role: str = ""
    expr: Expr | None = None
    fields: tuple[str, ...] = ()
    number: int | float = 0
    weak: bool = False
    plural: bool = False
    alone: bool = False
    subject: bool = False
    """What pictures show: a condition only where nothing else is said."""
    described: bool = False
    """A condition only where nothing more is said of what a model is about."""
    negated: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    low: str
    comma: bool
    """A comma, a colon or the like stands behind it."""


_EDGE = "\"'`´‘’,;:!?.[]{}"
_RANGE = re.compile(r"(\d[\d.]*[kKmM]?)-(\d[\d.]*[kKmM]?)|(\d+(?:\.\d+)?(?:e-?\d+)?[kKmM]?)\.\.(\d[\d.e-]*[kKmM]?)")
_TOP = re.compile(r"(top)-(\d+)", re.IGNORECASE)
_COUNTED = re.compile(r"(single|one|two|three|\d[\d.,]*[kKmM]?)-(epoch|step|iteration)s?", re.IGNORECASE)
"""A number and what it counts as one word: "single-epoch runs"."""
_PLACED = re.compile(r"(second|third|fourth|fifth|\d+(?:nd|rd|th))-(most|least|latest|\w+est)", re.IGNORECASE)
_LISTED = re.compile(r"(?!\d{1,3}(?:,\d{3})+(?!\d))(?:[^\W\d][\w.+-]*|\d{2,})(?:,(?:[^\W\d][\w.+-]*|\d{2,}))+")
"""Values without a space behind their commas: "mnist,cifar10", "32,64"; "1,024" is a number."""
_FRACTION = re.compile(r"(?<![\w.])\.(?=\d)")
"""The point of a number without a nought before it: "lr .001"."""
_SIGNS = re.compile(r"(<=|>=|!=|==|[<>=:~])")
_SUFFIX = re.compile(
    r"(?<=\w)['’]s$|-(?:based|style|styled|like|type|trained|powered|flavoured|flavored|driven|capable|enabled"
    r"|compatible|ready|accelerated)$",
    re.IGNORECASE,
)


def split_words(text: str, known: Callable[[str], bool] = lambda word: False) -> list[Word]:
    """The words of a run of prose, without the marks around them; operators and ranges of numbers apart.

    A hyphenated word that is `known` as it is stays whole ("score-based").
    """
    found: list[Word] = []
    for chunk in (part for whole in text.split() for part in _unlisted(whole)):
        if chunk[0] == "!" and chunk.strip(_EDGE):
            found.append(Word("not", "not", False))
        bare = _FRACTION.sub(r"0\g<0>", chunk.lstrip(_EDGE.replace(".", ""))).strip(_EDGE)
        comma = chunk.rstrip("'\"’").endswith((",", ";", ":")) and bool(bare)
        if not bare:
            if chunk == ":":
                found.append(Word(":", ":", False))
            continue
        if bare.casefold() in ("unchanged", "untouched", "unmodified"):
            found.append(Word("not", "not", False))
            bare = "changed"
        pieces = [bare] if known(bare) else _pieces(bare)
        found += [
            Word(piece, piece.casefold(), comma and place == len(pieces) - 1) for place, piece in enumerate(pieces)
        ]
    return found


def _unlisted(chunk: str) -> list[str]:
    """The values of a list without spaces, with their commas; any other word as it is."""
    return chunk.replace(",", ", ").split() if _LISTED.fullmatch(chunk.strip(_EDGE)) else [chunk]


def _pieces(bare: str) -> list[str]:
    before = bare[:3] if bare.casefold().startswith("non-") and len(bare) > 5 else ""
    bare = bare[4:] if before else bare
    after = bare[-4:] if bare.casefold().endswith("-only") and len(bare) > 6 else ""
    bare = bare[:-5] if after else bare
    return [piece for piece in (before, *_parted(bare), after) if piece]


def _parted(bare: str) -> list[str]:
    """A word at its signs: ranges, comparisons, a plus behind a number."""
    if match := _RANGE.fullmatch(bare):
        return [match[1] or match[3], "-", match[2] or match[4]]
    if re.fullmatch(r"\d[\d.]*[kKmM]?\+", bare):
        return [bare[:-1], "+"]
    if match := _COUNTED.fullmatch(bare) or _TOP.fullmatch(bare) or _PLACED.fullmatch(bare):
        return [match[1], match[2]]
    if "://" in bare or not _SIGNS.search(bare):
        return [_SUFFIX.sub("", bare)]
    return [piece for piece in _SIGNS.split(bare) if piece]


def near(items: list[Item], place: int) -> list[Item]:
    """The two items before and the two behind one."""
    return [*items[max(place - 2, 0) : place], *items[place + 1 : place + 3]]


def letters(items: Iterable[Item]) -> str:
    return "".join(item.code for item in items)
