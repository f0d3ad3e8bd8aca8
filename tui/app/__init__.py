"""The screen. `run` is all that the command line knows of it; Textual is imported only there."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
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
    from tui.app.hangup import end_with_terminal

    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows "?" and goes on
    end_with_terminal()
    app = ModelSearchApp(library, question, diff, configuration)
    app.run(loop=asyncio.new_event_loop())
    code = app.return_code or 0
    _leave(code)
    return code


GRACE = 2.0
"""Seconds that background work gets to notice that the app is gone."""


def _leave(code: int) -> None:
    """Wait a moment for work in threads, which is told to stop; then go without it.

    asyncio would wait for its threads for as long as a model takes to load. Nothing is lost by going: the catalogue
    can be killed at any moment, and what the user wrote is on the disk when the call that wrote it returns.
    """
    end = time.monotonic() + GRACE
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(end - time.monotonic(), 0))
            if thread.is_alive():
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
