"""Which models of Keras are compiled, but not trained as that says."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import chain

from core.analysis.program import Call, Made, Program, Resolved

_FITTING = ("fit", "fit_generator", "train_on_batch", "train_step", "train")


@lru_cache(maxsize=1)
def not_trained(program: Program) -> frozenset[int]:
    """The calls of `compile` (by id) after which nothing is trained as they say, and those that make what they are
    given: `Adam(1e-3)`."""
    aside = _only_shown(program) | _compiled_anew(program)
    calls = [call for call in program.named("compile") if id(call) in aside] if aside else []
    kept = [call for call in program.named("compile") if calls and id(call) not in aside]
    given, used = (set(chain.from_iterable(map(_made_of, each))) for each in (calls, kept))
    return aside | (given - used)


def _compiled_anew(program: Program) -> frozenset[int]:
    """The calls of `compile` of models that are compiled again before they are fitted, or handed to anything."""
    compiled: defaultdict[int | None, list[Call]] = defaultdict(list)
    for call in program.named("compile"):
        compiled[_model(call)].append(call)
    several = {made: calls for made, calls in compiled.items() if made is not None and len(calls) > 1}
    taking = [(call.order, _model(call)) for call in program.named(*_FITTING)] if several else []
    taking += [(call.order, made) for call in program.calls for made in _made_of(call)] if several else []
    return frozenset(
        id(call)
        for made, calls in several.items()
        for call in calls
        for again in [min((other.order for other in calls if other.order > call.order and not other.maybe), default=0)]
        if again and not any(taken == made and call.order < order < again for order, taken in taking)
    )


def _made_of(call: Call) -> set[int]:
    """What a call is given that other calls made (these, by id)."""
    return {id(value.value.call) for value in _handed(call) if isinstance(value.value, Made)}


def _only_shown(program: Program) -> frozenset[int]:
    """The calls of `compile` (by id) of models that are asked to predict, and neither fitted nor handed to anything,
    where another that is compiled is fitted: `shown.compile("rmsprop", "mse")`, `shown.predict(numbers)`."""
    compiled = program.named("compile")
    fitted, asked = _receivers(program, *_FITTING), _receivers(program, "predict", "predict_on_batch")
    shown = {id(call): made for call in compiled if (made := _model(call)) in asked - fitted}
    if not shown or not any(_model(call) in fitted for call in compiled):
        return frozenset()
    given = set(chain.from_iterable(map(_made_of, program.calls)))
    return frozenset(call for call, made in shown.items() if made not in given)


def _handed(call: Call) -> tuple[Resolved, ...]:
    """What a call is given; a model that is called is handed on too."""
    called = (call.receiver,) if call.name == "__call__" and call.receiver is not None else ()
    return (*call.given, *called)


def _receivers(program: Program, *names: str) -> set[int | None]:
    """The models (the calls that made them, by id) of which these methods are called."""
    return {_model(call) for call in program.named(*names)} - {None}


def _model(call: Call) -> int | None:
    made = call.holder
    return id(made.call) if isinstance(made, Made) else None
