"""Optimizers and what is given to them: rate, weight decay, betas; schedulers; gradient clipping."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from core import vocabulary
from core.analysis.facts import Fact, Place, Value
from core.analysis.nodes import unparse, walk
from core.analysis.program import (
    Call,
    Class,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Module,
    Program,
    Resolved,
    in_order,
)
from core.analysis.rules import values
from core.vocabulary import fold

RATE = re.compile(
    r"(^|_)(lr|learning_?rate|blr|step_size|stepsize|rate|eta)(_?\d+|_[a-z])?$|^lr|learning_rate|_lr(_|$)"
)
_RATES = ("lr", "learning_rate", "base_lr", "step_size", "max_lr", "init_lr", "lr_init", "alpha")
_PEAKS = ("peak_value", "peak_lr", "base_learning_rate", "base_lr", "learning_rate", "initial_learning_rate", "lr",
    "max_lr", "value",
          "init_value", "init_lr", "starter_learning_rate", "end_value")  # fmt: skip
"""Arguments of schedules that hold the base rate, the surest first."""


def _is_place(dotted: str) -> bool:
    """Whether a part of a dotted name is a place where a framework keeps its optimizers: `torch.optim`."""
    return not vocabulary.load().of_frameworks("optimizers").isdisjoint(dotted.split("."))


def canonical(name: str) -> str | None:
    """The one spelling of an optimizer's name, whatever framework spells it."""
    words = vocabulary.load()
    for prefix in ("", "scale_by_"):
        if name.startswith(prefix) and (found := words.canonical("optimizer", name.removeprefix(prefix))):
            return found
    for suffix in ("Optimizer", "_optimizer", "_torch", "_fused", "_hf", "_fn"):
        if name.endswith(suffix) and (found := words.canonical("optimizer", name.removesuffix(suffix))):
            return found
    return None


@lru_cache(maxsize=1)
def optimizer_calls(program: Program) -> list[tuple[Call, str]]:
    """The calls that build an optimizer, with its canonical name."""
    found = []
    for call in program.calls:
        name = _optimizer_of(call) or _wrapped(call)
        if name is not None:
            found.append((call, name))
    return found


def _given_class(call: Call) -> tuple[Resolved, str] | None:
    """An optimizer's class given to a library that builds it: `DistributedOptimizer(optim.SGD, ...)`."""
    if call.target is not None or call.name in ("isinstance", "issubclass", "getattr", "print", "partial"):
        return None
    for value in (*call.positional[:2], *call.keywords.values()):
        dotted = value.value.dotted if isinstance(value.value, External) else ""
        if dotted and (name := _placed(dotted)):
            return value, name
    return None


def _wrapped(call: Call) -> str | None:
    found = _given_class(call)
    return found[1] if found else None


def _named_at(call: Call) -> Place:
    """Where the optimizer is named: in the call's name, or in the argument that holds its class."""
    found = _given_class(call) if _optimizer_of(call) is None else None
    return found[0].place if found else values.name_place(call)


def _optimizer_of(call: Call) -> str | None:
    if call.target is not None:
        if any(_is_made(value) for value in (*call.positional, *call.keywords.values())):
            return None  # it wraps an optimizer
        bases: tuple[str, ...] = getattr(call.target, "external_bases", tuple)()
        if isinstance(call.target, Class) and _does_nothing(call.target):
            return None
        if any(base.endswith(".Optimizer") for base in bases):
            return canonical(call.name) or call.name
        heads = (base.rpartition(".")[2] for base in bases if _is_place(base.rpartition(".")[0]))
        inherited = next((name for head in heads if (name := canonical(head))), None)
        return (canonical(call.name) or inherited) if inherited else None
    if call.receiver is not None and not isinstance(call.receiver.value, External):
        return None
    if call.dotted.startswith("jax.") and call.name == "momentum" and _is_place(call.dotted.rpartition(".")[0]):
        return "SGD"
    return None if call.name.startswith("get_") else _placed(call.dotted)


