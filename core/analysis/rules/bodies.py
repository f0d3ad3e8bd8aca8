"""Pieces of code that a run reaches, and what stands in them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeGuard

from core.analysis.facts import Place
from core.analysis.nodes import LEAVES, Found, Kind, below, children, kept, name_of, walk
from core.analysis.program import Call, Class, Module

FORWARDS = ("forward", "__call__", "call", "_build", "hybrid_forward")
"""Methods that compute a network's output; `_build` is Sonnet's, `hybrid_forward` MXNet's."""
LOG_DETERMINANT = re.compile(
    r"log_?(abs_?)?(s_?)?det|^ldj|logdet|log_jac|log_df_dz|slogdet|sum_log_abs_det", re.IGNORECASE
)
"""What the parts of flows say of how volumes change; their products are no layers of an MLP."""


class Code:
    """The code of a function or of a module's top level, looked through once for all programs that reach it."""

    def __init__(self, nodes: list[ast.AST]) -> None:
        self.nodes = nodes
        self.calls: dict[str, list[ast.Call]] = {}
        self.assigned: dict[str, list[ast.expr]] = {}
        self.words: dict[tuple[ast.AST, int], frozenset[str]] = {}
        self.answers: dict[object, object] = {}
        self.tested: dict[tuple[str, ...] | None, dict[int, ast.AST | None]] = {}
        kinds: dict[type, list[ast.AST]] = defaultdict(list)
        for node in nodes:
            kinds[type(node)].append(node)
        self.only_imports = _IMPORTING.issuperset(kinds)
        self._of: dict[tuple[type, ...], list[Any]] = {(kind,): found for kind, found in kinds.items()}
        for call in self.of(ast.Call):
            self.calls.setdefault(last_name(call.func), []).append(call)
        bindings: list[ast.Assign | ast.AugAssign | ast.AnnAssign]
        bindings = self.of(ast.Assign, ast.AugAssign, ast.AnnAssign)
        for binding in bindings:
            for target in binding.targets if isinstance(binding, ast.Assign) else [binding.target]:
                if type(target) is ast.Name and binding.value is not None:
                    self.assigned.setdefault(target.id, []).append(binding.value)
                    continue
                for name, value in _bound(target, binding.value) if binding.value is not None else ():
                    self.assigned.setdefault(name, []).append(value)

    def of(self, *kinds: type[Kind]) -> list[Kind]:
        """The nodes of these very kinds, in order."""
        known: list[Kind] | None = self._of.get(kinds)
        if known is None:
            known = self._of[kinds] = [node for node in self.nodes if type(node) in kinds] if len(kinds) > 1 else []
        return known


_IMPORTING = frozenset({ast.Import, ast.ImportFrom, ast.alias})


def code_of(node: ast.AST) -> Code:
    """The code of a function, nested ones included; of a module: what stands in no function and no class."""
    return kept(node, "_code", lambda: Code(_top_level(node) if isinstance(node, ast.Module) else walk(node)))


