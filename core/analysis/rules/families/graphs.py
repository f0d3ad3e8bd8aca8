"""Families over graphs."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from functools import cache

from core.analysis.nodes import below, given_to, is_of_self, is_operation, same, unparse, walk
from core.analysis.program import Call, Class
from core.analysis.rules.bodies import FORWARDS, Body, is_call, last_name
from core.analysis.rules.families.arithmetic import is_constant, is_rest, turned
from core.analysis.rules.families.asking import Evidence, first_layer, shown, unpacked
from core.analysis.rules.loss_names import losses_called
from core.analysis.rules.products import MATRIX_PRODUCTS, matrix_factors, matrix_products
from core.analysis.rules.view import View


def graph(view: View) -> Iterator[Evidence]:
    """Networks over graphs; and whether they give its edges back, of whose nodes they make codes."""
    found = list(_over_graphs(view))
    yield from found
    if found and "binary_cross_entropy" in losses_called(view.program):
        yield from shown(view, "Autoencoder", "edges are given back by codes times themselves", _edges_of_codes)


def _is_of_sparse(dotted: str) -> bool:
    return dotted.startswith("dgl.sparse.") and dotted.endswith(("spmatrix", ".from_coo", ".from_csr", "spmm"))


"""Makers of the sparse matrices that DGL keeps a graph in, and products with them."""


def _over_graphs(view: View) -> Iterator[Evidence]:
    """GCN, GAT, GraphSAGE, GIN and other graph layers; also written out: products with an adjacency, attention over
    neighbours."""
    for kind, family in (("gcn", "GCN"), ("gat", "GAT"), ("sage", "GraphSAGE"), ("gin", "GIN"), ("graph", "GNN")):
        layer = first_layer(view, kind)
        if layer is not None:
            yield Evidence(family, layer.call.place, f"built of {layer.call.name}")
    for call in view.program.named(*ENCODING):
        if call.target is None and call.dotted.startswith("torch_geometric.nn."):
            yield Evidence(ENCODING[call.name], call.place, f"built of {call.name}")
    for call in view.program.whose(_is_of_sparse):
        yield Evidence("GNN", call.place, "products with a sparse adjacency")
    for instance in view.network_instances:
        if instance.cls.heir_of("MessagePassing"):
            yield Evidence("GNN", instance.cls.module.place(instance.cls.node.bases[0]), "derives from MessagePassing")
            for body in view.bodies:
                if body.cls is instance.cls and (norm := _weighs_by_degrees(body)) is not None:
                    yield Evidence("GCN", body.place(norm), "messages along edges weighed by degrees")
                if body.cls is instance.cls and (soft := body.calls_any(("softmax",))) is not None:
                    yield Evidence("Attention", body.place(soft), "messages along edges weighed by a softmax")
    yield from _written_graph(view)
    yield from shown(view, "GAT", "rectified scores of neighbours are weighed by a softmax", _rectified, *_RECTIFIERS)
    weighing = {body.cls for body in view.bodies if body.once(_scores)}
    yield from shown(
        view, "GAT", "messages of neighbours are weighed by attention", lambda body: _weighed(body, weighing)
    )
    yield from shown(view, "GNN", "messages of neighbours are added up", _passes_messages)
    for call in view.program.called(*_SCATTERING):
        within = "dim_size" in call.keywords and view.owner_of(call) is not None  # else it makes features of edges
        if within and "batch" not in _index_of(call):  # by batch the whole graph is read out
            yield Evidence("GNN", call.place, "messages of neighbours are added up")
    yield from shown(view, "GNN", "messages are sent along edges", _sends_messages, *_SENDING)
    yield from shown(view, "GNN", "features of neighbours are gathered", _gathers_neighbours, *MATRIX_PRODUCTS)
    yield from shown(view, "GNN", "features are taken by the index of neighbours", _takes_neighbours)
    yield from shown(view, "GNN", "embeddings are spread along a sparse graph, over and over", _spreads, "mm", *_SPARSE)
    yield from shown(view, "GNN", "features are spread to neighbours, over and over", _spreads_in_turn)
    yield from shown(view, "GCN", "Chebyshev polynomials of a graph", _chebyshev)
    yield from _kept_graph(view)


def _edges_of_codes(body: Body) -> ast.AST | None:
    """`z @ z.t()`, `matmul(z, transpose(z))` in what a network, or its decoder, gives back."""
    if body.cls is None or body.name not in (*FORWARDS, "_call", "decode"):
        return None
    of_two = ((node, sides) for node, sides in matrix_products(body) if len(sides) == 2)
    return next((node for node, (one, other) in of_two if _is_turned(body, one, other)), None)


def _is_turned(body: Body, one: ast.expr, other: ast.expr) -> bool:
    """Whether the other is the first with its axes changed over, where that has a name, too."""
    values = body.assigned.get(other.id, ()) if isinstance(other, ast.Name) and isinstance(one, ast.Name) else [other]
    return any(same(each, one) for value in values for each in turned(value))


def _weighs_by_degrees(body: Body) -> ast.AST | None:
    """`gcn_norm(edges)`, or written out: `degree(rows).pow(-0.5)`."""
    degrees = body.calls_any(("degree",))
    if degrees is not None and "rsqrt" not in body.calls:
        halves = (node for node in body.of(ast.UnaryOp) if isinstance(node.op, ast.USub))
        degrees = degrees if any(is_constant(node.operand, 0.5) for node in halves) else None
    return body.calls_any(("gcn_norm",)) or degrees


_SCATTERING = (
    *(f"torch_scatter.scatter{kind}" for kind in ("", "_add", "_sum", "_mean")),
    "torch_geometric.utils.scatter",
)
"""Calls that add up values by an index, into as many as they are told."""


def _index_of(call: Call) -> str:
    """How the code calls that index."""
    given = call.node.args[1:2] if isinstance(call.node, ast.Call) else []
    return last_name(given[0]).casefold() if given else ""


def _chebyshev(body: Body) -> ast.AST | None:
    """`x[k] = 2 * graph @ x[k - 1] - x[k - 2]` in a network."""
    for node in body.of(ast.BinOp) if body.cls is not None else ():
        if isinstance(node.op, ast.Sub) and isinstance(node.right, (ast.Name, ast.Subscript)):
            inside = [*walk(node.left)]
            twice = any(isinstance(each, ast.Constant) and each.value == 2 for each in inside)
            if twice and any(map(matrix_factors, inside)) and body.speaks_of(_OF_GRAPHS):
                return node
    return None


_OF_GRAPHS = re.compile(r"adj|support|lap|gso|cheb|graph")


def _spreads(body: Body) -> ast.AST | None:
    """`for _ in range(layers): x = torch.sparse.mm(graph, x)` in a network."""
    for loop in body.of(ast.For) if body.cls is not None else ():
        for call in below(loop, ast.Call):
            name, home = last_name(call.func), last_name(getattr(call.func, "value", call.func))
            if name in _SPARSE or (name == "mm" and home == "sparse"):
                return call
    return None


def _spreads_in_turn(body: Body) -> ast.AST | None:
    """`for _ in range(turns): x = near @ x + start`, in a class whose methods are given an adjacency."""
    loops = body.of(ast.For) if body.cls is not None else []
    for line in (line for loop in loops for line in below(loop, ast.Assign)):
        into = last_name(line.targets[0])
        for left, right in (sides for node in walk(line.value) if len(sides := matrix_factors(node)) == 2):
            if last_name(right) == into != last_name(left) and _is_given_adjacency(body):
                return line
    return None


def _is_given_adjacency(body: Body) -> bool:
    given = below(body.cls.node, ast.arg) if body.cls is not None else ()
    return any(_ADJACENT.match(each.arg) for each in given)


_SPARSE = frozenset({"spmm", "sparse_dense_matmul", "sparse_tensor_dense_matmul"})


def _gathers_neighbours(body: Body) -> ast.AST | None:
    """A forward that is given the neighbours of nodes and multiplies their features with what says whose they are, or
    what finds senders and receivers so."""
    if body.cls is None or (body.name not in FORWARDS and not {"senders", "receivers"} <= body.assigned.keys()):
        return None
    if body.cls.name.endswith("Loss"):  # neighbours may be told to be alike
        return None
    told = "senders" in body.assigned or any("neigh" in name for name in body.parameters)
    return body.calls_any(MATRIX_PRODUCTS) if told else None


def _takes_neighbours(body: Body) -> ast.AST | None:
    """`features[near_idx]`, `features[near_idx, :]`, `gather(features, 1, near_idx)` in a forward that is told which
    nodes are neighbours; those of points in space are no graph's."""
    near = {name for name in body.parameters if _NEAR.search(name)} if body.cls and body.name in FORWARDS else set()
    if not near or any(map(_OF_SPACE.search, body.parameters)):
        return None
    for node in body.of(ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        held = is_of_self(node.value) or last_name(node.value) in near
        if not held and any(last_name(part) in near for part in parts):
            return node
    calls = (call for name in _TAKING for call in body.calls.get(name, ()))
    return next((call for call in calls if any(last_name(each) in near for each in given_to(call))), None)


_NEAR = re.compile(r"neigh|(^|_)nbr", re.IGNORECASE)
_OF_SPACE = re.compile(r"(^|_)(pts|points?|xyz|clouds?)(_|$)|pcd?$", re.IGNORECASE)
_TAKING = ("gather", "index_select", "embedding_lookup", "take")


ENCODING = {"GAE": "Autoencoder", "VGAE": "VAE", "ARGA": "Adversarial Autoencoder", "ARGVA": "Adversarial Autoencoder"}
"""Ready-made autoencoders of graphs."""


def _passes_messages(body: Body) -> ast.AST | None:
    """`segment_sum(messages, receivers)`, `scatter_add(messages, index)` where senders or edges are spoken of."""
    for name, calls in body.calls.items():
        for call in calls if _sums_up(name) else ():
            given = given_to(call)
            words = " ".join(word for argument in given for word in body.words(argument, 0)).casefold()
            if re.search(r"receiver|sender|edge|neighbo|\bdst\b|\bsrc\b|pair_ind", words):
                return call
    return None


def _sends_messages(body: Body) -> ast.AST | None:
    """`graph.update_all(message, reduce)` in a network, of DGL."""
    return body.calls_any(_SENDING) if body.cls is not None else None


_SENDING = ("update_all", "multi_update_all", "send_and_recv")


def _weighed(body: Body, weighing: set[Class | None]) -> ast.AST | None:
    """Messages that are added up by a class that normalises scores of them: a softmax over the edges of each node."""
    if body.cls is None or body.cls not in weighing:
        return None
    return body.once(_passes_messages) or (_sends_messages(body) if "edge_softmax" in body.calls else None)


def _rectified(body: Body) -> ast.AST | None:
    """`softmax(leaky_relu(scores) + mask)`, whose mask leaves only neighbours, or a softmax of what a sparse matrix
    has, `sparse_softmax(leaky)`."""
    for call in body.calls.get("softmax", ()):
        masked = call.args[0] if call.args and is_operation(call.args[0], ast.Add) else None
        sides = [masked.left, masked.right] if isinstance(masked, ast.BinOp) else []
        if any(is_call(side, _RECTIFIERS) for side in sides):
            return call
    return body.calls_any(("sparse_softmax",))


_RECTIFIERS = ("leaky_relu", "LeakyReLU")


def _scores(body: Body) -> bool:
    if "edge_softmax" in body.calls:
        return True
    if not any(map(_SCORES.search, body.assigned)):
        return False
    divided = "exp" in body.calls and any(isinstance(node.op, ast.Div) for node in body.of(ast.BinOp))
    return divided or any("softmax" in name for name in body.calls)


_SCORES = re.compile(r"att(entio)?n|alpha|score")


_SUMMING = re.compile(r"segment_(sum|mean|max)|scatter_(add|sum|mean)|index_add")


@cache
def _sums_up(name: str) -> bool:
    return _SUMMING.search(name) is not None


def _kept_graph(view: View) -> Iterator[Evidence]:
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


def _written_graph(view: View) -> Iterator[Evidence]:
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
_MULTIPLYING = MATRIX_PRODUCTS | {"softmax"}


def _written_method(body: Body, cls: str) -> Iterator[Evidence]:
    """Products with an adjacency that a method is given or its object keeps, or attention over what it leaves."""
    if _MULTIPLYING.isdisjoint(body.calls) and not (matrix_products(body) or _CONVOLVING.search(cls)):
        return
    parameters = set(body.parameters) | body.once(unpacked)
    adjacency = {name for name in parameters if _ADJACENT.match(name)}
    adjacency |= {name for name in parameters if _MATRIX.fullmatch(name) and _GATHERING.search(cls)}
    adjacency |= body.once(_multiplied_twice)
    kept = {name for name in body.attributes if _KEPT.fullmatch(name)} if _GATHERING.search(cls) else set()
    softmax = body.calls_any(("softmax",)) if adjacency else None
    masked = body.calls_any(("where", "masked_fill", "masked_fill_")) is not None or _shuts_out(body, adjacency)
    if softmax is not None and masked:
        yield Evidence("GAT", body.place(softmax), "attention over the neighbours that the adjacency leaves")
        return
    gated = {"sigmoid", "tanh"} <= body.calls.keys()
    family = "GNN" if gated or _OF_SETS.search(cls) else "GCN"  # gates of a recurrent cell; edges of many nodes
    for name in sorted((MATRIX_PRODUCTS | _SPARSE) & body.calls.keys()):
        for call in body.calls[name]:
            near = adjacency and _ADJACENT.match(last_name(getattr(call.func, "value", call)))  # adj_t.matmul(x)
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


def _spread(body: Body) -> list[ast.Call]:
    """`sparse.mm(given, x @ self.weight)` in a forward: by what is not its own, after its own weights."""
    named = (*_SPARSE, "mm") if body.name in FORWARDS else ()
    calls = [call for name in named for call in body.calls.get(name, ()) if len(call.args) == 2]
    calls = [call for call in calls if last_name(call.func) in _SPARSE or "sparse" in unparse(call.func)]
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
        return is_of_self(node) and (_ADJACENT.match(node.attr) is not None or node.attr.casefold() in kept)
    return isinstance(node, ast.Name) and node.id in given


_ADJACENT = re.compile(r"adj(?!ust|oin)|edge_index|support", re.IGNORECASE)
