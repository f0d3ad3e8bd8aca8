"""What code does with sequences of symbols: the last one asked for, sums written digit by digit."""

from __future__ import annotations

import ast
import re

from core.analysis.nodes import is_operation, unparse
from core.analysis.rules.bodies import Body


def last_of_each(body: Body) -> ast.AST | None:
    """The last symbol of each sequence, where what comes before it is taken too: `x[:, :-1]`, `x[:, -1]`."""
    taken = {unparse(node) for node in body.of(ast.Subscript)}
    return next(
        (
            node
            for node in body.of(ast.Subscript)
            if f"{unparse(node.value)}[:, :-1]" in taken and unparse(node).endswith("[:, -1]")
        ),
        None,
    )


def writes_digits(node: ast.AST) -> bool:
    """`n // 10**place % 10`; `f"{a}+{b}"`; `"{}+{}".format(a, b)`."""
    if isinstance(node, ast.JoinedStr):
        middle = node.values[1:-1]
        formatted = [isinstance(part, ast.FormattedValue) for part in node.values]
        return formatted == [True, False, True] and all(_is_plus(part) for part in middle)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and re.fullmatch(r"\{\w*\}\s*\+\s*\{\w*\}", node.value) is not None
    divided = node.left if is_operation(node, ast.Mod) and _is_ten(node.right) else None
    power = divided.right if is_operation(divided, ast.FloorDiv) else None
    return is_operation(power, ast.Pow) and _is_ten(power.left)


def _is_plus(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and str(node.value).strip() == "+"


def _is_ten(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 10
