"""One value out of several that branches gave, and whether a value is true."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.analysis.follow.frames import MANY
from core.analysis.program import UNKNOWN, Class, DictValue, External, Function, ListValue, ModuleValue, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def join(values: list[Resolved]) -> Resolved:
    """One value out of those that several branches gave: the first known one, the others kept."""
    first = values[0]
    if len(values) == 1 or all(value is first for value in values):
        return first
    distinct: list[Resolved] = []
    for value in (item for given in values for item in given.all()):
        if value.known and not any(_same(value, other) for other in distinct):
            distinct.append(value if not value.others else value.but(others=()))
    if not distinct:
        return first
    if len(distinct) == 1 and distinct[0].value is None:  # or something that nobody knows
        return next((value for value in values if not value.known), distinct[0])
    if distinct[0].value is None and len(distinct) > 1:
        distinct.append(distinct.pop(0))
    return distinct[0].but(others=tuple(distinct[1:6])) if len(distinct) > 1 else distinct[0]


def _same(a: Resolved, b: Resolved) -> bool:
    return a.value is b.value or (type(a.value) is type(b.value) and a.value == b.value)


def any_of(m: Machine, items: list[Resolved], node: ast.AST) -> Resolved:
    """One of several, nobody knows which: `optimizers[name](...)`; texts and the like only, and few. What a run must
    be told to choose among many classes or functions is none of them."""
    callables = all(isinstance(item.value, (Class, External, Function)) for item in items)
    if 0 < len(items) < (MANY if callables else 9) and not any(isinstance(item.value, (int, float)) for item in items):
        return join(items)
    if items and all(isinstance(item.value, (Class, Function)) for item in items):
        return _one_of_many(m, items, node)
    return m.unknown(node)


def _one_of_many(m: Machine, items: list[Resolved], node: ast.AST) -> Resolved:
    """The one of many of the user's that was picked beforehand; else none, and it is told that one could be."""
    where = (m.frame.scope.module.path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
    if where in m.picked:
        return items[m.picked[where] % len(items)]
    m.program.undecided.setdefault(where, len(items))
    return m.unknown(node)


def truth(value: Resolved) -> bool | None:
    """Whether it is true; None where that cannot be told."""
    if not value.others:
        return _truth_of(value.value)
    answers = {_truth_of(item.value) for item in value.all()}
    return answers.pop() if len(answers) == 1 else None


def _truth_of(value: object) -> bool | None:
    if value is UNKNOWN or (isinstance(value, External) and not value.dotted.endswith("TYPE_CHECKING")):
        return None
    if isinstance(value, External):
        return False
    if isinstance(value, DictValue):
        return bool(value.entries) if value.complete or value.entries else None
    items = getattr(value, "items", None)
    if isinstance(items, list):
        return bool(items)
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return bool(value)
    return True if isinstance(value, (Function, Class, ModuleValue)) else None


def answer_of_a_world(m: Machine, result: Resolved, node: ast.AST) -> Resolved:
    """What `step` of a world of the user's returns: rewards, and whether it is over, differ at each turn."""
    answer = result.value
    if not isinstance(answer, ListValue) or not 3 <= len(answer.items) <= 5:
        return result
    items = [m.unknown(node) if isinstance(item.value, (int, float)) else item for item in answer.items]
    return result.but(value=ListValue(items, answer.kind), others=())
