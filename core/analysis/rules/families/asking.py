"""Evidence for architecture families, and small questions about code that several families ask."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps

from core.analysis.facts import Place
from core.analysis.nodes import below, is_operation, unparse
from core.analysis.program import Call, Class, Function
from core.analysis.rules.bodies import FORWARDS, Body, called_in, code_of, is_call, last_name
from core.analysis.rules.families.arithmetic import sums
from core.analysis.rules.networks import Layer
from core.analysis.rules.view import View, asked_once


@dataclass(frozen=True, slots=True)
class Evidence:
    """A family that the code's structure shows, where, and what shows it."""

    family: str
    place: Place
    why: str


Family = Callable[[View], Iterable[Evidence]]
"""Every family rule: what it accepts is said in its docstring."""


def once(rule: Family) -> Family:
    """A family rule that others ask too, asked once of each program."""

    @asked_once
    @wraps(rule)
    def asked(view: View) -> tuple[Evidence, ...]:
        return tuple(rule(view))

    return asked


RANDOM = frozenset(
    {
        "randn",
        "randn_like",
        "normal",
        "random_normal",
        "standard_normal",
        "normal_",
        "truncated_normal",
        "RandomNormal",
        "random_normal_variable",
    }
)


CONCATENATIONS = frozenset({"cat", "concat", "concatenate", "Concatenate", "hstack", "merge"})


MINIMA = frozenset({"min", "minimum", "fmin"})


CLAMPS = frozenset({"clamp", "clip", "clip_by_value", "clip_"})


def has_call(node: ast.AST, names: Iterable[str]) -> bool:
    """Whether something of one of these names is called in an expression."""
    return not called_in(node).isdisjoint(names)


def softmax_written(body: Body) -> ast.AST | None:
    """The logarithm of a share of exponentials: `log(exp(x) / sum(exp(y)))`."""
    for call in body.calls.get("log", ()) if "exp" in body.calls else ():
        shares = (node for node in below(call, ast.BinOp) if is_operation(node, ast.Div))
        if any(has_call(node.left, ("exp",)) and has_call(node.right, ("exp",)) for node in shares):
            return call
    return None


def is_noise(body: Body, name: str) -> bool:
    """Whether what has this name is made of random numbers."""
    return any(has_call(value, RANDOM) for value in body.assigned.get(name, ()))


def first(view: View, test: Callable[[Body], ast.AST | None], *calling: str) -> tuple[Body, ast.AST] | None:
    """The first body that a test finds something in, and what; of those that call something of these names, if any are
    given: what a test needs.

    A test that closes over nothing knows the code and its class alone: its answers are kept with the code.
    """
    code = getattr(test, "__code__", None)
    alone = id(code) if code is not None and test.__closure__ is None else None
    for body in view.calling(*calling) if calling else view.bodies:
        if alone in body.tested:
            node = body.tested[alone]
        else:
            node = test(body)
            if alone is not None:
                body.tested[alone] = node
        if node is not None:
            return body, node
    return None


def shown(
    view: View, family: str, why: str, test: Callable[[Body], ast.AST | None], *calling: str
) -> Iterator[Evidence]:
    """Evidence for a family where a test finds something in one body, of those that call something of these names."""
    found = first(view, test, *calling)
    if found is not None:
        yield Evidence(family, found[0].place(found[1]), why)


def reached(view: View, node: ast.AST | None) -> ast.AST | None:
    """The same where the run makes one of the calls in it: a branch that the settings shut is no evidence."""
    return node if node is not None and not view.followed.isdisjoint(below(node, ast.Call)) else None


def is_shut(view: View, body: Body, node: ast.AST) -> bool:
    """Whether the run follows a body and makes none of the calls in a piece of it: a branch that the settings shut."""
    return are_shut(view, body, below(node, ast.Call))


def are_shut(view: View, body: Body, calls: list[ast.Call]) -> bool:
    """Whether the run follows a body and makes none of these calls in it."""
    return bool(calls) and view.followed.isdisjoint(calls) and not view.followed.isdisjoint(body.of(ast.Call))


def first_layer(view: View, kind: str) -> Layer | None:
    return next((layer for layer in view.layers if layer.kind == kind), None)


def argument(call: Call, name: str, position: int) -> object:
    found = call.argument(name, position)
    if found is None:
        return None
    value = found.value
    items = getattr(value, "items", None)
    return items[0].value if isinstance(items, list) and items else value


def forward_of(view: View, cls: Class) -> Body | None:
    """The body that computes what objects of a class give."""
    known: dict[Class, Body | None] = view.answers.setdefault(forward_of, {})
    if cls not in known:
        own = (body for body in view.bodies if body.name in FORWARDS and body.cls in cls.lineage())
        known[cls] = next(own, None)
    return known[cls]


def presets(function: ast.AST) -> dict[str, ast.expr]:
    """The parameters of a function that may be left out, each with what it then is."""
    arguments = getattr(function, "args", None)
    if not isinstance(arguments, ast.arguments):
        return {}
    given = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(given), reversed(arguments.defaults), strict=False)]
    pairs += [
        (each, default) for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default
    ]
    return {each.arg: default for each, default in pairs}


