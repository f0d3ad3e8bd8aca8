"""What layers that are told only what they give (Keras, Flax linen) give, and how many weights they have.

The formulas are those of the Keras and Flax documentation; a test holds them against counts of Keras. A shape is the
sizes of all dimensions but the first, which counts examples, channels last; a size that is not known is None.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from core.analysis.program import ListValue, Resolved
from core.analysis.rules.counting import Arguments, UnknownSize

Shape = tuple[int | None, ...]
Out = Callable[[Arguments, Shape], Shape]
Weights = Callable[[Arguments, Shape], int]
DILATION = ("dilation_rate", "kernel_dilation")


def sizes_of(*values: Resolved | None) -> Shape:
    """The numbers of one tuple, or of several arguments. Raises UnknownSize where it is no tuple."""
    if len(values) == 1 and values[0] is not None and isinstance(values[0].value, ListValue):
        values = tuple(values[0].value.items)
    if any(value is None for value in values):
        raise UnknownSize("shape")
    return tuple(value.integer if value else None for value in values)


def _size(value: int | None) -> int:
    if value is None:
        raise UnknownSize("size")
    return value


def _all(shape: Shape) -> int:
    return prod(_size(size) for size in shape)


def joined(parts: list[Shape]) -> Shape:
    """Several tensors one behind the other along the last dimension."""
    if not parts or not all(parts):
        raise UnknownSize("parts")
    return (*parts[0][:-1], sum(_size(part[-1]) for part in parts))


def reshaped(wanted: Shape, shape: Shape) -> Shape:
    if wanted.count(-1) > 1 or None in wanted:
        raise UnknownSize("shape")
    rest = prod(size for size in wanted if size is not None and size != -1)
    return tuple(_all(shape) // max(rest, 1) if size == -1 else size for size in wanted)


def _same(a: Arguments, shape: Shape) -> Shape:
    return shape


def _wide(*names: str) -> Out:
    """The last dimension becomes what the first argument says."""

    def out(a: Arguments, shape: Shape) -> Shape:
        return (*shape[:-1], _named(a, names))

    return out


def _named(a: Arguments, names: tuple[str, ...], position: int | None = 0) -> int:
    name = next((name for name in names if name in a.call.keywords), names[0])
    return a.size(name, position)


def _window(
    a: Arguments, rank: int, names: tuple[str, ...], default: int | None, position: int | None
) -> tuple[int, ...]:
    """A size for each of `rank` dimensions, by whichever of its names it is given."""
    name = next((name for name in names if name in a.call.keywords), names[0])
    if a.given(name, position) is None:
        return (_size(default),) * rank
    sizes = a.sizes(name, position, rank)
    if len(sizes) != rank:
        raise UnknownSize(name)
    return sizes


def _slid(size: int | None, kernel: int, stride: int, padded: bool) -> int:
    return -(-_size(size) // stride) if padded else (_size(size) - kernel) // stride + 1


def _padded(a: Arguments, position: int | None, default: str) -> bool:
    given = a.given("padding", position)
    said = given.text if given is not None else default
    if said is None or said.casefold() not in ("same", "valid") or "data_format" in a.call.keywords:
        raise UnknownSize("padding")
    return said.casefold() == "same"


def _is_linen(a: Arguments) -> bool:
    return "flax" in a.call.dotted


def _conv_out(a: Arguments, shape: Shape) -> Shape:
    rank = len(shape) - 1
    kernel, strides = _kernel(a, rank), _window(a, rank, ("strides",), 1, 2)
    reach = [size + (size - 1) * (by - 1) for size, by in zip(kernel, _window(a, rank, DILATION, 1, None), strict=True)]
    padded = _padded(a, None if _is_linen(a) else 3, "same" if _is_linen(a) else "valid")
    sizes = (_slid(n, k, s, padded) for n, k, s in zip(shape, reach, strides, strict=False))
    depthwise = a.call.name == "DepthwiseConv2D"
    return (*sizes, _size(shape[-1]) * a.size("depth_multiplier", None, 1) if depthwise else _filters(a))


def _kernel(a: Arguments, rank: int) -> tuple[int, ...]:
    return _window(a, rank, ("kernel_size",), None, 0 if a.call.name == "DepthwiseConv2D" else 1)


def _filters(a: Arguments) -> int:
    return _named(a, ("filters", "features"))


def _transposed_out(a: Arguments, shape: Shape) -> Shape:
    rank = len(shape) - 1
    kernel, strides = _kernel(a, rank), _window(a, rank, ("strides",), 1, 2)
    padded = _padded(a, None if _is_linen(a) else 3, "same" if _is_linen(a) else "valid")
    if "output_padding" in a.call.keywords:
        raise UnknownSize("output_padding")
    sizes = (_size(n) * s + (0 if padded else max(k - s, 0)) for n, k, s in zip(shape, kernel, strides, strict=False))
    return (*sizes, _filters(a))


def _pool_out(a: Arguments, shape: Shape) -> Shape:
    rank, linen = len(shape) - 1, _is_linen(a)
    pool = _window(a, rank, ("pool_size", "window_shape"), None if linen else 2, 1 if linen else 0)
    given = a.given("strides", 2 if linen else 1)
    none = given is None or given.value is None
    strides = ((1,) * rank if linen else pool) if none else a.sizes("strides", 2 if linen else 1, rank)
    padded = _padded(a, 3 if linen else 2, "valid")
    return (*(_slid(n, k, s, padded) for n, k, s in zip(shape, pool, strides, strict=False)), shape[-1])


def _up_out(a: Arguments, shape: Shape) -> Shape:
    by = _window(a, len(shape) - 1, ("size",), 2, 0)
    return (*(_size(n) * times for n, times in zip(shape, by, strict=False)), shape[-1])


def _recurrent_out(a: Arguments, shape: Shape) -> Shape:
    return (*shape[:1] * a.flag("return_sequences", None, False), a.size("units", 0))


def _embedding_out(a: Arguments, shape: Shape) -> Shape:
    return (*shape, _named(a, ("output_dim", "features"), 1))


PASSING = (
    "Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Activation",
    "ReLU", "LeakyReLU", "ELU", "Softmax", "BatchNormalization", "LayerNormalization", "Rescaling", "Normalization",
    "RandomFlip", "RandomRotation", "RandomZoom", "RandomContrast", "BatchNorm", "LayerNorm", "relu", "gelu", "tanh",
    "sigmoid", "softmax", "silu", "swish", "leaky_relu", "elu", "log_softmax", "softplus", "ActivityRegularization",
)  # fmt: skip
CONVOLUTIONS = ("Conv", "Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "SeparableConv1D",
    "SeparableConv2D", "DepthwiseConv2D")  # fmt: skip
TRANSPOSED = ("ConvTranspose", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
POOLS = ("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "MaxPool1D",
    "MaxPool2D", "AvgPool2D", "max_pool", "avg_pool")  # fmt: skip
GLOBAL = ("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
    "GlobalAvgPool2D", "GlobalMaxPool2D")  # fmt: skip
MERGING = ("Add", "Multiply", "Average", "Maximum", "Subtract")
OUT: dict[str, Out] = {
    **dict.fromkeys(PASSING, _same),
    **dict.fromkeys(CONVOLUTIONS, _conv_out),
    **dict.fromkeys(TRANSPOSED, _transposed_out),
    **dict.fromkeys(POOLS, _pool_out),
    **dict.fromkeys(MERGING, _same),
    **dict.fromkeys(GLOBAL, lambda a, shape: shape[-1:]),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), _recurrent_out),
    "Dense": _wide("units", "features"),
    "Flatten": lambda a, shape: (_all(shape),),
    "Reshape": lambda a, shape: reshaped(sizes_of(a.given("target_shape", 0)), shape),
    "Concatenate": _same,
    "concatenate": _same,
    "UpSampling2D": _up_out,
    "UpSampling1D": _up_out,
    "Embedding": _embedding_out,
    "Embed": _embedding_out,
    "reshape": _same,
}


def _biased(a: Arguments, outputs: int) -> int:
    return outputs * a.flag("use_bias")


def _dense(a: Arguments, shape: Shape) -> int:
    outputs = _named(a, ("units", "features"))
    return _size(shape[-1]) * outputs + _biased(a, outputs)


def _conv(a: Arguments, shape: Shape) -> int:
    kernel, outputs = prod(_kernel(a, len(shape) - 1)), _filters(a)
    groups = a.size("feature_group_count" if _is_linen(a) else "groups", None, 1)
    return kernel * _size(shape[-1]) // groups * outputs + _biased(a, outputs)


def _separable(a: Arguments, shape: Shape) -> int:
    middle, outputs = _size(shape[-1]) * a.size("depth_multiplier", None, 1), _filters(a)
    return prod(_kernel(a, len(shape) - 1)) * middle + middle * outputs + _biased(a, outputs)


def _depthwise(a: Arguments, shape: Shape) -> int:
    middle = _size(shape[-1]) * a.size("depth_multiplier", None, 1)
    return prod(_kernel(a, len(shape) - 1)) * middle + _biased(a, middle)


def _normed(scale: str, shift: str, running: int) -> Weights:
    def count(a: Arguments, shape: Shape) -> int:
        return _size(shape[-1]) * (a.flag(scale) + a.flag(shift) + running)

    return count


def _recurrent(gates: int, biases: int) -> Weights:
    def count(a: Arguments, shape: Shape) -> int:
        units = a.size("units", 0)
        return gates * units * (_size(shape[-1]) + units + biases * a.flag("use_bias"))

    return count


def embedding_weights(a: Arguments) -> int:
    """The one kind of weights that does not depend on a shape."""
    return _named(a, ("input_dim", "num_embeddings")) * _named(a, ("output_dim", "features"), 1)


WITHOUT = frozenset({
    *PASSING, *POOLS, *GLOBAL, *MERGING, "Flatten", "Reshape", "Concatenate", "UpSampling1D", "UpSampling2D",
}) - {"BatchNormalization", "LayerNormalization", "Normalization", "BatchNorm", "LayerNorm"}  # fmt: skip
"""Layers that have no weights."""
WEIGHTS: dict[str, Weights] = {
    **dict.fromkeys((*CONVOLUTIONS, *TRANSPOSED), _conv),
    "Dense": _dense, "SeparableConv1D": _separable, "SeparableConv2D": _separable, "DepthwiseConv2D": _depthwise,
    "BatchNormalization": _normed("scale", "center", 2), "LayerNormalization": _normed("scale", "center", 0),
    "BatchNorm": _normed("use_scale", "use_bias", 0), "LayerNorm": _normed("use_scale", "use_bias", 0),
    "LSTM": _recurrent(4, 1), "GRU": _recurrent(3, 2), "SimpleRNN": _recurrent(1, 1),
}  # fmt: skip
"""Keras counts the running statistics of a BatchNormalization among its parameters; Flax keeps them apart."""
