"""Classes of the user's code that the default run builds as networks."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.facts import Fact
from core.analysis.program import Class, Function, Instance, Made, Program
from core.analysis.rules.view import PARAMETRIC, Network, View, view


def model_classes(program: Program) -> Iterator[Fact]:
    """Accepts objects of classes that derive from a framework's module class, or whose methods build layers.

    Networks that hold layers come before those that hold none (losses, transforms); roots before their parts.
    """
    seen = view(program)
    networks = sorted((n for n in seen.networks if n.instance is not None), key=lambda n: (not _has_layers(n), _is_aid(n, seen)))
    told: set[tuple[str, str]] = set()
    for network in networks:
        if not _has_layers(network) and told and not _has_parts(network):
            continue
        for instance in network.parts:
            cls = instance.cls
            key = (cls.module.path, cls.name)
            if key not in told and not _is_plain_estimator(cls):
                told.add(key)
                yield Fact("model_classes", cls.name, _head(cls), "class that the run builds")


def _head(cls: Class):  # type: ignore[no-untyped-def]
    place = cls.module.place(cls.node)
    return type(place)(place.file, cls.module.source.place(cls.node.lineno).line, cls.module.source.place(cls.node.lineno).line, place.cell)


def _has_layers(network: Network) -> bool:
    """Whether it has weights: layers, or parameters of its own."""
    return any(layer.kind in PARAMETRIC or "norm" in layer.kind for layer in network.layers) or any(
        isinstance(value.value, Made) and value.value.call.name in ("Parameter", "Variable", "param", "add_weight", "Param")
        for part in network.parts
        for value in part.attributes.values()
    )


def _has_parts(network: Network) -> bool:
    return len(network.parts) > 1 and _has_layers(network)


def _is_aid(network: Network, seen: View) -> bool:
    """Whether it only judges: a loss, or a pretrained network that others are compared with. Those come last."""
    cls = network.instance.cls if network.instance else None
    return cls is not None and cls.name.casefold().endswith(("loss", "criterion", "augmentation", "transform"))


def _is_plain_estimator(cls: Class) -> bool:
    """A helper without any method that computes an output (a container of settings)."""
    return not any(isinstance(value.value, Function) for part in cls.lineage() for value in part.attributes.values())


def main_instance(seen: View) -> Instance | None:
    """The object that a researcher would call the model: the first root network with layers."""
    return next((n.instance for n in seen.networks if n.instance is not None and _has_layers(n) and not _is_aid(n, seen)), None)
