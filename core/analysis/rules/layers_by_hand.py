"""Layers that the user wrote: heirs of a library's layer, and classes that multiply their input with a weight."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence, Set
from functools import cache

from core.analysis.nodes import is_operation, walk
from core.analysis.program import Call, Class, Instance, Made, Resolved
from core.analysis.rules.bodies import LOG_DETERMINANT, Body, is_call, is_forward, last_name, named_in
from core.analysis.rules.kinds import PARAMETRIC, is_weight, layer_kind
from core.analysis.rules.products import matrix_products
from core.analysis.rules.values import leaves


def own_layers(bodies: Sequence[Body], instances: Sequence[Instance], applied: Set[int]) -> list[tuple[Call, str]]:
    """The calls that build a layer of the user's, with its kind; objects in `applied` (by id) are known otherwise."""
    forwards = {body.cls: body for body in bodies if body.cls is not None and is_forward(body.name)}
    helpers = {body.name: body for body in bodies if body.cls is None}
    found: list[tuple[Call, str]] = []
    for instance in instances:
        kind = _inherited(instance.cls.external_bases())
        if kind in PARAMETRIC or kind == "layernorm":
            found.append((instance.call, kind))
        elif id(instance) not in applied:
            found += [(instance.call, kind) for kind in _computed(instance, forwards, helpers)]
    return found


@cache
def _inherited(bases: tuple[str, ...]) -> str:
    """The kind of layer that an heir of these classes is; empty where it is none."""
    return next((kind for base in bases if (kind := layer_kind(base))), "")


def _computed(instance: Instance, forwards: dict[Class, Body], helpers: dict[str, Body]) -> list[str]:
    """The layers that an object of the user's computes: a convolution, a recurrence, or a product for each weight."""
    body = next((forwards[part] for part in instance.cls.lineage() if part in forwards), None)
    if body is None or body.speaks_of(LOG_DETERMINANT):
        return []
    if not _multiplies(body):
        return ["linear"] * _handed_on(instance, body, helpers)
    if _unrolls(body):
        return ["conv"]
    if _recurs(body):
        return ["rnn"]
    return ["linear"] * products_with(body, own_weights(instance))


def own_weights(instance: Instance) -> set[str]:
    """The attributes of an object that hold weights of its own."""
    return {name for name, value in instance.attributes.items() if is_weight(value) and not _is_worked_out(value)}


def _is_worked_out(value: Resolved) -> bool:
    """`nn.Parameter(torch.from_numpy(cosines).float())`: an array of known numbers, which chance did not draw."""
    given = value.value.call.positional[:1] if isinstance(value.value, Made) else ()
    for one in given:
        while isinstance(one.value, Made) and one.value.call.name != "from_numpy" and one.value.call.receiver:
            one = one.value.call.receiver
        if isinstance(one.value, Made) and one.value.call.name == "from_numpy":
            return not any("random" in (leaf.dotted or "") for leaf in leaves(one.value.call.positional[0]))
    return False


def _handed_on(instance: Instance, body: Body, helpers: dict[str, Body]) -> int:
    """How often a forward hands a weight of the object's own to a plain function that multiplies with what it is given:
    `scaled_linear(x, self.weight, self.bias)`."""
    asked = [
        call for name in helpers.keys() & body.calls.keys() if _multiplies(helpers[name]) for call in body.calls[name]
    ]
    kept = own_weights(instance) if asked else set()
    return sum(any(last_name(given) in kept for given in call.args) for call in asked)


def products_with(body: Body, own: set[str]) -> int:
    """How often a forward multiplies with a weight of the object's own.

    `own` are the attributes that hold weights; those that a compact forward makes on the spot count too, and one that
    a loop takes of several counts twice: `for w in self.weights: x = x @ w`.
    """
    own = own | body.names_given(_makes_weight)
    loops = [loop for loop in body.of(ast.For) if not own.isdisjoint(map(last_name, walk(loop.iter)))]
    taken = {last_name(each) for loop in loops for each in walk(loop.target)} - {""}
    return sum(not names.isdisjoint(one) for names in body.once(_factors) for one in (own | taken, taken))


def _multiplies(body: Body) -> bool:
    """Whether a forward multiplies anything, and neither looks at a graph nor attends."""
    return "softmax" not in body.calls and bool(body.once(_factors)) and not body.once(_takes_graph)


def _unrolls(body: Body) -> bool:
    """Whether a forward lays the windows of a picture side by side, as convolutions are written out."""
    return any(map(_WINDOWS.match, body.calls))


_WINDOWS = re.compile(
    r"_*(im(age|g)?s?_?(2|to)_?col(umn)?s?(_?\w+)?|unfold|sliding_window_view|correlate2d|convolve2d)$", re.IGNORECASE
)


def _recurs(body: Body) -> bool:
    """Whether a forward goes through the turns of a sequence and multiplies what the turn before has left:
    `h[:, t] = tanh(x[:, t] @ u + h[:, t - 1] @ w)`. What looks two turns back is a polynomial."""
    loops = {id(inner): inner for loop in body.of(ast.For) for inner in walk(loop)}
    products = (product for product, _ in matrix_products(body) if id(product) in loops)
    looks_back = any(_is_before(each) for product in products for each in walk(product))
    return looks_back and not any(_is_before(each, 2) for each in loops.values())


def _is_before(node: ast.AST, turns: int = 1) -> bool:
    """`h[t - 1]`, `h[:, t - 1]`."""
    parts = walk(node.slice) if isinstance(node, ast.Subscript) else ()
    return any(is_operation(part, ast.Sub) and getattr(part.right, "value", None) == turns for part in parts)


def _takes_graph(body: Body) -> bool:
    return any(name.casefold().startswith(("adj", "edge", "graph")) for name in body.parameters)


def _factors(body: Body) -> list[set[str]]:
    """The names in what each product of matrices multiplies."""
    return [{name for side in sides for name in named_in(side)} for _, sides in matrix_products(body)]


def _makes_weight(node: ast.AST) -> bool:
    return is_call(node, ("param", "get_parameter", "add_weight", "variable"))
