"""What the rules of training share: making facts of values, telling training from evaluation, finding base values."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from core.analysis.evidence import ALWAYS, is_weak
from core.analysis.facts import Fact, Place
from core.analysis.nodes import kept, unparse
from core.analysis.program import (
    Call,
    Class,
    DictValue,
    Function,
    Instance,
    ListValue,
    Made,
    Program,
    Resolved,
    each_in,
)
from core.analysis.readmes import is_readme
from core.analysis.rules.bodies import code_of
from core.analysis.source import Source

_EVALUATION = re.compile(
    r"(^|_|\b)(test|tst|(?<!default_)(?<!init_)(?<!min_)(?<!max_)val|valid|validate|validation|eval|evaluate|evaluation|dev|infer|inference|predict|sample(?!_(?:data|batch)$)|query)(_|\b|$|ing|loader|set|data|ds)"
    r"|(evaluator|validator|tester|predictor|inferencer)$|_te$|(^|_)generat(e|ion)_(data|ds|set|loader)"
)
_TRAINING = re.compile(r"(^|_|\b)(train|updating\b)")


@cache
def words_of(name: str) -> str:
    """A name in small letters with its words apart: `valLoader`, `TEST_BATCH` -> `val_loader`, `test_batch`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@cache
def is_evaluation(name: str) -> bool:
    """Whether a name speaks of evaluation and not of training."""
    words = words_of(name)
    return bool(_EVALUATION.search(words)) and not _TRAINING.search(words)


def number_fact(field: str, value: Resolved | None, positive: bool = True) -> Iterator[Fact]:
    """The fact of a number, with its place; nothing where it is unknown or none."""
    if value is not None and value.number is not None and (value.number > 0 or not positive):
        yield Fact(field, value.number, value.place, value.how)


def numbers(field: str, value: Resolved | None) -> Iterator[Fact]:
    """The facts of a number and of the further ones that it may be."""
    for one in value.all() if value is not None else ():
        yield from number_fact(field, one)


def numbers_at_top(program: Program) -> list[tuple[str, Resolved]]:
    """The plain numbers to which the top level of a script gives names: `batch_size = 32`."""
    named = [pair for pair in program.entry.scope.names.items() if pair[1].number is not None and not pair[1].parts]
    return [pair for pair in named if pair[1].how.startswith(("assignment", "module constant"))]


def leaves(value: Resolved, depth: int = 6) -> Iterator[Resolved]:
    """What a value was computed from, in the end; a named one of plain numbers (`1024 * 8`) is its own."""
    found = [leaf for part in value.parts for leaf in leaves(part, depth - 1)] if depth else []
    plain = value.name and value.number is not None and not any(leaf.name for leaf in found)
    yield from [value] if plain else found or [value]


def based_on(value: Resolved | None, names: re.Pattern[str]) -> Iterator[Resolved]:
    """The configured numbers behind a value: itself, or the part of the sum that goes by such a name."""
    for one in value.all() if value is not None else ():
        if one.parts:
            named = [leaf for leaf in leaves(one) if leaf.number is not None and names.search(words_of(leaf.name))]
            if named:  # of `warmup_epochs + epochs` the epochs
                yield next((leaf for leaf in named if "warm" not in leaf.name.lower()), named[0])
                continue
        if one.number is not None:
            yield one
        elif one.parts and (stated := _for_each_device(one)) is not None:
            yield stated


def _for_each_device(value: Resolved) -> Resolved | None:
    """The number in `128 * torch.cuda.device_count()`: what is said for each device."""
    known = [leaf for leaf in leaves(value) if leaf.number is not None]
    counted = all(re.search(DEVICES, leaf.dotted or _written(leaf)) for leaf in leaves(value) if leaf.number is None)
    return known[0] if len(known) == 1 and counted else None


def _written(value: Resolved) -> str:
    """What the code says where a value is unknown: `strategy.num_replicas_in_sync`."""
    return "" if isinstance(value.origin, Place) else unparse(value.origin[1])


