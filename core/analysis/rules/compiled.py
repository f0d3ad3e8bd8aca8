"""Which models of Keras are compiled only so that they can be asked something."""

from __future__ import annotations

from functools import lru_cache

from core.analysis.program import Call, Made, Program, Resolved

_FITTING = ("fit", "fit_generator", "train_on_batch", "train_step")


@lru_cache(maxsize=1)
def only_shown(program: Program) -> frozenset[int]:
    """The calls of `compile` (by id) of models that are asked to predict, and neither fitted nor handed to anything,
    where another that is compiled is fitted: `shown.compile("rmsprop", "mse")`, `shown.predict(numbers)`."""
    compiled = program.named("compile")
    fitted, asked = _receivers(program, *_FITTING), _receivers(program, "predict", "predict_on_batch")
    shown = {id(call): made for call in compiled if (made := _model(call)) in asked - fitted}
    if not shown or not any(_model(call) in fitted for call in compiled):
        return frozenset()
    given = {id(v.value.call) for call in program.calls for v in _handed(call) if isinstance(v.value, Made)}
    return frozenset(call for call, made in shown.items() if made not in given)


def _handed(call: Call) -> tuple[Resolved, ...]:
    """What a call is given; a model that is called is handed on too."""
    called = (call.receiver,) if call.name == "__call__" and call.receiver is not None else ()
    return (*call.positional, *call.keywords.values(), *called)


def _receivers(program: Program, *names: str) -> set[int | None]:
    """The models (the calls that made them, by id) of which these methods are called."""
    return {_model(call) for call in program.named(*names)} - {None}


def _model(call: Call) -> int | None:
    made = call.receiver.value if call.receiver is not None else None
    return id(made.call) if isinstance(made, Made) else None
