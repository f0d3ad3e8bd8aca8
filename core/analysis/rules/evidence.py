"""Evidence for architecture families, and small questions about code that several families ask."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core.analysis.facts import Place
from core.analysis.rules.view import Body, View, last_name


@dataclass(frozen=True, slots=True)
class Evidence:
    """A family that the code's structure shows, where, and what shows it."""

    family: str
    place: Place
    why: str


Family = Callable[[View], Iterable[Evidence]]
"""Every family rule: what it accepts is said in its docstring."""

RANDOM = frozenset({"randn", "randn_like", "normal", "random_normal", "standard_normal", "normal_", "truncated_normal", "RandomNormal"})
EXPONENTIAL = frozenset({"exp", "softplus", "exp_", "sqrt", "std", "sigma", "stddev"})
PRODUCTS = frozenset({"matmul", "bmm", "einsum", "mm", "dot", "batch_matmul", "baddbmm", "spmm", "multiply", "batch_dot"})
CONCATENATIONS = frozenset({"cat", "concat", "concatenate", "Concatenate", "hstack", "merge"})
MINIMA = frozenset({"min", "minimum", "fmin"})
CLAMPS = frozenset({"clamp", "clip", "clip_by_value", "clip_"})


def products(body: Body) -> Iterator[tuple[ast.AST, ast.AST, ast.AST]]:
    """Every element-wise product in a body: the node and its two sides (`a * b`, `a.mul(b)`, `multiply(a, b)`)."""
    for node in body.nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            yield node, node.left, node.right
        elif isinstance(node, ast.Call) and last_name(node.func) in ("mul", "mul_", "multiply") and node.args:
            if isinstance(node.func, ast.Attribute) and len(node.args) == 1:
                yield node, node.func.value, node.args[0]
            elif len(node.args) == 2:
                yield node, node.args[0], node.args[1]


def terms(node: ast.AST) -> list[tuple[int, ast.AST]]:
    """The signed terms of a sum: `1 + a - b` gives (1, 1), (1, a), (-1, b)."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        sign = 1 if isinstance(node.op, ast.Add) else -1
        return terms(node.left) + [(sign * s, term) for s, term in terms(node.right)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [(-s, term) for s, term in terms(node.operand)]
    return [(1, node)]


def sums(body: Body) -> Iterator[tuple[ast.BinOp, list[tuple[int, ast.AST]]]]:
    """Every outermost sum in a body with its terms."""
    inner: set[int] = set()
    for node in body.nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            for child in (node.left, node.right):
                inner.add(id(child))
            if id(node) not in inner:
                yield node, terms(node)


def is_constant(node: ast.AST, *values: float) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, (bool, str)) and node.value in values


def is_square(node: ast.AST) -> bool:
    """`x**2`, `x.pow(2)`, `square(x)`, `x * x`."""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Pow):
            return is_constant(node.right, 2, 2.0)
        return isinstance(node.op, ast.Mult) and ast.dump(node.left) == ast.dump(node.right)
    if isinstance(node, ast.Call):
        name = last_name(node.func)
        return name == "square" or (name in ("pow", "power") and any(is_constant(argument, 2, 2.0) for argument in node.args))
    return False


def has_call(node: ast.AST, names: Iterable[str]) -> bool:
    wanted = frozenset(names)
    return any(isinstance(inner, ast.Call) and last_name(inner.func) in wanted for inner in ast.walk(node))


def first(view: View, test: Callable[[Body], ast.AST | None]) -> tuple[Body, ast.AST] | None:
    """The first body that a test finds something in, and what."""
    for body in view.bodies:
        node = test(body)
        if node is not None:
            return body, node
    return None


def shown(view: View, family: str, why: str, test: Callable[[Body], ast.AST | None]) -> Iterator[Evidence]:
    """Evidence for a family where a test finds something in one body."""
    found = first(view, test)
    if found is not None:
        yield Evidence(family, found[0].place(found[1]), why)
