"""The app on a library in memory, without its look at the roots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Pictures

from core.analysis.source import Source
from core.configuration import Configuration
from tests.tui.app.fake import SOURCES, FakeLibrary, picture
from tui.app import indexing, showing
from tui.app.application import ModelSearchApp
from tui.app.panes import source
from tui.app.widgets import query_bar


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No background look, no pauses, no user's editor, and sources out of memory."""
    monkeypatch.setattr(indexing, "LOOK_AFTER", 10_000)
    monkeypatch.setattr(query_bar, "SETTLE", 0.001)
    monkeypatch.setattr(showing, "FOLLOW", 0.001)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("VISUAL", "EDITOR", "NO_COLOR", "COLUMNS", "LINES", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(source, "read_source", lambda path: Source(path, "python", SOURCES.get(path, "")))


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    """The models of the fake, one of them with pictures, one of which is damaged."""
    pictures = []
    for epoch in (1, 5, 10):
        path = tmp_path / f"sample_{epoch}.png"
        drawn = Pictures.new("RGB", (16, 16))
        drawn.putdata([(x * 16, y * 16, epoch * 20) for y in range(16) for x in range(16)])
        drawn.save(path)
        pictures.append(picture(str(path), epoch))
    broken = tmp_path / "broken_10.png"
    broken.write_bytes(b"\x89PNG broken")
    pictures.append(picture(str(broken), 10, "broken", readable=False))
    return FakeLibrary(pictures={"digits/vae": tuple(pictures)})


Open = Callable[..., ModelSearchApp]


@pytest.fixture
def opened(library: FakeLibrary) -> Open:
    """Makes the app: `opened(question=..., diff=..., configuration=...)`."""

    def make(
        question: str | None = None,
        diff: tuple[str, str] | None = None,
        configuration: Configuration | None = None,
        on: FakeLibrary | None = None,
    ) -> ModelSearchApp:
        return ModelSearchApp(on or library, question, diff, configuration or Configuration())  # type: ignore[arg-type]

    return make
