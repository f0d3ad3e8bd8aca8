"""Question -> Query: the grammar and plain language, read over the vocabulary and the collection that is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.catalog.columns import columns_of
from core.catalog.naming import Names, exact
from core.catalog.ranking import ranking_of
from core.catalog.selecting import Selector
from core.search.clauses import read_loose, read_numbers, read_packages, read_settings
from core.search.comparing import Comparing
from core.search.counted import read_counted
from core.search.dates import Clock
from core.search.described import describe, leave, named_in, together, written
from core.search.english import english
from core.search.grammar import LONGEST, Qualifier, outside_quotes, parse
from core.search.items import Item, split_words
from core.search.lexicon import Lexicon, lexicon_of
from core.search.measured import measured
from core.search.only import read_only, read_plain
from core.search.ordering import Order, read_order
from core.search.pasted import unpasted
from core.search.presence import read_features, read_presence
from core.search.qualifiers import Qualifiers
from core.search.query import (
    BAD_MARK,
    Expr,
    Filter,
    Intent,
    PictureWish,
    Query,
    Text,
    leaves,
    versus,
)
from core.search.recast import recast
from core.search.relative import relative
from core.search.scanner import Scanner
from core.search.scope import expression
from core.search.sentences import Sentence, pair_told, read_sentence
from core.search.slips import without_slips

if TYPE_CHECKING:
    from core.catalog.reading import Reader

MOST_WORDS = 300
"""Words of prose that are read of a line; nobody asks more, and a pasted file must not hang the screen."""
_BY_MODEL = re.compile(
    r"\b(?:(?:older|newer|younger|earlier|later|more recent) than|before|after) (?P<model>(?:the|our|my) .*\b"
    r"(?:oldest|earliest|newest|latest|first|last|most|fewest|largest|biggest|smallest|highest|lowest)\b.+"
    r"|(?<=than )(?:the|our|my) .+ (?:model|script|notebook|run|one)(?: (?:in|from) \S+)?)$",
    re.IGNORECASE,
)
"""A model whose day is meant where a date could stand."""

_COUNTS_THINGS = re.compile(
    r"\s*(?:please )?(?:count|(?:number|fraction|share|percentage|proportion) of)\b"
    r"(?!.*\b(?:models|scripts|notebooks|runs|experiments|networks|agents)\b)",
    re.IGNORECASE,
)
"""What a model may count itself: "count the cells in a picture"."""

_SPECIAL = ("has", "missing", "like", "sort", "rank", "limit", "intent", "text")
_INTENTS: tuple[Intent, ...] = ("details", "compare", "images", "count", "report")


def read_question(question: str, reader: Reader) -> Query:
    """How a question is read. Never raises on what is written: what cannot be read is in `bad` or stays free text."""
    line = unpasted(question[:LONGEST])
    return _Question(reader).read(recast(without_slips(line, lexicon_of(reader))))


class _Question:
    """The reading of one question."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lexicon = lexicon_of(reader)
        self._clock = Clock(date.today(), self._latest_year)

    def read(self, question: str) -> Query:
        if len(sides := _sides_said(question)) > 1:
            read = [self._plain(side) for side in sides]
            if all(side.expr for side in read):
                rest = replace(read[-1], expr=None, intent="find", bad=sum((q.bad for q in read), ()))
                return versus([Query(side.expr) for side in read], rest)
        sentence = read_sentence(question, self._lexicon)
        if sentence.intent == "cohorts":
            if found := Comparing(self._reader, self._lexicon, self._plain).query(sentence):
                return found
            sentence = Sentence("find", question)
        if told := pair_told(question):
            return replace(self._plain(told), intent="compare")
        columns = columns_of(self._reader)
        text = measured(self._dated_by_model(sentence.text), columns)
        text = relative(text, self._lexicon, columns, self._meant)
        query = self._headed(text) or self._plain(text)
        if sentence.intent == "count" and _COUNTS_THINGS.match(question) and isinstance(query.expr, Text):
            return self._plain(question)
        if sentence.intent == "images":
            return replace(query, intent="images", pictures=sentence.pictures)
        return replace(query, intent=sentence.intent) if sentence.intent != "find" else query

    def _headed(self, line: str) -> Query | None:
        """A task named before a colon and only told of behind it: "language modelling: predict the next word"."""
        heading, colon, told = line.partition(": ")
        if not colon:
            return None
        head, rest = (self._plain(part).expr for part in (heading, told))
        task = isinstance(head, Filter) and head.field == "task" and head.op == ":"
        same = isinstance(rest, Text) and not rest.phrase and not any(named_in(told, self._lexicon))
        return Query(head) if task and same else None

    def _dated_by_model(self, line: str) -> str:
        """A line with the day of the model that it dates by: "models older than the oldest VAE"."""
        said = _BY_MODEL.search(outside_quotes(line))
        if not said:
            return line
        query, columns = self._plain(line[said.start("model") :]), columns_of(self._reader)
        found = self._found(query)
        created = columns.column("created")
        days = [str(created.values[code])[:10] for code in created.codes[np.isin(created.models, found[:1])]]
        one = len(found) == 1 or query.rank or query.limit == 1
        return f"{line[: said.start('model')]}{days[0]}" if days and one else line

    def _found(self, query: Query) -> NDArray[np.int32]:
        """The models that a query finds by its filters and the words they hold, in order."""
        words = ranking_of(self._reader).words
        selector = Selector(self._reader, None, lambda text: words.holding(text.words, text.phrase, telling=True))
        found = selector.order(selector.mask(query.expr), query.sort)
        return found[selector.placed(found, query.sort, *query.rank)] if query.rank else found

    def _meant(self, said: str) -> list[int]:
        """The models that a name or conditions mean, with no word left over."""
        if name := self._exact(re.sub(r"^(?:the|our|my)\s+", "", said, flags=re.IGNORECASE)):
            return [columns_of(self._reader).number_of[name]]
        query = self._plain(said)
        told = [leaf for leaf, _ in leaves(query.expr)]
        return self._found(query).tolist() if told and all(isinstance(leaf, Filter) for leaf in told) else []

    def _plain(self, line: str) -> Query:
        return _Reading(self._lexicon, self._clock, self._reader.names, self._holds).query(line)

    def _holds(self, name: str) -> bool:
        """Whether the text of some model holds a name."""
        return bool(ranking_of(self._reader).words.holding(name, phrase=True, telling=True).any())

    def _exact(self, text: str) -> str | None:
        return exact(text, self._reader.names())

    def _latest_year(self, month: int) -> int | None:
        """The latest year in which a model was made in this month, else last changed in it."""
        columns = columns_of(self._reader)
        for field in ("created", "modified"):
            days = (str(day) for day in columns.column(field).values)
            if years := [int(day[:4]) for day in days if day[5:7] == f"{month:02d}"]:
                return max(years)
        return None


