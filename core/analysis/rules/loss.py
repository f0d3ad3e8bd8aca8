"""The losses that training minimises, by the names that the code gives them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from core import vocabulary
from core.analysis.facts import Fact
from core.analysis.filing import in_order
from core.analysis.nodes import kept
from core.analysis.program import Call, Class, DictValue, External, Function, ListValue, Made, Module, Program, Resolved
from core.analysis.rules.bodies import code_of, last_name
from core.analysis.rules.boosting import objectives
from core.analysis.rules.compiled import not_trained
from core.analysis.rules.families.arithmetic import minus
from core.analysis.rules.grouping import maker_of
from core.analysis.rules.judging import is_evaluation
from core.analysis.rules.loss_names import loss_name
from core.analysis.rules.losses_aside import (
    is_never_read,
    is_only_looked_at,
    is_passed_by,
    is_read_off,
    is_spare,
    lies_idle,
    measuring,
    only_judges,
    only_shows,
)
from core.analysis.rules.own_losses import (
    GENERIC,
    LOSS_KEPT,
    beside,
    computes,
    in_loss_class,
    judges,
    makes_loss,
    minimised,
    named_at,
    of_class,
    own,
    trains,
)
from core.analysis.rules.trained import stands_idle
from core.analysis.rules.view import View, view


def losses(program: Program) -> Iterator[Fact]:
    """Accepts losses of libraries that training calls or builds, `compile(loss=...)`, and the user's loss classes;
    only where there are none, the user's own functions that are named for a known loss."""
    seen = view(program)
    built = [(call, call.target) for call in program.own() if isinstance(call.target, Class) and makes_loss(call)]
    holding = {id(cls.node) for _, cls in built if _UNTOLD.fullmatch(cls.name)}
    whole = {id(cls.node) for _, cls in built} - holding
    alone = [(call, cls) for call, cls in built if not in_loss_class(call) and not _inside(call, whole)]
    facts = [of_class(call, cls) for call, cls in alone if not (only_judges(call, seen) or is_spare(call, seen))]
    facts += [_of_function(function) for function in _layered(program)]
    inner = {id(part.node) for _, cls in built if facts for part in cls.lineage()} - holding
    inner |= {id(function.node) for function in _compiled_functions(program) if not GENERIC.search(function.name)}
    taking = program.given(*filter(_TAKEN.search, program.keywords()))
    taking = [call for call in taking if not is_evaluation(call.name)]
    handing = program.named("create_supervised_trainer", "Learner")
    compared = list(filter(_compares, program.named("l2_loss")))
    known = [program.whose(loss_name), compared, program.named("compile", "Regression", "regression")]
    calls = in_order([*known, taking, handing])
    shown = not_trained(program) | measuring(program)
    calls = [call for call in calls if id(call) not in shown]
    outside = [call for call in calls if not _inside(call, inner) and not _serves(call, inner, seen)]
    found = [(call, fact) for call in outside for fact in _of_library(call, seen) if not _is_left_out(call, seen)]
    told_whole = {id(call.target.node) for call, _ in found if isinstance(call.target, Function)}
    found = [(call, fact) for call, fact in found if not (call.target and _inside(call, told_whole))]
    for doubtful in _DOUBTFUL:
        found = [(call, fact) for call, fact in found if not doubtful(call, seen)] or found
    if any(_inside(call, holding) for call, _ in found):
        facts = [fact for fact in facts if not _UNTOLD.fullmatch(str(fact.value))]  # it goes by what it holds
    facts += [fact for _, fact in found]
    facts += objectives(program)
    facts += _by_name(program)
    facts += beside(seen, inner | told_whole) if facts else list(own(seen)) or minimised(seen)
    told: set[object] = set()
    for fact in facts:
        if fact.value not in told:
            told.add(fact.value)
            yield fact


def _is_left_out(call: Call, seen: View) -> bool:
    """Whether nothing of what a loss gives is trained, whatever else is."""
    if is_spare(call, seen) or stands_idle(seen, call) or is_only_looked_at(call, seen):
        return True
    return bool(seen.program.named("backward")) and is_never_read(call, seen)


