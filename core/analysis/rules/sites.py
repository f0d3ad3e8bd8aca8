"""Which calls of the user's functions lead to something."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.program import Call, Loop, Program
from core.analysis.rules.view import view


class Sites:
    """Which calls of the user's functions lead to a call."""

    def __init__(self, program: Program) -> None:
        self.callers = view(program).callers

    def of(self, thing: Loop | Call) -> Iterator[Call]:
        """The calls of functions around it, innermost first; of what stands in a constructor, the call that builds."""
        within, order = thing.within, thing.order
        owner = thing.owner if isinstance(thing, Call) else None
        while within is not None:
            found = [call for call in self.callers.get(id(within.node), ()) if call.order < order]
            found = found or ([owner.call] if owner is not None and owner.call.order < order else [])
            if not found:
                return
            yield found[-1]
            within, order, owner = found[-1].within, found[-1].order, found[-1].owner


def in_a_test(program: Program, thing: Call | Loop) -> bool:
    """Whether a call or a loop, or the loop around it, stands in a function that tests, or in what one leads to: a
    classifier that is trained to judge what an encoder tells it."""
    around = thing.loop.within if isinstance(thing, Call) and thing.loop is not None else None
    if any(home is not None and home.name in _TESTING for home in (thing.within, around)):
        return True
    asked = program.named(*_TESTING)
    return bool(asked) and any(site.name in _TESTING for site in Sites(program).of(thing))


_TESTING = ("test", "evaluate", "eval", "validate")
