"""Batches that are put together for something else than training: to judge, to look at, to work on many at once."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core import vocabulary
from core.analysis.facts import Place
from core.analysis.nodes import unparse, walk
from core.analysis.program import Call, Instance, Made, Program
from core.analysis.rules import values
from core.analysis.rules.holding import held, made_in
from core.analysis.rules.judging import asked_to_judge, for_evaluation, is_evaluation, switched_to_judge
from core.analysis.rules.loops import training_loops

LOADERS: Mapping[str, Sequence[Any]] = vocabulary.load().table("libraries", "loaders")
"""Calls that make batches, and the argument that says their size."""


def made_aside(program: Program) -> set[int]:
    """The calls (by id) that make batches, but none to train on."""
    return (
        _looked_at(program)
        | _demonstrated(program)
        | _not_fitted(program)
        | _undone(program)
        | _drawn_to_judge(program)
        | _built_to_judge(program)
    )


def _undone(program: Program) -> set[int]:
    """The calls (by id) that make batches to work on many at once, and that take them apart again, or put together
    anew what another is handed to `fit` with; and those in the head of a loop over a few of them."""
    batching = program.named("batch", "flow")
    apart = [call.receiver for call in program.named("unbatch") if batching and call.receiver is not None]
    fitted = _handed_to_fit(program) if apart else set()
    found = {id(made) for data in apart for made in _batched(data.value)[:1]} - fitted
    found |= {id(call) for call in batching if fitted and _is_unbatched(call)} - fitted
    if not batching:
        return found
    heads = [loop.node.iter for loop in program.loops if not isinstance(loop.node, ast.While)]
    few = {id(node) for head in heads if ".take(" in unparse(head) for node in walk(head)}
    training = {id(loop.node) for loop in training_loops(program)}
    shown = [
        loop.node.iter
        for loop in program.loops
        if not isinstance(loop.node, ast.While) and id(loop.node) not in training
    ]
    few |= {id(node) for head in shown for node in walk(head)}
    # next(iter(data.batch(3))), vocabulary.adapt(texts.batch(128)), model.predict(data.batch(10)), list(data.batch(2))
    few |= {id(node) for call in program.named("next", "adapt", "predict", "evaluate") for node in walk(call.node)}
    alone = [line.value for module in program.modules for line in module.of(ast.Expr)]
    few |= {id(node) for call in program.named("list") if call.node in alone for node in walk(call.node)}
    pieces = [given for call in program.named("flat_map") for given in call.node.args if isinstance(given, ast.Lambda)]
    few |= {id(node) for piece in pieces for node in walk(piece)}  # flat_map(lambda window: window.batch(length + 1))
    return found | {id(call) for call in batching if id(call.node) in few or _cuts_windows(call)}


def _is_unbatched(call: Call) -> bool:
    """`data.unbatch().batch(n)`"""
    made = call.holder
    return isinstance(made, Made) and made.call.name == "unbatch"


def _batched(data: object) -> list[Call]:
    """The calls of `batch` that data went through since they were last taken apart, the last first."""
    found: list[Call] = []
    while isinstance(data, Made) and data.call.name != "unbatch":
        found += [data.call] if data.call.name == "batch" else []
        data = data.call.holder
    return found


def _demonstrated(program: Program) -> set[int]:
    """The calls (by id) of `batch` whose data no `fit` is handed, where the same line batches those that one is: a
    helper that was called with a small size before, to see what comes."""
    kept, batching = _handed_to_fit(program), program.named("batch")
    lines = {id(call.node) for call in batching if id(call) in kept}
    return {id(call) for call in batching if id(call.node) in lines and id(call) not in kept}


def _not_fitted(program: Program) -> set[int]:
    """The calls (by id) of `batch` whose data no `fit` is handed and no loop of training goes over, where all that is
    fitted with is known: `np.unique(list(names.batch(1000)))`, an index of all that can be found."""
    batching = program.named("batch")
    fits = program.named("fit") if len(batching) > 1 else ()
    if not fits or not all(any(_batched(one) for value in call.given for one in held(value, 1)) for call in fits):
        return set()
    gone_over = [loop.over for loop in training_loops(program) if loop.over is not None]
    looped = {id(call) for over in gone_over for call in made_in(over, 2)}
    return {id(call) for call in batching} - _handed_to_fit(program) - looped


def _handed_to_fit(program: Program) -> set[int]:
    """The calls (by id) of `batch` through which went what a `fit` is handed."""
    given = (value for call in program.named("fit") for value in call.given)
    return {id(call) for value in given for one in held(value, 1) for call in _batched(one)}


def _drawn_to_judge(program: Program) -> set[int]:
    """The calls (by id) of `data.test.next_batch(n)`, and those by the way of data that loops of training draw too."""
    drawing = program.named("next_batch", "next_minibatch")
    trained = {id(loop) for loop in training_loops(program)} if len(drawing) > 1 else set()
    shown = {id(call) for call in drawing if call.loop is None and call.within is None}
    holders = ((call, getattr(getattr(call.node, "func", None), "value", None)) for call in drawing)
    judging = {id(call) for call, holder in holders if holder is not None and is_evaluation(unparse(holder))}
    return judging | (shown if any(id(call.loop) in trained for call in drawing) else set())


def _built_to_judge(program: Program) -> set[int]:
    """The calls (by id) in functions that are handed evaluation data."""
    return {id(call) for call in program.named("batch", *LOADERS) if asked_to_judge(program, call)}


def written_to_judge(program: Program) -> set[Place]:
    """Where numbers stand in the calls that make loaders of evaluation, or that a switch tells to make data of it: no
    other loader's says what batch trains."""
    calls = (call for call in program.named(*LOADERS) if for_evaluation(call))
    given = [call.argument(*LOADERS[call.name]) for call in calls]
    given += [call.keywords["batch_size"] for call in program.given("batch_size") if switched_to_judge(call)]
    return {value.place for value in given if value is not None and value.how == "call argument"}


