"""The items that iterating a value gives."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.analysis.follow.frames import UNROLLED
from core.analysis.program import UNKNOWN, DictValue, ListValue, Made, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

LARGEST_LIST = 10_000
"""Items of a joined list: what doubles itself line by line ends here."""


def items_of(m: Machine, value: Resolved, node: ast.AST) -> list[Resolved] | None:
    """The items that iterating a value gives, where they are known."""
    inner = value.value
    if isinstance(inner, ListValue):
        return list(inner.items) if inner.complete else None
    if isinstance(inner, DictValue):
        return [value.but(value=key) for key in inner.entries] if inner.complete and inner.dotted is None else None
    if isinstance(inner, str) and len(inner) <= UNROLLED:
        return [value.but(value=letter) for letter in inner]
    if isinstance(inner, Made) and is_range(value):
        return _range_items(m, inner, node)
    if isinstance(inner, Made) and inner.dotted in ("torch.nn.Sequential", "torch.nn.ModuleList"):
        return _parts(inner)
    return None


def _parts(made: Made) -> list[Resolved] | None:
    """The layers of a container of torch's, where nothing was added to it."""
    given = made.call.positional
    if made.dotted == "torch.nn.ModuleList":
        whole = given[0].value if len(given) == 1 else None
        return list(whole.items) if isinstance(whole, ListValue) and whole.complete else None
    return list(given) if given and not any(isinstance(part.value, (DictValue, ListValue)) for part in given) else None


def is_range(value: Resolved) -> bool:
    """Whether it is `range(...)`, or enumerates one."""
    return isinstance(value.value, Made) and value.value.dotted in (
        "range",
        "xrange",
        "tqdm.trange",
        "tqdm.auto.trange",
    )


def _range_items(m: Machine, made: Made, node: ast.AST) -> list[Resolved] | None:
    bounds = [argument.value for argument in made.call.positional]
    if not bounds or not all(isinstance(bound, int) for bound in bounds) or len(bounds) > 3 or bounds[2:] == [0]:
        return None
    numbers = range(*(bound for bound in bounds if isinstance(bound, int)))
    if numbers[UNROLLED:]:  # not its length, which may be larger than Python counts
        return None
    return [m.made(number, node, "computed: turn of a loop") for number in numbers]


def loop_variable(m: Machine, over: Resolved, node: ast.For | ast.AsyncFor) -> Resolved:
    """What the target of a loop that is followed once stands for: any item."""
    if (
        isinstance(over.value, ListValue)
        and over.value.items
        and not isinstance(over.value.items[0].value, (int, float))
    ):
        return over.value.items[0]
    target = node.target.id if isinstance(node.target, ast.Name) else ""
    return Resolved(UNKNOWN, (m.frame.scope.module, node.target), "", name=target)
