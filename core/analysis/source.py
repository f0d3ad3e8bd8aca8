"""Reading one file: Python, notebook, config or text, with a place for every line.

Nothing a file holds makes this raise: what cannot be read or parsed becomes a warning that names file and line,
and its text stays searchable.
"""

from __future__ import annotations

import ast
import bisect
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.analysis.facts import Place
from core.analysis.magics import in_one_piece, without_magics
from core.analysis.marimo import without_cells
from core.analysis.nodes import parsed
from core.analysis.recovery import Recovered, recovered
from core.analysis.versions import from_other_versions

SourceKind = Literal["python", "notebook", "config", "text"]

LARGEST_PARSED = 1_000_000
"""Bytes. Beyond this a file is data or generated; parsing it takes seconds and gigabytes."""
LARGEST_NOTEBOOK = 60_000_000
"""Bytes. Notebooks carry their pictures; the code in them is small."""
KEPT_TEXT = 200_000
"""Characters of a file too large to parse that stay searchable."""

KINDS: dict[str, SourceKind] = {
    ".py": "python", ".pyw": "python", ".ipynb": "notebook", ".yaml": "config", ".yml": "config",
    ".json": "config", ".toml": "config", ".gin": "config", ".ini": "config", ".cfg": "config", ".conf": "config",
}  # fmt: skip


_SETTINGS = re.compile(r"(^|_)(configs?|conf|cfg)$")
"""Folders in which a text is a configuration too, or in one of theirs: lines of `name = value`."""
_NAMED_SETTINGS = re.compile(r"configs?_|.*_configs?\.|(config(uration)?s?|settings)\.")
"""Such texts elsewhere: `config_lego.txt`, `configuration.txt`."""


def source_kind(path: str) -> SourceKind:
    """What a file is, by its name and the folder that it stands in."""
    folder, name = os.path.split(path)
    suffix = os.path.splitext(name)[1]
    kind = KINDS.get(suffix.lower(), "text")
    told = kind == "text" and suffix == ".txt"
    told = told and bool(any(map(_SETTINGS.search, folder.split(os.sep)[-2:])) or _NAMED_SETTINGS.match(name))
    return "config" if told else kind


@dataclass(frozen=True, slots=True)
class Cell:
    """One notebook cell. `first` is the line of `Source.text` where it begins (code cells; else 0)."""

    index: int
    kind: Literal["code", "markdown"]
    text: str
    first: int = 0


@dataclass(slots=True, eq=False)
class Source:
    """One file as it was read. `text` of a notebook is its code cells, one below the other."""

    path: str
    kind: SourceKind
    text: str = ""
    tree: ast.Module | None = None
    cells: tuple[Cell, ...] = ()
    warnings: list[str] = field(default_factory=list)
    size: int = 0
    """Bytes on disk."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What was made of this file alone and is worth keeping while it is read: its outline, its passages."""
    _starts: list[int] = field(default_factory=list)
    _indexes: list[int] = field(default_factory=list)
    _places: dict[tuple[int, int | None], Place] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """The lines of `text`, as places count them."""
        if "lines" not in self.kept:
            self.kept["lines"] = self.text.split("\n")
        lines: list[str] = self.kept["lines"]
        return lines

    def place(self, line: int, end_line: int | None = None) -> Place:
        """The place of these lines of `text`."""
        found = self._places.get((line, end_line))
        if found is None:
            found = self._places[line, end_line] = self._place(line, max(end_line or line, line))
        return found

    def _place(self, line: int, end_line: int) -> Place:
        if not self._starts:
            return Place(self.path, line, end_line)
        position = max(bisect.bisect_right(self._starts, line) - 1, 0)
        offset = self._starts[position] - 1
        return Place(self.path, line - offset, end_line - offset, self._indexes[position])


def read_source(path: str | Path) -> Source:
    """Read a file of any kind. Never raises for what the file is or holds."""
    path = str(path)
    source = Source(path, source_kind(path))
    try:
        limit = LARGEST_NOTEBOOK if source.kind == "notebook" else LARGEST_PARSED
        with open(path, "rb") as file:
            source.size = os.fstat(file.fileno()).st_size
            raw = file.read(min(source.size, limit) + 1)  # to ask for a megabyte costs more than to read what is there
    except OSError as error:
        source.warnings.append(f"{path}: cannot be read: {error.strerror or error}")
        return source
    text = _decode(raw, source)
    if len(raw) > limit:
        source.warnings.append(f"{path}:1: too large to analyse ({source.size:,} bytes); its beginning is searchable")
        source.text = text[:KEPT_TEXT]
    elif source.kind == "notebook":
        _read_notebook(text, source)
    else:
        source.text = text
        if source.kind == "python":
            tree = _parse(text, source, 0)
            source.tree = tree and without_cells(tree)
    return source