def _does_nothing(cls: Class) -> bool:
    """Whether the step of an optimizer of the user's changes nothing."""
    step = cls.attributes.get("step")
    body = step.value.node.body if step is not None and isinstance(step.value, Function) else None
    lines = body if isinstance(body, list) else []
    return bool(lines) and all(
        isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in lines
    )


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
    yield from found
    if not found:
        yield from _by_hand(program)


def _said(call: Call, name: str) -> str:
    """How an optimizer is named: where its name does not stand in the call, the call's own name is told."""
    told = isinstance(call.node, ast.Call) and fold(name) in fold(unparse(call.node.func))
    return "call" if told or _optimizer_of(call) is None or call.target else f"computed: {call.name} is {name}"


def _by_text(program: Program) -> Iterator[Fact]:
    """`compile(optimizer="adam")`, `TrainingArguments(optim="adamw_torch")`, `MLPClassifier(solver="adam")`."""
    for call in program.calls:
        if call.name in (
            "compile",
            "get",
            "create_optimizer",
            "create_optimizer_v2",
            "get_optimizer",
            "train",
            "fit",
            "OptimizerConfig",
        ) or (call.name.endswith(("Arguments", "Config", "Classifier", "Regressor")) and call.target is None):
            for name in ("optimizer", "optim", "opt", "optimizer_name", "solver", "identifier"):
                value = call.argument(name, 0 if call.name in ("compile", "get") else None)
                for one in value.all() if value is not None else ():
                    text = canonical(one.text) if one.text else None
                    if text and (call.name != "get" or "optimizers" in call.dotted):
                        yield Fact("optimizer", text, one.place, one.how or "call argument")


def configured(program: Program) -> Iterator[tuple[Resolved, str, dict[object, Resolved]]]:
    """Optimizers that a registry builds from a configuration, at any depth: `optimizer=dict(type="Adam", lr=2e-4)`."""
    level = [(str(key), value) for config in program.configs for key, value in values.entries(config).items()]
    for _ in range(4):
        deeper: list[tuple[str, Resolved]] = []
        for key, value in level:
            entries = values.entries(value)
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


# -- learning rate


_TOLD = ("learning_rate", "lr", "lr0", "eta", "base_lr", "learning_rate_init", "lr_max")
"""What trainers and estimators call the rate that they are told."""


def learning_rates(program: Program) -> Iterator[Fact]:
    """The configured base rate that optimizers are given, directly, by group or through a schedule."""
    found: list[Fact] = []
    for call, _ in optimizer_calls(program):
        for value in _rates_given(call):
            found += [Fact("learning_rate", r.number, r.place, r.how or "call argument") for r in base_rates(value)]
    scales = ("optax.scale", "optax.scale_by_learning_rate", "optax.scale_by_schedule")
    trained = program.named("train", "cv", "fit_one_cycle", "fine_tune", "fit_flat_cos")
    for call in in_order([program.called(*scales), trained, program.given(*_TOLD)]):
        if call.dotted in scales:
            scale = call.positional[0] if call.positional else None
            found += [Fact("learning_rate", r.number, r.place, r.how or "call argument") for r in base_rates(scale)]
        elif call.name in ("train", "cv") and call.dotted.startswith(_BOOSTERS):
            told = values.entries(call.argument("params", 0))
            value = next((told[name] for name in ("learning_rate", "eta", "shrinkage_rate") if name in told), None)
            found += [Fact("learning_rate", r.number, r.place, r.how) for r in base_rates(value)]
        elif _takes_rate(call):
            value = next((call.keywords[name] for name in _TOLD if name in call.keywords), None)
            found += [Fact("learning_rate", r.number, r.place, r.how or "call argument") for r in base_rates(value)]
        elif call.name in ("fit_one_cycle", "fine_tune", "fit_flat_cos") and len(call.positional) > 1:
            found += values.number_fact("learning_rate", call.positional[1])
    if not found:
        entries = [entry for _, _, entry in configured(program)]
        given = [entry[name] for entry in entries for name in _RATES if name in entry]
        found += [Fact("learning_rate", r.number, r.place, r.how) for value in given for r in base_rates(value)]
    if not found and any(
        _is_fed(value) or call.dotted.startswith("flax.optim.")
        for call, _ in optimizer_calls(program)
        for value in _rates_given(call)
    ):
        given = [value for call in program.calls for name, value in values.received(call) if _NAMED.match(name)]
        given = [value for value in given if value.number is not None or isinstance(value.value, Function)]
        found += [Fact("learning_rate", r.number, r.place, r.how) for value in given for r in base_rates(value)]
    if not found:
        found += [fact for call in program.named("assign") for fact in _assigned_rate(call)]
    if not found:
        found += _scaled_by_hand(program)
    if not found and _puts_rates(program):
        found += values.option_facts(program, "learning_rate", _NAMED)
    if not found and not optimizer_calls(program):
        found += [
            Fact("learning_rate", r.number, r.place, r.how or "call argument") for r in values.passed(program, _NAMED)
        ]
    yield from (fact for fact in found if isinstance(fact.value, (int, float)) and fact.value > 0)


