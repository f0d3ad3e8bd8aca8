"""Options that classes state: the dataclasses of Hugging Face's parser and of simple-parsing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.follow import classes
from core.analysis.follow.handling import Handler
from core.analysis.follow.options import entries_of, told_arguments
from core.analysis.program import Call, Class, External, Instance, ListValue, Made, Resolved, each_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def _into_dataclasses(m: Machine, call: Call) -> Resolved | None:
    """`HfArgumentParser((A, B)).parse_args_into_dataclasses()`: an object of each, by its defaults, and by what the
    chosen file says of its fields; of those of a library nobody knows which they are."""
    made = call.holder
    given = made.call.argument("dataclass_types", 0) if isinstance(made, (Made, Instance)) else None
    if given is None:
        return None
    kinds = each_in(given)
    told = told_arguments(m)
    objects = []
    for kind in kinds:
        if isinstance(kind.value, Class):
            fields = {name for name, _, _ in classes.fields_of(kind.value)}
            open_ended = bool(kind.value.external_bases())
            stated = {name: value for name, value in told.items() if name in fields or open_ended}
            objects.append(classes.configured(m, kind.value, call.node, stated))
            _tell_library(m, call, objects[-1])
        elif isinstance(kind.value, External):
            inner = Call(kind.value.dotted, call.node, call.module, (), dict(told), order=len(m.program.calls))
            m.program.calls.extend([inner] if told else ())
            objects.append(m.made(Made(inner, dict(told)), call.node, "call"))
        else:
            objects.append(m.unknown(call.node))
    rest = call.keywords.get("return_remaining_strings")
    objects += [m.unknown(call.node)] if rest is not None and rest.value is True else []
    return m.made(ListValue(objects, "tuple"), call.node)


def _tell_library(m: Machine, call: Call, made: Resolved) -> None:
    """An object of the user's heir of a library's arguments (`class A(TrainingArguments)`) says what they do."""
    instance = made.value
    bases = instance.cls.external_bases() if isinstance(instance, Instance) else ()
    base = next((base for base in bases if base.endswith(("Arguments", "Config"))), None)
    if base is not None and isinstance(instance, Instance):
        order = len(m.program.calls)
        m.program.calls.append(Call(base, call.node, call.module, (), dict(instance.attributes), order=order))


def _add_arguments(m: Machine, call: Call) -> Resolved | None:
    """`parser.add_arguments(Options, dest="options")` of simple-parsing: an object of the class in the namespace."""
    given, dest = call.argument("dataclass", 0), call.argument("dest", 1)
    if call.receiver is None or given is None or dest is None or not dest.text:
        return None
    default = call.argument("default")
    made = default or (classes.configured(m, given.value, call.node) if isinstance(given.value, Class) else given)
    entries_of(m, call.receiver.value).entries[dest.text] = made
    return made


BY_NAME: dict[str, Handler] = {
    "add_arguments": _add_arguments,
    **dict.fromkeys(("parse_args_into_dataclasses", "parse_args_and_config", "parse_yaml_file", "parse_json_file"),
                    _into_dataclasses),
}  # fmt: skip
