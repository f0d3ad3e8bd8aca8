"""Options that a parser gathers: argparse and its kin, Hugging Face, docopt."""

from __future__ import annotations

import ast
import os.path
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.analysis.config_options import CHOSEN, DOCUMENTED, gives_no_file, says_config, takes_config
from core.analysis.configs import INI_SUFFIXES
from core.analysis.facts import Place
from core.analysis.follow import classes
from core.analysis.follow.handling import Handler
from core.analysis.follow.locating import CHOSEN_FILE
from core.analysis.nodes import expression
from core.analysis.outline import outline
from core.analysis.program import (
    UNKNOWN,
    Call,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Option,
    Resolved,
    items_in,
    keywords_in,
)
from core.vocabulary import fold

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

PARSER = "argparse.ArgumentParser"
NOT_TRAINING = ("test", "predict", "valid", "eval", "sample", "infer", "generate", "plot", "show", "load", "export")
"""Beginnings of the names of methods and commands that a training run does not need."""
_ACTIONS = {"store_true": False, "store_false": True}


def entries_of(m: Machine, holder: object) -> DictValue:
    """The namespace that a parser fills."""
    kept = m.side.get(id(holder))
    if not isinstance(kept, DictValue):
        kept = DictValue(dotted="argparse.Namespace")
        m.side[id(holder)] = kept
        m.kept.append(holder)
    return kept


def _add_argument(m: Machine, call: Call) -> Resolved | None:
    """`add_argument("--lr", default=..., dest=...)`."""
    if call.receiver is None:
        return None
    names = [value.value for value in call.positional if isinstance(value.value, str)]
    dest = call.keywords.get("dest")
    name = dest.text if dest and dest.text else destination(names)
    if not name:
        return None
    value = _default(m, call, name)
    entries = entries_of(m, call.receiver.value)
    action = call.keywords.get("action")
    if action is None or name not in entries.entries or "default" in call.keywords:
        entries.entries[name] = value
    if action is not None and isinstance(action.value, Class) and value.how == CHOSEN_FILE:
        acting = m.side.setdefault(id(entries), [])
        assert isinstance(acting, list)
        acting.append((action, value, call))
    help_text = call.keywords.get("help")
    m.program.options.append(Option(name, value, "argparse", (help_text.text or "") if help_text else ""))
    return value


def _act(m: Machine, parser: Resolved, namespace: Resolved) -> None:
    """What the user's `argparse.Action` does with the namespace when its option is given a configuration."""
    from core.analysis.follow.calling import call_function, call_value

    acting = m.side.get(id(entries_of(m, parser.value)))
    for action, value, call in acting if isinstance(acting, list) else ():
        kind = call.keywords.get("type")
        opened = kind is not None and kind.dotted == "open"
        given = call_value(m, kind, None, (value,), {}, call.node) if opened else value
        made = call_value(m, action, None, (), {}, call.node)
        function = action.value.find("__call__")
        if function is not None and isinstance(function.value, Function):
            call_function(m, function.value, (made, parser, namespace, given), {}, call.node)


def destination(names: list[str]) -> str:
    """What the value of an option of these names is called: `--learning-rate` is `learning_rate`."""
    long = [name for name in names if name.startswith("--")] or names
    return long[0].lstrip("-").replace("-", "_") if long else ""


def _own_choice(m: Machine, call: Call, name: str) -> Resolved | None:
    """Of the choices of an option, the one by which a launcher starts the loop of this model's file."""
    if m.entry_path == m.candidate.path or m.candidate.script is not None:
        return None
    choices = call.keywords.get("choices")
    stem = fold(os.path.splitext(os.path.basename(m.candidate.path))[0])
    items = items_in(choices)
    found = next((item for item in items if item.text and fold(item.text) == stem), None)
    return Resolved(found.value, found.origin, "argparse choice", name=name) if found is not None else None


def _chosen_configuration(m: Machine, call: Call, name: str) -> Resolved | None:
    """What `--config` is given where the model is one of the configurations that it takes."""
    path = m.candidate.path
    if m.candidate.kind != "config" or not path.endswith((".yaml", ".yml", ".json", ".toml", ".py", *INI_SUFFIXES)):
        return None
    if (rest := call.keywords.get("nargs")) is not None and (rest.dotted or "").endswith("REMAINDER"):
        return None  # what is left of the command line
    names = [value.text for value in call.positional if value.text]
    kind = call.keywords.get("type")
    made = ((kind.dotted if kind else "") or "").rpartition(".")[2]
    if gives_no_file(
        names, made, *(getattr(call.keywords.get(told), "text", None) for told in ("nargs", "action", "help"))
    ):
        return None
    default, told = call.keywords.get("default"), call.keywords.get("help")
    several = default is not None and isinstance(default.value, ListValue)
    stated = default.value.items[0] if several and default.value.items else default  # type: ignore[union-attr]
    says = (told is not None and says_config(told.text or "")) or str(stated and stated.text).endswith(CHOSEN)
    named = sorted(m.known - {path}) if name.endswith("_config") else ()
    beside = (p for p in named if os.path.dirname(p) == os.path.dirname(path))
    other = next((p for p in beside if f"{os.path.splitext(os.path.basename(p))[0]}_config" == name), None)
    handed = name in outline(call.module.source).handed
    if other is None and not takes_config(names, says or handed):
        return None
    chosen = Resolved(other or path, (call.module, call.node), CHOSEN_FILE, name=name)
    return chosen.but(value=ListValue([chosen])) if several else chosen


