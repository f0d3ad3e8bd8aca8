"""The loops that train, and how often a loop turns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from core.analysis.evidence import ALWAYS, runs_training
from core.analysis.nodes import name_of, unparse, walk
from core.analysis.program import Call, Function, Instance, Loop, Made, Program, Resolved
from core.analysis.rules import values
from core.analysis.rules.judging import only_judges
from core.analysis.rules.phases import runs_applied
from core.analysis.rules.sites import in_a_test

EPOCH = re.compile(r"epoch")


@lru_cache(maxsize=1)
def training_loops(program: Program) -> list[Loop]:
    """The loops inside which gradients are taken or steps made, in order; steps in a world only where nothing else
    is."""
    training = program.named(*_LOOPED)
    training = [call for call in training if not _only_looks(program, call)] or training
    training = [call for call in training if not _plays(call)] or training
    found: dict[int, Loop] = {}
    for call in (*training, *_again(program, training), *_sloped(program)):
        loop = call.loop
        while loop is not None:
            found.setdefault(id(loop), loop)
            loop = loop.outer
    trained = any(EPOCH.search(" ".join(loop.targets).lower()) for loop in found.values())
    for loop in program.loops if not trained else ():
        names = names_in(loop)
        if id(loop) not in found and any(counts_epochs(name.lower()) for name in names) and not _is_plotting(loop):
            found[id(loop)] = loop
    return sorted(found.values(), key=lambda loop: loop.order)


def _again(program: Program, training: list[Call]) -> list[Call]:
    """The calls of functions of which these are a part: one that was followed before is not followed again."""
    within = {id(call.within.node) for call in training if call.name in ALWAYS and call.within is not None}
    again = [call for call in program.own() if isinstance(call.target, Function) and id(call.target.node) in within]
    return [call for call in again if not in_a_test(program, call)]


def _sloped(program: Program) -> list[Call]:
    """The calls of what takes the gradient of a function that was made before: `slope = jit(grad(loss))`, then
    `slope(w, x)`; by its own name, `loss(w, x)`, it is only looked at."""
    made = [call for call in program.named(*_SLOPES) if call.loop is None]
    of = {id(value.value.node) for call in made for value in call.given if isinstance(value.value, Function)}
    own = ((call, call.target) for call in program.own()) if of else ()
    asked = ((call, target) for call, target in own if isinstance(target, Function) and id(target.node) in of)
    return [call for call, target in asked if name_of(call.node.func) != target.name]


_SLOPES = frozenset({"grad", "value_and_grad", "filter_grad", "filter_value_and_grad", "grad_and_value"})


_LOOPED = ALWAYS | {"step", "run", "fit", "train_step", "update", "grad", "train", "apply_updates"}


def _only_looks(program: Program, call: Call) -> bool:
    """Whether a call judges what was trained, or runs a graph of TensorFlow 1 where others train it."""
    training = _sessions(program)
    if training and call.name == "run" and "sess" in unparse(call.node.func).lower() and id(call) not in training:
        return True
    around = call.loop.within if call.loop is not None else None
    return in_a_test(program, call) or (around is not None and only_judges(around))


@lru_cache(maxsize=1)
def _sessions(program: Program) -> frozenset[int]:
    """The calls (by id) by which sessions of TensorFlow 1 train: what an optimizer gave is run, else what is called
    so."""
    runs = program.named("run")
    applied = frozenset(id(call) for call in runs if runs_applied(call))
    return applied or frozenset(id(call) for call in runs if runs_training(call.node))


def _plays(call: Call) -> bool:
    """`envs.step(action)`, `running_mean.update(observation)`: what changes the world or a tally, and no weight."""
    of_world = call.dotted.startswith(("gym.", "gymnasium.")) or _WORLD.search(unparse(call.node.func))
    return call.name in ("step", "update") and bool(of_world)


_WORLD = re.compile(
    r"(^|[._])(\w*env(s|ironments?)?|game|world|simulator)(_?\d+|_\w+)?\.step$"
    r"|(rms|mean|std|stats?|meter|bar|pbar|metrics?|normali[sz]er|tracker|logs?)(_?\d+)?\.update$",
    re.IGNORECASE,
)


def _is_plotting(loop: Loop) -> bool:
    words = set(map(name_of, walk(loop.node)))
    return bool(words & {"plot", "imshow", "scatter"}) and not words & {"backward", "step", "run", "train", "fit"}


def names_in(loop: Loop) -> list[str]:
    """What a loop calls what it counts or takes, and what its bound is called."""
    return [*loop.targets, *(bound.name for bound in counted(loop)[-1:])]


def unwrapped(made: object) -> object:
    """What `zip(range(3), data)`, `enumerate(data.take(3))` or a progress bar goes over: the range, or as much of data
    as it takes."""
    if not isinstance(made, Made) or (made.call.name not in _WRAPPERS and "progress" not in made.dotted.casefold()):
        return made
    given = (made.call.receiver, *made.call.given)
    inner = (value.value for value in given if value is not None and isinstance(value.value, Made))
    return next((each for each in inner if each.call.name.endswith(("range", "take"))), None)


_WRAPPERS = ("zip", "enumerate", "tqdm", "islice", "track", "master_bar", "alive_it")


def counted(loop: Loop) -> list[Resolved]:
    """The bounds of a loop's range: (stop), (start, stop) or the limit of a `while`."""
    if loop.until is not None:
        return [loop.until]
    made = loop.over.value if loop.over is not None else None
    if isinstance(made, Instance):  # `for epoch in Progress(epochs=10)`, an object of the user's
        given = made.call.given
        return [value for value in given if counts_epochs(value.name.lower())][:1]
    made = unwrapped(made)
    if isinstance(made, Made) and made.call.name == "take":
        return [values.for_all_devices(taken) or taken for taken in made.call.positional[:1]]
    if isinstance(made, Made) and made.call.name in ("range", "xrange", "trange", "arange", "prange"):
        return [] if _goes_over_data(made.call) else list(made.call.positional[:2])
    if isinstance(made, Made) and made.call.dotted in ("labml.monit.loop", "labml.experiment.loop"):
        return list(made.call.positional[:1])
    return []


