"""Claims about how a run went, computed from its logs, checkpoints and pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import PurePath

from core.artifacts.records import Artefacts, Metric, Series
from core.catalog.model import Model
from core.report.claims import Claim, lower
from core.report.document import Table
from core.report.wording import clean, count, factor, file_size, number, series

LOWER_IS_BETTER = (
    "loss", "error", "mse", "mae", "rmse", "nll", "perplexity", "ppl", "fid", "bpd", "bits", "bce", "wer", "cer",
    "distance",
)  # fmt: skip
HIGHER_IS_BETTER = (
    "acc", "accuracy", "f1", "auc", "reward", "return", "psnr", "ssim", "bleu", "iou", "map", "r2", "recall", "elbo",
    "likelihood", "inception", "match",
)  # fmt: skip
"""Whole words of a metric's name that tell which way is better; of others neither is said."""

ADVERSARIAL = ("d", "g", "disc", "gen", "discriminator", "generator", "critic", "adv", "adversarial")
"""Words of losses that two networks play against each other: lower is not better."""

_MOST_SERIES = 4


def better(name: str) -> str | None:
    """Which way a metric is better: "lower", "higher", or None where its name does not tell."""
    words = set("".join(letter if letter.isalnum() else " " for letter in name.casefold()).split())
    if words & set(ADVERSARIAL):
        return None
    if words & set(LOWER_IS_BETTER):
        return "lower"
    return "higher" if words & set(HIGHER_IS_BETTER) else None


_SPLITS = {"train": ("train", "training"), "validation": ("val", "valid", "validation", "eval"), "test": ("test",)}


def metric_label(name: str, split: str) -> str:
    """`validation loss` for the `val_loss` of the validation data: the split once, the name as the log has it."""
    words = clean(name, 40)
    for prefix in _SPLITS.get(split, ()):
        words = re.sub(rf"^{prefix}[_/. -](?=.)", "", words, flags=re.IGNORECASE)
    shown = {"train": "training"}.get(split, split)
    return words if not split or shown in words.casefold().split() else f"{shown} {words}"


def performance(model: Model, artefacts: Artefacts, subject: str) -> list[Claim]:
    """The course of the logged metrics, the last value of the others, checkpoints, pictures; or that there are none."""
    drawn = _ranked(artefacts.series)[:_MOST_SERIES]
    metrics = metrics_of(model, artefacts)
    names = labels(artefacts.series)
    claims = [_course(line, names[line.path, line.name, line.split], metrics) for line in drawn]
    told = {(line.name, line.split) for line in drawn}
    claims += [_last(metric) for metric in metrics if (metric.name, metric.split) not in told][:_MOST_SERIES]
    claims += _diverged(artefacts.series, names)
    claims += _generalisation(artefacts.series)
    claims += [found for found in (_checkpoints(artefacts), _images(artefacts)) if found]
    if not claims:
        of = lower(subject)
        claims = [Claim(f"No metric log, checkpoint or picture of {of} was found.", (of,), plain=True)]
    return claims


def metrics_of(model: Model, artefacts: Artefacts) -> tuple[Metric, ...]:
    return model.metrics or artefacts.metrics


def _ranked(lines: Iterable[Series]) -> list[Series]:
    """Series of two points or more, those first that a reader asks for first."""
    splits = {"validation": 0, "test": 1, "": 2, "train": 3}
    usable = [line for line in map(_finite, lines) if len(line.points) > 1]
    return sorted(usable, key=lambda line: (better(line.name) is None, splits.get(line.split, 4), line.name, line.path))


def labels(lines: Iterable[Series]) -> dict[tuple[str, str, str], str]:
    """The words for each series; those that would be called the same have their log's name with them."""
    plain = {(line.path, line.name, line.split): metric_label(line.name, line.split) for line in lines}
    often = Counter(plain.values())
    return {
        key: f"{words} of {clean(PurePath(key[0]).stem, 40)}" if often[words] > 1 else words
        for key, words in plain.items()
    }


def _finite(line: Series) -> Series:
    return replace(line, points=tuple(point for point in line.points if isfinite(point[1])))


def _diverged(lines: Iterable[Series], names: Mapping[tuple[str, str, str], str]) -> list[Claim]:
    """Where a log holds NaN or infinity."""
    claims = []
    for line in lines:
        if bad := len(line.points) - len(_finite(line).points):
            name, unit = names[line.path, line.name, line.split], line.unit or "step"
            x = next(x for x, value in line.points if not isfinite(value))
            text = f"The {name} is not a finite number in {bad} of its {count(len(line.points), 'value')}"
            claims.append(Claim(f"{text}, first at {unit} {number(x)}.", plain=True))
    return claims[:2]


def _course(line: Series, name: str, metrics: Sequence[Metric]) -> Claim:
    """`The validation loss fell from 0.9 to 0.12 between epochs 1 and 20; it was lowest, 0.11, at epoch 17.`"""
    (start, first), (end, last) = line.points[0], line.points[-1]
    unit = line.unit or "step"
    verb = "fell" if last < first else "rose" if last > first else "stayed"
    text = f"The {name} {verb} from {number(first)} to {number(last)} between {unit}s {number(start)} and {number(end)}"
    if verb == "stayed":
        text = f"The {name} stayed at {number(last)} between {unit}s {number(start)} and {number(end)}"
    if way := better(line.name):
        text += _best(line, "lowest" if way == "lower" else "highest", unit)
    same = [metric for metric in metrics if (metric.name, metric.split) == (line.name, line.split)]
    places = tuple(metric.place for metric in same if metric.place.file == line.path)[:1]
    return Claim(text + ".", (), (), places)


