"""Query -> answer: filters decide the set, free text ranks what they left and ends where relevance ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.catalog.columns import Mask, columns_of
from core.catalog.ranking import ranking_of
from core.catalog.selecting import Selector
from core.search.answer import Answer, Hit, PictureHit
from core.search.cutoff import Evidence
from core.search.described import named_in
from core.search.glosses import glosses_of
from core.search.lexicon import lexicon_of
from core.search.query import And, Expr, Filter, PictureWish, Query, Text, both, leaves, print_expr
from core.search.reading import read_question
from core.search.why import reasons
from core.vocabulary import load

if TYPE_CHECKING:
    from core.catalog.reading import Reader
    from core.catalog.user import UserFile
    from core.protocols import TextEmbedder

EmbedderFactory = Callable[[], "TextEmbedder | None"]

MOST_DROPPED = 2
"""Parts of a question that are dropped together when nothing is found."""
FEW_PARTS = 8
"""Parts of a question whose pairs are tried so; of more, only each one."""


def answer(
    question: str | Query,
    reader: Reader,
    embedder_factory: EmbedderFactory,
    user: UserFile | None,
    limit: int | None = None,
) -> Answer:
    """The whole set that answers, in order; `limit` caps it like the question's own limit."""
    asked = question if isinstance(question, str) else str(question)
    query = read_question(question, reader) if isinstance(question, str) else question
    if limit is not None:
        query = replace(query, limit=limit if query.limit is None else min(limit, query.limit))
    return Answering(reader, embedder_factory, user).answer(asked, query)


def hits(found: Answer, reader: Reader, start: int = 0, stop: int | None = None) -> list[Hit]:
    """The hits of an answer from `start` to `stop`, each with its reasons."""
    columns = columns_of(reader)
    ids, scores = found.ids[start:stop], found.scores[start:stop]
    known = [
        (columns.number_of[id], id, score) for id, score in zip(ids, scores, strict=True) if id in columns.number_of
    ]
    rows = columns.rows([number for number, _, _ in known])
    why = reasons(found.query, [id for _, id, _ in known], reader)
    return [
        Hit(id, columns.paths[number], score, why[id], row)
        for (number, id, score), row in zip(known, rows, strict=True)
    ]


def met(question: str, reader: Reader, user: UserFile | None) -> Mask:
    """The models that meet the filters of a question, its free text aside."""
    _, filters = split_text(read_question(question, reader).expr)
    return Answering(reader, lambda: None, user).selector.mask(filters)


def warm(reader: Reader, embedder_factory: EmbedderFactory) -> None:
    """Read and load what the first free text needs: the embedder, the descriptions, the vectors, the rows of hits."""
    columns_of(reader).keep_rows()
    Answering(reader, embedder_factory, None).evidence("warm", np.ones(len(columns_of(reader).ids), bool))


@dataclass(frozen=True, slots=True)
class Ranked:
    """Models in order with their scores (None: nothing was ranked by text), and how many an unknown field let in."""

    numbers: NDArray[np.int32]
    scores: tuple[float | None, ...]
    unknown: int


