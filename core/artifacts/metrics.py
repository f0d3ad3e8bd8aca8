"""Names of metrics: which numbers of a log are told apart as training, validation and test, and which count time."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.analysis.facts import Place
from core.artifacts.words import word_set

EPOCH_KEYS = frozenset({"epoch", "epochs", "ep", "current epoch", "epoch num", "epoch number"})
STEP_KEYS = word_set(
    "step steps iteration iterations iter iters it batch update updates timestep timesteps episode round trial"
)
STEP_KEYS |= {"global step", "train step", "training step", "total timesteps"}
SPLIT_KEYS = frozenset({"split", "phase", "mode", "set", "subset", "partition", "stage"})
NOT_METRICS = word_set(
    "time eta seconds sec duration elapsed date hour day timestamp wall walltime seed size id index version "
    "lr_step total of pid port rank gpu ms s it/s fps"
)
METRIC_WORDS = word_set(
    "loss losses acc accuracy error err mse rmse mae mape psnr ssim fid kid is inception bleu rouge ppl "
    "perplexity reward rewards return returns score kl kld elbo nll nats bce ce f1 auc auroc ap map iou miou dice "
    "precision recall bpd bits likelihood logp reconstruction recon adversarial gradient penalty distance "
    "wasserstein entropy top1 top5 r2 metric em exact match cer wer correct energy regret success q dloss "
    "gloss lossd lossg"
)
"""A text log counts as a log of metrics only where one of these is in a name."""
LOG_WORDS = word_set(
    "log logs logger logging metric metrics history histories result results output outputs out stdout stderr "
    "scalar scalars progress record records monitor stats statistics curve curves summary"
)
"""What files with numbers of a run are called, whatever the numbers are of."""
MOST_POINTS = 5_000
"""Longer series are thinned evenly; the last point, the lowest and the highest are kept."""
MOST_SERIES = 400

_SPLITS = {
    **dict.fromkeys(("train", "training", "tr", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_WORD = re.compile(r"[A-Za-z0-9@.()]+")
_EDGES = " \t-_:=|,;[]{}<>*#>\"'"


@dataclass(frozen=True, slots=True)
class Told:
    """One series of a log. `last` is where its last value stands."""

    name: str
    split: str
    unit: str
    points: tuple[tuple[float, float], ...]
    last: Place


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of a log with the times that stood beside it and its line."""

    key: str
    value: float
    epoch: float | None
    step: float | None
    line: int
    split: str = ""


@dataclass(slots=True)
class _Growing:
    epochs: dict[float, float] = field(default_factory=dict)
    steps: dict[float, float] = field(default_factory=dict)
    count: int = 0
    line: int = 1


def collect(path: str, samples: Iterable[Sample]) -> list[Told]:
    """Series by name and split. Where an epoch is told more than once and a step is told too, steps are the unit;
    else the last value of an epoch counts."""
    growing: dict[tuple[str, str], _Growing] = {}
    for sample in samples:
        name, split = name_and_split(sample.key)
        key = (name, sample.split or split)
        if key not in growing and len(growing) >= MOST_SERIES:
            continue
        series = growing.setdefault(key, _Growing())
        series.count += 1
        series.line = sample.line
        if sample.epoch is not None:
            series.epochs[sample.epoch] = sample.value
        if sample.step is not None:
            series.steps[sample.step] = sample.value
        elif sample.epoch is None:
            series.steps[float(series.count)] = sample.value
    return [_told(path, key, series) for key, series in growing.items() if series.epochs or series.steps]


def _told(path: str, key: tuple[str, str], series: _Growing) -> Told:
    by_epoch = bool(series.epochs) and not (len(series.steps) > len(series.epochs))
    points = list((series.epochs if by_epoch else series.steps).items())
    if len(points) > MOST_POINTS:
        points = _thinned(points)
    unit = "epoch" if by_epoch else "step"
    return Told(key[0], key[1], unit, tuple(points), Place(path, series.line, series.line))


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Some of the points, in their order."""
    stride = math.ceil(len(points) / MOST_POINTS)
    values = [value for _, value in points]
    kept = {*range(0, len(points), stride), values.index(min(values)), values.index(max(values)), len(points) - 1}
    return [points[index] for index in sorted(kept)]


def name_and_split(key: str) -> tuple[str, str]:
    """A metric's name without the words for its split: `val_loss` and `Loss/Validation` are loss, validation."""
    words = _WORD.findall(key.replace("_", " "))
    split = next((_SPLITS[word.casefold()] for word in words if word.casefold() in _SPLITS), "")
    kept = [word for word in words if word.casefold() not in _SPLITS and word.casefold() not in ("set", "epoch")]
    return (
        "_".join(word if _is_symbol(word) else word.casefold() for word in kept) or key.strip(_EDGES).casefold(),
        split,
    )


def split_of(word: str) -> str:
    """The split that a word in small letters names, or nothing."""
    return _SPLITS.get(word, "")


def _is_symbol(word: str) -> bool:
    """`D(x)` and `D(G(z))` keep their spelling."""
    return "(" in word


def time_of(key: str) -> str:
    """epoch, step or nothing: what a column or key of this name counts."""
    folded = " ".join(_WORD.findall(key.replace("_", " "))).casefold()
    folded = folded.removeprefix("train ").removeprefix("trainer ") if folded not in STEP_KEYS else folded
    if folded in EPOCH_KEYS:
        return "epoch"
    return "step" if folded in STEP_KEYS else ""


def is_metric(key: str) -> bool:
    """Whether a name holds a word that metrics go by."""
    words = re.findall(r"[a-z]+\d?", re.sub(r"([a-z])([A-Z])", r"\1 \2", key).casefold())
    return any(word in METRIC_WORDS or word.endswith("loss") for word in words)


def number(text: object) -> float | None:
    """A finite number, from a number or its text; None for anything else."""
    if isinstance(text, bool) or not isinstance(text, (int, float, str)):
        return None
    try:
        value = float(text)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
