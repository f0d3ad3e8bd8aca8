"""Networks over graphs that are written out: features times an adjacency."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from core.analysis.nodes import is_of_self, unparse, walk
from core.analysis.rules.bodies import FORWARDS, Body, last_name
from core.analysis.rules.families.arithmetic import is_rest
from core.analysis.rules.families.asking import Evidence, unpacked
from core.analysis.rules.products import MATRIX_PRODUCTS, matrix_factors, matrix_products
from core.analysis.rules.view import View


def kept_graph(view: View) -> Iterator[Evidence]:
    """A forward that multiplies features with a matrix kept on the object, where an adjacency is made."""
    if not any(body.once(_speaks_of_neighbours) for body in view.bodies):
        return
    for body in view.bodies:
        if body.cls is not None and body.name in FORWARDS:
            for product, sides in matrix_products(body):
                if any(re.match(r"A$|adj|lap|cheb", word) for one in sides for word in body.words(one, 2)):
                    family = "GCN" if _CONVOLVING.search(body.cls.name) else "GNN"
                    yield Evidence(family, body.place(product), "features times a matrix of neighbours")
                    return


def _speaks_of_neighbours(body: Body) -> bool:
    return _ADJACENCY.search(" ".join((body.name, *body.calls))) is not None


_MATRIX = re.compile(r"[AG](_\w+)?")
_GATHERING = re.compile(r"graph|gcn|gnn|nconv|aggregat|(?<![a-z])gat(?!e)", re.IGNORECASE)
"""What classes are called that may be given an adjacency as `A` or `G`."""
_CONVOLVING = re.compile(r"gcn(?!et)|graph_?conv|(?<![a-z])g_?conv", re.IGNORECASE)
"""What is called a convolution over a graph; a GCNet looks at the whole of a picture."""
_OF_SETS = re.compile(r"hyper_?(graph|edge)|^hgnn", re.IGNORECASE)
"""What classes are called over graphs whose edges join many nodes."""
_ADJACENCY = re.compile(r"adjacen|laplacian", re.IGNORECASE)


def written_graph(view: View) -> Iterator[Evidence]:
    """GCN, GAT and others written out, in methods, or in functions that are named for a layer of a graph."""
    for body in view.bodies:
        if body.cls is None:
            yield from _written_layer(body)
        elif not _PREPARING.search(body.name):
            yield from _written_method(body, body.cls.name)


def _multiplied_twice(body: Body) -> frozenset[str]:
    """What a forward is given as `A`, and is twice or more the left side of `A @ self.line(x)`, `self.line(A @ x)`."""
    given = [name for name in body.parameters if _KEPT.fullmatch(name)] if body.name in FORWARDS else []
    calls = [call for call in body.of(ast.Call) if is_of_self(call.func)] if given else []
    taken = {part for call in calls for each in call.args for part in body.meant(each)}
    pairs = [(node, sides) for node, sides in (matrix_products(body) if calls else ()) if len(sides) == 2]
    left = [last_name(sides[0]) for node, sides in pairs if node in taken or _is_laid(body, sides[1])]
    return frozenset(name for name in given if left.count(name) >= 2)


_KEPT = re.compile(r"A(_?(hat|norm|tilde))?|a_?(hat|norm|tilde)")
"""What the adjacency is called that an object keeps, or a forward is given."""
_PREPARING = re.compile(r"init|preprocess|prepare|normali[sz]e")
"""What methods are called that make the matrices which others multiply with."""
SPARSE = frozenset({"spmm", "sparse_dense_matmul", "sparse_tensor_dense_matmul"})
"""Products with sparse matrices."""
_MULTIPLYING = MATRIX_PRODUCTS | {"softmax"}


def _written_method(body: Body, cls: str) -> Iterator[Evidence]:
    """Products with an adjacency that a method is given or its object keeps, or attention over what it leaves."""
    if _MULTIPLYING.isdisjoint(body.calls) and not (matrix_products(body) or _CONVOLVING.search(cls)):
        return
    parameters = set(body.parameters) | body.once(unpacked)
    adjacency = {name for name in parameters if ADJACENT.match(name)}
    adjacency |= {name for name in parameters if _MATRIX.fullmatch(name) and _GATHERING.search(cls)}
    adjacency |= body.once(_multiplied_twice)
    kept = {name for name in body.attributes if _KEPT.fullmatch(name)} if _GATHERING.search(cls) else set()
    softmax = body.calls_any(("softmax",)) if adjacency else None
    if softmax is not None and (_masks_by(body, adjacency) or _shuts_out(body, adjacency)):
        yield Evidence("GAT", body.place(softmax), "attention over the neighbours that the adjacency leaves")
        return
    gated = {"sigmoid", "tanh"} <= body.calls.keys()
    family = "GNN" if gated or _OF_SETS.search(cls) else "GCN"  # gates of a recurrent cell; edges of many nodes
    for name in sorted((MATRIX_PRODUCTS | SPARSE) & body.calls.keys()):
        for call in body.calls[name]:
            near = adjacency and ADJACENT.match(last_name(getattr(call.func, "value", call)))  # adj_t.matmul(x)
            if near or any(_is_adjacency(inner, adjacency, kept) for each in call.args for inner in walk(each)):
                yield Evidence(family, body.place(call), "features times the adjacency")
    yield from (Evidence(family, body.place(call), "weighed features times a sparse matrix") for call in _spread(body))
    if _CONVOLVING.search(cls) and body.name in FORWARDS:
        for product in (*_weighs(body, parameters), *_spread_and_weighed(body)):
            yield Evidence("GCN", body.place(product), "a layer of features times neighbours")
        yield from _weighs_given(body, family)
    for node in body.of(ast.BinOp):
        if isinstance(node.op, ast.MatMult) and _is_adjacency(node.left, adjacency, kept) and _passes(body, node.left):
            yield Evidence(family, body.place(node), "features times the adjacency")


def _masks_by(body: Body, adjacency: Collection[str]) -> bool:
    """Whether what an adjacency says is masked: `where(adj > 0, scores, low)`, `scores.masked_fill(adj == 0, low)`."""
    masks = [mask for call in body.calls.get("where", ()) for mask in call.args[:1]]
    filling = (call for name in ("masked_fill", "masked_fill_") for call in body.calls.get(name, ()))
    masks += [mask for call in filling for mask in call.args[-2:-1]]
    return any(not body.words(mask, 1).isdisjoint(adjacency) for mask in masks)


def _spread(body: Body) -> list[ast.Call]:
    """`sparse.mm(given, x @ self.weight)` in a forward: by what is not its own, after its own weights."""
    named = (*SPARSE, "mm") if body.name in FORWARDS else ()
    calls = [call for name in named for call in body.calls.get(name, ()) if len(call.args) == 2]
    calls = [call for call in calls if last_name(call.func) in SPARSE or "sparse" in unparse(call.func)]
    own = [{_of_object(side) for each in body.meant(call.args[1]) for side in matrix_factors(each)} for call in calls]
    found = (call for call, sides in zip(calls, own, strict=True) if sides == {True, False})
    return [call for call in found if last_name(call.args[0]) in body.parameters]


def _shuts_out(body: Body, adjacency: set[str]) -> bool:
    """`-1e9 * (1 - adjacency)`, which is added to the scores of all that are no neighbours."""
    scaled = (node for node in body.of(ast.BinOp) if isinstance(node.op, ast.Mult))
    rests = [side for node in scaled for side in (node.left, node.right)]
    return any(is_rest(rest) and last_name(rest.right) in adjacency for rest in rests)


def _weighs_given(body: Body, family: str) -> Iterator[Evidence]:
    """`dot(dot(near, features), self.kernel)`, in two lines: a product with weights of the object beside one of what it
    is given."""
    products = matrix_products(body)
    weighed = [product for product, sides in products if any(map(is_of_self, sides))]
    if weighed and len(products) > len(weighed):
        yield Evidence(family, body.place(weighed[0]), "features times weights and times what a layer is given")


def _written_layer(body: Body) -> Iterator[Evidence]:
    """`def gcn_layer(x, laplacian, weights)`: two products in a function that is named for a graph's layer."""
    products = [product for product, _ in matrix_products(body)] if _CONVOLVING.search(body.name) else []
    if len(products) >= 2:
        yield Evidence("GCN", body.place(products[1]), "features times weights and times what a function is given")


