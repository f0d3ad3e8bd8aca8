"""What objects keep: the networks and layers in a value, and objects that put several to use."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeGuard

from core.analysis.nodes import is_of_self
from core.analysis.program import Call, DictValue, Function, Instance, ListValue, Made, Program, Resolved
from core.analysis.rules.bodies import code_of

LARGEST_CONTAINER = 400
"""Items of a list or dict that are looked through for layers."""
HOLDING = frozenset({ListValue, DictValue, Made})
"""Kinds of values that hold others."""


def held(value: Resolved, depth: int = 4) -> list[object]:
    """The objects in a value: itself, items of lists and dicts, arguments of library calls such as Sequential(...)."""
    found: list[object] = []
    for one in (value, *value.others) if value.others else (value,):
        found.append(one.value)
        if depth and type(one.value) in HOLDING:
            for item in _inside(one.value):
                if item.others or type(item.value) in HOLDING:
                    found += held(item, depth - 1)
                else:
                    found.append(item.value)
    return found


def made_in(value: Resolved | None, depth: int = 4) -> list[Call]:
    """The calls of libraries that made the objects in a value."""
    return [one.call for one in held(value, depth) if isinstance(one, Made)] if value is not None else []


def _inside(value: Any) -> Sequence[Resolved]:
    """The values right inside a list, a dict or what a library made."""
    kind = type(value)
    if kind is ListValue:
        items: list[Resolved] = value.items
        return items[:LARGEST_CONTAINER]
    if kind is DictValue:
        return list(value.entries.values())[:LARGEST_CONTAINER]
    call: Call = value.call
    if call.name == "__call__":
        return ()
    given = (*call.given, *value.attributes.values())
    return given if call.receiver is None else (*given, call.receiver)


def stacks(instance: Instance, layers: set[int]) -> bool:
    """Whether an object keeps layers of the user's own (their calls by id): several, or one in a list of more:
    `Sequential(Linear(4, 8), ReLU())`."""
    inside = [filter(_is_instance, held(value)) for value in instance.attributes.values()]
    kept = [{id(inner.call) for inner in objects} for objects in inside]
    return any(len(calls) > 1 and calls & layers for calls in kept) or len(set[int]().union(*kept) & layers) > 1


def _is_instance(value: object) -> TypeGuard[Instance]:
    return type(value) is Instance


def composes(instance: Instance) -> bool:
    """Whether a forward goes through two or more networks that the object keeps: an encoder and a decoder."""
    forward = instance.cls.find("forward") or instance.cls.find("__call__")
    if forward is None or not isinstance(forward.value, Function):
        return False
    held = {name for name, value in instance.attributes.items() if isinstance(value.value, Instance)}
    kept = {name for name in held if not name.endswith(("loss", "criterion"))}
    called = {
        name for name, calls in code_of(forward.value.node).calls.items() if any(is_of_self(c.func) for c in calls)
    }
    return len(kept & called) > 1


def made_of_layers(program: Program, layers: set[int]) -> set[int]:
    """The objects (by id) of which a method builds two of these or more and puts them one after the other: each is
    asked at once, `hidden = Dense(32)(self.inputs)`, or all are kept in one list, `self.layers.append(Dense(32))`."""
    built = [instance for instance in program.instances if id(instance) in layers and instance.within is not None]
    asked = {id(call.func) for module in program.modules for call in module.of(ast.Call)} if built else set()
    at_once = Counter(id(each.within) for each in built if id(each.call.node) in asked)
    around = {id(each.within): each.within for each in built if each.within is not None}
    kept = {
        key
        for key, whole in around.items()
        for value in whole.attributes.values()
        if isinstance(value.value, ListValue) and sum(id(inner) in layers for inner in held(value, 1)) > 1
    }
    return kept | {key for key, count in at_once.items() if count > 1}
