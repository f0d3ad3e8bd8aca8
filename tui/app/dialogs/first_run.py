"""The first run: nothing is indexed yet, so where are your models?"""

from __future__ import annotations

import os
from pathlib import Path

from textual.app import ComposeResult
from textual.suggester import Suggester
from textual.widgets import Input, Static

from tui.app.dialogs.choose import Dialog, Prompt, StillInput
from tui.app.text import plain, typed_path
from tui.app.widgets.lines import Line, LineView, Span

WELCOME = (
    "ModelSearch makes your training scripts, notebooks, checkpoints and pictures searchable and comparable. "
    "It reads them where they are: nothing is run, changed or sent anywhere."
)


class FirstRun(Dialog):
    """Answers "demo", "here" or "folder"."""

    def __init__(self, here: Path) -> None:
        super().__init__("Welcome to ModelSearch", "\u2191\u2193 move   Enter take   Esc later")
        self.here = here

    def body(self) -> ComposeResult:
        yield Static(f"\n{WELCOME}\n", markup=False)
        yield LineView(self.document, id="options")

    def document(self, width: int) -> list[Line]:
        options = (
            ("demo", "Open the demo collection", "a few small models, trained and ready"),
            ("here", "Index this folder", plain(self.here)),
            ("folder", "Index another folder \u2026", "type its path"),
        )
        return [Line((Span(f" {text:<26}", "strong"), Span(note, "dim")), key=value) for value, text, note in options]

    def on_mount(self) -> None:
        self.query_one("#options", LineView).styles.height = 4
        self.query_one("#options").focus()

    def on_line_view_opened(self, message: LineView.Opened) -> None:
        message.stop()
        self.dismiss(message.line.key)


class FolderSuggester(Suggester):
    """The first folder that continues what is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        if not value:
            return None
        path = typed_path(value)
        parent, beginning = (path, "") if value.endswith("/") else (path.parent, path.name)
        try:
            names = sorted(item.name for item in parent.iterdir() if item.is_dir() and item.name.startswith(beginning))
        except (OSError, ValueError):
            return None
        visible = [name for name in names if not name.startswith(".")]
        return value + visible[0][len(beginning) :] + "/" if visible else None


class AddFolder(Prompt):
    """A path to index; Tab or \u2192 takes the folder that is offered."""

    def __init__(self, start: str = "") -> None:
        super().__init__(
            "Add a folder",
            start,
            "Tab completes   Enter index it   Esc close",
            "path of a folder or a file",
            check=_complaint,
        )

    def body(self) -> ComposeResult:
        yield StillInput(
            self.text,
            placeholder=self.placeholder,
            suggester=FolderSuggester(),
            compact=True,
            id="line",
            select_on_focus=False,
        )
        yield Static("", id="complaint", markup=False)

    def key_tab(self) -> None:
        field = self.query_one("#line", Input)
        field.action_end()
        field.action_cursor_right()


def _complaint(text: str) -> str | None:
    if not text.strip():
        return "type the path of a folder or a file"
    path = typed_path(text)
    return None if os.path.exists(path) else f"there is no {path}"  # noqa: PTH110  (of any text; Path raises for some)
