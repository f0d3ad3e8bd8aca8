"""What the screen remembers from one run to the next: the theme and the columns that were chosen in it.

It is a file of its own under the XDG state folder, so that `config.toml` stays the user's. A choice holds for as long
as the configuration says what it said when the choice was made: who edits the file afterwards has the last word.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.configuration import Configuration
from core.folders import folder

Log = logging.getLogger("modelsearch.screen")


class Kept:
    """Read when the app opens; `put` writes the whole file anew, in one step."""

    def __init__(self, configuration: Configuration, path: Path | None = None) -> None:
        self.path = path or folder("state") / "screen.json"
        self._configured = {"theme": configuration.theme, "columns": list(configuration.columns)}
        self._entries = _read(self.path)

    @property
    def theme(self) -> str | None:
        found = self._chosen("theme")
        return found if isinstance(found, str) else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Empty for the usual ones."""
        return _texts(self._chosen("columns"))

    def _chosen(self, name: str) -> Any:
        """The value chosen in the app, else the configured one."""
        entry = self._entries.get(name)
        configured = self._configured[name]
        if isinstance(entry, dict) and "chosen" in entry and entry.get("configured") == configured:
            return entry["chosen"]
        return configured

    def put(self, name: str, value: str | Sequence[object] | None) -> None:
        """Remember a choice. A state folder that cannot be written costs the memory and nothing else."""
        chosen = list(value) if isinstance(value, tuple) else value
        if chosen == self._chosen(name):
            return
        self._entries = {**_read(self.path), name: {"chosen": chosen, "configured": self._configured[name]}}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            new = self.path.with_name(f"{self.path.name}.{os.getpid()}")
            new.write_text(json.dumps(self._entries, indent=1) + "\n", encoding="utf-8")
            new.replace(self.path)
        except OSError as error:
            Log.warning("what was chosen on the screen is not kept: %s", error)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        Log.warning("%s: what was chosen before cannot be read: %s", path, error)
        return {}
    return found if isinstance(found, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str) and item) if isinstance(value, list) else ()
