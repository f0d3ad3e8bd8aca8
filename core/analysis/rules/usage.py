"""In which order a network's forward pass uses what the network keeps."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import partial

from core.analysis.nodes import LEAVES, children, kept
from core.analysis.program import Class, Function
from core.analysis.rules.bodies import FORWARDS


def order_of_use(cls: Class) -> dict[str, int]:
    """For each attribute of self that the forward pass reads: its place (from 0) in the order of first reading, as
    Python evaluates it, through the class's own methods. Empty where the class computes no output of its own."""
    forward = next((method for name in FORWARDS if (method := _method(cls, name))), None)
    if forward is None:
        return {}
    return {name: place for place, name in enumerate(dict.fromkeys(_read(cls, forward, {id(forward)})))}


def _method(cls: Class, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    found = cls.find(name)
    node = found.value.node if found is not None and isinstance(found.value, Function) else None
    return node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def _read(cls: Class, method: ast.FunctionDef | ast.AsyncFunctionDef, seen: set[int]) -> Iterator[str]:
    """Attributes of self in the order of reading; a method of the class that is called is read in its place, once."""
    for name in kept(method, "_reads", partial(_own_reads, method)):
        other = _method(cls, name)
        if other is None:
            yield name
        elif id(other) not in seen:
            seen.add(id(other))
            yield from _read(cls, other, seen)


def _own_reads(method: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The attributes of self in a method's own code, each by its first reading."""
    arguments = [*method.args.posonlyargs, *method.args.args]
    owner = arguments[0].arg if arguments else ""
    read = _attributes(method.body)
    of_self = (node.attr for node in read if isinstance(node.value, ast.Name) and node.value.id == owner)
    return list(dict.fromkeys(of_self))


def _attributes(nodes: Sequence[ast.AST]) -> list[ast.Attribute]:
    """The attributes in the order of evaluation: the arguments of a call before what is called, a value before its
    target."""
    found: list[ast.Attribute] = []
    for node in nodes:
        if isinstance(node, ast.Call):
            found += _attributes([*node.args, *node.keywords, node.func])
        elif isinstance(node, ast.Assign):
            found += _attributes([node.value, *node.targets])
        elif type(node) not in LEAVES:
            found += _attributes(children(node))
            found += [node] if isinstance(node, ast.Attribute) else ()
    return found
