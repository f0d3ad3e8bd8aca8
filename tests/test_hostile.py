"""A hostile folder, indexed and looked at from all sides: nothing in it is run, nothing in it is acted on by a
terminal, and what is honest beside it is still found."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.configuration import Configuration
from core.library import Library
from docs.generate import on_terminal
from tests.hostile import configuration, make
from tests.tui.app.test_keys import drawn, press, running
from tests.tui.cli.conftest import ROOT, process
from tui.app.application import ModelSearchApp

ACTED_ON = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Whatever a terminal might act on, but for the end of a line and the tab between two columns."""

OURS = re.compile(r"\r\x1b\[2K|\x1b\[[0-4;]*m")
"""What we tell a terminal without colours: the line of progress, bold, underlined. The folder's own are red."""

COMMANDS = [
    ["list"], ["list", "--json"], ["roots"], ["search", "owned"], ["show", "in/train"], ["show", "in/book"],
    ["diff", "odd1", "odd3", "--code"], ["images", "in/train"], ["compare", "adam", "--with", "-adam"],
    ["report", "in/train"], ["show", "no such \x1b[31m thing"],
]  # fmt: skip


class Trap:
    """The folder, where it is indexed, and what its files make when they are run."""

    def __init__(self, home: Path) -> None:
        self.folder, self.catalog, self.canary = home / "in", home / "catalogue", home / "canary"
        make(self.folder, self.canary)
        self.indexed = process("index", self.folder, "--catalog", self.catalog)


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trap]:
    """The folder under the configuration of a user whose git is as hostile."""
    home = tmp_path_factory.mktemp("hostile")
    user = home / "home"
    user.mkdir()
    (user / ".gitconfig").write_text(configuration(str(home / "in" / ".canary"), user))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(user))
        patch.chdir(home)
        yield Trap(home)


def test_it_is_indexed_and_nothing_is_run(trap: Trap) -> None:
    assert trap.indexed.code == 0
    assert not ACTED_ON.search(trap.indexed.err)
    assert "ended with" not in trap.indexed.err, "a file ended the process that read it"
    assert not trap.canary.exists()


def test_what_is_honest_in_it_is_found(trap: Trap) -> None:
    models = {model["id"]: model for model in process("list", "--json", "--catalog", trap.catalog).lines}
    for id in ("in/train", "in/escaped/train", "in/book", "in/configured", "in/odd4/-rf"):
        assert models[id]["batch_size"] == [64], id
        assert models[id]["architecture"][:1] == ["Autoencoder"], id
    assert models["in/configured"]["learning_rate"] == []
    assert models["in/train"]["created_from"] == "git"
    assert models["in/train"]["author"].startswith("[red]Mal")
    assert not any("hook" in id or "setup" in id or "conftest" in id for id in models)


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_no_terminal_is_told_anything(trap: Trap, args: list[str]) -> None:
    command = [sys.executable, str(ROOT / "modelsearch.py"), *args, "--catalog", str(trap.catalog)]
    text = OURS.sub("\n", on_terminal(command, 100, {"NO_COLOR": "1"}))
    assert "Traceback" not in text and "unexpected" not in text
    assert text.strip()
    found = ACTED_ON.search(text)
    assert found is None, text[max(found.start() - 80, 0) :][:160]
    assert not trap.canary.exists()


def test_what_it_left_behind_is_listed(trap: Trap) -> None:
    artefacts = Library(trap.catalog).artefacts("in/train")
    assert {image.epoch for image in artefacts.images} >= {1, 3}
    assert {checkpoint.path.rpartition("/")[2] for checkpoint in artefacts.checkpoints} >= {"checkpoint.pt"}
    assert artefacts.metrics


def test_a_report_in_html_holds_no_markup_of_theirs(trap: Trap, tmp_path: Path) -> None:
    done = process("report", "in/train", "-o", tmp_path / "report.html", "--catalog", trap.catalog)
    assert done.code == 0, done.err
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not ACTED_ON.search(html)
    assert "<b>&amp;" not in html and "<script" not in html


async def test_the_screen_shows_it_as_it_is(trap: Trap) -> None:
    """Every pane, on every model: what is drawn holds the markup as text and no character that a terminal acts on."""
    library = Library(trap.catalog)
    async with running(ModelSearchApp(library, None, None, Configuration())) as (pilot, screen):
        seen = ""
        for _ in range(4):
            for pane in "15342":
                await press(pilot, pane)
                text = drawn(screen)
                found = ACTED_ON.search(text)
                assert found is None, (pane, text[max(found.start() - 80, 0) :][:160])
                seen += text
            await press(pilot, "1", "j")
        await press(pilot, "g", "space", "G", "space", "d")
        seen += drawn(screen)
        await press(pilot, "question_mark", "escape", "i")
        seen += drawn(screen)
        assert "[red]" in seen and not ACTED_ON.search(seen)
    library.close()
    assert not trap.canary.exists()
