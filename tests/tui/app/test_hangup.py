"""The app ends with its terminal, also where it is not told by a signal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

CODE = """
import modelsearch, os, time
from tui.app.hangup import end_with_terminal
end_with_terminal()
os.write(1, b"on")
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a closed pseudo-terminal is told by POLLHUP on Linux")
def test_a_terminal_that_goes_away_ends_the_app() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", CODE]
    app = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    try:
        assert b"on" in os.read(ours, 100)
        assert app.poll() is None
        os.close(ours)
        assert app.wait(30) == 129
    finally:
        app.kill()