def best_point(line: Series) -> tuple[float, float]:
    """The first of the best points (x, value) of a series whose name tells which way is better."""
    sign = 1 if better(line.name) == "lower" else -1
    return min(line.points, key=lambda point: (sign * point[1], point[0]))


def _best(line: Series, word: str, unit: str) -> str:
    x, value = best_point(line)
    if x == line.points[-1][0]:
        return f" and was {word} at the end"
    return f"; it was {word}, {number(value)}, at {unit} {number(x)}"


def _last(metric: Metric) -> Claim:
    text = f"The last logged {metric_label(metric.name, metric.split)} is {number(metric.value)}"
    if metric.epoch is not None:
        text += f", at epoch {metric.epoch}"
    return Claim(text + ".", (), (), (metric.place,))


def _generalisation(lines: Sequence[Series]) -> list[Claim]:
    """How far validation is from training at the last point that both have."""
    claims = []
    finite = [_finite(line) for line in lines]
    training = {(line.name, line.unit): line for line in finite if line.split == "train"}
    for line in finite:
        other = training.get((line.name, line.unit)) if line.split == "validation" else None
        shared = set(dict(other.points)) & set(dict(line.points)) if other else set()
        if other is None or not shared:
            continue
        at = max(shared)
        ours, theirs = dict(line.points)[at], dict(other.points)[at]
        if min(ours, theirs) > 0 and ours != theirs:
            claims.append(_gap(line, at, ours, theirs))
    return claims[:2]


def _gap(line: Series, at: float, validation: float, train: float) -> Claim:
    name = metric_label(line.name, "")
    word = "above" if validation > train else "below"
    ratio = factor(max(validation, train), min(validation, train))
    text = f"At {line.unit} {number(at)} the validation {name} ({number(validation)})"
    text += f" is {word} the training {name} ({number(train)})"
    return Claim(text + (f" by a factor of {ratio}." if ratio != "1" else "."))


def _checkpoints(artefacts: Artefacts) -> Claim | None:
    found = artefacts.checkpoints
    if not found:
        return None
    latest = max(found, key=lambda one: (one.epoch if one.epoch is not None else -1, one.modified, one.path))
    text = f"{count(len(found), 'checkpoint')} {'was' if len(found) == 1 else 'were'} found"
    text += f", the latest of epoch {latest.epoch}" if latest.epoch is not None else ""
    text += (
        f" ({file_size(latest.size)}" + (f", {number(latest.parameters)} values" if latest.parameters else "") + ")."
    )
    if damaged := sum(not one.readable for one in found):
        text = text[:-1] + f"; {damaged} cannot be read."
    return Claim(text, plain=True)


def _images(artefacts: Artefacts) -> Claim | None:
    found = artefacts.images
    if not found:
        return None
    text = f"{count(len(found), 'picture')} {'was' if len(found) == 1 else 'were'} found"
    epochs = sorted({image.epoch for image in found if image.epoch is not None})
    if len(epochs) > 1:
        text += f", from epoch {epochs[0]} to epoch {epochs[-1]}"
    labels = list(dict.fromkeys(clean(image.label, 40) for image in found if image.label))
    if labels:
        text += f", labelled {series(labels, most=5)}"
    if damaged := sum(not image.readable for image in found):
        text += f"; {damaged} {'is' if damaged == 1 else 'are'} damaged"
    return Claim(text + ".", plain=True)


def metric_table(model: Model, artefacts: Artefacts) -> list[Table]:
    """First, best and last value of every series; the last value of what has no series."""
    rows = []
    for line in _ranked(artefacts.series):
        way = better(line.name)
        x, best = best_point(line) if way else (line.points[-1][0], line.points[-1][1])
        rows.append((
            metric_label(line.name, line.split),
            number(line.points[0][1]),
            f"{number(best)} ({line.unit} {number(x)})" if way else "",
            number(line.points[-1][1]),
            clean(line.path.rsplit("/", 1)[-1]),
        ))  # fmt: skip
    told = {(line.name, line.split) for line in artefacts.series if len(line.points) > 1}
    for metric in metrics_of(model, artefacts):
        if (metric.name, metric.split) not in told:
            file = clean(metric.place.file.rsplit("/", 1)[-1])
            rows.append((metric_label(metric.name, metric.split), "", "", number(metric.value), file))
    return [Table("Logged metrics", ("Metric", "First", "Best", "Last", "Log"), tuple(rows))] if rows else []


def insights(artefacts: Artefacts) -> list[Claim]:
    """Whether the best came early or at the end."""
    claims = []
    names = labels(artefacts.series)
    for line in _ranked(artefacts.series):
        if better(line.name) is None or line.split == "train" or len(line.points) < 3:
            continue
        x, best = best_point(line)
        name, last = names[line.path, line.name, line.split], line.points[-1]
        if x == last[0]:
            claims.append(Claim(f"The {name} was at its best when the run ended, at {line.unit} {number(x)}."))
        else:
            before = count(int(last[0] - x), line.unit)
            text = (
                f"The {name} had its best value, {number(best)}, at {line.unit} {number(x)}, {before} before the end."
            )
            claims.append(Claim(text))
    return claims[:2]