def unpacked(body: Body) -> set[str]:
    """The names into which a body takes one parameter apart: a layer of Keras gets its inputs as a list, of which it
    may also take one, or the rest: `features = inputs[0]`, `graphs = inputs[1:]`."""
    given = set(body.parameters)
    found: set[str] = set()
    for line in body.of(ast.Assign):
        if isinstance(line.value, ast.Name) and line.value.id in given:
            several = (target for target in line.targets if isinstance(target, (ast.Tuple, ast.List)))
            found |= {last_name(item) for target in several for item in target.elts}
        elif isinstance(line.value, ast.Subscript) and getattr(line.value.value, "id", "") in given:
            found |= {target.id for target in line.targets if isinstance(target, ast.Name)}
    return found


def adds_input(body: Body) -> ast.AST | None:
    """`x + self.block(x)`, `out += identity` where identity is the input or a projection of it."""
    arguments = getattr(body.node, "args", None)
    inputs = {arg.arg for arg in arguments.args[1:2]} if arguments else set()
    aliases = set(inputs)
    for name, values in body.assigned.items():
        if any(isinstance(value, (ast.Name, ast.IfExp)) and _is_input(value, aliases) for value in values):
            aliases.add(name)
        if any(
            isinstance(value, ast.Call) and any(isinstance(a, ast.Name) for a in value.args) and is_shortcut(name)
            for value in values
        ) or any(_goes_around(body, value, inputs) for value in values):
            aliases.add(name)
    for node in body.of(ast.BinOp, ast.AugAssign, ast.Call):
        sides: list[ast.AST] = []
        if is_operation(node, ast.Add):
            sides = [node.left, node.right]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            sides = [node.target, node.value]
        elif is_call(node, ("add", "Add")):
            listed = node.args[0] if node.args else None  # self.add([x, identity]) of Keras
            sides = [*(listed.elts if isinstance(listed, (ast.List, ast.Tuple)) else node.args)]
        if len(sides) == 2 and any(_is_input(each, aliases) or _goes_around(body, each, aliases) for each in sides):
            return node
    return None


def _goes_around(body: Body, node: ast.AST, aliases: set[str]) -> bool:
    """`self.shortcut(x)`; `self.extra(x)`, where the object keeps an empty `nn.Sequential()` under that name if nothing
    is to be projected."""
    if body.cls is None or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if len(node.args) != 1 or not _is_input(node.args[0], aliases):
        return False
    if _AROUND.search(node.func.attr):
        return True
    kept = (line.value for line in below(body.cls.node, ast.Assign) if last_name(line.targets[0]) == node.func.attr)
    empty = (each for each in kept if isinstance(each, ast.Call) and not each.args and not each.keywords)
    return any(last_name(each.func) in ("Sequential", "Identity") for each in empty)


_AROUND = re.compile(r"shortcut|skip|bypass|identity", re.IGNORECASE)


def is_shortcut(name: str) -> bool:
    return any(part in name.casefold() for part in _SHORTCUTS)


_SHORTCUTS = ("residual", "identity", "shortcut", "skip", "downsample", "res", "idconv", "idpath")
"""Parts of what the way around a block is called."""


