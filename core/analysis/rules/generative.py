"""Families that are shown by how something is made or judged: autoencoders, adversaries, diffusion, flows, styles."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.rules.evidence import (
    CLAMPS,
    CONCATENATIONS,
    RANDOM,
    Evidence,
    Family,
    has_call,
    is_constant,
    is_square,
    products,
    shown,
    sums,
)
from core.analysis.program import Made
from core.analysis.rules.loss import family, loss_name
from core.analysis.rules.view import Body, View, last_name

LABELS = frozenset({"y", "c", "label", "labels", "cond", "condition", "conditions", "attr", "attrs", "class_labels", "one_hot", "onehot", "gen_labels", "class_label", "one_hot_labels", "labels_onehot", "y_onehot", "image_one_hot_labels"})  # fmt: skip
RECONSTRUCTING = frozenset({"mse_loss", "l1_loss", "binary_cross_entropy", "smooth_l1_loss", "huber_loss", "mean_squared_error", "mse", "MSELoss"})
LATENT_LIBRARIES = ("Normal", "MultivariateNormal", "MultivariateNormalDiag", "Independent", "MultivariateNormalTriL")


# -- autoencoders


def latent_sampling(view: View) -> Iterator[Evidence]:
    """VAE: a latent drawn as mean + deviation * noise (or from a distribution, or by Gumbel noise), and a divergence from a prior."""
    if acts(view):
        return
    kl = _where(view, _divergence)
    drawn = _where(view, _reparameterised) or _where(view, _gumbel)
    if not kl and any(True for _ in flows(view)):
        return
    if drawn and (kl or _decodes(view)) and not (_schedules(view) and not kl):
        yield Evidence("VAE", drawn[0].place(drawn[1]), "a latent drawn as mean + deviation * noise")
    elif kl and (_where(view, _samples) or _decodes(view)):
        yield Evidence("VAE", kl[0].place(kl[1]), "a latent's divergence from a prior")
    elif _decodes(view) and _parts_named(view, "encode") and _where(view, _samples) and (added := _where(view, _adds_divergence)):
        yield Evidence("VAE", added[0].place(added[1]), "a divergence is added to the reconstruction")


def _where(view: View, test) -> tuple[Body, ast.AST] | None:  # type: ignore[no-untyped-def]
    from core.analysis.rules.evidence import first

    return first(view, test)


def _reparameterised(body: Body) -> ast.AST | None:
    if not any(name in body.calls for name in RANDOM) and "sample" not in body.calls:
        return None
    for node, left, right in products(body):
        sides = (body.words(left), body.words(right))
        for one, other in (sides, sides[::-1]):
            if one & RANDOM and other & {"exp", "softplus", "exp_"}:
                return node
    return None


def _divergence(body: Body) -> ast.AST | None:
    """-0.5 * (1 + logvar - mu^2 - exp(logvar)) in any order and spelling, or `kl_divergence(q, p)` of distributions."""
    for node, parts in sums(body):
        if len(parts) >= 3:
            unit = any(is_constant(term, 1, 1.0, 0.5) for _, term in parts)
            squares = sum(any(is_square(inner) for inner in ast.walk(term)) for _, term in parts)
            spread = any(has_call(term, ("exp", "log", "exp_")) for _, term in parts)
            if unit and squares and spread and not any(has_call(term, ("cumprod",)) for _, term in parts):
                return node
    call = body.calls_any(("kl_divergence", "analytic_kl"))
    return call if call is not None and len(call.args) + isinstance(call.func, ast.Attribute) >= 2 else None


def _adds_divergence(body: Body) -> ast.AST | None:
    """`loss = reconstruction + weight * kld`: a term that was computed and is called a KL divergence."""
    for node, parts in sums(body):
        for _, term in parts:
            named = [inner for inner in ast.walk(term) if isinstance(inner, ast.Name) and re.match(r"kl(d|_|$)", inner.id, re.IGNORECASE)]
            if len(parts) >= 2 and any(inner.id in body.assigned for inner in named):
                return node
    return None


def _gumbel(body: Body) -> ast.AST | None:
    for call in body.calls.get("log", ()):
        inner = call.args[0] if call.args else call.func.value if isinstance(call.func, ast.Attribute) else None
        if inner is not None and any(isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and has_call(node, ("log",)) for node in ast.walk(inner)):
            return call
    return body.calls_any(("gumbel_softmax",))


def _samples(body: Body) -> ast.AST | None:
    return body.calls_any((*RANDOM, "rsample", "sample"))


def _parts_named(view: View, word: str) -> bool:
    words = [name.casefold() for instance in view.network_instances for name in (*instance.attributes, instance.cls.name)]
    words += [body.name.casefold() for body in view.bodies if body.cls is not None or word in body.name.casefold()]
    words += [name.casefold() for body in view.bodies for name in body.assigned]
    return any(word in each for each in words)


def _decodes(view: View) -> bool:
    return _parts_named(view, "decode")


def conditional_vae(view: View) -> Iterator[Evidence]:
    """Conditional VAE: a VAE in which labels are joined to the input or to the latent."""
    if not any(True for _ in latent_sampling(view)):
        return

    def joins(body: Body) -> ast.AST | None:
        for name in CONCATENATIONS & set(body.calls):
            for call in body.calls[name]:
                words = {inner.id for inner in ast.walk(call) if isinstance(inner, ast.Name)} | {inner.attr for inner in ast.walk(call) if isinstance(inner, ast.Attribute)}
                if body.cls is not None and words & LABELS:
                    return call
        return None

    yield from shown(view, "Conditional VAE", "labels are joined to what is encoded or decoded", joins)


def beta_vae(view: View) -> Iterator[Evidence]:
    """Beta-VAE: the divergence is weighed by a setting called beta."""
    if not any(True for _ in latent_sampling(view)):
        return

    def weighed(body: Body) -> ast.AST | None:
        for node, left, right in products(body):
            for one, other in ((left, right), (right, left)):
                if last_name(one).casefold() in ("beta", "kl_beta") and any(re.search(r"kl|divergence", word, re.IGNORECASE) for word in body.words(other, 1)):
                    return node
            # beta * weight * divergence
            if any(last_name(side).casefold() == "beta" for side in _factors(node)) and any(re.search(r"kl[dl]?(_|$)", last_name(side), re.IGNORECASE) for side in _factors(node)):
                return node
        return None

    yield from shown(view, "Beta-VAE", "the divergence is weighed by beta", weighed)


def _factors(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _factors(node.left) + _factors(node.right)
    return [node]


def quantised(view: View) -> Iterator[Evidence]:
    """VQ-VAE: the nearest entry of a codebook replaces what was encoded, and gradients pass it by."""

    def nearest(body: Body) -> ast.AST | None:
        names = {last_name(node) for node in body.nodes if isinstance(node, (ast.Attribute, ast.Name))}
        book = any(re.search(r"embed|codebook|code_book|dictionary", name, re.IGNORECASE) for name in names)
        call = body.calls_any(("argmin",))
        if call is None and "max" in body.calls and any(isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) for call in body.calls["max"] for node in ast.walk(call)):
            call = body.calls["max"][0]
        passes = body.calls_any(("detach", "stop_gradient"))
        return call if call is not None and book and (passes is not None or _passes_by(view, body)) else None

    if not acts(view):
        yield from shown(view, "VQ-VAE", "the nearest entry of a codebook replaces what was encoded", nearest)
    for call in view.program.calls:
        if call.name in ("VectorQuantize", "VQModel", "VectorQuantizerEMA", "VectorQuantizer") and call.target is None:
            yield Evidence("VQ-VAE", call.place, f"built of {call.name}")
            return


def _passes_by(view: View, body: Body) -> bool:
    return any(other.cls is body.cls and body.cls is not None and other.calls_any(("detach", "stop_gradient")) is not None for other in view.bodies)


def reconstruction(view: View) -> Iterator[Evidence]:
    """Autoencoder: what comes out is compared with what went in; or an encoder and a decoder part under such a loss."""
    if acts(view) or _schedules(view) or any(True for _ in adversaries(view)) and not _parts_named(view, "decoder"):
        return
    for call in view.program.calls:
        if call.name == "fit" and len(call.node.args) >= 2 and ast.dump(call.node.args[0]) == ast.dump(call.node.args[1]) and call.receiver is not None:
            yield Evidence("Autoencoder", call.place, "fitted to give back its input")
            return
    for body, first_arg, second, node in _compared(view):
        name = _root(second)
        for value in body.assigned.get(name, ())[:1]:
            name = value.id if isinstance(value, ast.Name) else name  # y_true = X
        if name and not _random(body, name) and _passed_through(body, first_arg, name):
            yield Evidence("Autoencoder", body.place(node), "what comes out is compared with what went in")
            return
    yield from _coder_parts(view)


def _compared(view: View) -> Iterator[tuple[Body, ast.AST, ast.AST, ast.AST]]:
    """Two things that a loss or a squared difference compares, in both orders."""
    bodies = {body.node: body for body in view.bodies}
    for call in view.program.calls:
        name = loss_name(call.dotted.removesuffix(".__call__"))
        own = call.target is not None and re.search(r"mse|mean_sq|recon|bce|binary_cross", call.name, re.IGNORECASE)
        if (own or name and (family(name) in RECONSTRUCTING or name in RECONSTRUCTING)) and len(call.node.args) >= 2:
            body = bodies.get(call.within.node if call.within else call.module.tree)
            if body is not None:
                yield body, call.node.args[0], call.node.args[1], call.node
                yield body, call.node.args[1], call.node.args[0], call.node
    for body in view.bodies:
        for node in body.nodes:
            if is_square(node):
                inner = node.left if isinstance(node, ast.BinOp) else node.args[0] if isinstance(node, ast.Call) and node.args else None
                if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
                    yield body, inner.left, inner.right, node
                    yield body, inner.right, inner.left, node


def _root(node: ast.AST) -> str:
    """The name under reshapes: `x` of `x.view(-1, 784)` and of `flatten(x)`; none for a slice of it."""
    while isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("view", "reshape", "flatten", "detach", "to", "cuda", "float", "clone", "squeeze"):
            node = node.func.value
        elif node.args and last_name(node.func) in ("flatten", "reshape"):
            node = node.args[0]
        else:
            return ""
    return node.id if isinstance(node, ast.Name) else ""


def _random(body: Body, name: str) -> bool:
    return any(has_call(value, RANDOM) for value in body.assigned.get(name, ()))


STATES = frozenset({"params", "param", "state", "opt_state", "variables", "grads", "gradients", "model", "weights", "updates", "self"})
"""Names of what is trained: they come out of everything, and say nothing of what goes in."""


def _passed_through(body: Body, node: ast.AST, name: str) -> bool:
    """Whether a value comes out of calls that took this name."""
    seen: set[str] = set()
    level: list[ast.AST] = [node]
    for _ in range(4):
        following: list[ast.AST] = []
        for each in level:
            callees = {inner.func for inner in ast.walk(each) if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)}
            for inner in ast.walk(each):
                if isinstance(inner, ast.Call) and any(_root(argument) == name for argument in inner.args):
                    if last_name(inner.func) not in ("view", "size", "zeros_like", "ones_like", "interpolate", "resize", "len", "cat", "shape"):
                        return True
                if isinstance(inner, ast.Name) and inner.id not in seen | STATES and inner.id != name and inner not in callees:
                    seen.add(inner.id)
                    following.extend(body.assigned.get(inner.id, ())[:4])
        level = following
    return False


def _coder_parts(view: View) -> Iterator[Evidence]:
    """An encoder and a decoder of plain layers in one network, under a loss that compares values."""
    kinds = view.kinds
    if any(kinds[kind] for kind in ("lstm", "gru", "rnn", "attention", "transformer", "factory")) or kinds["concat"] > 1:
        return
    losses = {family(name) for call in view.program.calls if (name := loss_name(call.dotted.removesuffix(".__call__")))}
    if losses & {"cross_entropy", "nll_loss"} and not losses & {"mse_loss", "l1_loss"}:
        return
    for instance in view.network_instances:
        names = [name.casefold() for name in instance.attributes]
        sides = [next((name for name in names if name.startswith(side)), None) for side in ("enc", "dec")]
        if all(sides) and losses & {"mse_loss", "l1_loss", "binary_cross_entropy"}:
            yield Evidence("Autoencoder", instance.call.place, "an encoder and a decoder under a loss that compares values")
            return


# -- adversaries


def _callee(call: ast.Call) -> str:
    """What a call calls, by its last telling name: `G` of `self.G(z)`, `netD` of `netD.apply(params, x)`."""
    if isinstance(call.func, ast.Call) and last_name(call.func.func) in ("vmap", "jit", "filter_vmap", "pmap", "partial") and call.func.args:
        return last_name(call.func.args[0])  # vmap(discriminator)(x)
    name = last_name(call.func)
    if name in ("apply", "forward", "__call__", "predict", "call") and isinstance(call.func, ast.Attribute):
        return last_name(call.func.value)
    if isinstance(call.func, ast.Attribute) and name not in IGNORED and JUDGE.search(last_name(call.func.value)):
        return last_name(call.func.value)  # D.compute_loss(x)
    return name


IGNORED = frozenset({"detach", "Variable", "view", "cat", "size", "randn", "to", "cuda", "mean", "print", "len", "Tensor", "concat", "reshape", "float", "interpolate", "step", "item", "zero_grad", "backward", "range", "list", "random_normal", "normal", "zeros", "ones", "sum", "log", "sigmoid", "sample", "constant", "Input", "Model", "squeeze", "unsqueeze", "numpy", "cpu", "format", "int", "str", "clamp", "tensor", "from_numpy", "requires_grad_", "repeat", "expand", "uniform", "shape", "LongTensor", "FloatTensor", "rand", "split", "concatenate", "array", "type", "parameters", "Lambda", "crop", "get", "next", "iter", "resize", "flatten", "save_image", "make_grid", "exp", "sqrt", "abs", "max", "min", "PRNGKey", "stop_gradient", "criterion", "train_on_batch", "randint", "zeros_like", "ones_like", "rand_like", "randn_like", "permute", "transpose", "stack", "add", "append", "extend"})  # fmt: skip


class _Play:
    """Who judges whose output in one body."""

    def __init__(self, judge: str, maker: str, body: Body, node: ast.Call, real: ast.Call | None) -> None:
        self.judge, self.maker, self.body, self.node, self.real = judge, maker, body, node, real


def _plays(view: View) -> Iterator[_Play]:
    """Bodies in which one network's output is given to another, which also judges something else."""
    for body in view.bodies:
        calls = [call for calls in body.calls.values() for call in calls if call.args and _callee(call) not in IGNORED and _callee(call)]
        makers = {_callee(call) for call in calls}
        for call in calls:
            judge = _callee(call)
            words = frozenset().union(*(body.words(argument, 2) for argument in call.args))
            made_by = (words & makers) - {judge} - IGNORED
            if not made_by or _lowercase_function(judge, body):
                continue
            for maker in sorted(made_by):
                real = next((other for other in calls if _callee(other) == judge and not frozenset().union(*(_values(body, a) for a in other.args)) & {maker}), None)
                trained = any(isinstance(node, ast.Attribute) and node.attr in ("train_on_batch", "trainable") and last_name(node.value) == judge for node in body.nodes)
                trained = trained or any(isinstance(node, ast.Attribute) and node.attr in ("train_on_batch", "trainable") and last_name(node.value) == judge for other in view.bodies if other.cls is body.cls and body.cls for node in other.nodes)
                if real is not None or trained:
                    yield _Play(judge, maker, body, call, real)


