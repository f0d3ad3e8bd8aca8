"""Where a script says that it writes: paths of images, checkpoints and logs, with holes for epoch, step and label."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal, get_args

from core import vocabulary
from core.analysis.facts import WritePath
from core.analysis.program import Call, Program, Resolved, Template

Kind = Literal["image", "checkpoint", "log", "other"]

_WRITERS: Mapping[str, tuple[Kind, str, int]] = vocabulary.load().table("libraries", "writers")
"""Last name (or full name) of the call -> what it writes, and the argument that holds the path."""
_SUFFIXES: dict[str, Kind] = {
    suffix: kind for kind in get_args(Kind) for suffix in vocabulary.load().table("libraries", "suffixes").get(kind, ())
}
"""What a file holds by the end of its name."""


def write_paths(program: Program) -> tuple[WritePath, ...]:
    """The distinct templates of a program, in the order in which it reaches them."""
    found: dict[tuple[str, str], WritePath] = {}
    for call in program.whose(_may_write):
        for path in writes_of(call):
            found.setdefault((path.template, path.kind), path)
    return tuple(found.values())


@cache
def _may_write(dotted: str) -> bool:
    return dotted in _WRITERS or dotted.rpartition(".")[2] in _WRITERS


def writes_of(call: Call) -> Iterator[WritePath]:
    """The path that a call writes to, where it writes."""
    rule = _WRITERS.get(call.dotted) or _WRITERS.get(call.name)
    if rule is None or (call.name == "open" and not _writes(call)):
        return
    kind, name, position = rule
    given = call.argument(name, position)
    if call.name in ("save", "dump") and (given is None or _template(given) is None):
        given = next((value for value in call.given if _template(value)), None)
    text = _template(given) if given is not None else None
    if given is None or not text or call.name == "makedirs":
        return
    suffix = os.path.splitext(text)[1].lower()
    yield WritePath(os.path.normpath(text), _SUFFIXES.get(suffix, kind), call.place)


def _writes(call: Call) -> bool:
    mode = call.argument("mode", 1)
    return mode is not None and isinstance(mode.value, str) and mode.value[:1] in ("w", "a", "x")


def _template(value: Resolved) -> str | None:
    """The text of a path, with its holes; None where it is no text."""
    inner = value.value
    if isinstance(inner, Template):
        inner = inner.text
    if not isinstance(inner, str) or not inner.strip("*/ ") or "\n" in inner or len(inner) > 300:
        return None
    return inner
