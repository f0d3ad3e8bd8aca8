"""One model's linked files read into records: picture headers, checkpoint headers, metric logs."""

from __future__ import annotations

import math
import os
import stat
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from core.artifacts.checkpoints import read_checkpoint
from core.artifacts.logs import Told, read_log
from core.artifacts.metrics import LOG_WORDS, split_of
from core.artifacts.naming import Name, read_name, words
from core.artifacts.pictures import measure
from core.artifacts.records import Artefacts, Checkpoint, Image, Metric, Series


@dataclass(frozen=True, slots=True)
class Link:
    """A file that belongs to a model, and why. `relative` is its path under the model's folder; `holes` is what
    stood in the holes of the write path that matched, as (name, text), and `stage` the stage that writes it."""

    path: str
    size: int
    kind: str
    why: str
    relative: str
    holes: tuple[tuple[str, str], ...] = ()
    stage: str = ""


def read_links(links: Sequence[Link], *, epochs: int | None = None, stages: Sequence[str] = ()) -> Artefacts:
    """The records of one model. A file that is gone or cannot be read is a warning, never an exception."""
    warnings: list[str] = []
    counted = _Counting(links, epochs)
    shown = [(link, _image(link, counted, stages, warnings)) for link in links if link.kind == "image"]
    images = _runs_apart([(link, image) for link, image in shown if image])
    checkpoints = [_checkpoint(link, counted, warnings) for link in links if link.kind == "checkpoint"]
    told = _told_apart([(link, found) for link in links if link.kind == "log" for found in _log(link, warnings)])
    return Artefacts(
        images=tuple(sorted(images, key=_in_time)),
        checkpoints=tuple(checkpoint for checkpoint in checkpoints if checkpoint),
        series=tuple(_series(link, found) for link, found in told),
        metrics=tuple(_metric(found) for _, found in told if found.points),
        warnings=tuple(warnings),
    )


def _in_time(image: Image) -> tuple[float, float, str]:
    """Pictures in the order of their making; those without a time last, then by name."""
    return (
        math.inf if image.epoch is None else image.epoch,
        math.inf if image.step is None else image.step,
        image.path,
    )


class _Counting:
    """Decides what the bare numbers of a model's files count: epochs or steps."""

    def __init__(self, links: Sequence[Link], epochs: int | None) -> None:
        self.names = {link.path: read_name(link.relative) for link in links}
        self.epochs = epochs
        self.families: dict[tuple[str, str], set[int]] = {}
        for link in links:
            bare = self.names[link.path].bare
            if bare is not None:
                self.families.setdefault(self._family(link), set()).add(bare)

    def _family(self, link: Link) -> tuple[str, str]:
        return os.path.dirname(link.relative), self.names[link.path].label

    def time(self, link: Link) -> tuple[int | None, int | None]:
        """Epoch and step of a file: the write path first, then the words of its name, then the family of its number."""
        name, holes = self.names[link.path], dict(link.holes)
        epoch = _number(holes.get("epoch"), name.epoch)
        step = _number(holes.get("step"), name.step)
        if epoch is not None or step is not None or name.bare is None:
            return epoch, step
        numbers = self.families[self._family(link)]
        return (name.bare, None) if self._are_epochs(numbers) else (None, name.bare)

    def _are_epochs(self, numbers: set[int]) -> bool:
        """Numbers up to the number of epochs count epochs; where that is unknown, numbers that follow each other do."""
        if self.epochs is not None:
            return max(numbers) <= self.epochs
        ordered = sorted(numbers)
        gaps = [after - before for before, after in pairwise(ordered)]
        return bool(gaps) and max(gaps) <= 10 and ordered[0] <= 10


def _number(text: str | None, otherwise: int | None) -> int | None:
    return int(text) if text is not None and text.isdigit() and len(text) <= 10 else otherwise


def _image(link: Link, counted: _Counting, stages: Sequence[str], warnings: list[str]) -> Image | None:
    try:
        status = _regular(link.path)
        size = measure(link.path)
    except OSError as error:
        warnings.append(f"{link.path}: {error.strerror or error}")
        return None
    epoch, step = counted.time(link)
    label = dict(link.holes).get("label") or counted.names[link.path].label
    created, modified = _dates(status)
    width, height = size or (0, 0)
    stage, readable = link.stage or _stage(link.relative, stages), size is not None
    return Image(link.path, epoch, step, label, stage, created, modified, width, height, readable, link.why)


