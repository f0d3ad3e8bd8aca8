"""What `field:value` means: the field by name or alias, the value by the field's kind, what cannot be read marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from core.analysis.facts import Value
from core.catalog.columns import COUNT, METRICS, USER_FIELDS
from core.catalog.naming import Names, resolve
from core.catalog.rows import LEFT_BEHIND
from core.errors import ModelSearchError
from core.fields import SETTINGS
from core.search.dates import Clock, Span, read_date
from core.search.grammar import Qualifier
from core.search.lexicon import Lexicon
from core.search.numbers import read_number
from core.search.query import BAD_MARK, Expr, Filter, Op, Text, either

Kind = Literal["number", "name", "text", "date", "size", "setting"]
_OWN_NAMES = ("id", "path", "root", "kind", "script", "stage", "tag")
OWN: dict[str, Kind] = {**dict.fromkeys(_OWN_NAMES, "name"), "note": "text", **dict.fromkeys(LEFT_BEHIND, "number")}
"""Fields of a model's own row, of the files it left behind and of what the user wrote, with their kinds."""

_PLACES = dict.fromkeys(("file", "filename", "folder", "dir"), "path") | {"name": "id"}
"""Other names of where a model lies."""
KINDS = ("script", "notebook", "config")
_COMPARISONS: tuple[Op, ...] = ("<=", ">=", "!=", "<", ">")


class BadValue(Exception):
    """A value that its field cannot have; the text is the reason."""