def _values(body: Body, node: ast.AST) -> frozenset[str]:
    return body.words(node, 2)


def _lowercase_function(name: str, body: Body) -> bool:
    return bool(re.search(r"loss|criterion|metric|accuracy|grad|penalty|mse|bce|ssim|optimi|print|plot|save|show|log", name, re.IGNORECASE))


def adversaries(view: View) -> Iterator[Evidence]:
    """GAN: one network judges another's output and something else (data), and the two are trained by optimizers of their own."""
    play = _play(view)
    if play is not None:
        yield Evidence("GAN", play.body.place(play.node), f"{play.judge} judges what {play.maker} makes and what it does not")


def _play(view: View) -> _Play | None:
    cached = getattr(view, "_gan", ...)
    if cached is ...:
        cached = None if acts(view) or _trainers(view) < 2 else next(_named_first(_plays(view), view), None)
        view._gan = cached  # type: ignore[attr-defined]
    return cached  # type: ignore[no-any-return]


JUDGE = re.compile(r"disc|crit|^d$|^d_|^net_?d|_d$|^dis$|^d\d|judge|advers", re.IGNORECASE)
MAKER = re.compile(r"gen|^g$|^g_|^net_?g|_g$|^g\d|decod|enc|^self$|sampl|model|creat|net$|^f_|^ae$|^q_z", re.IGNORECASE)


