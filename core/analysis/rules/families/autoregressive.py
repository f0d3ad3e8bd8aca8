"""What generates its input's elements one by one: by masked or shifted convolutions, or by how its output is drawn."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core import vocabulary
from core.analysis.nodes import below, given_to, same, unparse
from core.analysis.program import Function, ListValue, Resolved, items_in
from core.analysis.rules.bodies import FORWARDS, Body, code_of, holder, last_name
from core.analysis.rules.families.asking import SEQUENCE, Evidence, acts, argument, first, has_call, kernel_of, shown
from core.analysis.rules.networks import Layer
from core.analysis.rules.products import products
from core.analysis.rules.values import received
from core.analysis.rules.view import View

DRAWING = frozenset({"multinomial", "categorical", "Categorical", "OneHotCategorical"})


def fed_back(view: View) -> Iterator[Evidence]:
    """Autoregressive: a network over pictures or sounds draws one element after the other, each fed back for the next.

    Text that is written word by word is a language model's and not accepted, nor are captions and an agent's actions.
    """
    if view.kinds["factory"] or acts(view):
        return
    remembers = view.has("conv", *SEQUENCE)
    found = (first(view, _fills_pictures) if remembers else None) or (
        _drawn(view) if remembers and _is_of_signals(view) else None
    )
    if found is not None:
        yield Evidence("Autoregressive", found[0].place(found[1]), "each element that is drawn is fed back")


def _drawn(view: View) -> tuple[Body, ast.AST] | None:
    """Where a network draws on what it drew: in code that the run reaches, or in its `sample`, which may be called on
    a network that was saved and loaded."""
    classes = dict.fromkeys(instance.cls for instance in view.network_instances)
    methods = ((cls, found.value) for cls in classes if (found := cls.find("sample")) is not None)
    bodies = [Body(m.node, m.module, cls, code_of(m.node)) for cls, m in methods if isinstance(m, Function)]
    apart = ((body, node) for body in bodies if (node := _draws_on(body)) is not None)
    return first(view, _draws_on, *DRAWING) or next(apart, None)


def _fills_pictures(body: Body) -> ast.AST | None:
    """`for i ...: for j ...: out = net(picture); picture[:, :, i, j] = draw(out)`: pixel by pixel, each made of those
    before."""
    for outer in body.of(ast.For):
        for inner in below(outer, ast.For):
            indices = {last_name(outer.target), last_name(inner.target)}
            for line in below(inner, ast.Assign) if inner is not outer and len(indices) == 2 else ():
                target = line.targets[0]
                places = below(target.slice, ast.Name) if isinstance(target, ast.Subscript) else []
                at = indices <= {name.id for name in places}
                if at and _is_read(inner, last_name(target), line) and not _is_of_itself(line):
                    return line
    return None


def _is_of_itself(line: ast.Assign) -> bool:
    """`table[i, j] = table[i - 1, j] + 1`: what is computed from its neighbours, not by a network."""
    target = getattr(line.targets[0], "value", line.targets[0])
    return any(same(each.value, target) for each in below(line.value, ast.Subscript))


def _draws_on(body: Body) -> ast.AST | None:
    """In a loop of a network's method: a name is given what was drawn, and is read to compute what is drawn next."""
    if body.cls is None:
        return None
    for loop in body.of(ast.For, ast.While):
        drawn = {last_name(line.targets[0]) for line in below(loop, ast.Assign) if has_call(line.value, DRAWING)}
        for line in below(loop, ast.Assign):
            placed = isinstance(line.targets[0], ast.Subscript) and last_name(line.value) in drawn
            if (placed or has_call(line.value, DRAWING)) and _is_read(loop, last_name(line.targets[0]), line):
                return line
    return None


def _is_read(loop: ast.AST, name: str, line: ast.Assign) -> bool:
    """Whether a call in the loop that comes before the drawing takes the name."""
    calls = [call for call in below(loop, ast.Call) if call.lineno <= line.lineno and last_name(call.func) != "range"]
    given = [value for call in calls for value in given_to(call)]
    return bool(name) and any(inner.id == name for value in given for inner in below(value, ast.Name))


def _is_of_signals(view: View) -> bool:
    """Whether the known data are all pictures or sounds."""
    from core.analysis.rules.datasets import datasets

    words = vocabulary.load()
    holds = {name: kind for kind, names in words.table("datasets", "holds").items() for name in names}
    known = [str(fact.value) for fact in view.program.ask(datasets) if fact.value is not None]
    named = [name for name in known if words.canonical("datasets", name) is not None]
    return bool(named) and all(holds.get(name, "image") in ("image", "audio") for name in named)


_LEFT_OUT = re.compile(r"prun|drop")