def _goes_over_data(call: Call) -> bool:
    """`range(0, examples, batch_size)`; not what counts steps, `range(0, total_steps, batch_size)`."""
    end, strides = call.positional[1:2], call.positional[2:3]
    return any("batch" in each.name.lower() for each in strides) and not any(_STEPS.search(each.name) for each in end)


_STEPS = re.compile(r"step|frame|iter", re.IGNORECASE)


def is_told_as_epoch(loop: Loop) -> bool:
    """Whether what a loop counts is printed as an epoch: `print(f"epoch {i}: {loss}")`, and no count around it is."""
    own, outer = set(loop.targets), {name for each in around(loop) for name in each.targets}
    spoken = (inner for line in loop.node.body for inner in walk(line) if isinstance(inner, (ast.Call, ast.JoinedStr)))
    return any(_tells_epoch(node, own, outer) for node in spoken) if own else False


def _tells_epoch(node: ast.AST, own: set[str], outer: set[str]) -> bool:
    words = list(walk(node))
    names = {word.id for word in words if isinstance(word, ast.Name)}
    texts = (word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str))
    return bool(names & own) and not names & outer and any(EPOCH.search(text.casefold()) for text in texts)


def counts_epochs(name: str) -> bool:
    within = r"(^|_)(per|on|in|each)_epoch|epoch_(iter|size|len|batch|frames|samples)|start|warm|steps"
    return "epoch" in name and not re.search(within, name)


def around(loop: Loop) -> Iterator[Loop]:
    """The loops around a loop, innermost first."""
    while loop.outer is not None:
        loop = loop.outer
        yield loop
