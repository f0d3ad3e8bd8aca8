"""The calls of a program, filed: a rule looks only at those that it names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.analysis.program import Call


class Filed:
    """What has calls, found by their last name, by their full name or by a keyword, in the order of the calls."""

    __slots__ = ()
    calls: list[Call]
    filed: dict[str, dict[str, list[Call]]]
    """By what they are filed; begun empty, and filled when it is asked for."""

    def named(self, *names: str) -> list[Call]:
        """The calls whose last name is one of these, in order."""
        filed = self._file("name", lambda call: (call.name,))
        return in_order([filed[name] for name in names if name in filed])

    def given(self, *keywords: str) -> list[Call]:
        """The calls that are given one of these arguments by keyword, in order."""
        filed = self._file("keyword", lambda call: call.keywords)
        return in_order([filed[name] for name in keywords if name in filed])

    def called(self, *dotted: str) -> list[Call]:
        """The calls whose full name is one of these, in order."""
        filed = self._file("dotted", lambda call: (call.dotted,))
        return in_order([filed[name] for name in dotted if name in filed])

    def whose(self, test: Callable[[str], object]) -> list[Call]:
        """The calls whose full name passes a test, in order; each name is tested once."""
        filed = self._file("dotted", lambda call: (call.dotted,))
        return in_order([calls for dotted, calls in filed.items() if test(dotted)])

    def alike(self, test: Callable[[str], object]) -> list[Call]:
        """The calls whose last name passes a test, in order; each name is tested once."""
        filed = self._file("name", lambda call: (call.name,))
        return in_order([calls for name, calls in filed.items() if test(name)])

    def names(self) -> Iterable[str]:
        """The full names of all calls, each once."""
        return self._file("dotted", lambda call: (call.dotted,))

    def keywords(self) -> Iterable[str]:
        """The names of all arguments that calls are given by keyword, each once."""
        return self._file("keyword", lambda call: call.keywords)

    def _file(self, by: str, keys: Callable[[Call], Iterable[str]]) -> dict[str, list[Call]]:
        if by not in self.filed:
            filed = self.filed[by] = defaultdict(list)
            for call in self.calls:
                for key in keys(call):
                    filed[key].append(call)
        return self.filed[by]


def in_order(lists: list[list[Call]]) -> list[Call]:
    """The calls of several lists, each once, in the order in which they are made."""
    if len(lists) == 1:
        return lists[0]
    calls = {call.order: call for each in lists for call in each}
    return [calls[order] for order in sorted(calls)]
