"""Lines with roles and a cursor: what every pane is drawn with. Only the lines that are visible are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.analysis.facts import Place, Value
from tui.app.keys import bindings
from tui.app.styles import look


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line. The text is already plain."""

    text: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `target` is what Enter opens; `stop` is where n and N halt; `field` and `value` become a filter."""

    spans: tuple[Span, ...] = ()
    target: Place | None = None
    stop: bool = False
    field: str = ""
    value: Value = None
    key: str = ""
    """What the line stands for, for the one who made it (an id, a path)."""
    role: str = ""
    """Background of the whole line."""

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


def line(text: str, role: str = "", **more: object) -> Line:
    """A line of one piece."""
    return Line((Span(text, role),), **more)  # type: ignore[arg-type]


def heading(title: str, width: int, note: str = "") -> Line:
    """The head of a section, with a rule to the right edge."""
    note = f" {note}" if note else ""
    rule = "\u2500" * max(width - cell_len(title) - cell_len(note) - 2, 0)
    return Line((Span(title, "heading"), Span(note, "dim"), Span(f" {rule}", "dim")))


Document = Callable[[int], Sequence[Line]]
"""Makes the lines for a width in cells."""

EMPTY: Document = lambda width: ()  # noqa: E731


class LineView(ScrollView, can_focus=True):
    """A scrolling list of lines with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings("move"))

    class Opened(Message):
        """Enter or a double click on a line."""

        def __init__(self, view: LineView, line: Line) -> None:
            super().__init__()
            self.view, self.line = view, line

    class Moved(Message):
        """The cursor stands on another line."""

        def __init__(self, view: LineView, line: Line) -> None:
            super().__init__()
            self.view, self.line = view, line

    def __init__(self, document: Document = EMPTY, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.document = document
        self.lines: Sequence[Line] = ()
        self.cursor = 0
        self.follows = False
        """Whether the view stays at the end when lines are added."""
        self._drawn: int | None = None

    # -- content

    def show(self, document: Document, cursor: int = 0) -> None:
        """Draw another document, from its top unless a cursor is given."""
        self.document, self.cursor = document, cursor
        self.rebuild()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """From the top; where the cursor is further down, with a third of the view above it."""
        above = self.size.height // 3
        y = self.cursor - above if self.cursor >= self.size.height else 0
        self.scroll_to(0, y, animate=False, immediate=True)
        self.reveal()

    def rebuild(self) -> None:
        """Make the lines again for the present width; the cursor keeps its line number."""
        width = self.width
        if width <= 0:
            return
        self._drawn = width
        self.lines = self.document(width)
        longest = max((cell_len(item.text) for item in self.lines), default=0)
        self.virtual_size = Size(max(longest, width) if longest > width else width, len(self.lines))
        self.cursor = min(max(self.cursor, 0), max(len(self.lines) - 1, 0))
        self.refresh()
        if self.follows:
            self.scroll_end(animate=False, immediate=True)

    @property
    def width(self) -> int:
        """Cells of a line, with room for the scrollbar kept so that its coming does not move the text."""
        return self.container_size.width - self.styles.scrollbar_size_vertical if self.container_size.width else 0

    @property
    def current(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if 0 <= self.cursor < len(self.lines) else None

    def on_resize(self) -> None:
        if self.width != self._drawn:
            self.rebuild()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        base = self.rich_style
        width = self.size.width
        if index >= len(self.lines):
            return Strip.blank(width, base)
        item = self.lines[index]
        if item.role:
            base += look(self, item.role)
        mark = look(self, "cursor") if index == self.cursor and self.has_focus else Style()
        segments = [Segment(span.text, base + look(self, span.role) + mark) for span in item.spans]
        strip = Strip(segments).crop(self.scroll_offset.x, self.scroll_offset.x + width)
        return strip.extend_cell_length(width, base + mark)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # -- moving

    def move(self, index: int) -> None:
        """Put the cursor on a line and bring it into view."""
        index = min(max(index, 0), max(len(self.lines) - 1, 0))
        moved = index != self.cursor
        old, self.cursor = self.cursor, index
        self.follows = False
        self.refresh_line(old)
        self.refresh_line(index)
        self.reveal()
        if moved and self.current is not None:
            self.post_message(self.Moved(self, self.current))

    def reveal(self) -> None:
        """Scroll so that the cursor's line is seen."""
        self.scroll_to_region(
            Region(self.scroll_offset.x, self.cursor, 1, 1), animate=False, immediate=True, force=True
        )

    def action_up(self) -> None:
        self.move(self.cursor - 1)

    def action_down(self) -> None:
        self.move(self.cursor + 1)

    def action_page(self, direction: int) -> None:
        self.move(self.cursor + direction * max(self.size.height - 1, 1))

    def action_first(self) -> None:
        self.move(0)

    def action_last(self) -> None:
        self.move(len(self.lines) - 1)

    def action_side(self, direction: int) -> None:
        self.scroll_to(x=self.scroll_offset.x + 8 * direction, animate=False, immediate=True)

    def action_next(self, direction: int) -> None:
        """To the next line where a reader would halt, around the ends."""
        stops = [index for index, item in enumerate(self.lines) if item.stop]
        if not stops:
            return
        ahead = [index for index in stops if (index > self.cursor if direction > 0 else index < self.cursor)]
        if ahead:
            self.move(ahead[0] if direction > 0 else ahead[-1])
        else:
            self.move(stops[0] if direction > 0 else stops[-1])

    def action_enter(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened(self, self.current))

    def on_click(self, event: events.Click) -> None:
        self.move(event.y + self.scroll_offset.y)
        if event.chain > 1:
            self.action_enter()
