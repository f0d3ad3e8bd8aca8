"""`search`, `search --batch` and `list`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BadInput, ModelSearchError
from core.export import Json, answer_json, line, model_json
from tui.cli.opening import open_library
from tui.cli.printing import Printer, note
from tui.wording import place_text, plural, value_text, values_text

if TYPE_CHECKING:
    from core.catalog.model import Row
    from core.library import Library
    from core.search.answer import Answer, Hit

COLUMNS = (
    ("id", "id"),
    ("architecture", "architecture"),
    ("datasets", "dataset"),
    ("batch_size", "batch"),
    ("learning_rate", "rate"),
    ("optimizer", "optimizer"),
    ("epochs", "epochs"),
    ("hardware", "hardware"),
    ("framework", "framework"),
    ("modified", "modified"),
)
"""Field and heading, in the order in which they are shown as they fit."""

NOTHING_YET = "nothing is indexed yet: modelsearch index FOLDER"


def list_models(catalog: Path | None, as_json: bool) -> int:
    library = open_library(catalog)
    if as_json:
        models = library.list()
        for model in models:
            print(line(model_json(model)))
        found = len(models)
    else:
        ids = library.reader().ids()
        _table(Printer(), library.rows(ids))
        found = len(ids)
    if not found:
        note(NOTHING_YET)
    return 0 if found else 1


def search(catalog: Path | None, question: str, limit: int | None, as_json: bool) -> int:
    library = open_library(catalog)
    answer = ask(library, question)
    if as_json:
        print(line(_json(library, answer, limit)))
    else:
        _print(library, answer, limit)
    if answer.query.intent == "images":
        return 0 if answer.pictures else 1
    return 0 if answer.ids or any(cohort.ids for cohort in answer.cohorts) else 1


def ask(library: Library, question: str) -> Answer:
    """Raises BadInput for a question with a part that cannot be read: its answer would be to another question."""
    answer = library.search(question)
    problems = [problem for query in (answer.query, *answer.query.cohorts) for problem in query.bad]
    if problems:
        raise BadInput("; ".join(problems))
    return answer


def _json(library: Library, answer: Answer, limit: int | None) -> Json:
    """The whole answer; of its models, and of those of each cohort, at most `limit`."""
    cohorts = [(cohort, library.hits(cohort, 0, limit)) for cohort in answer.cohorts]
    return answer_json(answer, library.hits(answer, 0, limit), cohorts)


# -- many questions at once


def batch(catalog: Path | None, source: str, limit: int | None) -> int:
    """One object a line for each line of the source. 0 when each of them was answered."""
    library = open_library(catalog)
    whole = True
    for raw in _lines(source):
        found = _batch_line(library, raw, limit)
        whole = whole and "error" not in found
        print(line(found), flush=True)
    return 0 if whole else 2


def _lines(source: str) -> Iterator[bytes]:
    """The lines of a file or, for `-`, of stdin. They are read as they come, so that a program can ask and wait."""
    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            yield from iter(file.readline, b"")
    except OSError as error:
        raise BadInput(f"{source}: cannot be read: {error.strerror or error}") from error


def _batch_line(library: Library, raw: bytes, limit: int | None) -> Json:
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    try:
        raw.decode()
        if not text.strip():
            raise BadInput("the line is blank")
        return _json(library, ask(library, text), limit)
    except UnicodeDecodeError:
        return {"query": text, "error": "the line is not UTF-8", "results": []}
    except ModelSearchError as error:
        return {"query": text, "error": str(error), "results": []}


# -- for people


def _print(library: Library, answer: Answer, limit: int | None) -> None:
    """How it was read and how many on stderr; the models on stdout."""
    printer = Printer()
    for cohort in answer.cohorts:
        tell(cohort)
        _hits(printer, library.hits(cohort, 0, limit))
    if answer.cohorts:
        return
    tell(answer)
    if answer.query.intent == "images":
        from tui.cli.picturing import print_pictures

        print_pictures(printer, answer.pictures)
    elif answer.query.intent == "count":
        printer.line(str(len(answer.ids)))
    else:
        _hits(printer, library.hits(answer, 0, limit))


def tell(answer: Answer) -> None:
    """How a question was read, with what its chips say beside it (a correction, the days of "last week"), and how many
    answer it."""
    from core.search.query import chips

    notes = "; ".join(dict.fromkeys(chip.note for chip in chips(answer.query) if chip.note))
    read = f"{str(answer.query) or 'all'} ({notes})" if notes else str(answer.query) or "all"
    unknown = f", of which {answer.unknown} unknown" if answer.unknown else ""
    hint = f"; {answer.hint}" if answer.hint else ""
    hint = f", but no such picture{hint}" if answer.ids and hint else hint
    found = plural(len(answer.ids), "model") if answer.ids else "no model"
    note(f"{read}: {found}{unknown}{hint}")


def _hits(printer: Printer, hits: Sequence[Hit]) -> None:
    """A table, and on a terminal below each model the reasons why it is there."""
    reasons = [_reasons(hit) for hit in hits]
    _table(printer, [hit.row for hit in hits], reasons if printer.terminal and any(reasons) else None)


def _reasons(hit: Hit) -> str:
    """The facts and words that put it there: `lr 2e-4 train.py:41 · word diffusion`."""
    parts = []
    for why in hit.why:
        what = f"{why.field} {value_text(why.value)}" if why.kind == "fact" else why.text or f"{why.field} {why.kind}"
        parts.append(f"{what} {place_text(why.place)}" if why.place else what)
    return " · ".join(parts)


def _table(printer: Printer, rows: Iterable[Row], below: Sequence[str] | None = None) -> None:
    body = [[_cell(row, field) for field, _ in COLUMNS] for row in rows]
    if body:
        printer.table([heading for _, heading in COLUMNS], body, keep=2, below=below)


def _cell(row: Row, field: str) -> str:
    text = values_text(row.get(field, ()))
    return text[:10] if field == "modified" else text
