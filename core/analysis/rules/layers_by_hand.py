"""Layers that the user wrote: heirs of a library's layer, and classes that multiply their input with a weight."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cache

from core.analysis.program import Call, Class, Instance
from core.analysis.rules.bodies import (
    LOG_DETERMINANT,
    Body,
    is_forward,
    last_name,
    multiplies,
    products_with,
    recurs,
    unrolls,
)
from core.analysis.rules.kinds import PARAMETRIC, is_weight, layer_kind


def own_layers(bodies: Sequence[Body], instances: Sequence[Instance], applied: Set[int]) -> list[tuple[Call, str]]:
    """The calls that build a layer of the user's, with its kind; objects in `applied` (by id) are known otherwise."""
    forwards = {body.cls: body for body in bodies if body.cls is not None and is_forward(body.name)}
    helpers = {body.name: body for body in bodies if body.cls is None}
    found: list[tuple[Call, str]] = []
    for instance in instances:
        kind = _inherited(instance.cls.external_bases())
        if kind in PARAMETRIC or kind == "layernorm":
            found.append((instance.call, kind))
        elif id(instance) not in applied:
            found += [(instance.call, kind) for kind in _computed(instance, forwards, helpers)]
    return found


@cache
def _inherited(bases: tuple[str, ...]) -> str:
    """The kind of layer that an heir of these classes is; empty where it is none."""
    return next((kind for base in bases if (kind := layer_kind(base))), "")


def _computed(instance: Instance, forwards: dict[Class, Body], helpers: dict[str, Body]) -> list[str]:
    """The layers that an object of the user's computes: a convolution, a recurrence, or a product for each weight."""
    body = next((forwards[part] for part in instance.cls.lineage() if part in forwards), None)
    if body is None or body.speaks_of(LOG_DETERMINANT):
        return []
    if not multiplies(body):
        return ["linear"] * _handed_on(instance, body, helpers)
    if unrolls(body):
        return ["conv"]
    if recurs(body):
        return ["rnn"]
    return ["linear"] * products_with(body, own_weights(instance))


def own_weights(instance: Instance) -> set[str]:
    """The attributes of an object that hold weights of its own."""
    return {name for name, value in instance.attributes.items() if is_weight(value)}


def _handed_on(instance: Instance, body: Body, helpers: dict[str, Body]) -> int:
    """How often a forward hands a weight of the object's own to a plain function that multiplies with what it is given:
    `scaled_linear(x, self.weight, self.bias)`."""
    asked = [
        call for name in helpers.keys() & body.calls.keys() if multiplies(helpers[name]) for call in body.calls[name]
    ]
    kept = own_weights(instance) if asked else set()
    return sum(any(last_name(given) in kept for given in call.args) for call in asked)
