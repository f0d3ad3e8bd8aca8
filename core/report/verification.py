"""Does a sentence say what its claim says, and nothing else?

The check trusts no grammar of the writer. A sentence holds only if
- it is one sentence of the claim's own words and of a few words that say nothing (`GLUE`);
- it has every word of the claim that says something, and every name and number as often as the claim has them;
- its negations and comparing words are the claim's;
- each value stands with the words of its own field, nearer than those of any other, and with its own subject;
- where the claim speaks of several subjects or of one field only, compares or denies, all that tells something comes
  in the claim's order;
- it reads as English, as far as `fluency` can tell.
A sentence that is true but says it too differently fails, and costs only its style.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from core.report.claims import IT, Claim
from core.report.fluency import reads_badly
from core.report.wording import label


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


GLUE = _set("""
    a an the this that which and of in on at to for with by from as is are was were be been being has have having
    it its model model's uses use used using employs runs run trained trains learns built takes set sets called
    together while there , .
""")
"""Words that a writer may add or leave out: they carry no number, name, unit, order, denial or praise.

Those that tie a value to its field ("on", "with") are looked after by `_bound`.
"""

NEGATIONS = _set("no not never none neither nor without cannot unknown lacks missing nothing unlike except only but")

COMPARISONS = _set("""
    higher lower highest lowest larger smaller largest smallest more fewer most fewest less least greater best worst
    better worse above below over under fell rose stayed factor times than improve first last longer shorter faster
    slower end
""")

_LIGHT = _set("a an the is are was were has have it its , .")
"""Words whose place among the others tells nothing."""

PREPOSITIONS: dict[str, tuple[str, ...]] = {
    "framework": ("in",),
    "task": ("for",),
    "datasets": ("on",),
    "optimizer": ("with", "by", "using"),
    "hardware": ("on",),
}
"""What may stand right before a value, alone or with an article, and tie it to its field."""

NOUNS: dict[str, tuple[str, ...]] = {
    "architecture": ("architecture", "family", "families"),
    "datasets": ("dataset", "datasets", "data", "one or more of"),
    "environment": ("environment", "environments"),
    "epochs": ("epoch", "epochs"),
    "steps": ("step", "steps"),
    "batch_size": ("batch size", "batch sizes", "batches", "batch"),
    "model_classes": ("class", "classes"),
    "seed": ("seed", "seeds"),
}
"""Words that tie a value to its field from further away, where the field's own label is not all there is."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d[\w.,]*|\S")
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?(?:\s?(?:%|[kMGT]B\b|bytes?\b|million\b))?")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence: a name or number of the claim, or a word."""

    kind: Literal["literal", "word"]
    text: str


def verify(sentence: str, claim: Claim) -> str | None:
    """Why the sentence does not hold, in a few words; None where it does."""
    literals = literals_of(claim)
    ours, theirs = list(pieces(sentence, literals)), list(pieces(claim.text, literals))
    return (
        _shape(sentence, claim)
        or _words(ours, theirs, _own_words(claim))
        or _order(ours, theirs, claim)
        or _bound(ours, theirs, claim)
        or reads_badly(_plain(ours), _plain(theirs), _own_words(claim))
    )  # fmt: skip


def _plain(side: Sequence[Piece]) -> list[tuple[str, bool]]:
    """The words as `fluency` takes them; "the model" is as good as "it"."""
    words = [(piece.text, piece.kind == "literal") for piece in side]
    for noun, pronoun in (("model", "it"), ("model's", "its")):
        while (pair := _index(words, noun)) is not None:
            words[pair : pair + 2] = [(pronoun, False)]
    return words


def _index(words: Sequence[tuple[str, bool]], noun: str) -> int | None:
    """Where "the" and this noun stand."""
    pairs = pairwise(words)
    return next((at for at, pair in enumerate(pairs) if pair == (("the", False), (noun, False))), None)


