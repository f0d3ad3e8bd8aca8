"""Flags of absl and TensorFlow, and of what is built on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.analysis.follow import attributes
from core.analysis.follow.handling import Handler
from core.analysis.follow.options import training_choice
from core.analysis.program import UNKNOWN, Call, DictValue, External, ListValue, Option, Resolved, each_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def _mark_required(m: Machine, call: Call) -> Resolved | None:
    """`mark_flags_as_required(["workdir"])`: what has no default is unknown, and not None."""
    for item in each_in(call.positional[0] if call.positional else None):
        held = m.flags.entries.get(item.text or "")
        if held is not None and held.value is None:
            m.flags.entries[item.text or ""] = held.but(value=UNKNOWN, how="")
    return m.made(None, call.node)


def _define_flag(m: Machine, call: Call) -> Resolved | None:
    """`DEFINE_float("lr", 0.1, "...")`."""
    name = call.argument("name", 0) or call.argument("flag_name")
    if name is None or name.text is None:
        return None
    default = call.argument("default", 1) or call.argument("default_value", 1)
    value = default or m.unknown(call.node)
    how = "flag default" if value.how == "call argument" else value.how
    value = Resolved(value.value, value.origin, how, value.others, name.text, value.parts)
    if value.value is None:
        choices = call.argument("enum_values", 2)
        value = training_choice(choices, name.text, "flag choice") or value
    m.flags.entries[name.text] = value
    help_text = call.argument("help", 2)
    m.program.options.append(Option(name.text, value, "absl", (help_text.text or "") if help_text else ""))
    return None


def _set_default(m: Machine, call: Call) -> Resolved | None:
    """`FLAGS.set_default("lr", 0.03)`: what a script gives a flag of another module."""
    held = call.holder
    named, value = call.argument("name", 0), call.argument("value", 1)
    name = (named.text or "") if named is not None else ""
    of_flags = isinstance(held, External) and held.dotted in attributes.FLAGS
    if not of_flags or value is None or name not in m.flags.entries:
        return None
    how = "flag default" if value.how == "call argument" else value.how
    m.flags.entries[name] = told = value.but(how=how, name=name)
    options = m.program.options
    options[:] = [replace(each, value=told) if each.name == name and each.kind == "absl" else each for each in options]
    return m.made(None, call.node)


def _flags_with_default(m: Machine, call: Call) -> Resolved:
    """`FLAGS, definitions = define_flags_with_default(env="...", lr=3e-4)` of mlxu and its kin."""
    given = {name: value.but(how="flag default", name=name) for name, value in call.keywords.items()}
    m.program.options.extend(Option(name, value, "absl") for name, value in given.items())
    flags = m.made(DictValue(given), call.node)
    return m.made(ListValue([flags, flags], "tuple"), call.node)


def _values(m: Machine, call: Call) -> Resolved:
    """`FLAGS.flag_values_dict()`"""
    return m.made(DictValue(dict(m.flags.entries)), call.node)


def _of_module(m: Machine, call: Call) -> Resolved:
    """`FLAGS.get_key_flags_for_module(sys.argv[0])`: every flag, with its name and its value."""
    told = {name: {"name": m.made(name, call.node), "value": value} for name, value in m.flags.entries.items()}
    flags = [m.made(DictValue(dict(each), "types.SimpleNamespace"), call.node) for each in told.values()]
    return m.made(ListValue(flags), call.node)


BY_NAME: dict[str, Handler] = {
    "define_flags_with_default": _flags_with_default,
    "flag_values_dict": _values,
    "get_key_flags_for_module": _of_module,
    "set_default": _set_default,
    "mark_flags_as_required": _mark_required,
    "mark_flag_as_required": _mark_required,
    **{
        f"DEFINE_{kind}": _define_flag
        for kind in ("string", "integer", "float", "bool", "boolean", "enum", "list", "multi_string", "spaceseplist",
                     "multi_integer", "multi_float", "enum_class")
    },
}  # fmt: skip
