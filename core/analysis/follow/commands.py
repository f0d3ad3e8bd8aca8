"""Functions and classes that a command line starts: click, typer, fire, tyro, pyrallis, Sacred and their kin."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.analysis.follow import attributes, classes
from core.analysis.follow.handling import Handler
from core.analysis.follow.options import destination, trains_by_name
from core.analysis.program import (
    Call,
    Class,
    DictValue,
    Function,
    Instance,
    Made,
    Option,
    Resolved,
    Scope,
    each_in,
    keywords_in,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

INGREDIENT = "sacred.Ingredient"
SACRED = ("sacred.Experiment.", f"{INGREDIENT}.")
_EXPERIMENT = 1
"""Where the machine keeps the configuration of the experiment; no id of an object."""
STARTED = frozenset({"command", "main", "wrap", "hydra_runner", "hydra_main", "task_wrapper", "typer", "automain",
    "default", "bind", "capture", "configurable"})  # fmt: skip
"""Last names of decorators whose function is started, or given its arguments, by the library."""
_WAITING = ("command", "default", "automain", "main")
"""Those of them whose function the command line starts, though no code calls it."""


# -- decorators


def decorated(m: Machine, value: Resolved, dotted: str, call: Call | None, of: Resolved | None) -> None:
    """A decorator of a library, a method `of` an object, that gives a function its arguments."""
    function = value.value
    last = dotted.rpartition(".")[2]
    if not isinstance(function, Function) or not isinstance(function.defaults, dict):
        return
    if call is not None and last in ("option", "argument"):
        _click_option(m, function, call)
    elif dotted.startswith(SACRED) and last in ("config", "named_config"):
        _sacred_config(m, function, last, of)
    elif last in STARTED:
        _mark_main(m, function, dotted, call, of)
        own = function.module.path in (m.entry_path, m.candidate.path)
        if own and last in _WAITING and not dotted.startswith(("click.", "hydra")):
            m.commands.append(value)


def _click_option(m: Machine, function: Function, call: Call) -> None:
    names = [v.value for v in call.positional if isinstance(v.value, str)]
    plain = [name for name in names if not name.startswith("-")]
    name = (plain[0] if plain else destination(names)).split("/")[0].replace("-", "_")
    default = call.keywords.get("default")
    flag = call.keywords.get("is_flag")
    value = default or (m.made(False, call.node) if flag is not None else m.unknown(call.node))
    how = "click default" if value.how in ("call argument", "literal") else value.how
    value = Resolved(value.value, value.origin, how, value.others, name, value.parts)
    assert isinstance(function.defaults, dict)
    function.defaults[name] = value
    m.program.options.append(Option(name, value, "click"))


def _sacred_config(m: Machine, function: Function, last: str, of: Resolved | None) -> None:
    """`@ex.config def cfg(): lr = 0.1`: the names that its body gives values."""
    from core.analysis.follow.frames import Frame

    if last != "config":
        return
    before, held = m.frame, _entries(m, of)
    m.frame = Frame(Scope(dict(held.entries), function.scope, function.module), function, depth=before.depth + 1)
    try:
        m.block(function.node.body if isinstance(function.node.body, list) else [])
        named = dict(m.frame.scope.names)
    finally:
        m.frame = before
    for name, value in named.items():
        if held.entries.get(name) is not value:
            held.entries[name] = value.but(how="config entry" if value.how == "assignment" else value.how, name=name)
            m.program.options.append(Option(name, held.entries[name], "config"))


def _entries(m: Machine, of: Resolved | None = None) -> DictValue:
    """The configuration of the experiment, of Sacred, or that of one of its ingredients, which is a section of it."""
    held = m.side.setdefault(_EXPERIMENT, DictValue())
    assert isinstance(held, DictValue)
    made = of.value if of is not None else None
    if not isinstance(made, Made) or made.dotted != INGREDIENT:
        return held
    named = made.call.argument("path", 0)
    name = (named.text if named is not None else None) or ""
    section = held.entries.setdefault(name, m.made(DictValue(), made.call.node)).value
    return section if isinstance(section, DictValue) else held


def _section(m: Machine, call: Call | None, of: Resolved | None) -> DictValue:
    """The configuration, or the section that a decorator names: `@ex.capture(prefix="optimizer")`."""
    held = _entries(m, of)
    prefix = call.keywords.get("prefix") if call is not None else None
    section = held.entries.get(prefix.text or "") if prefix is not None else None
    return section.value if section is not None and isinstance(section.value, DictValue) else held


def _mark_main(m: Machine, function: Function, dotted: str, call: Call | None, of: Resolved | None) -> None:
    """The function is started by its framework, with what the command line or configuration gives."""
    from core.analysis.follow.hydra_runs import hydra_configuration

    assert isinstance(function.defaults, dict)
    parameters = [*function.node.args.args]
    composed = dotted.startswith("hydra") or dotted.endswith((".hydra_runner", ".hydra_main"))  # of NeMo, of Dora
    if composed and parameters:
        configuration = hydra_configuration(m, call)
        if configuration is not None:
            function.defaults[parameters[0].arg] = configuration
    elif dotted.startswith(SACRED):
        taken = {each.arg for each in (*parameters, *function.node.args.kwonlyargs)}
        entries = _section(m, call, of).entries
        function.defaults.update({name: value for name, value in entries.items() if name in taken})
        function.defaults["_config"] = m.made(_entries(m), function.node)
    elif dotted.rpartition(".")[2] == "wrap":
        _default_from_annotations(m, function, dotted)
    elif dotted.startswith(("typer.", "cyclopts.", "gin.", "argbind.", "?")):
        tell_defaults(m, function)


def _default_from_annotations(m: Machine, function: Function, dotted: str) -> None:
    """`@pyrallis.wrap() def main(cfg: Config)`, `tyro.cli(main)`: an object of the class that an annotation names."""
    arguments = function.node.args
    for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if parameter.annotation is None or parameter.arg in function.defaults:
            continue
        cls = next(_classes(m, parameter.annotation), None)
        if cls is not None and isinstance(function.defaults, dict):
            function.defaults[parameter.arg] = configured(m, cls, parameter, dotted)


def _classes(m: Machine, node: ast.expr) -> Iterator[Class]:
    """The user's classes that a type names: `Config`, `Union[Train, Test]`, `Train | Test`, `Annotated[Config, x]`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        node = ast.copy_location(ast.Name(node.value, ast.Load()), node)
    if isinstance(node, ast.Subscript):
        yield from _classes(m, node.slice)
    elif isinstance(node, ast.Tuple):
        for item in node.elts:
            yield from _classes(m, item)
    elif isinstance(node, ast.BinOp):
        yield from _classes(m, node.left)
        yield from _classes(m, node.right)
    elif isinstance(node, (ast.Name, ast.Attribute)):
        named = m.evaluate(node).value
        if isinstance(named, Class):
            yield named


