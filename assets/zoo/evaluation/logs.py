"""Numbers that a study wrote down itself."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path


def last(folder: Path, file: str, column: str) -> float:
    """The last value of a column of a CSV file, or of a key of JSON lines or of a JSON list of objects."""
    return values(folder / file, column)[-1]


def best(folder: Path, file: str, column: str, lowest: bool = False) -> float:
    """The largest (or lowest) value of a column."""
    return (min if lowest else max)(values(folder / file, column))


def values(path: Path, column: str) -> list[float]:
    """All values of a column, in order; lines without one are left out. Raises ValueError where there is none."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        rows = list(csv.DictReader(text.splitlines()))
    elif path.suffix == ".jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
    else:
        found = json.loads(text)
        rows = found if isinstance(found, list) else [found]
    numbers = [float(row[column]) for row in rows if row.get(column) not in (None, "")]
    if not numbers:
        raise ValueError(f"{path.name} has no {column}")
    return numbers


def printed(folder: Path, file: str, pattern: str) -> float:
    """The last number that a log or the outputs of a notebook show; the pattern's first group is the number."""
    text = (folder / file).read_text(encoding="utf-8")
    if file.endswith(".ipynb"):
        outputs = [output for cell in json.loads(text)["cells"] for output in cell.get("outputs", [])]
        text = "".join("".join(output.get("text", [])) for output in outputs)
    found = re.findall(pattern, text)
    if not found:
        raise ValueError(f"{file} shows nothing like {pattern!r}")
    return float(found[-1])
