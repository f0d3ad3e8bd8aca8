"""What layers belong together that stand in no object: those of one container, or of one function."""

from __future__ import annotations

import ast
from bisect import bisect
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from core.analysis.nodes import kept
from core.analysis.program import Call, Function, Made, Module, Resolved
from core.analysis.rules.holding import made_in
from core.analysis.rules.kinds import PARAMETRIC

if TYPE_CHECKING:
    from core.analysis.rules.view import View

CONTAINERS = frozenset(
    {"Sequential", "ModuleList", "ModuleDict", "HybridSequential", "serial", "chain", "Chain", "sequential"}
)
FUNCTIONAL = ("keras", "tflearn", "haiku", "mxnet.sym")
"""Libraries whose layers are built where they are used, whatever their names begin with."""


def group_of(view: View, call: Call) -> tuple[object, str]:
    """What loose layers belong together: a container's, a function's; a lone layer object stands for itself."""
    container = container_of(view, call)
    if container is not None:
        return container, container.result.name if container.result else ""
    functional = call.name[:1].islower() or any(library in call.dotted for library in FUNCTIONAL)
    if functional:
        call = _started(view, call, 3)
    if call.within is not None and (functional or _builds_several(view, call.within)):
        return call.within.node, call.within.name
    return (_model_of(view, call), "") if functional else (call, call.result.name if call.result else "")


def _builds_several(view: View, maker: Function) -> bool:
    """Whether a function that is no whole run makes more than one layer."""
    return maker.name not in ("main", "train", "run", "<lambda>") and len(_made_within(view)[id(maker.node)]) > 1


def _model_of(view: View, call: Call) -> object:
    """What a layer at the top level goes into: the next `Model(inputs, outputs)` of Keras, where there are several;
    one that calls another model is one with it."""
    models, joined = _models(view)
    at = bisect(models, call.order, key=lambda model: model.order)
    return id(models[joined.get(at, at)]) if at < len(models) > 1 else call.module


@lru_cache(maxsize=1)
def _models(view: View) -> tuple[list[Call], dict[int, int]]:
    """The functional models of the top level, in order; which of them call an earlier one, and which."""
    models = [call for call in view.program.named("Model") if call.within is None and "keras" in call.dotted]
    places = {id(model): place for place, model in enumerate(models)}
    joined: dict[int, int] = {}
    for call in view.program.named("__call__") if len(models) > 1 else ():
        made = call.holder
        place = places.get(id(made.call)) if isinstance(made, Made) else None
        if place is not None and call.within is None and any(map(_is_symbolic, call.positional)):
            at = bisect(models, call.order, key=lambda model: model.order)
            joined.setdefault(at, joined.get(place, place))
    return models, joined


def _is_symbolic(value: Resolved) -> bool:
    """Whether a model is given what layers or inputs of Keras made, and not data to predict for."""
    return any("keras" in made.dotted for made in made_in(value, 1))


def container_of(view: View, call: Call) -> Call | None:
    """The outermost container that holds a layer which no object keeps, also by others that were put into it."""
    around = _containers(view)
    found = around.get(id(call))
    for _ in range(8 if found is not None else 0):
        found = around.get(id(found), found)
    return found


def _started(view: View, call: Call, depth: int) -> Call:
    """The call that a layer stands for: of the helper around it (`def dense(x, n): ...`) where that makes no other."""
    if call.within is None or depth == 0 or len(_made_within(view)[id(call.within.node)]) > 1:
        return call
    callers = view.callers.get(id(call.within.node), []) or _asked_for(view, call.within)
    caller = next((other for other in reversed(callers) if other.order < call.order), None)
    return _started(view, caller, depth - 1) if caller is not None and caller.owner is None else call


def _asked_for(view: View, function: Function) -> list[Call]:
    """The calls of the function that makes this one, which a library calls, and gives it back."""
    return view.callers.get(id(maker_of(function)), [])


def maker_of(function: Function) -> ast.FunctionDef | None:
    """The function that ends by giving this one back: `def conv(n): def forward(x): ...; return forward`."""
    return kept(function.module.tree, "_makers", lambda: _makers(function.module)).get(function.node)


def _makers(module: Module) -> dict[ast.AST, ast.FunctionDef]:
    """For each function that another ends by giving back: the other."""
    ends = ((maker, maker.body[-1]) for maker in module.of(ast.FunctionDef))
    given = ((maker, last.value) for maker, last in ends if isinstance(last, ast.Return))
    named = ((maker, value.id) for maker, value in given if isinstance(value, ast.Name))
    return {
        inner: maker
        for maker, name in named
        for inner in maker.body
        if isinstance(inner, ast.FunctionDef) and inner.name == name
    }


@lru_cache(maxsize=1)
def _made_within(view: View) -> dict[int, set[ast.AST]]:
    """The layers that learn which each of the user's functions (by its node's id) makes."""
    found: dict[int, set[ast.AST]] = defaultdict(set)
    for layer in view.layers:
        if layer.kind in PARAMETRIC and layer.call.within is not None:
            found[id(layer.call.within.node)].add(layer.call.node)
    return found


@lru_cache(maxsize=1)
def _containers(view: View) -> dict[int, Call]:
    """For each layer inside a Sequential or the like that no object keeps (by id): the outermost container."""

    found: dict[int, Call] = {}
    for call in reversed(view.program.calls):
        if call.name in CONTAINERS and call.target is None and id(call) not in found:
            made = call.result or Resolved(Made(call), call.place)
            for value in (*call.given, made):
                found.update({id(each): call for each in made_in(value, 6) if id(each) not in found})
    for call in view.program.named("add", "add_module", "append"):  # model.add(layer)
        if isinstance(call.holder, Made):
            for inner in (inner for value in call.positional for inner in made_in(value)):
                if found.get(id(inner), inner) is inner:  # in none but itself
                    found[id(inner)] = call.holder.call
    return found
