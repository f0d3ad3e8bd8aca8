"""After the entry was walked: what frameworks call later."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from core.analysis.config_files import bases_of, parts_of
from core.analysis.follow import attributes, calling, classes, configuring, picking
from core.analysis.follow.frames import Frame
from core.analysis.follow.locating import CONFIG_SUFFIXES
from core.analysis.follow.options import NOT_TRAINING, trains_by_name
from core.analysis.nodes import below, is_of_self, name_of
from core.analysis.outline import Outline, outline
from core.analysis.program import Class, Function, Instance, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

MOST_WAYS = 4
"""Settings of an object's switches with which one of its methods is followed."""
HOOKED = (
    "LightningModule",
    "LightningDataModule",
    "Trainer",
    "Callback",
    "Model",
    "Learner",
    "Strategy",
    "LightningCLI",
    "Updater",
    "TrainValidConfigs",
    "SimpleTrainValidConfigs",
)
"""Last names of library bases whose methods the library calls."""
STEP = "train_step"
"""The method of a network that the runners of OpenMMLab call for each batch."""


def finish(m: Machine) -> None:
    """Follow the hooks of objects whose library calls them, and the forward of models never called."""
    _installed(m)
    _commands(m)
    if m.eager:
        _uncalled(m)
    picking.pass_over(m)
    done: set[int] = set()
    fitted = {id(value.value) for call in m.program.calls if call.name == "fit" for value in call.given}
    frozen = {id(call.holder) for call in m.program.calls if call.name == "freeze" and call.holder is not None}
    for _ in range(3):
        todo = [instance for instance in m.program.instances if id(instance) not in done]
        todo.sort(key=lambda instance: id(instance) not in fitted)  # before others of their class
        parts = _parts_of_wrappers(todo) | (frozen - fitted)
        for instance in todo:
            done.add(id(instance))
            m.frame = Frame(instance.call.module.scope, loop=instance.call.loop)
            _hooks(m, instance, id(instance) in parts)
    m.frame = Frame(m.program.entry.scope)
    _transformed(m)
    _unread(m)


def _unread(m: Machine) -> None:
    """The configuration that a run is given, where nothing was seen to read it, and those on which it is built: what
    they say of the same parts is said by name, of each what none over it says."""
    candidate = m.candidate
    given = [candidate.path] if candidate.kind == "config" else candidate.aliases
    given = [path for path in given if path.endswith(CONFIG_SUFFIXES)]
    read = {option.value.place.file for option in m.program.options if option.kind == "config"}
    if len(given) != 1 or _is_of_many_runs(told := outline(m.read(given[0]))):
        return
    if not m.config_used and given[0] not in read:
        configuring.load_file(m, given[0])
    known = {path: outline(m.read(path)) for path in m.known if told.bases and path.endswith(CONFIG_SUFFIXES)}
    over = {given[0]}
    for base in (each for each in bases_of(known, told) if parts_of(each) & parts_of(told)):
        _lay_below(m, base.path, over, base.path in read)
        over.add(base.path)


