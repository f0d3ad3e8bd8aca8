"""What the README shows: every command runs, and every line of output that it shows is one that is printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from docs.generate import EXAMPLE, commands, printed
from tests.tui.cli.conftest import ROOT, process

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = EXAMPLE.findall(README)
NAMED = re.findall(r"^    (?:\S*/)?modelsearch ((?:search|show|diff|report|list|doctor) .*)$", README, re.MULTILINE)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo collection, indexed."""
    catalog = tmp_path_factory.mktemp("zoo") / "c"
    assert process("index", ROOT / "assets" / "zoo", "--catalog", catalog).code == 0
    return catalog


def test_there_is_something_to_test() -> None:
    assert len(SHOWN) >= 3
    assert len(NAMED) >= 3


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_what_is_shown_is_what_is_printed(zoo: Path, command: str, output: str) -> None:
    shown = [line.rstrip() for line in output.splitlines() if line != "…"]
    assert shown
    assert shown == printed(command, zoo)[: len(shown)], "run `make docs`"


@pytest.mark.parametrize("command", NAMED)
def test_the_commands_that_are_named_can_be_run(zoo: Path, command: str) -> None:
    assert process(*shlex.split(command), "--catalog", zoo).code in (0, 1)


def test_the_written_commands_are_what_help_says() -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == commands(), "run `make docs`"