def _named_first(plays: Iterator[_Play], view: View) -> Iterator[_Play]:
    """Plays between networks: objects of theirs, or functions called a generator and a discriminator."""
    networks = _network_names(view)
    for play in plays:
        objects = play.judge in networks and (play.maker in networks or play.maker in ("self", "generate"))
        functions = JUDGE.search(play.judge) and MAKER.search(play.maker)
        if functions or (objects and play.real is not None and JUDGE.search(play.judge)):
            yield play


def _network_names(view: View) -> set[str]:
    """The names under which network objects are kept: variables and attributes."""
    members = {id(instance) for instance in view.network_instances}
    names: set[str] = set()
    for call in view.program.calls:
        value = call.receiver.value if call.receiver is not None else None
        if call.receiver is not None and call.receiver.name and (id(value) in members or isinstance(value, Made)):
            names.add(call.receiver.name)
    return names


def _trainers(view: View) -> int:
    """How many optimizers train: those built, Keras models compiled, losses minimised."""
    compiled = sum(call.name == "compile" and call.keywords.get("loss") is not None for call in view.program.calls)
    minimised = len({id(call.node) for call in view.program.calls if call.name == "minimize"})
    built = len({id(call.node) for call in view.optimizers})
    looped = sum(call.loop is not None for call in view.optimizers)
    stepped = len({ast.dump(call.func) for body in view.bodies for name in ("apply_gradients", "step") for call in body.calls.get(name, ()) if "opt" in ast.unparse(call.func).casefold() or name == "apply_gradients"})
    return max(compiled, minimised, built, looped * 2, stepped)


