"""Code that is text: files that a script executes, and lines that it puts together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.follow.handling import Handler
from core.analysis.follow.locating import locate, path_of
from core.analysis.program import Call, Module, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def _execute(m: Machine, call: Call) -> Resolved | None:
    """`exec(open("configurator.py").read())`: the file's statements, in this scope."""
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


HANDLERS: dict[str, Handler] = {"exec": _execute}
