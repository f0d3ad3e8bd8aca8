"""The numbers that options, parameters and calls give by name, but those that are for judging."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache, lru_cache

from core.analysis.facts import Fact, Place
from core.analysis.program import Call, Function, ListValue, Program, Resolved, each_in
from core.analysis.rules.judging import is_evaluation, judges
from core.analysis.rules.values import Named, leaves, number_fact, received, words_of


def option_facts(program: Program, field: str, names: re.Pattern[str], positive: bool = True) -> Iterator[Fact]:
    """Facts from the options and constants of such a name; where sections of training have it, from theirs: `epoch` of
    `train`, and not of `warmup`; or where one of defaults does, from that, and not of what may be laid over it."""
    named = [option for option in program.options if names.search(words_of(option.name))]
    sections = [(option, words_of(option.section)) for option in named]
    trained = [option for option, section in sections if _TRAINS.fullmatch(section)]
    for option in trained or [option for option, section in sections if section in _DEFAULTS] or named:
        judged = any(map(is_evaluation, (option.name, option.section, option.help)))
        yield from number_fact(field, option.value, positive) if not judged else ()


_DEFAULTS = ("default", "defaults")
_TRAINS = re.compile(
    r"(train(ing|er)?|solver)(_(args|params|hparams|parameters|config|conf|cfg|settings|options|opts?))?"
)
"""What sections of configurations are called that say how a run trains; not on what, `train_data`."""


def left_to_default(call: Call) -> list[tuple[str, Resolved]]:
    """The parameters that a call of a user's function leaves to their defaults; not where it judges."""
    target = call.target
    if not isinstance(target, Function) or not target.defaults or judges(target):
        return []
    names = {name for name, _ in received(call)}
    return [(name, value) for name, value in target.defaults.items() if name not in names]


def numbers_passed(program: Program, names: re.Pattern[str], but: frozenset[str] = frozenset()) -> list[Resolved]:
    """Known numbers that are given under such a name to any call, but those of libraries of these names; none that is
    written where something is only judged, whatever that hands it on to."""
    return _passed(program, but).like(names)


@lru_cache(maxsize=2)
def _passed(program: Program, but: frozenset[str]) -> Named:
    judging, training = _giving(program)
    apart = {call for call in training if call.target is None and call.name in but}
    told = [pair for call in (*judging, *apart) for pair in _written_in(call)]
    laying = (call for call in training if _lays_state(call.name) or _lays_state(_home(call)))
    told += [(v.place, 1) for call in laying if call not in apart for _, v in received(call)]
    aside, numbers = set(told), {number for _, number in told}  # places take longer to tell
    given = (pair for call, pairs in training.items() if call not in apart for pair in pairs)
    return Named(
        pair for pair in given if pair[1].number not in numbers or (pair[1].place, pair[1].number) not in aside
    )


@lru_cache(maxsize=1)
def _giving(program: Program) -> tuple[list[Call], dict[Call, list[tuple[str, Resolved]]]]:
    """The calls that may give numbers: those where something is only judged; and the others, each with its numbers."""
    judged = cache(judges)  # a function is called, and calls, many times
    told: dict[bool, list[Call]] = {True: [], False: []}
    for call in program.calls:
        if _may_give_numbers(call) and not _tallies(call.name):
            around = (call.target, call.within)
            told[any(function is not None and judged(function) for function in around)].append(call)
    return told[True], {call: [*_numbers_given(call)] for call in told[False]}


def _home(call: Call) -> str:
    """The name of the function that a call stands in."""
    return call.within.name if call.within is not None else ""


def _written_in(call: Call) -> Iterator[tuple[Place, int | float | None]]:
    """What a call receives that is written within its text, so that nothing else is given what stands there."""
    whole = call.module.place(call.node)
    for _, value in received(call):
        if whole.holds(value.place):
            yield value.place, value.number


_LAYS_STATE = re.compile(r"^_?(get_|make_)?(init|initial|zero)_(state|hidden|memory)$")
"""Names of what lays out the state of a network that goes on alone: `initial_state(batch_size=1)`."""


@cache
def _lays_state(name: str) -> bool:
    return _LAYS_STATE.search(name) is not None


_TALLIES = re.compile(r"tracker|meter$|logger|monitor|^isinstance$", re.IGNORECASE)
"""Names of what only watches training, how many values it takes the mean of is no setting of it, or asks of a kind."""


@cache
def _tallies(name: str) -> bool:
    return _TALLIES.search(name) is not None


def _may_give_numbers(call: Call) -> bool:
    """Whether a call is given anything that is a number or was computed, or leaves something to a default."""
    if isinstance(call.target, Function) and call.target.defaults:
        return True
    given = call.given
    return bool([value for value in given if type(value.value) in _NUMERIC or value.parts])


def _numbers_given(call: Call) -> Iterator[tuple[str, Resolved]]:
    """The known numbers that a call is given, and those that unknown ones were computed from; not for evaluation."""
    given = [pair for pair in received(call) if type(pair[1].value) in _NUMERIC or pair[1].parts]
    given += left_to_default(call) if call.target is not None else ()
    given += [(item.name, item) for _, value in given if isinstance(value.value, ListValue) for item in each_in(value)]
    for name, value in given:
        if value.number is not None:
            label = (_written_as(call, value) if name in _AMOUNTS or len(name) == 1 else "") or name or value.name
            if not is_evaluation(f"{label} {value.name}"):
                yield label, value
        elif value.parts:
            for leaf in leaves(value):
                if leaf.number is not None and not is_evaluation(leaf.name):
                    yield leaf.name, leaf


def _written_as(call: Call, value: Resolved) -> str:
    """The name that a call is given a value by, where that is a plain one; else the value's own."""
    given = zip(getattr(call.node, "args", ()), call.positional, strict=False)
    written = next((node.id for node, each in given if each is value and isinstance(node, ast.Name)), "")
    return written or value.name


_AMOUNTS = ("size", "k", "n", "num", "count", "num_samples")
"""Names of parameters that say less than the value's own, as do single letters: `choice(memory, size=batch_size)`."""

_NUMERIC = frozenset({int, bool, float, ListValue})
