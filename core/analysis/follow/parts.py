"""Parts of objects that libraries make, by path: `net.classifier[6]`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.analysis import ready
from core.analysis.program import Made, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


INPUTS = frozenset({"in_features", "in_channels"})


def part(m: Machine, node: ast.expr) -> tuple[Made, str] | None:
    """The object of a library's that an expression goes into, and the path from there; None for any other."""
    names: list[str] = []
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
        elif isinstance(key := m.evaluate(node.slice).value, (int, str)):
            names.append(str(key))
        else:
            return None
        node = node.value
        held = m.evaluate(node).value if isinstance(node, (ast.Name, ast.Attribute)) else None
        if isinstance(held, Made):
            return held, ".".join(reversed(names))
    return None


def put(m: Machine, target: ast.expr, value: Resolved) -> None:
    """Keep what is put deep inside a ready-made network: `net.classifier[6] = nn.Linear(4096, 10)`."""
    found = part(m, target)
    if found is not None and ready.ready(found[0].dotted) is not None:
        found[0].attributes[found[1]] = value


def inputs(m: Machine, node: ast.Attribute) -> Resolved | None:
    """`net.fc.in_features` of a ready-made network."""
    found = part(m, node.value)
    size = ready.inputs_of(*found) if found is not None else None
    return m.made(size, node) if size is not None else None
