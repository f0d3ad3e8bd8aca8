"""Families of networks that classify pictures, shown by what their blocks of convolutions join: DenseNet, Inception."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set

from core.analysis.nodes import below, keyword, walk
from core.analysis.program import Instance
from core.analysis.rules.bodies import FORWARDS, Body, called_in, last_name
from core.analysis.rules.families.asking import CONCATENATIONS, Evidence, forward_of, shown
from core.analysis.rules.view import View, asked_once

CONVOLUTIONS = frozenset({"Conv2D", "Conv2d", "conv2d", "Convolution2D", "Conv1D", "SeparableConv2D", "conv_2d"})


@asked_once
def convolving(view: View) -> frozenset[str]:
    """The names of plain functions that lay convolutions."""
    plain = (other for other in view.calling(*CONVOLUTIONS) if other.cls is None and other.name)
    return frozenset(other.name for other in plain)


def dense_blocks(view: View) -> Iterator[Evidence]:
    """DenseNet: a block's input is joined to its output, over and over."""
    if _grows(view):
        return
    for instance, body, join in joining(view):
        alone = len(set(body.parameters) - _SWITCHES) == 1  # layers that bring two resolutions together take both
        grows = alone and bool(_own_convolutions(view, instance)) and _joins_own_input(body, join)
        grows = grows or (_joins_turn_by_turn(body, join) and _convolutions_inside(view, instance) > 0)
        if grows and _is_repeated(view, instance):
            yield Evidence("DenseNet", body.place(join), "a block's input is joined to its output")
            return
        if _gathers(body, join):
            yield Evidence("DenseNet", body.place(join), "all that came before goes into each layer")
            return
    if view.kinds["conv"]:
        yield from shown(view, "DenseNet", "all that came before goes into each layer", _gathers_in_a_loop)
        for body in view.calling(*CONCATENATIONS):
            turned = any(call.loop is not None for call in view.callers.get(id(body.node), ()))
            if turned and body.cls is None and (joined := _joins_given(view, body)) is not None:
                yield Evidence("DenseNet", body.place(joined), "a block's input is joined to its output")
                return


def _joins_given(view: View, body: Body) -> ast.Call | None:
    """`return Concatenate()([x, y])` in a function that makes `y` of its parameter `x` by convolutions."""
    laid = CONVOLUTIONS | convolving(view)
    ends = {line.value for line in body.of(ast.Return)}
    ends |= {value for name in {last_name(end) for end in ends if end} for value in body.assigned.get(name, ())[-1:]}
    for join in [each for name in CONCATENATIONS for each in body.calls.get(name, ())] + [*_joins_of_keras(body)]:
        parts = _elements(body, join.args[0]) if join.args and join in ends else []
        given = [part for part in parts if isinstance(part, ast.Name) and part.id in body.parameters[:1]]
        given = [part for part in given if {*body.assigned.get(part.id, ())} <= {join}]
        made = [part for part in parts if part not in given]
        if len(parts) == 2 and given and body.words(made[0], 4) >= {given[0].id} and laid & body.words(made[0], 4):
            return join
    return None


def parallel_sizes(view: View) -> Iterator[Evidence]:
    """Inception: parallel convolutions of several sizes, whose outputs are joined."""
    if _grows(view):
        return
    for instance, body, join in joining(view):
        several = join.args and any(len(each.elts) >= 3 for each in _listed(body, join.args[0]))
        part = id(instance) in view.parent_of or _is_repeated(view, instance)
        apart = not _joins_own_input(body, join) and not _joins_a_chain(body, join)
        inner = part and apart and len(set(body.parameters) - _SWITCHES) == 1
        if several and inner and _convolutions_inside(view, instance) >= 4:
            yield Evidence("Inception", body.place(join), "parallel convolutions of several sizes, joined")
            return
    for body in view.calling(*CONCATENATIONS):
        if (joined := _branches_joined(view, body)) is not None:
            yield Evidence("Inception", body.place(joined), "parallel convolutions of several sizes, joined")
            return
    yield from shown(view, "Inception", "parallel convolutions, joined time after time", _joins_by_and_by)


