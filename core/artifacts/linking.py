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
from core.artifacts.makers import Listed, Maker, Names
from core.artifacts.reading import Link, read_links
from core.artifacts.records import Artefacts
from core.artifacts.templates import Match, Template, words_in
from core.artifacts.words import word_set

SHORTEST_ANCHOR = 3
"""Away from its script's folder a write path must hold a word at least this long to say something."""
MOST_TWINS = 8
"""More models than this that write the same file and that it does not name: it is nobody's."""

__all__ = ["Link", "Listed", "Maker", "assign", "find_artefacts", "read_links"]

CODE_FOLDERS = word_set("src source scripts script code notebooks notebook lib app configs config conf experiments")
"""Folders that hold the code of the project around them, so that the project's outputs are theirs."""


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


@dataclass(frozen=True, slots=True)
class _Claim:
    """One write path of one model."""

    maker: Maker
    write: WritePath
    template: Template


_Written = tuple[_Claim, Match]


@dataclass(slots=True)
class _Claims:
    """All that the models of a root claim, arranged so that a file meets only the claims that could be about it."""

    root: str
    makers: Sequence[Maker]
    own: dict[str, list[_Claim]] = field(default_factory=lambda: defaultdict(list))
    """Write paths by the folder of their script, from which it is most often run."""
    far: dict[str, dict[str, list[_Claim]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    """Write paths by their anchors and texts: the script was run from a folder above its own."""
    loose: set[str] = field(default_factory=set)
    """The anchors that may stand inside of a longer word."""
    by_folder: dict[str, list[Maker]] = field(default_factory=lambda: defaultdict(list))
    beneath: dict[str, list[Maker]] = field(default_factory=lambda: defaultdict(list))
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        self.names = Names(self.root, self.makers)
        read: dict[str, Template | None] = {}
        for maker in self.makers:
            self.by_folder[maker.folder].append(maker)
            for folder in _upward(maker.folder, self.root):
                self.beneath[folder].append(maker)
            for write in maker.writes:
                template = read.setdefault(write.template, Template.read(write.template))
                if template is not None:
                    self._keep(_Claim(maker, write, template))

    def _keep(self, claim: _Claim) -> None:
        if not claim.template.absolute:
            self.own[claim.maker.folder].append(claim)
        if len(claim.template.anchor) >= SHORTEST_ANCHOR:
            self.far[claim.template.anchor][claim.write.template].append(claim)
            if not claim.template.alone:
                self.loose.add(claim.template.anchor)

    def of(self, file: Listed, kind: str, crowded: bool) -> list[tuple[Maker, Link]]:
        """The models that this file belongs to: one, or the near-identical ones that all write it."""
        if file.path.endswith(NOTEBOOK):
            own = [maker for maker in self.by_folder.get(os.path.dirname(file.path), []) if maker.path == file.path]
            return [(maker, self._link(file, kind, maker, "what its own cells printed", {})) for maker in own]
        written = self._written_near(file, kind) or self._written_far(file, kind)
        if written:
            return self._best_written(file, kind, written)
        return [] if crowded else self._by_place(file, kind)

    def _written_near(self, file: Listed, kind: str) -> list[_Written]:
        """The write paths that match from the folder of their script, of the nearest such folder."""
        for folder in _upward(os.path.dirname(file.path), self.root):
            claims = [claim for claim in self.own.get(folder, ()) if claim.write.kind in (kind, "other", "log")]
            found = [(claim, match) for claim in claims if (match := claim.template.match(file.path, folder))]
            if found:
                return found
        return []

    def _written_far(self, file: Listed, kind: str) -> list[_Written]:
        """The write paths that match from a folder above their script's, of the nearest such folder."""
        anchors = self.far.keys() & words_in(file.path) | {anchor for anchor in self.loose if anchor in file.path}
        texts = [claims for anchor in sorted(anchors) for claims in self.far[anchor].values()]
        for folder in (*_upward(os.path.dirname(file.path), self.root), "/") if texts else ():
            found: list[_Written] = []
            for claims in texts:
                absolute = claims[0].template.absolute
                match = claims[0].template.match(file.path, folder) if absolute == (folder == "/") else None
                if match is not None:
                    prefix = folder.rstrip(os.sep) + os.sep
                    inside = (claim for claim in claims if absolute or claim.maker.folder.startswith(prefix))
                    found += [(claim, match) for claim in inside if claim.write.kind in (kind, "other", "log")]
            if found:
                return found
        return []

    def _best_written(self, file: Listed, kind: str, found: list[_Written]) -> list[tuple[Maker, Link]]:
        """Of what matched, what says most; of several models that wrote such a file, those that it names, else all."""
        top = max(match.weight for _, match in found)
        best: dict[str, _Written] = {}
        for claim, match in found:
            if match.weight == top:
                best.setdefault(claim.maker.path, (claim, match))
        makers = [claim.maker for claim, _ in best.values()]
        named = self.names.best(file.path, makers)
        if named is None and len(makers) > MOST_TWINS:
            return []
        chosen = makers if named is None else [named]
        told = [(maker, *best[maker.path]) for maker in chosen]
        return [
            (maker, self._link(file, kind, maker, _writes(claim, chosen), match.holes, claim.write.stage))
            for maker, claim, match in told
        ]

    def _by_place(self, file: Listed, kind: str) -> list[tuple[Maker, Link]]:
        """The model whose folder is nearest around the file; several in it are told apart by the file's name."""
        for folder in _upward(os.path.dirname(file.path), self.root):
            here, below = self.by_folder.get(folder, []), self.beneath.get(folder, [])
            if not here and not below:
                continue
            if is_input(file.path, folder):
                return []
            if here:
                return self._one_of(file, kind, here, folder, "stands under the folder of {}")
            return self._one_of(file, kind, below, folder, "{} is the only model beside it")
        return []

    def _one_of(self, file: Listed, kind: str, makers: list[Maker], folder: str, why: str) -> list[tuple[Maker, Link]]:
        first = makers[0]
        if len(makers) == 1 and (first.folder == folder or _holds_code(first.folder, folder)):
            return [(first, self._link(file, kind, first, why.format(os.path.basename(first.path)), {}))]
        named = self.names.best(file.path, makers) if len(makers) > 1 else None
        if named is None or (named.folder != folder and not self.names.whole(file.path, named, makers)):
            return []
        said = " ".join(self.names.said(file.path, named))
        return [
            (named, self._link(file, kind, named, f"its name says {said}; {len(makers)} models could have made it", {}))
        ]

    def _link(self, file: Listed, kind: str, maker: Maker, why: str, holes: dict[str, str], stage: str = "") -> Link:
        base = maker.folder if file.path.startswith(maker.folder + os.sep) else self.root
        relative = os.path.relpath(file.path, base) if file.path.startswith(base) else os.path.basename(file.path)
        return Link(file.path, file.size, kind, why, relative, tuple(sorted(holes.items())), stage)


def _upward(folder: str, root: str) -> Iterable[str]:
    """The folder and those around it, up to the root."""
    while folder == root or folder.startswith(root.rstrip(os.sep) + os.sep):
        yield folder
        if folder == root:
            return
        folder = os.path.dirname(folder)


def _holds_code(folder: str, around: str) -> bool:
    """Whether `folder` is the code of the project at `around`: near enough for the project's outputs to be its own."""
    between = PurePath(os.path.relpath(folder, around)).parts
    return len(between) <= 1 or all(part.casefold() in CODE_FOLDERS for part in between)


def _writes(claim: _Claim, chosen: Sequence[Maker]) -> str:
    """Why a file is a model's: the line that writes it, and who else writes it."""
    place = claim.write.place
    others = ", ".join(sorted(os.path.basename(maker.path) for maker in chosen if maker is not claim.maker))
    where = f"{place.line}" if place.cell is None else f"cell {place.cell}:{place.line}"
    why = f"{os.path.basename(place.file)}:{where} writes {claim.write.template}"
    return f"{why} (so does {others})" if others else why
