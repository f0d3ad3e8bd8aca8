"""Attention, as layers and written out: a softmax of scores that weighs values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Set
from functools import partial

from core.analysis.nodes import is_of_self, is_operation, same, walk
from core.analysis.program import Class
from core.analysis.rules.bodies import FORWARDS, Body, chain_start, is_call, last_name, named_in, operands
from core.analysis.rules.families.arithmetic import descends_in
from core.analysis.rules.families.asking import RECURRENT, Evidence, first_layer, has_call
from core.analysis.rules.products import MATRIX_PRODUCTS, factors
from core.analysis.rules.view import View, asked_once


def attention(view: View) -> Iterator[Evidence]:
    """Attention: attention layers, or a softmax of scores that weighs values, written out."""
    layer = first_layer(view, "attention") or first_layer(view, "transformer")
    if layer is not None:
        yield Evidence("Attention", layer.call.place, f"built of {layer.call.name}")
        return
    found = written_attention(view) or _returned_weights(view) or _weights_of_a_method(view) or _layered_weights(view)
    if found is not None:
        yield Evidence("Attention", found[0].place(found[1]), "a softmax of scores weighs values")


def _layered_weights(view: View) -> tuple[Body, ast.AST] | None:
    """Layers of Keras over a sequence: `weights = Activation("softmax")(scores)`, `Multiply()([states, weights])`."""
    if not view.has(*RECURRENT):
        return None
    kept = {name: value for body in view.bodies if not body.name for name, value in _layers_kept(body)}
    for body in view.bodies:
        for node in body.of(ast.Call):
            built = _layer(node, kept)
            joins = last_name(built.func if built is not None else node.func) in _MULTIPLYING
            given = node.args[0] if joins and node.args else None
            sides = given.elts if isinstance(given, (ast.List, ast.Tuple)) and len(given.elts) == 2 else []
            if sum(_is_shared_out(body, side, kept) for side in sides) == 1:
                return body, node
    return None


def _layers_kept(body: Body) -> Iterator[tuple[str, ast.Call]]:
    """What a script builds under names before it is called: `share = Activation("softmax")`."""
    for name, values in body.assigned.items():
        yield from ((name, value) for value in values[-1:] if isinstance(value, ast.Call))


def _layer(node: ast.Call, kept: Mapping[str, ast.Call]) -> ast.Call | None:
    """The call that builds the layer that another calls: `Dot(axes=1)` of `Dot(axes=1)([a, b])`, `dot([a, b])`."""
    return node.func if isinstance(node.func, ast.Call) else kept.get(getattr(node.func, "id", ""))


_MULTIPLYING = ("Multiply", "multiply", "Dot", "dot", "merge")


def _is_shared_out(body: Body, node: ast.AST, kept: Mapping[str, ast.Call], depth: int = 4) -> bool:
    """Whether layers made a value of what a softmax gave: `Permute([2, 1])(RepeatVector(8)(weights))`."""
    if isinstance(node, ast.Name) and depth:
        return any(_is_shared_out(body, value, kept, depth - 1) for value in body.assigned.get(node.id, ())[-2:])
    layer = _layer(node, kept) if isinstance(node, ast.Call) else None
    if not isinstance(node, ast.Call) or layer is None:
        return False
    told = (*layer.args[:1], *(word.value for word in layer.keywords if word.arg == "activation"))
    soft = any(getattr(each, "value", "") == "softmax" or last_name(each) == "softmax" for each in told)
    if soft or last_name(layer.func) == "Softmax":
        return True
    return last_name(layer.func) in _MOVING and any(_is_shared_out(body, each, kept, depth) for each in node.args[:1])


_MOVING = ("Permute", "RepeatVector", "Reshape", "Lambda", "Flatten", "Dropout")
"""Layers that give back what they are given, elsewhere."""


def has_attention(view: View) -> bool:
    """Whether any attention is there."""
    if view.kinds["attention"] or view.kinds["transformer"] or written_attention(view):
        return True
    classes = {cls for network in view.networks for part in network.parts for cls in part.cls.lineage()}
    return any(takes_queries(body) for body in view.bodies if body.cls in classes)


def only_itself(view: View, body: Body) -> bool:
    """Whether the parts that attend to a second sequence are always given the first again: `decoder(x, x)`."""
    name = body.cls.name if body.cls is not None else ""
    calls = [
        call
        for other in view.bodies
        for call in other.calls.get("", ())
        if isinstance(call.func, ast.Call) and last_name(call.func.func) == name
    ]
    return bool(calls) and all(len(call.args) == 2 and same(*call.args) for call in calls)


def takes_queries(body: Body) -> bool:
    """Whether a forward takes queries, keys and values, whatever it compares them by: `forward(self, q, k, v)`, or by
    name: `forward(self, *, query, key, value)`."""
    arguments = getattr(body.node, "args", None)
    taken = [*arguments.args[1:], *arguments.kwonlyargs][:3] if arguments and body.name in FORWARDS else []
    told = [each.arg.strip("_").casefold() for each in taken]
    return len(told) == 3 and all(_TRIPLE[at].search(name) for at, name in enumerate(told))


_TRIPLE = tuple(re.compile(rf"^({word[0]}|{word[0]}s|{word}\w*|x_?{word[0]})$") for word in ("quer", "key", "value"))


@asked_once
def written_attention(view: View) -> tuple[Body, ast.AST] | None:
    """A body where what a softmax gave is multiplied with something that is not a loss."""
    parts = _softmax_parts(view)
    for body in view.bodies:
        if not body.once(_calls_softmax) and parts.get(body.cls, frozenset()).isdisjoint(body.calls):
            continue
        if "backward" in body.calls or _TRAINS.search(body.name) or body.once(descends_in):
            continue  # what the training weighs with probabilities is a loss
        if body.cls is not None and _SPREADS.search(body.cls.name):
            continue  # a distribution, which weighs its own values, or a loss
        node = softmax_weighs(view, body)
        if node is not None:
            return body, node
    return None


_TRAINS = re.compile(r"_step$|grad|backprop|entropy|diverg|^kl_")
_SPREADS = re.compile(r"Dist(ribution)?$|Categorical|(Loss(es)?|Criterion)$")


def _returned_weights(view: View) -> tuple[Body, ast.AST] | None:
    """An attention class that gives back a softmax of scores, which others multiply with values."""
    multiplied = any(body.cls is not None and body.once(_multiplies) for body in view.bodies)
    for body in view.bodies:
        if multiplied and body.cls is not None and "att" in body.cls.name.casefold() and body.name in FORWARDS:
            for node in body.of(ast.Return):
                given = body.assigned.get(last_name(node.value), [node.value]) if node.value is not None else []
                if any(has_call(each, ("softmax",)) for each in given):
                    return body, node
    return None


def _multiplies(body: Body) -> bool:
    """Whether code multiplies matrices, or values with what is called attention: `(att * values).sum(1)`."""
    if not body.calls.keys().isdisjoint(("bmm", "matmul", "einsum")):
        return True
    return any("att" in last_name(side) for node in body.of(ast.BinOp) for side in factors(node))


def _weights_of_a_method(view: View) -> tuple[Body, ast.AST] | None:
    """A method, or a function named for it, gives back a softmax, and another multiplies that with values."""
    giving = {
        (body.cls, body.name)
        for body in view.bodies
        if body.name not in FORWARDS
        and (body.cls is not None or "att" in body.name.casefold())
        and body.once(_gives_softmax)
    }
    for body in view.bodies if giving else ():
        names = {name for cls, name in giving if cls is body.cls or cls is None}
        weights = body.names_given(partial(has_call, names=names))
        for node in body.of(ast.Call) if weights else ():
            if last_name(node.func) in PRODUCTS and any(last_name(each) in weights for each in operands(node)):
                return body, node
    return None


_SOFTMAX = ("softmax", "Softmax")
PRODUCTS = MATRIX_PRODUCTS | {"multiply"}
"""Functions by which weights and values are multiplied."""


def _gives_softmax(body: Body) -> bool:
    called = not body.calls.keys().isdisjoint(_SOFTMAX)
    return called and any(n.value is not None and has_call(n.value, _SOFTMAX) for n in body.of(ast.Return))


@asked_once
def _softmax_parts(view: View) -> dict[Class | None, set[str]]:
    """The attributes of each class that are softmax layers."""
    found: dict[Class | None, set[str]] = {}
    for body in view.bodies:
        if body.cls is not None and "Softmax" in body.calls:
            made = body.names_given(partial(is_call, names=("Softmax",)))
            found.setdefault(body.cls, set()).update(made)
    return found


def _is_gate(view: View, body: Body) -> bool:
    """Whether the object's `softmax` is a dense layer: it shares out by what comes in, and compares nothing."""
    beside = view.methods(body.cls)
    made = (value for other in beside for value in other.assigned.get("softmax", ()))
    return any(is_call(value, ("Dense", "Linear")) for value in made)


