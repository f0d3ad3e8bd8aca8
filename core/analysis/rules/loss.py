"""The losses that training minimises, by the names that the code gives them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache, partial

from core.analysis.facts import Fact
from core.analysis.filing import in_order
from core.analysis.nodes import below, is_operation, kept, walk
from core.analysis.program import (
    Call,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Module,
    Program,
    Resolved,
)
from core.analysis.rules.bodies import FORWARDS, code_of, is_call, last_name
from core.analysis.rules.boosting import objectives
from core.analysis.rules.compiled import not_trained
from core.analysis.rules.grouping import maker_of
from core.analysis.rules.holding import held, made_in
from core.analysis.rules.kinds import is_wrapper
from core.analysis.rules.loss_names import loss_name
from core.analysis.rules.own_losses import (
    GENERIC,
    LOSS_KEPT,
    MOVING,
    behind,
    beside,
    in_loss_class,
    judges,
    made_by,
    makes_loss,
    minimised,
    named_at,
    of_class,
    own,
    trains,
)
from core.analysis.rules.trained import stands_idle
from core.analysis.rules.values import is_evaluation
from core.analysis.rules.view import View, view


def losses(program: Program) -> Iterator[Fact]:
    """Accepts losses of libraries that training calls or builds, `compile(loss=...)`, and the user's loss classes;
    only where there are none, the user's own functions that are named for a known loss."""
    seen = view(program)
    built = [(call, call.target) for call in program.own() if isinstance(call.target, Class) and makes_loss(call)]
    holding = {id(cls.node) for _, cls in built if _UNTOLD.fullmatch(cls.name)}
    whole = {id(cls.node) for _, cls in built} - holding
    alone = [(call, cls) for call, cls in built if not in_loss_class(call) and not _inside(call, whole)]
    facts = [of_class(call, cls) for call, cls in alone if not (_only_judges(call, seen) or _is_spare(call, seen))]
    facts += [_of_function(function) for function in _layered(program)]
    inner = {id(part.node) for _, cls in built if facts for part in cls.lineage()} - holding
    inner |= {id(function.node) for function in _compiled_functions(program) if not GENERIC.search(function.name)}
    taking = program.given(*filter(_TAKEN.search, program.keywords()))
    taking = [call for call in taking if not is_evaluation(call.name)]
    handing = program.named("create_supervised_trainer", "Learner")
    compared = list(filter(_compares, program.named("l2_loss")))
    known = [program.whose(loss_name), compared, program.named("compile", "Regression", "regression")]
    calls = in_order([*known, taking, handing])
    shown = not_trained(program) | _measuring(program)
    calls = [call for call in calls if id(call) not in shown]
    outside = [call for call in calls if not _inside(call, inner) and not _serves(call, inner, seen)]
    found = [(call, fact) for call in outside for fact in _of_library(call, seen)]
    found = [(call, fact) for call, fact in found if not _is_spare(call, seen) and not stands_idle(seen, call)]
    found = [(call, fact) for call, fact in found if not _is_read_off(call, seen)] or found
    found = [(call, fact) for call, fact in found if not _is_only_looked_at(call, seen)]
    found = [(call, fact) for call, fact in found if not _only_shows(call, seen)] or found
    found = [(call, fact) for call, fact in found if not _may_be_penal(call)] or found
    if seen.program.named("backward"):
        found = [(call, fact) for call, fact in found if not _is_never_read(call, seen)]
    training = [(call, fact) for call, fact in found if not (judges(call) or _is_kept_to_judge(call))]
    used = [fact for call, fact in training or found if not (_lies_idle(call, seen) or _is_passed_by(call, seen))]
    if any(_inside(call, holding) for call, _ in found):
        facts = [fact for fact in facts if not _UNTOLD.fullmatch(str(fact.value))]  # it goes by what it holds
    facts += used or [fact for _, fact in found]
    facts += objectives(program)
    facts += beside(seen, inner) if facts else list(own(seen)) or minimised(seen)
    told: set[object] = set()
    for fact in facts:
        if fact.value not in told:
            told.add(fact.value)
            yield fact


def _is_kept_to_judge(call: Call) -> bool:
    """`evaluate_l2 = nn.MSELoss()`: a loss object by the name of a measure."""
    return call.name[:1].isupper() and _MEASURE.match(call.bound) is not None


_MEASURE = re.compile(r"(eval(uate|uation)?|test|val(id)?(ation)?)(_|[A-Z]|$)")
_UNTOLD = re.compile(r"_?(loss(es)?|criterion)(_?(fn|func|function|module))?", re.IGNORECASE)
"""Names of loss classes that do not say which: `Loss`."""

_TAKEN = re.compile(r"loss_(fn|func|function)$")
"""Keywords by which libraries take a loss."""


def _may_be_penal(call: Call) -> bool:
    """`optax.l2_loss(weights)`: beside another loss a penalty, since it compares with nothing."""
    return call.name == "l2_loss" and len(call.positional) + len(call.keywords) < 2 and not _compares(call)


