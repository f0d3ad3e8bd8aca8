"""Who judges whose output: what families of adversaries ask of code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache, partial
from itertools import pairwise

from core.analysis.nodes import is_of_self, kept, same, walk
from core.analysis.program import Function, Instance, Module
from core.analysis.rules.bodies import FORWARDS, Body, last_name
from core.analysis.rules.families.asking import CONCATENATIONS
from core.analysis.rules.view import View, asked_once


class Play:
    """Who judges whose output in one body."""

    def __init__(self, judge: str, maker: str, body: Body, node: ast.Call, real: ast.Call | None) -> None:
        self.judge, self.maker, self.body, self.node, self.real = judge, maker, body, node, real


IGNORED = frozenset({
    "detach", "Variable", "view", "cat", "size", "randn", "to", "cuda", "mean", "print", "len", "Tensor", "concat",
    "reshape", "float", "interpolate", "step", "item", "zero_grad", "backward", "range", "list", "random_normal",
    "normal", "zeros", "ones", "sum", "log", "sigmoid", "sample", "constant", "Input", "Model", "squeeze",
    "unsqueeze", "numpy", "cpu", "format", "int", "str", "clamp", "tensor", "from_numpy", "requires_grad_", "repeat",
    "expand", "uniform", "shape", "LongTensor", "FloatTensor", "rand", "split", "concatenate", "array", "type",
    "parameters", "Lambda", "crop", "get", "next", "iter", "resize", "flatten", "save_image", "make_grid", "exp",
    "sqrt", "abs", "max", "min", "PRNGKey", "stop_gradient", "criterion", "train_on_batch", "randint", "zeros_like",
    "ones_like", "rand_like", "randn_like", "permute", "transpose", "stack", "add", "append", "extend", "vmap",
    "jit", "pmap", "init", "filter_vmap", "filter_jit", "device", "DataParallel", "DistributedDataParallel",
    "compile", "evaluate", "save_weights", "load_weights",
})  # fmt: skip


JUDGE = re.compile(
    r"disc|crit|^d$|(?-i:^C$|^D[A-Z\d]$|^modD$)|^d_|^net_?d|_d$|^dis\d*(_\w+)?$|^d\d+(?:_|$)|judge|advers",
    re.IGNORECASE,
)
MAKER = re.compile(
    r"gen|^[gpq]$|(?-i:^[FH]$|^modG$)|^g_|^net_?g|_g$|^g\d+(?:_|$)|decod|enc|^self$|sampl|model|creat|net$|^f_|^ae$|"
    r"^q_z",
    re.IGNORECASE,
)


def callee_of(call: ast.Call) -> str:
    """What a call calls, by its last telling name: `G` of `self.G(z)`, `netD` of `netD.apply(params, x)`."""
    return kept(call, "_callee", partial(_callee, call))


def _callee(call: ast.Call) -> str:
    if (
        isinstance(call.func, ast.Call)
        and last_name(call.func.func) in ("vmap", "jit", "filter_vmap", "pmap", "partial")
        and call.func.args
    ):
        return last_name(call.func.args[0])  # vmap(discriminator)(x)
    if isinstance(call.func, ast.Call) and last_name(call.func.func)[:1].isupper():
        return last_name(call.func.func)  # Discriminator(size)(x)
    if isinstance(call.func, ast.Subscript) and isinstance(call.func.slice, ast.Constant):
        key = str(call.func.slice.value)  # networks["discriminator"](x), but critic["model"](x)
        return last_name(call.func) if key in ("model", "net", "network", "module") else key
    name = _REAL_OR_FAKE.sub("", last_name(call.func))
    if name in _ASKED and isinstance(call.func, ast.Attribute):
        held = call.func.value  # Generator().apply(variables, z)
        return last_name(held.func if isinstance(held, ast.Call) else held)
    stepping = name not in IGNORED or name == "train_on_batch"
    if isinstance(call.func, ast.Attribute) and stepping and JUDGE.search(last_name(call.func.value)):
        return last_name(call.func.value)  # D.compute_loss(x), D.train_on_batch(x, y)
    return name


_ASKED = ("apply", "forward", "__call__", "predict", "predict_on_batch", "call")
"""Methods by which a network is asked."""
_REAL_OR_FAKE = re.compile(r"(?<=[a-z])_(real|fake)$")
"""How functions end that ask one judge of either: `discriminate_real(x)`, `discriminate_fake(made)`."""


def plays_in(view: View) -> Iterator[Play]:
    """Bodies in which one network's output is given to another, which also judges something else."""
    judges = judge_names(view)
    training = [body for body in view.bodies if body.once(_trained)]
    for body in view.bodies:
        judged = ((name, call) for name, call in body.once(_networks_called) if _is_judge(name) or name in judges)
        for judge, call in judged:
            makers, joined = _gift(body, judge, call)
            sure = joined or all(real is not None for _, real in makers)
            trained = sure or any(_trains_it(other, judge) for other in training if _beside(other, body, judge))
            for maker, real in makers:
                if real is None and judge in judges and _is_paired(body, call, maker):
                    real = call  # D(real, fake)
                if real is not None or trained or joined or _judged_beside(view, body, judge):
                    yield Play(judge, maker, body, call, real)
        for judge, maker, call, real in body.once(_scoped_plays):
            yield Play(judge, maker, body, call, real)
        for judge, maker, call in body.once(_stacked_plays):
            yield Play(judge, maker, body, call, None)


