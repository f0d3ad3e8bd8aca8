"""What expressions are worth: one function for each kind, and the helpers they share."""

from __future__ import annotations

import ast
import builtins
import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.analysis.follow import attributes, calling
from core.analysis.follow.numbers import reckon
from core.analysis.nodes import unparse, walk
from core.analysis.program import (
    UNKNOWN,
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

_BUILTINS = frozenset(vars(builtins))
LONGEST_LITERAL = 2_000
"""Items of a list or dict display that are read; a longer one is data."""
LARGEST_LIST, LARGEST_TEXT = 10_000, 10_000
"""Items of a joined list, characters of a computed text: what doubles itself line by line ends here."""


def _constant(m: Machine, node: ast.Constant) -> Resolved:
    value = node.value
    return m.made(value if not isinstance(value, complex) and value is not ... else UNKNOWN, node)


def _name(m: Machine, node: ast.Name) -> Resolved:
    found = look_up(m.frame.scope, node.id)
    if found is not None:
        return found
    if node.id in _BUILTINS:
        return m.made(External(node.id), node, "builtin")
    stars = m.side.get(id(m.frame.scope.module))
    if isinstance(stars, list) and stars:
        return m.made(External(f"{stars[-1]}.{node.id}"), node, "import")
    return m.unknown(node)


def look_up(scope: Scope | None, name: str) -> Resolved | None:
    """A name in a scope or the scopes around it."""
    while scope is not None:
        found = scope.names.get(name)
        if found is not None:
            return found
        scope = scope.parent
    return None


def _attribute(m: Machine, node: ast.Attribute) -> Resolved:
    return attributes.load(m, m.evaluate(node.value), node.attr, node)


def _subscript(m: Machine, node: ast.Subscript) -> Resolved:
    holder, key = m.evaluate(node.value), node.slice
    value = holder.value
    if isinstance(key, ast.Slice):
        return _slice(m, holder, key, node)
    wanted = m.evaluate(key)
    if isinstance(value, ListValue):
        if isinstance(wanted.value, int) and -len(value.items) <= wanted.value < len(value.items):
            return value.items[wanted.value]
        return _any_of(m, value.items, node)
    if isinstance(value, DictValue):
        plain = wanted.value if isinstance(wanted.value, (str, int, float, bool)) else None
        if plain is not None:
            return value.entries.get(plain) or m.unknown(node)
        return _any_of(m, list(value.entries.values()), node)
    if isinstance(value, str) and isinstance(wanted.value, int) and -len(value) <= wanted.value < len(value):
        return m.made(value[wanted.value], node)
    if isinstance(value, External):
        return attributes.item_of_external(m, value, wanted, node)
    if isinstance(value, Instance):
        return attributes.item_of_instance(m, value, wanted, node)
    return m.unknown(node)


def _any_of(m: Machine, items: list[Resolved], node: ast.AST) -> Resolved:
    """One of several, nobody knows which: `optimizers[name](...)`; callables and texts only, and few."""
    from core.analysis.follow.machine import join

    if 0 < len(items) <= 8 and not any(isinstance(item.value, (int, float)) for item in items):
        return join(items)
    return m.unknown(node)


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
    return m.unknown(node)


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
        return m.made(whole(percent(left.value, items_of(m, right, node) or [right])), node, "computed text")
    if (
        isinstance(op, ast.Mult)
        and isinstance(left.value, str)
        and isinstance(right.value, int)
        and len(left.value) * right.value <= LARGEST_TEXT
    ):
        return m.made(left.value * right.value, node, "computed text")
    return m.unknown(node)


def percent(text: str, values: list[Resolved]) -> str:
    """`text % values` with holes for what is not known."""
    parts, rest = [], list(values)
    for index, part in enumerate(_PERCENT.split(text)):
        parts.append(hole(rest.pop(0)) if index % 2 and rest else "*" if index % 2 else part)
    return "".join(parts).replace("%%", "%")


_PERCENT = re.compile(r"(%[-+ #0]*\d*(?:\.\d+)?[sdifgeorxX])")


def hole(value: Resolved) -> str:
    """A value inside a text: itself, or a hole with the name it has in the code."""
    inner = value.value
    if isinstance(inner, Template):
        return inner.text
    if isinstance(inner, (str, int, float)) and not isinstance(inner, bool):
        return str(inner)
    name = value.name or _name_of(value)
    return f"{{{name}}}" if name.isidentifier() else "*"


def _name_of(value: Resolved) -> str:
    """The variable an unknown value stands in: `epoch` of `epoch + 1` too."""
    if isinstance(value.origin, tuple):
        names = [n.id for n in walk(value.origin[1]) if isinstance(n, ast.Name)]
        return names[0] if len(names) == 1 else ""
    return ""


def whole(text: str) -> str | Template:
    """A text, or a template where it has holes; what is too long to be one that matters is all hole."""
    if len(text) > LARGEST_TEXT:
        return Template("*")
    return Template(text) if "*" in text or "{" in text else text


def _joined(m: Machine, node: ast.JoinedStr) -> Resolved:
    parts = []
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            parts.append(str(piece.value).replace("*", ""))
        elif isinstance(piece, ast.FormattedValue):
            parts.append(hole(m.evaluate(piece.value)))
    return m.made(whole("".join(parts)), node, "computed text")


def _unary(m: Machine, node: ast.UnaryOp) -> Resolved:
    from core.analysis.follow.machine import truth

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
    from core.analysis.follow.machine import join, truth

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
                if not open_values
                else m.unknown(node)
            )
        if answer is None:
            open_values.append(value)
        last = value
    if not open_values:
        return last
    return join([*open_values]) if is_or and any(value.known for value in open_values) else m.unknown(node)


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.eq, ast.IsNot: operator.ne, ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


