"""What expressions are worth: one function for each kind, and the helpers they share."""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core import vocabulary
from core.analysis.follow import attributes, calling, parts, picking
from core.analysis.follow.binding import bind
from core.analysis.follow.comparing import compared
from core.analysis.follow.comprehensions import comprehension, dict_comprehension
from core.analysis.follow.defaults import constant_value, defaults_of
from core.analysis.follow.items import LARGEST_LIST, items_of
from core.analysis.follow.joining import any_of, join, truth
from core.analysis.follow.numbers import reckon
from core.analysis.follow.texts import LARGEST_TEXT, hole, percent, whole
from core.analysis.hocon import inside
from core.analysis.nodes import unparse
from core.analysis.program import (
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Resolved,
    Scope,
    Template,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

_BUILTINS = frozenset(vars(builtins)) | {"xrange", "raw_input", "unicode", "basestring", "long", "reduce"}
"""The names that Python knows by itself, those of Python 2 among them."""
LONGEST_LITERAL = 2_000
"""Items of a list or dict display that are read; a longer one is data."""


def _constant(m: Machine, node: ast.Constant) -> Resolved:
    found: Resolved | None = node.__dict__.get("_value")
    if found is None:
        value = constant_value(node)
        found = node.__dict__["_value"] = Resolved(value, (m.frame.scope.module.source, node), "literal")
    return found


def _name(m: Machine, node: ast.Name) -> Resolved:
    name = node.id
    scope: Scope | None = m.frame.scope
    while scope is not None:
        found = scope.names.get(name)
        if found is not None:
            return found
        scope = scope.parent
    if name in _BUILTINS:
        return m.made(External(name), node, "builtin")
    stars = m.side.get(id(m.frame.scope.module))
    if isinstance(stars, list) and stars:
        passed_on = PASSED_ON.get(name) if any(_passes_on(star) for star in stars) else None
        return m.made(External(passed_on or f"{_likely(stars, name)}.{name}"), node, "import")
    return m.unknown(node)


_PASSING = frozenset({"fastai", "fastbook"})
"""Libraries with layers of their own that are made to be imported whole, and pass others on."""
PASSED_ON = {
    "nn": "torch.nn", "F": "torch.nn.functional", "optim": "torch.optim", "torch": "torch", "np": "numpy",
    "pd": "pandas", "tensor": "torch.tensor", "tf": "tensorflow", "keras": "keras", "jax": "jax", "jnp": "jax.numpy",
}  # fmt: skip
"""What others are called by everyone who passes them on."""


def _passes_on(star: str) -> bool:
    """Whether a library that is imported whole may have others in it: any that is not itself one that builds
    networks, for such a one has an `nn` of its own."""
    root = star.partition(".")[0]
    return root in _PASSING or root not in vocabulary.load().of_frameworks("layers")


_SERVING = frozenset(
    {"callbacks", "losses", "metrics", "utils", "regularizers", "initializers", "datasets", "transforms"}
)
"""Modules of libraries that have no layers."""


def _likely(stars: list[str], name: str) -> str:
    """Of several libraries all of whose names were imported: the last that builds networks, else the last; an optimizer
    is of a module of optimizers, and nothing else is where there are others."""
    words = vocabulary.load()
    builders, steps = words.of_frameworks("layers"), words.canonical("optimizer", name) is not None
    lasts = {star: star.rpartition(".")[2] for star in stars}
    if steps:
        stars = [star for star in stars if lasts[star] in ("optim", "optimizers")] or stars
    else:
        stars = [star for star in stars if lasts[star] not in _SERVING | {"optim", "optimizers"}] or stars
    return next((star for star in reversed(stars) if star.partition(".")[0] in builders), stars[-1])


def _attribute(m: Machine, node: ast.Attribute) -> Resolved:
    if node.attr in parts.INPUTS and (told := parts.inputs(m, node)) is not None:
        return told
    return attributes.load(m, m.evaluate(node.value), node.attr, node)


def _chosen(m: Machine, choices: ast.Dict, key: ast.expr, node: ast.Subscript) -> Resolved:
    """`{"adam": Adam(w), "sgd": SGD(w)}[kind]`: of what is made, only what is chosen is of use."""
    wanted = m.evaluate(key)
    for name, entry in zip(choices.keys, choices.values, strict=True):
        if isinstance(wanted.value, (str, int)) and isinstance(name, ast.Constant) and name.value == wanted.value:
            return m.evaluate(entry)
    return _item(m, m.evaluate(choices), wanted, node)


def _subscript(m: Machine, node: ast.Subscript) -> Resolved:
    if isinstance(node.value, ast.Dict):
        return _chosen(m, node.value, node.slice, node)
    holder, key = m.evaluate(node.value), node.slice
    if isinstance(key, ast.Slice):
        return _slice(m, holder, key, node)
    return _item(m, holder, m.evaluate(key), node)


def _item(m: Machine, holder: Resolved, wanted: Resolved, node: ast.Subscript) -> Resolved:
    value = holder.value
    if isinstance(value, ListValue):
        if isinstance(wanted.value, int) and -len(value.items) <= wanted.value < len(value.items):
            return value.items[wanted.value]
        return any_of(m, value.items, node)
    if isinstance(value, DictValue):
        picking.pick(m, value, holder, wanted, node.slice)
        plain = wanted.value if isinstance(wanted.value, (str, int, float, bool)) else None
        if plain is not None:
            return value.entries.get(plain) or inside(value, plain) or m.unknown(node)
        return any_of(m, list(value.entries.values()), node)
    if isinstance(value, str) and isinstance(wanted.value, int) and -len(value) <= wanted.value < len(value):
        return m.made(value[wanted.value], node)
    if isinstance(value, External):
        return attributes.item_of_external(m, value, wanted, node)
    if isinstance(value, Instance):
        return attributes.item_of_instance(m, value, wanted, node)
    if isinstance(value, Class):
        return attributes.item_of_class(m, value, wanted, node)
    return m.unknown(node, (holder,) if isinstance(value, Made) else ())


def _slice(m: Machine, holder: Resolved, key: ast.Slice, node: ast.AST) -> Resolved:
    bounds = [m.evaluate(part).value if part is not None else None for part in (key.lower, key.upper, key.step)]
    value = holder.value
    if not all(part is None or (isinstance(part, int)) for part in bounds):
        return m.unknown(node)
    cut: slice[Any, Any, Any] = slice(*bounds)
    if bounds[2] == 0:
        return m.unknown(node)
    if isinstance(value, ListValue):
        return holder.but(value=ListValue(value.items[cut], value.kind, value.complete))
    if isinstance(value, str):
        return m.made(value[cut], node)
    return holder if holder.dotted == "sys.argv" else m.unknown(node)


def _list(m: Machine, node: ast.List | ast.Tuple | ast.Set) -> Resolved:
    items: list[Resolved] = []
    complete = True
    for element in node.elts[:LONGEST_LITERAL]:
        if isinstance(element, ast.Starred):
            inner = items_of(m, m.evaluate(element.value), element)
            items.extend((inner or ())[: max(LARGEST_LIST - len(items), 0)])
            complete = complete and inner is not None and len(items) < LARGEST_LIST
        else:
            items.append(m.evaluate(element))
    kind = {ast.Tuple: "tuple", ast.Set: "set"}.get(type(node), "list")
    return m.made(ListValue(items, kind, complete and len(node.elts) <= LONGEST_LITERAL), node)


def _dict(m: Machine, node: ast.Dict) -> Resolved:
    result = DictValue()
    for key_node, value_node in list(zip(node.keys, node.values, strict=True))[:LONGEST_LITERAL]:
        value = m.evaluate(value_node)
        if key_node is None:
            if isinstance(value.value, DictValue):
                result.entries.update(value.value.entries)
            else:
                result.complete = False
            continue
        key = m.evaluate(key_node).value
        if isinstance(key, (str, int, float, bool)):
            result.entries[key] = named(value, str(key), "dict entry")
        else:
            result.complete = False
    return m.made(result, node)


def named(value: Resolved, name: str, how: str) -> Resolved:
    """A literal, told where it stands and under which name; other values stay as they are."""
    if value.how == "literal":
        return Resolved(value.value, value.origin, how, value.others, name, value.parts)
    return value if value.name else value.but(name=name)


def _binary(m: Machine, node: ast.BinOp) -> Resolved:
    return combine(m, node, node.op, m.evaluate(node.left), m.evaluate(node.right))


def combine(m: Machine, node: ast.AST, op: ast.operator, left: Resolved, right: Resolved) -> Resolved:
    """The value of `left op right`. Numbers that stand nowhere literally say how they were computed."""
    a, b = left.value, right.value
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        value = reckon(op, a, b)
        if value is not None:
            stated = left.how == right.how == "literal" and isinstance(node, ast.BinOp)
            how = "literal" if stated and _plain_sum(node) else f"computed: {_spoken(node)}"
            return Resolved(value, (m.frame.scope.module, node), how, parts=(left, right))
    if isinstance(a, (str, Template)) or isinstance(b, (str, Template)):
        return _text_operation(m, node, op, left, right)
    if isinstance(a, ListValue) and isinstance(b, ListValue) and isinstance(op, ast.Add):
        if len(a.items) + len(b.items) > LARGEST_LIST:
            return m.unknown(node, (left, right))
        return m.made(ListValue(a.items + b.items, a.kind, a.complete and b.complete), node)
    if isinstance(a, ListValue) and isinstance(b, int) and isinstance(op, ast.Mult) and len(a.items) * b <= 256:
        return m.made(ListValue(a.items * max(b, 0), a.kind, a.complete), node)
    if isinstance(a, DictValue) and isinstance(b, DictValue) and isinstance(op, ast.BitOr):
        return m.made(DictValue({**a.entries, **b.entries}), node)
    if isinstance(a, Made) and not isinstance(b, (int, float)) and isinstance(op, (ast.Add, ast.BitOr)):
        return left
    if isinstance(op, ast.Pow):  # an exponent, or what is raised by one that nobody knows, says nothing of the value
        return m.unknown(node, tuple(part for part in (left, right) if part.how != "literal"))
    return m.unknown(node, (left, right))


def _plain_sum(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and all(isinstance(side, ast.Constant) for side in (node.left, node.right))


def _spoken(node: ast.AST) -> str:
    text = unparse(node)
    return text if len(text) <= 100 else f"{text[:97]}..."


def _text_operation(m: Machine, node: ast.AST, op: ast.operator, left: Resolved, right: Resolved) -> Resolved:
    if isinstance(op, (ast.Add, ast.Div)):
        between = "/" if isinstance(op, ast.Div) else ""
        return m.made(whole(f"{hole(left)}{between}{hole(right)}"), node, "computed text")
    if isinstance(op, ast.Mod) and isinstance(left.value, str):
        several = None if isinstance(right.value, str) else items_of(m, right, node)
        return m.made(whole(percent(left.value, several or [right])), node, "computed text")
    if (
        isinstance(op, ast.Mult)
        and isinstance(left.value, str)
        and isinstance(right.value, int)
        and len(left.value) * right.value <= LARGEST_TEXT
    ):
        return m.made(left.value * right.value, node, "computed text")
    return m.unknown(node)


def _joined(m: Machine, node: ast.JoinedStr) -> Resolved:
    parts = []
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            parts.append(str(piece.value).replace("*", ""))
        elif isinstance(piece, ast.FormattedValue):
            parts.append(hole(m.evaluate(piece.value)))
    return m.made(whole("".join(parts)), node, "computed text")


def _unary(m: Machine, node: ast.UnaryOp) -> Resolved:
    inner = m.evaluate(node.operand)
    if isinstance(node.op, ast.Not):
        answer = truth(inner)
        return m.unknown(node) if answer is None else m.made(not answer, node, "computed")
    if isinstance(inner.value, (int, float)):
        signs: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
        sign = signs.get(type(node.op))
        if sign:
            parts = inner.parts or ((inner,) if inner.name else ())
            return Resolved(sign(inner.value), (m.frame.scope.module, node), inner.how, name=inner.name, parts=parts)
    return m.unknown(node)


def _boolean(m: Machine, node: ast.BoolOp) -> Resolved:
    is_or = isinstance(node.op, ast.Or)
    open_values: list[Resolved] = []
    for part in node.values:
        value = m.evaluate(part)
        answer = truth(value)
        if answer is is_or:
            return (
                join([*open_values, value])
                if open_values and is_or and value.known
                else value
                if not open_values or not is_or  # nothing is true of which a part is not
                else m.unknown(node)
            )
        if answer is None:
            open_values.append(value)
        last = value
    if not open_values:
        return last
    return join([*open_values]) if is_or and any(value.known for value in open_values) else m.unknown(node)


def _compare(m: Machine, node: ast.Compare) -> Resolved:
    left = m.evaluate(node.left)
    right = m.evaluate(node.comparators[0])
    for further in node.comparators[1:]:
        m.evaluate(further)
    if len(node.ops) > 1:
        return m.unknown(node)
    answer = compared(node.ops[0], left, right)
    if answer is not None and (left.others or right.others):
        answers = {compared(node.ops[0], a, b) for a in left.all() for b in right.all()}
        answer = answer if len(answers) == 1 else None
    return m.unknown(node) if answer is None else m.made(answer, node, "computed")


def _conditional(m: Machine, node: ast.IfExp) -> Resolved:
    answer = truth(m.evaluate(node.test))
    if answer is not None:
        return m.evaluate(node.body if answer else node.orelse)
    maybe, m.frame.maybe = m.frame.maybe, True
    result = join([m.evaluate(node.body), m.evaluate(node.orelse)])
    m.frame.maybe = maybe
    return result


def _lambda(m: Machine, node: ast.Lambda) -> Resolved:
    return m.made(Function(node, m.frame.scope.module, m.frame.scope, None, defaults_of(m, node.args)), node)


def _walrus(m: Machine, node: ast.NamedExpr) -> Resolved:
    value = m.evaluate(node.value)
    bind(m, node.target, value)
    return value


def _inner(m: Machine, node: ast.Await | ast.Starred) -> Resolved:
    return m.evaluate(node.value)


def _yield(m: Machine, node: ast.Yield | ast.YieldFrom) -> Resolved:
    if node.value is not None:
        m.frame.returned.append(m.evaluate(node.value))
    return m.unknown(node)


HANDLERS: dict[type, Callable[..., Resolved]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: calling.evaluate_call,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Set: _list,
    ast.Dict: _dict,
    ast.JoinedStr: _joined,
    ast.Lambda: _lambda,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.DictComp: dict_comprehension,
    ast.NamedExpr: _walrus,
    ast.Await: _inner,
    ast.Starred: _inner,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
}
