"""What may stand at the cursor: fields, names, and the values that a field has in what the rest of the line leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from core.catalog.columns import COUNT, DATES, USER_FIELDS, Mask, columns_of
from core.fields import SETTINGS
from core.search.answering import met
from core.search.dates import Clock
from core.search.lexicon import lexicon_of
from core.search.qualifiers import OWN, Qualifiers
from core.search.query import print_value
from core.vocabulary import fold, load

if TYPE_CHECKING:
    from core.catalog.reading import Reader
    from core.catalog.user import UserFile

_WISHES = ("has", "missing", "like", "sort", "rank", "limit")
MOST = 20
"""Completions that are offered at most."""


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` replaces the question's characters from `start` to `stop`; `count` models have it (None: no count)."""

    text: str
    start: int
    stop: int
    kind: Literal["field", "value", "saved"]
    count: int | None = None


def complete(text: str, cursor: int, reader: Reader, user: UserFile | None) -> list[Completion]:
    """What may stand at the cursor, a name that is there in full and then the most frequent first; values are counted
    among the models that the filters of the rest of the line leave."""
    start = max(text.rfind(mark, 0, cursor) for mark in " (") + 1
    word = text[start:cursor]
    rest = f"{text[:start]} {text[cursor:].partition(' ')[2]}".strip()
    either = text[:start].rstrip("( ").endswith(("OR", "|"))  # then the rest of the line leaves nothing out
    among = met(rest, reader, user) if rest and not either else None
    dash = len(word) - len(word.lstrip("-"))
    name, colon, value = word[dash:].partition(":")
    if colon:
        place = start + dash + len(name) + 1 + value.rfind(",") + 1
        return _values(name, value[value.rfind(",") + 1 :], place, cursor, reader, user, among)
    word, start = word[dash:], start + dash
    names = _names(word, start, cursor, reader, among)
    whole = [each for each in names if fold(each.text.partition(":")[2]) == fold(word)]
    return [*whole, *_fields(word, start, cursor, reader), *(each for each in names if each not in whole)]


def _fields(word: str, start: int, stop: int, reader: Reader) -> list[Completion]:
    """Fields whose name or alias begins with the word; settings after the vocabulary's own."""
    if not word:
        return []
    if word.casefold().startswith(COUNT):
        counted = _without(_fields(word[len(COUNT) :], start, stop, reader), (*_WISHES, *USER_FIELDS))
        return [replace(each, text=COUNT + each.text, count=None) for each in counted]
    key, counts = fold(word), columns_of(reader).fields
    own = [name for name in (*OWN, *_WISHES) if name.startswith(word.casefold())]
    known = [
        spec.name
        for spec in load().fields.values()
        if any(fold(alias).startswith(key) for alias in (spec.name, *spec.aliases))
    ]
    settings = [
        field for field in counts if field.startswith(SETTINGS) and fold(field[len(SETTINGS) :]).startswith(key)
    ]
    settings.sort(key=lambda field: (-counts[field], field))
    known.sort(key=lambda name: not fold(name).startswith(key))
    shown = [*dict.fromkeys(known + own), *settings][:MOST]
    found = [Completion(f"{name.removeprefix(SETTINGS)}:", start, stop, "field", counts.get(name)) for name in shown]
    return [*found, Completion(COUNT, start, stop, "field")] if COUNT.startswith(word.casefold()) else found


def _without(fields: list[Completion], names: Sequence[str]) -> list[Completion]:
    """These fields without what is no field of a model."""
    return [each for each in fields if each.text.rstrip(":") not in names]


def _names(word: str, start: int, stop: int, reader: Reader, among: Mask | None) -> list[Completion]:
    """Values of the main fields that begin with the word, as qualifiers."""
    if len(word) < 2:
        return []
    found: list[Completion] = []
    for field in ("architecture", "datasets", "framework", "optimizer", "environment", "task"):
        for each in _values(field, word, start, stop, reader, None, among):
            found.append(Completion(f"{field}:{each.text}", start, stop, "value", each.count))
    return sorted(found, key=lambda each: (-(each.count or 0), each.text))[:MOST]


def _values(
    name: str, begun: str, start: int, stop: int, reader: Reader, user: UserFile | None, among: Mask | None
) -> list[Completion]:
    """The values that a field has among these models, or in the collection where it has none there, with counts."""
    lexicon = lexicon_of(reader)
    columns = columns_of(reader)
    if name.casefold() in ("has", "missing", "sort"):
        dash = "-" if begun.startswith("-") else ""
        return [
            Completion(dash + each.text.rstrip(":"), start, stop, "field", each.count)
            for each in _without(_fields(begun.lstrip("-"), start, stop, reader), _WISHES)
        ]
    if name.casefold() in ("rank", "limit"):
        return []
    if name.casefold() == "like":
        return [Completion(id, start, stop, "value") for id in columns.ids if begun.casefold() in id.casefold()][:MOST]
    counts: Counter[str] = Counter()
    if name.casefold() in ("tag", "note"):
        tags = user.all_tags().values() if user and name.casefold() == "tag" else ()
        counts.update(tag for each in tags for tag in each)
    else:
        import datetime

        field = Qualifiers(lexicon, Clock(datetime.date.today()), reader.names).field(name)
        if field is None:
            return []
        column = columns.column(field[0])
        here = column.counts(among)
        here = here if here.any() else column.counts()
        for value, count in zip(column.values, here.tolist(), strict=True):
            if value is not None and count:
                counts[str(value)[:7] if field[0] in DATES else print_value(value)] += count
    key = fold(begun)
    shown = [
        (text, count) for text, count in counts.items() if fold(text).startswith(key) or (key and key in fold(text))
    ]
    shown.sort(key=lambda item: (not fold(item[0]).startswith(key), -item[1], item[0]))
    return [Completion(text, start, stop, "value", count) for text, count in shown[:MOST]]
