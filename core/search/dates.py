"""Dates as people write them: a day, a month, a quarter, a year, "last week", and spans between two of them.

A date is a span of days, both ends included, since "in March" is as exact as "on 3 March". The canonical spelling
of a whole year, month or day is `2025`, `2025-03`, `2025-03-01`; of any other span `first..last` day.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 4}
_UNITS = {"day": 1, "week": 7, "fortnight": 14}
_HOURS = {"minute": 1 / 60, "hour": 1}
_COUNT = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "twenty": 20,
    "thirty": 30,
    "couple of": 2,
    "few": 3,
}
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 2)}


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included; `note` says how it was read where the words left it open."""

    first: date
    last: date
    note: str = ""

    def __str__(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        if self == month_span(self.first.year, self.first.month, self.note):
            return f"{self.first:%Y-%m}"
        if self == _year(self.first.year, self.note):
            return f"{self.first.year:04d}"
        return f"{self.first.isoformat()}..{self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Clock:
    """What the words leave open: today, and the latest year in which the collection has a month (1 to 12), if any."""

    today: date
    latest_year: Callable[[int], int | None] = lambda month: None

    def year_of(self, month: int) -> tuple[int, str]:
        """The year meant by a month without one, and how to say so."""
        found = self.latest_year(month)
        year = found or (self.today.year if month <= self.today.month else self.today.year - 1)
        note = f"{calendar.month_name[month]} {year}"
        return year, note if found else f"{note}, a month that the collection does not have"


def is_part_of_year(text: str) -> bool:
    """Whether a word names a month or a season and says of no year."""
    return text in _MONTHS or text in _SEASONS


def month_span(year: int, month: int, note: str = "") -> Span:
    return Span(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), note)


def _year(year: int, note: str = "") -> Span:
    return Span(date(year, 1, 1), date(year, 12, 31), note)


def _months(year: int, first: int, last: int, note: str = "") -> Span:
    """Whole months; a span over the new year ends in the next one."""
    return Span(month_span(year, first).first, month_span(year + (last < first), last).last, note)


def _back(today: date, months: int) -> date:
    """The same day some months ago, or the month's last."""
    whole = today.year * 12 + today.month - 1 - months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"((?:19|20)\d\d)"
_NUMBER = rf"\d{{1,4}}|{'|'.join(_COUNT)}"
COUNTED = _NUMBER
"""A number of days, weeks or months, in figures or words."""
_UNIT = "day|week|fortnight|month|year"
_RULES: list[tuple[re.Pattern[str], Callable[[re.Match[str], Clock], Span | None]]] = []
"""Tried in order, each against the whole text."""


def _rule(pattern: str) -> Callable[[Callable[[re.Match[str], Clock], Span | None]], None]:
    def add(function: Callable[[re.Match[str], Clock], Span | None]) -> None:
        _RULES.append((re.compile(pattern), function))

    return add


@_rule(r"((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?:t[\d:.]+.*)?")
def _iso_day(match: re.Match[str], clock: Clock) -> Span:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    return Span(day, day)


@_rule(r"((?:19|20)\d\d)[-/.](\d{1,2})")
def _iso_month(match: re.Match[str], clock: Clock) -> Span:
    return month_span(int(match[1]), int(match[2]))


@_rule(r"(\d{1,2})([/.])(\d{1,2})\2((?:19|20)\d\d)")
def _written_day(match: re.Match[str], clock: Clock) -> Span | None:
    """22/11/2026, 22.11.2026 or 11/22/2026; with strokes, where both could be the month, it is no date."""
    first, second = int(match[1]), int(match[3])
    if match[2] == "/" and first <= 12 and second <= 12 and first != second:
        return None
    day, month = (second, first) if second > 12 else (first, second)
    found = date(int(match[4]), month, day)
    return Span(found, found)


@_rule(r"(\d{1,2}/|\d\d\.)((?:19|20)\d\d)")
def _written_month(match: re.Match[str], clock: Clock) -> Span:
    """4/2024 or 04.2024; 4.2024 is rather a version."""
    return month_span(int(match[2]), int(match[1][:-1]))


@_rule(rf"(?:the )?(?:year )?{_YEAR}")
def _whole_year(match: re.Match[str], clock: Clock) -> Span:
    return _year(int(match[1]))


@_rule(rf"({_MONTH})\.?,? (?:of )?{_YEAR}")
def _month_year(match: re.Match[str], clock: Clock) -> Span:
    return month_span(int(match[2]), _MONTHS[match[1]])


