"""How many weights a layer has, from its arguments alone. Exact, or None where a size is not known.

The formulas are those of the layers' own documentation (PyTorch, Flax NNX, Equinox); a test compares them with PyTorch.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import reduce
from math import prod

from core.analysis.program import Call, ListValue, Made, Resolved
from core.analysis.rules.kinds import PARAMETRIC, layer_kind

Count = Callable[["Arguments"], int]


class UnknownSize(Exception):
    """A size that the count needs is not known."""


class Arguments:
    """The arguments of one layer, by name or position; unknown ones raise UnknownSize when they are asked for."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def given(self, name: str, position: int | None = None) -> Resolved | None:
        return self.call.argument(name, position)

    def size(self, name: str, position: int | None = None, default: int | None = None) -> int:
        """A whole number. Raises UnknownSize."""
        value = self.given(name, position)
        if value is None and default is not None:
            return default
        number = value.integer if value is not None and not value.others else None
        if number is None:
            raise UnknownSize(name)
        return number

    def flag(self, name: str, position: int | None = None, default: bool = True) -> bool:
        value = self.given(name, position)
        if value is None:
            return default
        if isinstance(value.value, (bool, int)):
            return bool(value.value)
        raise UnknownSize(name)

    def sizes(self, name: str, position: int | None, rank: int | None = None) -> tuple[int, ...]:
        """A size for each of `rank` dimensions, or of however many are told: one number stands for all. Raises
        UnknownSize."""
        value = self.given(name, position)
        if value is not None and isinstance(value.value, ListValue):
            numbers = [item.integer for item in value.value.items]
            if any(number is None for number in numbers):
                raise UnknownSize(name)
            return tuple(number for number in numbers if number is not None)
        return (self.size(name, position),) * (rank or 1)


def parameters_of(call: Call, dotted: str = "") -> int | None:
    """The weights that a library's layer has; 0 for one that has none; None where a size is not known. `dotted` names
    the layer where the call is that of a class derived from it."""
    dotted = dotted or call.dotted
    count = COUNTS.get(dotted.rpartition(".")[2])
    if count is not None and dotted.startswith(KNOWN):
        try:
            return count(Arguments(call)) - _shared(call)
        except UnknownSize:
            return None
    kind = layer_kind(dotted)
    if dotted.startswith("torch.nn.") and kind not in PARAMETRIC:
        return 0
    return 0 if dotted.startswith(KNOWN) and kind in WEIGHTLESS else None


WEIGHTLESS = frozenset({"dropout", "pool", "upsample", "flatten", "concat", "add"})
KNOWN = ("torch.nn.", "flax.nnx.", "equinox.nn.")
"""Libraries whose layers are told all their sizes."""


def _shared(call: Call) -> int:
    """Weights that were replaced by another layer's (`head.weight = embedding.weight`) are that one's."""
    made = call.made
    if isinstance(made, Made) and "weight" in made.attributes and call.name in ("Linear", "Embedding"):
        arguments = Arguments(call)
        names = ("in_features", "out_features") if call.name == "Linear" else ("num_embeddings", "embedding_dim")
        return arguments.size(names[0], 0) * arguments.size(names[1], 1)
    return 0


def _linear(a: Arguments) -> int:
    inputs, outputs = a.size("in_features", 0), a.size("out_features", 1)
    return inputs * outputs + outputs * (a.flag("bias", 2) and a.flag("use_bias"))


def _bilinear(a: Arguments) -> int:
    outputs = a.size("out_features", 2)
    return a.size("in1_features", 0) * a.size("in2_features", 1) * outputs + outputs * a.flag("bias", 3)


def _conv(rank: int, turned: bool = False) -> Count:
    def count(a: Arguments) -> int:
        inputs, outputs = a.size("in_channels", 0), a.size("out_channels", 1)
        groups = a.size("groups", 7 if turned else 6, 1)
        kernel = prod(a.sizes("kernel_size", 2, rank))
        bias = a.flag("bias", 8 if turned else 7) and a.flag("use_bias")
        return inputs * outputs // groups * kernel + outputs * bias

    return count


