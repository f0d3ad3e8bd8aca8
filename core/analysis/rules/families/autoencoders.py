"""Families that encode and decode: autoencoders, plain, variational and quantised."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from core.analysis.nodes import same, walk
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.families.asking import (
    CONCATENATIONS,
    RANDOM,
    Evidence,
    acts,
    first,
    has_call,
    once,
    parts_named,
    products,
    shown,
    squares,
    sums,
)
from core.analysis.rules.families.flows import flows
from core.analysis.rules.families.latents import (
    adds_divergence,
    divergence,
    gumbel,
    named_sampling,
    reparameterised,
    samples,
)
from core.analysis.rules.families.play import play_of
from core.analysis.rules.families.processes import noise_schedule_of
from core.analysis.rules.loss_names import family, loss_name, losses_called
from core.analysis.rules.view import View

LABELS = frozenset({
    "y", "c", "label", "labels", "cond", "condition", "conditions", "attr", "attrs", "class_labels", "one_hot",
    "onehot", "gen_labels", "class_label", "one_hot_labels", "labels_onehot", "y_onehot", "image_one_hot_labels",
})  # fmt: skip


ONE_HOT = re.compile(r"one_?hot", re.IGNORECASE)
"""Part of what labels are called once they are vectors."""


RECONSTRUCTING = frozenset(
    {
        "mse_loss",
        "l1_loss",
        "binary_cross_entropy",
        "smooth_l1_loss",
        "huber_loss",
        "mean_squared_error",
        "mse",
        "MSELoss",
    }
)


@once
def latent_sampling(view: View) -> Iterator[Evidence]:
    """VAE: a latent drawn as mean + deviation * noise (or from a distribution, or by Gumbel noise), and a divergence
    from a prior."""
    if acts(view):
        return
    kl = first(view, divergence)
    drawn = first(view, reparameterised) or first(view, gumbel) or first(view, named_sampling)
    other = any(True for _ in flows(view)) or noise_schedule_of(view)
    if other and not (kl and (_keeps_decoder(view) or _in_sampling_layer(drawn))):
        return
    if drawn and (kl or _decodes(view) or any("elbo" in body.spoken for body in view.bodies)):
        yield Evidence("VAE", drawn[0].place(drawn[1]), "a latent drawn as mean + deviation * noise")
    elif kl and (first(view, samples) or _decodes(view)):
        yield Evidence("VAE", kl[0].place(kl[1]), "a latent's divergence from a prior")
    elif (
        _decodes(view)
        and parts_named(view, "encode")
        and first(view, samples)
        and (added := first(view, adds_divergence))
    ):
        yield Evidence("VAE", added[0].place(added[1]), "a divergence is added to the reconstruction")
    elif bound := first(view, _bounds):
        yield Evidence("VAE", bound[0].place(bound[1]), "the evidence is bound from below, with noise beside the data")


def _bounds(body: Body) -> ast.AST | None:
    """`code = encode(cat([x, noise]))` and then `elbo = ...`: what draws the code is not known, and judged apart."""
    drawn = body.calls_any(RANDOM) is not None and "elbo" in body.assigned
    return body.assigned["elbo"][0] if drawn and body.calls_any(("binary_cross_entropy", *CROSS_ENTROPIES)) else None


CROSS_ENTROPIES = ("sigmoid_cross_entropy_with_logits", "binary_cross_entropy_with_logits", "BCELoss", "mse_loss")


def _in_sampling_layer(drawn: tuple[Body, ast.AST] | None) -> bool:
    """Whether what is drawn is drawn by a part of its own, whatever else there is: `class Sampling(Layer)`."""
    cls = drawn[0].cls if drawn is not None else None
    return cls is not None and "sampl" in cls.name.casefold()


def _keeps_decoder(view: View) -> bool:
    """Whether a network is a decoder, or keeps one."""
    names = (name for instance in view.network_instances for name in (*instance.attributes, instance.cls.name))
    return any(name.casefold().startswith("dec") for name in names)


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
            for call in body.calls[name]:
                words = {inner.id for inner in walk(call) if isinstance(inner, ast.Name)} | {
                    inner.attr for inner in walk(call) if isinstance(inner, ast.Attribute)
                }
                if body.name and (words & LABELS or (body.cls and any(ONE_HOT.search(word) for word in words))):
                    return call
        return None

    yield from shown(view, "Conditional VAE", "labels are joined to what is encoded or decoded", joins)
    for call in view.program.named("Model"):
        if call.dotted.startswith(("keras.", "tensorflow.keras.")) and call.node.args:
            inputs = {last_name(item) for item in getattr(call.node.args[0], "elts", ())}
            if inputs & LABELS:
                yield Evidence("Conditional VAE", call.place, "labels are an input beside the data")
                return


def beta_vae(view: View) -> Iterator[Evidence]:
    """Beta-VAE: the divergence is weighed by a setting called beta, which is not known to be 1."""
    if not any(True for _ in latent_sampling(view)) or _beta_is_one(view):
        return

    def weighed(body: Body) -> ast.AST | None:
        for node, left, right in products(body):
            for one, other in ((left, right), (right, left)):
                if last_name(one).casefold() in ("beta", "kl_beta") and any(
                    re.search(r"kl|divergence", word, re.IGNORECASE) for word in body.words(other, 1)
                ):
                    return node
            # beta * weight * divergence
            if any(last_name(side).casefold() == "beta" for side in _weighing(node)) and any(
                re.search(r"kl[dl]?(_|$)", last_name(side), re.IGNORECASE) for side in _weighing(node)
            ):
                return node
        return None

    yield from shown(view, "Beta-VAE", "the divergence is weighed by beta", weighed)


def _beta_is_one(view: View) -> bool:
    """Whether the run's beta weighs nothing."""
    kept = [instance.attributes.get("beta") for instance in view.network_instances]
    known = [value.number for value in kept if value is not None]
    return bool(known) and all(number == 1 for number in known)