def _stacked_plays(body: Body) -> list[tuple[str, str, ast.Call]]:
    """A judge that is held still, `D.trainable = False`, and put on top of a maker: `both.add(G)`, `both.add(D)`."""
    adding = [call for call in body.calls.get("add", ()) if len(call.args) == 1 and isinstance(call.args[0], ast.Name)]
    still = body.once(_trained) if len(adding) > 1 else frozenset()
    return [
        (judge, maker, call)
        for before, call in pairwise(adding)
        for maker, judge in [(last_name(before.args[0]), last_name(call.args[0]))]
        if judge in still and _is_judge(judge) and not _is_judge(maker) and same(before.func, call.func)
    ]


def _judged_beside(view: View, body: Body, judge: str) -> bool:
    """Whether another method of the same object asks the judge too: of the real, where this one asks of the made."""
    if body.cls is None or not JUDGE.search(judge) or body.name in FORWARDS:
        return False
    others = (other for other in view.methods(body.cls) if other is not body)
    return any(name == judge for other in others for name, _ in other.once(_networks_called))


def _networks_called(body: Body) -> list[tuple[str, ast.Call]]:
    """The calls that may be a network's, with the name that tells it; a library's are not: `D.Normal(mean, std)` of
    `import torch.distributions as D`, nor is a method of one letter: `self.C(weight)`."""
    named = [(callee_of(call), call) for calls in body.calls.values() for call in calls if _arguments(call)]
    libraries = _libraries(body.module)
    return [
        (name, call)
        for name, call in named
        if name and name not in IGNORED and not (name in libraries and _begins(call.func) == name)
        if not (len(name) == 1 and _is_method(body, call.func))
    ]


def _is_method(body: Body, asked: ast.expr) -> bool:
    """Whether an object asks a method that its class has."""
    return (
        is_of_self(asked)
        and body.cls is not None
        and isinstance(getattr(body.cls.find(asked.attr), "value", None), Function)
    )


def _libraries(module: Module) -> frozenset[str]:
    """The names under which a file imports whole modules: `D` of `import torch.distributions as D`."""
    imports = (alias for line in module.of(ast.Import) for alias in line.names)
    return kept(module.tree, "_libraries", lambda: frozenset(each.asname or each.name for each in imports))


