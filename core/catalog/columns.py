"""Rows to numpy columns: the fast way into DuckDB (VALUES lists are fifty times slower)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from duckdb import DuckDBPyConnection

NONE = "\x1fnull"
"""Stands for null in a text column: DuckDB guesses an object column's type from a sample, and a sample of nulls misleads it."""


def insert(connection: DuckDBPyConnection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Append rows whose values stand in the order of the table's columns (those left over stay null)."""
    stored = list(rows)
    if not stored:
        return
    columns = _columns(connection, table)[: len(stored[0])]
    values = {name: _column([row[i] for row in stored], kind) for i, (name, kind) in enumerate(columns)}
    connection.register("incoming", values)
    try:
        chosen = ", ".join(_expression(name, kind) for name, kind in columns)
        names = ", ".join(f'"{name}"' for name, _ in columns)
        connection.execute(f"INSERT INTO {table} ({names}) SELECT {chosen} FROM incoming")
    finally:
        connection.unregister("incoming")


def _columns(connection: DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """Names and types of a table's columns, in order."""
    return [(name, kind) for name, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]


def _column(values: list[Any], kind: str) -> np.ndarray[Any, Any]:
    """One column: numbers as floats with NaN for null (whole ones are exact up to 2**53), texts and lists as texts."""
    if kind in ("INTEGER", "BIGINT", "DOUBLE"):
        whole = kind != "DOUBLE" and None not in values
        return np.array(values, dtype=np.int64) if whole else np.array(values, dtype=np.float64)
    if kind == "BOOLEAN":
        return np.array(values, dtype=np.bool_)
    texts = np.empty(len(values), dtype=object)
    texts[:] = [_text(value) for value in values]
    return texts


def _text(value: Any) -> str:
    if value is None:
        return NONE
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _expression(name: str, kind: str) -> str:
    if kind == "VARCHAR[]":
        return f"""from_json("{name}", '["VARCHAR"]')"""
    if kind in ("VARCHAR", "DATE"):
        return f"""CAST(NULLIF("{name}", '{NONE}') AS {kind})"""
    return f'CAST("{name}" AS {kind})'
