"""How long and in what pieces a run trains: batch size, epochs, steps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.evidence import ALWAYS
from core.analysis.facts import Fact, Place
from core.analysis.filing import in_order
from core.analysis.nodes import unparse, walk
from core.analysis.program import Call, Instance, Loop, Made, Program, Resolved
from core.analysis.rules import values
from core.analysis.rules.bodies import last_name
from core.analysis.rules.view import held

BATCH = re.compile(
    r"(^|_)(batch_?size|bs|bsz|batchsize|batch_sz|mini_?batch_?size|mb_?size|batch)(_?per_(?!epoch)\w+)?(_?train|_tr)?$|^train_batch|^n_batch$|batch_size$"
)
_OPTION = re.compile(
    r"^samples_per_gpu$|^((train|global|total|per_(device|gpu)_train|mini)_?)?(batch_?size|batch|bs|bsz)$|^mb_?size$"
)
"""Names of options that say the batch size even where nobody sees them used; `max_batch_size` is a capacity."""
_COPIES = re.compile(r"(^|_)(n|num|nb)_?(envs?|actors|workers|agents|seeds|processes)$|^(envs|actors|workers)$")
"""Names of how many copies work side by side: what is given that as a batch holds a state for each."""
_PREPARING = frozenset({"map", "filter", "train_new_from_iterator", "encode", "predict", "evaluate", "generate"})
"""Calls of libraries whose batches are not of training."""
_LESSER = re.compile(r"mini|small|tiny|toy|demo|example")
"""What the name of a batch says that stands beside the one of training: a part of it, or one to look at."""
EPOCH = re.compile(r"epoch")
STEP = re.compile(
    r"(^|_)(n_?)?(step|iter|itr|iteration|update|timestep|frame|episode)s?($|_)|^it$|^max_iter|train_(steps|ops)|^niter|total_timesteps"
)
_LOADERS: dict[str, tuple[str, int | None]] = {
    **dict.fromkeys(("DataLoader", "auto_dataloader", "BucketIterator", "BatchSampler", "make_csv_dataset"),
                    ("batch_size", 1)),
    **dict.fromkeys(("from_csv", "from_folder", "dataloaders", "ImageDataLoaders"), ("bs", None)),
    **dict.fromkeys(
        ("image_dataset_from_directory", "text_dataset_from_directory", "timeseries_dataset_from_array",
         "to_tf_dataset", "prepare_tf_dataset", "flow_from_directory", "flow_from_dataframe", "NeighborLoader",
         "load_iter", "ImageRecordIter", "PaddedBatchSampler"), ("batch_size", None)),
    "flow": ("batch_size", 2),
    **dict.fromkeys(("next_batch", "next_minibatch"), ("batch_size", 0)),
    **dict.fromkeys(
        ("make_flat_buffer", "make_item_buffer", "make_prioritised_flat_buffer", "as_dataset"),
        ("sample_batch_size", None)),
}  # fmt: skip
_TRAINERS = re.compile(
    r"(Arguments|Config|Trainer|PPO|DQN|A2C|SAC|TD3|DDPG|fit|fit_generator|train|Classifier|Regressor)$"
)
_KEYWORDS = ("per_device_train_batch_size", "train_batch_size", "batch_size", "batch", "per_gpu_train_batch_size", "bs")


def batch_sizes(program: Program) -> Iterator[Fact]:
    """The training batch: of loaders that are not for evaluation, of `fit` and trainers, else what goes by its name."""
    last = _last_training(program)
    aside = _looked_at(program) | _undone(program)
    loaders = [call for call in program.calls if call.order < last and id(call) not in aside]
    found = [fact for call in loaders for fact in _of_loader(call)]
    if not found:
        found = [fact for call in program.calls for fact in _of_trainer(call)]
    if not any(fact.value for fact in found):
        given = [v for v in values.passed(program, BATCH, _PREPARING) if isinstance(v.value, int) and v.value > 0]
        given = [v for v in given if not _COPIES.search(values.words_of(v.name))]
        given = [v for v in given if not _LESSER.search(v.name.lower())] or given
        found = [Fact("batch_size", v.number, v.place, v.how or "call argument") for v in given]
        found = (
            _main_first(found) or list(values.option_facts(program, "batch_size", _OPTION)) or list(_spoken_of(program))
        )
    judged = {option.value.place for option in program.options if values.is_evaluation(option.help)}
    judged |= {fact.place for fact in found if _for_judging(program, fact.place)}
    yield from (fact for fact in found if isinstance(fact.value, int) and fact.value > 0 and fact.place not in judged)


def _for_judging(program: Program, place: Place) -> bool:
    """Whether a place stands in `eval_datasets = {split: load(split, batch_size=10_000) for split in ...}`."""
    several = (ast.DictComp, ast.ListComp, ast.Dict, ast.List)
    return any(
        values.is_evaluation(target.id) and (whole := module.place(node)).line <= place.line <= whole.end_line
        for module in program.modules
        if module.path == place.file
        for node in module.of(ast.Assign)
        if isinstance(node.value, several) and place.cell == module.place(node).cell
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def _undone(program: Program) -> set[int]:
    """The calls (by id) that make batches to work on many at once, and that take them apart again; and those in the
    head of a loop over a few of them."""
    found: set[int] = set()
    for call in program.named("unbatch"):
        made = call.receiver.value if call.receiver is not None else None
        while isinstance(made, Made) and made.call.name != "batch":
            made = made.call.receiver.value if made.call.receiver is not None else None
        found.update([id(made.call)] if isinstance(made, Made) else [])
    heads = [loop.node.iter for loop in program.loops if not isinstance(loop.node, ast.While)]
    few = {id(node) for head in heads if ".take(" in unparse(head) for node in walk(head)}
    return found | {id(call) for call in program.named("batch") if id(call.node) in few}


def _looked_at(program: Program) -> set[int]:
    """The calls (by id) that make loaders whose every loop trains nothing, where other loaders' loops do train."""
    trained = {id(loop) for loop in training_loops(program)}
    inside: dict[bool, set[int]] = {True: set(), False: set()}
    for loop in program.loops:
        made = [one.call for one in held(loop.over, 2) if isinstance(one, Made)] if loop.over is not None else []
        inside[id(loop) in trained].update(id(call) for call in made if call.name in _LOADERS or call.name == "batch")
    return inside[False] - inside[True] if inside[True] else set()


