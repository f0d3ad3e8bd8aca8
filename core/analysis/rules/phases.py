"""The phases of a run: loops (or calls such as `fit`) that change weights, one after the other, and their names."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.analysis.descents import updates
from core.analysis.evidence import WHOLE, is_weak, may_train, trains
from core.analysis.nodes import below, name_of
from core.analysis.program import Call, Function, Instance, Loop, Made, Program, Resolved, Ways
from core.analysis.rules.holding import held, made_in
from core.analysis.rules.optimizers import optimizer_calls
from core.analysis.rules.sites import Sites, in_a_test
from core.analysis.rules.values import WORDS

_STEPPING = re.compile(r"opt|scaler|engine", re.IGNORECASE)
_APPLIED = frozenset({"minimize", "apply_gradients", "get_updates"})
"""Methods of optimizers whose result a TensorFlow session runs."""


@dataclass(slots=True, eq=False)
class Phase:
    """One training loop of the run, or one call that is a whole one, with the calls inside."""

    start: Loop | Call
    calls: list[Call] = field(default_factory=list)
    sites: list[Call] = field(default_factory=list)
    """The calls of the user's functions that lead to it and to no other phase, innermost first."""

    @property
    def end(self) -> int:
        """The order of its last call."""
        return self.calls[-1].order


def phases(program: Program, sites: Sites) -> list[Phase]:
    """The phases of a run in order, where it has at least two; else none. Loops inside a loop are none of their own."""
    roots = {dotted.partition(".")[0] for dotted in program.names()}
    steps = {id(call) for call in program.alike(may_train) if _steps(call, roots)}
    found: dict[Loop | Call, Phase] = {}
    for call in program.calls:
        if call.loop is not None or (call.name in WHOLE and id(call) in steps):
            start = _outermost(call.loop) or call
            if start not in found:
                found[start] = Phase(start)
            found[start].calls.append(call)
    if len(found) < 2:
        return []
    steps |= _again(program, steps)
    trained = [phase for phase in found.values() if _changes_weights(phase, steps)]
    trained = [phase for phase in trained if not in_a_test(program, phase.start)] or trained
    together: list[Phase] = []
    for phase in sorted(trained, key=lambda phase: phase.start.order):
        if not any(_exclude(phase.start.ways, other.start.ways) for other in together):
            together.append(phase)
    for phase in together:
        phase.sites = list(sites.of(phase.start))
    shared = Counter(id(site) for phase in together for site in phase.sites)
    for phase in together:
        phase.sites = [site for site in phase.sites if shared[id(site)] == 1]
    return together if len(together) > 1 else []


def _outermost(loop: Loop | None) -> Loop | None:
    while loop is not None and loop.outer is not None:
        loop = loop.outer
    return loop


def _exclude(one: Ways, other: Ways) -> bool:
    """Whether they stand in two ways of one branching, of which a run takes one."""
    taken = dict(one)
    return any(taken.get(branching, way) != way for branching, way in other)


def _holder(call: Call) -> str:
    """What the code calls the thing whose method is called: `opt` in `self.opt.step()`."""
    func = call.node.func if isinstance(call.node, ast.Call) else None
    return name_of(func.value) if isinstance(func, ast.Attribute) else ""


def _steps(call: Call, roots: set[str]) -> bool:
    """Whether a call changes weights: an optimizer's step, `fit`, a session that runs what `minimize` gave. Of what is
    unknown, any library of the program's (`roots`) may be asked."""
    if not isinstance(call.node, ast.Call):
        return False
    head, holder = call.dotted.rpartition(".")[0], _holder(call)
    if call.name == "step" and call.target is None:
        return bool(_STEPPING.search(holder) or ".optim" in head) and "lr_scheduler" not in head
    if call.target is not None:
        return call.name == "step" and bool(_STEPPING.search(holder))
    if call.name == "run":
        return runs_applied(call)
    root = head.partition(".")[0]
    libraries = roots if root == "?" else {root}
    sign = trains(call.name, holder, bool(holder), libraries, call.node)
    return (
        bool(sign)
        and sign != "compute_gradients"
        and not is_weak([sign])
        and bool(trains(call.name, head, bool(holder), libraries, call.node))
    )