def convolutional_gan(view: View) -> Iterator[Evidence]:
    """DCGAN: a GAN that makes pictures from noise alone with transposed or upsampled convolutions, judged by cross-entropy."""
    play = _play(view)
    kinds = view.kinds
    if play is None or not kinds["conv"] or not (kinds["convt"] or kinds["upsample"] and kinds["conv"] >= 4):
        return
    if any(True for _ in conditional_gan(view)) or any(True for _ in wasserstein(view)) or any(True for _ in cycles(view)):
        return
    losses = {family(name) for call in view.program.calls if (name := loss_name(call.dotted.removesuffix(".__call__")))}
    losses |= {family(value.text) for call in view.program.calls if call.name == "compile" and (value := call.keywords.get("loss")) is not None and value.text}
    pictures_in = any(True for _ in reconstruction(view)) or kinds["pixelshuffle"] or kinds["instancenorm"] >= 4
    judged = losses & {"binary_cross_entropy", "cross_entropy"}
    if len(judged) == 1 and not pictures_in and not losses & {"l1_loss", "mse_loss"}:
        yield Evidence("DCGAN", play.body.place(play.node), "pictures made from noise by upsampling convolutions, judged by cross-entropy")


def conditional_gan(view: View) -> Iterator[Evidence]:
    """Conditional GAN: labels, or the picture to be changed, are given to the maker or to the judge as well."""
    play = _play(view)
    if play is None or any(True for _ in cycles(view)):
        return
    for call in [call for calls in play.body.calls.values() for call in calls if _callee(call) in (play.judge, play.maker)]:
        arguments = call.args[1:] if last_name(call.func) == "apply" else call.args
        if len(arguments) == 1 and isinstance(arguments[0], (ast.List, ast.Tuple)):
            arguments = arguments[0].elts
        names = {last_name(argument).casefold() for argument in arguments}
        labels = any(name in LABELS or "label" in name or "class" in name or "cond" in name for name in names)
        if len(arguments) >= 2 and (labels or _callee(call) == play.judge and not any("feature" in name or "alpha" in name or "step" in name for name in names)):
            yield Evidence("Conditional GAN", play.body.place(call), "labels or a picture are given along")
            return