def _sides_said(line: str) -> list[str]:
    """The sides of a comparison as the canonical line parts them; one for any other line."""
    ends = [match.span() for match in re.finditer(" VERSUS ", outside_quotes(line))]
    starts = [0, *(end for _, end in ends)]
    return [line[start:end] for start, end in zip(starts, [*(start for start, _ in ends), len(line)], strict=True)]


class _Reading:
    """The reading of one line of grammar and prose: a `Meaning`, with what is said of the whole gathered on the way."""

    def __init__(
        self,
        lexicon: Lexicon,
        clock: Clock,
        names: Callable[[], Names],
        holds: Callable[[str], bool],
    ) -> None:
        self._lexicon, self._names, self._holds = lexicon, names, holds
        self._qualifiers = Qualifiers(lexicon, clock, names)
        self._scanner = Scanner(lexicon, clock, self._exact_id, self._concept)
        self._order = Order()
        self._placed: Qualifier | None = None
        self._intent: Intent = "find"
        self._wish = PictureWish()
        self._left = MOST_WORDS

    def query(self, line: str) -> Query:
        expr = parse(line, self)
        if self._placed and not self._order.sort:
            self._bad(self._placed, "nothing is sorted by")
        told = self._wish != PictureWish()
        intent = "images" if told and self._intent == "find" else self._intent
        wished = self._wish if told or intent == "images" else None
        return Query(
            expr,
            tuple(dict.fromkeys(self._order.sort)),
            self._order.rank if self._order.sort else None,
            self._order.limit,
            intent,
            (),
            wished,
            tuple({line.rpartition(BAD_MARK)[0]: line for line in reversed(self._qualifiers.bad)}.values())[::-1],
        )

    def _concept(self, line: str) -> Expr | None:
        return parse(line, self)

    def _exact_id(self, text: str) -> str | None:
        return exact(text, self._names())

    # -- Meaning

    def knows(self, name: str) -> bool:
        return "." not in name or self.means(name)

    def means(self, name: str) -> bool:
        low = name.casefold()
        return low in _SPECIAL or low.startswith("image.") or self._qualifiers.field(name) is not None

    def joins(self, before: str, name: str) -> bool:
        return (
            self._lexicon.exact([before, name]) is not None
            and self._lexicon.vocabulary.field(f"{before} {name}") is not None
        )

    def qualifier(self, said: Qualifier) -> Expr | None:
        name, value = said.name.casefold(), said.values[0][0]
        if name == "text":
            return Text(" ".join(value.split())) if value.strip() else None
        wishes = {"sort": self._sort, "rank": self._rank, "limit": self._limit, "intent": self._said_intent}
        whole = wishes.get(name)
        whole = self._said_wish if name.startswith("image.") else whole
        if whole is None:
            return self._qualifiers.read(said)
        if said.negated:
            self._bad(replace(said, raw=f"-{said.raw}"), "what is said of the whole question takes no minus")
        else:
            whole(said)
        return None

    def prose(self, words: str) -> Expr | None:
        said = split_words(words, self._lexicon.hyphenated)[: self._left]
        self._left -= len(said)
        items = self._scanner.scan(said)
        read_counted(items)
        read_only(items, self._lexicon)
        read_plain(items, self._lexicon)
        read_presence(items)
        read_order(items, self._order)
        read_numbers(items)
        read_features(items)
        read_settings(items, self._lexicon.settings())
        read_loose(items)
        read_packages(items, self._holds)
        self._guess_details(items)
        describe(items)
        asked = any(item.code in "FG" and not item.weak for item in items)
        leave(items)
        found = expression(items, self._named(items) if asked else written(items), self._lexicon.held_together)
        if self._order.sort and isinstance(found, Text) and set(found.words.casefold().split()) <= english().generic:
            found = None  # "which run takes the fewest epochs"
        if found is None and not self._order.sort:
            fields = [item.fields[0] for item in items if item.fields and not item.weak and item.expr is None]
            found = Filter(fields[0], "has") if len(fields) == 1 and self._intent == "find" else None
            if not fields and not self._order.limit and (words := together(items)):
                found = Text(words)
        return found

    def _named(self, items: list[Item]) -> str:
        """The free text beside a field that is asked for: what is left may be the name of a model."""
        left = [item for item in items if item.code == "w"]
        if len(left) > 2 or any(item.code == "E" for item in items):
            return written(items)
        name = " ".join(item.text for item in left)
        found = self._exact_id(name) if name.casefold() not in english().ordinary else None
        if found:
            left[0].code, left[0].expr, left[0].fields = "E", Filter("id", ":", found), ("id",)
            for item in left[1:]:
                item.code = "f"
            self._intent = "details" if self._intent == "find" else self._intent
        numbers = any(item.code == "F" and not item.weak for item in items)
        return name if found or numbers else written(items)

    def _guess_details(self, items: list[Item]) -> None:
        """Reads "what batch size did X use?" asks for details; "how many VAEs" is a count."""
        asked = [item.text.casefold() for item in items[:2]]
        listed = asked[:1] in (["list"], ["enumerate"]) or asked == ["show", "all"]
        unread = [item for place, item in enumerate(items) if item.code in "FG" and (not item.weak or place == 1)]
        if asked[:1] in (["what"], ["which"], ["how"]) and unread and self._intent == "find":
            first = next((item for item in items if item.code not in "frq"), None)
            self._intent = "details" if first in unread else self._intent
        elif listed and unread and unread[0].plural and self._intent == "find":
            first = next((item for item in items if item.code not in "frq"), None)
            self._intent = "details" if first is unread[0] else self._intent  # "list all datasets"

    # -- what is said of the whole

    def _bad(self, said: Qualifier, reason: str) -> None:
        self._qualifiers.bad.append(f"{said.raw}{BAD_MARK}{reason}")

    def _sort(self, said: Qualifier) -> None:
        for text, _ in said.values:
            name = text.lstrip("-+")
            field = self._qualifiers.field(name)
            if field:
                self._order.sort.append((field[0], text.startswith("-")))
            else:
                near = self._lexicon.misspelt.field(name)
                self._bad(said, f"no field is called {name}" + (f"; did you mean {near}?" if near else ""))

    def _limit(self, said: Qualifier) -> None:
        text = said.values[0][0]
        if text.isascii() and text.isdigit() and int(text[:9]) > 0:
            self._order.limit = int(text[:9])
        else:
            self._bad(said, "a limit is a whole number above 0")

    def _rank(self, said: Qualifier) -> None:
        places = re.fullmatch(r"([1-9]\d{0,8})(?:(\.\.)([1-9]\d{0,8})?)?", said.values[0][0], re.ASCII)
        if places:
            self._placed, first = said, int(places[1])
            self._order.rank = (first, int(places[3]) if places[3] else None if places[2] else first)
        else:
            self._bad(said, "a rank is a place among what is sorted by, such as 1, 2.. or 1..3")

    def _said_intent(self, said: Qualifier) -> None:
        found = next((intent for intent in _INTENTS if intent == said.values[0][0]), None)
        if found:
            self._intent = found
        else:
            self._bad(said, f"an intent is one of {', '.join(_INTENTS)}")

    def _said_wish(self, said: Qualifier) -> None:
        name, text = said.name.casefold().removeprefix("image."), said.values[0][0]
        number = int(text[:9]) if text.isascii() and text.isdigit() else None
        several = re.fullmatch(r"(\d{0,9})\.\.(\d{0,9})", text, re.ASCII)
        if name == "epoch" and number is not None:
            self._wish = replace(self._wish, epoch=number)
        elif name == "epoch" and several and (several[1] or several[2]):
            first, last = (int(end) if end else None for end in several.groups())
            self._wish = replace(self._wish, epoch=(first, last))
        elif name == "step" and number is not None:
            self._wish = replace(self._wish, step=number)
        elif name == "label" and text.strip():
            self._wish = replace(self._wish, label=" ".join(text.split()))
        elif name == "latest":
            self._wish = replace(self._wish, latest=True)
        else:
            self._bad(said, "an image has epoch, step, label and latest")
