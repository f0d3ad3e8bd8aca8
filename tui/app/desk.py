"""What the parts of the main screen share: the library, the present answer, the marks, and the widgets they act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.widget import Widget

from core.configuration import Configuration
from core.errors import ModelSearchError
from tui.app.widgets.grid import Grid, Results
from tui.app.widgets.query_bar import QueryBar, Suggestions
from tui.app.widgets.strip_line import Chips, Footer, ProgressLine, Tabs
from tui.app.work import Working

if TYPE_CHECKING:
    from core.library import Library
    from core.search.answer import Answer, Why
    from tui.app.kept import Kept

NARROW = 120
"""Columns below which there is one pane at a time."""


class Desk(Working, Screen[None]):
    """The state of the one screen. Each part below adds its own actions to it."""

    def __init__(self, library: Library, configuration: Configuration, kept: Kept) -> None:
        super().__init__()
        self.library = library
        self.configuration, self.kept = configuration, kept
        self.answer: Answer | None = None
        self.whys: dict[str, tuple[Why, ...]] = {}
        """Why each model that was looked at is in the answer."""
        self.total = 0
        """All models of the catalogue."""
        self.indexing = False
        """Whether folders are being indexed behind the screen."""
        self.pane = "details"
        self.problem: str | None = None
        """What went wrong while the first rows were read."""
        self.bar = QueryBar(id="bar")
        self.suggestions = Suggestions(id="suggestions")
        self.chips = Chips(id="chips")
        self.grid = Grid(self._first_rows(), id="grid")
        self.tabs = Tabs(id="tabs")
        self.progress = ProgressLine(id="progress")
        self.footer = Footer(configuration.keys, id="footer")

    def _first_rows(self) -> Results:
        """The first screenful, from the small file beside the database; nothing else is read before it is painted."""
        try:
            first = self.library.first_screen()
        except ModelSearchError as error:
            self.problem = str(error)
            return Results()
        if first is None:
            return Results()
        self.total = first.total
        return Results(rows=dict(enumerate(first.rows)), total=first.total)

    @property
    def current(self) -> str | None:
        """The id of the model under the cursor of the grid."""
        return self.grid.id_at_cursor

    @property
    def chosen(self) -> list[str]:
        """The marked models, else the current one."""
        return list(self.grid.marks) or ([self.current] if self.current else [])

    @property
    def keymap(self) -> Mapping[str, str]:
        return self.configuration.keys

    def tell(self, text: str, severe: bool = False) -> None:
        """A line for a moment in the corner. The text is data, never markup."""
        self.notify(text, severity="warning" if severe else "information", timeout=5, markup=False)

    def keep(self, name: str, value: str | Sequence[object] | None) -> None:
        """Remember what was chosen for the next time."""
        self.work(f"keep {name}", lambda: self.kept.put(name, value), lambda done: None)

    # what the parts call of each other

    def ask(self, text: str, keep: str | None = None, trail: bool = True) -> None:
        raise NotImplementedError

    def show_pane(self, name: str, focus: bool = True) -> Widget:
        raise NotImplementedError

    def follow(self) -> None:
        raise NotImplementedError
