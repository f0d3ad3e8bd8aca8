"""Conditions whose value one model sets: "larger batch than the DCGAN", "the same optimizer as the DCGAN"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.catalog.columns import Columns
from core.search.grammar import outside_quotes
from core.search.lexicon import Lexicon
from core.search.query import quoted

_MORE = "larger|bigger|greater|higher|more|longer"
_LESS = "smaller|lower|fewer|less|shorter"
_FIELD = r"(?:number of )?[a-z][\w-]*(?: [\w-]+){0,2}?"
_LISTED = rf"{_FIELD}(?:(?:,| and|, and) (?:the )?(?:same )?{_FIELD}){{0,3}}?"
_MODEL = r"(?:(?:that|those) (?:of|in) )?(?P<model>\S.*?)(?: (?:does|do|has|have|uses?))?$"
_RELATIVE = re.compile(
    rf"\b(?:(?:the )?same (?P<same>{_LISTED}) as|(?:an? )?(?:(?P<more>{_MORE})|{_LESS}) (?P<compared>{_FIELD}) than)"
    rf" {_MODEL}",
    re.IGNORECASE,
)

MOST_VALUES = 4
"""Values of several models of which any is the same: "the same learning rate as the DQNs"."""
_BEHIND = re.compile(
    rf"\b(?:whose|with an?|with) (?P<field>{_FIELD}) (?:is |are )?(?P<size>{_MORE}|{_LESS}) than\b", re.IGNORECASE
)
"""A value that is compared behind its field: "whose batch size is larger than that of the DCGAN"."""


def relative(line: str, lexicon: Lexicon, columns: Columns, found: Callable[[str], Sequence[int]]) -> str:
    """A line with the value itself in place of the models that have it, where `found` gives some for what is said and
    a value of theirs is known: any of few, or more than the most of them. One model alone is not among those asked
    for."""
    if (behind := _BEHIND.search(outside_quotes(line))) and _field(behind["field"].split(), lexicon):
        turned = f"{line[: behind.start()]}with {behind['size']} {behind['field']} than{line[behind.end() :]}"
        told = relative(turned, lexicon, columns, found)
        return line if told == turned else told
    said = _RELATIVE.search(outside_quotes(line))
    fields = _fields(said["same"] or said["compared"], lexicon) if said else []
    if not said or not fields:
        return line
    numeric = [lexicon.vocabulary.fields[field].kind in ("number", "size") for field in fields]
    models = found(line[said.start("model") : said.end("model")]) if any(numeric) or said["same"] else ()
    values = [_values(field, columns, models) for field in fields]
    if not all(values) or (said["same"] and max(map(len, values)) > MOST_VALUES):
        return line
    if said["same"]:
        listed = [
            f"{field}:{','.join(str(value) if number else quoted(str(value)) for value in of)}"
            for field, number, of in zip(fields, numeric, values, strict=True)
        ]
        listed += [f"-id:{quoted(columns.ids[model])}" for model in models if len(models) == 1]
        return f"{line[: said.start()]}{' '.join(listed)}"
    bound = max(map(float, values[0])) if said["more"] else min(map(float, values[0]))
    return f"{line[: said.start()]}{fields[0]}{'>' if said['more'] else '<'}{bound:g}"


def _values(field: str, columns: Columns, models: Sequence[int]) -> list[Any]:
    """What is known of a field of some models."""
    column = columns.column(field)
    values = [
        column.values[code] for code in dict.fromkeys(column.codes[np.isin(column.models, list(models))].tolist())
    ]
    return [value for value in values if value is not None]


def _fields(said: str, lexicon: Lexicon) -> list[str]:
    """The fields that are listed, none where a part of the list names none."""
    parts = re.split(r",? and (?:the )?(?:same )?|, (?:the )?(?:same )?", said)
    found = [_field(part.split(), lexicon) for part in parts]
    return [field for field in found if field] if all(found) else []


def _field(words: list[str], lexicon: Lexicon) -> str | None:
    """The field that all of these words name."""
    words = words[2:] if words[:2] == ["number", "of"] else words
    found = lexicon.exact(words)
    whole = found is not None and found.length == len(words) and found.sense.kind == "field"
    return found.sense.field if found and whole and found.sense.field in lexicon.vocabulary.fields else None
