"""Widgets of one line: the chips, the tabs of the panes, the footer and the progress line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.app.keys import BY_ID, FOOTER, bindings, shown
from tui.app.styles import look
from tui.app.text import cut, plain

if TYPE_CHECKING:
    from core.progress import Step
    from core.search.query import Chip


BESIDE, NARROWEST = 5, 8
"""Cells that a chip takes beside its text, and those that its text keeps where the line is full."""
LEAST_OF_FIELD = 4
"""Cells that the field of a chip keeps."""
_FIELD = re.compile(r"[-\w.]+(?=[:<>!])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the line that can be clicked if it has a tag."""

    text: str
    role: str = ""
    tag: str = ""


class OneLine(Widget):
    """Draws pieces from the left and others from the right, in one line."""

    class Clicked(Message):
        """A piece with a tag was clicked."""

        def __init__(self, line: OneLine, tag: str) -> None:
            super().__init__()
            self.line, self.tag = line, tag

    def left(self) -> Sequence[Piece]:
        return ()

    def right(self) -> Sequence[Piece]:
        return ()

    def pieces(self) -> list[Piece]:
        """What stands on the line, cut to its width: the right part gives way last."""
        width = self.size.width
        right = list(self.right())
        room = width - sum(cell_len(piece.text) for piece in right)
        left: list[Piece] = []
        for piece in self.left():
            if cell_len(piece.text) > room:
                if room > 1 and not piece.tag:
                    left.append(Piece(cut(piece.text, room), piece.role))
                    room -= cell_len(left[-1].text)
                break
            left.append(piece)
            room -= cell_len(piece.text)
        while left and left[-1].role == "key":  # a key without its word says nothing
            room += cell_len(left.pop().text)
        return [*left, Piece(" " * max(room, 0)), *right]

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        segments = [Segment(piece.text, base + look(self, piece.role)) for piece in self.pieces()]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        x = 0
        for piece in self.pieces():
            if x <= event.x < x + cell_len(piece.text) and piece.tag:
                self.post_message(self.Clicked(self, piece.tag))
            x += cell_len(piece.text)


def _shortened(text: str, width: int) -> str:
    """A chip's text in at most `width` cells: its field gives way first, since the value tells more."""
    named = _FIELD.match(text) if cell_len(text) > width else None
    field = named[0] if named else ""
    value = text[len(field) :]
    return cut(cut(field, max(width - cell_len(value), LEAST_OF_FIELD)) + value, width)


class Chips(OneLine, can_focus=True):
    """How the question was read, part by part, and how many models answer it."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings("chips"))

    class Edited(Message):
        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Removed(Message):
        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Left(Message):
        """Back to the bar."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chips: tuple[Chip, ...] = ()
        self.cursor = 0
        self.count = ""
        self.marked = 0
        self.note = ""

    def show(self, chips: Sequence[Chip], count: str, note: str = "") -> None:
        self.chips, self.count, self.note = tuple(chips), count, note
        self.cursor = min(self.cursor, max(len(self.chips) - 1, 0))
        self.refresh()

    def left(self) -> Sequence[Piece]:
        pieces = [Piece(" ")]
        if not self.chips:
            pieces.append(Piece("all models" if self.count else "", "dim"))
        texts = self._fitting(
            [f"{plain(chip.text)}{f' ({plain(chip.note)})' if chip.note else ''}" for chip in self.chips]
        )
        for index, (chip, text) in enumerate(zip(self.chips, texts, strict=True)):
            on = self.has_focus and index == self.cursor
            role = "chip-cursor" if on else {"bad": "chip-bad", "text": "chip-text"}.get(chip.kind, "chip")
            pieces += [Piece(f" {text} \u00d7 ", role, str(index)), Piece(" ")]
        return pieces

    def _fitting(self, texts: list[str]) -> list[str]:
        """The chips' texts, the long ones cut so that all stand on the line as far as that is possible."""
        room = self.size.width - 1 - sum(cell_len(piece.text) for piece in self.right()) - BESIDE * len(texts)
        widest = max(map(cell_len, texts), default=0)
        while widest > NARROWEST and sum(min(cell_len(text), widest) for text in texts) > room:
            widest -= 1
        return [_shortened(text, widest) for text in texts]

    def right(self) -> Sequence[Piece]:
        note = f" \u00b7 {self.note}" if self.note else ""
        marked = f"\u25cf {self.marked} marked  " if self.marked else ""
        return (Piece(f" {marked}", "marked"), Piece(self.count, "word"), Piece(f"{note} ", "note"))

    def on_focus(self) -> None:
        self.cursor = max(len(self.chips) - 1, 0)
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_side(self, direction: int) -> None:
        if self.cursor + direction >= len(self.chips):
            self.post_message(self.Left())
        self.cursor = min(max(self.cursor + direction, 0), max(len(self.chips) - 1, 0))
        self.refresh()

    def action_edit(self) -> None:
        if self.chips:
            self.post_message(self.Edited(self.cursor))

    def action_remove(self) -> None:
        if self.chips:
            self.post_message(self.Removed(self.cursor))

    def action_leave(self) -> None:
        self.post_message(self.Left())


