"""What loops that are followed once count, switch over and fill."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.analysis.follow import binding
from core.analysis.nodes import below, unparse
from core.analysis.program import ListValue

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def forget_counters(m: Machine, node: ast.For | ast.AsyncFor | ast.While) -> list[ast.expr]:
    """What a loop that is followed once counts up or down, switches over or fills has another value at each turn: no
    branch is decided by the first. Gives what it switches over."""
    lines: list[ast.AugAssign | ast.Assign] = below(node, ast.AugAssign, ast.Assign)
    for target in (target for line in lines for target in _counted(line)):
        value = m.evaluate(target)
        if value.number is not None:
            binding.bind(m, target, m.unknown(target, (value,)))
    switched = (pair for line in lines for pair in _switched(line))
    switches: list[ast.expr] = [target for target, truth in switched if m.evaluate(target).value is (not truth)]
    forget(m, switches)
    for call in below(node, ast.Call):
        filled = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr == "append" else None
        held = m.evaluate(filled).value if isinstance(filled, (ast.Name, ast.Attribute)) else None
        if isinstance(held, ListValue) and not held.items:
            held.complete = False
    return switches


def forget(m: Machine, targets: list[ast.expr]) -> None:
    """What a loop may have switched over is not known behind it either."""
    for target in targets:
        binding.bind(m, target, m.unknown(target, (m.evaluate(target),)))


def _switched(line: ast.AugAssign | ast.Assign) -> Iterator[tuple[ast.Name | ast.Attribute, bool]]:
    """What a line switches over, and to what: `ready = True`."""
    truth = line.value.value if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant) else None
    for target in line.targets if isinstance(line, ast.Assign) and isinstance(truth, bool) else ():
        if isinstance(target, (ast.Name, ast.Attribute)):
            yield target, bool(truth)


def _counted(line: ast.AugAssign | ast.Assign) -> Iterator[ast.Name | ast.Attribute]:
    """What a line counts up or down: `step += 1`, `step = step + 1`, `step, total = step + 1, total + 1`."""
    if isinstance(line, ast.AugAssign):
        if isinstance(line.op, (ast.Add, ast.Sub)) and isinstance(line.target, (ast.Name, ast.Attribute)):
            yield line.target
        return
    targets, values = _elements(line.targets[0]), _elements(line.value)
    for each, given in zip(targets, values, strict=False):
        if not (isinstance(given, ast.BinOp) and isinstance(given.op, (ast.Add, ast.Sub))):
            continue
        if isinstance(each, (ast.Name, ast.Attribute)) and unparse(given.left) == unparse(each):
            yield each


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]
