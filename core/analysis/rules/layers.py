"""The layer tree of the networks that the run builds, and how many weights they have: from the source alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest

from core.analysis import ready
from core.analysis.facts import Fact, Layer, Place
from core.analysis.follow.runners import is_written_down
from core.analysis.nodes import kept, unparse
from core.analysis.program import (
    UNKNOWN,
    Call,
    Class,
    DictValue,
    Instance,
    ListValue,
    Loop,
    Made,
    Module,
    Program,
    Resolved,
)
from core.analysis.rules.counting import own_parameter, parameters_of
from core.analysis.rules.grouping import container_of
from core.analysis.rules.holding import made_in
from core.analysis.rules.kinds import layer_kind
from core.analysis.rules.networks import Network
from core.analysis.rules.shapes import shapes
from core.analysis.rules.trained import only_loaded
from core.analysis.rules.usage import order_of_use
from core.analysis.rules.view import View, asked_once, view

LONGEST_TREE = 3000
"""Layers that are listed; a network with more is cut there."""
LONGEST_ARGUMENTS = 160
CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "List", "HybridSequential", "serial"})
WRAPPERS = frozenset({
    "weight_norm", "spectral_norm", "DataParallel", "DistributedDataParallel", "compile", "to", "cuda", "apply",
    "TimeDistributed", "Bidirectional",
})  # fmt: skip


@dataclass(slots=True)
class _Tree:
    """A layer tree while it is built."""

    seen: View
    loop: Loop | None = None
    """The loop around the whole network, where it is built anew at each turn."""
    layers: list[Layer] = field(default_factory=list)
    told: set[int] = field(default_factory=set)
    ready: frozenset[int] = frozenset()
    """Calls that make a library's model whole."""
    places: dict[Class, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ready = frozenset(id(layer.call) for layer in self.seen.layers if layer.kind == "factory")

    def order_of_use(self, cls: Class) -> dict[str, int]:
        """The order in which objects of a class use what they keep, found once for all of them."""
        if cls not in self.places:
            self.places[cls] = order_of_use(cls)
        return self.places[cls]

    def add(self, name: str, kind: str, arguments: str, parameters: int | None, place: Place) -> None:
        if len(self.layers) < LONGEST_TREE:
            self.layers.append(Layer(name, kind, arguments, parameters, place))


def layer_tree(program: Program) -> tuple[Layer, ...]:
    """Every layer of every network, outermost first, in the order in which the forward pass uses them, what it does
    not use last; names as the framework would give them."""
    return tuple(layer for _, layers in trees(view(program)) for layer in layers)


def parameters(program: Program) -> Iterator[Fact]:
    """Accepts networks all of whose layers have known sizes: the sum of their weights; those that are trained first."""
    loaded = only_loaded(view(program))
    for network, layers in sorted(trees(view(program)), key=lambda tree: id(tree[0].instance) in loaded):
        counts = [layer.parameters for layer in layers]
        if counts and all(count is not None for count in counts) and sum(count or 0 for count in counts):
            total = sum(count or 0 for count in counts)
            weighty = sum(bool(count) for count in counts)
            layers_said = "1 layer" if weighty == 1 else f"{weighty} layers"
            yield Fact("parameters", total, network.call.place, f"computed: weights of {layers_said}")


@asked_once
def trees(seen: View) -> list[tuple[Network, list[Layer]]]:
    """The layers of each network. The same class built again (a target network, a copy on a worker) is told once."""
    networks = [network for network in seen.networks if network.layers or network.parts]
    put = _put_in(seen)
    networks = [n for n in networks if n.instance or put.isdisjoint(id(layer.call) for layer in n.layers)]
    networks = [part for network in networks for part in _each_ready(network)]
    found: list[tuple[Network, list[Layer]]] = []
    classes: set[int] = set()
    for network in networks:
        cls = network.instance.cls if network.instance else None
        if cls is None or id(cls) not in classes:
            classes.add(id(cls))
            layers = _of_network(seen, network, _label(seen, network) if len(networks) > 1 else "")
            if layers:
                found.append((network, layers))
    return found


def _each_ready(network: Network) -> list[Network]:
    """Ready-made networks that stand in no object are one each, whatever else the function makes."""
    if network.instance is not None:
        return [network]
    ready_made = [layer for layer in network.layers if layer.kind == "factory"]
    others = [layer for layer in network.layers if layer.kind != "factory"]
    alone = [Network(None, [layer], name=network.name) for layer in ready_made]
    return [*alone, Network(None, others, name=network.name)] if others else alone


def _put_in(seen: View) -> set[int]:
    """The layers (calls, by id) that are put into something else, and so are no networks: `net.fc = Linear(9)`."""
    made = [layer.call for layer in seen.layers]
    whole = [*made, *(call for call in seen.program.named(*CONTAINERS))]
    put = [call for call in whole if call.node in kept(call.module.tree, "_put", partial(_put, call.module))]
    return {id(call) for call in put} | {id(made) for call in put for each in call.positional for made in made_in(each)}


def _put(module: Module) -> frozenset[ast.AST]:
    """What is assigned to an attribute or item of anything but `self`."""
    return frozenset(
        node.value
        for node in module.of(ast.Assign)
        for target in node.targets
        if isinstance(target, (ast.Attribute, ast.Subscript)) and getattr(target.value, "id", "") != "self"
    )


def _label(seen: View, network: Network) -> str:
    if network.instance is not None:
        return network.instance.cls.name
    return _named(container_of(seen, network.call) or network.call) or network.name


def _of_network(seen: View, network: Network, prefix: str) -> list[Layer]:
    tree = _Tree(seen, _around(network))
    if network.instance is not None:
        _instance(tree, prefix, network.instance)
    else:
        calls = (layer.call for layer in network.layers if layer.kind not in ("concat", "add"))
        whole = dict.fromkeys(container_of(seen, call) or call for call in calls)
        for index, call in enumerate(whole):
            if id(call) in tree.ready or not call.name.islower():
                told = _name_of(call, index) if call.name not in CONTAINERS or len(whole) > 1 else ""
                _made(tree, prefix if prefix == told or not told else _join(prefix, told), call)
    return tree.layers


def _around(network: Network) -> Loop | None:
    """The innermost loop around all layers that stand in no object."""
    loops = [_outwards(layer.call.loop) for layer in network.layers] if network.instance is None else []
    return next((loop for loop in loops[0] if all(loop in others for others in loops)), None) if loops else None


def _outwards(loop: Loop | None) -> list[Loop]:
    """A loop and those around it."""
    return [loop, *_outwards(loop.outer)] if loop is not None else []


def _name_of(call: Call, index: int) -> str:
    named = call.keywords.get("name")
    if named is not None and named.text:
        return named.text
    return _named(call) or str(index)


def _named(call: Call) -> str:
    """What the object that a call makes is called; a layer that is used at once stands under the name of its output."""
    whole = call.name in CONTAINERS or call.name.islower()
    return (call.result.name if call.result is not None else "") or (call.bound if whole else "")


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix and name else prefix or name


def _instance(tree: _Tree, name: str, instance: Instance) -> None:
    """An object of the user's class: its own weights, then what it keeps, then what its forward builds."""
    if id(instance) in tree.told:
        return
    tree.told.add(id(instance))
    cls = instance.cls
    built = instance.call.place
    stated = (
        cls.module.place(cls.node) if is_written_down(built.file) else built
    )  # the class, where a library builds it
    tree.add(name or cls.name, cls.name, _arguments(instance.call), _inherited(tree.seen, instance), stated)
    place = tree.order_of_use(cls)
    kept = list(instance.attributes.items())
    for attribute, value in sorted(kept, key=lambda pair: place.get(pair[0], len(place))) if place else kept:
        _value(tree, _join(name, attribute), value, attribute in place)
    counts: dict[str, int] = {}
    for layer in tree.seen.layers_by_owner.get(id(instance), ()):
        call = layer.call
        if id(call) not in tree.told and call.target is None and call.name[:1].isupper():
            index = counts.setdefault(call.name, 0)
            counts[call.name] += 1
            _made(tree, _join(name, _anonymous(call, index)), call)
    for child in tree.seen.built_within.get(id(instance), ()):
        if id(child) not in tree.told:
            index = counts.setdefault(child.cls.name, 0)
            counts[child.cls.name] += 1
            _instance(tree, _join(name, _anonymous(child.call, index)), child)


def _inherited(seen: View, instance: Instance) -> int | None:
    """The weights that an object has from a library's layer which its class derives from: `MaskedConv2d(nn.Conv2d)`."""
    base = next((base for base in instance.cls.external_bases() if layer_kind(base)), "")
    if not base:
        return 0
    if not any("__init__" in part.attributes for part in instance.cls.lineage()):
        return parameters_of(instance.call, base)
    call = seen.base_calls.get(id(instance))
    replaced = "weight" in instance.attributes or "bias" in instance.attributes
    return parameters_of(call, base) if call is not None and not replaced else None


def _anonymous(call: Call, index: int) -> str:
    """The name that a compact module gives a layer without one: Dense_0."""
    named = call.keywords.get("name")
    return named.text if named is not None and named.text else f"{call.name}_{index}"


def _value(tree: _Tree, name: str, value: Resolved, used: bool = True) -> None:
    inner = value.value
    if type(inner) not in _WEIGHTY:
        return
    if isinstance(inner, Instance):
        if id(inner) in tree.seen.members:
            _instance(tree, name, inner)
    elif isinstance(inner, Made):
        _made(tree, name, inner.call, used)
    elif isinstance(inner, ListValue):
        for index, item in enumerate(inner.items[:LONGEST_TREE]):
            _value(tree, _join(name, str(index)), item, used)
    elif isinstance(inner, DictValue):
        for key, item in list(inner.entries.items())[:LONGEST_TREE]:
            if isinstance(item.value, (Made, Instance)):
                _value(tree, _join(name, str(key)), item)


def _made(tree: _Tree, name: str, call: Call, used: bool = True) -> None:
    """A library's layer; a container is followed by what it holds; what a library that is not known makes, and the
    forward pass uses, may have weights; anything else is no part of the tree."""
    if id(call) in tree.told:
        return
    if call.name in CONTAINERS and call.target is None:
        tree.told.add(id(call))
        tree.add(name or call.name, call.name, "", None if _holds_unknown(call) else 0, call.place)
        for key, item in _inside(tree.seen, call):
            _value(tree, _join(name, key), item)
    elif call.name in WRAPPERS:
        tree.told.add(id(call))
        source = call.receiver if call.receiver is not None and call.name in ("to", "cuda", "apply") else None
        for item in [source] if source is not None else call.positional[:1]:
            _value(tree, name, item)
    elif call.name in ("Parameter", "Param") and call.dotted.startswith(("torch.nn", "flax.nnx")):
        tree.told.add(id(call))
        tree.add(name, call.name, _arguments(call), own_parameter(call), call.place)
    elif _is_layer(call) or id(call) in tree.ready:
        tree.told.add(id(call))
        tree.add(name, call.name, _arguments(call), _weights(tree, call), call.place)
        for path, value in ready.replaced(call).items():
            _value(tree, _join(name, path), value)
    elif used and _is_foreign(call):
        tree.told.add(id(call))
        tree.add(name, call.name, _arguments(call), None, call.place)


_LIBRARIES = frozenset({"torch", "numpy", "tensorflow", "keras", "jax", "flax", "equinox", "haiku", "math", "?"})
_NO_LAYER = re.compile(r"(Loss|Tokenizer|Config|Processor|Metric|Scheduler|Accuracy|Logger|Writer)(Fast)?$")


def _is_foreign(call: Call) -> bool:
    """Whether a class is built that comes from elsewhere: `Encoder(3)` of a package that is not at hand."""
    home, dot, _ = call.dotted.partition(".")
    made = call.target is None and call.name[:1].isupper() and bool(dot)
    return made and home not in _LIBRARIES and not _NO_LAYER.search(call.name)


def _holds_unknown(call: Call) -> bool:
    """Whether a container is given something of which nobody knows what layers it stands for: `Sequential(*rest)`."""
    written = call.node.args if isinstance(call.node, ast.Call) else []
    plain = sum(not isinstance(argument, ast.Starred) for argument in written)
    spread = len(written) > plain and len(call.positional) == plain
    return spread or any(value.value is UNKNOWN for value in call.positional)


def _weights(tree: _Tree, call: Call) -> int | None:
    """From the layer's own arguments, else from the shape of what it is given."""
    if _repeated(tree, call):
        return None
    own = parameters_of(call)
    own = own if own is not None else ready.weights_of(call)
    return own if own is not None else shapes(tree.seen).weights(call)


def _is_layer(call: Call) -> bool:
    """A class of a library's layers (`torch.nn.ReLU`), or a model that it makes ready."""
    if call.name in ("__call__", "init_hidden") or call.target is not None:
        return False
    layered = call.dotted.startswith(
        ("torch.nn.", "keras.layers.", "tensorflow.keras.layers.", "flax.linen.", "flax.nnx.", "equinox.nn.")
    )
    made = (
        layered and call.name[:1].isupper() and ".functional." not in call.dotted and not call.dotted.endswith("Loss")
    )
    return (made and call.name not in ("Rngs", "Module", "Optimizer", "Metric")) or (
        bool(layer_kind(call.dotted)) and not call.name.islower()
    )


def _repeated(tree: _Tree, call: Call) -> bool:
    """Whether a layer is built in a loop that was followed once for all its turns, so that there may be more of it; a
    loop around the whole network builds it anew."""
    loop = call.loop
    home = call.within.node if call.within is not None else None
    around = loop.within.node if loop is not None and loop.within is not None else None
    return loop is not None and loop is not tree.loop and loop.once and home is around


def _inside(seen: View, call: Call) -> Iterable[tuple[str, Resolved]]:
    """What a container holds: its arguments, then what was appended or added by name."""
    items: list[tuple[str, Resolved]] = []
    for value in call.positional:
        if isinstance(value.value, ListValue):
            items += [(str(index), item) for index, item in enumerate(value.value.items)]
        elif isinstance(value.value, DictValue):
            items += [(str(key), item) for key, item in value.value.entries.items()]
        else:
            items.append((str(len(items)), value))
    for other in seen.calls_on.get(id(call), ()):
        if other.name in ("append", "add") and other.positional:
            items.append((str(len(items)), other.positional[0]))
        elif other.name == "add_module" and len(other.positional) > 1:
            items.append((other.positional[0].text or str(len(items)), other.positional[1]))
        elif other.name == "extend" and other.positional and isinstance(other.positional[0].value, ListValue):
            items += [(str(len(items) + index), item) for index, item in enumerate(other.positional[0].value.items)]
    return items


def _arguments(call: Call) -> str:
    """The arguments of a layer as they are known, else as they are written."""
    if not isinstance(call.node, ast.Call):
        return ""
    parts = [
        _shown(value, node) for value, node in zip_longest(call.positional, call.node.args[: len(call.positional)])
    ]
    if call.keywords:
        sources = {keyword.arg: keyword.value for keyword in call.node.keywords}
        parts += [f"{name}={_shown(value, sources.get(name), '?')}" for name, value in call.keywords.items()]
    text = ", ".join(parts)
    return text if len(text) <= LONGEST_ARGUMENTS else text[: LONGEST_ARGUMENTS - 1] + "…"


def _shown(value: Resolved, node: ast.expr | None, unwritten: str = "") -> str:
    """A value where it is a literal, else as it is written; `unwritten` where it is not."""
    if value.value is None or type(value.value) in _PLAIN:
        return str(value.value)
    if isinstance(value.value, ListValue):
        with suppress(ValueError):
            return str(value.literal)
    written = unparse(node) if node is not None else unwritten
    return written if len(written) <= 40 else written[:39] + "…"


_PLAIN = frozenset({int, float, str, bool})
_WEIGHTY = frozenset({Instance, Made, ListValue, DictValue})
"""What may have weights, or hold what has."""
