"""Layers that the user wrote: heirs of a library's layer, and classes that multiply their input with a weight."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cache

from core.analysis.program import Call, Class, Instance
from core.analysis.rules.bodies import LOG_DETERMINANT, Body, is_forward, multiplies, products_with, recurs, unrolls
from core.analysis.rules.kinds import PARAMETRIC, is_weight, layer_kind


def own_layers(bodies: Sequence[Body], instances: Sequence[Instance], applied: Set[int]) -> list[tuple[Call, str]]:
    """The calls that build a layer of the user's, with its kind; objects in `applied` (by id) are known otherwise."""
    forwards = {body.cls: body for body in bodies if body.cls is not None and is_forward(body.name)}
    found: list[tuple[Call, str]] = []
    for instance in instances:
        kind = _inherited(instance.cls.external_bases())
        if kind in PARAMETRIC or kind == "layernorm":
            found.append((instance.call, kind))
        elif id(instance) not in applied:
            found += [(instance.call, kind) for kind in _computed(instance, forwards)]
    return found


@cache
def _inherited(bases: tuple[str, ...]) -> str:
    """The kind of layer that an heir of these classes is; empty where it is none."""
    return next((kind for base in bases if (kind := layer_kind(base))), "")


def _computed(instance: Instance, forwards: dict[Class, Body]) -> list[str]:
    """The layers that an object of the user's computes: a convolution, a recurrence, or a product for each weight."""
    body = next((forwards[part] for part in instance.cls.lineage() if part in forwards), None)
    if body is None or not multiplies(body) or any(map(LOG_DETERMINANT.search, body.spoken)):
        return []
    if unrolls(body):
        return ["conv"]
    if recurs(body):
        return ["rnn"]
    kept = {name for name, value in instance.attributes.items() if is_weight(value)}
    return ["linear"] * products_with(body, kept)
