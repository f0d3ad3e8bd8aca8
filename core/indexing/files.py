"""Stage one: what stands under the roots, and the outline of every source that is new or changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from core.analysis.source import source_kind
from core.artifacts.formats import kind_of
from core.catalog.entry import FileRow, RootRow
from core.catalog.last import State
from core.indexing.roots import Target, readable
from core.indexing.tasks import Outlined, Outlining
from core.indexing.workers import Pool
from core.progress import Progress, Step
from core.scanning.walking import Found, shown, walk

LARGEST_JSON = 1_000_000
"""Bytes: a larger JSON file is data, not a configuration."""
TEXT_SUFFIXES = frozenset({".md", ".rst", ".markdown"})
RACY = 2_000_000_000
"""Nanoseconds: a file that changed this shortly before it was read may have changed again within one tick of the
clock."""


@dataclass(slots=True)
class Scan:
    """What the walks found. `fresh` are roots that something changed in, since when they were last gone through."""

    roots: dict[str, RootRow]
    files: dict[str, FileRow]
    listings: dict[str, list[Found]] = field(default_factory=dict)
    """Every file that can be an artefact, of each root that was looked at."""
    fresh: set[str] = field(default_factory=set)
    looked_at: set[str] = field(default_factory=set)
    left_out: int = 0
    problems: list[str] = field(default_factory=list)


def is_source(path: str, size: int) -> bool:
    """Whether a file can tell something about a model: code, notebooks, configurations and READMEs."""
    name = PurePath(path)
    suffix = name.suffix.lower()
    if suffix == ".json":
        return size <= LARGEST_JSON
    return source_kind(path) != "text" or suffix in TEXT_SUFFIXES or name.stem.lower() == "readme"


def scan(
    targets: Iterable[Target],
    state: State,
    labels: Mapping[str, str],
    fingerprint: str,
    progress: Progress,
    stop: Callable[[], bool],
    pool: Pool,
) -> Scan:
    """Walk the targets and read what changed. Roots that are not among them stay as they were."""
    found = Scan(dict(state.roots), dict(state.files))
    pending: dict[str, tuple[str, Found]] = {}
    for target in targets:
        if stop():
            break
        progress(Step("scan", 0, 0, target.part))
        _look(target, state, labels, found, pending, stop)
        pool.get_ready(len(pending))
    _read(pending, state, fingerprint, found, progress, stop, pool)
    return found


def _look(
    target: Target,
    state: State,
    labels: Mapping[str, str],
    scan: Scan,
    pending: dict[str, tuple[str, Found]],
    stop: Callable[[], bool],
) -> None:
    """Walk one root; its sources that are new or changed become pending, those that are gone are dropped."""
    root = target.root
    known = state.roots.get(root) or RootRow(root, labels[root], False, 0, "", 0)
    if not _is_there(root, known):
        scan.roots[root] = replace(known, offline=True)
        return
    walked = walk(root, stop)
    if stop():
        return
    scan.looked_at.add(root)
    scan.roots[root] = replace(known, offline=False, left_out=walked.left_out, device=os.stat(root).st_dev)
    scan.left_out += walked.left_out
    scan.problems += walked.problems
    scan.listings[root] = [file for file in walked.files if kind_of(file.path)]
    sources = {file.path: file for file in walked.files if target.covers(file.path) and is_source(file.path, file.size)}
    gone = [
        path for path, row in scan.files.items() if row.root == root and target.covers(path) and path not in sources
    ]
    for path in gone:
        del scan.files[path]
    since = int(state.meta.get("scanned", "0"))
    changed = {path: (root, file) for path, file in sources.items() if _changed(file, state.files.get(path), since)}
    pending.update(changed)
    if gone:
        scan.fresh.add(root)


def _is_there(root: str, known: RootRow) -> bool:
    """Whether a root can be looked into. An empty folder on another device than before is where a disk was mounted."""
    if not readable(root):
        return False
    if os.path.isdir(root) and not os.listdir(root) and known.device:
        return os.stat(root).st_dev == known.device
    return True


def _changed(file: Found, row: FileRow | None, since: int) -> bool:
    if row is None or (row.size, row.mtime_ns) != (file.size, file.mtime_ns):
        return True
    return file.mtime_ns > since - RACY


def _read(
    pending: Mapping[str, tuple[str, Found]],
    state: State,
    fingerprint: str,
    scan: Scan,
    progress: Progress,
    stop: Callable[[], bool],
    pool: Pool,
) -> None:
    """Hash and outline what is pending, and what an older analyser outlined."""
    stale = {root for root in scan.looked_at if not is_outlined(state.roots.get(root), fingerprint)}
    work = dict(pending) | {
        path: (row.root, Found(path, row.size, row.mtime_ns))
        for path, row in scan.files.items() if row.root in stale and path not in pending
    }  # fmt: skip
    paths = sorted(work)
    tasks = [Outlining(path, None if work[path][0] in stale else _known_hash(path, state)) for path in paths]
    for count, (index, done) in enumerate(pool.perform(tasks, stop)):
        progress(Step("scan", count + 1, len(tasks), paths[index]))
        root, file = work[paths[index]]
        if isinstance(done, Outlined):
            _take(done, root, file, scan)
        else:
            scan.problems.append(f"{shown(paths[index])}: could not be read ({getattr(done, 'why', done)})")
            scan.left_out += 1


def partly(fingerprint: str) -> str:
    """What a root's `done` says whose sources are all outlined by this analyser, and whose models are not all done."""
    return f"partly {fingerprint}"


def is_outlined(root: RootRow | None, fingerprint: str) -> bool:
    """Whether what is stored of a root's sources is this analyser's; a run may refresh one root of many."""
    return root is not None and root.done in (fingerprint, partly(fingerprint))


def _known_hash(path: str, state: State) -> str | None:
    row = state.files.get(path)
    return row.hash if row else None


def _take(done: Outlined, root: str, file: Found, scan: Scan) -> None:
    """Keep what was read of one file."""
    if done.hash is None:
        scan.problems.append(f"{shown(done.path)}: {done.problem}")
        scan.left_out += 1
        if scan.files.pop(done.path, None):
            scan.fresh.add(root)
        return
    if done.problem:
        scan.problems.append(shown(done.problem))
    before = scan.files.get(done.path)
    if done.outline is None and before is not None:
        scan.files[done.path] = replace(before, size=file.size, mtime_ns=file.mtime_ns)
        return
    scan.files[done.path] = FileRow(done.path, root, file.size, file.mtime_ns, done.hash, done.outline)
    scan.fresh.add(root)


def outlines_of(root: str, files: Mapping[str, FileRow]) -> dict[str, dict[str, object]]:
    """The outlines of a root's sources by path, as JSON."""
    return {path: json.loads(row.outline) for path, row in sorted(files.items()) if row.root == root and row.outline}
