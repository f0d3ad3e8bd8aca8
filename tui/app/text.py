"""Text that came from files, made fit for a screen, and values in the words of a grid."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from tui.wording import value_text

if TYPE_CHECKING:
    from core.analysis.facts import Place, Value

_DIRECTION = (*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0x061C, 0xFEFF)
"""Invisible characters that reorder, join or break what stands around them."""

_TABLE = {code: chr(0x2400 + code) for code in range(32)} | {0x7F: "\u2421"}
_TABLE |= dict.fromkeys((*range(128, 160), *range(55296, 57344)), "�")
_TABLE |= dict.fromkeys(_DIRECTION, "\ufffd")
_TABLE |= {ord("\t"): "    "}


def plain(text: object) -> str:
    """Text from a file as one harmless line: control characters are shown as symbols and never reach the terminal.

    Nothing drawn by the app goes through markup, so that brackets need no escape.
    """
    return str(text).replace("\r\n", "\n").replace("\n", " \u23ce ").translate(_TABLE)


def plain_lines(text: str) -> list[str]:
    """A text from a file as harmless lines."""
    return [line.translate(_TABLE) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def typed_path(text: str) -> Path:
    """The path that a line means: blanks around it are none of it, and a ~ that names nobody stands for itself."""
    return Path(os.path.expanduser(text.strip()))  # noqa: PTH111  (Path raises for an unknown user)


def number(value: float) -> str:
    """A measured number, to six digits: 0.0213, 64."""
    if isinstance(value, int):
        return str(value)
    return f"{value:g}"


def size(count: float) -> str:
    """A file size in the largest unit that leaves a digit before the point."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 10 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def count(value: float) -> str:
    """A count of parameters or steps: 1.2M, 340k."""
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if value >= limit:
            short = value / (1e3 if unit == "k" else limit)
            return f"{short:.0f}{unit}" if short >= 100 else f"{short:.3g}{unit}"
    return number(value)


def value(field: str, item: Value) -> str:
    """One value as the screen shows it."""
    if item is None:
        return "none"
    if isinstance(item, tuple):
        return "(" + ", ".join(value(field, part) for part in item) + ")"
    if isinstance(item, bool):
        return "yes" if item else "no"
    if isinstance(item, int | float):
        if field == "size":
            return size(item)
        if field.startswith("metrics."):
            return number(item)
        return count(item) if field == "parameters" else value_text(item)
    if field in ("created", "modified"):
        return plain(item)[:10]
    return plain(item)


def values(field: str, items: tuple[Value, ...]) -> str:
    """All values of a field in one cell, the main one first."""
    return ", ".join(value(field, item) for item in items)


def place(where: Place) -> str:
    """`train.py:41`, with the cell of a notebook."""
    name = plain(PurePath(where.file).name)
    return f"{name}[{where.cell}]:{where.line}" if where.cell is not None else f"{name}:{where.line}"


def fit(text: str, width: int, keep: str = "start", align: str = "left") -> str:
    """Exactly `width` cells: cut with an ellipsis at the end that tells less, or padded."""
    length = cell_len(text)
    if length == width:
        return text
    if length < width:
        space = " " * (width - length)
        return space + text if align == "right" else text + space
    return cut(text, width, keep)


def cut(text: str, width: int, keep: str = "start") -> str:
    """At most `width` cells; `keep` says which end of a longer text stays."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "\u2026"[:width]
    if keep == "start":
        return set_cell_size(text, width - 1) + "\u2026"
    mirrored = set_cell_size(text[::-1], width - 1)[::-1]
    return "\u2026" + mirrored


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces where there are any."""
    width = max(width, 8)
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while cell_len(word) > width:
            lines.append(set_cell_size(word, width))
            word = word[len(lines[-1].rstrip()) :]
        line = word
    return [*lines, line]


def fold(text: str) -> str:
    """For the filter of a list: case and accents do not count."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
