"""Calls: of the user's functions and classes, of libraries, of methods; with the arguments really given."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.analysis.follow import attributes, classes, explicit, gin, libraries, methods
from core.analysis.follow.arguments import PLAIN, Arguments, arguments_of, bind_parameters, signature
from core.analysis.follow.defaults import defaults_of
from core.analysis.follow.frames import DEEPEST_CALL, Frame
from core.analysis.follow.joining import answer_of_a_world, join
from core.analysis.program import (
    NAMED,
    UNKNOWN,
    Call,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    ModuleValue,
    Resolved,
    Scope,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

MOST_TIMES = 150
"""Times that one function is followed with different arguments."""
MOST_BUILT = 400
"""The same while a network is built: `conv3x3` of a deep one."""


def define(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Resolved:
    """A function as its `def` makes it: defaults evaluated now, decorators told."""
    scope = m.frame.scope
    function = Function(node, scope.module, scope, None, defaults_of(m, node.args))
    value = m.made(function, node, "function")
    for decorator in reversed(node.decorator_list):
        value = decorate(m, value, decorator)
    return value


def decorate(m: Machine, value: Resolved, decorator: ast.expr) -> Resolved:
    """What a decorator does to a function or class: libraries may know; the user's are called for their effect."""
    wrapper = m.evaluate(decorator)
    if isinstance(decorator, ast.Attribute) and wrapper.value is UNKNOWN:  # `@app.default`, of an object of a library
        holder = m.evaluate(decorator.value)
        wrapper = m.made(External(f"{holder.dotted}.{decorator.attr}", holder), decorator) if holder.dotted else wrapper
    if isinstance(wrapper.value, Function) and (dotted := library_of(wrapper.value)):
        wrapper = m.made(External(dotted), decorator)
    if isinstance(wrapper.value, (External, Made)):
        return libraries.decorated(m, value, wrapper)
    if isinstance(wrapper.value, Function) and isinstance(value.value, (Function, Class)):
        call_function(m, wrapper.value, (value,), {}, decorator)
    return value


def library_of(function: Function) -> str:
    """The name under which a function of a library is known by heart, where the library's own code is at hand."""
    own = function.module.name.startswith("torchtune.config.") and function.name in ("instantiate", "parse")
    return f"torchtune.config.{function.name}" if own else ""


def evaluate_call(m: Machine, node: ast.Call) -> Resolved:
    """Follow one call expression: record it, and give what it returns."""
    receiver: Resolved | None = None
    if isinstance(node.func, ast.Attribute):
        if type(node.func.value) is ast.Call and _is_super(node.func.value):
            return _call_super(m, node, node.func)
        receiver = m.evaluate(node.func.value)
        callee = _method(m, receiver, node.func)
    else:
        callee = m.evaluate(node.func)
    positional, keywords = arguments_of(m, node)
    if callee is receiver and isinstance(callee.value, Function):
        wanted = len(callee.value.node.args.args)  # transform(f).apply(params, rng, *arguments of f)
        positional = positional[max(len(positional) - wanted, 0) :] if len(positional) > 1 else ()
    return call_value(m, callee, receiver, positional, keywords, node)


def _method(m: Machine, receiver: Resolved, node: ast.Attribute) -> Resolved:
    """The callee of `receiver.name(...)`; an External that only names it where nobody knows it better."""
    value = receiver.value
    if type(value) in _HOLDERS:
        found = attributes.load(m, receiver, node.attr, node)
        if found.value is not UNKNOWN and type(found.value) not in PLAIN:
            return found
    if isinstance(value, Function) and node.attr == "remote":
        return receiver.but()  # of Ray
    if isinstance(value, Function) and node.attr in ("apply", "init"):
        return receiver  # what a transform of a function gives
    if isinstance(value, Instance):
        bases = value.cls.external_bases()
        return m.external(f"{bases[0] if bases else value.cls.name}.{node.attr}", node, "method")
    if isinstance(value, Made):
        return m.external(f"{value.dotted}.{node.attr}", node, "method")
    return m.external(f"?.{node.attr}", node, "method")


_HOLDERS = frozenset({External, ModuleValue, Instance, Class, DictValue, Made})


