"""From models to a finished report: plan, write, verify. A report is true with any writer, and with none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from core.errors import BadInput, ModelSearchError
from core.report.claims import Claim, name_of
from core.report.document import Report, Section, Sentence, short_names
from core.report.planning import Plan, plan, summary
from core.report.prompting import grammar_for, narrow_grammar_for, prompt_for, writable
from core.report.rendering import footer_markdown, heading_markdown, mark, sentence_markdown, table_markdown
from core.report.verification import verify
from core.report.wording import clean, series

if TYPE_CHECKING:
    from core.artifacts.records import Artefacts
    from core.catalog.model import Model
    from core.protocols import Writer

TRIES = 3
"""After so many free sentences none of which held, a writer is only asked to order phrases."""


def write_report(
    models: Sequence[Model],
    artefacts: Sequence[Artefacts],
    question: str,
    make_writer: Callable[[], Writer | None] = lambda: None,
    on_text: Callable[[str], None] = lambda text: None,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """A report on one model or a comparison of several; `artefacts` follow `models`.

    `on_text` gets the report's Markdown piece by piece, a sentence only once it is verified. After `stop` the report
    holds what was finished and says so. Raises BadInput without any model.
    """
    if not models:
        raise BadInput("there is no model to report on")
    title = _title(models, question)
    sections = plan(models, artefacts)
    names = short_names(place.file for part in sections for claim in part.claims for place in claim.places)
    author = Author(make_writer, stop)
    on_text(f"# {mark(title)}\n\n")
    done = []
    for part in sections:
        if author.stopped():
            break
        done.append(_section(part, author, names, on_text))
    report = Report(title, tuple(done), author.name, author.replaced, author.stopped(), author.trouble)
    on_text(footer_markdown(report, report.files()))
    return report


def summarise(model: Model, writer: Writer | None = None, stop: Callable[[], bool] = lambda: False) -> str:
    """Two sentences on a model: what it is, and how it is trained."""
    author = Author(lambda: writer, stop)
    return " ".join(author.sentence(claim).text for claim in summary(model))


def _title(models: Sequence[Model], question: str) -> str:
    asked = clean(question, 160)
    if len(models) == 1:
        return f"Report on {name_of(models[0])}"
    return f"Report: {asked}" if asked else f"Comparison of {series([name_of(model) for model in models], most=4)}"


def _section(part: Plan, author: Author, names: dict[str, str], on_text: Callable[[str], None]) -> Section:
    """One section, told to `on_text` sentence by sentence."""
    on_text(heading_markdown(part.title) + "\n\n")
    sentences: list[Sentence] = []
    for claim in part.claims:
        if author.stopped():
            break
        sentences.append(author.sentence(claim))
        on_text((" " if len(sentences) > 1 else "") + sentence_markdown(sentences[-1], names))
    if sentences:
        on_text("\n\n")
    tables = () if author.stopped() else part.tables
    for table in tables:
        on_text(table_markdown(table) + "\n\n")
    return Section(part.title, tuple(sentences), tables)


class Author:
    """Words each claim: in the writer's words where they hold, else in its own.

    A writer first words a claim freely, then, where that does not hold, orders the claim's own phrases.
    """

    def __init__(self, make_writer: Callable[[], Writer | None], stop: Callable[[], bool]) -> None:
        self._make_writer, self._stop = make_writer, stop
        self._writer: Writer | None = None
        self._made = self._stopped = False
        self._freely = [0, 0]
        self.name: str | None = None
        self.replaced = 0
        self.trouble = ""

    def stopped(self) -> bool:
        self._stopped = self._stopped or self._stop()
        return self._stopped

    def sentence(self, claim: Claim) -> Sentence:
        """The claim, worded."""
        text = None
        try:
            if writable(claim) and (writer := self._get_writer()):
                text = self._worded(writer, claim)
        except ModelSearchError as error:
            self.trouble, self._writer = str(error), None
        return Sentence(claim.text if text is None else text, claim.places, written=text not in (None, claim.text))

    def _get_writer(self) -> Writer | None:
        """The writer, made when the first sentence needs it; None once it has failed."""
        if not self._made:
            self._made = True
            self._writer = self._make_writer()
            self.name = self._writer.name if self._writer else None
        return self._writer

    def _worded(self, writer: Writer, claim: Claim) -> str | None:
        """A sentence of the writer's that holds; None where none of two does or it was stopped."""
        tries = self._grammars(claim)
        for grammar, free in tries:
            text = "".join(self._pieces(writer, claim, grammar)).strip()
            if self.stopped():
                return None
            held = verify(text, claim) is None
            self._freely[held] += free
            if held:
                return text
        self.replaced += bool(tries)
        return None

    def _grammars(self, claim: Claim) -> list[tuple[str, bool]]:
        """The grammars to try in turn, each with whether it leaves the words free."""
        narrow = narrow_grammar_for(claim)
        free = self._freely[True] > 0 or self._freely[False] < TRIES
        return ([(grammar_for(claim), True)] if free else []) + ([(narrow, False)] if narrow else [])

    def _pieces(self, writer: Writer, claim: Claim, grammar: str) -> Iterator[str]:
        most = 16 + len(claim.text) // 2
        return writer.write(prompt_for(claim), grammar=grammar, max_tokens=most, stop=self.stopped)
