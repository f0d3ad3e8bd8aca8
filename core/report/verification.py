"""Does a sentence say what its claim says, and nothing else?

The check trusts no grammar of the writer. A sentence holds only if
- it is one sentence of the claim's own words and of a few words that say nothing (`GLUE`);
- it has every word of the claim that says something, and every name and number as often as the claim has them;
- its negations and comparing words are the claim's;
- each value stands with the words of its own field, nearer than those of any other, and with its own subject;
- where the claim speaks of several subjects, compares or denies, all of these come in the claim's order.
A sentence that is true but says it too differently fails, and costs only its style.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from core.report.claims import IT, Claim, Said
from core.report.wording import label


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


GLUE = _set("""
    a an the this that which and of in on at to for with by from as is are was were be been being has have having it its
    model uses use used using employs runs run trained trains learns built takes set sets called together while there , .
""")
"""Words that a writer may add or leave out: they carry no number, name, unit, order, denial or praise.

Those that tie a value to its field ("on", "with") are looked after by `_bound`.
"""

NEGATIONS = _set("no not never none neither nor without cannot unknown lacks missing nothing unlike except only but")

COMPARISONS = _set("""
    higher lower highest lowest larger smaller largest smallest more fewer most fewest less least greater best worst better
    worse above below over under fell rose stayed factor times than improve first last longer shorter faster slower end
""")

_JOINTS = _set("and in while ( ) ; :")
"""What groups names with values: moved, it can pair them anew."""

CUES: dict[str, tuple[str, ...]] = {
    "framework": ("in", "framework", "written in", "built in", "uses"),
    "task": ("for", "task"),
    "architecture": ("architecture", "family", "families", "together with"),
    "datasets": ("on", "dataset", "datasets", "data"),
    "environment": ("in the environment", "in the environments", "environment", "environments"),
    "epochs": ("epoch", "epochs"),
    "steps": ("step", "steps"),
    "batch_size": ("batch size", "batch sizes", "batches", "batches of", "batch"),
    "optimizer": ("with", "by", "optimizer", "optimizers", "using"),
    "learning_rate": ("learning rate", "learning rates"),
    "loss": ("loss", "losses"),
    "model_classes": ("class", "classes"),
    "hardware": ("run on", "runs on", "on", "hardware"),
    "seed": ("seed", "seeds"),
    "stage": ("stage",),
}
"""Words that tie a value to its field, where the field's own label is not all there is."""

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
        or _words(ours, theirs)
        or _order(ours, theirs, claim)
        or _bound(ours, theirs, claim)
    )  # fmt: skip


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


def _words(ours: Sequence[Piece], theirs: Sequence[Piece]) -> str | None:
    """Only words of the claim and glue; every literal and every word that says something as often as in the claim."""
    allowed = {piece.text for piece in theirs} | GLUE
    for piece in ours:
        if piece.kind == "word" and piece.text not in allowed:
            return f"{piece.text!r} is not in the claim"
    for kind, spare in (("literal", frozenset[str]()), ("word", GLUE)):
        have, want = (
            Counter(p.text for p in side if p.kind == kind and p.text not in spare) for side in (ours, theirs)
        )
        if have != want:
            changed = next(iter((want - have) + (have - want)))
            return f"{changed!r} is {'left out' if want[changed] > have[changed] else 'said too often'}"
    return None


def _order(ours: Sequence[Piece], theirs: Sequence[Piece], claim: Claim) -> str | None:
    """Where order is meaning, the literals, negations and comparing words must follow each other as in the claim."""
    marks = NEGATIONS | COMPARISONS | _JOINTS
    ordered = [[p.text for p in side if p.kind == "literal" or p.text in marks] for side in (ours, theirs)]
    telling = len(set(claim.subjects)) > 1 or not claim.said or any(p.text in NEGATIONS | COMPARISONS for p in theirs)
    return "the order tells something else" if telling and ordered[0] != ordered[1] else None


def _bound(ours: Sequence[Piece], theirs: Sequence[Piece], claim: Claim) -> str | None:
    """Each value with the cue of its own field nearest before it, or first after it where none stands before."""
    fields = {said.value: said for said in claim.said}
    if len({said.field for said in claim.said}) < 2:
        return None if _neighbours(ours) == _neighbours(theirs) or claim.said else "a number has changed its unit"
    for position, piece in enumerate(ours):
        told = [said for said in claim.said if said.value == piece.text]
        if piece.kind == "literal" and told and not any(_tied(ours, position, said, claim) for said in told):
            return f"{piece.text!r} does not stand with its {label(fields[piece.text].field)}"
    return None


def _tied(ours: Sequence[Piece], position: int, said: Said, claim: Claim) -> bool:
    values = {other.value for other in claim.said if other.field != said.field}
    before = _stretch(ours, range(position - 1, -1, -1), values)[::-1]
    after = _stretch(ours, range(position + 1, len(ours)), values)
    fields = list(dict.fromkeys(other.field for other in claim.said))
    nearest = _last_cue(before, fields) or _first_cue(after, fields)
    return nearest == said.field


def _stretch(ours: Sequence[Piece], positions: range, values: set[str]) -> list[str]:
    """The words from a value on, up to the next value of another field."""
    words: list[str] = []
    for position in positions:
        if ours[position].kind == "literal" and ours[position].text in values:
            break
        if ours[position].kind == "word":
            words.append(ours[position].text)
    return words


def _last_cue(words: Sequence[str], fields: Sequence[str]) -> str | None:
    found = _cue_places(words, fields)
    return max(found)[2] if found else None


def _first_cue(words: Sequence[str], fields: Sequence[str]) -> str | None:
    found = _cue_places(words, fields)
    return min(found, key=lambda cue: (cue[0] - cue[1], -cue[1]))[2] if found else None


def _cue_places(words: Sequence[str], fields: Sequence[str]) -> list[tuple[int, int, str]]:
    """(end, length in words, field) of every cue in these words."""
    found = []
    for field in fields:
        for cue in {*CUES.get(field, ()), label(field).casefold(), label(field, 2).casefold()}:
            parts = cue.split()
            for start in range(len(words) - len(parts) + 1):
                if list(words[start : start + len(parts)]) == parts:
                    found.append((start + len(parts), len(parts), field))
    return found


def _neighbours(side: Sequence[Piece]) -> list[tuple[str, str]]:
    """Each literal with the word after it."""
    return [(a.text, b.text) for a, b in pairwise(side) if a.kind == "literal" and b.kind == "word"]