def _assigned_rate(call: Call) -> Iterator[Fact]:
    """`optimizer.lr.assign(rate.numpy())`: the base rate of the formula that is put there at each step."""
    holder = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    if not isinstance(holder, ast.Attribute) or holder.attr not in ("lr", "learning_rate") or not call.positional:
        return
    given = call.positional[0]
    made = given.value.call if isinstance(given.value, Made) else None
    behind = made.receiver if made is not None and made.name == "numpy" else given
    told = {rate.place: rate for rate in base_rates(behind)}
    yield from (Fact("learning_rate", rate.number, rate.place, rate.how) for rate in told.values())


def _puts_rates(program: Program) -> bool:
    """Whether optimizers are built without a rate, and `group["lr"] = ...` gives them one at each step."""
    built = optimizer_calls(program)
    if not built or any(value is not None for call, _ in built for value in _rates_given(call)):
        return False
    return any(
        isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and target.slice.value == "lr"
        for module in program.modules
        for node in module.of(ast.Assign)
        for target in node.targets
    )


_NAMED = re.compile(r"^(base_|init_|initial_)?(lr|learning_rate)$")


def _is_fed(value: Resolved | None) -> bool:
    """Whether a rate is a placeholder, which a session is fed later."""
    return value is not None and (value.dotted or "").endswith((".placeholder", ".placeholder_with_default"))


_BOOSTERS = ("xgboost.", "lightgbm.", "catboost.")
"""Libraries whose `train` is given its settings in a dict, first."""
_TRAINERS = ("TrainingArguments", "Arguments", "train", "cv", "fit", "Config", "Trainer", "PPO", "DQN", "A2C", "SAC",
    "TD3", "DDPG",
             "Classifier", "Regressor", "LGBMClassifier", "Learner", "create_optimizer", "create_optimizer_v2",
             "get_optimizer",
             "inject_hyperparams", "OptimizerConfig")  # fmt: skip


def _takes_rate(call: Call) -> bool:
    """Whether a library's call is told a rate by keyword: trainers and estimators."""
    return (
        call.target is None and call.name.endswith(_TRAINERS) and "?" not in call.dotted and _optimizer_of(call) is None
    )


def _rates_given(call: Call) -> Iterator[Resolved | None]:
    """The rate argument of an optimizer's call, and those of its parameter groups."""
    position = (
        1
        if re.search(r"(^|\.)(optim|apex|transformers|bitsandbytes|torch_optimizer|timm)(\.|$)", call.dotted)
        or call.target
        else 0
    )
    direct = next((call.keywords[name] for name in _RATES if name in call.keywords), None)
    if direct is None and position < len(call.positional):
        direct = call.positional[position]
    yield direct
    groups = call.positional[0] if call.positional else call.keywords.get("params")
    for group in values.items(groups):
        yield values.entries(group).get("lr")


