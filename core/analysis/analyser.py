"""One model's source, analysed: the program is followed, every rule is asked, and the answers are put in order."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from core import vocabulary
from core.analysis.agreeing import agreed_facts
from core.analysis.evidence import may_train, runs_training, trains
from core.analysis.facts import Analysis, Candidate, Fact, Layer
from core.analysis.follow import follow
from core.analysis.follow.runners import is_written_down
from core.analysis.nodes import unparse
from core.analysis.outline import outline
from core.analysis.passages import passages
from core.analysis.program import Program, Rule, Where
from core.analysis.rules import LAYERS, RULES
from core.analysis.rules.phases import runs_applied
from core.analysis.rules.stages import staged
from core.analysis.source import Source
from core.analysis.writes import write_paths

Read = Callable[[str], Source]


def analyse(candidate: Candidate, read: Read) -> Analysis:
    """All facts, layers, passages and write paths of a candidate, the same whenever its files are the same.

    `read` may keep what it read: nothing changes a Source. Nothing in the files makes this raise.
    """
    program = _program(candidate, read)
    warnings = [*_warnings(candidate, read), *program.warnings]
    facts = _told(program, warnings)
    facts += agreed_facts(program, facts, lambda picked: _told(_program(candidate, read, picked), []))
    layers: tuple[Layer, ...] = ()
    try:
        layers = tuple(LAYERS(program)) if LAYERS else ()
    except Exception as error:
        warnings.append(_failure("layers", program, error))
    facts = [fact for fact in facts if fact.place is None or not is_written_down(fact.place.file)]
    kept, writes = distinct(facts), write_paths(program)
    try:
        kept, writes = staged(program, kept, writes)
    except Exception as error:
        warnings.append(_failure("stages", program, error))
    return Analysis(candidate, kept, layers, passages(program, kept), writes, tuple(dict.fromkeys(warnings)))


def _told(program: Program, warnings: list[str]) -> list[Fact]:
    """What all rules find."""
    return [fact for rule in RULES for fact in _asked(rule, program, warnings)]


def _asked(rule: Rule, program: Program, warnings: list[str]) -> Iterable[Fact]:
    """What a rule finds; a rule that fails on strange code is told, and costs only its own facts."""
    try:
        return program.ask(rule)
    except Exception as error:
        warnings.append(_failure(rule.__name__, program, error))
        return []


def _failure(name: str, program: Program, error: Exception) -> str:
    return f"{program.entry.path}:1: the rule for {name.replace('_', ' ')} failed: {type(error).__name__}: {error}"


def distinct(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts without those that say the same of the same stage again; a known none only where nothing is known."""
    found: dict[tuple[str, object, str], Fact] = {}
    for fact in facts:
        found.setdefault((fact.field, _key(fact.value), fact.stage), fact)
    known = {fact.field for fact in found.values() if fact.value is not None}
    return tuple(fact for fact in found.values() if fact.value is not None or fact.field not in known)


def _key(value: object) -> object:
    """Equal for equal values: 1 and 1.0 are one, True is another."""
    return (isinstance(value, bool), value)


def _warnings(candidate: Candidate, read: Read) -> list[str]:
    return [
        line
        for path in dict.fromkeys((candidate.script or candidate.path, *candidate.files))
        for line in read(path).warnings
    ]


def entry_of(candidate: Candidate, read: Read) -> str:
    """The file that is run: the script, or the launcher where the script only holds the loop, or where only the
    launcher takes the configuration that the model is."""
    script = candidate.script or candidate.path
    told = outline(read(script))
    starts = told.runs and set(told.uses.get("", ())) & told.uses.keys()
    others = [p for p in (*candidate.aliases, *candidate.files) if p != script]
    reads = any(how != "made" for how, _, _ in told.configs)  # what is put together may be written
    taking = (p for p in others if candidate.kind == "config" and not reads and outline(read(p)).suffixes)
    chooses = [p for p in taking if outline(read(p)).runs]
    if not chooses and (told.kind == "notebook" or told.guard or told.trains.get("") or starts):
        return script
    folder = os.path.dirname(script)
    beside = chooses or [p for p in others if os.path.dirname(p) == folder or outline(read(p)).chosen]
    name = os.path.splitext(os.path.basename(script))[0]
    for path in sorted(dict.fromkeys(beside), key=lambda p: (p.endswith(".ipynb"), p)):
        if path.endswith((".py", ".ipynb")):
            other = outline(read(path))
            spoken = {
                part for module, _, pairs in other.imports for part in (*module.split("."), *(n for n, _ in pairs))
            }
            if other.runs and name in spoken:
                return path
    return script


def _program(candidate: Candidate, read: Read, picked: Mapping[Where, int] = MappingProxyType({})) -> Program:
    """The followed program; followed again with its training switches on where nothing was trained without. What is
    `picked` is taken where it could be one of many."""
    entry = entry_of(candidate, read)
    program = follow(candidate, read, entry, picked=picked)
    if _is_trained(program):
        return program
    wishes = frozenset(
        option.name
        for option in program.options
        if "train" in option.name.lower() and option.value.value in (False, None)
    )
    names = program.entry.scope.names.items()
    wishes |= {name for name, value in names if "train" in name.lower() and value.value is False}
    wishes |= {"do_train", "train", "training", "is_train"}
    again = follow(candidate, read, entry, wishes=wishes, eager=True, picked=picked)
    return again if _is_trained(again) or len(again.calls) > len(program.calls) else program


_LIBRARIES = frozenset({"stable_baselines3", "tianshou"}).union(
    *(vocabulary.load().of_frameworks(key) for key in ("steps", "fits", "trains"))
)


def _is_trained(program: Program) -> bool:
    """Whether the run that was followed makes a gradient step, or calls something that does."""
    for call in program.alike(may_train):
        head, _, name = call.dotted.rpartition(".")
        sign = trains(name, head.rpartition(".")[2], bool(head), _LIBRARIES, call.node)
        if sign and not (name == "minimize" and _only_asks(program)):
            return True
    return False


def _only_asks(program: Program) -> bool:
    """Whether sessions of TensorFlow 1 run nothing that trains, though the graph has it."""
    runs = [call for call in program.named("run") if "sess" in unparse(call.node.func).lower()]
    return bool(runs) and not any(runs_training(call.node) or runs_applied(call) for call in runs)
