"""Losses that the user wrote: classes, and functions that are named for one or whose result is minimised."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import TypeGuard

from core import vocabulary
from core.analysis.facts import Fact, Place
from core.analysis.follow.runners import is_written_down
from core.analysis.nodes import below, kept, name_of, unparse, walk
from core.analysis.program import Call, Class, Function, Instance, Made, Module
from core.analysis.rules.bodies import FORWARDS, code_of, is_call, last_name
from core.analysis.rules.kinds import is_ungraded
from core.analysis.rules.loss_names import DERIVATIVE, asks_loss, loss_name
from core.analysis.rules.view import View, asked_once
from core.vocabulary import fold

OWN = re.compile(
    r"cross_?entropy|xent|bce|(^|_|2)mse|mean_?squared|bpr|(^|_)nll|nll_?loss|(?<!in)dice|focal|hinge|huber|triplet|contrastive|ctc|wasserstein|log_?likelihood|"
    r"(^|_)mae(_|$)|l[12]_loss|smooth_?l1|info_?nce|nt_?xent|perceptual_loss|charbonnier|iou_loss|(?<!co)ssim",
    re.IGNORECASE,
)
"""The user's own functions that are named for a known loss; "loss_fn" says nothing."""


NO_OWN = re.compile(
    r"^(test|eval|get|plot|print|make|create(?!\w*_loss$)|load|update|train|grad|gather|sample|select|mine|collect|draw|read|stack|filter|find|split|generate)_|"
    r"_(update|step)$|(^|_)train(_|$)|psnr|^calc\w*_ssim|^compute_ssim"
)
"""What such names say beside: what is done with a loss, or a measure."""


JUDGING = re.compile(
    r"^_?(test|eval|valid|val|infer|predict|sample|score|accuracy|check|metric|report|measure|generate|plot)|evaluat|validat|_(test|eval|val|valid)$|accuracy|rmse|psnr",
    re.IGNORECASE,
)
"""Functions that judge and do not train."""


def named_at(call: Call, name: str, seen: View) -> Place:
    """Where the loss is named: in the call, else where what is called got it (`loss_fn=F.cross_entropy`)."""
    if isinstance(call.node, ast.Call) and fold(name) in fold(unparse(call.node)):
        return call.place
    for module in dict.fromkeys((call.module, *seen.program.modules)):
        spoken: list[ast.Attribute | ast.Name | ast.FunctionDef] = module.of(ast.Attribute, ast.Name, ast.FunctionDef)
        for node in spoken:
            if _spelt(node) == name:
                place = module.place(node)
                return (
                    place
                    if not isinstance(node, ast.FunctionDef)
                    else Place(place.file, place.line, place.line, place.cell)
                )
    return _told_at(name, seen) if is_written_down(call.place.file) else call.place


def _told_at(name: str, seen: View) -> Place:
    """Where a text names the loss that the loop of a library builds; the head of the script, where none does."""
    entry = seen.program.entry
    named = ((each, node) for each in (entry, *seen.program.modules) for node in each.of(ast.Constant))
    return next((module.place(node) for module, node in named if node.value == name), entry.source.place(1))


def _spelt(node: ast.Attribute | ast.Name | ast.FunctionDef) -> str:
    return name_of(node) or getattr(node, "name", "")


def judges(call: Call) -> bool:
    """Whether a call stands in a function that only judges: by its name, if it takes no gradients itself."""
    if call.within is None or JUDGING.search(call.within.name) is None:
        return False
    return "backward" not in code_of(call.within.node).calls


def trains(call: Call, seen: View) -> bool:
    """Whether a call is part of training: not in a function that only judges, nor where gradients are off."""
    judged = judges(call) and call.name[:1].islower()
    if judged and call.within is not None and id(call.within.node) not in _differentiated(seen):
        return False
    if is_ungraded(call.within):
        return False
    return call.node not in kept(call.module.tree, "_without_gradients", lambda: _without_gradients(call.module))


@asked_once
def _differentiated(seen: View) -> frozenset[int]:
    """The functions (their nodes, by id) of which gradients are taken: what `loss_and_accuracy` holds is trained."""
    return frozenset(
        id(given.value.node)
        for call in seen.program.named("grad", "value_and_grad", "filter_grad", "filter_value_and_grad")
        for given in call.positional[:1]
        if isinstance(given.value, Function)
    )


