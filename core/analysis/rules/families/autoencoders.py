"""Families that encode and decode: autoencoders, plain, variational and quantised."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.nodes import below, is_negative, is_of_self, is_operation, walk
from core.analysis.rules.bodies import Body, code_of, holder, last_name
from core.analysis.rules.families.arithmetic import is_constant
from core.analysis.rules.families.asking import (
    CONCATENATIONS,
    RANDOM,
    Evidence,
    acts,
    first,
    has_call,
    is_shut,
    once,
    parts_named,
    presets,
    shown,
)
from core.analysis.rules.families.flows import flows
from core.analysis.rules.families.latents import (
    MEANS,
    adds_divergence,
    divergence,
    estimates_bound,
    gumbel,
    named_sampling,
    reparameterised,
    samples,
)
from core.analysis.rules.families.plays import play_of
from core.analysis.rules.families.processes import noise_schedule_of
from core.analysis.rules.loss_names import losses_called
from core.analysis.rules.products import products
from core.analysis.rules.view import View

LABELS = frozenset({
    "y", "c", "label", "labels", "cond", "condition", "conditions", "attr", "attrs", "class_labels", "one_hot",
    "onehot", "gen_labels", "class_label", "one_hot_labels", "labels_onehot", "y_onehot", "image_one_hot_labels",
})  # fmt: skip


ONE_HOT = re.compile(r"one_?hot", re.IGNORECASE)
"""Part of what labels are called once they are vectors."""


@once
def latent_sampling(view: View) -> Iterator[Evidence]:
    """VAE: a latent drawn as mean + deviation * noise (or from a distribution, or by Gumbel noise), and a divergence
    from a prior; not where the latent is set to have no dimension."""
    empty = {each.name for each in view.program.options if _LATENT.search(each.name) and each.value.number == 0}
    if empty and not any(_replaces(body, empty) for body in view.bodies):
        return
    kl = first(view, divergence) if not view.program.whose(_of_uncertain_weights) else None
    if acts(view):
        if kl and (made := first(view, _draws_and_decodes)):
            yield Evidence("VAE", made[0].place(made[1]), "a latent drawn as mean + deviation * noise is decoded")
        return
    if play_of(view) is not None and not _decodes(view) and not losses_called(view.program) & {"mse_loss", "l1_loss"}:
        return  # what a generator is told is drawn, and nothing is rebuilt
    added = first(view, adds_divergence)
    grows = view.kinds["convt"] or view.kinds["upsample"]  # else such noise may draw the next word
    drawn = (
        first(view, reparameterised)
        or ((kl or added or grows) and first(view, gumbel, "log", "gumbel_softmax"))
        or first(view, named_sampling, *RANDOM)
    )
    if drawn and (weights := _learned_spread(drawn[0])) and (not _decodes(view) or _goes_by(*drawn, weights)):
        return
    told = kl or (added and not noise_schedule_of(view))
    if (any(True for _ in flows(view)) or noise_schedule_of(view)) and not (told and _keeps_decoder(view)):
        return
    held = drawn and added and (re.search("reparam", drawn[0].name) or _keeps_decoder(view))
    bound = drawn and (any("elbo" in body.spoken for body in view.bodies) or first(view, estimates_bound))
    if drawn and (kl or held or _decodes(view) or bound):
        yield Evidence("VAE", drawn[0].place(drawn[1]), "a latent drawn as mean + deviation * noise")
    elif kl and (first(view, samples) or _decodes(view)):
        yield Evidence("VAE", kl[0].place(kl[1]), "a latent's divergence from a prior")
    elif added and _decodes(view) and parts_named(view, "encode") and first(view, samples):
        yield Evidence("VAE", added[0].place(added[1]), "a divergence is added to the reconstruction")
    elif _decodes(view) and first(view, samples) and (estimated := first(view, estimates_bound)):
        yield Evidence("VAE", estimated[0].place(estimated[1]), "how likely a drawn latent is")
    elif _decodes(view) and (given := next(iter(view.program.whose(_is_bound)), None)):
        yield Evidence("VAE", given.place, "what decodes is fitted to a bound on the evidence")


def _replaces(body: Body, names: set[str]) -> bool:
    """Whether something else is taken for what is 0: `args.latent_dim or args.hidden // 2`."""
    choices = (node for node in body.of(ast.BoolOp) if isinstance(node.op, ast.Or))
    return any(last_name(node.values[0]) in names for node in choices)


_LATENT = re.compile(r"^(n_?)?(latent|z)_?(dim|dims|size)$", re.IGNORECASE)
"""Names of settings of how large a latent is."""


def _draws_and_decodes(body: Body) -> ast.AST | None:
    """`z = mean + deviation * noise` beside `decode(z)`, in one function: what an agent draws is else its action."""
    return reparameterised(body) if any(name.startswith("decode") for name in body.calls) else None


def _of_uncertain_weights(dotted: str) -> bool:
    """Bayesian layers, whose divergence is that of weights: no latent is drawn."""
    return dotted.startswith("tensorflow_probability.") and dotted.endswith(_UNCERTAIN)


_UNCERTAIN = ("Flipout", "Reparameterization", "DenseVariational")


def _learned_spread(drawn: Body) -> set[str]:
    """The weights that a layer of the user's keeps with a mean of their own, where what is drawn goes by them, of which
    the divergence is: `self.weight_mu = Parameter(...)`."""
    methods = drawn.cls.node.body if drawn.cls is not None else ()
    makers = (code_of(each).assigned for each in methods if getattr(each, "name", "") in ("__init__", "build"))
    weights = {name for held in makers for name, values in held.items() if any(has_call(v, _WEIGHTS) for v in values)}
    return weights if any(map(MEANS.search, weights)) else set()


def _goes_by(drawn: Body, node: ast.AST, weights: set[str]) -> bool:
    """Whether what is drawn is drawn around weights, the same whatever comes in, as slots are that attend to it:
    `sigma = self.log_sigma.expand(n, -1).exp()`."""
    names = {each.id for each in walk(node) if isinstance(each, ast.Name)}
    given = [node, *(value for name in names for value in drawn.assigned.get(name, ()))]
    return any(is_of_self(each) and each.attr in weights for value in given for each in below(value, ast.Attribute))


_WEIGHTS = ("Parameter", "add_weight", "param")


def _is_bound(dotted: str) -> bool:
    return dotted.startswith(("pyro.infer.", "numpyro.infer.")) and dotted.endswith("_ELBO")


def _keeps_decoder(view: View) -> bool:
    """Whether a network is a decoder, or keeps one."""
    return any(name.casefold().startswith("dec") for name in view.part_names)


def _decodes(view: View) -> bool:
    return parts_named(view, "decode")


def conditional_vae(view: View) -> Iterator[Evidence]:
    """Conditional VAE: a VAE in which labels are joined to the input or to the latent."""
    if not any(True for _ in latent_sampling(view)):
        return

    def joins(body: Body) -> ast.AST | None:
        if any("discrim" in name for name in body.spoken):
            return None  # a judge is told
        if body.cls is not None and re.search(r"discriminator|loss", body.cls.name, re.IGNORECASE):
            return None  # it judges
        for name in sorted(CONCATENATIONS & set(body.calls)):
            for call in filter(_puts_together, body.calls[name]):
                compared = {id(side) for each in below(call, ast.Compare) for side in walk(each)}
                words = {last_name(inner) for inner in walk(call) if id(inner) not in compared}
                told = words & LABELS or (body.cls and any(ONE_HOT.search(word) for word in words))
                if body.name and told and not is_shut(view, body, call):
                    return call
        return None

    yield from shown(view, "Conditional VAE", "labels are joined to what is encoded or decoded", joins)
    for call in view.program.named("Model"):
        if call.dotted.startswith(("keras.", "tensorflow.keras.")) and call.node.args:
            inputs = {last_name(item) for item in getattr(call.node.args[0], "elts", ())}
            if inputs & LABELS or any(re.search(r"label|one_?hot", name) for name in inputs):
                yield Evidence("Conditional VAE", call.place, "labels are an input beside the data")
                return


def _puts_together(call: ast.Call) -> bool:
    """Whether a call joins several things, and not the pieces of one that were kept in a list: `cat(labels, 0)`."""
    pieces, *others = [*call.args, *(word.value for word in call.keywords)] or [call]
    return not isinstance(pieces, (ast.Name, ast.Attribute)) or not all(isinstance(o, ast.Constant) for o in others)


def beta_vae(view: View) -> Iterator[Evidence]:
    """Beta-VAE: the divergence is weighed by a setting called beta, which is not known to be 1."""
    if not any(True for _ in latent_sampling(view)) or _beta_is_one(view):
        return

    def weighed(body: Body) -> ast.AST | None:
        for node, left, right in products(body):
            for one, other in ((left, right), (right, left)):
                if (
                    last_name(one).casefold() in ("beta", "kl_beta")
                    and last_name(one) not in _ones(body)
                    and any(re.search(r"kl|divergence", word, re.IGNORECASE) for word in body.words(other, 1))
                ):
                    return node
            # beta * weight * divergence
            names = {last_name(side) for side in _weighing(node)} - _ones(body)
            if "beta" in map(str.casefold, names) and any(
                re.search(r"kl[dl]?(_|$)", last_name(side), re.IGNORECASE) for side in _weighing(node)
            ):
                return node
        return None

    yield from shown(view, "Beta-VAE", "the divergence is weighed by beta", weighed)


def _ones(body: Body) -> set[str]:
    """The parameters that are 1 where nothing else is given, as what only warms up is."""
    return {name for name, preset in presets(body.node).items() if is_constant(preset, 1)}


def _beta_is_one(view: View) -> bool:
    """Whether the run's beta weighs nothing."""
    kept = [instance.attributes.get("beta") for instance in view.network_instances]
    known = [value.number for value in kept if value is not None]
    return bool(known) and all(number == 1 for number in known)


