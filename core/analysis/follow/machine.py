"""The machine that walks a program: modules, statements, branches and loops.

Branches whose condition the values decide are followed one way; others are followed both ways and the names they bind
are joined. A loop body is followed once, or once for each item of a short known list. Nothing is run.
"""

from __future__ import annotations

import ast
import os.path
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from core.analysis.facts import Candidate
from core.analysis.follow import binding, calling, classes, expressions, finishing
from core.analysis.localmodules import find_module, heads
from core.analysis.nodes import walk
from core.analysis.outline import outline
from core.analysis.program import (
    UNKNOWN,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    Loop,
    Module,
    ModuleValue,
    Program,
    Resolved,
    Scope,
    Ways,
)
from core.analysis.source import Source

LARGEST_WALK = 80_000
"""Expressions evaluated for one program: half a second. What lies beyond is not followed, and a warning says so."""
MOST_MODULES = 400
UNROLLED = 48
"""Items of a known list, or turns of a known range while a model is built, that are followed one by one."""
DEEPEST_CALL = 24


class Exhausted(Exception):
    """The walk is longer than `LARGEST_WALK`."""


@dataclass(slots=True, eq=False)
class Frame:
    """One function call, class body or module being walked."""

    scope: Scope
    function: Function | None = None
    owner: Instance | None = None
    loop: Loop | None = None
    outer_loop: Loop | None = None
    """The loop that the frame was entered in."""
    maybe: bool = False
    building: bool = False
    """Whether an object is being built, whose lists of layers matter one by one."""
    returned: list[Resolved] = field(default_factory=list)
    global_names: set[str] = field(default_factory=set)
    depth: int = 0


class Machine:
    """Walks one candidate's entry module and what it reaches; fills `program`."""

    def __init__(
        self, candidate: Candidate, read: Callable[[str], Source], entry_path: str, wishes: frozenset[str], eager: bool
    ) -> None:
        self.candidate = candidate
        self.entry_path = entry_path
        self.eager = eager
        """Whether branches behind switches that are off by default are followed too."""
        self.read = read
        self.known = frozenset(candidate.files) | {self.entry_path, candidate.path, *candidate.aliases}
        self.heads = heads(self.known)
        self.wishes = wishes
        """Names of switches taken to be on: `do_train`."""
        self.modules: dict[str, Module | None] = {}
        self.steps = 0
        self.memo: dict[tuple[object, ...], Resolved] = {}
        self.times: dict[int, int] = {}
        self.side: dict[int, object] = {}
        """State that handlers of libraries keep with an object, by its id."""
        self.registry: dict[str, list[tuple[Class, str, Function]]] = {}
        """Options of configuration classes, by attribute: (class, name of the option, what makes it)."""
        self.kept: list[object] = []
        self.flags = DictValue(dotted="absl.flags.FLAGS")
        self.config_used = False
        self.ways: Ways = ()
        self.branchings = 0
        entry = self._parse(self.entry_path, "__main__")
        self.program = Program(candidate, entry, [entry], [], [], [], [], read=read)
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
        module = self._parse(path, self._dotted(path))
        self.program.modules.append(module)
        self.walk_module(module)
        return module

    def is_config(self, path: str) -> bool:
        """Whether a Python file is nothing but a configuration."""
        return outline(self.read(path)).only_assigns

    def _dotted(self, path: str) -> str:
        """`models.vae` for a file under the entry's folder, `vae` for one elsewhere."""
        relative = os.path.relpath(path, os.path.dirname(self.entry_path))
        parts = [part for part in os.path.splitext(relative)[0].split(os.sep) if part != ".."]
        return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)

    def walk_module(self, module: Module) -> None:
        """Follow the top level of a module in a frame of its own."""
        before, self.frame = self.frame, Frame(module.scope, depth=self.frame.depth + 1)
        try:
            self.block(module.tree.body)
        finally:
            self.frame = before

    def find(self, dotted: str, level: int = 0) -> str | None:
        """The local file that an import in the current module means."""
        if not level and dotted and dotted.partition(".")[0] not in self.heads:
            return None
        return find_module(dotted, level, self.frame.scope.module.path, self.entry_path, self.known)

    # -- making values

    def made(self, value: object, node: ast.AST, how: str = "literal") -> Resolved:
        return Resolved(value, (self.frame.scope.module, node), how)

    def unknown(self, node: ast.AST, parts: tuple[Resolved, ...] = ()) -> Resolved:
        return Resolved(UNKNOWN, (self.frame.scope.module, node), "", parts=parts)

    def evaluate(self, node: ast.expr) -> Resolved:
        """The value of an expression. Raises Exhausted."""
        self.steps += 1
        if self.steps > LARGEST_WALK:
            raise Exhausted
        handler = expressions.HANDLERS.get(type(node))
        return handler(self, node) if handler else self.unknown(node)

    # -- statements

    def block(self, body: Iterable[ast.stmt]) -> str | None:
        """Follow statements; how it ends: None (falls through), "return", "break", "continue" or "stop"."""
        for statement in body:
            handler = _STATEMENTS.get(type(statement))
            if handler is None:
                continue
            ended = handler(self, statement)
            if ended:
                return ended
        return None

    def branches(self, *bodies: Iterable[ast.stmt]) -> str | None:
        """Follow several ways, none of which is known to be taken, and join what they bind."""
        names, maybe = self.frame.scope.names, self.frame.maybe
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
        self.frame.maybe = maybe
        names.clear()
        names.update(before)
        for name in dict.fromkeys(name for way in ways for name in way):
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
            self.program.warnings.append(f"{self.entry_path}:1: too long to be followed to its end")
        except RecursionError:
            self.program.warnings.append(f"{self.entry_path}:1: nested too deeply to be followed to its end")
        except Exception as error:  # strange code must not cost the other models their analysis; it is told
            problem = f"{type(error).__name__}: {error}"
            self.program.warnings.append(f"{self.entry_path}:1: following it failed: {problem}")
        return self.program


