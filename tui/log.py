"""The log file: what went wrong in full, for a report of a defect."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path

from core.folders import folder

LARGEST = 1_000_000
"""Bytes; a longer log begins anew, the old one kept once beside it."""


def log_path() -> Path:
    return folder("state") / "modelsearch.log"


def write_traceback(error: BaseException) -> str:
    """Append the traceback to the log. Says in a few words where it is, or that it could not be written."""
    path = log_path()
    text = "".join(traceback.format_exception(error))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LARGEST:
            path.replace(path.with_suffix(".log.old"))
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {sys.argv}\n{text}\n")
    except OSError as problem:
        return f"the log cannot be written: {problem}"
    return f"the details are in {path}"
