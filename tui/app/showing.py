"""Showing: the panes on the right, what they hold, and the way between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.timer import Timer
from textual.widget import Widget

from tui.app.desk import Desk
from tui.app.text import plain
from tui.app.widgets.grid import Grid

if TYPE_CHECKING:
    from core.analysis.facts import Place
    from core.catalog.model import Model
    from core.search.answer import Answer, PictureHit
    from tui.app.panes.details import Known
    from tui.app.panes.images import Images
    from tui.app.panes.source import Listing
    from tui.app.widgets.lines import Document, LineView

FOLLOW = 0.06
"""Seconds the cursor rests on a row before its details are read: longer than a held key's repeat."""


def hint(*lines: str) -> Document:
    """An empty pane that says which key fills it."""
    from tui.app.widgets.lines import line

    return lambda width: [line(text, "dim" if index else "") for index, text in enumerate(lines)]


EMPTY = {
    "details": ("No model is chosen.", "/ asks, \u2191\u2193 move in the results."),
    "diff": (
        "Nothing is compared yet.",
        "Mark a model with space, go to another, press d.",
        "Three or more marked give a table.",
    ),
    "images": ("No pictures yet.", "i shows those of the model in the results."),
    "report": ("No report yet.", "r writes one on the marked models, or on the current one.", "r again stops it."),
    "source": ("No source is open.", "Enter on a fact opens it at its line."),
}


ASKED_PICTURES = "the question's pictures"
NO_PICTURES = "no pictures were found beside it or where its code writes"