def base_rates(value: Resolved | None, depth: int = 5) -> Iterator[Resolved]:
    """The base rates behind a value: a number, the named part of a product, the peak of a schedule."""
    if value is None or depth == 0:
        return
    for one in value.all():
        if isinstance(one.value, Made):
            yield from _of_schedule(one.value.call, depth - 1)
        elif isinstance(one.value, Instance):
            yield from _first_named(one.value.attributes, depth - 1)
        elif isinstance(one.value, Function):
            found = values.closure_numbers(one, RATE) or _constant(one.value)
            yield from found[:1]
        elif isinstance(one.value, ListValue):
            for item in one.value.items[:4]:
                yield from base_rates(item, depth - 1)
        elif one.number is None and (parts := [part for part in one.parts if isinstance(part.value, Made)]):
            found = [rate for part in parts for rate in base_rates(part, depth - 1)]  # decay(1e-4, ...) + 1e-6
            yield from found or _stated(one)
        elif one.number is not None or one.parts:
            yield from _stated(one)


def _constant(function: Function) -> list[Resolved]:
    """The number that `lambda step: 2e-4` always gives."""
    body = function.node.body if isinstance(function.node, ast.Lambda) else None
    plain = isinstance(body, ast.Constant) and isinstance(body.value, float)
    return [Resolved(body.value, (function.module, body), "call argument")] if plain else []  # type: ignore[union-attr, arg-type]


_LEAST = re.compile(r"(^|_)(min|minimum|end|final|last)(_|$)")
"""Parts of the names of the rate that a schedule ends with."""
_FACTOR = re.compile(r"(^|_)(mult|multiplier|mul|factor|scale|gamma|decay)(_|$)")
"""Parts of the names of what rates are multiplied with."""


def _stated(value: Resolved) -> Iterator[Resolved]:
    """The number itself, or what it was scaled from where that has a rate's name."""
    named = [
        leaf
        for leaf in values.leaves(value)
        if leaf.number is not None
        and RATE.search(values.words_of(leaf.name))
        and not _FACTOR.search(values.words_of(leaf.name))
    ]
    if value.parts and named and all(_LEAST.search(values.words_of(leaf.name)) for leaf in named):
        others = [leaf for leaf in values.leaves(value) if isinstance(leaf.value, float) and leaf not in named]
        yield from sorted(others, key=lambda leaf: -(leaf.number or 0))[:1] or named[:1]  # 1e-4 - min_lr
    elif value.parts and named:
        yield named[0]
    elif value.number is not None:
        yield value if value.number >= 0 else value.but(value=-value.number)  # adam(-1e-4) climbs
    elif value.parts:
        small = [leaf for leaf in values.leaves(value) if isinstance(leaf.value, float) and 0 < leaf.value <= 1]
        yield from [leaf for leaf in small if not _FACTOR.search(values.words_of(leaf.name))][:1]


_ARITHMETIC = frozenset(
    {
        "sqrt",
        "exp",
        "expm1",
        "log",
        "log1p",
        "log2",
        "log10",
        "pow",
        "power",
        "square",
        "factorial",
        "cos",
        "sin",
        "tanh",
    }
    | {
        "prod",
        "sum",
        "uniform",
        "normal",
        "rand",
        "randn",
        "randint",
        "random",
        "choice",
        "loguniform",
        "zeros",
        "ones",
    }
)
"""Functions whose value is not their argument: `math.sqrt(0.04)` is no rate of 0.04."""


def _of_schedule(call: Call, depth: int) -> Iterator[Resolved]:
    """The base rate that a schedule of a library is given."""
    if call.name in _ARITHMETIC:
        return
    for name in _PEAKS:
        if name in call.keywords:
            found = [r for r in base_rates(call.keywords[name], depth) if r.number]
            if found:
                yield found[0]
                return
    lists = [
        value
        for value in (*call.positional, *call.keywords.values())
        if isinstance(value.value, (ListValue, Made, Function))
    ]
    for value in lists[:3]:
        found = list(base_rates(value, depth))
        if found:
            yield from found
            return
    numbers = [value for value in call.positional if value.number]
    if call.name in ("piecewise_constant", "PiecewiseConstantDecay"):
        return
    yield from (rate for value in numbers[:1] for rate in _stated(value))


