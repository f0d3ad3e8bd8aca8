"""The rates that optimizers start from: given to them, scheduled, put into their groups or multiplied by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator

from core.analysis.descents import descends
from core.analysis.evidence import CYCLES
from core.analysis.facts import Fact
from core.analysis.filing import in_order
from core.analysis.nodes import below, name_of, same, walk
from core.analysis.program import UNKNOWN, Call, Class, Function, Made, Program, Resolved, each_in, entries_in
from core.analysis.rules import values
from core.analysis.rules.base_rates import base_rates, stated
from core.analysis.rules.boosting import BOOSTING, settings_of
from core.analysis.rules.given import numbers_passed, option_facts
from core.analysis.rules.judging import of_training
from core.analysis.rules.optimizers import (
    canonical,
    configured,
    may_be_one,
    optimizer_calls,
    optimizer_of,
    told_parameters,
)
from core.analysis.rules.steps_by_hand import RATE, scaled_by_hand

_RATES = ("lr", "learning_rate", "base_lr", "step_size", "max_lr", "init_lr", "lr_init")


_TOLD = ("learning_rate", "lr", "lr0", "eta", "base_lr", "learning_rate_init", "lr_max")
"""What trainers and estimators call the rate that they are told."""


def learning_rates(program: Program) -> Iterator[Fact]:
    """The configured base rate that optimizers are given, directly, by group or through a schedule; else, in this
    order, what configurations and placeholders tell, what a variable is assigned, the factor of steps that are taken by
    hand, an option, and what is passed as a rate, or what a configuration names one."""
    asked: tuple[Callable[[Program], Iterable[Fact]], ...] = (
        _given_where_built, _of_configurations, _fed, _assigned_rates, _by_hand, _of_options, _put_into_groups,
        _passed_as_rates, _of_settings,
    )  # fmt: skip
    found = next((facts for ask in asked if (facts := list(ask(program)))), [])
    known = (fact for fact in found if isinstance(fact.value, (int, float)) and fact.value > 0)
    yield from of_training(program, known)


def _stated_rates(rates: Iterable[Resolved]) -> Iterator[Fact]:
    yield from (Fact("learning_rate", rate.number, rate.place, rate.how) for rate in rates)


_SCALES = ("optax.scale", "optax.scale_by_learning_rate", "optax.scale_by_schedule")


def _given_where_built(program: Program) -> Iterator[Fact]:
    """Of optimizers, trainers and estimators, and of what steps with a rate."""
    laid = {id(made) for call in program.named("init") if (made := _made_there(call)) is not None}
    put = _puts_rates(program)
    for call, _ in optimizer_calls(program):
        direct, *apart = _rates_given(call)
        for value in (direct, *apart):
            factor = value is not direct and direct is not None  # `{"params": head, "lr": 1}` of `SGD(groups, lr)`
            none = (0, 1) if factor or put or id(call) in laid else (0,)
            yield from _stated_rates(rate for rate in base_rates(value) if rate.number not in none)
    trained = program.named("train", "cv", "fit", "optimize_loss", *CYCLES)
    scaled = program.called(_SCALES[0])
    stated = program.called(*_SCALES[1:])  # beside them that one only weighs gradients, but by a rate that is named so
    scales = in_order([stated, list(filter(_by_a_rate, scaled))]) if stated else scaled
    for call in in_order([scales, trained, program.given(*_TOLD, *_OF_A_PART)]):
        yield from _told_to(call)
    for value in (*_told_at_steps(program), *_told_functions(program)):
        yield from _stated_rates(base_rates(value))
    for parameters in told_parameters(program):
        yield from _stated_rates(base_rates(parameters.get("learning_rate")))


def _by_a_rate(call: Call) -> bool:
    """`optax.scale(config.lr)`."""
    written = [name_of(each) for each in call.node.args[:1]]
    names = [rate.name for each in call.positional[:1] for rate in base_rates(each)]
    return any(map(_NAMED.search, written + names))


def _made_there(call: Call) -> Call | None:
    """`optimizer_of(1.0)` of `optimizer_of(1.0).init(weights)`: it only lays out what an optimizer remembers."""
    made = call.holder
    there = isinstance(getattr(call.node.func, "value", None), ast.Call)
    return made.call if there and isinstance(made, Made) else None


def _told_to(call: Call) -> Iterator[Fact]:
    """The rate that a part of a chain of optax, a library of boosted trees, a trainer or fastai's learner is told."""
    if call.dotted in _SCALES:
        scale = call.positional[0] if call.positional else None
        rates = (rate for rate in base_rates(scale) if rate.number is None or abs(rate.number) != 1)
        yield from _stated_rates(rates)  # 1 only turns the sign
    elif call.name in ("train", "cv") and call.dotted.startswith(BOOSTING):
        told = settings_of(call)
        value = next((told[name] for name in ("learning_rate", "eta", "shrinkage_rate") if name in told), None)
        yield from _stated_rates(base_rates(value))
    elif call.name == "optimize_loss":  # of TensorFlow's layers
        yield from _stated_rates(base_rates(call.argument("learning_rate", 2)))
    elif call.name in CYCLES or (call.name == "fit" and call.dotted.startswith("fastai.")):
        yield from values.number_fact("learning_rate", _of_cycle(call))
    elif takes_rate(call):
        given = [call.keywords[name] for name in _TOLD if name in call.keywords][:1]
        given += [value for name, value in call.keywords.items() if name in _OF_A_PART]
        yield from _stated_rates(rate for value in given for rate in base_rates(value))