def _last_training(program: Program) -> float:
    """The order of the last call that trains: a loader made after it feeds statistics, pictures or a test."""
    orders = [call.order for call in program.named(*_TRAINING) if not call.dotted.startswith("sklearn.")]
    return max(orders, default=float("inf"))


_TRAINING = ALWAYS | {"step", "fit", "train_step", "update", "apply_updates", "train", "run", "learn"}
"""Names of calls that training makes; among them `env.step` and `sess.run`, which do no harm here."""


def _spoken_of(program: Program) -> Iterator[Fact]:
    """A number that the script calls its batch size at its top level, and that a function reads; of several, the one
    that is said to be of training."""
    read = {node.id for module in program.modules for node in module.of(ast.Name) if isinstance(node.ctx, ast.Load)}
    found = {
        name: Fact("batch_size", value.number, value.place, value.how)
        for name, value in program.entry.scope.names.items()
        if value.number is not None and value.how.startswith(("assignment", "module constant")) and not value.parts
        if name in read and _OPTION.search(values.words_of(name))
    }
    trained = [fact for name, fact in found.items() if "train" in name.lower()]
    yield from trained or found.values()


def _main_first(found: list[Fact]) -> list[Fact]:
    """Of several numbers passed as a batch size, those that are configured, rather than written into a call."""
    stated = [fact for fact in found if not fact.how.startswith("computed")] or found
    written = ("call argument", "function default", "assignment")
    configured = [fact for fact in stated if not fact.how.startswith(written)]
    return configured or stated[:1]


def _of_loader(call: Call) -> Iterator[Fact]:
    rule = _LOADERS.get(call.name)
    if rule is None and call.name == "batch" and call.receiver is not None and _is_data(call):
        rule = ("batch_size", 0)
    if rule is None or call.target is not None:
        return
    value = call.argument(*rule)
    if value is None or for_one_example(value) or values.for_evaluation(call) or values.is_evaluation(value.name):
        return
    for one in values.based_on(value, BATCH):
        repeated = STEP.search(values.words_of(one.name)) and not BATCH.search(values.words_of(one.name))
        if isinstance(one.value, int) and not values.is_evaluation(one.name) and not repeated:
            yield Fact("batch_size", one.value, one.place, one.how or "call argument")


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
                if isinstance(one.value, int):
                    yield Fact("batch_size", one.value, one.place, one.how or "call argument")
            return


# -- epochs and steps


def epochs(program: Program) -> Iterator[Fact]:
    """How often the training loop goes over the data: the bound of the loop counted in epochs, or a trainer's."""
    found = [fact for loop in training_loops(program) for fact in _epochs_of(loop)]
    told = in_order([program.given(*_EPOCHS_TOLD), program.named("fit_one_cycle", "fine_tune")])
    told = [call for call in told if not _within_epochs(call)]
    found += [fact for call in told if not _READERS.search(call.name) for fact in _epochs_told(call)]
    found = found or [fact for call in told for fact in _epochs_told(call)]
    if not found and not any(fact for loop in training_loops(program) for fact in _steps_of(loop)):
        found += values.option_facts(program, "epochs", re.compile(r"^((n|num|nb|max|train|total)_?)?epochs?$"))
    yield from (fact for fact in found if isinstance(fact.value, (int, float)) and fact.value > 0)


