"""What loops that are followed once count."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.analysis.follow import binding
from core.analysis.nodes import below, unparse

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def forget_counters(m: Machine, node: ast.For | ast.AsyncFor | ast.While) -> None:
    """What a loop that is followed once counts up or down has another value at each turn: no branch is decided by
    the first."""
    lines: list[ast.AugAssign | ast.Assign] = below(node, ast.AugAssign, ast.Assign)
    for target in (target for line in lines for target in _counted(line)):
        value = m.evaluate(target)
        if value.number is not None:
            binding.bind(m, target, m.unknown(target, (value,)))


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
