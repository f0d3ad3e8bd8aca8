"""The command line as a person sees it: on a pseudo-terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from docs.generate import on_terminal
from tests.tui.cli.conftest import ROOT
from tui.cli.printing import cells

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def seen(*args: str | Path, columns: int = 80, **environment: str) -> str:
    """What the program writes on a terminal of that width, stdout and stderr together."""
    text = on_terminal([sys.executable, str(ROOT / "modelsearch.py"), *map(str, args)], columns, environment)
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize(
    "args", [["list"], ["show", "v2/train"], ["diff", "v1/train", "v2/train"], ["search", "optimizer:adam"]]
)
def test_nothing_is_wider_than_the_terminal(catalogue: Path, args: list[str], columns: int) -> None:
    text = STYLE.sub("", seen(*args, "--catalog", catalogue, columns=columns))
    lines = [line for line in text.split("\n") if not line.startswith("modelsearch: ")]
    assert len(lines) > 3
    assert max(map(cells, lines)) <= columns


def test_a_wide_terminal_shows_more_columns(catalogue: Path) -> None:
    heads = [STYLE.sub("", seen("list", "--catalog", catalogue, columns=n)).split("\n")[0] for n in (40, 80, 200)]
    assert heads[0].split() == ["id", "architecture"]
    assert len(heads[0].split()) < len(heads[1].split()) < len(heads[2].split())


def test_colours_unless_the_user_says_no(catalogue: Path) -> None:
    assert STYLE.search(seen("list", "--catalog", catalogue))
    assert "\x1b" not in seen("list", "--catalog", catalogue, NO_COLOR="1")
    assert "\x1b" not in seen("list", "--catalog", catalogue, TERM="dumb")


def test_reasons_stand_below_the_models(catalogue: Path) -> None:
    text = seen("search", "optimizer:adam", "--catalog", catalogue, columns=120)
    assert "optimizer Adam train.py:" in STYLE.sub("", text)


def test_a_report_is_drawn_and_not_shown_as_markdown(catalogue: Path) -> None:
    text = STYLE.sub("", seen("report", "flowers/sgd", "--catalog", catalogue))
    assert "sgd.py:" in text
    assert "\n## " not in text


def test_progress_is_one_line_that_changes(collection: Path, tmp_path: Path) -> None:
    text = seen("index", collection, "--catalog", tmp_path / "c")
    assert "\r\x1b[2K" in text
    assert "4 models (4 added)" in text
