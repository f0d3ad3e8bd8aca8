"""List, set and dict comprehensions, followed item by item where the items are known."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.analysis.follow.binding import bind
from core.analysis.follow.frames import UNROLLED
from core.analysis.follow.items import items_of
from core.analysis.follow.joining import truth
from core.analysis.program import DictValue, Instance, ListValue, Resolved, Scope

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def comprehension(m: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Resolved:
    items: list[Resolved] = []
    complete = _generate(m, list(node.generators), lambda: items.append(m.evaluate(node.elt)))
    return m.made(ListValue(items, "list", complete), node)


def dict_comprehension(m: Machine, node: ast.DictComp) -> Resolved:
    result = DictValue()

    def add() -> None:
        key, value = m.evaluate(node.key).value, m.evaluate(node.value)
        if isinstance(key, (str, int, float, bool)):
            result.entries[key] = value

    result.complete = _generate(m, list(node.generators), add)
    return m.made(result, node)


def _generate(m: Machine, generators: list[ast.comprehension], emit: Callable[[], object]) -> bool:
    """Follow `for ... in ... if ...`, calling `emit` for each item; False where the items are not known one by one."""
    outer = m.frame.scope
    m.frame.scope = Scope({}, outer, outer.module)
    try:
        if not generators:
            emit()
            return True
        first, rest = generators[0], generators[1:]
        over = m.evaluate(first.iter)
        items = items_of(m, over, first.iter)
        known = items is not None and len(items) <= UNROLLED
        complete = known
        for item in items if items is not None and known else [_any_of(over) or m.unknown(first.target)]:
            bind(m, first.target, item)
            if all(truth(m.evaluate(test)) is not False for test in first.ifs):
                complete = _generate(m, rest, emit) and complete
        return complete
    finally:
        m.frame.scope = outer


def _any_of(over: Resolved) -> Resolved | None:
    """An object of a list of which not every item is known: `[worker.start() for worker in workers]`."""
    items = over.value.items if isinstance(over.value, ListValue) else []
    return items[0] if items and isinstance(items[0].value, Instance) else None