def _of_cycle(call: Call) -> Resolved | None:
    """What a learner of fastai fits with: `fit_one_cycle(5, 1e-3)`, `fit_flat_cos(5, slice(1e-3))`; of the two ends of
    `slice(1e-6, 1e-4)` none is the rate."""
    told = next((name for name in ("lr_max", "max_lr", "lr", "base_lr") if name in call.keywords), "lr")
    given = call.argument(told, 1)
    made = given.value.call if given is not None and isinstance(given.value, Made) else None
    whole = made is not None and made.name == "slice" and len(made.positional) == 1
    return made.positional[0] if made is not None and whole else given


_OF_A_PART = tuple(
    f"{part}_{rate}" for part in ("actor", "critic", "policy", "value") for rate in ("learning_rate", "lr")
)
"""What agents of libraries call the rates of the networks that they are of."""


def _of_configurations(program: Program) -> Iterator[Fact]:
    given = (entry[name] for _, _, entry in configured(program) for name in _RATES if name in entry)
    yield from _stated_rates(rate for value in given for rate in base_rates(value))


def _fed(program: Program) -> Iterator[Fact]:
    """What calls are given as a rate, where optimizers get a placeholder; else what the placeholder is fed."""
    built = [(call, value) for call, _ in optimizer_calls(program) for value in _rates_given(call)]
    holders = {value.name for _, value in built if value is not None and _is_fed(value)}
    if holders or any(call.dotted.startswith("flax.optim.") for call, _ in built):
        given = [value for call in program.calls for name, value in values.received(call) if _NAMED.match(name)]
        given = [value for value in given if value.number is not None or isinstance(value.value, Function)]
        given = given or [value for name, value in _fed_by_name(program) if name in holders or _NAMED.match(name)]
        yield from _stated_rates(rate for value in given for rate in base_rates(value))


