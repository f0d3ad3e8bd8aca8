"""What is told of clouds of points: the kind of a whole one, of each point, or nothing of the sort."""

from __future__ import annotations

import ast
import re

from core.analysis.rules.bodies import Body
from core.analysis.rules.loss_names import CLASSIFYING
from core.analysis.rules.purposes import Purposed

WHOLE, PARTED = "point cloud classification", "point cloud segmentation"


def of_points(model: Purposed, told: str) -> str:
    """The task, where it is to tell what clouds are of: kinds of their points, where those are spoken of or the share
    of points that are right is; none, where whole clouds are compared and no kinds, or pictures are gone over."""
    if told == PARTED:
        laid = (layer.call.name.casefold() for layer in model.view.layers if layer.kind == "conv")
        return told if model.view.speaks_of(_SCANNED) or not any("2d" in name for name in laid) else ""
    if told != WHOLE:
        return told
    names = {name for body in model.view.bodies if not _loads(body) for name in _told_by(body)}
    if CLASSIFYING.isdisjoint(model.losses) and any(map(_APART.search, names)):
        return ""
    return PARTED if any(map(_EACH.search, names)) else told


def is_sparse(model: Purposed) -> bool:
    """Whether convolutions go over the places alone that hold something, as few of a cloud do."""
    return any(layer.kind == "conv" and _SPARSE.match(layer.call.name) for layer in model.view.layers)


def _told_by(body: Body) -> frozenset[str]:
    """What it speaks of, in lower case, but for lists that are begun and neither filled nor read."""
    read = {node.id for node in body.of(ast.Name) if isinstance(node.ctx, ast.Load)}
    begun = (name for name, given in body.assigned.items() if all(isinstance(each, ast.List) for each in given))
    return body.spoken - {name.casefold() for name in begun if name not in read}


def _loads(body: Body) -> bool:
    """Whether it is a part of a data set, which may hold more than is asked for."""
    return body.cls is not None and body.cls.find("__getitem__") is not None


_EACH = re.compile(
    r"(^|_)(m?ious?|mean_?iou|jaccard(_index)?|(part|sem)_?seg|seg_(pred|label|loss|class(es)?)s?|num_parts?)(_|$)"
)
"""What parts of clouds, and how well they are told, are called; loaders read a `seg` that nobody asks for."""
_APART = re.compile(r"chamfer|nn_?distance|earth_?mover|(^|_)emd(_|$)")
"""How far apart clouds are said to be."""
_SCANNED = re.compile(r"(^|_)(scans?|clouds?|voxels?|n(um)?_?points?)(_|$)")
"""What clouds are called that are laid out as pictures, and what their points are counted by."""
_SPARSE = re.compile(r"SubM|Sparse|Minkowski|Submanifold")
"""What layers over sparse tensors begin with."""
