"""Which optimizers a run builds, named or told; their rates are in rates, the rest in optimizer_details."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain

from core import vocabulary
from core.analysis.descents import STEPS, moves
from core.analysis.facts import Fact, Place
from core.analysis.filing import in_order
from core.analysis.nodes import below, kept, unparse
from core.analysis.program import (
    Call,
    Class,
    DictValue,
    External,
    Function,
    Made,
    Program,
    Resolved,
    each_in,
    entries_in,
)
from core.analysis.rules import values
from core.analysis.rules.compiled import not_trained
from core.analysis.rules.holding import made_in
from core.analysis.rules.kinds import tells_gluon
from core.analysis.rules.sites import in_a_test
from core.vocabulary import fold


def _is_place(dotted: str) -> bool:
    """Whether a part of a dotted name is a place where a framework keeps its optimizers: `torch.optim`."""
    return not vocabulary.load().of_frameworks("optimizers").isdisjoint(dotted.split("."))


@cache
def canonical(name: str) -> str | None:
    """The one spelling of an optimizer's name, whatever framework spells it."""
    words = vocabulary.load()
    name = re.sub(r"^paged_|(_torch|_bnb|_apex|_npu|_xla)?(_fused|_(8|32)bit)$", "", name)
    for prefix in ("", "scale_by_", "Shared"):
        if name.startswith(prefix) and (found := words.canonical("optimizer", name.removeprefix(prefix))):
            return found
    for suffix in ("OptimizerFactory", "Factory", "Optimizer", "_optimizer", "_torch", "_fused", "_hf", "_fn"):
        if name.endswith(suffix) and (found := words.canonical("optimizer", name.removesuffix(suffix))):
            return found
    private = _PRIVATE.sub("", name)  # TensorFlow Privacy's own
    return canonical(private) if private != name else None


_PRIVATE = re.compile(r"^(Vectorized)?DP(Sparse)?(Keras)?(?=[A-Z])|Gaussian(?=Optimizer$)")


@lru_cache(maxsize=1)
def optimizer_calls(program: Program) -> list[tuple[Call, str]]:
    """The calls that build an optimizer, with its canonical name."""
    found = []
    aside = not_trained(program)
    for call in program.calls:
        name = optimizer_of(call) if call.target or may_be_one(call.dotted) else None
        if name is None and (given := _given_class(call)):
            name = given[1]
        if name is not None and id(call) not in aside:
            found.append((call, name))
    offered = Counter(id(node) for node, _ in dict.fromkeys((call.node, name) for call, name in found))
    found = [pair for pair in found if offered[id(pair[0].node)] < MOST_OFFERED]
    found = [pair for pair in found if not _replaced(pair[0], [call for call, _ in found])]
    if any(not in_a_test(program, call) for call in program.named("step", "backward", "minimize", "apply_gradients")):
        found = [pair for pair in found if not in_a_test(program, pair[0])]
    trained = [pair for pair in found if not (pair[0].within and pair[0].within.name.startswith(_LOADING))]
    taken = (v.value for call in program.alike(FINDING.search) for v in call.given)
    tried = {id(value.call) for value in taken if isinstance(value, Made)}
    idle = {id(call) for call, _ in trained if _lies_idle(call)}
    idle |= _forgotten(program, [call for call, _ in trained if call.within is None])
    if idle and (len(idle) < len(trained) or next(_by_text(program), None) is not None):
        found = trained = [pair for pair in trained if id(pair[0]) not in idle]
    return [pair for pair in trained if id(pair[0]) not in tried] or trained or found


def _lies_idle(call: Call) -> bool:
    """Whether a script binds an optimizer to a name that it never reads: `adam = Adam(lr=0.002)`."""
    alone = call.bound and call.within is None and call.owner is None and call.loop is None and _is_assigned(call)
    return bool(alone) and call.bound not in call.module.names_read


