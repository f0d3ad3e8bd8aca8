"""What rules read: one candidate's code after it was followed from its entry, without running it.

`core.analysis.follow.follow` walks the entry module as Python would (imports, calls with the arguments really
given, attributes, branches that the defaults decide) over abstract values, and leaves a Program: every call that is
reached, in order, every object built, every loop, option and write. Code that is never reached leaves nothing.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from core.analysis.facts import Candidate, Fact, Place, Value
from core.analysis.filing import Filed
from core.analysis.nodes import Kind, below

if TYPE_CHECKING:
    from core.analysis.source import Source


class _Unknown:
    """The value of what the source does not say."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN = _Unknown()
NAMED = "named in a text"
"""How a class or function came that a text names: `getattr(optim, "Adam")`; its place is the text's."""


@dataclass(slots=True, eq=False)
class Resolved:
    """A value, where it is stated and how it came from there.

    `value` is a Python literal (int, float, str, bool, None, bytes), a `ListValue`, a `DictValue`, one of the things
    below (External, Made, Function, Class, Instance, ModuleValue, Template), or UNKNOWN.
    """

    value: object
    origin: Place | tuple[Module | Source, ast.AST]
    how: str = "literal"
    others: tuple[Resolved, ...] = ()
    """Further values that it may have, where a branch could not be decided ("cuda" else "cpu")."""
    name: str = ""
    """What it is called where it is stated: the option, variable, key or parameter."""
    parts: tuple[Resolved, ...] = ()
    """What it was computed from; there also where one part, and so the whole, is unknown."""

    @property
    def place(self) -> Place:
        """Where it is stated."""
        if isinstance(self.origin, Place):
            return self.origin
        file, node = self.origin
        source = file.source if isinstance(file, Module) else file
        return source.place(getattr(node, "lineno", 1), getattr(node, "end_lineno", None))

    def but(self, **changes: Any) -> Resolved:
        """The same with some attributes changed."""
        had = self.value, self.origin, self.how, self.others, self.name, self.parts
        return Resolved(*map(changes.get, _ATTRIBUTES, had))

    @property
    def known(self) -> bool:
        return self.value is not UNKNOWN

    @property
    def literal(self) -> Value:
        """The value as a fact holds it: a number, text, bool or a tuple of them. Raises ValueError where it is none."""
        return _literal(self.value)

    @property
    def number(self) -> int | float | None:
        """The value where it is a number (not a bool); else None."""
        return self.value if type(self.value) in _NUMBERS else None  # type: ignore[return-value]

    @property
    def integer(self) -> int | None:
        """The value where it is a whole and finite number; else None."""
        number = self.number
        return int(number) if number is not None and math.isfinite(number) and number == int(number) else None

    @property
    def text(self) -> str | None:
        """The value where it is a string; else None."""
        return self.value if isinstance(self.value, str) else None

    @property
    def dotted(self) -> str | None:
        """The dotted name of the thing it is or was made by: `torch.nn.Linear` for that class and for its instances."""
        return getattr(self.value, "dotted", None)

    def all(self) -> Iterator[Resolved]:
        """Itself and every other value it may have."""
        yield self
        yield from self.others


_ATTRIBUTES = ("value", "origin", "how", "others", "name", "parts")
_NUMBERS = frozenset({int, float})


def _literal(value: object) -> Value:
    if isinstance(value, ListValue):
        return tuple(_literal(item.value) for item in value.items)
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise ValueError("no literal")


@dataclass(slots=True, eq=False)
class ListValue:
    """A list, tuple or set whose items are known. `complete` is False where more may have been added."""

    items: list[Resolved]
    kind: str = "list"
    complete: bool = True


@dataclass(slots=True, eq=False)
class DictValue:
    """A dict, namespace, ConfigDict or parsed config: entries are reached by key and by attribute."""

    entries: dict[Any, Resolved] = field(default_factory=dict)
    dotted: str | None = None
    """What made it, where that is not a plain dict (`ml_collections.ConfigDict`)."""
    complete: bool = True


@dataclass(frozen=True, slots=True)
class External:
    """A thing of a library, by its full dotted name: `torch.optim.Adam`, `torch.nn.functional`."""

    dotted: str