def call_value(
    m: Machine,
    callee: Resolved,
    receiver: Resolved | None,
    positional: Arguments,
    keywords: dict[str, Resolved],
    node: ast.AST,
) -> Resolved:
    """Call any value; every callable it may be is called where a branch left several."""
    if not callee.others:
        return _call_one(m, callee, receiver, positional, keywords, node)
    ways = zip(callee.all(), m.each_way(1 + len(callee.others)), strict=True)
    results = [_call_one(m, one, receiver, positional, keywords, node) for one, _ in ways]
    return join(results)


def _call_one(
    m: Machine,
    callee: Resolved,
    receiver: Resolved | None,
    positional: Arguments,
    keywords: dict[str, Resolved],
    node: ast.AST,
) -> Resolved:
    value = callee.value
    m.stated = callee.place if callee.how == NAMED else None
    if isinstance(value, External):
        return call_external(m, value.dotted, node, positional, keywords, receiver or value.receiver)
    if isinstance(value, Function):
        known = "?.save_hyperparameters" if value.name == "save_hyperparameters" else library_of(value)
        if known:
            return call_external(m, known, node, positional, keywords, None)
        if value.owner is None:
            positional, keywords = explicit.arguments(m, value, None, positional, keywords, node)
        record(m, f"{value.module.name}.{value.name}", node, positional, keywords, receiver, value)
        return call_function(m, value, positional, keywords, node)
    if isinstance(value, Class):
        call = record(m, f"{value.module.name}.{value.name}", node, positional, keywords, receiver, value)
        return classes.instantiate(m, value, call, node)
    if isinstance(value, Instance):
        return classes.call_instance(m, callee, value, positional, keywords, node)
    if isinstance(value, Made):
        return call_external(m, f"{value.dotted}.__call__", node, positional, keywords, callee)
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    record(m, f"?.{name}" if name else "?", node, positional, keywords, receiver)
    return m.unknown(node)


def record(
    m: Machine,
    dotted: str,
    node: ast.AST,
    positional: Arguments,
    keywords: dict[str, Resolved],
    receiver: Resolved | None = None,
    target: Function | Class | None = None,
) -> Call:
    frame = m.frame
    call = Call(
        dotted, node,  # type: ignore[arg-type]
        frame.scope.module, positional, keywords, receiver, target, frame.function, frame.owner,
        frame.loop, len(m.program.calls), None, frame.maybe, ways=m.ways, stated=m.stated,
    )  # fmt: skip
    m.stated = None
    m.program.calls.append(call)
    return call


def call_external(
    m: Machine,
    dotted: str,
    node: ast.AST,
    positional: Arguments,
    keywords: dict[str, Resolved],
    receiver: Resolved | None,
) -> Resolved:
    """A call of a library: known ones have a handler; a function of the user's given to any other is called by it."""
    if m.bound.targets:
        keywords = gin.of_library(m, dotted, keywords)
    call = record(m, dotted, node, positional, keywords, receiver)
    result = methods.call(m, call) if receiver is not None else None
    if result is None:
        result = libraries.call(m, call)
    if result is None:
        libraries.call_back(m, call)
        result = m.made(Made(call), node, "call")
    call.result = result
    return result


