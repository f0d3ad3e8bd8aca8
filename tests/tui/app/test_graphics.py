"""The terminal is asked once for what it can draw, whoever wants to know."""

from __future__ import annotations

import threading
import time

import pytest

from tui.app import graphics


def test_many_workers_ask_the_terminal_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def slow(app: object) -> None:
        asked.append(app)
        time.sleep(0.05)

    monkeypatch.setattr(graphics, "_asked", {})
    monkeypatch.setattr(graphics, "_ask", slow)
    workers = [threading.Thread(target=graphics.picture_widget, args=(None,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(asked) == 1
