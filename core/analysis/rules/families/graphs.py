"""Families over graphs: built of libraries' layers, by messages along edges, and by features of neighbours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from core.analysis.nodes import below, given_to, is_of_self, is_operation, same, walk
from core.analysis.program import Call, Class
from core.analysis.rules.bodies import FORWARDS, Body, is_call, last_name
from core.analysis.rules.families.adjacencies import ADJACENT, SPARSE, kept_graph, written_graph
from core.analysis.rules.families.arithmetic import is_constant, turned
from core.analysis.rules.families.asking import Evidence, first_layer, shown
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
    """Makers of the sparse matrices that DGL keeps a graph in, and products with them."""
    return dotted.startswith("dgl.sparse.") and dotted.endswith(("spmatrix", ".from_coo", ".from_csr", "spmm"))


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
    yield from written_graph(view)
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
    yield from shown(view, "GNN", "embeddings are spread along a sparse graph, over and over", _spreads, "mm", *SPARSE)
    yield from shown(view, "GNN", "features are spread to neighbours, over and over", _spreads_in_turn)
    yield from shown(view, "GCN", "Chebyshev polynomials of a graph", _chebyshev)
    yield from kept_graph(view)


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
            if name in SPARSE or (name == "mm" and home == "sparse"):
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
    return any(ADJACENT.match(each.arg) for each in given)


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
    given = {*body.parameters, *_handed_at_once(body)} if body.cls and body.name in FORWARDS else set()
    near = {name for name in given if _NEAR.search(name)}
    if not near or any(map(_OF_SPACE.search, body.parameters)):
        return None
    for node in body.of(ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        held = is_of_self(node.value) or last_name(node.value) in near
        if not held and any(last_name(part) in near for part in parts):
            return node
    calls = (call for name in _TAKING for call in body.calls.get(name, ()))
    return next((call for call in calls if any(last_name(each) in near for each in given_to(call))), None)


def _handed_at_once(body: Body) -> Iterator[str]:
    """What a layer of Keras is handed in one list: `features, nodes, neighbours = inputs`."""
    for line in body.of(ast.Assign):
        if isinstance(line.targets[0], ast.Tuple) and last_name(line.value) in body.parameters:
            yield from map(last_name, line.targets[0].elts)


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
