"""What code asks of the types of things: `isinstance`, `type`, `hasattr`, `inspect.isclass`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.program import (
    Call,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    ModuleValue,
    Resolved,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def is_instance(m: Machine, call: Call) -> Resolved:
    """`isinstance(x, dict)`."""
    if len(call.positional) < 2:
        return m.unknown(call.node)
    value, wanted = call.positional[0].value, call.positional[1].value
    several = [each.value for each in wanted.items] if isinstance(wanted, ListValue) else [wanted]
    answers = [_is_a(value, each) for each in several]
    known = True in answers or None not in answers
    return m.made(True in answers, call.node, "computed") if known else m.unknown(call.node)


_KINDS: dict[str, type] = {
    "str": str, "int": int, "float": float, "bool": bool, "dict": DictValue, "list": ListValue, "tuple": ListValue,
    **dict.fromkeys((f"{home}.{name}" for home in ("collections", "collections.abc", "typing")
                     for name in ("Mapping", "MutableMapping")), DictValue),
}  # fmt: skip


_CODE: dict[str, type] = {"type": Class, "types.FunctionType": Function, "types.LambdaType": Function}
"""What is of these types is written as code."""


_SECTIONS = ("CfgNode", "DictConfig", "ConfigDict", "EasyDict", "AttrDict", "FrozenDict", "Munch", "DotMap", "Bunch")
"""What libraries call the classes of sections of settings, of which nothing plain is one."""


def _is_a(value: object, wanted: object) -> bool | None:
    """Whether a value is of a type; None where that cannot be told."""
    plain = value is None or isinstance(value, (int, float, str, DictValue, ListValue))
    if isinstance(wanted, External) and wanted.dotted in _KINDS and plain:
        other = isinstance(value, ListValue) and wanted.dotted != value.kind
        return isinstance(value, _KINDS[wanted.dotted]) and not other
    if isinstance(wanted, External) and wanted.dotted in _CODE and (plain or isinstance(value, (Class, Function))):
        return isinstance(value, _CODE[wanted.dotted])
    if isinstance(wanted, External) and wanted.dotted.endswith(_SECTIONS) and plain:
        return (wanted.dotted == value.dotted or None) if isinstance(value, DictValue) else False
    return wanted in list(value.cls.lineage()) if isinstance(wanted, Class) and isinstance(value, Instance) else None


def is_class(m: Machine, call: Call) -> Resolved | None:
    """`inspect.isclass(x)`."""
    value = call.positional[0].value if call.positional else None
    known = isinstance(value, (Class, Function, Instance))
    return m.made(isinstance(value, Class), call.node, "computed") if known else None


def is_heir(m: Machine, call: Call) -> Resolved | None:
    """`issubclass(Net, Base)` of two classes of the user's, or of one and a library's that it is built on."""
    first, wanted = (each.value for each in call.positional) if len(call.positional) == 2 else (None, None)
    if not isinstance(first, Class):
        return None
    if isinstance(wanted, Class):
        return m.made(any(each.node is wanted.node for each in first.lineage()), call.node, "computed")
    told = isinstance(wanted, External) and wanted.dotted in first.external_bases()
    return m.made(True, call.node, "computed") if told else None


_OF_DICTS = frozenset({"__getitem__", "__contains__", "__iter__", "__len__", "keys", "values", "items", "get"})
"""What every dict has."""


def has_attribute(m: Machine, call: Call) -> Resolved:
    """`hasattr(x, "name")`."""
    if len(call.positional) >= 2 and isinstance(call.positional[1].value, str):
        holder, name = call.positional[0].value, call.positional[1].value
        if isinstance(holder, DictValue) and not holder.dotted and name in _OF_DICTS:
            return m.made(True, call.node, "computed")
        if isinstance(holder, DictValue) and holder.complete:
            return m.made(name in holder.entries, call.node, "computed")
        if isinstance(holder, ModuleValue):
            return m.made(name in holder.module.scope.names, call.node, "computed")
        if isinstance(holder, Instance) and (name in holder.attributes or holder.cls.find(name)):
            return m.made(True, call.node, "computed")
    return m.unknown(call.node)


def class_of(m: Machine, call: Call) -> Resolved | None:
    """`type(x)` of an object of the user's, of what stands as a literal, and of a configuration; `type("Name", (Base,),
    {})` is its base, `type("Args", (object,), settings)` the settings with attributes."""
    if len(call.positional) == 3 and isinstance(call.positional[1].value, ListValue):
        base = next(iter(call.positional[1].value.items), None)
        settings = call.positional[2].value
        plain = base is None or base.dotted == "object"
        if plain and isinstance(settings, DictValue) and settings.entries:
            made = DictValue(settings.entries, "types.SimpleNamespace", settings.complete)
            return call.positional[2].but(value=made)
        return base
    value = call.positional[0].value if len(call.positional) == 1 else None
    if isinstance(value, (str, bool, int, float)):
        return m.made(External(type(value).__name__), call.node)
    if isinstance(value, DictValue):
        return m.made(External(value.dotted or "dict"), call.node)
    return m.made(value.cls, call.node, "class") if isinstance(value, Instance) else None
