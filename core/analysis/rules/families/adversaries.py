"""Families in which one network judges another."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from core.analysis.nodes import is_negative, is_operation, unparse, walk
from core.analysis.program import each_in
from core.analysis.rules.bodies import FORWARDS, Body, code_of, holder, is_call, last_name
from core.analysis.rules.families.arithmetic import is_constant, is_rest, squares, sums, terms
from core.analysis.rules.families.asking import (
    CLAMPS,
    LOSS,
    RANDOM,
    Evidence,
    are_shut,
    first,
    has_call,
    once,
    reached,
    shown,
    unpacked,
)
from core.analysis.rules.families.classifiers import residual
from core.analysis.rules.families.conditions import changes_pictures, conditional_gan, conditioned, cycles
from core.analysis.rules.families.play import JUDGE, JUDGES, Play, callee_of
from core.analysis.rules.families.plays import play_of, plays_of
from core.analysis.rules.families.reconstructing import reconstruction
from core.analysis.rules.loss_names import asks_loss, family, loss_name, losses_called
from core.analysis.rules.own_losses import behind
from core.analysis.rules.view import View
from core.vocabulary import keys_of


def adversaries(view: View) -> Iterator[Evidence]:
    """GAN: one network judges another's output and something else (data), and the two are trained by optimizers of
    their own."""
    play = play_of(view)
    if play is not None:
        yield Evidence(
            "GAN", play.body.place(play.node), f"{play.judge} judges what {play.maker} makes and what it does not"
        )


def ready_adversaries(view: View) -> Iterator[Evidence]:
    """What TF-GAN calls a model of generator and discriminator, and what is added to its losses."""
    known = keys_of("algorithms", "adversaries")
    for call in view.program.named(*known):
        if call.dotted.startswith(("tensorflow_gan.", "tensorflow.contrib.gan.")):
            yield from (Evidence(name, call.place, f"{call.name} of TF-GAN") for name in known[call.name])
    for call in view.program.given("gradient_penalty_weight"):
        if call.name == "gan_loss" and call.keywords["gradient_penalty_weight"].number:
            yield Evidence("WGAN-GP", call.place, "a penalty of gradients is weighed by gan_loss")


def convolutional_gan(view: View) -> Iterator[Evidence]:
    """DCGAN: a GAN that makes pictures from noise alone with transposed or upsampled convolutions, judged by
    cross-entropy. One with conditions, styles or a way back is named for those. Of several that are trained one after
    another, each is asked."""
    kinds, plays = view.kinds, plays_of(view)
    enlarged = kinds["convt"] or (kinds["upsample"] and kinds["conv"] >= 4)
    if not plays or not kinds["conv"] or not enlarged or _in_space(view):
        return
    pictures_in = any(True for _ in reconstruction(view)) or kinds["pixelshuffle"] or kinds["instancenorm"] >= 4
    everywhere = losses_called(view.program)
    compiled = (call.keywords.get("loss") for call in view.program.named("compile"))
    everywhere |= {family(one.text) for value in compiled for one in each_in(value) if one.text}
    for play in plays:
        own = _losses_in(view, play) if len(plays) > 1 else set()
        if (pictures_in and not own) or changes_pictures(view) or _has_another_name(view, play, bool(own)):
            continue
        losses = own or everywhere
        judged = losses & {"binary_cross_entropy", "cross_entropy"}
        if not judged and _writes_entropy(view, play) and not any(True for _ in residual(view)):
            judged = {"written out"}
        if len(judged) == 1 and not losses & {"l1_loss", "mse_loss"}:
            why = "pictures made from noise by upsampling convolutions, judged by cross-entropy"
            yield Evidence("DCGAN", play.body.place(play.node), why)
            return


def _in_space(view: View) -> bool:
    """Whether what is made has three dimensions: no pictures."""
    return any(layer.kind in ("conv", "convt") and "3d" in layer.call.name.casefold() for layer in view.layers)


def _losses_in(view: View, play: Play) -> set[str]:
    """The families of the losses of libraries that the code in which a judge is asked calls."""
    within = view.program.whose(asks_loss)
    names = (loss_name(call.dotted.removesuffix(".__call__")) for call in within if call.home is play.body.node)
    return {family(name) for name in names if name} if play.body.name else set()


def _has_another_name(view: View, play: Play, apart: bool) -> bool:
    """Whether a GAN is named for its conditions, its judge's distance, styles or a way back; one that stands apart from
    others, for what is given along in it."""
    given_along = conditioned(view, play) if len(plays_of(view)) > 1 else conditional_gan(view)
    others = () if apart else (wasserstein, cycles, style_based)
    return any(True for _ in given_along) or any(True for rule in others for _ in rule(view))


def _writes_entropy(view: View, play: Play) -> bool:
    """Whether cross-entropy is written out where the judge is asked, or in a function that is called there."""
    called = (body for body in view.bodies if body.cls is None and body.name in play.body.calls)
    return any(_is_entropy_of_raw(body) or _is_entropy_of_squashed(body) for body in (play.body, *called))


def _is_entropy_of_raw(body: Body) -> bool:
    """Whether cross-entropy is written out for what is not squashed: `softplus(-judged)`, or
    `log(1 + exp(-abs(judged)))`."""
    given = (call.args[0] for call in body.calls.get("softplus", ()) if call.args)
    logs = [call for name in ("log", "log1p") for call in body.calls.get(name, ())]
    raised = (inner.args[0] for call in logs for inner in walk(call) if is_call(inner, ("exp",)) and inner.args)
    return any(map(is_negative, given)) or any(is_negative(each) and has_call(each, ("abs",)) for each in raised)


def _is_entropy_of_squashed(body: Body) -> bool:
    """Whether it is written out for probabilities: `-log(judged)`, `-log(1 - judged)`."""
    given = [call.args[0] for call in body.calls.get("log", ()) if call.args]
    of_rest = [any(map(is_rest, walk(each))) for each in given]
    return True in of_rest and False in of_rest


@once
def wasserstein(view: View) -> Iterator[Evidence]:
    """WGAN: the judge's mean outputs are the loss and its weights are clipped, or the mean for data is taken from the
    mean for what was made; WGAN-GP: its gradient's length is drawn to 1."""
    play = play_of(view)
    if play is None:
        return
    losses = losses_called(view.program)
    apart = first(view, lambda body: reached(view, body.once(_means_apart)))
    cross = "binary_cross_entropy" in losses and apart is None
    penalty = first(view, _gradient_penalty) or first(view, _penalty_elsewhere(view))
    if penalty is not None and _is_shut(view, penalty[0]):
        penalty = None
    if penalty is not None and not cross:
        yield Evidence("WGAN-GP", penalty[0].place(penalty[1]), "the judge's gradient is drawn to length 1")
        return

    def clips(body: Body) -> ast.AST | None:
        for name in sorted(CLAMPS & set(body.calls) | ({"clamp_"} & set(body.calls))):
            for call in body.calls[name]:
                text = unparse(call)
                of_weights = "grad" not in text and re.search(
                    r"\.data|weight|param|\bp\b|\bw\b|\bvar(iable)?s?\b", text
                )
                if of_weights and re.search(r"[(=,] ?-|low", text) and (len(call.args) >= 2 or call.keywords):
                    return call
        return None

    if not cross and not _draws_to_labels(view):
        yield from shown(view, "WGAN", "the judge's weights are clipped and its mean output is the loss", clips)
        if apart is not None and not any(body.once(_squashes) for body in view.bodies if _judges_in(body)):
            yield Evidence("WGAN", apart[0].place(apart[1]), "the judge's mean outputs are drawn apart")


