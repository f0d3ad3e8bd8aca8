"""INI files read through configparser: sections of entries, which the code asks for by section and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.configs import INI_SUFFIXES
from core.analysis.follow.configuring import load_file
from core.analysis.follow.handling import Handler
from core.analysis.follow.locating import located
from core.analysis.program import Call, DictValue, Resolved, each_in, keywords_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

PARSER = "configparser.ConfigParser"
_TRUE, _FALSE = ("1", "yes", "true", "on"), ("0", "no", "false", "off")


def _parser(m: Machine, call: Call) -> Resolved:
    return m.made(DictValue(dotted=PARSER, complete=False), call.node, "call")


def read(m: Machine, call: Call, parser: DictValue) -> Resolved | None:
    """`parser.read("config.ini")`, `parser.read(["defaults.ini", "config.ini"])`: the sections of each."""
    if parser.dotted != PARSER:
        return None
    given = call.positional[0] if call.positional else None
    for each in each_in(given) if given is not None else [None]:
        found = located(m, each, INI_SUFFIXES)
        value = load_file(m, found) if found else None
        if value is not None and isinstance(value.value, DictValue):
            parser.entries.update(value.value.entries)
    return call.receiver


def get(m: Machine, call: Call, value: DictValue) -> Resolved | None:
    """`parser.get("section", "key")`, `parser.getint("section", "key")`, `section.getfloat("key")`; None for what is no
    such call."""
    keys = [given.text for given in call.positional[: 2 if value.dotted == PARSER else 1]]
    found: Resolved | None = call.receiver
    for key in keys:
        entries = keywords_in(found).items()
        found = next((entry for name, entry in entries if key and name.lower() == key.lower()), None)
    if found is None:
        return call.keywords.get("fallback") or m.unknown(call.node)
    return _turned(found, call.name)


def _turned(found: Resolved, name: str) -> Resolved:
    """The entry as the number or truth that the method asks for."""
    number = found.integer if name == "getint" else found.number if name == "getfloat" else None
    if number is not None:
        return found.but(value=number if name == "getint" else float(number))
    text = str(found.value).lower()
    return found.but(value=text in _TRUE) if name == "getboolean" and text in (*_TRUE, *_FALSE) else found


HANDLERS: dict[str, Handler] = {
    f"{module}.{name}": _parser
    for module in ("configparser", "ConfigParser", "six.moves.configparser")
    for name in ("ConfigParser", "RawConfigParser", "SafeConfigParser")
}
