"""What all classes agree on of which a run must be told one: `networks[args.model]()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from core.analysis.facts import Fact
from core.analysis.program import Program, Where

MOST = 8
"""Of so many the run is followed with one after the other; of more, none is told."""

Tell = Callable[[Mapping[Where, int]], Iterable[Fact]]
"""The facts of a run for which it was picked which of many classes is taken."""


def agreed_facts(program: Program, known: Iterable[Fact], tell: Tell) -> list[Fact]:
    """What more than is known a run tells whichever of the classes it takes, at the first place where one of not too
    many is to be chosen."""
    where, count = next(((where, n) for where, n in program.undecided.items() if n <= MOST), (None, 0))
    if where is None:
        return []
    before = set(map(_key, known))
    shared = {_key(fact): fact for fact in tell({where: 0}) if _key(fact) not in before}
    for at in range(1, count):
        also = set(map(_key, tell({where: at}))) if shared else set()
        shared = {key: fact for key, fact in shared.items() if key in also}
    return list(shared.values())


def _key(fact: Fact) -> tuple[str, str]:
    return fact.field, repr(fact.value)
