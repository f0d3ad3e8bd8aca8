"""Indexing behind the screen: the first run, new folders, and the look at the roots when the app opens."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from core.errors import CatalogBusy
from tui.app.asking import LOOKING, Asking
from tui.app.text import plain, typed_path
from tui.app.widgets.grid import Results
from tui.app.work import cancelled, told

if TYPE_CHECKING:
    from core.progress import IndexSummary, Progress, Step

LOOK_AFTER = 1.0
"""Seconds after the first paint until the roots are looked at: the first question goes first."""
OFTEN = 0.1
"""Seconds between two pictures of the progress: more would only cost."""


class Progressed(Message):
    """A step of indexing; `fresh` where a new generation can be read."""

    def __init__(self, step: Step, fresh: bool) -> None:
        super().__init__()
        self.step, self.fresh = step, fresh


class Indexing(Asking):
    """What keeps the catalogue up to date while one works."""

    waiting: tuple[Path, ...] = ()
    """Folders that were added while a run was under way."""

    def first_run(self) -> None:
        from tui.app.dialogs.first_run import FirstRun

        self.app.push_screen(FirstRun(Path.cwd()), self._first_answer)

    def _first_answer(self, answer: str | None) -> None:
        if answer == "demo":
            import assets

            assert assets.__file__ is not None
            self.index([Path(assets.__file__).parent / "zoo"])
        elif answer == "here":
            self.index([Path.cwd()])
        elif answer == "folder":
            self.action_add_folder()

    def action_add_folder(self) -> None:
        from tui.app.dialogs.first_run import AddFolder

        def typed(text: str | None) -> None:
            if text:
                self.index([typed_path(text).absolute()])

        self.app.push_screen(AddFolder(), typed)

    def action_refresh_roots(self) -> None:
        if self.indexing:
            self.tell("already looking at the roots")
        else:
            self.index([], quiet=False)

    def index(self, paths: Sequence[Path], quiet: bool = False) -> None:
        """Index these folders, or look at all roots, in the background. `quiet` says nothing where nothing changed."""
        if self.indexing:
            self.waiting += tuple(paths)
            return
        self.indexing = True
        if not self.total:
            self.grid.show(Results(), empty=LOOKING)

        def call() -> IndexSummary:
            return self.library.index(paths, progress=self._progress(), stop=cancelled())

        self.work(
            "index", call, lambda summary: self._indexed(summary, quiet), lambda error: self._not_indexed(error, quiet)
        )

    def _progress(self) -> Progress:
        """Called in the worker, for each file; tells the screen now and then."""
        told_at, generation = 0.0, self._generation()

        def progress(step: Step) -> None:
            nonlocal told_at, generation
            now = time.monotonic()
            if now - told_at >= OFTEN:
                newest = self._generation()
                self.post_message(Progressed(step, newest != generation))
                told_at, generation = now, newest

        return progress

    def _generation(self) -> Path:
        return self.library.reader().generation

    def on_progressed(self, message: Progressed) -> None:
        if self.indexing:
            self.progress.show(message.step)
            if message.fresh:
                self.ask_again()

    def ask_again(self) -> None:
        """The same question to a catalogue that has changed; the cursor stays where it is."""
        self.ask(self.trail[self.at] if self.trail else "", self.current, trail=False)

    def _indexed(self, summary: IndexSummary, quiet: bool) -> None:
        self._ended()
        changes = [
            f"{count} {word}"
            for word, count in (("added", summary.added), ("changed", summary.changed), ("removed", summary.removed))
            if count
        ]
        if changes:
            self.tell(f"the catalogue was brought up to date: {', '.join(changes)}")
            self.ask_again()
        elif not quiet:
            self.tell(f"nothing has changed in {summary.models} models")
        if summary.offline:
            self.tell(f"{summary.offline} models are on folders that cannot be read now")

    def _not_indexed(self, error: Exception, quiet: bool) -> None:
        self._ended()
        if not (quiet and isinstance(error, CatalogBusy)):
            self.tell(plain(told(error)), severe=True)

    def _ended(self) -> None:
        self.indexing = False
        if not self.total:
            self.ask_again()
        self.progress.show(None)
        if self.waiting:
            paths, self.waiting = self.waiting, ()
            self.index(paths)
