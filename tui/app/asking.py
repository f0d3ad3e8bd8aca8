"""Asking: from the bar, the chips, the columns and the cells to an answer in the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import CatalogDamaged
from tui.app.desk import Desk
from tui.app.text import plain
from tui.app.widgets.grid import PAGE, Grid, Results
from tui.app.widgets.query_bar import QueryBar
from tui.app.widgets.strip_line import Chips
from tui.app.work import told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.analysis.facts import Value
    from core.search.answer import Answer, Hit
    from core.search.completion import Completion
    from core.search.facets import Facet
    from core.search.query import Query
    from tui.app.dialogs.choose import Option

DATES = ("created", "modified")
"""Fields that are first sorted from the newest."""
LOOKING = ("Your folders are being read.", "Models appear here as soon as they are known.")
"""What stands in the grid until the first models have come."""
NO_FILTERS = {
    "": "this line holds no value that could be a filter",
    "rank": "the rank comes from the question and cannot be a filter",
    "score": "the score comes from the question's words and cannot be a filter",
    "distance": "the distance comes from the question's words and cannot be a filter",
}
"""What is said where f and F find nothing to filter by."""


class Asking(Desk):
    """The way from a question to the rows of the grid."""

    trail: list[str]
    """The questions of this session, in order."""
    at: int
    typing: bool
    """Whether the newest question of the trail is still being typed: the next one takes its place."""

    # -- the question

    def ask(self, text: str, keep: str | None = None, trail: bool = True) -> None:
        """Answer a question in the background; the cursor stays on `keep` where the answer has it, or on the model that
        one goes to before it comes."""
        if trail:
            self._note(text)
        asked_at = self.current

        def call() -> tuple[Answer, Sequence[Hit]]:
            found = self.library.search(text)
            return found, self.library.hits(found, 0, PAGE)

        def deliver(found: tuple[Answer, Sequence[Hit]]) -> None:
            self._answered(*found, keep if self.current == asked_at else self.current)

        self.work("ask", call, deliver, self._not_answered)

    def _note(self, text: str) -> None:
        if self.typing and self.trail:
            self.trail[self.at] = text
        elif not self.trail or self.trail[self.at] != text:
            del self.trail[self.at + 1 :]
            self.trail.append(text)
            self.at = len(self.trail) - 1
        self.typing = self.bar.has_focus

    def _not_answered(self, error: Exception) -> None:
        self.chips.show((), "", told(error))
        mend = ("R indexes the roots anew.",) if isinstance(error, CatalogDamaged) else ()
        self.grid.show(Results(), empty=(told(error), *mend))

    def _answered(self, answer: Answer, hits: Sequence[Hit], keep: str | None) -> None:
        from core.search.query import chips

        if self.answer is None:
            # an error is told by the question that meets it
            self.work("warm", self.library.warm, lambda done: None, lambda error: None)
        self.answer = answer
        self.whys = {hit.id: hit.why for hit in hits}
        if answer.query.expr is None and not (answer.query.limit or answer.query.rank) and not answer.cohorts:
            self.total = len(answer.ids)
        self.chips.show(chips(answer.query), self._count(answer), self._remark(answer))
        self.grid.sorted = answer.query.sort[0] if answer.query.sort else None
        rows = {index: hit.row for index, hit in enumerate(hits)}
        results = Results(answer.ids, answer.scores, rows, len(answer.ids), _compared(answer.query))
        self.grid.show(results, keep, self._empty(answer))
        self.answered(answer)

    def answered(self, answer: Answer) -> None:
        """For the part that shows panes: a question may be about one of them."""

    def _count(self, answer: Answer) -> str:
        count = len(answer.ids)
        if count == self.total:
            return f"{count} model{'s' if count != 1 else ''}"
        return f"{count} of {self.total} models" if self.total else f"{count} models"

    def _remark(self, answer: Answer) -> str:
        remarks = [f"{answer.unknown} unknown"] if answer.unknown else []
        remarks += [plain(reason) for reason in answer.query.bad[:1]]
        return ", ".join(remarks)

    def _empty(self, answer: Answer) -> tuple[str, ...]:
        if self.total == 0 and self.indexing:
            return LOOKING
        if self.total == 0 and answer.query.expr is None:
            return ("Nothing is indexed yet.", "Press a to add a folder.")
        lines = ["No model meets all of this."]
        lines += [plain(answer.hint)] if answer.hint else []
        return (*lines, "/ edits the question, \u2190 at its start goes into the chips.")

    def on_grid_rows_wanted(self, message: Grid.RowsWanted) -> None:
        answer = self.answer
        if answer is None:
            return

        def deliver(hits: Sequence[Hit]) -> None:
            if self.answer is answer:
                self.whys |= {hit.id: hit.why for hit in hits}
                self.grid.add_rows(message.start, [hit.row for hit in hits])

        self.work(f"rows{message.start}", lambda: self.library.hits(answer, message.start, message.end), deliver)

    # -- the bar

    def on_query_bar_settled(self, message: QueryBar.Settled) -> None:
        text = message.text.strip()
        if self.answer is None or text != self.answer.asked.strip():
            self.ask(text, self.current)
        if message.final:
            self.suggestions.show(())
            self.remember(text)
            self.set_focus(self.grid)

    def remember(self, text: str) -> None:
        """Keep a question in the user's history."""
        if text:
            self.work("remember", lambda: self.library.user().remember(text), lambda done: None)

    def on_query_bar_typed(self, message: QueryBar.Typed) -> None:
        text, cursor = message.text, message.cursor

        def deliver(found: Sequence[Completion]) -> None:
            present = self.bar.has_focus and self.bar.value == text
            self.completions = tuple(item for item in found if present and text[item.start : item.stop] != item.text)
            self.suggestions.show(
                [(item.text, "" if item.count is None else str(item.count)) for item in self.completions],
                self._suggestion_x(),
            )

        # a completion that fails is logged; a toast for each key would be in the way of typing
        self.work("complete", lambda: self.library.complete(text, cursor), deliver, lambda error: None)

    completions: tuple[Completion, ...] = ()

    def _suggestion_x(self) -> int:
        start = self.completions[0].start if self.completions else 0
        return start + 1

    def on_query_bar_wanted(self, message: QueryBar.Wanted) -> None:
        if message.what == "complete":
            self._complete()
        elif message.what == "recall":
            self._recall(message.direction)
        elif message.what == "chips":
            if self.chips.chips:
                self.set_focus(self.chips)
        else:
            self.set_focus(self.grid)

    def _complete(self) -> None:
        if not self.completions:
            return
        taken = self.completions[0]
        text = self.bar.value
        self.bar.value = text[: taken.start] + taken.text + text[taken.stop :]
        self.bar.cursor_position = taken.start + len(taken.text)

    def _recall(self, direction: int) -> None:
        """The question asked before what stands in the bar; the session's first, then the user's history."""

        def deliver(asked: Sequence[str]) -> None:
            known = list(dict.fromkeys([*reversed(self.trail), *reversed(asked)]))
            text = self.bar.value
            index = known.index(text) - direction if text in known else 0
            if 0 <= index < len(known) and known[index] != text:
                self.bar.value = known[index]
                self.bar.cursor_position = len(known[index])

        self.work("recall", lambda: list(self.library.user().history()), deliver)

    # -- the chips

    @property
    def asked(self) -> Query:
        """The query that is answered now."""
        from core.search.query import Query

        return self.answer.query if self.answer else Query()

    def put(self, query: Query, keep: str | None = None) -> None:
        """Rewrite the bar as the canonical line of a query, and ask it."""
        self.bar.put(str(query))
        self.typing = False
        self.ask(str(query), keep or self.current)

    def on_chips_removed(self, message: Chips.Removed) -> None:
        from core.search.query import chips, without

        if message.index < len(chips(self.asked)):
            self.put(without(self.asked, message.index))

    def on_chips_edited(self, message: Chips.Edited) -> None:
        """The canonical line in the bar, the chip's part of it selected."""
        from textual.widgets.input import Selection

        from core.search.query import chips

        parts = chips(self.asked)
        line = str(self.asked)
        start = line.find(parts[message.index].text)
        self.set_focus(self.bar)
        self.bar.put(line)
        if start >= 0:
            self.bar.selection = Selection(start, start + len(parts[message.index].text))

    def on_chips_left(self) -> None:
        self.set_focus(self.bar)

    # -- columns and cells

    def on_grid_sort_wanted(self, message: Grid.SortWanted) -> None:
        from core.search.query import with_sort

        present = self.asked.sort[0] if self.asked.sort else None
        descending = not present[1] if present and present[0] == message.field else message.field in DATES
        self.put(with_sort(self.asked, message.field, descending))

    def action_filter(self, exclude: bool) -> None:
        """The value under the cursor, in the grid or in a pane, becomes a chip."""
        from core.search.query import with_filter

        field, value = self._under_cursor()
        if field in NO_FILTERS:
            self.tell(NO_FILTERS[field])
            return
        self.put(with_filter(self.asked, field, value, exclude))

    def action_values(self) -> None:
        """The values that the models of the answer have, counted; the one that is taken becomes a chip."""
        answer = self.answer
        if answer is None:
            return

        def deliver(found: Sequence[Facet]) -> None:
            from core.search.query import narrowed
            from tui.app.dialogs.choose import Choose
            from tui.app.facets import narrowing, options

            filters = narrowing(found, len(answer.ids))
            if not filters:
                self.tell("the results have no values that tell them apart")
                return

            def taken(number: str | None) -> None:
                if number is not None:
                    self.put(narrowed(self.asked, filters[int(number)][0]))

            self.app.push_screen(Choose(f"Values of {len(answer.ids)} models", options(filters)), taken)

        self.work("values", lambda: self.library.facets(answer), deliver)

    def _under_cursor(self) -> tuple[str, Value]:
        from tui.app.widgets.lines import LineView

        if isinstance(self.focused, LineView):
            line = self.focused.current
            return (line.field, _day(line.field, line.value)) if line else ("", None)
        field, values = self.grid.cell_at_cursor
        return field, _day(field, values[0] if values else None)

    # -- earlier questions

    def action_travel(self, direction: int) -> None:
        at = self.at + direction
        if 0 <= at < len(self.trail):
            self.at = at
            self.typing = False
            self.bar.put(self.trail[at])
            self.ask(self.trail[at], self.current, trail=False)
        else:
            self.tell("no earlier question" if direction < 0 else "no later question")

    def action_history(self) -> None:
        from tui.app.dialogs.choose import Option

        def deliver(asked: Sequence[str]) -> None:
            known = dict.fromkeys([*reversed(self.trail), *reversed(asked)])
            self._choose_question("Questions asked before", [Option(text, text) for text in known if text])

        self.work("history", lambda: list(self.library.user().history()), deliver)

    def action_saved(self) -> None:
        from tui.app.dialogs.choose import Option

        def deliver(saved: dict[str, str]) -> None:
            if saved:
                options = [Option(text, name, text) for name, text in saved.items()]
                self._choose_question(
                    "Saved questions",
                    options,
                    lambda gone: self._save(gone.text, "", f"{gone.text} is no longer saved"),
                )
            else:
                self.tell("nothing saved yet: ctrl+s saves the question")

        self.work("saved", lambda: dict(self.library.user().saved()), deliver)

    def _choose_question(
        self, title: str, options: list[Option], remove: Callable[[Option], None] | None = None
    ) -> None:
        from tui.app.dialogs.choose import Choose

        def taken(text: str | None) -> None:
            if text is not None:
                self.bar.put(text)
                self.typing = False
                self.ask(text)
                self.set_focus(self.grid)

        self.app.push_screen(Choose(title, options, remove), taken)

    def action_save(self) -> None:
        from tui.app.dialogs.choose import Prompt

        question = self.answer.asked.strip() if self.answer else ""
        if not question:
            self.tell("all models are shown: there is no question to save")
            return

        def named(text: str | None) -> None:
            name = (text or "").strip()
            if name:
                self._save(name, question, f"saved as {name}")

        check = lambda name: None if name.strip() else "a saved question needs a name"  # noqa: E731
        self.app.push_screen(
            Prompt("Save the question", hint=plain(question), placeholder="name", check=check),
            named,
        )

    def _save(self, name: str, question: str, said: str) -> None:
        """Keep a question as it was typed, so that "last week" stays last week; an empty one takes the name away."""
        self.work("save", lambda: self.library.user().save(name, question), lambda done: self.tell(plain(said)))


def _day(field: str, value: Value) -> Value:
    """A date as a question says it: the day."""
    return value[:10] if field in DATES and isinstance(value, str) else value


def _compared(query: Query) -> tuple[str, ...]:
    """The fields that a question compares with something, demands or sorts by, each once."""
    from core.search.query import Filter, leaves

    compared = [leaf.field for leaf, _ in leaves(query.expr) if isinstance(leaf, Filter) and leaf.op != ":"]
    return tuple(dict.fromkeys([*(name for name, _ in query.sort), *compared]))
