"""What the writer is given: one claim's sentence, and a grammar of the words that may be written about it.

The prompt has nothing of a file in it but short names and numbers, and of these only harmless characters. The grammar
lets the writer choose the words between them; nothing it writes counts before `verification` has passed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from core.report.claims import IT, Claim
from core.report.verification import GLUE, literals_of, pieces

_HARMLESS = re.compile(r"[\w .,;:'()/+%=-]+", re.ASCII)
LONGEST_NOTE = 400
LONGEST_NAME = 60
MOST_WORDS_IN_NAME = 4
"""A longer "name" is somebody's sentence and may try to give orders."""

_STARTS = ("it", "its", "the", "with", "in", "for", "on", "at")

_PHRASE = re.compile(r" (?=(?:on|for|in|with|at) )")
"""Where a phrase begins that can be moved."""

_MOST_PHRASES = 5
"""More have too many orders for a grammar."""


def writable(claim: Claim) -> bool:
    """Whether a claim may be put into a prompt."""
    names = [*claim.subjects, *(said.value for said in claim.said)]
    short = all(len(name) <= LONGEST_NAME and len(name.split()) <= MOST_WORDS_IN_NAME for name in names)
    return not claim.plain and short and len(claim.text) <= LONGEST_NOTE and bool(_HARMLESS.fullmatch(claim.text))


def prompt_for(claim: Claim) -> str:
    """Instructions and examples, the same for every claim, then the claim."""
    return _template().replace("{note}", claim.text)


@cache
def _template() -> str:
    return (files("assets") / "prompts" / "sentence.txt").read_text("utf-8").rstrip("\n")


def grammar_for(claim: Claim) -> str:
    """GBNF of one sentence of the claim's names, numbers and words, and glue, in any order."""
    found = list(pieces(claim.text, literals_of(claim)))
    names = list(dict.fromkeys(piece.text for piece in found if piece.kind == "literal"))
    words = {piece.text for piece in found if piece.kind == "word"} | GLUE
    words = {word for word in words if word[0].isalpha()}
    start = [word.capitalize() for word in _STARTS if word in words]
    lines = [
        f"word ::= {_either(sorted(words))}",
        f"name ::= {_either(names)}" if names else 'name ::= "it"',
        f"first ::= {_either(start)} | name",
        'root ::= first (","? " " (word | name))+ "."',
    ]
    return "\n".join(lines)


def narrow_grammar_for(claim: Claim) -> str | None:
    """GBNF of the claim's own phrases, all behind or one in front, in any order, and of words for "It".

    None where there is nothing to choose: the claim names its subject and its phrases cannot be moved.
    """
    movable = len(set(claim.subjects)) == 1 and ";" not in claim.text and "," not in claim.text
    opening, *phrases = _PHRASE.split(claim.text.removesuffix(".")) if movable else [claim.text.removesuffix(".")]
    if len(phrases) > _MOST_PHRASES:
        opening, phrases = claim.text.removesuffix("."), []
    openings = _openings(opening)
    if len(openings) == 1 and len(phrases) < 2:
        return None
    ways = [f"({_either(openings)}) {_orders(range(len(phrases)), phrases)}"]
    for first, phrase in enumerate(phrases if len(phrases) > 1 else []):
        rest = _orders([other for other in range(len(phrases)) if other != first], phrases)
        behind = _either([", " + _inside(words) for words in openings])
        ways.append(f"{_quoted(phrase[0].upper() + phrase[1:])} ({behind}) {rest}")
    return f'root ::= ({" | ".join(ways)}) "."'


def _openings(opening: str) -> list[str]:
    """The opening of a sentence in other words."""
    for words, others in (("It ", "The model "), ("Its ", "The model's ")):
        if opening.startswith(words):
            return [opening, others + opening.removeprefix(words)]
    return [opening]


def _orders(left: Iterable[int], phrases: Sequence[str]) -> str:
    """Every order of these phrases as a tree of alternatives."""
    rest = list(left)
    if not rest:
        return '""'
    ways = [f"{_quoted(' ' + phrases[i])} {_orders([j for j in rest if j != i], phrases)}" for i in rest]
    return ways[0] if len(ways) == 1 else f"({' | '.join(ways)})"


def _inside(opening: str) -> str:
    """The opening of a sentence as it stands behind a phrase."""
    return opening[0].lower() + opening[1:] if opening.startswith((IT, "The model")) else opening


def _either(texts: list[str]) -> str:
    return " | ".join(map(_quoted, texts))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
