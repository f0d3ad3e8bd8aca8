"""The results: a virtual grid that knows all ids and asks only for the rows that are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.app.columns import COLUMNS, FIXED, GAP, Column, Placed, cell, column, place, values
from tui.app.keys import bindings
from tui.app.styles import look
from tui.app.text import fit

if TYPE_CHECKING:
    from core.analysis.facts import Value
    from core.catalog.model import Row

PAGE = 100
"""Rows asked for at a time."""


@dataclass
class Results:
    """One answer as the grid holds it: every id, and the rows that have come so far."""

    ids: tuple[str, ...] = ()
    scores: tuple[float | None, ...] = ()
    rows: dict[int, Row] = field(default_factory=dict)
    total: int = 0
    """As many lines as the grid has; more than the ids while only the first screen is read."""
    asked: tuple[str, ...] = ()
    """Fields that the question compares or sorts by, whose values are what one looks for."""

    def score(self, index: int) -> float | None:
        return self.scores[index] if index < len(self.scores) else None

    def id(self, index: int) -> str | None:
        if index < len(self.ids):
            return self.ids[index]
        row = self.rows.get(index)
        return str(row["id"][0]) if row else None


class Grid(ScrollView, can_focus=True):
    """Rows with a cell cursor, marks and columns that come as they fit."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("move"), *bindings("grid")]

    class RowsWanted(Message):
        """Rows of the present answer that are looked at and not here yet."""

        def __init__(self, start: int, end: int) -> None:
            super().__init__()
            self.start, self.end = start, end

    class Moved(Message):
        """Another model is under the cursor."""

        def __init__(self, id: str | None) -> None:
            super().__init__()
            self.id = id

    class Opened(Message):
        """Enter or a double click on a model."""

        def __init__(self, id: str) -> None:
            super().__init__()
            self.id = id

    class Marked(Message):
        """Marks have changed."""

    class SortWanted(Message):
        """Sort by this field."""

        def __init__(self, field: str) -> None:
            super().__init__()
            self.field = field

    def __init__(self, results: Results, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.results = results
        self.columns: tuple[Column, ...] = COLUMNS
        self.marks: dict[str, None] = {}
        """Marked ids in the order of marking."""
        self.cursor = 0
        self.cell_column = "id"
        self.sorted: tuple[str, bool] | None = None
        """Field and whether descending, for the arrow in the head."""
        self.empty: tuple[str, ...] = ()
        """What stands in an empty grid."""
        self._first = 0
        self._placed: list[Placed] = []
        self._placed_for = 0
        """The width that the columns were placed for."""
        self._natural: dict[str, int] = {}
        self._filled: dict[str, bool] = {}
        self._chosen = False
        """Whether the user has chosen the columns: then empty ones stay."""
        self._asked: set[int] = set()
        self._measure()

    # -- content

    def show(self, results: Results, keep: str | None = None, empty: Sequence[str] = ()) -> None:
        """Draw another answer; the cursor stays on the model `keep` where the answer has it."""
        self.results, self.empty = results, tuple(empty)
        self._asked = set()
        at = results.ids.index(keep) if keep is not None and keep in results.ids else 0
        self.cursor = at
        self.virtual_size = Size(self.size.width, results.total + 1)
        self._measure()
        self.reveal()
        self.post_message(self.Moved(self.id_at_cursor))

    def add_rows(self, start: int, rows: Sequence[Row]) -> None:
        """Rows that were asked for have come."""
        first = not self.results.rows
        for offset, row in enumerate(rows):
            self.results.rows[start + offset] = row
        if first:
            self._measure()
        self.refresh()

    def choose(self, names: Sequence[str]) -> None:
        """Show these columns, in this order; rank and id always; none of them: the usual ones as they fit."""
        chosen = [column(name) for name in names if name not in ("rank", "id")]
        self.columns = (column("rank"), column("id"), *chosen) if chosen else COLUMNS
        self._chosen = bool(chosen)
        self._first = 0
        self._measure()

    def _measure(self) -> None:
        """Natural widths of the columns, from the rows at hand."""
        rows = list(self.results.rows.items())[:PAGE]
        for spec in self._offered():
            widths = [cell_len(cell(spec, row, index, self.results.score(index))) for index, row in rows]
            self._natural[spec.name] = max([cell_len(spec.title), *widths])
            self._filled[spec.name] = not rows or any(widths)
        self._natural["rank"] = len(str(max(self.results.total, 1))) + 2
        self._place()

    def _place(self) -> None:
        specs = self._worth_showing()
        self._placed_for = self.outer_size.width
        width = self._placed_for - 2  # one cell of margin, one for the scrollbar
        self._placed = place(specs, self._natural, width, self._first)
        if self.cell_column not in [item.column.name for item in self._placed]:
            self.cell_column = "id"
        self.refresh()

    def _offered(self) -> tuple[Column, ...]:
        """The columns that were chosen, else the usual ones, behind the model's name those that the question is of;
        an arrow in the title of what is sorted by."""
        usual = {spec.field for spec in self.columns}
        asked = () if self._chosen else tuple(column(name) for name in self.results.asked if name not in usual)
        offered = (*self.columns[: len(FIXED)], *asked, *self.columns[len(FIXED) :])
        return tuple(replace(spec, title=spec.title + self._arrow(spec)) for spec in offered)

    def _arrow(self, spec: Column) -> str:
        """The way in which the results are sorted by a column; empty where they are not."""
        if self.sorted is None or self.sorted[0] not in (spec.field, spec.name):
            return ""
        return "\u2193" if self.sorted[1] else "\u2191"

    def _worth_showing(self) -> list[Column]:
        """The columns without those of the usual ones that are empty in every row at hand."""
        return [spec for spec in self._offered() if self._filled.get(spec.name) or self._chosen]

    @property
    def id_at_cursor(self) -> str | None:
        return self.results.id(self.cursor)

    @property
    def row_at_cursor(self) -> Row | None:
        return self.results.rows.get(self.cursor)

    @property
    def cell_at_cursor(self) -> tuple[str, tuple[Value, ...]]:
        """Field and values under the cell cursor."""
        spec = column(self.cell_column)
        row = self.row_at_cursor
        return spec.field or spec.name, values(spec, row) if row else ()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, self.results.total + 1)
        self._place()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        if self.outer_size.width != self._placed_for:
            self._place()  # the first lines are drawn before the first resize is told
        if y == 0:
            return self._head()
        index = y + self.scroll_offset.y - 1
        if index < self.results.total:
            return self._row(index)
        return self._below(y - 1)

    def _head(self) -> Strip:
        base = self.rich_style + look(self, "head-focus" if self.has_focus else "head")
        segments = [Segment(" ", base)]
        for item in self._placed:
            style = base + look(self, "sorted") if self._arrow(item.column) else base
            title = fit(item.column.title, item.width, align=item.column.align)
            segments += [Segment(title, style), Segment(" " * GAP, base)]
        return self._line(segments, base)

    def _row(self, index: int) -> Strip:
        base = self.rich_style
        id = self.results.id(index)
        marked = id in self.marks
        if marked:
            base += look(self, "marked")
        if index == self.cursor:
            base += look(self, "cursor" if self.has_focus else "cursor-dim")
        row = self.results.rows.get(index)
        if row is None:
            self._want(index)
            return self._line(
                [Segment(f" {fit(str(index + 1), self._natural['rank'], align='right')}  \u2026", base)], base
            )
        segments = [Segment("\u25cf" if marked else " ", base)]
        for item in self._placed:
            content = fit(
                cell(item.column, row, index, self.results.score(index)),
                item.width,
                item.column.keep,
                item.column.align,
            )
            segments += [Segment(content, self._cell_style(item.column, index, base)), Segment(" " * GAP, base)]
        return self._line(segments, base)

    def _cell_style(self, spec: Column, index: int, base: Style) -> Style:
        if index == self.cursor and spec.name == self.cell_column and self.has_focus:
            return base + look(self, "cell")
        if spec.name in ("rank", "id"):
            return base + look(self, spec.name)
        return base

    def _below(self, y: int) -> Strip:
        base = self.rich_style
        if self.results.total == 0 and 1 <= y <= len(self.empty):
            return self._line([Segment(f"  {self.empty[y - 1]}", base + look(self, "word"))], base)
        return Strip.blank(self.size.width, base)

    def _line(self, segments: list[Segment], base: Style) -> Strip:
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _want(self, index: int) -> None:
        page = index // PAGE
        if page not in self._asked and index < len(self.results.ids):
            self._asked.add(page)
            self.post_message(self.RowsWanted(page * PAGE, min((page + 1) * PAGE, self.results.total)))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # -- moving

    def move(self, index: int) -> None:
        index = min(max(index, 0), max(self.results.total - 1, 0))
        if index != self.cursor:
            self.cursor = index
            self.post_message(self.Moved(self.id_at_cursor))
        self.reveal()
        self.refresh()

    def reveal(self) -> None:
        """Scroll so that the cursor's row stands below the head."""
        top, height = self.scroll_offset.y, self.size.height - 1
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True, force=True)
        self.refresh()

    def action_up(self) -> None:
        self.move(self.cursor - 1)

    def action_down(self) -> None:
        self.move(self.cursor + 1)

    def action_page(self, direction: int) -> None:
        self.move(self.cursor + direction * max(self.size.height - 2, 1))

    def action_first(self) -> None:
        self.move(0)

    def action_last(self) -> None:
        self.move(self.results.total - 1)

    def action_next(self, direction: int) -> None:
        """To the next marked model, or the next one where none is marked."""
        at = [index for index, id in enumerate(self.results.ids) if id in self.marks]
        ahead = [index for index in at if (index > self.cursor if direction > 0 else index < self.cursor)]
        if ahead:
            self.move(ahead[0] if direction > 0 else ahead[-1])
        else:
            self.move((at[0] if direction > 0 else at[-1]) if at else self.cursor + direction)

    def action_side(self, direction: int) -> None:
        """The cell cursor one column to a side; columns that did not fit come into view."""
        names = [item.column.name for item in self._placed]
        at = names.index(self.cell_column) + direction if self.cell_column in names else 1
        if at >= len(names) and len(names) + self._first < self._shown_columns():
            self._first += 1
            self._place()
            names = [item.column.name for item in self._placed]
            at = len(names) - 1
        elif self._first and at == len([name for name in names if name in ("rank", "id")]) - 1:
            self._first -= 1
            self._place()
            names = [item.column.name for item in self._placed]
            at += 1
        self.cell_column = names[min(max(at, 1), len(names) - 1)]
        self.refresh()

    def _shown_columns(self) -> int:
        return len(self._worth_showing())

    def action_enter(self) -> None:
        if self.id_at_cursor is not None:
            self.post_message(self.Opened(self.id_at_cursor))

    def action_mark(self) -> None:
        id = self.id_at_cursor
        if id is None:
            return
        if id in self.marks:
            del self.marks[id]
        else:
            self.marks[id] = None
        self.post_message(self.Marked())
        self.move(self.cursor + 1)

    def clear_marks(self) -> None:
        self.marks.clear()
        self.post_message(self.Marked())
        self.refresh()

    def action_sort(self) -> None:
        spec = column(self.cell_column)
        if spec.field:
            self.post_message(self.SortWanted(spec.field))

    def on_click(self, event: events.Click) -> None:
        name = self._column_at(event.x)
        if event.y == 0:
            if name:
                self.cell_column = name
                self.action_sort()
            return
        if name and name != "rank":
            self.cell_column = name
        self.move(event.y + self.scroll_offset.y - 1)
        if event.chain > 1:
            self.action_enter()

    def _column_at(self, x: int) -> str | None:
        left = 1
        for item in self._placed:
            if left <= x < left + item.width + GAP:
                return item.column.name
            left += item.width + GAP
        return None
