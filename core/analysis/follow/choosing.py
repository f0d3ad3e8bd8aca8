"""Branches of which a run must be told one, and branches that only refuse to go on."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING, TypeGuard

from core.analysis.follow.frames import MANY
from core.analysis.follow.options import trains_by_name
from core.analysis.nodes import kept, name_of, same
from core.analysis.program import DictValue, Module

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def of_many(m: Machine, node: ast.If) -> list[ast.stmt] | None:
    """What is done when none of many names was asked for: `if net == "a": ... elif net in ["b", "c"]: ... else: ...`,
    or a row of `if net == "a": return ...`. Two are many where an option without a default must tell which, unless one
    of them is to train."""
    row = _row(m.frame.scope.module, node)
    arms = row or _chain(node)
    if len(arms) < 2 or (len(arms) < MANY and not _must_be_told(m, node.test)):
        return None
    training = [arm for arm in arms if any(trains_by_name(text) == 2 for text in _asked_for(arm.test))][:1]
    if row:
        return node.body if node in training else []
    otherwise = arms[-1].orelse
    return training[0].body if training else [] if otherwise and only_refuses(otherwise) else otherwise


def _chain(node: ast.If) -> list[ast.If]:
    """The branches of `if net == "a": ... elif net == "b": ...`; none where one asks for something else."""
    first, arms = node.test, [node]
    while _asks_for(node.test, first):
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
            return arms
        node = node.orelse[0]
        arms.append(node)
    return []


def _row(module: Module, node: ast.If) -> list[ast.If]:
    """The row of `if net == "a": return ...` in a function that asks for names one after another, if any."""
    asks = _returns(node) and _asks_for(node.test, node.test)
    return kept(module.tree, "_rows", lambda: _rows(module)).get(node, []) if asks else []


def _rows(module: Module) -> dict[ast.stmt, list[ast.If]]:
    """The rows of a module's functions, by each of their branches."""
    found: dict[ast.stmt, list[ast.If]] = {}
    for function in module.of(ast.FunctionDef):
        for one, other in pairwise(function.body):
            if (
                _returns(one)
                and _returns(other)
                and _asks_for(one.test, other.test)
                and _asks_for(other.test, one.test)
            ):
                row = found.setdefault(one, [one])
                row.append(other)
                found[other] = row
    return found


def _returns(node: ast.stmt) -> TypeGuard[ast.If]:
    """Whether it is `if ...: return ...` and nothing else."""
    return isinstance(node, ast.If) and not node.orelse and isinstance(node.body[-1], ast.Return)


def asks_in_vain(m: Machine, node: ast.If) -> bool:
    """Whether a setting is none of the names that `if net == "a": ... elif net == "b": ... else: raise` asks for: a run
    must be told another one."""
    first, asked = node.test, list[str]()
    while _asks_for(node.test, first):
        asked += _asked_for(node.test)
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
            refused = len(asked) > 1 and bool(node.orelse) and only_refuses(node.orelse)
            told = m.evaluate(first.left).text if refused and isinstance(first, ast.Compare) else None
            return told is not None and told not in asked
        node = node.orelse[0]
    return False


def _must_be_told(m: Machine, test: ast.expr) -> bool:
    """Whether a test compares what an option without a default is given, or what settings lack that are all known."""
    if not isinstance(test, ast.Compare) or (value := m.evaluate(test.left)).known:
        return False
    if value.name and isinstance(value.origin, tuple) and isinstance(value.origin[1], ast.Call):
        return True
    return _lacks(m, test.left)


def _lacks(m: Machine, node: ast.expr) -> bool:
    """Whether settings that are all known have no such entry: `config.training.optimizer`."""
    if not isinstance(node, ast.Attribute):
        return False
    held = m.evaluate(node.value)
    if isinstance(held.value, DictValue):
        return held.value.complete and node.attr not in held.value.entries
    return not held.known and _lacks(m, node.value)


def _asks_for(test: ast.expr, first: ast.expr) -> bool:
    """Whether a test compares with names what the first one does."""
    alike = isinstance(test, ast.Compare) and isinstance(first, ast.Compare) and same(test.left, first.left)
    return alike and bool(_asked_for(test))


def _asked_for(test: ast.expr) -> list[str]:
    """The names with which a test compares: `net == "a"`, `net in ("a", "b")`."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], (ast.Eq, ast.In)):
        return []
    other = test.comparators[0]
    listed = isinstance(test.ops[0], ast.In) and isinstance(other, (ast.List, ast.Tuple, ast.Set))
    texts = [getattr(each, "value", None) for each in (other.elts if listed else [other])]  # type: ignore[attr-defined]
    return [text for text in texts if isinstance(text, str)] if all(isinstance(each, str) for each in texts) else []


def refuses_all(body: list[ast.stmt]) -> bool:
    """Whether whatever is done ends in a refusal: `elif ...: ...; raise`, `else: raise`."""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        return refuses_all(last.body) and refuses_all(last.orelse)
    return any(isinstance(line, ast.Raise) for line in body)


def must_be_chosen(m: Machine, node: ast.If) -> list[list[ast.stmt]]:
    """The branches of `if x == "a": ... elif x == "b": ... else: raise`, where x is None until one is chosen; none is
    followed of many."""
    arms: list[list[ast.stmt]] = []
    last = node
    while isinstance(last.test, ast.Compare) and m.evaluate(last.test.left).value is None:
        arms.append(last.body)
        if len(last.orelse) != 1 or not isinstance(last.orelse[0], ast.If):
            chosen = bool(last.orelse) and only_refuses(last.orelse)
            return (arms if len(arms) < MANY else [[]]) if chosen else []
        last = last.orelse[0]
    return []


def only_refuses(body: list[ast.stmt]) -> bool:
    """Whether a branch does nothing but refuse to go on: the run that trains does not take it."""
    last = body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        func = last.value.func
        return len(body) <= 4 and name_of(func) in ("exit", "_exit", "error", "quit")
    return (isinstance(last, ast.Raise) and len(body) <= 3) or _tells_and_leaves(body)


_TELLING = frozenset({"print", "echo", "secho", "info", "warning", "warn", "error", "critical", "print_help",
    "print_usage"})  # fmt: skip


def _tells_and_leaves(body: list[ast.stmt]) -> bool:
    """Whether a branch says something and goes no further: `print("name an experiment"); return`."""
    *told, last = body
    said = [line.value.func for line in told if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)]
    leaves = isinstance(last, ast.Return) and (last.value is None or getattr(last.value, "value", last) is None)
    named = {name_of(func) for func in said}
    return leaves and bool(told) and len(said) == len(told) and named <= _TELLING