class Showing(Desk):
    """The panes, made when they are first looked at."""

    views: dict[str, Widget]
    steps: list[tuple[str, str]]
    """Where Escape leads: the panes that were left for a deeper one."""
    shown: dict[str, object]
    """What each pane holds: an id, a pair, a place."""
    opened_by_question: bool = False
    """Whether the pane in front is one that a question has opened."""
    _rest: Timer | None = None

    # -- panes

    def view(self, name: str) -> Widget:
        """A pane's widget, mounted on first use."""
        if name not in self.views:
            if name == "images":
                from tui.app.panes.images import Images

                made: Widget = Images(id="pane-images")
            else:
                from tui.app.widgets.lines import LineView

                is_coming = name == "details" and self.current is not None
                made = LineView(hint(*(() if is_coming else EMPTY[name])), id=f"pane-{name}")
            made.display = False
            self.views[name] = made
            self.query_one("#side", Vertical).mount(made)
        return self.views[name]

    def lines(self, name: str) -> LineView:
        from tui.app.widgets.lines import LineView

        found = self.view(name)
        assert isinstance(found, LineView)
        return found

    def images(self) -> Images:
        from tui.app.panes.images import Images

        found = self.view("images")
        assert isinstance(found, Images)
        return found

    def show_pane(self, name: str, focus: bool = True) -> Widget:
        """Bring a pane to the front; with `focus`, go there."""
        wanted = self.view(name)
        self.pane = name
        for other in self.views.values():
            other.display = other is wanted
        self.query_one("#body").set_class(name != "details", "-wide")
        if focus:
            self.opened_by_question = False
            self.add_class("-side")
            self.set_focus(wanted)
        self.tell_tabs()
        return wanted

    @property
    def side_seen(self) -> bool:
        return not (self.has_class("-narrow") or self.has_class("-full")) or self.has_class("-side")

    @property
    def in_side(self) -> bool:
        return self.focused is not None and self.focused in self.views.values()

    def tell_tabs(self, title: str = "") -> None:
        self.tabs.show(self.pane, self.in_side, title)

    def action_pane(self, name: str) -> None:
        """The panes by their numbers. A pane that holds nothing yet takes the current model."""
        self.steps.clear()
        if name == "images" and self.current and not self._shows_asked and self.shown.get("images") != self.current:
            self.action_images()
        elif name == "source" and self.current and "source" not in self.shown:
            self._open_current()
        else:
            self.show_pane(name)
            if name == "details":
                self.follow()

    def action_next_pane(self) -> None:
        if self.focused is self.grid:
            self.show_pane(self.pane)
        else:
            self.to_grid()

    def to_grid(self) -> None:
        self.remove_class("-side")
        self.set_focus(self.grid)
        self.tell_tabs()

    def action_back(self) -> None:
        """One step back: from one picture to all, the pane before, else the grid; never out."""
        if self.focused is self.bar:
            self.bar.action_leave()
            self.set_focus(self.grid)
        elif self.focused is self.chips:
            self.set_focus(self.bar)
        elif self.in_side and self.pane == "images" and self.images().large:
            self.images().action_enter()
        elif self.steps and self.in_side:
            name, _ = self.steps.pop()
            self.show_pane(name)
        elif self.focused is not self.grid:
            self.to_grid()
        elif self.has_class("-full"):
            self.remove_class("-full")

    def action_full(self) -> None:
        self.set_class(self.in_side, "-side")
        self.toggle_class("-full")

    # -- details

    def on_grid_moved(self, message: Grid.Moved) -> None:
        message.stop()
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(FOLLOW, self.follow)

    def follow(self) -> None:
        """Let the details, or the pictures, follow the cursor, where they are seen."""
        if self.pane == "details" and self.side_seen and "details" in self.views:
            self.load_details()
        elif self.pane == "images" and self.side_seen and self.focused is self.grid:
            self._follow_pictures()

    def load_details(self) -> None:
        id = self.current
        if id is None:
            self.shown.pop("details", None)
            self.lines("details").show(hint(*EMPTY["details"]))
            return
        why = self.whys.get(id, ())

        def call() -> Known:
            from tui.app.panes.details import Known

            user = self.library.user()
            model = self.library.model(id)
            return Known(
                model,
                self.library.artefacts(id),
                tuple(self.library.similar(id)),
                tuple(user.notes(id)),
                tuple(user.tags(id)),
                why,
            )

        self.work("details", call, self._show_details)

    def _show_details(self, known: Known) -> None:
        from tui.app.panes.details import document

        same = self.shown.get("details") == known.model.id
        view = self.lines("details")
        self.shown["details"] = known.model.id
        self.known = known
        view.show(document(known), view.cursor if same else 0)

    known: Known | None = None

    def on_grid_opened(self, message: Grid.Opened) -> None:
        message.stop()
        self.steps.clear()
        self.show_pane("details")
        if self.shown.get("details") != message.id:
            self.load_details()

    def on_line_view_opened(self, message: LineView.Opened) -> None:
        """The next level of a line: the source at its place, the pictures, or another model."""
        message.stop()
        item = message.line
        if item.target is not None and self.pane != "source":
            self.steps.append((self.pane, ""))
            self.open_source(item.target)
        elif item.target is not None:
            self.open_editor(item.target)
        elif item.key == "images":
            self.steps.append((self.pane, ""))
            self.action_images()
        elif item.key in self.grid.results.ids:
            self.grid.move(self.grid.results.ids.index(item.key))
        else:
            self.tell("nothing deeper here: a line with a place opens its source")

    def on_line_view_moved(self, message: LineView.Moved) -> None:
        """Which of the places where n and N halt the cursor stands on."""
        message.stop()
        view = message.view
        stops = [index for index, item in enumerate(view.lines) if item.stop]
        self.tell_tabs(f"{stops.index(view.cursor) + 1}/{len(stops)}" if view.cursor in stops else "")

    def open_editor(self, place: Place) -> None:
        """For the part that leaves the screen."""

    # -- source

    def _open_current(self) -> None:
        from core.analysis.facts import Place

        row = self.grid.row_at_cursor
        if row and row.get("path"):
            self.open_source(Place(str(row["path"][0]), 1, 1))

    def open_source(self, place: Place) -> None:
        """A file at a line, in the Source pane."""
        from tui.app.panes import source

        stops = [fact.place for fact in self.known.model.facts] if self.known else []

        def deliver(listing: Listing) -> None:
            self.shown["source"] = listing.path
            self.lines("source").show(source.document(listing), source.at(listing))

        self.show_pane("source")
        self.work("source", lambda: source.load(place, stops), deliver)

    # -- diff

    def action_diff(self) -> None:
        marked = list(self.grid.marks)
        if len(marked) == 1 and self.current and self.current != marked[0]:
            marked.append(self.current)
        if len(marked) < 2:
            self.show_pane("diff")
            self.tell("mark a model with space, go to another and press d")
        elif len(marked) == 2:
            self.open_diff(marked[0], marked[1])
        else:
            self._open_table(marked)

    def open_diff(self, a: str, b: str, focus: bool = True) -> None:
        """Two models side by side."""
        from tui.app.panes import diff

        self.show_pane("diff", focus)
        view = self.lines("diff")
        view.show(hint("comparing \u2026"))
        self.work(
            "diff",
            lambda: self.library.diff(a, b, code=True),
            lambda found: view.show(diff.document(found)),
            self._no_diff,
        )

    def _open_table(self, ids: Sequence[str]) -> None:
        from tui.app.panes import diff

        def call() -> list[Model]:
            return [self.library.model(id) for id in ids]

        self.show_pane("diff")
        self.work("diff", call, lambda found: self.lines("diff").show(diff.table(found)), self._no_diff)

    def _no_diff(self, error: Exception) -> None:
        from tui.app.widgets.lines import line
        from tui.app.work import told

        self.lines("diff").show(lambda width: [line(plain(told(error)), "warning")])

    def answered(self, answer: Answer) -> None:
        """A question about two models, two sets or pictures opens the pane that answers it, the next one closes it."""
        from tui.app.panes import diff

        pair = answer.query.intent == "compare" and len(answer.ids) == 2
        pictures = answer.query.intent == "images" and bool(answer.ids)
        shows = pair or len(answer.cohorts) == 2 or pictures
        if self.opened_by_question and not shows:
            self.show_pane("details", focus=False)
        self.opened_by_question = shows
        if pair:
            self.open_diff(answer.ids[0], answer.ids[1], focus=False)
        elif answer.cohorts and len(answer.cohorts) == 2:
            a, b = (str(cohort.query) for cohort in answer.cohorts)
            self.show_pane("diff", focus=False)
            self.work(
                "diff",
                lambda: self.library.compare(a, b),
                lambda found: self.lines("diff").show(diff.cohorts(found)),
                self._no_diff,
            )
        elif pictures:
            self._show_pictures(answer.pictures, ASKED_PICTURES, focus=False, lacking=answer.hint or "")

    # -- images

    @property
    def _shows_asked(self) -> bool:
        """Whether the pane holds the pictures that the present question asks for."""
        asks = self.answer is not None and self.answer.query.intent == "images"
        return asks and self.shown.get("images") == ASKED_PICTURES

    def action_images(self) -> None:
        """The pictures of the current model: of those that the question asks for, where there are any of its."""
        id = self.current
        asked = self.answer.pictures if self.answer else ()
        self.show_pane("images")
        if id is not None and any(hit.model == id for hit in asked):
            self._show_pictures(asked, ASKED_PICTURES)
        elif id is not None:
            self._load_pictures(id, focus=True)

    def _load_pictures(self, id: str, focus: bool) -> None:
        self.work("images", lambda: self.library.images(id), lambda found: self._show_pictures(found, id, focus))

    def _follow_pictures(self) -> None:
        id = self.current
        if self._shows_asked:
            own = [index for index, hit in enumerate(self.images().hits) if hit.model == id]
            self.images().move(own[0] if own else self.images().cursor)
        elif id is not None and self.shown.get("images") != id:
            self._load_pictures(id, focus=False)

    def _show_pictures(
        self, found: Sequence[PictureHit], title: str, focus: bool = True, lacking: str = NO_PICTURES
    ) -> None:
        pane = self.images()
        self.shown["images"] = title
        self.show_pane("images", focus)
        own = next((index for index, hit in enumerate(found) if hit.model == self.current), 0)
        pane.show(found, title if found else f"{title}: {lacking}", own)
