"""Families that are shown by the layers alone: ready-made models, convolutional and linear networks, estimators."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.nodes import walk
from core.analysis.program import Call
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.families.asking import (
    GRAPH,
    PRODUCTS,
    SEQUENCE,
    Evidence,
    argument,
    first_layer,
    is_patching,
    parameter_names,
    shown,
)
from core.analysis.rules.families.recurrences import writes_recurrence, written_recurrence
from core.analysis.rules.families.transformers import has_attention, is_pointwise, transformer
from core.analysis.rules.kinds import PARAMETRIC
from core.analysis.rules.loss import family, loss_name
from core.analysis.rules.view import Layer, View


def ready_made(view: View) -> Iterator[Evidence]:
    """A model of a known library, by the name that the library gives it."""
    for layer in view.layers:
        if layer.kind == "factory":
            yield Evidence(layer.family, layer.call.place, f"made by {layer.call.dotted}")


def heirs(view: View) -> Iterator[Evidence]:
    """A class of the user's that derives from a library's model with a name of its own."""
    from core.analysis.rules.factories import HEADS, homes, named_family

    for instance in view.network_instances:
        for base in instance.cls.external_bases():
            name = base.rpartition(".")[2]
            family = named_family(HEADS.sub("", name)) if base.startswith(homes()) else None
            if family:
                yield Evidence(family, instance.cls.module.place(instance.cls.node.bases[0]), f"derives from {base}")


def convolutional(view: View) -> Iterator[Evidence]:
    """Convolutions that are a network's body: not the one that cuts patches, nor one inside a speech or text
    transformer."""
    for network in view.networks:
        kinds = network.kinds
        convs = [
            layer
            for layer in network.layers
            if layer.kind in ("conv", "convt")
            and not is_patching(layer.call)
            and not _is_pointwise_in_transformer(layer, view)
        ]
        if convs and not (
            kinds["transformer"] + kinds["attention"] >= 2 and len(convs) <= 2 and kinds["linear"] > len(convs)
        ):
            yield Evidence("CNN", convs[0].call.place, f"built of {convs[0].call.name}")
            return


def _is_pointwise_in_transformer(layer: Layer, view: View) -> bool:
    """A feed-forward part spelt as convolutions over single places."""
    return is_pointwise(layer) and any(True for _ in transformer(view))


def dense(view: View) -> Iterator[Evidence]:
    """MLP: a network whose body is linear layers, two or more. Linear: one alone; Logistic Regression: one that
    classifies."""
    others = written_recurrence(view) is not None
    for network in view.networks:
        kinds = network.kinds
        if any(kinds[kind] for kind in ("conv", "convt", *SEQUENCE, *GRAPH, "factory")):
            others = True
            continue
        if view.kinds["factory"] and network.instance is None:
            others = True  # the new head of a ready-made model
            continue
        if writes_recurrence(view, network):
            continue
        linear = [layer for layer in network.layers if layer.kind == "linear"]
        linear += [layer for layer in network.layers if layer.kind == "mlp"]
        if len(linear) >= 2 or (linear and (_repeated(linear[0].call) or linear[0].kind == "mlp")):
            yield Evidence("MLP", linear[0].call.place, f"built of {linear[0].call.name}")
            return
    yield from _matrix_mlp(view, others)


def _repeated(call: Call) -> bool:
    """Whether a layer is built in a loop of its builder, whose turns are unknown."""
    home = call.within.node if call.within is not None else None
    return call.loop is not None and home is not None and any(node is call.loop.node for node in walk(home))


def _matrix_mlp(view: View, others: bool) -> Iterator[Evidence]:
    """Networks without layer objects: products with weight matrices (version 1 of TensorFlow, plain arrays)."""
    if (
        others
        or view.kinds["linear"]
        or any(view.kinds[kind] for kind in (*SEQUENCE, *GRAPH, "conv", "mlp", "factory"))
    ):
        return
    if has_attention(view) or not (
        view.optimizers or view.first_call("minimize", "backward", "grad", "value_and_grad")
    ):
        return
    found = {id(node): (body, node) for body in view.bodies for node in _weightings(body)}
    if sum(_times(view, body, node) for body, node in found.values()) >= 2:
        body, node = next(iter(found.values()))
        yield Evidence("MLP", body.place(node), "products with weight matrices")
    elif len(found) == 1:
        body, node = next(iter(found.values()))
        squashed = view.first_call("softmax", "sigmoid", "log_softmax") or _crossed(view)
        family = "Logistic Regression" if squashed else "Linear"
        yield Evidence(family, body.place(node), "one product with a weight matrix")


def _times(view: View, body: Body, product: ast.AST) -> int:
    """How many weights a product stands for: where the function is handed the weight or makes it, as many as call
    it."""
    names = [node for node in walk(product) if isinstance(node, ast.Name)]
    handed = any(node.id in parameter_names(body) and WEIGHT.search(node.id) for node in names)
    if not handed and not any(_is_variable(body, node) for node in names):
        return 1
    calls = {id(call.node) for call in view.program.calls if call.target and call.target.node is body.node}
    return max(len(calls), 1)


def _weightings(body: Body) -> Iterator[ast.AST]:
    """Products of matrices one side of which is called a weight: `x @ W1`, `tf.matmul(x, weights["h1"])`."""
    for node in body.of(ast.BinOp, ast.Call):
        sides: list[ast.AST] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            sides = [node.left, node.right]
        elif isinstance(node, ast.Call) and last_name(node.func) in ("matmul", "mm", "dot", "addmm"):
            sides = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
        if any(WEIGHT.search(_key_of(side)) or _is_kept_weight(side) or _is_variable(body, side) for side in sides):
            yield node


def _key_of(node: ast.AST) -> str:
    """What a matrix is called, also under a transposition: `w` of `self.w.t()` and of `params["w"]`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("t", "transpose"):
        node = node.func.value
    if isinstance(node, ast.Attribute) and node.attr == "T":
        node = node.value
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    return last_name(node)


