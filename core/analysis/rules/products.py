"""What code multiplies: numbers by numbers, and matrices."""

from __future__ import annotations

import ast

from core.analysis.nodes import is_operation
from core.analysis.rules.bodies import Body, holder, is_call

MATRIX_PRODUCTS = frozenset({
    "matmul", "batch_matmul", "sparse_dense_matmul", "sparse_tensor_dense_matmul", "mm", "bmm", "spmm", "addmm",
    "baddbmm", "dot", "batch_dot", "sparse_dot", "dot_general", "tensordot", "einsum", "xw_plus_b",
})  # fmt: skip
"""What functions and methods are called that multiply matrices."""
_MULTIPLYING = frozenset({"mul", "mul_", "multiply"})
"""What those are called that multiply element by element."""


def factors(node: ast.AST) -> list[ast.expr]:
    """What a product of numbers multiplies: `a * b`, `a.mul(b)`, `multiply(a, b)`; nothing where it is none."""
    if is_operation(node, ast.Mult):
        return [node.left, node.right]
    return taken(node) if is_call(node, _MULTIPLYING) else []


def matrix_factors(node: ast.AST) -> list[ast.expr]:
    """What a product of matrices multiplies: `x @ w`, `x.dot(w)`, `matmul(x, w)`; nothing where it is none. A function
    is told its weight, `linear(x, w)`, `x.linear(*layer)`; a layer, `linear(x)`, is not."""
    if is_operation(node, ast.MatMult):
        return [node.left, node.right]
    if is_call(node, ("linear",)):
        return node.args if len(node.args) > 1 or any(isinstance(each, ast.Starred) for each in node.args) else []
    return taken(node) if is_call(node, MATRIX_PRODUCTS) else []


def taken(call: ast.Call) -> list[ast.expr]:
    """What a function of several things takes by place; as a method of the first, that too: `x.dot(w)`."""
    held = holder(call) if len(call.args) == 1 else None
    return call.args if held is None else [held, *call.args]


def products(body: Body) -> list[tuple[ast.AST, ast.expr, ast.expr]]:
    """Every product of two numbers in a body, and its sides."""
    return body.once(_products)


def _products(body: Body) -> list[tuple[ast.AST, ast.expr, ast.expr]]:
    called = not _MULTIPLYING.isdisjoint(body.calls)
    nodes: list[ast.BinOp | ast.Call] = body.of(ast.BinOp, ast.Call) if called else body.of(ast.BinOp)
    return [(node, sides[0], sides[1]) for node in nodes if len(sides := factors(node)) == 2]


def matrix_products(body: Body) -> list[tuple[ast.expr, list[ast.expr]]]:
    """Every product of matrices in a body, and what it multiplies."""
    return body.once(_matrix_products)


def _matrix_products(body: Body) -> list[tuple[ast.expr, list[ast.expr]]]:
    called = "linear" in body.calls or not MATRIX_PRODUCTS.isdisjoint(body.calls)
    nodes: list[ast.BinOp | ast.Call] = body.of(ast.BinOp, ast.Call) if called else body.of(ast.BinOp)
    return [(node, sides) for node in nodes if (sides := matrix_factors(node))]
