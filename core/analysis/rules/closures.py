"""The numbers that functions of the user's see around them: the rate inside a schedule."""

from __future__ import annotations

import ast
import re

from core.analysis.nodes import name_of, walk
from core.analysis.program import Function, Instance, Resolved, Scope, entries_in
from core.analysis.rules.values import words_of


def _spoken(node: ast.AST) -> str:
    """The name that a node reads: `rate`, `config.rate`, `config["rate"]`; empty for anything else."""
    if isinstance(node, ast.Subscript):
        return node.slice.value if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str) else ""
    return name_of(node)


def _looked_up(function: Function, node: ast.AST) -> Resolved | None:
    """What a name, or an entry of a named configuration, stands for inside a function that was not called."""
    name = node.id if isinstance(node, ast.Name) else getattr(getattr(node, "value", None), "id", "")
    scope: Scope | None = function.scope
    found: Resolved | None = None
    while scope is not None and found is None:
        found, scope = scope.names.get(name), scope.parent
    if found is None or isinstance(node, ast.Name):
        return found
    if isinstance(found.value, Instance):
        return found.value.attributes.get(_spoken(node))
    return entries_in(found).get(_spoken(node))


def closure_numbers(value: Resolved, names: re.Pattern[str]) -> list[Resolved]:
    """Numbers of such a name that a function of the user's sees around it: the rate inside a schedule."""
    function = value.value
    if not isinstance(function, Function):
        return []
    scope: Scope | None = function.scope
    found: list[Resolved] = [
        value
        for node in walk(function.node)
        if names.search(words_of(_spoken(node)))
        for value in [_looked_up(function, node)]
        if value is not None and value.number is not None
    ]
    while scope is not None and scope.parent is not None:
        seen = [(words_of(k), v) for k, v in scope.names.items() if v.number is not None]
        found += [v for k, v in seen if names.search(k) or names.search(words_of(v.name))]
        scope = scope.parent
    return found


def only_seen(function: Function) -> list[Resolved]:
    """The one number that the maker of a function was given: `def linear(start): return lambda left: left * start`."""
    around = function.scope
    numbers = [value for value in around.names.values() if value.number is not None] if around.parent else []
    return numbers if len(numbers) == 1 else []
