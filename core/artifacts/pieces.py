"""The lines of a text log of any length, read within bounds: all of them, or pieces from its beginning to its end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 8 << 20
"""Of a longer text only so much is read, in pieces."""
MOST_LINES = 100_000
PIECES = 16
"""A piece is long enough for whole epochs; the first begins where the text begins, the last ends where it ends."""
_CHUNK = 1 << 20

Line = tuple[int, str]
"""A line and its number, from 1."""


def is_long(path: str) -> bool:
    """Whether a text is read in pieces."""
    return os.stat(path).st_size > MOST_BYTES


def head_lines(path: str) -> list[Line]:
    """The first piece of a long text."""
    with Path(path).open("rb") as file:
        return _runs(list(_whole_lines(file.read(MOST_BYTES // PIECES), 0, first=True, last=False)))


def numbered_lines(path: str) -> list[Line]:
    """The lines of a text, each with its number in the file, those of the end always among them."""
    if not is_long(path):
        return _runs(list(enumerate(whole_text(path, MOST_BYTES).splitlines(), 1)))
    with Path(path).open("rb") as file:
        return _runs([line for piece in _pieces(file) for line in piece])


def whole_text(path: str, most: int) -> str:
    """A text up to a number of bytes; bytes that are no text are replaced."""
    with Path(path).open("rb") as file:
        data = file.read(most)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return data.decode(encoding, "replace")


def _pieces(file: BinaryIO) -> Iterator[Iterator[Line]]:
    """Whole lines of pieces evenly spread. What lies between is read too, for the numbers of the lines."""
    size, length = os.fstat(file.fileno()).st_size, MOST_BYTES // PIECES
    before = 0
    for piece in range(PIECES):
        start = piece * (size - length) // (PIECES - 1)
        before += _newlines(file, start - file.tell())
        data = file.read(length)
        yield _whole_lines(data, before, first=piece == 0, last=piece == PIECES - 1)
        before += data.count(b"\n")


def _newlines(file: BinaryIO, length: int) -> int:
    """How many lines end in the next bytes of a file."""
    count = 0
    while length > 0 and (data := file.read(min(length, _CHUNK))):
        count += data.count(b"\n")
        length -= len(data)
    return count


def _whole_lines(data: bytes, before: int, *, first: bool, last: bool) -> Iterator[Line]:
    """The lines of a piece but those that begin before it or end behind it."""
    lines = data.split(b"\n")
    chosen = range(0 if first else 1, len(lines) if last else len(lines) - 1)
    encoding = "utf-8-sig" if first else "utf-8"
    return ((before + index + 1, lines[index].decode(encoding, "replace")) for index in chosen)


def _runs(lines: list[Line]) -> list[Line]:
    """Of too many lines runs evenly spread, the first and the last among them."""
    if len(lines) <= MOST_LINES:
        return lines
    length = MOST_LINES // PIECES
    starts = (piece * (len(lines) - length) // (PIECES - 1) for piece in range(PIECES))
    return [line for start in starts for line in lines[start : start + length]]
