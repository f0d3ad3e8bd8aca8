"""Files of HOCON read through pyhocon: trees of sections, which the code asks for by keys with dots."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from core.analysis.configs import INI_SUFFIXES, read_config
from core.analysis.follow.configuring import note_entries
from core.analysis.follow.handling import Handler
from core.analysis.follow.hydra import merge
from core.analysis.follow.locating import CONFIG_SUFFIXES, located
from core.analysis.hocon import INCLUDED, TREE, inside
from core.analysis.program import Call, DictValue, Resolved, entries_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def _load(m: Machine, call: Call) -> Resolved | None:
    """`ConfigFactory.parse_file(path)`, `ConfigFactory.parse_string(open(path).read())`."""
    found = located(m, call.positional[0] if call.positional else None, (*INI_SUFFIXES, *CONFIG_SUFFIXES))
    value = _whole(m, found, 4) if found else None
    if value is not None:
        note_entries(m, value)
    return value


def _whole(m: Machine, path: str, depth: int) -> Resolved | None:
    """The value of a file, laid over those that it includes."""
    value = read_config(m.read(path))
    told = entries_in(value).get(INCLUDED)
    base = os.path.normpath(os.path.join(os.path.dirname(path), told.text)) if told is not None and told.text else ""
    below = _whole(m, base, depth - 1) if depth and base in m.known else None
    if value is None or below is None or not isinstance(below.value, DictValue):
        return value
    result = DictValue(dict(below.value.entries), TREE)
    merge(result, value)
    return value.but(value=result)


def get(m: Machine, call: Call, value: DictValue) -> Resolved | None:
    """`conf.get_float("train.lr", default=0.1)`."""
    key = call.positional[0].value if call.positional else None
    found = value.entries.get(key) or inside(value, key)
    return found or call.argument("default", 1) or m.unknown(call.node)


HANDLERS: dict[str, Handler] = {f"pyhocon.ConfigFactory.{name}": _load for name in ("parse_file", "parse_string")}
