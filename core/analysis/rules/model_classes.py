"""Classes of the user's code that the default run builds as networks."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from core.analysis.facts import Fact
from core.analysis.nodes import below, is_of_self
from core.analysis.program import Call, Class, Function, Instance, Made, Program, items_in
from core.analysis.rules.bodies import FORWARDS, last_name
from core.analysis.rules.details import EMA
from core.analysis.rules.families.arithmetic import ascends_in, descends_in
from core.analysis.rules.families.matrices import weightings
from core.analysis.rules.holding import held
from core.analysis.rules.kinds import PARAMETRIC, plain
from core.analysis.rules.loss import losses
from core.analysis.rules.networks import Layer, Network
from core.analysis.rules.optimizers import canonical
from core.analysis.rules.own_losses import is_named_loss
from core.analysis.rules.trained import only_loaded
from core.analysis.rules.values import words_of
from core.analysis.rules.view import View, view


def model_classes(program: Program) -> Iterator[Fact]:
    """Accepts objects of classes that derive from a framework's module class, or whose methods build layers.

    Where there are none, and weights are changed by hand, of classes that multiply with weights.

    Networks that hold layers come before those that hold none (losses, transforms), those that are trained before those
    that are only loaded; roots before their parts.
    """
    seen = view(program)
    networks = _networks(program, seen)
    beside = any(n.instance is None or not _measures(n.instance, seen) for n in seen.networks)

    def judges(each: Instance) -> bool:
        return beside and _measures(each, seen)

    told: set[tuple[str, str]] = set()
    minimised = {fact.value for fact in program.ask(losses)}
    minimised |= {part.cls.name for part in seen.network_instances if is_named_loss(part.cls)}
    for network in networks:
        if (network.instance is not None and judges(network.instance)) or (
            not _has_layers(network) and (told or _is_aid(network)) and not _is_step(network)
        ):
            continue
        parts = sorted(network.parts, key=lambda part: part is not network.instance)  # it may be built of what it holds
        layered = {each.cls.name for each in parts if seen.root_of(each) is not each and _trains_layers(seen, each)}
        shown = (each for each in parts if not judges(each) and not _of_a_loss(each, minimised, seen))
        shown = (each for each in shown if not (_steps(each) or _averages(each, seen) or _only_trains(each, seen)))
        for cls in (part for each in shown for part in _built(each, seen)):
            key = (cls.module.path, cls.name)
            if key not in told and (cls.name not in minimised or cls.name in layered):
                told.add(key)
                yield _fact(cls)
    if not networks:
        yield from map(_fact, _weighing_by_hand(program, seen))


def _networks(program: Program, seen: View) -> list[Network]:
    """The networks that no pipeline of data holds, in the order in which they are told."""
    composed = [value for call in program.named("Compose") for value in call.positional]
    preparing = {id(one) for value in composed for one in held(value, 2)}  # a blur that is a convolution
    return sorted(
        (n for n in seen.networks if n.instance is not None and id(n.instance) not in preparing),
        key=lambda n: (not _has_layers(n), id(n.instance) in only_loaded(seen), _is_aid(n)),
    )


def _weighing_by_hand(program: Program, seen: View) -> list[Class]:
    """The classes that multiply with weights, where weights are changed by hand."""
    if not any(body.once(descends_in) or body.once(ascends_in) for body in seen.bodies):
        return []
    writing = {body.cls for body in seen.bodies if body.cls is not None and any(True for _ in weightings(body))}
    built = dict.fromkeys(each.cls for each in program.instances)
    return [cls for cls in built if not writing.isdisjoint(cls.lineage())]


def _fact(cls: Class) -> Fact:
    return Fact("model_classes", cls.name, cls.module.source.place(cls.node.lineno), "class that the run builds")


def _measures(instance: Instance, seen: View) -> bool:
    """Whether an object is a measure of quality, or an evaluator that holds nothing trained, or a part of one."""
    made = instance.call.within.name if instance.call.within is not None else ""
    name = words_of(instance.cls.name)
    if ("inception" in name and _JUDGING.search(made)) or _MEASURES.search(name):
        return True
    if "evaluator" in name and not any(_is_in(each, instance) for each in seen.optimised):
        return True
    return instance.within is not None and _measures(instance.within, seen)


def _is_in(part: Instance | None, whole: Instance) -> bool:
    """Whether an object is another, or is held by it."""
    return part is not None and (part is whole or _is_in(part.within, whole))


def _averages(instance: Instance, seen: View) -> bool:
    """Whether an object only keeps a moving average of the weights of a network that it is given."""
    return bool(EMA.fullmatch(instance.cls.name)) and id(instance) not in seen.layers_by_owner


def _only_trains(instance: Instance, seen: View) -> bool:
    """Whether an object without layers and a forward of its own holds an optimizer: it trains what it is given."""
    computes = id(instance) in seen.layers_by_owner or any(_forwards(part) for part in instance.cls.lineage())
    kept = (value.value for value in instance.attributes.values())
    return not computes and any(isinstance(each, Made) and canonical(each.call.name) is not None for each in kept)


def _steps(instance: Instance) -> bool:
    """Whether an object is called by an optimizer's name, and holds one, as modules of TensorFlow may."""
    kept = (value.value for value in instance.attributes.values())
    holds = any(isinstance(inner, Made) and "optim" in inner.dotted.casefold() for inner in kept)
    return holds and canonical(instance.cls.name) is not None


