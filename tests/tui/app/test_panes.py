"""What panes are made of, without a screen: curves of metrics and pages of pictures."""

from __future__ import annotations

import codecs
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.facts import Place
from core.artifacts.records import Artefacts, Metric, Series
from core.compare.difference import CohortComparison, CohortRow, Spread
from tests.tui.app.fake import MODELS
from tui.app import SIGNS, _plainer, clipboard
from tui.app.panes.details import Known
from tui.app.panes.details import document as document_of
from tui.app.panes.diff import cohorts
from tui.app.panes.metrics import metrics, spark
from tui.app.panes.report import document
from tui.app.panes.tiling import pages

LOG = "/models/log.csv"


def shown(*series: Series, ends: tuple[Metric, ...] = ()) -> list[str]:
    return [line.text for line in metrics(MODELS[0], Artefacts(series=series, metrics=ends), 60)]


def test_a_metric_tells_its_first_best_and_last_value_and_its_place() -> None:
    points = tuple((float(epoch), value) for epoch, value in enumerate((4.0, 2.0, 1.0, 3.0), start=1))
    end = Metric("loss", 3.0, "test", 4, Place(LOG, 5, 5))
    lines = shown(Series(LOG, "loss", "test", "epoch", points, ""), ends=(end,))
    assert "▁" in lines[2] and lines[2].endswith("log.csv:5")
    assert lines[3].strip() == "4 → 3 at epoch 4, lowest 1 at 3"


def test_numbers_of_two_answers_are_told_as_a_grid_tells_them() -> None:
    def row(field: str, middle: float, low: float, high: float) -> CohortRow:
        spread = Spread(((low, 1), (high, 1)), 0, middle, low, high)
        return CohortRow(field, (spread, Spread((), 1)))

    rows = (
        row("parameters", 4293090.5, 3813379, 5860000),
        row("size", 7827, 7653, 8762),
        row("lines", 208.5, 204, 232),
    )
    told = "\n".join(line.text for line in cohorts(CohortComparison(("gan", "vae"), (2, 1), rows))(120))
    for words in ("median 4.29M, 3.81M to 5.86M", "median 7.8 kB, 7.7 kB to 8.8 kB", "median 208.5, 204 to 232"):
        assert words in told


def test_the_title_of_a_long_id_keeps_its_end_and_the_kind() -> None:
    long = replace(MODELS[0], id=f"lab/{'deep/' * 30}train")
    title = document_of(Known(long))(60)[0].text
    assert title.startswith("\u2026") and title.endswith("/train  script") and len(title) < 60


def test_series_of_one_name_from_several_logs_each_have_their_own_place() -> None:
    logs = [f"/a/seed{seed}.csv" for seed in range(2)]
    ends = tuple(Metric("return", 3.0, "", 4, Place(log, 5 + index, 5 + index)) for index, log in enumerate(logs))
    lines = shown(*(Series(log, "return", "", "epoch", ((1.0, 2.0), (4.0, 3.0)), "") for log in logs), ends=ends)
    assert [any(place in each for each in lines) for place in ("seed0.csv:5", "seed1.csv:6")] == [True, True]


def test_the_best_accuracy_is_the_highest_and_an_unknown_metric_has_no_best() -> None:
    points = ((1.0, 0.5), (2.0, 0.9), (3.0, 0.8))
    lines = shown(*(Series(LOG, name, "", "step", points, "") for name in ("accuracy", "spread")))
    assert "highest 0.9 at 2" in lines[3]
    assert lines[5].strip() == "0.5 → 0.8 at step 3"


def test_a_series_that_diverged_is_drawn_with_gaps() -> None:
    assert spark([1.0, float("nan"), 2.0, float("inf")], 9) == "▁ █ "
    lines = shown(Series(LOG, "loss", "", "epoch", ((1.0, float("nan")),), ""))
    assert lines[3].strip() == "no value that is a number"


@given(
    st.lists(st.floats(0.2, 12.0), min_size=1, max_size=60),
    st.integers(12, 200),
    st.integers(2, 60),
)
def test_every_picture_stands_on_one_page_and_inside_it(shapes: list[float], width: int, height: int) -> None:
    found = pages(shapes, width, height)
    boxes = [box for page in found for row in page for box in row]
    assert [box.index for box in boxes] == list(range(len(shapes)))
    for page in found:
        assert sum(max(box.height for box in row) + 1 for row in page) <= height
        for row in page:
            assert sum(box.width + 1 for box in row) - 1 <= width


def test_a_few_pictures_are_larger_than_many() -> None:
    few, many = pages([1.0] * 2, 80, 30), pages([1.0] * 40, 80, 30)
    assert few[0][0][0].height > many[0][0][0].height


@pytest.mark.parametrize("shape", [0.5, 1.0, 4.0])
def test_a_box_keeps_the_proportions_of_its_picture(shape: float) -> None:
    box = pages([shape], 80, 30)[0][0][0]
    assert box.width / 2 / box.height == pytest.approx(shape, rel=0.15)


def test_a_report_that_is_being_written_has_its_tables_in_columns() -> None:
    text = "# Report\n\n**Rates**\n\n| Field | Value |\n| --- | --- |\n| lr\\_max | 0.1 |\n| a\\|b | 64"
    lines = [line.text.rstrip() for line in document(text, "writing")(40)]
    assert lines[-3:] == ["Field   Value", "lr_max  0.1", "a|b     64"]
    assert "Rates" in lines and "---" not in "".join(lines)


@pytest.mark.parametrize("end", range(60))
def test_a_report_is_drawn_wherever_its_writing_stands(end: int) -> None:
    text = "# A\n\nIt is \\[odd\\] [a.py:4].\n\n| F | V |\n| --- | --- |\n| x | 1 |\n\n- z"
    drawn = document(text[:end], "writing")(30)
    assert all("\n" not in line.text for line in drawn)


def test_a_terminal_without_unicode_gets_plainer_signs() -> None:
    codecs.register_error("signs", _plainer)
    assert "zoo/va\u2026 \u2501\u2500 \u00e4".encode("ascii", "signs") == b"zoo/va~ =- ?"
    assert all(sign.isascii() and len(sign) == 1 for sign in SIGNS.values())


def test_the_desktops_clipboard_is_told_on_the_desktop_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program, told = tmp_path / "xclip", tmp_path / "told"
    program.write_text(f'#!/bin/sh\ncat > "{told}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    assert clipboard.copy("zoo/vae; $(id)")
    assert told.read_text() == "zoo/vae; $(id)"
    monkeypatch.setenv("SSH_CONNECTION", "far away")
    assert not clipboard.copy("x")
    monkeypatch.delenv("SSH_CONNECTION")
    program.write_text("#!/bin/sh\nexit 1\n")
    assert not clipboard.copy("x")
