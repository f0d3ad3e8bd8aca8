"""The machine that walks a program: its modules, blocks and branches. Nothing is run."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.analysis.facts import Candidate, Place
from core.analysis.follow import expressions, finishing, gin
from core.analysis.follow.binding import set_by_all
from core.analysis.follow.configured import Brought, Registered
from core.analysis.follow.frames import LARGEST_WALK, MOST_MODULES, Exhausted, Frame
from core.analysis.follow.joining import join
from core.analysis.follow.picking import Table
from core.analysis.follow.statements import STATEMENTS
from core.analysis.localmodules import dotted_name, find_known, find_package, heads, may_be_local, the_same
from core.analysis.outline import outline
from core.analysis.program import (
    UNKNOWN,
    Call,
    DictValue,
    External,
    Module,
    Program,
    Resolved,
    Ways,
    Where,
)
from core.analysis.source import Source

_EXPRESSIONS = defaultdict(lambda: Machine.unknown, expressions.HANDLERS)


@dataclass(eq=False, repr=False)
class Machine:
    """Walks one candidate's entry module and what it reaches; fills `program`."""

    candidate: Candidate
    read: Callable[[str], Source]
    entry_path: str
    wishes: frozenset[str]
    """Names of switches taken to be on: `do_train`."""
    eager: bool
    """Whether branches behind switches that are off by default are followed too."""
    picked: Mapping[Where, int]
    """Which of many classes is taken where nothing says which."""
    modules: dict[str, Module | None] = field(default_factory=dict)
    promised: list[tuple[dict[str, Resolved], str, Module, str]] = field(default_factory=list)
    """(names, name, module, name there): what was imported of a module whose walk was not over."""
    steps: int = 0
    turns: int = 1
    """How often what is followed now is followed, by the loops around it that are followed turn by turn."""
    tables: dict[int, Table] = field(default_factory=dict)
    """Tables that entries were asked of, by the table's id."""
    memo: dict[tuple[object, ...], Resolved] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)
    side: dict[int, object] = field(default_factory=dict)
    """State that handlers of libraries keep with an object, by its id."""
    setters: set[str] = field(default_factory=set)
    """Names of properties for which some class has a function that sets them."""
    registry: dict[str, list[Registered | Brought]] = field(default_factory=dict)
    """Options of configuration classes, by attribute."""
    named: dict[str, Resolved] = field(default_factory=dict)
    """Classes and functions of the user's that a library's registry keeps, by their name there."""
    stored: dict[str, Resolved] = field(default_factory=dict)
    """Configurations that code put into Hydra's store, by group and name."""
    bound: gin.Bound = field(default_factory=gin.Bound)
    """What a file of gin binds to parameters."""
    outside: dict[str, Resolved] = field(default_factory=dict)
    """What code set on things of libraries, by dotted name: `wandb.config.lr = 0.1`."""
    kept: list[object] = field(default_factory=list)
    waiting: dict[int, list[Call]] = field(default_factory=dict)
    """The calls that made the default of a parameter, by its id, until the default is used."""
    flags: DictValue = field(default_factory=lambda: DictValue(dotted="absl.flags.FLAGS"))
    commands: list[Resolved] = field(default_factory=list)
    """Functions that the command line starts by their names."""
    config_used: bool = False
    stated: Place | None = None
    """Where the text stands that names what is called next."""
    ways: Ways = ()
    branchings: int = 0
    known: frozenset[str] = field(init=False)
    """The candidate's files."""
    code: frozenset[str] = field(init=False)
    """Those of Python."""
    heads: frozenset[str] = field(init=False)
    put: tuple[str, ...] = field(init=False)
    """Folders, seen from the entry's, that it puts on `sys.path`."""
    program: Program = field(init=False)
    frame: Frame = field(init=False)

    def __post_init__(self) -> None:
        self.known = frozenset(self.candidate.files) | {self.entry_path, self.candidate.path, *self.candidate.aliases}
        self.code = the_same(frozenset(path for path in self.known if path.endswith(".py")))
        self.heads = heads(self.code)
        self.put = tuple(outline(self.read(self.entry_path)).put)
        entry = self._parse(self.entry_path, "__main__")
        self.program = Program(self.candidate, entry, [entry], [], [], [], [], read=self.read)
        self.frame = Frame(entry.scope)

    # -- modules

    def _parse(self, path: str, name: str) -> Module:
        source = self.read(path)
        module = Module(path, name, source.tree or ast.Module([], []), source)
        self.modules[path] = module
        names = {"__name__": name, "__file__": path, "__doc__": None}
        module.scope.names = {key: Resolved(value, (module, module.tree), "name") for key, value in names.items()}
        return module

    def load(self, path: str) -> Module | None:
        """The local module of a file, walked on its first import; None where there are too many."""
        if path in self.modules:
            return self.modules[path]
        if len(self.modules) >= MOST_MODULES:
            return None
        module = self._parse(path, dotted_name(path, self.entry_path))
        self.program.modules.append(module)
        self.walk_module(module)
        for names, here, home, name in self.promised:
            if home is module and name in module.scope.names and not names[here].known:
                names[here] = module.scope.names[name]
        return module

    def is_config(self, path: str) -> bool:
        """Whether a Python file is nothing but a configuration."""
        return outline(self.read(path)).only_assigns

    def walk_module(self, module: Module) -> None:
        """Follow the top level of a module in a frame of its own."""
        before, self.frame = self.frame, Frame(module.scope, depth=self.frame.depth + 1)
        try:
            self.block(module.tree.body)
        finally:
            self.frame = before

    def find(self, dotted: str, level: int = 0) -> str | None:
        """The local file that an import in the current module means."""
        if not level and dotted and not may_be_local(dotted, self.heads):
            return None
        return find_known(dotted, level, self.frame.scope.module.path, self.entry_path, self.code, self.put)

    def package(self, dotted: str) -> str | None:
        """The folder of the local package that a name in the current module means."""
        return find_package(dotted, 0, self.frame.scope.module.path, self.entry_path, self.code, self.put)

    # -- making values

    def made(self, value: object, node: ast.AST, how: str = "literal") -> Resolved:
        return Resolved(value, (self.frame.scope.module, node), how)

    def external(self, dotted: str, node: ast.AST, how: str = "import") -> Resolved:
        """A thing of a library that a piece of code names; made once, whichever program is followed."""
        known: Resolved | None = node.__dict__.get("_named")
        if known is None or known.value.dotted != dotted or known.how != how:  # type: ignore[attr-defined]
            known = Resolved(External(dotted), (self.frame.scope.module.source, node), how)
            node.__dict__["_named"] = known
        return known

    def unknown(self, node: ast.AST, parts: tuple[Resolved, ...] = ()) -> Resolved:
        """What nobody knows; made once for a piece of code alone, whichever program is followed."""
        if parts:
            return Resolved(UNKNOWN, (self.frame.scope.module, node), "", parts=parts)
        known: Resolved | None = node.__dict__.get("_unknown")
        if known is None:
            known = node.__dict__["_unknown"] = Resolved(UNKNOWN, (self.frame.scope.module.source, node), "")
        return known

    def evaluate(self, node: ast.expr) -> Resolved:
        """The value of an expression. Raises Exhausted."""
        self.steps += 1
        if self.steps > LARGEST_WALK:
            raise Exhausted
        return _EXPRESSIONS[type(node)](self, node)

    # -- statements

    def block(self, body: Iterable[ast.stmt]) -> str | None:
        """Follow statements; how it ends: None (falls through), "return", "break", "continue" or "stop"."""
        for statement in body:
            handler = STATEMENTS.get(type(statement))
            if handler is None:
                continue
            try:
                ended = handler(self, statement)
            except RecursionError:  # what stands behind it is followed all the same
                self._warn("nested too deeply to be followed to its end")
                continue
            if ended:
                return ended
        return None

    def branches(self, *bodies: list[ast.stmt]) -> str | None:
        """Follow several ways, none of which is known to be taken, and join what they bind."""
        names, maybe, replaced = self.frame.scope.names, self.frame.maybe, self.frame.replaced
        self.frame.replaced = {} if maybe else dict.fromkeys(set_by_all(bodies), False)
        self.frame.maybe = True
        before = dict(names)
        ways: list[dict[str, Resolved]] = []
        endings: list[str | None] = []
        for body, _ in zip(bodies, self.each_way(len(bodies)), strict=True):
            names.clear()
            names.update(before)
            endings.append(self.block(body))
            if endings[-1] in (None, "break", "continue"):
                ways.append(dict(names))
        self.frame.maybe, self.frame.replaced = maybe, replaced
        names.clear()
        names.update(before)
        bound = (name for way in ways for name, value in way.items() if before.get(name) is not value)
        for name in dict.fromkeys(bound):
            names[name] = join([way[name] for way in ways if name in way])
        if all(endings):
            return endings[0] if len(set(endings)) == 1 else "return"
        return None

    def each_way(self, count: int) -> Iterator[int]:
        """Be in one way after another of a new branching of so many."""
        before, self.branchings = self.ways, self.branchings + 1
        branching = self.branchings
        for way in range(count):
            self.ways = (*before, (branching, way))
            yield way
            self.ways = before

    def finish(self) -> Program:
        """Walk the entry and everything that libraries would call. Never raises."""
        try:
            self.walk_module(self.program.entry)
            finishing.finish(self)
        except Exhausted:
            self._warn("too long to be followed to its end")
        except RecursionError:
            self._warn("nested too deeply to be followed to its end")
        except Exception as error:  # strange code must not cost the other models their analysis; it is told
            self._warn(f"following it failed: {type(error).__name__}: {error}")
        return self.program

    def _warn(self, problem: str) -> None:
        self.program.warnings.append(f"{self.entry_path}:1: {problem}")


def follow(
    candidate: Candidate,
    read: Callable[[str], Source],
    entry: str | None = None,
    wishes: frozenset[str] = frozenset(),
    eager: bool = False,
    picked: Mapping[Where, int] = MappingProxyType({}),
) -> Program:
    """The program of a candidate, walked from `entry` (its script). Nothing in the code makes this raise.

    `wishes` are switches taken to be on; an eager walk also follows functions that nothing calls; `picked` says which
    of many classes to take where the code does not.
    """
    return Machine(candidate, read, entry or candidate.script or candidate.path, wishes, eager, picked).finish()
