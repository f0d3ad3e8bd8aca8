"""Code that is text: files that a script executes, and lines that it puts together."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from core.analysis.follow.locating import locate, path_of
from core.analysis.nodes import parsed
from core.analysis.program import Call, Module, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

LONGEST_LINE = 200
"""Characters of a line that is put together."""


def _execute(m: Machine, call: Call) -> Resolved | None:
    """`exec(open("configurator.py").read())`: the file's statements, in this scope; `exec("self.lr = 0.1")`."""
    if call.positional and call.positional[0].text and (line := _assignment(call.positional[0].text)) is not None:
        _assign_text(m, call.positional[0], line)
        return m.made(None, call.node)
    path = path_of(call.positional[0] if call.positional else None)
    found = locate(m, path, (".py",)) if call.positional and call.positional[0].value is not None else None
    if found is None:
        return None
    source = m.read(found)
    if source.tree is not None and found not in m.side.setdefault(0, set()):  # type: ignore[operator]
        m.side[0].add(found)  # type: ignore[attr-defined]
        module = Module(found, "__main__", source.tree, source)
        module.scope = m.frame.scope.module.scope
        run_in(m, module)
    return m.made(None, call.node)


def _assignment(text: str) -> ast.Assign | None:
    """The one assignment of a constant that a text is."""
    try:
        body = parsed(text).body if len(text) < LONGEST_LINE else []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    line = body[0] if len(body) == 1 else None
    return line if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant) else None


def _assign_text(m: Machine, text: Resolved, line: ast.Assign) -> None:
    """What a made-up line of code assigns; a number keeps the place where it is stated."""
    from core.analysis.follow.binding import bind

    assert isinstance(line.value, ast.Constant)
    stated = next((part for part in _parts(text) if str(part.value) == str(line.value.value)), None)
    for target in line.targets:
        bind(m, target, stated or text.but(value=line.value.value, how="computed: code that is put together"))


def _parts(value: Resolved, depth: int = 6) -> Iterator[Resolved]:
    for part in value.parts if depth else ():
        yield from _parts(part, depth - 1)
        if part.number is not None:
            yield part


def run_in(m: Machine, module: Module) -> None:
    """Follow a file's statements over the names of the current module, in a frame that places them in their file."""
    from core.analysis.follow.frames import Frame
    from core.analysis.program import Scope

    m.program.modules.append(module)
    before, names = m.frame, module.scope.names
    scope = Scope(names, None, module)
    m.frame = Frame(scope, depth=before.depth + 1)
    module.scope = scope
    try:
        m.block(module.tree.body)
    finally:
        m.frame = before


HANDLERS: dict[str, Callable[[Machine, Call], Resolved | None]] = {"exec": _execute}
