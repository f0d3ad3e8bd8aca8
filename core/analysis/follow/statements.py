"""Following statements, one function for each kind: how a block ends, or None where it falls through.

Branches whose condition the values decide are followed one way; others are followed both ways and the names they bind
are joined. A loop body is followed once, or once for each item of a short known list.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from core.analysis.follow import attributes, binding, calling, classes, runners
from core.analysis.follow.choosing import asks_in_vain, must_be_chosen, of_many, only_refuses, refuses_all
from core.analysis.follow.comparing import asks_to_train, matches, mentions
from core.analysis.follow.counters import forget, forget_counters
from core.analysis.follow.frames import MOST_TURNS
from core.analysis.follow.items import is_range, items_of, loop_variable
from core.analysis.follow.joining import truth
from core.analysis.follow.limits import breaking_test, limit_of, tallied
from core.analysis.follow.turns import turns_of, worth_unrolling
from core.analysis.nodes import below, same, walk
from core.analysis.program import (
    Class,
    DictValue,
    External,
    Function,
    Instance,
    Loop,
    Made,
    Module,
    ModuleValue,
    Resolved,
    Scope,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def _expression(m: Machine, node: ast.Expr) -> str | None:
    if isinstance(node.value, ast.Constant):
        return None
    value = m.evaluate(node.value)
    again = m.frame.function is None and m.frame.scope.module.source.kind == "notebook"
    return "stop" if value.how == "exit" and not again else None  # a notebook's cell only starts its kernel anew


def _assign(m: Machine, node: ast.Assign) -> None:
    value = m.evaluate(node.value)
    for target in node.targets:
        kept = type(target) is ast.Attribute and not m.frame.building
        counts = kept and value.number is not None and _counts_on(target, node.value)
        binding.bind(m, target, m.unknown(node.value, (value,)) if counts else value)
        if counts and m.frame.maybe:
            binding.forget(m, target)  # some turn counts, whichever way this one goes


def _counts_on(target: ast.expr, value: ast.expr) -> bool:
    """`self.t = (self.t + 1) % n`: a counter on an object, another at every call."""
    if not isinstance(target, ast.Attribute):
        return False
    found = (inner for inner in below(value, ast.Attribute) if inner.attr == target.attr)
    return any(same(inner.value, target.value) for inner in found)


def _annotated(m: Machine, node: ast.AnnAssign) -> None:
    if node.value is not None:
        binding.bind(m, node.target, m.evaluate(node.value))


def _if(m: Machine, node: ast.If) -> str | None:
    answer = truth(m.evaluate(node.test))
    if not answer and m.wishes and (mentions(node.test, m.wishes) or asks_to_train(node.test)):
        answer = True
    if (own := _starts_this_model(m, node)) is not None:
        return m.block(node.body if own else node.orelse)
    if answer is not False and only_refuses(node.body):
        return m.block(node.orelse)
    if answer is False and own is None and asks_in_vain(m, node):
        return None
    if answer is False and refuses_all(node.orelse):
        answer = True  # the run that trains has it on
    if answer is False and (arms := must_be_chosen(m, node)):
        return m.branches(*arms)
    if answer is not None:
        return m.block(node.body if answer else node.orelse)
    if (otherwise := of_many(m, node)) is not None:
        return m.block(otherwise)
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


def _for(m: Machine, node: ast.For | ast.AsyncFor) -> str | None:
    over = m.evaluate(node.iter)
    loop = _open_loop(m, node, over)
    over_what = over.value.call.name if isinstance(over.value, Made) else ""
    endless = over_what in ("count", "cycle")
    limit = breaking_test(node) if endless or (over_what == "enumerate" and loop.outer is None) else None
    if limit is not None and (endless or tallied(limit) in loop.targets):
        loop.until = limit_of(m, limit)
    items = items_of(m, over, node.iter)
    if items == [] and is_range(over) and not any(re.search("ep|step|it", name) for name in loop.targets):
        return m.block(node.orelse)  # no turn at all: parts of which the settings want none
    turns = turns_of(m, node, len(items or ()))
    if items is not None and turns <= MOST_TURNS and worth_unrolling(m, over, node, len(items)):
        before, m.turns = m.turns, turns
        for item in items:
            for name in loop.targets:  # what the turn before bound is not overridden
                m.frame.scope.names.pop(name, None)
            binding.bind(m, node.target, item)
            if _turn(m, loop, node.body) not in (None, "continue"):
                break
        m.turns = before
    else:
        loop.once = True
        binding.bind(m, node.target, loop_variable(m, over, node))
        switches = forget_counters(m, node)
        _turn(m, loop, node.body)
        forget(m, switches)
    return m.block(node.orelse)


def _open_loop(m: Machine, node: ast.For | ast.AsyncFor | ast.While, over: Resolved | None) -> Loop:
    targets = tuple(_bound_by(node.target)) if not isinstance(node, ast.While) else ()
    place = (m.frame.loop, len(m.program.calls))
    loop = Loop(node, m.frame.scope.module, over, targets, *place, within=m.frame.function, ways=m.ways)
    m.program.loops.append(loop)
    return loop


def _bound_by(target: ast.expr) -> Iterator[str]:
    """The names that a loop binds: of `for self.epoch in range(9)`, `epoch`."""
    parts: list[ast.Name | ast.Attribute] = below(target, ast.Name, ast.Attribute)
    for each in parts:
        if isinstance(each.ctx, ast.Store):
            yield each.id if isinstance(each, ast.Name) else each.attr


def _turn(m: Machine, loop: Loop, body: list[ast.stmt]) -> str | None:
    before, m.frame.loop = m.frame.loop, loop
    ended = m.block(body)
    m.frame.loop = before
    return ended


def _while(m: Machine, node: ast.While) -> str | None:
    answer = truth(m.evaluate(node.test))
    if answer is False:
        return m.block(node.orelse)
    loop = _open_loop(m, node, None)
    loop.once = True
    test = node.test
    ends = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    limit = next((end for end in ends if isinstance(end, ast.Compare)), None) or breaking_test(node)
    if limit is not None:
        loop.until = limit_of(m, limit)
    switches = forget_counters(m, node)
    ended = _turn(m, loop, node.body)
    forget(m, switches)
    return ended if ended == "return" and answer is True and not _breaks(node) else None


def _breaks(node: ast.While) -> bool:
    return bool(below(node, ast.Break))


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
    m.frame.global_names |= frozenset(node.names)


def _assert(m: Machine, node: ast.Assert) -> None:
    m.evaluate(node.test)


def _match(m: Machine, node: ast.Match) -> str | None:
    subject = m.evaluate(node.subject)
    bodies: list[list[ast.stmt]] = []
    for case in node.cases:
        answer = matches(m, subject, case.pattern)
        if answer is True and case.guard is None and not bodies:
            return m.block(case.body)
        if answer is not False:
            bodies.append(case.body)
    return m.branches(*bodies, []) if bodies else None


def _define(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    name = node.name
    if any(isinstance(each, ast.Attribute) and each.attr == "setter" for each in node.decorator_list):
        m.setters.add(name)
        name = attributes.setter_of(name)  # beside the property, which keeps its name
    m.frame.scope.names[name] = calling.define(m, node)


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
        if library := runners.vendored(path, alias.name):
            m.frame.scope.names[alias.asname or alias.name] = m.external(library, node)
            continue
        told = module is not None and (node.module or module is not m.frame.scope.module)  # also `from train import W`
        value = module.scope.names.get(alias.name) if module and told else None
        if value is None:
            inner = m.find(f"{dotted}.{alias.name}" if dotted else alias.name, node.level)
            submodule = m.load(inner) if inner else None
            if submodule:
                value = m.made(ModuleValue(submodule), node, "import")
            elif module:
                value = m.unknown(node)
                m.promised.append((m.frame.scope.names, alias.asname or alias.name, module, alias.name))
            else:
                value = runners.stands_in(m, f"{dotted}.{alias.name}") or _of_library(m, node, dotted, alias)
        elif "." in dotted and not node.level and module and _is_filled(value, module):
            _load_packages(m, dotted)
        m.frame.scope.names[alias.asname or alias.name] = value


def _is_filled(value: Resolved, module: Module) -> bool:
    """Whether a name is of a registry, or of a function beside registries, which asks them: what they have depends on
    which modules were imported before."""
    thing = value.value
    if isinstance(thing, DictValue):
        return not thing.entries
    return _registers(thing) or (
        isinstance(thing, Function) and any(_registers(each.value) for each in module.scope.names.values())
    )


def _registers(thing: object) -> bool:
    """Whether something is an object of a class that registers what it is told."""
    return isinstance(thing, Instance) and any("regist" in name for name in thing.cls.attributes)


def _load_packages(m: Machine, dotted: str) -> None:
    """The packages that hold a module: Python runs them before it, and they import what fills its registries."""
    for head in accumulate(dotted.split(".")[:-1], "{}.{}".format):
        if path := m.find(head):
            m.load(path)


RENAMED = {"pytorch_transformers": "transformers", "pytorch_pretrained_bert": "transformers"}
"""Libraries by the names that they had before."""


def _of_library(m: Machine, node: ast.ImportFrom, dotted: str, alias: ast.alias) -> Resolved:
    """A name that a library gives, made once, whichever program is followed."""
    known: Resolved | None = alias.__dict__.get("_external")
    if known is None:
        head, _, rest = dotted.partition(".")
        dotted = ".".join(filter(None, (RENAMED.get(head, head), rest)))
        name = f"{dotted}.{alias.name}" if dotted else alias.name
        known = alias.__dict__["_external"] = Resolved(External(name), (m.frame.scope.module.source, node), "import")
    return known


STATEMENTS: dict[type, Callable[..., str | None]] = {
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
    STATEMENTS[ast.TryStar] = _try
