"""In what pieces a run trains: its batches."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.evidence import ALWAYS
from core.analysis.facts import Fact, Place
from core.analysis.filing import in_order
from core.analysis.nodes import below, unparse, walk
from core.analysis.program import Call, Class, ListValue, Made, Program, Resolved
from core.analysis.rules import values
from core.analysis.rules.bodies import code_of, last_name
from core.analysis.rules.duration import STEP
from core.analysis.rules.holding import held
from core.analysis.rules.loops import training_loops
from core.analysis.rules.view import view

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
    r"(^|_)(n|num|nb)_?(envs?|actors|workers|agents|seeds|processes|mini_?batch(es)?)$|^(envs|actors|workers)$|"
    r"^(train_batches|update_batch_size)$|^preprocess\w*_batch_size$"
)
"""Names of how many copies work side by side, where what is given that as a batch holds a state for each; of how many
batches there are; and of what is prepared at once before training."""
_PREPARING = frozenset({"map", "filter", "train_new_from_iterator", "encode", "predict", "evaluate", "generate",
    "zero_state", "get_initial_state"})  # fmt: skip
"""Calls of libraries whose batches are not of training."""
_TRIAL = re.compile(r"dummy|toy|(^|_)my_")
"""What data are called that only show how something works."""
_LESSER = re.compile(
    r"rollout|mini|small|tiny|toy|demo|example|temp|preview|plot|show|vis|mcts|search|encode_|(^|_)play|_run$"
)
"""What the name of a batch says that stands beside the one of training: a part of it, or one to look at."""
_LOADERS: dict[str, tuple[str, int | None]] = {
    **dict.fromkeys(("DataLoader", "auto_dataloader", "BucketIterator", "BasicIterator",
                     "BatchSampler", "make_csv_dataset", "TabDataLoader", "TfmdDL"),
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
    r"(Arguments|Config|Trainer|TrainerParams|_trainer|PPO|DQN|A2C|SAC|TD3|DDPG|fit|fit_generator|train|training|Classifier|Regressor)$"
)
_KEYWORDS = ("per_device_train_batch_size", "train_batch_size", "batch_size", "batch", "per_gpu_train_batch_size", "bs")


def batch_sizes(program: Program) -> Iterator[Fact]:
    """The training batch: of loaders that are not for evaluation, of `fit` and trainers, else what goes by its name."""
    last = _last_training(program)
    aside = (
        _looked_at(program)
        | _demonstrated(program)
        | _undone(program)
        | _drawn_to_judge(program)
        | _built_to_judge(program)
    )
    own = [call for call in program.given("batch_size") if _is_own_loader(call)]
    loaders = [
        call
        for call in in_order([program.named("batch", *_LOADERS), own])
        if (call.order < last or _of_a_trainer(call, "DataModule", "LightningModule")) and id(call) not in aside
    ]
    loaders = [call for call in loaders if not _TRIAL.search(call.bound.lower())] or loaders
    found = [fact for call in loaders for fact in _of_loader(call)]
    found += [fact for call in program.named("fit") if found for fact in _of_trainer(call)]
    if not found:
        found = [fact for call in program.alike(_TRAINERS.search) for fact in _of_trainer(call)]
    if not any(fact.value for fact in found):
        judging = _written_to_judge(program)
        given = [v for v in values.passed(program, BATCH, _PREPARING) if isinstance(v.value, int) and v.value > 0]
        given += [call.keywords["B"] for call in program.given("B") if "loader" in call.name.casefold()]
        given = [v for v in given if not _COPIES.search(values.words_of(v.name)) and v.place not in judging]
        given = [v for v in given if BATCH.search(values.words_of(v.name))] or given  # not what stands in for one
        counts = program.option("batch_size") is not None
        given = [v for v in given if not (counts and v.name == "n_batch")]  # how many there are
        given = [v for v in given if not _LESSER.search(v.name.lower())] or given
        elsewhere = _given_elsewhere(program, last) if len({v.number for v in given}) > 1 else set()
        given = [v for v in given if v.place not in elsewhere] or given
        given = [v for v in given if v.value != 1 or v.how != "call argument"] or given  # one example, for its shape
        shown = {id(node) for call in program.named("next") for node in walk(call.node)}  # next(batches(data, 4))
        given = [v for v in given if not (isinstance(v.origin, tuple) and id(v.origin[1]) in shown)] or given
        found = [Fact("batch_size", v.number, v.place, v.how) for v in given if v.number]
        options = ([*values.option_facts(program, "batch_size", names)] for names in (_OPTION, _PART))
        told = _main_first(found) or next(filter(None, options), [])
        found = told or [*_spoken_of(program)] or [*_drawn(program)][:1] or [*_cut_off(program)][:1]
    judged = _said_to_judge(program)
    judged |= {fact.place for fact in found if _for_judging(program, fact.place)}
    known = (fact for fact in found if isinstance(fact.value, int) and fact.value > 0 and fact.place not in judged)
    yield from values.of_training(program, known)


def _said_to_judge(program: Program) -> set[Place]:
    """Where options state what their help says is of evaluation, and no other option takes that up."""
    stated: dict[bool, set[Place]] = {True: set(), False: set()}
    for option in program.options:
        stated[values.is_evaluation(_SAMPLES.sub("", option.help or ""))].add(option.value.place)
    return stated[True] - stated[False]


_SAMPLES = re.compile(r"\bsamples?\b", re.IGNORECASE)
"""What batches are said to be of, or to be: no sign of evaluation."""


def _given_elsewhere(program: Program, last: float) -> set[Place]:
    """Where numbers stand that cells and scripts give when all is trained, to look at it, or outside training to what
    training asks too: `x = draw(5000)` for a picture beside `x = draw(256)`."""
    trained = {id(loop) for loop in training_loops(program)}
    asked = {call.name for call in program.calls if id(call.loop) in trained}
    found: dict[bool, set[Place]] = {True: set(), False: set()}
    written: set[Place] = set()
    for call in program.calls:
        around = call.loop
        while around is not None and id(around) not in trained:
            around = around.outer
        shown = call.within is None and around is None and (call.order > last or call.name in asked)
        parts = (inner for _, value in values.received(call) for inner in (value, *values.items(value)))
        numbers = [value for value in parts if value.number is not None]
        found[shown].update(value.place for value in numbers)
        written.update(value.place for value in numbers if shown and value.how == "call argument")
    return (found[True] - found[False]) | written


def _of_a_trainer(call: Call, *kinds: str) -> bool:
    """Whether a method of an object stands around a call whose methods a trainer calls, in its own time."""
    return call.owner is not None and call.owner.cls.heir_of(*kinds)


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
    found = {
        id(made)
        for call in program.named("unbatch")
        for made in _batched(call.receiver.value if call.receiver else None)[:1]
    }
    batching = program.named("batch", "flow")
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


def _batched(data: object) -> list[Call]:
    """The calls of `batch` that data went through, the last first."""
    found: list[Call] = []
    while isinstance(data, Made):
        found += [data.call] if data.call.name == "batch" else []
        data = data.call.receiver.value if data.call.receiver is not None else None
    return found


def _demonstrated(program: Program) -> set[int]:
    """The calls (by id) of `batch` whose data no `fit` is handed, where the same line batches those that one is: a
    helper that was called with a small size before, to see what comes."""
    given = (value for call in program.named("fit") for value in (*call.positional, *call.keywords.values()))
    handed = [call for value in given for one in held(value, 1) for call in _batched(one)]
    lines, kept = {id(call.node) for call in handed}, {id(call) for call in handed}
    return {id(call) for call in program.named("batch") if id(call.node) in lines and id(call) not in kept}


def _drawn_to_judge(program: Program) -> set[int]:
    """The calls (by id) of `data.test.next_batch(n)`, and those by the way of data that loops of training draw too."""
    drawing = program.named("next_batch", "next_minibatch")
    trained = {id(loop) for loop in training_loops(program)} if len(drawing) > 1 else set()
    shown = {id(call) for call in drawing if call.loop is None and call.within is None}
    holders = ((call, getattr(getattr(call.node, "func", None), "value", None)) for call in drawing)
    judging = {id(call) for call, holder in holders if holder is not None and values.is_evaluation(unparse(holder))}
    return judging | (shown if any(id(call.loop) in trained for call in drawing) else set())


def _built_to_judge(program: Program) -> set[int]:
    """The calls (by id) in functions that are handed evaluation data: `batches_of(test_data, size=4)`."""
    callers = view(program).callers
    found: set[int] = set()
    for call in program.named("batch", *_LOADERS):
        calling = callers.get(id(call.within.node), []) if call.within is not None else []
        before = [other for other in calling if other.order < call.order]
        name = _bound_to(before[-1]) if before else ""
        judged = values.is_evaluation(name) or name.endswith("_eval") or (before and values.for_evaluation(before[-1]))
        found |= {id(call)} if judged else set()
    return found


def _written_to_judge(program: Program) -> set[Place]:
    """Where numbers stand in the calls that make loaders of evaluation: no other loader's says what batch trains."""
    calls = (call for call in program.named(*_LOADERS) if values.for_evaluation(call))
    given = (call.argument(*_LOADERS[call.name]) for call in calls)
    return {value.place for value in given if value is not None and value.how == "call argument"}


