"""After the entry was walked: what frameworks call later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.follow import attributes, calling, classes
from core.analysis.follow.frames import Frame
from core.analysis.program import Function, Instance, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

NOT_TRAINING = ("test", "predict", "valid", "eval", "sample", "infer", "generate", "plot", "show", "load", "export")
"""Beginnings of method names that a training run does not need."""
HOOKED = (
    "LightningModule",
    "LightningDataModule",
    "Trainer",
    "Callback",
    "Model",
    "Learner",
    "Strategy",
    "LightningCLI",
    "TrainValidConfigs",
    "SimpleTrainValidConfigs",
)
"""Last names of library bases whose methods the library calls."""


def finish(m: Machine) -> None:
    """Follow the hooks of objects whose library calls them, and the forward of models never called."""
    if m.eager:
        _uncalled(m)
    done: set[int] = set()
    for _ in range(3):
        todo = [instance for instance in m.program.instances if id(instance) not in done]
        for instance in todo:
            done.add(id(instance))
            m.frame = Frame(instance.call.module.scope, loop=instance.call.loop)
            _hooks(m, instance)
    m.frame = Frame(m.program.entry.scope)


def _hooks(m: Machine, instance: Instance) -> None:
    bases = instance.cls.external_bases()
    if not bases:
        return
    hooked = any(base.endswith(HOOKED) for base in bases) or -id(instance) in m.side
    node = instance.call.node
    for part in instance.cls.lineage():
        for name, value in list(part.attributes.items()):
            if not isinstance(value.value, Function) or instance.cls.find(name) is not value:
                continue
            if (hooked and _trains(name)) or name in classes.FORWARDS or (_decorated_as_compact(value)):
                method = attributes.bound(m, value, instance, node).value
                if isinstance(method, Function) and not m.times.get(id(method.node)):
                    calling.call_function(m, method, (), {}, node)


def _trains(name: str) -> bool:
    return not name.startswith(("__", *NOT_TRAINING)) and "test" not in name and "val" not in name


def _decorated_as_compact(value: Resolved) -> bool:
    return isinstance(value.value, Function) and "compact" in attributes.decorations(value.value)


def _uncalled(m: Machine) -> None:
    """Of a script in which nothing is trained: the functions that it holds for others to call."""
    values = list(m.program.entry.scope.names.values())
    for value, _ in zip(values, m.each_way(len(values)), strict=True):
        function = value.value
        if not isinstance(function, Function) or function.module is not m.program.entry:
            continue
        if not m.times.get(id(function.node)) and _trains(function.name.lstrip("_")):
            calling.call_function(m, function, (), {}, function.node)