def wasserstein(view: View) -> Iterator[Evidence]:
    """WGAN: the judge's mean outputs are the loss and its weights are clipped; WGAN-GP: its gradient's length is drawn to 1."""
    play = _play(view)
    if play is None:
        return
    losses = {family(name) for call in view.program.calls if (name := loss_name(call.dotted.removesuffix(".__call__")))}
    cross = "binary_cross_entropy" in losses
    penalty = _where(view, _gradient_penalty)
    if penalty is not None and not cross:
        yield Evidence("WGAN-GP", penalty[0].place(penalty[1]), "the judge's gradient is drawn to length 1")
        return

    def clips(body: Body) -> ast.AST | None:
        for name in CLAMPS & set(body.calls) | ({"clamp_"} & set(body.calls)):
            for call in body.calls[name]:
                if re.search(r"\.data|weight|param|\bp\b|\bw\b|var", ast.unparse(call)) and (len(call.args) >= 2 or call.keywords):
                    return call
        return None

    if not cross:
        yield from shown(view, "WGAN", "the judge's weights are clipped and its mean output is the loss", clips)


def _gradient_penalty(body: Body) -> ast.AST | None:
    """(|gradient| - 1)^2 where a gradient is taken."""
    if body.calls_any(("grad", "gradients", "gradient", "value_and_grad", "vjp")) is None:
        return None
    for node in body.nodes:
        if is_square(node):
            inner = node.left if isinstance(node, ast.BinOp) else (node.args[0] if isinstance(node, ast.Call) and node.args and last_name(node.func) == "square" else getattr(getattr(node, "func", None), "value", None))
            if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub) and (is_constant(inner.right, 1, 1.0) or is_constant(inner.left, 1, 1.0)):
                return node
    return None


def cycles(view: View) -> Iterator[Evidence]:
    """CycleGAN: two makers, each applied to what the other made, and the result compared with the beginning."""
    if _play(view) is None:
        return

    def there_and_back(body: Body) -> ast.AST | None:
        pairs: dict[tuple[str, str], ast.Call] = {}
        for calls in list(body.calls.values()):
            for call in calls:
                outer = _callee(call)
                if outer in IGNORED or not call.args:
                    continue
                direct = {_callee(inner) for argument in call.args for inner in ast.walk(argument) if isinstance(inner, ast.Call)}
                for argument in call.args:
                    for inner in ast.walk(argument):
                        if isinstance(inner, ast.Name):
                            direct |= {_callee(value) for value in body.assigned.get(inner.id, ()) if isinstance(value, ast.Call)}
                for name in direct - IGNORED - {outer, ""}:
                    if (name, outer) in pairs and all(MAKER.search(each) and not JUDGE.search(each) and not re.search("enc|dec", each) for each in (name, outer)):
                        return call
                    pairs[(outer, name)] = call
        return None

    yield from shown(view, "CycleGAN", "two makers, each applied to what the other made", there_and_back)


