"""Texts that are put together from values, with holes for what is not known."""

from __future__ import annotations

import ast
import re
from os.path import splitext
from typing import TYPE_CHECKING

from core.analysis.nodes import walk
from core.analysis.program import Call, ListValue, Resolved, Template

if TYPE_CHECKING:
    from core.analysis.follow.handling import Handler
    from core.analysis.follow.machine import Machine

LARGEST_PRODUCT = 1_000_000
"""Characters that replacing in a text could make of it: beyond, it is not tried."""
LARGEST_TEXT = 10_000
"""Characters of a computed text: what doubles itself line by line ends here."""


def percent(text: str, values: list[Resolved]) -> str:
    """`text % values` with holes for what is not known."""
    parts, rest = [], list(values)
    for index, part in enumerate(_PERCENT.split(text)):
        parts.append(hole(rest.pop(0)) if index % 2 and rest else "*" if index % 2 else part)
    return "".join(parts).replace("%%", "%")


_PERCENT = re.compile(r"(%[-+ #0]*\d*(?:\.\d+)?[sdifgeorxX])")


def hole(value: Resolved) -> str:
    """A value inside a text: itself, or a hole with the name it has in the code."""
    inner = value.value
    if isinstance(inner, Template):
        return inner.text
    if isinstance(inner, (str, int, float)) and not isinstance(inner, bool):
        return str(inner)
    name = value.name or _name_of(value)
    return f"{{{name}}}" if name.isidentifier() else "*"


def _name_of(value: Resolved) -> str:
    """The variable an unknown value stands in: `epoch` of `epoch + 1` too."""
    if isinstance(value.origin, tuple):
        names = [n.id for n in walk(value.origin[1]) if isinstance(n, ast.Name)]
        return names[0] if len(names) == 1 else ""
    return ""


def whole(text: str) -> str | Template:
    """A text, or a template where it has holes; what is too long to be one that matters is all hole."""
    if len(text) > LARGEST_TEXT:
        return Template("*")
    return Template(text) if "*" in text or "{" in text else text


def substituted(m: Machine, call: Call) -> Resolved | None:
    """`re.sub("^np.", "numpy.", name)`: of patterns that say no more than the letters they stand for."""
    pattern, new, given = [*(value.text for value in call.positional), None, None, None][:3]
    if pattern is None or new is None or given is None or _PLAIN.fullmatch(pattern) is None:
        return None
    if "\\" in new or len(given) * (len(new) + 1) > LARGEST_PRODUCT:
        return None
    return call.positional[2].but(value=whole(re.sub(pattern, lambda _: new, given)))


_PLAIN = re.compile(r"\^?(\w|[ ./:-]|\\[.-])+\$?")


def _part_of_path(m: Machine, call: Call) -> Resolved | None:
    """`os.path.dirname(path)`, `basename(path)`, and both parts of `splitext(path)`."""
    given = call.positional[0].value if call.positional else None
    if not isinstance(given, str):
        return None
    if call.name == "splitext":
        return m.made(
            ListValue([m.made(part, call.node, "computed text") for part in splitext(given)], "tuple"), call.node
        )
    head, _, tail = given.rpartition("/")
    return m.made(head if call.name == "dirname" else tail, call.node, "computed text")


HANDLERS: dict[str, Handler] = {f"os.path.{name}": _part_of_path for name in ("dirname", "basename", "splitext")}
