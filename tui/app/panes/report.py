"""The Report pane: prose as it is written, with headings, tables and footnotes that lead to their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len

from core.report.document import Report, Sentence, Table
from tui.app.text import cut, fit, place, plain, plain_lines, wrap
from tui.app.widgets.lines import Document, Line, Span, heading, line


def document(text: str, status: str) -> Document:
    """A Markdown text drawn as lines; `status` says above it who writes and whether it is done."""
    return lambda width: [line(status, "dim"), *_lines(text, width)]


def _lines(text: str, width: int) -> Iterator[Line]:
    for piped, items in groupby(plain_lines(text), lambda item: item.startswith("|")):
        if piped:
            yield from _grid([_cells(item) for item in items if not set(item) <= set("|-: ")], width)
        else:
            for item in items:
                yield from _line(item, width)


def _cells(row: str) -> list[str]:
    """The cells of a row of a pipe table; the last one may still be coming."""
    return [
        _unescaped(cell.strip()) for cell in re.split(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|"))
    ]


def _unescaped(text: str) -> str:
    """Markdown's escapes and asterisks taken away, since nothing here is read as markup."""
    return re.sub(r"\\([^\sA-Za-z0-9])", r"\1", text.replace("**", ""))


def _line(item: str, width: int) -> Iterator[Line]:
    if item.startswith("#"):
        level = len(item) - len(item.lstrip("#"))
        title = _unescaped(item.lstrip("# "))
        yield line("")
        yield heading(title, width) if level <= 2 else line(title, "strong")
        return
    bullet = item[: len(item) - len(item.lstrip(" -*"))] if item.lstrip().startswith(("- ", "* ")) else ""
    for index, part in enumerate(wrap(item[len(bullet) :], width - len(bullet) - 1)):
        lead = bullet.replace("-", "\u2022").replace("*", "\u2022") if index == 0 else " " * len(bullet)
        yield Line((Span(lead, "dim"), *_footnotes(part)))


def _footnotes(text: str) -> Iterator[Span]:
    """`[train.py:41]` quieter than the sentence it carries."""
    for part in re.split(r"(?<!\\)(\[[^\]]*\]?)", text):
        yield Span(_unescaped(part), "place" if part.startswith("[") and ":" in part else "")


def finished(report: Report, status: str) -> Document:
    """A finished report: sections, sentences with the places that carry them, tables."""
    return lambda width: list(_report(report, status, width))


def _report(report: Report, status: str, width: int) -> Iterator[Line]:
    yield line(status, "dim")
    yield line(plain(report.title), "strong")
    for section in report.sections:
        yield line("")
        yield heading(plain(section.title), width)
        for sentence in section.sentences:
            yield from _sentence(sentence, width)
        for table in section.tables:
            yield from _table(table, width)
    yield line("")
    for part in wrap(plain(report.colophon), width - 1):
        yield line(part, "dim")


def _sentence(sentence: Sentence, width: int) -> Iterator[Line]:
    """The sentence, and its places behind it; Enter opens the first."""
    target = sentence.places[0] if sentence.places else None
    parts = wrap(plain(sentence.text), width - 1)
    for part in parts[:-1]:
        yield Line((Span(part),), target=target)
    notes = " ".join(dict.fromkeys(f"[{place(where)}]" for where in sentence.places[:4]))
    if cell_len(parts[-1]) + cell_len(notes) + 1 <= width:
        yield Line((Span(parts[-1]), Span(f" {notes}" if notes else "", "place")), target=target, stop=True)
    else:
        yield Line((Span(parts[-1]),), target=target, stop=True)
        yield Line((Span(cut(notes, width, "start"), "place"),), target=target)


def _table(table: Table, width: int) -> Iterator[Line]:
    yield line("")
    if table.caption:
        yield line(plain(table.caption), "label")
    yield from _grid([[plain(text) for text in row] for row in (table.head, *table.rows)], width)


def _grid(rows: Sequence[Sequence[str]], width: int) -> Iterator[Line]:
    """Rows in columns, the first one as their head; a row that is still coming is filled up."""
    if not rows:
        return
    rows = [[*row, *[""] * (len(rows[0]) - len(row))][: len(rows[0])] for row in rows]
    natural = [max(cell_len(row[index]) for row in rows) for index in range(len(rows[0]))]
    widths = _shares(natural, width - 2 * len(natural))
    for number, row in enumerate(rows):
        cells = "  ".join(fit(text, size) for text, size in zip(row, widths, strict=True))
        yield line(cells, "strong" if number == 0 else "")


def _shares(natural: list[int], room: int) -> list[int]:
    """Widths of columns: their natural ones, the widest cut first until all fit."""
    widths = list(natural)
    while sum(widths) > room and max(widths) > 6:
        widths[widths.index(max(widths))] -= 1
    return widths
