"""Machines of visible and hidden units that are drawn from each other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.facts import Place
from core.analysis.nodes import is_operation, unparse
from core.analysis.program import Class
from core.analysis.rules.bodies import Body, is_call, last_name
from core.analysis.rules.families.arithmetic import turned
from core.analysis.rules.families.asking import Evidence, acts
from core.analysis.rules.products import matrix_products
from core.analysis.rules.view import View

SQUASHING = frozenset({"sigmoid", "expit", "logistic", "_sigmoid", "_logistic", "sigm", "hard_sigmoid"})
DRAWS = re.compile(r"bernoulli|binomial", re.IGNORECASE)


def boltzmann(view: View) -> Iterator[Evidence]:
    """RBM: units are drawn with probabilities that are sigmoids of products, once with a matrix and once with the same
    turned round."""
    if acts(view):
        return
    for group in _groups(view):
        squashed = any(SQUASHING & body.calls.keys() for body in group)
        drawn = next((at for body in group if (at := body.once(_draw)) is not None), None) if squashed else None
        if drawn is not None and _there_and_back(group):
            yield Evidence("RBM", drawn, "hidden units are drawn from visible ones and back")
            return


def _groups(view: View) -> list[list[Body]]:
    """The methods of each class, those of its bases among them, and the functions of each module."""
    found: dict[object, list[Body]] = {}
    for body in view.bodies:
        found.setdefault(body.cls or body.module.path, []).append(body)
    return [
        [body for part in home.lineage() for body in found.get(part, ())] if isinstance(home, Class) else bodies
        for home, bodies in found.items()
    ]


def _draw(body: Body) -> Place | None:
    """Where units are drawn: by a function called so, or as `p > random()`, `sign(p - random())`."""
    for name, calls in body.calls.items():
        if DRAWS.search(name):
            return body.place(calls[0])
    return next((body.place(node) for node in body.of(ast.Compare, ast.BinOp) if _beats_chance(node)), None)


def _beats_chance(node: ast.AST) -> bool:
    """A comparison with, or a difference from, a number drawn between 0 and 1; not how much of a layer is dropped."""
    if isinstance(node, ast.Compare):
        sides: list[ast.AST] = [node.left, *node.comparators]
    elif is_operation(node, ast.Sub):
        sides = [node.right]
    else:
        return False
    return any(is_call(side, _CHANCE) for side in sides) and not any(map(_is_share, sides))


def _is_share(node: ast.AST) -> bool:
    """`0.8`, `keep_prob`, `self.p`, `1 - rate`"""
    sides = [node.left, node.right] if is_operation(node, ast.Sub) else [node]
    return isinstance(sides[-1], ast.Constant) or any(_SHARES.search(unparse(each)) for each in sides)


_SHARES = re.compile(r"drop|keep|(^|[_.])(rate|ratio)$|^self\.p$")
_CHANCE = ("rand", "rand_like", "random", "random_sample", "random_uniform", "uniform")


def _there_and_back(group: list[Body]) -> bool:
    """Whether things are multiplied with a matrix, and with the same matrix turned round; not one that a method
    computes anew with others each time."""
    sides = [side for body in group for _, both in matrix_products(body) for side in both]
    fresh = {name for body in group if body.cls is not None for name in body.once(_computed)}
    back = {last_name(each) for side in sides for each in turned(side)} - fresh
    straight = {last_name(side) for side in sides if not turned(side)}
    return bool(back & straight - {""})


def _computed(body: Body) -> frozenset[str]:
    """What a call gives with others: `left, right = filters(centre, width)`."""
    given = (line.targets[0] for line in body.of(ast.Assign) if isinstance(line.value, ast.Call))
    return frozenset(last_name(each) for target in given if isinstance(target, ast.Tuple) for each in target.elts)
