"""Families of networks that classify pictures, shown by how their blocks of convolutions are joined."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from core.analysis.nodes import below, unparse, walk
from core.analysis.program import Call, Instance
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.families.arithmetic import is_constant
from core.analysis.rules.families.asking import (
    CONCATENATIONS,
    Evidence,
    adds_input,
    argument,
    forward_of,
    is_shortcut,
    kernel_of,
    parameter_names,
    shown,
)
from core.analysis.rules.view import Network, View


def residual(view: View) -> Iterator[Evidence]:
    """ResNet: convolution blocks whose output is added to their input, in a class of their own or over and over."""
    if not view.kinds["conv"] and not view.kinds["convt"]:
        return
    built = Counter(instance.cls for instance in view.network_instances)
    for instance in view.network_instances:
        body = forward_of(view, instance.cls)
        if body is None or (
            instance.cls.find("forward") is None
            and instance.cls.find("__call__") is None
            and instance.cls.find("call") is None
        ):
            continue
        own = [layer for layer in view.layers if instance.cls in _holders(view, layer.call)]
        node = adds_input(body)
        alone = view.root_of(instance) is instance and built[instance.cls] == 1
        if (
            node is not None
            and not (alone and body.once(_additions) == 1 and any(_of_pictures(layer.call) for layer in own))
            and sum(layer.kind == "conv" for layer in own) >= 2
            and not _is_separable([layer.call for layer in own if layer.kind == "conv"])
            and not any(layer.kind in ("attention", "convt") for layer in own)
            and not _runs_over_time([layer.call for layer in own if layer.kind == "conv"])
        ):
            yield Evidence("ResNet", body.place(node), "convolutions whose output is added to their input")
            return
    for body in view.bodies:
        if body.cls is None and (node := _functional_residual(body, view)) is not None:
            yield Evidence("ResNet", body.place(node), "convolutions whose output is added to their input")
            return


def _additions(body: Body) -> int:
    """How often something is added: a network that adds its own input once, at its end, is no chain of blocks."""
    nodes: list[ast.BinOp | ast.AugAssign] = body.of(ast.BinOp, ast.AugAssign)
    called = sum(len(body.calls.get(name, ())) for name in ("add", "add_", "Add"))
    return called + sum(isinstance(node.op, ast.Add) for node in nodes)


def _of_pictures(call: Call) -> bool:
    """Whether a convolution is given a picture's colours: what is added to its input may be the whole picture."""
    channels = argument(call, "in_channels", 0)
    return isinstance(channels, int) and channels <= 3


def _runs_over_time(convolutions: list[Call]) -> bool:
    """Convolutions over one axis that never narrow it, as networks over sounds and series stack them."""
    strides = (argument(call, "stride", 3) for call in convolutions)
    return all(map(_over_one_axis, convolutions)) and all(stride in (None, 1) for stride in strides)


def _over_one_axis(call: Call) -> bool:
    size = call.argument("kernel_size", 2)
    items = getattr(size.value, "items", None) if size is not None else None
    return "1d" in call.name.lower() or (isinstance(items, list) and any(item.value == 1 for item in items))


def _functional_residual(body: Body, view: View) -> ast.AST | None:
    """Where a function builds a block of the functional kind: convolutions, then `add([x, shortcut])`, or a sum."""
    adds = [call for call in body.calls.get("add", []) + body.calls.get("Add", []) if not _adds_others(body, call)]
    listed = next((call for call in adds if call.args and isinstance(call.args[0], (ast.List, ast.Tuple))), None)
    if listed and any("residual" in name.casefold() for name in (body.name, *body.calls)) and body.name:
        return listed  # what is added is built elsewhere
    called = (
        each for each in body.of(ast.Call) if isinstance(each.func, ast.Call) and last_name(each.func.func) == "Add"
    )
    added = listed or next(called, None) or body.once(_adds_shortcut)
    if added is None or not _DEPTHWISE.isdisjoint(body.calls):
        return None
    return None if (_CONVOLUTIONS | _convolving(view)).isdisjoint(body.calls) else added


