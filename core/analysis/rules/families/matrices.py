"""Networks that are written as products of matrices, without a layer of a library: version 1 of TensorFlow, plain
arrays."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Set

from core.analysis.descents import descends
from core.analysis.facts import Place
from core.analysis.nodes import below, is_operation, unparse, walk
from core.analysis.program import Call, Class
from core.analysis.rules.bodies import LOG_DETERMINANT, Body, is_call, last_name
from core.analysis.rules.families.arithmetic import ascends_in, descends_in
from core.analysis.rules.families.asking import GRAPH, SEQUENCE, Evidence, shown
from core.analysis.rules.families.attending import has_attention
from core.analysis.rules.families.boltzmann import boltzmann
from core.analysis.rules.kinds import PARAMETRIC
from core.analysis.rules.loss import losses
from core.analysis.rules.loss_names import family
from core.analysis.rules.products import factors, matrix_factors, matrix_products
from core.analysis.rules.view import View


def products_of_weights(view: View) -> Iterator[Evidence]:
    """MLP: products with two weights or more. Linear: with one; Logistic Regression: with one, squashed.

    A matrix is a weight by its name, by what made it (`tf.Variable`), or since a gradient moves it by hand.
    """
    if view.has("linear", *SEQUENCE, *GRAPH, "conv", "mlp", "factory") or has_attention(view) or not _learns(view):
        return
    flowing = {body.cls or body for body in view.bodies if body.speaks_of(LOG_DETERMINANT)}
    machines = [each.place for each in boltzmann(view)]
    telling = (body for body in view.bodies if not _LOOKS_UP.search(body.name))
    others = (body for body in telling if (body.cls or body) not in flowing and not _holds_any(body.cls, machines))
    found = [(body, node, side) for body in others for node, side in weightings(body)]
    if not found:
        return
    found = [each for each in found if not _PREDICTS.match(each[0].name)] or found  # it is handed what was trained
    found = [each for each in found if not _DERIVATIVE.match(_key_of(each[2]))] or found
    place = found[0][0].place(found[0][1])
    if _weights(view, found) >= 2:
        yield Evidence("MLP", place, "products with weight matrices")
    else:
        logistic = is_squashed(view) or crossed(view)
        yield Evidence("Logistic Regression" if logistic else "Linear", place, "one product with a weight matrix")


_PREDICTS = re.compile(r"predict|evaluate|test")
_LOOKS_UP = re.compile(r"similar|nearest|closest|analog(y|ies)|neighbou?rs")
"""What functions are called that look up what is near a thing, among the weights that were trained."""


def _holds_any(cls: Class | None, places: list[Place]) -> bool:
    """Whether one of these places stands in the body of a class: what a Boltzmann machine multiplies is its own."""
    return cls is not None and any(map(cls.module.place(cls.node).holds, places))


def _weights(view: View, found: list[tuple[Body, ast.AST, ast.AST]]) -> int:
    """How many weights there are: a function that makes its weight has one for each call, one that is handed it those
    that it is handed; an object's own is one for each object of its class."""
    count = 0
    told: set[tuple[object, str]] = set()
    first: set[tuple[object, str]] = set()
    fitted: dict[Class, set[str]] = {}
    goes_on = _going_on(view, found)
    for body, _, side in found:
        weight = _untransposed(side)
        count += _is_repeated(body, weight) or (_is_unpacked(body, weight) and _is_gone_through(view, body))
        if body.cls is None and id(side) not in goes_on:
            first.add(("", unparse(weight)))  # or that of another model in the same notebook
        elif body.name and (_is_variable(body, side) or _is_made_there(body, weight)):
            calls = {id(call.node) for call in _calls_of(view, body)}
            count += max(len(calls), 1)
        elif isinstance(weight, ast.Name) and weight.id in body.parameters:
            told |= {("", _handed(body, call, weight.id)) for call in _calls_of(view, body)}
        elif body.cls is not None and body.cls.find("fit") is not None:
            fitted.setdefault(body.cls, set()).add(unparse(weight))  # each is a model
        elif body.cls is not None:
            if (body.cls, unparse(weight)) not in told:
                objects = sum(body.cls in tuple(each.cls.lineage()) for each in view.program.instances)
                count += max(objects, 1) - 1
            told.add((body.cls, unparse(weight)))
        else:
            told.add(("", unparse(weight)))
    return count + len(told) + bool(first - told) + max(map(len, fitted.values()), default=0)


