"""Boosted trees: what XGBoost, LightGBM and CatBoost are told to minimise, in a dict of settings or by keywords."""

from __future__ import annotations

from collections.abc import Iterator

from core import vocabulary
from core.analysis.facts import Fact
from core.analysis.program import Call, Program, Resolved, entries_in

_OBJECTIVES = ("objective", "loss_function", "application")


BOOSTING = ("xgboost.", "lightgbm.", "catboost.")
"""Libraries of boosted trees."""


def settings_of(call: Call) -> dict[object, Resolved]:
    """What a call of such a library is told: `train(params, data)`, `dask.train(client, params, data)`, keywords."""
    given = [call.keywords.get("params"), *call.positional[:2]]
    pairs = {name: value for each in given for name, value in entries_in(each).items()}
    pairs.update(call.keywords)
    return pairs


def objectives(program: Program) -> Iterator[Fact]:
    """Accepts the objective by name: `{"objective": "binary:logistic"}`, `LGBMRanker(objective="lambdarank")`."""
    for call in program.under(*BOOSTING):
        settings = settings_of(call)
        for value in (settings[name] for name in _OBJECTIVES if name in settings):
            yield from (Fact("loss", one.text, one.place, one.how) for one in value.all() if one.text)


def task_of(objective: str) -> str | None:
    """What trees with that objective are for: "binary:logistic" is classification."""
    for task, beginnings in vocabulary.load().table("tasks", "objectives").items():
        if objective.partition(":")[0] in beginnings:
            return str(task)
    return None
