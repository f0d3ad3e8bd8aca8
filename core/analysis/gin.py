"""Files of gin: what they bind to the parameters of named functions and classes.

import lib.agents
include 'base.gin'
Agent.gamma = 0.99
train/Agent.network = @lib.Network()
RATE = 1e-3
create_optimizer:
  learning_rate = %RATE
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.analysis.facts import Place
from core.analysis.nodes import expression
from core.analysis.program import UNKNOWN, DictValue, ListValue, Resolved
from core.analysis.source import Source

HOW = "gin config"
MACROS = "%"
"""The target under which the values are kept that are given a name of their own."""
_REFERENCE = re.compile(r"@([\w./]+)(\(\))?|%([\w./]+)")
_BOUND = re.compile(r"^(?:([\w./]+)[./])?(\w+)\s*=\s*(.+)$", re.DOTALL)
_BLOCK = re.compile(r"^([\w./]+):$")
_TEXT = re.compile(r"'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|#[^\n]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Named:
    """A reference as a value: `@Network`, `@Network()`, `%RATE`."""

    name: str
    """Without scopes; its modules may stand before it."""
    macro: bool = False
    called: bool = False


@dataclass(slots=True)
class Bindings:
    """What a file says: parameters by target (its last part), the modules that it imports, the files it includes."""

    targets: dict[str, dict[str, Resolved]]
    imports: list[str]
    includes: list[str]


def read(source: Source) -> Bindings:
    """What a file binds; what cannot be read of it is left out. A binding in a scope holds where no other does."""
    found = Bindings({}, [], [])
    scoped: list[tuple[str, str, Resolved]] = []
    target = ""
    for line, text, indented in _statements(source.text):
        words = text.split()
        if words[0] in ("import", "from") and len(words) > 1:
            found.imports.append(".".join(words[1::2][:2]) if words[0] == "from" else words[1])
        elif words[0] == "include":
            found.includes.append(words[-1].strip("'\""))
        elif block := _BLOCK.match(text):
            target = block[1]
        elif bound := _BOUND.match(text):
            whole = target if indented and target and not bound[1] else bound[1] or MACROS
            place = Place(source.path, line, line + text.count("\n"))
            value = Resolved(_value(bound[3], place), place, HOW, name=bound[2])
            name = _last(whole)
            if "/" in whole:
                scoped.append((name, bound[2], value))
            else:
                found.targets.setdefault(name, {})[bound[2]] = value
    for name, parameter, value in scoped:
        found.targets.setdefault(name, {}).setdefault(parameter, value)
    return found


def as_entries(bindings: Bindings, path: str) -> Resolved:
    """The bindings as a configuration: a section for each target, macros without one."""
    result = DictValue(dict(bindings.targets.get(MACROS, {})))
    for name, parameters in bindings.targets.items():
        if name != MACROS and parameters:
            first = next(iter(parameters.values()))
            result.entries[name] = first.but(value=DictValue(dict(parameters)), name=name)
    return Resolved(result, Place(path, 1, 1), HOW)


def _statements(text: str) -> Iterator[tuple[int, str, bool]]:
    """(line, text, whether it is indented) of each statement, without comments; brackets and `\\` go on."""
    text = _TEXT.sub(lambda found: "" if found[0].startswith("#") else found[0], text)
    held, first = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        first = first or number
        held = f"{held}\n{line}" if held else line
        opened = sum(map(held.count, "([{")) > sum(map(held.count, ")]}"))
        if opened or held.endswith("\\"):
            continue
        if held.strip():
            yield first, held.replace("\\\n", "\n").strip(), held[:1].isspace()
        held, first = "", 0


def _value(text: str, place: Place) -> object:
    """A literal of Python with references in it; unknown where it is none."""
    written = _REFERENCE.sub(_as_call, text)
    try:
        return _of(expression(written), place)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return UNKNOWN


def _as_call(found: re.Match[str]) -> str:
    name = (found[3] or found[1]).rpartition("/")[2]
    return f'_macro("{name}")' if found[3] else f'_called("{name}")' if found[2] else f'_named("{name}")'


def _of(node: ast.expr, place: Place) -> object:
    if isinstance(node, (ast.List, ast.Tuple)):
        kind = "list" if isinstance(node, ast.List) else "tuple"
        return ListValue([Resolved(_of(item, place), place, HOW) for item in node.elts], kind)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        entries = {
            str(key.value): Resolved(_of(v, place), place, HOW) for key, v in pairs if isinstance(key, ast.Constant)
        }
        return DictValue(dict(entries))
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or not node.args or not isinstance(node.args[0], ast.Constant):
            return UNKNOWN
        return Named(str(node.args[0].value), node.func.id == "_macro", node.func.id == "_called")
    value = ast.literal_eval(node)
    return value if value is None or isinstance(value, (int, float, str)) else UNKNOWN


def _last(name: str) -> str:
    return re.split(r"[./]", name)[-1]