def _is_super(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "super"


def _call_super(m: Machine, node: ast.Call, func: ast.Attribute) -> Resolved:
    """`super().name(...)`: the next class of the lineage that has it, else the library's."""
    positional, keywords = arguments_of(m, node)
    assert isinstance(func.value, ast.Call)
    told = [m.evaluate(each).value for each in func.value.args]  # `super(Parent, self)` passes the parent over
    function, owner = m.frame.function, m.frame.owner or (told[1] if len(told) > 1 else None)
    home = told[0] if told and isinstance(told[0], Class) else function.home if function is not None else None
    owner = owner if isinstance(owner, (Instance, Class)) else home  # of a class method
    if home is None or owner is None:
        return call_external(m, f"?.{func.attr}", node, positional, keywords, None)
    cls = owner if isinstance(owner, Class) else owner.cls
    lineage = list(cls.lineage())
    after = lineage[lineage.index(home) + 1 :] if home in lineage else []
    for part in after:
        found = part.attributes.get(func.attr)
        if found is not None and isinstance(found.value, Function):
            method = attributes.bound(m, found, owner, node)
            assert isinstance(method.value, Function)
            record(m, f"{part.module.name}.{part.name}.{func.attr}", node, positional, keywords, None, method.value)
            return call_function(m, method.value, positional, keywords, node)
    bases = home.external_bases() or cls.external_bases()
    receiver = Resolved(owner, (owner.call.module, owner.call.node), "self") if isinstance(owner, Instance) else None
    return call_external(m, f"{bases[0] if bases else 'object'}.{func.attr}", node, positional, keywords, receiver)


def call_function(
    m: Machine, function: Function, positional: Arguments, keywords: Mapping[str, Resolved], node: ast.AST
) -> Resolved:
    """Follow a function of the user's with these arguments; once for the same arguments."""
    if m.bound.targets:
        keywords = gin.given(m, function, len(positional), keywords)
    if function.given is not None:
        positional, keywords = function.given[0] + positional, {**function.given[1], **keywords}
    key = (id(function.node), id(function.owner), id(function.scope), *signature(positional, keywords))
    if key in m.memo:
        return m.memo[key]
    times = m.times[id(function.node)] = m.times.get(id(function.node), 0) + 1
    if times > (MOST_BUILT if m.frame.building else MOST_TIMES) or m.frame.depth >= DEEPEST_CALL:
        return m.unknown(node)
    m.memo[key] = m.unknown(node)
    m.kept.append((positional, keywords, function))
    scope = Scope(bind_parameters(m, function, positional, keywords), function.scope, function.module)
    result = _followed(m, function, scope, node)
    if function.name == "step":
        result = answer_of_a_world(m, result, node)
    if _lays(result.value, m.frame.building) or _configures(function, result):
        del m.memo[key]  # a layer or a configuration that is made again is another one
    elif result.number is not None and isinstance(function.owner, Instance) and _only_asks(function.node):
        del m.memo[key]
        m.times[id(function.node)] = 0
    else:
        m.memo[key] = result
    return result


def _followed(m: Machine, function: Function, scope: Scope, node: ast.AST) -> Resolved:
    """What a function gives back when it is followed over its bound parameters."""
    before = m.frame
    owner = function.owner if isinstance(function.owner, Instance) else None
    m.frame = Frame(
        scope, function, owner or (before.owner if isinstance(function.node, ast.Lambda) else None), before.loop,
        before.loop, before.maybe, before.building or function.name in classes.BUILDERS, depth=before.depth + 1,
    )  # fmt: skip
    try:
        if isinstance(function.node, ast.Lambda):
            m.frame.returned.append(m.evaluate(function.node.body))
        else:
            m.block(function.node.body)
        returned = m.frame.returned
    finally:
        m.frame = before
    return join(returned) if returned else m.made(None, node, "nothing returned")


def _only_asks(node: ast.AST) -> bool:
    """Whether a method only tells something of its object, which is another by and by: `return self._size`."""
    lines = node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else []
    last = lines[-1] if len(lines) == 1 or (len(lines) == 2 and _is_text(lines[0])) else None
    return isinstance(last, ast.Return) and isinstance(last.value, (ast.Attribute, ast.Call))


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _lays(value: object, building: bool, depth: int = 4) -> bool:
    """Whether what a function returns is a layer, or a list of them; of libraries other than PyTorch, and of the user's
    own, only while an object is built."""
    if isinstance(value, ListValue):
        return depth > 0 and any(_lays(item.value, building, depth - 1) for item in value.items)
    ours = isinstance(value, (Made, Instance)) and building
    return ours or (isinstance(value, Made) and value.dotted.startswith("torch.nn."))


def _configures(function: Function, result: Resolved) -> bool:
    """Whether what a function returns is a configuration that it made, which others may then change."""
    if not isinstance(result.value, DictValue) or result.value.dotted is None:
        return False
    node, place = function.node, result.place
    return place.file == function.module.path and node.lineno <= place.line <= (node.end_lineno or node.lineno)