def _weighing(node: ast.AST) -> list[ast.AST]:
    if is_operation(node, ast.Mult):
        return _weighing(node.left) + _weighing(node.right)
    return [node]


def quantised(view: View) -> Iterator[Evidence]:
    """VQ-VAE: the nearest entry of a codebook replaces what was encoded, and gradients pass it by."""

    def in_steps(body: Body) -> ast.AST | None:
        told = any(re.search(r"embed|codebook", name) for name in body.spoken)
        passed = told and any(other.once(_steps_over) for other in view.methods(body.cls))
        return body.calls_any(("argmin",)) if passed else None

    def nearest(body: Body) -> ast.AST | None:
        call = body.calls_any(("argmin",))
        if call is None:
            call = next((each for each in body.calls.get("max", ()) if _of_negative(each)), None)
        if call is None and body.calls_any(("addmm", "pow", "cdist", "square", "norm")) is not None:
            call = next((each for each in body.calls.get("min", ()) if _along_an_axis(each)), None)
        call = call or body.calls_any(("cdist", "pairwise_distance"))
        call = call or next((each for each in body.calls.get("detach", ()) if _of_difference(each)), None)
        rebuilt = view.kinds["convt"] or view.kinds["upsample"] or _decodes(view)
        stepped = rebuilt and "argmin" in body.calls and body.once(_steps_over)
        if call is None or not (stepped or body.speaks_of(_CODEBOOK)):
            return None
        aside = body.calls_any(("detach", "stop_gradient", "mark_non_differentiable"))
        return call if aside is not None or _passes_by(view, body) else None

    if acts(view):  # else what is nearest may be anything
        yield from shown(view, "VQ-VAE", "the nearest entry of a codebook passes gradients by", in_steps, "argmin")
    else:
        near = ("argmin", "max", "min", "cdist", "pairwise_distance", "detach")
        yield from shown(view, "VQ-VAE", "the nearest entry of a codebook replaces what was encoded", nearest, *near)
    for call in view.program.named("VectorQuantize", "VQModel", "VectorQuantizerEMA", "VectorQuantizer"):
        if call.target is None:
            yield Evidence("VQ-VAE", call.place, f"built of {call.name}")
            return


