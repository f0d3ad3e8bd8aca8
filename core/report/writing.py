"""From models to a finished report: plan, write, verify. A report is true with any writer, and with none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.errors import BadInput, ModelSearchError
from core.report.claims import Claim, name_of
from core.report.document import Report, Section, Sentence, short_names
from core.report.planning import Plan, plan, summary
from core.report.prompting import grammar_for, prompt_for, writable
from core.report.rendering import mark, section_markdown, sentence_markdown
from core.report.verification import verify
from core.report.wording import clean, series

if TYPE_CHECKING:
    from core.artifacts.records import Artefacts
    from core.catalog.model import Model
    from core.protocols import Writer

MOST_TOKENS = 160
"""Of one sentence."""


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
    on_text(f"---\n\n*{mark(report.colophon)}*\n\n")
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
    on_text(f"## {mark(part.title)}\n\n")
    sentences: list[Sentence] = []
    for claim in part.claims:
        if author.stopped():
            break
        sentences.append(author.sentence(claim))
        on_text((" " if len(sentences) > 1 else "") + sentence_markdown(sentences[-1], names))
    if sentences:
        on_text("\n\n")
    section = Section(part.title, tuple(sentences), () if author.stopped() else part.tables)
    if section.tables:
        tables = section_markdown(Section("", (), section.tables), names)
        on_text(tables.partition("\n\n")[2] + "\n\n")
    return section


class Author:
    """Words each claim: in the writer's words where they hold, else in its own."""

    def __init__(self, make_writer: Callable[[], Writer | None], stop: Callable[[], bool]) -> None:
        self._make_writer, self._stop = make_writer, stop
        self._writer: Writer | None = None
        self._made = False
        self._stopped = False
        self.replaced = 0
        self.trouble = ""

    @property
    def name(self) -> str | None:
        return self._writer.name if self._writer else None

    def stopped(self) -> bool:
        self._stopped = self._stopped or self._stop()
        return self._stopped

    def sentence(self, claim: Claim) -> Sentence:
        """The claim, worded: two tries for the writer, the second within a narrower grammar."""
        if writable(claim) and (writer := self._get_writer()):
            try:
                for strict in (False, True):
                    text = self._write(writer, claim, strict)
                    if self.stopped():
                        return Sentence(claim.text, claim.places)
                    if verify(text, claim) is None:
                        return Sentence(text, claim.places, written=True)
                self.replaced += 1
            except ModelSearchError as error:
                self.trouble, self._failed = str(error), True
        return Sentence(claim.text, claim.places)

    _failed = False

    def _get_writer(self) -> Writer | None:
        """The writer, made when the first sentence needs it; None once it has failed."""
        if not self._made:
            self._made = True
            self._writer = self._make_writer()
        return None if self._failed else self._writer

    def _write(self, writer: Writer, claim: Claim, strict: bool) -> str:
        pieces = writer.write(
            prompt_for(claim), grammar=grammar_for(claim, strict), max_tokens=MOST_TOKENS, stop=self.stopped
        )
        return "".join(pieces).strip()
