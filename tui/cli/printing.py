"""Writing for people: what a terminal may be shown, how wide it is, and tables that fit it."""

from __future__ import annotations

import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest
from typing import TextIO

_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}
Style = str
"""A key of _CODES; any other word is no style."""

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Control characters, those that reorder text, and bytes of a file name that are no UTF-8."""


def safe(text: str) -> str:
    """The text with every character that a terminal would act on written out: `\\x1b`, `\\n`."""
    return _UNSAFE.sub(lambda match: repr(match[0])[1:-1], text)


def is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def coloured(stream: TextIO) -> bool:
    """Whether styles are written: a terminal that has colours, and a user who has not said no (no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Printer:
    """Writes lines to a stream: styled and cut to the width on a terminal, whole and plain elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.terminal = is_terminal(self.stream)
        self.colours = coloured(self.stream)
        self.width = shutil.get_terminal_size((80, 24)).columns if self.terminal else 10_000

    def style(self, text: str, style: Style) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colours and style in _CODES and text else text

    def line(self, *parts: str | tuple[str, Style], indent: int = 0) -> None:
        """One line of parts, each made safe, cut at the right edge of a terminal."""
        room = self.width - indent
        written = " " * indent
        for part in parts:
            text, style = (part, "plain") if isinstance(part, str) else part
            text = fit(safe(text), room) if self.terminal else safe(text)
            room -= cells(text)
            written += self.style(text, style)
        self.write(written.rstrip() + "\n")

    def write(self, text: str) -> None:
        self.stream.write(text)

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], keep: int = 1, below: Sequence[str] | None = None
    ) -> None:
        """Columns side by side as they fit, the first `keep` of them always; tab-separated where there is no terminal.

        `below` has a line for each row that stands under it, dimmed; only a terminal gets them.
        """
        body = [[safe(cell) for cell in row] for row in rows]
        if not self.terminal:
            for row in body:
                self.write("\t".join(row) + "\n")
            return
        widths = _widths([[*header], *body], self.width, keep)
        self.write(self.style(_row(header, widths), "bold") + "\n")
        for position, row in enumerate(body):
            self.write(_row(row, widths) + "\n")
            if below and below[position]:
                self.line((below[position], "dim"), indent=4)

    def columns(self, head: Sequence[str], body: Sequence[Sequence[str]]) -> None:
        """A name and two sides that share what the names leave. Tab-separated where there is no terminal."""
        rows = [[safe(text) for text in row] for row in (head, *body)]
        if not self.terminal:
            for row in rows:
                self.write("\t".join(row) + "\n")
            return
        names = min(max(cells(row[0]) for row in rows), 28)
        side = max((self.width - names - 2 * _GAP) // 2, 8)
        for position, row in enumerate(rows):
            styles: tuple[Style, ...] = ("cyan", "plain", "plain") if position else ("bold", "bold", "bold")
            parts = [wrap(text, width) for text, width in zip(row, (names, side, side), strict=True)]
            for texts in zip_longest(*parts, fillvalue=""):
                padded = map(pad, texts, (names, side, side))
                self.write("  ".join(map(self.style, padded, styles)).rstrip() + "\n")

    def paragraph(self, text: str, style: Style = "plain", indent: int = 0) -> None:
        """A text on as many lines as it needs, all but the first indented."""
        for position, text_line in enumerate(wrap(safe(text), self.width - indent)):
            self.line((text_line, style), indent=indent if position else 0)


def cells(text: str) -> int:
    """Columns that a text takes in a terminal: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int) -> str:
    """The text with blanks after it up to the width."""
    return text + " " * (width - cells(text))


def _fitting(text: str, width: int) -> int:
    """How many characters of the text fit into the width."""
    used = 0
    for position, character in enumerate(text):
        used += _cell(character)
        if used > width:
            return position
    return len(text)


def fit(text: str, width: int) -> str:
    """The text cut to the width, an ellipsis where something is missing."""
    if cells(text) <= width:
        return text
    return text[: _fitting(text, width - 1)] + "…" if width > 0 else ""


def wrap(text: str, width: int) -> list[str]:
    """The text in lines no wider than that, broken between words, and inside a word that is wider still."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(joined) <= width:
            lines[-1] = joined
            continue
        while cells(word) > width:
            cut = _fitting(word, width) or 1
            lines.append(word[:cut])
            word = word[cut:]
        lines.append(word)
    return lines if lines[0] or len(lines) == 1 else lines[1:]


def fit_end(text: str, width: int) -> str:
    """The same, keeping the end: it tells more of an id or a path."""
    if cells(text) <= width:
        return text
    return "…" + fit(text[::-1], width)[:-1][::-1] if width > 0 else ""


_GAP = 2
_WIDEST = 36
"""Cells of a column other than the first; longer values are cut."""


def _widths(rows: Sequence[Sequence[str]], room: int, keep: int) -> list[int]:
    """Width of each column from the left, as many as fit; the first gives way down to a third of the room."""
    wanted = [max(cells(row[column]) for row in rows) for column in range(len(rows[0]))]
    widths = [min(wanted[0], max(room // 3, room - sum(min(want, 12) + _GAP for want in wanted[1:keep])))]
    left = room - widths[0]
    for column, want in enumerate(wanted[1:], start=1):
        width = min(want, _WIDEST)
        if column < keep:
            width = min(width, max(left - _GAP, 1))
        elif width + _GAP > left:
            break
        widths.append(width)
        left -= width + _GAP
    return widths


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    parts = [fit_end(row[0], widths[0]), *(fit(cell, width) for cell, width in zip(row[1:], widths[1:], strict=False))]
    padded = [pad(part, width) for part, width in zip(parts, widths, strict=True)]
    return (" " * _GAP).join(padded).rstrip()


def note(text: str) -> None:
    """One line on stderr: what the user should know and a script should not read."""
    sys.stderr.write(f"modelsearch: {safe(text)}\n")
