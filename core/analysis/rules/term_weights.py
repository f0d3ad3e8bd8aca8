"""How much the terms of a loss weigh."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.analysis.facts import Fact, Place
from core.analysis.program import Program, Resolved
from core.analysis.rules import values
from core.analysis.rules.environment import environments
from core.analysis.rules.optimizer_details import weight_decays

_LAMBDA = r"(?:lambda|lambd|lmbda|lamda|lamb|lam)"
_ALONE = re.compile(rf"{_LAMBDA}_?")
_WEIGHTS = re.compile(
    rf"^(?!lam$){_LAMBDA}(?:_|\d|$)\w*$|^(?:lambda|lmbda)\w*$|^\w*(loss|kld|kl|recon|adv|cycle|id|gp|l1|l2|style|content|perceptual|entropy|value|vf|ent|aux)_?(weight|coef|coeff|coefficient|scale|lambda)$|^beta_?kl$|^kld?_weight$"
)

_OF_NUMBERS = re.compile(r"^((static|initial|init|fp16|amp)_?)?loss_?scale$")
"""Names of what losses are scaled with so that half precision can hold their gradients."""
_DISCOUNT = re.compile(r"^(gamma|discount(_?(factor|rate))?)$")
_TIMES = re.compile(r"_(lr|epochs?|steps?|iters?|start|end|decay|warm_?up)(_|$)")
"""Parts of the names of what says when, or how fast, a weight changes."""


def loss_weights(program: Program) -> Iterator[Fact]:
    """Weights of the terms of a loss, by the names that options, constants and variables give them; `lambda` alone is
    none where it decays the weights, or weighs returns."""
    for option in program.options:
        name = values.words_of(option.name)
        if option.value.number is None or not _WEIGHTS.search(name):
            continue
        if _TIMES.search(name) or _OF_NUMBERS.search(name):
            continue
        if _ALONE.fullmatch(name) and (_weighs_returns(program, option.value) or _decays(program, option.value)):
            continue
        yield Fact("loss_weights", (option.name, option.value.number), option.value.place, option.value.how)


def _weighs_returns(program: Program, value: Resolved) -> bool:
    """Whether an agent acts, or a number that is almost 1 stands beside a discount that is."""
    if program.ask(environments):
        return True
    discounts = (each.value for each in program.options if _DISCOUNT.search(values.words_of(each.name)))
    near = {each.place for each in discounts if _near_one(each)} if _near_one(value) else set()
    return bool(near and near - _of_rates(program))


def _of_rates(program: Program) -> set[Place | None]:
    """Where what schedulers are given was said: a `gamma` by which a rate decays."""
    schedulers = program.alike(_schedules)
    return {each.place for call in schedulers for each in (*call.positional, *call.keywords.values())}


def _schedules(name: str) -> bool:
    return name.endswith("LR")


def _near_one(value: Resolved) -> bool:
    return value.number is not None and 0.9 <= value.number <= 1


def _decays(program: Program, value: Resolved) -> bool:
    """Whether an optimizer is told a number as its decay of weights."""
    return any(fact.place == value.place for fact in program.ask(weight_decays))
