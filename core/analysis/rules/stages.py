"""Stages: what facts and write paths belong to which phase of a run that trains several times, one after the other.

The rules of training are asked again of each phase's own calls. What only one phase says is of that stage; what all of
them say at the same place is of none; what several say at different places becomes one fact for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.analysis.facts import Fact, WritePath
from core.analysis.program import Call, Instance, Loop, Made, Program, Resolved, Rule
from core.analysis.rules.batches import batch_sizes
from core.analysis.rules.details import emas, precisions
from core.analysis.rules.duration import epochs, steps
from core.analysis.rules.holding import held
from core.analysis.rules.loss import losses
from core.analysis.rules.optimizer_details import betas, clipping, momenta, schedulers, weight_decays
from core.analysis.rules.optimizers import optimizers
from core.analysis.rules.phases import Phase, names, phases
from core.analysis.rules.rates import learning_rates
from core.analysis.rules.sites import Sites
from core.analysis.writes import write_paths, writes_of

STAGED: tuple[Rule, ...] = (
    optimizers, learning_rates, batch_sizes, epochs, steps, schedulers, weight_decays, momenta, betas, clipping, emas,
    precisions, losses,
)  # fmt: skip
"""The rules whose facts may be of one stage."""


def staged(
    program: Program, facts: tuple[Fact, ...], writes: tuple[WritePath, ...]
) -> tuple[tuple[Fact, ...], tuple[WritePath, ...]]:
    """The same facts and write paths in the same order with their stages; unchanged where there is one phase."""
    sites = Sites(program)
    found = phases(program, sites)
    if not found:
        return facts, writes
    named = names(found, program)
    told: list[tuple[str, Program]] = [
        (name, replace(program, calls=calls, loops=_loops(phase.calls), options=[], configs=[], answers={}))
        for name, calls, phase in zip(named, _divided(program, found, sites), found, strict=True)
    ]
    own = [(name, _by_value(fact for rule in STAGED for fact in rule(part))) for name, part in told]
    written: list[tuple[str, set[tuple[str, object]]]] = [
        (name, {(path.template, path.kind) for path in write_paths(part)}) for name, part in told
    ]
    return (
        tuple(each for fact in facts for each in _of_stages(fact, own)),
        tuple(_of_stage(path, written) for path in writes),
    )


def _loops(calls: Iterable[Call]) -> list[Loop]:
    """The loops around calls, in order."""
    found: dict[int, Loop] = {}
    for call in calls:
        loop = call.loop
        while loop is not None:
            found[id(loop)] = loop
            loop = loop.outer
    return sorted(found.values(), key=lambda loop: loop.order)


Said = dict[tuple[str, object], Fact]


def _by_value(facts: Iterable[Fact]) -> Said:
    """The first fact of each field and value; a known none is of no stage."""
    said: Said = {}
    for fact in facts:
        if fact.value is not None:
            said.setdefault(_key(fact), fact)
    return said


def _key(fact: Fact) -> tuple[str, object]:
    return fact.field, (isinstance(fact.value, bool), fact.value)


def _of_stages(fact: Fact, told: list[tuple[str, Said]]) -> Iterator[Fact]:
    found = [(name, said[_key(fact)]) for name, said in told if _key(fact) in said]
    if not found or (len(found) == len(told) and len({each.place for _, each in found}) == 1):
        yield fact
        return
    yield from (replace(each, stage=name) for name, each in found)


def _of_stage(path: WritePath, written: list[tuple[str, set[tuple[str, object]]]]) -> WritePath:
    found = [name for name, paths in written if (path.template, path.kind) in paths]
    return replace(path, stage=found[0]) if len(found) == 1 else path


# -- which calls are a phase's


def _divided(program: Program, found: list[Phase], sites: Sites) -> list[list[Call]]:
    """The calls of each phase: those inside, those that make what it uses, and those that its functions make."""
    inside = {id(call): at for at, phase in enumerate(found) for call in phase.calls}
    used = [_used(phase) for phase in found]
    led = {id(site): at for at, phase in enumerate(found) for site in phase.sites}
    parts: list[list[Call]] = [[] for _ in found]
    for call in program.calls:
        own = {inside[id(call)]} if id(call) in inside else {at for at, made in enumerate(used) if id(call) in made}
        if not own and (site := next((site for site in sites.of(call) if id(site) in led), None)) is not None:
            own = {led[id(site)]}
        for at in own or _loosely(call, found, used):
            parts[at].append(call)
    return [
        sorted([*part, *_unrepeated(program, phase, part)], key=lambda call: call.order)
        for phase, part in zip(found, parts, strict=True)
    ]


def _loosely(call: Call, found: list[Phase], used: list[set[int]]) -> set[int]:
    """The phases of a call that is made around them: of an object's other methods, of `compile`, of a write."""
    if call.name == "compile":
        touched = _objects(call.receiver)
        later = [at for at, made in enumerate(used) if touched & made and found[at].start.order > call.order]
        return set(later)
    if any(True for _ in writes_of(call)):
        given = (call.receiver, *call.given)
        touched = {made for value in given for made in _objects(value)}
        ended = [at for at, made in enumerate(used) if touched & made and found[at].end < call.order]
        return set(ended[-1:])
    owned = {at for at, made in enumerate(used) if call.owner is not None and id(call.owner.call) in made}
    return owned or _between(call, found)


def _between(call: Call, found: list[Phase]) -> set[int]:
    """The phase before which a call stands, after the end of another and in the same function."""
    for at in range(1, len(found)):
        if found[at - 1].end < call.order < found[at].start.order:
            return {at} if call.within is found[at].start.within else set()
    return set()


def _used(phase: Phase) -> set[int]:
    """The calls (by id) that made the objects that a phase uses, one inside the other."""
    found: set[int] = set()
    seen: set[int] = set()
    for call in phase.calls:
        around = [call.loop.over] if call.loop is not None else []
        for value in (call.receiver, *call.given, *around):
            if value is not None and id(value) not in seen:
                seen.add(id(value))
                found |= _objects(value)
        if call.owner is not None:
            found.add(id(call.owner.call))
    return found


def _objects(value: Resolved | None) -> set[int]:
    """The calls (by id) that made what a value holds."""
    inside = held(value) if value is not None else ()
    return {id(inner.call) for inner in inside if isinstance(inner, (Made, Instance))}


def _unrepeated(program: Program, phase: Phase, part: list[Call]) -> list[Call]:
    """The calls inside functions that the phase calls as an earlier one did, and that were followed there alone."""
    have = {id(call) for call in part}
    nodes = {id(call.target.node) for call in phase.calls if call.target is not None}
    for _ in range(3):
        inner = [call for call in program.calls if call.within is not None and id(call.within.node) in nodes]
        nodes |= {id(call.target.node) for call in inner if call.target is not None}
    followed = {id(call.within.node) for call in part if call.within is not None}
    return [
        call
        for call in program.calls
        if call.within is not None and id(call.within.node) in nodes - followed and id(call) not in have
    ]