PANES = ("details", "diff", "images", "report", "source")


class Tabs(OneLine):
    """The names of the panes, the present one marked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.active = "details"
        self.focused = False
        self.title = ""

    def show(self, active: str, focused: bool, title: str = "") -> None:
        if (active, focused, title) != (self.active, self.focused, self.title):
            self.active, self.focused, self.title = active, focused, title
            self.set_class(focused, "-focused")
            self.refresh()

    def left(self) -> Sequence[Piece]:
        pieces = []
        for index, name in enumerate(PANES):
            role = "on" if name == self.active else "off"
            pieces.append(Piece(f" {index + 1} {name.capitalize()} ", role, name))
        return pieces

    def right(self) -> Sequence[Piece]:
        room = self.size.width - sum(cell_len(piece.text) for piece in self.left())
        return (Piece(f"{self.title} ", "note"),) if self.title and cell_len(self.title) < room else ()


class Footer(OneLine):
    """The keys that work now, the most useful first."""

    def __init__(self, keymap: Mapping[str, str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.keymap = keymap
        self.context = "grid"

    def show(self, context: str) -> None:
        if context != self.context:
            self.context = context
            self.refresh()

    def left(self) -> Sequence[Piece]:
        pieces = [Piece(" ")]
        for name in FOOTER.get(self.context, ()):
            pieces += self._named(name)
        return pieces

    def right(self) -> Sequence[Piece]:
        return (*self._named("app.help"), *self._named("app.palette"), *self._named("app.quit"))

    def _named(self, name: str) -> tuple[Piece, Piece]:
        key = BY_ID[name]
        return Piece(shown(key, self.keymap), "key", name), Piece(f" {key.label}  ", "word", name)


STAGES = {
    "scan": "looking at files",
    "history": "reading histories",
    "analyse": "reading sources",
    "artefacts": "finding pictures and logs",
    "store": "storing",
    "embed": "learning meanings",
}


class ProgressLine(OneLine):
    """What goes on behind: seen only while it does."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.step: Step | None = None
        self.display = False

    def show(self, step: Step | None) -> None:
        self.step = step
        self.display = step is not None
        self.refresh()

    def left(self) -> Sequence[Piece]:
        if self.step is None:
            return ()
        step = self.step
        pieces = [Piece(" "), Piece(STAGES.get(step.stage, step.stage), "busy")]
        if step.total:
            done = round(20 * min(step.done / step.total, 1))
            pieces += [Piece("  "), Piece("\u2501" * done, "busy"), Piece("\u2500" * (20 - done), "dim")]
            pieces.append(Piece(f"  {step.done} of {step.total}", "word"))
        elif step.done:
            pieces.append(Piece(f"  {step.done}", "word"))
        return [*pieces, Piece(f"  {plain(step.what)}", "dim")]


__all__ = ["PANES", "Chips", "Footer", "OneLine", "Piece", "ProgressLine", "Tabs"]