def _first_named(attributes: dict[str, Resolved], depth: int) -> Iterator[Resolved]:
    found = [v for k, v in attributes.items() if v.number and RATE.search(values.words_of(k))]
    yield from found[:1]


def _scaled_by_hand(program: Program) -> list[Fact]:
    """`w -= lr * w.grad`, `p - 0.1 * g`: the factor of a gradient that is taken away; else of any gradient."""
    products = [
        (module, node, product)
        for module in program.modules
        for node in module.of(ast.BinOp, ast.AugAssign)
        for product in [_taken_away(node)]
        if product is not None
    ]
    taken = [
        fact for module, node, product in products if product is not node for fact in _factors(program, module, product)
    ]
    return taken or [
        fact
        for module, node, product in products
        if product is node
        for fact in _factors(program, module, product, sure=False)
    ]


def _factors(program: Program, module: Module, product: ast.BinOp, sure: bool = True) -> Iterator[Fact]:
    for factor, other in ((product.left, product.right), (product.right, product.left)):
        if _is_gradient(other) or (not isinstance(factor, ast.Constant) and sure):
            yield from _factor(program, module, factor)


def _taken_away(node: ast.AST) -> ast.BinOp | None:
    """The product in `w - lr * g`, in `w -= lr * g / n`, or any product, which may hold `x.grad`."""
    right: ast.AST | None = None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        right = node.right
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub):
        right = node.value
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return node
    if isinstance(right, ast.BinOp) and isinstance(right.op, ast.Div):
        right = right.left
    return right if isinstance(right, ast.BinOp) and isinstance(right.op, ast.Mult) else None


def _is_gradient(node: ast.expr) -> bool:
    words = {
        getattr(n, "attr", None) or getattr(n, "id", "") for n in walk(node) if isinstance(n, (ast.Attribute, ast.Name))
    }
    return bool(words & {"grad", "g", "grads", "gradient", "gradients", "dw", "db", "dW", "dw1", "dw2"}) or any(
        word.startswith(("grad_", "d_", "dL")) for word in words if word
    )


def _factor(program: Program, module: Module, node: ast.expr) -> Iterator[Fact]:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    if isinstance(inner, ast.Constant) and isinstance(inner.value, float) and 0 < inner.value < 1:
        yield Fact("learning_rate", inner.value, module.place(node), "factor of the gradient")
    name = getattr(inner, "id", getattr(inner, "attr", ""))
    if name and RATE.search(values.words_of(name)):
        found = [value for value in [module.scope.names.get(name)] if value is not None and value.number]
        found += [o.value for o in program.options if o.name == name and o.value.number]
        found += [a for call in program.calls for n, a in values.arguments(call) if (a.name or n) == name and a.number]
        yield from (Fact("learning_rate", v.number, v.place, v.how or "call argument") for v in found[:1])
        if not found:
            yield from _assigned(module, name)


def _assigned(module: Module, name: str) -> Iterator[Fact]:
    """`lr = 0.01` inside a function."""
    for node in module.of(ast.Assign):
        value = node.value if isinstance(node.value, ast.Constant) else None
        named = any(getattr(target, "id", "") == name for target in node.targets)
        if named and value is not None and isinstance(value.value, float):
            yield Fact("learning_rate", value.value, module.place(value), "literal")
            return


# -- weight decay, betas