def _going_on(view: View, found: list[tuple[Body, ast.AST, ast.AST]]) -> set[int]:
    """The weights (by id) that plain code multiplies with what another product, or a function of the user's, came to,
    or with what the code is handed."""
    products = {id(node) for _, node, _ in found}
    own = {body.name for body in view.bodies}
    names: dict[int, tuple[set[str], set[str]]] = {}

    def came_of(part: ast.AST) -> bool:
        return id(part) in products or is_call(part, own)

    going: set[int] = set()
    for body, node, side in found:
        if body.cls is not None:
            continue
        if id(body) not in names:
            handed = set(body.parameters)
            names[id(body)] = _made_of(body, came_of, set()), _made_of(body, lambda _: False, handed)
        weight = {id(inner) for inner in walk(side)}
        others = [inner for inner in walk(node) if id(inner) not in weight and inner is not node]
        of_products, of_handed = (any(getattr(each, "id", "") in told for each in others) for told in names[id(body)])
        if of_products or any(map(came_of, others)) or (of_handed and not _is_fitted_there(body, _untransposed(side))):
            going.add(id(side))
    return going


def _made_of(body: Body, test: Callable[[ast.AST], bool], names: Set[str]) -> set[str]:
    """These names and those of what a body makes, however indirectly, of them or of parts that pass a test."""
    found, users = set(names), defaultdict[str, set[str]](set)
    for name, values in body.assigned.items():
        for inner in (inner for value in values for inner in walk(value)):
            if test(inner):
                found.add(name)
            elif isinstance(inner, ast.Name):
                users[inner.id].add(name)
    waiting = list(found)
    for name in waiting:
        waiting += users[name] - found
        found |= users[name]
    return found


def _is_fitted_there(body: Body, weight: ast.AST) -> bool:
    """Whether a body moves a weight by hand: `theta = theta - eta * gradients`."""
    name = last_name(weight)
    stepped = (value for value in body.assigned.get(name, ()) if is_operation(value, ast.Sub))
    return any(last_name(value.left) == name and descends(value) for value in stepped)


def _is_repeated(body: Body, weight: ast.AST) -> bool:
    """Whether a product is made with each weight in turn: `for w, b in layers: x = relu(x @ w + b)`."""
    loops = (loop for loop in body.of(ast.For) if any(inner is weight for inner in walk(loop)))
    return any(_turns_with(loop, weight) for loop in loops)


def _is_unpacked(body: Body, weight: ast.AST) -> bool:
    """Whether a function takes the weight out of what it is handed: `w, b = layer`."""
    if body.cls is not None or not isinstance(weight, ast.Name):
        return False
    lines = ((line.targets[0], line.value) for line in body.of(ast.Assign) if isinstance(line.targets[0], ast.Tuple))
    told = (value for target, value in lines if any(each.id == weight.id for each in below(target, ast.Name)))
    return any(isinstance(value, ast.Name) and value.id in body.parameters for value in told)


def _is_gone_through(view: View, body: Body) -> bool:
    """Whether a function is asked in a loop over layers, each of which goes on with what the last gave: `for layer in
    layers: x = dense(layer, x)`."""
    lines = (line for each in view.bodies for loop in each.of(ast.For) for line in below(loop, ast.Assign))
    steps = ((unparse(line.targets[0]), line.value) for line in lines if is_call(line.value, {body.name}))
    return any(name in map(unparse, call.args) for name, call in steps if isinstance(call, ast.Call))


def _turns_with(loop: ast.For, weight: ast.AST) -> bool:
    """Whether what a loop counts or takes, or what it picks by that, stands in a weight: `w = weights[i]`."""
    taken = {each.id for each in walk(loop.target) if isinstance(each, ast.Name)}
    for line in below(loop, ast.Assign):
        if isinstance(line.value, ast.Subscript) and last_name(line.value.slice) in taken:
            taken.add(last_name(line.targets[0]))
    return any(isinstance(each, ast.Name) and each.id in taken for each in walk(weight))


