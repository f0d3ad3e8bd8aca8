"""Models as linking sees them, and which of several a file's path names."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from core.analysis.facts import WritePath
from core.artifacts.naming import words
from core.artifacts.words import word_set

GENERIC_STEMS = word_set(
    "train training trainer main run script model models default config base notebook experiment exp"
)
"""Words of a script's name that say nothing about which of several models it is."""
CROWD = 32
"""Among more models than this only those are looked at that have a rare word in common with the file."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the scan saw it."""

    path: str
    size: int


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


class Names:
    """The words by which the models of a root can be told apart."""

    def __init__(self, root: str, makers: Sequence[Maker]) -> None:
        self.root = root
        self.words = {maker.path: _telling_words(maker, root) for maker in makers}
        self.with_word: dict[str, list[Maker]] = defaultdict(list)
        for maker in makers:
            for word in self.words[maker.path]:
                self.with_word[word].append(maker)

    def best(self, path: str, makers: Sequence[Maker]) -> Maker | None:
        """The one that a file's path names: by most words that not all of them have, then by all words of its own
        name (`vae` beside `beta_vae`). None where it names nobody or more than one."""
        if len(makers) == 1:
            return makers[0]
        present, common = self._present(path), self._common(makers)
        looked_at = makers if len(makers) <= CROWD else self._sharing(present, makers)
        scores = [self._how_well(maker, common, present, _fold(self._relative(path))) for maker in looked_at]
        best = [maker for maker, score in zip(looked_at, scores, strict=True) if score == max(scores)]
        return best[0] if len(best) == 1 and max(scores) > (0, False) else None

    def whole(self, path: str, maker: Maker, makers: Sequence[Maker]) -> bool:
        """Whether all that tells a model from the others stands in the file's path, or all of its own name."""
        present = self._present(path)
        own = frozenset(words(PurePath(maker.path).stem)) - GENERIC_STEMS
        return self.words[maker.path] - self._common(makers) <= present or (bool(own) and own <= present)

    def said(self, path: str, maker: Maker) -> list[str]:
        """The words that a file and a model share."""
        return sorted(self.words[maker.path] & self._present(path))

    def _relative(self, path: str) -> str:
        return os.path.relpath(path, self.root)

    def _present(self, path: str) -> frozenset[str]:
        return frozenset(words(self._relative(path)))

    def _common(self, makers: Sequence[Maker]) -> frozenset[str]:
        """The words that all of them have, and so tell nothing."""
        shared = set(self.words[makers[0].path])
        for maker in makers[1:]:
            shared &= self.words[maker.path]
            if not shared:
                break
        return frozenset(shared)

    def _sharing(self, present: frozenset[str], makers: Sequence[Maker]) -> list[Maker]:
        rare = [
            self.with_word[word] for word in present if word in self.with_word and len(self.with_word[word]) <= CROWD
        ]
        allowed = {maker.path for maker in makers}
        return list({maker.path: maker for group in rare for maker in group if maker.path in allowed}.values())

    def _how_well(self, maker: Maker, common: frozenset[str], present: frozenset[str], folded: str) -> tuple[int, bool]:
        own = self.words[maker.path] - common
        stems = [PurePath(path).stem for path in (maker.path, *maker.aliases)]
        names = [name for stem in stems if (name := frozenset(words(stem)) - GENERIC_STEMS)]
        if any(len(stem) > 4 and _fold(stem) in folded for stem in stems if frozenset(words(stem)) - GENERIC_STEMS):
            return max(len(own), 1), True
        return len(own & present), any(name <= present for name in names)


def _telling_words(maker: Maker, root: str) -> frozenset[str]:
    """The words of a model's path, and of the names it also goes by, that tell it from others."""
    path = os.path.splitext(os.path.relpath(maker.path, root))[0]
    also = [word for alias in maker.aliases for word in words(PurePath(alias).stem)]
    found = frozenset((*words(path), *also)) - GENERIC_STEMS
    return found or frozenset(words(PurePath(path).name))


def _fold(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