def one_by_one(view: View) -> Iterator[Evidence]:
    """Autoregressive: convolutions whose kernels are masked, or dilated ones behind a gate (PixelCNN, WaveNet)."""

    def masked(body: Body) -> ast.AST | None:
        if body.cls is not None and any(map(_LEFT_OUT.search, body.cls.attributes)):
            return None  # its mask leaves weights out
        convolution = body.cls is not None and any("Conv" in base for base in body.cls.external_bases())
        kept = body.cls is not None and body.name in FORWARDS and any("conv" in name for name in body.attributes)
        if convolution or kept:
            scaled = [
                (node, node.target, node.value) for node in body.of(ast.AugAssign) if isinstance(node.op, ast.Mult)
            ]
            made = [*products(body), *scaled]
            masks = _buffers(body) if convolution else set()
            told = ((node, [unparse(side) for side in sides]) for node, *sides in made)
            return next((node for node, sides in told if _keeps_weights(*sides) or _masks_own(masks, sides)), None)
        return None

    for call in view.program.named("PixelCNN"):
        if call.dotted.startswith("tensorflow_probability."):
            yield Evidence("Autoregressive", call.place, "built of PixelCNN")
    yield from shown(view, "Autoregressive", "masked convolutions", masked)
    for layer in view.layers:
        if layer.kind == "conv" and "mask" in layer.call.keywords and layer.call.keywords["mask"].value is not None:
            yield Evidence("Autoregressive", layer.call.place, "masked convolutions")
            break
    yield from shown(view, "Autoregressive", "part of a kernel is kept at zero", _blinded, "zero_", "fill_")

    found = list(shown(view, "Autoregressive", "dilated convolutions behind a gate", _gated, "tanh"))
    if not found or view.kinds["lstm"] or any(map(_looks_both_ways, view.layers)):
        return
    if _looks_back(view, found[0]) and any(map(_dilated, _dilations(view))):
        yield from found


def _gated(body: Body) -> ast.AST | None:
    """`tanh(one) * sigmoid(other)`"""
    for node, left, right in products(body) if "sigmoid" in body.calls else ():
        sides = body.words(left, 1), body.words(right, 1)
        if ("tanh" in sides[0] and "sigmoid" in sides[1]) or ("tanh" in sides[1] and "sigmoid" in sides[0]):
            return node
    return None


def _buffers(body: Body) -> set[str]:
    """What a class keeps beside its weights, `self.register_buffer("m", mask)`, where it says so of places:
    `mask[:, :, 3:] = 0`."""
    items = below(body.cls.node, ast.Subscript) if body.cls is not None else []
    placed = any(isinstance(each.ctx, ast.Store) and isinstance(each.slice, ast.Slice | ast.Tuple) for each in items)
    calls = below(body.cls.node, ast.Call) if body.cls is not None and placed else []
    named = (call.args[0] for call in calls if call.args and last_name(call.func) == "register_buffer")
    return {f"self.{name.value}" for name in named if isinstance(name, ast.Constant) and isinstance(name.value, str)}


def _masks_own(masks: set[str], sides: list[str]) -> bool:
    """Whether weights of a class's own are multiplied with what it keeps beside them: `self.weight.data *= self.m`."""
    return any(side in masks for side in sides) and any(side.startswith("self.weight") for side in sides)


def _keeps_weights(one: str, other: str) -> bool:
    """Whether of two factors one is a mask and the other weights; a mask of what is put in weighs no weights."""
    weights = [side for side in (one, other) if re.search("weight|kernel", side) and "mask" not in side]
    return len(weights) == 1 and "mask" in one + other


def _looks_both_ways(layer: Layer) -> bool:
    """Whether a dilated convolution is padded alike on both sides, and so sees what comes after."""
    call = layer.call
    size, dilation, padding = kernel_of(call), argument(call, "dilation", 5), argument(call, "padding", 4)
    if layer.kind != "conv" or not isinstance(size, int) or not isinstance(dilation, int):
        return False
    return isinstance(padding, int) and padding > 0 and size > 1 and 2 * padding == (size - 1) * dilation


def _looks_back(view: View, gate: Evidence) -> bool:
    """Whether the code around a gate speaks of what comes before, or of generating, and no network judges what is
    made: that is made at once."""
    around = [body for body in view.bodies if body.module.path == gate.place.file]
    judged = any("discriminator" in instance.cls.name.casefold() for instance in view.network_instances)
    methods = (name for body in around if body.cls is not None for name in body.cls.attributes)
    return not judged and (any(body.speaks_of(_BEFORE) for body in around) or any(map(_BEFORE.search, methods)))


_BEFORE = re.compile(r"causal|^(incremental_forward|generate)")


def _dilations(view: View) -> Iterator[Resolved | None]:
    """What convolutions, their heirs and the user's own functions are told of how far apart they look."""
    calls = [layer.call for layer in view.layers if layer.kind == "conv"]
    for call in (*calls, *view.program.named("__init__")):
        yield call.keywords.get("dilation") or call.keywords.get("dilation_rate")
    for call in view.program.own():
        if isinstance(call.target, Function) and re.search("dilat|conv", call.name):
            yield from (value for name, value in received(call) if name.startswith("dilation"))
    for instance in view.network_instances:
        several = instance.attributes.get("dilations")
        yield from items_in(several)


def _blinded(body: Body) -> ast.AST | None:
    """`self.conv.weight.data[:, :, -1, pad:].zero_()` where the convolution is used; not a row of a table,
    `self.words.weight.data[0, :].fill_(0)`."""
    if body.cls is None or re.search(r"init|reset", body.name):
        return None
    calls: list[ast.Call] = [*body.calls.get("zero_", ()), *body.calls.get("fill_", ())]
    for call in calls:
        held = holder(call)
        if isinstance(held, ast.Subscript) and re.search(r"weight|kernel", unparse(held)):
            first = held.slice.elts[0] if isinstance(held.slice, ast.Tuple) and held.slice.elts else held.slice
            if isinstance(first, ast.Slice) or (isinstance(first, ast.Constant) and first.value is ...):
                return call
    return None


def _dilated(value: Resolved | None) -> bool:
    told = value.value if value is not None else None
    apart = [item.value for item in told.items] if isinstance(told, ListValue) else [told]
    return any(each not in (1, None) for each in apart)
