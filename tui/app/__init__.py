"""The screen. `run` is all that the command line knows of it; Textual is imported only there."""

from __future__ import annotations

import asyncio
import codecs
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

    codecs.register_error("signs", _plainer)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="signs")
    if sys.__stderr__ is not None and not sys.__stderr__.isatty():
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc]  # Textual draws there; `2>file` would leave a blank screen
    end_with_terminal()
    app = ModelSearchApp(library, question, diff, configuration)
    app.run(loop=asyncio.new_event_loop())
    code = app.return_code or 0
    _leave(code)
    return code


_OWN = (
    "\u2501\u2500\u2502\u258f\u258c\u2026\u25cf\u25cb\u00b7\u00d7\u2192\u2190\u2191\u2193\u2023\u2022"
    "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588\u2580"
)
SIGNS = dict(zip(_OWN, "=-|||~*o.x><^v>*__..--=##", strict=True))
"""What stands for the app's own signs on a terminal that has no Unicode; anything else is a question mark."""


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: each character that cannot be written is written as a plainer one."""
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    return "".join(SIGNS.get(sign, "?") for sign in lost), error.end


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
