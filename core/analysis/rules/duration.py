"""How long a run trains: epochs and steps."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from functools import lru_cache

from core.analysis.evidence import CYCLES
from core.analysis.facts import Fact, Place
from core.analysis.filing import in_order
from core.analysis.nodes import below, unparse
from core.analysis.program import Call, DictValue, ListValue, Loop, Made, Program, Resolved
from core.analysis.rules import values
from core.analysis.rules.bodies import bound_to, last_name
from core.analysis.rules.given import option_facts
from core.analysis.rules.judging import asked_to_judge, for_evaluation, is_evaluation, of_training, only_judges
from core.analysis.rules.lengths_told import (
    EPOCHS_TOLD,
    OF_AUTOGRAD,
    READERS,
    STEPS_TOLD,
    epochs_told,
    steps_told,
    tells_agent,
)
from core.analysis.rules.loops import (
    EPOCH,
    around,
    counted,
    counts_epochs,
    is_told_as_epoch,
    names_in,
    training_loops,
    unwrapped,
)
from core.analysis.rules.optimizers import optimizer_calls

STEP = re.compile(
    r"(^|_)(n_?)?(step|iter|itr|iteration|update|timestep|frame|episode)s?($|_)|^it$|^max_iter|train_(steps|ops)|^niter|total_timesteps"
)


def epochs(program: Program) -> Iterator[Fact]:
    """How often the training loop goes over the data: the bound of the loop counted in epochs, or a trainer's."""
    loops = training_loops(program)
    counting = [(loop, fact) for loop in loops for fact in _epochs_of(program, loop)]
    epochal = {id(loop) for loop, _ in counting} | {id(loop) for loop in loops if _is_named_for_epochs(loop)}
    less = ((loop, fact) for loop, fact in counting if fact.value == 1 or _again(loop))
    once = {id(loop) for loop, _ in less if any(id(outer) in epochal for outer in around(loop))}
    counting = [(loop, fact) for loop, fact in counting if id(loop) not in once]  # one within each of many
    found = [fact for loop, fact in counting if not _gives(loop)]
    told = in_order([program.given(*EPOCHS_TOLD), program.named("fit", "fit_generator", "Trainer", *CYCLES)])
    told = [call for call in told if not _told_to_judge(program, call)]
    told = [call for call in told if not _within_epochs(program, call) and not tells_agent(program, call)]
    found += [fact for call in told if not READERS.search(call.name) for fact in epochs_told(call)]
    found = found or [fact for call in told for fact in epochs_told(call)] or [fact for _, fact in counting]
    found += [] if found else _of_iterations(program)
    if not found and not any(fact.value for loop in loops for fact in _steps_of(loop)):
        found += [fact for loop in loops for fact in (*_over_the_data(program, loop, loops), *_repeated(loop))]
        found = found or list(option_facts(program, "epochs", _EPOCHS_OPTION))
        found = found or list(_of_pipelines(program))
    yield from _to_train(program, of_training(program, _finite(found)))


def _is_named_for_epochs(loop: Loop) -> bool:
    return any(EPOCH.search(name.lower()) for name in loop.targets)


def _again(loop: Loop) -> bool:
    """Whether a loop is told how often the data are gone over in one epoch: `range(epoch_repeats)`."""
    return any("repeat" in bound.name.lower() for bound in counted(loop))


def _of_iterations(program: Program) -> Iterator[Fact]:
    """`adam(gradient, weights, num_iters=epochs * batches)`."""
    for call in program.given("num_iters"):
        given = call.keywords["num_iters"]
        told = values.based_on(given, EPOCH) if given.parts and call.dotted.startswith(OF_AUTOGRAD) else ()
        yield from (Fact("epochs", one.number, one.place, one.how) for one in told if one is not given)


def _to_train(program: Program, facts: list[Fact]) -> list[Fact]:
    """The facts without those that calls for evaluation are given, where others remain: `batches(valid_x, size, 1)`."""
    if len({fact.value for fact in facts}) < 2:
        return facts
    judging = (call for call in in_order([program.own(), program.given(*EPOCHS_TOLD)]) if for_evaluation(call))
    given = {value.place for call in judging for value in call.given}
    return [fact for fact in facts if fact.how != "call argument" or fact.place not in given] or facts


