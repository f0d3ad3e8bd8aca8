"""`compare`: two groups of models, each the answer to a question."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.export import comparison_json, line
from tui.cli.opening import open_library
from tui.cli.printing import Printer, note
from tui.wording import plural, value_text

if TYPE_CHECKING:
    from core.compare.difference import CohortComparison, Spread

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
    body = [(row.field, *map(_spread, row.spreads)) for row in comparison.rows]
    printer.columns(("", *titles), body)


def _spread(spread: Spread) -> str:
    """`1e-3 … 2e-4 … 1e-5` for numbers, else the values with their counts; the unknown ones at the end."""
    if spread.median is not None and spread.low != spread.high:
        parts = [f"median {value_text(spread.median)} ({value_text(spread.low)} to {value_text(spread.high)})"]
    else:
        parts = [f"{value_text(value)} ×{count}" for value, count in spread.counts[:MOST_VALUES]]
        if len(spread.counts) > MOST_VALUES:
            parts.append(f"{len(spread.counts) - MOST_VALUES} more")
    if spread.unknown:
        parts.append(f"unknown ×{spread.unknown}")
    return ", ".join(parts) or "–"