def _told_by_name(m: Machine, call: Call, default: Resolved) -> str | None:
    """What an option is given so that `f"configs/{option}.yaml"` is the configuration that the model is; its default
    names one beside it."""
    folder, file = os.path.split(m.candidate.path)
    made = (path for how, path, _ in outline(call.module.source).configs if how == "made" and path.count("*") == 1)
    for before, _, after in (os.path.basename(path).partition("*") for path in made if m.candidate.kind == "config"):
        other = os.path.join(folder, f"{before}{default.text}{after}")
        if other in m.known and file.startswith(before) and file.endswith(after):
            return file[len(before) : len(file) - len(after)]
    return None


def _default(m: Machine, call: Call, name: str) -> Resolved:
    if (chosen := _own_choice(m, call, name) or _chosen_configuration(m, call, name)) is not None:
        return chosen
    default = call.keywords.get("default")
    if default is not None and (told := _told_by_name(m, call, default)) is not None:
        return Resolved(told, (call.module, call.node), "name of the configuration", name=name)
    action = call.keywords.get("action")
    if default is None and action is not None and action.text in _ACTIONS:
        return Resolved(_ACTIONS[action.text], (call.module, call.node), "argparse default", name=name)
    if default is None:
        required = call.keywords.get("required")
        positional = all(isinstance(v.value, str) and not v.value.startswith("-") for v in call.positional)
        if positional or (required is not None and required.value is True) or not call.positional:
            chosen = training_choice(call.keywords.get("choices"), name, "argparse choice")
            return chosen or Resolved(UNKNOWN, (call.module, call.node), "", name=name)
        return Resolved(None, (call.module, call.node), "argparse default", name=name)
    how = "argparse default" if default.how == "call argument" else default.how
    typed = _typed(default, call.keywords.get("type"))
    return Resolved(typed, default.origin, how, default.others, name, default.parts)


def _literal(text: str) -> object:
    """The plain value that a text writes. Raises ValueError where it is too long, else what Python does."""
    if len(text) > LONGEST_LITERAL:
        raise ValueError("too long")
    return ast.literal_eval(expression(text))


LONGEST_LITERAL = 1000
_READ_AS: dict[str, Callable[[str], object]] = {
    "int": int, "float": float, "str.lower": str.lower, "str.upper": str.upper,
    "ast.literal_eval": _literal, "eval": _literal,
}  # fmt: skip
"""What `type=` may be, and how a text is read so; nothing is run."""