def _weighs(body: Body, parameters: set[str]) -> Iterator[ast.AST]:
    """`mm(neighbours, self.linear(x))`: products of what a layer of the object gives with what comes from another
    parameter, or stands on the object."""
    for product, sides in matrix_products(body):
        for laid in (each for each in sides if _is_laid(body, each)):
            own = body.words(laid)
            if any(is_of_self(each) or (body.words(each) - own) & parameters for each in sides if each is not laid):
                yield product


def _spread_and_weighed(body: Body) -> list[ast.expr]:
    """`dot(basis[i], features)` beside `dot(spread, self.kernel)`: products of two things that a layer is given, where
    another is with a weight of its own."""
    products = matrix_products(body)
    given = [product for product, sides in products if not any(map(_of_object, sides))]
    return given[:1] if len(given) < len(products) else []


def _of_object(node: ast.AST) -> bool:
    return any(is_of_self(each) for each in walk(node))


def _is_laid(body: Body, node: ast.AST) -> bool:
    """Whether a layer of the object makes a value: `self.linear(x)`, or what was last called so."""
    made = next(iter(body.assigned.get(node.id, [])[-1:]), None) if isinstance(node, ast.Name) else node
    return isinstance(made, ast.Call) and is_of_self(made.func)


def _passes(body: Body, matrix: ast.expr) -> bool:
    """Whether what an object keeps is multiplied as it is asked for its output; walks are counted so, too."""
    return isinstance(matrix, ast.Name) or body.name in FORWARDS


def _is_adjacency(node: ast.AST, given: set[str], kept: Collection[str] = ()) -> bool:
    """Whether a value is an adjacency that a method is given, or its object keeps: `self.adj`, or by some names."""
    if isinstance(node, ast.Attribute):
        return is_of_self(node) and (ADJACENT.match(node.attr) is not None or node.attr.casefold() in kept)
    return isinstance(node, ast.Name) and node.id in given


ADJACENT = re.compile(r"adj(?!ust|oin)|edge_index|support", re.IGNORECASE)
"""What adjacencies are called."""