def _of_a_loss(instance: Instance, minimised: Collection[object], seen: View) -> bool:
    """Whether an object without layers is a part of one that is minimised."""
    holder = instance.within
    return holder is not None and holder.cls.name in minimised and not _trains_layers(seen, instance)


_JUDGING = re.compile(r"inception_?(model|net|v3|moments|metrics|score)|(^|_)fid(_|$)|metric|score|statistics|evaluat")
"""What functions are called that make Inception to judge pictures by."""
_MEASURES = re.compile(r"(^|_)((psnr|ssim|fid|niqe|metric)(_?score)?|lpips_?score)$")


def _built(part: Instance, seen: View) -> Iterator[Class]:
    """The class of an object, and those of the user's that it derives from and that build layers or parts of it, or
    compute something."""
    made = [layer.call for layer in seen.layers_by_owner.get(id(part), ())]
    made += [inner.call for inner in seen.built_within.get(id(part), ())]
    building = {call.within.home for call in made if call.within is not None and not _is_given(call)}
    run = set(_run(part.cls))
    yield from (
        cls for cls in part.cls.lineage() if cls is part.cls or cls in building or (cls in run and _computes(cls))
    )


def _is_given(call: Call) -> bool:
    """`def get(self, name, make): self.parts[name] = make()`: what a method builds that it is given."""
    func = getattr(call.node, "func", None)
    within = call.within.node if call.within is not None else None
    taken = below(within, ast.arg) if within is not None and isinstance(func, ast.Name) else ()
    return any(each.arg == getattr(func, "id", "") for each in taken)


def _run(cls: Class) -> Iterator[Class]:
    """Of a class and its bases those whose forward is run: the nearest that has one, and what that asks of its base."""
    for part in cls.lineage():
        forwards = _forwards(part)
        if forwards:
            yield part
        if forwards and not any(last_name(call.func) == "super" for each in forwards for call in below(each, ast.Call)):
            return


def _forwards(cls: Class) -> list[ast.AST]:
    found = [cls.attributes[name].value for name in FORWARDS if name in cls.attributes]
    return [each.node for each in found if isinstance(each, Function)]


def _computes(cls: Class) -> bool:
    """Whether the forward of a class returns more than `self.net(x)`, what an heir's network makes of it."""
    lines = (line for node in _forwards(cls) for line in below(node, ast.Return))
    return any(line.value is not None and not _hands_on(line.value) for line in lines)


def _hands_on(node: ast.expr) -> bool:
    """`self.net(x)`"""
    own = isinstance(node, ast.Call) and is_of_self(node.func)
    return own and all(isinstance(given, ast.Name) for given in getattr(node, "args", ()))


def _has_layers(network: Network) -> bool:
    """Whether it has weights: layers, or parameters of its own."""
    return (
        any(
            (layer.kind in PARAMETRIC or "norm" in layer.kind) and not _is_given_weights(layer)
            for layer in network.layers
        )
        or any(
            isinstance(inner, Made) and inner.call.name in _WEIGHTS and not inner.dotted.startswith("torch.autograd.")
            for part in network.parts
            for value in part.attributes.values()
            for inner in (value.value, *(each.value for each in items_in(value)))
        )
        or _keeps_models(network)
        or any(_asks_weight(node) for part in network.parts for node in _forwards(part.cls))
    )


_WEIGHTS = (
    "Parameter", "Variable", "param", "add_weight", "get_variable", "Param", "ParameterList", "ParameterDict"
)  # fmt: skip


def _asks_weight(node: ast.AST) -> bool:
    """Whether a forward of Flax asks for a weight of its own: `self.param("log_temperature", ...)`."""
    asked = (call.func for call in below(node, ast.Call) if last_name(call.func) == "param")
    return any(map(is_of_self, asked))


def _is_given_weights(layer: Layer) -> bool:
    """`F.conv1d(sound, self.basis)`: what computes with weights that are elsewhere, if they are any."""
    return layer.call.dotted.startswith("torch.nn.functional.")


def _trains_layers(seen: View, part: Instance) -> bool:
    """Whether a part has layers, or parts with layers, of its own, beside those of ready-made networks."""
    own = [part, *seen.built_within.get(id(part), ())]
    layers = (layer for each in own for layer in seen.layers_by_owner.get(id(each), ()))
    return any(layer.kind in PARAMETRIC - {"factory"} for layer in layers)


def _is_step(network: Network) -> bool:
    """Whether it is a layer of Keras without weights (drawing, padding, cutting): a step of the model's graph."""
    bases = network.instance.cls.external_bases() if network.instance is not None else ()
    return any(re.search(r"\bkeras\..*\bLayer$", plain(base)) for base in bases) and not _is_aid(network)


def _keeps_models(network: Network) -> bool:
    """Whether it is given models of Keras that functions built: `VAE(encoder, decoder)`."""
    return any(
        isinstance(inner, Made) and inner.call.name in ("Model", "Sequential") and "keras" in inner.call.dotted
        for part in network.parts
        for value in part.attributes.values()
        for inner in held(value, 1)
    )


AIDS = ("loss", "criterion", "augmentation", "transform", "preprocess", "preprocessing")
"""How the names of classes end that only judge, or prepare pictures."""


def _is_aid(network: Network) -> bool:
    """Whether it only judges: a loss, or a pretrained network that others are compared with. Those come last."""
    cls = network.instance.cls if network.instance else None
    return cls is not None and cls.name.casefold().endswith(AIDS)
