"""In what pieces a run trains: its batches."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from core.analysis.evidence import ALWAYS
from core.analysis.facts import Fact, Place
from core.analysis.filing import in_order
from core.analysis.nodes import walk
from core.analysis.program import Call, Class, Instance, Program, Resolved, each_in
from core.analysis.rules import values
from core.analysis.rules.batches_aside import LOADERS, made_aside, only_kept, times_drawn, written_to_judge
from core.analysis.rules.batches_cut import cut_off, drawn
from core.analysis.rules.bodies import assignment_of, bound_to, last_name, named_in
from core.analysis.rules.duration import STEP
from core.analysis.rules.given import numbers_passed, option_facts
from core.analysis.rules.judging import for_evaluation, is_evaluation, of_training
from core.analysis.rules.loops import training_loops

BATCH = re.compile(
    r"(^|_)(batch_?size|bs|b_?sz|batchsize|batch_sz|mini_?batch_?size|mb_?size|(?<!per_)batch)(_?per_(?!epoch)\w+)?(_?train|_tr)?$|^train_batch(?!es)|^n_batch$|batch_size$"
)
_OPTION = re.compile(
    r"^samples_per_gpu$|^((train|global|total|per_(device|gpu)_train)_?)?(batch_?size|batch|bs|b_?sz)$"
)
"""Names of options that say the batch size even where nobody sees them used; `max_batch_size` is a capacity."""
_PART = re.compile(r"^mini_?(batch_?size|batch|bs|bsz)$|^mb_?size$")
"""Those that say it where no other option does."""
_COPIES = re.compile(
    r"(^|_)(n|num|nb)_?(parallel_)?(envs?|games|actors|workers|agents|seeds|processes|mini_?batch(es)?)$|^(envs|actors|workers)$|"
    r"^(train_batches|update_batch_size|chunk_batch|master_batch_size)$|^preprocess\w*_batch_size$|"
    r"^(fake|interp\w*|summary)_batch_size$"
)
"""Names of how many copies work side by side, where what is given that as a batch holds a state for each; of how many
batches or parts of one there are, and of the part of one device; and of what is prepared at once before training."""
_PREPARING = frozenset({"map", "filter", "train_new_from_iterator", "encode", "predict", "evaluate", "generate",
    "zero_state", "get_initial_state"})  # fmt: skip
"""Calls of libraries whose batches are not of training."""
_TRIAL = re.compile(r"dummy|toy|(^|_)my_|(^|_)(vis|viz|visuali[sz]e|preview|render|display|check|sanity|tmp|temp)(_|$)")
"""What data are called that only show how something works, or what it has learned."""
_LESSER = re.compile(
    r"rollout|mini|small|tiny|toy|half|demo|example|temp|preview|plot|show|vis|mcts|search|encode_|(^|_)play|_run$"
)
"""What the name of a batch says that stands beside the one of training: a part of it, or one to look at."""
_TRAINERS = re.compile(
    r"(Arguments|Config|Trainer|TrainerParams|_trainer|PPO|DQN|A2C|SAC|TD3|DDPG|fit|fit_generator|train|training|Classifier|Regressor)$"
)
_KEYWORDS = ("per_device_train_batch_size", "train_batch_size", "batch_size", "batch", "per_gpu_train_batch_size", "bs")


def batch_sizes(program: Program) -> Iterator[Fact]:
    """The training batch: of loaders that are not for evaluation, of `fit` and trainers, else what goes by its name."""
    last = _last_training(program)
    aside = made_aside(program)
    own = [call for call in program.given("batch_size") if _is_own_loader(call)]
    bases = _bases_built(program)
    own += [call for _, call in bases.values() if call not in own]
    loaders = [
        call
        for call in in_order([program.named("batch", *LOADERS), own])
        if (call.order < last or _of_a_trainer(call, "DataModule", "LightningModule")) and id(call) not in aside
    ]
    loaders = [call for call in loaders if not _TRIAL.search(_kept_as(call))] or loaders
    loaders = [call for call in loaders if _draws(call)] or loaders  # `data.batch(10000)` only reads the files
    found = [fact for call in loaders for fact in _made_in_batches(call)]
    found = found or [fact for call in loaders for fact in _of_loader(call, bases)]
    found += [fact for call in program.named("fit") if found for fact in _of_trainer(call)]
    if not found:
        found = [fact for call in program.alike(_TRAINERS.search) for fact in _of_trainer(call)]
    if not any(fact.value for fact in found):
        options = ([*option_facts(program, "batch_size", names)] for names in (_OPTION, _PART))
        told = _main_first(_passed_by_name(program, last)) or next(filter(None, options), [])
        found = told or [*_spoken_of(program)] or [*drawn(program)][:1] or [*cut_off(program)][:1]
        found = found or [*_said_to_be(program)] or [*_kept(program)][:1]
    if found and all(fact.value == 1 and fact.how == "call argument" for fact in found):
        found = [*option_facts(program, "batch_size", _OPTION)] or found  # the data are batches already
    judged = _said_to_judge(program)
    judged |= {fact.place for fact in found if _for_judging(program, fact.place)}
    known = (fact for fact in found if isinstance(fact.value, int) and fact.value > 0 and fact.place not in judged)
    yield from of_training(program, known)


def _passed_by_name(program: Program, last: float) -> list[Fact]:
    """The numbers that calls are given as their batch by its name; not to judge, nor one example for its shape."""
    judging = written_to_judge(program)
    passed = [v for v in numbers_passed(program, BATCH, _PREPARING) if isinstance(v.value, int) and v.value > 0]
    given = [_whole(v) for v in passed]
    given += [call.keywords["B"] for call in program.given("B") if "loader" in call.name.casefold()]
    given = [v for v in given if not _COPIES.search(values.words_of(v.name)) and v.place not in judging]
    given = [v for v in given if BATCH.search(values.words_of(v.name))] or given  # not what stands in for one
    counts = program.option("batch_size") is not None
    given = [v for v in given if not (counts and v.name == "n_batch")]  # how many there are
    given = [v for v in given if v.place not in times_drawn(program)]
    given = _stated_parts(given) or [v for v in given if not _LESSER.search(v.name.lower())] or given
    several = len({v.number for v in given}) > 1
    elsewhere = _given_elsewhere(program, last) | only_kept(program) if several else set()
    given = [v for v in given if v.place not in elsewhere] or given
    given = [v for v in given if v.value != 1 or v.how != "call argument"] or given  # one example, for its shape
    shown = {id(node) for call in program.named("next") for node in walk(call.node)}  # next(batches(data, 4))
    given = [v for v in given if not (isinstance(v.origin, tuple) and id(v.origin[1]) in shown)] or given
    return [Fact("batch_size", v.number, v.place, v.how) for v in given if v.number]


def _kept_as(call: Call) -> str:
    """The name that data are kept under, or what goes round them for ever: `vis = cycle(DataLoader(data))`."""
    line = assignment_of(call) if not call.bound else None
    return values.words_of(call.bound or (last_name(line.targets[0]) if line is not None else ""))


def _whole(size: Resolved) -> Resolved:
    """Of half a batch, which is drawn twice, the batch: `half = int(batch_size / 2)`."""
    parts = values.leaves(size) if "half" in size.name.lower() else ()
    return next((leaf for leaf in parts if leaf.number and BATCH.search(values.words_of(leaf.name))), size)


def _stated_parts(given: list[Resolved]) -> list[Resolved]:
    """Of what a rollout holds, which is computed, and the part of it that every step takes, the part, where it is
    stated: `minibatch_size: 64` beside `batch_size = horizon * actors`; not how many parts there are, of which the
    batch is computed: `batch_size = horizon * actors / minibatches`."""
    others = [v for v in given if not _LESSER.search(v.name.lower())]
    counts = {(leaf.place, leaf.number) for each in others for leaf in values.leaves(each)}  # several stand in one line
    parts = [v for v in given if _PART.search(values.words_of(v.name)) and not v.how.startswith("computed")]
    parts = [v for v in parts if (v.place, v.number) not in counts]
    return parts if all(v.how.startswith("computed") for v in others) else []


def _draws(call: Call) -> bool:
    """`data.next_batch(100)` turn by turn, of a class of the user's too."""
    return call.name in ("next_batch", "next_minibatch") and call.loop is not None


