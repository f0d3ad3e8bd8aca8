"""When models were made and changed: from git where it knows the file, else from the file system."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from core.catalog.entry import FileRow, HistoryRow
from core.catalog.model import Dates
from core.progress import Progress, Step
from core.scanning.hashing import blob_hash
from core.scanning.history import FileHistory, RepositoryHistory, head_of, read_history
from core.scanning.repository import GitFailed, Repository, opened, repository_around

HEAD_ROW = ""
"""The path of the row that says at which commit a repository was read."""


@dataclass(slots=True)
class Histories:
    """What git says of the repositories at hand, by the top of each; `rows` is what the next run starts from."""

    rows: dict[str, list[HistoryRow]] = field(default_factory=dict)
    files: dict[str, dict[str, FileHistory]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    changed: bool = False


def read_histories(folders: Iterable[str], known: dict[str, list[HistoryRow]], progress: Progress) -> Histories:
    """The histories of all repositories that these folders lie in; one whose HEAD has not moved is not read again."""
    _repository.cache_clear()
    found = Histories(rows={top: list(rows) for top, rows in known.items() if os.path.isdir(top)})
    found.changed = found.rows.keys() != known.keys()
    repositories = {r.top: r for folder in sorted(set(folders)) if (r := _repository(folder)) is not None}
    for done, repository in enumerate(repositories.values()):
        progress(Step("history", done, len(repositories), repository.top))
        _read(repository, found)
    for top, rows in found.rows.items():
        found.files[top] = {row.path: _history(row) for row in rows if row.path != HEAD_ROW}
    return found


@cache
def _repository(folder: str) -> Repository | None:
    return repository_around(folder)


def _read(repository: Repository, found: Histories) -> None:
    rows = found.rows.get(repository.top, [])
    try:
        with opened(repository) as git:
            head = head_of(git)
            if any(row.path == HEAD_ROW and row.blob == head for row in rows):
                return
            read = read_history(repository, git, head) if head else RepositoryHistory("", {})
    except (GitFailed, OSError) as error:
        found.problems.append(f"{repository.top}: its history cannot be read ({error})")
        return
    found.problems += read.problems
    if head is None and not rows:
        return
    found.rows[repository.top] = _rows(repository.top, read)
    found.changed = True


def _rows(top: str, read: RepositoryHistory) -> list[HistoryRow]:
    first = HistoryRow(top, HEAD_ROW, "", "", "", 0, read.head)
    return [
        first,
        *(HistoryRow(top, path, f.created, f.modified, f.author, f.commits, f.blob) for path, f in read.files.items()),
    ]


def _history(row: HistoryRow) -> FileHistory:
    return FileHistory(row.created, row.modified, row.author, row.commits, row.blob)


def dates_of(file: FileRow, histories: Histories) -> Dates:
    """The dates of one file. One with changes that are not committed was modified when the file system says."""
    known = _known(file.path, histories)
    created, modified = _file_dates(file)
    if known is None:
        return Dates(created, modified, "file", "file", None, None)
    if _is_committed(file, known):
        return Dates(known.created, known.modified, "git", "git", known.author, known.commits)
    return Dates(known.created, modified, "git", "file", known.author, known.commits)


def _known(path: str, histories: Histories) -> FileHistory | None:
    """What git says of a file; None where it lies in no repository or was never committed."""
    repository = _repository(os.path.dirname(path))
    if repository is None:
        return None
    return histories.files.get(repository.top, {}).get(os.path.relpath(path, repository.top))


def _is_committed(file: FileRow, known: FileHistory) -> bool:
    """Whether the file is what HEAD holds, its line ends aside. Of objects named by SHA-256 it is taken for granted."""
    if file.hash == known.blob or len(known.blob) != len(file.hash):
        return True
    try:
        content = Path(file.path).read_bytes()
    except OSError:
        return True
    return blob_hash(content.replace(b"\r\n", b"\n")) == known.blob


def _file_dates(file: FileRow) -> tuple[str, str]:
    """When the file was made (where the system knows, else last changed) and last changed, in this machine's offset."""
    modified = born = file.mtime_ns / 1e9
    with suppress(OSError):  # gone since it was read: the date of the last change stands for both
        born = min(getattr(os.stat(file.path), "st_birthtime", modified), modified)
    return _iso(born), _iso(modified)


LAST = 250_000_000_000.0
"""Seconds since 1970, in the year 9892: a file can claim any time, a calendar ends."""


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(min(max(seconds, 0.0), LAST)).astimezone().isoformat(timespec="seconds")
