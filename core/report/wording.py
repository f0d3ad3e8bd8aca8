"""How fields, values and lists are said in English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from core.analysis.facts import Value

LONGEST_VALUE = 80
"""Characters of one value in a sentence; longer ones are cut."""

_LABELS = {
    "model_classes": "classes",
    "datasets": "dataset",
    "ema": "EMA decay",
    "grad_clip": "gradient clipping",
    "loss_weights": "loss weights",
    "latent_dim": "latent size",
    "hidden_sizes": "hidden sizes",
    "image_size": "image size",
    "heads": "attention heads",
    "seed": "random seed",
    "size": "file size",
    "lines": "lines of code",
    "named_only": "family in name only",
}

_PLURALS = {
    "batch_size": "batch sizes",
    "loss": "losses",
    "datasets": "datasets",
    "ema": "EMA decays",
    "named_only": "families in name only",
}
_INVARIANT = (
    "classes", "weights", "sizes", "heads", "epochs", "steps", "betas", "hardware", "clipping", "precision",
    "parameters", "code",
)  # fmt: skip
"""Endings of labels that are plural already, or have no plural."""


def label(field: str, count: int = 1) -> str:
    """The words for a field: "learning rate", with several values "learning rates"."""
    words = _LABELS.get(field, field.removeprefix("settings.").replace("_", " "))
    if count == 1 or words.endswith(_INVARIANT):
        return words
    return _PLURALS.get(field, words[:-1] + "ies" if words.endswith("y") else words + "s")


def clean(text: str, longest: int = LONGEST_VALUE) -> str:
    """Text from a file as one short line: control characters and runs of white space are single spaces."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= longest else line[: longest - 1].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def number(value: float) -> str:
    """`1,234,567`, `0.0002`, `1e-5`: whole numbers whole, others with at most five digits that count."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
    text = f"{value:.5g}"
    return re.sub(r"e([+-])0*(\d)", lambda found: "e" + found[1].replace("+", "") + found[2], text)


def value_text(value: Value) -> str:
    """One value as a sentence shows it; a compound one in parentheses."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(value_text, value)) + ")"
    return clean(value) or "empty"


def series(items: Sequence[str], most: int = 6, last: str = "and") -> str:
    """`a, b and c`; of many the first ones and how many more there are."""
    if len(items) > most:
        items = [*items[: most - 1], f"{len(items) - most + 1} more"]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def values_text(values: Iterable[Value]) -> str:
    return series([value_text(value) for value in values])


def count(amount: int, noun: str, plural: str = "") -> str:
    """`1 epoch`, `20 epochs`."""
    return f"{number(amount)} {noun if amount == 1 else plural or noun + 's'}"


def file_size(size: int) -> str:
    """Bytes in the unit that keeps the figure short: `512 bytes`, `11.8 MB`."""
    if size < 1000:
        return count(size, "byte")
    power = min((len(str(size)) - 1) // 3, 4)
    return f"{size / 1000**power:.1f} {('', 'kB', 'MB', 'GB', 'TB')[power]}"


def share(part: float, whole: float) -> str:
    """`33 %`, rounded to whole percents; `under 1 %` where it rounds to nothing."""
    percent = round(100 * part / whole)
    return f"{percent} %" if percent else "under 1 %"


def factor(high: float, low: float) -> str:
    """How many times as much, with two digits that count: `4`, `1.3`."""
    ratio = high / low
    if ratio == float("inf"):
        return f"{Decimal(high) / Decimal(low):.2g}"
    return number(round(ratio)) if ratio >= 10 else f"{ratio:.2g}"


def day(date: str) -> str:
    """The day of an ISO date."""
    return date[:10]


def verb(words: str) -> str:
    """`is` or `are`, as a label asks for."""
    plural = ("classes", "weights", "sizes", "heads", "epochs", "steps", "betas", "parameters", "lines of code")
    return "are" if words.endswith(plural) else "is"


def field_text(field: str, value: Value) -> str:
    """A value of a field in a table: days of dates, sizes in units."""
    if field in ("created", "modified") and isinstance(value, str):
        return day(value)
    return file_size(value) if field == "size" and isinstance(value, int) else value_text(value)


def joined(parts: Sequence[str]) -> str:
    """Parts of a sentence that may hold an "and" themselves: `x in a and b, y in c, and z in d`."""
    if len(parts) < 2 or not any(" and " in part for part in parts):
        return series(parts, most=len(parts))
    return ", ".join(parts[:-1]) + ", and " + parts[-1]
