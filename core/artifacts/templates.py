"""Paths that code writes to, with holes, matched against files that are there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST_HOLES = 6
"""A template with more holes than this says nothing and could be slow to match."""
LONGEST = 1024
"""Longer paths are not matched."""
NUMBER_HOLES = {"epoch": "epoch", "step": "step", "iteration": "step", "iter": "step", "global_step": "step"}

_WORD = re.compile(r"[A-Za-z0-9]+")
_ALONE = re.compile(r"(?<![*A-Za-z0-9])[A-Za-z0-9]+(?![*A-Za-z0-9])")
_PIECE = re.compile(r"\{([^{}:!]*)[^{}]*\}|\*+|[^{*]+|\{")


@dataclass(frozen=True, slots=True)
class Match:
    """How much a match says (in literal characters) and what stood in the holes."""

    weight: float
    holes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled write path. `whole`: it names files; else a folder into which something is written."""

    pattern: re.Pattern[str]
    literal: int
    anchor: str
    """The longest word that stands in every path that matches."""
    alone: bool
    """Whether the anchor is a word by itself there; else letters or digits may stand beside it."""
    absolute: bool
    whole: bool

    @classmethod
    def read(cls, text: str) -> Template | None:
        """None where the template says nothing that a file could be told by."""
        text = _normal(text)
        told = _told(text)
        by_itself = max(_ALONE.findall(told), key=len, default="")
        anchor = by_itself if len(by_itself) > 2 else max(_WORD.findall(told), key=len, default="")
        if text.count("*") + text.count("{") > MOST_HOLES or not anchor or len(text) > LONGEST:
            return None
        named = bool(os.path.splitext(text)[1]) or text.endswith(("*", "}"))
        literal = sum(character.isalnum() for character in told)
        return cls(_compile(text, named), literal, anchor, anchor == by_itself, text.startswith("/"), named)

    def match(self, path: str, base: str) -> Match | None:
        """What this template, seen from a folder, says of a file. A folder weighs half: others may write there too."""
        prefix = base.rstrip(os.sep) + os.sep
        found = self.pattern.fullmatch(path, len(prefix)) if len(path) <= LONGEST and path.startswith(prefix) else None
        if found is None:
            return None
        holes = {key: value for key, value in found.groupdict().items() if value is not None}
        return Match(self.literal if self.whole else self.literal / 2, holes)


def _normal(text: str) -> str:
    """Forward slashes, no `./`, `..` taken away, since the bases are tried anyway, `**` as one star."""
    parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return ("/" if text.startswith("/") else "") + re.sub(r"\*+", "*", "/".join(parts))


def words_in(path: str) -> set[str]:
    """The runs of letters and digits of a path, by which anchors are looked up."""
    return set(_WORD.findall(path))


def _told(text: str) -> str:
    """What of it tells something: no suffix, and a star for each hole."""
    return re.sub(r"\{[^{}]*\}|\*", "*", os.path.splitext(text)[0])


def _compile(text: str, named: bool) -> re.Pattern[str]:
    """A pattern that takes linear time for each of its first wildcards: those never look back."""
    text = text.lstrip("/")
    pieces = _merged(_PIECE.finditer(text), text)
    pattern, seen = "", set[str]()
    for index, piece in enumerate(pieces):
        behind = pieces[index + 1] if index + 1 < len(pieces) else None
        before = pieces[index - 1] if index else None
        if piece.kind == "literal":
            pattern += "" if before is not None and before.takes_next else re.escape(piece.text)
        else:
            pattern += _hole(piece, behind, index + 2 == len(pieces), seen)
    if not named:
        pattern += "/.+"
    elif not os.path.splitext(text)[1]:
        pattern += r"(?:\.[A-Za-z0-9]+)?"
    return re.compile(pattern)


@dataclass(frozen=True, slots=True)
class _Part:
    """A literal, a number (epoch, step), a label or a star; `wide`: a star that may span folders."""

    kind: str
    text: str
    wide: bool = False

    @property
    def takes_next(self) -> bool:
        """Whether its pattern holds the literal behind it."""
        return self.kind in ("star", "label")


def _merged(found: Iterable[re.Match[str]], text: str) -> list[_Part]:
    """The parts of a template; wildcards side by side are one star."""
    parts: list[_Part] = []
    for match in found:
        part = _part(match, text)
        if parts and part.takes_next and parts[-1].takes_next:
            parts[-1] = _Part("star", "", part.wide or parts[-1].wide)
        else:
            parts.append(part)
    return parts


def _part(match: re.Match[str], text: str) -> _Part:
    if match.group().startswith("*"):
        start, end = match.span()
        alone = (start == 0 or text[start - 1] == "/") and (end == len(text) or text[end] == "/")
        return _Part("star", "", alone)
    if match.group(1) is None:
        return _Part("literal", match.group())
    name = match.group(1).strip().casefold()
    if name in NUMBER_HOLES:
        return _Part("number", NUMBER_HOLES[name])
    return _Part("label" if name == "label" else "star", name)


def _hole(part: _Part, behind: _Part | None, last: bool, seen: set[str]) -> str:
    """A wildcard together with the literal behind it, in an atomic group; a second hole of a name is not kept."""
    name = part.text if part.kind == "number" else part.kind
    kept = f"?P<{name}>" if name in ("epoch", "step", "label") and name not in seen else "?:"
    seen.add(name)
    if part.kind == "number":
        return rf"({kept}\d++)"
    any_of = "." if part.wide else "[^/]"
    if behind is None:
        return f"({kept}{any_of}*)"
    if behind.kind == "number" and "look back" not in seen:
        seen.add("look back")
        return rf"({kept}{any_of}*(?<!\d))"
    if behind.kind == "number":
        return rf"(?>({kept}{any_of}*?)(?=\d))"
    literal = re.escape(behind.text)
    return f"({kept}{any_of}*){literal}" if last else f"(?>({kept}{any_of}*?){literal})"
