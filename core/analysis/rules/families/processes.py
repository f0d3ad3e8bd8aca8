"""Families that follow a process: diffusion, scores, flows, energies, Boltzmann machines."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from core.analysis.nodes import below, is_operation, unparse, walk
from core.analysis.program import Call, Class
from core.analysis.rules.bodies import Body, called_in, code_of, is_call, last_name
from core.analysis.rules.families.arithmetic import is_constant, is_rest, squared, squares, sums
from core.analysis.rules.families.asking import RANDOM, Evidence, acts, first, has_call, once, shown
from core.analysis.rules.families.flows import matched_flows
from core.analysis.rules.families.hiding import hidden_by_time, modulated
from core.analysis.rules.families.plays import play_of
from core.analysis.rules.families.transformers import transformer, vision_transformer
from core.analysis.rules.families.unets import unet
from core.analysis.rules.view import View, asked_once


@asked_once
def noise_schedule_of(view: View) -> tuple[Body, ast.AST] | None:
    """Where a schedule of noise is made; what volumes leave of the light along a ray is a running product too."""
    found = first(view, _mixes if any(body.once(_lets_through) for body in view.bodies) else _noise_schedule)
    product = found is not None and isinstance(found[1], ast.Call) and last_name(found[1].func) == "cumprod"
    return None if found is None or (product and not _roots_taken(view, found)) else found


def _roots_taken(view: View, product: tuple[Body, ast.AST]) -> bool:
    """Whether roots are taken of a running product, or of alphas and betas, or its rest is; by one of them noise is
    mixed in. What is only weighed by such a product is no more than that."""
    own = {name for name, values in product[0].assigned.items() if any(product[1] in walk(value) for value in values)}
    return not own or any(body.once(_rooted) or own & body.once(_left) for body in view.bodies)


def _rooted(body: Body) -> bool:
    """`sqrt(alphas_bar)`, `(1 - kept) ** 0.5`"""
    halves = (node for node in body.of(ast.BinOp) if is_operation(node, ast.Pow))
    roots = (root for node in (*body.calls.get("sqrt", ()), *halves) for root in _roots(node))
    return any(is_rest(root) or any(map(_SHARE.search, body.words(root, 1))) for root in roots)


_SHARE = re.compile(r"alpha|beta|gamma|cum|bar", re.IGNORECASE)


def _left(body: Body) -> frozenset[str]:
    """What rests are taken of: `kept` of `1 - kept[t]`."""
    rests = (node.right for node in body.of(ast.BinOp) if is_rest(node))
    return frozenset().union(*(body.words(rest, 0) for rest in rests))


def _noise_schedule(body: Body) -> ast.AST | None:
    """A running product of alphas, or what mixes data with noise."""
    call = body.calls_any(("cumprod",))
    if call is not None and not body.speaks_of(_OF_RAYS):
        words = {word.casefold() for word in body.words(call, 1)}
        if any("alpha" in word or "beta" in word for word in words) or _complement(body, call):
            return call
    summed = next((call for call in body.calls.get("exp", ()) if _sums_logs(body, call)), None)
    return summed or _mixes(body)


def _of_steps_of_noise(body: Body) -> bool:
    """Whether a running product is of `alphas = 1 - betas`: sure where what is learned acts, too, and plans so."""
    rest = any(is_rest(value) and "beta" in unparse(value).casefold() for value in body.values_called(_ALPHA))
    return rest and body.calls_any(("cumprod",)) is not None


def _mixes(body: Body) -> ast.AST | None:
    """Signal and noise rates that mix data with noise, or sqrt(a) * x + sqrt(1 - a) * e with a random x or e."""
    rates = " ".join(body.assigned).casefold()
    if "noise_rate" in rates and "signal_rate" in rates:
        return next(iter(body.of(ast.Assign)), None)
    return next((node for node, parts in sums(body) if len(parts) == 2 and _shares(body, parts)), None)


_ALPHA = re.compile(r"alpha")
_OF_RAYS = re.compile(r"(^|_)rays?(_|$)|^rgbs?($|_)")


def _lets_through(body: Body) -> bool:
    """`alpha = 1 - exp(-density * step)`: what of the light along a ray a volume takes away."""
    return any(is_rest(value) and has_call(value, ("exp",)) for value in body.values_called(_ALPHA))


def _sums_logs(body: Body, call: ast.Call) -> bool:
    """`cumsum(log(alphas)).exp()`, in one line or several: a running product."""
    words = body.words(call, 2)
    return {"cumsum", "log"} <= words and any("alpha" in word or "beta" in word for word in words)


def _shares(body: Body, parts: list[tuple[int, ast.AST]]) -> bool:
    """Whether two terms have the roots of a share and of its rest for factors, and one of the other factors is
    random."""
    rests = [
        (ast.dump(root.right), side) for side, (_, term) in enumerate(parts) for root in _roots(term) if is_rest(root)
    ]
    if not rests:
        return False
    roots = [[ast.dump(root) for root in _roots(term)] for _, term in parts]
    random = [bool(body.words(term, 1) & RANDOM) for _, term in parts]
    return any(random) and any(share in roots[1 - side] for share, side in rests)


def _roots(term: ast.AST) -> Iterator[ast.AST]:
    """What roots are taken of in a product: `sqrt(a) * x`, `a.sqrt() * x`, `a ** 0.5 * x`."""
    if is_operation(term, ast.Mult):
        yield from _roots(term.left)
        yield from _roots(term.right)
    elif is_operation(term, ast.Pow) and is_constant(term.right, 0.5):
        yield term.left
    elif is_call(term, ("sqrt",)):
        yield term.args[0] if term.args else getattr(term.func, "value", term)


def _complement(body: Body, call: ast.Call) -> bool:
    """`(1 - linspace(...)).cumprod(0)`: what is left of a signal after steps of growing noise; by a name, too."""
    return "linspace" in body.words(call, 1) and any(map(is_rest, walk(call)))


@once
def diffusion(view: View) -> Iterator[Evidence]:
    """Diffusion: noise is mixed in by a schedule (a running product of alphas, a library's scheduler or pipeline), or
    by the marginals of a stochastic equation (Song et al., 2021), and predicted by a network."""
    for call in view.program.whose(_is_of_diffusion):
        known = call.dotted.startswith(_LIBRARIES)
        if known and re.search(r"(Scheduler|[a-z]Pipeline)(\.from_\w+)?$", call.dotted):
            yield Evidence("Diffusion", call.place, "a library's noise scheduler, or its pipeline")
            return
        if call.name in _KNOWN and call.target is None:
            yield Evidence("Diffusion", call.place, f"built of {call.name}")
            return
    found = noise_schedule_of(view)
    if found is not None and (not acts(view) or _of_steps_of_noise(found[0])):
        yield Evidence("Diffusion", found[0].place(found[1]), "noise is mixed in by a schedule")
    elif (scaled := first(view, _scaled_by_noise)) is not None:
        yield Evidence("Diffusion", scaled[0].place(scaled[1]), "a denoiser scaled by the level of noise")
    elif not acts(view) and (told := first(view, _told_its_noise)) is not None:
        yield Evidence("Diffusion", told[0].place(told[1]), "a denoiser that is told the level of noise")
    elif not acts(view) and (hidden := hidden_by_time(view)) is not None:
        yield Evidence("Diffusion", hidden[0].place(hidden[1]), "words are hidden by a schedule of noise")
    elif not acts(view) and (mixed := next(filter(_beside_noise, view.program.named(*_MARGINALS)), None)) is not None:
        yield Evidence("Diffusion", mixed.place, "noise is mixed in as a stochastic equation says")


_MARGINALS = ("marginal_prob", "marginal_prob_std")


def _beside_noise(call: Call) -> bool:
    """Whether a call stands in code that draws noise: a share of labels is called a marginal probability as well."""
    return not RANDOM.isdisjoint(code_of(call.home).calls)


_KNOWN = ("GaussianDiffusion", "ElucidatedDiffusion")


def _is_of_diffusion(dotted: str) -> bool:
    return dotted.startswith(_LIBRARIES) or dotted.endswith(_KNOWN)


_LIBRARIES = ("diffusers.", "monai.networks.schedulers.", "generative.networks.schedulers.")
"""Where libraries keep their noise schedulers."""


def _scaled_by_noise(body: Body) -> ast.AST | None:
    """`c_skip * x + c_out * net(c_in * x)`: the scalings of Karras et al. (2022)."""
    return body.assigned["c_out"][0] if "c_skip" in body.assigned and "c_out" in body.assigned else None


def _told_its_noise(body: Body) -> ast.AST | None:
    """`net(x + sigma * eps, sigma)`, with the name of noise."""
    for call in (call for call in body.of(ast.Call) if len(call.args) >= 2 and is_operation(call.args[0], ast.Add)):
        sides = (getattr(call.args[0], "left", call), getattr(call.args[0], "right", call))
        factors = [last_name(one) for side in sides if is_operation(side, ast.Mult) for one in (side.left, side.right)]
        if last_name(call.args[1]) in factors and any(map(_NOISE.match, factors)):
            return call
    return None


_NOISE = re.compile(r"(eps(ilon)?|noise)$")


def consistency(view: View) -> Iterator[Evidence]:
    """Consistency Model: a denoiser whose scalings leave the least noisy input as it is, trained to say the same of
    neighbouring levels of noise (Song et al., 2023)."""
    scaled = first(view, _scaled_by_noise)
    if scaled is None:
        return
    for body in view.bodies:
        if (re.search(r"consistency|boundary_cond", body.name) and body.cls is not None) or "boundary" in body.name:
            place = body.module.source.place(getattr(body.node, "lineno", 1))
            yield Evidence("Consistency Model", place, "one answer for neighbouring levels of noise")
            return


def latent_diffusion(view: View) -> Iterator[Evidence]:
    """Latent Diffusion: what is diffused was encoded by an autoencoder. ControlNet: a library's control network
    beside it."""
    if not any(True for _ in diffusion(view)):
        return
    coder = next(
        (layer for layer in view.layers if layer.kind == "factory" and "AutoencoderKL" in layer.call.dotted), None
    )
    encoded = next((call for call in view.program.named("encode") if "Autoencoder" in call.dotted), None)
    call = coder.call if coder is not None else encoded
    if call is not None:
        yield Evidence("Latent Diffusion", call.place, "what is diffused was encoded by an autoencoder")
        return
    for instance in view.network_instances:
        if {"encoder", "decoder"} <= {name.casefold() for name in instance.attributes}:
            made = first(view, _encodes_outside(instance.cls))
            if made is not None:
                yield Evidence(
                    "Latent Diffusion", made[0].place(made[1]), "what is diffused was encoded by an autoencoder"
                )
                yield Evidence("Autoencoder", instance.call.place, "an encoder and a decoder, trained before")
                return


def _encodes_outside(cls: Class) -> Callable[[Body], ast.AST | None]:
    """Something that is not the autoencoder's own code encodes."""
    own = frozenset(cls.lineage())
    return lambda body: body.calls_any(("encode", "encoder")) if body.cls not in own else None


def controlled(view: View) -> Iterator[Evidence]:
    """ControlNet: a network of diffusion adds the outputs of a control network, given as such, to its own signals."""
    for body in view.bodies if any(True for _ in diffusion(view)) else ():
        given = set(filter(CONTROL.match, body.parameters))
        adds = (node for node in body.of(ast.BinOp, ast.AugAssign) if isinstance(getattr(node, "op", None), ast.Add))
        node = next((node for node in adds if any(each.id in given for each in below(node, ast.Name))), None)
        if body.cls is not None and node is not None:
            yield Evidence("ControlNet", body.place(node), "the outputs of a control network are added to its signals")
            return


CONTROL = re.compile(r"controls?$|control_|(down|mid)_block_additional_residual")


def transformer_diffusion(view: View) -> Iterator[Evidence]:
    """DiT: the network that predicts the noise is a transformer over patches, or one whose signals are scaled and
    shifted as the time says; the latter also where it learns the velocity between noise and data."""
    diffused = any(True for _ in diffusion(view))
    if not diffused and not any(True for _ in matched_flows(view)):
        return
    for found in vision_transformer(view) if diffused else ():
        yield Evidence("DiT", found.place, "a transformer over patches predicts the noise")
        return
    if any(True for _ in transformer(view)) and not any(True for _ in unet(view)):
        yield from shown(view, "DiT", "a transformer that is scaled and shifted by the time", modulated)


def scores(view: View) -> Iterator[Evidence]:
    """Score-Based: score * deviation + noise, squared, is the loss (denoising score matching): a score is so called,
    or what random noise is added to is a product with what a network gives."""

    def matches(body: Body) -> ast.AST | None:
        for node in squares(body):
            inner = squared(node)
            if is_operation(inner, ast.Add, ast.Sub):
                if isinstance(inner.op, ast.Sub) and any(_is_drawn(body, s) for s in (inner.left, inner.right)):
                    continue  # the noise itself is predicted
                words = {word.casefold() for word in body.words(inner, 1)}
                if any("score" in word for word in words) and (
                    words & {name.casefold() for name in RANDOM}
                    or any("noise" in word or word == "z" or "target" in word for word in words)
                ):
                    return node
                if isinstance(inner.op, ast.Add) and (
                    _scaled_answer_and_noise(body, inner) or _answer_and_scaled_noise(body, inner)
                ):
                    return node
        return None

    if not acts(view):
        yield from shown(view, "Score-Based", "a score is matched to noise", matches)


def _is_drawn(body: Body, node: ast.AST) -> bool:
    """Whether a name stands for noise as it was drawn: `noise = randn_like(x)`."""
    return any(is_call(value, RANDOM) for value in body.bound(node))


def _scaled_answer_and_noise(body: Body, node: ast.BinOp) -> bool:
    """`sigma * net(x + sigma * z) + z` with a random z; the answer may have a name."""
    for noise, answer in ((node.left, node.right), (node.right, node.left)):
        drawn = any(has_call(value, RANDOM) for value in body.bound(noise))
        for value in (answer, *body.bound(answer)) if drawn else ():
            calls = [inner for inner in walk(value) if isinstance(inner, ast.Call) and not has_call(inner, RANDOM)]
            if any(last_name(noise) in body.words(call, 1) for call in calls):
                return True
    return False


def _answer_and_scaled_noise(body: Body, node: ast.BinOp) -> bool:
    """`net(t, mean + sigma * z) + z / sigma` with a random z."""
    for noise, answer in ((node.left, node.right), (node.right, node.left)):
        scaled = noise.left if is_operation(noise, ast.Div) else None
        drawn = scaled is not None and any(has_call(value, RANDOM) for value in body.bound(scaled))
        if drawn and any(isinstance(value, ast.Call) for value in body.meant(answer)):
            return True
    return False


def energies(view: View) -> Iterator[Evidence]:
    """Energy-Based: samples are moved down the gradient of an energy, with noise."""

    def langevin(body: Body) -> ast.AST | None:
        call = body.calls_any(("grad", "gradient", "gradients")) or body.once(_own_gradient)
        if call is None:
            return None
        beside = [body, *view.methods(body.cls)]
        names = {name.casefold() for each in beside for name in (*each.assigned, *each.calls, each.name)} | classes
        noise = any(each.calls_any(RANDOM) is not None for each in beside)
        looped = any(each.of(ast.For, ast.While) for each in beside)
        moved = any("energy" in name or re.search("langevin|sgld", name) for name in names | body.spoken)
        return call if noise and looped and moved else None

    classes = {instance.cls.name.casefold() for instance in view.program.instances}

    if play_of(view) is None and noise_schedule_of(view) is None:
        taken = ("grad", "gradient", "gradients", "backward")
        yield from shown(view, "Energy-Based", "samples are moved down the gradient of an energy", langevin, *taken)
        yield from shown(view, "Energy-Based", "what a network is given is moved down its gradient", _drifts, *taken)


def _own_gradient(body: Body) -> ast.Call | None:
    """`energy.backward()` and then `x.grad`: the gradient of what is moved itself."""
    if "backward" not in body.calls or "zero_grad" in body.calls or "step" in body.calls:
        return None
    return body.calls_any(("backward",)) if any(node.attr == "grad" for node in body.of(ast.Attribute)) else None


def _drifts(body: Body) -> ast.AST | None:
    """In a loop: `x.data.add_(noise)`, `net(x).sum().backward()`, `x.data.add_(-step, x.grad.data)`; or `x += noise`,
    `slope = tape.gradient(net(x), x)`, `x += step * slope`. An attack moves along the sign alone, without noise on the
    way."""
    if "sign" in body.calls:
        return None
    for loop in body.of(ast.For, ast.While):
        calls = below(loop, ast.Call)
        fed = {last_name(arg) for call in calls for arg in call.args if isinstance(arg, ast.Name)}
        if any(last_name(call.func) in RANDOM for call in calls) and (node := _moved(loop, fed)) is not None:
            return node
    return None


def _only_name(target: ast.expr) -> str:
    """The name that is bound, also as the only one of several: `slope, = grad(energy, x)`."""
    return last_name(target.elts[0] if isinstance(target, ast.Tuple) and len(target.elts) == 1 else target)


_LOST = re.compile(r"loss|cross_entropy|criterion", re.IGNORECASE)
"""What compares an answer with the wanted one, and is no energy."""


def _moved(loop: ast.AST, fed: set[str]) -> ast.AST | None:
    """Where something that a network is given is moved by its own gradient."""
    for call in below(loop, ast.Call) if "backward" in called_in(loop) else ():
        moved = next((name.id for name in below(call.func, ast.Name)), "")
        grads = [each for arg in call.args for each in below(arg, ast.Attribute) if each.attr == "grad"]
        adds = last_name(call.func) in ("add_", "sub_") and moved in fed
        if adds and any(last_name(each.value) == moved for each in grads):
            return call
    lines = [(_only_name(line.targets[0]), line.value) for line in below(loop, ast.Assign)]
    lost = {name for name, value in lines if any(_LOST.search(last_name(call.func)) for call in below(value, ast.Call))}
    taken = [(slope, value) for slope, value in lines if isinstance(value, ast.Call) and len(value.args) > 1]
    taken = [(slope, call) for slope, call in taken if last_name(call.args[0]) not in lost]
    slopes = {slope: last_name(call.args[1]) for slope, call in taken if last_name(call.func) in ("gradient", "grad")}
    for step in below(loop, ast.AugAssign):
        names = {name.id for name in below(step.value, ast.Name)}
        if any(slope in names and last_name(step.target) == moved in fed for slope, moved in slopes.items()):
            return step
    for line in below(loop, ast.Assign):  # x = x - step * slope + noise
        names, into = {name.id for name in below(line.value, ast.Name)}, last_name(line.targets[0])
        if into in names & fed and any(slope in names and into == moved for slope, moved in slopes.items()):
            return line
    return None