def _without_gradients(module: Module) -> frozenset[ast.AST]:
    """The calls in code under `no_grad`."""
    return frozenset(
        node
        for block in module.of(ast.With)
        if any(_is_no_grad(item.context_expr) for item in block.items)
        for node in walk(block)
    )


def _is_no_grad(node: ast.expr) -> bool:
    return is_call(node, ("no_grad", "inference_mode"))


@cache
def _is_called_loss(name: str) -> bool:
    """Not `NetWithLoss`, which holds a network and its loss, nor what happens on the loss of a life."""
    ends = r"(?<!with)(?<!with_)(?<!life)(?<!life_)(loss(es)?|criterion)(_?[123]d)?$"
    return re.search(ends, name, re.IGNORECASE) is not None


def is_loss_class(call: Call) -> bool:
    """A class of the user's that is a loss, and computes one."""
    return is_named_loss(call.target) and computes(call.target)


def is_named_loss(cls: object) -> TypeGuard[Class]:
    """Whether a class of the user's is named a loss, derived from one, or one of a module of losses; that of a loss
    which computes nothing too."""
    if not isinstance(cls, Class):
        return False
    called = any(_is_called_loss(part.name) for part in cls.lineage())
    named = called or any(map(loss_name, cls.external_bases()))
    named = named or bool(OWN.search(cls.name) and _OF_LOSSES.search(cls.module.name))
    return named and not cls.heir_of("Callback", "Enum", "Metric", "Variable")


_OF_LOSSES = re.compile(r"(^|\.|_)(loss(es)?(_(functions?|funcs?|fns?))?|criteri(on|a|ons))$")
"""Names of modules of losses."""


def computes(cls: Class) -> bool:
    """Whether a class has a method that gives a loss: `forward`, `loss` beside its `gradient`, or one for a judge; or
    has that of a library's loss."""
    names = (*FORWARDS, "loss", "dis_loss", "d_loss", "discriminator_loss")
    return any(cls.find(name) is not None for name in names) or any(map(loss_name, cls.external_bases()))


def makes_loss(call: Call) -> bool:
    """Whether a call of a class of the user's makes a loss: by the class's name, or, of what is put around no other
    loss, by the name it is kept under; not what is put around a network and its loss, `NetLoss(net, criterion)`."""
    given = {_is_called_loss(value.value.cls.name) for value in call.positional if isinstance(value.value, Instance)}
    made = (value.value for value in call.positional if isinstance(value.value, Made))
    around = True in given or any(loss_name(each.dotted) for each in made)
    return len(given) < 2 and (is_loss_class(call) or (not around and _kept_as_loss(call)))


def of_class(call: Call, cls: Class) -> Fact:
    told = fold(cls.name) in fold(unparse(call.node))
    place = call.place if told else cls.module.source.place(cls.node.lineno)
    return Fact("loss", cls.name, place, "class of the user's")


LOSS_KEPT = re.compile(r"loss(_fn|_func|_function)?$|criterion", re.IGNORECASE)


def _kept_as_loss(call: Call) -> bool:
    """`self.mssim_loss = MSSIM()`, `criterion = Contrast()`: an object kept under the name of a loss."""
    owner = call.owner
    if not isinstance(call.target, Class):
        return False
    home = call.home
    named = call.node in kept(home, "_made_losses", partial(_kept_under_loss, home))
    made = call.made
    if not named and owner is not None and isinstance(made, Instance):
        named = any(value.value is made and LOSS_KEPT.search(name) for name, value in owner.attributes.items())
    return named and computes(call.target)


def _kept_under_loss(home: ast.AST) -> frozenset[ast.AST]:
    """What a piece of code assigns to the name of a loss."""
    lines = below(home, ast.Assign)
    return frozenset(made_by(line.value) for line in lines if LOSS_KEPT.search(last_name(line.targets[0])))


