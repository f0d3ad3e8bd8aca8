"""What one indexing run knows of one model before it is stored."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis.facts import Analysis, Kind, WritePath
from core.artifacts.records import Artefacts
from core.catalog.model import Dates


@dataclass(frozen=True, slots=True)
class Head:
    """A model's own row: what is known without its facts. `grid` is the JSON of its Row; see `schema` for the rest."""

    id: str
    path: str
    kind: Kind
    script: str | None
    aliases: tuple[str, ...]
    root: str
    offline: bool
    dates: Dates
    size: int
    lines: int
    warnings: tuple[str, ...]
    files: tuple[str, ...]
    writes: tuple[WritePath, ...]
    digest: str
    grid: str
    hash: str
    inputs: str
    traces: str
    signature: str
    found_warnings: tuple[str, ...] = ()
    """Of the artefacts; `warnings` are of the analysis."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A model for the next generation. Parts that are None are taken over from the model numbered `old` in the last
    one."""

    head: Head
    old: int | None = None
    analysis: Analysis | None = None
    artefacts: Artefacts | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A source file as it was when it was last read. `outline` is JSON, None where the file has none."""

    path: str
    root: str
    size: int
    mtime_ns: int
    hash: str
    outline: str | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What git says of one file of a repository; `blob` is the hash of its content at HEAD."""

    repository: str
    path: str
    created: str
    modified: str
    author: str
    commits: int
    blob: str


@dataclass(frozen=True, slots=True)
class RootRow:
    """A root as it is stored. `done` is the fingerprint of the analyser that last went through all of it, empty while
    one is at it; `device` is where it was mounted from."""

    path: str
    label: str
    offline: bool
    left_out: int
    done: str
    device: int
