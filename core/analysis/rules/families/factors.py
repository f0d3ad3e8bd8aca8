"""Factors of a matrix: embeddings of two kinds of things whose product says how they go together."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core.analysis.nodes import keyword
from core.analysis.program import Call
from core.analysis.rules.bodies import Body, is_call
from core.analysis.rules.families.asking import SEQUENCE, Evidence, softmax_written
from core.analysis.rules.products import factors, matrix_factors
from core.analysis.rules.view import View

_JOINING = frozenset({"Multiply", "multiply", "Dot", "dot"})
_OF_SCORES = frozenset({"softmax", "Softmax", "log_softmax", "nce_loss", "sampled_softmax_loss"})
"""What makes weights of products: then they attend, or tell words by their neighbours."""


def factorised(view: View) -> Iterator[Evidence]:
    """Matrix factorization: what is looked up in one embedding is multiplied with what is looked up in another
    (Koren, Bell and Volinsky 2009), and the product is no weight of a sum."""
    tables = [layer.call for layer in view.layers if layer.kind == "embedding"]
    names = frozenset(name for call in tables for name in _names(call))
    layered = view.has("conv", *SEQUENCE)  # what they make is multiplied
    if layered or len(names) < 2 or any(map(_makes_scores, view.bodies)):
        return
    for body in view.bodies:
        product = next((node for node, sides in _products(body) if _of_two(body, sides, names)), None)
        if product is not None:
            yield Evidence("Matrix Factorization", body.place(product), "a product of two embeddings")
            return


def _makes_scores(body: Body) -> bool:
    return not _OF_SCORES.isdisjoint(body.calls) or body.once(softmax_written) is not None


def _names(call: Call) -> Iterator[str]:
    """What an embedding, or what is looked up in it, is called."""
    yield from [call.result.name] if call.result is not None and call.result.name else []
    yield from [call.bound] if call.bound else []


def _products(body: Body) -> Iterator[tuple[ast.AST, list[ast.expr]]]:
    """`u * v`, `u @ v`, `torch.mul(u, v)`, `Dot(1)([u, v])`, `merge([u, v], mode="mul")`, with what is multiplied."""
    for node in body.of(ast.BinOp, ast.Call):
        sides = factors(node) or matrix_factors(node) or (_joined(node) if isinstance(node, ast.Call) else [])
        if sides:
            yield node, sides


def _joined(call: ast.Call) -> list[ast.expr]:
    """What a layer of Keras multiplies, which is given a list; `merge([u, v], mode="concat")` of old Keras does not."""
    layer = call.func if isinstance(call.func, ast.Call) else call
    mode = keyword(call, "mode")
    joins = is_call(layer, _JOINING) or (is_call(layer, ("merge",)) and getattr(mode, "value", "") in ("mul", "dot"))
    lists = (given for given in call.args if joins and isinstance(given, (ast.List, ast.Tuple)))
    return [item for given in lists for item in given.elts]


def _of_two(body: Body, sides: list[ast.expr], names: frozenset[str]) -> bool:
    """Whether two of the sides come of one embedding each, and of different ones."""
    origins = [origin for side in sides if len(origin := body.words(side, 3) & names) == 1]
    return len(set(origins)) > 1
