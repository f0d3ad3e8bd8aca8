"""What the writer is given: one claim's sentence, and a grammar of the words that may be written about it.

The prompt has nothing of a file in it but short names and numbers, and of these only harmless characters. The grammar
lets the writer choose the words between them; nothing it writes counts before `verification` has passed it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from core.report.claims import Claim
from core.report.verification import GLUE, literals_of, pieces

_HARMLESS = re.compile(r"[\w .,;:'()/+%=-]+", re.ASCII)
LONGEST_NOTE = 400
LONGEST_NAME = 60
MOST_WORDS_IN_NAME = 4
"""A longer "name" is somebody's sentence and may try to give orders."""

_MOST_BETWEEN = 8
"""Words between two literals."""


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


def grammar_for(claim: Claim, strict: bool = False) -> str:
    """GBNF of the claim's names, numbers and words, and glue; where `strict`, names and numbers once and in order."""
    literals = literals_of(claim)
    found = list(pieces(claim.text, literals))
    words = {piece.text for piece in found if piece.kind == "word" and piece.text not in ".,;"} | GLUE - {",", "."}
    in_order = [piece.text for piece in found if piece.kind == "literal"]
    start = [word[0].upper() + word[1:] for word in ("it", "its", "the", "with", "in", "for", "on") if word in words]
    lines = [
        f"word ::= {_either(sorted(words))}",
        f"first ::= {_either(start)} | name",
        f"name ::= {_either(in_order or ['it'])}",
    ]
    if strict:
        body = " ".join(f"gap {_quoted(text)}" for text in in_order[1:] if text)
        head = _quoted(in_order[0]) if in_order and claim.text.startswith(in_order[0]) else "opening"
        lines.append(f"root ::= {head} {body} gap-end")
    else:
        lines.append('root ::= first (","? " " (word | name))* "."')
    return "\n".join(lines)


def _either(texts: list[str]) -> str:
    return " | ".join(map(_quoted, texts))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