def _is_input(node: ast.AST, aliases: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in aliases
    if isinstance(node, ast.IfExp):
        return _is_input(node.body, aliases) or _is_input(node.orelse, aliases)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "sequential":
            return _is_input(node.func.value, aliases)  # x.sequential(self.downsample) of tinygrad
        inside = (name for argument in node.args for name in below(argument, ast.Name))  # shortcut(pool(x))
        return is_shortcut(last_name(node.func)) and any(name.id in aliases for name in inside)
    return False


def parts_named(view: View, word: str) -> bool:
    words = [*view.part_names, *(body.name for body in view.bodies)]
    return word in " ".join(words).casefold() or any(word in body.once(_assigned) for body in view.bodies)


def _assigned(body: Body) -> str:
    return " ".join(body.assigned).casefold()


@asked_once
def acts(view: View) -> bool:
    """Whether an agent acts in an environment: something is reset and stepped, an environment is made, or what is to
    come is discounted and added to a reward."""
    from core.analysis.rules.environment import environments, has_a_world

    methods = (call for call in view.program.named("step") if isinstance(call.node.func, ast.Attribute))
    told = (call for call in methods if call.node.args and not _of_training(call) and not _learns(call))
    steps = [call for call in told if not _of_network(view, call)]
    if steps and all("action_space.sample" in unparse(call.node) for call in steps):
        return first(view, _discounts) is not None  # who acts by chance only collects pictures
    stepped = bool(steps)
    reset = bool(view.program.named("reset"))
    made = bool(view.program.ask(environments)) or has_a_world(view.program)
    return (stepped and reset) or made or first(view, _discounts) is not None


def _of_training(call: Call) -> bool:
    """`optimizer.step(...)`, `scaler.step(optimizer)`, `checkpointer.step(state)`, `ema.step(net.parameters())`, and
    what is told an epoch."""
    named = _TRAINS.search(unparse(call.node.func))
    named = named or re.search("checkpoint|writer|logger", call.dotted)
    return bool(named or any(_GOES_ON.search(unparse(argument)) for argument in call.node.args))


_TRAINS = re.compile(r"opt|sched|scal[ae]r|trainer|track|profil|progress|(\b|_)ema(_|\b)", re.IGNORECASE)
_GOES_ON = re.compile(r"optim|(^|_)epochs?\b|^time$", re.IGNORECASE)


def _learns(call: Call) -> bool:
    """Whether what is called sends gradients backward or sets the rates of an optimizer's groups: the step of a trainer
    or of a schedule, not of an environment."""
    if not isinstance(call.target, Function):
        return False
    code = code_of(call.target.node)
    return "backward" in code.calls or any(node.attr == "param_groups" for node in code.of(ast.Attribute))


def _of_network(view: View, call: Call) -> bool:
    """Whether what is called is a network's own: the step of a recurrence, which is reset too."""
    owner = call.target.owner if isinstance(call.target, Function) else None
    return any(owner is instance for instance in view.network_instances)


def keys(body: Body) -> frozenset[str]:
    """The constants by which it takes items, in lower case."""
    keys = (node.slice for node in body.of(ast.Subscript))
    return frozenset(str(key.value).casefold() for key in keys if isinstance(key, ast.Constant))


def _discounts(body: Body) -> ast.AST | None:
    """`rewards + gamma * worth`, `R = r + gamma * R`."""
    spoken = (*body.spoken, *body.once(keys))
    rewarding = any("reward" in name for name in spoken)
    bound = body.assigned.items() if rewarding else ()
    grown = {id(value): name.casefold() for name, values in bound for value in values}
    for node, parts in sums(body) if rewarding else ():
        names = [" ".join(body.words(term, 0)).casefold() for _, term in parts]
        rewarded = {index for index, each in enumerate(names) if "reward" in each}
        discounted = {index for index, each in enumerate(names) if re.search("gamma|discount", each)}
        again = any(grown.get(id(node)) in names[index].split() for index in discounted)
        if (rewarded and discounted - rewarded) or again:
            return node
    grown_by = (step for step in rewards_added_to(body) if is_operation(step.value, ast.Mult))
    return next((step for step in grown_by if re.search("gamma|discount", unparse(step.value).casefold())), None)


def rewards_added_to(body: Body) -> list[ast.AugAssign]:
    """Where something is added to what was a reward: `rewards[i] += worth`; `target = reward`, `target += worth`, or
    to a part of it."""
    steps = [step for step in body.of(ast.AugAssign) if isinstance(step.op, ast.Add)]
    lines = body.of(ast.Assign) if steps else ()
    was = {unparse(line.targets[0]) for line in lines if REWARD.search(last_name(line.value))}
    targets = [(step, unparse(step.target)) for step in steps]
    return [
        step
        for step, target in targets
        for base in [target.partition("[")[0]]
        if {target, base} & was or REWARD.search(base)
    ]


REWARD = re.compile(r"^(r|rew)$|reward", re.IGNORECASE)


LOSS = re.compile(r"loss")


GRAPH = ("gcn", "gat", "sage", "gin", "graph")


RECURRENT = ("lstm", "gru", "rnn")


SEQUENCE = (*RECURRENT, "attention", "transformer")


def _is_lazy(call: Call) -> bool:
    """Whether a layer learns from its first input how many channels that has, and is not told."""
    return call.name.startswith("Lazy") or any(home in call.dotted for home in ("keras", "flax", "haiku"))


def kernel_of(call: Call) -> object:
    """The size of a convolution's kernel, of its first axis where it has several; None where that is not known."""
    return argument(call, "kernel_size", 1 if _is_lazy(call) else 2)


def _stride_of(call: Call) -> object:
    """How far a convolution's kernel moves; Keras 1 has both sides of the kernel first, and no stride by its place:
    `Convolution2D(32, 5, 5)`."""
    old = call.name == "Convolution2D" and "keras" in call.dotted
    place = len(call.positional) if old else 2 if _is_lazy(call) else 3
    return argument(call, "stride" if "strides" not in call.keywords else "strides", place)


def is_patching(call: Call) -> bool:
    """A convolution whose stride is its kernel and more than 3: it cuts a picture into patches."""
    kernel, stride = kernel_of(call), _stride_of(call)
    same_text = _text(call, "kernel_size") is not None and _text(call, "kernel_size") in (
        _text(call, "stride"),
        _text(call, "strides"),
    )
    return (isinstance(kernel, int) and kernel == stride and kernel >= 4) or same_text


def _text(call: Call, keyword: str) -> str | None:
    """An argument as it is written, if it is no constant; torch takes the kernel and the stride by place too."""
    given = {item.arg: item.value for item in call.node.keywords}
    if "torch" in call.dotted:
        given |= dict(zip(("kernel_size", "stride"), call.node.args[2:4], strict=False))
    value = given.get(keyword)
    return None if value is None or isinstance(value, ast.Constant) else unparse(value)
