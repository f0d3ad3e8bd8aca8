"""Walking syntax trees by the shortcuts that `nodes` has for the commonest kinds of node."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from core.analysis.nodes import PARTS, children, unparse, walk

EVERY_KIND = '''
import a
from b import c
if a < b:
    x = [1, 2]


@decorated
def f(a: int, /, b=1, *rest, c, d: str = "x", **more) -> None:
    """Text."""
    x: list[int] = a[1:b:2]
    with open(a) as one, two:
        pass
    return (y := lambda q: q + 1) if a and not b else f"{c!r:>{d}} {x}"


class C(Base, metaclass=Meta):
    n: int
    for i, j in {**table, "k": [*rest, (1, 2)]}.items():
        i += -j
    else:
        print(*a, sep=b)
    made = {k: v for k, v in pairs if v if k}
'''


def test_the_parts_of_every_kind_are_its_children() -> None:
    tree = ast.parse(EVERY_KIND)
    nodes = list(ast.walk(tree))
    assert PARTS.keys() <= {type(node) for node in nodes}
    for node in nodes:
        inside = [each for each in ast.iter_child_nodes(node) if not isinstance(each, ast.expr_context)]
        assert list(children(node)) == inside, ast.dump(node)


def test_parameters_of_types_are_children_where_python_has_them() -> None:
    if sys.version_info >= (3, 12):
        function = ast.parse("def f[T](x: T): ...\nclass A[S]: ...").body
        assert [type(children(node)[-1]).__name__ for node in function] == ["TypeVar", "TypeVar"]


def test_a_walk_goes_as_that_of_ast() -> None:
    for path in sorted((Path(__file__).parents[3] / "assets" / "zoo").rglob("*.py"))[:20]:
        tree = ast.parse(path.read_text())
        plain = [node for node in ast.walk(tree) if not isinstance(node, ast.expr_context)]
        assert walk(tree) == plain


def test_code_is_written_as_ast_writes_it() -> None:
    calls = ast.parse(
        "f(1, 'a', *b, c=(d for d in e), **g)\n(1).real\nh(u'x')(i=-1, j=True)[k].l(f(), m=None)\n(yield)()"
    )
    zoo = sorted((Path(__file__).parents[3] / "assets" / "zoo").rglob("*.py"))[:10]
    for tree in (calls, *(ast.parse(path.read_text()) for path in zoo)):
        assert all(unparse(node) == ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.expr))
