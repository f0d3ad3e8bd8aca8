"""What modules have, by their names: `dir`, `inspect.getmembers`, and whether one stands anywhere."""

from __future__ import annotations

import os.path
import sys
from typing import TYPE_CHECKING

from core import vocabulary
from core.analysis.follow import attributes
from core.analysis.follow.handling import Handler
from core.analysis.localmodules import dotted_name
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


_LIBRARIES = frozenset(vocabulary.load().table("libraries", "modules")["names"])
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


def _spec(m: Machine, call: Call) -> Resolved | None:
    """`importlib.util.find_spec("models.matchers.glue")`: None where no library is known by the first part of the name
    and the collection has no such module, or has it only from the folder of the module that asks."""
    name = call.positional[0].text if len(call.positional) == 1 else None
    root = (name or "").partition(".")[0]
    if not name or not root or root in sys.stdlib_module_names or root in _LIBRARIES:
        return None
    here, found = os.path.dirname(m.frame.scope.module.path), m.find(name)
    from_here = found is not None and found.startswith(os.path.join(here, "")) and here != os.path.dirname(m.entry_path)
    if found is not None and not (from_here and dotted_name(found, m.entry_path) != name):
        return None
    return m.made(None, call.node, "no such module")


HANDLERS: dict[str, Handler] = {
    "inspect.getmembers": _members,
    "importlib.util.find_spec": _spec,
}
BY_NAME: dict[str, Handler] = {"dir": _names}
