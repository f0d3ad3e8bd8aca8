"""What the last generation holds that the next one starts from; read by whoever holds the writer's lock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.analysis.facts import Fact
from core.catalog.connecting import DAMAGE, connect
from core.catalog.entry import Entry, FileRow, HistoryRow, RootRow
from core.catalog.generations import DATABASE, FIRST, TEXT, VECTORS, current, is_marked
from core.catalog.schema import DIMENSIONS, VERSION
from core.catalog.text_index import open_index
from core.catalog.user import UserFile
from core.catalog.values import fact_from, head_from


@dataclass(slots=True)
class State:
    """One generation as the writer sees it. `folder` is None where there is nothing to take over."""

    folder: Path | None = None
    roots: dict[str, RootRow] = field(default_factory=dict)
    files: dict[str, FileRow] = field(default_factory=dict)
    history: dict[str, list[HistoryRow]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    """By the path of the model; every part is taken over."""
    meta: Mapping[str, str] = field(default_factory=dict)


def load_state(catalog: Path, user: UserFile, anew: bool = False) -> State:
    """The last generation. One that is damaged or of another version counts as nothing: its roots are indexed anew."""
    folder = None if anew else current(catalog)
    state = _read(folder) if folder is not None else None
    if state is not None:
        return state
    labels = user.labels()
    return State(roots={path: RootRow(path, labels[path], False, 0, "", 0) for path in user.roots()})


def _read(folder: Path) -> State | None:
    if is_marked(folder) or not (folder / DATABASE).is_file():
        return None
    try:
        connection = connect(folder / DATABASE, read_only=True)
    except DAMAGE:
        return None
    try:
        meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        if meta.get("version") != str(VERSION):
            return None
        (passages,) = connection.execute("SELECT count(*) FROM passage").fetchall()[0]
        if not _is_whole(folder, passages):
            return None
        return _state(folder, meta, lambda table: connection.execute(f"SELECT * FROM {table}").fetchall())
    except DAMAGE:
        return None
    finally:
        connection.close()


def _is_whole(folder: Path, passages: int) -> bool:
    """Whether what stands beside the database can be read, as far as a look tells."""
    try:
        open_index(folder / TEXT)
        json.loads((folder / FIRST).read_bytes())
        return not passages or (folder / VECTORS).stat().st_size == passages * DIMENSIONS * 4
    except (OSError, ValueError):
        return False


def _state(folder: Path, meta: dict[str, str], rows: Any) -> State:
    state = State(folder, meta=meta)
    state.roots = {row[0]: RootRow(*row) for row in rows("root")}
    state.files = {row[0]: FileRow(*row) for row in rows("file")}
    for row in rows("history"):
        state.history.setdefault(row[0], []).append(HistoryRow(*row))
    for number, *row in rows("model"):
        head = head_from(tuple(row))
        state.entries[head.path] = Entry(head, number)
    return state


def hashes(entries: Mapping[str, Entry]) -> dict[str, str]:
    """The content hash of every model by its id."""
    return {entry.head.id: entry.head.hash for entry in entries.values()}


def texts_without_vector(folder: Path, everything: bool) -> list[tuple[str, str]]:
    """(hash, text) of every passage text without a vector (or of every one), shortest first."""
    which = "" if everything else "WHERE embedding IS NULL"
    return _select(
        folder,
        f"SELECT hash, any_value(text) AS words FROM passage {which} GROUP BY hash ORDER BY length(words), hash",
    )


def facts_on_artefacts(folder: Path) -> dict[str, list[Fact]]:
    """The facts that help to read names of artefacts (epochs, and all that name a stage), by the path of the model."""
    facts: dict[str, list[Fact]] = {}
    for path, *row in _select(
        folder,
        "SELECT m.path, f.field, f.value, f.file, f.line, f.end_line, f.cell, f.how, f.stage FROM fact f"
        " JOIN model m ON m.number = f.model WHERE f.field = 'epochs' OR f.stage <> '' ORDER BY f.model, f.position",
    ):
        facts.setdefault(path, []).append(fact_from(tuple(row)))
    return facts


def _select(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = connect(folder / DATABASE, read_only=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
