"""What a README says of each script that it names: the list item, the row of a table, the paragraph or the section."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import count

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
    """The title of a README and the first sentence under it, as plain text: the first heading that names no section of
    its own (empty where there is none), and the first prose that stands under no news, to the end of what it
    announces."""
    titled = hushed = False
    announced = ""
    for part, line in _parts(text):
        plain, is_title = unescape(_plain(part)).strip().rstrip("= "), _TITLE.search(part) is not None
        if _OF_NEWS.fullmatch(plain):
            hushed = True
        elif is_title and plain:
            hushed = False
            if not titled and not _SECTION_NAME.fullmatch(plain):
                titled = True
                yield Piece(plain, line)
        elif not hushed and (announced or not _NO_PROSE.match(part)) and _PROSE.match(plain):
            said = f"{announced} {_SENTENCE.split(plain, maxsplit=1)[0]}".strip()
            if announced or not said.endswith(":"):
                yield from () if titled else (Piece("", line),)
                yield Piece(said, line)
                return
            announced = said


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """The blocks in which a README says what it is, its headings apart, and their lines."""
    for block in Piece(text[:_OPENING], 1).blocks:
        parts = _HEADED.fullmatch(block.text)
        yield from zip(parts.groups() if parts else (block.text,), count(block.line), strict=False)


_OPENING = 4000
"""Characters of a README in which it says what it is."""
_HEADED = re.compile(r"(#[^\n]*|[^\n]+\n=+)[^\S\n]*\n(.+)", re.DOTALL)
"""A heading, and what stands under it without an empty line."""
_TITLE = re.compile(r"\A\s*<h1|<(h1|b)>|\n=+\s*\Z|\A#", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s(?=[A-Z])")
_SECTION_NAME = re.compile(r"\W*(introduction|overview|abstract|about|description|summary|read ?me)\W*", re.IGNORECASE)
"""Headings under which a README says what it is."""
_OF_NEWS = re.compile(
    r"\W*((latest )?news|(recent )?updates?|changelog|to ?do( list)?|notes?|requirements|prerequisites|dependencies|"
    r"(quick |getting )?start(ed)?|installation|set ?up|usage|(table of )?contents?|features|highlights|"
    r"recommend(ation|ed)s?|related works?|examples|demos?|results|citations?|licen[sc]e|training|how to .*)\W*",
    re.IGNORECASE,
)
"""Headings under which it says other things."""
_NO_PROSE = re.compile(r"\s*([-*+] |\d+[.)] |\|)")
"""How lists and tables begin."""
_PROSE = re.compile(r"(?!(created |written |authors?:? )?by |fig(ure|\.) ?\d)\S+ \S+ \S", re.IGNORECASE)
"""A few words, that are no names of authors, nor what stands below a picture."""


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
