"""Networks that carry a state from one element of a sequence to the next."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.nodes import below, given_to, is_operation, same, walk
from core.analysis.rules.bodies import Body, called_in, is_call, last_name, named_in
from core.analysis.rules.families.arithmetic import is_rest, sums, terms
from core.analysis.rules.families.asking import CONCATENATIONS, Evidence, first_layer, once, shown
from core.analysis.rules.networks import Layer, Network
from core.analysis.rules.products import factors, matrix_factors
from core.analysis.rules.view import View


def recurrent(view: View) -> Iterator[Evidence]:
    """LSTM, GRU and RNN layers and cells."""
    for kind, family in (("lstm", "LSTM"), ("gru", "GRU"), ("rnn", "RNN")):
        layer = first_layer(view, kind)
        if layer is not None and not _only_container(layer):
            yield Evidence(family, layer.call.place, f"built of {layer.call.name}")
    written = written_recurrence(view)
    if written is not None:
        yield written


def _only_container(layer: Layer) -> bool:
    """`nn.RNN(LSTMCell(...))`, `dynamic_rnn(cell)`: runs a cell that is another layer."""
    named = [value for name, value in layer.call.keywords.items() if "cell" in name]
    cells = (v for v in (*layer.call.positional[:2], *named) if v.dotted and not isinstance(v.value, (int, str)))
    return layer.kind == "rnn" and any(True for _ in cells)


def _written_lstm(body: Body) -> ast.AST | None:
    """`c = f * c + i * g` and `h = o * tanh(c)`."""
    if not ("tanh" in body.calls and "sigmoid" in body.calls):
        return None
    for node in body.of(ast.BinOp):
        if is_operation(node, ast.Add):
            sides = [factors for side in (node.left, node.right) if (factors := _factors(body, side))]
            mixed = any(is_rest(factor) for factors in sides for factor in factors)  # as a GRU does
            several = len(body.calls["sigmoid"]) >= 2 and len(body.calls["tanh"]) >= 2
            if len(sides) == 2 and several and not mixed:
                return node
    return None


def _factors(body: Body, node: ast.AST, depth: int = 3) -> list[ast.expr]:
    """What is multiplied in `f * c`, `torch.mul(f, c)`, and in a sum of such over the children of a tree."""
    if sides := factors(node):
        return sides
    values = node.args[:1] if is_call(node, ("sum", "squeeze", "unsqueeze")) else body.bound(node)
    return next(filter(None, (_factors(body, each, depth - 1) for each in values)), []) if depth else []


@once
def _written(view: View) -> Iterator[Evidence]:
    """LSTM, GRU or RNN, written out: with gates and a cell, with gates that mix the old state with a new one, or a
    state that comes from itself and the next input."""
    yield from shown(view, "LSTM", "a cell with gates and a state, written out", _written_lstm, "tanh")
    yield from shown(view, "GRU", "gates mix the old state with a new one, written out", _written_gru, "sigmoid")
    joined = (*_SQUASHING, *CONCATENATIONS)
    yield from shown(view, "RNN", "a state that comes from itself and the next input", _carried, *joined)


def written_recurrence(view: View) -> Evidence | None:
    """The recurrent cell that the code writes out, if it does: the one with most gates."""
    return next(iter(_written(view)), None)


def writes_recurrence(view: View, network: Network) -> bool:
    """Whether a class of a network writes out a recurrent cell."""
    classes = {part.cls for part in network.parts}
    bodies = (body for body in view.bodies if body.cls in classes and body.cls is not None)
    return any(body.once(_written_lstm) or body.once(_carried) for body in bodies)


def _written_gru(body: Body) -> ast.AST | None:
    """`h = (1 - z) * n + z * h` beside `z = sigmoid(... h ...)`, of a state that is handed in or comes from itself."""
    squashed = any(name in ("tanh", "f") or re.search(r"activation|(^|_)act$", name) for name in body.calls)
    if "sigmoid" not in body.calls or not squashed or not (_states(body) or _carried(body)):
        return None
    for node, parts in sums(body):
        if any(last_name(call.func) == "log" for call in below(node, ast.Call)):
            continue  # x * log(y) + (1 - x) * log(1 - y): how likely data are
        factors = [[part.left, part.right] for _, part in parts if is_operation(part, ast.Mult)]
        gates = {
            last_name(factor) for pair in factors for factor in pair if isinstance(factor, (ast.Name, ast.Attribute))
        }
        rests = {last_name(factor.right) for pair in factors for factor in pair if is_rest(factor)}
        if len(factors) == 2 and gates & rests:
            return node
    return None


def _carried(body: Body) -> ast.AST | None:
    """`h = tanh(x @ U + h @ W)`, layers in place of the products too, and `h = layer(cat(x, h))`."""
    states = _states(body)
    for node in body.of(ast.Call) if states else ():
        if last_name(node.func) in _SQUASHING and node.args:
            parts = [_product_before(body, term) for _, term in terms(node.args[0])]
            weighed = [term for term in parts if isinstance(term, ast.Call) or matrix_factors(term)]
            factors = [_multiplied(term) for term in weighed]
            weighs_state = any(map(states.__and__, factors)) and not any(map(_ACTIONS.__and__, factors))
            if weighs_state and (len(factors) >= 2 or _adds_input(node.args[0], set.union(*factors))):
                return node
    # a highway, which has no other input, carries no state
    gated = "sigmoid" in body.calls and len(body.parameters) > 1 + (body.cls is not None)
    moved = (node for node in body.of(ast.BinOp) if _moves_on(node, states)) if gated else ()
    joined = (_joined_anew(body, name) for name in sorted(states & set(body.parameters)))
    return next(filter(None, (*moved, *joined)), None)


def _moves_on(node: ast.BinOp, states: set[str]) -> bool:
    """`h_prev + gate * (new - h_prev)`: a state that moves as far as a gate lets it."""
    old = last_name(node.left)
    if old not in states or not is_operation(node, ast.Add) or not is_operation(node.right, ast.Mult):
        return False
    ways = (node.right.left, node.right.right)
    return any(is_operation(each, ast.Sub) and last_name(each.right) == old for each in ways)


def _joined_anew(body: Body, state: str) -> ast.AST | None:
    """What a state that is handed in becomes, joined with the input: `h = layer(cat(x, h))`, by its name or by another
    of a state, `hidden = layer(cat(x, hidden_tensor))`, that is given back."""
    returned = {last_name(each) for node in body.of(ast.Return) for each in walk(node) if isinstance(each, ast.Name)}
    anew = [name for name in body.assigned if name == state or (name in returned and _STATE.search(name))]
    for value in (value for name in anew for value in body.assigned[name]):
        sources = [value, *(each for word in body.words(value, 0) for each in body.assigned.get(word, ()))]
        computed = isinstance(value, ast.Call) and last_name(value.func) not in _MOVING
        if computed and any(_joins(source, state) for source in sources):
            return value
    return None


def _product_before(body: Body, node: ast.AST) -> ast.AST:
    """A term, or the product with the state of the turn before that has its name: `old = self.h2h(h_prev)`."""
    values = body.bound(node)
    product = values[0] if len(values) == 1 else node
    return product if any(map(_BEFORE.search, _multiplied(product))) else node


def _adds_input(node: ast.AST, multiplied: set[str]) -> bool:
    """Whether a sum holds, beside the product of the state before, what was made of the input: `xw_t + h_prev @ w`."""
    plain = {last_name(term) for _, term in terms(node) if isinstance(term, (ast.Name, ast.Subscript))}
    return any(map(_BEFORE.search, multiplied)) and any(not name.startswith("b") for name in plain)


_BEFORE = re.compile(r"(prev|prv|old|t_?m?1)$")
_MOVING = frozenset({"to", "float", "long", "half", "double", "type", "cuda", "cpu", "detach", "view", "reshape",
                     "unsqueeze", "squeeze", "contiguous", "cat", "concat", "concatenate"})  # fmt: skip
"""Methods and functions that compute nothing anew: a history that grows is no state."""
_ACTIONS = frozenset({"a", "act", "action", "actions"})
"""What a critic judges beside a state: nothing is carried on there."""
_SQUASHING = ("tanh", "sigmoid", "relu", "sigm", "logistic", "activation", "activation_fn", "nonlinearity", "f", "act",
              "act_fn")  # fmt: skip


def _states(body: Body) -> set[str]:
    """What is called as a state is, and is handed in or comes anew from itself; what an object keeps and makes anew of
    itself, whatever it is called: `self.kept = tanh(a(x) + b(self.kept))`."""
    inner: list[ast.FunctionDef | ast.Lambda] = body.of(ast.FunctionDef, ast.Lambda)
    handed = set(body.parameters) | {each.arg for function in inner for each in function.args.args}
    named = {name for name in (*body.assigned, *handed) if _STATE.search(name)}
    named = {
        name for name in named if name in handed or any(name in body.words(value, 1) for value in body.assigned[name])
    }
    lines: list[ast.Assign] = body.of(ast.Assign)
    return named | {last_name(line.targets[0]) for line in lines if _is_kept_on(line)}


def _is_kept_on(line: ast.Assign) -> bool:
    """Whether an attribute is made anew of itself."""
    target = line.targets[0]
    if not isinstance(target, ast.Attribute) or not isinstance(line.value, ast.Call):
        return False
    return any(each.attr == target.attr and same(each.value, target.value) for each in below(line.value, ast.Attribute))


_STATE = re.compile(
    r"^(h|hs|s)(_?t)?(_?(prev|prv|old|tm1|1))?$|hidden|^h_?\d?$|(^|_)state$|prev_?h|^hx$|^states$", re.IGNORECASE
)


def _multiplied(node: ast.AST) -> set[str]:
    """The names in what a product, or a layer, is given; also of what is multiplied by a method, `h.dot(w)`."""
    given = factors(node) or matrix_factors(node) or getattr(node, "args", [])
    return {name for side in given for name in named_in(side)}


def _joins(node: ast.AST, name: str) -> bool:
    """Whether a state stands among what is concatenated, and not only beside zeros that fill it up."""
    joins = (call for call in below(node, ast.Call) if last_name(call.func) in CONCATENATIONS)
    return any(
        any(each.id == name for value in given_to(call) for each in walk(value) if isinstance(each, ast.Name))
        and not any("zeros" in each for each in called_in(call))
        for call in joins
    )