def literals_of(claim: Claim) -> list[str]:
    """Names and numbers that must stand as they are: subjects, values, and every number of the text with its unit."""
    masked = claim.text
    names = sorted(
        {*(said.value for said in claim.said), *claim.subjects} - {IT, ""}, key=lambda name: (-len(name), name)
    )
    for name in names:
        masked = re.sub(_exactly(name), " ", masked)
    numbers = sorted({found[0] for found in _NUMBER.finditer(masked)}, key=lambda text: (-len(text), text))
    return [*names, *numbers]


def pieces(text: str, literals: Sequence[str]) -> Iterator[Piece]:
    """The text as literals (the longest that fits) and words in lower case."""
    pattern = "|".join([*(f"({_exactly(name)})" for name in literals), _TOKEN.pattern])
    for found in re.finditer(pattern, text):
        literal = any(found.groups())
        yield Piece("literal", found[0]) if literal else Piece("word", found[0].casefold())


def _exactly(name: str) -> str:
    """A name where it is not part of a longer one: `MNIST` is not in `Fashion-MNIST`, `v1` not in `v1/train.py`."""
    return rf"(?<![\w/.%-]){re.escape(name)}(?![\w/%-]|[.,:]\w)"


def _shape(sentence: str, claim: Claim) -> str | None:
    if "\n" in sentence or not sentence.endswith(".") or sentence != sentence.strip():
        return "not one sentence"
    if len(sentence) > 2 * len(claim.text) + 40:
        return "too long"
    if len(_SENTENCE_END.findall(sentence)) > len(_SENTENCE_END.findall(claim.text)):
        return "more than one sentence"
    first = sentence[0]
    return None if first.isupper() or any(sentence.startswith(name) for name in claim.subjects) else "no beginning"


def _own_words(claim: Claim) -> frozenset[str]:
    """The words that name the claim's fields: they may come and go, as long as each value keeps one (`_bound`)."""
    fields = {said.field for said in claim.said} & (NOUNS.keys() | {"loss"})
    return frozenset(word for field in fields for noun in nouns_of(field) for word in noun.split())


def nouns_of(field: str) -> set[str]:
    """The field's label, in one and in many, and its other words."""
    return {label(field).casefold(), label(field, 2).casefold(), *NOUNS.get(field, ())}


def _words(ours: Sequence[Piece], theirs: Sequence[Piece], own: frozenset[str]) -> str | None:
    """Only words of the claim and glue; every literal and every word that says something as often as in the claim."""
    allowed = {piece.text for piece in theirs} | GLUE | own
    for piece in ours:
        if piece.kind == "word" and piece.text not in allowed:
            return f"{piece.text!r} is not in the claim"
    for kind, spare in (("literal", frozenset[str]()), ("word", GLUE | own)):
        have, want = (
            Counter(p.text for p in side if p.kind == kind and p.text not in spare) for side in (ours, theirs)
        )
        if have != want:
            changed = next(iter((want - have) + (have - want)))
            return f"{changed!r} is {'left out' if want[changed] > have[changed] else 'said too often'}"
    return None


def _order(ours: Sequence[Piece], theirs: Sequence[Piece], claim: Claim) -> str | None:
    """Where order is meaning, the literals, negations and comparing words must follow each other as in the claim."""
    if len(set(claim.subjects)) == 1 and claim.subjects[0] != IT and claim.said:
        literals = [piece.text for piece in ours if piece.kind == "literal"]
        if not literals or literals[0] != claim.subjects[0]:
            return "the subject does not come first"
    if _clauses(ours) != _clauses(theirs):
        return "a clause has lost or got something"
    fields = {said.field for said in claim.said}
    simple = len(set(claim.subjects)) == 1 and len(fields) > 1
    telling = not simple or any(piece.text in NEGATIONS | COMPARISONS for piece in theirs)
    marks = NEGATIONS | COMPARISONS | {piece.text for piece in theirs} - _LIGHT
    ordered = [[p.text for p in side if p.kind == "literal" or p.text in marks] for side in (ours, theirs)]
    return "the order tells something else" if telling and ordered[0] != ordered[1] else None