def _judges_in(body: Body) -> bool:
    return body.cls is not None and body.name in FORWARDS and JUDGES.search(body.cls.name) is not None


def _squashes(body: Body) -> bool:
    """`return sigmoid(...)`: what comes out is a probability."""
    return any(is_call(r.value, ("sigmoid",)) for r in body.of(ast.Return))


def _means_apart(body: Body) -> ast.AST | None:
    """`mean(D(made)) - mean(D(real))`, with or without further terms, each of which may have a name of its own; or
    the mean of the difference. What goes by a name that nothing sends backward is only looked at."""
    return next((node for node in _apart(body) if not _is_looked_at(body, node)), None) or _scores_apart(body)


def _apart(body: Body) -> Iterator[ast.AST]:
    for _, parts in sums(body):
        told = [pair for sign, term in parts for pair in _named_terms(body, sign, term)]
        found = {sign: term for sign, term in told if (judged := _meant(term)) is not None and _judged(body, judged)}
        if len(found) == 2:
            yield found[-1]
    means = (call for name in _MEANS for call in body.calls.get(name, ()))
    yield from (call for call in means if (of := _under(call)) is not None and _is_of_scores(body, of))


def _is_looked_at(body: Body, node: ast.AST) -> bool:
    names = body.names_given(lambda value: node in walk(value))
    sent = behind(body.node) if names else frozenset()
    return bool(sent) and sent.isdisjoint(names)


