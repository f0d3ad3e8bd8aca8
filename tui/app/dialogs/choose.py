"""Dialogs: choose from a list, type a line, read a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.app.text import fit, fold, plain
from tui.app.widgets.lines import Document, Line, LineView, Span, line


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a list: what it stands for, what it says, and a quieter note at the right."""

    value: str
    text: str
    note: str = ""


class Dialog(ModalScreen[str | None]):
    """A box in the middle with a title; Escape closes it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "close", show=False)]

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__()
        self.heading, self.hint = title, hint

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = plain(self.heading).replace("[", "\\[")
            yield from self.body()
            if self.hint:
                yield Static(self.hint, id="hint", markup=False)

    def body(self) -> ComposeResult:
        yield from ()

    def action_close(self) -> None:
        self.dismiss(None)


class Choose(Dialog):
    """A list with a filter line. With `toggles`, Space switches lines and Enter takes them all, comma-joined."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        hint: str = "\u2191\u2193 move   Enter take   Esc close",
        toggles: Sequence[str] | None = None,
    ) -> None:
        super().__init__(title, hint)
        self.options = tuple(options)
        self.on = None if toggles is None else dict.fromkeys(toggles)

    def body(self) -> ComposeResult:
        yield Input(placeholder="filter", compact=True, id="filter")
        yield LineView(self.document, id="options")

    def on_mount(self) -> None:
        view = self.query_one("#options", LineView)
        view.can_focus = False
        view.styles.height = min(max(len(self.options), 1), 16)
        if self.on is not None:
            self._bindings.bind("space", "switch", show=False, priority=True)

    def document(self, width: int) -> list[Line]:
        wanted = fold(self.query_one("#filter", Input).value).split()
        found = [option for option in self.options if all(word in fold(option.text + option.note) for word in wanted)]
        if not found:
            return [line("nothing here", "dim")]
        return [self._line(option, width) for option in found]

    def _line(self, option: Option, width: int) -> Line:
        mark = "" if self.on is None else ("\u25cf " if option.value in self.on else "\u25cb ")
        note = plain(option.note)
        room = max(width - len(mark) - len(note) - 2, 8)
        spans = (Span(f" {mark}{fit(plain(option.text), room)}"), Span(note, "dim"))
        return Line(spans, key=option.value)

    def on_input_changed(self) -> None:
        self.query_one("#options", LineView).show(self.document)

    def on_input_submitted(self) -> None:
        if self.on is not None:
            self.dismiss(",".join(option.value for option in self.options if option.value in self.on))
            return
        current = self.query_one("#options", LineView).current
        if current is not None and (current.key or (self.options and current.text != "nothing here")):
            self.dismiss(current.key)

    def on_line_view_opened(self, message: LineView.Opened) -> None:
        message.stop()
        self.on_input_submitted()

    def action_move(self, step: int) -> None:
        view = self.query_one("#options", LineView)
        view.move(view.cursor + step)

    def action_switch(self) -> None:
        view = self.query_one("#options", LineView)
        if self.on is None or view.current is None:
            return
        if view.current.key in self.on:
            del self.on[view.current.key]
        else:
            self.on[view.current.key] = None
        view.rebuild()


class Prompt(Dialog):
    """One line to type. `check` turns a text into a complaint, or None where it will do."""

    def __init__(
        self, title: str, text: str = "", hint: str = "Enter take   Esc close", placeholder: str = "",
        check: Callable[[str], str | None] = lambda text: None,
    ) -> None:  # fmt: skip
        super().__init__(title, hint)
        self.text, self.placeholder, self.check = text, placeholder, check

    def body(self) -> ComposeResult:
        yield Input(self.text, placeholder=self.placeholder, compact=True, id="line")
        yield Static("", id="complaint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        complaint = self.check(event.value)
        if complaint is None:
            self.dismiss(event.value)
        else:
            self.query_one("#complaint", Static).update(plain(complaint))


class Page(Dialog):
    """A page of lines to read."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q", "close", show=False)]

    def __init__(self, title: str, document: Document, hint: str = "\u2191\u2193 scroll   Esc close") -> None:
        super().__init__(title, hint)
        self.document = document

    def body(self) -> ComposeResult:
        yield LineView(self.document, id="page")

    def on_mount(self) -> None:
        self.query_one("#page").focus()
