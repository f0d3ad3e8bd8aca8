"""The arithmetic that code writes out: its sums and squares, and steps along a gradient by hand."""

from __future__ import annotations

import ast
from typing import TypeGuard

from core.analysis.descents import as_addition, ascends, climbs, descends, is_addition, is_change
from core.analysis.nodes import is_negative, is_operation, same
from core.analysis.rules.bodies import Body, holder, is_call, last_name, operands


def terms(node: ast.AST) -> list[tuple[int, ast.AST]]:
    """The signed terms of a sum: `1 + a - b` gives (1, 1), (1, a), (-1, b)."""
    if is_operation(node, ast.Add, ast.Sub):
        sign = 1 if isinstance(node.op, ast.Add) else -1
        return terms(node.left) + [(sign * s, term) for s, term in terms(node.right)]
    if is_negative(node):
        return [(-s, term) for s, term in terms(node.operand)]
    return [(1, node)]


def sums(body: Body) -> list[tuple[ast.BinOp, list[tuple[int, ast.AST]]]]:
    """Every outermost sum in a body with its terms."""
    return body.once(_sums)


def _sums(body: Body) -> list[tuple[ast.BinOp, list[tuple[int, ast.AST]]]]:
    found: list[tuple[ast.BinOp, list[tuple[int, ast.AST]]]] = []
    inner: set[int] = set()
    for node in body.of(ast.BinOp):
        if is_operation(node, ast.Add, ast.Sub):
            for child in (node.left, node.right):
                inner.add(id(child))
            if id(node) not in inner:
                found.append((node, terms(node)))
    return found


def descends_in(body: Body) -> bool:
    """Whether a body takes a step down a gradient by hand."""
    steps: list[ast.AugAssign | ast.BinOp] = body.of(ast.AugAssign, ast.BinOp)
    return any(map(descends, steps))


def ascends_in(body: Body) -> bool:
    """Whether a body moves several things up a gradient by hand, or one by what a product of matrices weighs."""
    changes = {line.targets[0].id for line in body.of(ast.Assign) if is_change(line)}  # type: ignore[attr-defined]
    lines = (*body.of(ast.AugAssign), *filter(None, map(as_addition, body.of(ast.Assign))))
    return climbs([line for line in lines if is_addition(line) and ascends(line, changes)])


def is_constant(node: ast.AST, *values: float) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and not isinstance(node.value, (bool, str)) and node.value in values


def is_rest(node: ast.AST | None) -> TypeGuard[ast.BinOp]:
    """`1 - x`"""
    return is_operation(node, ast.Sub) and is_constant(node.left, 1)


def is_square(node: ast.AST) -> bool:
    """`x**2`, `x.pow(2)`, `square(x)`, `x * x`."""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Pow):
            return is_constant(node.right, 2)
        twins = isinstance(node.op, ast.Mult) and type(node.left) is type(node.right)
        return twins and same(node.left, node.right)
    if isinstance(node, ast.Call):
        name = last_name(node.func)
        return name == "square" or (
            name in ("pow", "power") and any(is_constant(argument, 2) for argument in node.args)
        )
    return False


def turned(node: ast.AST) -> list[ast.expr]:
    """What is turned round: `w` of `w.T`, `w.t()`, `transpose(w)`; of `a.transpose(b)` both, since `a` may be a
    library."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        return [node.value]
    if not is_call(node, ("t", "transpose", "permute")):
        return []
    held = holder(node)
    return node.args[:1] if held is None else [*node.args[:1], held]


def squared(node: ast.AST) -> ast.AST | None:
    """What a square, or another function of one thing, is of: `x` of `x**2`, `square(x)`, `x.abs()`."""
    if isinstance(node, ast.BinOp):
        return node.left
    return next(iter(operands(node)), None) if isinstance(node, ast.Call) else None


def minus(node: ast.AST | None) -> list[ast.expr]:
    """What stands on the sides of a minus: `a - b`, `subtract(a, b)`."""
    if isinstance(node, ast.Call):
        return node.args if last_name(node.func) in ("subtract", "sub") else []
    return [node.left, node.right] if is_operation(node, ast.Sub) else []


def squares(body: Body) -> list[ast.AST]:
    """Every square in a body."""
    return body.once(_squares)


def _squares(body: Body) -> list[ast.AST]:
    called = not body.calls.keys().isdisjoint(("square", "pow", "power"))
    nodes: list[ast.BinOp | ast.Call] = body.of(ast.BinOp, ast.Call) if called else body.of(ast.BinOp)
    return [node for node in nodes if is_square(node)]