@_rule(rf"({_MONTH})\.?(?: of)? (last|this) year")
def _month_relative(match: re.Match[str], clock: Clock) -> Span:
    year = clock.today.year - (match[2] == "last")
    return month_span(year, _MONTHS[match[1]], f"{calendar.month_name[_MONTHS[match[1]]]} {year}")


@_rule(rf"({_MONTH})\.?")
def _month_alone(match: re.Match[str], clock: Clock) -> Span:
    year, note = clock.year_of(_MONTHS[match[1]])
    return month_span(year, _MONTHS[match[1]], note)


@_rule(rf"({_MONTH})\.? (?:the )?{_DAY}(?:,? {_YEAR})?")
def _month_day(match: re.Match[str], clock: Clock) -> Span:
    return _named_day(match[1], match[2], match[3], clock)


@_rule(rf"(?:the )?{_DAY}(?: of)? ({_MONTH})\.?(?:,? (?:of )?{_YEAR})?")
def _day_month(match: re.Match[str], clock: Clock) -> Span:
    return _named_day(match[2], match[1], match[3], clock)


def _named_day(month: str, day: str, year: str | None, clock: Clock) -> Span:
    number, note = (int(year), "") if year else clock.year_of(_MONTHS[month])
    found = date(number, _MONTHS[month], int(day))
    return Span(found, found, note)


@_rule(rf"(?:(?:the )?({'|'.join(_ORDINALS)}) quarter|q([1-4]))(?:,? (?:of |in )?(?:{_YEAR}|(this|last) year))?")
def _quarter(match: re.Match[str], clock: Clock) -> Span:
    number = int(match[2] or _ORDINALS[match[1]])
    year, note = _said_year(match[3], match[4], 3 * number, clock)
    return _months(year, 3 * number - 2, 3 * number, note)


@_rule(rf"(?:(?:the )?(first|second|1st|2nd|last) half|h([12]))(?:,? (?:of |in )?(?:{_YEAR}|(this|last) year))?")
def _half(match: re.Match[str], clock: Clock) -> Span:
    number = int(match[2]) if match[2] else 1 if match[1] in ("first", "1st") else 2
    year, note = _said_year(match[3], match[4], 6 * number, clock)
    return _months(year, 6 * number - 5, 6 * number, note)


@_rule(rf"(?:the )?({'|'.join(_SEASONS)})(?: of)? (?:{_YEAR}|(this|last) year)")
def _season(match: re.Match[str], clock: Clock) -> Span:
    year, _ = _said_year(match[2], match[3], 12, clock)
    first, last = _SEASONS[match[1]]
    return _months(year, first, last, f"{calendar.month_name[first]} to {calendar.month_name[last]}")


@_rule(rf"(?:the )?(?:(this|last|past|previous) )?({'|'.join(_SEASONS)})")
def _season_alone(match: re.Match[str], clock: Clock) -> Span:
    """The one that is now or comes this year, the latest that has ended, or the latest that the collection has."""
    first, last = _SEASONS[match[2]]
    year = clock.today.year if match[1] else _said_year(None, None, last, clock)[0] - (last < first)
    found = _months(year, first, last)
    if match[1] not in (None, "this") and found.last >= clock.today:
        found = _months(year - 1, first, last)
    return _dated(found)


@_rule(r"(?:the )?week (?:of|from|beginning|starting|commencing)(?: on)? (.+)")
def _week_of(match: re.Match[str], clock: Clock) -> Span | None:
    day = read_date(match[1], clock)
    if day is None or day.first != day.last:
        return None
    monday = day.first - timedelta(days=day.first.weekday())
    return _dated(Span(monday, monday + timedelta(days=6)))


@_rule(rf"(?:the )?(early|mid|late|beginning|start|end|middle)[- ](?:of )?{_YEAR}")
def _part_of_year(match: re.Match[str], clock: Clock) -> Span:
    first = {"e": 1, "b": 1, "s": 1, "m": 5, "l": 9}.get(match[1][0], 1)
    first = 9 if match[1] == "end" else first
    return _months(int(match[2]), first, first + 3, f"{calendar.month_name[first]} to {calendar.month_name[first + 3]}")


def _said_year(year: str | None, which: str | None, month: int, clock: Clock) -> tuple[int, str]:
    if year:
        return int(year), ""
    if which:
        found = clock.today.year - (which == "last")
        return found, str(found)
    found = next((y for m in (month, month - 1, month - 2) if (y := clock.latest_year(m))), clock.today.year)
    return found, str(found)


