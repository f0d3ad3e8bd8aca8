"""Configurations of yacs and its kin: sections that code makes, over which files and pairs of texts are merged."""

from __future__ import annotations

import ast
import os.path
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.analysis.configs import read_config
from core.analysis.nodes import expression
from core.analysis.program import Call, DictValue, ListValue, Resolved, each_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

BASES = ("_BASE_", "BASE")
"""Entries that name the files on which one is built."""
SUFFIXES = (".yaml", ".yml", ".json", ".py")
DEEPEST = 6


def load_cfg(m: Machine, call: Call, value: DictValue) -> Resolved | None:
    """`cfg.load_cfg(file)`: the chosen configuration, or the one that the path names, with those it is built on."""
    from core.analysis.follow.locating import located

    path = located(m, call.positional[0] if call.positional else None, SUFFIXES)
    if path is None and m.candidate.kind == "config" and m.candidate.path.endswith(SUFFIXES):
        path = m.candidate.path  # which was read before, for the files on which it is built
    if path is None:
        return None
    result = DictValue(dotted=value.dotted)
    _merge_file(m, result, path, 0)
    return m.made(result, call.node)


def merge_from_file(m: Machine, call: Call, value: DictValue) -> Resolved:
    """`cfg.merge_from_file(args.cfg)`: what the file says over what is there."""
    return _merged(m, call, value, [given] if (given := load_cfg(m, call, value)) else [])


def _merge_file(m: Machine, into: DictValue, path: str, depth: int) -> None:
    from core.analysis.follow.hydra import merge

    own = (_made_there(m, path) or read_config(m.read(path))) if path in m.known and depth < DEEPEST else None
    if own is None or not isinstance(own.value, DictValue):
        return
    for base in _texts(own.value):
        _merge_file(m, into, os.path.normpath(os.path.join(os.path.dirname(path), base)), depth + 1)
    own.value.entries = {key: _decoded(item) for key, item in own.value.entries.items() if key not in BASES}
    merge(into, own)


def _made_there(m: Machine, path: str) -> Resolved | None:
    """What a file of Python calls `cfg`, sections of its own."""
    module = m.load(path) if path.endswith(".py") else None
    made = module.scope.names.get("cfg") if module is not None else None
    return made.but(value=_cloned(made.value)) if made is not None and isinstance(made.value, DictValue) else None


def _texts(value: DictValue) -> list[str]:
    """The files on which a configuration is built."""
    found = [value.entries[name] for name in BASES if name in value.entries]
    items = [item for each in found for item in each_in(each)]
    return [item.text for item in items if item.text]


def _decoded(value: Resolved) -> Resolved:
    """A text that writes a value of Python, `(0, 1, 2, 3)`, as that value; sections with theirs."""
    if isinstance(value.value, DictValue):
        return value.but(value=DictValue({key: _decoded(item) for key, item in value.value.entries.items()}))
    if not value.text:
        return value
    try:
        plain = ast.literal_eval(expression(value.text)) if len(value.text) < 1000 else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return value
    if isinstance(plain, (list, tuple)):
        return value.but(value=ListValue([value.but(value=item) for item in plain], type(plain).__name__))
    return value.but(value=plain) if isinstance(plain, (int, float)) else value


def merge_from_list(m: Machine, call: Call, value: DictValue) -> Resolved:
    """`cfg.merge_from_list(["TRAIN.LR", 0.1])`."""
    given = call.positional[0].value if call.positional else None
    items = given.items if isinstance(given, ListValue) else []
    for key, item in zip(items[::2], items[1::2], strict=False):
        holder = value
        *sections, last = (key.text or "").split(".")
        for section in sections:
            inner = holder.entries.setdefault(section, m.made(DictValue(dotted=value.dotted), call.node))
            holder = inner.value if isinstance(inner.value, DictValue) else holder
        holder.entries[last] = _decoded(item.but(name=last))
    return m.made(None, call.node)


def merge_from_other(m: Machine, call: Call, value: DictValue) -> Resolved:
    """`cfg.merge_from_other_cfg(other)`."""
    return _merged(m, call, value, call.positional)


def _merged(m: Machine, call: Call, into: DictValue, given: Iterable[Resolved]) -> Resolved:
    from core.analysis.follow.configuring import note_entries
    from core.analysis.follow.hydra import merge

    for each in given:
        merge(into, each)
        note_entries(m, m.made(into, call.node))
    return m.made(None, call.node)


def clone(m: Machine, call: Call, value: DictValue) -> Resolved:
    """`cfg.clone()`: sections of its own."""
    return m.made(_cloned(value), call.node)


def _cloned(value: DictValue) -> DictValue:
    entries = {
        key: item.but(value=_cloned(item.value)) if isinstance(item.value, DictValue) else item
        for key, item in value.entries.items()
    }
    return DictValue(entries, value.dotted, value.complete)
