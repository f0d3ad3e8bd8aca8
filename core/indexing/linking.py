"""Which artefacts belong to which model, and reading those that changed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.analysis.facts import Fact, WritePath
from core.artifacts.linking import Link, Listed, Maker, assign
from core.catalog.entry import Entry, Head
from core.indexing.fingerprints import artefact_fingerprint
from core.indexing.tasks import Linking
from core.scanning.walking import Found


@dataclass(frozen=True, slots=True)
class Hints:
    """What the facts of a model say that helps to read names of files."""

    epochs: int | None
    stages: tuple[str, ...]


def hints(facts: Iterable[Fact]) -> Hints:
    """The number of epochs where it is one known number, and the stages."""
    stored = list(facts)
    epochs = [fact.value for fact in stored if fact.field == "epochs" and isinstance(fact.value, int)]
    stages = tuple(dict.fromkeys(fact.stage for fact in stored if fact.stage))
    return Hints(epochs[0] if epochs else None, stages)


def links_of(
    entries: Sequence[Entry], listings: Mapping[str, Sequence[Found]], hint: Callable[[Head], Hints]
) -> dict[str, tuple[Linking, str]]:
    """For every model of the roots that were looked at: what to read, and the hash that says whether it changed."""
    by_root: dict[str, list[Head]] = defaultdict(list)
    for entry in entries:
        by_root[entry.head.root].append(entry.head)
    found = {}
    for root, files in listings.items():
        heads = by_root.get(root, [])
        told = {head.path: hint(head) for head in heads}
        makers = [_maker(head, told[head.path]) for head in heads]
        links = assign(root, makers, [Listed(file.path, file.size) for file in files])
        seen = {file.path: file for file in files}
        for head in heads:
            own = links.get(head.path, ())
            task = Linking(head.path, own, told[head.path].epochs, told[head.path].stages)
            found[head.path] = (task, _traces(task, seen))
    return found


def _maker(head: Head, hint: Hints) -> Maker:
    writes: tuple[WritePath, ...] = head.writes
    return Maker(head.path, writes, head.script, head.aliases, hint.epochs, hint.stages)


def _traces(task: Linking, seen: Mapping[str, Found]) -> str:
    """Changes whenever what would be read changes; empty where there is nothing to read."""
    if not task.links:
        return ""
    made = hashlib.blake2b(repr((artefact_fingerprint(), task.epochs, task.stages)).encode(), digest_size=8)
    for link in task.links:
        made.update(repr(_trace(link, seen[link.path])).encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def _trace(link: Link, file: Found) -> tuple[object, ...]:
    return link, file.size, file.mtime_ns