def _said_to_judge(program: Program) -> set[Place]:
    """Where options state what their help says is of evaluation, and no other option takes that up; what `fit` is given
    is not for inference alone, whatever that is called."""
    stated: dict[bool, set[Place]] = {True: set(), False: set()}
    fitted = {size.place for call in program.named("fit") if (size := call.keywords.get("batch_size"))}
    for option in program.options:
        said = _SAMPLES.sub("", option.help or "")
        said = _INFERENCE.sub("", said) if option.value.place in fitted else said
        stated[is_evaluation(said)].add(option.value.place)
    return stated[True] - stated[False]


_SAMPLES = re.compile(r"\bsamples?\b", re.IGNORECASE)
"""What batches are said to be of, or to be: no sign of evaluation."""
_INFERENCE = re.compile(r"\binference\b", re.IGNORECASE)


def _given_elsewhere(program: Program, last: float) -> set[Place]:
    """Where numbers stand that cells and scripts give when all is trained, to look at it, or outside training to what
    training asks too: `x = draw(5000)` for a picture beside `x = draw(256)`; or that they give nowhere else before
    they put another in its place: `batch_size = 2` for an example, `batch_size = 32` for what trains."""
    trained = {id(loop) for loop in training_loops(program)}
    asked = {call.name for call in program.calls if id(call.loop) in trained}
    found: dict[bool, set[Place]] = {True: set(), False: set()}
    written: set[Place] = set()
    names = program.entry.scope.names if trained else {}  # without a loop, each may be fitted with before the next
    last_named = {name: value.place for name, value in names.items()}
    for call in program.calls:
        around = call.loop
        while around is not None and id(around) not in trained:
            around = around.outer
        outside = call.within is None and around is None
        shown = outside and (call.order > last or call.name in asked)
        parts = (inner for _, value in values.received(call) for inner in (value, *each_in(value)))
        numbers = [value for value in parts if value.number is not None]
        for value in numbers:
            found[shown or (outside and last_named.get(value.name, value.place) != value.place)].add(value.place)
        written.update(value.place for value in numbers if shown and value.how == "call argument")
    return (found[True] - found[False]) | written


