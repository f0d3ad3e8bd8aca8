"""Pieces of code that a run reaches, and what stands in them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from core.analysis.facts import Place
from core.analysis.nodes import walk
from core.analysis.program import Class, Module

FORWARDS = ("forward", "__call__", "call")
"""Methods that compute a network's output."""


@dataclass(slots=True, eq=False)
class Body:
    """A piece of code that the run reaches: a function, or the top level of a module."""

    node: ast.AST
    module: Module
    cls: Class | None
    nodes: list[ast.AST]
    """Every node in it, functions defined inside included."""
    calls: dict[str, list[ast.Call]] = field(default_factory=dict)
    """Its calls by the last part of the callee's name."""
    assigned: dict[str, list[ast.expr]] = field(default_factory=dict)
    """What is assigned to each name or attribute, by its last part."""

    def __post_init__(self) -> None:
        for node in self.nodes:
            if isinstance(node, ast.Call):
                self.calls.setdefault(last_name(node.func), []).append(node)
            elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    for name in _targets(target):
                        self.assigned.setdefault(name, []).append(node.value)

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "")

    def calls_any(self, names: Iterable[str]) -> ast.Call | None:
        """The first call of one of these names, as it stands in the code."""
        found = [self.calls[name][0] for name in names if name in self.calls]
        return min(found, key=lambda call: (call.lineno, call.col_offset), default=None)

    def of(self, *kinds: type) -> Iterator[ast.AST]:
        return (node for node in self.nodes if isinstance(node, kinds))

    def place(self, node: ast.AST) -> Place:
        return self.module.place(node)

    def words(self, node: ast.AST, depth: int = 2) -> frozenset[str]:
        """All names and callees in an expression, and in what was assigned to its plain names, `depth` levels back."""
        found: set[str] = set()
        for inner in walk(node):
            if isinstance(inner, ast.Attribute):
                found.add(inner.attr)
            elif isinstance(inner, ast.Name):
                found.add(inner.id)
                if depth:
                    for value in self.assigned.get(inner.id, ())[:4]:
                        found |= self.words(value, depth - 1) if value is not node else set()
        return frozenset(found)


def _targets(node: ast.AST) -> list[str]:
    """The names that an assignment binds: those of a tuple each."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return [name for item in node.elts for name in _targets(item)]
    return [last_name(node)]


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`, of `c` and of `c[0]`; empty where there is none."""
    while isinstance(node, (ast.Subscript, ast.Starred)):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def products_with(body: Body, kept: set[str]) -> int:
    """How often a forward multiplies with a weight of the object's own: none where it looks at a graph or attends.

    `kept` are the attributes that hold weights; those that a compact forward makes on the spot count too.
    """
    inputs = {arg.arg.casefold() for arg in getattr(getattr(body.node, "args", None), "args", [])}
    if "softmax" in body.calls or any(name.startswith(("adj", "edge", "graph")) for name in inputs):
        return 0
    made = {name for name, values in body.assigned.items() if any(_makes_weight(value) for value in values)}
    count = 0
    for node in body.nodes:
        sides: list[ast.AST] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            sides = [node.left, node.right]
        elif isinstance(node, ast.Call) and last_name(node.func) in MULTIPLYING:
            sides = list(node.args)
        names = {
            last_name(inner)
            for side in sides
            for inner in walk(side)
            if isinstance(inner, (ast.Attribute, ast.Name))
        }
        count += bool(names & (kept | made))
    return count


MULTIPLYING = frozenset({"matmul", "dot", "mm", "linear", "einsum", "dot_general"})


def _makes_weight(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) in ("param", "get_parameter", "add_weight", "variable")


def _top_level(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node of a module that stands in no function and no class."""
    stack: list[ast.AST] = list(reversed(tree.body))
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        yield node
        stack.extend(reversed(list(ast.iter_child_nodes(node))))
