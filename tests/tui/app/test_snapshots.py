"""Pictures of the screen. `pytest --snapshot-update` makes them anew after a change that was looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from core.configuration import Configuration
from core.progress import Step
from tests.tui.app.fake import FakeLibrary
from tests.tui.app.test_keys import Open, settle
from tui.app.screen import MainScreen

Compare = Callable[..., bool]
WIDE, SMALL = (140, 40), (80, 24)


def keys(*pressed: str) -> Callable[[Pilot[None]], Any]:
    """Presses keys, each followed to its end."""

    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        for key in pressed:
            await pilot.press(key)
            await settle(pilot)

    return run


@pytest.fixture
def same(snap_compare: Compare, opened: Open) -> Callable[..., bool]:
    def compare(*pressed: str, size: tuple[int, int] = WIDE, **how: Any) -> bool:
        return snap_compare(opened(**how), terminal_size=size, run_before=keys(*pressed))

    return compare


def test_results_and_details(same: Compare) -> None:
    assert same()


def test_results_at_80_by_24(same: Compare) -> None:
    assert same("j", "space", size=SMALL)


def test_a_question_with_chips(same: Compare) -> None:
    assert same(question="dataset:MNIST -architecture:MLP sort:-learning_rate")


def test_the_bar_with_completions(same: Compare) -> None:
    assert same("slash", *"architecture", "colon", size=SMALL)


def test_a_chip_chosen(same: Compare) -> None:
    assert same("slash", "home", "left", question="architecture:VAE batch_size:64", size=SMALL)


def test_an_empty_answer(same: Compare) -> None:
    assert same(question="dataset:nothing")


def test_details_of_odd_names(same: Compare) -> None:
    assert same("G", "enter", "j")


def test_details_at_80_by_24(same: Compare) -> None:
    assert same("enter", "j", "j", "j", "j", size=SMALL)


def test_diff(same: Compare) -> None:
    assert same("space", "space", "d", "n", "n")


def test_diff_at_80_by_24(same: Compare) -> None:
    assert same("space", "space", "d", "n", size=SMALL)


def test_table_of_three(same: Compare) -> None:
    assert same("space", "space", "space", "d", "n")


def test_images(same: Compare) -> None:
    assert same("i", "right_square_bracket")


def test_images_at_80_by_24(same: Compare) -> None:
    assert same("i", size=SMALL)


def test_report(same: Compare) -> None:
    assert same("r")


def test_source_at_the_fact(same: Compare) -> None:
    assert same("enter", "j", "j", "j", "enter")


def test_help(same: Compare) -> None:
    assert same("question_mark")


def test_columns(same: Compare) -> None:
    assert same("c", "space", "down", size=SMALL)


def test_first_run(same: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")  # the folder that it offers is shown
    assert same(on=FakeLibrary(items=()), size=SMALL)


def test_light_theme(same: Compare) -> None:
    assert same("enter", "j", configuration=Configuration(theme="modelsearch-light"))


def test_the_terminals_own_colours(same: Compare) -> None:
    assert same("space", "l", configuration=Configuration(theme="terminal"))


def test_without_colours(same: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert same("i", size=SMALL)


def test_progress_while_indexing(snap_compare: Compare, opened: Open) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        screen.progress.show(Step("analyse", 120, 400, "flowers/v2/train.py"))
        await pilot.pause()

    assert snap_compare(opened(), terminal_size=SMALL, run_before=run)