def _convolving(view: View) -> set[str]:
    """The names of plain functions that lay convolutions."""
    plain = (other for other in view.bodies if other.cls is None and other.name)
    return {other.name for other in plain if not _CONVOLUTIONS.isdisjoint(other.calls)}


def _adds_shortcut(body: Body) -> ast.AST | None:
    """`shortcut = x`, and later `x + shortcut`."""
    given = parameter_names(body)
    around = {
        name
        for name, values in body.assigned.items()
        if is_shortcut(name) and any(isinstance(value, ast.Name) and value.id in given for value in values)
    }
    sums = (node for node in body.of(ast.BinOp) if isinstance(node.op, ast.Add)) if around else ()
    return next((node for node in sums if {last_name(node.left), last_name(node.right)} & around), None)


def _adds_others(body: Body, call: ast.Call) -> bool:
    """Whether all that is added up comes straight out of other layers: two directions, `add([forward, backward])`."""
    parts = getattr(call.args[0], "elts", []) if call.args else []
    values = [value for part in parts for value in body.assigned.get(last_name(part), ())[-1:]]
    makers = [last_name(v.func.func) for v in values if isinstance(v, ast.Call) and isinstance(v.func, ast.Call)]
    return bool(makers) and len(makers) == len(parts) and _OTHERS.issuperset(makers)


_OTHERS = frozenset({"GRU", "LSTM", "SimpleRNN", "Bidirectional", "Dense", "Embedding"})
_CONVOLUTIONS = {"Conv2D", "Conv2d", "conv2d", "Convolution2D", "Conv1D", "SeparableConv2D", "conv_2d"}


def depthwise(view: View) -> Iterator[Evidence]:
    """MobileNet, Xception: depthwise convolutions followed by pointwise ones, in classes or calls of a separable
    kind."""
    blocks = [layer for layer in view.layers if layer.kind == "conv" and _grouped(layer.call)]
    names = {instance.cls.name.casefold() for instance in view.network_instances}
    names |= {body.name.casefold().replace("_", "") for body in view.bodies if body.cls is None}
    if blocks and any("mobilenet" in name for name in names):
        yield Evidence("MobileNet", blocks[0].call.place, "depthwise and pointwise convolutions")
    if blocks and any("efficientnet" in name or "effnet" in name for name in names):
        yield Evidence("EfficientNet", blocks[0].call.place, "depthwise convolutions and squeezing")
    separable = [layer for layer in view.layers if "Separable" in layer.call.name]
    if len(separable) >= 2 and any("xception" in body.name.casefold() for body in view.bodies):
        yield Evidence("Xception", separable[0].call.place, "separable convolutions")


def _is_separable(convolutions: list[Call]) -> bool:
    """Whether all convolutions that look around go over each channel by itself: the blocks of ConvMixer, ConvNeXt."""
    wide = [call for call in convolutions if kernel_of(call) != 1]
    return bool(wide) and all(map(_is_depthwise, wide))


def _is_depthwise(call: Call) -> bool:
    given = {word.arg: unparse(word.value) for word in call.node.keywords}
    groups = given.get("groups") or given.get("feature_group_count")
    channels = {unparse(each) for each in call.node.args[:1]} | {given.get("in_channels"), given.get("features")}
    return call.name in _DEPTHWISE or (groups is not None and groups in channels)


_DEPTHWISE = frozenset({"DepthwiseConv1D", "DepthwiseConv2D", "depthwise_conv2d"})


def _grouped(call: Call) -> bool:
    groups = call.keywords.get("groups") or call.keywords.get("feature_group_count")
    return call.name.startswith("Depthwise") or (groups is not None and groups.value not in (1, None))


def plan(view: View) -> Iterator[Evidence]:
    """VGG: 3x3 convolutions stacked by a list in which "M" is a pooling; eight or more, in five groups that each end
    with a pooling, and linear layers after them; groups by a function that is told how many each has."""
    pools = list(view.program.named("MaxPool2d", "MaxPooling2D", "MaxPool2D"))
    planned = next((call for call in pools if _reads_plan(call)), None)
    found = planned or next((groups[0] for network in view.networks if (groups := _groups(view, network, pools))), None)
    found = found or next((calls[0] for body in view.bodies if (calls := _laid_groups(view, body))), None)
    if found is not None:
        yield Evidence("VGG", found.place, "3x3 convolutions stacked in groups with poolings")


