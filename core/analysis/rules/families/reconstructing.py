"""Autoencoders: what comes out is compared with what went in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.nodes import is_of_self, is_operation, same, walk
from core.analysis.program import Made
from core.analysis.rules.bodies import Body, is_call, last_name
from core.analysis.rules.families.arithmetic import minus, squared, squares, sums
from core.analysis.rules.families.asking import (
    GRAPH,
    RANDOM,
    SEQUENCE,
    Evidence,
    acts,
    has_call,
    is_noise,
    is_shut,
    once,
    parts_named,
    shown,
)
from core.analysis.rules.families.attending import has_attention
from core.analysis.rules.families.detectors import on_a_grid
from core.analysis.rules.families.plays import play_of
from core.analysis.rules.families.processes import noise_schedule_of
from core.analysis.rules.loss_names import family, loss_name, losses_called
from core.analysis.rules.values import received
from core.analysis.rules.view import View, asked_once

RECONSTRUCTING = frozenset(
    {
        "mse_loss",
        "l1_loss",
        "binary_cross_entropy",
        "smooth_l1_loss",
        "huber_loss",
        "mean_squared_error",
        "mse",
        "MSELoss",
    }
)


GIVEN_BACK = "fitted to give back its input"
"""How a network is found that is told its input as its target: sure, whatever else a notebook trains."""


@once
def reconstruction(view: View) -> Iterator[Evidence]:
    """Autoencoder: what comes out is compared with what went in; or an encoder and a decoder part under such a loss."""
    for call in view.program.named("fit", "train_on_batch"):
        given = {word.arg: word.value for word in call.node.keywords}
        pair = call.node.args[:2] if len(call.node.args) >= 2 else [given[name] for name in ("x", "y") if name in given]
        wanted = getattr(pair[1], "elts", pair[1:]) if len(pair) == 2 else []
        if call.receiver is not None and any(_is_given_back(view, pair[0], each) for each in wanted):
            yield Evidence("Autoencoder", call.place, GIVEN_BACK)
            return
    if view.program.named("fit", "fit_generator"):
        yield from shown(view, "Autoencoder", GIVEN_BACK, _given_twice)
    if (
        acts(view)
        or noise_schedule_of(view)
        or [*on_a_grid(view)]
        or (play_of(view) is not None and not parts_named(view, "decoder"))
    ):
        return
    widens = _widens(view)
    sequences = view.has(*SEQUENCE)
    for body, first_arg, second, node in _compared(view):
        if "inverse_transform" in body.calls or (body.cls is not None and body.cls.name.endswith("Loss")):
            continue  # a projection of scikit-learn's, judged by what it keeps; a loss is given what a network made
        name = _root(second)
        if any(_never_made(view, body, _root(side)) for side in (first_arg, second)):
            continue
        if _bound_together(body, _root(first_arg), name):
            continue
        again = {value.id for value in body.assigned.get(name, ())[:1] if isinstance(value, ast.Name)}  # y_true = X
        again |= _fed_alike(view, name)
        wanted = {each for each in (name, *again) if each and not (is_noise(body, each) or _stands_in(view, each))}
        wanted |= {each for kept in wanted if widens for each in body.once(_noised).get(kept, ())}
        if any(_passed_through(body, first_arg, each, sequences or _is_label(each)) for each in wanted):
            yield Evidence("Autoencoder", body.place(node), "what comes out is compared with what went in")
            return
    yield from _filled_in(view)
    yield from _coder_parts(view)


def _given_twice(body: Body) -> ast.AST | None:
    """`yield batch, batch`: what is asked is what is wanted."""
    pairs = (node.value for node in body.of(ast.Yield) if isinstance(node.value, ast.Tuple))
    return next((pair for pair in pairs if len(pair.elts) == 2 and same(*pair.elts)), None)


def _never_made(view: View, body: Body, name: str) -> bool:
    """Whether nothing but calls in branches that the run does not take would give a name its value."""
    made = body.assigned.get(name, ())
    return bool(made) and all(isinstance(value, ast.Call) and is_shut(view, body, value) for value in made)


def _stands_in(view: View, name: str) -> bool:
    """Whether all that the user's functions are ever given under a name is of one number alone, or drawn: it only
    stands in for data, `step(params, ones((8, 16)))`."""
    return name in _standing_in(view)


@asked_once
def _standing_in(view: View) -> set[str]:
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for call in view.program.own():
        for name, value in received(call):
            found[isinstance(value.value, Made) and value.value.call.name in _FILLED].add(name)
    return found[True] - found[False]


_FILLED = RANDOM | {"ones", "zeros", "full"}


def _filled_in(view: View) -> Iterator[Evidence]:
    """A masked autoencoder: one token stands for all patches that were hidden, which a decoder makes again, under a
    loss that compares values."""
    holder = next((each for each in view.network_instances if "mask_token" in each.attributes), None)
    if holder is not None and parts_named(view, "decode") and _judged_by_values(view):
        yield Evidence("Autoencoder", holder.call.place, "a decoder makes what a mask token stands for")


def _bound_together(body: Body, one: str, other: str) -> bool:
    """Whether both are taken out of one answer: `made, wanted = predict(inputs, wanted)`."""
    return one != other and any(a is b for a in body.assigned.get(one, ()) for b in body.assigned.get(other, ()))


def _is_given_back(view: View, given: ast.expr, wanted: ast.expr) -> bool:
    """Whether a network that is told to make one thing of another has it already, if with noise added to it."""
    noisy = {name for body in view.bodies for name in _with_noise(body, wanted)} if _widens(view) else ()
    return same(given, wanted) or last_name(given) in noisy


def _fed_alike(view: View, name: str) -> set[str]:
    """The other placeholders that a session is fed the same as this one, or the same with noise added to it:
    `{inputs: images, targets: images}`."""
    told = [pairs for pairs in _fed(view) if name in pairs]
    kept = [pairs[name] for pairs in told]
    noisy = {each for body in view.bodies for value in kept for each in _with_noise(body, value)}
    return {
        key
        for pairs in told
        for key, value in pairs.items()
        if key != name and (same(value, pairs[name]) or last_name(value) in noisy)
    }


def _with_noise(body: Body, node: ast.expr) -> Iterator[str]:
    """What is called after noise was added to a value, or to a name that stands for it: `images = batch[0]`."""
    for root, noisy in body.once(_noised).items():
        if root == last_name(node) or any(same(value, node) for value in body.assigned.get(root, ())):
            yield from noisy


@asked_once
def _fed(view: View) -> list[dict[str, ast.expr]]:
    """What dicts hold under several names: `{inputs: images, targets: images}`."""
    dicts = (zip(node.keys, node.values, strict=True) for body in view.bodies for node in body.of(ast.Dict))
    named = ({key.id: value for key, value in pairs if isinstance(key, ast.Name)} for pairs in dicts)
    return [pairs for pairs in named if len(pairs) > 1]


COMPARED = frozenset({"labels", "logits", "predictions", "input", "target", "targets", "y_true", "y_pred"})
"""Keywords of losses that hold what is compared."""


OWN_COMPARISON = re.compile(
    r"(?<![A-Za-z])r?mse|MSE|Mse(?![a-z])|(?i:mean_sq|recon|bce|binary_cross|jaccard|dice|(?<!co)ssim)"
)
"""What the user's own comparisons are called; a `CustomSet` compares nothing."""


