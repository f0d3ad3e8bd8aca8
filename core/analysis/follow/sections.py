"""Options that stand in sections, which decorators hand to functions: fastargs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.follow.handling import Handler
from core.analysis.hocon import TREE, inside
from core.analysis.program import Call, DictValue, Function, Made, Option, Resolved, entries_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

SECTION = "fastargs.Section"
_SECTIONS, _TOLD = 2, 3
"""Where the machine keeps the sections, and those of the chosen file; no ids of objects."""


def _held(m: Machine) -> DictValue:
    """The sections, by their names, whose entries are asked for by keys with dots."""
    held = m.side.setdefault(_SECTIONS, DictValue(dotted=TREE))
    assert isinstance(held, DictValue)
    return held


def _params(m: Machine, call: Call) -> Resolved | None:
    """`Section("lr", "...").params(lr=Param(float, "...", default=0.5))`: what the chosen file says, else the
    defaults; one that is required and not said is unknown."""
    section = call.holder.call.argument("ns", 0) if isinstance(call.holder, Made) else None
    if section is None or not section.text:
        return None
    told = _told(m).entries.get(section.text)
    stated = entries_in(told) if told is not None else {}
    made = DictValue(dotted=TREE)
    for name, param in call.keywords.items():
        default = param.value.call.argument("default", 2) if isinstance(param.value, Made) else None
        value = stated.get(name) or (default.but(how="option default", name=name) if default is not None else None)
        made.entries[name] = value or m.unknown(call.node)
        m.program.options.append(Option(name, made.entries[name], "config"))
    _held(m).entries[section.text] = m.made(made, call.node)
    return call.receiver


def _told(m: Machine) -> DictValue:
    """What the chosen file says, read once."""
    from core.analysis.follow.configuring import load_file
    from core.analysis.follow.locating import locate

    if _TOLD not in m.side:
        path = locate(m, None)
        m.side[_TOLD] = DictValue(dict(entries_in(load_file(m, path))) if path else {})
    told = m.side[_TOLD]
    assert isinstance(told, DictValue)
    return told


def hand(m: Machine, function: Function, call: Call) -> None:
    """`@param("lr.lr")`, `@param("lr.lr", "rate")`: an option as the parameter that goes by its last name, or by that
    one."""
    key, alias = call.argument("parameter", 0), call.argument("alias", 1)
    value = inside(_held(m), key.text) if key is not None and key.text else None
    if key is not None and key.text and value is not None and isinstance(function.defaults, dict):
        name = alias.text if alias is not None and alias.text else key.text.rpartition(".")[2]
        function.defaults[name] = value


def _current(m: Machine, call: Call) -> Resolved | None:
    """`get_current_config()`"""
    return m.made(_held(m), call.node)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("fastargs.get_current_config", "fastargs.config.get_current_config"), _current),
    f"{SECTION}.params": _params,
}
