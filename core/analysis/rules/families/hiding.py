"""Diffusion of words: a share of them that grows with the time is hidden, and guessed by transformers told the time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core.analysis.nodes import is_of_self, is_operation, walk
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.families.arithmetic import is_constant, is_rest, sums, terms
from core.analysis.rules.families.asking import has_call
from core.analysis.rules.view import View


def hidden_by_time(view: View) -> tuple[Body, ast.AST] | None:
    """`where(rand(shape) < chance, MASK, x)`, where the chance is what is left of a signal at a random time."""
    asking = view.calling("where")
    grown = {name for body in view.bodies for name in body.once(_grown)} if asking else set()
    for body in asking if grown else ():
        for call in body.calls["where"]:
            if len(call.args) == 3 and grown & set(_chances(body, call.args[0])):
                return body, call
    return None


def _grown(body: Body) -> set[str]:
    """The names whose values grow with the time."""
    return body.names_given(_grows_with_time)


def _grows_with_time(value: ast.expr) -> bool:
    """`1 - exp(-sigma)`; `(1 - eps) * t + eps`"""
    if is_rest(value):
        return has_call(value.right, ("exp",))
    if not is_operation(value, ast.Add):
        return False
    products = [term for sign, term in terms(value) if sign == 1 and is_operation(term, ast.Mult)]
    return any(is_rest(side) for one in products for side in (one.left, one.right))


def _chances(body: Body, condition: ast.expr) -> Iterator[str]:
    """What random numbers are compared with, there or where the condition is given its name."""
    for each in body.meant(condition):
        below = isinstance(each, ast.Compare) and isinstance(each.ops[0], (ast.Lt, ast.LtE))
        if isinstance(each, ast.Compare) and below and has_call(each.left, ("rand", "rand_like", "uniform")):
            yield last_name(each.comparators[0])


def modulated(body: Body) -> ast.AST | None:
    """`x * (1 + scale) + shift`: signals that are moved as a condition says, whatever switches an object has."""
    for node, parts in sums(body):
        shift = any("shift" in last_name(inner) for _, term in parts for inner in walk(term))
        sides = (side for _, term in parts if is_operation(term, ast.Mult) for side in (term.left, term.right))
        grown = [side for side in sides if is_operation(side, ast.Add) and is_constant(side.left, 1)]
        scale = any("scale" in word for side in grown for word in body.words(side, 0))
        if shift and scale and not _is_switched(body, node):
            return node
    return None


def _is_switched(body: Body, node: ast.AST) -> bool:
    """Whether a value stands below `if self.adapts:`, which may be off."""
    switches = (each for each in body.of(ast.If) if is_of_self(each.test))
    return any(inner is node for each in switches for line in each.body for inner in walk(line))
