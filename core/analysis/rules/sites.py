"""Which calls of the user's functions lead to something."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.program import Call, Loop, Program
from core.analysis.rules.view import view


class Sites:
    """Which calls of the user's functions lead to a call."""

    def __init__(self, program: Program) -> None:
        self.view = view(program)

    def of(self, thing: Loop | Call) -> Iterator[Call]:
        """The calls of functions around it, innermost first; of what stands in a constructor, the call that builds."""
        while thing.within is not None:
            owner = thing.owner if isinstance(thing, Call) else None
            site = self.view.asked_by(thing)
            if site is None and owner is not None and owner.call.order < thing.order:
                site = owner.call
            if site is None:
                return
            yield site
            thing = site


def in_a_test(program: Program, thing: Call | Loop) -> bool:
    """Whether a call or a loop, or the loop around it, stands in a function that tests, or in what one leads to: a
    classifier that is trained to judge what an encoder tells it."""
    around = thing.loop.within if isinstance(thing, Call) and thing.loop is not None else None
    if any(home is not None and home.name in _TESTING for home in (thing.within, around)):
        return True
    asked = program.named(*_TESTING)
    return bool(asked) and any(site.name in _TESTING for site in Sites(program).of(thing))


_TESTING = ("test", "evaluate", "eval", "validate")