def _gives(loop: Loop) -> bool:
    """Whether a loop gives out data, to what may end sooner: `for epoch in range(epochs): yield x, y`."""
    return bool(below(loop.node, ast.Yield, ast.YieldFrom))


def _told_to_judge(program: Program, call: Call) -> bool:
    """Whether a call stands in a function that judges, or gives what judges: `test_input = numpy_input_fn(...)`."""
    judging = is_evaluation(call.bound) or (call.within is not None and only_judges(call.within))
    return judging or asked_to_judge(program, call)


def steps(program: Program) -> Iterator[Fact]:
    """How many steps are trained: the outermost training loop counted in steps, a trainer's number, else an option."""
    loops = training_loops(program)
    by_epoch = any(fact for loop in loops for fact in _epochs_of(program, loop))
    counting = {id(loop) for loop in loops if not _is_repeated(loop) and not _within_step(loop)}
    counting -= {id(loop) for loop in loops if any(_counts_less(loop, bound.name) for bound in counted(loop)[-1:])}
    inner = {id(loop) for loop in loops if any(id(outer) in counting for outer in around(loop))}
    drawing = {id(call.loop) for call in program.named("next_batch", "next_minibatch", "next")}
    outermost = [loop for loop in loops if id(loop) in counting - inner and not by_epoch]
    found = [fact for loop in outermost for fact in _steps_of(loop, id(loop) in drawing)]
    told = in_order(
        [
            program.given("steps", "iterations", "num_timesteps", "num_iters", "epoch_length", *STEPS_TOLD),
            program.named("learn", "Trainer", "StopAtStepHook"),
        ]
    )
    found += [fact for call in told if not READERS.search(call.name) for fact in steps_told(call)]
    if not found and not by_epoch:
        found += [fact for call in told for fact in steps_told(call)]
    if not found and not by_epoch:
        found += option_facts(program, "steps", _STEPS_OPTION)
    if not found and not program.ask(epochs):
        found += [fact for loop in loops if id(loop) in counting for fact in _alone(program, loop, loops)]
    yield from _finite(found)


def _finite(found: list[Fact]) -> Iterator[Fact]:
    return (fact for fact in found if isinstance(fact.value, (int, float)) and 0 < fact.value < math.inf)


def _within_step(loop: Loop) -> bool:
    """Whether a loop stands in what a trainer of a library calls for each batch: `def train_step(self, data)`."""
    within = loop.within
    return within is not None and within.home is not None and within.name in _EACH_BATCH


def _counts_less(loop: Loop, name: str) -> bool:
    """Whether a bound is of turns within a step, or says how often training is judged."""
    less = _OF_ONE.search(name.lower())
    return bool(less and (loop.outer is not None or not less["maker"])) or is_evaluation(name)


_OF_ONE = re.compile(
    r"(^|_)(d|(?P<maker>g|gen|generator)|dis|disc|discriminator|critic|inner|adapt|attack|pgd|langevin|mcmc|gibbs|power|noise)_"
    r"(steps?|iters?|iterations?|updates?)$|^n_?(critic|dis)$"
)
"""Names of what is repeated within one step: how often a critic, or an attack, goes before it; a maker's own steps may
be all there are."""
_EACH_BATCH = ("train_step", "training_step", "update_core")


def _is_repeated(loop: Loop) -> bool:
    """Whether each turn of a loop is a run of its own: `for run in range(runs_per_agent)`."""
    names = names_in(loop)
    return any(_RUNS.search(values.words_of(name)) for name in names)


_RUNS = re.compile(r"(^|_)(runs?|trials?|seeds?|folds?|repeats?|repetitions?|experiments?|metrics?|prun(e|ing))(_|$)")