def _is_of_many_runs(told: Outline) -> bool:
    """Whether most parts of a configuration say several things of the same names, each of another run:
    `Pong: {steps: 10, policy: cnn, ...}`."""
    said = Counter(key.partition(".")[2] for key in told.keys if key.count(".") == 1)
    return sum(times > max(len(parts_of(told)) // 2, _FEW) for times in said.values()) >= _FEW


_FEW = 4


def _lay_below(m: Machine, path: str, over: set[str], is_read: bool) -> None:
    """Note of a file, which may be read already, what none of those over it says."""
    options, configs = m.program.options, len(m.program.configs)
    if not is_read:
        configuring.load_file(m, path)
        del m.program.configs[configs:]
    of = [(option, option.value.place.file if option.kind == "config" else "") for option in options]
    said = {(option.section, option.name) for option, file in of if file in over}
    options[:] = [each for each, file in of if file != path or (each.section, each.name) not in said]


def _installed(m: Machine) -> None:
    """Functions of the entry that hand over to `Fire`, or of a package's `__main__.py`, which nothing called: an
    installed command does."""
    whole = m.entry_path.endswith("__main__.py")
    held = [value.value for value in m.program.entry.scope.names.values() if isinstance(value.value, Function)]
    for function in held:
        own = function.module is m.program.entry and not m.times.get(id(function.node))
        if own and (whole or any(_is_of_fire(call.func) for call in below(function.node, ast.Call))):
            calling.call_function(m, function, (), {}, function.node)


def _is_of_fire(function: ast.expr) -> bool:
    return name_of(function).endswith("Fire")


def _commands(m: Machine) -> None:
    """Of the commands of click or typer that nothing was seen to call, the ones called after training, else all
    that training may need."""
    given = {id(value.value.node): value.value for value in m.commands if isinstance(value.value, Function)}
    waiting = [function for key, function in given.items() if not m.times.get(key)]
    waiting = [each for each in waiting if len(waiting) == 1 or trains_by_name(each.name)]
    most = max((trains_by_name(each.name) for each in waiting), default=0)
    for function in waiting:
        if trains_by_name(function.name) == most:
            calling.call_function(m, function, (), {}, function.node)


def _transformed(m: Machine) -> None:
    """Functions given to `transform`, that build a network and that nobody was seen to call."""
    from core.analysis.follow.calling import call_function

    for value in list(m.side.values()):
        if isinstance(value, Function) and not m.times.get(id(value.node)):
            call_function(m, value, (), {}, value.node)


def _parts_of_wrappers(instances: list[Instance]) -> set[int]:
    """The LightningModules (by id) that another one holds: a trainer calls the hooks of the outermost alone."""
    wrappers = [each for each in instances if each.cls.heir_of("LightningModule")]
    inside = {id(value.value) for each in wrappers for value in each.attributes.values() if value.value is not each}
    return {id(each) for each in wrappers} & inside


def _hooks(m: Machine, instance: Instance, is_part: bool) -> None:
    """Follow what a library calls on an object: its forward, and its hooks where a trainer has it; nothing calls those
    of a class that is an heir of `object` alone."""
    bases = set(instance.cls.external_bases()) - {"object"}
    if not bases and -id(instance) not in m.side:
        return
    hooked = (instance.cls.heir_of(*HOOKED) and not is_part) or -id(instance) in m.side
    node = instance.call.node
    classes.build(m, instance, node)
    judging = _judging(instance.cls) if hooked else frozenset()
    for part in instance.cls.lineage():
        for name, value in list(part.attributes.items()):
            if not isinstance(value.value, Function):
                continue
            known = name in classes.FORWARDS or name == STEP or (hooked and _trains(name) and name not in judging)
            known = known or (name == "apply" and attributes.is_before_linen(instance.cls))
            if (known or _decorated_as_compact(value)) and instance.cls.find(name) is value:
                method = attributes.bound(m, value, instance, node).value
                if isinstance(method, Function) and _is_new(m, method, instance):
                    given = classes.told_first(m, name, node)
                    calling.call_function(m, method, given, _labels(m, method), node)


def _judging(cls: Class) -> frozenset[str]:
    """The methods of a class that judge, by their names, and those that only such ones ask: `prior` of
    `validation_step`."""
    methods = {name: value.value for part in cls.lineage() for name, value in part.attributes.items()}
    asking: dict[str, set[str]] = {}
    for name, method in methods.items():
        for asked in below(method.node, ast.Attribute) if isinstance(method, Function) else ():
            if is_of_self(asked) and asked.attr in methods:
                asking.setdefault(asked.attr, set()).add(name)
    found = {name for name in methods if not (name.startswith("__") or _trains(name))}
    while more := {name for name, others in asking.items() if name not in found and others <= found}:
        found |= more
    return frozenset(found)


def _labels(m: Machine, method: Function) -> dict[str, Resolved]:
    """The `labels` of `forward(self, input_ids, labels=None)`, which training gives: there the loss is made."""
    arguments = method.node.args
    named = {each.arg for each in (*arguments.args, *arguments.kwonlyargs)}
    return {"labels": m.unknown(method.node)} if "labels" in named else {}


def _is_new(m: Machine, method: Function, instance: Instance) -> bool:
    """Whether a method was never followed, or never with the labels that training gives; of those followed here, not
    yet with the object's switches as they are."""
    ways = m.side.setdefault(id(method.node), set())
    switches = tuple(value.value for value in instance.attributes.values() if isinstance(value.value, bool))
    assert isinstance(ways, set)
    known = m.times.get(id(method.node)) and not ways and not _lacks_labels(m, method)
    if known or switches in ways or len(ways) >= MOST_WAYS:
        return False
    ways.add(switches)
    return True


def _lacks_labels(m: Machine, method: Function) -> bool:
    """Whether all that was seen of a method that takes `labels` goes without: `net(ids).logits`."""
    named = [each.arg for each in method.node.args.args]
    if "labels" not in named:
        return False
    asked = [c for c in m.program.calls if isinstance(c.target, Function) and c.target.node is method.node]
    return bool(asked) and all(call.argument("labels", named.index("labels") - 1) is None for call in asked)


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