@_rule(r"(today|yesterday)")
def _today(match: re.Match[str], clock: Clock) -> Span:
    day = clock.today - timedelta(days=match[1] == "yesterday")
    return Span(day, day, day.isoformat())


@_rule(r"the (?:last|past) (week|month|year)|past (week|month|year)")
def _until_now(match: re.Match[str], clock: Clock) -> Span:
    """In the last month: up to today; "last month" is the one of the calendar."""
    return _dated(Span(_ago("one", match[1] or match[2], clock), clock.today))


@_rule(r"(?:the )?(this|last|previous|past) (week|month|year|quarter)")
def _this(match: re.Match[str], clock: Clock) -> Span:
    today, past = clock.today, match[1] != "this"
    if match[2] == "week":
        monday = today - timedelta(days=today.weekday() + 7 * past)
        return _dated(Span(monday, monday + timedelta(days=6)))
    if match[2] == "month":
        day = _back(today, 1) if past else today
        return _dated(month_span(day.year, day.month))
    if match[2] == "year":
        return _dated(_year(today.year - past))
    day = _back(today, 3) if past else today
    first = (day.month - 1) // 3 * 3 + 1
    return _dated(_months(day.year, first, first + 2))


@_rule(rf"(?:within )?(?:the )?(?:last|past) (?:({_NUMBER}) )?((?<!last )minute|hour)s?")
def _last_hours(match: re.Match[str], clock: Clock) -> Span:
    """Days are the finest that dates tell."""
    hours = _count(match[1] or "one") * _HOURS[match[2]]
    return _dated(Span(clock.today - timedelta(days=int(hours / 24)), clock.today))


@_rule(r"(?:the )?(?:last|past|previous) (fortnight|decade)")
def _last_long(match: re.Match[str], clock: Clock) -> Span:
    first = _ago("one", "fortnight", clock) if match[1] == "fortnight" else _back(clock.today, 120)
    return _dated(Span(first, clock.today))


@_rule(rf"(?:the )?(this|last|past|previous) ({_MONTH})\.?")
def _month_past(match: re.Match[str], clock: Clock) -> Span:
    """The one of this year, or the latest that has ended."""
    month, today = _MONTHS[match[2]], clock.today
    return _dated(month_span(today.year - (match[1] != "this" and month >= today.month), month))


@_rule(rf"(?:within )?(?:the )?(?:last|past|previous) ({_NUMBER}) ({_UNIT})s?")
def _last_n(match: re.Match[str], clock: Clock) -> Span:
    return _dated(Span(_ago(match[1], match[2], clock), clock.today))


@_rule(r"(?:the )?((?:19|20)\d)0'?s")
def _decade(match: re.Match[str], clock: Clock) -> Span:
    return Span(date(int(f"{match[1]}0"), 1, 1), date(int(f"{match[1]}9"), 12, 31))


@_rule(rf"({_NUMBER}) ({_UNIT})s? ago")
def _n_ago(match: re.Match[str], clock: Clock) -> Span:
    day = _ago(match[1], match[2], clock)
    return _dated(Span(day, day))


def _ago(count: str, unit: str, clock: Clock) -> date:
    number = _count(count)
    if unit in _UNITS:
        return clock.today - timedelta(days=number * _UNITS[unit])
    return _back(clock.today, number * (12 if unit == "year" else 1))


def _count(said: str) -> int:
    return int(said) if said.isdigit() else _COUNT[said]


def _dated(span: Span) -> Span:
    """With a note that says which days were meant."""
    return Span(span.first, span.last, str(Span(span.first, span.last)))


def read_date(text: str, clock: Clock) -> Span | None:
    """The span of days a text states, or None. Never raises: the 31st of February is no date."""
    text = re.sub(r"\s+", " ", text.strip().casefold()).rstrip(".,")
    for pattern, make in _RULES:
        if match := pattern.fullmatch(text):
            try:
                return make(match, clock)
            except (ValueError, OverflowError):
                return None
    return None


def read_between(first: str, last: str, clock: Clock) -> Span | None:
    """From the first day of one date to the last of another; a year said once holds for both."""
    end = read_date(last, clock)
    if end is None:
        return None
    said = re.search(r"(?:19|20)\d\d", first)
    start = read_date(first if said else f"{first} {end.last.year}", clock) or read_date(first, clock)
    if start is None or start.first > end.last:
        start = read_date(first, clock)
    return Span(start.first, end.last, end.note) if start and start.first <= end.last else None
