"""End with the terminal. Where no SIGHUP tells of its end, Textual's reader would spin on the closed line for ever."""

from __future__ import annotations

import os
import select
import sys
import threading


def end_with_terminal() -> None:
    """Leave as SIGHUP would, once the terminal of standard input is gone; costs nothing while it is there."""
    if hasattr(select, "poll") and sys.__stdin__ is not None and sys.__stdin__.isatty():
        threading.Thread(target=_wait, args=(sys.__stdin__.fileno(),), name="hang-up", daemon=True).start()


def _wait(terminal: int) -> None:
    poll = select.poll()
    poll.register(terminal, 0)
    if any(event & select.POLLHUP for _, event in poll.poll()):
        os._exit(129)