def join(values: list[Resolved]) -> Resolved:
    """One value out of those that several branches gave: the first known one, the others kept."""
    first = values[0]
    if all(value is first for value in values):
        return first
    distinct: list[Resolved] = []
    for value in (item for given in values for item in given.all()):
        if value.known and not any(_same(value, other) for other in distinct):
            distinct.append(value if not value.others else value.but(others=()))
    if not distinct:
        return first
    if distinct[0].value is None and len(distinct) > 1:
        distinct.append(distinct.pop(0))
    return distinct[0].but(others=tuple(distinct[1:6])) if len(distinct) > 1 else distinct[0]


def _same(a: Resolved, b: Resolved) -> bool:
    return a.value is b.value or (type(a.value) is type(b.value) and a.value == b.value)


def truth(value: Resolved) -> bool | None:
    """Whether it is true; None where that cannot be told."""
    answers = {_truth_of(item.value) for item in value.all()}
    return answers.pop() if len(answers) == 1 else None


def _truth_of(value: object) -> bool | None:
    if value is UNKNOWN or (isinstance(value, External) and not value.dotted.endswith("TYPE_CHECKING")):
        return None
    if isinstance(value, External):
        return False
    if isinstance(value, DictValue):
        return bool(value.entries) if value.complete or value.entries else None
    items = getattr(value, "items", None)
    if isinstance(items, list):
        return bool(items)
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return bool(value)
    return True if isinstance(value, (Function, Class, ModuleValue)) else None


# -- one function for each kind of statement


def _expression(m: Machine, node: ast.Expr) -> str | None:
    if isinstance(node.value, ast.Constant):
        return None
    value = m.evaluate(node.value)
    return "stop" if value.how == "exit" else None


def _assign(m: Machine, node: ast.Assign) -> None:
    value = m.evaluate(node.value)
    for target in node.targets:
        counts = value.number is not None and not m.frame.building and _counts_on(target, node.value)
        binding.bind(m, target, m.unknown(node.value, (value,)) if counts else value)


def _counts_on(target: ast.expr, value: ast.expr) -> bool:
    """`self.t = (self.t + 1) % n`: a counter on an object, another at every call."""
    if not isinstance(target, ast.Attribute):
        return False
    holder = ast.dump(target.value)
    return any(
        isinstance(inner, ast.Attribute) and inner.attr == target.attr and ast.dump(inner.value) == holder
        for inner in walk(value)
    )


def _annotated(m: Machine, node: ast.AnnAssign) -> None:
    if node.value is not None:
        binding.bind(m, node.target, m.evaluate(node.value))


