"""List, set and dict comprehensions, followed item by item where the items are known."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.analysis.follow.binding import bind
from core.analysis.follow.frames import MOST_ENTRIES, UNROLLED
from core.analysis.follow.items import items_of
from core.analysis.follow.joining import truth
from core.analysis.program import DictValue, ListValue, Resolved, Scope, items_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def comprehension(m: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Resolved:
    items: list[Resolved] = []
    most = MOST_ENTRIES if node.generators[0].ifs else UNROLLED  # of which few are left
    complete = _generate(m, list(node.generators), lambda: items.append(m.evaluate(node.elt)), most)
    return m.made(ListValue(items, "list", complete), node)


def dict_comprehension(m: Machine, node: ast.DictComp) -> Resolved:
    result = DictValue()

    def add() -> None:
        key, value = m.evaluate(node.key).value, m.evaluate(node.value)
        if isinstance(key, (str, int, float, bool)):
            result.entries[key] = value

    result.complete = _generate(m, list(node.generators), add, MOST_ENTRIES)
    return m.made(result, node)


def _generate(
    m: Machine, generators: list[ast.comprehension], emit: Callable[[], object], most: int = UNROLLED
) -> bool:
    """Follow `for ... in ... if ...`, calling `emit` for each of up to `most` items; False where the items are not
    known one by one."""
    outer = m.frame.scope
    try:
        if not generators:
            emit()
            return True
        first, rest = generators[0], generators[1:]
        over = m.evaluate(first.iter)
        if over.dotted == "sys.argv":
            return True  # nothing more is typed
        items = items_of(m, over, first.iter)
        complete = items is not None and len(items) <= most
        if not complete:  # what is known of them, as of `[worker.start() for worker in workers]`
            told = items_in(over)
            items = told if 0 < len(told) <= most else [m.unknown(first.target)]
        for item in items or ():
            m.frame.scope = Scope({}, outer, outer.module)  # names anew, not set again
            bind(m, first.target, item)
            if all(truth(m.evaluate(test)) is not False for test in first.ifs):
                complete = _generate(m, rest, emit, most) and complete
        return complete
    finally:
        m.frame.scope = outer