MOST_COMPARED = 3
"""Arguments of the user's own comparisons: two sides and a mask; `mse(w, b, x, y)` makes its own prediction."""


def _compares(dotted: str) -> bool:
    return bool(loss_name(dotted.removesuffix(".__call__")) or OWN_COMPARISON.search(dotted.rpartition(".")[2]))


_MEANS = frozenset({"mean", "median", "avg", "average", "global_mean", "batch_mean", "running_mean"})
"""What `x - mean` is taken from for a variance: no target."""


def _compared(view: View) -> Iterator[tuple[Body, ast.AST, ast.AST, ast.AST]]:
    """Two things that a loss or a squared difference compares, in both orders."""
    bodies = {body.node: body for body in view.bodies}
    for call in view.program.whose(_compares):
        name = loss_name(call.dotted.removesuffix(".__call__"))
        few = len(call.node.args) <= MOST_COMPARED
        own = few and call.target is not None and OWN_COMPARISON.search(call.name)
        sides = [*call.node.args, *(word.value for word in call.node.keywords if word.arg in COMPARED)][:2]
        if (own or (name and (family(name) in RECONSTRUCTING or name in RECONSTRUCTING))) and len(sides) == 2:
            body = bodies.get(call.home)
            if body is not None:
                yield body, sides[0], sides[1], call.node
                yield body, sides[1], sides[0], call.node
    for body in view.bodies:
        for node in (*squares(body), *body.calls.get("abs", ())):
            sides = minus(squared(node))
            if len(sides) == 2 and last_name(getattr(sides[1], "func", sides[1])) not in _MEANS:
                yield body, sides[0], sides[1], node
                yield body, sides[1], sides[0], node
        for node, wanted, got in body.once(_written_entropies):
            yield body, got, wanted, node


