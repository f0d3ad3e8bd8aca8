"""gin: parameters that nobody gives take what the chosen file binds to them."""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from core import vocabulary
from core.analysis import gin
from core.analysis.follow.configuring import note_entries
from core.analysis.follow.handling import Handler
from core.analysis.follow.locating import locate, path_of
from core.analysis.program import UNKNOWN, Call, Class, External, Function, Instance, ListValue, Resolved, each_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

SUFFIXES = (".gin",)
MOST_FILES = 20
"""Files that include one another."""


_OFFERED = {"gin.torch.external_configurables": "torch.optim", "gin.tf.external_configurables": "tensorflow.train"}
"""Modules of gin's own that a file may import, and where the optimizers are that it then knows."""


class Bound:
    """What is bound while a program is followed, and what can be bound to."""

    def __init__(self) -> None:
        self.targets: dict[str, dict[str, Resolved]] = {}
        """The parameters of each function or class, by its name."""
        self.things: dict[str, Resolved] = {}
        """What `@name` means."""
        self.names: dict[int, str] = {}
        """The names that definitions (by id) were given, where these are not their own."""
        self.libraries: list[str] = []
        """Modules of gin's own whose import makes things of a library known by their names."""


def keep(m: Machine, value: Resolved, call: Call | None) -> None:
    """`@gin.configurable` and `@gin.configurable("name")` over a function or class."""
    inner = value.value
    if isinstance(inner, (Function, Class)):
        given = call.positional[0].text if call is not None and call.positional else None
        name = (given or inner.name).rpartition(".")[2]
        m.bound.things[name] = value
        m.bound.names[id(inner.node)] = name


def _external(m: Machine, call: Call) -> Resolved | None:
    """`gin.external_configurable(Adam, name="Adam")`, `gin.configurable(function)`."""
    value = call.positional[0] if call.positional else None
    if value is None or not isinstance(value.value, (External, Function, Class)):
        return None
    named = call.argument("name", 1)
    own = value.value.dotted if isinstance(value.value, External) else value.value.name
    m.bound.things[(named.text if named and named.text else own).rpartition(".")[2]] = value
    return value


def _parse(m: Machine, call: Call) -> Resolved:
    """`gin.parse_config_files_and_bindings(files, bindings)`, `gin.parse_config_file(path)`."""
    files = each_in(call.positional[0] if call.positional else None)
    paths = [locate(m, path_of(file), SUFFIXES) for file in files] or [locate(m, None, SUFFIXES)]
    told = [each for path in dict.fromkeys(path for path in paths if path) for each in _bind(m, path, MOST_FILES)]
    for file, found in told:
        kept = {target: _held(m, target, parameters) for target, parameters in found.targets.items()}
        note_entries(m, gin.as_entries(gin.Bindings(kept, found.imports, found.includes), file))
    return m.made(None, call.node)


def _held(m: Machine, target: str, parameters: Mapping[str, Resolved]) -> dict[str, Resolved]:
    """What a file binds to a target that no file read behind it binds again."""
    return {name: value for name, value in parameters.items() if m.bound.targets[target][name] is value}


def _bind(m: Machine, path: str, left: int) -> list[tuple[str, gin.Bindings]]:
    """Bind what a file says, after what it includes; the files, as they are read, and what each says."""
    found, told = gin.read(m.read(path)), list[tuple[str, gin.Bindings]]()
    for name in found.includes if left else ():
        folders = (os.path.dirname(path), *(path[:end] for end in range(len(path)) if path[end] == os.sep))
        options = (os.path.normpath(os.path.join(folder, name)) for folder in folders)
        if inner := next((option for option in options if option in m.known and option != path), None):
            told += _bind(m, inner, left - 1)
    m.bound.libraries += [dotted for dotted in found.imports if dotted in _OFFERED]
    for dotted in found.imports:
        if (module := m.find(dotted)) is not None:
            m.load(module)
    for target, parameters in found.targets.items():
        m.bound.targets.setdefault(target, {}).update(parameters)
    return [*told, (path, found)]


def given(m: Machine, function: Function, count: int, keywords: Mapping[str, Resolved]) -> Mapping[str, Resolved]:
    """The keywords of a call with `count` positional arguments, and what is bound to the parameters that they leave."""
    arguments = function.node.args
    named = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    left = {*named[count + (function.owner is not None) :], *(each.arg for each in arguments.kwonlyargs)}
    bound = _parameters(m, function)
    return {**{k: value_of(m, v) for k, v in bound.items() if k in left and k not in keywords}, **keywords}


def _parameters(m: Machine, function: Function) -> dict[str, Resolved]:
    """What is bound to a function, or, of `__init__`, to the class of the object and to the one that states it."""
    definitions: list[Function | Class | None] = [function]
    if function.name == "__init__" and function.home is not None:
        owner = function.owner.cls if isinstance(function.owner, Instance) else None
        definitions = [function.home, owner]
    found: dict[str, Resolved] = {}
    for each in definitions:
        found |= of(m, each) if each is not None else {}
    return found


def of(m: Machine, thing: Function | Class) -> dict[str, Resolved]:
    """What is bound to a function or class of the user's."""
    return m.bound.targets.get(m.bound.names.get(id(thing.node), thing.name), {})


def of_library(m: Machine, dotted: str, keywords: dict[str, Resolved]) -> dict[str, Resolved]:
    """The keywords of a call of a library, with what is bound to it."""
    name = dotted.rpartition(".")[2]
    bound = m.bound.targets.get(name, {})
    return {**{key: value_of(m, value) for key, value in bound.items()}, **keywords} if bound else keywords


def value_of(m: Machine, value: Resolved, depth: int = 8) -> Resolved:
    """A bound value: what `@name` means, what `@name()` gives, what a macro stands for."""
    inner = value.value
    if isinstance(inner, ListValue):
        return value.but(value=ListValue([value_of(m, item, depth - 1) for item in inner.items], inner.kind))
    if not isinstance(inner, gin.Named):
        return value
    head, _, name = inner.name.rpartition(".")
    if inner.macro:
        found = m.bound.targets.get(gin.MACROS, {}).get(name)
    elif (found := m.bound.things.get(name)) is None and head:  # of a library that gin knows by itself
        found = value.but(value=External(re.sub(r"^tf\.", "tensorflow.", inner.name)))
    elif found is None:
        known = m.bound.libraries if vocabulary.load().canonical("optimizer", name) else ()
        found = next((value.but(value=External(f"{_OFFERED[each]}.{name}")) for each in known), None)
    if found is None or not depth:
        return value.but(value=UNKNOWN)
    if inner.called:
        from core.analysis.follow.calling import call_value

        return call_value(m, found, None, (), {}, m.program.entry.tree)
    return value_of(m, found, depth - 1)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("gin.parse_config_file", "gin.parse_config_files_and_bindings", "gin.config.parse_config_file",
                     "gin.config.parse_config_files_and_bindings"), _parse),
    **dict.fromkeys(("gin.external_configurable", "gin.config.external_configurable", "gin.configurable"), _external),
}  # fmt: skip
