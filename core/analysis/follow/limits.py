"""Where a loop without an end is left: the comparison of what it counts with a limit."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from core.analysis.nodes import below, name_of, unparse

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine
    from core.analysis.program import Resolved


def breaking_test(node: ast.While | ast.For | ast.AsyncFor) -> ast.Compare | None:
    """The comparison that ends a loop without an end: `if step > limit: break`, of what is counted; also one that
    stands deeper, in the loop over data, of what the endless loop never sets back."""
    for inner in node.body:
        if isinstance(inner, ast.If) and isinstance(inner.body[-1], ast.Break) and (test := _compared(inner.test)):
            return test if not _set_anew(node, unparse(test.left)) else None
    switch = node.test.id if isinstance(node, ast.While) and isinstance(node.test, ast.Name) else ""
    endless = not isinstance(node, ast.While) or isinstance(node.test, ast.Constant) or switch
    counted = {unparse(line.target) for line in below(node, ast.AugAssign)} if endless else set()
    leaves = partial(_switches_off, switch) if switch else _leaves
    leaving = (inner for inner in below(node, ast.If) if leaves(inner.body)) if counted else ()
    tests = (test for inner in leaving if (test := _compared(inner.test)) is not None)
    return next((test for test in tests if (left := tallied(test)) in counted and not _set_anew(node, left)), None)


def _switches_off(switch: str, lines: list[ast.stmt]) -> bool:
    """`going = False`, after which a loop `while going` makes no other turn."""
    told = (line for line in lines if isinstance(line, ast.Assign) and getattr(line.value, "value", None) is False)
    return any(isinstance(each, ast.Name) and each.id == switch for line in told for each in line.targets)


def _leaves(lines: list[ast.stmt]) -> bool:
    """`break`, `return`, `sys.exit()` at their end."""
    line = lines[-1]
    ends = isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)
    return isinstance(line, (ast.Break, ast.Return)) or (ends and unparse(line).endswith("exit()"))


def limit_of(m: Machine, test: ast.Compare) -> Resolved:
    """What a comparison ends at; a plain number goes by what is counted: `step >= 5000`."""
    limit, counted = m.evaluate(test.comparators[0]), _counted(test)
    name = name_of(counted)
    return limit.but(name=name) if name and not (limit.name or limit.parts) else limit


def tallied(test: ast.Compare) -> str:
    """How what is counted up to a limit is spelt: `step` of `step + 1 == limit`."""
    return unparse(_counted(test))


def _counted(test: ast.Compare) -> ast.expr:
    return test.left.left if isinstance(test.left, ast.BinOp) else test.left


def _compared(test: ast.expr) -> ast.Compare | None:
    """The comparison that a test is, or that of its conditions which reaches a limit: `limit and step >= limit`; none
    with the start: `step == 0 and only_judged`."""
    if not isinstance(test, ast.BoolOp):
        return test if isinstance(test, ast.Compare) and not _at_start(test) else None
    parts = (each for each in test.values if isinstance(each, ast.Compare) and isinstance(test.op, ast.And))
    reaching = (each for each in parts if isinstance(each.ops[0], (ast.Gt, ast.GtE, ast.Eq)))
    return next((each for each in reaching if not _at_start(each)), None)


def _at_start(test: ast.Compare) -> bool:
    """`step == 0`: no limit of a count that goes up."""
    limit = test.comparators[0]
    return isinstance(test.ops[0], ast.Eq) and isinstance(limit, ast.Constant) and limit.value == 0


def _set_anew(node: ast.While | ast.For | ast.AsyncFor, spelt: str) -> bool:
    """Whether a loop gives something another value at each turn than one more: `best = max(best, score)`."""
    for line in below(node, ast.Assign):
        if any(unparse(target) == spelt for target in line.targets):
            return not (isinstance(line.value, ast.BinOp) and unparse(line.value.left) == spelt)
    return False