# -- what is started


def configured(m: Machine, cls: Class, node: ast.AST, dotted: str = "") -> Resolved:
    """An object of a configuration class, its fields told as options; over its defaults the chosen file's entries,
    where the library takes one."""
    over = _chosen(m, dotted)
    names = {name for name, _, _ in classes.fields_of(cls)}
    plain = {name: value for name, value in over.items() if name in names and not isinstance(value.value, DictValue)}
    made = classes.config_instance(m, cls, node, plain)
    if isinstance(made.value, Instance):
        _lay_over(made.value, over)
        classes.note_options(m, made.value)
    return made


def _chosen(m: Machine, dotted: str) -> dict[str, Resolved]:
    """The entries of the file that `--config_path` of pyrallis and draccus is given."""
    from core.analysis.follow.configuring import load_file
    from core.analysis.follow.locating import locate

    path = locate(m, None) if dotted.startswith(("pyrallis.", "draccus.")) else None
    return keywords_in(load_file(m, path) if path else None)


def _lay_over(instance: Instance, entries: dict[str, Resolved]) -> None:
    """Sections of a file over the objects that stand in an object."""
    for name, value in entries.items():
        inner = instance.attributes.get(name)
        if not isinstance(value.value, DictValue) or inner is None or not isinstance(inner.value, Instance):
            continue
        section = keywords_in(value)
        inner.value.attributes.update(
            {key: entry for key, entry in section.items() if not isinstance(entry.value, DictValue)}
        )
        _lay_over(inner.value, section)


def tell_defaults(m: Machine, function: Function) -> None:
    """The parameters of a command are its options."""
    assert isinstance(function.defaults, dict)
    for name, value in list(function.defaults.items()):
        inner = value.value
        if isinstance(inner, Made) and inner.call.name in ("Option", "Argument"):
            given = inner.call.argument("default", 0)
            value = given.but(how="typer default", name=name) if given else m.unknown(inner.call.node)
            function.defaults[name] = value
        m.program.options.append(Option(name, value, "click"))


def _run_command(m: Machine, call: Call) -> Resolved | None:
    """`fire.Fire(main)`, `typer.run(main)`, `tyro.cli(main)`, `tyro.cli(Args, default=...)`, `app.run(main)`."""
    from core.analysis.follow.calling import call_function

    given = call.keywords.get("default")
    if given is not None and isinstance(given.value, Instance) and "cli" in call.name:
        classes.note_options(m, given.value)
        return given
    target = _target(m, call)
    if target is None:
        _all_commands(m) if call.name == "Fire" else None
        return None
    if isinstance(target.value, DictValue):
        target = _training_command(target.value) or target
    if isinstance(target.value, Instance):
        classes.note_options(m, target.value)
        return target
    if isinstance(target.value, Class):
        return _object_or_command(m, call, target.value)
    if isinstance(target.value, Function):
        if isinstance(target.value.defaults, dict) and "absl" not in call.dotted and "app" not in call.dotted:
            tell_defaults(m, target.value)
            _default_from_annotations(m, target.value, call.dotted)
        return call_function(m, target.value, (), {}, call.node)
    return None


