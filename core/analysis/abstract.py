"""The abstract values that code is followed over: what stands for numbers, texts, objects, classes and modules."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from core.analysis.facts import Place, Value
from core.analysis.nodes import Kind, below, kept

if TYPE_CHECKING:
    from core.analysis.program import Call
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


def _literal(value: object, depth: int = 20) -> Value:
    if isinstance(value, ListValue) and depth:  # a list may hold itself
        return tuple(_literal(item.value, depth - 1) for item in value.items)
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


def items_in(value: Resolved | None) -> list[Resolved]:
    """The items of a list; none of anything else."""
    return list(value.value.items) if value is not None and isinstance(value.value, ListValue) else []


def each_in(value: Resolved | None) -> list[Resolved]:
    """The items of a list; a single value as one."""
    return items_in(value) if value is None or isinstance(value.value, ListValue) else [value]


def entries_in(value: Resolved | None) -> dict[Any, Resolved]:
    """The entries of a dict; none of anything else."""
    return value.value.entries if value is not None and isinstance(value.value, DictValue) else {}


def keywords_in(value: Resolved | None) -> dict[str, Resolved]:
    """The entries of a dict by their keys as texts, as a call is given them: `**settings`."""
    return {str(key): entry for key, entry in entries_in(value).items()}


@dataclass(frozen=True, slots=True)
class External:
    """A thing of a library, by its full dotted name: `torch.optim.Adam`, `torch.nn.functional`."""

    dotted: str
    receiver: Resolved | None = field(default=None, compare=False, repr=False)
    """The object whose method it is, where code keeps the method: `arg = parser.add_argument`."""


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
        self._lineage = tuple(dict.fromkeys((self, *chain.from_iterable(above))))

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


@lru_cache(maxsize=50_000)
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

    @property
    def names_read(self) -> frozenset[str]:
        """The names that are read anywhere in the file."""
        read = (node.id for node in self.of(ast.Name) if isinstance(node.ctx, ast.Load))
        return kept(self.tree, "_names_read", lambda: frozenset(read))

    def place(self, node: ast.AST) -> Place:
        """Where a node stands (cells counted in notebooks)."""
        return self.source.place(getattr(node, "lineno", 1), getattr(node, "end_lineno", None))
