"""UNet: networks that go down and up again, and join what they had on the way down to what they have on the way up."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from core.analysis.nodes import below, same, unparse, walk
from core.analysis.program import Function
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.families.asking import CONCATENATIONS, Evidence, argument, has_call, is_patching, shown
from core.analysis.rules.families.detectors import on_a_grid
from core.analysis.rules.networks import Layer, Network
from core.analysis.rules.view import View

UP = ("convt", "upsample", "pixelshuffle")


def unet(view: View) -> Iterator[Evidence]:
    """UNet: a network that goes down and up again and joins what it had on the way down (concatenation after
    upsampling)."""
    if [*on_a_grid(view)]:
        return  # what it joins on the way up is looked through for boxes
    grows = any(True for _ in view.functions_named("upsampl"))
    shrinks = any(True for _ in view.functions_named("downsample"))
    for network in view.networks:
        kinds = network.kinds
        convolves = any(layer.kind == "conv" and not is_patching(layer.call) for layer in network.layers)
        if not convolves:
            continue
        returns = grows or network.has(*UP)
        classes = {cls for part in network.parts for cls in part.cls.lineage()}
        goes_down = shrinks or kinds["pool"] + kinds["factory"] + strided(network) > 0
        makers = {layer.call.within for layer in network.layers}
        for body in view.bodies:
            if body.cls not in classes and (body.cls is not None or not _builds(body, network, makers)):
                continue
            popped = body.once(_pops)
            call = popped or (_join(body) or _kept_join(view, body) if returns else None)
            if call is None or not {"apply_gradients", "backward"}.isdisjoint(body.calls):  # it trains, and joins data
                continue
            if body.name == "__init__" and last_name(call.func) == "cat":  # of weights, not of what comes in
                continue
            if body.cls is not None and re.search("Encoder$", body.cls.name):  # on the way down, there is no way up
                continue
            judged = any("fake" in name for name in body.spoken) or re.match("discrim|critic", body.name)
            if judged or (call is not popped and _is_block(view, body, call)):
                continue
            down = goes_down or body.once(_thins)
            if call is popped or _joins_skips(body, call, down) or _goes_around(view, body, call):
                yield Evidence(
                    "UNet", body.place(call), "joins what it had on the way down to what it has on the way up"
                )
                return
    narrows = view.kinds["pool"] or view.kinds["factory"] or any(strided(network) for network in view.networks)
    narrows = narrows or any(layer.kind == "conv" and is_patching(layer.call) for layer in view.layers)
    if (view.kinds["conv"] or view.kinds["factory"]) and narrows:
        yield from shown(view, "UNet", "takes what was put by on the way down, on the way up", _takes_skips)


def _is_of_data(body: Body, node: ast.AST) -> bool:
    """`batch["text"]`, and what methods make of it; not where the body itself puts something there, or joins one entry
    after another on the way up: `cat([x, inputs["half"]], 1)`, `cat([x, inputs["full"]], 1)`."""
    named = {last_name(each.value) for each in below(node, ast.Subscript) if _is_text(each.slice)} & _EXAMPLES
    put = (each for each in body.of(ast.Subscript) if named and isinstance(each.ctx, ast.Store))
    return not named <= {*(last_name(each.value) for each in put), *(body.once(_joined_by_turns) if named else ())}


def _joined_by_turns(body: Body) -> frozenset[str]:
    """What different entries are taken of, by texts, for one concatenation and for another."""
    joins = [call for name in CONCATENATIONS & body.calls.keys() for call in body.calls[name]]
    taken = [_entries(call) for call in joins]
    times = Counter(name for name, _ in {entry for each in taken if len(each) == 1 for entry in each})
    return frozenset(name for name, count in times.items() if count > 1)


def _entries(join: ast.Call) -> frozenset[tuple[str, str]]:
    """What a concatenation takes by texts: `("inputs", "'half'")`."""
    items = (item for item in _elements(join) if isinstance(item, ast.Subscript) and _is_text(item.slice))
    return frozenset((last_name(item.value), unparse(item.slice)) for item in items)


def _thins(body: Body) -> bool:
    """Whether a body goes on with every other place alone: `x = x[:, :, ::2]`."""
    steps = (each.step for each in body.of(ast.Slice))
    return any(isinstance(step, ast.Constant) and step.value != 1 for step in steps)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


_EXAMPLES = frozenset({"batch", "data", "sample", "samples", "example", "examples", "item", "inputs"})
"""What holds what a loader gives."""


def _is_block(view: View, body: Body, join: ast.Call) -> bool:
    """Whether a forward joins its own input to what it made of it, and neither narrows nor grows: one block of many;
    not one that joins over and over to what it has made of its input by then."""
    given = join.args[0].elts if join.args and isinstance(join.args[0], (ast.List, ast.Tuple)) else []
    inputs = set(body.parameters)
    kept = body.names_given(lambda value: last_name(value) in inputs)
    if len(body.once(_joins)) >= 3:
        inputs -= body.names_given(lambda value: isinstance(value, ast.Call))
    joins = any(isinstance(item, ast.Name) and item.id in (inputs | kept) for item in given)
    layers = (layer for layer in view.layers if layer.kind != "concat")
    owned = [layer for layer in layers if (owner := view.owner_of(layer.call)) and owner.cls is body.cls]
    grows = any(layer.kind in UP and not layer.call.name.islower() for layer in owned)  # not by F.interpolate
    return joins and body.cls is not None and bool(owned) and not grows and not body.once(_thins)


def _goes_around(view: View, body: Body, join: ast.Call) -> bool:
    """`cat([x, self.inner(x)], 1)` in a block around another that narrows what it is given and grows it again."""
    inputs = set(body.parameters)
    kept, made = [*_elements(join), None, None][:2]
    given = made.args[0] if isinstance(made, ast.Call) and len(made.args) == 1 else None
    if given is None or kept is None or not same(given, kept) or last_name(kept) not in inputs:
        return False
    networks = (network for network in view.networks if network.instance is not None)
    own = (network for network in networks if any(part.cls is body.cls for part in network.parts))
    return any(network.kinds["convt"] and strided(network) for network in own)


def _pops(body: Body) -> ast.Call | None:
    """`cat([x, skips.pop()])`; also where what is popped has a name first."""
    joins = body.once(_joins)
    bound = body.assigned.items() if joins else ()
    popped = {name for name, values in bound if any(has_call(value, ("pop",)) for value in values)}
    return next((call for call in joins if has_call(call, ("pop",)) or not popped.isdisjoint(_joined(call))), None)


def _joins(body: Body) -> list[ast.Call]:
    """The concatenations of a body, as they are given what they join: `cat([x, y])`, `Concatenate()([x, y])`."""
    named = [call for name in sorted(CONCATENATIONS & body.calls.keys()) for call in body.calls[name]]
    layers = {call for call in named if last_name(call.func) == "Concatenate"}
    asked = {call.func: call for call in body.of(ast.Call) if call.func in layers} if layers else {}
    return [asked.get(call, call) for call in named]


def _join(body: Body) -> ast.Call | None:
    """The first concatenation of a body; not of the two parts of a spectrum, nor of something with its negative, nor of
    what one layer answers with what the next makes of it."""
    joins = (call for call in body.once(_joins) if not has_call(call, ("sin", "cos")))
    return next((call for call in joins if not (_of_both_signs(call) or _of_neighbours(body, call))), None)


def _of_neighbours(body: Body, join: ast.Call) -> bool:
    """`cat([third, second], 1)` after `third = self.layer3(second)`, which enlarges nothing by its name."""
    items = [item.id for item in _elements(join) if isinstance(item, ast.Name) and item.id not in body.parameters]
    made = {name: value for name in items for value in body.assigned.get(name, ())[:1] if isinstance(value, ast.Call)}
    asked = {name: last_name(call.args[0]) for name, call in made.items() if len(call.args) == 1}
    grown = (name for name, call in made.items() if _GROWS.search(last_name(call.func)))
    return len(items) == 2 and any(asked.get(name) in items for name in set(items).difference(grown))


def _of_both_signs(call: ast.Call) -> bool:
    """`cat((x, -x))`"""
    negative = (each.operand for each in _elements(call) if isinstance(each, ast.UnaryOp))
    return any(same(inner, each) for inner in negative for each in _elements(call))


def _joined(call: ast.Call) -> set[str]:
    """The names that stand in what a call joins."""
    return {node.id for argument in call.args for node in walk(argument) if isinstance(node, ast.Name)}


def _builds(body: Body, network: Network, makers: set[Function | None]) -> bool:
    """Whether a plain piece of code makes layers of a network, or calls the functions that make them."""
    if None in makers and network.instance is None and not body.name:
        return True
    return any(maker is not None and (maker.node is body.node or maker.name in body.calls) for maker in makers)


def _kept_join(view: View, body: Body) -> ast.Call | None:
    """`self.join([x, skip])` of an object that keeps a layer which concatenates."""
    kept = {
        name
        for instance in (view.network_instances if body.cls is not None else ())
        if instance.cls is body.cls
        for name, value in instance.attributes.items()
        if name in body.calls and (value.dotted or "").rpartition(".")[2] in CONCATENATIONS
    }
    return body.calls_any(kept)


GROWING = ("UpSampling2D", "UpSampling1D", "UpSampling3D", "Conv2DTranspose", "ConvTranspose", "ConvTranspose2d")


def _takes_skips(body: Body) -> ast.AST | None:
    """`x = UpSampling2D()(x); x = Concatenate()([x, skips.pop()])`, or with what a loop over the skips gives."""
    if body.calls_any(GROWING) is None and not any(map(_UP.search, (*body.assigned, *body.calls))):
        return None
    for call in (call for calls in body.calls.values() for call in calls):
        if last_name(call.func) in CONCATENATIONS and any(map(_is_put_by, _elements(call))):
            return call
        made = call.func if isinstance(call.func, ast.Call) else _made_by(body, call.func)
        joins = made is not None and last_name(made.func) in CONCATENATIONS
        words = [body.words(argument, 0) for argument in call.args] if joins else ()
        if any("pop" in each or any("skip" in word for word in each) for each in words):
            return call
    return None


def _is_put_by(item: ast.expr) -> bool:
    """`skips[-at]`, `x_downsample[3 - at]`: one of what was put by on the way down."""
    return isinstance(item, ast.Subscript) and re.search("skip|down", last_name(item.value)) is not None


_UP = re.compile(r"(^|_)up")
_GROWS = re.compile(r"(^|_)up(_?\d|_?sampl|_?conv|_?block|$)|deconv|transpose", re.IGNORECASE)


def _made_by(body: Body, node: ast.AST) -> ast.Call | None:
    """The call that made what a name stands for: `join = Concatenate()`."""
    return next((value for value in body.bound(node) if isinstance(value, ast.Call)), None)


def strided(network: Network) -> int:
    """How many convolutions of a network make what they are given smaller."""

    def strides(layer: Layer) -> bool:
        value = argument(layer.call, "strides" if "strides" in layer.call.keywords else "stride", 3)
        return isinstance(value, int) and value > 1

    return sum(layer.kind == "conv" and strides(layer) for layer in network.layers)


def _elements(call: ast.Call) -> list[ast.expr]:
    """The things that a call joins."""
    return [each for given in call.args[:1] for each in getattr(given, "elts", [])]


_UPWARDS = re.compile(r"up(_?(sample|sampling|conv|scale)\w*|\d*)?$", re.IGNORECASE)
"""What layers are called that enlarge what they are given."""


def _cuts_off(item: ast.AST) -> bool:
    """`x[:, :5]`, along the axis of channels."""
    cuts = (node.slice for node in walk(item) if isinstance(node, ast.Subscript))
    second = (cut.elts[1] for cut in cuts if isinstance(cut, ast.Tuple) and len(cut.elts) > 1)
    return any(isinstance(each, ast.Slice) and (each.lower or each.upper) is not None for each in second)


def _joins_skips(body: Body, call: ast.Call, goes_down: bool) -> bool:
    """Whether the concatenation stands where signals are joined channel by channel, more than once or in an
    up-block."""
    if unparse(call.func).startswith(("np.", "numpy.")):
        return False  # arrays of data are joined, not signals
    if last_name(call.func) == "cat" and len(call.args) + len(call.keywords) < 2:
        return False  # one after the other, not channel by channel
    told = call.func if isinstance(call.func, ast.Call) else call  # Concatenate(axis=1)([left, right])
    if any(unparse(axis) in ("0", "2", "-2") for axis in (*told.args[1:], *(word.value for word in told.keywords))):
        return False  # along no axis of channels
    joins = body.once(_joins)
    skip_words = any(
        word in unparse(call).casefold()
        for word in ("skip", "shortcut", "enc", "down", "res", "pop", "h.pop", "x1", "x2", "d1", "hs")
    )
    gathered = {last_name(getattr(added.func, "value", added)) for added in body.calls.get("append", ())}
    two = any(
        (isinstance(argument, (ast.List, ast.Tuple)) and len(argument.elts) == 2)
        or (isinstance(argument, ast.Name) and argument.id not in gathered)
        for argument in call.args
    )
    grown = any(_UPWARDS.match(last_name(getattr(each, "func", each))) for each in _elements(call))
    if grown and goes_down and two and len(set(body.parameters) - {"self"}) == 2:
        return True  # an up-block is given the two that it joins
    if "coord" in unparse(call).casefold():
        return False  # places are told
    if any(_is_of_data(body, each) for each in _elements(call)):
        return False  # what examples hold, by its name
    if any(has_call(value, ("chunk", "split")) for name in _joined(call) for value in body.assigned.get(name, ())):
        return False  # what was one before it was split
    if any(map(_cuts_off, (item for argument in call.args for item in getattr(argument, "elts", ())))):
        return False  # one part after the other
    growing = [each.lineno for name, calls in body.calls.items() if _GROWS.search(name) for each in calls]
    if body.name and growing and all(each.lineno < min(growing) for each in joins):
        return False  # joined at the bottom, before the way up
    return goes_down and two and (len(joins) >= 2 or skip_words or _goes_back(body, call))


def _goes_back(body: Body, call: ast.Call) -> bool:
    """Whether a loop over what was put by gives what is joined, the last first: `for skip in reversed(kept)`."""
    back = [loop.target for loop in body.of(ast.For) if unparse(loop.iter).startswith("reversed(")]
    turns = {each.id for target in back for each in walk(target) if isinstance(each, ast.Name)}
    return any(isinstance(each, ast.Name) and each.id in turns for each in _elements(call))