def _written_entropies(body: Body) -> list[tuple[ast.AST, ast.AST, ast.AST]]:
    """`x * log(z) + (1 - x) * log(1 - z)`: the sum, what is wanted, and what came out."""
    found: list[tuple[ast.AST, ast.AST, ast.AST]] = []
    for node, parts in sums(body):
        logs = [
            (other, call.args[0])
            for _, part in parts
            if is_operation(part, ast.Mult)
            for call, other in ((part.left, part.right), (part.right, part.left))
            if is_call(call, ("log",)) and call.args
        ]
        if len(logs) == 2 and any(is_operation(other, ast.Sub) for other, _ in logs):
            found.append((node, *logs[0]))
    return found


def _root(node: ast.AST) -> str:
    """The name under reshapes: `x` of `x.view(-1, 784)` and of `flatten(x)`; none for a slice of it."""
    while isinstance(node, ast.Call):
        held = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr in _RESHAPES else None
        if held is not None and getattr(held, "id", "") not in _LIBRARIES:
            node = held
        elif node.args and last_name(node.func) in ("flatten", "reshape"):
            node = node.args[0]
        else:
            return ""
    return _spelt(node)


def _given_to(call: ast.Call) -> list[ast.expr]:
    """What a call takes; of a product also what it is a method of: `x.dot(w)`."""
    multiplied = isinstance(call.func, ast.Attribute) and call.func.attr in ("dot", "matmul", "mm")
    return [*([call.func.value] if multiplied and isinstance(call.func, ast.Attribute) else []), *call.args]


def _spelt(node: ast.AST) -> str:
    """A name, or what an object keeps under one: `x`, `self.x`."""
    if is_of_self(node):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


_RESHAPES = frozenset({"view", "reshape", "flatten", "detach", "to", "cuda", "float", "clone", "squeeze"})
_LIBRARIES = frozenset({"tf", "np", "torch", "jnp", "K", "F"})
"""What libraries are called that reshape what they are given."""


def _widens(view: View) -> bool:
    """Whether a network narrows what it gets and widens it again: one without convolutions, or with ones that do."""
    kinds = view.kinds
    return not kinds["conv"] or bool(kinds["convt"] or kinds["upsample"])


def _noised(body: Body) -> dict[str, list[str]]:
    """What things are called with noise added to them, by their names: `noisy = images + 0.5 * randn(9)`, also where
    the noise has a name."""
    found: dict[str, list[str]] = {}
    for noisy, value in ((name, value) for name, values in body.assigned.items() for value in values):
        sides = (value.left, value.right) if is_operation(value, ast.Add) else ()
        for kept, added in (sides, sides[::-1]) if sides else ():
            if has_call(added, RANDOM) or (isinstance(added, ast.Name) and is_noise(body, added.id)):
                found.setdefault(_root(kept), []).append(noisy)
    return found


def _is_label(name: str) -> bool:
    """Whether something is called as labels are: what makes predictions of data may be shown them beside the data."""
    return re.match(r"y(_|$)|(.*_)?labels?(_|$)", name, re.IGNORECASE) is not None


STATES = frozenset(
    {"params", "param", "state", "opt_state", "variables", "grads", "gradients", "model", "weights", "updates", "self"}
)
"""Names of what is trained: they come out of everything, and say nothing of what goes in."""


ORDERING = frozenset({"gt", "ge", "lt", "le", "eq", "ne", "greater", "less", "equal", "not_equal"})
"""Comparisons that give a mask."""
SHAPING = frozenset({
    "view", "size", "zeros_like", "ones_like", "interpolate", "resize", "len", "cat", "shape", "mean", "sum", "std",
    "var", "broadcast_to", "reduce_mean", "reduce_sum", "max", "min", "norm", "sqrt", "clip", "clamp", "minimum",
    "maximum", "abs", "isnan", "isfinite", "nan_to_num", "percentile", "masked_select", "cast", "sigmoid", "softmax",
    "slice", "strided_slice", "gather", "gather_nd", "boolean_mask", "subtract", "sub", "multiply", "divide", "pow",
    "square", "broadcast_tensors", "broadcast_arrays", *ORDERING,
})  # fmt: skip
"""Calls that take a thing without passing it through a network."""


