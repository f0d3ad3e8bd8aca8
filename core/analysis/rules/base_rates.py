"""The base rates behind a value: a number, what it was scaled from, what a schedule is given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from core.analysis.nodes import is_operation
from core.analysis.program import Call, Function, Instance, ListValue, Made, Resolved
from core.analysis.rules import values
from core.analysis.rules.closures import closure_numbers, only_seen
from core.analysis.rules.steps_by_hand import RATE

_PEAKS = ("peak_value", "peak_lr", "base_learning_rate", "base_lr", "learning_rate", "initial_learning_rate", "lr",
    "max_lr", "value", "init_value", "init_lr", "lr_init", "starter_learning_rate", "end_value")  # fmt: skip
"""Arguments of schedules that hold the base rate, the surest first."""


def base_rates(value: Resolved | None, depth: int = 5) -> Iterator[Resolved]:
    """The base rates behind a value: a number, the named part of a product, the peak of a schedule."""
    if value is None or depth == 0:
        return
    for one in value.all():
        if isinstance(one.value, Made):
            yield from _of_schedule(one.value.call, depth - 1)
        elif isinstance(one.value, Instance):
            yield from _first_named(one.value.attributes)
        elif isinstance(one.value, Function):
            told = [*_first_named(one.value.given[1])] if one.value.given is not None else []
            found = told or closure_numbers(one, RATE) or _constant(one.value) or only_seen(one.value)
            found = [each for each in found if not re.search("warm|epoch|step", each.name)] or found
            yield from (rate for each in found[:1] for rate in stated(each))
        elif isinstance(one.value, ListValue):
            for item in one.value.items[:4]:
                yield from base_rates(item, depth - 1)
        elif one.number is None and (parts := [part for part in one.parts if isinstance(part.value, Made)]):
            found = [rate for part in parts for rate in base_rates(part, depth - 1)]  # decay(1e-4, ...) + 1e-6
            yield from [rate for rate in found if rate.number != 1] or stated(one)  # decay(1e-4) * minimum(1.0, ...)
        elif one.number is not None or one.parts:
            yield from stated(one)


def _constant(function: Function) -> list[Resolved]:
    """The number that `lambda step: 2e-4` always gives."""
    body = function.node.body if isinstance(function.node, ast.Lambda) else None
    plain = isinstance(body, ast.Constant) and isinstance(body.value, float)
    return [Resolved(body.value, (function.module, body), "call argument")] if plain else []  # type: ignore[union-attr, arg-type]


_LEAST = re.compile(r"(^|_)(min|minimum|end|final|last)(_|$)")
"""Parts of the names of the rate that a schedule ends with."""
_FACTOR = re.compile(r"(^|_)(mult|multiplier|mul|factor|scale|gamma|decay)(_|$)")
"""Parts of the names of what rates are multiplied with."""


def stated(value: Resolved) -> Iterator[Resolved]:
    """The number itself, or what it was scaled from where that has a rate's name."""
    named = [
        leaf
        for leaf in values.leaves(value)
        if leaf.number is not None
        and RATE.search(values.words_of(leaf.name))
        and not _FACTOR.search(values.words_of(leaf.name))
    ]
    if value.parts and named and all(_LEAST.search(values.words_of(leaf.name)) for leaf in named):
        others = [leaf for leaf in values.leaves(value) if isinstance(leaf.value, float) and leaf not in named]
        yield from sorted(others, key=lambda leaf: -(leaf.number or 0))[:1] or named[:1]  # 1e-4 - min_lr
    elif value.parts and named:
        yield next((leaf for leaf in named if "base" in values.words_of(leaf.name)), named[0])
    elif (base := _scaled_with_batch(value)) is not None:
        yield base
    elif value.number is not None:
        yield value if value.number >= 0 else value.but(value=-value.number)  # adam(-1e-4) climbs
    elif value.parts:
        small = [leaf for leaf in _fractions(value) if leaf.number != 1 or _is_factor(leaf, value)]
        yield from [leaf for leaf in small if not _FACTOR.search(values.words_of(leaf.name))][:1]


