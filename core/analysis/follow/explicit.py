"""Functions and classes that may be given a whole configuration in place of their arguments.

`@configurable` of detectron2 and its heirs: `Net(cfg)` is `Net(**Net.from_config(cfg))`, and of a function under
`@configurable(from_config=told)`, `build(cfg)` is `build(**told(cfg))`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.analysis.follow import attributes, calling
from core.analysis.nodes import kept, name_of
from core.analysis.program import Class, DictValue, Function, Resolved, keywords_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

Given = tuple[tuple[Resolved, ...], dict[str, Resolved]]


def arguments(
    m: Machine, function: Function, cls: Class | None, positional: tuple[Resolved, ...], keywords: dict[str, Resolved],
    node: ast.AST,
) -> Given:  # fmt: skip
    """What a function or the `__init__` of a class is really given."""
    decorator = kept(function.node, "_configurable", lambda: _configurable(function.node))
    first = positional[0] if positional else keywords.get("cfg")
    if decorator is None or first is None or not isinstance(first.value, DictValue):
        return positional, keywords
    maker = _maker(m, function, cls, decorator)
    if maker is None:
        return positional, keywords
    return (), {**keywords, **keywords_in(calling.call_function(m, maker, positional, keywords, node))}


def _configurable(node: ast.AST) -> ast.expr | None:
    """The decorator that says so."""
    for decorator in getattr(node, "decorator_list", ()):
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        if name_of(named) == "configurable":
            found: ast.expr = decorator
            return found
    return None


def _maker(m: Machine, function: Function, cls: Class | None, decorator: ast.expr) -> Function | None:
    """The function that makes the arguments of a configuration."""
    if cls is not None:
        found = cls.find("from_config")
        method = attributes.bound(m, found, cls, function.node).value if found is not None else None
        return method if isinstance(method, Function) else None
    told = next((each.value for each in getattr(decorator, "keywords", ()) if each.arg == "from_config"), None)
    value = function.scope.names.get(told.id) if isinstance(told, ast.Name) else None
    return value.value if value is not None and isinstance(value.value, Function) else None