def _called(body: Body, node: ast.expr, name: str) -> str:
    """The name under reshapes; `name` for another one that begins as the same: `h = x; for ...: h = layer(h)`; no part
    of it: `images, labels = batch`."""
    root = _root(node)
    first = next(iter(body.assigned.get(root, ())), None) if root and root != name else None
    if first is None or _root(first) != name:
        return root
    parted = any(first is value for other, values in body.assigned.items() if other != root for value in values)
    return root if parted else name


def _passed_through(body: Body, node: ast.AST, name: str, first: bool) -> bool:
    """Whether a value comes out of calls that took this name (before anything else, where a decoder could be shown it
    beside what it is to be made of)."""
    seen: set[str] = set()
    level: list[ast.AST] = [node]
    for _ in range(40):  # layers of version 1 of TensorFlow each have a name
        following: list[ast.AST] = []
        for each in level:
            callees = {
                inner.func for inner in walk(each) if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
            }
            for inner in walk(each):
                taken = [_called(body, each, name) for each in _given_to(inner)] if isinstance(inner, ast.Call) else []
                takes = name in taken and not (first and set(taken[: taken.index(name)]) - STATES - {""})
                callee = last_name(getattr(inner, "func", inner))
                if takes and callee not in SHAPING and not callee.endswith(("_as", "_like")):
                    return True
                spelt = _spelt(inner)
                if spelt and spelt not in seen | STATES and spelt != name and inner not in callees:
                    seen.add(spelt)
                    following.extend(body.assigned.get(spelt, ())[:4])
        level = following
    return False


def _compiled_to_compare(view: View) -> bool:
    """Whether a model of Keras is compiled with a loss that compares values."""
    told = [call.keywords["loss"].text for call in view.program.named("compile") if "loss" in call.keywords]
    return any(text is not None and family(text) in RECONSTRUCTING for text in told)


def _decodes_codes(body: Body) -> ast.AST | None:
    """`Model(inputs, decoder(encoder(inputs)))`."""
    for call in body.of(ast.Call) if "Model" in body.calls else ():
        inner = call.args[0] if len(call.args) == 1 else None
        decodes = last_name(call.func).startswith("dec")
        if decodes and isinstance(inner, ast.Call) and last_name(inner.func).startswith("enc"):
            return call
    return None


_OWN_LOSS = re.compile(r"loss|mse|error")


def _judged_by_values(view: View) -> bool:
    """Whether a loss compares values, and none only kinds."""
    losses = losses_called(view.program)
    if losses & {"cross_entropy", "nll_loss"} and not losses & {"mse_loss", "l1_loss"}:
        return False
    own = any(
        _OWN_LOSS.search(body.name) and (body.once(squares) or _SQUARED & body.calls.keys()) for body in view.bodies
    )
    return bool(losses & {"mse_loss", "l1_loss", "binary_cross_entropy"}) or own or _compiled_to_compare(view)


_SQUARED = {"square", "squared_difference"}


def _joins(view: View) -> int:
    """How often layers are joined: not what objects without any weights put together, as those that draw samples do."""
    joined = [layer.call for layer in view.layers if layer.kind == "concat"] if view.kinds["concat"] > 1 else []
    building = {id(layer.call.owner) for layer in view.layers if layer.kind != "concat"} if joined else set()
    return sum(call.owner is None or id(call.owner) in building or view.owner_of(call) is not None for call in joined)


def _coder_parts(view: View) -> Iterator[Evidence]:
    """An encoder and a decoder of plain layers in one network, under a loss that compares values."""
    if has_attention(view) or view.has(*SEQUENCE, *GRAPH, "factory") or _joins(view) > 1:
        return
    if not _judged_by_values(view):
        return
    yield from shown(view, "Autoencoder", "a model that decodes what another encodes", _decodes_codes)
    for instance in view.network_instances:
        names = [name.casefold() for name in instance.attributes]
        sides = [next((name for name in names if name.startswith(side)), None) for side in ("enc", "dec")]
        if all(sides):
            yield Evidence(
                "Autoencoder", instance.call.place, "an encoder and a decoder under a loss that compares values"
            )
            return
