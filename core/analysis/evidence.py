"""Signs in the code that a file trains something, or builds what is trained."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import TypeGuard

from core import vocabulary
from core.analysis.nodes import is_operation, unparse

STEPPING = vocabulary.load().of_frameworks("steps")
"""Libraries that take steps along gradients."""
_FITTERS = vocabulary.load().of_frameworks("fits") | STEPPING
"""Libraries whose models have `fit`."""
_TRAINERS = vocabulary.load().of_frameworks("trains")
"""Libraries whose models or trainers have `train`."""
ALWAYS = frozenset({"backward", "minimize", "apply_gradients", "apply_gradient", "train_on_batch", "fit_generator",
                    "apply_updates", "fit_one_cycle", "create_supervised_trainer",
                    "fine_tune", "value_and_grad", "GradientTape", "manual_backward", "filter_value_and_grad",
                    "fit_transform_train", "GradValues", "PrivateGradValues",
                    "compute_gradients", "update_gradients", "filter_grad", "create_train_op", "optimize_loss",
                    "apply_optimizer", "fmin_l_bfgs_b"})  # fmt: skip
"""Names of calls that only training makes."""
_OF_TRAINING = ("epochs", "batch_size", "validation_data", "steps_per_epoch")
"""What only a network's `fit` is given: `transformer.fit(data, epochs=10)` is no preparing of data."""
_OF_AGENTS = frozenset({"run_training", "offpolicy_trainer", "onpolicy_trainer", "offline_trainer", "OffpolicyTrainer",
    "OnpolicyTrainer", "OfflineTrainer", "train_agent", "train_agent_with_evaluation", "train_agent_async",
    "train_agent_batch", "train_agent_batch_with_evaluation", "run_experiment", "fit_online"})  # fmt: skip
"""What trains the agents of their libraries."""
_AGENTS = frozenset({"tianshou", "pfrl", "chainerrl", "acme", "d3rlpy"})
_RUN_TO_TRAIN = frozenset({"chainer", "segmentation_models_pytorch"})
"""Libraries whose trainers, or epochs of training, are run: `train_epoch.run(loader)`."""
_INFERRING = frozenset({"pyro", "numpyro", "jaxopt"})
"""Libraries whose objects take steps for a loss that they were given: `svi.step(x)`, `solver.update(params, state)`."""
_EVOLVING = frozenset({"cma", "evosax", "nevergrad", "pypop7", "es", "evojax", "cmaes", "pymoo"})
"""Libraries that seek weights without gradients."""
_OPENMMLAB = frozenset({"mmdet", "mmseg", "mmcls", "mmpose", "mmdet3d", "mmaction", "mmrotate", "mmocr", "mmedit"})
_RUNNERS = {"train_pipeline": frozenset({"basicsr"}),
    **dict.fromkeys(("train_detector", "train_segmentor", "train_model"), _OPENMMLAB)}  # fmt: skip
"""What trains a configuration, by the libraries whose it is."""
_FITTING = ("fit", "fit_loader")
_SIGNS = ALWAYS | _OF_AGENTS | {*_FITTING, "grad", "train", "run", "learn", "train_and_evaluate", "step", "function",
    "tell", "update", "update_parameters", "loss_scaler", *_RUNNERS}  # fmt: skip


@lru_cache(maxsize=50_000)
def may_train(name: str) -> bool:
    """Whether calls of this name can be signs of training at all."""
    return name in _SIGNS or name.endswith("CLI") or _OF_AN_EPOCH.search(name) is not None


_OF_AN_EPOCH = re.compile(r"^(train|pass|fit|run)_?(one_?)?(epoch|loop|step|batch)$|^train$")
"""What functions are called that train for a while with the optimizer that they are given."""