def steps(program: Program) -> Iterator[Fact]:
    """How many steps are trained: the outermost training loop counted in steps, a trainer's number, else an option."""
    loops = training_loops(program)
    by_epoch = any(fact for loop in loops for fact in _epochs_of(loop))
    inner = {id(loop) for loop in loops if loop.outer is not None and any(loop.outer is other for other in loops)}
    found = [fact for loop in loops if id(loop) not in inner and not by_epoch for fact in _steps_of(loop)]
    told = in_order([program.given("steps", *_STEPS_TOLD), program.named("learn")])
    found += [fact for call in told for fact in _steps_told(call)]
    if not found and not by_epoch:
        found += values.option_facts(program, "steps", _STEPS_OPTION)
    yield from found


_STEPS_OPTION = re.compile(r"^(max|total|num_train|train)_(iters|steps|iterations)$")
_STEPS_TOLD = ("max_steps", "total_timesteps", "num_training_steps", "total_steps", "train_steps")


def _steps_told(call: Call) -> Iterator[Fact]:
    """`TrainingArguments(max_steps=...)`, `model.learn(100_000)`, `estimator.train(input, steps=...)`."""
    if call.target is not None or re.search(r"schedul|LR$|Lambda|\.(partial|make)$", call.dotted):
        return
    for name in ("steps", *_STEPS_TOLD) if call.name == "train" else _STEPS_TOLD:
        yield from values.number_fact("steps", call.keywords.get(name))
    if call.name == "learn" and call.positional:
        yield from values.number_fact("steps", call.positional[0])


def training_loops(program: Program) -> list[Loop]:
    """The loops inside which gradients are taken or steps made, in order; steps in a world only where nothing else
    is."""
    training = [call for call in program.calls if call.name in _LOOPED]
    training = [call for call in training if not _plays(call)] or training
    found: dict[int, Loop] = {}
    for call in training:
        loop = call.loop
        while loop is not None:
            found.setdefault(id(loop), loop)
            loop = loop.outer
    trained = any(EPOCH.search(" ".join(loop.targets).lower()) for loop in found.values())
    for loop in program.loops if not trained else ():
        if id(loop) not in found and EPOCH.search(" ".join(loop.targets).lower()) and not _is_plotting(loop):
            found[id(loop)] = loop
    return sorted(found.values(), key=lambda loop: loop.order)


_LOOPED = ALWAYS | {"step", "run", "fit", "train_step", "update", "grad", "train", "apply_updates"}


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
    words = {getattr(n, "attr", getattr(n, "id", "")) for n in walk(loop.node)}
    return bool(words & {"plot", "imshow", "scatter"}) and not words & {"backward", "step", "run", "train", "fit"}


_WRAPPERS = ("zip", "enumerate", "tqdm", "islice", "track", "progress_bar", "master_bar", "alive_it")


def _counted(loop: Loop) -> list[Resolved]:
    """The bounds of a loop's range: (stop), (start, stop) or the limit of a `while`."""
    if loop.until is not None:
        return [loop.until]
    made = loop.over.value if loop.over is not None else None
    if isinstance(made, Instance):  # `for epoch in Progress(epochs=10)`, an object of the user's
        given = (*made.call.positional, *made.call.keywords.values())
        return [value for value in given if _counts_epochs(value.name.lower())][:1]
    if isinstance(made, Made) and made.call.name in _WRAPPERS:
        inner = (value.value for value in (*made.call.positional, *made.call.keywords.values()))
        made = next(
            (value for value in inner if isinstance(value, Made) and value.call.name.endswith(("range", "take"))), None
        )
    if isinstance(made, Made) and made.call.name == "take":
        return list(made.call.positional[:1])
    if isinstance(made, Made) and made.call.name in ("range", "xrange", "trange", "arange", "count", "prange"):
        return list(made.call.positional[:2])
    if isinstance(made, Made) and made.call.dotted in ("labml.monit.loop", "labml.experiment.loop"):
        return list(made.call.positional[:1])
    return []


def _epochs_of(loop: Loop) -> Iterator[Fact]:
    bounds = _counted(loop)
    if not bounds:
        return
    stop = bounds[-1]
    if _is_inner(loop, stop):
        return
    named = [leaf for leaf in values.leaves(stop) if leaf.number is not None and _counts_epochs(leaf.name.lower())]
    counted = any(EPOCH.search(name.lower()) for name in loop.targets) or (
        isinstance(loop.node, ast.While) and "epoch" in ast.dump(loop.node.test)[:300]
    )
    if named and (stop.parts or named[0] is stop):
        yield Fact("epochs", named[0].number, named[0].place, named[0].how or "call argument")
    elif counted and stop.number is not None:
        yield _length(loop, "epochs", bounds)


