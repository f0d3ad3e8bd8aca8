"""Telling what trains from what only judges: by names, by switches and splits, by what code does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache, lru_cache

from core.analysis.evidence import ALWAYS, is_weak
from core.analysis.facts import Fact, Place
from core.analysis.nodes import kept
from core.analysis.program import Call, Class, DictValue, Function, Instance, Made, Program, Resolved
from core.analysis.rules.bodies import Code, bound_to, code_of
from core.analysis.rules.values import arguments, words_of
from core.analysis.rules.view import view

_EVALUATION = re.compile(
    r"(^|_|\b)(test|tst|(?<!default_)(?<!init_)(?<!min_)(?<!max_)val|valid|validate|validation|eval|evaluate|evaluation|dev|infer|inference|predict|sample(?!_(?:data|batch)$)|query)(_|\b|$|ing|loader|set|data|ds)"
    r"|(evaluator|validator|tester|predictor|inferencer)$|_te$|(^|_)generat(e|ion)_(data|ds|set|loader)"
)
_TRAINING = re.compile(r"(^|_|\b)(train|updating\b)")


@cache
def is_evaluation(name: str) -> bool:
    """Whether a name speaks of evaluation and not of training."""
    words = words_of(name)
    return bool(_EVALUATION.search(words)) and not _TRAINING.search(words)


def is_tool(call: Call, program: Program) -> bool:
    """Whether an estimator is a tool of a run that trains a network: built in a function that judges, or kept ready at
    the top of a module that the script imports, `class Bench: lr = LinearRegression()`."""
    if call.within is not None:
        return is_evaluation(call.within.name)
    return call.module is not program.entry


def for_evaluation(call: Call) -> bool:
    """Whether a call makes something for evaluation: by the name it gets, the function it stands in, its data."""
    if (said := _says(call)) is not None:
        return said
    if call.within is not None and only_judges(call.within):
        return True
    data = [value for value in (call.keywords.get("dataset"), call.receiver) if value is not None]
    return any(_evaluated(value) for value in (*call.positional[:1], *data))


def only_judges(function: Function) -> bool:
    """Whether a function is called after judging and does no more; one that is called a test may train
    (`def test_mnist()`), and one that alone in its file takes steps (`def evaluate()`, which a probe beside training
    does not)."""
    if not is_evaluation(function.name):
        return False
    calls = code_of(function.node).calls
    signs = ALWAYS & calls.keys()
    if not signs or (is_weak([*signs]) and "step" not in calls):  # an attack takes gradients too
        return True
    return not function.name.startswith("test_") and not _steps_alone(function)


def _steps_alone(function: Function) -> bool:
    """Whether no other code of a function's file takes the steps of training."""
    tree = function.scope.module.tree
    stepping = kept(
        tree, "_stepping", lambda: [call.lineno for call in function.scope.module.of(ast.Call) if _steps(call)]
    )
    last = function.node.end_lineno or 0
    return all(function.node.lineno <= line <= last for line in stepping)


def _steps(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and (call.func.attr in ALWAYS or call.func.attr == "step")


def switched_to_judge(call: Call) -> bool:
    """Whether a call is told by a switch to make data to judge by: `load(batch_size=3, is_testing=True)`."""
    return any(name in _OF_JUDGING and value.value is True for name, value in call.keywords.items())


def _says(call: Call) -> bool | None:
    """What a call itself says: by the name it gets, by `train=False`, by its split; None where it does not say."""
    if call.bound and (is_evaluation(call.bound) or _TRAINING.search(words_of(call.bound))):
        return is_evaluation(call.bound)
    for name, value in arguments(call):
        if isinstance(value.value, bool) and (name in _OF_TRAINING or name in _OF_JUDGING):
            return value.value is (name in _OF_JUDGING)
        if isinstance(value.value, str):
            text = words_of(value.value.split("[")[0])
            told = name in _SPLITS and (is_evaluation(text) or _TRAINING.search(text))
            if told or (_SPLIT.fullmatch(text) and not _TITLE.search(name)):
                return is_evaluation(text)
    return None


_SPLITS = frozenset({"split", "phase", "mode", "subset", "partition", ""})
_SPLIT = re.compile(r"train(ing)?|test|val(id(ation)?)?|dev")
"""What a part of the data is called, whatever asks for it: `Reviews(type_path="val")`."""
_TITLE = re.compile(r"name|run|log|(^|_)(tags?|project|exp\w*|env|profile|host)(_|$)")
"""What only says what something is to be called, or where it runs."""


_OF_TRAINING = frozenset({"train", "is_train", "is_training", "training"})
_OF_JUDGING = frozenset({"is_test", "is_testing", "is_eval", "is_evaluation", "is_val", "is_valid", "is_validation"})
"""Switches of what makes data that say whether they are to train on, or to judge by."""


def _evaluated(value: Resolved, depth: int = 6) -> bool:
    """Whether data are evaluation data: named so, or made with `train=False`."""
    inner = value.value
    if value.name and is_evaluation(value.name) and not isinstance(inner, bool):
        return True
    if not depth or not isinstance(inner, (Made, Instance)):
        return False
    call = inner.call
    if isinstance(inner, Instance) and is_evaluation(inner.cls.name):
        return True
    if _says(call) is not None:
        return bool(_says(call))
    sources = (*call.positional[:1], *([call.receiver] if call.receiver else []))
    return any(_evaluated(source, depth - 1) for source in sources)


def judges(target: Function | Class) -> bool:
    """Whether a function of the user's is called after judging, or turns training off and takes no step; not what
    draws from a memory: `replay_buffer.sample(batch_size)`."""
    if not isinstance(target, Function) or (target.home is not None and _MEMORY.search(target.home.name)):
        return False
    return only_judges(target) or turns_off(code_of(target.node), "eval")


_MEMORY = re.compile(r"memory|buffer|replay", re.IGNORECASE)


def turns_off(code: Code, *by: str) -> bool:
    """Whether code turns training off by one of these calls, and takes no step."""
    return not code.calls.keys().isdisjoint(by) and _STEPPING.isdisjoint(code.calls)


_STEPPING = ALWAYS | {"step", "train", "fit"}


def asked_to_judge(program: Program, call: Call) -> bool:
    """Whether a call stands in a function that was last asked for evaluation data: `batches_of(test_data, size=4)`."""
    asking = view(program).asked_by(call)
    name = bound_to(asking) if asking is not None else ""
    judging = is_evaluation(name) or name.endswith("_eval")
    return judging or (asking is not None and for_evaluation(asking))


@lru_cache(maxsize=2)
def judged_places(program: Program) -> frozenset[Place]:
    """Where the sections of configurations that are for evaluation hold their entries, as options too."""
    found = {option.value.place for option in program.options if is_evaluation(option.section)}

    def visit(value: Resolved, judged: bool, depth: int) -> None:
        if isinstance(value.value, DictValue) and depth:
            for key, entry in value.value.entries.items():
                visit(entry, judged or is_evaluation(str(key)), depth - 1)
        elif judged:
            found.add(value.place)

    for configuration in program.configs:
        visit(configuration, False, 6)
    return frozenset(found)


def of_training(program: Program, facts: Iterable[Fact]) -> list[Fact]:
    """The facts without those that stand in a section for evaluation, where others remain."""
    told = list(facts)
    return [fact for fact in told if fact.place not in judged_places(program)] or told