def _is_handed_optimizer(node: ast.Call) -> bool:
    """`engine.train_one_epoch(model, optimizer, loader)`, whoever wrote it."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(getattr(each, "id", getattr(each, "attr", "")) in _HANDED for each in given)


_HANDED = frozenset({"optimizer", "optim", "optimiser", "opt"})


def is_cli(name: str, libraries: Set[str]) -> bool:
    """Whether a class of this name is Lightning's command line, or an heir of it; jsonargparse's own is `CLI`."""
    if name == "CLI" and "jsonargparse" in libraries:
        return False
    return name.endswith("CLI") and bool(libraries & {"lightning", "pytorch_lightning"})


def trains(name: str, holder: str, is_method: bool, libraries: Set[str], node: ast.Call) -> str:
    """The sign of training that a call is; empty where it is none.

    Accepts gradient steps, `fit` and `train` of libraries that have them, and optimizers' updates.
    """
    if libraries & STEPPING and _OF_AN_EPOCH.search(name) and _is_handed_optimizer(node):
        return "step"
    if name not in _SIGNS:
        told = is_cli(name, libraries) and (name == "LightningCLI" or len(node.args) + len(node.keywords))
        return "run" if told else ""
    if name in ALWAYS:
        told = name == "minimize" and any(k.arg in ("var_list", "global_step") for k in node.keywords)
        return name if told or libraries & STEPPING or name in ("backward", "fit_generator") else ""
    if name in _FITTING and is_method:
        helps = _fits_helper(holder) and not any(keyword.arg in _OF_TRAINING for keyword in node.keywords)
        told = {keyword.arg for keyword in node.keywords} >= {"epochs", "batch_size"}  # of a network built elsewhere
        return "fit" if (libraries & _FITTERS and not helps) or told else ""
    if name == "grad" and not is_method:  # `from jax import grad`
        return "grad" if libraries & {"jax", "autograd"} else ""
    if name == "grad" and holder == "autograd" and len(node.args) > 1 and _moves_a_sample(node.args[1]):
        return ""
    if name == "grad" and holder in ("jax", "autograd", "mx", "nnx", "eqx", "nn"):
        return "grad" if libraries & {"jax", "autograd", "mlx", "flax", "torch", "tensorflow"} else ""
    if name == "train" and "faiss" in libraries and "index" in holder:
        return ""  # of vectors to be looked up
    if name == "train" and is_method and (libraries & _TRAINERS) and not _is_mode_switch(node):
        return "train"
    if name == "train" and is_method and libraries & STEPPING:  # an estimator's has `input_fn`
        words = {k.arg or "" for k in node.keywords} | {getattr(each, "id", "") for each in node.args}
        fed = any(word.endswith("input_fn") for word in words)
        return "train" if fed or {"optimizer", "max_steps", "steps"} & words else ""
    if name == "run" and is_method and libraries & {"mmcv", "mmengine", "mmgen"} and "runner" in holder.lower():
        return "run"
    if name in _RUNNERS:
        return "train" if libraries & _RUNNERS[name] else ""
    if name == "run" and is_method and libraries & _RUN_TO_TRAIN and "train" in holder.lower():
        return "run"
    if name == "learn" and is_method and libraries & {"stable_baselines3", "sb3_contrib", "stable_baselines", "fastai"}:
        return "learn"
    if name == "learn" and any(keyword.arg == "num_learning_iterations" for keyword in node.keywords):
        return "learn"  # of a runner of RSL-RL
    if name == "update_parameters" and is_method:  # of agents whose library takes the steps
        return "learn" if libraries & STEPPING else ""
    if name == "function" and "theano" in libraries and any(keyword.arg == "updates" for keyword in node.keywords):
        return "minimize"
    if name == "tell" and is_method:  # strategies of evolution: ask for weights, tell what they are worth
        return "tell" if libraries & _EVOLVING else ""
    if name in _OF_AGENTS and libraries & _AGENTS:
        return "learn"
    if name == "run" and is_method and "acme" in libraries and "loop" in holder:
        return "run"
    if name in ("step", "update", "run") and is_method and holder.lower().endswith(("svi", "solver")):
        return "step" if libraries & _INFERRING else ""
    if name == "train_and_evaluate" and holder == "estimator":
        return name
    if name == "loss_scaler":  # timm's takes the step of the optimizer that it is given
        given = [getattr(argument, "id", getattr(argument, "attr", "")) for argument in node.args]
        return "step" if libraries & STEPPING and any("opt" in each for each in given) else ""
    stepping = re.search(r"opt|scaler" if node.args else "opt|scaler|engine", holder, re.IGNORECASE)
    if name == "step" and stepping and libraries & STEPPING:  # an engine that is given an action is a world
        return "step"
    return ""


def _moves_a_sample(inputs: ast.expr) -> bool:
    """`grad(energy.sum(), [image])`: the slope for what goes into a network moves samples, and changes no weights."""
    names = inputs.elts if isinstance(inputs, (ast.List, ast.Tuple)) else [inputs]
    return all(isinstance(each, ast.Name) and _SAMPLE.match(each.id) for each in names)


_SAMPLE = re.compile(r"(x|z|im|img|image|input|sample|latent|noise)s?(_|\d|$)")


def _is_mode_switch(node: ast.Call) -> bool:
    """`model.train()` and `model.train(False)` of a torch module, on something called a model."""
    holder = node.func.value if isinstance(node.func, ast.Attribute) else None
    holder = holder.func if isinstance(holder, ast.Call) else holder  # Trainer(...).train()
    name = getattr(holder, "id", getattr(holder, "attr", ""))
    does = re.search(r"train|yolo|runner|learner|algo|agent", name, re.IGNORECASE)
    switched = all(isinstance(given, ast.Constant) and isinstance(given.value, bool) for given in node.args)
    return switched and not node.keywords and not does


def _fits_helper(holder: str) -> bool:
    """`scaler.fit`, `encoder.fit`: preparing data, not training a model."""
    return bool(
        re.search(
            r"scaler|encoder|nearest|tokeni|vectori|label|pca|tsne|svd|imputer|binar|transform|preproc|normali|discreti|polynomial",
            holder,
            re.IGNORECASE,
        )
    ) and ("auto" not in holder.lower())


def prepares(name: str) -> bool:
    """Whether a class of this name prepares data."""
    return bool(_PREPARING.search(name))


_PREPARING = re.compile(
    r"(Scaler|(Label|OneHot|Ordinal|Target)Encoder|Imputer|Vectorizer|Binarizer|Normalizer|Discretizer|PCA|TSNE|SVD|"
    r"NearestNeighbors|PolynomialFeatures|(Power|Quantile|Column|Function)Transformer)$"
)


_BUILDERS = frozenset({"DataLoader", "Linear", "Dense", "Conv2d", "Conv2D", "Adam", "AdamW", "SGD", "RMSprop",
    "Adagrad", "Adadelta",
                       "Sequential", "compile", "Trainer", "TrainingArguments", "adam", "adamw", "sgd", "rmsprop",
                       "LSTM", "GRU",
                       "Embedding", "TrainState", "Module", "from_pretrained", "ImageFolder", "load_dataset",
                       "from_tensor_slices",
                       "AdamOptimizer", "GradientDescentOptimizer", "placeholder", "StepLR", "CosineAnnealingLR",
                       "make", "manual_seed",
                       "MNIST", "CIFAR10", "CIFAR100", "load_data"})  # fmt: skip


def builds(name: str, libraries: Set[str]) -> int:
    """1 where a call builds networks, optimizers or data."""
    known = name in _BUILDERS and bool(libraries & (_FITTERS | _TRAINERS | {"optax", "torchvision"}))
    return int(known or (name == "make" and bool(libraries & WORLDS)) or (name == "load" and "dm_control" in libraries))


WORLDS = frozenset({"gym", "gymnasium", "gymnax", "envpool", "retro", "gym_super_mario_bros"})
"""Libraries of environments that an agent learns in."""


_CONFIG_OPTION = re.compile(
    r"^-{0,2}(\w+[-_.])?(config|cfg|conf|configuration|hparams|params|opt|options?)([-_.]?(file|path|yaml|yml|json|fn|filename|name))?$"
    r"|^-{0,2}(hp|hparam|hyper[-_]?param(eter)?s|settings)[-_](file|path)$"
)
_NOT_CONFIG = re.compile(
    r"deepspeed|ds[-_]|^-*data(set)?s?$|model[-_]config|tokenizer|fsdp|dataset[-_]config|bert|data[-_]config|accelerate|eval"
)


CHOSEN = (".yaml", ".yml", ".toml", ".gin")
"""How the names of files end that are configurations, whatever the option that takes them is called."""
_SAYS_CONFIG = re.compile(
    r"(config\w*|settings?|ya?ml|hyper-?param\w*|experiment)( description)?[- ]*files?\b"
    r"|file (to use )?(of|with|containing|for) (the )?(\w+ )?(config|settings|hyper)"
    r"|path (to|of) (the |a )?(\w+ )?config",
    re.IGNORECASE,
)


def says_config(text: str) -> bool:
    """Whether an option's help says that it takes a configuration: "name of config file to load"."""
    return bool(_SAYS_CONFIG.search(text))


