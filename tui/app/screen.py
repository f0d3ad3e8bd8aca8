"""The one screen: where its parts stand, and what has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from tui.app import indexing
from tui.app.desk import NARROW
from tui.app.doing import Doing
from tui.app.indexing import Indexing
from tui.app.keys import BY_ID, bindings
from tui.app.text import plain
from tui.app.widgets.strip_line import PANES, OneLine

if TYPE_CHECKING:
    from core.configuration import Configuration
    from core.library import Library
    from core.search.answer import Answer
    from tui.app.kept import Kept


class MainScreen(Indexing, Doing):
    """Query bar and chips above, results on the left, one of five panes on the right, the keys below."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings("screen"))
    AUTO_FOCUS = "#grid"

    def __init__(
        self,
        library: Library,
        configuration: Configuration,
        kept: Kept,
        question: str,
        diff: tuple[str, str] | None,
        narrow: bool,
    ) -> None:
        super().__init__(library, configuration, kept)
        self.set_class(narrow, "-narrow")
        self.question, self.asked_diff = question, diff
        self.trail, self.at, self.typing = [], -1, False
        self.views, self.steps, self.shown = {}, [], {}

    def compose(self) -> ComposeResult:
        yield self.bar
        yield self.chips
        with Horizontal(id="body"):
            yield self.grid
            with Vertical(id="side"):
                yield self.tabs
        yield self.progress
        yield self.footer
        yield self.suggestions

    def on_mount(self) -> None:
        if self.kept.columns:
            self.grid.choose(self.kept.columns)
        if self.total and not self.question:
            self.chips.show((), f"{self.total} models")
        if self.question:
            self.bar.put(self.question)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first paint: the panes, the answer, and the look at the roots."""
        self.show_pane("details", focus=False)
        if self.problem:
            self.tell(plain(self.problem), severe=True)
        if self.asked_diff is not None:
            self.open_diff(*self.asked_diff)
        if not self.total and not self.problem:
            self.first_run()
            self.ask(self.question)
            return
        self.ask(self.question, self.current)
        self.set_timer(indexing.LOOK_AFTER, lambda: self.index([], quiet=True))

    def answered(self, answer: Answer) -> None:
        Doing.answered(self, answer)

    def on_resize(self, event: events.Resize) -> None:
        narrow = event.size.width < NARROW
        self.set_class(narrow, "-narrow")
        if narrow and self.in_side:
            self.add_class("-side")

    # -- focus

    def on_descendant_focus(self) -> None:
        self.footer.show(self.context)
        self.tell_tabs()
        if self.focused is self.grid:
            self.remove_class("-side")
        if self.focused is not self.bar:
            self.suggestions.show(())
            self.typing = False

    def action_ask(self) -> None:
        self.set_focus(self.bar)

    def on_grid_marked(self) -> None:
        self.chips.marked = len(self.grid.marks)
        self.chips.refresh()

    def on_one_line_clicked(self, message: OneLine.Clicked) -> None:
        """A pane's name, a chip or a key, with the mouse."""
        if message.tag in PANES:
            self.action_pane(message.tag)
        elif message.tag in BY_ID:
            self.app.simulate_key((self.keymap.get(message.tag) or BY_ID[message.tag].keys).split(",")[0])
        elif message.line is self.chips:
            self.chips.cursor = int(message.tag)
            self.chips.action_remove()
