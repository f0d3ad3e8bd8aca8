"""Notebooks of marimo: files of Python whose cells are functions that the notebook runs."""

from __future__ import annotations

import ast


def without_cells(tree: ast.Module) -> ast.Module:
    """The module with what its cells hold at its top level, in their order in the file; any other module as it is.

    A cell is a function under `@app.cell`; what it returns, and what its parameters are called, says which names it
    shares with the others. https://docs.marimo.io/guides/understanding_marimo/
    """
    if not any(isinstance(node, ast.Import) and node.names[0].name == "marimo" for node in tree.body[:10]):
        return tree
    body: list[ast.stmt] = []
    for statement in tree.body:
        kind = _decoration(statement)
        if kind == "cell" and isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body += [line for line in statement.body if not isinstance(line, ast.Return)]
        elif kind and isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            statement.decorator_list = statement.decorator_list[:-1]
            body.append(statement)
        elif isinstance(statement, ast.With) and _is_of_app(statement.items[0].context_expr) == "setup":
            body += statement.body
        elif not isinstance(statement, ast.If):  # the guard, which runs the app
            body.append(statement)
    return ast.Module(body=body, type_ignores=[])


def _decoration(node: ast.stmt) -> str:
    """What the app's decorator over a definition says that it is: "cell", "function", "class_definition"; else ""."""
    found = [_is_of_app(each) for each in getattr(node, "decorator_list", ())]
    return next((each for each in found if each in ("cell", "function", "class_definition")), "")


def _is_of_app(node: ast.expr) -> str:
    """The attribute in `app.cell` and `app.cell(hide_code=True)`; "" for anything else."""
    node = node.func if isinstance(node, ast.Call) else node
    of_app = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "app"
    return node.attr if of_app and isinstance(node, ast.Attribute) else ""
