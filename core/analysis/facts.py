"""The types that the analysis makes. Plain values: hashable, comparable, the same everywhere above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any, Literal, TypeGuard

Value = str | int | float | bool | None | tuple["Value", ...]
"""A fact's value. None is a known none ("no optimizer is constructed"); a tuple is one compound value (betas)."""


def is_number(value: Value) -> TypeGuard[int | float]:
    """Whether a value is a number, as True is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


Kind = Literal["script", "notebook", "config"]


class _Sent:
    """What processes send each other by the thousand: pickled as a call with its fields, in half the time."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), _fields_of(type(self))(self)  # type: ignore[arg-type]  # types have a hash


@cache
def _fields_of(kind: Any) -> Callable[[_Sent], tuple[object, ...]]:
    return attrgetter(*kind.__slots__)


@dataclass(frozen=True, slots=True)
class Place(_Sent):
    """Where something stands: lines from 1, both ends included; in a notebook, lines of `cell` (from 0 over all)."""

    file: str
    line: int
    end_line: int
    cell: int | None = None

    def holds(self, other: Place) -> bool:
        """Whether another place begins in it."""
        return (self.file, self.cell) == (other.file, other.cell) and self.line <= other.line <= self.end_line


@dataclass(frozen=True, slots=True)
class Fact(_Sent):
    """One thing the source says. `field` is of the vocabulary or `settings.NAME`."""

    field: str
    value: Value
    place: Place
    how: str
    """In words a person knows: "argparse default", "call argument"; begins with "computed" where the value stands
    nowhere literally."""
    stage: str = ""
    """The phase of a script with several (autoencoder, diffusion); empty where there is one."""


@dataclass(frozen=True, slots=True)
class Layer(_Sent):
    """One node of the layer tree: `encoder.0`, `Linear`, `784, 32`. `parameters`: its own weights; None = unknown."""

    name: str
    kind: str
    arguments: str
    parameters: int | None
    place: Place


@dataclass(frozen=True, slots=True)
class Passage(_Sent):
    """A piece of text that is embedded and indexed."""

    kind: Literal["described", "digest", "docstring", "code", "readme", "markdown", "text"]
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class WritePath(_Sent):
    """A path that the script writes to, relative to its folder unless absolute, with `*` for what is not known
    and named holes for what is: `output/samples_epoch_{epoch}.png`."""

    template: str
    kind: Literal["image", "checkpoint", "log", "other"]
    place: Place
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that is a model, found by structure, before it is analysed.

    `files` are all files whose change could change the analysis (itself, local modules, configs, README), sorted.
    Two equal candidates over unchanged files have equal analyses: that is what incremental indexing rests on.
    """

    path: str
    kind: Kind
    script: str | None = None
    """For a config: the script that it configures."""
    aliases: tuple[str, ...] = ()
    """Absolute paths of launchers and default configs that are this same model."""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that the source of one model says. Facts of one field stand in order, the main value first."""

    candidate: Candidate
    facts: tuple[Fact, ...] = ()
    layers: tuple[Layer, ...] = ()
    passages: tuple[Passage, ...] = ()
    writes: tuple[WritePath, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    """One line each: what was not understood, with file and line."""
