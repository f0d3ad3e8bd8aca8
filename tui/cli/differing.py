"""`diff`: two models side by side, in a table as wide as the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.fields import SETTINGS
from tui.cli.naming import two_ids
from tui.cli.opening import open_app, open_library
from tui.cli.printing import Printer, Style, safe
from tui.wording import field_text, place_text, plural

if TYPE_CHECKING:
    from core.analysis.facts import Place, Value
    from core.compare.difference import Diff, FieldRow


def diff(catalog: Path | None, words: Sequence[str], as_json: bool, code: bool, in_app: bool) -> int:
    library = open_library(catalog)
    a, b = two_ids(library, words)
    if in_app:
        library.close()
        return open_app(catalog, diff=(a, b))
    found = library.diff(a, b, code=code)
    if as_json:
        from core.export import diff_json, line

        print(line(diff_json(found, code)))
    else:
        printer = Printer()
        _rows(printer, found)
        _layers(printer, found)
        _code(printer, found.code)
    return 0


def _rows(printer: Printer, found: Diff) -> None:
    """The fields that differ, then the settings; what is equal is named in one line."""
    differing = [row for row in found.rows if not row.same]
    fields = [row for row in differing if not row.field.startswith(SETTINGS)]
    settings = [row for row in differing if row.field.startswith(SETTINGS)]
    printer.columns(("", found.a, found.b), [_cells(row) for row in fields])
    if settings:
        printer.line()
        printer.columns(("settings", "", ""), [_cells(row) for row in settings])
    equal = dict.fromkeys(row.field.removeprefix(SETTINGS) for row in found.rows if row.same)
    if equal:
        printer.line()
        printer.paragraph(f"equal: {', '.join(equal)}", "dim", indent=7)


def _cells(row: FieldRow) -> tuple[str, str, str]:
    name = row.field
    return name.removeprefix(SETTINGS), _side(name, row.a, row.place_a), _side(name, row.b, row.place_b)


def _side(field: str, values: tuple[Value, ...], places: tuple[Place, ...]) -> str:
    """The values, and where the main one stands."""
    text = ", ".join(field_text(field, value) for value in values) or "unknown"
    return f"{text}  {place_text(places[0])}" if places else text


def _layers(printer: Printer, found: Diff) -> None:
    if not found.layers:
        return
    printer.line()
    printer.line(("layers", "bold"))
    equal = sum(row.change == "same" for row in found.layers)
    for row in found.layers:
        if row.change == "changed" and row.a != row.b:
            printer.line(("~ ", "yellow"), f"{row.name}  ", (str(row.a), "red"), " → ", (str(row.b), "green"))
        elif row.change == "changed":
            printer.line(("~ ", "yellow"), f"{row.name}  {row.a}")
        elif row.change == "removed":
            printer.line((f"- {row.name}  {row.a}", "red"))
        elif row.change == "added":
            printer.line((f"+ {row.name}  {row.b}", "green"))
    if equal:
        printer.line((f"{plural(equal, 'layer')} equal", "dim"))


def _code(printer: Printer, code: str | None) -> None:
    if code is None:
        return
    printer.line()
    styles: dict[str, Style] = {"+": "green", "-": "red", "@": "cyan"}
    for text in code.split("\n"):
        printer.write(printer.style(safe(text.replace("\t", "    ")), styles.get(text[:1], "plain")) + "\n")
