"""What optimizers are told beside their rate: weight decay, betas, schedules, the clipping of gradients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from core import vocabulary
from core.analysis.facts import Fact, Value
from core.analysis.filing import in_order
from core.analysis.program import Call, Class, External, Function, Program, Resolved, each_in, entries_in
from core.analysis.rules import values
from core.analysis.rules.optimizers import (
    FINDING,
    configured,
    optimizer_calls,
    optimizer_of,
    optimizers,
    told_parameters,
)
from core.analysis.rules.rates import AFTER_WEIGHTS, takes_rate


def weight_decays(program: Program) -> Iterator[Fact]:
    """`weight_decay=` of optimizers, of their groups and of trainers."""
    for call, _ in optimizer_calls(program):
        for name in ("weight_decay", "wd", "weight_decay_rate"):
            if name in call.keywords:
                yield from values.numbers("weight_decay", call.keywords[name])
        for group in each_in(call.positional[0] if call.positional else None):
            yield from values.numbers("weight_decay", entries_in(group).get("weight_decay"))
    for parameters in told_parameters(program):
        yield from values.numbers("weight_decay", parameters.get("wd"))
    for call in in_order([program.given("weight_decay"), program.whose(_decays)]):
        if takes_rate(call) and "weight_decay" in call.keywords:
            yield from values.numbers("weight_decay", call.keywords["weight_decay"])
        elif _decays(call.dotted) and (call.name != "l2_regularizer" or _counts(program, call)):
            name = "coeff" if call.name == "L2Decay" else "weight_decay"
            yield from values.numbers("weight_decay", call.argument(name, 0))


@cache
def _decays(dotted: str) -> bool:
    return dotted.endswith(("add_decayed_weights", "regularizers.l2", "l2_regularizer", "regularizer.L2Decay"))


def _counts(program: Program, call: Call) -> bool:
    """Whether a penalty of TensorFlow 1 is asked for a weight, or what layers keep aside of it is spoken of."""
    made = call.made
    return _collects(program) or any(one.receiver and one.receiver.value is made for one in program.named("__call__"))


@lru_cache(maxsize=1)
def _collects(program: Program) -> bool:
    """Whether code speaks of the penalties that TensorFlow 1 keeps aside, which nothing trains on otherwise."""
    return any(_COLLECTED.search(module.text) for module in program.modules)


_COLLECTED = re.compile(
    r"REGULARIZATION_LOSSES|regularization_loss|get_total_loss|apply_regularization|get_collection|\.(losses|compile)\b(?!\.)"
)
"""Collections and what reads them, and Keras, which adds them by itself."""


def momenta(program: Program) -> Iterator[Fact]:
    """The momentum that optimizers are told, alone or by group, or a trainer along with its rate; not that of layers
    that normalise, nor of averages of weights."""
    for call, name in optimizer_calls(program):
        yield from values.numbers("momentum", _momentum(call, name))
        for group in each_in(call.positional[0] if call.positional else None):
            yield from values.numbers("momentum", entries_in(group).get("momentum"))
    entries = [*told_parameters(program), *(each for _, _, each in configured(program))]
    told = [each["momentum"] for each in entries if "momentum" in each]
    trainers = (call for call in program.given("momentum") if takes_rate(call))
    told += [call.keywords["momentum"] for call in trainers if _RATES & call.keywords.keys()]
    if told and any(fact.value in _WITH_MOMENTUM for fact in program.ask(optimizers)):
        yield from (fact for value in told for fact in values.numbers("momentum", value))


def _momentum(call: Call, name: str) -> Resolved | None:
    """What an optimizer is given as its momentum: by keyword, or behind the rate; an own one by default, too."""
    if isinstance(call.target, Class):
        init = call.target.find("__init__")
        left = init.value.defaults if init is not None and isinstance(init.value, Function) else {}
        return dict(values.received(call)).get("momentum") or left.get("momentum")
    if call.dotted == "optax.trace":
        return call.argument("decay", 0)
    behind = name in _BEHIND_THE_RATE and optimizer_of(call) is not None
    return call.argument("momentum", (2 if AFTER_WEIGHTS.search(call.dotted) else 1) if behind else None)


_RATES = {"lr", "learning_rate", "learning_rate_init"}
_BEHIND_THE_RATE = ("SGD", "SGDP", "SGDW", "LARS")
_WITH_MOMENTUM = ("RMSprop", *_BEHIND_THE_RATE)


def betas(program: Program) -> Iterator[Fact]:
    """The two betas of Adam and its kin, one compound value."""
    for call, _ in optimizer_calls(program):
        group = entries_in(call.positional[0]) if call.positional else {}
        given = call.keywords.get("betas") or group.get("betas")
        pair = each_in(given) if given is not None else _pair(call)
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


SCHEDULING = re.compile(r"sched|optim|optax|_lr\b|lr_|LR|tensorflow.*\.train\.\w+_(decay|constant)$", re.ASCII)
"""What stands in the full name of a schedule of the rate: `Linear` alone is a layer."""


def _schedules(dotted: str) -> bool:
    return "lr_scheduler." in dotted or bool(SCHEDULING.search(dotted))


def _own_schedulers(program: Program) -> Iterator[Fact]:
    """Objects of the user's classes that derive from a schedule of torch's."""
    for instance in program.instances:
        within = instance.call.owner.cls.name if instance.call.owner is not None else ""
        if any("lr_scheduler." in base for base in instance.cls.external_bases()) and not FINDING.search(within):
            yield Fact("scheduler", instance.cls.name, values.name_place(instance.call), "class of the user's")


_OF_OTHERS = re.compile(
    r"(^|_)(eps(ilon)?|explor\w*|alpha|beta|kl|tau|temp(erature)?|noise|ema|momentum|wd|weight_decay)(_|$)",
    re.IGNORECASE,
)
"""What the schedule of an agent's chance moves is kept as, or one of anything but the rate."""
_OF_TIMM = re.compile(r"timm\.scheduler\.(?!create_|scheduler_kwargs)")


def schedulers(program: Program) -> Iterator[Fact]:
    """Schedules of the rate: objects of `lr_scheduler`, optax and Keras schedules, names given to trainers."""
    words = vocabulary.load()
    named = ("lr_scheduler_type", "lr_scheduler", "scheduler_name", "sched")
    told = program.given(*named), program.named("get_scheduler", "create_scheduler")
    yield from _own_schedulers(program)
    for call in in_order([program.whose(_schedules), *told]):
        of_library = call.target is None and (call.receiver is None or isinstance(call.receiver.value, External))
        of_torch = "lr_scheduler." in call.dotted
        of_the_rate = of_torch or not _OF_OTHERS.search(call.bound)
        if call.name == "__init__" or not of_the_rate:  # the first of a base of the user's own schedule
            continue
        if of_library and (of_torch or _OF_TIMM.match(call.dotted)):
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
    for call in program.named(*_CLIPPING):
        given = call.positional[1:2] if isinstance(call.target, Function) else ()
        yield from (fact for each in given for fact in values.numbers("grad_clip", each))


_CLIPPING = ("clip_gradient", "clip_gradients", "clip_grad", "clip_grads", "clip_grad_norm", "clip_gradient_norm")
"""What functions of the user's are called that clip the gradients of their first argument to their second."""
