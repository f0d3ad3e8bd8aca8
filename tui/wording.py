"""Values and places in words, the same on the command line and on the screen."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable

from core.analysis.facts import Place, Value


def value_text(value: Value) -> str:
    """A value as a researcher writes it: `2e-4`, `128`, `(0.5, 0.999)`; a known none is `none`."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return _float(value)
        case tuple():
            return f"({', '.join(value_text(part) for part in value)})"
        case _:
            return str(value)


def _float(value: float) -> str:
    """The shorter of the plain and the scientific way, with all digits: 0.001 is 1e-3, 0.5 stays."""
    plain = repr(value)
    if not math.isfinite(value) or value == 0 or ("e" not in plain and abs(value) >= 0.01):
        return plain.removesuffix(".0")
    short = next(text for text in (f"{value:.{n}e}" for n in range(17)) if float(text) == value)
    digits, _, exponent = short.partition("e")
    return f"{digits}e{int(exponent)}"


def values_text(values: Iterable[Value], unknown: str = "") -> str:
    """All values in order; `unknown` where there is none."""
    return ", ".join(map(value_text, values)) or unknown


def field_text(field: str, value: Value) -> str:
    """A value of this field: a size is in bytes, so that two that are nearly equal differ."""
    return f"{value:,} B" if field == "size" and isinstance(value, int) else value_text(value)


def place_text(place: Place, home: str = "") -> str:
    """`train.py:41`, `notebook.ipynb cell 3:2`; the file as seen from `home` where it lies below it."""
    inside = home and place.file.startswith(home.rstrip(os.sep) + os.sep)
    file = os.path.relpath(place.file, home) if inside else os.path.basename(place.file)  # noqa: PTH119
    cell = f" cell {place.cell}" if place.cell is not None else ""
    return f"{file}{cell}:{place.line}"


def size_text(size: int) -> str:
    """Bytes in the largest unit that leaves a whole part: `312 B`, `4.2 kB`."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def plural(count: int, noun: str) -> str:
    """`1 model`, `1,204 models`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
