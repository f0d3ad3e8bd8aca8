"""The system's clipboard, through the program that the desktop has for it, where this session runs on the desktop.

The terminal is always asked too (OSC 52): over ssh it is the only way, and some local terminals refuse it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PATIENCE = 2.0
"""Seconds that the program gets; it is told the text and goes to the background."""


def copy(text: str) -> bool:
    """Whether the system's clipboard holds the text now. Runs in a worker."""
    command = _program()
    if command is None:
        return False
    try:
        done = subprocess.run(
            command,
            input=text.encode(errors="replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _program() -> list[str] | None:
    """The program for this desktop; None without one, and over ssh, where the desktop would be the wrong one."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return None
    known = [["pbcopy"]] if sys.platform == "darwin" else []
    known += [["wl-copy"]] if os.environ.get("WAYLAND_DISPLAY") else []
    if os.environ.get("DISPLAY"):
        known += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return next((command for command in known if shutil.which(command[0])), None)
