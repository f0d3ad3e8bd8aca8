"""Which of a script's configurations say too little to train with: pieces of others, and what only tests."""

from __future__ import annotations

import os.path
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from core.analysis.config_files import bases_of
from core.analysis.outline import Outline

SEVERAL = 3
"""Configurations of which one can be told to be unlike most."""
_DATA = frozenset({"data", "dataset", "datasets", "dataloader", "dataloaders"})
_TRAINING = frozenset({"train", "training", "trainer", "optimizer", "optim", "solver", "runner"})


def fragments(outlines: Mapping[str, Outline], configs: Sequence[str], modules: Iterable[str]) -> set[str]:
    """Those of a script's configurations with which it cannot train, as far as their sections tell.

    Beside others of their format: what has data alone where those have more, what has none of the sections that most
    have, and of files of Python what lacks a section of training that most have and that the script's modules ask for.
    """
    spoken = (name for file in modules for names in outlines[file].uses.values() for name in names)
    asked = {name.rpartition(".")[2] for name in spoken if name[:1] == "."}
    formats: dict[str, list[str]] = {}
    for path in configs:
        formats.setdefault(os.path.splitext(path)[1], []).append(path)
    return {path for paths in formats.values() for path in _unlike(outlines, paths, asked)}


def _unlike(outlines: Mapping[str, Outline], paths: Sequence[str], asked: set[str]) -> Iterator[str]:
    sections = {path: _sections(outlines, path) for path in paths}
    counted = Counter(name for names in sections.values() for name in names)
    most = {name for name, times in counted.items() if times * 2 >= len(paths) >= SEVERAL}
    needed = {name for name in most & asked if not _TRAINING.isdisjoint(_words(name))}
    more = any(not _of_data(names) for names in sections.values())
    for path, names in sections.items():
        plain = outlines[path].kind == "python" and not outlines[path].imports
        apart = bool(most) and most.isdisjoint(names)
        if names and ((more and _of_data(names)) or apart or (plain and needed - names)):
            yield path


def _sections(outlines: Mapping[str, Outline], path: str) -> frozenset[str]:
    """The names at the top of a configuration and of what it is built on; none where others than it tell them: the
    defaults of Hydra, a function that makes it."""
    outline = outlines[path]
    if outline.defaults or "get_config" in outline.uses:
        return frozenset()
    built = (outline, *bases_of(outlines, outline))
    return frozenset(name for each in built for name in (*_tops(each.keys), *each.assigns))


def _tops(keys: Iterable[str]) -> set[str]:
    return {key.partition(".")[0] for key in keys}


def _words(name: str) -> set[str]:
    return set(re.split(r"[_.-]", name.lower()))


def _of_data(names: Iterable[str]) -> bool:
    return all(not _DATA.isdisjoint(_words(name)) for name in names)