def _over_the_data(program: Program, loop: Loop, loops: list[Loop]) -> Iterator[Fact]:
    """Turns of the outermost of two training loops, nothing being said of either, where the inner goes over data or
    over it in batches: `for i in range(10): for x, y in loader`, `for start in range(0, len(x), size)`; or a library
    runs an epoch in each: `train_epoch.run(loader)`."""
    bounds = counted(loop)
    inside = [other for other in loops if other.outer is loop]
    run = [unparse(call.node.func) for call in program.named("run") if call.loop is loop]
    whole = any(_goes_over_data(other) for other in inside) or any(EPOCH.search(text.lower()) for text in run)
    named = " ".join((unparse(loop.node.test),) if isinstance(loop.node, ast.While) else loop.targets).lower()
    counts_else = _REPEATING.search(named) or (isinstance(loop.node, ast.While) and _STEPPED.search(named))
    if bounds and whole and loop.outer is None and not counts_else:
        yield from _turns(loop, "epochs", bounds)


def _repeated(loop: Loop) -> Iterator[Fact]:
    """How often data repeat themselves that one loop goes over: `for x, y in data.batch(128).repeat(10)`."""
    made = loop.over.value if loop.over is not None else None
    if isinstance(made, Made) and made.call.name == "enumerate" and made.call.positional:
        made = made.call.positional[0].value
    while isinstance(made, Made) and made.call.receiver is not None and loop.outer is None:
        if made.call.name == "repeat" and made.call.positional:
            yield from values.number_fact("epochs", made.call.positional[0])
        made = made.call.receiver.value


def _of_pipelines(program: Program) -> Iterator[Fact]:
    """How often data of TensorFlow repeat themselves that a session or an estimator takes to their end."""
    if not any(call.keywords.get("steps") or call.keywords.get("max_steps") for call in program.named(*_TAKING)):
        for call in program.named("repeat"):
            if call.dotted.startswith("tensorflow.") and not _told_to_judge(program, call):
                told = values.number_fact("epochs", call.argument("count", 0))
                yield from (fact for fact in told if not _asked_to_judge_by(program, fact.place))


def _asked_to_judge_by(program: Program, place: Place | None) -> bool:
    """Whether a number is given to what makes evaluation data: `eval_input_fn = make_input_fn(data, num_epochs=1)`."""
    giving = (call for call in program.own() for value in call.keywords.values() if value.place == place)
    return any(is_evaluation(bound_to(call)) for call in giving)


_TAKING = ("train", "TrainSpec", "fit")


def _goes_over_data(loop: Loop) -> bool:
    """Whether a loop takes what it is given piece by piece, rather than counting."""
    if isinstance(loop.node, ast.While) or loop.over is None:
        return False
    made = loop.over.value.call if isinstance(loop.over.value, Made) else None
    counter = unwrapped(loop.over.value)
    if isinstance(counter, Made) and counter.call.name in ("range", "xrange", "trange"):
        return len(counter.call.positional) == 3
    endless = made is not None and made.name in ("count", "cycle", "repeat", "iter")
    written = isinstance(loop.over.value, (ListValue, DictValue))
    told = not written or _DATA.search(last_name(loop.node.iter).lower())
    return not endless and bool(told) and not counted(loop)


_DATA = re.compile(r"(^|_)(data|data_?set|train(ing)?|n_?grams|pairs|samples|examples|sentences|corpus|batches)(_|$)")
"""What a list that is written down is called where it is data."""


def _fits_anew(program: Program, loop: Loop) -> bool:
    """Whether each turn fits an estimator that it makes: `for k in range(1, 11): KMeans(k).fit(x)`."""
    made = (call.receiver.value for call in program.named("fit") if call.loop is loop and call.receiver is not None)
    return any(isinstance(each, Made) and each.call.loop is loop for each in made)


def _alone(program: Program, loop: Loop, loops: list[Loop]) -> Iterator[Fact]:
    """Turns of a training loop, nothing being said of it, where it counts and none stands in another."""
    bounds = counted(loop) if not (any(other.outer for other in loops) or _fits_anew(program, loop)) else []
    if bounds and not _REPEATING.search(" ".join(loop.targets).lower()):
        yield from _turns(loop, "steps", bounds)