def weight_decays(program: Program) -> Iterator[Fact]:
    """`weight_decay=` of optimizers, of their groups and of trainers."""
    for call, _ in optimizer_calls(program):
        for name in ("weight_decay", "wd", "decay_rate"):
            if name in call.keywords and (name != "decay_rate"):
                yield from values.numbers("weight_decay", call.keywords[name])
        for group in values.items(call.positional[0] if call.positional else None):
            yield from values.numbers("weight_decay", values.entries(group).get("weight_decay"))
    decaying = ("add_decayed_weights", "regularizers.l2", "l2_regularizer")
    for call in in_order([program.given("weight_decay"), program.whose(lambda dotted: dotted.endswith(decaying))]):
        if _takes_rate(call) and "weight_decay" in call.keywords:
            yield from values.numbers("weight_decay", call.keywords["weight_decay"])
        elif call.dotted.endswith(decaying):
            yield from values.numbers("weight_decay", call.argument("weight_decay", 0))


def betas(program: Program) -> Iterator[Fact]:
    """The two betas of Adam and its kin, one compound value."""
    for call, _ in optimizer_calls(program):
        given = call.keywords.get("betas")
        pair = values.items(given) if given is not None else _pair(call)
        numbers = tuple(value.number for value in pair)
        if len(numbers) == 2 and all(number is not None for number in numbers):
            place = pair[0].place if pair[0].number is not None else call.place
            value: Value = numbers
            yield Fact("betas", value, given.place if given is not None else place, "call argument")


def _pair(call: Call) -> list[Resolved]:
    for names in (("beta_1", "beta_2"), ("beta1", "beta2"), ("b1", "b2"), ("adam_beta1", "adam_beta2")):
        found = [call.keywords[name] for name in names if name in call.keywords]
        if len(found) == 2:
            return found
    return []


# -- schedulers and clipping


SCHEDULING = re.compile(r"sched|optim|optax|_lr\b|lr_|LR", re.ASCII)
"""What stands in the full name of a schedule of the rate: `Linear` alone is a layer."""


@lru_cache(maxsize=10_000)
def _schedules(dotted: str) -> bool:
    return "lr_scheduler." in dotted or bool(SCHEDULING.search(dotted))


def schedulers(program: Program) -> Iterator[Fact]:
    """Schedules of the rate: objects of `lr_scheduler`, optax and Keras schedules, names given to trainers."""
    words = vocabulary.load()
    named = ("lr_scheduler_type", "lr_scheduler", "scheduler_name")
    told = program.given(*named), program.named("get_scheduler", "create_scheduler")
    for call in in_order([program.whose(_schedules), *told]):
        of_library = call.target is None and (call.receiver is None or isinstance(call.receiver.value, External))
        if of_library and "lr_scheduler." in call.dotted:
            name = words.canonical("scheduler", call.name) or call.name
            yield Fact("scheduler", name, values.name_place(call), "call")
        elif of_library and SCHEDULING.search(call.dotted) and (found := words.canonical("scheduler", call.name)):
            yield Fact("scheduler", found, values.name_place(call), "call")
        for name in (*named, "name"):
            value = call.keywords.get(name)
            if name == "name":
                value = call.argument(name, 0) if call.name in ("get_scheduler", "create_scheduler") else None
            if value is not None and value.text and call.target is None:
                yield Fact("scheduler", words.canonical("scheduler", value.text) or value.text, value.place, value.how)


def clipping(program: Program) -> Iterator[Fact]:
    """The norm or value that gradients are clipped to."""
    wanted = {
        "clip_grad_norm_": ("max_norm", 1), "clip_grad_norm": ("max_norm", 1), "clip_grad_value_": ("clip_value", 1),
        "clip_by_global_norm": ("max_norm", 0), "clip_gradients": ("clip_val", 1),
        "adaptive_grad_clip": ("clipping", 0),
    }  # fmt: skip
    keywords = ("gradient_clip_val", "max_grad_norm", "clipnorm", "global_clipnorm", "clipvalue", "grad_clip")
    for call in in_order([program.named(*wanted), program.given(*keywords)]):
        if call.name in wanted and call.target is None:
            name, position = wanted[call.name]
            if call.dotted.startswith("tensorflow"):
                name, position = "clip_norm", 1
            yield from values.numbers("grad_clip", call.argument(name, position))
        for name in keywords:
            if name in call.keywords and call.target is None:
                yield from values.numbers("grad_clip", call.keywords[name])