def _calls_softmax(body: Body) -> bool:
    return {"exp", "sum"} <= body.calls.keys() or any(map(_SOFT.search, body.calls))


def _is_share(body: Body, node: ast.AST) -> bool:
    """`e / torch.sum(e, dim=1)` where `e = exp(scores)`, or `e = exp(e - largest)`: a softmax written out."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div) or not has_call(node.right, ("sum",)):
        return False
    name = last_name(node.left)  # `w = w * exp(-y)` moves weights that were there before
    own = [value for value in body.assigned.get(name, ()) if has_call(value, ("exp",))]
    straight = any(isinstance(value, ast.Call) and last_name(value.func) == "exp" for value in own)
    return straight or any(all(last_name(inner) != name for inner in walk(value)) for value in own)


_SOFT = re.compile(r"(?<!log)(?<!log_)soft_?(arg_?)?max$", re.IGNORECASE)
"""How the names of functions end that share out; some call it a softargmax. The logarithm of one weighs nothing."""


def softmax_weighs(view: View, body: Body) -> ast.AST | None:
    """Where a body multiplies what a softmax gave: a function's, or a part of its object's (`self.attend(scores)`)."""
    parts = _softmax_parts(view).get(body.cls, set())
    if "softmax" in body.calls and _is_gate(view, body):
        return None
    if not parts & body.calls.keys() and not body.once(_calls_softmax):
        return None
    weights = _shared_out(body, parts)
    by_matrices = (isinstance(node.op, ast.MatMult) for node in body.of(ast.BinOp))
    scored = not body.calls.keys().isdisjoint((*PRODUCTS, "sum", "reduce_sum")) or any(by_matrices)
    told = scored and any("att" in name.casefold() for name in (body.name, body.cls.name if body.cls else "", *weights))
    for node in body.of(ast.Call, ast.BinOp):
        if isinstance(node, ast.Call) and (
            last_name(node.func) in PRODUCTS or _OWN_PRODUCT.search(last_name(node.func))
        ):
            if _weighs_others(body, node, weights):
                return node
        elif is_operation(node, ast.MatMult, ast.Mult):
            matrices = isinstance(node.op, ast.MatMult)
            sides = (node.left, node.right)
            weighed = any(_speaks_of(side, weights) or (matrices and has_call(side, _SOFTMAX)) for side in sides)
            if weighed and (matrices or told or (scored and _pools_its_own(body, node, weights))):
                return node
    return None


def _pools_its_own(body: Body, product: ast.BinOp, weights: set[str]) -> bool:
    """Whether what is weighed, by its own name, is that of which the scores were made, and is added up, which no gate
    is: `sum(states * softmax(tanh(states) @ own), 1)`."""
    for side, other in ((product.left, product.right), (product.right, product.left)):
        if isinstance(other, ast.Name) and other.id not in weights and last_name(side) in weights:
            scored = (body.words(made, 2) for made in _softened(body, last_name(side), weights))
            return _is_summed(body, product) and any(other.id in names for names in scored)
    return False


def _is_summed(body: Body, node: ast.AST) -> bool:
    """`sum(node, 1)` or `node.sum(1)`, of itself or of what it is assigned to."""
    summed = [call for name in ("sum", "reduce_sum") for call in body.calls.get(name, ())]
    sides = [side for call in summed for side in (*call.args[:1], getattr(call.func, "value", call))]
    return any(side is node or node in body.assigned.get(last_name(side), ()) for side in sides)


def _softened(body: Body, weight: str, weights: set[str], depth: int = 2) -> Iterator[ast.AST]:
    """Where a weight is shared out, by a softmax or one written out, itself or what a call made it of."""
    for value in body.assigned.get(weight, ()):
        yield from (call for call in walk(value) if isinstance(call, ast.Call) and _SOFT.search(_callee(call)))
        if _is_share(body, value):
            yield value
        elif isinstance(value, ast.Call) and depth:
            for name in {getattr(inner, "id", "") for inner in walk(value)} & weights - {weight}:
                yield from _softened(body, name, weights, depth - 1)


_OWN_PRODUCT = re.compile(r"_mul$|mat_?mul$")
"""How functions of the user's end that multiply: `element_wise_mul(states, weights)`."""