def takes_config(names: Sequence[str], told: bool) -> bool:
    """Whether an option takes a configuration: by its names (`--config`, `--cfg-file`; `-c` is not enough), or since
    something else about it tells so."""
    if any(_NOT_CONFIG.search(name.lower()) for name in names):
        return False
    return told or any(_CONFIG_OPTION.match(name.lower()) for name in names)


_WEAK = frozenset({"backward", "grad", "value_and_grad", "GradientTape", "filter_grad", "filter_value_and_grad"})
"""Signs that gradients are taken, which a lesson about gradients does too."""
_CHANGE = re.compile(
    r"^(Adam\w*|SGD\w*|RMSprop\w*|Adagrad|Adadelta|LBFGS|Lion|adam\w*|sgd|rmsprop|lion|step|sub_|add_|apply_updates|"
    r"apply_gradients?|minimize|opt_(update|apply)|\w*[Oo]ptimizer\w*|axpy_|addcmul_|lerp_|fit|fit_\w+|train_\w+|update_(weights|params|parameters))$"
)
_OPTIMIZER = re.compile(r"opt|tx|trainer|solver", re.IGNORECASE)


@lru_cache(maxsize=50_000)
def changes_weights(name: str, holder: str) -> int:
    """1 where a call of this name, on something of that name, changes weights."""
    return int(bool(_CHANGE.match(name)) or (name == "update" and bool(_OPTIMIZER.search(holder))))