@dataclass(slots=True, eq=False)
class Body:
    """A piece of code that the run reaches: a function, or the top level of a module."""

    node: ast.AST
    module: Module
    cls: Class | None
    code: Code
    nodes: list[ast.AST] = field(init=False)
    """Every node in it, functions defined inside included."""
    calls: dict[str, list[ast.Call]] = field(init=False)
    """Its calls by the last part of the callee's name."""
    assigned: dict[str, list[ast.expr]] = field(init=False)
    """What is assigned to each name or attribute, by its last part."""
    name: str = field(init=False)
    tested: dict[int, ast.AST | None] = field(init=False)
    """What tests found in this code as a method of a class with these bases, by the test's code."""

    def __post_init__(self) -> None:
        self.nodes, self.calls, self.assigned = self.code.nodes, self.code.calls, self.code.assigned
        self.name = getattr(self.node, "name", "")
        self.tested = self.code.tested.setdefault(self.cls.external_bases() if self.cls else None, {})

    @property
    def parameters(self) -> list[str]:
        """What it may be given by place, in order."""
        return [each.arg for each in getattr(getattr(self.node, "args", None), "args", ())]

    @property
    def attributes(self) -> frozenset[str]:
        """All attributes that it speaks of, in lower case."""
        return self.once(_attributes)

    @property
    def spoken(self) -> frozenset[str]:
        """All names and attributes that it speaks of, in lower case."""
        return self.once(_spoken)

    def speaks_of(self, names: re.Pattern[str]) -> bool:
        """Whether anything that it speaks of is called so, in lower case."""
        return any(map(names.search, self.spoken))

    def values_called(self, names: re.Pattern[str]) -> list[ast.expr]:
        """What is assigned to names of such a kind, in lower case."""
        named = (values for name, values in self.assigned.items() if names.search(name.casefold()))
        return [value for values in named for value in values]

    def names_given(self, test: Callable[[ast.expr], object]) -> set[str]:
        """The names that are given a value which passes a test."""
        return {name for name, values in self.assigned.items() if any(map(test, values))}

    def calls_any(self, names: Iterable[str]) -> ast.Call | None:
        """The first call of one of these names, as it stands in the code."""
        found = [self.calls[name][0] for name in names if name in self.calls]
        return min(found, key=lambda call: (call.lineno, call.col_offset), default=None)

    def of(self, *kinds: type[Kind]) -> list[Kind]:
        """The nodes of these very kinds, in order."""
        return self.code.of(*kinds)

    def bound(self, node: ast.AST) -> list[ast.expr]:
        """What is assigned to a plain name; nothing to anything else."""
        return self.assigned.get(node.id, []) if isinstance(node, ast.Name) else []

    def meant(self, node: Kind) -> list[Kind | ast.expr]:
        """What is assigned to a plain name; anything else is itself."""
        return [*self.bound(node)] if isinstance(node, ast.Name) else [node]

    def place(self, node: ast.AST) -> Place:
        return self.module.place(node)

    def once(self, ask: Callable[[Body], Found], *rest: object) -> Found:
        """What a function says of this code alone (and of the rest), kept with the code for all programs that reach it.

        The function may close over nothing.
        """
        answers: dict[object, Any] = self.code.answers
        code = id(ask.__code__)  # hashing the code itself takes longer than most answers
        question = (code, *rest) if rest else code
        found: Found = answers.get(question, _UNASKED)
        if found is _UNASKED:
            found = answers[question] = ask(self)
        return found

    def words(self, node: ast.AST, depth: int = 2) -> frozenset[str]:
        """All names, callees and keys in an expression, and in what was assigned to its plain names, or appended to
        what began as an empty list, `depth` levels back."""
        known = self.code.words.get((node, depth))
        if known is None:
            known = self.code.words[node, depth] = self._words(node, depth)
        return known

    def _words(self, node: ast.AST, depth: int) -> frozenset[str]:
        found: set[str] = set()
        for inner in walk(node):
            kind = type(inner)
            if kind is ast.Name:
                name: str = inner.id  # type: ignore[attr-defined]
                found.add(name)
                if depth and (turned := self._taken_by_turns(name)):
                    found.add(turned)
                    for item in self._appended(turned):
                        found |= self.words(item, depth - 1)
                if depth and name in self.assigned:
                    for value in self.assigned[name][:4]:
                        found |= self.words(value, depth - 1) if value is not node else set()
                        for item in self._appended(name) if type(value) is ast.List and not value.elts else ():
                            found |= self.words(item, depth - 1)
            elif kind is ast.Attribute:
                found.add(inner.attr)  # type: ignore[attr-defined]
            elif isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Constant):
                found.add(str(inner.slice.value))
        return frozenset(found)

    def _taken_by_turns(self, name: str) -> str:
        """The list, put together here, that a loop goes over under this name: `x` of `for x, y in zip(done, won)`."""
        if self.calls.keys().isdisjoint(_PUTTING):
            return ""
        turns: dict[str, str] = self.once(_turns)
        return turns.get(name, "")

    def _appended(self, name: str) -> list[ast.expr]:
        """The first things that are appended to a list of this name."""
        calls = [call for call in self.calls.get("append", ()) if call.args]
        return [call.args[0] for call in calls if getattr(holder(call), "id", "") == name][:4]


def _turns(body: Body) -> dict[str, str]:
    """The names that loops bind to the items of lists that are put together here, each with its list's."""
    put = {getattr(holder(call), "id", "") for name in _PUTTING for call in body.calls.get(name, ())}
    found: dict[str, str] = {}
    loops: list[ast.For | ast.comprehension] = body.of(ast.For, ast.comprehension)
    for loop in loops:
        zipped = isinstance(loop.target, ast.Tuple) and is_call(loop.iter, ("zip",))
        targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
        lists = loop.iter.args if isinstance(loop.iter, ast.Call) and zipped else [loop.iter]
        pairs = ((last_name(one), getattr(each, "id", "")) for one, each in zip(targets, lists, strict=False))
        found |= {name: items for name, items in pairs if items in put - {name}}
    return found


