"""The values of a model as comparisons see them: one way to ask for any field, facts or not."""

from __future__ import annotations

from collections.abc import Iterable

from core.analysis.facts import Place, Value
from core.catalog.model import Model
from core.fields import LISTED, SINGLE

METRICS = "metrics."
"""What the field of a logged metric begins with in a comparison: `metrics.loss (validation)`."""

Cell = tuple[tuple[Value, ...], tuple[Place, ...]]
"""Values, the main one first, and the place of each that has one. No values = unknown; `(None,)` = a known none."""


def cells(model: Model) -> dict[str, Cell]:
    """Every field of the model that is known, vocabulary first, then metrics, then settings."""
    found: dict[str, dict[Value, Place]] = {}
    for fact in model.facts:
        found.setdefault(fact.field, {}).setdefault(fact.value, fact.place)
    known = {field: _cell(values) for field, values in found.items()}
    known |= _single(model) | _metrics(model)
    return {field: known[field] for field in ordered(known)}


def ordered(fields: Iterable[str]) -> list[str]:
    """Each field once: the vocabulary's in its own order, then metrics, then settings and all else by name."""
    vocabulary = {field: index for index, field in enumerate(LISTED + SINGLE)}
    return sorted(
        dict.fromkeys(fields),
        key=lambda field: (vocabulary.get(field, len(vocabulary)), not field.startswith(METRICS), field),
    )


def _cell(values: dict[Value, Place]) -> Cell:
    """A known none counts only where no stage of the script has a value."""
    if len(values) > 1:
        values.pop(None, None)
    return tuple(values), tuple(values.values())


def _single(model: Model) -> dict[str, Cell]:
    dates = model.dates
    values: dict[str, Value] = {
        "created": dates.created,
        "modified": dates.modified,
        "author": dates.author,
        "commits": dates.commits,
        "size": model.size,
        "lines": model.lines,
    }
    return {field: ((value,), ()) for field, value in values.items() if value is not None}


def _metrics(model: Model) -> dict[str, Cell]:
    return {
        f"{METRICS}{metric.name}" + (f" ({metric.split})" if metric.split else ""): ((metric.value,), (metric.place,))
        for metric in model.metrics
    }
