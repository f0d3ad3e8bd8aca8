"""Which loops are followed turn by turn, and not once for all turns."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from core.analysis.evidence import ALWAYS
from core.analysis.follow.frames import MOST_ENTRIES, UNROLLED
from core.analysis.follow.items import is_range
from core.analysis.nodes import below, kept, name_of, walk
from core.analysis.program import Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def worth_unrolling(m: Machine, over: Resolved, node: ast.For | ast.AsyncFor, items: int) -> bool:
    """Whether a loop over so many items is followed turn by turn: over numbers, where it may build something."""
    if items > (MOST_ENTRIES if _copies(node) else UNROLLED):
        return False
    if not is_range(over) or kept(node, "_lays", partial(_lays_layers, node)):
        return True
    return m.frame.building and (m.turns == 1 or m.turns * items <= UNROLLED)


def turns_of(m: Machine, node: ast.For | ast.AsyncFor, items: int) -> int:
    """How many turns a loop and those around it make: of loops that copy what lies within what is copied, no more than
    the whole has entries."""
    return m.turns + items if _copies(node) else m.turns * max(items, 1)


def _copies(node: ast.For | ast.AsyncFor) -> bool:
    return kept(node, "_copies", partial(_copies_entries, node))


def _copies_entries(node: ast.For | ast.AsyncFor) -> bool:
    """Whether each turn keeps one more entry: `for name, value in given.items(): setattr(x, name, value)`, `x[name] =
    value`, `for name in vars(given): x[name] = getattr(given, name)`; makes an option of it; or gives both to a
    method of the object itself, `self.update(name, value)`."""
    if isinstance(node.target, ast.Tuple) and not node.target.elts:
        return False
    key = getattr(node.target.elts[0] if isinstance(node.target, ast.Tuple) else node.target, "id", "")
    targets = (target for line in below(node, ast.Assign) for target in line.targets)
    kept = any(isinstance(each, ast.Subscript) and getattr(each.slice, "id", " ") == key for each in targets)
    calls = below(node, ast.Call)
    return kept or any(name_of(call.func) in _KEEPING or _given_both(node.target, call) for call in calls)


def _given_both(target: ast.expr, call: ast.Call) -> bool:
    """Whether a method of the object itself is given both names of a loop: `self.add(name.split(":"), value)`."""
    names = {getattr(each, "id", "") for each in target.elts} if isinstance(target, ast.Tuple) else set()
    holder = call.func.value if isinstance(call.func, ast.Attribute) else None
    if len(names) != 2 or getattr(holder, "id", "") != "self":
        return False
    return names <= {each.id for part in call.args for each in walk(part) if isinstance(each, ast.Name)}


_KEEPING = ("setattr", "__setattr__", "add_argument")


def _lays_layers(node: ast.For | ast.AsyncFor) -> bool:
    """Whether each turn lays one more layer, and trains nothing: `x = Dense(8)(x)`, `layers.append(Linear(8, 8))`."""
    calls = below(node, ast.Call)
    if any(getattr(call.func, "attr", "") in ALWAYS | {"fit", "step", "compile", "run"} for call in calls):
        return False
    given = [each for call in calls if getattr(call.func, "attr", "") in _ADDING for each in call.args]
    given += [item for line in below(node, ast.AugAssign) for item in getattr(line.value, "elts", ())]
    return any(_is_class(each) for each in given) or any(_is_class(call.func) for call in calls)


_ADDING = frozenset({"append", "add", "add_module", "extend"})


def _is_class(node: ast.expr) -> bool:
    """Whether an expression calls what is named like a class: `nn.Linear(8, 8)`."""
    func = node.func if isinstance(node, ast.Call) else None
    return name_of(func)[:1].isupper()