def _begins(node: ast.AST) -> str:
    """The name that a dotted one begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return last_name(node)


_ACTING = re.compile(r"actor|policy|agent", re.IGNORECASE)
"""Beside what a critic tells the worth of acts, and nothing real from what is made: `critic(state, actor(state))`."""


@cache
def _is_judge(name: str) -> bool:
    return JUDGE.search(name) is not None


def _arguments(call: ast.Call) -> list[ast.expr]:
    """What a network is given: by place, else by name."""
    return call.args or [keyword.value for keyword in call.keywords if keyword.arg]


def _gift(body: Body, judge: str, call: ast.Call) -> tuple[list[tuple[str, ast.Call | None]], bool]:
    """The networks that made what a judge is given (and a call of it that is not given what they made), and whether
    real and made things go into it together."""
    named = body.once(_networks_called)
    words = _given(body, call)
    called = words & {name for name, _ in named} - {judge} - IGNORED if not is_bookkeeping(judge) else frozenset()
    builders = {callee_of(value) for name in called for value in _calls_bound_to(body, name)}  # g = build_generator()
    worth = "critic" in judge.casefold() and any(_ACTING.match(name) for name, _ in named)
    made_by = [] if worth else sorted(called - builders)
    joined = _is_judge(judge) and bool(words & CONCATENATIONS)  # D(concat(real, fake))
    others = [other for name, other in named if name == judge]
    return [(m, next((each for each in others if m not in _given(body, each)), None)) for m in made_by], joined


def _calls_bound_to(body: Body, name: str) -> list[ast.Call]:
    return [value for value in body.assigned.get(name, ()) if isinstance(value, ast.Call)]


def _is_paired(body: Body, call: ast.Call, maker: str) -> bool:
    """Whether a call is given one thing that a network made, and something else beside it."""
    made = [[maker in body.words(argument, depth) for argument in _arguments(call)] for depth in (2, 1)]
    return any(each.count(True) == 1 < len(each) for each in made)


JUDGES = re.compile(r"(?i:discriminator|critic)|(?<![A-Z])Dis([A-Z]|$)")
"""Names of classes that judge."""
MAKES = re.compile(r"(?i:generator)|(?<![A-Z])Gen([A-Z]|$)")
"""Names of classes that make."""


@asked_once
def judge_names(view: View) -> set[str]:
    """The names of objects whose class is called a judge."""
    return names_of(view, JUDGES)


def names_of(view: View, classes: re.Pattern[str]) -> set[str]:
    """The names of objects whose class is called so."""
    held = ((name, value) for name, value in held_by_name(view) if isinstance(value, Instance))
    return {name for name, value in held if classes.search(value.cls.name)}


@asked_once
def held_by_name(view: View) -> list[tuple[str, object]]:
    """What is asked and what objects keep, each by its name: a function that makes a network calls it otherwise."""
    asked = (call.receiver for call in view.program.calls if call.receiver is not None)
    named = [(each.name, each.value) for each in asked if each.name]
    own = (pair for instance in view.program.instances for pair in instance.attributes.items())
    return named + [(name, each.value) for name, each in own]


def _scoped_plays(body: Body) -> list[tuple[str, str, ast.Call, ast.Call]]:
    """A maker that is a block of its own name (`with variable_scope("generator"):`), and a function that judges, or
    another block: their names, and two calls of the judge, of which the second is not given what was made."""
    blocks = [(name, block) for block in body.of(ast.With) if (name := _scope_of(block))]
    judging = [(name, call) for name, call in body.once(_networks_called) if _is_judge(name)] if blocks else []
    for name, block in blocks:
        inside = [node for line in block.body for node in walk(line)] if JUDGE.search(name) else []
        judging += [(name, node) for node in inside if isinstance(node, ast.Call) and node.args]
    found = []
    for maker, block in blocks:
        if JUDGE.search(maker) or not MAKER.search(maker):
            continue
        lines = [line for line in block.body if isinstance(line, ast.Assign)]
        made = {last_name(target) for line in lines for target in line.targets}
        for judge, call in (pair for pair in judging if _takes(pair[1], made)):
            beside = [other for name, other in judging if name == judge and same(other.func, call.func)]
            real = next((other for other in beside if not _takes(other, made)), None)
            if real is not None:
                found.append((judge, maker, call, real))
    return found


def _scope_of(block: ast.With) -> str:
    """The name that a block is given: "generator" of `with variable_scope("generator"):`."""
    scopes = (item.context_expr for item in block.items if isinstance(item.context_expr, ast.Call))
    names = (given.value for scope in scopes for given in scope.args[:1] if isinstance(given, ast.Constant))
    return next((name for name in names if isinstance(name, str)), "")


def _takes(call: ast.Call, names: set[str]) -> bool:
    """Whether a call is given one of these, alone or joined with others."""
    return any(last_name(part) in names for each in _arguments(call) for part in (each, *getattr(each, "elts", ())))


MADE = re.compile(r"fake|recon|generated|^gen_|synth", re.IGNORECASE)
"""What pictures are called that come from elsewhere and were made there."""


def told_plays(body: Body) -> list[tuple[str, str, ast.Call, ast.Call | None]]:
    """Calls of a judge that are given what is called made, where it judges something else too: `D(fake)`, `D(real)`,
    `D(cat([fake, real]))`; with the name of what was made. In a judge's method it is `self`, or handed in."""
    named = body.once(_networks_called)
    itself = ("self", "model") if body.cls is not None and JUDGES.search(body.cls.name) else ()
    calls = [(name, call) for name, call in named if (_is_judge(name) or name in itself) and not is_bookkeeping(name)]
    found: list[tuple[str, str, ast.Call, ast.Call | None]] = []
    for judge, call in calls:
        words = body.words(_shown(call), 2)
        made = next((word for word in sorted(words) if MADE.search(word)), "")
        others = [other for name, other in calls if name == judge]
        real = next((each for each in others if not any(map(MADE.search, body.words(_shown(each), 1)))), None)
        both = words & CONCATENATIONS and any("real" in word for word in words)
        if made and (real is not None or both):
            found.append((judge, made, call, real))
    return found


