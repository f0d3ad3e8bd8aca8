"""Families of networks that find things in pictures: boxes on a grid, proposals, matched sets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.rules.bodies import Body
from core.analysis.rules.families.asking import Evidence, once, shown
from core.analysis.rules.kinds import PARAMETRIC
from core.analysis.rules.view import View


@once
def on_a_grid(view: View) -> Iterator[Evidence]:
    """YOLO: boxes relative to anchors or strides and grid cells come out of a convolutional network, or are judged
    together with whether there is an object at all."""
    if view.kinds["conv"]:
        yield from shown(view, "YOLO", "boxes relative to anchors and grid cells", _decodes, *_SIZING)
    if view.kinds["conv"] or not view.has(*PARAMETRIC):
        yield from shown(view, "YOLO", "boxes relative to anchors, and whether there is an object", _judges, *_SIZING)


_SIZING = ("sigmoid", "exp")
"""What the sizes of boxes come out of."""


def _decodes(body: Body) -> ast.AST | None:
    call = body.calls_any(_SIZING)
    names = {name.casefold() for name in (*body.assigned, *body.parameters)}
    names |= body.spoken if {"sigmoid", "exp"} <= body.calls.keys() else body.attributes
    sizes = re.compile("anchor|stride" if "exp" in body.calls else "anchor")
    sized = any(map(sizes.search, names)) and not any("sigma" in name or "gauss" in name for name in names)
    return call if sized and any("grid" in name for name in names) else None  # no map of how near a centre is


def _judges(body: Body) -> ast.AST | None:
    """`size = (p[:, 2:4].sigmoid() * 2) ** 2 * anchors`, and a loss of objects, of which there may be none."""
    return body.calls_any(_SIZING) if body.speaks_of(_OBJECTS) and body.speaks_of(_ANCHORS) else None


_OBJECTS = re.compile(r"^((t|l|loss_?)obj$|obj_?(loss|mask|scale)|noobj)")
_ANCHORS = re.compile("anchor")


def matched_sets(view: View) -> Iterator[Evidence]:
    """DETR: a transformer's outputs are matched with the boxes of a picture, each with one."""
    matching = view.program.named("linear_sum_assignment")
    found = next(iter(matching), None)
    if found is None or not (view.kinds["transformer"] or view.kinds["attention"]):
        return
    if view.speaks_of(re.compile(r"boxes|bbox")):
        yield Evidence("DETR", found.place, "a transformer's outputs are matched with boxes")


CUTTING = ("MultiScaleRoIAlign", "RoIAlign", "RoIPool", "roi_align", "roi_pool")
"""What libraries call the cutting of a region out of a map of features."""


def proposals(view: View) -> Iterator[Evidence]:
    """Faster R-CNN: features are cut out under proposed regions of a convolutional network; with masks for each, Mask
    R-CNN."""
    cuts = [call for call in view.program.named(*CUTTING) if call.target is None]
    if not cuts or not (view.kinds["conv"] or view.kinds["factory"]):
        return
    if view.speaks_of(re.compile(r"^mask_(head|logits)")):
        yield Evidence("Mask R-CNN", cuts[0].place, "masks of what stands in proposed regions")
    elif view.speaks_of(re.compile(r"proposal")):
        yield Evidence("Faster R-CNN", cuts[0].place, "features are cut out under proposed regions")