def _compares(call: Call) -> bool:
    """`tf.nn.l2_loss(predicted - actual)`: what else is a penalty, of the difference of two, which may have a name."""
    given = call.node.args if isinstance(call.node, ast.Call) and call.dotted.startswith("tensorflow.") else []
    named = code_of(call.home).assigned.get(last_name(given[0]), ()) if len(given) == 1 else ()
    return any(is_operation(each, ast.Sub) or _subtracts(each) for each in (*given[:1], *named))


def _subtracts(node: ast.AST) -> bool:
    return is_call(node, ("subtract",))


def _of_library(call: Call, seen: View) -> Iterator[Fact]:
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
    name = loss_name(call.dotted) or (call.name if call.name == "l2_loss" and _compares(call) else None)
    if call.target is not None and name and GENERIC.search(name):
        return
    if call.dotted == "torch.nn.CosineSimilarity" and not LOSS_KEPT.search(call.bound):
        return  # how alike two things are, of which a loss may be made
    if name and trains(call, seen) and call.node not in kept(call.module.tree, "_asked", partial(_asked, call.module)):
        yield Fact("loss", name, named_at(call, name, seen), "call")


def _asked(module: Module) -> frozenset[ast.AST]:
    """Calls of which only an attribute is read: `CrossEntropyLoss().ignore_index`."""
    methods = {id(call.func) for call in module.of(ast.Call)}
    return frozenset(
        node.value for node in module.of(ast.Attribute) if isinstance(node.value, ast.Call) and id(node) not in methods
    )


def _lies_idle(call: Call, seen: View) -> bool:
    """Whether a loss object is built into a plain name and nothing ever takes or calls it."""
    made = call.made
    if not isinstance(made, Made) or not call.name[:1].isupper() or call.owner is not None or call.within is not None:
        return False
    if not any(_binds(line, call.node) for module in seen.program.modules for line in module.tree.body):
        return False
    return id(call) not in _taken(seen) and call.bound not in kept(
        call.module.tree, "_summed", partial(_summed, call.module)
    )


def _is_passed_by(call: Call, seen: View) -> bool:
    """Whether a loss object goes by a plain name that is only ever called, and only in branches that the run does not
    take: `mse = MSELoss().cuda()`, `loss = mse(x, y) if args.regression else entropy(x, y)`."""
    if not call.name[:1].isupper():
        return False
    home = call.home
    name = kept(home, "_names_given", partial(_names_given, home)).get(call.node, "")
    asked = code_of(home).calls.get(name, ())
    reads = kept(home, "_reads", partial(_reads, home))[name] if asked else 0
    return 0 < reads == len(asked) and seen.followed.isdisjoint(asked)


def _names_given(home: ast.AST) -> dict[ast.expr, str]:
    """The names that a piece of code gives to what its calls make."""
    return {made_by(each): name for name, given in code_of(home).assigned.items() for each in given}


def _reads(home: ast.AST) -> Counter[str]:
    return Counter(node.id for node in below(home, ast.Name) if isinstance(node.ctx, ast.Load))


def _summed(module: Module) -> frozenset[str]:
    """The names of which losses are made up: `total = dice + 0.5 * focal`."""
    sums = (side for node in module.of(ast.BinOp) for side in (node.left, node.right))
    return frozenset(side.id for side in sums if isinstance(side, ast.Name))


def _is_never_read(call: Call, seen: View) -> bool:
    """Whether a loss object goes by a plain name of a function, or of the script, which its module never reads."""
    module = call.module
    known = kept(module.tree, "_unread", partial(_unread, module))
    return call.name[:1].isupper() and call.node in known and (call.within is not None or module is seen.program.entry)


def _unread(module: Module) -> frozenset[ast.AST]:
    of_classes = {line for home in module.of(ast.ClassDef) for line in home.body}
    lines = (line for line in module.of(ast.Assign) if len(line.targets) == 1 and line not in of_classes)
    bound = ((line.targets[0], line.value) for line in lines)
    return frozenset(
        value for target, value in bound if isinstance(target, ast.Name) and target.id not in module.names_read
    )


def _measuring(program: Program) -> set[int]:
    """The calls (by id) that make what something is given as its metrics, `metrics=[MSELossFlat()]`, or a measure of
    Ignite's is made of: `Loss(nn.MSELoss())`."""
    given = (call.keywords["metrics"] for call in program.given("metrics"))
    made = {id(each) for value in given for each in made_in(value, 1)}
    measures = [call for call in program.named("Loss") if call.dotted.startswith("ignite.")]
    of_measures = (value.value for call in measures for value in call.positional[:1])
    return made | {
        id(one.call)
        for one in of_measures
        if isinstance(one, Made) and any(one.call.node in getattr(call.node, "args", ()) for call in measures)
    }


def _is_read_off(call: Call, seen: View) -> bool:
    """`tf.keras.metrics.mean_absolute_error(y, model(x)).numpy()` at the top level: a number to look at."""
    return call.within is None and any(
        each.name == "numpy" and getattr(getattr(each.node, "func", None), "value", None) is call.node
        for each in seen.calls_on.get(id(call), ())
    )


