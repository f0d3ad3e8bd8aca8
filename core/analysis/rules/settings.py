"""Every option and constant, as a fact of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from core.analysis.facts import Fact, Value
from core.analysis.nodes import kept
from core.analysis.program import UNKNOWN, ListValue, Module, Program, Resolved
from core.analysis.rules.values import numbers_at_top

LONGEST_LIST = 12
DEEPEST_LIST = 3
"""Lists in one another, which may be the same or hold themselves."""
LONGEST_TEXT = 200


def settings(program: Program) -> Iterator[Fact]:
    """`settings.NAME` for command-line options, configuration entries, dataclass fields, module constants, and the
    numbers that the top level of a script or notebook names in small letters."""
    seen: set[str] = set()
    for option in sorted(program.options, key=lambda option: option.kind == "constant"):
        known, value = _value(option.value)
        if (
            known
            and option.name not in seen
            and option.name.replace("_", "").replace("-", "").replace(".", "").isalnum()
        ):
            seen.add(option.name)
            yield Fact(f"settings.{option.name}", value, option.value.place, option.value.how or option.kind)
    for name, number in _small_constants(program):
        if name not in seen:
            yield Fact(f"settings.{name}", number.number, number.place, number.how)


def _small_constants(program: Program) -> Iterator[tuple[str, Resolved]]:
    """`gamma = 0.9`: a number with a name of two letters or more that is read, and nowhere counted on."""
    entry = program.entry
    read = kept(entry.tree, "_read", partial(_only_read, entry))
    for name, value in numbers_at_top(program):
        if name in read and len(name) > 1 and not name.startswith("_"):
            yield name, value


def _only_read(module: Module) -> frozenset[str]:
    """The names that a file reads and nowhere counts on."""
    return module.names_read - {getattr(node.target, "id", "") for node in module.of(ast.AugAssign)}


def _value(value: Resolved, depth: int = DEEPEST_LIST) -> tuple[bool, Value]:
    """Whether it is a plain value short enough to show, and that value. None is no value: nothing is set."""
    inner = value.value
    if inner is UNKNOWN or inner is None:
        return False, None
    if isinstance(inner, str):
        return len(inner) <= LONGEST_TEXT, inner
    if isinstance(inner, (int, float)):
        return True, inner
    if isinstance(inner, ListValue) and 0 < len(inner.items) <= LONGEST_LIST and depth:
        items = [_value(item, depth - 1) for item in inner.items]
        return all(known for known, _ in items), tuple(item for _, item in items)
    return False, None
