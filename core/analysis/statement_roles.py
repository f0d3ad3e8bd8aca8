"""What a statement, a decorator or a branch of a file is there for."""

from __future__ import annotations

import ast
import re

from core.analysis.config_hooks import last
from core.analysis.nodes import unparse, walk

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_QUIET_CALLS = frozenset({"append", "insert", "filterwarnings", "use", "basicConfig", "getLogger", "update", "register",
                          "set_verbosity", "simplefilter", "add_argument", "setdefault", "environ",
                          "set_printoptions", "setattr"})  # fmt: skip
"""Calls at module level that configure rather than do."""


def is_event(decorator: ast.expr) -> bool:
    """`@trainer.on(event)`, `@app.command()`: the function is called when that happens, or by its name."""
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not isinstance(function, ast.Attribute):
        return False
    if function is decorator and function.attr in ("default", "automain", "main"):  # cyclopts, Sacred
        return True
    return (function.attr == "on" and function is not decorator) or (
        function.attr in ("command", "callback") and dotted(function.value) != "click"
    )


def registers(decorator: ast.expr) -> bool:
    """`@registry.register_runner("base")`, `@POLICIES.register("base")`: a registry keeps it, and gives it out by that
    name."""
    called = decorator.func if isinstance(decorator, ast.Call) and decorator.args else None
    if not isinstance(called, ast.Attribute):
        return False
    constant = called.attr == "register" and dotted(called.value).rpartition(".")[2].isupper()
    return constant or called.attr.startswith("register_")


def chosen_in(node: ast.AST) -> list[tuple[str, str]]:
    """(text, name) of what a branch calls when something equals a text, of what a dict keeps under texts, and of a list
    of nothing but names."""
    if isinstance(node, ast.List):
        names = [dotted(item) for item in node.elts]
        return [(name, name) for name in names if name] if len(names) > 1 and all(names) else []
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [
            (key.value, name)
            for key, value in pairs
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and (name := dotted(value))
        ]
    test = node.test if isinstance(node, ast.If) and not is_guard(node.test) else None
    if not isinstance(node, ast.If) or not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return []
    text = test.comparators[0]
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
        return []
    called = (inner.func for line in node.body for inner in walk(line) if isinstance(inner, ast.Call))
    return [(text.value, name) for func in called if (name := dotted(func))]


def dotted(node: ast.AST) -> str:
    """`a.b.c` of names and attributes; empty for anything else."""
    if isinstance(node, ast.Attribute):
        holder = dotted(node.value)
        return holder and f"{holder}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def is_guard(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def is_test(node: ast.AST) -> bool:
    """A test, a class of tests, or what runs them: to import a test framework alone means little."""
    named = isinstance(node, (*DEFINITIONS, ast.ClassDef)) and "test" in node.name.lower()
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    return named or (called and re.search(r"(pytest|unittest|absltest)\.(main|skip)", unparse(node)) is not None)


_IMPORTS = (ast.Import, ast.ImportFrom)
_QUIET = (*_IMPORTS, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass, ast.Assert)


def is_quiet(node: ast.stmt) -> bool:
    """Definitions, imports (also in a block of nothing else: `with read_base():`), docstrings, checks."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.With):
        return all(isinstance(line, _IMPORTS) for line in node.body)
    return isinstance(node, _QUIET)


def acts(node: ast.stmt) -> bool:
    """Whether a statement at module level does something, rather than sets something up."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call) and last(node.value.func) not in _QUIET_CALLS
    if isinstance(node, (ast.If, ast.Try)):
        return any(acts(inner) for inner in (*node.body, *node.orelse))
    if isinstance(node, ast.For) and all(isinstance(inner, ast.Expr) for inner in node.body):
        return any(map(acts, node.body))  # `for name in (...): setattr(Trainer, name, ...)` sets up
    return isinstance(node, (ast.For, ast.While, ast.With))
