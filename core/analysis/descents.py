"""Weights that are changed by hand: steps down a gradient, or by chance."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TypeGuard

from core import vocabulary
from core.analysis.nodes import is_negative, is_operation, name_of, unparse, walk


def updates(node: ast.AST) -> int:
    """1 for `w -= ...`, `w += -rate * gradient` and `w - rate * gradient`; none for `x -= x.min()`, `x -= mean(x)`."""
    if isinstance(node, ast.AugAssign):
        down = isinstance(node.op, ast.Sub) and not _centres(node)
        return int(down or (isinstance(node.op, ast.Add) and is_turned(node.value)))
    assert isinstance(node, ast.BinOp)
    return int(
        isinstance(node.op, ast.Sub) and isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Mult)
    )


def _centres(node: ast.AugAssign) -> bool:
    """Whether something is only moved by what is least, or by what is usual, in itself."""
    change = node.value
    if not isinstance(change, ast.Call) or name_of(change.func) not in _MIDDLES:
        return False
    asked = (getattr(change.func, "value", None), *change.args)
    return any(each is not None and unparse(each) == unparse(node.target) for each in asked)


_MIDDLES = frozenset({"min", "amin", "mean", "nanmean", "median", "average"})


def is_turned(change: ast.expr) -> bool:
    """Whether a product begins with a minus: `-rate * gradient`."""
    while isinstance(change, ast.BinOp) and isinstance(change.op, (ast.Mult, ast.Div)):
        change = change.left
    return is_negative(change)


_RATE = re.compile(r"^(lr|eta|rate|learning_?rate|step_?size|alpha)$", re.IGNORECASE)
PRODUCTS = frozenset({"dot", "matmul", "mm", "einsum"})
"""Products of matrices, by name: where weights are changed by hand, they tell a network from a curve."""


def descends(node: ast.AugAssign | ast.BinOp) -> bool:
    """`w -= rate * gradient`, `w - rate * gradient`, `w -= delta_w`: a step down a gradient, taken by hand."""
    if not isinstance(node.op, ast.Sub):
        return False
    change = node.value if isinstance(node, ast.AugAssign) else node.right
    return _is_rated(change) or (isinstance(node, ast.AugAssign) and _is_delta(change))


@lru_cache(maxsize=50_000)
def is_step(function: str) -> bool:
    """Whether a function, `Adam.update`, is the step of a class that is called like an optimizer."""
    home, _, method = function.rpartition(".")
    return method in STEPS and vocabulary.load().canonical("optimizer", home.rpartition(".")[2]) is not None


def moves(node: ast.AugAssign | ast.BinOp) -> bool:
    """`w -= change`, `w - change`, but not `1 - beta`: what the step of an optimizer does to weights."""
    start = node.target if isinstance(node, ast.AugAssign) else node.left
    return isinstance(node.op, ast.Sub) and not isinstance(start, ast.Constant)


STEPS = frozenset({"step", "update", "apply", "apply_gradients", "update_params", "optimize", "__call__"})
"""Methods of optimizers that change weights."""


def _is_delta(change: ast.AST) -> bool:
    """`delta_w`, `delta_w + momentum * previous`: what was made of a rate and a gradient before."""
    first = change.left if isinstance(change, ast.BinOp) and isinstance(change.op, ast.Add) else change
    return bool(_DELTA.match(name_of(first)))


_DELTA = re.compile(r"delta_?([wb](?![a-z])|w[a-z]{2}(_|$)|theta|weight|bias)", re.IGNORECASE)
"""What a step of weights is called; `delta_box` and `delta_width` are none."""


def climbs(steps: Sequence[ast.AugAssign]) -> bool:
    """Whether steps up a gradient move more than one thing, or one that is called all weights, or by what a product of
    matrices weighs."""
    moved = {unparse(step.target) for step in steps}
    return len(moved) > 1 or any(map(_ALL.search, moved)) or any(map(_weighs, steps))


_ALL = re.compile(r"(^|[._])(weights|theta)(\[|_?$)")
"""What is called all weights at once, or those of each layer in turn: `weights += rate * slopes`."""


def _weighs(step: ast.AugAssign) -> bool:
    """`w += rate * np.dot(noise.T, scores)`, `w += rate * x.T @ errors`: many moves at once, each by its weight."""
    return any(
        name_of(each.func) in PRODUCTS if isinstance(each, ast.Call) else is_operation(each, ast.MatMult)
        for each in walk(step.value)
    )


def is_addition(node: ast.AST) -> TypeGuard[ast.AugAssign]:
    """`w += change`"""
    return isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add)


def ascends(node: ast.AugAssign, changes: Collection[str] = ()) -> bool:
    """`w += rate * gradient`: a step up a gradient; no weighed sum of losses. `changes` are names of what was made of a
    rate before."""
    rated = _is_rated(node.value) or not _factors(node.value).isdisjoint(changes)
    return rated and not _SUM.search(unparse(node.target))


def is_change(node: ast.Assign) -> bool:
    """`update = rate * (target - output)`: what weights are changed by, made before."""
    return isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.BinOp) and _is_rated(node.value)


def _factors(change: ast.expr) -> set[str]:
    """The names that a product is made of: `update` of `update` and of `update * x`."""
    return {each.id for each in _sides(change) if isinstance(each, ast.Name)}


def _sides(change: ast.expr) -> tuple[ast.expr, ...]:
    return (change.left, change.right) if is_operation(change, ast.Mult) else (change,)


def as_addition(node: ast.Assign) -> ast.AugAssign | None:
    """`self.w = self.w + rate * change`, as if it were written `self.w += rate * change`."""
    target, value = node.targets[0], node.value
    if not is_operation(value, ast.Add) or not isinstance(target, (ast.Name, ast.Attribute)):
        return None
    moved = type(value.left) is type(target) and unparse(value.left) == unparse(target)
    return ast.AugAssign(target, value.op, value.right) if moved else None


_SUM = re.compile(r"loss|cost|total|reward|score|acc|sum", re.IGNORECASE)


def is_rate(node: ast.AST) -> bool:
    """Whether something is called as the rate of a step is: `eta`, `self.lr`."""
    return _RATE.match(name_of(node)) is not None


def _is_slope(node: ast.AST) -> bool:
    """Whether something is called a gradient: `grad_w`, `dW1`, `w.grad`."""
    return _SLOPE.match(name_of(node)) is not None


_SLOPE = re.compile(r"^(grads?|gradients?)(_|$)|^d[WB]\d*$", re.IGNORECASE)


def _is_rated(change: ast.AST) -> bool:
    """`rate * gradient`, `gradient * rate`, `rate / size * gradient`, `rate * 2 * gradient / size`, `0.1 * grad_w`,
    `rate * x.T @ errors`."""
    rated = False
    while isinstance(change, ast.BinOp) and isinstance(change.op, (ast.Mult, ast.Div, ast.MatMult)):
        sides = (change.left, change.right) if isinstance(change.op, ast.Mult) else (change.left,)
        rated = rated or any(is_rate(side) or _is_slope(side) for side in sides)
        change = change.left
    return rated


def perturbs(node: ast.AugAssign | ast.BinOp) -> bool:
    """`best_w + noise * randn(*shape)`, `policy.w += noise * rand(*shape)`: other weights are tried, by chance."""
    moved, change = (node.target, node.value) if isinstance(node, ast.AugAssign) else (node.left, node.right)
    if not isinstance(node.op, ast.Add) or not isinstance(change, ast.BinOp) or not isinstance(change.op, ast.Mult):
        return False
    drawn = (each.func for each in (change.left, change.right) if isinstance(each, ast.Call))
    weights = _WEIGHTS.match(name_of(moved))
    return weights is not None and any(getattr(each, "attr", "").rstrip("0123456789") in _CHANCE for each in drawn)


_WEIGHTS = re.compile(r"^((best|old|cur|current|new|policy)_?)?(w|weights?|theta|params|parameters)$", re.IGNORECASE)
_CHANCE = frozenset({"rand", "randn", "normal", "standard_normal", "uniform", "random"})


class Descents:
    """Where a file changes weights by hand, collected in one pass over it: functions by their names."""

    def __init__(self) -> None:
        self.products: dict[str, None] = {}
        """The functions that multiply matrices."""
        self.down: list[str] = []
        """Those that take steps down a gradient."""
        self.steps: dict[str, None] = {}
        """The methods of optimizers that move something."""
        self._additions: list[tuple[str, ast.AugAssign]] = []
        self._changes: set[str] = set()

    def step(self, node: ast.AugAssign | ast.BinOp, where: str) -> None:
        """Note what one operation does in a function."""
        if type(node.op) is ast.MatMult:
            self.products[where] = None
        elif moves(node) and is_step(where):
            self.steps[where] = None
        if descends(node):
            self.down.append(where)
        elif is_addition(node):
            self._additions.append((where, node))

    def make(self, node: ast.Assign) -> None:
        """Note what an assignment makes, if that is what weights are changed by."""
        if is_change(node):
            self._changes.add(node.targets[0].id)  # type: ignore[attr-defined]

    def climbing(self) -> list[str]:
        """The functions that take steps up a gradient."""
        found: dict[str, list[ast.AugAssign]] = {}
        for where, node in self._additions:
            if ascends(node, self._changes):
                found.setdefault(where, []).append(node)
        return [where for where, steps in found.items() if climbs(steps)]
