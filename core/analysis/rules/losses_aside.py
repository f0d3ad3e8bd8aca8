"""Losses that are built or asked, and of which nothing is trained: idle, spare, passed by, only looked at."""

from __future__ import annotations

import ast
from collections import Counter
from functools import partial

from core.analysis.nodes import below, kept, walk
from core.analysis.program import Call, Function, Instance, Made, Module, Program
from core.analysis.rules.bodies import FORWARDS, code_of
from core.analysis.rules.holding import held, made_in
from core.analysis.rules.kinds import is_wrapper
from core.analysis.rules.loss_names import loss_name
from core.analysis.rules.own_losses import MOVING, behind, made_by, trains
from core.analysis.rules.view import View, asked_once


def lies_idle(call: Call, seen: View) -> bool:
    """Whether a loss object is built into a plain name and nothing ever takes or calls it."""
    made = call.made
    if not isinstance(made, Made) or not call.name[:1].isupper() or call.owner is not None or call.within is not None:
        return False
    if not any(_binds(line, call.node) for module in seen.program.modules for line in module.tree.body):
        return False
    return id(call) not in _taken(seen) and call.bound not in kept(
        call.module.tree, "_summed", partial(_summed, call.module)
    )


def is_passed_by(call: Call, seen: View) -> bool:
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


def is_never_read(call: Call, seen: View) -> bool:
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


def measuring(program: Program) -> set[int]:
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


def is_read_off(call: Call, seen: View) -> bool:
    """`tf.keras.metrics.mean_absolute_error(y, model(x)).numpy()` at the top level: a number to look at."""
    return call.within is None and any(
        each.name == "numpy" and getattr(getattr(each.node, "func", None), "value", None) is call.node
        for each in seen.calls_on.get(id(call), ())
    )


def is_only_looked_at(call: Call, seen: View) -> bool:
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


def only_shows(call: Call, seen: View) -> bool:
    """Whether lines of a script or notebook by themselves are all that asks a loss object: `loss = nn.NLLLoss()`,
    `loss(scores, labels)`."""
    made = call.made
    if not isinstance(made, Made) or call.within is not None or not call.name[:1].isupper():
        return False
    asked = [each for each in seen.program.named("__call__") if each.holder is made]
    alone = kept(call.module.tree, "_alone", partial(_alone, call.module)) if asked else frozenset()
    return bool(asked) and all(each.node in alone for each in asked) and id(call) not in _handed(seen)


@asked_once
def _handed(seen: View) -> frozenset[int]:
    """The calls (by id) whose results calls are given."""
    return frozenset(id(made) for call in seen.program.calls for value in call.given for made in made_in(value, 1))


def _alone(module: Module) -> frozenset[ast.AST]:
    return frozenset(line.value for line in module.tree.body if isinstance(line, ast.Expr))


def only_judges(call: Call, seen: View) -> bool:
    """Whether an object of the user's is asked only where nothing is trained: a measure that is kept as a loss is."""
    made = call.made
    called = seen.program.named(*FORWARDS)
    asked = [each for each in called if made is not None and each.holder is made]
    return bool(asked) and not any(trains(each, seen) for each in asked)


def is_spare(call: Call, seen: View) -> bool:
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


@asked_once
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


@asked_once
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
