"""Walking syntax trees. A tree is read by many rules for many models, so what a walk found stays with its node.

Nothing changes a tree once it is parsed; what is kept with a node goes when the file's source goes.
"""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard, TypeVar

Found = TypeVar("Found")
Kind = TypeVar("Kind", bound=ast.AST)

_PLAIN = frozenset({
    "ctx", "id", "attr", "arg", "kind", "type_comment", "level", "module", "asname", "is_async", "simple", "conversion",
})  # fmt: skip
"""Fields that hold no node but a context."""


def _only(*nodes: ast.AST | None) -> list[ast.AST]:
    """Those that are there."""
    return [node for node in nodes if node is not None]


def _types(node: ast.AST) -> list[ast.AST]:
    """The parameters of types that a definition may have from Python 3.12 on."""
    return getattr(node, "type_params", [])


PARTS: dict[type[ast.AST], Callable[[Any], Sequence[ast.AST]]] = {
    ast.Attribute: lambda node: (node.value,),
    ast.keyword: lambda node: (node.value,),
    ast.Expr: lambda node: (node.value,),
    ast.Call: lambda node: (node.func, *node.args, *node.keywords),
    ast.Assign: lambda node: (*node.targets, node.value),
    ast.BinOp: lambda node: (node.left, node.op, node.right),
    ast.Subscript: lambda node: (node.value, node.slice),
    ast.Compare: lambda node: (node.left, *node.ops, *node.comparators),
    ast.Tuple: lambda node: node.elts,
    ast.List: lambda node: node.elts,
    ast.If: lambda node: (node.test, *node.body, *node.orelse),
    ast.UnaryOp: lambda node: (node.op, node.operand),
    ast.arg: lambda node: () if node.annotation is None else (node.annotation,),
    ast.Return: lambda node: () if node.value is None else (node.value,),
    ast.Import: lambda node: node.names,
    ast.ImportFrom: lambda node: node.names,
    ast.For: lambda node: (node.target, node.iter, *node.body, *node.orelse),
    ast.FormattedValue: lambda node: (node.value,) if node.format_spec is None else (node.value, node.format_spec),
    ast.JoinedStr: lambda node: node.values,
    ast.AugAssign: lambda node: (node.target, node.op, node.value),
    ast.BoolOp: lambda node: (node.op, *node.values),
    ast.With: lambda node: (*node.items, *node.body),
    ast.Starred: lambda node: (node.value,),
    ast.Lambda: lambda node: (node.args, node.body),
    ast.IfExp: lambda node: (node.test, node.body, node.orelse),
    ast.comprehension: lambda node: (node.target, node.iter, *node.ifs),
    ast.FunctionDef: lambda node: [node.args, *node.body, *node.decorator_list, *_only(node.returns), *_types(node)],
    ast.ClassDef: lambda node: [*node.bases, *node.keywords, *node.body, *node.decorator_list, *_types(node)],
    ast.arguments: lambda node: _only(
        *node.posonlyargs, *node.args, node.vararg, *node.kwonlyargs, *node.kw_defaults, node.kwarg, *node.defaults
    ),
    ast.AnnAssign: lambda node: _only(node.target, node.annotation, node.value),
    ast.Slice: lambda node: _only(node.lower, node.upper, node.step),
    ast.Dict: lambda node: _only(*node.keys, *node.values),
    ast.withitem: lambda node: _only(node.context_expr, node.optional_vars),
    ast.Pass: lambda node: (),
}
"""How the parts of the commonest kinds of node are had: `children` is half of what a walk costs."""
_OPERATORS = (ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
LEAVES = frozenset({ast.Name, ast.Constant, ast.alias, *(kind for op in _OPERATORS for kind in op.__subclasses__())})
"""Kinds of node that hold no other."""


def children(node: ast.AST) -> Sequence[ast.AST]:
    """The nodes right below, in order; contexts left out. Not to be changed."""
    parts = _PARTS[type(node)]
    return parts(node) if parts is not None else ()


def _others(node: ast.AST) -> list[ast.AST]:
    """The same for the rarer kinds of node."""
    found: list[ast.AST] = []
    for name in _FIELDS.get(type(node)) or _fields(type(node)):
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


_PARTS: defaultdict[type[ast.AST], Callable[[Any], Sequence[ast.AST]] | None] = defaultdict(lambda: _others, PARTS)
"""How the parts of any kind of node are had; None for those that have none."""
_PARTS.update(dict.fromkeys(LEAVES))


def walk(node: ast.AST) -> list[ast.AST]:
    """The node and all below it, in the order of `ast.walk`; contexts (Load, Store) left out. Not to be changed."""
    if type(node) in LEAVES:
        return [node]
    found: list[ast.AST] | None = node.__dict__.get("_walked")
    if found is None:
        found = [node]
        for each in found:
            parts = _PARTS[type(each)]
            if parts is not None:
                found += parts(each)
        node.__dict__["_walked"] = found
    return found


def below(node: ast.AST, *kinds: type[Kind]) -> list[Kind]:
    """The nodes of these very kinds in what `walk` gives. Not to be changed."""
    known: dict[tuple[type, ...], list[Kind]] | None = node.__dict__.get("_below")
    if known is None:
        known = node.__dict__["_below"] = {}
    found = known.get(kinds)
    if found is None:
        found = known[kinds] = [each for each in walk(node) if type(each) in kinds]  # type: ignore[misc]
    return found


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a kind of node that can hold nodes."""
    return _FIELDS.setdefault(kind, tuple(name for name in kind._fields if name not in _PLAIN))


def same(one: ast.AST, other: ast.AST) -> bool:
    """Whether two pieces of code are spelt alike, wherever they stand."""
    if type(one) is not type(other):
        return False
    return kept(one, "_dump", lambda: ast.dump(one)) == kept(other, "_dump", lambda: ast.dump(other))


def unparse(node: ast.AST) -> str:
    """The node as code, as `ast.unparse` writes it; dots for what is nested deeper than the stack goes."""
    text: str | None = node.__dict__.get("_text")
    if text is None:
        try:
            text = _plain(node) or ast.unparse(node)
        except RecursionError:
            text = "..."
        node.__dict__["_text"] = text
    return text


def _plain(node: ast.AST) -> str:
    """The text of names, attributes, calls and plain constants, which are most; empty for what holds anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant):
        return repr(node.value) if type(node.value) in (int, str, bool) and node.kind is None else ""
    if not isinstance(node, (ast.Attribute, ast.Call)):
        return ""
    text: str = node.__dict__.get("_text", "")
    if not text and (text := _plain_attribute(node) if isinstance(node, ast.Attribute) else _plain_call(node)):
        node.__dict__["_text"] = text
    return text