def _nnx_conv(a: Arguments) -> int:
    kernel = a.given("kernel_size", 2)
    rank = len(kernel.value.items) if kernel is not None and isinstance(kernel.value, ListValue) else 1
    inputs, outputs = a.size("in_features", 0), a.size("out_features", 1)
    groups = a.size("feature_group_count", None, 1)
    return inputs * outputs // groups * prod(a.sizes("kernel_size", 2, rank)) + outputs * a.flag("use_bias")


def _batch_norm(a: Arguments) -> int:
    return 2 * a.size("num_features", 0) * a.flag("affine", 3)


def _instance_norm(a: Arguments) -> int:
    return 2 * a.size("num_features", 0) * a.flag("affine", 3, False)


def _group_norm(a: Arguments) -> int:
    return 2 * a.size("num_channels", 1) * a.flag("affine", 3)


def _layer_norm(a: Arguments) -> int:
    shape = prod(a.sizes("normalized_shape", 0))
    return shape * a.flag("elementwise_affine", 2) * (1 + a.flag("bias"))


def _rms_norm(a: Arguments) -> int:
    return prod(a.sizes("normalized_shape", 0)) * a.flag("elementwise_affine", 2)


def _embedding(a: Arguments) -> int:
    return a.size("num_embeddings", 0) * a.size("embedding_dim", 1)


def _prelu(a: Arguments) -> int:
    return a.size("num_parameters", 0, 1)


def _recurrent(gates: int) -> Count:
    def count(a: Arguments) -> int:
        inputs, hidden = a.size("input_size", 0), a.size("hidden_size", 1)
        layers, bias = a.size("num_layers", 2, 1), a.flag("bias", 3)
        ways, projected = 1 + a.flag("bidirectional", 6, False), a.size("proj_size", 7, 0)
        total, width = 0, inputs
        for _ in range(layers):
            back = projected or hidden
            one = gates * hidden * (width + back + 2 * bias) + projected * hidden
            total, width = total + ways * one, ways * back
        return total

    return count


def _cell(gates: int) -> Count:
    def count(a: Arguments) -> int:
        inputs, hidden = a.size("input_size", 0), a.size("hidden_size", 1)
        return gates * hidden * (inputs + hidden + 2 * a.flag("bias", 2))

    return count


def _attention(a: Arguments) -> int:
    width, bias = a.size("embed_dim", 0), a.flag("bias", 3)
    keys, values = a.size("kdim", 6, width), a.size("vdim", 7, width)
    extra = 2 * width * a.flag("add_bias_kv", 4, False)
    return width * (2 * width + keys + values) + 4 * width * bias + extra


def _block(width: int, inner: int, attentions: int) -> int:
    """A transformer layer: attentions, two linear layers, a norm after each."""
    return (
        attentions * (4 * width * width + 4 * width) + 2 * width * inner + inner + width + 2 * width * (attentions + 1)
    )


def _transformer_layer(attentions: int) -> Count:
    def count(a: Arguments) -> int:
        if not a.flag("bias"):
            raise UnknownSize("bias")
        return _block(a.size("d_model", 0), a.size("dim_feedforward", 2, 2048), attentions)

    return count


def _stack(a: Arguments) -> int:
    """TransformerEncoder(layer, n, norm): n copies of a layer that is not itself part of the model."""
    layer, norm = a.given("encoder_layer", 0) or a.given("decoder_layer", 0), a.given("norm", 2)
    one = parameters_of(layer.value.call) if layer is not None and isinstance(layer.value, Made) else None
    last = 0 if norm is None or norm.value is None else _made(norm)
    if one is None:
        raise UnknownSize("layer")
    return one * a.size("num_layers", 1) + last


def _made(value: Resolved) -> int:
    count = parameters_of(value.value.call) if isinstance(value.value, Made) else None
    if count is None:
        raise UnknownSize(value.name)
    return count


def _transformer(a: Arguments) -> int:
    width, inner = a.size("d_model", 0, 512), a.size("dim_feedforward", 4, 2048)
    encoders, decoders = a.size("num_encoder_layers", 2, 6), a.size("num_decoder_layers", 3, 6)
    return encoders * _block(width, inner, 1) + decoders * _block(width, inner, 2) + 4 * width


def _eqx_mlp(a: Arguments) -> int:
    inputs, outputs = a.size("in_size", 0), a.size("out_size", 1)
    width, depth = a.size("width_size", 2), a.size("depth", 3)
    sizes = [inputs, *([width] * depth), outputs]
    return sum(left * right + right for left, right in itertools.pairwise(sizes))