def _branches_joined(view: View, body: Body) -> ast.AST | None:
    """Where a function that lays blocks, three or more or turn by turn, joins three branches of convolutions or more
    that all come from what it is given: `concatenate([one, three, five, pool])`."""
    callers = view.callers.get(id(body.node), ())
    if not body.name or body.name in FORWARDS or (len(callers) < 3 and not any(call.loop for call in callers)):
        return None
    laid = CONVOLUTIONS | convolving(view)
    for join in [each for name in CONCATENATIONS for each in body.calls.get(name, ())] + [*_joins_of_keras(body)]:
        branches = [part for one in join.args[:1] for part in (*_elements(body, one), *_appended(body, one))]
        convolved = [part for part in branches if laid & body.words(part, 1) and not _ends_pooled(body, part, laid)]
        if len(convolved) >= 3 and not any(last_name(part) in body.parameters for part in branches):
            return join
    return None


def _ends_pooled(body: Body, part: ast.expr, laid: Set[str]) -> bool:
    """Whether a branch is pooled, and not convolved after that."""
    made = [value.func for value in body.meant(part) if isinstance(value, ast.Call)]
    last = {last_name(func.func if isinstance(func, ast.Call) else func) for func in made}
    return laid.isdisjoint(last) and any("pool" in word.casefold() for word in body.words(part, 1))


def _elements(body: Body, node: ast.expr) -> list[ast.expr]:
    return [part for each in _listed(body, node) for part in each.elts]


def _appended(body: Body, node: ast.expr) -> list[ast.expr]:
    """What is appended to a list, by its name; what a loop appends, twice."""
    calls = [call for call in body.calls.get("append", ()) if call.args]
    calls = [call for call in calls if last_name(getattr(call.func, "value", call)) == last_name(node)]
    turning = {each for loop in (body.of(ast.For) if calls else ()) for each in below(loop, ast.Call)}
    return [call.args[0] for call in calls for _ in range(2 if call in turning else 1)]


_SWITCHES = frozenset({"self", "training", "train", "is_training", "deterministic", "mask"})
"""What is handed to a layer beside its input."""


def _joins_by_and_by(body: Body) -> ast.AST | None:
    """Where code with all the blocks of a network written out joins three branches or more time after time, each
    once, in a class that lays convolutions: data are joined, too."""
    listed = [call.args[0] for name in CONCATENATIONS for call in body.calls.get(name, ()) if call.args]
    joined = [[last_name(each) for each in one.elts] for one in listed if isinstance(one, (ast.List, ast.Tuple))]
    names = [name for each in joined for name in each]
    several = len(joined) >= 4 and min(map(len, joined)) >= 3 and len(set(names)) == len(names)
    if not several or body.cls is None:
        return None
    laid = (last_name(call.func).casefold() for call in below(body.cls.node, ast.Call))
    return listed[0] if any("conv" in name for name in laid) else None


def _grows(view: View) -> bool:
    """Whether a network enlarges what it is given; not what only prepares pictures for it."""
    return any(network.kinds["convt"] or network.kinds["upsample"] for network in view.networks)


def _listed(body: Body, node: ast.expr) -> list[ast.List | ast.Tuple]:
    """The lists that a value is, directly or by name."""
    return [value for value in body.meant(node) if isinstance(value, (ast.List, ast.Tuple))]


def joining(view: View) -> Iterator[tuple[Instance, Body, ast.Call]]:
    """The network objects whose forward concatenates, with that forward and the call."""
    for instance in view.network_instances:
        body = forward_of(view, instance.cls)
        if body is None:
            continue
        join = body.calls_any(("cat", "concatenate", "concat")) or next(_joins_of_keras(body), None)
        if join is not None:
            yield instance, body, join


def _joins_of_keras(body: Body) -> Iterator[ast.Call]:
    """`Concatenate()([left, right])`"""
    layers = set(body.calls.get("Concatenate", ()))
    yield from (call for call in body.of(ast.Call) if layers and call.func in layers)


def _is_repeated(view: View, instance: Instance) -> bool:
    """Whether a network holds several parts of this class, as far as is known."""
    return instance.call.loop is not None or sum(each.cls is instance.cls for each in view.network_instances) > 1