def made_by(node: ast.expr) -> ast.expr:
    """The call that makes what a chain of methods gives back: `Contrast()` of `Contrast().to(device)`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MOVING:
        node = node.func.value
    return node


MOVING = frozenset({"to", "cuda", "cpu", "float", "half", "double"})
"""Methods that give their object back, elsewhere or in another precision."""


def in_loss_class(call: Call) -> bool:
    home = call.within.home if call.within is not None else None
    return home is not None and _is_called_loss(home.name)


def own(seen: View) -> Iterator[Fact]:
    building = {each.call.within.node for each in seen.network_instances if each.call.within is not None}
    for call in seen.program.own():
        target = call.target
        name = _told_name(call, target) if isinstance(target, Function) else ""
        if not isinstance(target, Function) or not OWN.search(name) or NO_OWN.search(name):
            continue
        if target.node in building or _is_density(target) or DERIVATIVE.search(name):
            continue  # `mae_vit_base()` builds a masked autoencoder
        if _measures(target) or _gives_nothing(target) or "minimize" in code_of(target.node).calls:
            continue  # what makes its own steps is a model, `bpr_mf(users, items)`
        if _PENALTY.search(name) and len(_taken(target)) == 1:
            continue  # how large weights are, compared with nothing
        if trains(call, seen):
            yield Fact("loss", name, named_at(call, name, seen), "function of the user's")


def _told_name(call: Call, target: Function) -> str:
    """What a function goes by: its name, or that under which a lambda is called, `mse = lambda x, y: ...`."""
    return last_name(call.node.func) if target.name == "<lambda>" and isinstance(call.node, ast.Call) else target.name


def _is_density(function: Function) -> bool:
    """`normal_log_likelihood(x)`: the density of a point, which is compared with nothing."""
    return "likelihood" in function.name.lower() and len(_taken(function)) < 2


_PENALTY = re.compile(r"(^|_)l[12]_?(loss|norm|reg|penalty)", re.IGNORECASE)


def _taken(function: Function) -> list[str]:
    """What a function takes, beside its object."""
    return [argument.arg for argument in function.node.args.args if argument.arg != "self"]


def _measures(function: Function) -> bool:
    """Whether a function turns gradients off, by its decorator or itself for all that it computes: it measures."""
    blocks = [each for each in below(function.node, ast.With) if any(_is_no_grad(i.context_expr) for i in each.items)]
    inside = {id(each) for block in blocks for each in below(block, ast.BinOp)}
    whole = bool(blocks) and all(id(each) in inside for each in below(function.node, ast.BinOp))
    return whole or any(map(_is_no_grad, getattr(function.node, "decorator_list", ())))


def _gives_nothing(function: Function) -> bool:
    """Whether a function gives nothing back, keeps nothing on an object and sends nothing backward: what it makes of
    two things is only shown."""
    node = function.node
    gives = isinstance(node, ast.Lambda) or any(each.value is not None for each in below(node, ast.Return))
    held: list[ast.Attribute | ast.Subscript] = below(node, ast.Attribute, ast.Subscript)
    keeps = any(isinstance(each.ctx, ast.Store) for each in held)
    return not (gives or keeps) and code_of(node).calls.keys().isdisjoint(_BACKWARD)


def minimised(seen: View) -> Iterator[Fact]:
    """A function of the user's that is given two things, or is called a loss, and whose result is sent backward:
    `cost = jaccard(x, y)`, `jaccard(x, y).backward()`; of one that is called a loss, also what is made of its one
    result."""
    asked = [call.node for call in seen.program.named(*_BACKWARD) if isinstance(call.node, ast.Call)]
    sent = [each for node in asked for each in _sent(node)]
    sent = [_reduced(each) for each in sent]
    sent += [inner for each in sent if isinstance(each, ast.Call) for inner in each.args]  # `scale(loss)` too
    backward, straight = {last_name(each) for each in sent}, {id(each) for each in sent}
    for call in seen.program.own():
        target = call.target
        if not isinstance(target, Function) or target.owner is not None or GENERIC.search(target.name):
            continue
        named = MINIMISED.search(target.name)
        if (named or len(call.node.args) == 2) and trains(call, seen) and not _measures(target):
            home = call.home
            targets = [line.targets[0] for line in below(home, ast.Assign) if line.value is call.node]
            given = {last_name(each) for one in targets for each in getattr(one, "elts", [one])} - {""}
            held = (each.value if isinstance(each, ast.Subscript) else each for each in targets)  # `losses["kl"] = ...`
            alone = {each.id for each in held if isinstance(each, ast.Name) and (named or "loss" in each.id)}
            if id(call.node) in straight or given & backward or alone & behind(home):
                yield Fact("loss", target.name, named_at(call, target.name, seen), "function of the user's")


def beside(seen: View, wholes: set[int]) -> Iterator[Fact]:
    """A function of the user's that is called some loss, calls no loss of a library, and whose result goes backward
    with what libraries' losses gave: `total = bce(judged, ones) + 0.1 * pulling_loss(codes)`; not a part of a whole
    (classes and functions by their nodes' ids) that goes by a name of its own."""
    wrapping = {id(call.within.node) for call in seen.program.whose(asks_loss) if call.within is not None}
    for call in seen.program.own():
        target = call.target
        if not isinstance(target, Function) or not (named := _NAMED.search(target.name)):
            continue
        if GENERIC.search(target.name[: named.end("loss")]) or id(target.node) in wrapping:
            continue
        if _ROLE.match(target.name) or call.within is target or _measures(target) or _gives_nothing(target):
            continue
        if call.within is not None and id(call.within.node) in wholes:
            continue
        home = call.home
        known = vocabulary.load().canonical("loss", target.name) is not None
        known = known or target.name in behind(home) or not _handed_back(home).isdisjoint(_bound(call))
        if trains(call, seen) and known:
            yield Fact("loss", target.name, named_at(call, target.name, seen), "function of the user's")


def _handed_back(home: ast.AST) -> frozenset[str]:
    """The losses that a function gives back, one beside the other: `return duration_loss, prior_loss, masks`."""
    given = (each.value.elts for each in below(home, ast.Return) if isinstance(each.value, ast.Tuple))
    told = ([name for each in elements if (name := last_name(each)).endswith("_loss")] for elements in given)
    return frozenset(name for names in told if len(names) > 1 for name in names)


def _bound(call: Call) -> set[str]:
    """The name that a call's result is given."""
    lines = (line for line in below(call.home, ast.Assign) if line.value is call.node)
    return {last_name(target) for line in lines for target in line.targets}


_NAMED = re.compile(r"(?P<loss>_loss|[a-z]Loss)(_fn|_func|_function)?$")
_ROLE = re.compile(
    r"^_?(g|d|gen|gan|disc|dis|generator|discriminator|critic|actor|value|adv|policy|alpha\w*"
    r"|outer|before|after|total|train|val|test|all)_?loss",
    re.I,
)
"""What says of whose loss it is, and not which."""


_BACKWARD = ("backward", "minimize", "gradient")
"""Methods that take gradients: of their object, or (an optimizer's, a tape's) of what they are given first."""


def _sent(call: ast.Call) -> Sequence[ast.AST]:
    """What such a call takes gradients of: `loss.backward()`, `accelerator.backward(loss)`."""
    own = [call.func.value] if isinstance(call.func, ast.Attribute) and call.func.attr == "backward" else []
    return [*own, *call.args[:1]]


def _reduced(node: ast.AST) -> ast.AST:
    """What stands before methods that are given nothing: `loss` of `loss.mean()`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        node = node.func.value
    return node


def behind(home: ast.AST) -> frozenset[str]:
    """The names that what a piece of code sends backward is made of; none where it sends nothing."""
    return kept(home, "_behind", partial(_behind, home))


_HANDS_BACK = re.compile(r"^training_step$|[a-z]_loss$")
"""What functions are called of which what they give back goes backward, the first of several things."""


def _behind(node: ast.AST) -> frozenset[str]:
    """The names that what a piece of code sends backward is made of, whatever lies between."""
    home = code_of(node)
    found: set[str] = set()
    waiting = [each for name in _BACKWARD for call in home.calls.get(name, ()) for each in _sent(call)]
    if _HANDS_BACK.search(getattr(node, "name", "")):  # what it gives back goes backward
        given = [each.value for each in below(node, ast.Return) if each.value is not None]
        waiting += [each.elts[0] if isinstance(each, ast.Tuple) and each.elts else each for each in given]
    while waiting:
        new = {last_name(inner) for inner in walk(waiting.pop())} - found
        found |= new
        waiting += [value for name in new - {""} for value in home.assigned.get(name, ())]
    return frozenset(found)


MINIMISED = re.compile(r"_loss$|score_?(matching|estimation)|divergence|contrastive|entropy|likelihood", re.IGNORECASE)
"""Names of functions that compute what is minimised, however much they are given."""


GENERIC = re.compile(
    r"^_*(loss(es)?|cost|objective|criterion|elbo|step|forward|<lambda>)(_?(fn|func|fun|function))?$|"
    r"^_?(compute|calc|calculate|get|train|update|run|make|build|create|forward)_?|_(fn|func|fun|function|step)$|^(loss|cost)_(?!\w*(likelihood|entropy|divergence|matching))",
    re.IGNORECASE,
)
"""Names that say that something is a loss, and not which."""
