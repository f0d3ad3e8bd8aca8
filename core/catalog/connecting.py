"""DuckDB as the catalogue uses it: one file, no network, nothing loaded by itself."""

from __future__ import annotations

from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from core.catalog.generations import mark_damaged
from core.errors import CatalogDamaged

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}
DAMAGE = (
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.CatalogException,
    duckdb.InvalidInputException,
)
"""What DuckDB raises over a file that is cut, overwritten or of another program."""


def connect(database: Path, read_only: bool) -> DuckDBPyConnection:
    """A connection to one database file."""
    return duckdb.connect(str(database), read_only=read_only, config=_SETTINGS)


def damaged(catalog: Path, reason: object) -> CatalogDamaged:
    """The error to raise over a catalogue that cannot be read: one line that says what to do. The next writer hears."""
    mark_damaged(catalog)
    line = " ".join(str(reason).split())[:200]
    return CatalogDamaged(
        f"the catalogue {catalog} cannot be read ({line});"
        " `modelsearch index` makes it anew from its folders, notes are kept"
    )
