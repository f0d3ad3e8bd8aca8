"""Every key of every pane, pressed."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from core.analysis.facts import Place
from core.configuration import Configuration
from core.search.answer import PictureHit
from core.search.query import Chip
from tests.tui.app.fake import FakeLibrary
from tui.app import editor
from tui.app.application import ModelSearchApp
from tui.app.dialogs.choose import Choose, Page, Prompt
from tui.app.dialogs.first_run import FirstRun
from tui.app.keys import mapped
from tui.app.panes.images import Tile
from tui.app.screen import MainScreen

Open = Callable[..., ModelSearchApp]


async def settle(pilot: Pilot[None]) -> None:
    """Until workers, timers of typing and messages have come to rest."""
    for _ in range(3):
        await pilot.pause(0.01)
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@asynccontextmanager
async def running(
    app: ModelSearchApp, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[tuple[Pilot[None], MainScreen]]:
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        screen = app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        yield pilot, screen


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


def drawn(screen: MainScreen) -> str:
    """The text on the screen."""
    return "\n".join("".join(segment.text for segment in strip) for strip in screen._compositor.render_strips())


async def test_first_rows_and_details(opened: Open) -> None:
    async with running(opened()) as (_, screen):
        text = drawn(screen)
        assert "digits/vae_wide" in text
        assert "vae.py:6" in text, "a fact without its place"
        assert "6 models" in text


async def test_details_that_are_on_their_way_are_not_said_to_be_missing(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MainScreen, "load_details", lambda self: None)
    async with running(opened()) as (_, screen):
        assert screen.current is not None and "No model is chosen" not in drawn(screen)


async def test_moving_in_the_grid(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "j", "down")
        assert screen.current == "digits/dcgan"
        await press(pilot, "k", "up", "up")
        assert screen.grid.cursor == 0
        await press(pilot, "G")
        assert screen.grid.cursor == 5
        await press(pilot, "g")
        assert screen.grid.cursor == 0
        await press(pilot, "pagedown")
        assert screen.grid.cursor == 5
        await press(pilot, "pageup")
        assert screen.grid.cursor == 0


async def test_typing_answers_without_enter_and_keeps_the_text(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "slash", *"architecture", "colon", *"VAE")
        assert screen.grid.results.total == 2
        assert [chip.text for chip in screen.chips.chips] == ["architecture:VAE"]
        await press(pilot, "escape")
        assert screen.focused is screen.grid
        assert screen.bar.value == "architecture:VAE"
        await press(pilot, "slash", "down")
        assert screen.focused is screen.grid


async def test_completion_and_history(opened: Open, library: FakeLibrary) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "slash", *"architecture", "colon", "V")
        assert screen.suggestions.display
        await press(pilot, "tab")
        assert screen.bar.value == "architecture:VAE"
        await press(pilot, "enter")
        assert library.keeper.asked == ["architecture:VAE"]
        assert not screen.suggestions.display
        await press(pilot, "slash", "ctrl+a", "ctrl+k")
        await press(pilot, "up")
        assert screen.bar.value == "architecture:VAE"
        await press(pilot, "ctrl+r")
        assert isinstance(pilot.app.screen, Choose)
        await press(pilot, "enter")
        assert screen.bar.value == "architecture:VAE"


async def test_chips_are_removed_and_edited(opened: Open) -> None:
    async with running(opened(question="architecture:VAE batch_size:64")) as (pilot, screen):
        assert screen.grid.results.total == 1
        await press(pilot, "slash", "home", "left")
        assert screen.focused is screen.chips
        await press(pilot, "delete")
        assert screen.bar.value == "architecture:VAE"
        assert screen.grid.results.total == 2
        await press(pilot, "enter")
        assert screen.focused is screen.bar
        assert screen.bar.selected_text == "architecture:VAE"


async def test_a_long_chip_leaves_room_for_the_others(opened: Open) -> None:
    async with running(opened(question="architecture:VAE")) as (_, screen):
        chips = [Chip(text, "filter") for text in ("architecture:VAE", f"datasets:{'MNIST,' * 40}", "epochs>5")]
        screen.chips.show(chips, "4 of 37 models")
        shown = {piece.tag: piece.text for piece in screen.chips.pieces() if piece.tag}
        assert set(shown) == {"0", "1", "2"} and "…" in shown["1"] and "epochs>5" in shown["2"]


async def test_the_cursor_stays_where_one_goes_while_an_answer_is_on_its_way(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(opened()) as (pilot, screen):
        gate, search = threading.Event(), screen.library.search
        monkeypatch.setattr(screen.library, "search", lambda text: search(text) if gate.wait(10) else None)
        screen.ask_again()
        await pilot.press("j", "j")
        gone_to = screen.current
        gate.set()
        await settle(pilot)
        assert screen.current == gone_to == screen.answer.ids[2]


async def test_where_chips_are_cut_their_values_stay(opened: Open) -> None:
    async with running(opened(question="architecture:VAE"), size=(80, 24)) as (_, screen):
        texts = ("architecture:VAE", "datasets:CelebA", "optimizer:RMSprop", "batch_size:64")
        screen.chips.show([Chip(text, "filter") for text in texts], "4 of 37 models")
        shown = "".join(piece.text for piece in screen.chips.pieces())
        assert all(said in shown for said in (":VAE", ":64", "\u2026:Ce"))
        assert "architect" not in shown


async def test_chip_keys_leave_again(opened: Open) -> None:
    async with running(opened(question="architecture:VAE batch_size:64")) as (pilot, screen):
        await press(pilot, "slash", "home", "left", "left")
        assert screen.chips.cursor == 0
        await press(pilot, "right", "escape")
        assert screen.focused is screen.bar


async def test_an_empty_answer_names_the_next_step(opened: Open) -> None:
    async with running(opened(question="dataset:nothing")) as (_, screen):
        text = drawn(screen)
        assert "No model meets all of this." in text
        assert "without the first condition" in text


async def test_filter_and_exclude_from_a_cell(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "l", "l")
        assert screen.grid.cell_column == "dataset"
        await press(pilot, "f")
        assert screen.grid.results.total == 3
        await press(pilot, "H")
        assert screen.grid.results.total == 6
        await press(pilot, "F")
        assert screen.grid.results.total == 3
        assert "-" in screen.bar.value


async def test_filter_from_a_fact(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        view = screen.lines("details")
        await press(pilot, "enter")
        while view.current is None or view.current.value != "VAE":
            await pilot.press("j")
        await press(pilot, "f")
        assert screen.bar.value == "architecture:VAE"


async def test_a_value_of_the_results_becomes_a_filter(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "v")
        assert isinstance(pilot.app.screen, Choose)
        texts = [option.text.split(maxsplit=1) for option in pilot.app.screen.options]
        counts = {tuple(text): option.note for text, option in zip(texts, pilot.app.screen.options, strict=True)}
        (field, value), count = next(iter(counts.items()))
        await press(pilot, "enter")
        assert screen.bar.value.startswith(f"{field}:") and screen.grid.results.total == int(count)
        assert value.split()[0] in screen.bar.value


async def test_sort_and_reverse(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "l", "l", "l", "l", "s")
        assert screen.bar.value == "sort:learning_rate"
        assert screen.grid.results.ids[0] in ("digits/vae_wide", "digits/dcgan")
        assert screen.grid.results.ids[-1] == "text/transformer"
        await press(pilot, "s")
        assert screen.bar.value == "sort:-learning_rate"
        assert screen.grid.results.ids[0] == "text/transformer"


async def test_what_is_sorted_or_compared_by_has_a_column(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "slash", *"sort:-settings.hidden", "enter")
        shown = screen.grid._placed[2].column
        assert (shown.name, shown.title) == ("settings.hidden", "hidden\u2193")
        await press(pilot, "slash", "ctrl+u", *"sort:learning_rate", "enter")
        assert "rate\u2191" in [item.column.title for item in screen.grid._placed]
        assert "settings.hidden" not in [item.column.name for item in screen.grid._placed]


async def test_cells_to_the_right_come_into_view(opened: Open) -> None:
    async with running(opened(), (80, 24)) as (pilot, screen):
        names = {item.column.name for item in screen.grid._placed}
        assert "modified" not in names
        for _ in range(20):
            await pilot.press("l")
        assert screen.grid._placed[-1].column.name == "path"
        for _ in range(20):
            await pilot.press("h")
        assert screen.grid.cell_column == "id"
        assert screen.grid._first == 0


async def test_columns_are_chosen(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "c", "space", "enter")
        names = [spec.name for spec in screen.grid.columns]
        assert "architecture" not in names
        assert names[:3] == ["rank", "id", "dataset"]


async def test_marks_survive_a_question_and_are_cleared(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "space", "space")
        assert list(screen.grid.marks) == ["digits/vae", "digits/vae_wide"]
        await press(pilot, "slash", *"SGD", "enter")
        assert list(screen.grid.marks) == ["digits/vae", "digits/vae_wide"]
        await press(pilot, "u")
        assert not screen.grid.marks


async def test_diff_of_two_marked_and_its_differences(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "space", "space", "d")
        view = screen.lines("diff")
        assert screen.focused is view
        await press(pilot, "n")
        first = view.cursor
        assert view.lines[first].stop
        await press(pilot, "n")
        assert view.cursor > first
        await press(pilot, "N")
        assert view.cursor == first
        text = "\n".join(item.text for item in view.lines)
        assert "1e-3" in text and "2e-4" in text and "Linear(784, 512)" in text and "@@" in text


async def test_diff_of_the_marked_and_the_current(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "space", "j", "d")
        head = screen.lines("diff").lines[0].text
        assert "digits/vae" in head and "digits/dcgan" in head


async def test_three_marked_give_a_table(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "space", "space", "space", "d")
        lines = screen.lines("diff").lines
        assert all(name in lines[0].text for name in ("vae", "vae_wide", "dcgan"))
        assert any(item.stop and item.field == "batch_size" for item in lines)


async def test_diff_needs_two(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "d")
        assert "Nothing is compared yet." in drawn(screen)


async def test_enter_goes_down_and_escape_comes_back(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "enter")
        assert screen.pane == "details"
        view = screen.lines("details")
        while view.current is None or view.current.field != "learning_rate":
            await pilot.press("j")
        await press(pilot, "enter")
        assert screen.pane == "source"
        current = screen.lines("source").current
        assert current is not None and "RATE = 0.001" in current.text
        await press(pilot, "escape")
        assert screen.pane == "details" and screen.focused is view
        await press(pilot, "escape")
        assert screen.focused is screen.grid
        await press(pilot, "escape")
        assert pilot.app.is_running


async def test_images_epochs_and_damaged(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "i")
        pane = screen.images()
        assert len(pane.hits) == 4
        assert "4 pictures, 1 damaged" in drawn(screen)
        assert len(screen.query(Tile)) == 4
        assert len(screen.query("HalfBlocks")) == 3
        assert len(screen.query(".damaged")) == 1
        await press(pilot, "right_square_bracket")
        assert pane.current is not None and pane.current.image.epoch == 5
        await press(pilot, "left_square_bracket")
        assert pane.current.image.epoch == 1
        await press(pilot, "n", "n", "n")
        assert pane.cursor == 3
        assert "damaged" in drawn(screen)
        await press(pilot, "n", "N")
        assert pane.cursor == 3
        await press(pilot, "enter")
        assert len(screen.query(Tile)) == 1
        await press(pilot, "enter", "g", "l", "j", "k", "h")
        assert len(screen.query(Tile)) == 4


async def test_pictures_of_a_sweep_are_stepped_through_by_the_value_of_their_setting(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "i")
        pane = screen.images()
        image = pane.hits[0].image
        values = ["beta=0.5", "beta=4", "beta=10", "loss curve"]
        swept = [replace(image, path=f"{value}.png", epoch=None, label=value) for value in sorted(values)]
        pane.show([PictureHit("digits/vae", item) for item in swept], "a sweep")
        await press(pilot, "right_square_bracket")
        assert [str(moment) for moment in pane.moments] == ["0.5", "4", "10"], "values are in order of size"
        assert pane.current is not None and pane.current.image.label == "beta=4"
        await press(pilot, "right_square_bracket")
        assert pane.current.image.label == "beta=10"
        assert "beta 10" in drawn(screen)
        pane.show([PictureHit("digits/vae", item) for item in [image, *swept]], "epochs, then a sweep")
        assert "5 pictures by epoch and by beta" in pane.heading
        await press(pilot, "right_square_bracket")
        assert pane.current.image.label == "beta=0.5", "past the last epoch the sweep begins"
        await press(pilot, "left_square_bracket")
        assert pane.current.image.epoch == 1


async def test_escape_leads_from_one_picture_to_all_before_it_leaves_them(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "i", "enter", "escape")
        assert screen.focused is screen.images() and not screen.images().large
        await press(pilot, "escape")
        assert screen.focused is screen.grid


async def test_the_pictures_follow_the_model_in_the_grid(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "i", "escape", "j")
        assert screen.focused is screen.grid and screen.pane == "images"
        assert screen.images().heading.startswith(f"{screen.current}: no pictures were found")
        await press(pilot, "k")
        assert screen.images().heading.startswith(f"{screen.current}  4 pictures")


async def test_the_pictures_that_a_question_asks_for_stay(opened: Open) -> None:
    async with running(opened(question="pictures")) as (pilot, screen):
        for key in ("3", "escape", "i", "escape", "j", "k"):
            await press(pilot, key)
            assert screen.images().heading.startswith("the question's pictures  4 pictures")


async def test_images_of_a_model_without_any(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "j", "i")
        assert "no pictures were found" in drawn(screen)
        await press(pilot, "n", "right_square_bracket", "enter", "escape")
        assert screen.focused is screen.grid


async def test_report_is_written_and_copied(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "r")
        text = "\n".join(item.text for item in screen.lines("report").lines)
        assert "digits/vae is built with PyTorch. [vae.py:2]" in text
        await press(pilot, "n", "enter")
        assert screen.pane == "source"
        await press(pilot, "y")
        assert isinstance(pilot.app.screen, Choose)
        await press(pilot, *"report", "enter")
        assert "built with PyTorch" in pilot.app.clipboard


async def test_report_is_stopped_by_its_key(opened: Open, library: FakeLibrary) -> None:
    library.hold = True
    async with running_report(opened()) as (pilot, screen):
        assert screen.writing
        assert "The model is" in "\n".join(item.text for item in screen.lines("report").lines)
        await pilot.press("r")
        await settle(pilot)
        assert not screen.writing
        assert screen.lines("report").lines[0].text.startswith("stopped")


@asynccontextmanager
async def running_report(app: ModelSearchApp) -> AsyncIterator[tuple[Pilot[None], MainScreen]]:
    """The app while a report is being written, which `settle` would wait for."""
    async with running(app) as (pilot, screen):
        await pilot.press("r")
        await pilot.pause(0.2)
        yield pilot, screen


async def test_panes_by_number_and_full_screen(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        for number, name in enumerate(("details", "diff", "images", "report", "source"), start=1):
            await press(pilot, str(number))
            assert screen.pane == name
            assert screen.focused is screen.views[name]
        await press(pilot, "z")
        assert not screen.grid.display or screen.grid.size.width == 0
        await press(pilot, "z", "tab")
        assert screen.focused is screen.grid
        await press(pilot, "tab")
        assert screen.focused is screen.views["source"]
        await press(pilot, "shift+tab", "z")
        assert screen.has_class("-full")
        await press(pilot, "escape")
        assert not screen.has_class("-full")


async def test_one_pane_at_a_time_below_120_columns(opened: Open) -> None:
    async with running(opened(), (80, 24)) as (pilot, screen):
        assert screen.grid.size.width >= 79
        await press(pilot, "enter")
        assert screen.lines("details").size.width >= 78
        assert screen.grid.size.width == 0
        await press(pilot, "escape")
        assert screen.grid.size.width >= 79
        await pilot.resize_terminal(140, 40)
        await settle(pilot)
        assert screen.grid.size.width > 60 and screen.lines("details").size.width > 40


async def test_copy_of_id_path_and_cell(opened: Open) -> None:
    async with running(opened()) as (pilot, _):
        await press(pilot, "y", "enter")
        assert pilot.app.clipboard == "digits/vae"
        await press(pilot, "y", "down", "enter")
        assert pilot.app.clipboard == "/models/digits/vae.py"
        await press(pilot, "l", "l", "y", *"cell", "enter")
        assert pilot.app.clipboard == "MNIST"


async def test_tags_and_notes(opened: Open, library: FakeLibrary) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "t", "number_sign", *"best", "enter")
        assert library.keeper.tags("digits/vae") == ["best"]
        await press(pilot, "t", *"again", "enter")
        assert library.keeper.notes("digits/vae") == ["again"]
        assert "#best" in drawn(screen)
        await press(pilot, "space", "space", "t", "number_sign", *"pair", "enter")
        assert library.keeper.tags("digits/vae_wide") == ["pair"]
        await press(pilot, "u", "g", "t", "minus", "number_sign", *"best", "enter")
        assert library.keeper.tags("digits/vae") == ["pair"]


@pytest.mark.parametrize("suffix", ["csv", "json", "md"])
async def test_export(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(opened()) as (pilot, _):
        await press(pilot, "e")
        assert isinstance(pilot.app.screen, Prompt)
        pilot.app.screen.query_one("#line").value = f"out.{suffix}"  # type: ignore[attr-defined]
        await press(pilot, "enter")
    text = (tmp_path / f"out.{suffix}").read_text()
    if suffix == "csv":
        rows = list(csv.DictReader(text.splitlines()))
        assert [row["id"] for row in rows][:2] == ["digits/vae", "digits/vae_wide"]
        assert rows[0]["rate"] == "1e-3"
    elif suffix == "json":
        assert [json.loads(item)["id"] for item in text.splitlines()][:2] == ["digits/vae", "digits/vae_wide"]
    else:
        assert text.startswith("| model | ") and "| digits/vae_wide |" in text


async def test_export_never_replaces_a_file(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.csv").write_text("mine")
    async with running(opened()) as (pilot, _):
        await press(pilot, "e", "enter")
        assert isinstance(pilot.app.screen, Prompt)
        await press(pilot, "escape")
    assert (tmp_path / "models.csv").read_text() == "mine"


async def test_questions_are_travelled_and_saved(opened: Open, library: FakeLibrary) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "slash", *"SGD", "enter")
        await press(pilot, "slash", "ctrl+a", "ctrl+k", *"Adam", "enter")
        assert screen.trail == ["", "SGD", "Adam"]
        await press(pilot, "H")
        assert screen.bar.value == "SGD" and screen.grid.results.total == 3
        await press(pilot, "L")
        assert screen.bar.value == "Adam"
        await press(pilot, "ctrl+s", *"mine", "enter")
        assert "Adam" in library.keeper.questions["mine"]
        await press(pilot, "H", "H", "ctrl+o", "enter")
        assert "Adam" in screen.bar.value


async def test_roots_are_refreshed_and_added(opened: Open, library: FakeLibrary, tmp_path: Path) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "R")
        assert library.indexed == [[]]
        await press(pilot, "a", "enter")
        assert str(pilot.app.screen.query_one("#complaint", Static).content) == "type the path of a folder or a file"
        pilot.app.screen.query_one("#line").value = str(tmp_path)  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert library.indexed[-1] == [tmp_path]
        assert not screen.progress.display


async def test_first_run_offers_the_demo(opened: Open) -> None:
    empty = FakeLibrary(items=())
    async with running(opened(on=empty)) as (pilot, _):
        assert isinstance(pilot.app.screen, FirstRun)
        await press(pilot, "enter")
        assert empty.indexed[0][0].name == "zoo"


async def test_help_is_of_the_focus(opened: Open) -> None:
    async with running(opened()) as (pilot, _):
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, Page)
        text = "\n".join(item.text for item in pilot.app.screen.query_one("#page").lines)  # type: ignore[attr-defined]
        assert "The results" in text and "mark or unmark the model" in text
        await press(pilot, "escape", "i", "question_mark")
        text = "\n".join(item.text for item in pilot.app.screen.query_one("#page").lines)  # type: ignore[attr-defined]
        assert "Images" in text and "next epoch" in text


async def test_editor_is_asked_for(opened: Open) -> None:
    async with running(opened()) as (pilot, _):
        await press(pilot, "o")
        assert any("$EDITOR" in toast.message for toast in pilot.app._notifications)


@pytest.mark.parametrize(
    ("words", "told"),
    [(" ", "set $EDITOR"), ("vi 'x", "No closing quotation"), ("/no/such/editor -w", "/no/such/editor: No such file")],
)
async def test_an_editor_that_cannot_be_run_is_told(
    opened: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, told: str
) -> None:
    monkeypatch.setenv("EDITOR", words)
    script = tmp_path / "train.py"
    script.write_text("")
    async with running(opened()) as (pilot, screen):
        monkeypatch.setattr(pilot.app, "suspend", nullcontext)
        screen.open_editor(Place(str(script), 3, 3))
        await settle(pilot)
        assert any(told in toast.message for toast in pilot.app._notifications)


def test_editors_are_told_the_line_in_their_own_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = str(tmp_path / "train.py")
    place = Place(script, 3, 3)
    monkeypatch.setenv("EDITOR", "vi")
    assert editor.command(place) == f"{script} is not there now"
    Path(script).write_text("")
    for words, wanted in (("vi", ["vi", "+3", script]), ("code --wait", ["code", "--wait", "-g", f"{script}:3"])):
        monkeypatch.setenv("EDITOR", words)
        assert editor.command(place) == wanted
    assert editor.run(["/bin/sh", "-c", "exit 3"]) == "/bin/sh ended with status 3"


@pytest.mark.parametrize("path", ["~nobody-of-this-name/x", "/" + "a" * 300, "/tmp/\0"])
async def test_odd_paths_are_no_folders_and_no_files(opened: Open, path: str) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "a")
        pilot.app.screen.query_one("#line").value = path  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert str(pilot.app.screen.query_one("#complaint", Static).content).startswith("there is no ")
        await press(pilot, "escape", "e")
        pilot.app.screen.query_one("#line").value = f" {path}.csv "  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert pilot.app.screen is not screen or pilot.app._notifications


async def test_tags_and_notes_are_taken_away(opened: Open, library: FakeLibrary) -> None:
    async with running(opened()) as (pilot, _):
        for line in ("#a,b #c d", "-#a #e -#b d", "-"):
            await press(pilot, "t")
            pilot.app.screen.query_one("#line").value = line  # type: ignore[attr-defined]
            await press(pilot, "enter")
        assert library.keeper.tags("digits/vae") == ["c", "e"]
        assert library.keeper.notes("digits/vae") == [""]
        await press(pilot, "t", "number_sign", "enter")
        assert str(pilot.app.screen.query_one("#complaint", Static).content) == "a tag needs a name"


async def test_a_saved_question_keeps_its_words_and_can_be_removed(opened: Open, library: FakeLibrary) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "ctrl+s")
        assert pilot.app.screen is screen and any("no question" in told.message for told in pilot.app._notifications)
        await press(pilot, "slash", *"Adam", "space", "s", "o", "r", "t", "colon", "i", "d", "enter")
        await press(pilot, "ctrl+s", *"mine", "space", "enter")
        assert library.keeper.questions == {"mine": "Adam sort:id"}
        await press(pilot, "ctrl+o", "delete")
        assert library.keeper.questions["mine"] == ""


async def test_palette_runs_a_command(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "ctrl+p", *"unmark")
        await pilot.press("escape")
        await press(pilot, "space")
        assert screen.grid.marks


async def test_an_error_becomes_a_toast_and_a_log_line(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    async with running(opened(question="explode")) as (pilot, screen):
        assert "on fire" in drawn(screen)
        assert "on fire" in caplog.text
        await press(pilot, "slash", "ctrl+a", "ctrl+k", *"VAE", "enter")
        assert screen.grid.results.total == 2


async def test_keys_are_remapped(opened: Open) -> None:
    configuration = Configuration(keys={"do.diff": "x", "no.such": "y"})
    async with running(opened(configuration=configuration)) as (pilot, screen):
        assert any("no.such" in toast.message for toast in pilot.app._notifications)
        await press(pilot, "space", "space", "x")
        assert screen.pane == "diff"
        await press(pilot, "escape", "escape")
        assert "x diff" in drawn(screen)


@pytest.mark.parametrize(
    ("configured", "keys", "problems"),
    [
        ({"do.tag": "T"}, {"do.tag": "T"}, []),
        ({"ask.save": "F2, ctrl+S"}, {"ask.save": "f2,ctrl+s"}, []),
        ({"roots.add": "+", "do.tag": ","}, {"roots.add": "plus", "do.tag": "comma"}, []),
        ({"do.copy": "d", "do.diff": "y"}, {"do.copy": "d", "do.diff": "y"}, []),
        ({"do.copy": "d"}, {}, ["do.copy: d is the key of do.diff, which needs another one first"]),
        ({"ask.bar": "?"}, {}, ["ask.bar: ? is the key of app.help, which needs another one first"]),
        ({"bar.complete": "q"}, {"bar.complete": "q"}, []),
        ({"do.tag": "Esc"}, {}, ['do.tag: there is no key "Esc"; do you mean escape?']),
        ({"do.diffs": "x"}, {}, ["no key is called do.diffs; do you mean do.diff?"]),
    ],
)
def test_keys_of_a_config_file(configured: dict[str, str], keys: dict[str, str], problems: list[str]) -> None:
    assert mapped(configured) == (keys, problems)


async def test_opening_on_a_diff(opened: Open) -> None:
    async with running(opened(diff=("digits/vae", "digits/dcgan"))) as (_, screen):
        assert screen.pane == "diff"
        assert "digits/dcgan" in screen.lines("diff").lines[0].text


async def test_text_of_files_is_never_interpreted(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "G", "enter")
        text = drawn(screen)
        assert "[red]name" in text and "[bold]markup[/bold]" in text
        assert not {"\x1b", "\u202e", "\x07"} & set(text)


async def test_stale_answers_are_dropped(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        screen.ask("SGD")
        screen.ask("VAE")
        await settle(pilot)
        assert screen.answer is not None and screen.answer.asked == "VAE"
        assert screen.grid.results.total == 2


async def test_the_mouse_works(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await pilot.click("#grid", offset=(5, 3))
        await settle(pilot)
        assert screen.current == "digits/dcgan"
        await pilot.click("#tabs", offset=(13, 0))
        await settle(pilot)
        assert screen.pane == "diff"


async def test_quit(opened: Open, library: FakeLibrary) -> None:
    async with running(opened()) as (pilot, _):
        await pilot.press("q")
        await pilot.pause(0.2)
    assert library.closed


async def test_fast_typing_after_the_slash_is_not_lost(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        for key, character in (("slash", "/"), ("v", "v"), ("a", "a"), ("e", "e"), ("slash", "/")):
            pilot.app.post_message(events.Key(key, character))
        await settle(pilot)
        assert screen.bar.value == "vae/"


async def test_questions_open_the_pane_that_answers_them(opened: Open) -> None:
    async with running(opened(question="pictures")) as (pilot, screen):
        assert screen.pane == "images"
        assert screen.focused is screen.grid, "a question must not take the focus"
        assert len(screen.images().hits) == 4
        await press(pilot, "slash", "ctrl+a", "ctrl+k", *"compare")
        assert screen.pane == "diff" and screen.focused is screen.bar
        assert "digits/vae_wide" in screen.lines("diff").lines[0].text
        await press(pilot, "ctrl+a", "ctrl+k", *"VAE", "enter")
        assert screen.pane == "details"


async def test_escape_and_a_key_close_behind_it_are_two_keys(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        await press(pilot, "slash", "v", "escape", "alt+j")
        assert screen.focused is screen.grid
        assert screen.bar.value == "v"
        await press(pilot, "slash")
        pilot.app.post_message(events.Key("escape", "\x1b"))
        pilot.app.post_message(events.Key("space", " "))
        await settle(pilot)
        assert screen.bar.value == "v", "what follows Escape at once went to the bar"
        assert len(screen.grid.marks) == 1
        await press(pilot, "slash", "alt+shift+g")
        assert screen.grid.cursor == screen.grid.results.total - 1


async def test_theme_and_columns_are_kept_and_the_order_is_not(opened: Open) -> None:
    async with running(opened()) as (pilot, screen):
        pilot.app.theme = "modelsearch-light"
        await press(pilot, "c", *["space", "down"] * 2, "enter")
        shown = [spec.name for spec in screen.grid.columns]
        assert "architecture" not in shown
        await press(pilot, "s")
        assert screen.asked.sort
    async with running(opened()) as (pilot, screen):
        assert pilot.app.theme == "modelsearch-light"
        assert [spec.name for spec in screen.grid.columns] == shown
        assert not screen.asked.sort, "an empty question is the newest first"
    async with running(opened(configuration=Configuration(columns=("rate",), theme="modelsearch"))) as (pilot, screen):
        assert pilot.app.theme == "modelsearch", "what the file says now goes before an older choice"
        assert [spec.name for spec in screen.grid.columns] == ["rank", "id", "rate"]
        assert screen.bar.value == ""


async def test_a_damaged_state_file_is_only_forgotten(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "state" / "modelsearch" / "screen.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"theme": {"chosen": 3}, "columns": ')
    async with running(opened()) as (pilot, _):
        assert pilot.app.theme == "modelsearch"
        await press(pilot, "c", "space", "enter")
        assert json.loads(path.read_text())["columns"]["chosen"]