def _counts_epochs(name: str) -> bool:
    return "epoch" in name and not re.search(r"(per|on|in|each)_epoch|start|warm|steps", name)


def _is_inner(loop: Loop, stop: Resolved) -> bool:
    """Whether epochs are counted within each of many steps: over one rollout, as PPO does."""
    if re.search(
        r"(update|ppo|inner|opt|k|policy|critic|actor|sgd|aux)_?(n_)?epochs?$|^e_|_per_", values.words_of(stop.name)
    ):
        return True
    outer = loop.outer
    while outer is not None:
        names = " ".join((*outer.targets, *(bound.name for bound in _counted(outer)[-1:])))
        if any(STEP.search(values.words_of(name)) for name in names.split()) or outer.until is not None:
            return True
        outer = outer.outer
    return False


def _length(loop: Loop, field: str, bounds: list[Resolved]) -> Fact:
    """Turns of a range: the stop where it starts at 0, else the difference."""
    stop = bounds[-1]
    first = bounds[0].number if len(bounds) == 2 else 0
    if not first or stop.number is None or isinstance(stop.number, float):
        return Fact(field, stop.number, stop.place, stop.how or "call argument")
    stated = next((leaf for leaf in values.leaves(stop) if leaf.number == stop.number - first and leaf.name), None)
    if stated is not None:
        return Fact(field, stated.number, stated.place, stated.how)
    return Fact(field, stop.number - int(first), loop.place, f"computed: {stop.number} - {first}")


def _within_episodes(call: Call) -> bool:
    """Whether a call stands in a loop over episodes or updates: each fits the little that it collected."""
    loop = call.loop
    while loop is not None:
        names = (*loop.targets, *(bound.name for bound in _counted(loop)[-1:]))
        if any(re.search(r"episode|update|timestep|rollout", values.words_of(name)) for name in names):
            return True
        loop = loop.outer
    return False


def _within_epochs(call: Call) -> bool:
    """Whether a call stands in a loop over epochs, each of which is told to last one: `fit(..., epochs=1)`."""
    loop = call.loop
    while loop is not None:
        if next(_epochs_of(loop), None) is not None:
            return True
        loop = loop.outer
    return False


_READERS = re.compile(r"dataset|sampler|loader|input_fn|producer", re.IGNORECASE)
"""Names of calls that read data: how often these repeat it says how long training is only where nothing else does."""
_EPOCHS_TOLD = (
    "epochs", "max_epochs", "num_train_epochs", "nb_epoch", "n_epochs", "num_epochs", "num_epoch", "maxepoch",
    "max_epoch",
)  # fmt: skip


def _epochs_told(call: Call) -> Iterator[Fact]:
    """`fit(epochs=...)`, `Trainer(max_epochs=...)`, `TrainingArguments(num_train_epochs=...)`, `fit_one_cycle(5)`."""
    if call.target is not None and not isinstance(call.receiver and call.receiver.value, Instance):
        return
    if call.target is None and not _of_an_evaluator(call) and not _within_episodes(call):
        for name in _EPOCHS_TOLD:
            if name in call.keywords and not re.search(r"Lambda|scheduler|LR$|warm", call.dotted):
                for one in values.based_on(call.keywords[name], EPOCH):
                    yield Fact("epochs", one.number, one.place, one.how or "call argument")
                return
        if call.name in ("fit_one_cycle", "fine_tune") and call.positional:
            yield from values.number_fact("epochs", call.positional[0])


def _of_an_evaluator(call: Call) -> bool:
    """`evaluator.run(loader, max_epochs=1)`."""
    func = getattr(call.node, "func", None)
    return isinstance(func, ast.Attribute) and values.is_evaluation(last_name(func.value))


def _steps_of(loop: Loop) -> Iterator[Fact]:
    bounds = _counted(loop)
    if not bounds:
        return
    stop = bounds[-1]
    counted = any(STEP.search(values.words_of(name)) for name in loop.targets)
    named = [
        leaf for leaf in values.leaves(stop) if leaf.number is not None and STEP.search(values.words_of(leaf.name))
    ]
    named = [leaf for leaf in named if re.search(r"total|max|train", values.words_of(leaf.name))] or named
    if named:
        yield Fact("steps", named[0].number, named[0].place, named[0].how or "call argument")
    elif counted and stop.number is not None:
        yield _length(loop, "steps", bounds)
