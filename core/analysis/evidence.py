"""Signs in the code that a file trains something, or builds what is trained."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Set
from functools import lru_cache
from typing import NamedTuple

from core import vocabulary
from core.analysis.nodes import given_to, name_of, unparse

STEPPING = vocabulary.load().of_frameworks("steps")
"""Libraries that take steps along gradients."""
_FITTERS = vocabulary.load().of_frameworks("fits") | STEPPING
"""Libraries whose models have `fit`."""
_TRAINERS = vocabulary.load().of_frameworks("trains")
"""Libraries whose models or trainers have `train`."""
CYCLES = frozenset({"fit_one_cycle", "fine_tune", "fit_flat_cos"})
"""Ways in which fastai's learners fit: each is given epochs, then a rate."""
WHOLE = CYCLES | {"fit", "fit_generator", "train", "learn", "run", "train_and_evaluate"}
"""Signs of training that are a whole training loop by themselves."""
ALWAYS = CYCLES | frozenset({"backward", "minimize", "apply_gradients", "apply_gradient", "train_on_batch",
                    "fit_generator", "apply_updates", "create_supervised_trainer", "value_and_grad", "GradientTape",
                    "manual_backward", "filter_value_and_grad", "fit_transform_train", "GradValues",
                    "PrivateGradValues", "compute_gradients", "update_gradients", "filter_grad", "create_train_op",
                    "optimize_loss", "apply_optimizer", "fmin_l_bfgs_b", "grad_and_value",
                    "gan_train"})  # fmt: skip
"""Names of calls that only training makes."""
_OF_TRAINING = frozenset({"epochs", "batch_size", "validation_data", "steps_per_epoch"})
"""What only a network's `fit` is given, wherever the network comes from: `transformer.fit(data, epochs=10)` is no
preparing of data."""
_OF_AGENTS = frozenset({"run_training", "offpolicy_trainer", "onpolicy_trainer", "offline_trainer", "OffpolicyTrainer",
    "OnpolicyTrainer", "OfflineTrainer", "train_agent", "train_agent_with_evaluation", "train_agent_async",
    "train_agent_batch", "train_agent_batch_with_evaluation", "run_experiment", "fit_online",
    "build_and_run"})  # fmt: skip
"""What trains the agents of their libraries."""
_AGENTS = frozenset({"tianshou", "pfrl", "chainerrl", "acme", "d3rlpy"})
_RUN_TO_TRAIN = {"runner": frozenset({"catalyst", "mmcv", "mmengine", "mmgen", "rl_games"}),
    "loop": frozenset({"acme"}), "experiment": frozenset({"tianshou"}),
    "train": frozenset({"chainer", "segmentation_models_pytorch"})}  # fmt: skip
"""Libraries whose trainers, or epochs of training, are run, by what these are called: `train_epoch.run(loader)`."""
_LEARNERS = frozenset({"stable_baselines3", "sb3_contrib", "stable_baselines", "fastai"})
"""Libraries whose models or agents `learn`."""
_INFERRING = frozenset({"pyro", "numpyro", "jaxopt"})
"""Libraries whose objects take steps for a loss that they were given: `svi.step(x)`, `solver.update(params, state)`."""
_EVOLVING = frozenset({"cma", "evosax", "nevergrad", "pypop7", "es", "evojax", "cmaes", "pymoo"})
"""Libraries that seek weights without gradients."""
_OPENMMLAB = frozenset({"mmdet", "mmseg", "mmcls", "mmpose", "mmdet3d", "mmaction", "mmrotate", "mmocr", "mmedit"})
_RUNNERS = {"train_pipeline": frozenset({"basicsr"}),
    **dict.fromkeys(("train_detector", "train_segmentor", "train_model"), _OPENMMLAB)}  # fmt: skip
"""What trains a configuration, by the libraries whose it is."""


@lru_cache(maxsize=50_000)
def may_train(name: str) -> bool:
    """Whether calls of this name can be signs of training at all."""
    return name in _SIGNS or name.endswith("CLI") or _OF_AN_EPOCH.search(name) is not None


