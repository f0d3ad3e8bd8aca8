"""What losses of libraries are called, and which family each belongs to."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from core import vocabulary
from core.analysis.program import Program
from core.analysis.rules.kinds import plain

NAMES = re.compile(
    r"loss(2d)?$|^losses?_|cross_?entropy|^kl_div|^mse$|^mae$|squared?_error|absolute_error|squared_difference$|^mean_square$|^hinge$|^kld|^Poisson$|Hinge$|"
    r"SquaredError$|AbsoluteError$|Crossentropy$|KLDivergence$|CosineSimilarity$|^Huber$|LogCosh$|sequence_loss|_loss_|CTC|ctc_batch_cost|"
    r"log_loss$|^SoftmaxCELoss|Loss(Flat)?$|SigmoidBCELoss|WithLoss$|^LPIPS$|SSIM$|ELBO$|LogLikelihood$|"
    r"^(categorical|quantile)_\w*(learning|sarsa)$|^(Softmax|SVM|(Logistic|Linear|MAE)Regression)Output$",
    re.IGNORECASE,
)


NO_LOSS = frozenset(
    {
        "l2_loss",
        "add_loss",
        "get_losses",
        "get_total_loss",
        "get_regularization_loss",
        "get_regularization_losses",
        "Softmax_loss",
        "ctc_decode",
        "compute_average_loss",
        "evaluate_loss",
        "plot_loss",
        "loss",
        "scale_regularization_loss",
    }
)
"""Names of those homes that are penalties or bookkeeping."""


CLASSIFYING = frozenset({"cross_entropy", "nll_loss", "binary_cross_entropy", "hinge_loss", "log_loss", "FocalLoss"})
COMPARING = frozenset({"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"})
"""Families of losses that tell kinds, and that compare numbers."""
_NAMED_AS_PENALTIES = frozenset({"optax.l2_loss", "rlax.l2_loss"})
"""Losses by the name of a penalty."""
DERIVATIVE = re.compile(r"_(grad|gradient|backward|prime|deriv|derivative)$|^(d|grad)_", re.IGNORECASE)
"""What the derivative of a loss is called beside it: `cross_entropy_grad`."""


_MAKING = re.compile(r"(load|build|get|make|create|setup|init)_")
"""How what makes a loss is called, of what it is told elsewhere."""


OF_TENSORS = frozenset({"sparse_categorical_crossentropy", "binary_crossentropy_logits", "binary_crossentropy"})
"""Losses that are methods of tinygrad's tensors: `logits.sparse_categorical_crossentropy(labels)`."""


@cache
def _homes() -> tuple[str, ...]:
    """Where libraries keep their losses."""
    return tuple(sorted(vocabulary.load().of_frameworks("losses")))


@lru_cache(maxsize=1)
def losses_called(program: Program) -> frozenset[str]:
    """The families of all losses of libraries that are called or built."""
    names = (loss_name(dotted.removesuffix(".__call__").removesuffix(".forward")) for dotted in program.names())
    return frozenset(family(name) for name in names if name)


@cache
def loss_name(dotted: str) -> str | None:
    """The name of a library's loss; None for whatever else it is."""
    dotted = plain(dotted)
    name = dotted.rpartition(".")[2]
    if name[:1].islower() and dotted.endswith(f"Loss.{name}"):
        return None  # TD3Loss(...).actor_loss(batch): a part of one
    at_home = dotted.startswith(_homes()) or ".loss." in dotted or ".losses." in dotted
    measures = dotted.startswith(("keras.metrics.", "tensorflow.keras.metrics.")) and name[:1].isupper()
    if name in OF_TENSORS and dotted.startswith("?."):
        return name
    penal = (name in NO_LOSS and dotted not in _NAMED_AS_PENALTIES) or _MAKING.match(name)
    if measures or not at_home or penal or name.startswith("_") or DERIVATIVE.search(name):
        return None
    if not NAMES.search(name):
        return None
    return name


def asks_loss(dotted: str) -> bool:
    """Whether a call makes a library's loss, or asks one."""
    return loss_name(dotted.removesuffix(".__call__")) is not None


_DISTANCES = (
    ("mse_loss", re.compile(r"(^|_)r?mse(_loss|_torch)?$", re.IGNORECASE)),
    ("l1_loss", re.compile(r"(^|_)mae(_loss|_torch)?$", re.IGNORECASE)),
)
"""What one's own losses are called that only compare, `rmse_loss`, `torch_mae`; more may stand behind another name."""


def family(name: str) -> str:
    """The family that a loss belongs to: `CrossEntropyLoss` -> `cross_entropy`, one's own `SoftCrossEntropyLoss` too;
    itself where it has none."""
    words = vocabulary.load()
    known = words.canonical("loss", name)
    if known is None:
        own = re.search(r"(binary_?)?cross_?entropy", name, re.IGNORECASE)
        if own is None:
            return next((told for told, words in _DISTANCES if words.search(name)), name)
        return "binary_cross_entropy" if own[1] else "cross_entropy"
    parents = words.parents("loss", known)
    return parents[-1] if parents else known
