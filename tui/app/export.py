"""Writing results to a file: CSV and Markdown hold the columns of the grid, JSON holds all that is known."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from core.catalog.model import Row
from tui.app.columns import Column, cell, column
from tui.app.text import plain, typed_path

if TYPE_CHECKING:
    from core.library import Library


def complaint(text: str) -> str | None:
    """Why this path will not do; None where it will."""
    path = typed_path(text)
    if path.suffix.lower() not in WRITERS:
        return f"the name must end in {', '.join(WRITERS)}"
    if os.path.lexists(path):  # of any text; Path raises for some
        return f"{path} is there already; choose another name"
    if not os.path.isdir(path.parent):  # noqa: PTH112
        return f"there is no folder {path.parent}"
    return None


def export(library: Library, ids: Sequence[str], names: Sequence[str], path: Path) -> int:
    """Write these models in this order; how many there were. Raises OSError, FileExistsError among them."""
    with path.open("x", encoding="utf-8", newline="") as file:
        return WRITERS[path.suffix.lower()](
            library, ids, [column(name) for name in names if name not in ("rank", "score", "distance")], file
        )


def _rows(library: Library, ids: Sequence[str], columns: Sequence[Column]) -> list[list[str]]:
    rows: Sequence[Row] = library.rows(ids)
    return [[cell(spec, row, index, None) for spec in columns] for index, row in enumerate(rows)]


def _csv(library: Library, ids: Sequence[str], columns: Sequence[Column], file: TextIO) -> int:
    rows = _rows(library, ids, columns)
    writer = csv.writer(file)
    writer.writerow([spec.name for spec in columns])
    writer.writerows([[_harmless(text) for text in row] for row in rows])
    return len(rows)


def _harmless(text: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{text}" if text[:1] in ("=", "@", "+") else text


def _markdown(library: Library, ids: Sequence[str], columns: Sequence[Column], file: TextIO) -> int:
    rows = _rows(library, ids, columns)
    lines = [[spec.title for spec in columns], ["---"] * len(columns), *rows]
    for row in lines:
        file.write("| " + " | ".join(plain(text).replace("|", "\\|") for text in row) + " |\n")
    return len(rows)


def _json(library: Library, ids: Sequence[str], columns: Sequence[Column], file: TextIO) -> int:
    """One object a line, as `list --json` prints them."""
    from core.export import line, model_json

    models = library.reader().models(ids)
    for model in models:
        file.write(line(model_json(model)) + "\n")
    return len(models)


WRITERS: Mapping[str, Callable[[Library, Sequence[str], Sequence[Column], TextIO], int]] = {
    ".csv": _csv,
    ".json": _json,
    ".md": _markdown,
}