DEVICES = r"(device_count|local_device_count|num_replicas_in_sync|get_world_size|num_processes|num_gpus)(\.|$)"
"""Ends of the names of what counts devices."""


def arguments(call: Call) -> Iterator[tuple[str, Resolved]]:
    """All arguments with their names; positional ones by the name of the value."""
    for value in call.positional:
        yield value.name, value
    yield from call.keywords.items()


def for_evaluation(call: Call) -> bool:
    """Whether a call makes something for evaluation: by the name it gets, the function it stands in, its data."""
    if (said := _says(call)) is not None:
        return said
    if call.within is not None and _only_judges(call.within):
        return True
    data = [value for value in (call.keywords.get("dataset"), call.receiver) if value is not None]
    return any(_evaluated(value) for value in (*call.positional[:1], *data))


def _only_judges(function: Function) -> bool:
    """Whether a function is called after judging and does no more; one that is called a test may train
    (`def test_mnist()`), and one that alone in its file takes steps (`def evaluate()`, which a probe beside training
    does not)."""
    if not is_evaluation(function.name):
        return False
    calls = code_of(function.node).calls
    signs = ALWAYS & calls.keys()
    if not signs or (is_weak([*signs]) and "step" not in calls):  # an attack takes gradients too
        return True
    return not function.name.startswith("test_") and not _steps_alone(function)


def _steps_alone(function: Function) -> bool:
    """Whether no other code of a function's file takes the steps of training."""
    tree = function.scope.module.tree
    stepping = kept(
        tree, "_stepping", lambda: [call.lineno for call in function.scope.module.of(ast.Call) if _steps(call)]
    )
    last = function.node.end_lineno or 0
    return all(function.node.lineno <= line <= last for line in stepping)