_STARTABLE = (Function, Class, Instance, DictValue)
_TARGETS = ("f", "main", "function", "config_class", "component", "components", "obj")


def _target(m: Machine, call: Call) -> Resolved | None:
    """What a command line is made of: the first argument; of a choice of classes, the one called after training."""
    target = next(iter(call.positional), None)
    target = target or next((call.keywords[name] for name in _TARGETS if name in call.keywords), None)
    if target is None and call.dotted.endswith("app.run"):
        return m.program.entry.scope.names.get("main")
    if target is None or isinstance(target.value, _STARTABLE) or not call.node.args:
        return target
    several = sorted(_classes(m, call.node.args[0]), key=lambda cls: -trains_by_name(cls.name))
    return Resolved(several[0], target.origin) if several else target


def _object_or_command(m: Machine, call: Call, cls: Class) -> Resolved:
    """A class as a configuration; `Fire` starts methods of its object."""
    made = configured(m, cls, call.node, call.dotted)
    if call.name == "Fire" and isinstance(made.value, Instance):
        found = [each for name in ("__init__", *_methods(cls)) if (each := cls.find(name)) is not None]
        for each in found:
            if isinstance(each.value, Function) and isinstance(each.value.defaults, dict):
                tell_defaults(m, each.value)
        methods = [each for each in found if each is not cls.find("__init__")]
        m.commands += [attributes.bound(m, each, made.value, call.node) for each in methods]
    return made


def _methods(cls: Class) -> list[str]:
    """The public methods of a class that a training run may need, best first; those alone that are called after it."""
    named = [name for name, value in cls.attributes.items() if isinstance(value.value, Function)]
    named = [name for name in named if not name.startswith("_") and trains_by_name(name)]
    return [name for name in named if trains_by_name(name) == 2] or named


def _all_commands(m: Machine) -> None:
    """`fire.Fire()`: the functions of the file are its commands, those that need nothing before the others."""
    held = [value for name, value in m.program.entry.scope.names.items() if not name.startswith("_")]
    functions = [value.value for value in held if isinstance(value.value, Function)]
    own = [each for each in functions if each.module is m.program.entry and trains_by_name(each.name)]
    free = [each for each in own if len(each.node.args.args) == len(each.node.args.defaults)] or own
    for function in free:
        if isinstance(function.defaults, dict) and trains_by_name(function.name) == 2:
            tell_defaults(m, function)
        m.commands.append(m.made(function, function.node))


def _add_command(m: Machine, call: Call) -> Resolved | None:
    """`cli.add_command(train)`: a command of click that stands in another file."""
    given = call.positional[0] if call.positional else None
    if given is not None and isinstance(given.value, Function):
        m.commands.append(given)
    return None


def _add_config(m: Machine, call: Call) -> Resolved | None:
    """`ex.add_config("config.yaml")`, `ex.add_config({"lr": 0.1})`, `ex.add_config(lr=0.1)` of Sacred."""
    from core.analysis.follow.configuring import load_file, note_entries
    from core.analysis.follow.locating import locate

    given = call.positional[0] if call.positional else m.made(DictValue(dict(call.keywords)), call.node)
    path = locate(m, given.text) if given.text else None
    read = load_file(m, path) if path else given
    if read is not None and isinstance(read.value, DictValue):
        _entries(m).entries.update(read.value.entries)
        note_entries(m, read) if not path else None
    return m.made(None, call.node)


def _training_command(commands: DictValue) -> Resolved | None:
    """Of several commands (`Fire({"train": f, "eval": g})`) or configurations (`{"small": ("for a try", Config())}`),
    the one that trains, or is the default; else the first."""
    named: dict[str, Resolved] = {}
    for name, value in commands.entries.items():
        inside = each_in(value)
        found = next((item for item in inside if isinstance(item.value, (Function, Class, Instance))), None)
        if found is not None:
            named[str(name)] = found
    usual = (value for name, value in named.items() if "train" in name.lower() or name in ("fit", "run", "main"))
    return next(usual, named.get("default", next(iter(named.values()), None)))


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(
        ("fire.Fire", "fire.core.Fire", "typer.run", "tyro.cli", "tyro.extras.overridable_config_cli",
         "tyro.extras.subcommand_cli_from_dict", "tyro.extras.subcommand_type_from_defaults", "draccus.parse",
         "pyrallis.parse", "simple_parsing.parse", "absl.app.run", "tensorflow.app.run",
         "tensorflow.compat.v1.app.run", "chz.nested_entrypoint", "chz.entrypoint", "jsonargparse.CLI",
         "jsonargparse.auto_cli", "defopt.run", "plac.call", "clize.run", "argh.dispatch_command", "cyclopts.run",
         "datargs.parse", "hydra_zen.zen", "pydantic_settings.CliApp.run"), _run_command),
    "sacred.Experiment.add_config": _add_config,
}  # fmt: skip

BY_NAME: dict[str, Handler] = {
    "add_command": _add_command,
}