def _forgotten(program: Program, made: list[Call]) -> set[int]:
    """The optimizers (by id) of a script or notebook whose name is given to another one before anything trains, or any
    call gets to do with them; and those that are given a state, and then nothing: how one goes on."""
    alone = [call for call in made if call.bound and not call.owner and not call.loop and _is_assigned(call)]
    found, loading = set[int](), [call for call in program.named("load_state_dict") if call.within is None]
    for one in alone:
        after = (o for o in alone if o.order > one.order and (o.bound, o.module) == (one.bound, one.module))
        other = next((each for each in after if not each.maybe), None)  # else only one of several to choose from
        meanwhile = [each for each in program.calls if other and one.order < each.order < other.order]
        if other and not any(each.name in _TRAINING or _takes(each, one) for each in meanwhile):
            found.add(id(one))
    for one in (one for one in made if any(_takes(each, one) for each in loading)):
        if all(each.name in _STATES or not _takes(each, one) for each in program.calls):
            found.add(id(one))
    return found


_TRAINING = frozenset({"step", "backward", "fit", "minimize", "apply_gradients"})
_STATES = frozenset({"load_state_dict", "state_dict"})


def _takes(call: Call, made: Call) -> bool:
    """Whether a call is given what another one has made, or is asked of it."""
    return any(each is made for value in (call.receiver, *call.given) for each in made_in(value, 2))


def _is_assigned(call: Call) -> bool:
    """`optimizer = Adam(...)`; not one of several that a loop gives a name in turn."""
    module = call.module
    return call.node in kept(module.tree, "_assigned", lambda: frozenset(line.value for line in module.of(ast.Assign)))


MOST_OFFERED = 3
"""Optimizers among which one call chooses by what nobody knows: then none of them is a fact."""


@cache
def may_be_one(dotted: str) -> bool:
    """Whether a library's call of this name can build an optimizer."""
    return bool(_placed(dotted)) or dotted.endswith((".momentum", ".create_optimizer", "optax.trace"))


FINDING = re.compile(r"^(lr|learning_?rate)_?(range_?)?(find(er)?|test)$|^find_lr$|^range_test$", re.IGNORECASE)
"""What tries one rate after the other, with an optimizer that trains nothing where there are others."""
_LOADING = ("load", "restore")
"""How the names of functions begin that take up what was trained before."""


_GIVEN = frozenset({External, Made, DictValue})


def _given_class(call: Call) -> tuple[Resolved, str] | None:
    """An optimizer's class given to a library that builds it: `DistributedOptimizer(optim.SGD, ...)`; fastai's learners
    are given a function, `opt_func=ranger`."""
    if call.target is not None or call.name in ("isinstance", "issubclass", "getattr", "print", "partial"):
        return None
    for given in (*call.positional[:2], *call.keywords.values()):
        if type(given.value) not in _GIVEN:
            continue
        value = entries_in(given).get("optimizer", given)  # Pyro's schedules are told it so
        if type(given.value) is Made and given.value.call.name == "partial" and given.value.call.positional:
            value = given.value.call.positional[0]
        if type(value.value) is External:
            dotted, told = value.value.dotted, given is call.keywords.get("opt_func")
            if name := canonical(dotted.rpartition(".")[2]) if told else _placed(dotted):
                return value, name
    return None


def _named_at(call: Call) -> Place:
    """Where the optimizer is named: in the call's name, or in the argument that holds its class."""
    found = _given_class(call) if optimizer_of(call) is None else None
    return found[0].place if found else values.name_place(call)


def optimizer_of(call: Call) -> str | None:
    """The canonical name of the optimizer that a call builds, of the user's classes too; None for any other call."""
    if call.name in ("SWA", "Lookahead", "MovingAverage") and any(map(_is_made, call.positional[:1])):
        return None
    if isinstance(call.target, Function):
        return None
    if call.target is not None:
        bases = call.target.external_bases()
        if bases and not _have_optimizers(bases):
            return None
        if any(_is_made(value) for value in call.given):
            return None  # it wraps an optimizer
        if _does_nothing(call.target):
            return None
        if any(base.endswith(".Optimizer") for base in bases):
            return canonical(call.name) or _extended(call.target) or call.name
        if not bases and _changes_weights(call.target):
            return canonical(call.name)
        heads = (base.rpartition(".")[2] for base in bases if _is_place(base.rpartition(".")[0]))
        inherited = next((name for head in heads if (name := canonical(head))), None)
        return (canonical(call.name) or inherited) if inherited else None
    if isinstance(call.holder, Made) and _is_method(call, call.holder):
        return None
    if call.dotted.startswith("jax.") and call.name == "momentum" and _is_place(call.dotted.rpartition(".")[0]):
        return "SGD"
    if call.dotted == "optax.trace":
        return "SGD"  # with momentum, in a chain
    if call.dotted in ("transformers.create_optimizer", "transformers.optimization_tf.create_optimizer"):
        decay = call.keywords.get("weight_decay_rate")
        return "AdamW" if decay is not None and decay.value != 0 else "Adam"
    return None if call.name.startswith("get_") else _placed(call.dotted)


