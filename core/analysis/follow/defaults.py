"""The default values of parameters."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.analysis.nodes import kept
from core.analysis.program import UNKNOWN, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine
    from core.analysis.source import Source


def defaults_of(m: Machine, arguments: ast.arguments) -> dict[str, Resolved]:
    """The default values of parameters, by name."""
    if constant_defaults(arguments) is not None:
        return told_defaults(arguments, m.frame.scope.module.source)
    found: dict[str, Resolved] = {}
    for parameter, default in _pairs(arguments):
        before = len(m.program.calls)
        value = m.evaluate(default)
        how = "function default" if value.how == "literal" else value.how
        found[parameter.arg] = made = Resolved(
            value.value, value.origin, how, value.others, value.name or parameter.arg, value.parts
        )
        if calls := m.program.calls[before:]:  # they count when the default is used
            del m.program.calls[before:]
            m.waiting[id(made)] = calls
            m.kept.append(made)
    return found


def _pairs(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr]]:
    """The parameters that have a default, with it."""
    positional = [*arguments.posonlyargs, *arguments.args]
    first = len(positional) - len(arguments.defaults)
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return [
        *zip(positional[first:], arguments.defaults, strict=True),
        *((arg, default) for arg, default in named if default is not None),
    ]


def constant_defaults(arguments: ast.arguments) -> list[tuple[ast.arg, ast.Constant]] | None:
    """The parameters that have a default, with it, where all are constants."""
    return kept(arguments, "_constant", lambda: _constant(_pairs(arguments)))


def _constant(pairs: list[tuple[ast.arg, ast.expr]]) -> list[tuple[ast.arg, ast.Constant]] | None:
    constant = [(arg, default) for arg, default in pairs if isinstance(default, ast.Constant)]
    return constant if len(constant) == len(pairs) else None


def told_defaults(arguments: ast.arguments, source: Source) -> dict[str, Resolved]:
    """The constant default values of parameters, by name; a dict of the caller's own."""
    return dict(kept(arguments, "_defaults", lambda: _told(arguments, source)))


def _told(arguments: ast.arguments, source: Source) -> dict[str, Resolved]:
    return {
        arg.arg: Resolved(constant_value(default), (source, default), "function default", (), arg.arg)
        for arg, default in constant_defaults(arguments) or ()
    }


def constant_value(node: ast.Constant) -> object:
    """The value of a constant; unknown for what is no value of a program's."""
    return UNKNOWN if isinstance(node.value, complex) or node.value is ... else node.value