_OF_AN_EPOCH = re.compile(r"^(train|pass|fit|run)_?(one_?)?(epoch|loop|step|batch)$|^train$")
"""What functions are called that train for a while with the optimizer that they are given."""


def _is_handed_optimizer(node: ast.Call) -> bool:
    """`engine.train_one_epoch(model, optimizer, loader)`, whoever wrote it."""
    given = given_to(node)
    return any(name_of(each) in _HANDED for each in given)


_HANDED = frozenset({"optimizer", "optim", "optimiser", "opt"})


def is_cli(name: str, libraries: Set[str]) -> bool:
    """Whether a class of this name is Lightning's command line, or an heir of it; jsonargparse's own is `CLI`."""
    if name == "CLI" and "jsonargparse" in libraries:
        return False
    return name.endswith("CLI") and bool(libraries & {"lightning", "pytorch_lightning"})


class Called(NamedTuple):
    """A call, as `holder.name(...)` or `name(...)`, in a file that uses these libraries."""

    name: str
    holder: str
    is_method: bool
    libraries: Set[str]
    node: ast.Call

    @property
    def given(self) -> set[str]:
        """The names of the arguments that are given by name."""
        return {keyword.arg or "" for keyword in self.node.keywords}


def trains(name: str, holder: str, is_method: bool, libraries: Set[str], node: ast.Call) -> str:
    """The sign of training that a call is; empty where it is none.

    Accepts gradient steps, `fit` and `train` of libraries that have them, and optimizers' updates.
    """
    if libraries & STEPPING and _OF_AN_EPOCH.search(name) and _is_handed_optimizer(node):
        return "step"
    return _SIGNS.get(name, _command_line)(Called(name, holder, is_method, libraries, node))


def _command_line(call: Called) -> str:
    """`LightningCLI()`, or an heir of it that is given something."""
    told = call.name == "LightningCLI" or len(call.node.args) + len(call.node.keywords)
    return "run" if told and is_cli(call.name, call.libraries) else ""


def asks_a_trainer(name: str, holder: str, libraries: Set[str]) -> bool:
    """`trainer.fit()`, `Trainer(...).train()` of whatever library beside one of networks; `tokenizer_trainer.train()`
    makes no model."""
    return name in ("fit", "train") and holder in ("trainer", "Trainer") and bool(libraries & (_FITTERS | _TRAINERS))


def _always(call: Called) -> str:
    """`loss.backward()`: nothing but training calls it, where a library of gradients is in use."""
    graph = call.name == "minimize" and bool(call.given & {"var_list", "global_step"})
    sure = graph or call.name in ("backward", "fit_generator", "train_on_batch")
    return call.name if sure or call.libraries & STEPPING else ""


def _fit(call: Called) -> str:
    """`model.fit(x, y)`, but not `scaler.fit(x)`."""
    told = bool(call.given & _OF_TRAINING)
    known = call.libraries & _FITTERS and not _fits_helper(call.holder)
    return "fit" if call.is_method and (told or known) else ""


def _groups(call: Called) -> str:
    """`clusters.fit_predict(x)`; where networks are in use, what they say of data is looked at so."""
    return "" if call.libraries & STEPPING else _fit(call)


def _cross_validates(call: Called) -> str:
    """`cross_val_score(model, x, y)` fits a model for each part of the data."""
    return "fit" if "sklearn" in call.libraries else ""


def _grad(call: Called) -> str:
    """`grad(loss)` from JAX or `torch.func`, `jax.grad(loss)`, `autograd.grad(loss, weights)`."""
    alone = len(call.node.args) == 1 and call.given <= {"argnums", "has_aux"}  # of a function, for its first argument
    if alone and "torch" in call.libraries and call.holder in ("", "func", "functorch"):
        return "grad"
    if not call.is_method:
        return "grad" if call.libraries & {"jax", "autograd"} else ""
    if call.holder == "autograd" and len(call.node.args) > 1 and _moves_a_sample(call.node.args[1]):
        return ""
    known = call.holder in ("jax", "autograd", "mx", "nnx", "eqx", "nn")
    return "grad" if known and call.libraries & {"jax", "autograd", "mlx", "flax", "torch", "tensorflow"} else ""


