"""The user's editor: which it is, how it is told the line, and what went wrong with it."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tui.app.text import plain

if TYPE_CHECKING:
    from core.analysis.facts import Place

FLAGGED = ("code", "codium", "code-insiders", "cursor")
"""Editors that take `-g file:line`."""
LINE_SUFFIX = (*FLAGGED, "zed", "subl", "hx")
"""Editors that take `file:line`; the others take `+line file`."""


def command(place: Place) -> list[str] | str:
    """The command that opens a place in $VISUAL or $EDITOR; a line that says why there is none."""
    editor = os.environ.get("VISUAL", "").strip() or os.environ.get("EDITOR", "").strip()
    if not editor:
        return f"set $EDITOR to open {plain(place.file)}:{place.line}"
    if not os.path.exists(place.file):  # noqa: PTH110  (of any text; Path raises for some)
        return f"{plain(place.file)} is not there now"
    try:
        words = shlex.split(editor)
    except ValueError as error:
        return f"$EDITOR cannot be read: {error}"
    name = Path(words[0]).name
    if name in LINE_SUFFIX:
        return [*words, *(["-g"] if name in FLAGGED else []), f"{place.file}:{place.line}"]
    return [*words, f"+{place.line}", place.file]


def run(words: list[str]) -> str | None:
    """Run it to its end; a line where it failed. Raises nothing: the screen that gave way must come back."""
    try:
        status = subprocess.run(words, check=False).returncode
    except (OSError, ValueError) as error:
        return f"{plain(words[0])}: {getattr(error, 'strerror', None) or error}"
    return f"{plain(words[0])} ended with status {status}" if status else None
