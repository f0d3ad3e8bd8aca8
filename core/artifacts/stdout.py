"""Metrics out of what a run printed.

`Epoch 3 loss 0.12 val_acc 0.9`, `Train Epoch: 3 [640/60000 (1%)] Loss: 0.1`, progress lines of Keras and the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.artifacts.metrics import NOT_METRICS, Sample, is_metric, name_and_split, number

LONGEST_LINE = 1_000

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_COUNT = r"[\s_#:=.]*[\[(]?\s*(\d+)\s*(?:(?:/|of)\s*\d+)?[\])]?"
_EPOCH = re.compile(rf"\b(?:epochs?|ep)\b{_COUNT}|\[(\d+)/\d+\](?=\s*\[)", re.IGNORECASE)
_STEP = re.compile(
    rf"\b(?:global[_ ]step|step|iteration|iter|it|batch|update|timestep|episode)s?\b{_COUNT}", re.IGNORECASE
)
_NAME = r"(?<![A-Za-z0-9_])([A-Za-z][\w()/@.]*(?:[ \-][A-Za-z(][\w()/@.]*){0,3})"
_PAIR = re.compile(rf"{_NAME}\s*(?:->|\bis\b)?\s*({_NUMBER})\s*(%)?(?![\w./(]|:\d)")
_KEY = re.compile(rf"{_NAME}\s*[:=]\s*({_NUMBER})\s*(%)?(?![\w/]|:\d)")
_FRACTION = re.compile(rf"{_NAME}\s*[:=]?\s*\d+/\d+\s*\(({_NUMBER})\s*(%)?\)")
_NO_NUMBER = re.compile(r"\b(?:nan|inf)\b", re.IGNORECASE)
_SPLIT = re.compile(r"\b(train|training|val|valid|validation|dev|eval|test)\b", re.IGNORECASE)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def samples(lines: Iterable[tuple[int, str]]) -> Iterator[Sample]:
    """The numbers of a printed log, each with its line. What stands before the first epoch or step tells settings."""
    epoch: float | None = None
    for line_number, raw in lines:
        line = _ESCAPES.sub("", raw.rstrip("\r\n").rpartition("\r")[2][:LONGEST_LINE])
        here, step = _time(_EPOCH, line), _time(_STEP, line)
        epoch = epoch if here is None else here
        if epoch is None and step is None:
            continue
        rest = _NO_NUMBER.sub(" ; ", _STEP.sub(" ; ", _EPOCH.sub(" ; ", line)))
        said = _SPLIT.search(line)
        split = name_and_split(f"{said.group(1)} x")[1] if said else ""
        for key, value in _pairs(rest):
            own = name_and_split(key)[1]
            timed = step if epoch is None or here is not None else None
            yield Sample(key, value, epoch, timed, line_number, "" if own else split)


def _time(pattern: re.Pattern[str], line: str) -> float | None:
    found = pattern.search(line)
    return float(next(group for group in found.groups() if group)[:12]) if found else None


def _pairs(text: str) -> Iterator[tuple[str, float]]:
    """Names and numbers of a line: with a colon or sign any name, with a space only one that metrics go by."""
    seen: set[str] = set()
    for pattern in (_FRACTION, _KEY, _PAIR):
        for found in pattern.finditer(text):
            key = found.group(1).strip()
            words = [word for word in re.split(r"[ _\-]", key.casefold()) if word]
            if key.casefold() in seen or not words or words[-1] in NOT_METRICS:
                continue
            if pattern is not _KEY and not is_metric(key):
                continue
            value = number(found.group(2))
            if value is not None:
                seen.add(key.casefold())
                yield key, value / 100 if found.group(3) else value