def _is_for_judging(call: Call, seen: View) -> bool:
    return judges(call) or (is_evaluation(call.bound) and _OF_A_PART.match(call.bound) is None)


_OF_A_PART = re.compile(r"(sample|query|predict|infer)[a-z]*_", re.IGNORECASE)
"""What parts of a loss are called for what they compare: `predict_loss + rec_loss`."""


_UNTOLD = re.compile(r"_?(loss(es)?|criterion)(_?(fn|func|function|module))?", re.IGNORECASE)
"""Names of loss classes that do not say which: `Loss`."""

_TAKEN = re.compile(r"loss_(fn|func|function)$")
"""Keywords by which libraries take a loss."""


def _may_be_penal(call: Call, seen: View) -> bool:
    """`optax.l2_loss(weights)`: beside another loss a penalty, since it compares with nothing."""
    return call.name == "l2_loss" and len(call.positional) + len(call.keywords) < 2 and not _compares(call)


_DOUBTFUL = (is_read_off, only_shows, _may_be_penal, _is_for_judging, lies_idle, is_passed_by)
"""Signs that a loss is not trained, each of which counts only where others remain."""


def _compares(call: Call) -> bool:
    """`tf.nn.l2_loss(predicted - actual)`: what else is a penalty, of the difference of two, which may have a name."""
    given = call.node.args if isinstance(call.node, ast.Call) and call.dotted.startswith("tensorflow.") else []
    named = code_of(call.home).assigned.get(last_name(given[0]), ()) if len(given) == 1 else ()
    return any(map(minus, (*given[:1], *named)))


def _of_library(call: Call, seen: View) -> Iterator[Fact]:
    """What `compile` is told, what trainers take as their loss, and a library's loss that is asked to train."""
    if call.name == "compile" or call.name == "Regression" or call.name == "regression":
        given = call.keywords.get("loss") or (
            call.argument("loss", 1) if call.name == "compile" and "keras" in call.dotted else None
        )
        if given is not None:
            yield from _compiled(given)
        return
    handed = [*call.positional, *(value for word, value in call.keywords.items() if _TAKEN.search(word))]
    for value in handed if call.target is None else ():
        if isinstance(value.value, External) and (name := loss_name(value.value.dotted)):
            yield Fact("loss", name, value.place, "call argument")
        elif isinstance(value.value, Made) and value.value.call.name.endswith("Loss") and value not in call.positional:
            made = value.value.call  # `Trainer(loss_fn=GPTLoss())`, whatever library the two are of
            yield Fact("loss", made.name, named_at(made, made.name, seen), "call")
    yield from map(_of_function, _handed(call))
    name = loss_name(call.dotted) or (call.name if call.name == "l2_loss" and _compares(call) else None)
    if call.target is not None and name and GENERIC.search(name):
        return
    if isinstance(call.target, Class) and not computes(call.target):
        return  # stands where none is wanted
    if call.dotted == "torch.nn.CosineSimilarity" and not LOSS_KEPT.search(call.bound):
        return  # how alike two things are, of which a loss may be made
    if name and trains(call, seen) and call.node not in kept(call.module.tree, "_asked", partial(_asked, call.module)):
        yield Fact("loss", name, named_at(call, name, seen), "call")


def _by_name(program: Program) -> Iterator[Fact]:
    """What an unknown library is told to make a loss of, by its name: `get_loss("MSELoss", reduction="sum")`."""
    for call in program.whose(_makes_by_name):
        for given in call.given if call.target is None else ():
            if given.text and vocabulary.load().canonical("loss", given.text) and loss_name(f"torch.nn.{given.text}"):
                yield Fact("loss", given.text, given.place, given.how or "call argument")


def _makes_by_name(dotted: str) -> bool:
    return _GETS.fullmatch(dotted.rpartition(".")[2]) is not None


_GETS = re.compile(r"(get|build|make|create)_(loss|criterion)(_fn|_func|_function)?")