def _turns(loop: Loop, field: str, bounds: list[Resolved]) -> Iterator[Fact]:
    """How often a loop turns, where that is known and more than once."""
    if all(bound.integer is not None for bound in bounds) and (bounds[-1].integer or 0) > 1:
        yield _length(loop, field, bounds)


_REPEATING = re.compile(
    r"proc|worker|thread|actor|fold|seed|run|trial|task|rank|repeat|split|model|expert|layer|game|stage|phase|client|round"
)
"""What is counted where the whole training is repeated, or a part of something else is trained each time."""
_STEPPED = re.compile(r"(?<![a-z])(step|iter)")
"""What the test of a `while` speaks of that counts steps: `while self.step < images`."""
_EPOCHS_OPTION = re.compile(r"^((n|num|nb|max|train|total)_?)*epochs?$")
_STEPS_OPTION = re.compile(
    r"^(train_)?(max|total|num_train|num_training|train)_(its?|iters?|steps?|iterations?|frames|timesteps|env_steps|updates)$"
)


def _epochs_of(program: Program, loop: Loop) -> Iterator[Fact]:
    """The bound of a loop that counts epochs by its name, its bound's, or what it prints; none counted within steps.
    Of what an undecided branch sets, each."""
    yield from (fact for bounds in _each_length(loop) for fact in _epochs_up_to(program, loop, bounds))


def _each_length(loop: Loop) -> Iterator[list[Resolved]]:
    """The bounds of a loop, for each number that it may stop at, where they are stated as they are."""
    bounds = counted(loop)
    for last in filter(None, map(values.for_all_devices, bounds[-1:])):
        stated = all(stop.number is not None and not stop.parts for stop in last.all())
        yield from ([*bounds[:-1], stop] for stop in (last.all() if stated else [last]))


def _epochs_up_to(program: Program, loop: Loop, bounds: list[Resolved]) -> Iterator[Fact]:
    stop = bounds[-1]
    left = loop.until is not None and STEP.search(values.words_of(stop.name))  # `if step == max_step: break`
    if left or _is_inner(program, loop, stop):
        return
    named = [leaf for leaf in values.leaves(stop) if leaf.number and counts_epochs(leaf.name.lower())]
    by_name = _is_named_for_epochs(loop) or (
        isinstance(loop.node, ast.While) and "epoch" in ast.dump(loop.node.test)[:300]
    )
    by_name = by_name or (not _names_steps(loop, stop) and is_told_as_epoch(loop))
    if len({leaf.name for leaf in named}) > 1 and counts_epochs(stop.name.lower()) and stop.number is not None:
        yield _length(loop, "epochs", bounds)  # OBSERVED_EPOCHS + TRAINED_EPOCHS
    elif named and (stop.parts or named[0] is stop):
        yield Fact("epochs", named[0].number, named[0].place, named[0].how)
    elif by_name and stop.number is not None:
        yield _length(loop, "epochs", bounds)


def _names_steps(loop: Loop, stop: Resolved) -> bool:
    names = [values.words_of(name) for name in (*loop.targets, stop.name)]
    return any(STEP.search(name) or _BATCHES.search(name) for name in names)


_BATCHES = re.compile(r"(^|_)batches$")
"""What a bound is called that counts batches, whatever the loop prints."""


def _is_inner(program: Program, loop: Loop, stop: Resolved) -> bool:
    """Whether epochs are counted within each of many steps: over one rollout, as PPO does."""
    if re.search(
        r"(update|ppo|inner|opt|k|policy|critic|actor|sgd|aux)_?(n_)?epochs?$|^e_|_per_", values.words_of(stop.name)
    ):
        return True
    repeated = _running_anew(program)
    for outer in (each for each in around(loop) if id(each) not in repeated):
        if not isinstance(outer.node, ast.While) and "collector" in unparse(outer.node.iter).lower():
            return True  # of what TorchRL collects
        names = " ".join((*outer.targets, *(bound.name for bound in counted(outer)[-1:])))
        endless = isinstance(outer.node, ast.While) and isinstance(outer.node.test, ast.Constant)
        if any(STEP.search(values.words_of(name)) for name in names.split()) or outer.until is not None or endless:
            return True
    return False