def _bound_to(call: Call) -> str:
    """The name that the statement of a call gives its result, or what methods make of it: `data.batch(1).map(f)`."""
    lines = (line for line in call.module.of(ast.Assign) if any(node is call.node for node in _chain(line.value)))
    return next((last_name(line.targets[0]) for line in lines), "")


def _chain(node: ast.expr) -> Iterator[ast.expr]:
    """A call, and those before it on whose results it is called."""
    while isinstance(node, ast.Call):
        yield node
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func


def _cuts_windows(call: Call) -> bool:
    """`window.batch(sequence_length)`: what is put together is one sequence, not a batch."""
    words = [values.words_of(leaf.name) for given in call.positional[:1] for leaf in (given, *values.leaves(given))]
    return any(re.search(r"(^|_)(seq(uence)?|window|context|lookback)(_|$)", name) for name in words)


def _looked_at(program: Program) -> set[int]:
    """The calls (by id) that make loaders whose every loop trains nothing, or of which only `next(iter(loader))` is
    taken, where other loaders' loops do train."""
    trained = {id(loop) for loop in training_loops(program)}
    taken = [(id(loop) in trained, loop.over) for loop in program.loops if loop.over is not None]
    for call in program.named("next"):
        asked = [*call.positional[:1], *([call.receiver] if call.receiver is not None else [])]
        taken += [(call.loop is not None and id(call.loop) in trained, value) for value in asked]
    inside: dict[bool, set[int]] = {True: set(), False: set()}
    for trains, over in taken:
        made = [one.call for one in held(over, 2) if isinstance(one, Made)]
        inside[trains].update(id(call) for call in made if call.name in _LOADERS or call.name == "batch")
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
        if name in read and (_OPTION.search(values.words_of(name)) or _PART.search(values.words_of(name)))
    }
    trained = [fact for name, fact in found.items() if "train" in name.lower()]
    yield from trained or found.values()


