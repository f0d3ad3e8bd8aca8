"""Families of networks that classify pictures, shown by what their blocks of convolutions are: added to, or stacked."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator

from core.analysis.nodes import below, given_to, is_operation, unparse, walk
from core.analysis.program import Call, Class, Instance
from core.analysis.rules.bodies import Body, is_call, last_name
from core.analysis.rules.families.arithmetic import is_constant
from core.analysis.rules.families.asking import Evidence, adds_input, argument, forward_of, is_shortcut, kernel_of
from core.analysis.rules.families.joined import CONVOLUTIONS, convolving, joining
from core.analysis.rules.networks import Layer, Network
from core.analysis.rules.view import View, asked_once


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
        node = adds_input(body)
        if node is None:
            continue
        own = _layers_held(view).get(instance.cls, [])
        alone = view.root_of(instance) is instance and built[instance.cls] == 1
        if (
            not (alone and body.once(_additions) == 1 and any(_of_pictures(layer.call) for layer in own))
            and sum(layer.kind == "conv" for layer in own) >= 2
            and not _is_separable([layer.call for layer in own if layer.kind == "conv"])
            and not any(layer.kind in ("attention", "convt") for layer in own)
            and not _runs_over_time([layer.call for layer in own if layer.kind == "conv"])
            and not _goes_round_blocks(view, instance)
        ):
            yield Evidence("ResNet", body.place(node), "convolutions whose output is added to their input")
            return
    for body in view.bodies:
        if body.cls is None and (node := _functional_residual(body, view)) is not None:
            yield Evidence("ResNet", body.place(node), "convolutions whose output is added to their input")
            return


def _goes_round_blocks(view: View, whole: Instance) -> bool:
    """Whether what is added to its own input is a transformer: parts of it normalise the features of each token."""
    normed = {id(layer.call.owner): layer.call.owner for layer in view.layers if layer.kind == "layernorm"}
    inner = (part for part in normed.values() if part is not None and part is not whole)
    return any(each is whole for part in inner for each in view.around(part))


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
    called = (each for each in body.of(ast.Call) if is_call(each.func, ("Add",)) and not _adds_others(body, each))
    added = listed or next(called, None) or body.once(_adds_shortcut)
    laying = CONVOLUTIONS | convolving(view)
    if laying.isdisjoint(body.calls) or not _DEPTHWISE.isdisjoint(body.calls):
        return None
    return added or _adds_in_turn(body, laying) or _adds_given(body, laying)


def _adds_given(body: Body, laying: Collection[str]) -> ast.AST | None:
    """`return x0 + x`, where `x` is made of `x0` by convolutions and `x0` is what a function is given, or its
    projection."""
    given = set(body.parameters)
    for line in body.of(ast.Return):
        added = line.value
        if not is_operation(added, ast.Add) or not all(isinstance(s, ast.Name) for s in (added.left, added.right)):
            continue
        made = {last_name(side) for side in (added.left, added.right)}
        laid = {name: [v for v in body.assigned.get(name, ()) if _is_laid(v, laying)] for name in made}
        if len(made) != 2 or len(made & given) != 1:
            continue
        (start,), (end,) = made & given, made - given
        if len(laid[end]) >= 2 and any(start in map(last_name, walk(value)) for value in body.assigned[end]):
            return line
    return None


def _is_laid(value: ast.AST, laying: Collection[str]) -> bool:
    return any(is_call(each, laying) for each in walk(value))


def _adds_in_turn(body: Body, laying: Collection[str]) -> ast.AST | None:
    """`net = conv + net` in a loop, where `conv` is made of `net` there by convolutions."""
    for line in (line for loop in body.of(ast.For) for line in below(loop, ast.Assign)):
        name, added = last_name(line.targets[0]), line.value
        if is_operation(added, ast.Add) and isinstance(added.left, ast.Name) and isinstance(added.right, ast.Name):
            others = {added.left.id, added.right.id} - {name}
            made = [value for other in others for value in body.assigned.get(other, ())]
            laid = [value for value in made if is_call(value, laying)]
            if len(others) == 1 and len(laid) >= 2 and any(last_name(each) == name for v in laid for each in v.args):
                return line
    return None


def _adds_shortcut(body: Body) -> ast.AST | None:
    """`shortcut = x`, and later `x + shortcut`."""
    given = set(body.parameters)
    around = {
        name
        for name, values in body.assigned.items()
        if any(isinstance(v, ast.Name) and v.id in given and _is_left(body, name, v.id) for v in values)
    }
    sums = (node for node in body.of(ast.BinOp) if isinstance(node.op, ast.Add)) if around else ()
    return next((node for node in sums if {last_name(node.left), last_name(node.right)} & around), None)


def _is_left(body: Body, name: str, start: str) -> bool:
    """Whether a name keeps what a function was given: it is called so, or the other stands for something else later."""
    return is_shortcut(name) or (len(body.assigned[name]) == 1 and len(body.assigned.get(start, ())) >= 2)


def _adds_others(body: Body, call: ast.Call) -> bool:
    """Whether all that is added up comes straight out of other layers, but for what only forms it: two directions,
    `add([forward, backward])`, or what a state is worth and what its actions are."""
    parts = getattr(call.args[0], "elts", []) if call.args else []
    return bool(parts) and all(_maker(body, part) in _OTHERS for part in parts)


def _maker(body: Body, part: ast.AST) -> str:
    """The layer that a name came out of at last, but for those without weights."""
    values = reversed(body.assigned.get(last_name(part), ()))
    makers = (last_name(v.func.func) for v in values if isinstance(v, ast.Call) and isinstance(v.func, ast.Call))
    return next((maker for maker in makers if maker not in _FORMING), "")


_OTHERS = frozenset({"GRU", "LSTM", "SimpleRNN", "Bidirectional", "Dense", "Embedding"})
_FORMING = frozenset({"Lambda", "Activation", "Reshape", "RepeatVector", "Dropout"})


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
    pools = list(view.program.named(*_POOLS))
    planned = next((call for call in pools if _reads_plan(call)), None)
    found = planned or next((groups[0] for network in view.networks if (groups := _groups(view, network, pools))), None)
    found = found or next((calls[0] for body in view.bodies if (calls := _laid_groups(view, body))), None)
    if found is not None:
        yield Evidence("VGG", found.place, "3x3 convolutions stacked in groups with poolings")


_POOLS = ("MaxPool2d", "MaxPooling2D", "MaxPool2D", "max_pool", "max_pool2d", "max_pooling2d", "max_pooling_2d")
"""What poolings are called, layers and functions."""


def _groups(view: View, network: Network, pools: list[Call]) -> list[Call]:
    """The five poolings of a network of eight or more convolutions, all 3x3, and up to three linear layers, in which
    nothing is joined or added."""
    convs = [layer.call for layer in network.layers if layer.kind == "conv"]
    deep = len(convs) >= 8 and network.kinds["linear"] in (1, 2, 3) and all(kernel_of(call) == 3 for call in convs)
    if not deep or network.kinds["convt"] or network.kinds["upsample"] or any(True for _ in residual(view)):
        return []
    owners = [(call, view.owner_of(call)) for call in pools]
    inside = [call for call, owner in owners if (owner and view.root_of(owner)) is network.instance]
    return inside if len(inside) == 5 and not any(True for _ in joining(view)) else []


def _laid_groups(view: View, body: Body) -> list[Call]:
    """The calls of a function that lays as many 3x3 convolutions as it is told, and a pooling after them, of which
    there are three or more: `for _ in range(count): block.add(Conv2D(channels, 3))`."""
    if body.cls is not None or not body.name or not body.once(_lays_group):
        return []
    calls = view.callers.get(id(body.node), [])
    return calls if len(calls) >= 3 else []


def _lays_group(body: Body) -> bool:
    given = set(body.parameters)
    counted = [loop for loop in body.of(ast.For) if is_call(loop.iter, ("range", "trange"))]
    loops = [loop for loop in counted if given & {name.id for name in below(loop.iter, ast.Name)}]
    laid = [call for loop in loops for call in below(loop, ast.Call) if last_name(call.func).casefold() == "conv2d"]
    sizes = [given_to(call) for call in laid]
    pooled = body.calls_any(_POOLS) is not None
    return (
        pooled
        and bool(laid)
        and all(any(is_constant(part, 3) for each in told for part in walk(each)) for told in sizes)
    )


@asked_once
def _layers_held(view: View) -> dict[Class, list[Layer]]:
    """The layers of each class of networks; those of a part of a part that has nothing but convolutions also of the
    class that holds it."""
    mixing = {id(view.owner_of(layer.call)) for layer in view.layers if layer.kind == "linear"}
    found: dict[Class, list[Layer]] = {}
    for layer in view.layers:
        owner = view.owner_of(layer.call)
        above = view.parent_of.get(id(owner)) if owner is not None else None
        inner = above is not None and id(above) in view.parent_of and id(owner) not in mixing
        for cls in {each.cls for each in (owner, above if inner else None) if each is not None}:
            found.setdefault(cls, []).append(layer)
    return found


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
