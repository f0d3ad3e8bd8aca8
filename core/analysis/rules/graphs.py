"""What is told of graphs: the kind of a whole one, or of each node, or which nodes are joined."""

from __future__ import annotations

import ast

from core.analysis.nodes import same
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.judging import only_judges
from core.analysis.rules.loss_names import CLASSIFYING
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed


def on_graphs(model: Purposed) -> Answer | None:
    """Kinds told of nodes, some of which are held back by a mask or an index, or of whole graphs, read out."""
    if "GNN" not in model.families or not CLASSIFYING & model.losses.keys():
        return None
    whole = next(iter(model.view.program.named(*_READ_OUT)), None)
    if whole is not None:
        return "graph classification", whole.place, f"whole graphs are read out by {whole.name}"
    held = next((body for body in model.view.bodies if _masks_nodes(body) or _picks_nodes(body)), None)
    return ("node classification", held.place(held.node), "some nodes are trained on") if held is not None else None


def on_links(model: Purposed) -> Answer | None:
    """Edges of a graph told from pairs of nodes that are none, where no nodes are sorted in the end."""
    if "GNN" not in model.families or not _OF_KINDS.isdisjoint(model.losses):
        return None
    program = model.view.program
    told = next((call for call in program.named(*_LINKING)), None)
    sorting = program.named("fit", "LogisticRegression", "KMeans") if told is not None else ()
    sorting = [call for call in sorting if call.within is None or not only_judges(call.within)]
    if told is None or any(call.dotted.startswith("sklearn.") for call in sorting):
        return None
    return "link prediction", told.place, f"edges are held back or made up by {told.name}"


_LINKING = (
    "RandomLinkSplit", "LinkNeighborLoader", "train_test_split_edges", "negative_sampling", "mask_test_edges",
    "as_edge_prediction_sampler", "construct_negative_graph", "global_uniform_negative_sampling",
)  # fmt: skip
_OF_KINDS = frozenset({"cross_entropy", "nll_loss"})
"""Losses that tell one of several kinds."""


def _masks_nodes(body: Body) -> bool:
    return not _MASKS.isdisjoint(body.spoken) or not _MASKS.isdisjoint(body.assigned)


def _picks_nodes(body: Body) -> bool:
    """Whether an index picks of what a network gives, or of that and the labels: `net(x, near)[train_idx]`,
    `nll_loss(out[idx_train], y[idx_train])`; whole graphs are picked out of a list of them."""
    if _INDEXES.isdisjoint(body.spoken):
        return any(map(_masks_both, body.of(ast.Call)))
    picked = {each for each in body.of(ast.Subscript) if last_name(each.slice) in _INDEXES}
    given = any(isinstance(each.value, ast.Call) for each in picked)
    return given or any(len(picked.intersection(call.args)) > 1 for call in (body.of(ast.Call) if picked else ()))


def _masks_both(call: ast.Call) -> bool:
    """`cross_entropy(out[mask], y[mask])`"""
    given = [each.slice for each in call.args[:2] if isinstance(each, ast.Subscript)]
    return len(given) == 2 and isinstance(given[0], ast.Name) and same(*given) and "mask" in given[0].id


_READ_OUT = (
    "global_mean_pool", "global_add_pool", "global_max_pool", "mean_nodes", "sum_nodes", "max_nodes", "SumPooling",
    "AvgPooling", "GlobalSumPool", "GlobalAvgPool", "GlobalMaxPool",
)  # fmt: skip
_MASKS = frozenset({"train_mask", "mask_train", "y_train_mask"})
_INDEXES = frozenset({"idx_train", "train_idx"})
"""What says which nodes of a graph are trained on; an index may be of graphs too."""