_CODEBOOK = re.compile(r"embed|codebook|code_book|dictionary")


def _along_an_axis(call: ast.Call) -> bool:
    """`torch.min(distances, 1)`; Python's own `min(1.0, share)` compares two numbers."""
    return isinstance(call.func, ast.Attribute) and len(call.args) + len(call.keywords) == 2


def _of_difference(call: ast.Call) -> bool:
    """`(quantised - x).detach()`: the step from what was encoded to an entry, which gradients pass by; not that from a
    soft choice to a hard one."""
    step = holder(call)
    return is_operation(step, ast.Sub) and not any(
        re.search("hard|soft", last_name(side)) for side in (step.left, step.right)
    )


def _of_negative(call: ast.Call) -> bool:
    """`(-distances).max(1)`, `max(-distances, 1)`; `scores.max(-1)` only names the last axis."""
    sides = [*call.args[:1], *([call.func.value] if isinstance(call.func, ast.Attribute) else [])]
    return any(is_negative(side) and not isinstance(side.operand, ast.Constant) for side in sides)


def _passes_by(view: View, body: Body) -> bool:
    """Whether gradients pass by what a class chooses: in its other methods, or in the script that lays its layer in a
    graph, `x + stop_gradient(chosen - x)`."""
    return body.cls is not None and any(
        _steps_straight(other) if other.cls is None else other.cls is body.cls and _stops(other) is not None
        for other in view.bodies
    )


def _stops(body: Body) -> ast.Call | None:
    return body.calls_any(("detach", "stop_gradient"))


def _steps_over(body: Body) -> bool:
    """`z + (nearest - z).detach()`."""
    return any(map(_of_difference, body.calls.get("detach", ()))) or _steps_straight(body)


def _steps_straight(body: Body) -> bool:
    given = (each.args[0] for each in body.calls.get("stop_gradient", ()) if each.args)
    return any(is_operation(step, ast.Sub) for step in given)
