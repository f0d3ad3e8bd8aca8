"""Tables of what is made at once, of which a setting picks one: `{"mnist": MNIST(path), "cifar": CIFAR10(path)}`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.analysis.nodes import walk
from core.analysis.program import DictValue, Made, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


@dataclass(slots=True)
class Table:
    """A table that something is asked of: where it is written; which entries, None for all; and whether a setting ever
    named one."""

    value: DictValue
    written: ast.AST | None = None
    asked: set[object] = field(default_factory=set)
    chosen: bool = False


def pick(m: Machine, value: DictValue, holder: Resolved | None, wanted: Resolved, key: ast.expr) -> None:
    """Keep that a table is asked for an entry, which a setting names where the key is no literal."""
    plain = wanted.value if isinstance(wanted.value, (str, int, float, bool)) else None
    table = _table(m, value)
    if holder is not None and isinstance(holder.origin, tuple):
        table.written = holder.origin[1]
    table.asked.add(plain)
    table.chosen |= not isinstance(key, ast.Constant)


def go_through(m: Machine, value: DictValue) -> None:
    """Keep that a table is asked for all entries."""
    _table(m, value).asked.add(None)


def _table(m: Machine, value: DictValue) -> Table:
    return m.tables.get(id(value)) or m.tables.setdefault(id(value), Table(value))


def pass_over(m: Machine) -> None:
    """Let the program know nothing of what libraries make right in a table for the entries that nothing asks for."""
    kept, left = set[int](), set[int]()
    for table in m.tables.values():
        if table.written is None or not table.chosen or None in table.asked:
            continue
        inside = set(map(id, walk(table.written)))
        for key, entry in table.value.entries.items():
            (kept if key in table.asked else left).update(inside.intersection(_nodes_of(entry)))
    if left - kept:
        m.program.calls[:] = [call for call in m.program.calls if call.target or id(call.node) not in left - kept]


def _nodes_of(entry: Resolved) -> Iterator[int]:
    """What makes an entry, and what it is made of (by id)."""
    if isinstance(entry.value, Made):
        yield from map(id, walk(entry.value.call.node))
