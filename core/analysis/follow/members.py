"""What modules have, by their names: `dir`, `inspect.getmembers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.follow import attributes
from core.analysis.follow.handling import Handler
from core.analysis.program import Call, Class, DictValue, External, Function, ListValue, ModuleValue, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def _names(m: Machine, call: Call) -> Resolved | None:
    """`dir(FLAGS)`, `dir(module)`: the names of what is there, in their order."""
    value = call.positional[0].value if call.positional else None
    named = m.flags if isinstance(value, External) and value.dotted in attributes.FLAGS else value
    if isinstance(value, ModuleValue):
        names = sorted(value.module.scope.names)
    else:
        names = [str(key) for key in named.entries] if isinstance(named, DictValue) else []
    return m.made(ListValue([m.made(name, call.node) for name in names]), call.node) if names else None


_PREDICATES: dict[str, type] = {"inspect.isclass": Class, "inspect.isfunction": Function}


def _members(m: Machine, call: Call) -> Resolved | None:
    """`inspect.getmembers(module, inspect.isclass)`: the user's classes that it has, each with its name; those of
    libraries that it imports are left out, for nothing tells what they are."""
    held = call.positional[0].value if call.positional else None
    asked = call.argument("predicate", 1)
    kind = _PREDICATES.get(asked.dotted or "") if asked is not None else None
    if not isinstance(held, ModuleValue) or kind is None:
        return None
    found = [(name, each) for name, each in sorted(held.module.scope.names.items()) if isinstance(each.value, kind)]
    pairs = [ListValue([m.made(name, call.node), each], "tuple") for name, each in found]
    return m.made(ListValue([m.made(pair, call.node) for pair in pairs]), call.node)


HANDLERS: dict[str, Handler] = {"inspect.getmembers": _members}
BY_NAME: dict[str, Handler] = {"dir": _names}
