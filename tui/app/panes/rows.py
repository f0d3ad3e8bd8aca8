"""A line of the Details pane: a label, what is known, and the place where it stands."""

from __future__ import annotations

from tui.app.text import cut, fit
from tui.app.widgets.lines import Line, Span

LABEL = 15
"""Cells of the label."""


def row(label: str, shown: str, where: str, width: int, how: str = "", role: str = "", **more: object) -> Line:
    """Label, value with how it is known behind it as far as there is room, place at the right edge."""
    where = cut(where, max(width // 2 - 4, 8), "end")
    room = max(width - LABEL - len(where) - 2, 6)
    shown = cut(shown, room)
    rest = room - len(shown)
    aside = f"  {cut(how, rest - 2)}" if how and rest >= 10 else ""
    spans = (
        Span(fit(label, LABEL - 1) + " ", "label"),
        Span(shown, role),
        Span(fit(aside, max(rest, 0)), "dim"),
        Span(f" {where}", "place"),
    )
    return Line(spans, **more)  # type: ignore[arg-type]
