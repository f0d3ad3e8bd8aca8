"""What the last generation holds that the next run needs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from core.catalog.connecting import DAMAGE, connect
from core.catalog.entry import Entry, FileRow, HistoryRow, RootRow
from core.catalog.generations import DATABASE, current
from core.catalog.schema import VERSION
from core.catalog.user import UserFile
from core.catalog.values import head_from

HERE = Path(__file__).resolve().parents[2]


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


def load_state(catalog: Path, user: UserFile) -> State:
    """The last generation. One that is damaged or of another version counts as nothing: its roots are indexed anew."""
    folder = current(catalog)
    state = _read(folder) if folder is not None else None
    if state is not None:
        return state
    labels = user.labels()
    return State(roots={path: RootRow(path, labels[path], False, 0, "", 0) for path in user.roots()})


def _read(folder: Path) -> State | None:
    if not (folder / DATABASE).is_file():
        return None
    try:
        connection = connect(folder / DATABASE, read_only=True)
    except DAMAGE:
        return None
    try:
        meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        if meta.get("version") != str(VERSION):
            return None
        return _state(folder, meta, lambda table: connection.execute(f"SELECT * FROM {table}").fetchall())
    except DAMAGE:
        return None
    finally:
        connection.close()


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


@cache
def fingerprint() -> str:
    """Changes whenever the code or the vocabulary that facts are made with changes: old facts are then made anew."""
    return _hash_of("core/analysis/**/*.py", "core/vocabulary.py", "assets/vocabulary/*.toml")


@cache
def artefact_fingerprint() -> str:
    """The same for pictures, checkpoints and logs."""
    return _hash_of("core/artifacts/**/*.py")


def _hash_of(*patterns: str) -> str:
    made = hashlib.blake2b(digest_size=8)
    for pattern in patterns:
        for path in sorted(HERE.glob(pattern)):
            made.update(path.read_bytes())
    return made.hexdigest()
