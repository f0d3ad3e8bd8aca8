"""The Source pane: a file with its syntax coloured, at the line where a fact stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from core.analysis.facts import Place
from core.analysis.source import Source, read_source
from tui.app.text import cut, plain, plain_lines
from tui.app.widgets.lines import Document, Line, Span, line

COLOURED = 400_000
"""Characters; a longer file is shown without colours, which would take seconds."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A file ready to be shown."""

    path: str
    lines: tuple[Line, ...]
    cursor: int
    warnings: tuple[str, ...] = ()


def load(place: Place, stops: Sequence[Place] = ()) -> Listing:
    """Read and colour a file. `stops` are the places of facts, where n and N halt. Runs in a worker."""
    source = read_source(place.file)
    marked = {(item.cell, item.line) for item in stops if item.file == place.file} | {(place.cell, place.line)}
    lines = (
        _notebook(source, marked)
        if source.cells
        else _numbered(_coloured(source.text, place.file), place.file, None, marked)
    )
    at = (place.cell, place.line)
    cursor = next(
        (index for index, item in enumerate(lines) if item.target and (item.target.cell, item.target.line) == at), 0
    )
    return Listing(place.file, tuple(lines), cursor, tuple(source.warnings))


def _notebook(source: Source, marked: set[tuple[int | None, int]]) -> list[Line]:
    lines: list[Line] = []
    for cell in source.cells:
        lines.append(line(f"\u2500\u2500 cell {cell.index} \u00b7 {cell.kind} " + "\u2500" * 20, "dim"))
        body = (
            _coloured(cell.text, "x.py")
            if cell.kind == "code"
            else [(Span(item, "comment"),) for item in plain_lines(cell.text)]
        )
        lines += _numbered(body, source.path, cell.index, marked)
    return lines


def _numbered(
    body: Sequence[tuple[Span, ...]], path: str, cell: int | None, marked: set[tuple[int | None, int]]
) -> list[Line]:
    digits = max(len(str(len(body))), 3)
    lines = []
    for number, spans in enumerate(body, start=1):
        here = (cell, number) in marked
        margin = Span(("\u2023" if here else " ") + f"{number:>{digits}} ", "link" if here else "dim")
        lines.append(Line((margin, *spans), target=Place(path, number, number, cell), stop=here))
    return lines


def _coloured(text: str, path: str) -> list[tuple[Span, ...]]:
    """The lines of a text as spans by kind of token."""
    if len(text) > COLOURED:
        return [(Span(item),) for item in plain_lines(text)]
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_for_filename(PurePath(path).name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return [(Span(item),) for item in plain_lines(text)]
    lines: list[list[Span]] = [[]]
    for token, piece in lexer.get_tokens(text):
        role = _role(str(token))
        first, *rest = plain_lines(piece)
        lines[-1].append(Span(first, role))
        lines += [[Span(item, role)] for item in rest]
    return [tuple(spans) for spans in lines]


_TOKENS = (
    ("Token.Comment", "comment"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Keyword", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Name.Function", "name"),
    ("Token.Name.Class", "name"),
    ("Token.Name.Decorator", "name"),
    ("Token.Name.Tag", "name"),
    ("Token.Name.Builtin", "builtin"),
)


def _role(token: str) -> str:
    return next((role for prefix, role in _TOKENS if token.startswith(prefix)), "")


def document(listing: Listing) -> Document:
    """The lines of the pane: the whole path above the file."""

    def lines(width: int) -> list[Line]:
        head = [line(cut(plain(listing.path), width, "end"), "strong")]
        head += [line(cut("! " + plain(warning), width, "end"), "warning") for warning in listing.warnings]
        return [*head, *listing.lines]

    return lines


def at(listing: Listing) -> int:
    """The line of the document where the cursor belongs."""
    return listing.cursor + 1 + len(listing.warnings)
