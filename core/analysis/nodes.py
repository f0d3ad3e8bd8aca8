"""Walking syntax trees. A tree is read by many rules for many models, so what a walk found stays with its node.

Nothing changes a tree once it is parsed; what is kept with a node goes when the file's source goes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeVar

_PLAIN = frozenset({
    "ctx", "id", "attr", "arg", "kind", "type_comment", "level", "module", "asname", "is_async", "simple", "conversion",
})  # fmt: skip
"""Fields that hold no node but a context."""
Found = TypeVar("Found")


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below, in order; contexts left out."""
    kind = type(node)
    found: list[ast.AST] = []
    for name in _FIELDS[kind] if kind in _FIELDS else _fields(kind):
        value = getattr(node, name, None)
        if isinstance(value, list):
            found.extend([item for item in value if isinstance(item, ast.AST)])
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> list[ast.AST]:
    """The node and all below it, in the order of `ast.walk`; contexts (Load, Store) left out. Not to be changed."""
    found: list[ast.AST] | None = node.__dict__.get("_walked")
    if found is None:
        found = [node]
        for each in found:
            found.extend(children(each))
        node.__dict__["_walked"] = found
    return found


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: ()}


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a kind of node that can hold nodes."""
    return _FIELDS.setdefault(kind, tuple(name for name in kind._fields if name not in _PLAIN))


def unparse(node: ast.AST) -> str:
    """The node as code, as `ast.unparse` writes it."""
    return kept(node, "_text", lambda: _dotted(node) or ast.unparse(node))


def _dotted(node: ast.AST) -> str:
    """`a.b.c`; empty for anything else."""
    if isinstance(node, ast.Attribute):
        holder = _dotted(node.value)
        return holder and f"{holder}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def kept(node: ast.AST, name: str, make: Callable[[], Found]) -> Found:
    """What was made of a node alone, made once. It may hold nothing of one program: trees are shared by all."""
    if name not in node.__dict__:
        node.__dict__[name] = make()
    found: Any = node.__dict__[name]
    return found  # type: ignore[no-any-return]
