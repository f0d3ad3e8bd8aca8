"""Objects that a configuration names, made of its entries: `_target_` of Hydra, `class` before it, `_component_`; also
those of HyperPyYAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.analysis.facts import Place
from core.analysis.follow.configuring import load_file
from core.analysis.follow.handling import Handler
from core.analysis.follow.hydra import DEEPEST, interpolate
from core.analysis.follow.locating import located
from core.analysis.program import (
    NAMED,
    UNKNOWN,
    Call,
    Class,
    DictValue,
    External,
    Function,
    ListValue,
    Made,
    ModuleValue,
    Resolved,
    entries_in,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def instantiate(m: Machine, given: Resolved, call: Call) -> Resolved | None:
    """What `_target_` names, called with the other entries (themselves instantiated) and the call's keywords."""
    assert isinstance(given.value, DictValue)
    entries = given.value.entries
    target = entries.get("_target_") or entries.get("_component_")
    if target is None:  # before Hydra 1.0
        named = (entries[name] for name in ("class", "cls", "target") if name in entries)
        target = next((each for each in named if "." in (each.text or "")), None)
        params = entries.get("params") if target is not None else None
        entries = entries_in(params) if target else entries
    lazy = target is not None and isinstance(target.value, (Class, Function, External))  # of detectron2
    if target is None or not (target.text or lazy):
        made = {key: _inner(m, value, call) for key, value in entries.items()}
        return given.but(value=DictValue(made))
    callee = named_thing(m, target.text, target) if target.text else target
    keywords = {str(k): _inner(m, v, call) for k, v in entries.items() if not str(k).startswith("_")}
    keywords.update(call.keywords)
    positional = call.positional[1:]
    if (listed := entries.get("_args_")) is not None and isinstance(listed.value, ListValue):
        positional = (*(_inner(m, item, call) for item in listed.value.items), *positional)
    partial = entries.get("_partial_")
    if partial is not None and partial.value is True:
        inner = Call("functools.partial", call.node, call.module, (callee, *positional), keywords, order=call.order)
        return m.made(Made(inner), call.node, "partial")
    from core.analysis.follow.calling import call_value

    return call_value(m, callee, None, positional, keywords, call.node)


def _inner(m: Machine, value: Resolved, call: Call) -> Resolved:
    """A nested entry, instantiated where it has a target."""
    if isinstance(value.value, DictValue) and (
        "_target_" in value.value.entries or "_component_" in value.value.entries
    ):
        bare = Call(call.dotted, call.node, call.module, (value,), {}, order=call.order)
        return instantiate(m, value, bare) or value
    if isinstance(value.value, ListValue):
        return value.but(value=ListValue([_inner(m, item, call) for item in value.value.items], value.value.kind))
    return value


def named_thing(m: Machine, dotted: str, where: Resolved) -> Resolved:
    """The class or function of a dotted name: a local module's, else a library's."""
    head, _, last = dotted.rpartition(".")
    path = m.find(head) if head else None
    module = m.load(path) if path else None
    found = module.scope.names.get(last) if module else None
    if found is not None and isinstance(found.value, (Class, Function, External, ModuleValue)):
        return found.but(how=NAMED, origin=where.origin) if isinstance(where.origin, Place) else found
    return Resolved(External(dotted), where.origin, NAMED if isinstance(where.origin, Place) else where.how)


_KEYS = ("_target_", "class_path", "class_name", "class", "type", "target")
"""What a dict keeps the name of the class under that is made of its other entries."""
_DOTTED = re.compile(r"[a-zA-Z_]\w*(\.\w+)+")

_MAKING = re.compile(
    r"^([a-z_]*_)?(instantiate|build|make|create|construct|obj|object|from_(dict|config|cfg|spec))(_|$)"
)


def of_entries(m: Machine, call: Call) -> Resolved | None:
    """What a function of an unknown library whose name speaks of making does make of a dict that names a class with
    its module: `object_from_dict({"type": "torch.optim.SGD", "lr": 0.1}, params=params)`."""
    first = call.positional[0] if call.positional else None
    if first is None or not isinstance(first.value, DictValue) or not _MAKING.search(call.name):
        return None
    entries = first.value.entries
    key = next((key for key in _KEYS if key in entries and _DOTTED.fullmatch(entries[key].text or "")), None)
    if key is None:
        return None
    told = DictValue({"_target_": entries[key], **{name: entries[name] for name in entries if name != key}})
    return instantiate(m, first.but(value=told), call)


def _located(m: Machine, call: Call) -> Resolved | None:
    """`pydoc.locate("torch.nn.Linear")`, `hydra.utils.get_class(name)`: what a dotted name stands for."""
    given = call.positional[0] if call.positional else None
    return named_thing(m, given.text, given) if given is not None and given.text else None


def _load_hyper(m: Machine, call: Call) -> Resolved | None:
    """`load_hyperpyyaml(file, overrides)`: a file's values, what they name made once, for all that refer to it."""
    found = located(m, call.positional[0] if call.positional else None)
    value = load_file(m, found) if found else None
    if value is None:
        return None
    interpolate(value)
    return _with_objects(m, value, call, {}, DEEPEST)


def _with_objects(m: Machine, value: Resolved, call: Call, made: dict[int, Resolved], depth: int) -> Resolved:
    """A value with all that it names made; `made` has what was, by the identity of its entries."""
    inner = value.value
    if isinstance(inner, ListValue) and depth:
        items = [_with_objects(m, item, call, made, depth - 1) for item in inner.items]
        return value.but(value=ListValue(items, inner.kind))
    if not isinstance(inner, DictValue) or not depth:
        return value
    if id(inner) not in made:
        entries = {key: _with_objects(m, entry, call, made, depth - 1) for key, entry in inner.entries.items()}
        whole = value.but(value=DictValue(entries))
        bare = Call(call.dotted, call.node, call.module, (whole,), {}, order=call.order)
        told = instantiate(m, whole, bare) if "_target_" in entries else whole
        made[id(inner)] = told or value.but(value=UNKNOWN)
    return made[id(inner)]


HANDLERS: dict[str, Handler] = {
    **{f"hyperpyyaml.{name}": _load_hyper for name in ("load_hyperpyyaml", "core.load_hyperpyyaml")},
    "pydoc.locate": _located,
    **{f"hydra.utils.{name}": _located for name in ("get_class", "get_method", "get_object")},
}
