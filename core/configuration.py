"""The user's `config.toml`: read once, checked, and never in the way. A bad entry is one line and its default holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.folders import folder


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the user has set; every default is what an empty file gives."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """Key by the id of a binding, as Textual writes keys ("ctrl+s,f2" gives two)."""
    theme: str | None = None
    columns: tuple[str, ...] = ()
    """Columns of the grid, in order; empty = the usual ones."""
    gguf: Path | None = None
    """Weights of the writer; None = the small model that `setup` installs."""
    catalog: Path | None = None
    problems: tuple[str, ...] = ()
    """One line for each entry that is unknown or cannot be used."""


class _Wrong(Exception):
    """An entry has a value of another kind; the text says which kind is wanted."""


def load(path: Path | None = None) -> Configuration:
    """The configuration in `path` (default: the user's); without a file, the defaults."""
    path = path or folder("config") / "config.toml"
    try:
        text = path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return Configuration()
    except (OSError, UnicodeDecodeError) as error:
        return Configuration(problems=(f"{path}: cannot be read: {error}",))
    return _read(text, path)


def _read(text: str, path: Path) -> Configuration:
    import tomllib

    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Configuration(problems=(f"{path}: not valid TOML: {error}",))
    found, problems = Configuration(), []
    for entry, value in _entries(tables):
        try:
            found = _set(found, entry, value)
        except _Wrong as wrong:
            problems.append(f"{path}: {entry}: {wrong}")
    return replace(found, problems=tuple(problems))


def _entries(tables: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """`("ui.theme", value)` for each entry of each table; a stray top-level value stands under its own name."""
    found: list[tuple[str, Any]] = []
    for table, content in tables.items():
        if isinstance(content, dict):
            found += [(f"{table}.{name}", value) for name, value in content.items()]
        else:
            found.append((table, content))
    return found


def _set(configuration: Configuration, entry: str, value: Any) -> Configuration:
    if entry.startswith("keys."):
        return replace(configuration, keys={**configuration.keys, entry.removeprefix("keys."): _text(value)})
    if entry not in _ENTRIES:
        raise _Wrong(f"unknown entry; known: [keys], {', '.join(_ENTRIES)}")
    attribute, read = _ENTRIES[entry]
    changed: dict[str, Any] = {attribute: read(value)}
    return replace(configuration, **changed)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong(f"must be a text in quotes, not {value!r}")
    return value.strip()


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Wrong(f"must be a list of texts, not {value!r}")
    return tuple(_text(item) for item in value)


def _path(value: Any) -> Path:
    path = Path(_text(value)).expanduser()
    if not path.is_absolute():
        raise _Wrong(f"must be an absolute path (or begin with ~), not {value!r}")
    return path


def _weights(value: Any) -> Path:
    path = _path(value)
    if not path.is_file():
        raise _Wrong(f"there is no file {path}")
    return path


_ENTRIES: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "ui.theme": ("theme", _text),
    "ui.columns": ("columns", _texts),
    "writer.gguf": ("gguf", _weights),
    "catalog.path": ("catalog", _path),
}
"""Attribute and reader of each entry outside [keys]."""