def _train(call: Called) -> str:
    """`trainer.train()`, `estimator.train(input_fn, steps=9)`; not `model.train()`, nor an index of vectors, nor a
    tokenizer."""
    counting = "tokenizers" in call.libraries and "tokenizer" in call.holder.lower()
    if not call.is_method or counting or ("faiss" in call.libraries and "index" in call.holder):
        return ""
    if call.libraries & _TRAINERS and not _is_mode_switch(call.node):
        return "train"
    words = call.given | {getattr(each, "id", "") for each in call.node.args}
    fed = {"optimizer", "max_steps", "steps"} & words or any(word.endswith("input_fn") for word in words)
    return "train" if fed and call.libraries & STEPPING else ""


def _partial(call: Called) -> str:
    """`partial(ppo.train, num_timesteps=9)` of libraries whose modules have `train`."""
    given = call.node.args[:1]
    trainer = any(isinstance(each, ast.Attribute) and each.attr == "train" for each in given)
    return "train" if trainer and call.given and call.libraries & _TRAINERS else ""


def _run(call: Called) -> str:
    """`runner.run(loaders)`, `train_epoch.run(loader)`, `loop.run()` of libraries whose objects are run to train."""
    holder = call.holder.lower()
    runs = any(word in holder and call.libraries & libraries for word, libraries in _RUN_TO_TRAIN.items())
    return "run" if call.is_method and runs else _infers(call)


def _infers(call: Called) -> str:
    """`svi.step(x)`, `steinvi.run(key, steps)`, `solver.update(params, state)`, Edward's `inference.run()`."""
    told = call.holder.lower().endswith(("svi", "steinvi", "solver")) and call.libraries & _INFERRING
    edward = call.holder.startswith("inference") and "edward" in call.libraries
    return "step" if call.is_method and (told or edward) else ""


def _step(call: Called) -> str:
    """`optimizer.step()`, `engine.step()`; an engine that is given an action is a world."""
    holders = r"opt|scaler" if call.node.args else r"opt|scaler|engine"
    steps = call.libraries & STEPPING and re.search(holders, call.holder, re.IGNORECASE)
    return "step" if steps else _infers(call)


def _learn(call: Called) -> str:
    """`agent.learn(steps)`; `runner.learn(num_learning_iterations=9)` of RSL-RL."""
    told = (call.is_method and call.libraries & _LEARNERS) or "num_learning_iterations" in call.given
    return "learn" if told else ""


def _agents(call: Called) -> str:
    """What trains the agents of a library."""
    return "learn" if call.libraries & _AGENTS else ""


def _parameters(call: Called) -> str:
    """`agent.update_parameters(memory)`: agents whose library takes the steps."""
    return "learn" if call.is_method and call.libraries & STEPPING else ""


def _runner(call: Called) -> str:
    """What trains a configuration: `train_detector(model, datasets, cfg)`."""
    return "train" if call.libraries & _RUNNERS[call.name] else ""


def _function(call: Called) -> str:
    """`theano.function(inputs, cost, updates=updates)`."""
    return "minimize" if "theano" in call.libraries and "updates" in call.given else ""


def _tell(call: Called) -> str:
    """Strategies of evolution are asked for weights, and told what they are worth."""
    return "tell" if call.is_method and call.libraries & _EVOLVING else ""


def _descends(call: Called) -> str:
    """`adam(grad(loss), weights, num_iters=9)` of autograd, whose optimizers take all steps themselves."""
    return "minimize" if "autograd" in call.libraries and not call.is_method and call.node.args else ""


