"""Families that are shown by the layers alone: ready-made models, convolutional and linear networks, estimators."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from core.analysis.nodes import below, unparse, walk
from core.analysis.program import Call, Function, Made, each_in
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.families.asking import (
    GRAPH,
    SEQUENCE,
    Evidence,
    argument,
    first_layer,
    has_call,
    is_patching,
    kernel_of,
    softmax_written,
)
from core.analysis.rules.families.attending import written_attention
from core.analysis.rules.families.detectors import on_a_grid
from core.analysis.rules.families.matrices import crossed, is_squashed, products_of_weights, weightings
from core.analysis.rules.families.recurrences import writes_recurrence, written_recurrence
from core.analysis.rules.families.transformers import attends, convolution_share, is_pointwise, transformer
from core.analysis.rules.judging import is_tool
from core.analysis.rules.loss import losses
from core.analysis.rules.loss_names import losses_called
from core.analysis.rules.networks import Layer, Network
from core.analysis.rules.view import View
from core.vocabulary import keys_of


def ready_made(view: View) -> Iterator[Evidence]:
    """A model of a known library, by the name that the library gives it; not an autoencoder that encodes pictures for
    a network of the user's."""
    coding = any(network.instance is not None for network in view.networks)
    for layer in view.layers:
        if layer.kind == "factory" and not (coding and layer.family == "VAE" and "diffusers." in layer.call.dotted):
            yield Evidence(layer.family, layer.call.place, f"made by {layer.call.dotted}")
            if layer.family == "Seq2Seq" and layer.call.dotted.startswith("transformers."):
                yield Evidence("Transformer", layer.call.place, f"both halves of {layer.call.dotted}")


def heirs(view: View) -> Iterator[Evidence]:
    """A class of the user's that derives from a library's model with a name of its own, or that the library's
    configuration of such a one describes: `config_class = BertConfig`."""
    from core.analysis.rules.factories import HEADS, homes, named_family

    for instance in view.network_instances:
        described = instance.cls.find("config_class")
        told = [("derives from", base) for base in instance.cls.external_bases()]
        told += [("described by", described.dotted)] if described is not None and described.dotted else []
        for how, dotted in told:
            name = HEADS.sub("", dotted.rpartition(".")[2].removesuffix("Config"))
            family = named_family(name) if dotted.startswith(homes()) else None
            if family:
                head = next(iter(instance.cls.node.bases), instance.cls.node)
                yield Evidence(family, instance.cls.module.place(head), f"{how} {dotted}")


def convolutional(view: View) -> Iterator[Evidence]:
    """Convolutions that are a network's body: not the one that cuts patches, nor one inside a speech or text
    transformer."""
    for network in view.networks:
        kinds = network.kinds
        laid = [layer for layer in network.layers if layer.kind in ("conv", "convt")]
        laid = [layer for layer in laid if not _is_feed_forward(layer, network, view)]
        convs = [layer for layer in laid if not is_patching(layer.call)]
        if not convs and _follow_each_other(laid) and not attends(network, view):
            convs = laid
        if convs and not (kinds["linear"] > len(convs) and _only_serves(convs, network, view)):
            yield Evidence("CNN", convs[0].call.place, f"built of {convs[0].call.name}")
            return


def _only_serves(convs: list[Layer], network: Network, view: View) -> bool:
    """Whether convolutions only embed for attention, mix neighbours before it or enlarge what comes of it: two at most,
    or few of many layers and all over a sequence."""
    if network.kinds["transformer"] + network.kinds["attention"] >= 2 and len(convs) <= 2:
        return True
    if not any(True for _ in transformer(view)) or not attends(network, view):
        return False
    wide = [layer for layer in convs if kernel_of(layer.call) != 1]
    along = all("1d" in layer.call.name.casefold() for layer in wide)
    return len(wide) <= 2 or (along and convolution_share(network) < 0.15)


def _is_feed_forward(layer: Layer, network: Network, view: View) -> bool:
    """What stands beside attention, spelt as convolutions over single places."""
    return is_pointwise(layer) and (any(True for _ in transformer(view)) or attends(network, view))