COUNTS: dict[str, Count] = {
    "Linear": _linear, "Bilinear": _bilinear, "Embedding": _embedding, "EmbeddingBag": _embedding, "Embed": _embedding,
    "Conv1d": _conv(1), "Conv2d": _conv(2), "Conv3d": _conv(3), "Conv": _nnx_conv,
    "ConvTranspose1d": _conv(1, True), "ConvTranspose2d": _conv(2, True), "ConvTranspose3d": _conv(3, True),
    "BatchNorm1d": _batch_norm, "BatchNorm2d": _batch_norm, "BatchNorm3d": _batch_norm, "SyncBatchNorm": _batch_norm,
    "BatchNorm": _batch_norm, "InstanceNorm1d": _instance_norm, "InstanceNorm2d": _instance_norm,
    "InstanceNorm3d": _instance_norm,
    "GroupNorm": _group_norm, "LayerNorm": _layer_norm, "RMSNorm": _rms_norm, "PReLU": _prelu,
    "LSTM": _recurrent(4), "GRU": _recurrent(3), "RNN": _recurrent(1),
    "LSTMCell": _cell(4), "GRUCell": _cell(3), "RNNCell": _cell(1),
    "MultiheadAttention": _attention, "TransformerEncoderLayer": _transformer_layer(1),
    "TransformerDecoderLayer": _transformer_layer(2),
    "TransformerEncoder": _stack, "TransformerDecoder": _stack, "Transformer": _transformer, "MLP": _eqx_mlp,
}  # fmt: skip
"""Layers whose weights can be counted, by their name in the libraries."""

MAKERS = frozenset({"zeros", "ones", "randn", "rand", "empty", "full", "Tensor", "FloatTensor", "normal", "uniform"})
RESHAPING = frozenset({"view", "reshape", "sum", "mean", "repeat", "expand", "stack", "cat", "t", "qr", "svd"})


def own_parameter(call: Call) -> int | None:
    """The size of `nn.Parameter(0.02 * torch.zeros(1, 16, 64))`."""
    value = call.argument("data", 0)
    return _elements(value) if value is not None else None


def _elements(value: Resolved) -> int | None:
    """How many numbers a tensor has: one that is made with its sizes, moved, or scaled by numbers."""
    if isinstance(value.value, Made):
        inner = value.value.call
        if inner.name in MAKERS and inner.dotted.startswith("torch"):
            return _shape(inner)
        given = inner.receiver if inner.receiver is not None else next(iter(inner.positional), None)
        return _elements(given) if given is not None and inner.name not in RESHAPING else None
    if value.number is not None:
        return 1
    return _factor(value.parts[0]) if len(value.parts) == 1 else _scaled(value.parts)


def _scaled(parts: tuple[Resolved, ...]) -> int | None:
    """A tensor that is multiplied by, or added to, numbers."""
    counts = [_elements(part) for part in parts]
    known = [count for count in counts if count is not None]
    return max(known) if known and len(known) == len(counts) and sum(count > 1 for count in known) <= 1 else None


def _factor(factored: Resolved) -> int | None:
    """`torch.linalg.qr(square)[0]`: the orthogonal factor is as large as what is factored."""
    made = factored.value
    if isinstance(made, Made) and made.call.name in ("qr", "svd") and made.call.positional:
        inner = made.call.positional[0].value
        if isinstance(inner, Made) and inner.call.name in MAKERS:
            sizes = [number for given in inner.call.positional for number in _numbers(given)]
            return _shape(inner.call) if len(sizes) == 2 and sizes[0] == sizes[1] else None
    return None


def _shape(call: Call) -> int | None:
    given = call.keywords.get("size")
    values = [given] if given is not None else list(call.positional[: 1 if call.name == "full" else None])
    numbers = [number for value in values for number in _numbers(value)]
    if not numbers or any(number is None for number in numbers):
        return None
    return reduce(lambda total, number: total * (number or 0), numbers, 1)


def _numbers(value: Resolved) -> list[int | None]:
    if isinstance(value.value, ListValue):
        return [item.integer for item in value.value.items]
    return [value.integer]