def _is_kept_weight(node: ast.AST) -> bool:
    """`weights["h1"]`"""
    return isinstance(node, ast.Subscript) and WEIGHT.search(last_name(node)) is not None


def _is_variable(body: Body, node: ast.AST) -> bool:
    """Whether a name stands for what `tf.Variable(...)` and its like made."""
    made = body.assigned.get(node.id, ()) if isinstance(node, ast.Name) else ()
    return any(isinstance(value, ast.Call) and last_name(value.func) in _VARIABLES for value in made)


_VARIABLES = ("Variable", "get_variable", "Parameter")


WEIGHT = re.compile(r"(^|_)[wW][a-z]{0,2}\d*$|^W|weight|kernel|theta")
"""What a matrix of weights is called."""


def linear(view: View) -> Iterator[Evidence]:
    """A single linear layer and nothing else that learns; with cross-entropy over its several outputs: Logistic
    Regression."""
    kinds = view.kinds
    if any(kinds[kind] for kind in ("conv", "convt", *SEQUENCE, *GRAPH, "factory")) and not _stands_alone(view):
        return
    nets = [network for network in view.networks if any(layer.kind == "linear" for layer in network.layers)]
    for network in nets:
        lone = [layer for layer in network.layers if layer.kind == "linear"]
        alone = len(lone) == 1 and not any(
            network.kinds[kind] for kind in ("conv", "mlp", *SEQUENCE, *GRAPH, "factory")
        )
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
    crossed = _crossed(view)
    if crossed and (not isinstance(outputs, int) or outputs > 1 or "binary_cross_entropy" in crossed):
        yield Evidence("Logistic Regression", call.place, "one linear layer under cross-entropy")


def _crossed(view: View) -> set[str]:
    """The losses of a library that are a cross-entropy of some kind."""
    names = (loss_name(call.dotted) for call in view.program.whose(loss_name))
    kinds = {family(name) for name in names if name is not None}
    return kinds & {"cross_entropy", "binary_cross_entropy", "nll_loss"}


def written_line(view: View) -> Iterator[Evidence]:
    """Linear: weight * input + bias, written out, and no layer at all."""
    if any(kind in PARAMETRIC for kind in view.kinds) or any(True for _ in _matrix_mlp(view, False)):
        return

    def line(body: Body) -> ast.AST | None:
        for node in body.of(ast.BinOp, ast.Call):
            sides: list[ast.AST] = []
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                sides = [node.left, node.right]
            elif isinstance(node, ast.Call) and last_name(node.func) == "add" and len(node.args) == 2:
                sides = list(node.args)
            for one, other in (sides, sides[::-1]) if len(sides) == 2 else ():
                biased = re.fullmatch(r"b|bias|b0|beta_?0|intercept", last_name(one), re.IGNORECASE)
                factors = _factors(other)
                if biased and any(
                    re.fullmatch(r"w|weights?|m|a|kernel|W1?|slope|coef", last_name(factor), re.IGNORECASE)
                    for factor in factors
                ):
                    return node
        return None

    if view.optimizers or view.first_call("minimize", "grad", "value_and_grad", "backward", "gradient"):
        yield from shown(view, "Linear", "weight * input + bias, written out", line)