def runs_training(node: ast.Call) -> bool:
    """`sess.run([train_op, loss])`: a session of TensorFlow 1 runs what its graph trains with."""
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr != "run" or not node.args:
        return False
    return "sess" in unparse(func.value).lower() and bool(_OPERATION.search(unparse(node.args[0])))


_OPERATION = re.compile(r"train|optim|solver|step|update|(^|\W|_)op(\W|$)", re.IGNORECASE)
"""Parts of the names of operations that change weights."""


def updates(node: ast.AST) -> int:
    """1 for `w -= ...`, `w += -rate * gradient` and `w - rate * gradient`."""
    if isinstance(node, ast.AugAssign):
        return int(isinstance(node.op, ast.Sub) or (isinstance(node.op, ast.Add) and is_turned(node.value)))
    assert isinstance(node, ast.BinOp)
    return int(
        isinstance(node.op, ast.Sub) and isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Mult)
    )


def is_turned(change: ast.expr) -> bool:
    """Whether a product begins with a minus: `-rate * gradient`."""
    while isinstance(change, ast.BinOp) and isinstance(change.op, (ast.Mult, ast.Div)):
        change = change.left
    return isinstance(change, ast.UnaryOp) and isinstance(change.op, ast.USub)


_RATE = re.compile(r"^(lr|eta|rate|learning_?rate|step_?size|alpha)$", re.IGNORECASE)
PRODUCTS = frozenset({"dot", "matmul", "mm", "einsum"})
"""Products of matrices, by name: where weights are changed by hand, they tell a network from a curve."""


def descends(node: ast.AugAssign | ast.BinOp) -> bool:
    """`w -= rate * gradient`, `w - rate * gradient`, `w -= delta_w`: a step down a gradient, taken by hand."""
    if not isinstance(node.op, ast.Sub):
        return False
    change = node.value if isinstance(node, ast.AugAssign) else node.right
    return _is_rated(change) or (isinstance(node, ast.AugAssign) and _is_delta(change))


@lru_cache(maxsize=50_000)
def is_step(function: str) -> bool:
    """Whether a function, `Adam.update`, is the step of a class that is called like an optimizer."""
    home, _, method = function.rpartition(".")
    return method in STEPS and vocabulary.load().canonical("optimizer", home.rpartition(".")[2]) is not None