def _if(m: Machine, node: ast.If) -> str | None:
    answer = truth(m.evaluate(node.test))
    if not answer and m.wishes and expressions.mentions(node.test, m.wishes):
        answer = True
    if (own := _starts_this_model(m, node)) is not None:
        answer = own
    if answer is not False and _only_refuses(node.body):
        return m.block(node.orelse)
    if answer is not None:
        return m.block(node.body if answer else node.orelse)
    return m.branches(node.body, node.orelse)


def _starts_this_model(m: Machine, node: ast.If) -> bool | None:
    """Of a launcher's branches, each of which starts another file's loop: whether this is that of the model's file."""
    path = m.candidate.path
    if path == m.entry_path or m.candidate.script is not None or m.frame.scope.module.path != m.entry_path:
        return None
    here, elsewhere = (any(_speaks_of(m, line, path) for line in body) for body in (node.body, node.orelse))
    return here if here != elsewhere and isinstance(node.test, ast.Compare) else None


def _speaks_of(m: Machine, statement: ast.stmt, path: str) -> bool:
    """Whether a statement names a class, function or module of this file."""
    for node in walk(statement):
        value = _known_as(m.frame.scope, node.id) if isinstance(node, ast.Name) else None
        if isinstance(value, (Class, Function, ModuleValue)) and value.module.path == path:
            return True
    return False


def _known_as(scope: Scope | None, name: str) -> object:
    """What a name stands for in a scope or around it."""
    while scope is not None:
        if name in scope.names:
            return scope.names[name].value
        scope = scope.parent
    return None


def _only_refuses(body: list[ast.stmt]) -> bool:
    """Whether a branch does nothing but refuse to go on: the run that trains does not take it."""
    last = body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        func = last.value.func
        return len(body) <= 4 and getattr(func, "attr", getattr(func, "id", "")) in ("exit", "_exit", "error", "quit")
    return isinstance(last, ast.Raise) and len(body) <= 3


def _for(m: Machine, node: ast.For | ast.AsyncFor) -> str | None:
    over = m.evaluate(node.iter)
    loop = _open_loop(m, node, over)
    items = expressions.items_of(m, over, node.iter)
    if items is not None and len(items) <= UNROLLED and _worth_unrolling(m, over):
        for item in items:
            binding.bind(m, node.target, item)
            if _turn(m, loop, node.body) not in (None, "continue"):
                break
    else:
        binding.bind(m, node.target, expressions.loop_variable(m, over, node))
        _forget_counters(m, node)
        _turn(m, loop, node.body)
    return m.block(node.orelse)


def _worth_unrolling(m: Machine, over: Resolved) -> bool:
    return m.frame.building or not expressions.is_range(over)


def _open_loop(m: Machine, node: ast.For | ast.AsyncFor | ast.While, over: Resolved | None) -> Loop:
    targets = (
        tuple(n.id for n in walk(node.target) if isinstance(n, ast.Name)) if not isinstance(node, ast.While) else ()
    )
    place = (m.frame.loop, len(m.program.calls))
    loop = Loop(node, m.frame.scope.module, over, targets, *place, within=m.frame.function, ways=m.ways)
    m.program.loops.append(loop)
    return loop


def _turn(m: Machine, loop: Loop, body: list[ast.stmt]) -> str | None:
    before, m.frame.loop = m.frame.loop, loop
    ended = m.block(body)
    m.frame.loop = before
    return ended


def _forget_counters(m: Machine, node: ast.For | ast.AsyncFor | ast.While) -> None:
    """What a loop that is followed once counts up or down has another value at each turn: no branch is decided by
    the first."""
    for inner in walk(node) if not m.frame.building else ():
        counts = isinstance(inner, ast.AugAssign) and isinstance(inner.op, (ast.Add, ast.Sub))
        target = inner.target if counts else None  # type: ignore[attr-defined]
        if isinstance(target, (ast.Name, ast.Attribute)):
            value = m.evaluate(target)
            if value.number is not None:
                binding.bind(m, target, m.unknown(inner, (value,)))


def _while(m: Machine, node: ast.While) -> str | None:
    answer = truth(m.evaluate(node.test))
    if answer is False:
        return m.block(node.orelse)
    loop = _open_loop(m, node, None)
    limit = node.test if isinstance(node.test, ast.Compare) else _breaking_test(node)
    if limit is not None:
        loop.until = m.evaluate(limit.comparators[0])
    _forget_counters(m, node)
    ended = _turn(m, loop, node.body)
    return ended if ended == "return" and answer is True and not _breaks(node) else None