def adversarial_autoencoder(view: View) -> Iterator[Evidence]:
    """Adversarial Autoencoder: the judge tells encoded latents from random ones, beside a reconstruction."""
    play = _play(view)
    if play is None or not _parts_named(view, "decoder"):
        return
    if re.search(r"enc", play.maker, re.IGNORECASE) and any(True for _ in reconstruction(view)):
        yield Evidence("Adversarial Autoencoder", play.body.place(play.node), "the judge tells latents from random ones")


def style_based(view: View) -> Iterator[Evidence]:
    """StyleGAN: styles from a mapping network scale each layer's channels (modulated convolutions or adaptive instance norm)."""
    if _play(view) is None:
        return

    def modulates(body: Body) -> ast.AST | None:
        parameters = {arg.arg.casefold() for arg in getattr(getattr(body.node, "args", None), "args", [])}
        if body.cls is None or not any("style" in name or name in ("w", "istyle", "y") for name in parameters):
            return None
        names = {last_name(node).casefold() for node in body.nodes if isinstance(node, (ast.Attribute, ast.Name))}
        if any("demod" in name or "modul" in name or "adain" in name for name in names):
            return next(iter(body.calls.values()))[0] if body.calls else None
        return None

    yield from shown(view, "StyleGAN", "styles scale each layer's channels", modulates)


# -- diffusion, scores, flows, energies


def _schedules(view: View) -> tuple[Body, ast.AST] | None:
    cached = getattr(view, "_schedule", ...)
    if cached is ...:
        cached = _where(view, _noise_schedule)
        view._schedule = cached  # type: ignore[attr-defined]
    return cached  # type: ignore[no-any-return]


def _noise_schedule(body: Body) -> ast.AST | None:
    """A running product of alphas, or signal and noise rates that mix data with noise."""
    call = body.calls_any(("cumprod",))
    if call is not None:
        words = {word.casefold() for word in body.words(call, 1)}
        if any("alpha" in word or "beta" in word for word in words) or _complement(call):
            return call
    rates = {name.casefold() for name in body.assigned}
    if any("noise_rate" in name for name in rates) and any("signal_rate" in name for name in rates):
        return next((node for node in body.nodes if isinstance(node, ast.Assign)), None)
    return None


def _complement(call: ast.Call) -> bool:
    """`(1 - linspace(...)).cumprod(0)`: what is left of a signal after steps of growing noise."""
    return has_call(call, ("linspace",)) and any(
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and is_constant(node.left, 1, 1.0) for node in ast.walk(call)
    )


def diffusion(view: View) -> Iterator[Evidence]:
    """Diffusion: noise is mixed in by a schedule (a running product of alphas, a library's scheduler) and predicted by a network."""
    for call in view.program.calls:
        root = call.dotted.split(".")[0]
        if root == "diffusers" and re.search(r"Scheduler$", call.name.replace("from_pretrained", call.dotted.split(".")[-2])):
            yield Evidence("Diffusion", call.place, "a library's noise scheduler")
            return
        if call.name in ("GaussianDiffusion", "ElucidatedDiffusion") and call.target is None:
            yield Evidence("Diffusion", call.place, f"built of {call.name}")
            return
    found = _schedules(view)
    if found is not None and not acts(view):
        yield Evidence("Diffusion", found[0].place(found[1]), "noise is mixed in by a schedule")


def latent_diffusion(view: View) -> Iterator[Evidence]:
    """Latent Diffusion: what is diffused was encoded by an autoencoder. ControlNet: a library's control network beside it."""
    if not any(True for _ in diffusion(view)):
        return
    coder = next((layer for layer in view.layers if layer.kind == "factory" and "AutoencoderKL" in layer.call.dotted), None)
    encoded = next((call for call in view.program.calls if call.name == "encode" and "Autoencoder" in call.dotted), None)
    if coder is not None or encoded is not None:
        yield Evidence("Latent Diffusion", (coder.call if coder else encoded).place, "what is diffused was encoded by an autoencoder")  # type: ignore[union-attr]
        return
    for instance in view.network_instances:
        if {"encoder", "decoder"} <= {name.casefold() for name in instance.attributes}:
            made = _where(view, lambda body: body.calls_any(("encode", "encoder")) if body.cls is None else None)
            if made is not None:
                yield Evidence("Latent Diffusion", made[0].place(made[1]), "what is diffused was encoded by an autoencoder")
                yield Evidence("Autoencoder", instance.call.place, "an encoder and a decoder, trained before")
                return


