"""What rules read: one candidate's code after it was followed from its entry, without running it.

`core.analysis.follow.follow` walks the entry module as Python would (imports, calls with the arguments really
given, attributes, branches that the defaults decide) over abstract values, and leaves a Program: every call that is
reached, in order, every object built, every loop, option and write. Code that is never reached leaves nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.analysis.abstract import (
    NAMED,
    UNKNOWN,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Module,
    ModuleValue,
    Resolved,
    Scope,
    Template,
    each_in,
    entries_in,
    items_in,
    keywords_in,
)
from core.analysis.facts import Candidate, Fact, Place
from core.analysis.filing import Filed, Test

if TYPE_CHECKING:
    from core.analysis.source import Source


__all__ = [
    "NAMED", "UNKNOWN", "Call", "Class", "DictValue", "External", "Function", "Instance", "ListValue", "Loop", "Made",
    "Module", "ModuleValue", "Option", "Program", "Resolved", "Rule", "Scope", "Template", "Ways",
    "each_in", "entries_in", "items_in", "keywords_in",
]  # fmt: skip
"""The values too, so that rules have all that they read from one place."""

Ways = tuple[tuple[int, int], ...]
"""The undecided branches that something stands in, outermost first: which branching, and which way of it. Two things
that stand in different ways of one branching never happen in the same run."""


@dataclass(slots=True, eq=False, repr=False)
class Loop:
    """A loop that is reached. `over` is what a `for` iterates (an unknown for `while`), `target` its variable names."""

    node: ast.For | ast.AsyncFor | ast.While
    module: Module
    over: Resolved | None
    targets: tuple[str, ...]
    outer: Loop | None
    order: int
    until: Resolved | None = None
    """Of `while step < limit`: the limit."""
    within: Function | None = None
    """The user's function whose body holds it; None at module level."""
    ways: Ways = ()
    once: bool = False
    """Whether its body was followed once for all its turns."""

    @property
    def place(self) -> Place:
        return self.module.place(self.node.target if not isinstance(self.node, ast.While) else self.node.test)


@dataclass(slots=True, eq=False, repr=False)
class Call:
    """One call that the run reaches.

    `dotted` is the callee's full name: `torch.optim.Adam`; for the user's code `module.function`; for a method of a
    made object `torch.optim.Adam.step` (`receiver` is the object); `?.name` for a method of something unknown;
    `?` where nothing is known. Calling a made object: `torch.nn.Linear.__call__`.
    """

    dotted: str
    node: ast.Call
    """The call expression; for calls that a framework makes, what stands for it (a decorator, a class)."""
    module: Module
    positional: tuple[Resolved, ...]
    keywords: dict[str, Resolved]
    receiver: Resolved | None = None
    target: Function | Class | None = None
    """The user's function or class that is called; None for a library's."""
    within: Function | None = None
    """The user's function whose body holds the call; None at module level."""
    owner: Instance | None = None
    """The object whose method makes the call."""
    loop: Loop | None = None
    """The innermost loop around it, in the caller's code too."""
    order: int = 0
    result: Resolved | None = None
    maybe: bool = False
    """Whether it stands in a branch that could not be decided."""
    bound: str = ""
    """The name that its result was given first: `train_loader`."""
    ways: Ways = ()
    stated: Place | None = None
    """Where the text stands that names what is called, where that is not the call: `_target_` of a configuration."""
    name: str = field(init=False)
    """The last part of the dotted name."""

    def __post_init__(self) -> None:
        self.name = self.dotted.rpartition(".")[2]

    def __repr__(self) -> str:
        return f"Call({self.dotted})"

    @property
    def place(self) -> Place:
        return self.stated or self.module.place(self.node)

    @property
    def home(self) -> ast.AST:
        """The piece of code that it stands in: a function, else the module's top level."""
        return self.within.node if self.within is not None else self.module.tree

    @property
    def given(self) -> tuple[Resolved, ...]:
        """All that it is given, by place and by keyword."""
        return *self.positional, *self.keywords.values()

    @property
    def holder(self) -> object:
        """What a method is called of; None for any other call, and where None is."""
        return self.receiver.value if self.receiver is not None else None

    @property
    def made(self) -> object:
        """What it gives back; None where that is not kept, too."""
        return self.result.value if self.result is not None else None

    def argument(self, name: str, position: int | None = None) -> Resolved | None:
        """The argument given by keyword or at this position (from 0, self not counted); None where it is not given."""
        found = self.keywords.get(name)
        if found is None and position is not None and position < len(self.positional):
            found = self.positional[position]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """A setting that one can choose: argparse, click, absl or dataclass entry, config entry, upper-case constant."""

    name: str
    value: Resolved
    kind: str
    """"argparse", "click", "absl", "dataclass", "config", "constant"."""
    help: str = ""
    section: str = ""
    """The section of a configuration that it stands in, the innermost's name."""


Where = tuple[str, int, int]
"""A file, a line and a column."""


@dataclass(slots=True, eq=False, repr=False)
class Program(Filed):
    """All that following one candidate's code found."""

    candidate: Candidate
    entry: Module
    modules: list[Module]
    """Local modules in order of import, the entry first."""
    calls: list[Call]
    """Every call reached, in order."""
    instances: list[Instance]
    """Every object of a user's class, in order of construction."""
    loops: list[Loop]
    options: list[Option]
    configs: list[Resolved] = field(default_factory=list)
    """The configurations that were read, whole."""
    put: list[Resolved] = field(default_factory=list)
    """The rates that are put into what is not known, a group of an optimizer's: `group["lr"] = rate`."""
    undecided: dict[Where, int] = field(default_factory=dict)
    """Where one of many of the user's classes is to be chosen, and of how many."""
    warnings: list[str] = field(default_factory=list)
    read: Callable[[str], Source] | None = None
    answers: dict[Rule, tuple[Fact, ...]] = field(default_factory=dict)
    filed: dict[str, dict[str, list[Call]]] = field(default_factory=dict, init=False)
    passing: dict[str, dict[Test, list[list[Call]]]] = field(default_factory=dict, init=False)

    def ask(self, rule: Rule) -> tuple[Fact, ...]:
        """What a rule says of the program, asked once."""
        if rule not in self.answers:
            self.answers[rule] = tuple(rule(self))
        return self.answers[rule]

    def option(self, *names: str) -> Option | None:
        """The first option of one of these names."""
        return next((option for option in self.options if option.name in names), None)


Rule = Callable[[Program], Iterable[Fact]]
"""Every rule: facts of one field or of a few that belong together, the main one first."""