_MEANS = ("mean", "reduce_mean")


def _is_of_scores(body: Body, node: ast.AST) -> bool:
    """Whether a value is one score of a judge less another."""
    return is_operation(node, ast.Sub) and all(_judged(body, side) for side in (node.left, node.right))


def _scores_apart(body: Body) -> ast.AST | None:
    """`d_loss = D(made) - D(real)`: the loss itself, of a judge that takes its mean within. The call is told."""
    for value in (value for value in body.values_called(LOSS) if is_operation(value, ast.Sub)):
        sides = [next(_scores(body, side), None) for side in (value.left, value.right)]
        if all(sides):
            return sides[1]
    return None


def _named_terms(body: Body, sign: int, term: ast.AST) -> list[tuple[int, ast.AST]]:
    """A term, or the terms that were given its name: `d_loss_real = -mean(D(x))`."""
    return [(sign * inner, part) for value in body.bound(term) for inner, part in terms(value)] or [(sign, term)]


def _meant(node: ast.AST) -> ast.AST | None:
    """What a mean is taken of, where that is a plain name or the output of a call: `x` of `x.mean()`."""
    if not isinstance(node, ast.Call) or last_name(node.func) not in _MEANS:
        return None
    of = _under(node)
    return of if isinstance(of, (ast.Name, ast.Call)) else None


def _under(mean: ast.Call) -> ast.expr | None:
    """What a mean is taken of: `mean(x)`, `x.mean()`."""
    return mean.args[0] if mean.args else holder(mean)


def _judged(body: Body, node: ast.AST) -> bool:
    """Whether a value comes straight out of a call of a judge, or is a score that a loss of the user's is given."""
    return any(True for _ in _scores(body, node)) or _is_given(body, node)


def _is_given(body: Body, node: ast.AST) -> bool:
    """`def critic_loss(real_scores, fake_scores)`: what a loss is given of what is real, and of what was made."""
    if not isinstance(node, ast.Name) or "loss" not in (body.name or "").casefold():
        return False
    return node.id in body.parameters and _SCORE.search(node.id) is not None


_SCORE = re.compile(r"^(?!.*feat).*(real|true|fake|generated)", re.IGNORECASE)


def _scores(body: Body, node: ast.AST) -> Iterator[ast.Call]:
    """The calls of a judge that a value, or what its name stands for, comes straight out of."""
    yield from (value for value in body.meant(node) if isinstance(value, ast.Call) and JUDGE.search(callee_of(value)))


def _draws_to_labels(view: View) -> bool:
    """`mse(judged, ones_like(judged))`: the judge's outputs are drawn to 0 and 1, and their mean is no loss."""
    return any(
        re.search(r"mse|squared", call.name, re.IGNORECASE)
        and isinstance(call.node, ast.Call)
        and any(has_call(argument, ("ones_like", "zeros_like", "ones", "zeros")) for argument in call.node.args)
        for call in view.program.calls
    )


GRADIENTS = ("grad", "torch_grad", "gradients", "gradient", "value_and_grad", "vjp")


def _gradient_penalty(body: Body) -> ast.AST | None:
    """(|gradient| - 1)^2 where a gradient is taken."""
    return next(_unit_distances(body), (None, None))[0] if body.calls_any(GRADIENTS) is not None else None


def _is_shut(view: View, body: Body) -> bool:
    """Whether the run enters a body and takes none of its gradients: the branch that takes them is shut."""
    return are_shut(view, body, [call for name in GRADIENTS for call in body.calls.get(name, ())])


def _penalty_elsewhere(view: View) -> Callable[[Body], ast.AST | None]:
    """(slope(...) - 1)^2 where `slope` is a function of the code that takes a gradient."""
    takers = {body.name for body in view.bodies if body.name and _takes_gradient(body)}

    def test(body: Body) -> ast.AST | None:
        found = (square for square, slope in _unit_distances(body) if body.words(slope, 2) & takers)
        return next(found, None) if takers else None

    return test


def _takes_gradient(body: Body) -> bool:
    """Whether a function takes a gradient, or is turned into its own: `@partial(jax.grad, argnums=2)`."""
    decorations = getattr(body.node, "decorator_list", [])
    turned = any(last_name(inner) in GRADIENTS for each in decorations for inner in walk(each))
    return turned or body.calls_any(GRADIENTS) is not None