class Qualifiers:
    """Reads qualifiers over one lexicon. Reasons for chips that cannot be read gather in `bad`."""

    def __init__(self, lexicon: Lexicon, clock: Clock, names: Callable[[], Names]) -> None:
        self._lexicon, self._clock, self._names = lexicon, clock, names
        self.bad: list[str] = []

    def field(self, name: str) -> tuple[str, Kind] | None:
        """The field of this name or alias, with its kind."""
        low = name.casefold()
        low = _PLACES.get(low, low)
        if low in OWN:
            return low, OWN[low]
        if spec := self._lexicon.vocabulary.field(name):
            own = self._lexicon.setting_apart(name, spec.name)
            return (SETTINGS + own, "setting") if own else (spec.name, spec.kind)
        if low.startswith(COUNT):
            counted = self.field(name[len(COUNT) :])
            told = counted and not counted[0].startswith((COUNT, *USER_FIELDS, *LEFT_BEHIND))
            return (COUNT + counted[0], "number") if counted and told else None
        if low.startswith(METRICS):
            return self._lexicon.metric(name[len(METRICS) :]) or name, "number"
        if low.startswith(SETTINGS):
            bare = name[len(SETTINGS) :]
            return SETTINGS + (self._lexicon.setting(bare) or bare), "setting"
        if own := self._lexicon.setting(name):
            return SETTINGS + own, "setting"
        if metric := self._lexicon.metric(name):
            return metric, "number"
        return None

    def read(self, said: Qualifier) -> Expr | None:
        """The filter, an Or of several values, the text of an unknown field, or None with a reason in `bad`."""
        special = said.name.casefold()
        try:
            if special in ("has", "missing"):
                return self._presence(special, said)
            if special == "like":
                return self._like(said)
            field = self.field(said.name)
            if field is None:
                return self._unknown_field(said)
            return either(self._one(*field, said.op, text, quoted) for text, quoted in said.values)
        except BadValue as reason:
            self.bad.append(f"{said.raw}{BAD_MARK}{reason}")
            return None

    def _unknown_field(self, said: Qualifier) -> Text:
        near = self._lexicon.misspelt.field(said.name)
        hint = f"; did you mean {near}?" if near else ""
        return Text(" ".join(said.raw.replace('"', " ").split()), note=f"no field is called {said.name}{hint}")

    def _presence(self, op: str, said: Qualifier) -> Expr | None:
        found = []
        for text, _ in said.values:
            field = self.field(text)
            if field is None:
                near = self._lexicon.misspelt.field(text)
                raise BadValue(f"no field is called {text}" + (f"; did you mean {near}?" if near else ""))
            found.append(Filter(field[0], "has" if op == "has" else "missing"))
        return either(found)

    def _like(self, said: Qualifier) -> Filter:
        try:
            name = resolve(said.values[0][0], self._names())
        except ModelSearchError as error:
            raise BadValue(str(error)) from None
        return Filter("like", "like", name)

    def _one(self, field: str, kind: Kind, op: str, text: str, quoted: bool) -> Filter:
        if op == ":" and not quoted:
            comparison = next((sign for sign in _COMPARISONS if text.startswith(sign)), None)
            if comparison:
                op, text = comparison, text[len(comparison) :]
            elif text.casefold() == "none":
                return Filter(field, "none")
            elif ".." in text and kind not in ("name", "text"):
                return self._range(field, kind, text)
            elif ("*" in text or "?" in text) and kind in ("name", "text", "setting"):
                return Filter(field, "glob", text)
        if not text.strip():
            raise BadValue("a value is missing")
        if kind == "date":
            return self._date(field, op, text)
        return self._plain(field, kind, op, text)

    def _plain(self, field: str, kind: Kind, op: str, text: str) -> Filter:
        sign: Op = op  # type: ignore[assignment]
        if kind in ("number", "size"):
            return Filter(field, sign, self._number(text, kind))
        compares = op not in (":", "!=")
        number = read_number(text) if kind == "setting" or compares else None
        if number is not None and kind == "setting":
            return Filter(field, sign, number)
        if number is not None and (logged := self._lexicon.metric(field)):
            return Filter(logged, sign, number)  # "loss:<0.1": a number is compared with what runs logged by that name
        if compares:
            raise BadValue(f"{field} is no number, so it takes : and != only")
        return self._name(field, sign, text) if kind != "setting" else Filter(field, sign, text)

    def _number(self, text: str, kind: Kind) -> int | float:
        number = read_number(text, size=kind == "size")
        if number is None:
            raise BadValue(f"{text} is no {'size, such as 10MB' if kind == 'size' else 'number'}")
        return number

    def _range(self, field: str, kind: Kind, text: str) -> Filter:
        low, _, high = text.partition("..")
        if kind == "date":
            first, last = self._span(low) if low else None, self._span(high) if high else None
            bounds: tuple[Value, Value] = (_bound(first, "first"), _bound(last, "last"))
        else:
            kind = "number" if kind == "setting" else kind
            bounds = (self._number(low, kind) if low else None, self._number(high, kind) if high else None)
        if bounds == (None, None):
            raise BadValue("a range needs an end")
        return Filter(field, "..", bounds)

    def _span(self, text: str) -> Span:
        span = read_date(text, self._clock)
        if span is None:
            raise BadValue(f"{text} is no date, such as 2025, 2025-03, 2025-03-01 or march")
        return span

    def _date(self, field: str, op: str, text: str) -> Filter:
        return date_filter(field, op, self._span(text))

    def _name(self, field: str, op: Op, text: str) -> Filter:
        if field == "kind":
            if text.casefold() not in KINDS:
                raise BadValue(f"a kind is one of {', '.join(KINDS)}")
            return Filter(field, op, text.casefold())
        name = self._lexicon.vocabulary.canonical(field, text)
        if (
            name is None
            and self._lexicon.vocabulary.terms(field)
            and (near := self._lexicon.misspelt.value(field, text))
        ):
            return Filter(field, op, near, note=f"“{text}” read as {near}")
        return Filter(field, op, name or text)


def _bound(span: Span | None, end: Literal["first", "last"]) -> str | None:
    """One end of a range of dates, as short as it can be said."""
    if span is None:
        return None
    text = str(span)
    return text if ".." not in text else getattr(span, end).isoformat()


def date_filter(field: str, op: str, span: Span) -> Filter:
    """A comparison with a span of days; a span that is no whole year, month or day is said by its ends."""
    text = str(span)
    if ".." not in text:
        return Filter(field, op, text, note=span.note)  # type: ignore[arg-type]
    if op in (":", "!="):
        return Filter(field, "..", (span.first.isoformat(), span.last.isoformat()), note=span.note)
    day = span.first if op in ("<", ">=") else span.last
    return Filter(field, op, day.isoformat(), note=span.note)  # type: ignore[arg-type]
