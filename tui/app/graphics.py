"""Whether the terminal can draw pictures: asked once, late, and only while nobody else reads its answers."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.widget import Widget

PATIENCE = 1.5
"""Seconds that a terminal gets to answer; a local one takes a millisecond, one far away a tenth of a second, and one
on a machine that is busy training may take long. Hardly any never answers."""

_asked: dict[str, type[Widget] | None] = {}
_asking = threading.Lock()


def picture_widget(app: App[Any]) -> type[Widget] | None:
    """The widget of textual-image that suits the terminal; None where half-blocks are the safe choice.

    textual-image asks the terminal when it is imported, and would wait for answers that Textual's reader has taken.
    So the reader is stopped meanwhile. To be called in a worker; the first call may take as long as `PATIENCE`.
    """
    with _asking:  # two questions at once would take each other's answers
        if "widget" not in _asked:
            _asked["widget"] = _ask(app)
        return _asked["widget"]


def _ask(app: App[Any]) -> type[Widget] | None:
    driver = app._driver
    if app.no_color or os.environ.get("TERM") in ("dumb", "linux") or not getattr(driver, "input_tty", False):
        return None
    if not all(hasattr(driver, name) for name in ("exit_event", "_key_thread", "_run_input_thread", "fileno")):
        return None
    with _reader_stopped(driver):
        if not _answers(driver.fileno):  # type: ignore[union-attr]
            return None
        from textual_image import widget
    found: type[Widget] = widget.Image
    return None if widget.Image._Renderable.__module__.endswith(("halfcell", "unicode")) else found


@contextlib.contextmanager
def _reader_stopped(driver: Any) -> Iterator[None]:
    """Textual's thread that reads the keys, stopped and started again."""
    driver.exit_event.set()
    driver._key_thread.join()
    driver.exit_event.clear()
    try:
        yield
    finally:
        driver._key_thread = threading.Thread(target=driver._run_input_thread, name="textual-input")
        driver._key_thread.start()


def _answers(fileno: int) -> bool:
    """Whether the terminal answers a question (its device attributes) at all, and in time."""
    with contextlib.suppress(termios.error, OSError):
        termios.tcflush(fileno, termios.TCIFLUSH)
        assert sys.__stdout__ is not None
        sys.__stdout__.write("\x1b[c")
        sys.__stdout__.flush()
        answer = b""
        while select.select([fileno], [], [], PATIENCE)[0]:
            answer += os.read(fileno, 1)
            if answer.endswith(b"c"):
                return b"\x1b[?" in answer
    return False
