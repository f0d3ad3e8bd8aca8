"""`report`: prose with its sources, on stdout or in a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BadInput
from tui.cli.indexing import Interruption
from tui.cli.naming import ids_or_question
from tui.cli.opening import open_library
from tui.cli.printing import Printer, coloured, is_terminal, note, safe

if TYPE_CHECKING:
    from core.library import Library
    from core.report.document import Report

SUFFIXES = (".md", ".html")


def report(catalog: Path | None, words: Sequence[str], output: Path | None) -> int:
    if output and output.suffix.lower() not in SUFFIXES:
        raise BadInput(f"{output}: a report is written as .md or .html")
    library = open_library(catalog)
    ids, question = ids_or_question(library, words)
    ids = ids or list(_found(library, question))
    if not ids:
        return 1
    with Interruption() as interruption, Waiting() as waiting:
        found = library.report(ids, question, on_text=waiting.more, stop=interruption.asked)
    _deliver(found, output)
    return 130 if interruption.asked() else 0


def _found(library: Library, question: str) -> Sequence[str]:
    from tui.cli.searching import ask, tell

    answer = ask(library, question)
    tell(answer)
    return answer.ids


def _deliver(found: Report, output: Path | None) -> None:
    if output is None:
        _print(found)
        return
    text = found.to_html() if output.suffix.lower() == ".html" else found.to_markdown()
    try:
        output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise BadInput(f"{output}: cannot be written: {error.strerror or error}") from error
    note(f"written to {output}")


def _print(found: Report) -> None:
    """Markdown; on a terminal, as it is meant to look."""
    text = "\n".join(map(safe, found.to_markdown().split("\n")))
    if not is_terminal(sys.stdout):
        sys.stdout.write(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(no_color=not coloured(sys.stdout), highlight=False, width=min(Printer().width, 100))
    console.print(Markdown(text, hyperlinks=False))


class Waiting:
    """Tells on a terminal that the writer is at work, by the number of words it has written."""

    def __init__(self) -> None:
        self._words = 0
        self._say: Callable[[str], object] = sys.stderr.write if is_terminal(sys.stderr) else lambda text: None

    def more(self, text: str) -> None:
        self._words += len(text.split())
        self._say(f"\r\x1b[2Kwriting: {self._words} words")
        sys.stderr.flush()

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *_: object) -> None:
        self._say("\r\x1b[2K")
