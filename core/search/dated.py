"""The dates of a sentence, with the words that lead them: "before April", "between January and March 2025"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.search.dates import COUNTED, Clock, Span, is_part_of_year, read_between, read_date
from core.search.english import English, english
from core.search.items import Item, letters
from core.search.lexicon import Lexicon
from core.search.nouns import is_plural_noun
from core.search.qualifiers import date_filter

_LATER = frozenset(["or later", "or newer", "or after", "and later", "and after", "and newer", "or since"])
_EARLIER = frozenset(["or earlier", "or older", "or before", "and earlier", "and before", "and older"])
_LATEST_SIZE = 2010
"""Behind a name alone, a number up to here is rather a size, and a larger one of this century a year."""
_EVENTS = ("created", "modified")
"""Roles of words that tell of which date is spoken, and not how it is meant."""
_DATE_OPS = {"before": "<", "after": ">", "since": ">=", "until": "<=", "in": ":"}


class Moments:
    """Reads dates over one lexicon, which tells "2000 steps" from the year."""

    def __init__(self, lexicon: Lexicon, clock: Clock) -> None:
        self._lexicon, self._clock = lexicon, clock
        self._english: English = english()
        self._cues = {words: role for words, role in self._english.dates.items() if role not in _EVENTS}

    def read(self, lows: Sequence[str], before: list[Item]) -> tuple[Item, int] | None:
        """A date with the words that lead it: "before April", "between January and March 2025", "last week"; "past 30
        days" begins with none."""
        cue, used = self._english.role(lows, self._cues)
        found = self._led(lows, before, cue, used) or (self._led(lows, before, "", 0) if used else None)
        if found is None and len(lows) == 1 and self._is_named_year(lows[0], before):
            return Item("w", lows[0]), 1  # "squad 2016": of no model
        return found

    def _led(self, lows: Sequence[str], before: list[Item], cue: str, used: int) -> tuple[Item, int] | None:
        """A date behind so many words that lead it as the cue says."""
        rest = lows[used:]
        opens = lows[:1] in (["between"], ["from"])
        listed = lows[:1] == ["from"] and "and" in lows[1:5]  # "from 2021 and 2024" are two years
        if opens and not listed and (found := self._between(lows[1:])):
            return self._dated(":", found[0], before), 1 + found[1]
        if cue and lows[:1] == ["between"]:
            cue = ""
        age = " ".join(lows[:used]) in ("older than", "newer than", "more recent than", "younger than", "earlier than")
        for length in range(min(7, len(rest)), 0, -1):
            text = " ".join(rest[:length])
            text = self._with_year(text, rest[length:])
            span = read_date(text, self._clock)
            if age and re.match(rf"(?:{COUNTED}) ", text):
                span = read_date(f"{text} ago", self._clock) or span
            if (
                lows[:1] in (["for"], ["in"])
                and re.match(f"(?:{COUNTED}) ", text)
                and any(item.code == "X" for item in before)
                and self._date_word(before) in _EVENTS
            ):
                span = read_date(f"last {text}", self._clock)  # "not changed for two years"
            if span and self._may_be_date(text, cue, lows[used + length :], before):
                onwards = lows[:1] == ["from"] and _onwards(rest[length:])
                open_end, more = self._open(rest[length:])
                op = ">=" if onwards else open_end or _DATE_OPS.get(cue, ":")
                return self._dated(op, span, before), used + length + onwards + more
        return None

    def _open(self, after: Sequence[str]) -> tuple[str, int]:
        """The open end that is said behind a date, and its words: "in 2023 or later"."""
        said = " ".join(after[:2])
        if any(read_date(" ".join(after[2 : 2 + length]), self._clock) for length in (1, 2, 3)):
            return "", 0  # "after 2018 and before 2020"
        later, earlier = said in _LATER, said in _EARLIER
        return (">=" if later else "<=" if earlier else ""), 2 * (later or earlier)

    def _with_year(self, text: str, after: Sequence[str]) -> str:
        """Reads "April or May 2024": a year said once holds for both."""
        later = re.match(r"(?:or|and) [a-z]+ ((?:19|20)\d\d)\b", " ".join(after[:3]))
        named = re.fullmatch(r"[a-z]{3,9}", text) and read_date(text, self._clock)
        return f"{text} {later[1]}" if later and named else text

    def _between(self, lows: Sequence[str]) -> tuple[Span, int] | None:
        for joint in range(1, min(5, len(lows))):
            if lows[joint] in ("and", "to", "until", "till", "through", "-"):
                for end in range(min(joint + 6, len(lows)), joint + 1, -1):
                    first, last = " ".join(lows[:joint]), " ".join(lows[joint + 1 : end])
                    span = read_between(first, last, self._clock)
                    if span and not (re.fullmatch(r"[\d. -]+", first + last) and not re.search(r"(19|20)\d\d", first)):
                        return span, end
        return None

    def _may_be_date(self, text: str, cue: str, after: Sequence[str], before: list[Item]) -> bool:
        """Whether these words are meant as a date: "may" and "2000" are so only behind a word that leads a date."""
        if re.fullmatch(r"\d+", text):
            follows = after and self._lexicon.exact(list(after[:3]))
            said = before and before[-1].code in ("F", "G") and not before[-1].weak and not self._date_word(before)
            said = said or bool(re.search("Fq$", letters(before)) and before[-1].text.casefold() in ("of", "at"))
            led = cue or self._date_word(before) or self._is_year(text, after, before)
            return bool(led) and not (follows and follows.sense.kind == "field") and not said
        foretold = bool(before) and before[0].text.casefold() in self._english.describing
        lately = foretold and re.search("last|past|previous", text)
        if (lately or is_part_of_year(text)) and self._shows(before, foretold):
            return False  # "forecast the last 24 hours of demand"
        if text in ("may", "march", "fall", "spring", "sat", "jan", "dec", "mar", "sep"):
            return bool(cue) or bool(self._date_word(before) and text != "may")
        if text in ("summer", "winter", "autumn", "day", "night") and not cue:
            return False  # "change summer photos to winter"
        if is_part_of_year(text) and not before and not after:
            return True
        return (
            bool(cue)
            or bool(re.search(r"\d|last|past|previous|this|ago|today|yesterday|half|quarter", text))
            or bool(self._date_word(before))
        )

    def _shows(self, before: list[Item], foretold: bool) -> bool:
        """Whether the words before tell what is shown or foretold, and of no model: "photos taken in" winter."""
        words = [item.text.casefold() for item in before]
        dated = any(self._english.dates.get(word) in ("created", "modified") or word in ("i", "we") for word in words)
        sure = [item.code == "E" and not (item.weak or item.subject) for item in before]
        models = any(sure) or any(is_plural_noun(before, place) for place in range(len(before)))
        plain = [item.text.casefold() for item in before if item.code == "w" or item.weak]
        told = foretold or any(word not in self._english.generic for word in plain)
        return told and not dated and not models

    def _is_year(self, text: str, after: Sequence[str], before: list[Item]) -> bool:
        """Whether a bare number is a year: "in 2020 or 2021", "neither 2020 nor 2021", "2022 or later", "2021 GANs",
        "gan 2018", if some model is of that year, "2018"."""
        if not 2000 <= int(text) <= self._clock.today.year:
            return False
        listed = [item for item in before[-2:] if item.fields in (("created",), ("modified",))]
        joined = before and before[-1].code in "oac" and listed
        refused = before and before[-1].text.casefold() in ("neither", "nor")
        named = not before and after and (found := self._lexicon.exact(list(after[:3]))) and found.plural
        behind = not after and self._is_named_year(text, before) and (not before or self._has_year(text))
        return bool(joined or refused or named or behind or self._open(after)[1])

    def _is_named_year(self, text: str, before: list[Item]) -> bool:
        """Whether a number like a year of this century stands alone or behind nothing but names."""
        year = int(text) if re.fullmatch(r"20\d\d", text) else 0
        return _LATEST_SIZE < year <= self._clock.today.year and all(item.code == "E" for item in before)

    def _has_year(self, year: str) -> bool:
        """Whether some model was made or changed in a year."""
        columns = self._lexicon.columns
        days = (str(day) for field in _EVENTS for day in columns.column(field).values) if columns else ()
        return any(day.startswith(year) for day in days)

    def _date_word(self, before: list[Item]) -> str:
        """The date that the nearest word before speaks of, where it stands directly before."""
        return self._english.dates.get(before[-1].text.casefold(), "") if before else ""

    def _dated(self, op: str, span: Span, before: list[Item]) -> Item:
        field_name = "created"
        for item in reversed(before):
            if item.expr is not None and item.fields and item.fields[0] in _EVENTS:
                field_name = item.fields[0]
                break
            role = self._english.dates.get(item.text.casefold(), "")
            if role in _EVENTS:
                field_name = role
                item.code = "f" if item.code == "w" else item.code
                break
        leaf = date_filter(field_name, op, span)
        return Item("E", str(span), expr=leaf, fields=(field_name,))


def _onwards(after: Sequence[str]) -> bool:
    """Whether "from May 2018" goes on: "on" is that only at the end, "on MNIST" is not."""
    return list(after[:1]) in (["onwards"], ["onward"]) or list(after) == ["on"]
