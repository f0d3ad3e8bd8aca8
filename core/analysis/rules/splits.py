"""Which calls load data for evaluation, by what the function was called for in which they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from core.analysis.program import Call, Program
from core.analysis.rules.bodies import bound_to
from core.analysis.rules.judging import is_evaluation


def called_to_judge(program: Program, loading: Iterable[Call]) -> list[Call]:
    """Those that a function of the user's makes when it is called for evaluation, and for training elsewhere:
    `train_set = get_data(config.train)`, `valid_set = get_data(config.valid)`."""
    asked: dict[int, list[Call]] = defaultdict(list)
    for call in program.own():
        asked[id(call.target)].append(call)
    found = []
    for call in loading:
        around = asked.get(id(call.within), [])
        before = [each for each in around if each.order < call.order]
        if before and _judges(before[-1]) and not all(map(_judges, around)):
            found.append(call)
    return found


def of_test_splits(loading: Iterable[Call]) -> list[Call]:
    """Those that are told to load no training data, `MNIST(path, train=False)`, where others load some."""
    told = [(call, call.keywords["train"].value) for call in loading if "train" in call.keywords]
    return [call for call, trains in told if trains is False] if any(trains is True for _, trains in told) else []


def _judges(call: Call) -> bool:
    """Whether the result of a call is kept under a name that speaks of evaluation."""
    return is_evaluation(bound_to(call))
