"""Time until the first row of results is on the screen, against a bare Textual app: limit 1.8 times that.

Both run on a pseudo-terminal that answers what a terminal answers, in turns. The rows are read back from an emulated
screen, so that what counts is what a person would see.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parents[2]
RUNS = 9
COLUMNS, LINES = 140, 40
PATIENCE = 20.0
PROGRAM = [sys.executable, str(ROOT / "modelsearch.py")]
BARE = """
from textual.app import App
from textual.widgets import DataTable, Footer, Input
class Bare(App):
    BINDINGS = [("ctrl+q", "quit", "Quit")]
    def compose(self):
        yield Input(); yield DataTable(); yield Footer()
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("id", "value")
        table.add_row("first-row", "1")
Bare().run()
"""
ANSWERS = {
    rb"\x1b\[0?c": b"\x1b[?62;22c",
    rb"\x1b\[6n": b"\x1b[1;1R",
    rb"\x1b\[\?2026\$p": b"\x1b[?2026;2$y",
    rb"\x1b\[\?u": b"\x1b[?0u",
    rb"\x1b\[16t": b"\x1b[6;20;10t",
}
"""What a terminal says when it is asked what it can do; who waits for it should not pay for silence."""


def seconds_until(text: str, command: list[str]) -> float:
    """From the start of the program to the first moment at which the text is on the screen."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    begun = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.environ["TERM"] = "xterm-256color"
        os.execv(command[0], command)
    try:
        while time.perf_counter() - begun < PATIENCE:
            if select.select([terminal], [], [], 0.2)[0]:
                chunk = os.read(terminal, 65536)
                arrived = time.perf_counter()
                for question, answer in ANSWERS.items():
                    if re.search(question, chunk):
                        os.write(terminal, answer)
                stream.feed(chunk)
                if any(text in line for line in screen.display):
                    return arrived - begun
        raise TimeoutError(f"{text!r} was not seen in {PATIENCE:.0f} s")
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        catalog = ["--catalog", folder]
        subprocess.run([*PROGRAM, "index", str(ROOT / "assets" / "zoo"), *catalog], check=True, capture_output=True)
        listed = subprocess.run([*PROGRAM, "list", *catalog], check=True, capture_output=True, text=True).stdout
        first = listed.split("\t")[0]
        ours, bare = [*PROGRAM, *catalog], [sys.executable, "-c", BARE]
        seconds_until(first, ours), seconds_until("first-row", bare)
        pairs = [(seconds_until("first-row", bare), seconds_until(first, ours)) for _ in range(RUNS)]
    floor, painted = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"bare {floor * 1000:.0f} ms, first row {painted * 1000:.0f} ms: {painted / floor:.2f} (limit 1.8)")


if __name__ == "__main__":
    main()
