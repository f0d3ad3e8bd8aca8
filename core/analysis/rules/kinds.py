"""What a library's callable builds or does, and which classes are networks: read out of the vocabulary."""

from __future__ import annotations

import ast
import re
from functools import cache, partial

from core import vocabulary
from core.analysis.nodes import below, kept, unparse, walk
from core.analysis.program import Call, Class, Function, Instance, ListValue, Resolved

PARAMETRIC = frozenset(
    {
        "linear",
        "conv",
        "convt",
        "lstm",
        "gru",
        "rnn",
        "attention",
        "transformer",
        "embedding",
        "gcn",
        "gat",
        "sage",
        "gin",
        "graph",
        "mlp",
        "factory",
    }
)
"""Kinds of layers that make a network."""


@cache
def _kinds() -> tuple[frozenset[str], dict[str, str]]:
    words = vocabulary.load()
    kinds = words.table("layers", "kinds")
    return (
        words.of_frameworks("layers"),
        {vocabulary.fold(name): kind for kind, names in kinds.items() for name in names},
    )


NO_LAYERS = (".optim", "datasets", "torchvision.transforms.", "torchrl.objectives.", ".nest.", ".bijectors.")
"""Parts of dotted names under which nothing is a layer: `transforms.Resize` prepares data, `nest.flatten` lists it,
`bijectors.Affine` is a part of a flow."""


GRAPHS = ("torch_geometric.nn.", "dgl.nn.", "spektral.layers.")
"""Where libraries of graph networks keep their layers, called `Conv` at the end whatever else they are called."""


@cache
def layer_kind(dotted: str) -> str:
    """The kind of layer that a library's callable builds or does; empty where it is none."""
    libraries, kinds = _kinds()
    root, _, rest = dotted.partition(".")
    if root not in libraries or not rest or any(part in dotted for part in NO_LAYERS):
        return ""
    home, _, name = dotted.rpartition(".")
    if root == "transformers" and name == "Conv1D":
        return "linear"  # GPT-2's linear layer, with its weights the other way round
    kind = kinds.get(vocabulary.fold(name)) or kinds.get(vocabulary.fold(f"{home.rpartition('.')[2]}.{name}"), "")
    return kind or ("graph" if dotted.startswith(GRAPHS) and name.endswith("Conv") else "")


@cache
def plain(dotted: str) -> str:
    """A library's dotted name without the parts that only say a version or where it is kept (`tf_keras` is Keras)."""
    for part in (".compat.v1", ".compat.v2", ".python", ".modules.module", "._impl", ".api", ".src"):
        dotted = dotted.replace(part, "")
    root, dot, rest = dotted.partition(".")
    return f"keras.{rest}" if dot and root in ("tf_keras", "keras_core") else dotted


def is_wrapper(cls: Class) -> bool:
    """Whether a class is a framework's wrapper of training (a LightningModule)."""
    wrappers = vocabulary.load().of_frameworks("wrappers")
    return any(plain(base) in wrappers for base in cls.external_bases())


def tells_gluon(call: Call) -> bool:
    """`gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})`: an optimizer that MXNet is told by name."""
    return call.name == "Trainer" and call.dotted.startswith("mxnet.")


MODEL_ENDINGS = (
    "PreTrainedModel", "ForConditionalGeneration", "ForSequenceClassification", "LMHeadModel", "ResNet",
    "VisionTransformer", "BasicBlock", "Bottleneck",
)  # fmt: skip
"""How the names of libraries' models end."""
_OF_MODELS = ("transformers.", "diffusers.", "fastai.")
"""Libraries whose models go by `...ForWhatTheyAreFor` and `...Model`."""


@cache
def _is_network_base(dotted: str) -> bool:
    dotted = plain(dotted)
    if dotted in vocabulary.load().of_frameworks("networks"):
        return True
    # heirs of library layers and models: class Generator(nn.LSTM), class Net(models.ResNet)
    name = dotted.rpartition(".")[2]
    libraries = _kinds()[0]
    known = dotted.split(".")[0] in libraries
    return known and (
        layer_kind(dotted) in PARAMETRIC
        or name.endswith(MODEL_ENDINGS)
        or (dotted.startswith(_OF_MODELS) and re.search(r"For[A-Z]\w+$|Model$", name) is not None)
        or (".models." in dotted and not name.endswith("Config"))
    )


