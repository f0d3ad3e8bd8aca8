"""Reading values: facts of numbers, what a value was computed from, what it is called."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from core.analysis.facts import Fact, Place
from core.analysis.nodes import kept, unparse
from core.analysis.program import (
    Call,
    Class,
    Function,
    Program,
    Resolved,
)
from core.analysis.readmes import is_readme
from core.analysis.source import Source

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
"""The words of a name: `CycleGANModel` has three, `wgan_gp` two."""


@cache
def words_of(name: str) -> str:
    """A name in small letters with its words apart: `valLoader`, `TEST_BATCH` -> `val_loader`, `test_batch`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


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
    parts = value.parts if depth else ()
    found = [leaf for part in parts for leaf in (leaves(part, depth - 1) if part.parts else (part,))]
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


def for_all_devices(value: Resolved | None) -> Resolved | None:
    """A number, or what it was before devices shared it: 20000 of `20000 // hvd.size()`."""
    shared = value is not None and value.number is None and bool(value.parts)
    return (_for_each_device(value) or value) if value is not None and shared else value


def _for_each_device(value: Resolved) -> Resolved | None:
    """The number in `128 * torch.cuda.device_count()`: what is said for each device."""
    known = [leaf for leaf in leaves(value) if leaf.number is not None]
    counted = all(re.search(DEVICES, leaf.dotted or _written(leaf)) for leaf in leaves(value) if leaf.number is None)
    return known[0] if len(known) == 1 and counted else None


def _written(value: Resolved) -> str:
    """What the code says where a value is unknown: `strategy.num_replicas_in_sync`."""
    return "" if isinstance(value.origin, Place) else unparse(value.origin[1])


DEVICES = (
    r"(device_count|local_device_count|num_replicas_in_sync|get_world_size|num_processes|num_gpus)(\.|$)"
    r"|^horovod\b.*\bsize$"
)
"""Ends of the names of what counts devices."""


def arguments(call: Call) -> Iterator[tuple[str, Resolved]]:
    """All arguments with their names; positional ones by the name of the value."""
    for value in call.positional:
        yield value.name, value
    yield from call.keywords.items()


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


def name_place(call: Call) -> Place:
    """The line of a call's name: where `torch.optim.Adam` stands, not its arguments."""
    if call.stated is not None:
        return call.stated
    func = call.node.func if hasattr(call.node, "func") else call.node
    place = call.module.place(func)
    return Place(place.file, place.end_line, place.end_line, place.cell) if place.end_line - place.line > 2 else place