def _fed_by_name(program: Program) -> Iterator[tuple[str, Resolved]]:
    """What a session is fed at the top level, by the names of the placeholders: `{x: images, rate: learning_rate}`."""
    for node in program.entry.of(ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            told = program.entry.scope.names.get(value.id) if isinstance(value, ast.Name) else None
            if isinstance(key, ast.Name) and told is not None:
                yield key.id, told


def _assigned_rates(program: Program) -> Iterator[Fact]:
    yield from (fact for call in program.named("assign") for fact in _assigned_rate(call))


def _by_hand(program: Program) -> Iterable[Fact]:
    return scaled_by_hand(program) if not optimizer_calls(program) else ()


def _of_options(program: Program) -> Iterable[Fact]:
    """Of optimizers that are built elsewhere, or without a rate that is known."""
    if any(map(_is_worked_out, program.put)):
        return ()
    of_library = any(option.kind == "config" and option.section == "optimizer" for option in program.options)
    unknown = of_library or _puts_rates(program) or _given_unknown(program)
    return option_facts(program, "learning_rate", _NAMED) if unknown else ()


def _is_worked_out(rate: Resolved) -> bool:
    """Whether what is put into groups comes of a rate that no rate is behind: `init_lr = np.power(width, -0.5)`."""
    named = (part for part in rate.parts if part.parts and _NAMED.match(values.words_of(part.name)))
    known = (part for part in named if part.number)
    return any(not any(RATE.search(values.words_of(leaf.name)) for leaf in values.leaves(part)) for part in known)


def _put_into_groups(program: Program) -> Iterable[Fact]:
    """`group["lr"] = rate`, of optimizers that are built without one."""
    put = [value for value in program.put if not _is_worked_out(value)]
    return _stated_rates(rate for value in put for rate in base_rates(value)) if _puts_rates(program) else ()


def _passed_as_rates(program: Program) -> Iterable[Fact]:
    built = any(optimizer_of(call) for call in program.whose(may_be_one))
    passed = () if built or optimizer_calls(program) else numbers_passed(program, _NAMED)
    return _stated_rates(rate for value in passed for rate in stated(value))


def _of_settings(program: Program) -> Iterable[Fact]:
    """The one that the configuration names, where nothing shows what takes it."""
    built = any(optimizer_of(call) for call in program.whose(may_be_one)) or any(map(_is_worked_out, program.put))
    told = () if built else option_facts(program, "learning_rate", _NAMED)
    files = {option.value.place for option in program.options if option.kind == "config"}
    found = [fact for fact in told if fact.place in files]
    return found if len({fact.value for fact in found}) == 1 else ()


def _told_functions(program: Program) -> Iterator[Resolved]:
    """The rates that functions of the user's are told which are called as an optimizer is, and take its steps by hand:
    `sgd(weights, lr, size)`."""
    for call in program.own():
        if isinstance(call.target, Function) and canonical(call.name) and _steps_down(call.target.node):
            yield from (value for name, value in values.received(call) if RATE.search(values.words_of(name)))


def _steps_down(node: ast.AST) -> bool:
    moves: list[ast.AugAssign | ast.BinOp] = below(node, ast.AugAssign, ast.BinOp)
    return any(map(descends, moves))


def _told_at_steps(program: Program) -> list[Resolved]:
    """The rates that an optimizer of Objax is told when it steps: `optimizer(lr=rate, grads=gradients)`."""
    stepping = [
        call
        for call in program.named("__call__")
        if call.receiver is not None
        and isinstance(call.receiver.value, Made)
        and call.receiver.value.dotted.startswith("objax.")
        and optimizer_of(call.receiver.value.call)
    ]
    return [value for call in stepping if (value := call.argument("lr", 0)) is not None]


def _given_unknown(program: Program) -> bool:
    """Whether every optimizer is given a rate, also through a schedule, and none of them is known."""
    given = [value for call, _ in optimizer_calls(program) for value in _rates_given(call) if value is not None]
    given = given or _told_at_steps(program)
    unknown = (isinstance(v.value, Made) or v.value is UNKNOWN for v in given)
    return bool(given) and all(unknown) and not any(True for value in given for _ in base_rates(value))


def _assigned_rate(call: Call) -> Iterator[Fact]:
    """`optimizer.lr.assign(rate.numpy())`, `tf.assign(model.lr, rate * decay)`: the base rate of the formula that is
    put there at each step. One that is worked out of itself, `tf.assign(lr, lr / 2)`, was told before."""
    holder = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    holder = call.node.args[0] if call.dotted.startswith("tensorflow.") and len(call.node.args) > 1 else holder
    held = name_of(holder)
    if holder is None or held not in ("lr", "learning_rate") or not call.positional:
        return
    if any(same(part, holder) for part in walk(call.node.args[-1]) if isinstance(part, ast.Name | ast.Attribute)):
        return
    given = call.positional[-1]
    made = given.value.call if isinstance(given.value, Made) else None
    behind = made.receiver if made is not None and made.name == "numpy" else given
    told = {rate.place: rate for rate in base_rates(behind)}
    yield from (Fact("learning_rate", rate.number, rate.place, rate.how) for rate in told.values())


def _puts_rates(program: Program) -> bool:
    """Whether optimizers are built without a rate, or with a 0 or 1 that is written there, and `group["lr"] = ...`
    gives them one at each step."""
    built = optimizer_calls(program)
    given = (value for call, _ in built for value in _rates_given(call) if value is not None and value.number != 0)
    if not built or any(value.number != 1 or value.how != "call argument" for value in given):
        return False
    return any(
        isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and target.slice.value == "lr"
        for module in program.modules
        for node in module.of(ast.Assign)
        for target in node.targets
    )


_NAMED = re.compile(r"^(base_|init_|initial_)?(lr|learning_rate)(_(weights|bias(es)?))?$")


def _is_fed(value: Resolved | None) -> bool:
    """Whether a rate is a placeholder, which a session is fed later."""
    return value is not None and (value.dotted or "").endswith((".placeholder", ".placeholder_with_default"))


_TRAINERS = ("TrainingArguments", "Arguments", "train", "training", "cv", "fit", "Config", "Trainer", "PPO", "DQN",
    "A2C", "SAC", "TD3", "DDPG",
             "Classifier", "Regressor", "LGBMClassifier", "Learner", "create_optimizer", "create_optimizer_v2",
             "get_optimizer",
             "inject_hyperparams", "OptimizerConfig")  # fmt: skip


def takes_rate(call: Call) -> bool:
    """Whether a library's call is told a rate by keyword: trainers and estimators."""
    return (
        call.target is None and call.name.endswith(_TRAINERS) and "?" not in call.dotted and optimizer_of(call) is None
    )


AFTER_WEIGHTS = re.compile(
    r"(^|(?<!flax)(?<!numpyro)\.)(optim|apex|transformers|bitsandbytes|torch_optimizer|timm)(\.|$)"
)
"""Homes of optimizers that are given the weights first, then the rate."""


def _rates_given(call: Call) -> Iterator[Resolved | None]:
    """The rate argument of an optimizer's call, and those of its parameter groups."""
    position = 1 if AFTER_WEIGHTS.search(call.dotted) or call.target else 0
    told = dict(values.received(call)) if call.target else call.keywords
    direct = next((told[name] for name in _RATES if name in told), None)
    if direct is None and position < len(call.positional) and optimizer_of(call) is not None:
        direct = call.positional[position]
    groups = each_in(call.positional[0] if call.positional else call.keywords.get("params"))
    told_apart = (entries_in(group) for group in groups)
    apart = [each.get("lr") or entries_in(each.get("optim_args")).get("lr") for each in told_apart]  # Pyro's too
    left = not apart or None in apart
    init = call.target.find("__init__") if isinstance(call.target, Class) and left else None
    if direct is None and init is not None and isinstance(init.value, Function):  # an optimizer of the user's own
        direct = next((init.value.defaults[name] for name in _RATES if name in init.value.defaults), None)
    yield direct or (None if call.dotted.startswith("torch.") else call.keywords.get("alpha"))
    yield from apart
