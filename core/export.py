"""What the catalogue knows as plain JSON values: the shapes that scripts depend on, in one place."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.fields import LISTED, SETTINGS
from core.search.query import And, Filter, Not, Or, Query, Text

if TYPE_CHECKING:
    from core.analysis.facts import Fact, Layer, Place, Value
    from core.artifacts.records import Artefacts, Metric
    from core.catalog.model import Model
    from core.compare.difference import CohortComparison, Diff, Spread
    from core.search.answer import Answer, Hit, PictureHit, Why
    from core.search.query import Expr

Json = dict[str, Any]

_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""What a terminal or a reader of lines might act on, and lone surrogates, which are not UTF-8."""


def line(value: Any) -> str:
    """One line of JSON: UTF-8 as it is, except for characters that are not safe to print."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def plain(value: Value) -> Any:
    """A value as JSON has it: a tuple is a list, and a number that JSON lacks is its name."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def model_json(model: Model) -> Json:
    """One model, complete. Unknown is null for single values and an empty list for the others."""
    dates = model.dates
    description = model.values("description")
    return {
        "id": model.id,
        "path": model.path,
        "script": model.script,
        "aliases": list(model.aliases),
        "kind": model.kind,
        "root": model.root,
        "offline": model.offline,
        "warnings": list(model.warnings),
        "description": plain(description[0]) if description else None,
        "created": dates.created,
        "modified": dates.modified,
        "created_from": dates.created_from,
        "modified_from": dates.modified_from,
        "author": dates.author,
        "commits": dates.commits,
        "size": model.size,
        "lines": model.lines,
        **_listed(model.facts),
        "metrics": [_metric(metric) for metric in model.metrics],
        "layers": [_layer(layer) for layer in model.layers],
        "facts": [fact_json(fact) for fact in model.facts],
    }


def _listed(facts: Sequence[Fact]) -> Json:
    """The distinct known values of each listed field and of each setting, in the order of their facts."""
    found: dict[str, dict[Value, None]] = {}
    for fact in facts:
        if fact.value is not None:
            found.setdefault(fact.field, {})[fact.value] = None
    values = {field: [plain(value) for value in of_field] for field, of_field in found.items()}
    settings = {field.removeprefix(SETTINGS): known for field, known in values.items() if field.startswith(SETTINGS)}
    return {**{field: values.get(field, []) for field in LISTED}, "settings": settings}


def place_json(place: Place) -> Json:
    return {"file": place.file, "line": place.line, "end_line": place.end_line, "cell": place.cell}


def fact_json(fact: Fact) -> Json:
    value = plain(fact.value)
    return {"field": fact.field, "value": value, **place_json(fact.place), "how": fact.how, "stage": fact.stage}


def _metric(metric: Metric) -> Json:
    return {
        "name": metric.name,
        "value": plain(metric.value),
        "split": metric.split,
        "epoch": metric.epoch,
        "place": place_json(metric.place),
    }


def _layer(layer: Layer) -> Json:
    return {
        "name": layer.name,
        "class": layer.kind,
        "args": layer.arguments,
        "parameters": layer.parameters,
        "place": place_json(layer.place),
    }


def artefacts_json(artefacts: Artefacts) -> Json:
    """Images, checkpoints and series, each with the reason of its link."""
    return {
        "images": [asdict(image) for image in artefacts.images],
        "checkpoints": [
            {**asdict(checkpoint), "tensors": {name: list(shape) for name, shape in checkpoint.tensors}}
            for checkpoint in artefacts.checkpoints
        ],
        "series": [
            {**asdict(series), "points": [[plain(x), plain(y)] for x, y in series.points]}
            for series in artefacts.series
        ],
    }


def query_text(query: Query) -> str:
    """The words of the question that rank, without the negated ones."""
    return " ".join(_words(query.expr))


def _words(expr: Expr | None) -> list[str]:
    match expr:
        case Text(words, phrase):
            return [f'"{words}"' if phrase else words]
        case And(args) | Or(args):
            return [word for arg in args for word in _words(arg)]
        case _:
            return []