def _compare(m: Machine, node: ast.Compare) -> Resolved:
    left = m.evaluate(node.left)
    right = m.evaluate(node.comparators[0])
    for further in node.comparators[1:]:
        m.evaluate(further)
    if len(node.ops) > 1:
        return m.unknown(node)
    answers = {compared(node.ops[0], a, b) for a in left.all() for b in right.all()}
    answer = answers.pop() if len(answers) == 1 else None
    return m.unknown(node) if answer is None else m.made(answer, node, "computed")


def compared(op: ast.cmpop, left: Resolved, right: Resolved) -> bool | None:
    """The answer of a comparison; None where it cannot be told."""
    a, b = _comparable(left.value), _comparable(right.value)
    if a is UNKNOWN or b is UNKNOWN:
        return _comparison_with_none(op, left.value, right.value)
    try:
        return bool(_COMPARISONS[type(op)](a, b))
    except (TypeError, ValueError, RecursionError):
        return None


def _comparison_with_none(op: ast.cmpop, a: object, b: object) -> bool | None:
    """Things are never None: `model is None` is False where model was built."""
    things = (Function, Instance, Made, External, ListValue, DictValue)
    other = b if a is None else a if b is None else UNKNOWN
    if isinstance(other, things):
        if isinstance(op, (ast.Is, ast.Eq)):
            return False
        if isinstance(op, (ast.IsNot, ast.NotEq)):
            return True
    if isinstance(a, External) and isinstance(b, External) and isinstance(op, (ast.Is, ast.Eq)):
        return True if a.dotted == b.dotted else None
    return None


def _comparable(value: object) -> object:
    if isinstance(value, ListValue):
        items = [_comparable(item.value) for item in value.items]
        return UNKNOWN if any(item is UNKNOWN for item in items) or not value.complete else items
    if isinstance(value, DictValue):
        return value.entries if value.complete else UNKNOWN
    return value if value is None or isinstance(value, (int, float, str, bytes)) else UNKNOWN


def _conditional(m: Machine, node: ast.IfExp) -> Resolved:
    from core.analysis.follow.machine import join, truth

    answer = truth(m.evaluate(node.test))
    if answer is not None:
        return m.evaluate(node.body if answer else node.orelse)
    maybe, m.frame.maybe = m.frame.maybe, True
    result = join([m.evaluate(node.body), m.evaluate(node.orelse)])
    m.frame.maybe = maybe
    return result


def _lambda(m: Machine, node: ast.Lambda) -> Resolved:
    return m.made(Function(node, m.frame.scope.module, m.frame.scope, None, calling.defaults_of(m, node.args)), node)