def _breaking_test(node: ast.While) -> ast.Compare | None:
    """The comparison that ends a `while True`: `if step > limit: break`."""
    for inner in node.body:
        if isinstance(inner, ast.If) and isinstance(inner.test, ast.Compare) and isinstance(inner.body[-1], ast.Break):
            return inner.test
    return None


def _breaks(node: ast.While) -> bool:
    return any(isinstance(inner, ast.Break) for inner in walk(node))


def _with(m: Machine, node: ast.With | ast.AsyncWith) -> str | None:
    for item in node.items:
        value = m.evaluate(item.context_expr)
        if item.optional_vars is not None:
            binding.bind(m, item.optional_vars, value)
    return m.block(node.body)


def _try(m: Machine, node: ast.Try) -> str | None:
    ended = m.block(node.body)
    if not ended:
        ended = m.block(node.orelse)
    last = m.block(node.finalbody)
    return ended or last


def _return(m: Machine, node: ast.Return) -> str:
    m.frame.returned.append(m.evaluate(node.value) if node.value else m.made(None, node))
    return "return"


def _raise(m: Machine, node: ast.Raise) -> str:
    return "return"


def _delete(m: Machine, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            m.frame.scope.names.pop(target.id, None)


def _global(m: Machine, node: ast.Global) -> None:
    m.frame.global_names.update(node.names)


def _assert(m: Machine, node: ast.Assert) -> None:
    m.evaluate(node.test)


def _match(m: Machine, node: ast.Match) -> str | None:
    subject = m.evaluate(node.subject)
    bodies: list[list[ast.stmt]] = []
    for case in node.cases:
        answer = expressions.matches(m, subject, case.pattern)
        if answer is True and case.guard is None and not bodies:
            return m.block(case.body)
        if answer is not False:
            bodies.append(case.body)
    return m.branches(*bodies, []) if bodies else None


def _define(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    m.frame.scope.names[node.name] = calling.define(m, node)


def _class(m: Machine, node: ast.ClassDef) -> None:
    m.frame.scope.names[node.name] = classes.define(m, node)


def _import(m: Machine, node: ast.Import) -> None:
    for alias in node.names:
        path = m.find(alias.name)
        module = m.load(path) if path else None
        if alias.asname:
            value: object = ModuleValue(module) if module else External(alias.name)
            m.frame.scope.names[alias.asname] = m.made(value, node, "import")
        else:
            binding.bind_package(m, alias.name, module, node)


def _import_from(m: Machine, node: ast.ImportFrom) -> None:
    dotted = node.module or ""
    path = m.find(dotted, node.level)
    module = m.load(path) if path else None
    for alias in node.names:
        if alias.name == "*":
            if module:
                public = {k: v for k, v in module.scope.names.items() if not k.startswith("_")}
                m.frame.scope.names.update(public)
            else:
                binding.star_import(m, dotted)
            continue
        value = module.scope.names.get(alias.name) if module and module is not m.frame.scope.module else None
        if value is None:
            inner = m.find(f"{dotted}.{alias.name}" if dotted else alias.name, node.level)
            submodule = m.load(inner) if inner else None
            if submodule:
                value = m.made(ModuleValue(submodule), node, "import")
            elif module:
                value = m.unknown(node)
            else:
                value = m.made(External(f"{dotted}.{alias.name}" if dotted else alias.name), node, "import")
        m.frame.scope.names[alias.asname or alias.name] = value


_STATEMENTS: dict[type, Callable[..., str | None]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: binding.augmented,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Delete: _delete,
    ast.Global: _global,
    ast.Assert: _assert,
    ast.Match: _match,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Break: lambda m, node: "break",
    ast.Continue: lambda m, node: "continue",
}
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = _try


def follow(
    candidate: Candidate,
    read: Callable[[str], Source],
    entry: str | None = None,
    wishes: frozenset[str] = frozenset(),
    eager: bool = False,
) -> Program:
    """The program of a candidate, walked from `entry` (its script). Nothing in the code makes this raise.

    `wishes` are switches taken to be on; an eager walk also follows functions that nothing calls.
    """
    return Machine(candidate, read, entry or candidate.script or candidate.path, wishes, eager).finish()
