"""The query bar: typing settles by itself, Tab completes, Up recalls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from tui.app.keys import TYPED, bindings
from tui.app.styles import look
from tui.app.text import fit, plain

SETTLE = 0.15
"""Seconds without a key after which the question is asked: longer than a key's repeat, shorter than a pause."""


class QueryBar(Input):
    """One line of question."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings("bar"))

    class Settled(Message):
        """The text stands still; `final` after Enter."""

        def __init__(self, text: str, final: bool) -> None:
            super().__init__()
            self.text, self.final = text, final

    class Typed(Message):
        """The text changed under the user's hands; completions are wanted."""

        def __init__(self, text: str, cursor: int) -> None:
            super().__init__()
            self.text, self.cursor = text, cursor

    class Wanted(Message):
        """The user wants something of the screen: "complete", "leave", "chips", or "recall" with a direction."""

        def __init__(self, what: str, direction: int = 0) -> None:
            super().__init__()
            self.what, self.direction = what, direction

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(
            text,
            placeholder="ask: diffusion dataset:cifar10 lr:<1e-3, or in words",
            compact=True,
            select_on_focus=False,
            id=id,
        )
        self._timer: Timer | None = None
        self.cursor_blink = False  # a blinking cursor wakes the processor for nothing

    def put(self, text: str, cursor: int | None = None) -> None:
        """Set the text without asking."""
        self._stop()
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text) if cursor is None else cursor

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Textual does not know that keys called slash or plus are characters; here they are, and no way elsewhere."""
        return key in TYPED or super().check_consume_key(key, character)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._stop()
        self._timer = self.set_timer(SETTLE, lambda: self.post_message(self.Settled(self.value, False)))
        self.post_message(self.Typed(self.value, self.cursor_position))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._stop()
        self.post_message(self.Settled(self.value, True))

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def action_complete(self) -> None:
        self.post_message(self.Wanted("complete"))

    def action_leave(self) -> None:
        if self._timer is not None:
            self._stop()
            self.post_message(self.Settled(self.value, False))
        self.post_message(self.Wanted("leave"))

    def action_recall(self, direction: int) -> None:
        self.post_message(self.Wanted("recall", direction))

    def action_left(self) -> None:
        if self.cursor_position == 0:
            self.post_message(self.Wanted("chips"))
        else:
            self.action_cursor_left()


class Suggestions(Widget):
    """A small list below the chips: what may stand at the cursor, with counts. Tab takes the first."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.items: tuple[tuple[str, str], ...] = ()
        self.display = False

    def show(self, items: Sequence[tuple[str, str]], x: int = 0) -> None:
        """Draw `(text, count)` pairs below the cell `x`; nothing for none."""
        self.items = tuple((plain(text), plain(count)) for text, count in items[:8])
        self.display = bool(self.items)
        if self.items:
            width = max(len(text) + len(count) for text, count in self.items) + 6
            self.styles.width = min(max(width, 16), 48)
            self.styles.height = len(self.items)
            self.styles.offset = (max(min(x, self.app.size.width - 50), 0), 2)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        if y >= len(self.items):
            return Strip.blank(self.size.width, base)
        text, count = self.items[y]
        if y == 0:
            base += look(self, "first")
        name = fit(f" {text}", self.size.width - len(count) - 2)
        faint = base + look(self, "dim")
        return Strip([Segment(name, base), Segment(f" {count} ", faint)]).adjust_cell_length(self.size.width, base)
