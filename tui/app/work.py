"""Work in threads whose results come back as messages, in order, with no error lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from textual.message import Message
from textual.widget import Widget
from textual.worker import get_current_worker

from core.errors import ModelSearchError
from tui.app.text import plain

T = TypeVar("T")
Log = logging.getLogger("modelsearch.screen")


class Finished(Message):
    """A worker's result on its way home; `deliver` runs on the screen's own thread unless newer work has begun."""

    def __init__(self, home: Working, group: str, number: int, deliver: Callable[[], None]) -> None:
        super().__init__()
        self.home, self.group, self.number, self.deliver = home, group, number, deliver


class Failed(Message):
    """A worker's error, for the toast and the log."""

    def __init__(self, group: str, error: Exception) -> None:
        super().__init__()
        self.group, self.error = group, error


class Working(Widget):
    """A widget that hands slow work to threads. Work of one group replaces the work before it."""

    _numbers: dict[str, int] | None = None

    def work(
        self,
        group: str,
        call: Callable[[], T],
        deliver: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run `call` in a thread and `deliver` its result here, unless the same group was given newer work meanwhile.

        An error is logged and becomes a toast; where `failed` is given it decides itself how to say it.
        """
        number = self.cancel(group)

        def run() -> None:
            try:
                result = call()
            except Exception as error:  # the one place where a worker's errors end: shown and logged
                self._fail(group, number, error, failed)
                return
            self.post_message(Finished(self, group, number, lambda: deliver(result)))

        self.run_worker(
            run, group=f"{self.id or type(self).__name__}.{group}", thread=True, exclusive=True, exit_on_error=False
        )

    def cancel(self, group: str) -> int:
        """Make every answer of the group that is still under way stale; the number that the next one carries."""
        if self._numbers is None:
            self._numbers = {}
        self._numbers[group] = self._numbers.get(group, 0) + 1
        return self._numbers[group]

    def _fail(self, group: str, number: int, error: Exception, failed: Callable[[Exception], None] | None) -> None:
        if not get_current_worker().is_cancelled or number == (self._numbers or {}).get(group):
            Log.error("%s: %s", group, error, exc_info=None if isinstance(error, ModelSearchError) else error)
            if failed is None:
                self.post_message(Failed(group, error))
            else:
                self.post_message(Finished(self, group, number, lambda: failed(error)))

    def on_finished(self, message: Finished) -> None:
        message.stop()
        if message.number == (self._numbers or {}).get(message.group):
            message.deliver()


def told(error: Exception) -> str:
    """An error as one line for a toast."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{plain(error.filename)}: {plain(error.strerror)}"
    text = plain(error) or type(error).__name__
    return text if isinstance(error, ModelSearchError) else f"{type(error).__name__}: {text}"


def cancelled() -> Callable[[], bool]:
    """For a long call in a worker: tells whether the worker was cancelled or the app is going."""
    worker = get_current_worker()
    return lambda: worker.is_cancelled
