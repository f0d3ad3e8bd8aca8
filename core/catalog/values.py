"""Facts and what belongs to a model, as rows of tables and back."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from core.analysis.facts import Analysis, Fact, Layer, Place, Value, WritePath
from core.artifacts.records import Artefacts, Checkpoint, Image, Metric, Series
from core.catalog.entry import Head
from core.catalog.first_screen import to_json, value_from
from core.catalog.model import Dates, Model
from core.catalog.rows import day, instant
from core.vocabulary import fold

Record = tuple[Any, ...]


def text_hash(text: str) -> str:
    """What tells one text from another: 16 hexadecimal digits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def place_columns(place: Place) -> Record:
    return place.file, place.line, place.end_line, place.cell


# -- to rows


def model_row(number: int, head: Head) -> Record:
    dates = head.dates
    created, modified = instant(dates.created), instant(dates.modified)
    when = (dates.created, dates.modified, _date(dates.created), _date(dates.modified), created, modified)
    source = (dates.created_from, dates.modified_from, dates.author, dates.commits)
    writes = to_json([[w.template, w.kind, *place_columns(w.place), w.stage] for w in head.writes])
    return (
        number, head.id, head.path, head.kind, head.script, head.aliases, head.root, head.offline, *when, *source,
        head.size, head.lines, head.warnings, head.files, writes, head.digest, head.grid,
        head.hash, head.inputs, head.traces, head.signature, head.found_warnings,
    )  # fmt: skip


def _date(text: str) -> str:
    return date.fromisoformat(day(text)).isoformat()


def fact_row(model: int, position: int, fact: Fact) -> Record:
    shown = fact.value if isinstance(fact.value, str) else to_json(fact.value)
    folded = "" if fact.value is None else fold(shown)
    return (
        model, position, fact.field, to_json(fact.value), folded, _number(fact.value), *place_columns(fact.place),
        fact.how, fact.stage,
    )  # fmt: skip


def _number(value: Value) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def layer_row(model: int, position: int, layer: Layer) -> Record:
    return (
        model,
        position,
        layer.name,
        layer.kind,
        layer.arguments,
        _whole(layer.parameters),
        *place_columns(layer.place),
    )


def _whole(number: int | None) -> int | None:
    """A number that fits a BIGINT, else None."""
    return number if number is not None and abs(number) < 2**53 else None


def passage_rows(model: int, analysis: Analysis) -> list[Record]:
    """Without the passage's number; sorted by place, each text once."""
    ordered = sorted(analysis.passages, key=lambda p: (p.place.file, p.place.cell or 0, p.place.line, p.kind, p.text))
    return [(model, p.kind, p.text, text_hash(p.text), *place_columns(p.place)) for p in dict.fromkeys(ordered)]


def artefact_rows(model: int, found: Artefacts) -> dict[str, list[Record]]:
    """Rows of the four tables of artefacts."""
    return {
        "image": [_image_row(model, i, image) for i, image in enumerate(found.images)],
        "checkpoint": [_checkpoint_row(model, i, checkpoint) for i, checkpoint in enumerate(found.checkpoints)],
        "series": [_series_row(model, i, series) for i, series in enumerate(found.series)],
        "metric": [_metric_row(model, i, metric) for i, metric in enumerate(found.metrics)],
    }


def _image_row(model: int, position: int, i: Image) -> Record:
    return (
        model, position, i.path, i.epoch, i.step, i.label, i.stage, i.created, i.modified, i.width, i.height,
        i.readable, i.why,
    )  # fmt: skip


def _checkpoint_row(model: int, position: int, c: Checkpoint) -> Record:
    tensors = to_json(c.tensors)
    return (
        model, position, c.path, c.format, c.size, c.epoch, _whole(c.parameters), tensors, c.modified, c.readable,
        c.why,
    )  # fmt: skip


def _series_row(model: int, position: int, s: Series) -> Record:
    return model, position, s.path, s.name, s.split, s.unit, to_json(s.points), s.why


def _metric_row(model: int, position: int, m: Metric) -> Record:
    return model, position, m.name, m.value, m.split, m.epoch, *place_columns(m.place)


# -- from rows


def head_from(row: Record) -> Head:
    """From all columns of `model` after its number."""
    (
        id, path, kind, script, aliases, root, offline, created, modified, _, _, _, _, created_from, modified_from,
        author, commits, size, lines, warnings, files, writes, digest, grid, hash, inputs, traces, signature,
        found_warnings,
    ) = row  # fmt: skip
    dates = Dates(created, modified, created_from, modified_from, author, commits)
    paths = tuple(WritePath(text, what, Place(*rest[:4]), *rest[4:]) for text, what, *rest in json.loads(writes))
    return Head(
        id, path, kind, script, tuple(aliases), root, offline, dates, size, lines, tuple(warnings), tuple(files), paths,
        digest, grid, hash, inputs, traces, signature, tuple(found_warnings),
    )  # fmt: skip


def fact_from(row: Record) -> Fact:
    field, value, file, line, end_line, cell, how, stage = row
    return Fact(field, value_from(json.loads(value)), Place(file, line, end_line, cell), how, stage)


def layer_from(row: Record) -> Layer:
    name, kind, arguments, parameters, *place = row
    return Layer(name, kind, arguments, parameters, Place(*place))


def metric_from(row: Record) -> Metric:
    name, value, split, epoch, *place = row
    return Metric(name, value, split, epoch, Place(*place))


def checkpoint_from(row: Record) -> Checkpoint:
    path, form, size, epoch, parameters, tensors, modified, readable, why = row
    shapes = tuple((name, tuple(shape)) for name, shape in json.loads(tensors))
    return Checkpoint(path, form, size, epoch, parameters, shapes, modified, readable, why)


def series_from(row: Record) -> Series:
    path, name, split, unit, points, why = row
    return Series(path, name, split, unit, tuple((x, y) for x, y in json.loads(points)), why)


def model_from(head: Head, facts: Sequence[Fact], layers: Sequence[Layer], metrics: Sequence[Metric]) -> Model:
    """The Model as everybody else knows it."""
    return Model(
        head.id, head.path, head.kind, head.script, head.aliases, head.root, head.offline, head.dates, head.size,
        head.lines, tuple(facts), tuple(layers), tuple(metrics), head.warnings,
    )  # fmt: skip
