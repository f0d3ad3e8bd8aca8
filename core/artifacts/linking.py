"""Which model made which file: pictures, checkpoints and logs, each linked with the reason in words.

`assign` looks at a whole root at once, since a file belongs to the one of several models that has the better claim;
`read_links` then reads headers and logs of one model's files. `find_artefacts` is both for one model.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from core.analysis.facts import WritePath
from core.artifacts.formats import NOTEBOOK, crowded_folders, is_input, kind_of
from core.artifacts.naming import words
from core.artifacts.reading import Link, read_links
from core.artifacts.records import Artefacts
from core.artifacts.templates import Template
from core.artifacts.words import word_set

__all__ = ["Link", "Listed", "Maker", "assign", "find_artefacts", "read_links"]

GENERIC_STEMS = word_set(
    "train training trainer main run script model models default config base notebook experiment exp"
)
"""Words of a script's name that say nothing about which of several models it is."""
CODE_FOLDERS = word_set("src source scripts script code notebooks notebook lib app configs config conf experiments")
"""Folders that hold the code of the project around them, so that the project's outputs are theirs."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the scan saw it."""

    path: str
    size: int
    mtime: float


@dataclass(frozen=True, slots=True)
class Maker:
    """A model as linking sees it. `epochs` (where known) tells whether a bare number can count epochs."""

    path: str
    writes: tuple[WritePath, ...] = ()
    script: str | None = None
    aliases: tuple[str, ...] = ()
    epochs: int | None = None
    stages: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Where its code stands: for a config, the script's folder."""
        return os.path.dirname(self.script or self.path)


def find_artefacts(maker: Maker, root: str, files: Sequence[Listed], others: Sequence[Maker] = ()) -> Artefacts:
    """Everything found for one model of a root, where `others` are the root's other models."""
    links = assign(root, [maker, *others], files)
    return read_links(links.get(maker.path, ()), epochs=maker.epochs, stages=maker.stages)


def assign(root: str, makers: Sequence[Maker], files: Iterable[Listed]) -> dict[str, tuple[Link, ...]]:
    """The files of each model by its path, in the order of their names. Files of no model are left out."""
    claims = _Claims(root, makers)
    found: dict[str, list[Link]] = defaultdict(list)
    listed = sorted(files, key=lambda file: file.path)
    crowded = crowded_folders([file.path for file in listed])
    for file in listed:
        kind = kind_of(file.path)
        if kind is None:
            continue
        for maker, link in claims.of(file, kind, os.path.dirname(file.path) in crowded):
            found[maker.path].append(link)
    return {path: tuple(links) for path, links in found.items()}


@dataclass(slots=True)
class _Claim:
    """One write path of one model, seen from the folders that it may have been run in."""

    maker: Maker
    write: WritePath
    template: Template