@lru_cache(maxsize=1)
def _running_anew(program: Program) -> frozenset[int]:
    """The loops (by id) each turn of which is a run of its own, since it builds the optimizers."""
    loops = (call.loop for call, _ in optimizer_calls(program) if call.loop)
    holding = [{id(loop), *map(id, around(loop))} for loop in loops]
    return frozenset(set.intersection(*holding)) if holding else frozenset()


def _length(loop: Loop, field: str, bounds: list[Resolved]) -> Fact:
    """Turns of a range: the stop where it starts at 0, else the difference."""
    stop = bounds[-1]
    first = bounds[0].number if len(bounds) == 2 else 0
    if not first or stop.number is None or isinstance(stop.number, float):
        return Fact(field, stop.number, stop.place, stop.how)
    stated = next((leaf for leaf in values.leaves(stop) if leaf.number == stop.number - first and leaf.name), None)
    if stated is not None:
        return Fact(field, stated.number, stated.place, stated.how)
    return Fact(field, stop.number - int(first), loop.place, f"computed: {stop.number} - {first}")


def _within_epochs(program: Program, call: Call) -> bool:
    """Whether a call stands in a loop over epochs, each of which is told to last one: `fit(..., epochs=1)`."""
    loop = call.loop
    while loop is not None:
        if next(_epochs_of(program, loop), None) is not None:
            return True
        loop = loop.outer
    return False


def _steps_of(loop: Loop, drawing: bool = False) -> Iterator[Fact]:
    """How many steps a loop counts, by the names of what it counts, or because each turn draws a batch. Of what an
    undecided branch sets, each."""
    yield from (fact for bounds in _each_length(loop) for fact in _steps_up_to(loop, bounds, drawing))


def _steps_up_to(loop: Loop, bounds: list[Resolved], drawing: bool) -> Iterator[Fact]:
    stop = bounds[-1]
    counters = (*loop.targets, _counter(loop))
    counting = any(STEP.search(values.words_of(name)) for name in counters) and not _goes_through_loader(loop)
    counting = counting or drawing
    leaves = [leaf for leaf in values.leaves(stop) if leaf.number is not None]
    named = [leaf for leaf in leaves if STEP.search(values.words_of(leaf.name))]
    named = [leaf for leaf in named if leaf.number] or named  # `range(done, done + steps)`, of which none are done
    named = [leaf for leaf in named if not re.search("_per_|accum", values.words_of(leaf.name))]
    named = [leaf for leaf in named if re.search(r"total|max|train", values.words_of(leaf.name))] or named
    if named:
        yield Fact("steps", named[0].number, named[0].place, named[0].how)
    elif counting and (stop.number or 0) > 1:
        yield _length(loop, "steps", bounds)


def _counter(loop: Loop) -> str:
    """What a `while` holds below its bound: `step` in `while step < TOTAL`; "" where that bound counts examples, and
    for another test."""
    test = loop.node.test if isinstance(loop.node, ast.While) else None
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], (ast.Lt, ast.LtE)):
        return ""
    return "" if _EXAMPLES.search(last_name(test.comparators[0]).lower()) else last_name(test.left)


_EXAMPLES = re.compile(r"img|images?(_|$)|examples?(_|$)|samples?(_|$)")


def _goes_through_loader(loop: Loop) -> bool:
    """Whether each turn goes through all that a loader has: `for x, y in train_loader` that nothing leaves sooner."""
    inside = (each for each in below(loop.node, ast.For) if each is not loop.node)
    return any(_LOADER.search(unparse(each.iter)) and not below(each, ast.Break) for each in inside)


_LOADER = re.compile(r"[lL]oader\)*$")