def _factors(node: ast.AST) -> list[ast.AST]:
    """The two sides of a product of any kind."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.MatMult)):
        return [node.left, node.right]
    if isinstance(node, ast.Call) and last_name(node.func) in (*PRODUCTS, "mul"):
        return [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
    return []


def embedding(view: View) -> Iterator[Evidence]:
    """Embeddings and nothing else that learns."""
    kinds = view.kinds
    if kinds["embedding"] and not any(
        kinds[kind] for kind in ("linear", "conv", "convt", *SEQUENCE, *GRAPH, "factory")
    ):
        layer = first_layer(view, "embedding")
        if layer is not None:
            yield Evidence("Embedding", layer.call.place, "embeddings alone")


def word_vectors(view: View) -> Iterator[Evidence]:
    """Word2Vec: embeddings of a word and of its context, their product scored against noise (or gensim's own)."""
    call = next(
        (
            call
            for call in view.program.named("Word2Vec")
            if call.dotted.endswith(("gensim.models.Word2Vec", "gensim.models.word2vec.Word2Vec"))
        ),
        None,
    )
    noise = view.first_call("nce_loss", "sampled_softmax_loss")
    if call is not None:
        yield Evidence("Word2Vec", call.place, "gensim's Word2Vec")
    elif noise is not None and view.kinds["embedding"] and not view.kinds["lstm"]:
        yield Evidence("Word2Vec", noise.place, "embeddings scored against noise")
    elif view.kinds["embedding"] >= 2 and not any(view.kinds[kind] for kind in ("conv", *SEQUENCE, *GRAPH)):
        names = {name.casefold() for body in view.bodies for name in (body.name, *body.assigned)}
        layer = first_layer(view, "embedding")
        if (
            layer is not None
            and any("context" in name or "center" in name or "neg" in name for name in names)
            and any(
                "logsigmoid" in body.calls
                or "log_sigmoid" in body.calls
                or "logsigmoid" in {c.casefold() for c in body.calls}
                for body in view.bodies
            )
        ):
            yield Evidence("Word2Vec", layer.call.place, "embeddings of words and contexts, scored against noise")
    elif not any(view.kinds[kind] for kind in ("embedding", "conv", *SEQUENCE, *GRAPH)):
        yield from _skip_grams(view)


def _skip_grams(view: View) -> Iterator[Evidence]:
    """Pairs of a word and its neighbour, and two products with matrices: into few dimensions and out again."""
    paired = any(re.search(r"skip_?grams?", name, re.IGNORECASE) for body in view.bodies for name in body.assigned)
    layers = [layer for layer in view.layers if layer.kind == "linear"]
    found = [body.place(node) for body in view.bodies for node in _weightings(body)]
    places = [layer.call.place for layer in layers] if layers else found
    if paired and len(places) == 2:
        yield Evidence("Word2Vec", places[0], "two matrices between a word and its neighbours")


CLASSICAL = {
    "BoostedTrees": "Gradient Boosted Trees", "GradientBoostedDecisionTree": "Gradient Boosted Trees",
    "RandomForestGraphs": "Random Forest",
    "TensorForestEstimator": "Random Forest", "KMeansClustering": "K-Means", "DecisionTree": "Decision Tree",
    "ExtraTree": "Decision Tree", "RandomForest": "Random Forest", "ExtraTrees": "Random Forest",
    "GradientBoosting": "Gradient Boosted Trees", "HistGradientBoosting": "Gradient Boosted Trees",
    "XGB": "Gradient Boosted Trees",
    "LGBM": "Gradient Boosted Trees", "CatBoost": "Gradient Boosted Trees", "AdaBoost": "AdaBoost",
    "KMeans": "K-Means", "MiniBatchKMeans": "K-Means",
    "SVC": "SVM", "SVR": "SVM", "LinearSVC": "SVM", "LinearSVR": "SVM", "NuSVC": "SVM", "OneClassSVM": "SVM",
    "LogisticRegression": "Logistic Regression",
    "LinearRegression": "Linear", "Ridge": "Linear", "Lasso": "Linear", "ElasticNet": "Linear",
    "SGDClassifier": "Linear", "SGDRegressor": "Linear",
    "MLPClassifier": "MLP", "MLPRegressor": "MLP", "KNeighbors": "KNN", "GaussianNB": "Naive Bayes",
    "MultinomialNB": "Naive Bayes",
    "BernoulliNB": "Naive Bayes", "GaussianProcess": "Gaussian Process", "GaussianMixture": "Gaussian Mixture",
    "BernoulliRBM": "RBM",
    "Voting": "Ensemble", "Stacking": "Ensemble", "RandomForestClassifier": "Random Forest",
    "RidgeClassifier": "Linear",
}  # fmt: skip
"""Estimators by the beginning of their name (without Classifier, Regressor, CV)."""


def _is_classical(dotted: str) -> bool:
    home = dotted.split(".")[0] in ("sklearn", "xgboost", "lightgbm", "catboost")
    return home or ".estimator" in dotted or ".contrib" in dotted


def classical(view: View) -> Iterator[Evidence]:
    """Estimators of scikit-learn, XGBoost, LightGBM and CatBoost, by their class."""
    for call in view.program.whose(_is_classical):
        root = call.dotted.split(".")[0]
        stem = call.name.removeprefix("Dask").removesuffix("CV").removesuffix("Classifier")
        stem = stem.removesuffix("Regressor").removesuffix("RF")
        family = CLASSICAL.get(call.name) or CLASSICAL.get(stem.removesuffix("Model"))
        if family is None and call.name == "train" and root in ("xgboost", "lightgbm"):
            family = "Gradient Boosted Trees"
        if family:
            yield Evidence(family, call.place, f"built of {call.name}")