def _handed(call: Call) -> Iterator[Function]:
    """The user's functions that a library is given as its loss, by their own names: `Trainer(net, loss_fn=mspe)`."""
    if call.target is not None or call.name == "partial":
        return
    given = (value.value for word, value in call.keywords.items() if _TAKEN.search(word))
    yield from (one for one in given if isinstance(one, Function) and not GENERIC.search(one.name))


def _asked(module: Module) -> frozenset[ast.AST]:
    """Calls of which only an attribute is read: `CrossEntropyLoss().ignore_index`."""
    methods = {id(call.func) for call in module.of(ast.Call)}
    return frozenset(
        node.value for node in module.of(ast.Attribute) if isinstance(node.value, ast.Call) and id(node) not in methods
    )


def _compiled(value: Resolved) -> Iterator[Fact]:
    """`loss=` of Keras: a name, a loss object or function, or a list or dict of them."""
    for one in value.all():
        inner = one.value
        if isinstance(inner, str) and re.fullmatch(r"\w+", inner):
            yield Fact("loss", inner, one.place, one.how)
        elif isinstance(inner, ListValue):
            for item in inner.items:
                yield from _compiled(item)
        elif isinstance(inner, DictValue):
            for item in inner.entries.values():
                yield from _compiled(item)
        elif isinstance(inner, Function) and inner.name != "<lambda>":
            yield _of_function(inner)
        elif one.dotted and not isinstance(inner, Made) and loss_name(one.dotted):
            yield Fact("loss", one.dotted.rpartition(".")[2], one.place, "call argument")


def _of_function(function: Function) -> Fact:
    """A function goes by its name, or by that of the one which makes it: `def focal_loss(gamma): ... return fixed`."""
    maker = maker_of(function)
    named = maker if maker is not None and not GENERIC.search(maker.name) else function.node
    name = getattr(named, "name", function.name)
    return Fact("loss", name, function.module.source.place(named.lineno), "function")


def _inside(call: Call, wholes: set[int]) -> bool:
    """Whether a call stands in one of these classes or functions (their nodes, by id)."""
    homes = (call.within, call.within.home) if call.within is not None else ()
    return any(home is not None and id(home.node) in wholes for home in homes)


def _serves(call: Call, wholes: set[int], seen: View) -> bool:
    """Whether a call stands in a plain function that only these classes or functions (their nodes, by id) call."""
    within = call.within
    asking = seen.callers.get(id(within.node), []) if within is not None and within.home is None else []
    return bool(asking) and all(_inside(each, wholes) for each in asking)


def _compiled_functions(program: Program) -> Iterator[Function]:
    """The user's functions that `compile(loss=...)` is given: they go by their own names, not by what they call."""
    for call in program.named("compile"):
        given = call.keywords.get("loss")
        yield from _functions_in(given) if given is not None else ()
    yield from (one for call in program.given("loss_fn", "loss_func", "loss_function") for one in _handed(call))
    yield from _layered(program)


def _functions_in(value: Resolved) -> Iterator[Function]:
    """The functions that something may be, or that it lists or names."""
    for one in value.all():
        inner = one.value
        held = [*inner.items] if isinstance(inner, ListValue) else []
        held = [*inner.entries.values()] if isinstance(inner, DictValue) else held
        yield from [inner] if isinstance(inner, Function) else (found for each in held for found in _functions_in(each))


def _layered(program: Program) -> Iterator[Function]:
    """The user's losses that are layers, of whose output `compile` is told that it is the loss: `Lambda(yolo_loss,
    name="yolo")` for `loss={"yolo": lambda y_true, y_pred: y_pred}`."""
    told = (call.keywords["loss"].value for call in program.named("compile") if "loss" in call.keywords)
    entries = (pair for given in told if isinstance(given, DictValue) for pair in given.entries.items())
    passed_on = {key for key, one in entries if isinstance(one.value, Function) and one.value.name == "<lambda>"}
    for call in program.named("Lambda") if passed_on else ():
        name, computed = call.keywords.get("name"), call.argument("function", 0)
        function = computed.value if computed is not None else None
        if name is not None and name.text in passed_on and isinstance(function, Function):
            yield from [function] if "loss" in function.name.lower() else []
