"""Pictures that are made good again: free of noise, haze, rain or blur, or of the holes that were cut into them."""

from __future__ import annotations

import ast
import re

from core.analysis.nodes import is_operation, unparse, walk
from core.analysis.rules.bodies import Body, chain_start, holder, last_name
from core.analysis.rules.families.arithmetic import is_rest
from core.analysis.rules.families.asking import RANDOM, first, has_call, is_noise
from core.analysis.rules.loss_names import CLASSIFYING, COMPARING
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import GENERATING, Purposed


def completing(model: Purposed) -> Answer | None:
    """What a mask covers is cut out of pictures, `images * (1 - masks)`, that convolutions then make, for a loss that
    compares or a judge; not where kinds are told, or places in space are lit."""
    made = "GAN" in model.families or (COMPARING & model.losses.keys() and not CLASSIFYING & model.losses.keys())
    if not made or not model.view.kinds["conv"] or "NeRF" in model.families:
        return None
    found = first(model.view, _cuts_out)
    return ("inpainting", found[0].place(found[1]), "what a mask covers is cut out") if found is not None else None


def _cuts_out(body: Body) -> ast.AST | None:
    for node in body.of(ast.BinOp):
        if isinstance(node.op, ast.Mult) and _PICTURES.search(last_name(node.left)):
            rest = chain_start(node.right)
            rest = (holder(rest) or rest) if isinstance(rest, ast.Call) else rest  # (1 - masks).float()
            if is_rest(rest) and _MASKS.search(last_name(rest.right)):
                return node
    return None


_PICTURES = re.compile(r"(^|_)(im(g|age)s?|photos?|gt|ground_?truth)(\d|_|$)", re.IGNORECASE)
_MASKS = re.compile(r"(^|_)(masks?|holes?)(\d|_|$)", re.IGNORECASE)


def restoring(model: Purposed) -> Answer | None:
    """What a convolutional network is trained on is called after what is wrong with it, or noise was added to it; or
    how like the wanted picture its answer is, is measured in decibels. None of it where kinds are told, or pictures
    are made of noise."""
    made = set(GENERATING) - {"GAN"} | {"Flow Matching", "NeRF"}
    if not model.view.kinds["conv"] or not made.isdisjoint(model.families) or model.hears():
        return None
    if not CLASSIFYING.isdisjoint(model.losses) and "GAN" not in model.families:
        return None
    if (noisy := first(model.view, _from_noisy)) is not None:
        return "denoising", noisy[0].place(noisy[1]), "noisy pictures in, clean ones out"
    if "Autoencoder" in model.families:
        return None
    if (faulty := first(model.view, _from_faulty)) is not None:
        return "image restoration", faulty[0].place(faulty[1]), "faulty pictures in, good ones out"
    compared = "GAN" not in model.families and (not model.losses or not COMPARING.isdisjoint(model.losses))
    if compared and not model.view.kinds["linear"] and not model.view.speaks_of(_OF_FILMS):
        measured = first(model.view, _measures_likeness)
        return measured and ("image-to-image", measured[0].place(measured[1]), "likeness of pictures in decibels")
    return None


def _from_noisy(body: Body) -> ast.AST | None:
    """`net(image + noise)`, `net(noisy)` where a step is taken; `fit(x_noisy, x)`, `fit(noisy_x, x)`."""
    for call in body.calls.get("fit", ()):
        asked, wanted = [unparse(each) for each in call.args[:2]] if len(call.args) > 1 else ("", "")
        if asked != wanted and wanted and _NOISY_PART.sub("", asked) == wanted:
            return call
    for call in _asked(body):
        name = last_name(call.args[0])
        added = [value for value in body.assigned.get(name, call.args[:1]) if _adds_noise(body, value)]
        if any(_is_wanted(body, value) for value in added) or (not added and _NOISY.search(name.casefold())):
            return call
    return None


def _is_wanted(body: Body, added: ast.AST) -> bool:
    """Whether what noise was added to, or the noise, is compared with something: not where it only makes a network
    robust that tells something else."""
    names = {each.id for each in walk(added) if isinstance(each, ast.Name)}
    pairs = [call.args for call in body.of(ast.Call) if len(call.args) > 1]
    pairs += [[node.left, node.right] for node in body.of(ast.BinOp) if is_operation(node, ast.Sub)]
    return any(last_name(each) in names for pair in pairs for each in pair)


def _from_faulty(body: Body) -> ast.AST | None:
    """`net(hazy)` where a step is taken."""
    return next((call for call in _asked(body) if _FAULTY.search(last_name(call.args[0]).casefold())), None)


def _asked(body: Body) -> list[ast.Call]:
    """What a network of such a name is asked by one picture where a step is taken; no judge, before whom noise hides
    what was made."""
    if not _trains(body):
        return []
    asked = [calls for name, calls in body.calls.items() if _NETWORK.search(name) and not _JUDGE.search(name)]
    calls = (call for each in asked for call in each)
    return [call for call in calls if len(call.args) == 1]


def _trains(body: Body) -> bool:
    return not _STEPS.isdisjoint(body.calls) or body.name == "training_step"


def _adds_noise(body: Body, value: ast.AST) -> bool:
    """`image + noise`, `image + sigma * randn_like(image)`, where the noise is drawn."""
    if not is_operation(value, ast.Add):
        return False
    sides = (value.left, value.right)
    drawn = [has_call(side, RANDOM) or is_noise(body, last_name(side)) for side in sides]
    return sum(drawn) == 1


def _measures_likeness(body: Body) -> ast.AST | None:
    """What is called the ratio of the peak to the noise."""
    return next((calls[0] for name, calls in body.calls.items() if "psnr" in name.casefold()), None)


_STEPS = frozenset({"backward", "apply_gradients", "minimize", "gradient", "optimize_parameters"})
_NETWORK = re.compile(r"net(work)?(_?\w{0,2})?$|model|generator|restor|unet|^[gG]$|^self$|^forward$", re.IGNORECASE)
_JUDGE = re.compile(r"(?i:disc|critic|judge|^d_)|^(net|model)_?[dD](?![a-z])")
_NOISY = re.compile(r"(^|_)noisy(_|$)|^noised_(x|im)|(^|_)im(g|age)_?n(_|$)")
_NOISY_PART = re.compile(r"_?nois(y|ed)_?")
_FAULTY = re.compile(r"(^|_)(haz[ey]|fog(gy)?|blur(red|ry)?|rain(y)?|degraded|corrupted|low_?light)(_|$)")
"""What pictures are called that are to be made good, by what is wrong with them."""
_OF_FILMS = re.compile(r"(^|_)(frames?|clips?|videos?)(\d|_|$)")
"""Pictures between pictures, and those to come, are made, too."""
