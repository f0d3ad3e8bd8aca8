"""Networks and their layers, as rules see them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from core.analysis.program import Call, Instance


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A layer that is built, or an operation of that kind: `conv`, made by this call."""

    kind: str
    call: Call
    family: str = ""
    """Of a ready-made model (kind "factory"): its architecture."""


@dataclass(eq=False)
class Network:
    """One network: a root object, or layers built outside any class (then `instance` is None)."""

    instance: Instance | None
    layers: list[Layer] = field(default_factory=list)
    parts: list[Instance] = field(default_factory=list)
    """Itself and every network object inside it, in order of construction."""
    name: str = ""

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many layers of each kind it has."""
        return Counter(layer.kind for layer in self.layers)

    def has(self, *kinds: str) -> bool:
        """Whether it has a layer of one of these kinds."""
        return not self.kinds.keys().isdisjoint(kinds)

    @property
    def call(self) -> Call:
        """Where it is built."""
        return self.instance.call if self.instance else self.layers[0].call
