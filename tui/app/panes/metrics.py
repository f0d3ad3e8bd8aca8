"""The metrics of a model: each series as a curve in one line, with where it began, was best and ended."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from core.artifacts.records import Artefacts, Metric, Series
from core.catalog.model import Model
from core.report.performance import best_point, better
from tui.app import text
from tui.app.panes.rows import LABEL, row
from tui.app.text import plain, wrap
from tui.app.widgets.lines import Line, Span, heading, line

CURVE = 40
"""Cells of the longest curve."""


def metrics(model: Model, artefacts: Artefacts, width: int) -> Iterator[Line]:
    """Every series, then the values of which no log tells the course."""
    found = artefacts.metrics or model.metrics
    ends = {(metric.place.file, metric.name, metric.split): metric for metric in found}
    if not (found or artefacts.series):
        return
    yield line("")
    yield heading("Metrics", width)
    for series in artefacts.series:
        yield from _series(series, ends.get((series.path, series.name, series.split)), width)
    drawn = {(series.path, series.name, series.split) for series in artefacts.series}
    for metric in found:
        if (metric.place.file, metric.name, metric.split) not in drawn:
            value = text.number(metric.value) + (f" at epoch {metric.epoch}" if metric.epoch is not None else "")
            yield row(_name(metric), value, text.place(metric.place), width, target=metric.place)


def _name(item: Series | Metric) -> str:
    return plain(f"{item.split} {item.name}".strip())


def _series(series: Series, end: Metric | None, width: int) -> Iterator[Line]:
    where = text.place(end.place) if end else plain(PurePath(series.path).name)
    target = end.place if end else None
    room = max(min(width - LABEL - len(where) - 3, CURVE), 8)
    yield row(_name(series), spark([value for _, value in series.points], room), where, width, target=target)
    for part in wrap(_course(series), width - LABEL - 1):
        yield Line((Span(" " * LABEL), Span(part, "dim")), target=target)


def _course(series: Series) -> str:
    """`165.7 \u2192 33.42 at epoch 60, lowest 33.4 at 58`: where it began, ended and was best."""
    points = [point for point in series.points if math.isfinite(point[1])]
    if not points:
        return "no value that is a number"
    (_, begun), (last, ended) = points[0], points[-1]
    ends = f"{_short(begun)} \u2192 {_short(ended)}" if len(points) > 1 else _short(ended)
    course = f"{ends} at {plain(series.unit)} {text.count(last)}"
    way = better(series.name)
    if way is None or len(points) < 3:
        return course
    at, best = best_point(Series(series.path, series.name, series.split, series.unit, tuple(points), series.why))
    return f"{course}, {'lowest' if way == 'lower' else 'highest'} {_short(best)} at {text.count(at)}"


def _short(value: float) -> str:
    return f"{value:.4g}"


SPARKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"


def spark(values: Sequence[float], width: int) -> str:
    """A curve in one line; values that are not finite leave a gap."""
    if len(values) > width:
        values = [values[round(index * (len(values) - 1) / (width - 1))] for index in range(width)]
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    step = (high - low) / (len(SPARKS) - 1) or 1
    return "".join(SPARKS[round((value - low) / step)] if math.isfinite(value) else " " for value in values)
