"""Comparisons, as far as the values decide them."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.analysis.nodes import name_of, walk
from core.analysis.program import (
    UNKNOWN,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Resolved,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.eq, ast.IsNot: operator.ne, ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


_TRIED = re.compile(r"CI$|CI_|TRAVIS|GITHUB_|CIRCLECI|BUILDKITE|JENKINS|PYTEST|SMOKE|TESTING")
"""Variables of the environment that are set where code is only tried out."""


def compared(op: ast.cmpop, left: Resolved, right: Resolved) -> bool | None:
    """The answer of a comparison; None where it cannot be told."""
    a, b = _comparable(left.value), _comparable(right.value)
    if isinstance(op, (ast.In, ast.NotIn)) and b in ([], {}):  # whatever it is
        return isinstance(op, ast.NotIn)
    if isinstance(op, (ast.In, ast.NotIn)) and right.dotted == "os.environ" and _TRIED.match(str(left.value)):
        return isinstance(op, ast.NotIn)
    if a is UNKNOWN or b is UNKNOWN:
        return _comparison_with_none(op, left.value, right.value)
    try:
        return bool(_COMPARISONS[type(op)](a, b))
    except (TypeError, ValueError, RecursionError):
        return None


def _comparison_with_none(op: ast.cmpop, a: object, b: object) -> bool | None:
    """Things are never None: `model is None` is False where model was built."""
    things = (Function, Instance, Made, External, ListValue, DictValue)
    other = b if a is None else a if b is None else UNKNOWN
    if isinstance(other, things):
        if isinstance(op, (ast.Is, ast.Eq)):
            return False
        if isinstance(op, (ast.IsNot, ast.NotEq)):
            return True
    if isinstance(a, Class) and isinstance(b, Class) and isinstance(op, (ast.Is, ast.Eq, ast.IsNot, ast.NotEq)):
        return (a.node is b.node) == isinstance(op, (ast.Is, ast.Eq))
    if isinstance(a, External) and isinstance(b, External) and isinstance(op, (ast.Is, ast.Eq, ast.IsNot, ast.NotEq)):
        told = a.dotted == b.dotted or (_own(a.dotted) and _own(b.dotted) and bool(_BUILTIN & {a.dotted, b.dotted}))
        return (a.dotted == b.dotted) == isinstance(op, (ast.Is, ast.Eq)) if told else None
    return None


_BUILTIN = frozenset({"str", "int", "float", "bool", "list", "tuple", "dict", "set"})
"""Types that are never one another."""


def _own(dotted: str) -> bool:
    """Whether a type is never another name of a builtin one: one of them, or a class named as classes are."""
    return dotted in _BUILTIN or dotted.rpartition(".")[2][:1].isupper()


RECORDS = ("collections.namedtuple.__call__", "typing.NamedTuple.__call__")
"""Calls that make records, which are compared by what they hold."""
LONGEST_COMPARED = 2_000
"""Items of a list, and of the lists in it, that are compared; lists that hold one another are longer than they look."""


def _comparable(value: object) -> object:
    return _plain(value, [LONGEST_COMPARED])


def _plain(value: object, room: list[int]) -> object:
    """A value as Python compares it; unknown where a part of it is, or where it needs more than the room left."""
    if isinstance(value, ListValue):
        room[0] -= len(value.items)
        items: list[object] = []
        for item in value.items if value.complete and room[0] >= 0 else ():
            items.append(_plain(item.value, room))
            if items[-1] is UNKNOWN:
                return UNKNOWN
        return items if value.complete and room[0] >= 0 else UNKNOWN
    if isinstance(value, DictValue):
        return value.entries if value.complete else UNKNOWN
    if isinstance(value, Made) and value.dotted in RECORDS:
        return _plain(ListValue(list(value.attributes.values())), room)
    return value if value is None or isinstance(value, (int, float, str, bytes)) else UNKNOWN


def mentions(node: ast.expr, names: frozenset[str]) -> bool:
    """Whether an expression speaks of one of these names, not negated."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return False
    words = set(map(name_of, walk(node)))
    return bool(words & names)


def asks_to_train(node: ast.expr) -> bool:
    """`mode == "train"`: whether a switch with names for its places is asked for training."""
    if not isinstance(node, ast.Compare) or len(node.ops) > 1 or not isinstance(node.ops[0], ast.Eq):
        return False
    asked = node.comparators[0]
    return isinstance(asked, ast.Constant) and str(asked.value).lower() in ("train", "training")


def matches(m: Machine, subject: Resolved, pattern: ast.pattern) -> bool | None:
    """Whether a `case` takes the subject; None where it cannot be told."""
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
        if pattern.name:
            m.frame.scope.names[pattern.name] = subject
        return True
    if isinstance(pattern, ast.MatchValue):
        return compared(ast.Eq(), subject, m.evaluate(pattern.value))
    if isinstance(pattern, ast.MatchOr):
        answers = [matches(m, subject, part) for part in pattern.patterns]
        return True if True in answers else None if None in answers else False
    return None