def dense(view: View) -> Iterator[Evidence]:
    """MLP: a network whose body is linear layers, two or more. Linear: one alone; Logistic Regression: one that
    classifies."""
    others = written_recurrence(view) is not None or bool([*on_a_grid(view)])
    laid = [n for n in view.networks if n.has("conv", "convt", *SEQUENCE, *GRAPH, "factory")]
    classes = {network.instance.cls for network in laid if network.instance is not None}
    for network in view.networks:
        if network in laid or (network.instance is not None and network.instance.cls in classes):
            others = True
            continue
        head = network.instance is None or _is_put_in(network, view)
        if head and (view.kinds["factory"] or (network.instance is None and _heads_another(network, view))):
            others = True  # the new head of a ready-made model, or of what another function builds
            continue
        if writes_recurrence(view, network) or _is_shown_apart(network, view):
            continue
        linear = _run_once(view, network, "linear") + _run_once(view, network, "mlp")
        if len({id(layer.call.node) for layer in linear}) == 1 and _ends_a_model(linear[0].call, view):
            continue
        if len(linear) >= 2 or (linear and (_repeated(linear[0].call) or linear[0].kind == "mlp")):
            yield Evidence("MLP", linear[0].call.place, f"built of {linear[0].call.name}")
            return
    if not others:
        yield from products_of_weights(view)


def _follow_each_other(laid: list[Layer]) -> bool:
    """Whether there are several convolutions, or several transposed ones, though their strides are as wide as their
    kernels; one of each only cuts a picture into patches and puts them together."""
    return max(Counter(layer.kind for layer in laid).values(), default=0) > 1


def _run_once(view: View, network: Network, kind: str) -> list[Layer]:
    """The layers of a kind, each once though what `hk.transform` made of their function is asked for weights, then run:
    `network.init(key, x)`, `network.apply(weights, x)`."""
    found: dict[object, Layer] = {}
    for layer in (each for each in network.layers if each.kind == kind):
        asking = view.callers.get(id(layer.call.within.node), ()) if layer.call.within is not None else ()
        names = {last_name(call.node.func) for call in asking if isinstance(call.node, ast.Call)}
        found.setdefault(layer.call.node if names and names <= {"init", "apply"} else id(layer), layer)
    return list(found.values())


def _is_shown_apart(network: Network, view: View) -> bool:
    """Whether loose layers are a part of a network of another kind too, and are only built once more to be looked
    at."""
    others = (n for n in view.networks if n.instance and n.has("conv", "convt", *SEQUENCE))
    parts = {id(layer.call.node) for other in others for layer in other.layers} if network.instance is None else set()
    return bool(parts) and all(id(layer.call.node) in parts for layer in network.layers)


def _is_put_in(network: Network, view: View) -> bool:
    """Whether a network is put in the place of another's part, `model.classifier = Heads()`; an object that is no
    network is only given one: `trainer.model = Net()`."""
    lines = below(network.call.home, ast.Assign)
    others = {id(each.call.node) for each in view.program.instances if each not in view.network_instances}
    kept = {"self", *(last_name(line.targets[0]) for line in lines if id(line.value) in others)}
    places = (line.targets[0] for line in lines if line.value is network.call.node)
    return any(isinstance(place, ast.Attribute) and last_name(place.value) not in kept for place in places)


def _heads_another(network: Network, view: View) -> bool:
    """Whether these layers are put on top of another network, of convolutions or the like: their function calls one
    that builds those, what it has stacked of those, or what it is handed (`features(inputs)`); or they stand in a list
    behind what that made."""
    home = network.call.within
    bodies = {
        id(layer.call.within.node)
        for layer in view.layers
        if layer.kind in ("conv", "convt", *SEQUENCE, *GRAPH) and layer.call.within is not None
    }
    own = {id(layer.call) for layer in network.layers}
    for stack in view.program.named("Sequential") if bodies else ():
        made = [
            item.value.call for given in stack.positional for item in each_in(given) if isinstance(item.value, Made)
        ]
        elsewhere = (call.within is not None and id(call.within.node) in bodies for call in made)
        if any(id(call) in own for call in made) and any(elsewhere):
            return True
    if home is None or not bodies:
        return False
    handed = {argument.arg for argument in home.node.args.args}
    for call in view.program.calls:
        if call.within is None or call.within.node is not home.node or not isinstance(call.node, ast.Call):
            continue
        asked = call.receiver.value if call.name == "__call__" and call.receiver is not None else None
        if id(home.node) in bodies and isinstance(asked, Made) and asked.call.name == "Sequential":
            return True
        told = isinstance(call.node.func, ast.Name) and call.node.func.id in handed
        if told or (isinstance(call.target, Function) and id(call.target.node) in bodies):
            return True
    return _stands_behind(home, bodies, view)


def _ends_a_model(call: Call, view: View) -> bool:
    """Whether what lays a layer calls a whole model of Keras made elsewhere: `Dense(10)(self.body(inputs))`."""
    asked = (each for each in view.program.named("__call__") if call.within is not None and each.within is call.within)
    made = (each.receiver.value for each in asked if each.receiver is not None)
    models = (each.call for each in made if isinstance(each, Made) and each.call.name in ("Model", "Sequential"))
    return any(model.within is not call.within for model in models)


