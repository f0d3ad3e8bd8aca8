"""Modules that are imported by a name or a path that the run makes."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING

from core.analysis.follow import instantiating
from core.analysis.follow.configuring import module_names, note_entries
from core.analysis.follow.handling import Handler
from core.analysis.follow.locating import locate, path_of
from core.analysis.program import (
    NAMED,
    Call,
    Class,
    DictValue,
    External,
    Function,
    Made,
    Module,
    ModuleValue,
    Resolved,
    Template,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def _module_of_spec(m: Machine, call: Call) -> Resolved | None:
    """`module_from_spec(spec_from_file_location(name, path))`: the module that stands at the path."""
    spec = call.positional[0].value if call.positional else None
    given = spec.call.argument("location", 1) if isinstance(spec, Made) else None
    path = locate(m, path_of(given), (".py",)) if given is not None else None
    module = m.load(path) if path else None
    if module is None:
        return None
    if m.is_config(module.path):
        note_entries(m, m.made(module_names(m, module), call.node))
    return m.made(ModuleValue(module), call.node)


def _import_module(m: Machine, call: Call) -> Resolved | None:
    """`importlib.import_module(name)`, of the chosen config where the name is not known."""
    name = call.positional[0].text if call.positional else None
    anyone = None
    if call.positional and isinstance(call.positional[0].value, Template):
        anyone = _import_package(m, call.positional[0].value.text.partition("{")[0].partition("*")[0], call)
    path = _find(m, name, call.argument("package", 1)) if name else None
    chosen = m.candidate.path if m.candidate.kind == "config" and m.candidate.path.endswith(".py") else ""
    if path is None and name in (chosen, os.path.basename(chosen).removesuffix(".py")):
        path = chosen or None  # its folder was put on the path, or an option takes its dotted name
    if path is None and not name:
        path = locate(m, None, (".py",))
    if path is None and name and "." in name and m.find(name.rpartition(".")[0]):  # tried as a module, before its parts
        return instantiating.named_thing(m, name, call.positional[0]).but(how=NAMED, origin=call.positional[0].origin)
    if path is None and name and not name.startswith(".") and m.find(name.partition(".")[0]) is None:
        return call.positional[0].but(value=External(name), how=NAMED)
    module = m.load(path) if path else None
    if module is not None and m.is_config(module.path):
        note_entries(m, m.made(module_names(m, module), call.node))
    if module and name and call.name == "__import__" and "." in name and call.argument("fromlist", 3) is None:
        return package_with(m, name, module, call.node)  # `a` of `__import__("a.b")`
    return m.made(ModuleValue(module), call.node) if module else anyone


def _find(m: Machine, name: str, package: Resolved | None) -> str | None:
    """The local file of a module; `.small_net` stands in the package that is told, else (`__package__`) in this one."""
    rest = name.lstrip(".")
    if rest != name and package is not None and package.text:
        return m.find(f"{package.text}.{rest}")
    return m.find(rest, len(name) - len(rest))


def package_with(m: Machine, dotted: str, module: Module, node: ast.AST, package: Resolved | None = None) -> Resolved:
    """The package `a` of a module `a.b`, as it was known so far, or anew, with that module in it."""
    head, *rest = dotted.split(".")
    if package is None or not isinstance(package.value, (DictValue, ModuleValue)):
        package = _known(m, head, node)
    inside = package
    for number, part in enumerate(rest[:-1], 1):
        inside = _inner(inside, part, _known(m, ".".join((head, *rest[:number])), node))
    _inner(inside, rest[-1], m.made(ModuleValue(module), node, "import"))
    return package


def _known(m: Machine, dotted: str, node: ast.AST) -> Resolved:
    """A package with what its own file has, or one that only holds modules."""
    path = m.find(dotted)
    own = m.load(path) if path else None
    return m.made(ModuleValue(own) if own else DictValue(), node, "import")


def _inner(holder: Resolved, name: str, default: Resolved) -> Resolved:
    names: dict[str, Resolved] = {}
    if isinstance(holder.value, DictValue):
        names = holder.value.entries
    elif isinstance(holder.value, ModuleValue):
        names = holder.value.module.scope.names
    return names.setdefault(name, default)


def _import_package(m: Machine, prefix: str, call: Call) -> Resolved | None:
    """`import_module(f"models.{name}")` of names that nobody knows: every module there may be meant, so a name that one
    of them has is known by itself. A package that imports its own so gives their classes as its own."""
    here = m.frame.scope.module
    own = os.path.basename(here.path) == "__init__.py" and prefix.rstrip(".") in ("", here.name)
    asked = prefix.rstrip(".") if prefix.endswith(".") else ""
    folder = os.path.dirname(here.path) if own else m.package(asked) if asked else None
    names: dict[str, list[Resolved]] = {}
    for path in sorted(m.known) if folder else ():
        home = path == here.path or os.path.basename(path) == "__init__.py"
        if os.path.dirname(path) == folder and path.endswith(".py") and not home:
            module = m.load(path)
            for name, value in module.scope.names.items() if module else ():
                if isinstance(value.value, (Class, Function)) and value.value.module is module:
                    names.setdefault(name, []).append(value)
    if own:
        for name, values in names.items():
            if isinstance(values[0].value, Class):
                here.scope.names.setdefault(name, values[0])
    return _any_of(m, {name: values[0] for name, values in names.items() if len(values) == 1}, here, call)


def _any_of(m: Machine, names: dict[str, Resolved], here: Module, call: Call) -> Resolved | None:
    """A module that has the names which one alone of several has."""
    if not names:
        return None
    module = Module(here.path, "*", here.tree, here.source)
    module.scope.names = names
    return m.made(ModuleValue(module), call.node)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("importlib.import_module", "__import__"), _import_module),
    "importlib.util.module_from_spec": _module_of_spec,
}