@dataclass(slots=True)
class _Claims:
    """All that the models of a root claim."""

    root: str
    makers: Sequence[Maker]
    templates: list[_Claim] = field(default_factory=list)
    by_folder: dict[str, list[Maker]] = field(default_factory=lambda: defaultdict(list))
    beneath: dict[str, list[Maker]] = field(default_factory=lambda: defaultdict(list))
    words_of: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for maker in self.makers:
            self.by_folder[maker.folder].append(maker)
            for folder in _upward(maker.folder, self.root):
                self.beneath[folder].append(maker)
            self.words_of[maker.path] = _telling_words(maker, self.root)
            for write in maker.writes:
                template = Template.read(write.template, _bases(maker, self.root))
                if template is not None:
                    self.templates.append(_Claim(maker, write, template))

    def of(self, file: Listed, kind: str, crowded: bool) -> list[tuple[Maker, Link]]:
        """The models that this file belongs to: one, or the near-identical ones that all write it."""
        if file.path.endswith(NOTEBOOK):
            own = [maker for maker in self.by_folder.get(os.path.dirname(file.path), []) if maker.path == file.path]
            return [(maker, self._link(file, kind, maker, "what its own cells printed", {})) for maker in own]
        written = self._written(file, kind)
        if written:
            return self._best_written(file, kind, written)
        return [] if crowded else self._by_place(file, kind)

    def _written(self, file: Listed, kind: str) -> list[tuple[_Claim, float, dict[str, str]]]:
        """The write paths that match, with how much they say and what stood in their holes."""
        found = []
        for claim in self.templates:
            if claim.write.kind not in (kind, "other", "log"):
                continue
            match = claim.template.match(file.path)
            if match is not None:
                found.append((claim, match.weight, match.holes))
        return found

    def _best_written(
        self, file: Listed, kind: str, found: list[tuple[_Claim, float, dict[str, str]]]
    ) -> list[tuple[Maker, Link]]:
        top = max(weight for _, weight, _ in found)
        best: dict[str, tuple[_Claim, dict[str, str]]] = {}
        for claim, weight, holes in found:
            if weight == top:
                best.setdefault(claim.maker.path, (claim, holes))
        makers = [claim.maker for claim, _ in best.values()]
        chosen = self._named(file, makers) or makers
        links = []
        for maker in chosen:
            claim, holes = best[maker.path]
            place = claim.write.place
            why = f"{os.path.basename(place.file)}:{place.line} writes {claim.write.template}"
            if len(chosen) > 1:
                others = ", ".join(sorted(os.path.basename(m.path) for m in chosen if m is not maker))
                why += f" (so does {others})"
            links.append((maker, self._link(file, kind, maker, why, holes)))
        return links

    def _by_place(self, file: Listed, kind: str) -> list[tuple[Maker, Link]]:
        """The model whose folder is nearest around the file; several in it are told apart by the file's name."""
        for folder in _upward(os.path.dirname(file.path), self.root):
            here = self.by_folder.get(folder, [])
            if (here or folder in self.beneath) and is_input(file.path, folder):
                return []
            if here:
                return self._one_of(file, kind, here, folder, "stands under the folder of {}")
            below = self.beneath.get(folder, [])
            if below:
                return self._one_of(file, kind, below, folder, "{} is the only model beside it")
        return []

    def _one_of(self, file: Listed, kind: str, makers: list[Maker], folder: str, why: str) -> list[tuple[Maker, Link]]:
        if len(makers) == 1 and (makers[0].folder == folder or _holds_code(makers[0].folder, folder)):
            reason = why.format(os.path.basename(makers[0].path))
            return [(makers[0], self._link(file, kind, makers[0], reason, {}))]
        named = self._named(file, makers)
        if named is None or (named[0].folder != folder and not self._named_whole(file, named[0], makers)):
            return []
        shared = sorted(self.words_of[named[0].path] & set(words(os.path.relpath(file.path, self.root))))
        reason = f"its name says {' '.join(shared)}; {len(makers)} models could have made it"
        return [(named[0], self._link(file, kind, named[0], reason, {}))]

    def _named(self, file: Listed, makers: list[Maker]) -> list[Maker] | None:
        """The one that the file's path names: by most words that not all of them have, then by all words of its own
        name (`vae` beside `beta_vae`). None where it names nobody or more than one."""
        if len(makers) == 1:
            return makers
        common = frozenset.intersection(*(self.words_of[maker.path] for maker in makers))
        relative = os.path.relpath(file.path, self.root)
        present, folded = frozenset(words(relative)), _fold(relative)
        scores = [self._named_how_well(maker, common, present, folded) for maker in makers]
        best = [maker for maker, score in zip(makers, scores, strict=True) if score == max(scores)]
        return best if max(scores) > (0, False) and len(best) == 1 else None

    def _named_whole(self, file: Listed, maker: Maker, makers: list[Maker]) -> bool:
        """Whether all that tells a model from the others stands in the file's path, or all of its own name."""
        common = frozenset.intersection(*(self.words_of[each.path] for each in makers))
        present = frozenset(words(os.path.relpath(file.path, self.root)))
        own = frozenset(words(PurePath(maker.path).stem)) - GENERIC_STEMS
        return self.words_of[maker.path] - common <= present or bool(own) and own <= present

    def _named_how_well(
        self, maker: Maker, common: frozenset[str], present: frozenset[str], folded: str
    ) -> tuple[int, bool]:
        own = self.words_of[maker.path] - common
        stems = [PurePath(path).stem for path in (maker.path, *maker.aliases)]
        if any(len(stem) > 4 and frozenset(words(stem)) - GENERIC_STEMS and _fold(stem) in folded for stem in stems):
            return max(len(own), 1), True
        names = [frozenset(words(stem)) - GENERIC_STEMS for stem in stems]
        return len(own & present), any(name and name <= present for name in names)

    def _link(self, file: Listed, kind: str, maker: Maker, why: str, holes: dict[str, str]) -> Link:
        base = maker.folder if file.path.startswith(maker.folder + os.sep) else self.root
        relative = os.path.relpath(file.path, base) if file.path.startswith(base) else os.path.basename(file.path)
        return Link(file.path, file.size, kind, why, relative, tuple(sorted(holes.items())))


def _upward(folder: str, root: str) -> Iterable[str]:
    """The folder and those around it, up to the root."""
    while folder == root or folder.startswith(root.rstrip(os.sep) + os.sep):
        yield folder
        if folder == root:
            return
        folder = os.path.dirname(folder)


def _bases(maker: Maker, root: str) -> tuple[str, ...]:
    """Where a relative path may start: the script's folder, or one around it from which it was run."""
    return tuple(_upward(maker.folder, root)) or (maker.folder,)


def _holds_code(folder: str, around: str) -> bool:
    """Whether `folder` is the code of the project at `around`: near enough for the project's outputs to be its own."""
    between = PurePath(os.path.relpath(folder, around)).parts
    return len(between) <= 1 or all(part.casefold() in CODE_FOLDERS for part in between)


def _telling_words(maker: Maker, root: str) -> frozenset[str]:
    """The words of a model's path, and of the names it also goes by, that tell it from others."""
    path = os.path.splitext(os.path.relpath(maker.path, root))[0]
    also = [word for alias in maker.aliases for word in words(PurePath(alias).stem)]
    found = frozenset((*words(path), *also)) - GENERIC_STEMS
    return found or frozenset(words(PurePath(path).name))


def _fold(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