def _shown(call: ast.Call) -> ast.expr:
    """What a network is given to look at: after its weights, in `network.apply(weights, x)`."""
    given = _arguments(call)
    return given[1] if last_name(call.func) == "apply" and len(given) > 1 else given[0]


STATE = re.compile(r"state|params|rng|key|variables|^train", re.IGNORECASE)


def _given(body: Body, call: ast.Call) -> frozenset[str]:
    """What goes into a call, two steps back, also where it was kept on an object; states and parameters that are
    handed along aside."""
    values: list[ast.expr] = [
        argument
        for argument in _arguments(call)
        if not STATE.search(last_name(argument)) and not _shaped(body, argument)
    ]
    parts = (part for argument in values for part in (argument, *_joined_in(argument)))
    kept = [part.attr for part in parts if isinstance(part, ast.Attribute)]
    values += [value for name in kept for value in body.assigned.get(name, ())[:2]]
    return frozenset().union(*(body.words(argument, 2) for argument in values))


def _joined_in(node: ast.AST) -> Iterator[ast.expr]:
    """What a function puts together: `join(self.made, self.labels)`, `concat([self.made, self.labels], 1)`."""
    for each in node.args if isinstance(node, ast.Call) else ():
        yield from getattr(each, "elts", (each,))


def _shaped(body: Body, node: ast.AST) -> bool:
    """Whether a value only has the shape of another (`randn_like(codes)`): noise or a constant."""
    values = body.meant(node)
    return bool(values) and all(
        isinstance(value, ast.Call) and last_name(value.func).endswith("_like") for value in values
    )


def _beside(other: Body, body: Body, judge: str) -> bool:
    """Whether two bodies are one, methods of one class, or functions that speak of the same judge."""
    return other is body or (other.cls is body.cls and (body.cls is not None or JUDGE.search(judge) is not None))


def _trains_it(body: Body, judge: str) -> bool:
    """Whether a body trains the judge by itself, or holds it still."""
    names = body.once(_trained)
    return judge in names or (JUDGE.search(judge) is not None and any(JUDGE.search(name) for name in names))


def _trained(body: Body) -> frozenset[str]:
    return frozenset(last_name(node.value) for node in body.of(ast.Attribute) if node.attr in TRAINING)


TRAINING = frozenset({"train_on_batch", "trainable", "trainable_weights", "trainable_variables"})
BOOKKEEPING = re.compile(
    r"loss|criterion|metric|batch|^get_(?!gen|disc)|^(load|train|update)_|accuracy|grad|penalty|mse|bce|ssim|optim|print|plot|save|show|"
    r"log|^prepare_|data(set|loader)?$",
    re.IGNORECASE,
)


def is_bookkeeping(name: str) -> bool:
    """Whether a callable's name says that it is no network."""
    return bool(BOOKKEEPING.search(name))