def _estimator(call: Called) -> str:
    """`tf.estimator.train_and_evaluate(...)`."""
    return call.name if call.holder == "estimator" else ""


def _scaler(call: Called) -> str:
    """`loss_scaler(loss, optimizer)` of timm takes the step of the optimizer that it is given."""
    given = [name_of(argument) for argument in call.node.args]
    return "step" if call.libraries & STEPPING and any("opt" in each for each in given) else ""


_SIGNS: dict[str, Callable[[Called], str]] = {
    **dict.fromkeys(ALWAYS, _always), **dict.fromkeys(("fit", "fit_loader", "fit_dataset"), _fit),
    "fit_predict": _groups, **dict.fromkeys(_RUNNERS, _runner),
    **dict.fromkeys(("cross_val_score", "cross_val_predict", "cross_validate"), _cross_validates),
    **dict.fromkeys(_OF_AGENTS, _agents), "grad": _grad, "train": _train, "partial": _partial,
    "run": _run, "update": _infers, "step": _step,
    "learn": _learn, "update_parameters": _parameters, "function": _function, "tell": _tell,
    **dict.fromkeys(("adam", "sgd", "rmsprop"), _descends), "train_and_evaluate": _estimator, "loss_scaler": _scaler,
}  # fmt: skip
"""What judges a call, by its name."""


def _moves_a_sample(inputs: ast.expr) -> bool:
    """`grad(energy.sum(), [image])`: the slope for what goes into a network moves samples, and changes no weights."""
    names = inputs.elts if isinstance(inputs, (ast.List, ast.Tuple)) else [inputs]
    return all(isinstance(each, ast.Name) and _SAMPLE.match(each.id) for each in names)


_SAMPLE = re.compile(r"(x|z|im|img|image|input|sample|latent|noise)s?(_|\d|$)")


def _is_mode_switch(node: ast.Call) -> bool:
    """`model.train()`, `model.train(False)` and `model.train(mode=tuned)` of a torch module, on something called a
    model, and any of one that was loaded just before: `Net.from_pretrained(name).train(tuned)`."""
    holder = node.func.value if isinstance(node.func, ast.Attribute) else None
    holder = holder.func if isinstance(holder, ast.Call) else holder  # Trainer(...).train()
    name = name_of(holder)
    does = re.search(r"train|yolo|runner|learner|algo|agent", name, re.IGNORECASE)
    switched = all(isinstance(given, ast.Constant) and isinstance(given.value, bool) for given in node.args)
    named = all(keyword.arg == "mode" for keyword in node.keywords)
    return name == "from_pretrained" or (switched and named and not does)


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


_BUILDERS = frozenset(vocabulary.load().table("libraries", "calls")["building"])


BUILDING = _BUILDERS | {"make", "load"}
"""What calls are named that may build networks, optimizers or data."""


def builds(name: str, libraries: Set[str]) -> int:
    """1 where a call builds networks, optimizers or data."""
    known = name in _BUILDERS and bool(libraries & (_FITTERS | _TRAINERS | {"optax", "torchvision"}))
    return int(known or (name == "make" and bool(libraries & WORLDS)) or (name == "load" and "dm_control" in libraries))


WORLDS = frozenset({"gym", "gymnasium", "gymnax", "envpool", "retro", "gym_super_mario_bros"})
"""Libraries of environments that an agent learns in."""


_WEAK = frozenset({"backward", "grad", "value_and_grad", "GradientTape", "filter_grad", "filter_value_and_grad",
    "grad_and_value"})  # fmt: skip
"""Signs that gradients are taken, which a lesson about gradients does too."""
_CHANGE = re.compile(
    r"^(Adam\w*|SGD\w*|RMSprop\w*|Adagrad|Adadelta|LBFGS|Lion|adam\w*|sgd\w*|rmsprop|lion|step|sub_|add_|apply_updates|"
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


def is_weak(signs: list[str]) -> bool:
    """Whether the signs say only that gradients are taken."""
    return _WEAK.issuperset(signs)
