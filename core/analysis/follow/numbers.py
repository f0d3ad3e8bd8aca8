"""Arithmetic that cannot hang: huge powers and shifts are refused."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.analysis.program import Call, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.LShift: operator.lshift,
    ast.RShift: operator.rshift, ast.BitOr: operator.or_, ast.BitAnd: operator.and_, ast.BitXor: operator.xor,
}  # fmt: skip
LARGEST_EXPONENT = 256
LARGEST = 10**30


def reckon(op: ast.operator, a: int | float, b: int | float) -> int | float | None:
    """`a op b`; None where it has no value worth having."""
    function = _OPERATORS.get(type(op))
    if function is None or (isinstance(op, (ast.Pow, ast.LShift)) and (abs(b) > LARGEST_EXPONENT or abs(a) > LARGEST)):
        return None
    try:
        value = function(a, b)
    except (ArithmeticError, TypeError, ValueError):
        return None
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)) or abs(value) > 10**60:
        return None
    return value  # type: ignore[no-any-return]


def power(m: Machine, call: Call) -> Resolved:
    """`np.power(2, 7)`, `pow(10, -3)`."""
    base, exponent = (value.number for value in call.positional) if len(call.positional) == 2 else (None, None)
    result = reckon(ast.Pow(), base, exponent) if base is not None and exponent is not None else None
    if result is None:
        return m.unknown(call.node, call.positional)
    return Resolved(result, (call.module, call.node), "computed: power", parts=call.positional)