def _clauses(side: Sequence[Piece]) -> list[list[str]]:
    """For each clause (semicolons part them) its names, numbers and copulas, sorted."""
    clauses: list[list[str]] = [[]]
    for piece in side:
        if piece.text == ";":
            clauses.append([])
        elif piece.kind == "literal" or piece.text in ("is", "are"):
            clauses[-1].append(piece.text)
    return [sorted(clause) for clause in clauses] if len(clauses) > 1 else []


def _bound(ours: Sequence[Piece], theirs: Sequence[Piece], claim: Claim) -> str | None:
    """Each value with a word of its own field; the values of a list as the claim lists them."""
    if not claim.said:
        return None if _neighbours(ours) == _neighbours(theirs) else "a number has changed its unit"
    if new := _joined(ours) - _joined(theirs):
        return f"{next(iter(new))!r} is joined to something else"
    listed = _lists(theirs, claim)
    kept = _lists(ours, claim)
    for position, piece in enumerate(ours):
        told = [said for said in claim.said if said.value == piece.text]
        if piece.kind != "literal" or not told or (piece.text in listed and kept.get(piece.text) == listed[piece.text]):
            continue
        if piece.text in listed or not any(_tied(ours, position, said.field, claim) for said in told):
            return f"{piece.text!r} does not stand with its {label(told[0].field)}"
    return None


def _joined(side: Sequence[Piece]) -> set[str]:
    """The literals right after an "and" or its like."""
    return {b.text for a, b in pairwise(side) if b.kind == "literal" and a.text in ("and", "while", "where")}


def _lists(side: Sequence[Piece], claim: Claim) -> dict[str, tuple[str, ...]]:
    """For each value that follows another one of its field and subject: that one, and the words between them."""
    field = {said.value: (said.field, said.subject) for said in claim.said}
    found: dict[str, tuple[str, ...]] = {}
    before, between = "", [""]
    for piece in side:
        if piece.kind == "word":
            between.append(piece.text)
            continue
        if piece.text in field and field[piece.text] == field.get(before):
            found[piece.text] = (before, *between)
        before, between = piece.text, []
    return found


def _tied(ours: Sequence[Piece], position: int, field: str, claim: Claim) -> bool:
    """Whether the value at this position stands with this field's words rather than with another's of the claim."""
    fields = list(dict.fromkeys(said.field for said in claim.said))
    others = {said.value for said in claim.said if said.field != field}
    before = _stretch(ours, range(position - 1, -1, -1), others)[::-1]
    after = _stretch(ours, range(position + 1, len(ours)), others)
    close = [word for word in before[-2:] if word not in ("a", "an", "the")][-1:]
    owners = [name for name in fields if close and close[0] in PREPOSITIONS.get(name, ())]
    if owners:
        return field in owners
    return (_last_noun(before, fields) or _next_noun(after, fields)) == field


def _stretch(ours: Sequence[Piece], positions: range, values: set[str]) -> list[str]:
    """The words from a value on, up to the next value of another field."""
    words: list[str] = []
    for position in positions:
        if ours[position].kind == "literal" and ours[position].text in values:
            break
        if ours[position].kind == "word":
            words.append(ours[position].text)
    return words


def _last_noun(words: Sequence[str], fields: Sequence[str]) -> str | None:
    """The field whose noun ends last; the longest of those that end together."""
    return max(_noun_places(words, fields), default=(0, 0, None))[2]


def _next_noun(words: Sequence[str], fields: Sequence[str]) -> str | None:
    """The field whose noun these words begin with; the longest."""
    found = [(length, field) for end, length, field in _noun_places(words, fields) if end == length]
    return max(found)[1] if found else None


def _noun_places(words: Sequence[str], fields: Sequence[str]) -> list[tuple[int, int, str]]:
    """(end, length in words, field) of every field's noun in these words."""
    found = []
    for field in fields:
        for noun in nouns_of(field):
            parts = noun.split()
            for start in range(len(words) - len(parts) + 1):
                if list(words[start : start + len(parts)]) == parts:
                    found.append((start + len(parts), len(parts), field))
    return found


def _neighbours(side: Sequence[Piece]) -> list[tuple[str, str]]:
    """Each literal with the word after it."""
    return [(a.text, b.text) for a, b in pairwise(side) if a.kind == "literal" and b.kind == "word"]