def is_network(cls: Class) -> bool:
    """Whether objects of a class are networks: it derives from a framework's module class."""
    bases = [plain(base) for base in cls.external_bases()]
    return not is_wrapper(cls) and any(_is_network_base(base) for base in bases)


def keeps_weights(cls: Class) -> bool:
    """Whether a class of the user's own that derives from nothing is what networks are made of: it tells weights."""
    return not cls.external_bases() and any(_WEIGHED.search(name) for name in cls.attributes)


_WEIGHED = re.compile(r"(?<!hyper)(?<!hyper_)param|weights")  # not `save_hyperparameters`


ARRAYS = (
    "jax.random.",
    "jax.numpy.",
    "numpy.",
    "torch.randn",
    "torch.zeros",
    "torch.ones",
    "torch.rand",
    "tensorflow.Variable",
    "tinygrad.Tensor.",
    "tinygrad.tensor.Tensor.",
)
WEIGHTS = frozenset({
    "Parameter", "Param", "param", "get_parameter", "add_weight", "Variable", "TrainVar", "create_parameter",
})  # fmt: skip


def is_weight(value: Resolved) -> bool:
    """Whether an attribute holds weights of the object's own: a parameter, or an array that was made."""
    if isinstance(value.value, ListValue):
        first = next((item for item in value.value.items), None)  # (weight, bias)
        return first is not None and not isinstance(first.value, ListValue) and is_weight(first)
    dotted = value.dotted or ""
    if not dotted:
        return any(part.dotted and is_weight(part) for part in value.parts)  # np.random.randn(4, 8) * 0.01
    return dotted.rpartition(".")[2] in WEIGHTS or dotted.startswith(ARRAYS)


def measures(owner: Instance | None) -> bool:
    """Whether an object is a metric or a callback, or was built where no gradient is taken: its network judges."""
    if owner is None or owner.cls.heir_of(".Metric", ".Callback"):
        return owner is not None
    for _ in range(DEEPEST_PART):
        owner = owner.within or owner
    return is_ungraded(owner.call.within)


DEEPEST_PART = 8
"""How deep parts of networks stand in one another."""


def is_ungraded(function: Function | None) -> bool:
    """Whether no gradient is taken in a function: `@torch.no_grad() def score(pictures): ...`"""
    return function is not None and kept(function.node, "_ungraded", partial(_turns_off, function.node))


def _turns_off(node: ast.AST) -> bool:
    decorators = [unparse(each) for each in getattr(node, "decorator_list", ())]
    return any(re.search(r"\b(no_grad|inference_mode)\b", each) for each in decorators)


def judges(owner: Instance | None) -> bool:
    """Whether an object is a loss of Keras: what it multiplies is what networks gave."""
    return owner is not None and owner.cls.heir_of(".losses.Loss")


def is_fixed(call: Call) -> bool:
    """Whether an operation's weights are a buffer of the object's, which nothing trains: a spectrum, a blur."""
    if call.owner is None or not call.dotted.startswith("torch.nn.functional."):
        return False
    given = [*call.node.args[1:2], *(word.value for word in call.node.keywords if word.arg == "weight")]
    kept_on = (inner for each in given for inner in walk(each))  # `Variable(self.window)`
    names = {inner.attr for inner in kept_on if isinstance(inner, ast.Attribute)}
    classes = call.owner.cls.lineage() if names else ()
    return any(not names.isdisjoint(kept(cls.node, "_buffers", partial(_buffers, cls.node))) for cls in classes)


def _buffers(node: ast.AST) -> frozenset[object]:
    """The names of `self.register_buffer("window", ...)` in a class."""
    calls = (call for call in below(node, ast.Call) if getattr(call.func, "attr", "") == "register_buffer")
    named = (each for call in calls for each in (*call.args[:1], *(word.value for word in call.keywords[:1])))
    return frozenset(each.value for each in named if isinstance(each, ast.Constant))