def _is_made_there(body: Body, node: ast.AST) -> bool:
    """Whether a plain function makes the weight itself, by whatever it calls: `weight = param(name, shape)`."""
    if not isinstance(node, ast.Name) or not body.name or body.cls is not None or node.id in body.parameters:
        return False
    return any(isinstance(value, ast.Call) for value in body.assigned.get(node.id, ()))


def _calls_of(view: View, body: Body) -> list[Call]:
    return [call for call in view.program.own() if call.target and call.target.node is body.node]


def _handed(body: Body, call: Call, name: str) -> str:
    """How the caller writes what it hands a function under this name."""
    given = {word.arg: word.value for word in call.node.keywords} if isinstance(call.node, ast.Call) else {}
    names = body.parameters
    given |= dict(zip(names, call.node.args, strict=False)) if isinstance(call.node, ast.Call) else {}
    return unparse(given[name]) if name in given else name


def is_squashed(view: View) -> bool:
    """Whether outputs are made probabilities: by a function, a layer, or the activation that a layer is told."""
    named = view.program.named("softmax", "sigmoid", "log_softmax", "Sigmoid", "Softmax", "LogSoftmax")
    if any(not _lies_about(view, call) for call in named):
        return True
    told = [call.keywords.get("activation") for call in view.program.given("activation")]
    told += [call.positional[0] for call in view.program.named("Activation") if call.positional]
    return any(value is not None and value.text in ("sigmoid", "softmax") for value in told)


def _lies_about(view: View, call: Call) -> bool:
    """Whether a module that is imported makes an object of the user's at its top: `sigmoid = Sigmoid()`."""
    return isinstance(call.target, Class) and call.within is None and call.module is not view.program.modules[0]


def crossed(view: View) -> set[str]:
    """The losses that are a cross-entropy of some kind."""
    kinds = {family(str(fact.value)) for fact in view.program.ask(losses)}
    return kinds & {"cross_entropy", "binary_cross_entropy", "nll_loss", "log_loss"}


def _learns(view: View) -> bool:
    """Whether weights are changed: by an optimizer, along gradients that a library takes, or by hand."""
    taken = view.first_call("minimize", "backward", "grad", "value_and_grad", "gradient", "gradients")
    return bool(view.optimizers or taken) or any(
        body.once(descends_in) or body.once(ascends_in) for body in view.bodies
    )


def weightings(body: Body) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Products of matrices one side of which is called a weight, and that side: `x @ W1`,
    `tf.matmul(x, weights["h1"])`."""
    for node, sides in matrix_products(body):
        weight = next((side for side in sides if _is_weight(body, side)), None)
        if weight is not None:
            yield node, weight


def _is_weight(body: Body, node: ast.AST) -> bool:
    called = bool(WEIGHT.search(_key_of(node))) or _is_kept_weight(node)
    return (
        (called and not _is_of_a_layer(body, node))
        or _is_variable(body, node)
        or last_name(_untransposed(node)) in body.once(_moved)
    )


def _is_of_a_layer(body: Body, node: ast.AST) -> bool:
    """`w = net[0].weight.data`: what a layer has learned is looked at; `w = np.array([2, -3.4])`: what is to be found
    is known."""
    node = node.value if isinstance(node, ast.Subscript) else node
    values = body.bound(node)
    if values and all(isinstance(value, ast.Call) and _is_written_down(value) for value in values):
        return True
    layers = (value.value if isinstance(value, ast.Attribute) and value.attr == "data" else value for value in values)
    return any(isinstance(value, ast.Attribute) and value.attr == "weight" for value in layers)


def _is_written_down(call: ast.Call) -> bool:
    """`np.array([2, -3.4])`: an array of numbers that stand there."""
    given = call.args[0] if call.args and last_name(call.func) in ("array", "tensor") else None
    numbers = given.elts if isinstance(given, (ast.List, ast.Tuple)) else []
    plain = (each.operand if isinstance(each, ast.UnaryOp) else each for each in numbers)
    return bool(numbers) and all(isinstance(each, ast.Constant) for each in plain)


def _moved(body: Body) -> frozenset[str]:
    """What a body moves down a gradient by hand, whatever it is called: `self.param -= rate * gradient`."""
    steps: list[ast.AugAssign] = body.of(ast.AugAssign)
    return frozenset(last_name(step.target) for step in steps if descends(step))


def _untransposed(node: ast.AST) -> ast.AST:
    """`w` of `w.t()` and of `w.T`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("t", "transpose"):
        return node.func.value
    return node.value if isinstance(node, ast.Attribute) and node.attr == "T" else node


