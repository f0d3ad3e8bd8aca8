"""How long a run trains, by what trainers and estimators are told: `fit(epochs=...)`, `learn(100_000)`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.evidence import CYCLES
from core.analysis.facts import Fact
from core.analysis.program import Call, Instance, Program, each_in
from core.analysis.rules import values
from core.analysis.rules.bodies import last_name
from core.analysis.rules.judging import is_evaluation
from core.analysis.rules.loops import EPOCH, names_in

STEPS_TOLD = ("max_steps", "total_timesteps", "num_training_steps", "total_steps", "train_steps", "nb_steps")


OF_AUTOGRAD = ("autograd.misc.optimizers.", "autograd.optimizers.")
"""Where autograd keeps its optimizers, which take so many steps themselves: `adam(gradient, weights, num_iters=9)`."""


def steps_told(call: Call) -> Iterator[Fact]:
    """`TrainingArguments(max_steps=...)`, `model.learn(100_000)`, `estimator.train(input, steps=...)`,
    `StopAtStepHook(last_step=...)`."""
    if call.target is not None or _OTHER_STEPS.search(call.dotted):
        return
    training = call.name == "train" or call.name.startswith("train_agent")
    for name in ("steps", "iterations", "num_timesteps", *STEPS_TOLD) if training else STEPS_TOLD:
        yield from values.number_fact("steps", values.for_all_devices(call.keywords.get(name)))
    if call.dotted.startswith(OF_AUTOGRAD):
        yield from values.number_fact("steps", call.keywords.get("num_iters"))
    if call.name == "StopAtStepHook":
        for value in (call.argument("num_steps", 0), call.argument("last_step", 1)):
            yield from values.number_fact("steps", value)
    if call.name == "learn" and call.positional:
        yield from values.number_fact("steps", call.positional[0])
    if _is_one_epoch(call) and not _of_an_evaluator(call):
        yield from values.number_fact("steps", call.keywords["epoch_length"])
    yield from _triggered(call, "steps", "iteration")


def _is_one_epoch(call: Call) -> bool:
    """Whether a run of Ignite's engine counts its steps as one epoch: `run(data, max_epochs=1, epoch_length=steps)`."""
    told = call.keywords.get("max_epochs") if "epoch_length" in call.keywords else None
    return told is not None and told.number == 1


_OTHER_STEPS = re.compile(r"schedul|LR$|Lambda|\.(partial|make)$|^diffrax\.|odeint|solve|Env$|TimeLimit|Wrapper$")
"""Calls of libraries whose steps are those of a schedule, a solver or an episode."""


def _triggered(call: Call, field: str, unit: str) -> Iterator[Fact]:
    """When Chainer's trainer stops: `Trainer(updater, (100, "epoch"))`."""
    pair = each_in(call.argument("stop_trigger", 1)) if call.dotted == "chainer.training.Trainer" else []
    if len(pair) == 2 and pair[1].text == unit:
        yield from values.number_fact(field, pair[0])


def _within_episodes(call: Call) -> bool:
    """Whether a call stands in a loop over episodes or updates: each fits the little that it collected."""
    loop = call.loop
    while loop is not None:
        names = names_in(loop)
        if any(re.search(r"episode|update|timestep|rollout", values.words_of(name)) for name in names):
            return True
        loop = loop.outer
    return False


READERS = re.compile(
    r"dataset|sampler|loader|input_fn|producer|^(simple)?namespace$|^(easy|attr|config)?dict$|^hparams$", re.IGNORECASE
)
"""Names of calls that read data or keep settings: how often these repeat it, or how many a module says, which another
script takes up with settings of its own, is how long training is only where nothing else says that."""
EPOCHS_TOLD = (
    "epochs", "max_epochs", "num_train_epochs", "nb_epoch", "n_epoch", "n_epochs", "num_epochs", "num_epoch",
    "maxepoch", "max_epoch",
)  # fmt: skip

_PLACES = {"fit": 3, "fit_generator": 2}
"""Where Keras is told the epochs: `fit(x, y, batch_size, epochs)`, `fit_generator(data, steps_per_epoch, epochs)`."""


def epochs_told(call: Call) -> Iterator[Fact]:
    """`fit(epochs=...)`, `Trainer(max_epochs=...)`, `TrainingArguments(num_train_epochs=...)`, `fit_one_cycle(5)`."""
    if call.target is not None and not isinstance(call.receiver and call.receiver.value, Instance):
        return
    if call.target is None and not (_of_an_evaluator(call) or _within_episodes(call) or _is_one_epoch(call)):
        for name in EPOCHS_TOLD:
            if name in call.keywords and not re.search(r"Lambda|scheduler|LR$|warm", call.dotted):
                for one in values.based_on(call.keywords[name], EPOCH):
                    yield Fact("epochs", one.number, one.place, one.how)
                return
        if call.positional and (call.name in CYCLES or (call.name == "fit" and call.dotted.startswith("fastai."))):
            yield from values.number_fact("epochs", call.positional[0])
        yield from _triggered(call, "epochs", "epoch")
        if call.name in _PLACES and "keras." in call.dotted:
            yield from values.number_fact("epochs", call.argument("epochs", _PLACES[call.name]))


def tells_agent(program: Program, call: Call) -> bool:
    """Whether a call makes an agent of a library, or a dict that one is given: its epochs go over what it collected
    last."""
    agents = program.under(*_AGENTS)
    if call.name != "dict":
        return call in agents
    told = {call.keywords[name].place for name in EPOCHS_TOLD if name in call.keywords}
    return any(value.place in told for agent in agents for value in agent.keywords.values())


_AGENTS = ("stable_baselines", "sb3_contrib.", "sbx.")


def _of_an_evaluator(call: Call) -> bool:
    """`evaluator.run(loader, max_epochs=1)`."""
    func = getattr(call.node, "func", None)
    return isinstance(func, ast.Attribute) and is_evaluation(last_name(func.value))