_PUTTING = ("append", "insert")
_UNASKED: Any = object()


def _bound(target: ast.AST, value: ast.expr) -> list[tuple[str, ast.expr]]:
    """The names that an assignment binds, each with its value: `a, b = x, y` binds two values."""
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        plain = not any(isinstance(item, ast.Starred) for item in (*target.elts, *value.elts))
        if plain and len(target.elts) == len(value.elts):
            return [pair for one, each in zip(target.elts, value.elts, strict=True) for pair in _bound(one, each)]
    return [(name, value) for name in _targets(target)]


def _targets(node: ast.AST) -> list[str]:
    """The names that an assignment binds: those of a tuple each."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return [name for item in node.elts for name in _targets(item)]
    return [last_name(node)]


def _attributes(body: Body) -> frozenset[str]:
    return frozenset(map(str.casefold, {node.attr for node in body.of(ast.Attribute)}))


def _spoken(body: Body) -> frozenset[str]:
    return body.attributes.union(map(str.casefold, {node.id for node in body.of(ast.Name)}))


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`, of `c` and of `c[0]`; empty where there is none."""
    while type(node) in _AROUND:
        node = node.value  # type: ignore[attr-defined]
    if type(node) is ast.Attribute:
        return node.attr
    return node.id if type(node) is ast.Name else ""


def named_in(node: ast.AST) -> frozenset[str]:
    """The names and attributes that an expression speaks of."""
    return kept(node, "_named_in", lambda: frozenset(map(name_of, below(node, ast.Name, ast.Attribute))))


def called_in(node: ast.AST) -> frozenset[str]:
    """The last names of all that is called in a piece of code."""
    return kept(node, "_called_in", lambda: frozenset(last_name(call.func) for call in below(node, ast.Call)))


_AROUND = frozenset({ast.Subscript, ast.Starred})


def assignment_of(call: Call) -> ast.Assign | None:
    """The statement that gives a name to what a call gives, or to what is made of that."""
    return kept(call.module.tree, "_assigning", partial(_assigning, call.module)).get(call.node)


def _assigning(module: Module) -> dict[ast.AST, ast.Assign]:
    return {inner: line for line in module.of(ast.Assign) for inner in below(line.value, ast.Call)}


def bound_to(call: Call) -> str:
    """The name that the statement of a call gives its result, or what methods make of it: `data.batch(1).map(f)`."""
    line = assignment_of(call)
    return last_name(line.targets[0]) if line is not None and call.node in _chain(line.value) else ""


def _chain(node: ast.expr) -> Iterator[ast.expr]:
    """A call, and those before it on whose results it is called."""
    while isinstance(node, ast.Call):
        yield node
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func


def is_call(node: ast.AST | None, names: Container[str]) -> TypeGuard[ast.Call]:
    """Whether something of one of these names is called, whatever it is kept in."""
    return isinstance(node, ast.Call) and last_name(node.func) in names


def holder(call: ast.Call) -> ast.expr | None:
    """What a method is called of: `x` of `x.mean()`; of a function its module."""
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def operands(call: ast.Call) -> list[ast.expr]:
    """What a call takes without keywords, and what it is a method of: `w` and `x` of `x.dot(w)`."""
    held = holder(call)
    return call.args if held is None else [*call.args, held]


def chain_start(node: ast.AST) -> ast.AST:
    """The call whose result a chain of methods changes: `one_hot(y, 10)` of `one_hot(y, 10).float().to(device)`."""
    while isinstance(node, ast.Call) and isinstance(inner := holder(node), ast.Call):
        node = inner
    return node


def is_forward(name: str) -> bool:
    """Whether a method computes an output from an input: `forward`, `forward_pass`, `_forward`."""
    return name in FORWARDS or name.lstrip("_").startswith(("forward", "feed_forward", "feedforward"))


def _top_level(tree: ast.Module) -> list[ast.AST]:
    """Every node of a module that stands in no function and no class."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = tree.body[::-1]  # type: ignore[assignment]
    while stack:
        node = stack.pop()
        if type(node) not in _DEFINITIONS:
            found.append(node)
            if type(node) not in LEAVES:
                stack += reversed(children(node))
    return found


_DEFINITIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})
