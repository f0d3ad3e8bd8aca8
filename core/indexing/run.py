"""One indexing run, from the paths that were asked for to the last published generation."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from core.artifacts.records import Artefacts
from core.catalog.entry import Entry
from core.catalog.generations import writing
from core.catalog.last import facts_on_artefacts, hashes, load_state, texts_without_vector
from core.catalog.model import Dates, Root
from core.catalog.user import UserFile
from core.errors import CatalogDamaged
from core.indexing.analysing import (
    Wanted,
    candidate_of,
    candidates_of,
    entry_of,
    kept_entry,
    wanted,
    with_artefacts,
)
from core.indexing.dating import Histories, dates_of, read_histories
from core.indexing.embedding import embed
from core.indexing.files import is_outlined, partly, scan
from core.indexing.fingerprints import artefact_fingerprint, fingerprint
from core.indexing.linking import Hints, hints, links_of
from core.indexing.publishing import Publisher
from core.indexing.roots import Target, choose, find_root, label_for
from core.indexing.tasks import Analysing, Failed, forget_sources
from core.indexing.workers import Pool
from core.progress import IndexSummary, Progress, Step
from core.protocols import TextEmbedder
from core.scanning.walking import shown, within

PATIENCE = 3.0
"""Seconds of analysis after which what is known so far is published; then twice as long, and so on, and never so
often that publishing takes more than a fifth of the time."""


def index(
    catalog: Path,
    paths: Sequence[Path] = (),
    *,
    embedder: Callable[[], TextEmbedder | None] = lambda: None,
    progress: Progress = lambda step: None,
    stop: Callable[[], bool] = lambda: False,
) -> IndexSummary:
    """Add these roots or refresh them (none: all). Raises BadInput, CatalogBusy.

    What is done is kept when `stop()` becomes true or the process is killed; the next run goes on from there.
    """
    with writing(catalog):
        try:
            return _Run(catalog, progress, stop).go(paths, embedder)
        except CatalogDamaged:  # found while copying from it: the catalogue is a cache
            return _Run(catalog, progress, stop, anew=True).go(paths, embedder)
        finally:
            forget_sources()


def forget(catalog: Path, root: str) -> Root:
    """Take a root (by path or label) out of the catalogue. Raises BadInput where there is none called so."""
    with writing(catalog):
        run = _Run(catalog, lambda step: None, lambda: False)
        return run.forget(root)


class _Run:
    """What one run holds in hand. Stages are methods, in the order in which they are called."""

    def __init__(self, catalog: Path, progress: Progress, stop: Callable[[], bool], anew: bool = False) -> None:
        self.progress, self.stop, self.pool = progress, stop, Pool()
        self.started = time.monotonic()
        self.user = UserFile(catalog)
        self.publisher = Publisher(catalog, load_state(catalog, self.user, anew), progress)
        self.before = {entry.head.id: entry.head for entry in self.publisher.state.entries.values()}
        self.meta = {"analyser": fingerprint(), "artefacts": artefact_fingerprint(), "scanned": str(time.time_ns())}
        self.entries: dict[str, Entry] = dict(self.publisher.state.entries)
        self.problems: list[str] = []

    def go(self, paths: Sequence[Path], embedder: Callable[[], TextEmbedder | None]) -> IndexSummary:
        before = hashes(self.publisher.state.entries)
        targets = choose(paths, self.publisher.state.roots)
        if self.publisher.state.folder is None and paths:  # nothing to take over: the other roots are made anew too
            covered = {target.root for target in targets}
            targets = [Target(t.root, t.root) for t in targets]
            targets += [Target(root, root) for root in self.publisher.state.roots if root not in covered]
        labels = self._labels(targets)
        with self.pool:
            self.scan = scan(targets, self.publisher.state, labels, fingerprint(), self.progress, self.stop, self.pool)
            stopped, known = self.stop(), self.publisher.state.roots
            outlined = [p for p in self.scan.fresh if not stopped or is_outlined(known.get(p), fingerprint())]
            self._mark_roots(outlined, partly(fingerprint()))
            self._roots_away()
            wishes = [] if self.stop() else self._wanted()
            self.histories = Histories(self.publisher.state.history)
            with ThreadPoolExecutor(1, thread_name_prefix="history") as thread:
                reading = thread.submit(read_histories, _folders(wishes), self.publisher.state.history, self.progress)
                done = self._analyse(wishes, reading)
            if done:
                self._mark_roots(self.scan.looked_at, fingerprint())
            self._publish()
            self.user.follow(hashes(self.publisher.state.entries), before)
            if done:
                self._link()
        if not self.stop():
            self._embed(embedder)
        return self._summary()

    # -- roots

    def _labels(self, targets: Iterable[Target]) -> dict[str, str]:
        """The label of every root; new ones are written down before anything else, since ids rest on them."""
        state, known = self.publisher.state, self.user.labels()
        labels = {path: root.label for path, root in state.roots.items()}
        for target in targets:
            if target.root not in labels:
                taken = set(labels.values())
                label = known.get(target.root)
                labels[target.root] = label if label and label not in taken else label_for(target.root, taken)
            self.user.add_root(target.root, labels[target.root])
        return labels

    def _mark_roots(self, paths: Iterable[str], done: str) -> None:
        """Say of roots whether all of each was gone through: what is published meanwhile must tell the next run."""
        for path in paths:
            self.scan.roots[path] = replace(self.scan.roots[path], done=done)

    def _roots_away(self) -> None:
        """Models of roots that are not there stay, and say so."""
        for path, entry in list(self.entries.items()):
            root = self.scan.roots.get(entry.head.root)
            if root is not None and root.offline and not entry.head.offline:
                self.entries[path] = replace(entry, head=replace(entry.head, offline=True))

    # -- models

    def _wanted(self) -> list[Wanted]:
        """The models of the roots that were looked at."""
        wishes = []
        for path in sorted(self.scan.looked_at):
            root = self.scan.roots[path]
            heads = [entry.head for entry in self.entries.values() if entry.head.root == path]
            if path in self.scan.fresh or root.done != fingerprint():
                candidates = candidates_of(path, self.scan.files)
            else:
                candidates = [candidate_of(head) for head in heads]
            wishes += wanted(root, candidates, self.scan.files, fingerprint())
        gone = {path for path, entry in self.entries.items() if entry.head.root in self.scan.looked_at}
        for path in gone - {wish.candidate.path for wish in wishes}:
            del self.entries[path]
        return wishes

    def _analyse(self, wishes: Sequence[Wanted], reading: Future[Histories]) -> bool:
        """Make or keep the entry of every wish, publishing at times; whether all were done."""
        todo = [wish for wish in wishes if not self._is_known(wish)]
        results = self.pool.perform([Analysing(wish.candidate) for wish in todo], self.stop)
        due, patience = time.monotonic() + PATIENCE, PATIENCE
        fresh: dict[str, Entry] = {}
        waiting = {wish.candidate.path for wish in todo}
        for count, (index, done) in enumerate(results):
            wish = todo[index]
            self.progress(Step("analyse", count + 1, len(todo), wish.id))
            if isinstance(done, Failed):
                self.problems.append(f"{shown(wish.candidate.path)}: not analysed: {done.why}")
            old = self.entries.get(wish.candidate.path)
            file = self.scan.files[wish.candidate.path]
            fresh[wish.candidate.path] = entry_of(wish, done, self._dates(wish, reading), file, old)
            waiting.discard(wish.candidate.path)
            if time.monotonic() > due:
                self._place(wishes, fresh, reading)
                started = time.monotonic()
                self._publish()
                fresh.clear()
                patience = max(2 * patience, 4 * (time.monotonic() - started))
                due = time.monotonic() + patience
        self._place(wishes, fresh, reading)
        return not waiting and not self.stop()

    def _is_known(self, wish: Wanted) -> bool:
        old = self.entries.get(wish.candidate.path)
        return old is not None and old.head.inputs == wish.inputs

    def _dates(self, wish: Wanted, reading: Future[Histories]) -> Dates:
        self.histories = reading.result()
        return dates_of(self.scan.files[wish.candidate.path], self.histories)

    def _place(self, wishes: Sequence[Wanted], fresh: Mapping[str, Entry], reading: Future[Histories]) -> None:
        """Put what is known of every wish in its place: made now, kept, or still as it was before."""
        self.histories = reading.result()
        for wish in wishes:
            path = wish.candidate.path
            if path in fresh:
                self.entries[path] = fresh[path]
            elif path in self.entries:
                self.entries[path] = kept_entry(
                    wish, self.entries[path], self._dates(wish, reading), self.scan.files[path]
                )

    def _publish(self) -> None:
        published = self.publisher.publish(
            self.scan.roots, self.scan.files, self.histories.rows, self.entries, self.meta
        )
        if published:
            self.entries = dict(self.publisher.state.entries)

    # -- artefacts

    def _link(self) -> None:
        """Read the artefacts that are new or changed, and publish them."""
        known = self._hints()
        entries = [entry for entry in self.entries.values() if entry.head.root in self.scan.looked_at]
        found = links_of(entries, self.scan.listings, lambda head: known.get(head.path, Hints(None, ())))
        todo = [
            (path, task, traces) for path, (task, traces) in found.items() if traces != self.entries[path].head.traces
        ]
        results = self.pool.perform([task for _, task, _ in todo], self.stop)
        for count, (index, done) in enumerate(results):
            path, _, traces = todo[index]
            self.progress(Step("artefacts", count + 1, len(todo), path))
            if isinstance(done, Artefacts):
                self.entries[path] = with_artefacts(self.entries[path], done, traces)
            else:
                self.problems.append(f"{shown(path)}: its artefacts were not read: {getattr(done, 'why', done)}")
        self._publish()

    def _hints(self) -> dict[str, Hints]:
        """What the facts of every model say about its artefacts' names."""
        folder = self.publisher.state.folder
        told = facts_on_artefacts(folder) if folder is not None else {}
        return {path: hints(facts) for path, facts in told.items()}

    # -- meaning

    def _embed(self, make: Callable[[], TextEmbedder | None]) -> None:
        """Give the passages their vectors. Without an embedder, or with one that fails, words are searched alone."""
        folder = self.publisher.state.folder
        if folder is None:
            return
        try:
            embedder = make()
            if embedder is None:
                return
            again = self.publisher.state.meta.get("embedder") not in (None, embedder.name)
            for vectors in embed(texts_without_vector(folder, again), embedder, self.progress, self.stop):
                self.publisher.add_vectors(replace(vectors, carry=not again), embedder.name)
                again = False
        except (OSError, RuntimeError, ValueError) as error:
            self.problems.append(f"not searchable by meaning yet: {' '.join(str(error).split())}")

    # -- the end

    def forget(self, text: str) -> Root:
        state = self.publisher.state
        path = find_root(text, {path: root.label for path, root in state.roots.items()})
        root = state.roots[path]
        models = sum(entry.head.root == path for entry in state.entries.values())
        self.user.forget_root(path)
        kept = {other: row for other, row in state.roots.items() if other != path}
        history = {top: rows for top, rows in state.history.items() if any(_meet(top, other) for other in kept)}
        self.publisher.publish(
            kept,
            {name: file for name, file in state.files.items() if file.root != path},
            history,
            {name: entry for name, entry in state.entries.items() if entry.head.root != path},
            dict(state.meta),
        )
        return Root(path, root.label, root.offline, models)

    def _summary(self) -> IndexSummary:
        after = {entry.head.id: entry.head for entry in self.publisher.state.entries.values()}
        return IndexSummary(
            models=len(after),
            added=len(after.keys() - self.before.keys()),
            changed=sum(after[id] != self.before[id] for id in after.keys() & self.before.keys()),
            removed=len(self.before.keys() - after.keys()),
            offline=sum(head.offline for head in after.values()),
            left_out=self.scan.left_out,
            seconds=round(time.monotonic() - self.started, 3),
            problems=tuple(dict.fromkeys([*self.scan.problems, *self.histories.problems, *self.problems])),
        )


def _folders(wishes: Iterable[Wanted]) -> set[str]:
    return {os.path.dirname(wish.candidate.path) for wish in wishes}


def _meet(a: str, b: str) -> bool:
    return within(a, b) or within(b, a)