def _groups(view: View, network: Network, pools: list[Call]) -> list[Call]:
    """The five poolings of a network of eight or more convolutions, all 3x3, and up to three linear layers, in which
    nothing is joined or added."""
    convs = [layer.call for layer in network.layers if layer.kind == "conv"]
    deep = len(convs) >= 8 and network.kinds["linear"] in (1, 2, 3) and all(kernel_of(call) == 3 for call in convs)
    if not deep or network.kinds["convt"] or network.kinds["upsample"] or any(True for _ in residual(view)):
        return []
    owners = [(call, view.owner_of(call)) for call in pools]
    inside = [call for call, owner in owners if (owner and view.root_of(owner)) is network.instance]
    return inside if len(inside) == 5 and not any(True for _ in _joining(view)) else []


def _laid_groups(view: View, body: Body) -> list[Call]:
    """The calls of a function that lays as many 3x3 convolutions as it is told, and a pooling after them, of which
    there are three or more: `for _ in range(count): block.add(Conv2D(channels, 3))`."""
    if body.cls is not None or not body.name or not body.once(_lays_group):
        return []
    calls = view.callers.get(id(body.node), [])
    return calls if len(calls) >= 3 else []


def _lays_group(body: Body) -> bool:
    given = {*parameter_names(body)}
    loops = [loop for loop in body.of(ast.For) if given & {name.id for name in below(loop.iter, ast.Name)}]
    laid = [call for loop in loops for call in below(loop, ast.Call) if last_name(call.func).casefold() == "conv2d"]
    sizes = [[*call.args, *(word.value for word in call.keywords)] for call in laid]
    pooled = body.calls_any(("MaxPool2d", "MaxPooling2D", "MaxPool2D")) is not None
    return (
        pooled
        and bool(laid)
        and all(any(is_constant(part, 3) for each in told for part in walk(each)) for told in sizes)
    )


def dense_blocks(view: View) -> Iterator[Evidence]:
    """DenseNet: a block's input is joined to its output, over and over."""
    if _grows(view):
        return
    for instance, body, join in _joining(view):
        if _own_convolutions(view, instance) and _joins_own_input(body, join) and _is_repeated(view, instance):
            yield Evidence("DenseNet", body.place(join), "a block's input is joined to its output")
            return
        if _gathers(body, join):
            yield Evidence("DenseNet", body.place(join), "all that came before goes into each layer")
            return
    if view.kinds["conv"]:
        yield from shown(view, "DenseNet", "all that came before goes into each layer", _gathers_in_a_loop)


def parallel_sizes(view: View) -> Iterator[Evidence]:
    """Inception: parallel convolutions of several sizes, whose outputs are joined."""
    if _grows(view):
        return
    for instance, body, join in _joining(view):
        several = join.args and any(len(each.elts) >= 3 for each in _listed(body, join.args[0]))
        part = id(instance) in view.parent_of or _is_repeated(view, instance)
        inner = part and not _joins_own_input(body, join) and len(parameter_names(body) - _SWITCHES) == 1
        if several and inner and _convolutions_inside(view, instance) >= 4:
            yield Evidence("Inception", body.place(join), "parallel convolutions of several sizes, joined")
            return
    for body in view.calling(*CONCATENATIONS):
        if (joined := _branches_joined(view, body)) is not None:
            yield Evidence("Inception", body.place(joined), "parallel convolutions of several sizes, joined")
            return
    yield from shown(view, "Inception", "parallel convolutions, joined time after time", _joins_by_and_by)