def _key_of(node: ast.AST) -> str:
    """What a matrix is called, also under a transposition: `w` of `self.w.t()` and of `params["w"]`."""
    node = _untransposed(node)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    return last_name(node)


def _is_kept_weight(node: ast.AST) -> bool:
    """`weights["h1"]`, `self.trainable_variables[i]`"""
    return isinstance(node, ast.Subscript) and _WEIGHTS.search(last_name(node)) is not None


def _is_variable(body: Body, node: ast.AST) -> bool:
    """Whether a name stands for what `tf.Variable(...)` and its like made."""
    made = body.assigned.get(last_name(node), ()) if isinstance(node, (ast.Name, ast.Attribute)) else ()
    return any(is_call(value, _VARIABLES) for value in made)


_VARIABLES = ("Variable", "get_variable", "Parameter", "shared")


WEIGHT = re.compile(r"(^|_)[wW](_[a-z]{1,3}|[a-z]{0,2})\d*_?$|^W|weight|kernel|theta")
"""What a matrix of weights is called."""
_DERIVATIVE = re.compile(r"grad(ient)?s?_|delta_|d_?(?=[wW])")
"""How the names of derivatives by weights begin."""
_WEIGHTS = re.compile(WEIGHT.pattern + r"|trainable_(variables|weights)$|^(params|parameters)$")
"""What several are called."""


def written_line(view: View) -> Iterator[Evidence]:
    """Linear: weight * input + bias, or weight * input alone, written out in code that learns, and no layer at all.

    Weight, input and bias are told by their names (`w`, `x`, `b`), a weight also by `tf.Variable`.
    """
    if any(kind in PARAMETRIC for kind in view.kinds) or any(True for _ in products_of_weights(view)):
        return

    def line(body: Body) -> ast.AST | None:
        for node in body.of(ast.BinOp, ast.Call):
            sides: list[ast.expr] = []
            if is_operation(node, ast.Add):
                sides = [node.left, node.right]
            elif is_call(node, ("add",)) and len(node.args) == 2:
                sides = list(node.args)
            for one, other in (sides, sides[::-1]) if len(sides) == 2 else ():
                biased = _BIAS.fullmatch(last_name(one))
                if biased and any(_SLOPE.fullmatch(last_name(factor)) for factor in _factors(other)):
                    return node
                if biased and is_operation(other, ast.Add):
                    return node if _factors(other.right) else None  # x1 * w1 + x2 * w2 + b
            sides = _factors(node)
            if any(map(_is_input, sides)) and any(_is_slope(body, each) for each in sides):
                return node  # w * x
        return None

    if _learns(view):
        yield from shown(view, "Linear", "weight * input + bias, written out", line)


_BIAS = re.compile(r"b|bias|b0|beta_?0|intercept", re.IGNORECASE)
_SLOPE = re.compile(r"w|weights?|m|a|kernel|W1?|slope|coef", re.IGNORECASE)


def _is_slope(body: Body, node: ast.AST) -> bool:
    handed = last_name(node) in body.parameters and _SLOPE.fullmatch(last_name(node)) is not None
    return handed or _is_variable(body, node)


def _is_input(node: ast.AST) -> bool:
    return re.fullmatch(r"(tf_|train_)?x(_(train|data|batch))?", last_name(node), re.IGNORECASE) is not None


def _factors(node: ast.AST) -> list[ast.expr]:
    """The two sides of a product of any kind."""
    return factors(node) or matrix_factors(node)
