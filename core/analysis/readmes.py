"""What a README says of each script that it names: the list item, the row of a table, the paragraph or the section."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

LONGEST = 100_000
"""Characters of a README that are read."""
_LINK = re.compile(r"\]\(([^)\s]{1,500}+)[^)]{0,500}+\)|\bhref=[\"']([^\"']{1,500}+)")
"""Bounded, as all patterns here are that begin often and may never end: a picture may stand in a README as text."""
_FILE = re.compile(r"(?<![\w/.:+-])(?:[\w.+-]+/)*[\w.+-]+\.(?:py|ipynb|ya?ml)\b")
_HOSTED = re.compile(r"https?://.*?/(?:blob|tree)/[^/]+(?=/)")
"""What a link to a file of a repository begins with, wherever it is hosted."""
_SECTION = re.compile(r"^(?=#{1,6} )", re.MULTILINE)
_ITEM = re.compile(r"\s*(?:[-*+] |\d+[.)] |\||#)")
_MARKS = [
    (re.compile(r"```.*?(?:```|\Z)|<!--.{0,2000}?-->|<[^>]{1,500}+>|!\[[^\]]{0,500}+\]\([^)]*+\)", re.DOTALL), " "),
    (re.compile(r"\[([^\]]{0,500}+)\]\([^)]{0,500}+\)"), r"\1"),
    (re.compile(r"^[ \t]*(?:[-*+]|\d+[.)]) ", re.MULTILINE), " "),
    (re.compile(r"https?://\S+|[*_`|#]+"), " "),
    (re.compile(r"\s+"), " "),
]


def is_readme(path: str) -> bool:
    return os.path.basename(path).lower().startswith("readme")


def named(text: str) -> list[str]:
    """The files and folders that a text names or links to, as it writes them."""
    links = (re.split("[#?]", first or second)[0] for first, second in _LINK.findall(text))
    links = (_HOSTED.sub("://", link) for link in links if "://" not in link or _HOSTED.match(link))
    found = [*links, *_FILE.findall(_LINK.sub(" ", text))]
    plain = (each.replace("%20", " ").removeprefix("./").rstrip("/") for each in found)
    return list(dict.fromkeys(filter(None, plain)))


def names(said: Sequence[str], path: str) -> bool:
    """Whether one of these names is a file's or folder's whose path is given from the README on."""
    return any(each == path or ("://" in each and each.endswith(f"/{path}")) for each in said)


def names_any(said: Sequence[str], path: str) -> bool:
    """Whether a file or the folder that it stands in is named."""
    return names(said, path) or ("/" in path and names(said, os.path.dirname(path)))


@dataclass(frozen=True)
class Piece:
    """A part of a README, and the lines that it stands on."""

    text: str
    line: int

    @cached_property
    def named(self) -> list[str]:
        return named(self.text)

    @property
    def end(self) -> int:
        return self.line + self.text.rstrip().count("\n")

    @cached_property
    def blocks(self) -> list[Piece]:
        """Its list items, rows and paragraphs."""
        made: list[list[str]] = []
        starts: list[int] = []
        open_ = False
        for number, line in enumerate(self.text.split("\n"), self.line):
            if not open_ or _ITEM.match(line):
                made.append([])
                starts.append(number)
            made[-1].append(line)
            open_ = bool(line.strip())
        return [Piece("\n".join(lines), start) for lines, start in zip(made, starts, strict=True)]


def sections(text: str) -> list[Piece]:
    """The parts of a README under their headings."""
    found, line = [], 1
    for part in _SECTION.split(text[:LONGEST]):
        found.append(Piece(part, line))
        line += part.count("\n")
    return found


def opening(text: str) -> Iterator[Piece]:
    """The title of a README and the first sentence under it, as plain text."""
    untitled = True
    for block in Piece(text[:_OPENING], 1).blocks:
        first, _, rest = block.text.partition("\n")
        for line, part in enumerate((first, rest) if first.startswith("#") else (block.text,), block.line):
            is_title = part is first or _TITLE.search(part) is not None
            if (plain := _plain(part)) and (untitled or not is_title):
                yield Piece(plain.rstrip("= ") if is_title else _SENTENCE.split(plain, maxsplit=1)[0], line)
                if not is_title:
                    return
                untitled = False


_OPENING = 4000
"""Characters of a README in which it says what it is."""
_TITLE = re.compile(r"\A\s*<h1|<(h1|b)>|\n=+\s*\Z|\A#", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s(?=[A-Z])")


def told(parts: Sequence[Piece], path: str) -> Iterator[tuple[str, Piece]]:
    """What sections say of a file, or of its folder where none names the file, as plain text, and where: a whole
    section that names no other script or folder, else what names the file, under the section's heading."""
    wanted = path if any(names(part.named, path) for part in parts) else os.path.dirname(path)
    for part in parts if wanted else ():
        if names(part.named, wanted):
            heading = part.text.partition("\n")[0] if part.text.startswith("#") else ""
            others = [each for each in part.named if not names([each], wanted) and _is_code(each)]
            for piece in [each for each in part.blocks if names(each.named, wanted)] if others else [part]:
                yield _plain(piece.text if piece is part else f"{heading}\n{piece.text}"), piece


def _is_code(name: str) -> bool:
    """Whether a name is a script's, or a folder's beside."""
    ending = os.path.splitext(name)[1]
    return ending in (".py", ".ipynb") or (not ending and "://" not in name)


def _plain(text: str) -> str:
    """Markdown without pictures, targets of links, code and marks."""
    for mark, instead in _MARKS:
        text = mark.sub(instead, text)
    return text.strip()
