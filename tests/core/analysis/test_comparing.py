"""Comparisons that the values decide, and those that would take too long to decide."""

import ast

from core.analysis.facts import Place
from core.analysis.follow.comparing import compared
from core.analysis.program import ListValue, Resolved

HERE = Place("train.py", 1, 1)


def doubled(times: int) -> Resolved:
    """A list that holds the same list twice, and so on inward."""
    value = Resolved(ListValue([Resolved(0, HERE)]), HERE)
    for _ in range(times):
        value = Resolved(ListValue([value, value]), HERE)
    return value


def test_lists_of_known_items_are_compared() -> None:
    assert compared(ast.Eq(), doubled(3), doubled(3)) is True
    assert compared(ast.Eq(), doubled(3), doubled(2)) is False
    assert compared(ast.In(), Resolved(0, HERE), doubled(0)) is True


def test_lists_that_hold_one_another_over_and_over_are_not_told_apart() -> None:
    assert compared(ast.Eq(), doubled(14), doubled(2)) is None