def _weighing(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _weighing(node.left) + _weighing(node.right)
    return [node]


def quantised(view: View) -> Iterator[Evidence]:
    """VQ-VAE: the nearest entry of a codebook replaces what was encoded, and gradients pass it by."""

    def nearest(body: Body) -> ast.AST | None:
        call = body.calls_any(("argmin",))
        if call is None:
            call = next((each for each in body.calls.get("max", ()) if _of_negative(each)), None)
        if call is None and body.calls_any(("addmm", "pow", "cdist", "square", "norm")) is not None:
            call = next((each for each in body.calls.get("min", ()) if len(each.args) + len(each.keywords) == 2), None)
        if call is None or not any(re.search(r"embed|codebook|code_book|dictionary", name) for name in body.spoken):
            return None
        aside = body.calls_any(("detach", "stop_gradient", "mark_non_differentiable"))
        return call if aside is not None or _passes_by(view, body) else None

    if not acts(view):
        yield from shown(view, "VQ-VAE", "the nearest entry of a codebook replaces what was encoded", nearest)
    for call in view.program.named("VectorQuantize", "VQModel", "VectorQuantizerEMA", "VectorQuantizer"):
        if call.target is None:
            yield Evidence("VQ-VAE", call.place, f"built of {call.name}")
            return


def _of_negative(call: ast.Call) -> bool:
    """`(-distances).max(1)`, `max(-distances, 1)`."""
    sides = [*call.args[:1], *([call.func.value] if isinstance(call.func, ast.Attribute) else [])]
    return any(isinstance(side, ast.UnaryOp) and isinstance(side.op, ast.USub) for side in sides)


def _passes_by(view: View, body: Body) -> bool:
    return any(
        other.cls is body.cls and body.cls is not None and other.calls_any(("detach", "stop_gradient")) is not None
        for other in view.bodies
    )


GIVEN_BACK = "fitted to give back its input"
"""How a network is found that is told its input as its target: sure, whatever else a notebook trains."""


@once
def reconstruction(view: View) -> Iterator[Evidence]:
    """Autoencoder: what comes out is compared with what went in; or an encoder and a decoder part under such a loss."""
    for call in view.program.named("fit", "train_on_batch"):
        given = {word.arg: word.value for word in call.node.keywords}
        pair = call.node.args[:2] if len(call.node.args) >= 2 else [given[name] for name in ("x", "y") if name in given]
        wanted = getattr(pair[1], "elts", pair[1:]) if len(pair) == 2 else []
        if any(same(pair[0], each) for each in wanted) and call.receiver is not None:
            yield Evidence("Autoencoder", call.place, GIVEN_BACK)
            return
    if acts(view) or noise_schedule_of(view) or (play_of(view) is not None and not parts_named(view, "decoder")):
        return
    for body, first_arg, second, node in _compared(view):
        name = _root(second)
        again = (value.id for value in body.assigned.get(name, ())[:1] if isinstance(value, ast.Name))  # y_true = X
        if any(each and not _random(body, each) and _passed_through(body, first_arg, each) for each in (name, *again)):
            yield Evidence("Autoencoder", body.place(node), "what comes out is compared with what went in")
            return
    yield from _coder_parts(view)


COMPARED = frozenset({"labels", "logits", "predictions", "input", "target", "targets", "y_true", "y_pred"})
"""Keywords of losses that hold what is compared."""


OWN_COMPARISON = re.compile(r"mse|mean_sq|recon|bce|binary_cross|jaccard|dice|ssim", re.IGNORECASE)
"""What the user's own comparisons are called."""


@cache
def _compares(dotted: str) -> bool:
    return bool(loss_name(dotted.removesuffix(".__call__")) or OWN_COMPARISON.search(dotted.rpartition(".")[2]))


_MEANS = frozenset({"mean", "avg", "average", "global_mean", "batch_mean", "running_mean"})
"""What `x - mean` is taken from for a variance: no target."""


def _compared(view: View) -> Iterator[tuple[Body, ast.AST, ast.AST, ast.AST]]:
    """Two things that a loss or a squared difference compares, in both orders."""
    bodies = {body.node: body for body in view.bodies}
    for call in view.program.whose(_compares):
        name = loss_name(call.dotted.removesuffix(".__call__"))
        own = call.target is not None and OWN_COMPARISON.search(call.name)
        sides = [*call.node.args, *(word.value for word in call.node.keywords if word.arg in COMPARED)][:2]
        if (own or (name and (family(name) in RECONSTRUCTING or name in RECONSTRUCTING))) and len(sides) == 2:
            body = bodies.get(call.within.node if call.within else call.module.tree)
            if body is not None:
                yield body, sides[0], sides[1], call.node
                yield body, sides[1], sides[0], call.node
    for body in view.bodies:
        for node in squares(body):
            inner = (
                node.left
                if isinstance(node, ast.BinOp)
                else node.args[0]
                if isinstance(node, ast.Call) and node.args
                else None
            )
            if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub) and last_name(inner.right) not in _MEANS:
                yield body, inner.left, inner.right, node
                yield body, inner.right, inner.left, node
        for node, wanted, got in body.once(_written_entropies):
            yield body, got, wanted, node


