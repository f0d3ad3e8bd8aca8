"""The calls of a program, filed: a rule looks only at those that it names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.analysis.program import Call

Test = Callable[[str], object]


class Filed:
    """What has calls, found by their last name, by their full name or by a keyword, in the order of the calls."""

    __slots__ = ()
    calls: list[Call]
    filed: dict[str, dict[str, list[Call]]]
    """By what they are filed; begun empty, and filled when it is asked for."""
    passing: dict[str, dict[Test, list[list[Call]]]]
    """By what they are filed, and by the tests that their names pass; filled for all tests at once."""

    def named(self, *names: str) -> list[Call]:
        """The calls whose last name is one of these, in order."""
        filed = self._file("name")
        return in_order([filed[name] for name in names if name in filed])

    def given(self, *keywords: str) -> list[Call]:
        """The calls that are given one of these arguments by keyword, in order."""
        filed = self._file("keywords")
        return in_order([filed[name] for name in keywords if name in filed])

    def called(self, *dotted: str) -> list[Call]:
        """The calls whose full name is one of these, in order."""
        filed = self._file("dotted")
        return in_order([filed[name] for name in dotted if name in filed])

    def whose(self, test: Test) -> list[Call]:
        """The calls whose full name passes a test that asks nothing else, in order; each name is tested once."""
        return self._passing("dotted", test)

    def alike(self, test: Test) -> list[Call]:
        """The calls whose last name passes a test that asks nothing else, in order; each name is tested once."""
        return self._passing("name", test)

    def under(self, *homes: str) -> list[Call]:
        """The calls whose full name begins with one of these, in order."""
        return self.whose(_beginning(homes))

    def own(self) -> list[Call]:
        """The calls of the user's functions and classes, in order."""
        if "" not in self.filed:
            self.filed[""] = {"": [call for call in self.calls if call.target is not None]}
        return self.filed[""][""]

    def names(self) -> Iterable[str]:
        """The full names of all calls, each once."""
        return self._file("dotted")

    def keywords(self) -> Iterable[str]:
        """The names of all arguments that calls are given by keyword, each once."""
        return self._file("keywords")

    def _passing(self, by: str, test: Test) -> list[Call]:
        asked, passed = _TESTS[by]
        if by not in self.passing:
            if len(passed) > MOST_TESTED:
                passed.clear()
            found = self.passing[by] = {each: [] for each in asked}
            for name, calls in self._file(by).items():
                if name not in passed:
                    passed[name] = [each for each in asked if each(name)]
                for each in passed[name]:
                    found[each].append(calls)
        if test not in self.passing[by]:
            self.passing[by][test] = [calls for name, calls in self._file(by).items() if test(name)]
            _remember(by, test)
        return in_order(self.passing[by][test])

    def _file(self, by: str) -> dict[str, list[Call]]:
        """The calls by this attribute of theirs, or by each of its keys."""
        if by not in self.filed:
            filed = self.filed[by] = defaultdict(list)
            if by == "keywords":
                for call in self.calls:
                    for keyword in call.keywords:
                        filed[keyword].append(call)
            else:
                for key, call in zip(map(attrgetter(by), self.calls), self.calls, strict=True):
                    filed[key].append(call)
        return self.filed[by]


@cache
def _beginning(homes: tuple[str, ...]) -> Test:
    return lambda dotted: dotted.startswith(homes)


def _remember(by: str, test: Test) -> None:
    """Ask a test of all names from now on, and of those that are known."""
    asked, passed = _TESTS[by]
    if test not in asked:
        asked.append(test)
        for name, tests in passed.items():
            if test(name):
                tests.append(test)


MOST_TESTED = 20_000
_TESTS: dict[str, tuple[list[Test], dict[str, list[Test]]]] = {"name": ([], {}), "dotted": ([], {})}
"""The tests that were asked, and for each name those that it passes, whichever programs it is of."""


def in_order(lists: list[list[Call]]) -> list[Call]:
    """The calls of several lists, each once, in the order in which they are made."""
    if len(lists) < 2:
        return lists[0] if lists else []
    return sorted(dict.fromkeys(chain.from_iterable(lists)), key=attrgetter("order"))
