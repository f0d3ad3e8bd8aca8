"""The types of what the catalogue keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.analysis.facts import Fact, Kind, Layer, Value
from core.artifacts.records import Metric


@dataclass(frozen=True, slots=True)
class Root:
    """A folder (or one file) that is scanned. The label is fixed when it is first indexed."""

    path: str
    label: str
    offline: bool
    models: int


@dataclass(frozen=True, slots=True)
class Dates:
    """When a file was made and last changed: ISO 8601 with the offset of the commit, else of the machine; each from
    "git" or "file"."""

    created: str
    modified: str
    created_from: str
    modified_from: str
    author: str | None
    commits: int | None


@dataclass(frozen=True, slots=True)
class Model:
    """One model as it is stored. Paths are absolute."""

    id: str
    path: str
    kind: Kind
    script: str | None
    aliases: tuple[str, ...]
    root: str
    offline: bool
    dates: Dates
    size: int
    lines: int
    facts: tuple[Fact, ...]
    layers: tuple[Layer, ...]
    metrics: tuple[Metric, ...]
    warnings: tuple[str, ...]

    def values(self, field: str) -> tuple[Value, ...]:
        """The distinct known values of a field, the main one first; empty for unknown and for known none."""
        found = (fact.value for fact in self.facts if fact.field == field and fact.value is not None)
        return tuple(dict.fromkeys(found))

    def known_none(self, field: str) -> bool:
        """Whether the source says that there is none of it."""
        return any(fact.field == field and fact.value is None for fact in self.facts)


Row = Mapping[str, tuple[Value, ...]]
"""One model as the grid shows it: the id under "id", every single-valued and vocabulary field by its name, as
tuples."""
