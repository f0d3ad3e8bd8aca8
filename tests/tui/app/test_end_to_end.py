"""The whole way in a real terminal: index the demo collection, ask, mark two, diff, open the pictures, quit."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, str(ROOT / "modelsearch.py")]
PATIENCE = 60.0
"""Seconds that a step may take on a busy machine; none is measured."""


UNKNOWN = re.compile(
    rb"\x1b[P_^X\]][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b\[[<>=][0-9;:]*[@-~]|\x1b\[[0-9;?]*\$[@-~]", re.DOTALL
)
"""What pyte would print as text."""


def complete(data: bytes) -> tuple[bytes, bytes]:
    """What ends before a sequence that is still coming, and the beginning of that sequence."""
    last = data.rfind(b"\x1b")
    if last >= 0 and data[last : last + 2] == b"\x1b\\":
        return data, b""
    if last >= 0 and (
        data[last + 1 : last + 2] in b"P_^X]" or not re.match(rb"\x1b(\[[0-9;:?<>=$]*[@-~]|[^\[])", data[last:])
    ):
        return data[:last], data[last:]
    return data, b""


class Terminal:
    """A program on a pseudo-terminal that draws sixels: its screen as text, and the answers such a terminal gives."""

    def __init__(self, command: list[str], columns: int = 140, rows: int = 40) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.held, self.sixels = b"", 0
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)

    def read(self, seconds: float) -> bool:
        """Take what the program has written; False when it has ended."""
        if not select.select([self.master], [], [], seconds)[0]:
            return self.process.poll() is None
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        for _ in range(data.count(b"\x1b[c")):
            os.write(self.master, b"\x1b[?62;4;22c")  # a VT220 with sixels
        self.sixels += data.count(b"\x1bP")
        ready, self.held = complete(self.held + data)
        self.stream.feed(UNKNOWN.sub(b"", ready))
        return True

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def wait(self, *wanted: str) -> str:
        """Until all of these stand on the screen."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            alive = self.read(0.1)
            if all(word in self.text for word in wanted):
                return self.text
            assert alive, f"it has ended; the last screen was\n{self.text}"
        raise AssertionError(f"{wanted} did not come; the screen is\n{self.text}")

    def settle(self) -> None:
        """Until nothing has been drawn for a while."""
        drawn = ""
        while drawn != self.text:
            drawn = self.text
            for _ in range(5):
                self.read(0.1)

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def ended(self) -> int:
        """The exit code, once it has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.read(0.1):
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal([*COMMAND, "--catalog", str(tmp_path / "catalogue")])
    yield opened
    opened.close()


def test_index_ask_mark_diff_pictures_quit(terminal: Terminal) -> None:
    terminal.wait("Welcome to ModelSearch", "Open the demo collection")
    terminal.press("\r")
    terminal.wait("zoo/", "Facts")
    terminal.press("/vae cuda")
    terminal.wait("architecture:VAE", "hardware:cuda", "2 of ", "zoo/vae/v1/train_vae", "zoo/vae/v2/train_vae")
    terminal.press("\r")
    terminal.wait("Space mark")
    terminal.press("  ")
    terminal.wait("2 marked")
    terminal.press("d")
    terminal.wait("differ", "equal", "batch size", "N previous")
    terminal.press("n")
    terminal.settle()
    terminal.press("\x1b")
    terminal.press("i")  # close behind Escape: two keys all the same
    terminal.wait("picture", "1/")
    end = time.monotonic() + PATIENCE
    while not terminal.sixels and time.monotonic() < end:
        terminal.read(0.1)
    assert terminal.sixels, f"no picture was drawn; the screen is\n{terminal.text}"
    terminal.press("q")
    assert terminal.ended() == 0