def _written_entropies(body: Body) -> list[tuple[ast.AST, ast.AST, ast.AST]]:
    """`x * log(z) + (1 - x) * log(1 - z)`: the sum, what is wanted, and what came out."""
    found: list[tuple[ast.AST, ast.AST, ast.AST]] = []
    for node, parts in sums(body):
        logs = [
            (other, call.args[0])
            for _, part in parts
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult)
            for call, other in ((part.left, part.right), (part.right, part.left))
            if isinstance(call, ast.Call) and last_name(call.func) == "log" and call.args
        ]
        if len(logs) == 2 and any(isinstance(other, ast.BinOp) and isinstance(other.op, ast.Sub) for other, _ in logs):
            found.append((node, *logs[0]))
    return found


def _root(node: ast.AST) -> str:
    """The name under reshapes: `x` of `x.view(-1, 784)` and of `flatten(x)`; none for a slice of it."""
    while isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in (
            "view",
            "reshape",
            "flatten",
            "detach",
            "to",
            "cuda",
            "float",
            "clone",
            "squeeze",
        ):
            node = node.func.value
        elif node.args and last_name(node.func) in ("flatten", "reshape"):
            node = node.args[0]
        else:
            return ""
    return node.id if isinstance(node, ast.Name) else ""


def _random(body: Body, name: str) -> bool:
    return any(has_call(value, RANDOM) for value in body.assigned.get(name, ()))


STATES = frozenset(
    {"params", "param", "state", "opt_state", "variables", "grads", "gradients", "model", "weights", "updates", "self"}
)
"""Names of what is trained: they come out of everything, and say nothing of what goes in."""


SHAPING = frozenset({
    "view", "size", "zeros_like", "ones_like", "interpolate", "resize", "len", "cat", "shape", "mean", "sum", "std",
    "var", "broadcast_to", "reduce_mean", "reduce_sum", "max", "min", "norm", "sqrt",
})  # fmt: skip
"""Calls that take a thing without passing it through a network."""


def _passed_through(body: Body, node: ast.AST, name: str) -> bool:
    """Whether a value comes out of calls that took this name."""
    seen: set[str] = set()
    level: list[ast.AST] = [node]
    for _ in range(12):
        following: list[ast.AST] = []
        for each in level:
            callees = {
                inner.func for inner in walk(each) if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
            }
            for inner in walk(each):
                takes = isinstance(inner, ast.Call) and any(_root(argument) == name for argument in inner.args)
                callee = last_name(getattr(inner, "func", inner))
                if takes and callee not in SHAPING and not callee.endswith(("_as", "_like")):
                    return True
                if (
                    isinstance(inner, ast.Name)
                    and inner.id not in seen | STATES
                    and inner.id != name
                    and inner not in callees
                ):
                    seen.add(inner.id)
                    following.extend(body.assigned.get(inner.id, ())[:4])
        level = following
    return False


def _coder_parts(view: View) -> Iterator[Evidence]:
    """An encoder and a decoder of plain layers in one network, under a loss that compares values."""
    kinds = view.kinds
    if (
        any(kinds[kind] for kind in ("lstm", "gru", "rnn", "attention", "transformer", "factory"))
        or kinds["concat"] > 1
    ):
        return
    losses = losses_called(view.program)
    if losses & {"cross_entropy", "nll_loss"} and not losses & {"mse_loss", "l1_loss"}:
        return
    for instance in view.network_instances:
        names = [name.casefold() for name in instance.attributes]
        sides = [next((name for name in names if name.startswith(side)), None) for side in ("enc", "dec")]
        if all(sides) and losses & {"mse_loss", "l1_loss", "binary_cross_entropy"}:
            yield Evidence(
                "Autoencoder", instance.call.place, "an encoder and a decoder under a loss that compares values"
            )
            return