@cache
def _have_optimizers(bases: tuple[str, ...]) -> bool:
    """Whether an optimizer of a library's is among the bases of a class."""
    parted = (base.rpartition(".") for base in bases)
    return any(name == "Optimizer" or (_is_place(home) and canonical(name)) for home, _, name in parted)


def _replaced(call: Call, others: list[Call]) -> bool:
    """Whether the constructor of an heir puts another optimizer in the place of the one that its base has made."""
    building = call.within is not None and call.within.name == "__init__" and call.owner is not None and call.bound
    return bool(building) and any(
        other.owner is call.owner and other.bound == call.bound and other.order > call.order and not other.maybe
        for other in others
        if other.within is not None and other.within.name == "__init__" and other.within is not call.within
    )


def _is_method(call: Call, holder: Made) -> bool:
    """Whether what is called is a method of what a library made, and no class that the object keeps."""
    return call.dotted.startswith(f"{holder.dotted}.")


def _extended(cls: Class) -> str | None:
    """The known optimizer that one of the user's extends: whose name it bears (`AdamWarmup`), or any where a function
    makes it of what it is given."""
    own, made = cls.name.casefold(), cls.scope.parent is not None
    known = filter(None, (canonical(part.name) for part in cls.lineage()))
    return next((name for name in known if made or name.casefold() in own), None)


def _does_nothing(cls: Class) -> bool:
    """Whether the step of an optimizer of the user's changes nothing."""
    step = cls.attributes.get("step")
    body = step.value.node.body if step is not None and isinstance(step.value, Function) else None
    lines = body if isinstance(body, list) else []
    return bool(lines) and all(
        isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in lines
    )


def _changes_weights(cls: Class) -> bool:
    """Whether a class of the user's own takes steps down a gradient: `def step(self): w -= self.lr * gradient`, or by
    another of its methods."""
    if not any(cls.find(name) for name in STEPS):
        return False
    methods = (found.value for part in cls.lineage() for found in part.attributes.values())
    nodes = (method.node for method in methods if isinstance(method, Function))
    parts: Iterator[list[ast.AugAssign | ast.BinOp]] = (below(node, ast.AugAssign, ast.BinOp) for node in nodes)
    return any(map(moves, chain.from_iterable(parts)))


def _is_made(value: Resolved) -> bool:
    """Whether a value is an optimizer that a library made."""
    return isinstance(value.value, Made) and ".optim" in value.value.dotted


@lru_cache(maxsize=10_000)
def _placed(dotted: str) -> str | None:
    """The optimizer that a full name means: by its last part, where the rest is a place of optimizers."""
    head, _, name = dotted.rpartition(".")
    return canonical(name) if _is_place(head) else None


def optimizers(program: Program) -> Iterator[Fact]:
    """Optimizers that are built, named by text to `compile` or a trainer; a known none where updates are by hand."""
    found = [Fact("optimizer", name, _named_at(call), _said(call, name)) for call, name in optimizer_calls(program)]
    found += _by_text(program)
    found += [] if found else [Fact("optimizer", name, at.place, at.how) for at, name, _ in configured(program)]
    found += [] if found else list(_chosen(program))
    yield from found
    if not found:
        yield from _by_hand(program)


def _chosen(program: Program) -> Iterator[Fact]:
    """`{"optimizer.optimizer": "Adam"}`, `optim: str = "adamw_torch"`, `optim: {algo: Adam}`: the one that a
    configuration names for a library to make."""
    for option in program.options:
        name, section = option.name.lower(), option.section.lower()
        whole = name if name not in _NAMED_BY else section
        told = option.kind in ("config", "dataclass") and _CHOOSING.fullmatch(whole)
        text = option.value.text if told else None
        if text and (meant := canonical(text)):
            yield Fact("optimizer", meant, option.value.place, option.value.how)