def _shared_out(body: Body, parts: Set[str]) -> set[str]:
    """The names of what a softmax gave, by a function or by one of these parts, and of what calls made of that."""
    weights = {
        name
        for name, values in body.assigned.items()
        if any(
            has_call(value, (*_SOFTMAX, *parts))
            or (isinstance(value, ast.Call) and _SOFT.search(_callee(value)))
            or _is_share(body, value)
            for value in values
            if not _of_own_weight(value)
        )
    }
    powers = body.names_given(lambda value: has_call(value, ("exp",)))
    for node in body.of(ast.AugAssign) if powers else ():  # `e = exp(scores)`, `e /= sum(e)`
        shared = isinstance(node.op, ast.Div) and has_call(node.value, ("sum",))
        weights |= powers & {last_name(node.target)} if shared else set()
    for _ in range(2):
        weights |= {name for name, values in body.assigned.items() for value in values if _is_made_of(value, weights)}
    return weights


def _is_made_of(node: ast.AST, weights: set[str]) -> bool:
    """Whether a value is what a call made of such weights, or they are shared out anew: `w / w.sum(1)`."""
    if is_operation(node, ast.Div):
        return last_name(node.left) in weights and _speaks_of(node.right, weights | {"sum"})
    return isinstance(node, ast.Call) and _speaks_of(node, weights) and last_name(node.func) not in PRODUCTS