def _typed(default: Resolved, kind: Resolved | None) -> object:
    """A default given as text, read as `type=` says."""
    if isinstance(default.value, str) and kind is not None and isinstance(kind.value, External):
        try:
            read = _READ_AS[kind.value.dotted](default.value)
            return read if isinstance(read, (int, float, str)) or read is None else default.value
        except (KeyError, ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            pass
    return default.value


def _parser(m: Machine, call: Call) -> Resolved:
    made = m.made(Made(call), call.node, "call")
    parents = call.keywords.get("parents")
    for parent in items_in(parents):
        entries_of(m, made.value).entries.update(entries_of(m, parent.value).entries)
    return made


def _same_parser(m: Machine, call: Call) -> Resolved | None:
    return call.receiver


def _subparser(m: Machine, call: Call) -> Resolved | None:
    """A sub-command has a namespace of its own, which `parse_args` puts over its parser's."""
    if call.receiver is None:
        return None
    holder = m.side.setdefault(-id(call.receiver.value), {})
    assert isinstance(holder, dict)
    if call.name == "add_subparsers":
        dest = call.keywords.get("dest")
        if dest and dest.text:
            entries_of(m, call.receiver.value).entries.setdefault(dest.text, m.unknown(call.node))
            holder[None] = dest
        return call.receiver
    made = _parser(m, call)
    name = call.argument("name", 0)
    holder[(name.text if name else None) or f"{len(holder)}"] = (name, made)
    return made


def _commanded(m: Machine, parser: object) -> DictValue:
    """A parser's namespace with those of its sub-commands over it, the one that trains last."""
    entries = dict(entries_of(m, parser).entries)
    commands = m.side.get(-id(parser))
    if isinstance(commands, dict):
        dest = commands.get(None)
        named = sorted((key for key in commands if key is not None), key=trains_by_name)
        for key in named:
            entries.update(_commanded(m, commands[key][1].value).entries)
        chosen = commands[named[-1]][0] if named and trains_by_name(named[-1]) == 2 else None
        if dest is not None and chosen is not None:
            entries[dest.text] = chosen.but(how="argparse choice", name=dest.text)
    return DictValue(entries, "argparse.Namespace")


def trains_by_name(name: str) -> int:
    """2 for a command called after training, 0 for one that a training run does not need, else 1."""
    lower = name.lower()
    return 2 if "train" in lower or lower == "fit" else 0 if lower.startswith(NOT_TRAINING) else 1


def _set_defaults(m: Machine, call: Call) -> Resolved | None:
    if call.receiver is None:
        return None
    for name, value in call.keywords.items():
        how = "argparse default" if value.how == "call argument" else value.how
        entries_of(m, call.receiver.value).entries[name] = value.but(how=how, name=name)
    return m.made(None, call.node)


def _parse_args(m: Machine, call: Call) -> Resolved | None:
    if call.receiver is None or call.receiver.value is UNKNOWN:
        return None
    if isinstance(call.receiver.value, Instance):  # `Args().parse_args()`, where class Args(Tap)
        classes.fill(m, call.receiver.value)
        return call.receiver
    namespace = m.made(_commanded(m, call.receiver.value), call.node)
    if (call.receiver.dotted or "").startswith("configargparse.") and isinstance(namespace.value, DictValue):
        _take(m, namespace.value, told_arguments(m))
    _act(m, call.receiver, namespace)
    over = call.argument("namespace", 1)
    if over is not None and isinstance(over.value, DictValue) and isinstance(namespace.value, DictValue):
        namespace.value.entries.update(over.value.entries)  # what stands there goes before the defaults
    given = call.argument("args", 0)
    if given is not None and isinstance(given.value, ListValue) and isinstance(namespace.value, DictValue):
        _apply(m, namespace.value, given.value)
    if call.name in ("parse_known_args", "parse_known_intermixed_args") or call.dotted.startswith("optparse."):
        return m.made(ListValue([namespace, m.unknown(call.node)], "tuple"), call.node)
    return namespace


def _take(m: Machine, namespace: DictValue, told: dict[str, Resolved]) -> None:
    """What a file says of arguments goes before their defaults, also as settings."""
    stated = {id(entry): told[str(name)] for name, entry in namespace.entries.items() if name in told}
    options = m.program.options
    options[:] = [replace(each, value=stated.get(id(each.value), each.value)) for each in options]
    namespace.entries.update(told)


def _apply(m: Machine, namespace: DictValue, given: ListValue) -> None:
    """`parse_args(["--lr", "0.1"])`, as notebooks do."""
    items = given.items
    for index, item in enumerate(items[:-1]):
        name = item.text.lstrip("-").replace("-", "_") if item.text and item.text.startswith("--") else None
        value = items[index + 1]
        if name in namespace.entries and value.text is not None and not value.text.startswith("--"):
            namespace.entries[name] = value.but(value=_read(value.text), how="call argument", name=name)


def _read(text: str) -> int | float | str:
    """A number, where a text is one."""
    try:
        return float(text) if "." in text or "e" in text else int(text)
    except ValueError:
        return text


def training_choice(choices: Resolved | None, name: str, how: str) -> Resolved | None:
    """Of what must be chosen, the choice called train."""
    items = items_in(choices)
    found = next((item for item in items if item.text and item.text.lower() in ("train", "training")), None)
    return Resolved(found.value, found.origin, how, name=name) if found is not None else None


def told_arguments(m: Machine) -> dict[str, Resolved]:
    """What the file says that the model is, by the names of arguments."""
    from core.analysis.follow.configuring import load_file

    if m.candidate.kind != "config" or m.candidate.path.endswith(".py"):
        return {}
    return {name.replace("-", "_"): entry for name, entry in keywords_in(load_file(m, m.candidate.path)).items()}


def _documented(m: Machine, call: Call) -> Resolved | None:
    """`docopt(__doc__)`: the options that a text tells, with the defaults that it tells."""
    text = call.argument("doc", 0) or call.argument("docstring")
    head = call.module.tree.body[0] if call.module.tree.body else None
    if isinstance(head, ast.Expr) and isinstance(head.value, ast.Constant) and (text is None or text.text is None):
        text = Resolved(head.value.value, (call.module, head.value))  # of `__doc__`
    if text is None or text.text is None:
        return None
    given = DictValue(complete=False)
    for found in DOCUMENTED.finditer(text.text):
        line = text.place.line + text.text.count("\n", 0, found.start(2))
        place = Place(text.place.file, line, line, text.place.cell)
        name = found[1].lstrip("-").replace("-", "_")
        given.entries[found[1]] = Resolved(_read(found[2].strip()), place, "documented default", name=name)
    m.program.options.extend(Option(value.name, value, "argparse") for value in given.entries.values())
    return m.made(given, call.node)


HANDLERS: dict[str, Handler] = {
    PARSER: _parser,
    **dict.fromkeys(("configargparse.ArgumentParser", "configargparse.ArgParser"), _parser),
    "docopt.docopt": _documented,
}

BY_NAME: dict[str, Handler] = {
    "add_argument": _add_argument,
    "add_option": _add_argument,
    "add_argument_group": _same_parser,
    "add_mutually_exclusive_group": _same_parser,
    "add_subparsers": _subparser,
    "add_parser": _subparser,
    "set_defaults": _set_defaults,
    "parse_args": _parse_args,
    "parse_known_args": _parse_args,
}  # fmt: skip