def _stands_behind(home: Function, bodies: set[int], view: View) -> bool:
    """Whether a function lays one layer, and whatever calls it lays convolutions by other such functions too."""
    asking, laying = (
        {id(call.within.node) for each in asked for call in view.callers.get(each, ()) if call.within is not None}
        for asked in ({id(home.node)}, bodies)
    )
    return bool(asking) and asking <= laying


def _repeated(call: Call) -> bool:
    """Whether a layer is built in a loop of its builder, whose turns are unknown: `[Linear(w[i], w[i + 1]) for i in
    range(len(w) - 1)]`."""
    home = call.within.node if call.within is not None else None
    if home is None:
        return False
    if call.loop is not None and any(node is call.loop.node for node in walk(home)):
        return True
    lists: list[ast.ListComp | ast.GeneratorExp] = below(home, ast.ListComp, ast.GeneratorExp)
    return any(node is call.node for each in lists for node in walk(each.elt))


def linear(view: View) -> Iterator[Evidence]:
    """A single linear layer and nothing else that learns; with cross-entropy over its several outputs: Logistic
    Regression."""
    if view.has("conv", "convt", *SEQUENCE, *GRAPH, "factory") and not _stands_alone(view):
        return
    if written_attention(view) is not None:
        return
    nets = [network for network in view.networks if any(layer.kind == "linear" for layer in network.layers)]
    for network in nets:
        lone = _run_once(view, network, "linear")
        alone = len(lone) == 1 and not network.has("conv", "mlp", *SEQUENCE, *GRAPH, "factory")
        if alone and network is nets[0]:
            yield from _logistic(view, lone[0].call)
            yield Evidence("Linear", lone[0].call.place, f"one {lone[0].call.name}")
            return


def _stands_alone(view: View) -> bool:
    return not view.networks or (view.networks[0].kinds["linear"] == 1 and len(view.networks[0].layers) == 1)


def _logistic(view: View, call: Call) -> Iterator[Evidence]:
    outputs = argument(call, "out_features" if "torch" in call.dotted else "units", 1 if "torch" in call.dotted else 0)
    if view.kinds["embedding"]:
        return
    judged = crossed(view)
    binary = bool({"binary_cross_entropy", "log_loss"} & judged) or (
        not judged and not view.program.ask(losses) and is_squashed(view)
    )
    if binary or (judged and (not isinstance(outputs, int) or outputs > 1)):
        yield Evidence("Logistic Regression", call.place, "one linear layer under cross-entropy")


def embedding(view: View) -> Iterator[Evidence]:
    """Embeddings and nothing else that learns."""
    kinds = view.kinds
    others = view.has("linear", "conv", "convt", *SEQUENCE, *GRAPH, "factory")
    if kinds["embedding"] and not others and written_recurrence(view) is None:
        layer = first_layer(view, "embedding")
        if layer is not None:
            yield Evidence("Embedding", layer.call.place, "embeddings alone")


def word_vectors(view: View) -> Iterator[Evidence]:
    """Word2Vec: embeddings of a word and of its context, their product scored against noise or over all words (or
    gensim's own)."""
    beside = view.has("linear", "conv", *SEQUENCE)  # its vectors are what those are fed
    own = (call for call in view.program.named("Word2Vec") if _GENSIM.search(call.dotted) and not beside)
    noise = view.first_call("nce_loss", "sampled_softmax_loss", "skipgrams")
    if (call := next(own, None)) is not None:
        yield Evidence("Word2Vec", call.place, "gensim's Word2Vec")
    elif noise is not None and view.kinds["embedding"] and not view.kinds["lstm"] and written_recurrence(view) is None:
        yield Evidence("Word2Vec", noise.place, "embeddings scored against noise")
    elif view.has("conv", *SEQUENCE, *GRAPH):
        return
    elif view.kinds["embedding"]:
        yield from _neighbours(view)
    else:
        yield from _skip_grams(view)


_GENSIM = re.compile(r"gensim\.models\.(word2vec\.)?Word2Vec$")


