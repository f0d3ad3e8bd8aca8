"""What shapes tensors have on their way through layers that are told only what they give: Keras, Flax linen.

They follow from what the program says of its inputs: `Input(shape=(28, 28, 1))`, or `net.init(key, jnp.ones((1, 28)))`.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.analysis.program import Call, Instance, ListValue, Made, Resolved, items_in
from core.analysis.rules.counting import Arguments, UnknownSize
from core.analysis.rules.kinds import plain
from core.analysis.rules.shaped_layers import (
    MERGING,
    OUT,
    WEIGHTS,
    WITHOUT,
    Shape,
    embedding_weights,
    joined,
    reshaped,
    sizes_of,
)
from core.analysis.rules.view import View, asked_once

KNOWN = ("keras.layers.", "tensorflow.keras.layers.", "tf_keras.layers.", "flax.linen.")
MAKERS = frozenset({"ones", "zeros", "empty", "full", "normal", "uniform", "ShapeDtypeStruct"})
DEEPEST = 150
"""Steps back from a layer to the input; each is a few calls of Python, which allows a thousand."""


class Shapes:
    """The shapes of one program's tensors, as far as they follow from its inputs."""

    def __init__(self, seen: View) -> None:
        self.seen = seen
        self._known: dict[int, Shape | None] = {}
        """By the call that made the tensor."""
        self._inputs = dict(_initialised(seen.program.calls))
        """Of the parameter of a network's `__call__`, by its node, as `init` was given it."""
        self._before: dict[int, tuple[Call, int]] = {}
        """For a layer in a container (by id): the container and its place."""
        for call in seen.program.named("Sequential"):
            if call.target is None:
                for place, layer in enumerate(_stacked(seen, call)):
                    self._before[id(layer)] = (call, place)

    def weights(self, call: Call) -> int | None:
        """How many weights a layer has; None where that or its input is not known."""
        if not plain(call.dotted).startswith(KNOWN):
            return None
        if call.name in WITHOUT:
            return 0
        try:
            if call.name in ("Embedding", "Embed"):
                return embedding_weights(Arguments(call))
            count = WEIGHTS.get(call.name)
            return count(Arguments(call), self.into(call)) if count is not None else None
        except UnknownSize:
            return None

    def into(self, layer: Call, depth: int = DEEPEST) -> Shape:
        """The shape of what a layer is given first. Raises UnknownSize."""
        used = next((call for call in self.seen.calls_on.get(id(layer), ()) if call.name == "__call__"), None)
        if used is not None and used.positional:
            given = used.positional[0]
            merged = layer.name in MERGING and isinstance(given.value, ListValue) and given.value.items
            return self.of(merged[0] if merged else given, depth - 1)
        return self._stacked_under(layer, depth - 1)

    def _stacked_under(self, layer: Call, depth: int) -> Shape:
        """What the layer before it in a container gives; for the first, what it or the container is given."""
        declared = _declared(layer)
        if declared is not None:
            return declared
        if id(layer) not in self._before or depth <= 0:
            raise UnknownSize(layer.name)
        container, place = self._before[id(layer)]
        if place == 0:
            return self.into(container, depth)
        return self._out(_stacked(self.seen, container)[place - 1], depth)

    def of(self, value: Resolved, depth: int = DEEPEST) -> Shape:
        """The shape of a tensor. Raises UnknownSize."""
        made = value.value
        if isinstance(made, ListValue):
            return joined([self.of(item, depth - 1) for item in made.items])
        if isinstance(made, Made) and depth > 0:
            call = made.call
            if id(call) not in self._known:
                self._known[id(call)] = None  # while it is looked for: a tensor made of itself has no known shape
                self._known[id(call)] = self._made(call, depth)
            shape = self._known[id(call)]
            if shape:
                return shape
        origin = value.origin if isinstance(value.origin, tuple) else None
        if origin is not None and self._inputs.get(id(origin[1])):
            return self._inputs[id(origin[1])]
        raise UnknownSize(value.name)

    def _made(self, call: Call, depth: int) -> Shape:
        if call.name == "__call__" and isinstance(layer := call.receiver and call.receiver.value, Made):
            return self._out(layer.call, depth)
        declared = _declared(call)
        if declared is not None:
            return declared
        if call.name in MAKERS:
            return sizes_of(call.argument("shape", 0))[1:]
        given = call.receiver if call.name == "reshape" and call.receiver else next(iter(call.positional), None)
        if given is None or call.name not in OUT:
            raise UnknownSize(call.name)
        shape = self.of(given, depth - 1)
        if call.name == "reshape":
            return reshaped(sizes_of(*call.positional if call.receiver else call.positional[1:])[1:], shape)
        return OUT[call.name](Arguments(call), shape)

    def _out(self, layer: Call, depth: int) -> Shape:
        """What a layer, or a container of layers, gives. Raises UnknownSize."""
        if layer.name == "Sequential":
            inside = _stacked(self.seen, layer)
            return self._out(inside[-1], depth - 1) if inside else self.into(layer, depth)
        declared = _declared(layer) if layer.name in ("Input", "InputLayer") else None
        if declared is not None:
            return declared
        if layer.name not in OUT or depth <= 0:
            raise UnknownSize(layer.name)
        return OUT[layer.name](Arguments(layer), self.into(layer, depth))


@asked_once
def shapes(seen: View) -> Shapes:
    """The shapes of a program's tensors; kept for the program that was asked last."""
    return Shapes(seen)


def _initialised(calls: Iterable[Call]) -> Iterable[tuple[int, Shape]]:
    """`net.init(key, jnp.ones((1, 28, 28, 1)))` says what `__call__(self, x)` is given."""
    for call in calls:
        owner = call.holder
        if call.name not in ("init", "init_with_output", "tabulate", "lazy_init") or not isinstance(owner, Instance):
            continue
        method = owner.cls.find("__call__")
        node = getattr(method.value, "node", None) if method is not None else None
        parameters = node.args.args[1:2] if node is not None else []
        given = call.positional[1].value if len(call.positional) > 1 else None
        if parameters and isinstance(given, Made) and given.call.name in MAKERS:
            place = 1 if "random" in given.dotted and given.call.positional[1:] else 0
            try:
                yield id(parameters[0]), sizes_of(given.call.argument("shape", place))[1:]
            except UnknownSize:
                continue


def _stacked(seen: View, container: Call) -> list[Call]:
    """The layers of a Sequential, in order: those of its list, then what is added."""
    first = container.argument("layers", 0)
    values = items_in(first)
    values += [
        call.positional[0] for call in seen.calls_on.get(id(container), ()) if call.name == "add" and call.positional
    ]
    return [value.value.call for value in values if isinstance(value.value, Made)]


def _declared(call: Call) -> Shape | None:
    """`Input(shape=(28, 28, 1))`, `Dense(8, input_shape=(4,))`, `input_dim=4`."""
    try:
        for name in ("batch_shape", "batch_input_shape"):
            if name in call.keywords:
                return sizes_of(call.keywords[name])[1:]
        if call.name in ("Input", "InputLayer"):
            return sizes_of(call.argument("shape", 0) or call.argument("input_shape"))
        if "input_shape" in call.keywords:
            return sizes_of(call.keywords["input_shape"])
        if "input_dim" in call.keywords and call.name != "Embedding":
            return sizes_of(call.keywords["input_dim"])
    except UnknownSize:
        pass
    return None