def _is_only_looked_at(call: Call, seen: View) -> bool:
    """Whether what a loss comes to is only looked at, where something else goes backward: it goes by a name that is
    read to be printed, or as a number, alone: `mae = F.l1_loss(y, p)`, `print(mae)`, `meter.update(mae.item())`; or it
    is a line of a script by itself."""
    home = call.home
    sent = behind(home)
    if not sent and not (call.within is None and seen.program.named("backward", "value_and_grad", "gradient")):
        return False
    is_a_loss = call.within is None and loss_name(call.dotted) is not None  # not a `compile` that is given one
    if is_a_loss and call.node in kept(home, "_alone", partial(_alone, call.module)):
        return True
    given = code_of(home).assigned.items()
    names = {name for name, values in given if any(call.node in walk(value) for value in values)}
    calls = code_of(home).calls
    shown = {node for each in calls.get("print", ()) for node in walk(each)}
    shown |= {each.func.value for each in calls.get("item", ()) if isinstance(each.func, ast.Attribute)}
    looks = Counter(node.id for node in shown if isinstance(node, ast.Name))
    reads = kept(home, "_reads", partial(_reads, home))
    return bool(names) and sent.isdisjoint(names) and all(0 < reads[name] == looks[name] for name in names)


def _only_shows(call: Call, seen: View) -> bool:
    """Whether lines of a script or notebook by themselves are all that asks a loss object: `loss = nn.NLLLoss()`,
    `loss(scores, labels)`."""
    made = call.made
    if not isinstance(made, Made) or call.within is not None or not call.name[:1].isupper():
        return False
    asked = [each for each in seen.program.named("__call__") if each.holder is made]
    alone = kept(call.module.tree, "_alone", partial(_alone, call.module)) if asked else frozenset()
    return bool(asked) and all(each.node in alone for each in asked) and id(call) not in _handed(seen)


@lru_cache(maxsize=1)
def _handed(seen: View) -> frozenset[int]:
    """The calls (by id) whose results calls are given."""
    return frozenset(id(made) for call in seen.program.calls for value in call.given for made in made_in(value, 1))


def _alone(module: Module) -> frozenset[ast.AST]:
    return frozenset(line.value for line in module.tree.body if isinstance(line, ast.Expr))


def _only_judges(call: Call, seen: View) -> bool:
    """Whether an object of the user's is asked only where nothing is trained: a measure that is kept as a loss is."""
    made = call.made
    called = seen.program.named(*FORWARDS)
    asked = [each for each in called if made is not None and each.holder is made]
    return bool(asked) and not any(trains(each, seen) for each in asked)


def _is_spare(call: Call, seen: View) -> bool:
    """Whether a loss object is kept on an object of which other methods run, and none of them takes or calls it."""
    owner, made = call.owner, call.made
    if owner is None or type(made) not in _MAKES or not call.name[:1].isupper() or is_wrapper(owner.cls):
        return False
    names = {name for name, value in owner.attributes.items() if value.value is made}
    others = {other.within for other in seen.program.calls if other.owner is owner} - {call.within, None}
    return bool(names and others) and id(call) not in _called(seen) and not any(_asks(each, names) for each in others)


def _asks(function: Function | None, names: set[str]) -> bool:
    """Whether a method asks one of these attributes whatever holds, though what it does before may lead nowhere."""
    lines = getattr(function and function.node, "body", None)
    plain = (line for line in lines if isinstance(line, _PLAIN)) if isinstance(lines, list) else ()
    return any(isinstance(node, ast.Attribute) and node.attr in names for line in plain for node in walk(line))


_PLAIN = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)


@lru_cache(maxsize=1)
def _called(seen: View) -> frozenset[int]:
    """The calls (by id) whose results are called or given to a call; not those that are only built and moved."""
    asking = (other for other in seen.program.calls if other.name not in MOVING and other.name != "__init__")
    values = (v for other in asking for v in (other.receiver, *other.given))
    return frozenset(id(one.call) for v in values if v is not None for one in held(v, 1) if isinstance(one, _MAKES))


_MAKES = (Made, Instance)
"""What calls of classes make, of libraries' and of the user's."""


def _binds(line: ast.stmt, node: ast.AST) -> bool:
    """`criterion = BCELoss()`."""
    return isinstance(line, ast.Assign) and line.value is node and isinstance(line.targets[0], ast.Name)


@lru_cache(maxsize=1)
def _taken(seen: View) -> frozenset[int]:
    """The calls (by id) whose results are called, given to a call, or kept on an object; prints do not count."""
    taken: set[int] = set()
    printed = {id(node) for call in seen.program.named("print") for node in walk(call.node)}
    asking = (call for call in seen.program.calls if id(call.node) not in printed)
    values = {id(v): v for call in asking for v in (call.receiver, *call.given) if v}
    for value in values.values():
        taken.update(map(id, made_in(value, 2)))
    for instance in seen.program.instances:
        taken.update(id(v.value.call) for v in instance.attributes.values() if isinstance(v.value, Made))
    return frozenset(taken)


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
        yield from (one.value for one in (given.all() if given else ()) if isinstance(one.value, Function))
    yield from _layered(program)


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
