"""The types of what a training run leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis.facts import Place


@dataclass(frozen=True, slots=True)
class Image:
    """A picture linked to a model. `why` says how it was linked; `readable` is False for a damaged one (sizes 0)."""

    path: str
    epoch: int | None
    step: int | None
    label: str
    """What it shows, from its name ("reconstruction", "Sneaker"); empty when the name does not tell."""
    stage: str
    created: str
    modified: str
    """ISO 8601, from the file system."""
    width: int
    height: int
    readable: bool
    why: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A weights file, read without unpickling. `tensors` maps name to shape where the format tells."""

    path: str
    format: str
    size: int
    epoch: int | None
    parameters: int | None
    tensors: tuple[tuple[str, tuple[int, ...]], ...]
    modified: str
    readable: bool
    why: str


@dataclass(frozen=True, slots=True)
class Series:
    """One metric over epochs or steps, as a log told it. `points` are (x, value), x in `unit`."""

    path: str
    name: str
    split: str
    """train, validation, test or empty."""
    unit: str
    """epoch or step."""
    points: tuple[tuple[float, float], ...]
    why: str


@dataclass(frozen=True, slots=True)
class Metric:
    """The value a series ended on. `place` is the line of the log."""

    name: str
    value: float
    split: str
    epoch: int | None
    place: Place

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called: `loss`, and of one split `val_loss` too."""
        split = "val" if self.split == "validation" else self.split
        return (self.name, f"{split}_{self.name}") if split else (self.name,)


@dataclass(frozen=True, slots=True)
class Artefacts:
    """Everything found for one model."""

    images: tuple[Image, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    series: tuple[Series, ...] = ()
    metrics: tuple[Metric, ...] = ()
    warnings: tuple[str, ...] = ()
