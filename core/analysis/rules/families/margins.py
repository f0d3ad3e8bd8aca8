"""Linear machines that keep what they part away from a margin."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core.analysis.rules.bodies import Body, operands
from core.analysis.rules.families.arithmetic import is_constant, minus
from core.analysis.rules.families.asking import Evidence, shown
from core.analysis.rules.families.stacks import dense, linear
from core.analysis.rules.products import products
from core.analysis.rules.view import View


def margins(view: View) -> Iterator[Evidence]:
    """SVM: one linear layer, or one product of weights, under `max(0, 1 - label * score)`."""
    found = list(shown(view, "SVM", "a linear score is held away from the margin", _held_away, *_MAXIMA))
    families = {each.family for rule in (dense, linear) for each in rule(view)} if found else set()
    if families and families <= {"Linear", "Logistic Regression"}:
        yield from found


_MAXIMA = ("max", "maximum", "clamp", "clamp_min", "relu", "clip")


def _held_away(body: Body) -> ast.AST | None:
    """`maximum(0, 1 - label * score)`, also in calls: `maximum(0., subtract(1., multiply(label, score)))`."""
    scored = {id(node) for node, _, _ in products(body)}
    for call in (call for name in _MAXIMA for call in body.calls.get(name, ())):
        for given in operands(call):
            sides = minus(given)
            if len(sides) == 2 and is_constant(sides[0], 1) and id(sides[1]) in scored:
                return call
    return None