_CHOOSING = re.compile(r"(train_)?optim(izer|ization)?(_(type|name|method|algo))?")
_NAMED_BY = frozenset({"algo", "algorithm", "method", "kind"})
"""What sections of optimizers call the one that is taken, beside what registries do."""


def _said(call: Call, name: str) -> str:
    """How an optimizer is named: where its name does not stand in the call, the call's own name is told."""
    if call.stated is not None:
        return "named by a configuration"
    told = isinstance(call.node, ast.Call) and fold(name) in fold(unparse(call.node.func))
    return "call" if told or optimizer_of(call) is None or call.target else f"computed: {call.name} is {name}"


_TAKING_A_NAME = frozenset({
    "compile", "get", "create_optimizer", "create_optimizer_v2", "get_optimizer", "train", "fit", "OptimizerConfig",
    "init_optimizer", "optimize_loss", "ScipyOptimizerInterface", "create",
    "regression",  # TFLearn's last layer
})  # fmt: skip
_GIVEN_A_NAME = ("Arguments", "Config", "Classifier", "Regressor")


_AT = {"compile": 0, "get": 0, "create": 0, "create_optimizer_v2": 1, "optimize_loss": 3}
"""Where the name stands that calls take without a keyword."""


def _may_take_a_name(name: str) -> bool:
    return name in _TAKING_A_NAME or name.endswith((*_GIVEN_A_NAME, "Trainer"))


def _by_text(program: Program) -> Iterator[Fact]:
    """`compile(optimizer="adam")`, `TrainingArguments(optim="adamw_torch")`, `MLPClassifier(solver="adam")`."""
    shown = not_trained(program)
    for call in program.alike(_may_take_a_name):
        if id(call) not in shown and (
            call.name in _TAKING_A_NAME
            or tells_gluon(call)
            or (call.name.endswith(_GIVEN_A_NAME) and call.target is None)
        ):
            scipy = ("method",) if call.name == "ScipyOptimizerInterface" else ()
            for name in ("optimizer", "optim", "opt", "optimizer_name", "solver", "identifier", *scipy):
                position = 1 if tells_gluon(call) else _AT.get(call.name)
                value = call.argument(name, position)
                for one in value.all() if value is not None else ():
                    text = canonical(one.text) if one.text else None
                    if text and (call.name not in ("get", "create") or ".optimizer" in call.dotted):
                        yield Fact("optimizer", text, one.place, one.how)


def told_parameters(program: Program) -> Iterator[dict[object, Resolved]]:
    """What MXNet is told of an optimizer that it is told by name: a dict, or pairs."""
    calls = [call for call in program.named("Trainer") if tells_gluon(call)]
    for call in (*calls, *program.given("optimizer_params")):
        given = call.argument("optimizer_params", 2 if call in calls else None)
        pairs = [each_in(pair) for pair in each_in(given)]
        yield entries_in(given) or {name.text: value for name, value in (p for p in pairs if len(p) == 2)}


def configured(program: Program) -> Iterator[tuple[Resolved, str, dict[object, Resolved]]]:
    """Optimizers that a registry builds from a configuration, at any depth: `optimizer=dict(type="Adam", lr=2e-4)`."""
    level = [(str(key), value) for config in program.configs for key, value in entries_in(config).items()]
    for _ in range(4):
        deeper: list[tuple[str, Resolved]] = []
        for key, value in level:
            entries = entries_in(value)
            if re.search(r"optim", key, re.IGNORECASE):
                for named in ("type", "name", "_target_", "target", "NAME", "TYPE"):
                    text = entries[named].text if named in entries else None
                    if text and (name := canonical(text.rpartition(".")[2])):
                        yield entries[named], name, entries
            inside = "optim" if "optim" in key.lower() else ""
            deeper += [(f"{inside}{inner}", item) for inner, item in entries.items()]
        level = deeper


def _by_hand(program: Program) -> Iterator[Fact]:
    """No optimizer is built, gradients are taken, and nothing unknown makes a step."""
    taken = next(iter(in_order([program.named("backward"), program.called("jax.grad", "jax.value_and_grad")])), None)
    stepping = any(
        c.target is None for c in program.named("step", "apply_gradients", "minimize", "fit", "train", "update")
    )
    if taken is not None and not stepping:
        yield Fact("optimizer", None, taken.place, "no optimizer is built: gradients are applied by hand")