def _comprehension(m: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Resolved:
    items: list[Resolved] = []
    complete = _generate(m, list(node.generators), lambda: items.append(m.evaluate(node.elt)))
    return m.made(ListValue(items, "list", complete), node)


def _dict_comprehension(m: Machine, node: ast.DictComp) -> Resolved:
    result = DictValue()

    def add() -> None:
        key, value = m.evaluate(node.key).value, m.evaluate(node.value)
        if isinstance(key, (str, int, float, bool)):
            result.entries[key] = value

    result.complete = _generate(m, list(node.generators), add)
    return m.made(result, node)


def _generate(m: Machine, generators: list[ast.comprehension], emit: Callable[[], object]) -> bool:
    """Follow `for ... in ... if ...`, calling `emit` for each item; False where the items are not known one by one."""
    from core.analysis.follow.binding import bind
    from core.analysis.follow.machine import UNROLLED, truth

    outer = m.frame.scope
    m.frame.scope = Scope({}, outer, outer.module)
    try:
        if not generators:
            emit()
            return True
        first, rest = generators[0], generators[1:]
        over = m.evaluate(first.iter)
        items = items_of(m, over, first.iter)
        known = items is not None and len(items) <= UNROLLED
        complete = known
        for item in items if items is not None and known else [m.unknown(first.target)]:
            bind(m, first.target, item)
            if all(truth(m.evaluate(test)) is not False for test in first.ifs):
                complete = _generate(m, rest, emit) and complete
        return complete
    finally:
        m.frame.scope = outer


def _walrus(m: Machine, node: ast.NamedExpr) -> Resolved:
    from core.analysis.follow.binding import bind

    value = m.evaluate(node.value)
    bind(m, node.target, value)
    return value


def _inner(m: Machine, node: ast.Await | ast.Starred) -> Resolved:
    return m.evaluate(node.value)


def _yield(m: Machine, node: ast.Yield | ast.YieldFrom) -> Resolved:
    if node.value is not None:
        m.frame.returned.append(m.evaluate(node.value))
    return m.unknown(node)


def items_of(m: Machine, value: Resolved, node: ast.AST) -> list[Resolved] | None:
    """The items that iterating a value gives, where they are known."""
    inner = value.value
    if isinstance(inner, ListValue):
        return list(inner.items) if inner.complete else None
    if isinstance(inner, DictValue):
        return [value.but(value=key) for key in inner.entries] if inner.complete and inner.dotted is None else None
    if isinstance(inner, Made) and is_range(value):
        return _range_items(m, inner, node)
    if isinstance(inner, Function):
        return None
    return None


def is_range(value: Resolved) -> bool:
    """Whether it is `range(...)`, or enumerates one."""
    return isinstance(value.value, Made) and value.value.dotted in (
        "range",
        "xrange",
        "tqdm.trange",
        "tqdm.auto.trange",
    )


def _range_items(m: Machine, made: Made, node: ast.AST) -> list[Resolved] | None:
    from core.analysis.follow.machine import UNROLLED

    bounds = [argument.value for argument in made.call.positional]
    if not bounds or not all(isinstance(bound, int) for bound in bounds) or len(bounds) > 3 or bounds[2:] == [0]:
        return None
    numbers = range(*(bound for bound in bounds if isinstance(bound, int)))
    if len(numbers) > UNROLLED:
        return None
    return [m.made(number, node, "computed: turn of a loop") for number in numbers]


def loop_variable(m: Machine, over: Resolved, node: ast.For | ast.AsyncFor) -> Resolved:
    """What the target of a loop that is followed once stands for: any item."""
    if (
        isinstance(over.value, ListValue)
        and over.value.items
        and not isinstance(over.value.items[0].value, (int, float))
    ):
        return over.value.items[0]
    target = node.target.id if isinstance(node.target, ast.Name) else ""
    return Resolved(UNKNOWN, (m.frame.scope.module, node.target), "", name=target)


def mentions(node: ast.expr, names: frozenset[str]) -> bool:
    """Whether an expression speaks of one of these names, not negated."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return False
    words = {getattr(n, "attr", None) or getattr(n, "id", None) for n in walk(node)}
    return bool(words & names)


def matches(m: Machine, subject: Resolved, pattern: ast.pattern) -> bool | None:
    """Whether a `case` takes the subject; None where it cannot be told."""
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
        if pattern.name:
            m.frame.scope.names[pattern.name] = subject
        return True
    if isinstance(pattern, ast.MatchValue):
        return compared(ast.Eq(), subject, m.evaluate(pattern.value))
    if isinstance(pattern, ast.MatchOr):
        answers = [matches(m, subject, part) for part in pattern.patterns]
        return True if True in answers else None if None in answers else False
    return None


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
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.NamedExpr: _walrus,
    ast.Await: _inner,
    ast.Starred: _inner,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
}