def transformer_diffusion(view: View) -> Iterator[Evidence]:
    """DiT: the network that predicts the noise is a transformer over patches."""
    from core.analysis.rules.backbones import vision_transformer

    if any(True for _ in diffusion(view)):
        for found in vision_transformer(view):
            yield Evidence("DiT", found.place, "a transformer over patches predicts the noise")
            return


def scores(view: View) -> Iterator[Evidence]:
    """Score-Based: score * deviation + noise, squared, is the loss (denoising score matching)."""

    def matches(body: Body) -> ast.AST | None:
        for node in body.nodes:
            if is_square(node):
                inner = node.left if isinstance(node, ast.BinOp) else node.args[0] if isinstance(node, ast.Call) and node.args else getattr(getattr(node, "func", None), "value", None)
                if isinstance(inner, ast.BinOp) and isinstance(inner.op, (ast.Add, ast.Sub)):
                    words = {word.casefold() for word in body.words(inner, 1)}
                    if any("score" in word for word in words) and (words & {name.casefold() for name in RANDOM} or any("noise" in word or word == "z" or "target" in word for word in words)):
                        return node
        return None

    if not acts(view):
        yield from shown(view, "Score-Based", "a score is matched to noise", matches)


LOG_DETERMINANT = re.compile(r"log_?(abs_?)?(s_?)?det|^ldj|logdet|log_jac|log_df_dz|slogdet|sum_log_abs_det", re.IGNORECASE)


def flows(view: View) -> Iterator[Evidence]:
    """Flow: invertible parts whose log-determinants are added to a likelihood."""
    for call in view.program.calls:
        if call.dotted.split(".")[0] in ("nflows", "normflows", "distrax", "FrEIA", "zuko") and call.target is None:
            yield Evidence("Flow", call.place, f"built of {call.name}")
            return
    counted = 0
    for body in view.bodies:
        names = [name for name in body.assigned if LOG_DETERMINANT.search(name)]
        if body.cls is not None and (names or any(LOG_DETERMINANT.search(name) for name in body.calls)):
            counted += 2 if names and _is_inverted(view) else 1
            if counted >= 2 and not acts(view):
                node = body.assigned[names[0]][0] if names else next(iter(body.calls.values()))[0]
                yield Evidence("Flow", body.place(node), "log-determinants of invertible parts are added up")
                return


def _is_inverted(view: View) -> bool:
    """Whether the parts are also gone through backwards."""
    return any(re.match(r"_?(inverse|reverse|invert)", name) for body in view.bodies if body.cls is not None for name in (body.name, *body.calls))


def energies(view: View) -> Iterator[Evidence]:
    """Energy-Based: samples are moved down the gradient of an energy, with noise."""

    def langevin(body: Body) -> ast.AST | None:
        call = body.calls_any(("grad", "gradient"))
        names = {name.casefold() for name in (*body.assigned, *body.calls, body.name)}
        noise = body.calls_any(RANDOM)
        looped = any(isinstance(node, (ast.For, ast.While)) for node in body.nodes)
        moved = any("energy" in name or "langevin" in name for name in names)
        return call if call is not None and noise is not None and looped and moved else None

    if _play(view) is None and _schedules(view) is None:
        yield from shown(view, "Energy-Based", "samples are moved down the gradient of an energy", langevin)


def boltzmann(view: View) -> Iterator[Evidence]:
    """RBM: hidden units are drawn from visible ones and back through the same weights, turned round."""

    def draws(body: Body) -> ast.AST | None:
        call = body.calls_any(("bernoulli", "binomial"))
        if call is None or body.cls is None or body.calls_any(("sigmoid",)) is None:
            return None
        methods = {name for other in view.bodies if other.cls is body.cls for name in (other.name, *other.calls)}
        both = any(re.search(r"v_?(to|given)_?h|sample_h|forward_pass|prop_?up", name) for name in methods) and any(re.search(r"h_?(to|given)_?v|sample_v|backward_pass|prop_?down", name) for name in methods)
        return call if both else None

    yield from shown(view, "RBM", "hidden units are drawn from visible ones and back", draws)


def one_by_one(view: View) -> Iterator[Evidence]:
    """Autoregressive: convolutions whose kernels are masked, or dilated ones behind a gate (PixelCNN, WaveNet)."""

    def masked(body: Body) -> ast.AST | None:
        convolution = body.cls is not None and any("Conv" in base for base in body.cls.external_bases())
        if convolution:
            for node in body.nodes:
                if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Mult) and "mask" in ast.unparse(node) and re.search(r"weight|kernel", ast.unparse(node)):
                    return node
        return None

    yield from shown(view, "Autoregressive", "masked convolutions", masked)

    def gated(body: Body) -> ast.AST | None:
        dilated = any(_dilated(layer.call.keywords.get("dilation") or layer.call.keywords.get("dilation_rate")) for layer in view.layers if layer.kind == "conv")
        if dilated and body.calls_any(("tanh",)) is not None and body.calls_any(("sigmoid",)) is not None:
            for node, left, right in products(body):
                sides = body.words(left, 1), body.words(right, 1)
                if "tanh" in sides[0] and "sigmoid" in sides[1] or "tanh" in sides[1] and "sigmoid" in sides[0]:
                    return node
        return None

    if not view.kinds["lstm"]:
        yield from shown(view, "Autoregressive", "dilated convolutions behind a gate", gated)