def _branches_joined(view: View, body: Body) -> ast.AST | None:
    """Where a plain function that lays blocks, three or more, joins three branches of convolutions or more that all
    come from what it is given: `concatenate([one, three, five, pool])`."""
    if body.cls is not None or not body.name or len(view.callers.get(id(body.node), ())) < 3:
        return None
    laid = _CONVOLUTIONS | _convolving(view)
    for join in [each for name in CONCATENATIONS for each in body.calls.get(name, ())] + [*_joins_of_keras(body)]:
        branches = [part for one in join.args[:1] for each in _listed(body, one) for part in each.elts]
        convolved = [part for part in branches if laid & body.words(part, 1)]
        if len(convolved) >= 3 and not any(last_name(part) in parameter_names(body) for part in branches):
            return join
    return None


_SWITCHES = frozenset({"self", "training", "train", "is_training", "deterministic", "mask"})
"""What is handed to a layer beside its input."""


def _joins_by_and_by(body: Body) -> ast.AST | None:
    """Where code with all the blocks of a network written out joins three branches or more time after time, each
    once."""
    listed = [call.args[0] for name in CONCATENATIONS for call in body.calls.get(name, ()) if call.args]
    joined = [[last_name(each) for each in one.elts] for one in listed if isinstance(one, (ast.List, ast.Tuple))]
    names = [name for each in joined for name in each]
    several = len(joined) >= 4 and min(map(len, joined)) >= 3 and len(set(names)) == len(names)
    return listed[0] if several and body.cls is not None else None


def _grows(view: View) -> bool:
    """Whether a network enlarges what it is given; not what only prepares pictures for it."""
    return any(network.kinds["convt"] or network.kinds["upsample"] for network in view.networks)


def _holders(view: View, call: Call) -> list[object]:
    """The class of the network that a layer belongs to; where that is a part of a part, and has nothing but
    convolutions, the one that holds it too."""
    owner = view.owner_of(call)
    above = view.parent_of.get(id(owner)) if owner is not None else None
    inner = above is not None and id(above) in view.parent_of and id(owner) not in _mixing(view)
    return [each.cls for each in (owner, above if inner else None) if each is not None]


@lru_cache(maxsize=1)
def _mixing(view: View) -> frozenset[int]:
    """The networks (by id) that have linear layers of their own."""
    return frozenset(id(view.owner_of(layer.call)) for layer in view.layers if layer.kind == "linear")


def _listed(body: Body, node: ast.expr) -> list[ast.List | ast.Tuple]:
    """The lists that a value is, directly or by name."""
    values = body.assigned.get(node.id, []) if isinstance(node, ast.Name) else [node]
    return [value for value in values if isinstance(value, (ast.List, ast.Tuple))]


def _joining(view: View) -> Iterator[tuple[Instance, Body, ast.Call]]:
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
    own = parameter_names(body)
    if not isinstance(given, (ast.List, ast.Tuple)) or any(map(_is_zeros, given.elts)):
        return False
    return any(isinstance(item, ast.Name) and item.id in own for item in given.elts)


def _is_zeros(node: ast.expr) -> bool:
    return any("zeros" in last_name(call.func) for call in walk(node) if isinstance(call, ast.Call))


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
        isinstance(value, ast.List) and any(last_name(item) in parameter_names(body) for item in value.elts)
        for value in body.assigned.get(name, ())
    )
    kept = (call for call in body.calls.get("append", ()) if last_name(getattr(call.func, "value", call)) == name)
    added = any(last_name(call.args[0]) not in parameter_names(body) for call in kept if call.args)
    taken = any(
        last_name(argument) == name
        for func, calls in body.calls.items()
        if func not in ("enumerate", "len", "zip")  # each of them goes into a layer of its own, as in what is searched
        for call in calls
        for argument in call.args
        if call is not join
    )
    return begun and added and taken


def _reads_plan(call: Call) -> bool:
    node = call.within.node if call.within is not None else None
    if node is None:
        return False
    return any(
        isinstance(inner, ast.Compare)
        and isinstance(inner.ops[0], ast.Eq)
        and any(
            isinstance(side, ast.Constant) and side.value in ("M", "pool") for side in (inner.left, *inner.comparators)
        )
        for inner in walk(node)
    )
