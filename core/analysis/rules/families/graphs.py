"""Families over graphs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.nodes import walk
from core.analysis.rules.bodies import FORWARDS
from core.analysis.rules.families.asking import PRODUCTS, Evidence, first_layer
from core.analysis.rules.view import View


def graph(view: View) -> Iterator[Evidence]:
    """GCN, GAT, GraphSAGE, GIN and other graph layers; also written out: products with an adjacency, attention over
    neighbours."""
    for kind, family in (("gcn", "GCN"), ("gat", "GAT"), ("sage", "GraphSAGE"), ("gin", "GIN"), ("graph", "GNN")):
        layer = first_layer(view, kind)
        if layer is not None:
            yield Evidence(family, layer.call.place, f"built of {layer.call.name}")
    for instance in view.network_instances:
        if any(base.endswith("MessagePassing") for base in instance.cls.external_bases()):
            yield Evidence("GNN", instance.cls.module.place(instance.cls.node.bases[0]), "derives from MessagePassing")
    yield from _written_graph(view)
    yield from _kept_graph(view)


def _kept_graph(view: View) -> Iterator[Evidence]:
    """A forward that multiplies features with a matrix kept on the object, where an adjacency is made."""
    names = [name for body in view.bodies for name in (body.name, *body.calls)]
    if not any(re.search(r"adjacen|laplacian", name, re.IGNORECASE) for name in names):
        return
    for body in view.bodies:
        if body.cls is not None and body.name in FORWARDS:
            for name in sorted(PRODUCTS & body.calls.keys()):
                for call in body.calls[name]:
                    if any(re.match(r"A$|adj|lap", word) for argument in call.args for word in body.words(argument, 2)):
                        yield Evidence("GNN", body.place(call), "features times a matrix of neighbours")
                        return


def _written_graph(view: View) -> Iterator[Evidence]:
    for body in view.bodies:
        if body.cls is None:
            continue
        parameters = {arg.arg for arg in getattr(getattr(body.node, "args", None), "args", [])}
        adjacency = {name for name in parameters if name.casefold().startswith(("adj", "edge_index", "adjacency"))}
        if not adjacency or body.name not in ("forward", "__call__", "call"):
            continue
        softmax = body.calls_any(("softmax",))
        if softmax is not None and (body.calls_any(("where", "masked_fill", "masked_fill_")) is not None):
            yield Evidence("GAT", body.place(softmax), "attention over the neighbours that the adjacency leaves")
            continue
        for name in sorted(PRODUCTS):
            for call in body.calls.get(name, ()):
                if any(
                    isinstance(inner, ast.Name) and inner.id in adjacency
                    for argument in call.args
                    for inner in walk(argument)
                ):
                    yield Evidence("GCN", body.place(call), "features times the adjacency")