class Answering:
    """Answers queries over one reader."""

    def __init__(self, reader: Reader, embedder_factory: EmbedderFactory, user: UserFile | None) -> None:
        self._reader, self._embedder_factory = reader, embedder_factory
        self._columns = columns_of(reader)
        self._ranking = ranking_of(reader)
        self.selector = Selector(reader, user, self._holding)
        self._evidence: dict[str, Evidence] = {}
        """Of the texts whose evidence was gathered for all models."""

    def answer(self, asked: str, query: Query) -> Answer:
        if query.cohorts:
            return self._compare(asked, query)
        ranked = self.rank(query)
        shown = ranked.numbers[: query.limit]
        ids = tuple(map(self._columns.ids.__getitem__, shown.tolist()))
        hint = None if len(ids) else self._hint(query)
        pictures = self._pictures(ids, query) if query.intent == "images" else ()
        if ids and query.intent == "images" and not pictures:
            from core.search.pictures import lacking

            hint = lacking(ids, query, self._reader)
        return Answer(asked, query, ids, ranked.scores[: query.limit], ranked.unknown, hint, pictures=pictures)

    def _pictures(self, ids: Sequence[str], query: Query) -> tuple[PictureHit, ...]:
        from core.search.pictures import pictures_of  # it asks back here for the models of a question

        return tuple(pictures_of(ids, query.pictures or PictureWish(), self._reader))

    def _compare(self, asked: str, query: Query) -> Answer:
        """Each cohort's answer, and their union in their order."""
        sides = tuple(
            self.answer(str(side), replace(side, sort=query.sort, rank=query.rank, limit=query.limit))
            for side in query.cohorts
        )
        union: dict[str, float | None] = {}
        for side in sides:
            for name, score in zip(side.ids, side.scores, strict=True):
                union.setdefault(name, score)
        hint = None if union else next((side.hint for side in sides if side.hint), None)
        return Answer(
            asked, query, tuple(union), tuple(union.values()), sum(s.unknown for s in sides), hint, cohorts=sides
        )

    # -- the set and its order

    def rank(self, query: Query) -> Ranked:
        """The models that are meant in their order, of those the places that are asked for."""
        ranked = self._ranked(query)
        if not (query.rank and query.sort):
            return ranked
        kept = self.selector.placed(ranked.numbers, query.sort, *query.rank)
        scores = tuple(score for score, here in zip(ranked.scores, kept, strict=True) if here)
        return Ranked(ranked.numbers[kept], scores, ranked.unknown)

    def _ranked(self, query: Query) -> Ranked:
        texts, filters = split_text(query.expr)
        met = self.selector.mask(filters)
        unknown = self.selector.unknown(filters, met)
        likes = [
            leaf
            for leaf, negated in leaves(query.expr)
            if isinstance(leaf, Filter) and leaf.op == "like" and not negated
        ]
        filtered = any(_chooses(leaf, negated) for leaf, negated in leaves(filters))
        if texts:
            filtered = filtered or any(text.phrase for text in texts)
            return self._by_text(texts, met, query, filtered, unknown)
        if likes and not query.sort:
            return self._by_likeness(str(likes[0].value), met, unknown)
        numbers = self.selector.order(met, query.sort)
        return Ranked(numbers, (None,) * len(numbers), unknown)

    def _by_text(self, texts: list[Text], met: Mask, query: Query, filtered: bool, unknown: int) -> Ranked:
        for text in texts:
            if text.phrase:
                met = met & self._holding(text)
        evidence = self.evidence(" ".join(text.words for text in texts), met)
        phrases = all(text.phrase for text in texts)
        kept = met if phrases else met & evidence.relevant(met, filtered)
        if not kept.any() and not phrases and _names_task(query.expr) and not evidence.marked():
            kept = met  # the words tell more of the task; no text says them, and the task is what was asked for
        kept = kept if phrases else self._of_what_is_named(kept, texts)
        marks = evidence.relevance(met, filtered, kept)
        numbers = self.selector.order(kept, query.sort)
        if not query.sort:
            numbers = np.flatnonzero(kept).astype(np.int32)
            numbers = numbers[np.argsort(-np.round(marks[numbers], 9), kind="stable")]
        return Ranked(numbers, tuple(round(float(marks[number]), 4) for number in numbers), min(unknown, len(numbers)))

    def _of_what_is_named(self, kept: Mask, texts: Iterable[Text]) -> Mask:
        """The models found without those known to be of another family or subject than the text names, where any is."""
        for field, line in named_in(" ".join(text.words for text in texts), lexicon_of(self._reader)):
            named = self.selector.mask(read_question(line, self._reader).expr)
            if (kept & named).any():
                kept = kept & (named | self.selector.mask(Filter(field, "missing")))
        return kept

    def _by_likeness(self, name: str, met: Mask, unknown: int) -> Ranked:
        """Near-identical models first, then by nearness of meaning."""
        number = self._columns.number_of.get(name)
        if number is None:
            return Ranked(np.zeros(0, np.int32), (), 0)
        likeness = self._ranking.like(number)
        for place, other in enumerate(self._reader.similar(name)):
            likeness[self._columns.number_of[other]] = 2 - place * 1e-3
        numbers = np.flatnonzero(met).astype(np.int32)
        numbers = numbers[np.argsort(-np.round(likeness[numbers], 9), kind="stable")]
        return Ranked(numbers, tuple(round(min(float(likeness[n]), 1.0), 4) for n in numbers), unknown)

    def evidence(self, text: str, among: Mask) -> Evidence:
        """What words, meaning and facts say of each of these models for some free text; without an embedder, words
        alone."""
        if text in self._evidence:
            return self._evidence[text]
        embedder = self._embedder()
        scores = self._ranking.score(text, embedder, among)
        if embedder is None:
            return Evidence(scores, None)
        vector = self._ranking.vector(text, embedder)
        return Evidence(scores, glosses_of(embedder).spoken(vector, self._columns, self._ranking, text))

    def _embedder(self) -> TextEmbedder | None:
        """The embedder, where the catalogue was embedded by the same one."""
        embedder = self._embedder_factory() if self._ranking.embedded else None
        return embedder if embedder is not None and embedder.name == self._reader.meta.get("embedder") else None

    def _holding(self, text: Text) -> Mask:
        return self._ranking.words.holding(text.words, text.phrase, telling=True)

    # -- nothing found

    def _hint(self, query: Query) -> str:
        """The part whose removal gives results, and how many; the one that gives fewest is nearest to the question.

        Where no single part does, two of them, else the one to keep; a lone part leaves all models.
        """
        parts = query.expr.args if isinstance(query.expr, And) else (query.expr,) if query.expr else ()
        best: tuple[int, str] | None = None
        texts = [part for part in parts if isinstance(part, Text)]
        if len(texts) < len(parts) and texts:
            whole = " ".join(text.words for text in texts)  # every part that is dropped leaves others of all models
            self._evidence[whole] = self.evidence(whole, np.ones(self._ranking.count, bool))
        most = MOST_DROPPED if len(parts) <= FEW_PARTS else 1
        for number in range(1, min(len(parts), most + 1)):
            for dropped in combinations(parts, number):
                count = self._left(query, both(part for part in parts if part not in dropped))
                if count and (best is None or count < best[0]):
                    best = (count, " and ".join(print_expr(part, "and") for part in dropped))
            if best:
                return f"without {best[1]}: {_models(best[0])}"
        if not self._columns.ids:
            return "nothing is indexed yet"
        return self._relative(query) or self._alone(query, parts)

    def _alone(self, query: Query, parts: Sequence[Expr]) -> str:
        """The one part that gives the fewest models by itself, of so many that this was not asked yet; else what is
        left without any."""
        unasked = parts if len(parts) > MOST_DROPPED + 1 else ()
        found = [(count, print_expr(part)) for part in unasked if (count := self._left(query, part))]
        if found:
            return f"{min(found)[1]} alone: {_models(min(found)[0])}"
        asked = both(parts)
        return f"without {print_expr(asked)}: {_models(self._left(query, None))}" if asked else ""

    def _left(self, query: Query, expr: Expr | None) -> int:
        """How many models another expression gives."""
        return len(self.rank(replace(query, expr=expr, limit=None)).numbers)

    def _relative(self, query: Query) -> str | None:
        """The nearest family of one that no model is of, and how many are: GAN for a lone CycleGAN."""
        part = query.expr
        if not isinstance(part, Filter) or part.op != ":":
            return None
        for parent in load().parents(part.field, str(part.value)):
            wider = replace(part, value=parent)
            if count := self._left(query, wider):
                return f"no {part.value}; {print_expr(wider)}: {_models(count)}"
        return None


def _models(count: int) -> str:
    return f"{count} model{'s' * (count != 1)}"


def _chooses(leaf: Filter | Text, negated: bool) -> bool:
    """Whether a condition says what is wanted, so that plain words beside it ask for nothing more. One that only says
    what is not wanted does not, but for a feature that is not there ("by hand": no optimizer)."""
    if not isinstance(leaf, Filter):
        return not negated
    return leaf.op != "missing" and (not negated or leaf.op == "has")


def _names_task(expr: Expr | None) -> bool:
    """Whether a task is demanded."""
    tasks = [
        leaf for leaf, negated in leaves(expr) if isinstance(leaf, Filter) and leaf.field == "task" and not negated
    ]
    return any(leaf.op == ":" for leaf in tasks)


def split_text(expr: Expr | None) -> tuple[list[Text], Expr | None]:
    """The free text that ranks (what stands at the top, not negated) and the rest, which filters."""
    parts: Iterable[Expr] = expr.args if isinstance(expr, And) else (expr,) if expr is not None else ()
    texts = [part for part in parts if isinstance(part, Text)]
    return texts, both(part for part in parts if not isinstance(part, Text))
