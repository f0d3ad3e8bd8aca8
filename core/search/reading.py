"""Question -> Query: the grammar and plain language, read over the vocabulary and the collection that is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from core.catalog import tokens
from core.catalog.columns import columns_of
from core.catalog.matching import names_meant
from core.catalog.naming import exact
from core.search.clauses import read_numbers, read_presence, read_settings
from core.search.dates import Clock
from core.search.described import describe, leave, written
from core.search.english import english
from core.search.grammar import Qualifier, outside_quotes, parse
from core.search.items import Item, split_words
from core.search.lexicon import Lexicon, lexicon_of
from core.search.only import read_only, read_plain
from core.search.ordering import Order, read_order
from core.search.pasted import unpasted
from core.search.qualifiers import Qualifiers
from core.search.query import (
    BAD_MARK,
    And,
    Expr,
    Filter,
    Intent,
    PictureWish,
    Query,
    Text,
    both,
    either,
    leaves,
    negate,
    versus,
)
from core.search.scanner import Scanner
from core.search.scope import expression
from core.search.sentences import Sentence, Side, read_sentence, said_versus, splits

if TYPE_CHECKING:
    from core.catalog.reading import Reader

MOST_WORDS = 300
"""Words of prose that are read of a line; nobody asks more, and a pasted file must not hang the screen."""
LONGEST_COMPARISON, MOST_SPLITS = 100, 8
"""Words of a sentence that is tried as a comparison, and places where it is tried to be parted in two."""

_PAIR = re.compile(r"[(\[]\s*([\d.e-]+)\s*,\s*([\d.e-]+)\s*[)\]]", re.IGNORECASE)
"""A value of two numbers as code writes it: "betas = (0.5, 0.999)"."""

_SPECIAL = ("has", "missing", "like", "sort", "limit", "intent", "text")
_INTENTS: tuple[Intent, ...] = ("details", "compare", "images", "count", "report")


def read_question(question: str, reader: Reader) -> Query:
    """How a question is read. Never raises on what is written: what cannot be read is in `bad` or stays free text."""
    return _Question(reader).read(unpasted(question))


class _Question:
    """The reading of one question."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lexicon = lexicon_of(reader)
        self._clock = Clock(date.today(), self._latest_year)

    def read(self, question: str) -> Query:
        if len(sides := _sides_said(question)) > 1:
            read = [self._plain(side) for side in sides]
            last = read[-1]
            rest = Query(sort=last.sort, limit=last.limit, pictures=last.pictures, bad=sum((q.bad for q in read), ()))
            return versus([Query(side.expr) for side in read], rest)
        sentence = read_sentence(_PAIR.sub(r"\1 and \2", question), self._lexicon)
        if sentence.intent == "cohorts":
            found = self._cohorts(sentence)
            if found:
                return found
            sentence = Sentence("find", question)
        query = self._plain(sentence.text)
        if sentence.intent == "images":
            return replace(query, intent="images", pictures=sentence.pictures)
        return replace(query, intent=sentence.intent) if sentence.intent != "find" else query

    def _plain(self, line: str) -> Query:
        return _Reading(self._lexicon, self._clock, self._exact).query(line)

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

    # -- cohorts

    def _cohorts(self, sentence: Sentence) -> Query | None:
        """The two sides of a comparison, split where both read best; None where no split gives two."""
        names = [self._called(side) for side in splits(sentence)[0]] if len(splits(sentence)) == 1 else []
        if len(names) == 2 and names[0] and names[1]:
            return Query(either(Filter("id", ":", name) for name in names), intent="compare")
        best: tuple[float, Query] | None = None
        parted = splits(sentence)
        if len(parted) > 1 and len(sentence.text.split()) > LONGEST_COMPARISON:
            return None
        for first, second in parted[:MOST_SPLITS]:
            sides = (self._side(first), self._side(second))
            told = said_versus(sentence.text) or not all(self._untold(side) for side in sides)
            if not all(side.expr for side in sides) or not told:
                continue  # "compare pairs of digits with shared weights" asks for what compares
            score = sides[0].likeness(sides[1])
            if best is None or score > best[0]:
                best = (score, self._versus(*sides))
        return best[1] if best else None

    def _untold(self, side: Side) -> bool:
        """Whether a side is free text and no name of one kind of a family."""
        return side.fields() == {"text"} and not self._lexicon.is_narrower(side.expr)

    def _side(self, text: str) -> Side:
        name = self._called(text)
        read = Filter("id", ":", name) if name else self._plain(text).expr
        if any(isinstance(leaf, Text) for leaf, _ in leaves(read)) and (only := self._only_one_called(text)):
            read = Filter("id", ":", only)
        return Side(text, read)

    def _called(self, text: str) -> str | None:
        """The model that one side names."""
        said = text.strip(" ?.\"'")
        return None if said in self._lexicon.families else self._exact(said)

    def _only_one_called(self, text: str) -> str | None:
        """The one model in whose id all words of a text stand: "offline CQL", "noisy net"."""
        said = [word for word in tokens.words(text) if word not in english().dropped]
        ids = columns_of(self._reader).ids
        found = [name for name in ids if said and set(said) <= {*tokens.words(name), *tokens.parts(name)}]
        return found[0] if len(found) == 1 else None

    def _versus(self, first: Side, second: Side) -> Query:
        first, second = self._variants(*self._both_kinds(first, second))
        one, other = first.completed(second, trailing=True), second.completed(first)
        ids = [side for side in (one, other) if isinstance(side, Filter) and side.field == "id"]
        if len(ids) == 2:
            return Query(either(ids), intent="compare")
        return versus([Query(self._apart(one, other)), Query(self._apart(other, one))])

    def _apart(self, side: Expr | None, other: Expr | None) -> Expr | None:
        """A family without that member of it which it is compared with: "WGAN versus WGAN-GP", "RNNs and LSTMs"."""
        members = [leaf for leaf in _families(other) for own in _families(side) if self._holds(own, leaf)]
        mine, theirs = _parts(side), _parts(other)
        more = [part for part in theirs if part not in mine] if set(mine) < set(theirs) else []
        return both([side, *map(negate, [*members, *(part for part in more if part not in members)])])

    def _holds(self, family: Filter, member: Filter) -> bool:
        """Whether a family holds another one: by the vocabulary, or because every model here of that is of both."""
        if str(family.value) in self._lexicon.vocabulary.parents("architecture", str(member.value)):
            return True
        columns = columns_of(self._reader)
        of = [
            columns.column("architecture").where(
                len(columns.ids), names_meant("architecture", str(leaf.value), self._lexicon.vocabulary)
            )
            for leaf in (family, member)
        ]
        return bool(of[1].any() and of[0][of[1]].all() and not of[1][of[0]].all())

    def _both_kinds(self, first: Side, second: Side) -> tuple[Side, Side]:
        """A name that is both a family's and a model's is a family's beside another one: "WGAN versus WGAN-GP"."""
        sides = (first, second)
        if sum(side.fields() == {"id"} for side in sides) != 1:
            return sides
        plain = [Side(side.text, self._plain(side.text).expr) for side in sides]
        one, other = plain[0].fields(), plain[1].fields()
        return (plain[0], plain[1]) if "text" not in one | other and (one <= other or other <= one) else sides

    def _variants(self, first: Side, second: Side) -> tuple[Side, Side]:
        """Two variants that are told apart by the value of one setting: "the H and the B variant"."""
        names = [side.variant() for side in (first, second)]
        one, other = map(str, names)
        fields = columns_of(self._reader).settings_that_are(one, other) if all(names) else ()
        return (first.being(fields[0], one), second.being(fields[0], other)) if fields else (first, second)