@dataclass(slots=True, eq=False, repr=False)
class Made:
    """What a call of a library returned; its methods are called `dotted.method`, with it as `receiver`."""

    call: Call
    attributes: dict[str, Resolved] = field(default_factory=dict)
    """What the user's code set on it."""

    @property
    def dotted(self) -> str:
        return self.call.dotted

    def __repr__(self) -> str:
        return f"Made({self.dotted})"


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes: `out/epoch_{epoch}.png`; `*` is a hole without a name."""

    text: str


@dataclass(slots=True, eq=False, repr=False)
class ModuleValue:
    """A local module as a value."""

    module: Module


@dataclass(slots=True, eq=False, repr=False)
class Function:
    """A function or lambda of the user's code; `owner` is the Instance (or Class) it is bound to."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    module: Module
    scope: Scope
    owner: Instance | Class | None = None
    defaults: Mapping[str, Resolved] = field(default_factory=dict)
    given: tuple[tuple[Resolved, ...], Mapping[str, Resolved]] | None = None
    """Arguments bound already by functools.partial."""
    home: Class | None = None
    """The class whose body defines it."""

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "<lambda>")


@dataclass(slots=True, eq=False, repr=False)
class Class:
    """A class of the user's code."""

    node: ast.ClassDef
    module: Module
    scope: Scope
    bases: tuple[Resolved, ...]
    """Each a Class, an External, or unknown."""
    fill: Callable[[Class], dict[str, Resolved]] | None = None
    """What its body binds, where that does not depend on the program and is found out when it is asked for."""
    _attributes: dict[str, Resolved] = field(default_factory=dict)
    _lineage: tuple[Class, ...] = ()
    _external: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        above = (base.value._lineage for base in self.bases if isinstance(base.value, Class))
        self._lineage = (self, *chain.from_iterable(above))

    @property
    def name(self) -> str:
        return self.node.name

    def __repr__(self) -> str:
        return f"Class({self.name})"

    @property
    def attributes(self) -> dict[str, Resolved]:
        """What its body binds: methods as Function, constants, dataclass fields."""
        if self.fill is not None:
            fill, self.fill = self.fill, None
            self._attributes.update(fill(self))
        return self._attributes

    def lineage(self) -> tuple[Class, ...]:
        """The class and its local bases, nearest first."""
        return self._lineage

    def external_bases(self) -> tuple[str, ...]:
        """Dotted names of all library classes it derives from, directly or through local ones: `torch.nn.Module`."""
        if self._external is None:
            bases = (base.value for part in self._lineage for base in part.bases)
            self._external = tuple(dict.fromkeys(base.dotted for base in bases if isinstance(base, External)))
        return self._external

    def heir_of(self, *endings: str) -> bool:
        """Whether it derives from a class of a library's whose dotted name ends so."""
        return _any_ends(self.external_bases(), endings)

    def find(self, name: str) -> Resolved | None:
        """A method or class attribute, own or inherited from local bases."""
        for part in self._lineage:
            found = (part._attributes if part.fill is None else part.attributes).get(name)
            if found is not None:
                return found
        return None


@cache
def _any_ends(names: tuple[str, ...], endings: tuple[str, ...]) -> bool:
    return any(name.endswith(endings) for name in names)


@dataclass(slots=True, eq=False, repr=False)
class Instance:
    """An object of a user's class that the run builds. `attributes` are what its methods set on self."""

    cls: Class
    call: Call
    attributes: dict[str, Resolved] = field(default_factory=dict)
    within: Instance | None = None
    """The object whose method built it, None at top level."""

    def __repr__(self) -> str:
        return f"Instance({self.cls.name})"


@dataclass(slots=True, eq=False, repr=False)
class Scope:
    """The names of one module, class body or function call."""

    names: dict[str, Resolved]
    parent: Scope | None
    module: Module


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


@dataclass(slots=True, eq=False, repr=False)
class Module:
    """A file of Python, parsed. Notebooks are one module of all their code cells."""

    path: str
    name: str
    """Dotted, from the folder it was found in: `models.vae`."""
    tree: ast.Module
    source: Source
    scope: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.scope = Scope({}, None, self)

    @property
    def text(self) -> str:
        return self.source.text

    def of(self, *kinds: type[Kind]) -> list[Kind]:
        """The nodes of these very kinds in the whole file, in the order of `ast.walk`."""
        return below(self.tree, *kinds)

    def place(self, node: ast.AST) -> Place:
        """Where a node stands (cells counted in notebooks)."""
        return self.source.place(getattr(node, "lineno", 1), getattr(node, "end_lineno", None))


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
    warnings: list[str] = field(default_factory=list)
    read: Callable[[str], Source] | None = None
    answers: dict[Rule, tuple[Fact, ...]] = field(default_factory=dict)
    filed: dict[str, dict[str, list[Call]]] = field(default_factory=dict)

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