def _of_a_trainer(call: Call, *kinds: str) -> bool:
    """Whether a method of an object stands around a call whose methods a trainer calls, in its own time."""
    return call.owner is not None and call.owner.cls.heir_of(*kinds)


def _for_judging(program: Program, place: Place) -> bool:
    """Whether a place stands in `eval_datasets = {split: load(split, batch_size=10_000) for split in ...}`."""
    several = (ast.DictComp, ast.ListComp, ast.Dict, ast.List)
    return any(
        is_evaluation(target.id) and (whole := module.place(node)).line <= place.line <= whole.end_line
        for module in program.modules
        if module.path == place.file
        for node in module.of(ast.Assign)
        if isinstance(node.value, several) and place.cell == module.place(node).cell
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def _last_training(program: Program) -> float:
    """The order of the last call that trains: a loader made after it feeds statistics, pictures or a test."""
    calls = [call for call in program.named(*_TRAINING) if not call.dotted.startswith("sklearn.")]
    fed = any("input_fn" in call.keywords for call in calls)  # what is called for its data while it trains
    return max((call.order for call in calls if not fed), default=float("inf"))


_TRAINING = ALWAYS | {
    "step", "fit", "train_step", "update", "apply_updates", "train", "run", "learn", "train_and_evaluate"
}  # fmt: skip
"""Names of calls that training makes; among them `env.step` and `sess.run`, which do no harm here."""


def _spoken_of(program: Program) -> Iterator[Fact]:
    """A number that the script calls its batch size at its top level, and that a function reads; of several, the one
    that is said to be of training."""
    found = {
        name: Fact("batch_size", value.number, value.place, value.how)
        for name, value in values.numbers_at_top(program)
        if any(name in module.names_read for module in program.modules)
        if (_OPTION.search(values.words_of(name)) or _PART.search(values.words_of(name)))
    }
    trained = [fact for name, fact in found.items() if "train" in name.lower()]
    yield from trained or found.values()


def _kept(program: Program) -> Iterator[Fact]:
    """A number that an object of the user's keeps as its batch size, and reads: `x[: self.batch_size]`."""
    held = (pair for each in program.instances for pair in each.attributes.items())
    for name, value in held:
        if value.integer and value.how == "assignment" and _OPTION.search(values.words_of(name)):
            spoken = (node for module in program.modules for node in module.of(ast.Attribute) if node.attr == name)
            if any(type(node.ctx) is ast.Load for node in spoken):
                yield Fact("batch_size", value.integer, value.place, value.how)


def _said_to_be(program: Program) -> Iterator[Fact]:
    """An option whose help says that it is the batch size: `--N_rand`, "batch size (rays of a step)"; not the batch
    size of something, nor what makes one."""
    for option in program.options:
        count = option.value.integer if _SAID.match(option.help or "") else None
        if count is not None and count > 1:
            yield Fact("batch_size", count, option.value.place, option.value.how)
            return


_SAID = re.compile(
    r"(the )?(training )?(mini-?)?batch[ -]?size( (for|in|during) training)?\s*($|[(,.;:])", re.IGNORECASE
)


def _main_first(found: list[Fact]) -> list[Fact]:
    """Of several numbers passed as a batch size, those that are configured, rather than written into a call."""
    stated = [fact for fact in found if not fact.how.startswith("computed")] or found
    written = ("call argument", "function default", "assignment")
    configured = [fact for fact in stated if not fact.how.startswith(written)]
    named = [fact for fact in stated if fact.how.startswith("assignment")]  # not `sample(5)`, to see what comes
    return configured or named[:1] or stated[:1]


def _is_own_loader(call: Call) -> bool:
    """Whether a class of the user's that derives from a library's loader is called."""
    return isinstance(call.target, Class) and call.target.heir_of(".DataLoader")


def _bases_built(program: Program) -> dict[int, tuple[Call, Call]]:
    """By the call (its id) that makes a loader of a class of the user's: how that builds its base, and the call."""
    built = (call for call in program.named("__init__") if call.dotted.endswith(".DataLoader.__init__"))
    return {id(call.owner.call): (call, call.owner.call) for call in built if call.owner is not None}


def _of_loader(call: Call, bases: dict[int, tuple[Call, Call]]) -> Iterator[Fact]:
    """What a loader, or data that are put together, is given as its batch, where that is not for judging."""
    own = _is_own_loader(call)
    rule: Sequence[Any] | None = ("batch_size", 1 if id(call) in bases else None)
    rule = rule if own else LOADERS.get(call.name)
    if rule is None and call.name == "batch" and call.receiver is not None and _is_data(call):
        rule = ("batch_size", 0)
    if rule is None or (call.target is not None and not own and not _draws(call)):
        return
    builder = bases.get(id(call), (call, call))[0]
    value = builder.argument(*rule) or call.keywords.get("bs")
    if value is None or value.how == "computed: sum":  # of parts that are put together again
        return
    if for_one_example(value) or for_evaluation(call) or is_evaluation(value.name):
        return
    if any(map(is_evaluation, _names_given(call, rule[0]))):
        return
    if not call.bound and is_evaluation(bound_to(call)):
        return
    for one in values.based_on(value, BATCH):
        repeated = STEP.search(values.words_of(one.name)) and not BATCH.search(values.words_of(one.name))
        if isinstance(one.value, int) and not is_evaluation(one.name) and not repeated:
            yield Fact("batch_size", one.value, one.place, one.how)


def _names_given(call: Call, keyword: str) -> frozenset[str]:
    """What an argument speaks of as it is written: `TEST` of `DataLoader(train, batch_size=cfg.TEST.IMAGES)`."""
    written = next((each.value for each in call.node.keywords if each.arg == keyword), None)
    return named_in(written) if written is not None else frozenset()


def _made_in_batches(call: Call) -> Iterator[Fact]:
    """`DataLoader(Sounds(files, batch_size=16), batch_size=1)`: the batch that data of the user's are made of, each of
    which the loader hands on alone: what they are given, or keep, by that name."""
    size, data = call.argument("batch_size", 1), call.argument("dataset", 0)
    alone = size is not None and size.value in (1, None)
    loading = call.name == "DataLoader" or _is_own_loader(call)
    if not loading or not alone or data is None or not isinstance(data.value, Instance):
        return
    for name, value in (*values.received(data.value.call), *data.value.attributes.items()):
        if any(_OPTION.search(values.words_of(each)) for each in (name.lstrip("_"), value.name)):
            for one in values.based_on(value, BATCH):
                if isinstance(one.value, int) and one.value > 1:
                    yield Fact("batch_size", one.value, one.place, one.how)


def for_one_example(value: Resolved) -> bool:
    """`batch_size=None`: no batches."""
    return value.value is None


def _is_data(call: Call) -> bool:
    return (
        bool(re.match(r"tensorflow|tensorflow_datasets|grain|tfds|\?|datasets", call.dotted))
        and len(call.positional) + len(call.keywords) > 0
    )


def _of_trainer(call: Call) -> Iterator[Fact]:
    if call.target is not None or not _TRAINERS.search(call.name):
        return
    for name in _KEYWORDS:
        if name in call.keywords:
            for one in values.based_on(call.keywords[name], BATCH):
                if isinstance(one.value, int) and not _COPIES.search(values.words_of(one.name)):
                    yield Fact("batch_size", one.value, one.place, one.how)
            return
