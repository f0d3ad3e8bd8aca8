"""What texts name: classes and functions by `getattr`, `attrgetter`, `eval`, fields by `namedtuple`. Nothing is run."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from core.analysis.facts import Place
from core.analysis.follow import attributes
from core.analysis.follow.joining import join
from core.analysis.follow.runners import is_written_down
from core.analysis.nodes import below, expression, kept
from core.analysis.program import (
    NAMED,
    Call,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    Made,
    Resolved,
    each_in,
    items_in,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

LONGEST_CALL = 300
"""Characters of a call that a text writes."""


def attribute_named(m: Machine, call: Call) -> Resolved | None:
    """`getattr(optim, "Adam")`, `optim.__getattribute__("Adam")`, with any of the names that it may be."""
    told = [call.receiver, *call.positional] if call.name == "__getattribute__" and call.receiver else call.positional
    if len(told) < 2:
        return None
    holder = told[0]
    names = [name for name in told[1].all() if name.text is not None]
    found = [
        named_by(m, name, value)
        for name in names
        if (value := attributes.load(m, holder, str(name.value), call.node)).known
    ]
    if found:
        return join(found)
    bare = isinstance(holder.value, Instance) and len(names) == 1 and _lacks(holder.value, str(names[0].value))
    filled = m.side.get(id(holder.value)) == FILLED  # and has nothing of that name
    if len(told) > 2 and (bare or (filled and names) or isinstance(holder.value, DictValue)):
        return told[2]
    return m.unknown(call.node)


FILLED = "filled as a dict"
"""What is kept with an heir of dict that was given all its entries."""


def _lacks(instance: Instance, name: str) -> bool:
    """Whether an object is sure to have no attribute of a name: nothing gave it one, nor any by a name nobody knows; of
    a library's classes, layers alone are known to have no more."""
    if not {name, SOME}.isdisjoint(instance.attributes) or instance.cls.find(name) is not None:
        return False
    parts = instance.cls.lineage()
    bases = [base.value for part in parts for base in part.bases]
    plain = all(isinstance(base, Class) or (isinstance(base, External) and _has_no_more(base)) for base in bases)
    return plain and not any(kept(part.node, "_given_freely", partial(_given_freely, part.node)) for part in parts)


SOME = ""
"""The attribute of an object that stands for those given to it by names that nobody knows."""


def _has_no_more(base: External) -> bool:
    return base.dotted == "object" or base.dotted.startswith("torch.nn.")


def _given_freely(node: ast.ClassDef) -> bool:
    """Whether a class has attributes of any name: `self.__dict__.update(given)`, `def __getattr__`."""
    spoken = any(each.attr in ("__dict__", "__setattr__") for each in below(node, ast.Attribute))
    return spoken or any(each.name == "__getattr__" for each in below(node, ast.FunctionDef))


def named_by(m: Machine, text: Resolved, value: Resolved) -> Resolved:
    """A class or function with the place of the text that names it, where that stands in a configuration, or where a
    library asks for it."""
    library = is_written_down(m.frame.scope.module.path)
    leaves = [leaf for leaf in (text, *reversed(text.parts)) if library or isinstance(leaf.origin, Place)]
    if not leaves or not isinstance(value.value, (Class, Function, External)):
        return value
    return value.but(how=NAMED, origin=leaves[0].place)


def record(m: Machine, call: Call) -> Resolved | None:
    """`Spec(build=Adam, given={...})` of `Spec = namedtuple("Spec", ["build", "given"])`, or of the form with types,
    `NamedTuple("Spec", [("build", type), ("given", dict)])`: it keeps what it is given."""
    maker = call.holder
    told = maker.call.argument("field_names", 1) if isinstance(maker, Made) else None
    if told is None:
        return None
    items = items_in(told)
    firsts = [next(iter(each_in(each)), each) for each in items]
    names = [each.text for each in firsts if each.text] or (told.text or "").replace(",", " ").split()
    made = Made(call, dict(zip(names, call.positional, strict=False)) | call.keywords)
    return m.made(made, call.node, "call")


def named_by_text(m: Machine, call: Call) -> Resolved | None:
    """`eval("AnnealRunner")`: what a text that is a name stands for, or a call that it writes; nothing is run."""
    text = call.positional[0].text if call.positional else None
    if text is None or not all(part.isidentifier() for part in text.split(".")):
        written = _written_call(text or "", call.node)
        found = m.evaluate(written) if written is not None else None
    else:
        found = named_by(m, call.positional[0], m.evaluate(expression(text)))
    return found if found is not None and found.known else m.unknown(call.node)


def literal_of_text(m: Machine, call: Call) -> Resolved | None:
    """`ast.literal_eval(text)`: the number, text, list or dict that a text writes, where the text stands."""
    given = call.positional[0] if call.positional else None
    if given is None or not isinstance(given.value, str):
        return given  # a number of an INI file is one already
    tree = _written(given.value, call.node)
    try:
        ast.literal_eval(tree or "")
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return m.unknown(call.node, (given,))
    assert tree is not None
    return given.but(value=m.evaluate(tree).value)


def _written_call(text: str, at: ast.AST) -> ast.Call | None:
    """The call that a text writes, as if it stood at a node."""
    tree = _written(text, at)
    return tree if isinstance(tree, ast.Call) else None


def _written(text: str, at: ast.AST) -> ast.expr | None:
    """The expression that a text writes, as if it stood at a node."""
    try:
        tree = expression(text) if len(text) < LONGEST_CALL else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, (ast.expr, ast.keyword)):
            ast.copy_location(node, at)
    return tree