def _checkpoint(link: Link, counted: _Counting, warnings: list[str]) -> Checkpoint | None:
    try:
        status = _regular(link.path)
        found = read_checkpoint(link.path)
    except OSError as error:
        warnings.append(f"{link.path}: {error.strerror or error}")
        return None
    if found.is_data:
        return None
    epoch, (_, modified) = counted.time(link)[0], _dates(status)
    about = (found.parameters, found.tensors, modified, found.readable)
    return Checkpoint(link.path, found.format, status.st_size, epoch, *about, link.why)


def _log(link: Link, warnings: list[str]) -> list[Told]:
    try:
        _regular(link.path)
        return read_log(link.path)
    except OSError as error:
        warnings.append(f"{link.path}: {error.strerror or error}")
        return []


def _told_apart(told: list[tuple[Link, Told]]) -> list[tuple[Link, Told]]:
    """Series of one name from several logs get the words that only their own log's path has: `autoencoder_loss`, or as
    their split the one that it names: `val.csv`. Logs that only a number or a word for logs tells apart (`seed0.csv`,
    `metrics.jsonl`) are of one thing: their series keep a name."""
    logs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for link, found in told:
        logs[found.name, found.split].add(link.relative)
    apart = []
    for link, found in told:
        beside = [words(_bare(other)) for other in logs[found.name, found.split] if other != link.relative]
        own = [word for word in words(_bare(link.relative)) if not all(word in other for other in beside)]
        apart.append((link, _told_in(found, own) if beside else found))
    return apart


def _told_in(found: Told, own: list[str]) -> Told:
    """A series with what the words of its own log's path tell of it."""
    telling = [word for word in own if word not in LOG_WORDS and not split_of(word)]
    named = [] if all(word.isdigit() for word in telling) else telling
    split = found.split or next(filter(None, map(split_of, own)), "")
    return replace(found, name="_".join((*named, found.name)), split=split)


def _bare(relative: str) -> str:
    return os.path.splitext(relative)[0]


def _runs_apart(shown: list[tuple[Link, Image]]) -> list[Image]:
    """Pictures of one label and time from several folders (`runs/beta_4`) get the folders that only their path has."""
    folders: dict[tuple[object, ...], list[tuple[str, ...]]] = defaultdict(list)
    for link, image in shown:
        folders[_moment(image)].append(_folders(link))
    apart = []
    for link, image in shown:
        common = set.intersection(*map(set, folders[_moment(image)]))
        own = [folder for folder in _folders(link) if folder not in common]
        apart.append(replace(image, label=" ".join([*own, image.label]).strip()))
    return apart


def _moment(image: Image) -> tuple[object, ...]:
    return image.epoch, image.step, image.label, image.stage


def _folders(link: Link) -> tuple[str, ...]:
    return tuple(os.path.dirname(link.relative).split(os.sep))


def _series(link: Link, told: Told) -> Series:
    return Series(link.path, told.name, told.split, told.unit, told.points, link.why)


def _metric(told: Told) -> Metric:
    """The value that the series ended on."""
    x, value = told.points[-1]
    epoch = int(x) if told.unit == "epoch" and x == x else None
    return Metric(told.name, value, told.split, epoch, told.last)


def _stage(relative: str, stages: Sequence[str]) -> str:
    """The stage whose words stand in the path, where there is exactly one."""
    present = set(words(relative))
    named = [stage for stage in stages if stage and set(words(stage)) <= present]
    return named[0] if len(named) == 1 else ""


def _regular(path: str) -> os.stat_result:
    """What the system says of a file. Raises OSError where it is none: a pipe would block whoever opens it."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise OSError("is not a regular file")
    return status


def _dates(status: os.stat_result) -> tuple[str, str]:
    """When a file was made (where the system knows) and changed, ISO 8601 with the machine's offset."""
    modified = status.st_mtime
    created = min(getattr(status, "st_birthtime", modified), modified)
    return _iso(created), _iso(modified)


def _iso(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a date before year 1 or after 9999, as broken archives leave
        return "1970-01-01T00:00:00+00:00"


__all__ = ["Link", "Name", "read_links"]