def _own_convolutions(view: View, instance: Instance) -> int:
    return sum(
        layer.kind == "conv" and (owner := view.owner_of(layer.call)) is not None and owner.cls is instance.cls
        for layer in view.layers
    )


def _convolutions_inside(view: View, instance: Instance) -> int:
    """The convolutions of an object and of the parts that it holds itself."""
    held = [instance, *(part for part in view.network_instances if view.parent_of.get(id(part)) is instance)]
    return sum(layer.kind == "conv" for part in held for layer in view.layers_by_owner.get(id(part), ()))


def _joins_own_input(body: Body, join: ast.Call) -> bool:
    """Whether a block's input is joined to something else than zeros, which only make it wider."""
    given = join.args[0] if join.args else None
    own = set(body.parameters)
    if not isinstance(given, (ast.List, ast.Tuple)) or any("zeros" in name for name in called_in(given)):
        return False
    return any(isinstance(item, ast.Name) and item.id in own for item in given.elts)


def _joins_a_chain(body: Body, join: ast.Call) -> bool:
    """Whether one part that is joined is made of another: `y = next(x)`, `cat([x.features, y.features])`."""
    parts = [part for one in join.args[:1] for part in _elements(body, one)]
    parts = [part.value if isinstance(part, ast.Attribute) else part for part in parts]
    joined = {part.id for part in parts if isinstance(part, ast.Name)}
    made = [(name, value) for name in joined for value in body.assigned.get(name, ()) if isinstance(value, ast.Call)]
    return any(last_name(given) in joined - {name} for name, value in made for given in value.args)


def _joins_turn_by_turn(body: Body, join: ast.Call) -> bool:
    """Whether each turn of a loop joins what it made of something to that: `y = block(x)`, `x = cat([x, y])`."""
    given = next(iter(join.args), None) or keyword(join, "arrays")
    joined = {each.id for each in getattr(given, "elts", ()) if isinstance(each, ast.Name)}
    lines = (line for loop in body.of(ast.For) for line in below(loop, ast.Assign) if line.value is join)
    kept = next((last_name(line.targets[0]) for line in lines), "")
    made = [value for name in joined - {kept} for value in body.assigned.get(name, ())]
    made = [value for value in made if isinstance(value, ast.Call) and kept in map(last_name, value.args)]
    return kept in joined and bool(made)


def _gathers_in_a_loop(body: Body) -> ast.AST | None:
    """`for ...: features.append(block(x)); x = Concatenate()(features)`, in a function that builds Keras layers."""
    for loop in body.of(ast.For) if body.cls is None else ():
        lines = [node for node in walk(loop) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)]
        added = {last_name(getattr(call.func, "value", call)) for call in body.calls.get("append", ())}
        for line in lines:
            call = line.value
            assert isinstance(call, ast.Call)
            func = call.func.func if isinstance(call.func, ast.Call) else call.func
            joins = last_name(func) in ("Concatenate", "concatenate", "merge") and not (
                isinstance(func, ast.Attribute) and func is call.func  # np.concatenate
            )
            if not joins or not call.args:
                continue
            given = call.args[0].elts if isinstance(call.args[0], (ast.List, ast.Tuple)) else [call.args[0]]
            names = {last_name(item) for item in given}
            if (len(given) > 1 and last_name(line.targets[0]) in names) or (len(given) == 1 and names & added):
                return call
    return None


def _gathers(body: Body, join: ast.Call) -> bool:
    """`features = [x]; for layer in ...: features.append(layer(features)); cat(features)`."""
    name = last_name(join.args[0]) if join.args else ""
    begun = any(
        isinstance(value, ast.List) and any(last_name(item) in body.parameters for item in value.elts)
        for value in body.assigned.get(name, ())
    )
    kept = (call for call in body.calls.get("append", ()) if last_name(getattr(call.func, "value", call)) == name)
    added = any(last_name(call.args[0]) not in body.parameters for call in kept if call.args)
    taken = any(
        last_name(argument) == name
        for func, calls in body.calls.items()
        if func not in ("enumerate", "len", "zip")  # each of them goes into a layer of its own, as in what is searched
        for call in calls
        for argument in call.args
        if call is not join
    )
    return begun and added and taken
