"""The sizes of networks that torchvision makes ready, from the vocabulary: a script only names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core import vocabulary
from core.analysis.program import Call, Made, Resolved

CLASSES = 1000
"""The classes of ImageNet, which these networks tell apart unless they are told otherwise."""
_PLAIN = frozenset({"weights", "pretrained", "progress", "num_classes"})
"""Arguments that change nothing about the size, and the number of classes."""
_WEIGHTLESS = frozenset({"maxpool", "avgpool"})
"""Parts without weights that scripts put something else for."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A network: its weights with `CLASSES` classes, the path of its last layer, and that layer's inputs."""

    parameters: int
    head: str
    inputs: int

    def head_weights(self, classes: int) -> int:
        return (self.inputs + 1) * classes


def ready(dotted: str) -> Ready | None:
    """The network that a call of this name makes; None for any other call, and for networks of unknown size."""
    home, _, name = dotted.rpartition(".")
    if not home.startswith("torchvision.models"):
        return None
    told = vocabulary.load().table("networks", "torchvision").get(name)
    return Ready(**told) if told else None


def weights_of(call: Call) -> int | None:
    """The weights that are left of a ready-made network once parts of it were replaced; None where that is unknown."""
    network = ready(call.dotted)
    if network is None or not _PLAIN.issuperset(call.keywords) or len(call.positional) > 1:
        return None
    told = call.keywords.get("num_classes")
    classes = CLASSES if told is None else told.integer
    if classes is None:
        return None
    weights = network.parameters + network.head_weights(classes) - network.head_weights(CLASSES)
    for path in replaced(call):
        if path == network.head:
            weights -= network.head_weights(classes)
        elif path not in _WEIGHTLESS:
            return None
    return weights


def replaced(call: Call) -> Mapping[str, Resolved]:
    """What was put for parts of the object that a call made, by path: `net.classifier[6] = nn.Linear(4096, 10)`."""
    made = call.made
    kept = made.attributes if isinstance(made, Made) else {}
    return {path: value for path, value in kept.items() if not isinstance(value.value, (int, float, str))}


def inputs_of(made: Made, path: str) -> int | None:
    """`net.fc.in_features`: how many numbers the last layer of a ready-made network takes."""
    network = ready(made.dotted)
    return network.inputs if network is not None and path == network.head else None
