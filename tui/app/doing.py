"""Doing: report, copy, tag, export, open in an editor, columns, help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.message import Message

from tui.app.columns import COLUMNS
from tui.app.showing import EMPTY, Showing, hint
from tui.app.text import plain, typed_path, values

if TYPE_CHECKING:
    from core.analysis.facts import Place
    from core.report.document import Report
    from tui.app.dialogs.choose import Option


class Wrote(Message):
    """A piece of the report has been written."""

    def __init__(self, run: int, text: str) -> None:
        super().__init__()
        self.run, self.text = run, text


class Doing(Showing):
    """What is done with the models, from one key each."""

    report_text: str = ""
    report_run: int = 0
    writing: bool = False

    # -- report

    def action_report(self) -> None:
        if self.writing:
            self.stop_report()
            return
        ids = self.chosen
        if not ids:
            self.show_pane("report")
            return
        self._write(ids)

    def stop_report(self) -> None:
        self.report_run += 1
        self.writing = False
        self.cancel("report")
        self._draw_report("stopped; r writes it anew")

    def _write(self, ids: Sequence[str]) -> None:
        self.report_run += 1
        run, self.writing, self.report_text = self.report_run, True, ""
        self.show_pane("report")
        self.lines("report").show(hint(f"writing on {plain(', '.join(ids))} \u2026", "r stops it"))
        question = self.answer.asked if self.answer else ""

        def call() -> Report:
            return self.library.report(
                ids,
                question if len(ids) > 2 else "",
                on_text=lambda text: self._piece(run, text),
                stop=lambda: self.report_run != run,
            )

        self.work("report", call, self._written, self._not_written)

    def _piece(self, run: int, text: str) -> None:
        """Called in the worker."""
        if run == self.report_run:
            self.post_message(Wrote(run, text))

    def on_wrote(self, message: Wrote) -> None:
        if message.run == self.report_run and self.writing:
            self.report_text += message.text
            self._draw_report("writing \u2026 r stops it")

    def _written(self, report: Report) -> None:
        from tui.app.panes.report import finished

        self.writing = False
        self.report_text = report.to_markdown()
        self.lines("report").show(finished(report, "done; y copies it, Enter opens a sentence's source"))

    def _not_written(self, error: Exception) -> None:
        from tui.app.work import told

        self.writing = False
        self._draw_report(plain(told(error)))

    def _draw_report(self, status: str) -> None:
        from tui.app.panes import report

        view = self.lines("report")
        at = view.cursor
        view.document = (
            report.document(self.report_text, status) if self.report_text else hint(status, *EMPTY["report"][1:])
        )
        view.cursor = at
        view.rebuild()

    # -- copy

    def action_copy(self) -> None:
        from tui.app.dialogs.choose import Choose, Option

        id = self.current
        if id is None:
            return
        row = self.grid.row_at_cursor or {}
        options = [
            Option(id, "id", id),
            Option(values("path", row.get("path", ())), "path", values("path", row.get("path", ()))),
        ]
        options += self._focused_options()
        if self.report_text:
            options.append(Option(self.report_text, "report", f"{len(self.report_text.split())} words"))
        if len(self.grid.marks) > 1:
            options.append(Option("\n".join(self.grid.marks), "ids of the marked", str(len(self.grid.marks))))
        self.app.push_screen(Choose("Copy", options), self._copied)

    def _focused_options(self) -> list[Option]:
        """The cell or the line that has the cursor."""
        from tui.app.dialogs.choose import Option
        from tui.app.widgets.lines import LineView

        if isinstance(self.focused, LineView) and self.focused.current is not None:
            item = self.focused.current
            found = [Option(item.text.strip(), "line", item.text.strip())]
            if item.target is not None:
                place = f"{item.target.file}:{item.target.line}"
                found.append(Option(place, "place", place))
            return found
        field, items = self.grid.cell_at_cursor
        text = values(field, items)
        return [Option(text, f"cell: {self.grid.cell_column}", text)] if text and self.grid.cell_column != "id" else []

    def _copied(self, text: str | None) -> None:
        if text:
            from tui.app import clipboard

            self.app.copy_to_clipboard(text)
            self.work("copy", lambda: clipboard.copy(text), lambda done: None)
            self.tell(f"copied: {plain(text)[:60]}")

    # -- tags and notes

    def action_tag(self) -> None:
        from tui.app import tagging
        from tui.app.dialogs.choose import Prompt

        ids = self.chosen
        if not ids:
            return
        whose = plain(ids[0]) if len(ids) == 1 else f"{len(ids)} marked models"

        def typed(text: str | None) -> None:
            if text and text.strip():
                self.work("user", lambda: tagging.keep(self.library.user(), ids, text), lambda done: self._kept(text))

        self.app.push_screen(Prompt(f"Tag or note: {whose}", hint=tagging.HINT, check=tagging.complaint), typed)

    def _kept(self, text: str) -> None:
        self.tell(f"kept: {plain(text.strip())}")
        self.shown.pop("details", None)
        self.ask(self.answer.asked if self.answer else "", self.current, trail=False)

    # -- export

    def action_export(self) -> None:
        from tui.app.dialogs.choose import Prompt
        from tui.app.export import complaint, export

        answer = self.answer
        if answer is None or not answer.ids:
            self.tell("there are no results to export")
            return
        ids = list(self.grid.marks) or list(answer.ids)
        names = [item.name for item in self.grid.columns]

        def named(text: str | None) -> None:
            if text:
                path = typed_path(text)
                self.work(
                    "export",
                    lambda: export(self.library, ids, names, path),
                    lambda count: self.tell(f"{count} model{'s' if count != 1 else ''} written to {plain(path)}"),
                )

        what = f"{len(ids)} {'marked ' if self.grid.marks else ''}model{'s' if len(ids) != 1 else ''}"
        self.app.push_screen(
            Prompt(f"Export {what}", "models.csv", "the suffix chooses: .csv .json .md   Esc close", check=complaint),
            named,
        )

    # -- editor

    def action_editor(self) -> None:
        """The file at the line under the cursor, else the model's file."""
        from core.analysis.facts import Place
        from tui.app.widgets.lines import LineView

        if (
            isinstance(self.focused, LineView)
            and self.focused.current is not None
            and self.focused.current.target is not None
        ):
            self.open_editor(self.focused.current.target)
            return
        row = self.grid.row_at_cursor
        if row and row.get("path"):
            self.open_editor(Place(str(row["path"][0]), 1, 1))

    def open_editor(self, place: Place) -> None:
        from tui.app import editor

        command = editor.command(place)
        if isinstance(command, str):
            self.tell(command, severe=True)
            return
        try:
            with self.app.suspend():
                failed = editor.run(command)
        except SuspendNotSupported:
            failed = "this terminal cannot be handed to an editor"
        if failed:
            self.tell(failed, severe=True)
        self.refresh(layout=True)

    # -- columns and marks

    def action_columns(self) -> None:
        from tui.app.dialogs.choose import Option, Toggles

        fields = sorted({name for row in self.grid.results.rows.values() for name, found in row.items() if found})
        known = {spec.field for spec in COLUMNS}
        options = [Option(spec.name, spec.name) for spec in COLUMNS if spec.name not in ("rank", "id")]
        options += [
            Option(name, name.removeprefix("settings.").replace("_", " "), "field")
            for name in fields
            if name not in known
        ]
        present = [spec.name for spec in self.grid.columns]

        def taken(names: str | None) -> None:
            if names is not None:
                wanted = [name for name in names.split(",") if name not in ("", "rank", "id")]
                kept = [name for name in present if name in wanted]
                self.grid.choose([*kept, *(name for name in wanted if name not in kept)])
                self.keep("columns", tuple(spec.name for spec in self.grid.columns[2:]) if wanted else ())

        self.app.push_screen(Toggles("Columns", options, present, "none on: the usual ones"), taken)

    def action_clear_marks(self) -> None:
        self.grid.clear_marks()

    # -- help

    def action_help(self) -> None:
        from tui.app.dialogs.help import help_page

        self.app.push_screen(help_page(self.context, self.keymap))

    @property
    def context(self) -> str:
        """The name of what has the focus, for the footer and the help."""
        for name, widget in (("bar", self.bar), ("chips", self.chips), ("grid", self.grid)):
            if self.focused is widget:
                return name
        return self.pane if self.in_side else "grid"