def _plain_attribute(node: ast.Attribute) -> str:
    holder = _plain(node.value) if type(node.value) is not ast.Constant else ""
    return holder and f"{holder}.{node.attr}"


def _plain_call(node: ast.Call) -> str:
    if not (function := _plain(node.func)):
        return ""
    given = [_plain(argument) for argument in node.args]
    given += [f"{word.arg}={text}" if word.arg and (text := _plain(word.value)) else "" for word in node.keywords]
    return f"{function}({', '.join(given)})" if all(given) else ""


def kept(node: ast.AST, name: str, make: Callable[[], Found]) -> Found:
    """What was made of a node alone, made once. It may hold nothing of one program: trees are shared by all."""
    known: dict[str, Any] = node.__dict__
    if name not in known:
        known[name] = make()
    return known[name]  # type: ignore[no-any-return]


def name_of(node: ast.AST | None) -> str:
    """`c` of `a.b.c` and of `c`; empty for what is neither an attribute nor a name."""
    if type(node) is ast.Attribute:
        return node.attr
    return node.id if type(node) is ast.Name else ""


def is_of_self(node: ast.AST | None) -> TypeGuard[ast.Attribute]:
    """Whether a method asks its object for something: `self.weight`."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def is_negative(node: ast.AST | None) -> TypeGuard[ast.UnaryOp]:
    """`-x`"""
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def given_to(call: ast.Call) -> list[ast.expr]:
    """All that a call is given, by place and by keyword."""
    return [*call.args, *(word.value for word in call.keywords)]


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """What a call is given under a keyword."""
    return next((word.value for word in call.keywords if word.arg == name), None)


def is_operation(node: object, *kinds: type[ast.operator]) -> TypeGuard[ast.BinOp]:
    """Whether a node joins two by an operator of one of these kinds: `a - b`."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, kinds)


_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    **dict.fromkeys((ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef), ("body",)),
    **dict.fromkeys((ast.With, ast.AsyncWith, ast.ExceptHandler, ast.match_case), ("body",)),
    **dict.fromkeys((ast.If, ast.For, ast.AsyncFor, ast.While), ("body", "orelse")),
    **dict.fromkeys((ast.Try, ast.TryStar), ("body", "handlers", "orelse", "finalbody")),
    ast.Match: ("cases",),
}
"""Where statements, and what holds some, stand in others."""


def statements(tree: ast.AST) -> list[ast.AST]:
    """A tree and all statements in it, in the order of `walk`, without walking expressions."""
    found = [tree]
    for each in found:
        for name in _BLOCKS.get(type(each), ()):
            found += getattr(each, name)
    return found


def parsed(text: str, before: int = 0) -> ast.Module:
    """The tree of Python that stands below so many lines, without the warnings that its parser prints. Raises what
    `ast.parse` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse("\n" * before + text)  # to number the nodes anew takes longer than to parse them


def expression(text: str) -> ast.expr:
    """The one expression that a text writes. Raises what `ast.parse` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text.strip(), mode="eval").body
