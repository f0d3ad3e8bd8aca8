"""Tasks that tell something of places in a picture: boxes about things, joints of bodies, the kind or colour of every
place."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Set
from pathlib import Path

from core.analysis.facts import Place
from core.analysis.nodes import unparse
from core.analysis.program import Call
from core.analysis.rules.bodies import Body
from core.analysis.rules.families.asking import first
from core.analysis.rules.loss_names import COMPARING
from core.analysis.rules.view import View

Answer = tuple[str, Place, str]
"""A task, where it shows, and how."""


def _shown(view: View, task: str, how: str, test: Callable[[Body], ast.AST | None], *calling: str) -> Answer | None:
    """A task of a convolutional network, where a test finds something in the code, of what calls one of these."""
    found = first(view, test, *calling) if _convolves(view) else None
    return (task, found[0].place(found[1]), how) if found is not None else None


def _spoken(view: View, words: re.Pattern[str], answer: Answer | None) -> Answer | None:
    """An answer that holds only where the code speaks of something too."""
    return answer if answer is not None and view.speaks_of(words) else None


def detecting(view: View) -> Answer | None:
    """Anchors, or maps of how near a centre is, and boxes about a convolutional network."""
    how = "object detection", "anchors or centres of boxes"
    return _shown(view, *how, _anchored) or _spoken(view, _BOXES, _shown(view, *how, _centred))


def posing(view: View) -> Answer | None:
    """Maps of heat for joints, of a convolutional network."""
    return _shown(view, "pose estimation", "maps of heat for joints", _heated)


def measuring_depth(view: View) -> Answer | None:
    """Disparities, or maps of depth, of a convolutional network."""
    how = "depth estimation", "maps of depth"
    return _shown(view, *how, _deep) or _spoken(view, _TWO_VIEWS, _shown(view, *how, _apart))


def colouring(view: View) -> Answer | None:
    """What a convolutional network gives is turned from the colours of Lab, where nothing is turned into those, or it
    is fitted from grey pictures to others."""
    how = "colorisation", "grey pictures in, colours out"
    return _shown(view, *how, _from_lab, *_TO_RGB) or _shown(view, *how, _from_grey, "fit")


_TO_RGB = ("lab2rgb", "lab_to_rgb")


def _from_lab(body: Body) -> ast.AST | None:
    return body.calls_any(_TO_RGB) if body.calls_any(("rgb2lab", "rgb_to_lab")) is None else None


def _from_grey(body: Body) -> ast.AST | None:
    """`model.fit(x_train_gray, x_train)`: what is asked is called the grey of what is wanted."""
    given = ((call, unparse(call.args[0]), unparse(call.args[1])) for call in body.calls["fit"] if len(call.args) > 1)
    return next((call for call, asked, wanted in given if asked != wanted == _GREY.sub("", asked)), None)


_GREY = re.compile(r"_?gr[ae]y(_?scale)?_?", re.IGNORECASE)


def _deep(body: Body) -> ast.AST | None:
    """What is assigned to depths; how many layers a configuration wants, `args["meta"]["pred_depth"]`, are none."""
    return next((value for value in body.values_called(_DEPTHS) if not _is_configured(value)), None)


def _is_configured(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) or (
        isinstance(value, ast.Subscript) and isinstance(value.value, ast.Subscript)
    )


def _apart(body: Body) -> ast.AST | None:
    return next(iter(body.values_called(_DISPARITIES)), None)


_DEPTHS = re.compile(
    r"(^|_)disparit(y|ies)(_|$)|(^|_)depths?_?(true|gt|target|est|pred|left|right|scaled)(_|$)|"
    r"(^|_)(true|gt|target|est|pred|left|right|scaled)_?depths?(_|$)"
)
"""What depths are called that are learned; a `depth_map` is what volumes are rendered to."""
_DISPARITIES = re.compile(_DEPTHS.pattern.replace("depth", "disp"))
"""The same for short, where code speaks of two views or of depth too: `disp` is a display or a displacement as well."""
_TWO_VIEWS = re.compile(r"(^|_)(left|right|stereo|depth|disparit)|im(g|age)_?[lr]$")


def segmenting(view: View, losses: Set[str]) -> Answer | None:
    """Cross-entropy that leaves out what is marked as void (255), of what is judged by mean IoU, or over what
    convolutions enlarged again and no linear layer followed."""
    if not _convolves(view) or not {"cross_entropy", "nll_loss", "binary_cross_entropy"} & losses:
        return None
    void = next(
        (call for call in view.program.given("ignore_index") if call.keywords["ignore_index"].value == 255), None
    )
    if void is not None:
        return "image segmentation", void.place, "places marked as void are left out of the loss"
    if not losses & COMPARING:  # under which boxes are fitted, whose IoU is measured too
        measured = _shown(view, "image segmentation", "judged by what places the kinds share", _measures_places)
        if measured is not None:
            return measured
    enlarging = (layer for layer in view.layers if layer.kind in ("convt", "upsample"))
    grown = next((layer for layer in enlarging if not _prepares(layer.call)), None)
    if grown is None or view.kinds["linear"] or not view.kinds["conv"]:
        return None
    return "image segmentation", grown.call.place, "every place of the enlarged picture is classified"


def _prepares(call: Call) -> bool:
    """Whether a call stands in a module or function that is named for preparing data: `preprocess_image`."""
    names = (Path(call.module.path).stem, call.within.name if call.within else "")
    return any(map(_PREPARING.search, names))


_PREPARING = re.compile(r"(^|_)(pre_?proc|distort|augment(ation|er)?s?(_|$)|input_pipeline$)", re.IGNORECASE)


def _measures_places(body: Body) -> ast.AST | None:
    """What is assigned to the mean IoU, or to the share of places that are right."""
    return next(iter(body.values_called(_PLACES)), None)


_PLACES = re.compile(r"(^|_)m_?iou(_|$)|mean_?iou|pix(el)?_?acc")


def _convolves(view: View) -> bool:
    return bool(view.kinds["conv"] or view.kinds["factory"])


def _anchored(body: Body) -> ast.AST | None:
    """What is assigned to anchors, where boxes are spoken of."""
    anchors = body.values_called(_ANCHORS)
    return anchors[0] if anchors and body.speaks_of(_BOXES) else None


def _centred(body: Body) -> ast.AST | None:
    """`exp(-((x - grid_x) ** 2) / sigma)`: how near a place is to the centre of a thing."""
    if not _DRAWING.isdisjoint(body.calls):
        return None
    names = {*body.assigned, *body.spoken}
    told = any("sigma" in name for name in names) and any("grid" in name or "center" in name for name in names)
    return next(iter(body.calls.get("exp", ())), None) if told else None


_DRAWING = frozenset({"plot", "hist", "legend", "fill_between"})
"""Calls of code that draws figures, whose bells have a centre, a grid and boxes too."""
_ANCHORS = re.compile(r"anchor|(^|_)prior(s|_?box|_?data)|(^|_)(default_?box(es)?|dboxe?s?)")
_BOXES = re.compile(r"bbox|boxes|(^|_)loc(_|$)")


def _heated(body: Body) -> ast.AST | None:
    """What is assigned to a map of heat, where joints are spoken of; not how large a configuration says it is."""
    heat = [value for value in body.values_called(_HEAT) if not isinstance(value, _STATED)]
    return heat[0] if heat and body.speaks_of(_JOINTS) else None


_STATED = (ast.Constant, ast.List, ast.Tuple)
_HEAT = re.compile(r"heatmap")
_JOINTS = re.compile(r"key_?points?|(^|_)joints?|landmarks?|(^|_)kps(_|$)")
