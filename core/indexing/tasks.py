"""What a worker does for the run: outline one file, analyse one model, read the artefacts of one model."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from core.analysis.facts import Analysis, Candidate
from core.analysis.source import Source
from core.artifacts.linking import Link
from core.artifacts.records import Artefacts
from core.scanning.hashing import blob_hash

LARGEST_READ = 60_000_000
"""Bytes of a file that are read for its hash; a source larger than this is told by its beginning and its size."""
KEPT_SOURCES = 200
"""Sources that a worker keeps at hand, since neighbouring models read the same modules."""


@dataclass(frozen=True, slots=True)
class Outlining:
    path: str
    known: str | None = None
    """The hash of the content whose outline is at hand already."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """`hash` is None where the file cannot be read; `outline` is None where the content is the known one. `problem`
    says why the file, or the code in it, cannot be read."""

    path: str
    hash: str | None
    outline: str | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Analysing:
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Analysed:
    analysis: Analysis
    lines: int
    signature: str


@dataclass(frozen=True, slots=True)
class Linking:
    path: str
    links: tuple[Link, ...]
    epochs: int | None
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that did not come to its end, and why, in one line."""

    why: str


Task = Outlining | Analysing | Linking
Done = Outlined | Analysed | Artefacts | Failed


def perform(task: Any) -> Done:
    """Do one task. An error in it is one file's, and told as such; it never ends the run."""
    work: dict[type, Callable[[Any], Done]] = {Outlining: _outline, Analysing: _analyse, Linking: _link}
    try:
        return work[type(task)](task)
    except RecursionError:
        return Failed("nested too deeply")
    except (
        Exception
    ) as error:  # a fault of ours in one file must not cost the others theirs; it is reported with the model
        return Failed(f"{type(error).__name__}: {' '.join(str(error).split())}"[:300])


def load_all() -> None:
    """Load what most tasks need: a process does so while it is not yet known what there is to do."""
    for name in ("core.analysis.analyser", "core.indexing.likeness"):
        import_module(name)


def _outline(task: Outlining) -> Outlined:
    from core.analysis.outline import outline

    try:
        with Path(task.path).open("rb") as stream:
            content = stream.read(min(os.fstat(stream.fileno()).st_size, LARGEST_READ))
    except OSError as error:
        return Outlined(task.path, None, None, f"cannot be read ({error.strerror})")
    hash = blob_hash(content)
    if hash == task.known:
        return Outlined(task.path, hash, None)
    source = _read(task.path)
    made = json.dumps(outline(source).to_json(), separators=(",", ":"))
    return Outlined(task.path, hash, made, _unreadable(source))


def _unreadable(source: Source) -> str | None:
    """Why nothing of a file's code can be read, where it is a script or a notebook that holds anything."""
    is_code = source.kind in ("python", "notebook") and source.text.strip()
    return source.warnings[-1] if is_code and source.tree is None and source.warnings else None


def _read(path: str) -> Source:
    """A file, at hand if it was read lately; hundreds of data files drive no code out."""
    return (_code if path.endswith((".py", ".ipynb")) else _others)(path)


def _read_anew(path: str) -> Source:
    from core.analysis.source import read_source

    return read_source(path)


_code, _others = lru_cache(KEPT_SOURCES)(_read_anew), lru_cache(KEPT_SOURCES)(_read_anew)


def forget_sources() -> None:
    """Drop the sources at hand: the next run reads what the files hold then."""
    _code.cache_clear()
    _others.cache_clear()


def _analyse(task: Analysing) -> Analysed:
    from core.analysis.analyser import analyse
    from core.indexing.likeness import signature

    text = _read(task.candidate.path).text
    return Analysed(analyse(task.candidate, _read), text.count("\n") + 1 if text else 0, signature(text))


def _link(task: Linking) -> Artefacts:
    from core.artifacts.linking import read_links

    return read_links(task.links, epochs=task.epochs, stages=task.stages)