def only_kept(program: Program) -> set[Place]:
    """Where numbers stand that records are made of and nothing else is given: of `{"a": SimpleNamespace(batch_size=32),
    "b": SimpleNamespace(batch_size=64)}` one is taken."""
    records = program.named("SimpleNamespace", "Namespace")
    stated = {v.place for call in records for _, v in values.received(call) if v.number is not None}
    makers = {id(call) for call in records}
    others = (call for call in program.calls if id(call) not in makers) if stated else ()
    return stated - {v.place for call in others for _, v in values.received(call)}


def _cuts_windows(call: Call) -> bool:
    """`window.batch(sequence_length)`: what is put together is one sequence, not a batch."""
    words = [values.words_of(leaf.name) for given in call.positional[:1] for leaf in (given, *values.leaves(given))]
    return any(re.search(r"(^|_)(seq(uence)?|window|context|lookback|block)(_|$)", name) for name in words)


def _looked_at(program: Program) -> set[int]:
    """The calls (by id) that make loaders whose every loop trains nothing, or of which only `next(iter(loader))` or
    `loader.one_batch()` is taken, where others do train: their loops, a learner of fastai or a `fit` that is given
    them."""
    trained = {id(loop) for loop in training_loops(program)}
    taken = [(id(loop) in trained, loop.over) for loop in program.loops if loop.over is not None]
    for call in program.named("next", "first"):
        asked = [*call.positional[:1], *([call.receiver] if call.receiver is not None else [])]
        taken += [(call.loop is not None and id(call.loop) in trained, value) for value in asked]
    for call in (*program.alike(_is_learner), *program.named("fit")):
        taken += [(True, value) for value in call.given]
    looking = program.named("one_batch", "show_batch")
    taken += [(False, call.receiver) for call in looking if call.receiver is not None]
    inside: dict[bool, set[int]] = {True: set(), False: set()}
    for trains, over in taken:
        inside[trains].update(id(call) for call in made_in(over, 2) if call.name in LOADERS or call.name == "batch")
        own = (one for one in held(over, 2) if isinstance(one, Instance)) if over is not None else ()
        inside[trains].update(id(one.call) for one in own if one.cls.heir_of("DataLoader"))
    return inside[False] - inside[True] if inside[True] else _made_in_passing(program, inside[False])


def _made_in_passing(program: Program, looked_at: set[int]) -> set[int]:
    """The loaders (by id) of these that nothing keeps, `next(iter(DataLoader(data, batch_size=3)))`, beside others."""
    loaders = program.named(*LOADERS) if looked_at else []
    asking = {id(node) for call in program.named("next") for node in walk(call.node)} if loaders else set()
    passing = {id(call) for call in loaders if id(call.node) in asking} & looked_at
    return passing if len(passing) < len(loaders) else set()


def _is_learner(name: str) -> bool:
    """`Learner`, `vision_learner`"""
    return name.endswith(("Learner", "_learner"))


def times_drawn(program: Program) -> set[Place]:
    """Where it is stated how often a sampler of the user's draws: `CategoriesSampler(labels, n_batch=200, ...)`."""
    sampling = (call for call in program.own() if call.name.endswith("Sampler"))
    return {value.place for call in sampling for name, value in values.received(call) if name == "n_batch"}
