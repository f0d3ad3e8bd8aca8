"""Dialogs: choose from a list, type a line, read a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.app.text import cut, fit, fold, plain
from tui.app.widgets.lines import Document, Line, LineView, Span, line


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a list: what it stands for, what it says, and a quieter note at the right."""

    value: str
    text: str
    note: str = ""


class StillInput(Input):
    """An input whose cursor does not blink: that would wake the processor for nothing."""

    def on_mount(self) -> None:
        self.cursor_blink = False


class SpacelessInput(StillInput):
    """Leaves the space to the list below it."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character != " " and super().check_consume_key(key, character)


class Dialog(ModalScreen[str | None]):
    """A box in the middle with a title; Escape closes it without an answer."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    #dialog {
        width: 72; max-width: 96%; height: auto; max-height: 90%; padding: 0 1;
        border: round $primary; background: $surface;
        border-title-color: $foreground; border-title-style: bold;
    }
    #dialog Input { background: $panel; border: none; height: 1; margin: 0 0 1 0; padding: 0 1; }
    #dialog LineView { background: $surface; height: auto; }
    #hint { color: $foreground 55%; height: 1; }
    #complaint { color: $error; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "close", show=False, priority=True)]

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
    """A list with a filter line; answers with the value of the line that is taken."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
        Binding("delete", "remove", show=False, priority=True),
    ]
    HINT = "\u2191\u2193 move   Enter take   Esc close"
    FILTER: ClassVar[type[Input]] = StillInput

    def __init__(self, title: str, options: Sequence[Option], remove: Callable[[Option], None] | None = None) -> None:
        """`remove` is called with an option that Delete takes out of the list."""
        super().__init__(title, f"{self.HINT}   Del remove" if remove else self.HINT)
        self.options, self.drop = tuple(options), remove

    def body(self) -> ComposeResult:
        yield self.FILTER(placeholder="filter", compact=True, id="filter")
        yield LineView(self.document, id="options")

    def on_mount(self) -> None:
        self.view.can_focus = False
        self.view.styles.height = min(max(len(self.options), 1), 16)

    @property
    def view(self) -> LineView:
        return self.query_one("#options", LineView)

    @property
    def found(self) -> list[Option]:
        """The options that hold every word of the filter."""
        wanted = fold(self.query_one("#filter", Input).value).split()
        return [option for option in self.options if all(word in fold(option.text + option.note) for word in wanted)]

    def document(self, width: int) -> list[Line]:
        return [self._line(option, width) for option in self.found] or [line("nothing here", "dim")]

    def _line(self, option: Option, width: int) -> Line:
        note = cut(plain(option.note), width // 2, "end")
        room = max(width - cell_len(note) - 3, 8)
        return Line(
            (Span(f" {fit(self.mark(option) + plain(option.text), room)} "), Span(note, "dim")), key=option.value
        )

    def mark(self, option: Option) -> str:
        """What stands before an option."""
        return ""

    def on_input_changed(self) -> None:
        self.view.show(self.document)

    def on_input_submitted(self) -> None:
        self.take()

    def take(self) -> None:
        """Answer with what is chosen."""
        found = self.found
        if found:
            self.dismiss(found[min(self.view.cursor, len(found) - 1)].value)

    def on_line_view_opened(self, message: LineView.Opened) -> None:
        message.stop()
        self.take()

    def action_move(self, step: int) -> None:
        self.view.move(self.view.cursor + step)

    def action_remove(self) -> None:
        found = self.found
        if self.drop is None:
            self.query_one("#filter", Input).action_delete_right()
        elif found:
            gone = found[min(self.view.cursor, len(found) - 1)]
            self.options = tuple(option for option in self.options if option is not gone)
            self.view.rebuild()
            self.drop(gone)


class Toggles(Choose):
    """A list whose lines Space switches on and off; answers with the values of all that are on, comma-joined."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "switch", show=False, priority=True)]
    HINT = "Space on or off   Enter take   Esc close"
    FILTER = SpacelessInput

    def __init__(self, title: str, options: Sequence[Option], on: Sequence[str], note: str = "") -> None:
        super().__init__(title, options)
        self.hint += f"   {note}" if note else ""
        self.on = dict.fromkeys(on)

    def mark(self, option: Option) -> str:
        return "\u25cf " if option.value in self.on else "\u25cb "

    def take(self) -> None:
        self.dismiss(",".join(option.value for option in self.options if option.value in self.on))

    def action_switch(self) -> None:
        current = self.view.current
        if current is None or not current.key:
            return
        if current.key in self.on:
            del self.on[current.key]
        else:
            self.on[current.key] = None
        self.view.rebuild()


class Prompt(Dialog):
    """One line to type. `check` turns a text into a complaint, or None where it will do."""

    def __init__(
        self, title: str, text: str = "", hint: str = "Enter take   Esc close", placeholder: str = "",
        check: Callable[[str], str | None] = lambda text: None,
    ) -> None:  # fmt: skip
        super().__init__(title, hint)
        self.text, self.placeholder, self.check = text, placeholder, check

    def body(self) -> ComposeResult:
        yield StillInput(self.text, placeholder=self.placeholder, compact=True, id="line")
        yield Static("", id="complaint", markup=False)

    def on_input_changed(self) -> None:
        self.query_one("#complaint", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        complaint = self.check(event.value)
        if complaint is None:
            self.dismiss(event.value)
        else:
            self.query_one("#complaint", Static).update(plain(complaint))


class Page(Dialog):
    """A page of lines to read."""

    DEFAULT_CSS = """
    Page #dialog { width: 84; height: 86%; }
    Page #dialog #page { height: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q", "close", show=False)]

    def __init__(self, title: str, document: Document, hint: str = "\u2191\u2193 scroll   Esc close") -> None:
        super().__init__(title, hint)
        self.document = document

    def body(self) -> ComposeResult:
        yield LineView(self.document, id="page")

    def on_mount(self) -> None:
        self.query_one("#page").focus()