def _sides_said(line: str) -> list[str]:
    """The sides of a comparison as the canonical line parts them; one for any other line."""
    ends = [match.span() for match in re.finditer(" VERSUS ", outside_quotes(line))]
    starts = [0, *(end for _, end in ends)]
    return [line[start:end] for start, end in zip(starts, [*(start for start, _ in ends), len(line)], strict=True)]


def _parts(expr: Expr | None) -> tuple[Expr, ...]:
    return expr.args if isinstance(expr, And) else (expr,) if expr else ()


def _families(expr: Expr | None) -> list[Filter]:
    """The families that an expression demands, by name."""
    found = [leaf for leaf, negated in leaves(expr) if isinstance(leaf, Filter) and not negated]
    return [leaf for leaf in found if leaf.field == "architecture" and leaf.op == ":"]


class _Reading:
    """The reading of one line of grammar and prose: a `Meaning`, with what is said of the whole gathered on the way."""

    def __init__(self, lexicon: Lexicon, clock: Clock, exact_id: Callable[[str], str | None]) -> None:
        self._lexicon, self._exact_id = lexicon, exact_id
        self._qualifiers = Qualifiers(lexicon, clock, exact_id)
        self._scanner = Scanner(lexicon, clock, exact_id, self._concept)
        self._order = Order()
        self._intent: Intent = "find"
        self._wish = PictureWish()
        self._left = MOST_WORDS

    def query(self, line: str) -> Query:
        expr = parse(line, self)
        wished = self._wish if self._wish != PictureWish() or self._intent == "images" else None
        return Query(
            expr,
            tuple(dict.fromkeys(self._order.sort)),
            self._order.limit,
            self._intent,
            (),
            wished,
            tuple({line.rpartition(BAD_MARK)[0]: line for line in reversed(self._qualifiers.bad)}.values())[::-1],
        )

    def _concept(self, line: str) -> Expr | None:
        return parse(line, self)

    # -- Meaning

    def knows(self, name: str) -> bool:
        low = name.casefold()
        return low in _SPECIAL or low.startswith("image.") or self._qualifiers.field(name) is not None or "." not in low

    def joins(self, before: str, name: str) -> bool:
        return (
            self._lexicon.exact([before, name]) is not None
            and self._lexicon.vocabulary.field(f"{before} {name}") is not None
        )

    def qualifier(self, said: Qualifier) -> Expr | None:
        name, value = said.name.casefold(), said.values[0][0]
        if name == "text":
            return Text(" ".join(value.split())) if value.strip() else None
        whole = {"sort": self._sort, "limit": self._limit, "intent": self._said_intent}.get(name)
        whole = self._said_wish if name.startswith("image.") else whole
        if whole is None:
            return self._qualifiers.read(said)
        whole(said)
        return None

    def prose(self, words: str) -> Expr | None:
        said = split_words(words, self._lexicon.hyphenated)[: self._left]
        self._left -= len(said)
        items = self._scanner.scan(said)
        read_only(items, self._lexicon)
        read_plain(items, self._lexicon)
        read_presence(items)
        read_order(items, self._order)
        read_numbers(items)
        read_settings(items, self._lexicon.settings())
        self._guess_details(items)
        asked = any(item.code == "F" and not item.weak for item in items)
        describe(items)
        leave(items)
        found = expression(items, self._named(items) if asked else written(items))
        if found is None and not self._order.sort:
            fields = [item.fields[0] for item in items if item.fields and not item.weak and item.expr is None]
            found = Filter(fields[0], "has") if len(fields) == 1 and self._intent == "find" else None
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
        return name

    def _guess_details(self, items: list[Item]) -> None:
        """Reads "what batch size did X use?" asks for details; "how many VAEs" is a count."""
        asked = [item.text.casefold() for item in items[:2]]
        unread = [item for item in items if item.code in "FG" and not item.weak]
        if asked[:1] in (["what"], ["which"], ["how"]) and unread and self._intent == "find":
            first = next((item for item in items if item.code not in "frq"), None)
            self._intent = "details" if first in unread else self._intent

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
                near = self._lexicon.nearest_field(name)
                self._bad(said, f"no field is called {name}" + (f"; did you mean {near}?" if near else ""))

    def _limit(self, said: Qualifier) -> None:
        text = said.values[0][0]
        if text.isascii() and text.isdigit() and int(text[:9]) > 0:
            self._order.limit = int(text[:9])
        else:
            self._bad(said, "a limit is a whole number above 0")

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
