"""Architecture families that only a name speaks of: the script's, its folder's, a network class's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import PurePath

from core import vocabulary
from core.analysis.facts import Fact, Place
from core.analysis.program import Program
from core.analysis.rules.architecture import architecture
from core.analysis.rules.model_classes import model_classes
from core.analysis.rules.values import WORDS

LONGEST = 4
"""Words that are taken together."""


def named_only(program: Program) -> Iterator[Fact]:
    """Accepts the name of the script or of its folder, and of the classes that the run builds, where a family is
    named whole in it that the code's structure does not show."""
    shown = {str(fact.value) for fact in program.ask(architecture)}
    shown |= {parent for name in shown for parent in vocabulary.load().parents("architecture", name)}
    told: set[str] = set()
    for name, place, how in _names(program):
        for family in _families(name):
            if family not in shown | told:
                told.add(family)
                yield Fact("named_only", family, place, how)


def _names(program: Program) -> Iterator[tuple[str, Place, str]]:
    path = PurePath(program.entry.path)
    start = program.entry.source.place(1)
    yield path.stem, start, "name of the script"
    yield path.parent.name, start, "name of the folder"
    for fact in program.ask(model_classes):
        yield str(fact.value), fact.place, "name of a class"


@cache
def _families(name: str) -> tuple[str, ...]:
    """The families that a name holds, of several in one place the longest: WGAN-GP of `wgan_gp_digits`."""
    words = WORDS.findall(name)
    found, at = [], 0
    while at < len(words):
        joins = ((cut, "".join(words[at:cut])) for cut in range(min(len(words), at + LONGEST), at, -1))
        known = ((cut, _called(text)) for cut, text in joins if len(text) > 2)
        cut, family = next(((cut, family) for cut, family in known if family is not None), (at + 1, ""))
        found += [family] if family else []
        at = cut
    return tuple(dict.fromkeys(found))


def _called(text: str) -> str | None:
    """The family that words name; empty where they name a framework, of whose words none names a family: TensorFlow."""
    words = vocabulary.load()
    return words.canonical("architecture", text) or ("" if words.canonical("framework", text) else None)