def runs_applied(call: Call) -> bool:
    """`sess.run([train_op, loss])` of what an optimizer's `minimize` gave."""
    given = (value for value in (call.receiver, *call.positional) if value is not None)
    return any(made.name in _APPLIED for value in given for made in made_in(value))


def _again(program: Program, steps: set[int]) -> set[int]:
    """The calls (by id) of functions that changed weights before, not followed again with the same arguments."""
    training = {call.within.node for call in program.calls if call.within is not None and id(call) in steps}
    for call in reversed(program.own()):  # a function is called before what it calls
        if isinstance(call.target, Function) and call.target.node in training and call.within is not None:
            training.add(call.within.node)
    found: set[int] = set()
    inside: set[ast.AST] = set()
    for call in reversed(program.calls) if training else ():
        if isinstance(call.target, Function) and call.target.node in training:
            if call.target.node not in inside:
                found.add(id(call))
            inside.discard(call.target.node)
        if call.within is not None:
            inside.add(call.within.node)
    return found


def _changes_weights(phase: Phase, steps: set[int]) -> bool:
    """Whether something steps in a phase, or takes gradients and subtracts."""
    if any(id(call) in steps for call in phase.calls):
        return True
    taken = [
        call for call in phase.calls if call.target is None and call.name in ("backward", "grad", "value_and_grad")
    ]
    bodies = [call.within.node for call in taken if call.within is not None] + [phase.start.node]
    return bool(taken) and any(updates(n) for body in bodies for n in below(body, ast.AugAssign, ast.BinOp))


# -- names


_EMPTY = frozenset({
    "train", "training", "trainer", "trained", "fit", "run", "runner", "main", "do", "loop", "step", "steps", "epoch",
    "epochs", "model", "models", "net", "nets", "network", "networks", "module", "sequential", "functional", "the",
    "and", "with", "on", "for", "of", "from", "to", "by", "all", "my", "new", "num", "opt", "optim", "optimizer",
    "solver", "params", "parameters", "data", "dataset", "iter", "loader", "loaders", "dataloader", "dataloaders",
    "trainloader", "self", "cell", "fn", "func", "function", "call", "config", "configs", "cfg", "args", "get", "make",
    "sess", "session", "estimator", "learner", "history", "device", "task",
})  # fmt: skip
"""Words of a name that do not tell one phase from another."""
_OF_CLASSES = frozenset({"train", "training", "trainer", "model", "module"})
"""Those that a class may lose: `UNet` is no `U`."""
LONGEST_NAME = 40


def telling(name: str) -> str:
    """A name without the words at its ends that say nothing: `train_autoencoder` -> `autoencoder`."""
    lost = _OF_CLASSES if name[:1].isupper() and "_" not in name else _EMPTY
    spans = [match.span() for match in WORDS.finditer(name)]
    if all(name[slice(*span)].lower() in _EMPTY for span in spans):
        return ""
    while name[slice(*spans[0])].lower() in lost:
        spans.pop(0)
    while name[slice(*spans[-1])].lower() in lost:
        spans.pop()
    left = name[spans[0][0] : spans[-1][1]]
    return left if len(left) > 1 and not left.isdigit() else ""


def names(found: Sequence[Phase], program: Program) -> list[str]:
    """A name for each phase, no two the same: by the first way of naming that tells all of them apart, else for each
    by its function or model where that is its alone, then by what is said above it, then by its number."""
    optimizers = {id(call) for call, _ in optimizer_calls(program)}
    offered = [_offered(phase, optimizers) for phase in found]
    columns = [Counter(column) for column in zip(*offered, strict=True)]
    at = next((at for at, column in enumerate(columns) if len(column) == len(found) and "" not in column), None)
    if at is not None:
        return [row[at] for row in offered]
    chosen = [_alone(row, columns) for row in offered]
    again = {name for name, count in Counter(chosen).items() if count > 1}
    return [f"{name} {number}" if name in again else name for number, name in enumerate(chosen, start=1)]


_SURE = 4
"""So many of the ways of naming are the words for what is trained."""