def expr_json(expr: Expr | None) -> Json | None:
    """The tree of a question. Free text is a leaf of the field `text`, its op `phrase` where it was quoted."""
    match expr:
        case None:
            return None
        case Filter(field, op, value):
            return {"field": field, "op": op, "value": plain(value)}
        case Text(words, phrase):
            return {"field": "text", "op": "phrase" if phrase else ":", "value": words}
        case Not(arg):
            return {"op": "not", "args": [expr_json(arg)]}
        case And(args):
            return {"op": "and", "args": [expr_json(arg) for arg in args]}
        case Or(args):
            return {"op": "or", "args": [expr_json(arg) for arg in args]}


def hit_json(hit: Hit) -> Json:
    return {"id": hit.id, "path": hit.path, "score": hit.score, "why": [_why(why) for why in hit.why]}


def _why(why: Why) -> Json:
    return {
        "kind": why.kind,
        "field": why.field,
        "value": plain(why.value),
        "place": place_json(why.place) if why.place else None,
        "text": why.text,
    }


def answer_json(answer: Answer, hits: Sequence[Hit], cohorts: Sequence[tuple[Answer, Sequence[Hit]]] = ()) -> Json:
    """An answer and the part of it that was asked for; cohorts and pictures only where the question wants them."""
    query = answer.query
    found: Json = {
        "query": str(query),
        "intent": query.intent,
        "expr": expr_json(query.expr),
        "text": query_text(query),
        "total": len(answer.ids),
        "unknown": answer.unknown,
        "results": [hit_json(hit) for hit in hits],
    }
    if not hits or answer.hint:
        found["hint"] = answer.hint
    if query.intent == "compare" and len(hits) == 2:  # two models are two cohorts of one
        found["cohorts"] = [{"query": f"id:{hit.id}", "results": [hit_json(hit)]} for hit in hits]
    if cohorts:
        found["cohorts"] = [
            {"query": str(cohort.query), "results": [hit_json(hit) for hit in of_cohort]}
            for cohort, of_cohort in cohorts
        ]
    if query.intent == "images":
        found["images"] = [picture_json(picture, {hit.id: hit.path for hit in hits}) for picture in answer.pictures]
    return found


def picture_json(picture: PictureHit, paths: Mapping[str, str]) -> Json:
    """One picture. Its id is that of its model and its own path seen from the model's folder; `paths` gives that."""
    image = picture.image
    home = os.path.dirname(paths.get(picture.model, ""))  # noqa: PTH120
    name = os.path.relpath(image.path, home) if home else image.path
    return {
        "id": f"{picture.model}#{name}",
        "path": image.path,
        "model": picture.model,
        "epoch": image.epoch,
        "step": image.step,
        "label": image.label,
        "stage": image.stage,
        "created": image.created,
        "modified": image.modified,
        "width": image.width,
        "height": image.height,
        "readable": image.readable,
        "why": image.why,
    }


def diff_json(diff: Diff, code: bool = False) -> Json:
    """Two models side by side; `code` only where it was asked for."""
    found: Json = {
        "a": diff.a,
        "b": diff.b,
        "rows": [
            {
                "field": row.field,
                "a": [plain(value) for value in row.a],
                "b": [plain(value) for value in row.b],
                "same": row.same,
                "place_a": [place_json(place) for place in row.place_a],
                "place_b": [place_json(place) for place in row.place_b],
            }
            for row in diff.rows
        ],
        "layers": [{"name": row.name, "a": row.a, "b": row.b, "change": row.change} for row in diff.layers],
    }
    return {**found, "code": diff.code or ""} if code else found


def comparison_json(comparison: CohortComparison, hits: Sequence[Sequence[Hit]]) -> Json:
    """Two cohorts: what each question found, and how the values of each field are spread in each."""
    return {
        "cohorts": [
            {"query": query, "n": size, "results": [hit_json(hit) for hit in of_cohort]}
            for query, size, of_cohort in zip(comparison.queries, comparison.sizes, hits, strict=True)
        ],
        "rows": [
            {"field": row.field, "a": _spread(row.spreads[0]), "b": _spread(row.spreads[1])} for row in comparison.rows
        ],
    }


def _spread(spread: Spread) -> Json:
    return {
        "values": [{"value": plain(value), "n": count} for value, count in spread.counts],
        "unknown": spread.unknown,
        "median": spread.median,
        "range": None if spread.low is None else [spread.low, spread.high],
    }