def _fractions(value: Resolved) -> list[Resolved]:
    """The fractions that a value is computed from, up to 1."""
    return [leaf for leaf in values.leaves(value) if isinstance(leaf.value, float) and 0 < leaf.value <= 1]


def _is_factor(leaf: Resolved, product: Resolved) -> bool:
    """Whether a product is written with this number: `1.0 * devices`, but not `(1.0 - warm) * rate`."""
    node, part = (one.origin[1] if isinstance(one.origin, tuple) else None for one in (product, leaf))
    return bool(leaf.name) or (is_operation(node, ast.Mult) and part in (node.left, node.right))


def _scaled_with_batch(value: Resolved) -> Resolved | None:
    """The rate in `4e-4 * (batch / 64)`: the one small number that has no name, where a batch or devices have."""
    found = list(values.leaves(value)) if value.parts else []
    scaled = any(re.search(r"batch|device|world|replica|gpu", values.words_of(leaf.name)) for leaf in found)
    small = [leaf for leaf in _fractions(value) if leaf.number != 1 and not leaf.name] if scaled else []
    return small[0] if len(small) == 1 else None


_ARITHMETIC = frozenset({
    "sqrt", "exp", "expm1", "log", "log1p", "log2", "log10", "pow", "power", "square", "factorial", "cos", "sin",
    "tanh", "prod", "sum", "uniform", "normal", "rand", "randn", "randint", "random", "choice", "loguniform",
    "zeros", "ones",
})  # fmt: skip
"""Functions whose value is not their argument: `math.sqrt(0.04)` is no rate of 0.04."""
_TAKING = frozenset({"slice", "reshape", "gather", "squeeze"})
"""Functions that take some of their first argument: `tf.slice(rates, [at], [1])` holds no rate of 1."""


def _of_schedule(call: Call, depth: int) -> Iterator[Resolved]:
    """The base rate that a schedule of a library is given, also where it is asked for a step: `schedule(step)`."""
    asked = call.receiver.value if call.receiver is not None and call.name == "__call__" else None
    call = asked.call if isinstance(asked, Made) else call
    if call.name in _ARITHMETIC:
        return
    if call.name in _TAKING:
        yield from (rate for value in call.positional[:1] for rate in base_rates(value, depth))
        return
    for name in ("end_value", *_PEAKS) if _rises(call) else _PEAKS:
        if name in call.keywords:
            found = [r for r in base_rates(call.keywords[name], depth) if r.number]
            if found:
                yield found[0]
                return
    given = [*call.positional, *(value for name, value in call.keywords.items() if "boundar" not in name)]
    lists = [value for value in given if isinstance(value.value, (ListValue, Made, Function))]
    if call.name in ("piecewise_constant", "PiecewiseConstantDecay"):  # the lists before the last say when
        rates = [rate for value in lists[-1:] for rate in base_rates(value, depth)]
        if lists and isinstance(lists[-1].value, ListValue) and all(each.parts for each in lists[-1].value.items):
            yield from rates[:1]  # [rate, 0.1 * rate], as often as there are devices
            return
        yield from sorted(rates, key=lambda rate: -(rate.number or 0))[:1]
        return
    for value in lists[:3]:
        found = list(base_rates(value, depth))
        if found:
            yield from found
            return
    first = call.positional[: 1 if call.name.lower().endswith("decay") else None]  # then steps, and the end
    numbers = [value for value in first if value.number]
    yield from (rate for value in numbers[:1] for rate in stated(value))


def _rises(call: Call) -> bool:
    """Whether a schedule only warms up: `linear_schedule(init_value=1e-5, end_value=1e-3, transition_steps=100)`."""
    ends = [call.keywords[name].number or 0 for name in ("init_value", "end_value") if name in call.keywords]
    return "peak_value" not in call.keywords and len(ends) == 2 and ends[0] < ends[1]


def _first_named(attributes: Mapping[str, Resolved]) -> Iterator[Resolved]:
    found = {k: v for k, v in attributes.items() if v.number and RATE.search(values.words_of(k))}
    base = [v for k, v in found.items() if re.search(r"max|peak|base", k)]
    rest = [v for k, v in found.items() if not re.search(r"start|warm|min|final", k)]
    yield from (base or rest or list(found.values()))[:1]
