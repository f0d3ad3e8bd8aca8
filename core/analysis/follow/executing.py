"""Code that is text: files that a script executes, and assignments that it puts together."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from core.analysis.follow.handling import Handler
from core.analysis.follow.locating import locate, path_of
from core.analysis.nodes import name_of
from core.analysis.program import Call, Module, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def _execute(m: Machine, call: Call) -> Resolved | None:
    """`exec(open("configurator.py").read())`: the file's statements, in this scope; an assignment that is put
    together."""
    if _assigns(m, call):
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


def _assigns(m: Machine, call: Call) -> bool:
    """`exec("self." + name + " = " + str(value))`, `exec(f"self.{name} = value")`: whether it gives something a value
    whose name is known, and it has it now."""
    node = call.node.args[0] if isinstance(call.node, ast.Call) and call.node.args else None
    stated = _stated(node)
    text = (m.evaluate(stated[0]) if stated else call.positional[0]).text if isinstance(node, _PUT_TOGETHER) else None
    found = _ASSIGNMENT.fullmatch(text or "")
    if found is None or bool(stated) == bool(found[2]):
        return False
    line = _read(f"{found[1]} = {found[2] or 0}")
    if line is None or node is None:
        return False
    line.value = stated[1] if stated else line.value
    for new in (line, *ast.walk(line.targets[0]), *(() if stated else ast.walk(line.value))):
        ast.copy_location(new, node)
    m.block([line])
    return True


def _read(text: str) -> ast.Assign | None:
    """The assignment that a text states; none where the name is a word of Python's own: `lambda = 0.1`."""
    try:
        line = ast.parse(text).body[0]
    except SyntaxError:
        return None
    return line if isinstance(line, ast.Assign) else None


_PUT_TOGETHER = (ast.BinOp, ast.JoinedStr)
_ASSIGNMENT = re.compile(r"\s*((?:self\.)?[A-Za-z_]\w*) = *(\w*)\s*")


def _stated(node: ast.expr | None) -> tuple[ast.expr, ast.expr] | None:
    """What stands before the text of a value, at the end of a text that is put together, and the value."""
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Call) and name_of(node.right.func) in ("str", "repr"):
        return (node.left, node.right.args[0]) if node.right.args else None
    if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[-1], ast.FormattedValue):
        return ast.copy_location(ast.JoinedStr(node.values[:-1]), node), node.values[-1].value
    return None


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
