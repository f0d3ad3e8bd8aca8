"""What fastai's scripts call of fastcore: lists of its kind, and what keeps all that a constructor is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.program import Call, Instance, ListValue, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

_HOMES = ("fastcore.", "fastai.")
"""fastai hands on what fastcore has: `from fastai.vision.all import *`."""


def store_attr(m: Machine, call: Call) -> Resolved | None:
    """`store_attr()` of fastcore keeps what `__init__` is given, by its names."""
    owner, function = m.frame.owner, m.frame.function
    if owner is not None and function is not None and call.dotted.startswith(_HOMES) and not call.positional:
        arguments = function.node.args
        names = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)} - {"self"}
        owner.attributes.update({k: v for k, v in m.frame.scope.names.items() if k in names})
    return m.made(None, call.node)


def list_of(m: Machine, call: Call) -> Resolved | None:
    """`L(x)` of fastcore: a list, of the one thing that is no list."""
    given = call.positional[0] if len(call.positional) == 1 else None
    if given is None or not call.dotted.startswith(_HOMES):
        return None
    if isinstance(given.value, ListValue):
        return given
    items = [given] if isinstance(given.value, Instance) else []
    return m.made(ListValue(items), call.node) if items or given.value is None else None
