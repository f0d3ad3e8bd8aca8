"""Stage two: which files are models, and the facts of those that are new or whose files changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.analysis.facts import Analysis, Candidate
from core.artifacts.records import Artefacts
from core.catalog.entry import Entry, FileRow, Head, RootRow
from core.catalog.first_screen import row_from, to_json
from core.catalog.model import Dates, Row
from core.catalog.rows import found_of, make_row, with_file, with_found
from core.indexing.files import outlines_of
from core.indexing.roots import ids
from core.indexing.tasks import Analysed, Done, Failed
from core.scanning.walking import shown


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model that is to be in the next generation: what it is called and what its facts rest on."""

    candidate: Candidate
    id: str
    root: str
    inputs: str


def candidates_of(root: str, files: Mapping[str, FileRow]) -> list[Candidate]:
    """The models of one root, by structure."""
    from core.analysis.discovery import discover
    from core.analysis.outline import Outline

    outlines = {path: made for path, data in outlines_of(root, files).items() if (made := Outline.from_json(data))}
    return discover(outlines, root)


def candidate_of(head: Head) -> Candidate:
    """The candidate that a stored model was made of."""
    return Candidate(head.path, head.kind, head.script, head.aliases, head.files)


def wanted(root: RootRow, candidates: list[Candidate], files: Mapping[str, FileRow], fingerprint: str) -> list[Wanted]:
    """Name the models of one root and say what each rests on."""
    named = ids(root.label, root.path, [candidate.path for candidate in candidates])
    return [Wanted(c, named[c.path], root.path, inputs_of(c, files, fingerprint)) for c in candidates]


def inputs_of(candidate: Candidate, files: Mapping[str, FileRow], fingerprint: str) -> str:
    """The hash of all that an analysis rests on: equal inputs, equal facts."""
    made = hashlib.blake2b(repr((fingerprint, candidate)).encode("utf-8", "surrogatepass"), digest_size=8)
    for path in sorted({candidate.path, *candidate.files}):
        row = files.get(path)
        made.update((row.hash if row else "-").encode())
    return made.hexdigest()


def entry_of(wish: Wanted, done: Done, dates: Dates, file: FileRow, old: Entry | None) -> Entry:
    """The entry of a model that was analysed now; its artefacts are still those of the last generation."""
    if not isinstance(done, Analysed):
        why = done.why if isinstance(done, Failed) else "nothing came of it"
        done = Analysed(
            Analysis(wish.candidate, warnings=(f"{shown(wish.candidate.path)}: not analysed: {why}",)), 0, ""
        )
    made = done.analysis
    digest = next((passage.text for passage in made.passages if passage.kind == "digest"), "")
    row = make_row(_names(wish), made.facts, dates, file.size, done.lines)
    if old is not None:
        row = {**row, **found_of(grid_of(old.head))}
    traces, found_warnings = (old.head.traces, old.head.found_warnings) if old else ("", ())
    head = Head(
        wish.id, wish.candidate.path, wish.candidate.kind, wish.candidate.script, wish.candidate.aliases, wish.root,
        False, dates, file.size, done.lines, made.warnings, wish.candidate.files, made.writes, digest, to_json(row),
        file.hash, wish.inputs, traces, done.signature, found_warnings,
    )  # fmt: skip
    return Entry(head, old.old if old else None, made, None)


def kept_entry(wish: Wanted, old: Entry, dates: Dates, file: FileRow) -> Entry:
    """The entry of a model whose facts are those of the last generation."""
    head = old.head
    if (head.id, head.dates, head.offline, head.hash) == (wish.id, dates, False, file.hash):
        return old
    grid = with_file({**grid_of(head), **_names(wish)}, dates, file.size, head.lines)
    new = replace(head, id=wish.id, dates=dates, offline=False, size=file.size, hash=file.hash, grid=to_json(grid))
    return replace(old, head=new)


def _names(wish: Wanted) -> Row:
    return {"id": (wish.id,), "path": (wish.candidate.path,), "kind": (wish.candidate.kind,), "root": (wish.root,)}


def grid_of(head: Head) -> Row:
    """The stored Row of a model."""
    return row_from(json.loads(head.grid))


def with_artefacts(entry: Entry, found: Artefacts, traces: str) -> Entry:
    """The entry with artefacts that were read now."""
    grid = with_found(grid_of(entry.head), found)
    head = replace(entry.head, grid=to_json(grid), traces=traces, found_warnings=found.warnings)
    return replace(entry, head=head, artefacts=found)
