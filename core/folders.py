"""Where ModelSearch keeps its own files: the folders of the XDG base directory specification."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

_DEFAULTS = {"config": ".config", "data": ".local/share", "state": ".local/state", "cache": ".cache"}


def folder(kind: Literal["config", "data", "state", "cache"]) -> Path:
    """`$XDG_<KIND>_HOME/modelsearch`, or its default under the home folder; it need not exist.

    A relative path in the variable is ignored, as the specification asks.
    """
    named = os.environ.get(f"XDG_{kind.upper()}_HOME", "")
    base = Path(named) if Path(named).is_absolute() else Path.home() / _DEFAULTS[kind]
    return base / "modelsearch"
