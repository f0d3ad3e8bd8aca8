"""Publishing what a run knows: a generation for each stage that changed something."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.catalog.entry import Entry, FileRow, Head, HistoryRow, RootRow
from core.catalog.generations import current, making
from core.catalog.last import State
from core.catalog.writing import Content, Vectors, write_generation
from core.indexing.likeness import near_identical
from core.progress import Progress, Step


@dataclass(slots=True)
class Publisher:
    """Holds the last generation as `state` and writes the next ones. Needs the writer's lock."""

    catalog: Path
    state: State
    progress: Progress

    def publish(
        self,
        roots: Mapping[str, RootRow],
        files: Mapping[str, FileRow],
        history: Mapping[str, list[HistoryRow]],
        entries: Mapping[str, Entry],
        meta: Mapping[str, str],
    ) -> bool:
        """Write a generation of this, unless it is what the last one holds; whether it was written."""
        state = self.state
        models_changed = _models_changed(state, entries)
        files_changed = files != state.files
        history_changed = history != state.history
        fixed = {"analyser": meta.get("analyser"), "artefacts": meta.get("artefacts")}
        same_code = all(state.meta.get(key) == value for key, value in fixed.items())
        if not (models_changed or files_changed or history_changed or roots != state.roots or not same_code):
            return False
        content = Content(
            roots=list(roots.values()),
            entries=list(entries.values()),
            files=list(files.values()) if files_changed else None,
            history=[row for rows in history.values() for row in rows] if history_changed else None,
            similar=near_identical(_signatures(entries)) if models_changed else None,
            meta={**self.state.meta, **meta},
        )
        self._write(content, Vectors())
        self.state = State(
            current(self.catalog), dict(roots), dict(files), dict(history), _rebased(entries), content.meta
        )
        return True

    def add_vectors(self, vectors: Vectors, embedder: str) -> None:
        """Write a generation that differs from the last one in its vectors alone."""
        state = self.state
        meta = {**state.meta, "embedder": embedder}
        self._write(Content(list(state.roots.values()), list(state.entries.values()), meta=meta), vectors)
        self.state = replace(state, folder=current(self.catalog), meta=meta)

    def _write(self, content: Content, vectors: Vectors) -> None:
        self.progress(Step("store", 0, len(content.entries)))
        with making(self.catalog) as folder:
            write_generation(folder, self.state.folder, _without_version(content), vectors)
        self.progress(Step("store", len(content.entries), len(content.entries)))


def _without_version(content: Content) -> Content:
    """Without what the writing of a generation says itself."""
    return replace(
        content, meta={key: value for key, value in content.meta.items() if key not in ("version", "recall")}
    )


def _models_changed(state: State, entries: Mapping[str, Entry]) -> bool:
    return state.entries.keys() != entries.keys() or any(
        entry is not state.entries[path] and entry != state.entries[path] for path, entry in entries.items()
    )


def _signatures(entries: Mapping[str, Entry]) -> dict[str, tuple[str, str]]:
    """Signature and group of every model by its id (see `likeness`)."""
    return {entry.head.id: (entry.head.signature, _group(entry.head)) for entry in entries.values()}


def _group(head: Head) -> str:
    if head.kind != "config":
        return ""
    row = json.loads(head.grid)
    return json.dumps([row.get("architecture"), row.get("model_classes"), head.script])


def _rebased(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries as the generation just written holds them."""
    ordered = sorted(entries.values(), key=lambda entry: entry.head.id)
    return {entry.head.path: Entry(entry.head, number) for number, entry in enumerate(ordered)}
