"""Series of metrics out of the logs that training leaves.

CSV, JSON lines, JSON, TensorBoard events, printed text and the outputs of notebooks.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.analysis.facts import Place
from core.analysis.source import LARGEST_NOTEBOOK
from core.artifacts import stdout, tensorboard
from core.artifacts.metrics import NOT_METRICS, SPLIT_KEYS, Sample, Told, collect, is_metric, number, time_of
from core.artifacts.pieces import MOST_BYTES, Line, head_lines, is_long, numbered_lines, whole_text

MOST_ROWS = 100_000
MOST_COLUMNS = 500
DEEPEST = 4

__all__ = ["Told", "read_log"]


def read_log(path: str) -> list[Told]:
    """The series of a log; none where the file is no log of metrics. Raises OSError where it cannot be opened."""
    name = os.path.basename(path).lower()
    suffix = os.path.splitext(name)[1]
    if ".tfevents." in name:
        with Path(path).open("rb") as file:
            return collect(path, tensorboard.samples(file))
    if suffix == ".ipynb":
        return _notebook(path, whole_text(path, LARGEST_NOTEBOOK))
    if suffix == ".json" and not is_long(path) and (value := _parsed(text := whole_text(path, MOST_BYTES))) is not None:
        found = list(_found(value, _Lines(text), 0))
    elif is_long(path) and not _is_log(_samples(head_lines(path), suffix)):  # not gone through to its end
        return []
    else:
        found = _samples(numbered_lines(path), suffix)
    return collect(path, found) if _is_log(found) else []


def _samples(lines: list[Line], suffix: str) -> list[Sample]:
    """What lines tell, as rows of a table, as an object each or as printed text."""
    if suffix in (".csv", ".tsv"):
        return list(_csv(lines))
    found = list(_json_lines(lines))
    return found if found or suffix in (".jsonl", ".ndjson", ".json") else list(stdout.samples(lines))


def _is_log(found: list[Sample]) -> bool:
    """A table of numbers is a log where a time stands beside them and at least one is called like a metric."""
    return any(sample.epoch is not None or sample.step is not None for sample in found) and any(
        is_metric(s.key) for s in found
    )


def _csv(lines: list[Line]) -> Iterator[Sample]:
    """Rows under a header. Without a column that counts time there is no series."""
    if not lines:
        return
    delimiter = max(",;\t", key=lines[0][1].count)
    rows = csv.reader((text for _, text in lines), delimiter=delimiter)
    try:
        header = [column.strip() for column in next(rows)][:MOST_COLUMNS]
        if len(header) < 2 or not any(time_of(column) for column in header):
            return
        for row in rows:
            yield from _row(dict(zip(header, row, strict=False)), lines[rows.line_num - 1][0])
    except csv.Error:  # a field larger than csv allows, or a stray NUL: what came before it still holds
        return


def _json_lines(lines: Iterable[Line]) -> Iterator[Sample]:
    """One object a line; lines that are none are passed over, and a file without any gives nothing."""
    for line_number, line in lines:
        if line.lstrip().startswith("{"):
            value = _parsed(line)
            if isinstance(value, dict):
                yield from _row(_flat(value), line_number)


def _found(value: Any, lines: _Lines, depth: int) -> Iterator[Sample]:
    """A list of objects, an object of lists (Keras history), or either somewhere inside (`log_history`)."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        rows = [row for row in value[:MOST_ROWS] if isinstance(row, dict)]
        for index, row in enumerate(rows):
            flat = _flat(row)
            timed = flat if any(time_of(key) for key in flat) else {"epoch": index, **flat}
            yield from _row(timed, lines.of_last(next(iter(row), "")))
    elif isinstance(value, dict):
        columns = {key: column for key, column in value.items() if _is_column(column)}
        yield from _columns(columns, lines)
        for key, inner in value.items():
            if key not in columns and isinstance(inner, (dict, list)):
                yield from _found(inner, lines, depth + 1)


def _is_column(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(number(item) is not None for item in value[:50])


def _columns(columns: Mapping[str, list[Any]], lines: _Lines) -> Iterator[Sample]:
    """Lists side by side: the one that counts time, or else their order, gives the epochs (from 1)."""
    clock = next((key for key in columns if time_of(key)), None)
    for key, column in columns.items():
        if key == clock or not is_metric(key):
            continue
        line = lines.of_last(key)
        for index, item in enumerate(column[:MOST_ROWS]):
            value = number(item)
            time = (
                number(columns[clock][index]) if clock is not None and index < len(columns[clock]) else float(index + 1)
            )
            if value is not None:
                in_steps = clock is not None and time_of(clock) == "step"
                yield Sample(str(key), value, None if in_steps else time, time if in_steps else None, line)


class _Lines:
    """Finds the line of a key in the text of a JSON file: the last time that it stands there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known: dict[str, int] = {}

    def of_last(self, key: str) -> int:
        if key not in self.known:
            at = self.text.rfind(json.dumps(key))
            self.known[key] = self.text.count("\n", 0, at) + 1 if at >= 0 else 1
        return self.known[key]


def _row(row: Mapping[str, Any], line: int) -> Iterator[Sample]:
    """The numbers of one row with the times and the split that stand in it."""
    times: dict[str, float] = {}
    split = ""
    for key, value in row.items():
        kind, amount = time_of(key), number(value)
        if kind and amount is not None:
            times.setdefault(kind, amount)
        elif key.casefold() in SPLIT_KEYS and isinstance(value, str):
            split = value
    for key, value in row.items():
        amount = number(value)
        if amount is not None and not time_of(key) and key.casefold() not in NOT_METRICS:
            name = f"{split} {key}" if split else key
            yield Sample(name, amount, times.get("epoch"), times.get("step"), line)


def _flat(value: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Nested objects as `outer/inner`."""
    found: dict[str, Any] = {}
    for key, inner in list(value.items())[:MOST_COLUMNS]:
        name = f"{prefix}/{key}" if prefix else str(key)
        if isinstance(inner, dict) and depth < DEEPEST:
            found.update(_flat(inner, name, depth + 1))
        else:
            found[name] = inner
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _notebook(path: str, text: str) -> list[Told]:
    """What a notebook's cells printed, as it is stored with them. The place is the cell."""
    book = _parsed(text)
    cells = book.get("cells") if isinstance(book, dict) else None
    told: list[Told] = []
    for index, cell in enumerate(cells if isinstance(cells, list) else []):
        printed = "".join(_printed(cell))
        found = list(stdout.samples(enumerate(printed.splitlines()[:MOST_ROWS], 1)))
        if _is_log(found):
            told += [_in_cell(series, index) for series in collect(path, found)]
    return told


def _in_cell(series: Told, cell: int) -> Told:
    return Told(series.name, series.split, series.unit, series.points, Place(series.last.file, 1, 1, cell))


def _printed(cell: Any) -> Iterable[str]:
    outputs = cell.get("outputs") if isinstance(cell, dict) else None
    for output in outputs if isinstance(outputs, list) else []:
        text = output.get("text") if isinstance(output, dict) and output.get("output_type") == "stream" else None
        if isinstance(text, list):
            yield from (piece for piece in text if isinstance(piece, str))
        elif isinstance(text, str):
            yield text