_MADE = dict.fromkeys(("make_moons", "make_circles", "make_swiss_roll", "make_s_curve"), ("n_samples", 0))
"""Calls that make as many points as they are told."""
_DRAWS = {"randint": ("size", 2), "integers": ("size", 2), "choice": ("size", 1), "sample": ("k", 1), **_MADE}
"""Calls that draw at random, with where they are told how many."""


def _drawn(program: Program) -> Iterator[Fact]:
    """How many places of the data each turn of training draws: `at = randint(0, len(x), 16)`, then `x[at]`."""
    trained = {id(loop) for loop in training_loops(program)}
    for call in program.named(*_DRAWS):
        size = call.argument(*_DRAWS[call.name])
        size = size if size is not None else next((v for v in call.positional if isinstance(v.value, ListValue)), None)
        told = next(iter(values.items(size)), None)
        count = told.integer if told is not None else None
        if told is not None and count and count > 1 and id(call.loop) in trained and _picks(call):
            yield Fact("batch_size", count, told.place, told.how)


def _cut_off(program: Program) -> Iterator[Fact]:
    """How long the pieces are that training takes one after the other: `for i in range(0, len(x), 64): x[i : i + 64]`,
    also `for start, end in zip(range(0, n, 64), range(64, n, 64))`."""
    for loop in training_loops(program):
        starts = {
            getattr(part, "id", "")
            for node in below(loop.node, ast.Subscript)
            if isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load)
            for part in (node.slice.lower,)
        }
        over = loop.over.value if loop.over is not None and starts & set(loop.targets) else None
        ranges = [over, *(value.value for value in over.call.positional)] if isinstance(over, Made) else []
        for each in ranges:
            counted = (
                isinstance(each, Made) and each.call.name in ("range", "arange") and len(each.call.positional) == 3
            )
            step = each.call.positional[2] if isinstance(each, Made) and counted else None
            if step is not None and step.integer is not None and step.integer > 1:
                yield Fact("batch_size", step.integer, step.place, step.how)


def _picks(call: Call) -> bool:
    """Whether what a library's call draws is, or becomes, what data are taken by."""
    if call.dotted == "random.sample" or call.name in _MADE:
        return True
    home = code_of(call.within.node if call.within is not None else call.module.tree)
    taken = (node.slice for node in home.of(ast.Subscript) if isinstance(node.ctx, ast.Load))
    return call.target is None and any(
        node is call.node or (call.bound and getattr(node, "id", "") == call.bound)
        for part in taken
        for node in walk(part)
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


def _of_loader(call: Call) -> Iterator[Fact]:
    own = _is_own_loader(call)
    rule = ("batch_size", None) if own else _LOADERS.get(call.name)
    if rule is None and call.name == "batch" and call.receiver is not None and _is_data(call):
        rule = ("batch_size", 0)
    if rule is None or (call.target is not None and not own):
        return
    value = call.argument(*rule) or call.keywords.get("bs")
    if value is None or for_one_example(value) or values.for_evaluation(call) or values.is_evaluation(value.name):
        return
    if not call.bound and values.is_evaluation(_bound_to(call)):
        return
    for one in values.based_on(value, BATCH):
        repeated = STEP.search(values.words_of(one.name)) and not BATCH.search(values.words_of(one.name))
        if isinstance(one.value, int) and not values.is_evaluation(one.name) and not repeated:
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
