"""`compare`: two groups of models, each the answer to a question."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.compare.values import METRICS
from core.export import comparison_json, line
from core.fields import SETTINGS
from tui.cli.opening import open_library
from tui.cli.printing import Printer, note
from tui.wording import plural, value_text

if TYPE_CHECKING:
    from core.compare.difference import CohortComparison, CohortRow, Spread

MOST_VALUES = 4
"""Values of one field that are named for people; `--json` has all."""


def compare(catalog: Path | None, first: str, second: str, as_json: bool) -> int:
    from tui.cli.searching import ask

    library = open_library(catalog)
    answers = [ask(library, question) for question in (first, second)]
    comparison = library.compare(*answers)
    if as_json:
        print(line(comparison_json(comparison, [library.hits(answer) for answer in answers])))
    else:
        _print(Printer(), comparison)
    for query, size in zip(comparison.queries, comparison.sizes, strict=True):
        if not size:
            note(f"{query or 'all'}: no model")
    return 0 if all(comparison.sizes) else 1


def _print(printer: Printer, comparison: CohortComparison) -> None:
    titles = [
        f"{query or 'all'} ({plural(size, 'model')})"
        for query, size in zip(comparison.queries, comparison.sizes, strict=True)
    ]
    rows = [row for row in comparison.rows if _shared(row) or not row.field.startswith((SETTINGS, METRICS))]
    body = [(row.field, *(_words(row.field, spread) for spread in row.spreads)) for row in rows]
    printer.columns(("", *titles), body)
    if left := len(comparison.rows) - len(rows):
        printer.line((f"settings and metrics that only one side has: {left} more (--json has them)", "dim"))


def _shared(row: CohortRow) -> bool:
    """Whether any model of each cohort knows it."""
    return all(spread.counts for spread in row.spreads)


def _words(field: str, spread: Spread) -> str:
    """The range of dates and of numbers, else the values with their counts; the unknown ones at the end."""
    if field in ("created", "modified"):
        days = sorted(str(value)[:10] for value, _ in spread.counts)
        return " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "–"
    if spread.median is not None and spread.low != spread.high:
        low, middle, high = (value_text(float(f"{x:.6g}")) for x in (spread.low or 0, spread.median, spread.high or 0))
        parts = [f"{middle} ({low} to {high})"]
    else:
        parts = [f"{value_text(value)} ×{count}" for value, count in spread.counts[:MOST_VALUES]]
        if len(spread.counts) > MOST_VALUES:
            parts.append(f"{len(spread.counts) - MOST_VALUES} more")
    if spread.unknown:
        parts.append(f"unknown ×{spread.unknown}")
    return ", ".join(parts) or "–"