def _dilated(value: object) -> bool:
    return value is not None and getattr(value, "value", 1) not in (1, None)


# -- pictures changed


def super_resolution(view: View) -> Iterator[Evidence]:
    """Super-Resolution: convolutions that rearrange channels into a larger picture, or whose upscaling is a setting."""
    if not view.kinds["conv"] or _schedules(view) is not None or any(True for _ in diffusion(view)):
        return
    shuffle = next((layer for layer in view.layers if layer.kind == "pixelshuffle"), None)
    if shuffle is not None:
        yield Evidence("Super-Resolution", shuffle.call.place, "channels are rearranged into a larger picture")
        return
    option = view.program.option("upscale_factor", "upscaling_factor", "scale_factor", "upscale")
    if option is not None and option.kind in ("argparse", "click", "constant", "config"):
        yield Evidence("Super-Resolution", option.value.place, f"{option.name} is a setting of a convolutional network")


def style_transfer(view: View) -> Iterator[Evidence]:
    """Style Transfer: the correlations of a pretrained network's features (a product with their own transpose) are compared."""

    def gram(body: Body) -> ast.AST | None:
        for name in ("mm", "bmm", "matmul", "dot", "einsum", "baddbmm"):
            for call in body.calls.get(name, ()):
                if _with_own_transpose(body, call):
                    return call
        for node in body.nodes:
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult) and _transposed(body, node.right, node.left):
                return node
        return None

    pretrained = view.kinds["factory"] or view.kinds["conv"] >= 8 and view.first_call("loadmat", "load_weights", "load_npz") is not None
    if pretrained:
        yield from shown(view, "Style Transfer", "correlations of features are compared", gram)


def _with_own_transpose(body: Body, call: ast.Call) -> bool:
    operands = [*([call.func.value] if isinstance(call.func, ast.Attribute) and len(call.args) == 1 else []), *call.args]
    if last_name(call.func) == "einsum" and len(call.args) == 3:
        return ast.dump(call.args[1]) == ast.dump(call.args[2])
    if len(operands) < 2:
        return False
    return _transposed(body, operands[-1], operands[-2]) or any(k.arg in ("transpose_b", "transpose_a") for k in call.keywords) and ast.dump(operands[0]) == ast.dump(operands[1])


def _transposed(body: Body, node: ast.AST, of: ast.AST) -> bool:
    """Whether `node` is `of` transposed, directly or through a name."""
    if isinstance(node, ast.Name):
        return any(_transposed(body, value, of) for value in body.assigned.get(node.id, ()) if not isinstance(value, ast.Name))
    if isinstance(node, ast.Call) and last_name(node.func) in ("t", "transpose", "permute"):
        target = node.func.value if isinstance(node.func, ast.Attribute) and not (isinstance(node.func.value, ast.Name) and node.func.value.id in ("torch", "tf", "K", "np", "jnp")) else node.args[0] if node.args else None
        return target is not None and ast.dump(target) == ast.dump(of)
    return isinstance(node, ast.Attribute) and node.attr in ("T", "mT") and ast.dump(node.value) == ast.dump(of)


def acts(view: View) -> bool:
    """Whether an agent acts in an environment: something is reset and stepped, or an environment is made."""
    cached = getattr(view, "_acts", None)
    if cached is None:
        from core.analysis.rules.environment import environments

        stepped = any(call.name == "step" and call.node.args and "opt" not in ast.unparse(call.node.func).casefold() and "sched" not in ast.unparse(call.node.func).casefold() for call in view.program.calls)
        reset = any(call.name == "reset" for call in view.program.calls)
        cached = bool(next(iter(environments(view.program)), None)) or stepped and reset
        view._acts = cached  # type: ignore[attr-defined]
    return bool(cached)


FAMILIES: tuple[Family, ...] = (
    latent_sampling, conditional_vae, beta_vae, quantised, reconstruction, adversaries, convolutional_gan, conditional_gan, wasserstein,
    cycles, adversarial_autoencoder, style_based, diffusion, latent_diffusion, transformer_diffusion, scores, flows, energies, boltzmann,
    one_by_one, super_resolution, style_transfer,
)  # fmt: skip