def _weighs_others(body: Body, product: ast.Call, weights: set[str]) -> bool:
    """Whether a product takes what a softmax gave, and not only weights of the object's own, or the even steps of a
    scale, of which odds give the mean, beside it."""
    sides = operands(product)
    weighing = [each for each in sides if has_call(each, ("softmax",)) or _speaks_of(each, weights)]
    others = [each for each in sides if each not in weighing]
    if not weighing or any(_is_scale(body, other) for other in others):
        return False
    return not (others and all(isinstance(other, ast.Attribute) for other in others))


def _is_scale(body: Body, node: ast.AST, depth: int = 4) -> bool:
    """`tile(reshape(linspace(-10, 10, 51), [1, 51]), [n, 1])`, by whatever names."""
    if isinstance(node, ast.Name):
        return bool(depth) and any(_is_scale(body, value, depth - 1) for value in body.assigned.get(node.id, ())[:1])
    if not isinstance(node, ast.Call):
        return False
    started = chain_start(node)
    if any(is_call(each, _EVEN_STEPS) for each in (node, started)):
        return True
    return last_name(node.func) in _LAID_OUT and any(_is_scale(body, each, depth) for each in node.args[:1])


_EVEN_STEPS = ("range", "arange", "linspace", "lin_space")
_LAID_OUT = ("tile", "reshape", "expand_dims", "repeat", "cast", "broadcast_to", "squeeze", "constant", "as_tensor")
"""Calls that give back what they are given, in another form."""


def _callee(call: ast.Call) -> str:
    """What is called, or built and called at once: `Softmax` of `Softmax(dim=-1)(scores)`."""
    return last_name(call.func.func if isinstance(call.func, ast.Call) else call.func)


def _of_own_weight(node: ast.AST) -> bool:
    """`softmax(self.shares)`: shares that are learned for themselves; not `softmax(x).to(self.dtype)`."""
    node = chain_start(node)
    given = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return is_of_self(given)


def _speaks_of(node: ast.AST, names: set[str]) -> bool:
    """Whether one of these names stands in an expression, a variable's or an attribute's."""
    return not named_in(node).isdisjoint(names)