def moves(node: ast.AugAssign | ast.BinOp) -> bool:
    """`w -= change`, `w - change`, but not `1 - beta`: what the step of an optimizer does to weights."""
    start = node.target if isinstance(node, ast.AugAssign) else node.left
    return isinstance(node.op, ast.Sub) and not isinstance(start, ast.Constant)


STEPS = frozenset({"step", "update", "apply", "apply_gradients", "update_params", "optimize", "__call__"})
"""Methods of optimizers that change weights."""


def _is_delta(change: ast.AST) -> bool:
    """`delta_w`, `delta_w + momentum * previous`: what was made of a rate and a gradient before."""
    first = change.left if isinstance(change, ast.BinOp) and isinstance(change.op, ast.Add) else change
    return bool(_DELTA.match(getattr(first, "id", getattr(first, "attr", ""))))


_DELTA = re.compile(r"delta_?([wb](?![a-z])|w[a-z]{2}(_|$)|theta|weight|bias)", re.IGNORECASE)
"""What a step of weights is called; `delta_box` and `delta_width` are none."""


def ascends(node: ast.AST) -> TypeGuard[ast.AugAssign]:
    """`w += rate * gradient`: a step up a gradient, if more than one thing is moved so; no weighed sum of losses."""
    rated = isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and _is_rated(node.value)
    return isinstance(node, ast.AugAssign) and rated and not _SUM.search(unparse(node.target))


def as_addition(node: ast.Assign) -> ast.AugAssign | None:
    """`self.w = self.w + rate * change`, as if it were written `self.w += rate * change`."""
    target, value = node.targets[0], node.value
    if not is_operation(value, ast.Add) or not isinstance(target, (ast.Name, ast.Attribute)):
        return None
    moved = type(value.left) is type(target) and unparse(value.left) == unparse(target)
    return ast.AugAssign(target, value.op, value.right) if moved else None


_SUM = re.compile(r"loss|cost|total|reward|score|acc|sum", re.IGNORECASE)


def is_rate(node: ast.AST) -> bool:
    """Whether something is called as the rate of a step is: `eta`, `self.lr`."""
    return _RATE.match(getattr(node, "id", getattr(node, "attr", ""))) is not None


def _is_slope(node: ast.AST) -> bool:
    """Whether something is called a gradient: `grad_w`, `dW1`, `w.grad`."""
    return _SLOPE.match(getattr(node, "id", getattr(node, "attr", ""))) is not None


_SLOPE = re.compile(r"^(grads?|gradients?)(_|$)|^d[WB]\d*$", re.IGNORECASE)


def _is_rated(change: ast.AST) -> bool:
    """`rate * gradient`, `gradient * rate`, `rate / size * gradient`, `rate * 2 * gradient / size`, `0.1 * grad_w`."""
    rated = False
    while isinstance(change, ast.BinOp) and isinstance(change.op, (ast.Mult, ast.Div)):
        sides = (change.left, change.right) if isinstance(change.op, ast.Mult) else (change.left,)
        rated = rated or any(is_rate(side) or _is_slope(side) for side in sides)
        change = change.left
    return rated


def perturbs(node: ast.AugAssign | ast.BinOp) -> bool:
    """`best_w + noise * randn(*shape)`, `policy.w += noise * rand(*shape)`: other weights are tried, by chance."""
    moved, change = (node.target, node.value) if isinstance(node, ast.AugAssign) else (node.left, node.right)
    if not isinstance(node.op, ast.Add) or not isinstance(change, ast.BinOp) or not isinstance(change.op, ast.Mult):
        return False
    drawn = (each.func for each in (change.left, change.right) if isinstance(each, ast.Call))
    weights = _WEIGHTS.match(getattr(moved, "id", getattr(moved, "attr", "")))
    return weights is not None and any(getattr(each, "attr", "").rstrip("0123456789") in _CHANCE for each in drawn)


_WEIGHTS = re.compile(r"^((best|old|cur|current|new|policy)_?)?(w|weights?|theta|params|parameters)$", re.IGNORECASE)
_CHANCE = frozenset({"rand", "randn", "normal", "standard_normal", "uniform", "random"})


def is_weak(signs: list[str]) -> bool:
    """Whether the signs say only that gradients are taken."""
    return _WEAK.issuperset(signs)
