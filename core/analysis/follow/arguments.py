"""What calls are given, and the names under which functions of the user's get it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.analysis.follow.items import items_of
from core.analysis.program import UNKNOWN, DictValue, Function, ListValue, Made, Resolved, keywords_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

Arguments = tuple[Resolved, ...]
PLAIN = frozenset({int, float, str, bool})
"""Kinds of values that are no object."""


def arguments_of(m: Machine, node: ast.Call) -> tuple[Arguments, dict[str, Resolved]]:
    """The arguments of a call, stars spread where they are known, else kept as `*` and `**`."""
    positional: list[Resolved] = []
    keywords: dict[str, Resolved] = {}
    for argument in node.args:
        value = m.evaluate(argument)
        if isinstance(argument, ast.Starred):
            known = value.value.items if isinstance(value.value, ListValue) else items_of(m, value, argument)
            positional.extend(known or ())
            if known is None or not getattr(value.value, "complete", True):
                keywords["*"] = value
        else:
            positional.append(value if value.how != "literal" else _given(argument, value, ""))
    for keyword in node.keywords:
        value = m.evaluate(keyword.value)
        if keyword.arg is not None:
            named = value if value.how != "literal" else _given(keyword.value, value, keyword.arg)
            keywords[keyword.arg] = named
        elif isinstance(value.value, DictValue):
            keywords.update(keywords_in(value))
        else:
            keywords["**"] = value
    return tuple(positional), keywords


def _given(node: ast.expr, value: Resolved, name: str) -> Resolved:
    """A literal as the argument that it is; a constant's is made once, whichever program is followed."""
    found: Resolved | None = node.__dict__.get("_given") if type(node) is ast.Constant else None
    if found is None:
        found = Resolved(value.value, value.origin, "call argument", value.others, name, value.parts)
        if type(node) is ast.Constant:
            node.__dict__["_given"] = found
    return found


def signature(positional: Arguments, keywords: Mapping[str, Resolved]) -> tuple[object, ...]:
    return (*map(_mark, positional), *[(name, _mark(value)) for name, value in keywords.items()])


def _mark(value: Resolved, depth: int = 4) -> object:
    inner = value.value
    if inner is UNKNOWN or inner is None:
        return None
    if type(inner) in PLAIN:
        return (type(inner), inner)
    if isinstance(inner, ListValue):
        return tuple(_mark(item, depth - 1) for item in inner.items[:20]) if depth else id(inner)  # it may hold itself
    return id(inner) if not isinstance(inner, Made) else (inner.dotted, id(inner.call.node))


def bind_parameters(
    m: Machine, function: Function, positional: Arguments, keywords: Mapping[str, Resolved]
) -> dict[str, Resolved]:
    """The names a function starts with: what was given, else its defaults, else unknown."""
    arguments = function.node.args
    names: dict[str, Resolved] = {}
    parameters = [*arguments.posonlyargs, *arguments.args]
    where = (function.module, function.node)
    if function.owner is not None and parameters and not isinstance(function.node, ast.Lambda):
        names[parameters.pop(0).arg] = Resolved(function.owner, where, "self")
    for parameter, value in zip(parameters, positional, strict=False):
        names[parameter.arg] = _named(value, parameter.arg)
    if arguments.vararg is not None:
        rest = list(positional[len(parameters) :])
        names[arguments.vararg.arg] = Resolved(ListValue(rest, "tuple"), where, "arguments")
    parameters += arguments.kwonlyargs
    accepted = {parameter.arg for parameter in parameters}
    names |= {name: _named(value, name) for name, value in keywords.items() if name in accepted}
    if arguments.kwarg is not None:
        names[arguments.kwarg.arg] = Resolved(_others(function, accepted, keywords), where, "arguments")
    for parameter in parameters:
        if parameter.arg not in names:
            default = _default_of(function, parameter.arg, keywords)
            m.program.calls.extend(m.waiting.pop(id(default), ()))
            names[parameter.arg] = default or Resolved(UNKNOWN, (function.module, parameter), "", name=parameter.arg)
    return names


def _others(function: Function, accepted: set[str], keywords: Mapping[str, Resolved]) -> DictValue:
    """What a function gets as `**`: what it is given under other names than its parameters', and click's options, of
    which its signature says nothing."""
    entries = {name: value for name, value in keywords.items() if name not in (*accepted, "*", "**")}
    known = accepted | {parameter.arg for parameter in function.node.args.posonlyargs}
    for name, value in function.defaults.items() if "**" not in keywords else ():
        if name not in known:
            entries.setdefault(name, value)
    return DictValue(entries)


def _default_of(function: Function, name: str, keywords: Mapping[str, Resolved]) -> Resolved | None:
    """The default of a parameter that is not given; none where `**` may give it, nor a default of None where `*` may:
    `model(*batch)`."""
    default = function.defaults.get(name) if "**" not in keywords else None
    spread = "*" in keywords and function.name != "__init__"
    return None if spread and default is not None and default.value is None else default


def _named(value: Resolved, name: str) -> Resolved:
    return value if value.name or not value.known else value.but(name=name)