def _steps(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and (call.func.attr in ALWAYS or call.func.attr == "step")


def switched_to_judge(call: Call) -> bool:
    """Whether a call is told by a switch to make data to judge by: `load(batch_size=3, is_testing=True)`."""
    return any(name in _OF_JUDGING and value.value is True for name, value in call.keywords.items())


def _says(call: Call) -> bool | None:
    """What a call itself says: by the name it gets, by `train=False`, by its split; None where it does not say."""
    if call.bound and (is_evaluation(call.bound) or _TRAINING.search(words_of(call.bound))):
        return is_evaluation(call.bound)
    for name, value in arguments(call):
        if isinstance(value.value, bool) and (name in _OF_TRAINING or name in _OF_JUDGING):
            return value.value is (name in _OF_JUDGING)
        if isinstance(value.value, str):
            text = words_of(value.value.split("[")[0])
            told = name in _SPLITS and (is_evaluation(text) or _TRAINING.search(text))
            if told or (_SPLIT.fullmatch(text) and not _TITLE.search(name)):
                return is_evaluation(text)
    return None


_SPLITS = frozenset({"split", "phase", "mode", "subset", "partition", ""})
_SPLIT = re.compile(r"train(ing)?|test|val(id(ation)?)?|dev")
"""What a part of the data is called, whatever asks for it: `Reviews(type_path="val")`."""
_TITLE = re.compile(r"name|run|log|(^|_)(tags?|project|exp\w*|env|profile|host)(_|$)")
"""What only says what something is to be called, or where it runs."""


_OF_TRAINING = frozenset({"train", "is_train", "is_training", "training"})
_OF_JUDGING = frozenset({"is_test", "is_testing", "is_eval", "is_evaluation", "is_val", "is_valid", "is_validation"})
"""Switches of what makes data that say whether they are to train on, or to judge by."""


def _evaluated(value: Resolved, depth: int = 6) -> bool:
    """Whether data are evaluation data: named so, or made with `train=False`."""
    inner = value.value
    if value.name and is_evaluation(value.name) and not isinstance(inner, bool):
        return True
    if not depth or not isinstance(inner, (Made, Instance)):
        return False
    call = inner.call
    if isinstance(inner, Instance) and is_evaluation(inner.cls.name):
        return True
    if _says(call) is not None:
        return bool(_says(call))
    sources = (*call.positional[:1], *([call.receiver] if call.receiver else []))
    return any(_evaluated(source, depth - 1) for source in sources)


def option_facts(program: Program, field: str, names: re.Pattern[str], positive: bool = True) -> Iterator[Fact]:
    """Facts from the options and constants of such a name; where sections of training have it, from theirs: `epoch` of
    `train`, and not of `warmup`; or where one of defaults does, from that, and not of what may be laid over it."""
    named = [option for option in program.options if names.search(words_of(option.name))]
    sections = [(option, words_of(option.section)) for option in named]
    trained = [option for option, section in sections if _TRAINS.fullmatch(section)]
    for option in trained or [option for option, section in sections if section in _DEFAULTS] or named:
        judged = any(map(is_evaluation, (option.name, option.section, option.help)))
        yield from number_fact(field, option.value, positive) if not judged else ()


_DEFAULTS = ("default", "defaults")
_TRAINS = re.compile(
    r"(train(ing|er)?|solver)(_(args|params|hparams|parameters|config|conf|cfg|settings|options|opts?))?"
)
"""What sections of configurations are called that say how a run trains; not on what, `train_data`."""


def received(call: Call) -> list[tuple[str, Resolved]]:
    """The arguments of a call under the names that its target gives them, where that is the user's; else their own."""
    if not call.positional:
        return list(call.keywords.items())
    names = parameters(call.target) if call.target is not None else ()
    own = [value.name for value in call.positional[len(names) :]]
    return [*zip((*names, *own), call.positional, strict=False), *call.keywords.items()]


def parameters(target: Function | Class) -> list[str]:
    """The names of the parameters that arguments without a keyword go to."""
    init = target.find("__init__") if isinstance(target, Class) else None
    function = init.value if init is not None else target
    if not isinstance(function, Function):
        return []
    names = kept(function.node.args, "_names", lambda: [arg.arg for arg in function.node.args.args])
    return names[1:] if isinstance(target, Class) or target.owner is not None else names


def left_to_default(call: Call) -> list[tuple[str, Resolved]]:
    """The parameters that a call of a user's function leaves to their defaults; not where it judges."""
    target = call.target
    if not isinstance(target, Function) or not target.defaults or _judges(target):
        return []
    names = {name for name, _ in received(call)}
    return [(name, value) for name, value in target.defaults.items() if name not in names]


def _judges(target: Function | Class) -> bool:
    """Whether a function of the user's is called after judging, or turns training off and takes no step; not what
    draws from a memory: `replay_buffer.sample(batch_size)`."""
    if not isinstance(target, Function) or (target.home is not None and _MEMORY.search(target.home.name)):
        return False
    calls = code_of(target.node).calls
    return _only_judges(target) or ("eval" in calls and calls.keys().isdisjoint(_STEPPING))


_MEMORY = re.compile(r"memory|buffer|replay", re.IGNORECASE)
_STEPPING = ALWAYS | {"step", "train", "fit"}


class Named:
    """Values filed by what they are called, so that a pattern is tried once for each name."""

    def __init__(self, pairs: Iterable[tuple[str, Resolved]]) -> None:
        self._filed: dict[str, list[tuple[int, Resolved]]] = defaultdict(list)
        for order, (name, value) in enumerate(pairs):
            self._filed[name].append((order, value))

    def like(self, names: re.Pattern[str]) -> list[Resolved]:
        """The values whose name, its words apart, has such a part; in order."""
        found = [pair for name, pairs in self._filed.items() if names.search(words_of(name)) for pair in pairs]
        return [value for _, value in sorted(found, key=lambda pair: pair[0])]


def written(program: Program, word: str) -> bool:
    """Whether a file of the program has this word: what none of them writes (`ema`, `useEMA`), nothing is called."""
    paths = dict.fromkeys((*(module.path for module in program.modules), *program.candidate.files))
    return program.read is None or any(_writes(program.read(path), word) for path in paths if not is_readme(path))


def _writes(source: Source, word: str) -> bool:
    if word not in source.kept:
        begun = rf"(?i:(?<![a-z]){word})|(?-i:{word[0].upper()})(?i:{word[1:]})"
        source.kept[word] = word in source.text.lower() and re.search(begun, source.text) is not None
    return bool(source.kept[word])


def passed(program: Program, names: re.Pattern[str], but: frozenset[str] = frozenset()) -> list[Resolved]:
    """Known numbers that are given under such a name to any call, but those of libraries of these names."""
    return _passed(program, but).like(names)


@lru_cache(maxsize=2)
def _passed(program: Program, but: frozenset[str]) -> Named:
    calls = [call for call in program.calls if _may_give_numbers(call) and not _tallies(call.name)]
    calls = [call for call in calls if call.within is None or not _judges(call.within)]
    calls = [call for call in calls if not (call.name in but if call.target is None else _judges(call.target))]
    return Named(pair for call in calls for pair in _numbers_given(call))


_TALLIES = re.compile(r"tracker|meter$|logger|monitor|^isinstance$", re.IGNORECASE)
"""Names of what only watches training, how many values it takes the mean of is no setting of it, or asks of a kind."""


@cache
def _tallies(name: str) -> bool:
    return _TALLIES.search(name) is not None


def _may_give_numbers(call: Call) -> bool:
    """Whether a call is given anything that is a number or was computed, or leaves something to a default."""
    if isinstance(call.target, Function) and call.target.defaults:
        return True
    given = call.given
    return bool([value for value in given if type(value.value) in _NUMERIC or value.parts])


def _numbers_given(call: Call) -> Iterator[tuple[str, Resolved]]:
    """The known numbers that a call is given, and those that unknown ones were computed from; not for evaluation."""
    given = [pair for pair in received(call) if type(pair[1].value) in _NUMERIC or pair[1].parts]
    given += left_to_default(call) if call.target is not None else ()
    given += [(item.name, item) for _, value in given if isinstance(value.value, ListValue) for item in each_in(value)]
    for name, value in given:
        if value.number is not None:
            label = value.name if name in _AMOUNTS and value.name else name or value.name
            if not is_evaluation(f"{label} {value.name}"):
                yield label, value
        elif value.parts:
            for leaf in leaves(value):
                if leaf.number is not None and not is_evaluation(leaf.name):
                    yield leaf.name, leaf


_AMOUNTS = ("size", "k", "n", "num", "count", "num_samples")
"""Keywords that say less than the value's own name: `choice(memory, size=batch_size)`."""

_NUMERIC = frozenset({int, bool, float, ListValue})


def name_place(call: Call) -> Place:
    """The line of a call's name: where `torch.optim.Adam` stands, not its arguments."""
    if call.stated is not None:
        return call.stated
    func = call.node.func if hasattr(call.node, "func") else call.node
    place = call.module.place(func)
    return Place(place.file, place.end_line, place.end_line, place.cell) if place.end_line - place.line > 2 else place


@lru_cache(maxsize=2)
def judged_places(program: Program) -> frozenset[Place]:
    """Where the sections of configurations that are for evaluation hold their entries."""
    found: set[Place] = set()

    def visit(value: Resolved, judged: bool, depth: int) -> None:
        if isinstance(value.value, DictValue) and depth:
            for key, entry in value.value.entries.items():
                visit(entry, judged or is_evaluation(str(key)), depth - 1)
        elif judged:
            found.add(value.place)

    for configuration in program.configs:
        visit(configuration, False, 6)
    return frozenset(found)


def of_training(program: Program, facts: Iterable[Fact]) -> list[Fact]:
    """The facts without those that stand in a section for evaluation, where others remain."""
    told = list(facts)
    return [fact for fact in told if fact.place not in judged_places(program)] or told