def _alone(row: list[str], columns: list[Counter[str]]) -> str:
    """What only this phase is called; where there is nothing, the best that it shares with others."""
    own = [name if column[name] == 1 else "" for name, column in zip(row, columns, strict=True)]
    return next(filter(None, (*own[:_SURE], own[-1], *row[:_SURE], row[-1])), "training")


def _offered(phase: Phase, optimizers: set[int]) -> list[str]:
    """What a phase may be called, in each way of naming; empty texts where the code does not say."""
    target = phase.sites[0].target if phase.sites else None
    owner = target.owner if isinstance(target, Function) else None
    built = _optimizer(phase, optimizers)
    variable, kind = _fitted(phase.start) if isinstance(phase.start, Call) else _optimized(built)
    given = [telling(name_of(node)) for site in phase.sites[-1:] for node in getattr(site.node, "args", ())]
    return [
        next(filter(None, (telling(getattr(site.target, "name", "")) for site in phase.sites)), ""),
        telling(owner.cls.name) if isinstance(owner, Instance) else "",
        telling(variable),
        telling(kind),
        *(given + [""] * 4)[:4],
        telling(built.bound) if built is not None else "",
        built.name if built is not None else "",
        _said_above(phase.start),
    ]


def _optimizer(phase: Phase, optimizers: set[int]) -> Call | None:
    """The optimizer that makes the first step."""
    for call in phase.calls:
        for value in (call.receiver, *call.positional):
            made = value.value if value is not None else None
            if isinstance(made, (Made, Instance)) and id(made.call) in optimizers:
                return made.call
    return None


def _optimized(built: Call | None) -> tuple[str, str]:
    """The variable and the class of the model whose parameters an optimizer is given."""
    if built is None or not isinstance(built.node, ast.Call):
        return "", ""
    arguments = [*built.node.args[:1], *(keyword.value for keyword in built.node.keywords)]
    inside = [node for argument in arguments for node in below(argument, ast.Attribute)]
    return next((name_of(n.value) for n in inside if "param" in n.attr), ""), _class_in(built.positional[:1])


def _fitted(call: Call) -> tuple[str, str]:
    """The variable and the class of the model that is fitted: of `model.fit(x)`, of `trainer.fit(model)`."""
    trainer = call.holder
    held_by = trainer.call.keywords.get("model") if isinstance(trainer, Made) else None
    kind = _class_in([value for value in (call.receiver, held_by, *call.positional[:1]) if value is not None])
    first = name_of(call.node.args[0]) if call.node.args and "rainer" in call.dotted else ""
    return first or _holder(call), kind or (trainer.call.name if isinstance(trainer, Made) else "")


def _class_in(values: Iterable[Resolved]) -> str:
    """The class of the first object in these values: the user's, else the library's whose parameters are given."""
    inside = [inner for value in values for inner in held(value)]
    own = (inner.cls.name for inner in inside if isinstance(inner, Instance))
    givers = (inner.call.receiver for inner in inside if isinstance(inner, Made) and "param" in inner.call.name)
    of_library = (giver.value.call.name for giver in givers if giver is not None and isinstance(giver.value, Made))
    return next(own, "") or next(of_library, "")


def _said_above(start: Loop | Call) -> str:
    """The comment above the loop, or the last heading above its cell that is no notice of who owns the text."""
    source, line, cell = start.module.source, getattr(start.node, "lineno", 1), start.place.cell
    above = source.lines[line - 2].strip() if 2 <= line <= len(source.lines) + 1 else ""
    text = above.strip("#-=* ") if above.startswith("#") and not above.startswith("# %") else ""
    for part in source.cells if not text and cell is not None else ():
        if part.kind == "markdown" and part.index < (cell or 0):
            heads = [head for head in _HEADING.findall(_FENCED.sub("", part.text)) if not _NOTICE.match(head)]
            text = heads[-1].strip("#*_ :") if heads else text
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_NAME and telling(words) else ""


_HEADING = re.compile(r"^(?:#{1,6} +|<h\d>)([^<\n]*\w[^<\n]*)", re.MULTILINE)
_NOTICE = re.compile(r"\W*(?:copyright|licen[cs]e)", re.IGNORECASE)
_FENCED = re.compile(r"```.*?(```|\Z)", re.DOTALL)