def _unit_distances(body: Body) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Every (x - 1)^2, and its x."""
    for node in squares(body):
        inner = (
            node.left
            if isinstance(node, ast.BinOp)
            else (
                node.args[0]
                if isinstance(node, ast.Call)
                and node.args
                and (last_name(node.func) == "square" or len(node.args) == 2)
                else getattr(getattr(node, "func", None), "value", None)
            )
        )
        if is_operation(inner, ast.Sub):
            for one, other in ((inner.right, inner.left), (inner.left, inner.right)):
                if is_constant(one, 1):
                    yield node, other


def adversarial_autoencoder(view: View) -> Iterator[Evidence]:
    """Adversarial Autoencoder: what the judge is given for real is random, so it tells encoded latents from those; or
    what it judges is what a decoder is given."""
    play = play_of(view)
    if play is None:
        return
    if _judges_codes(play):
        yield Evidence("Adversarial Autoencoder", play.body.place(play.node), "the judge is given what is decoded")
        return
    told = play.real.args if play.real is not None else []
    told = told[:1] if play.real is not None and last_name(play.real.func) in _STEPS else told  # not what is true of it
    if told and all(_drawn(play, argument) for argument in told):
        place = play.body.place(play.node)
        yield Evidence("Adversarial Autoencoder", place, "the judge tells latents from random ones")


def _judges_codes(play: Play) -> bool:
    """`z = encoder(x)`, `decoder(z)`, and a judge that is given `z`, or `concat([z, labels])`, but never `x`, nor for
    real what an encoder made."""
    body = play.body
    made = [v for values in body.assigned.values() for v in values if isinstance(v, ast.Call)]
    coded = [value for value in made if callee_of(value) == play.maker and _ENCODES.search(play.maker)]
    codes = body.names_given(lambda value: value in coded)
    decoding = (call for name, calls in body.calls.items() if _DECODES.search(name) for call in calls)
    if not codes or not any(codes & set(map(last_name, call.args[:1])) for call in decoding) or play.real is None:
        return False
    seen = {last_name(given) for value in coded for given in value.args} | {play.maker}
    judged, real = (set().union(*(body.words(each, 1) for each in call.args[:1])) for call in (play.node, play.real))
    return bool(codes & judged) and not seen & real and not any(map(_ENCODES.search, real))


_ENCODES, _DECODES = re.compile(r"(^|_)enc|Enc"), re.compile(r"(^|_)dec|Dec")
_STEPS = ("train_on_batch", "fit")
"""Methods of networks that train on what they are given first, towards what they are given next."""


def _drawn(play: Play, node: ast.AST) -> bool:
    """Whether a value is noise and nothing else, or a placeholder (the module's, too) that is fed noise."""
    outer = code_of(play.body.module.tree).assigned
    values = play.body.assigned.get(node.id) or outer.get(node.id, []) if isinstance(node, ast.Name) else [node]
    if any(is_call(value, ("placeholder",)) for value in values):
        return any(play.body.words(value, 2) & (RANDOM | {"uniform"}) for value in _fed(play.body, last_name(node)))
    return any(isinstance(value, ast.Call) and has_call(value, RANDOM | {"rand", "uniform"}) for value in values)


def _fed(body: Body, name: str) -> Iterator[ast.expr]:
    """What a placeholder is fed: `feed_dict={z: noise}`."""
    for node in body.of(ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from (value for key, value in pairs if isinstance(key, ast.Name) and key.id == name)


MODULATED = re.compile(r"demod|modul(?!es?($|_)|elist|edict)")
"""What modulated convolutions are called; modules are not."""


def style_based(view: View) -> Iterator[Evidence]:
    """StyleGAN: styles from a mapping network scale each layer's channels (modulated convolutions or adaptive
    instance norm)."""
    if play_of(view) is None:
        return

    def modulates(body: Body) -> ast.AST | None:
        parameters = {name.casefold() for name in (*body.parameters, *body.once(unpacked))}
        if not any("style" in name or name in ("w", "s", "istyle", "y", "w_broadcasted") for name in parameters):
            return None
        if body.cls is None:
            said = mapped and {"adaptive_instance_norm", "style_mod", "adain", "modulated_conv2d"} & body.spoken
            return next(iter(body.calls.values()))[0] if said and body.calls else None
        noisy = any("noise" in instance.cls.name.casefold() for instance in view.network_instances)
        spoken = {*body.spoken, body.cls.name.casefold()}
        if any(MODULATED.search(name) or (noisy and "adain" in name) for name in spoken):
            return next(iter(body.calls.values()))[0] if body.calls else None
        return None

    mapped = any("mapping" in body.name.casefold() for body in view.bodies)
    yield from shown(view, "StyleGAN", "styles scale each layer's channels", modulates)
