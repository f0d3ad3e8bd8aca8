"""Rows into DuckDB as columns of JSON."""

from __future__ import annotations

import datetime
import math

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.inserting import CHUNK, insert

TABLE = "CREATE TABLE t (a INTEGER, b BIGINT, c DOUBLE, d VARCHAR, e VARCHAR[], f BOOLEAN, g DATE)"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ROW = st.tuples(
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.floats(allow_nan=False),
    st.none() | TEXT,
    st.lists(TEXT, max_size=3),
    st.none() | st.booleans(),
    st.none() | st.dates().map(datetime.date.isoformat),
)


@settings(deadline=None)
@given(st.lists(ROW, max_size=8))
def test_rows_come_back_as_they_went_in(rows: list[tuple[object, ...]]) -> None:
    connection = duckdb.connect()
    connection.execute(TABLE)
    insert(connection, "t", rows)
    found = connection.execute("SELECT * EXCLUDE (g), g::VARCHAR FROM t").fetchall()
    assert found == rows


def test_what_json_cannot_say_is_kept() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (c DOUBLE, d VARCHAR)")
    insert(connection, "t", [(math.nan, "lone \ud800 surrogate"), (math.inf, "\x00\x1b[31m\n"), (-math.inf, None)])
    (nan, escaped), *others = connection.execute("SELECT * FROM t").fetchall()
    assert math.isnan(nan) and escaped == "lone \\ud800 surrogate"
    assert others == [(math.inf, "\x00\x1b[31m\n"), (-math.inf, None)]


def test_more_rows_than_a_chunk_keep_their_order_and_columns_left_over_are_null() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (a INTEGER, d VARCHAR, later VARCHAR)")
    count = 2 * CHUNK + 1
    insert(connection, "t", ((i, None if i < CHUNK else str(i)) for i in range(count)))
    found = connection.execute("SELECT * FROM t").fetchall()
    assert found == [(i, None if i < CHUNK else str(i), None) for i in range(count)]
