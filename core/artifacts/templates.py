"""Paths that code writes to, with holes, matched against files that are there."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_HOLES = 6
"""A template with more holes than this says nothing and could be slow to match."""
LONGEST = 1024
"""Longer paths are not matched."""
NUMBER_HOLES = {"epoch": "epoch", "step": "step", "iteration": "step", "iter": "step", "global_step": "step"}

_PIECE = re.compile(r"\{([^{}:!]*)[^{}]*\}|\*+|[^{*]+|\{")


@dataclass(frozen=True, slots=True)
class Match:
    """How much a match says (literal characters; a nearer folder breaks ties) and what stood in the holes."""

    weight: float
    holes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled write path. `bases` are the folders it may start in, the likeliest first."""

    pattern: re.Pattern[str]
    literal: int
    bases: tuple[str, ...]
    whole: bool
    """Whether it names files; else a folder into which something is written."""

    @classmethod
    def read(cls, text: str, bases: Sequence[str]) -> Template | None:
        """None where the template says nothing that a file could be told by."""
        text = _normal(text)
        literal = _literal(text)
        if text.count("*") + text.count("{") > MOST_HOLES or literal < 1 or len(text) > LONGEST:
            return None
        named = bool(os.path.splitext(text)[1]) or text.endswith(("*", "}"))
        absolute = text.startswith("/")
        return cls(_compile(text, named), literal, ("/",) if absolute else tuple(bases), named)

    def match(self, path: str) -> Match | None:
        """What this template says of a file, or None. A folder template weighs half: others may write there too."""
        if len(path) > LONGEST:
            return None
        for rank, base in enumerate(self.bases):
            prefix = base.rstrip(os.sep) + os.sep
            found = self.pattern.fullmatch(path, len(prefix)) if path.startswith(prefix) else None
            if found is not None:
                holes = {key: value for key, value in found.groupdict().items() if value is not None}
                return Match((self.literal if self.whole else self.literal / 2) - rank / 16, holes)
        return None


def _normal(text: str) -> str:
    """Forward slashes, no `./`, `..` taken away, since the bases are tried anyway, `**` as one star."""
    parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return ("/" if text.startswith("/") else "") + re.sub(r"\*+", "*", "/".join(parts))


def _literal(text: str) -> int:
    """How many characters of it tell something: letters and digits outside of holes and suffix."""
    return sum(character.isalnum() for character in re.sub(r"\{[^{}]*\}", "", os.path.splitext(text)[0]))


def _compile(text: str, named: bool) -> re.Pattern[str]:
    """A pattern whose stars never look back, so that matching takes linear time."""
    pieces = list(_PIECE.finditer(text.lstrip("/")))
    pattern, seen = "", set[str]()
    for index, piece in enumerate(pieces):
        hole = piece.group(1)
        if piece.group() == "*":
            alone = _alone(text.lstrip("/"), piece.start(), piece.end())
            pattern += _star(pieces, index, alone)
        elif hole is not None:
            pattern += _hole(hole, seen)
        elif index and pieces[index - 1].group() == "*":
            continue  # the star before has taken it
        else:
            pattern += re.escape(piece.group())
    if not named:
        pattern += "/.+"
    elif not os.path.splitext(text)[1]:
        pattern += r"(?:\.[A-Za-z0-9]+)?"
    return re.compile(pattern)


def _alone(text: str, start: int, end: int) -> bool:
    """Whether a star is a whole path component: then it may stand for several."""
    return (start == 0 or text[start - 1] == "/") and (end == len(text) or text[end] == "/")


def _star(pieces: list[re.Match[str]], index: int, alone: bool) -> str:
    """A star with the literal behind it, in an atomic group."""
    following = pieces[index + 1].group() if index + 1 < len(pieces) else ""
    any_of = "." if alone else "[^/]"
    if following and not following.startswith("{"):
        last = index + 2 == len(pieces)
        return f"{any_of}*{re.escape(following)}" if last else f"(?>{any_of}*?{re.escape(following)})"
    return f"{any_of}*"


def _hole(name: str, seen: set[str]) -> str:
    """A named hole: digits for a time, one path component for anything else; a second one of a name is not kept."""
    key = NUMBER_HOLES.get(name.casefold(), name.casefold())
    body = r"\d+" if key in ("epoch", "step") else "[^/]+?"
    if key not in ("epoch", "step", "label") or key in seen:
        return f"(?:{body})"
    seen.add(key)
    return f"(?P<{key}>{body})"