def _neighbours(view: View) -> Iterator[Evidence]:
    """Embeddings of a word and of what is around it, scored by the logarithm of a sigmoid or a softmax (or products of
    them by binary cross-entropy, or by how often both occur together), or by one linear layer over as many words as are
    embedded; by more of them where the embeddings are added up."""
    layer = first_layer(view, "embedding")
    names = {name.casefold() for body in view.bodies for name in (body.name, *body.assigned, *body.once(_turned))}
    names |= {body.cls.name.casefold() for body in view.bodies if body.cls is not None}
    if layer is None or not any(map(_AROUND.search, names)) or any(map(_RATED.search, names)):
        return
    judged = "binary_cross_entropy" in losses_called(view.program) and view.first_call(*_MULTIPLYING) is not None
    scored = judged or any(body.once(_scores_by_sigmoid) or body.once(softmax_written) for body in view.bodies)
    scored = scored or any(_COUNTED.search(name) for body in view.bodies for name in body.parameters)
    if scored and view.kinds["embedding"] >= 2 and not (view.kinds["linear"] or view.kinds["mlp"]):
        yield Evidence("Word2Vec", layer.call.place, "embeddings of words and contexts, scored together")
    lines = [each for each in view.layers if each.kind in ("linear", "mlp")]
    if not lines or view.kinds["embedding"] != 1:
        return
    if len(lines) == 1 or any(body.once(_sums_embedded) for body in view.bodies):
        words, out = layer.call.argument("num_embeddings", 0), lines[-1].call.argument("out_features", 1)
        if words is not None and out is not None and (words.name or words.number) == (out.name or out.number):
            yield Evidence("Word2Vec", layer.call.place, "embeddings of words that tell the words around them")


def _sums_embedded(body: Body) -> bool:
    """`sum(self.embeddings(around))`, `embedded.mean(dim=1)`: in a bag, whose order says nothing."""
    return any("embed" in unparse(call).casefold() for name in ("sum", "mean") for call in body.calls.get(name, ()))


def _turned(body: Body) -> frozenset[str]:
    """The names of what its loops go over: `for centre, around, noise in pairs`."""
    return frozenset(name.id for loop in body.of(ast.For) for name in below(loop.target, ast.Name))


_MULTIPLYING = ("bmm", "einsum", "reduce_sum", "mul", "multiply")


def _scores_by_sigmoid(body: Body) -> bool:
    """`logsigmoid(x)`, `x.sigmoid().log()`, `log(sigmoid(x))`"""
    named = any("logsigmoid" in name.casefold().replace("_", "") for name in body.calls)
    return named or any(has_call(call, ("sigmoid",)) for call in body.calls.get("log", ()))


_AROUND = re.compile(r"context|center|neg|skip_?(gram|window)|cbow")
"""Names of the words around a word, and of those drawn as noise."""
_COUNTED = re.compile(r"co_?oc(c?ur|s?$)", re.IGNORECASE)
"""How often two words stand near each other (Pennington and others 2014, GloVe)."""
_RATED = re.compile(r"(^|_)users?(_|$)|(^|_)items?_|_items?$|^items$")
"""Names of what recommends; an `item` of a loop is anything."""


def _skip_grams(view: View) -> Iterator[Evidence]:
    """Pairs of a word and its neighbour, and two products with matrices: into few dimensions and out again."""
    if not any(body.once(_pairs_words) for body in view.bodies):
        return
    layers = [layer for layer in view.layers if layer.kind == "linear"]
    found = [body.place(node) for body in view.bodies for node, _ in weightings(body)]
    places = [layer.call.place for layer in layers] if layers else found
    if len(places) == 2:
        yield Evidence("Word2Vec", places[0], "two matrices between a word and its neighbours")


def _pairs_words(body: Body) -> bool:
    return any(map(_SKIP_GRAMS.search, body.assigned))


_SKIP_GRAMS = re.compile(r"skip_?grams?", re.IGNORECASE)


_GROUPING = frozenset({"KMeans", "MiniBatchKMeans", "GaussianMixture"})
_STARTING = re.compile(r"(^|_)init(iali[sz]e)?(_(?!_)|$)")
"""What functions are called in which groups only say where something else starts; a constructor's are a part of it."""


def _is_classical(dotted: str) -> bool:
    home = dotted.split(".")[0] in ("sklearn", "xgboost", "lightgbm", "catboost", "pyspark")
    return home or ".estimator" in dotted or ".contrib" in dotted


def classical(view: View) -> Iterator[Evidence]:
    """Estimators of scikit-learn, Spark, XGBoost, LightGBM and CatBoost, by their class; not the tools of a run that an
    optimizer trains."""
    estimators = keys_of("algorithms", "estimators")
    for call in view.program.whose(_is_classical):
        if view.optimizers and is_tool(call, view.program):
            continue
        if call.name in _GROUPING and call.within is not None and _STARTING.search(call.within.name):
            continue
        root = call.dotted.split(".")[0]
        stem = re.sub(r"^(Dask|Spark)|CV$", "", call.name)
        stem = re.sub(r"(RF)?(Classifier|Regressor|Ranker)$", "", stem)
        (family,) = estimators.get(call.name) or estimators.get(stem.removesuffix("Model")) or [""]
        if not family and call.name == "train" and root in ("xgboost", "lightgbm"):
            family = "Gradient Boosted Trees"
        if family:
            yield Evidence(family, call.place, f"built of {call.name}")