def _decode(raw: bytes, source: Source) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        if b"coding" not in raw[:200] or b"latin" not in raw[:200]:
            source.warnings.append(f"{source.path}:{line}: not UTF-8; read as Latin-1")
        text = raw.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parse(text: str, source: Source, before: int) -> ast.Module | None:
    """Parse Python, of other versions too, and without what is broken. `before` lines of `source.text` stand above;
    nodes are numbered after them."""
    with suppress(*_UNPARSED):
        return parsed(text, before)
    rewritten = from_other_versions(text)
    for other in (rewritten, text.expandtabs(8), text.expandtabs(4)):  # tabs that are mixed with spaces
        with suppress(*_UNPARSED):
            return parsed(other, before)
    rest = recovered(rewritten)
    try:
        parsed(text)
    except _UNPARSED as problem:  # told by the lines of the text itself
        source.warnings.append(_complaint(problem, source, before) + _left_out(rest))
    return ast.increment_lineno(rest[0], before) if rest else None


_UNPARSED = (SyntaxError, ValueError, RecursionError, MemoryError)


def _left_out(rest: Recovered | None) -> str:
    """How much of a text was left out, where the rest was read."""
    if rest is None:
        return ""
    count = len(rest[1])
    return f"; {count} statement{'s' if count > 1 else ''} left out"


def _complaint(problem: Exception, source: Source, before: int) -> str:
    line = getattr(problem, "lineno", None) or 1
    place = source.place(before + line) if source.kind == "notebook" else Place(source.path, line, line)
    where = f"{source.path}:{f'cell {place.cell}:' if place.cell is not None else ''}{place.line}"
    if isinstance(problem, RecursionError | MemoryError):
        return f"{where}: nested too deeply to parse"
    return f"{where}: cannot be parsed: {getattr(problem, 'msg', None) or problem}"


def _read_notebook(text: str, source: Source) -> None:
    """Cells of versions 3 and 4 of the format; a cell that does not parse is passed over with a warning."""
    try:
        raw_cells = _notebook_cells(json.loads(text))
    except (ValueError, RecursionError, TypeError, AttributeError) as error:
        source.warnings.append(f"{source.path}:{getattr(error, 'lineno', 1)}: broken notebook: {error}")
        source.text = text[:KEPT_TEXT]
        return
    cells: list[Cell] = []
    line, body = 1, list[ast.stmt]()
    for index, (kind, cell_text) in enumerate(raw_cells):
        if kind == "code":
            cells.append(Cell(index, "code", cell_text, line))
            source._starts.append(line)
            source._indexes.append(index)
            line += cell_text.count("\n") + 1
        elif kind == "markdown":
            cells.append(Cell(index, "markdown", cell_text))
    source.cells = tuple(cells)
    source.text = "\n".join(cell.text for cell in cells if cell.kind == "code")
    code = [cell for cell in cells if cell.kind == "code" and len(cell.text) <= LARGEST_PARSED]
    for cell, written in zip(code, in_one_piece([cell.text for cell in code]), strict=True):
        tree = _parse(without_magics(written), source, cell.first - 1)
        body.extend(tree.body if tree else ())
    source.tree = ast.Module(body=body, type_ignores=[])


def _notebook_cells(notebook: object) -> list[tuple[str, str]]:
    """Kind and text of every cell, in order. Raises ValueError where this is no notebook."""
    if not isinstance(notebook, dict):
        raise ValueError("not an object")
    cells = notebook.get("cells")
    if cells is None:
        sheets = notebook.get("worksheets")
        cells = (
            [cell for sheet in sheets or () for cell in sheet.get("cells", ())] if isinstance(sheets, list) else None
        )
    if not isinstance(cells, list):
        raise ValueError("no cells")
    found = []
    for cell in cells:
        if not isinstance(cell, dict):
            raise ValueError("a cell is no object")
        content = cell.get("source", cell.get("input", ""))
        joined = "".join(str(part) for part in content) if isinstance(content, list) else str(content)
        found.append((str(cell.get("cell_type")), joined.replace("\r\n", "\n").replace("\r", "\n")))
    return found
