"""The screen. `run` is all that the command line knows of it; Textual is imported only there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.configuration import Configuration
    from core.library import Library


def run(
    library: Library,
    question: str | None,
    diff: tuple[str, str] | None,
    configuration: Configuration,
) -> int:
    """Open the app on all models, on a question or on a diff of two ids; the exit code when the user quits."""
    from tui.app.application import ModelSearchApp

    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows "?" and goes on
    app = ModelSearchApp(library, question, diff, configuration)
    app.run()
    return app.return_code or 0
