"""Writing one whole generation: new rows in bulk, unchanged ones copied inside DuckDB from the last generation.

Every generation is written anew, since its numbers are dense in order of id; copying rows from file to file costs
little (100,000 passages in a second) and leaves no holes behind.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, field
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from core.catalog import nearness, text_index
from core.catalog.connecting import connect, damaged
from core.catalog.entry import Entry, FileRow, HistoryRow, RootRow
from core.catalog.first_screen import ROWS, write_first_screen
from core.catalog.generations import DATABASE, ROUNDED, TEXT, VECTORS
from core.catalog.inserting import insert
from core.catalog.rounded import write_rounded
from core.catalog.rows import instant
from core.catalog.schema import DIMENSIONS, TABLES, VERSION
from core.catalog.values import artefact_rows, fact_row, layer_row, model_row, passage_rows
from core.errors import BadInput

Matrix = NDArray[np.float32]
FOUND = ("image", "checkpoint", "series", "metric")
CHUNK = 4096
"""Vectors handed to DuckDB at a time: 384 columns of this many floats are 6 MB."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a generation holds. `similar` is (id, other id, likeness); `files` None: as in the last generation."""

    roots: Sequence[RootRow]
    entries: Sequence[Entry]
    files: Sequence[FileRow] | None = None
    history: Sequence[HistoryRow] | None = None
    similar: Sequence[tuple[str, str, float]] | None = None
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vectors:
    """New embeddings, by the hash of the text that each was made of. `carry`: keep those of the last generation."""

    hashes: Sequence[str] = ()
    matrix: Matrix | None = None
    carry: bool = True


def write_generation(folder: Path, last: Path | None, content: Content, vectors: Vectors | None = None) -> None:
    """Fill an empty folder with a generation. `last` is the generation that unchanged parts are copied from."""
    try:
        with closing(connect(folder / DATABASE, read_only=False)) as connection:
            _Writer(connection, folder, last, content, vectors or Vectors()).write()
            connection.execute("CHECKPOINT")
    except (duckdb.IOException, duckdb.FatalException) as error:
        if "orrupt" in str(error):  # a block of the last generation
            raise damaged(folder.parent, error) from error
        raise BadInput(f"cannot write the catalogue {folder.parent}: {' '.join(str(error).split())}") from error


def _link(source: str, target: str) -> None:
    """One file under two names, or a copy where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _reserve(handle: int, size: int) -> None:
    """Make a file of zeros. Raises OSError on a full disk, where writing into a mapped hole would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    os.ftruncate(handle, size)


class _Writer:
    """One generation in the making."""

    def __init__(
        self, connection: DuckDBPyConnection, folder: Path, last: Path | None, content: Content, vectors: Vectors
    ) -> None:
        self.db, self.folder, self.last, self.content, self.vectors = connection, folder, last, content, vectors
        self.entries = sorted(content.entries, key=lambda entry: entry.head.id)

    def write(self) -> None:
        self.db.execute(TABLES)
        if self.last is not None:
            path = str(self.last / DATABASE).replace("'", "''")
            self.db.execute(f"ATTACH '{path}' AS old (READ_ONLY)")
        self._whole_tables()
        self._models()
        self._analysed()
        self._found()
        self._passages()
        self._matrix()
        try:
            self._text()
        except ValueError as error:  # tantivy's, on a full disk
            raise OSError(str(error)) from error
        self._first_screen()
        if self.last is not None:
            self.db.execute("DETACH old")

    def _whole_tables(self) -> None:
        content = self.content
        insert(self.db, "meta", [("version", str(VERSION)), *sorted(content.meta.items())])
        insert(self.db, "root", [astuple(root) for root in sorted(content.roots, key=lambda r: r.path)])
        if content.files is not None:
            insert(self.db, "file", [astuple(file) for file in sorted(content.files, key=lambda f: f.path)])
        elif self.last:
            self.db.execute("INSERT INTO file SELECT * FROM old.file")
        if content.history is not None:
            found = sorted(content.history, key=lambda h: (h.repository, h.path))
            insert(self.db, "history", [astuple(row) for row in found])
        elif self.last:
            self.db.execute("INSERT INTO history SELECT * FROM old.history")

    def _models(self) -> None:
        insert(self.db, "model", [model_row(number, entry.head) for number, entry in enumerate(self.entries)])
        self._map("kept_source", [entry.analysis is None for entry in self.entries])
        self._map("kept_found", [entry.artefacts is None for entry in self.entries])
        numbers = {entry.head.id: number for number, entry in enumerate(self.entries)}
        if self.content.similar is not None:
            insert(self.db, "likeness", [(numbers[a], numbers[b], like) for a, b, like in self.content.similar])
        elif self.last:
            self.db.execute(
                "INSERT INTO likeness SELECT a.new, b.new, s.score FROM old.likeness s "
                "JOIN kept_source a ON a.old = s.model JOIN kept_source b ON b.old = s.other ORDER BY ALL"
            )

    def _map(self, table: str, kept: Sequence[bool]) -> None:
        """A table of the numbers that kept models had and have."""
        self.db.execute(f"CREATE TEMP TABLE {table} (old INTEGER, new INTEGER)")
        pairs = [(entry.old, new) for new, (entry, keep) in enumerate(zip(self.entries, kept, strict=True)) if keep]
        insert(self.db, table, [pair for pair in pairs if pair[0] is not None])

    def _keep(self, table: str, kept: str) -> None:
        if self.last is not None:
            self.db.execute(
                f"INSERT INTO {table} SELECT k.new, t.* EXCLUDE (model) FROM old.{table} t"
                f" JOIN {kept} k ON k.old = t.model"
            )

    def _analysed(self) -> None:
        self._keep("fact", "kept_source")
        self._keep("module", "kept_source")
        new = [(number, entry.analysis) for number, entry in enumerate(self.entries) if entry.analysis is not None]
        insert(self.db, "fact", [fact_row(n, i, fact) for n, made in new for i, fact in enumerate(made.facts)])
        insert(self.db, "module", [layer_row(n, i, layer) for n, made in new for i, layer in enumerate(made.layers)])

    def _found(self) -> None:
        for table in FOUND:
            self._keep(table, "kept_found")
        new = [artefact_rows(n, e.artefacts) for n, e in enumerate(self.entries) if e.artefacts is not None]
        for table in FOUND:
            insert(self.db, table, list(chain.from_iterable(rows[table] for rows in new)))

    # -- passages and their vectors

    def _passages(self) -> None:
        """Passages in order of model and place, each with the vector of its text where one is at hand."""
        self.db.execute(
            "CREATE TEMP TABLE loose (model INTEGER, kind VARCHAR, text VARCHAR, hash VARCHAR, file VARCHAR,"
            f" line INTEGER, end_line INTEGER, cell INTEGER, embedding FLOAT[{DIMENSIONS}])"
        )
        if self.last is not None:
            self.db.execute(
                "INSERT INTO loose SELECT k.new, kind, text, hash, file, line, end_line, cell,"
                f" {'embedding' if self.vectors.carry else 'NULL'} FROM old.passage p"
                " JOIN kept_source k ON k.old = p.model"
            )
        made = ((number, entry.analysis) for number, entry in enumerate(self.entries))
        insert(self.db, "loose", (row for n, analysis in made if analysis for row in passage_rows(n, analysis)))
        self._known_vectors()
        order = "model, file, coalesce(cell, 0), line, kind, text"
        self.db.execute(
            "CREATE TEMP TABLE numbering AS"
            f" SELECT rowid AS row, row_number() OVER (ORDER BY {order}) - 1 AS number FROM loose"
        )
        numbered = "FROM loose l JOIN numbering n ON n.row = l.rowid"
        self.db.execute(f"INSERT INTO passage SELECT n.number, l.* {numbered} WHERE embedding IS NOT NULL")
        self.db.execute(
            f"INSERT INTO passage SELECT n.number, l.* EXCLUDE (embedding), v.embedding {numbered}"
            " LEFT JOIN vector v ON v.hash = l.hash WHERE l.embedding IS NULL"
        )
        self.db.execute("DROP TABLE loose")

    def _known_vectors(self) -> None:
        """A table of the embeddings at hand for passages that have none, by the hash of the text."""
        self.db.execute(f"CREATE TEMP TABLE vector (hash VARCHAR, embedding FLOAT[{DIMENSIONS}])")
        if self.last is not None and self.vectors.carry:
            self.db.execute(
                "INSERT INTO vector SELECT hash, any_value(embedding) FROM old.passage WHERE embedding IS NOT NULL"
                " AND hash IN (SELECT hash FROM loose WHERE embedding IS NULL) GROUP BY hash"
            )
        matrix = self.vectors.matrix
        for start in range(0, 0 if matrix is None else len(matrix), CHUNK):
            assert matrix is not None
            self._add_vectors(self.vectors.hashes[start : start + CHUNK], matrix[start : start + CHUNK])

    def _add_vectors(self, hashes: Sequence[str], matrix: Matrix) -> None:
        self.db.execute("CREATE OR REPLACE TEMP TABLE hashes (row INTEGER, hash VARCHAR)")
        insert(self.db, "hashes", enumerate(hashes))
        columns = {f"c{i}": np.ascontiguousarray(matrix[:, i]) for i in range(DIMENSIONS)}
        names = ", ".join(columns)
        self.db.register("incoming", {"row": np.arange(len(matrix), dtype=np.int32), **columns})
        self.db.execute(f"INSERT INTO vector SELECT hash, array_value({names}) FROM hashes JOIN incoming USING (row)")
        self.db.unregister("incoming")

    def _matrix(self) -> None:
        """Write the vectors by passage number, float32, zeros where there is none, and in bytes; no files where there
        are no passages."""
        count = self._count("passage")
        if count == 0:
            return
        path = self.folder / VECTORS
        with path.open("wb") as file:
            _reserve(file.fileno(), count * DIMENSIONS * 4)
        stored = np.memmap(path, dtype=np.float32, mode="r+", shape=(count, DIMENSIONS))
        self._fill_old(stored)
        self._fill_new(stored)
        stored.flush()
        write_rounded(self.folder / ROUNDED, stored)
        recall = nearness.add_index(self.db, stored)
        if recall is not None:
            insert(self.db, "meta", [("recall", f"{recall:.4f}")])

    def _fill_old(self, stored: Matrix) -> None:
        if self.last is None or not self.vectors.carry or not (self.last / VECTORS).exists():
            return
        old = np.memmap(self.last / VECTORS, dtype=np.float32, mode="r").reshape(-1, DIMENSIONS)
        pairs = self.db.execute(
            "SELECT p.number AS new, o.number AS old FROM passage p"
            " JOIN (SELECT hash, min(number) AS number FROM old.passage"
            " WHERE embedding IS NOT NULL GROUP BY hash) o ON o.hash = p.hash"
        ).fetchnumpy()
        for start in range(0, len(pairs["new"]), CHUNK):
            part = slice(start, start + CHUNK)
            stored[pairs["new"][part]] = old[pairs["old"][part]]

    def _fill_new(self, stored: Matrix) -> None:
        if self.vectors.matrix is None:
            return
        rows = {hash: row for row, hash in enumerate(self.vectors.hashes)}
        for number, hash in self.db.execute("SELECT number, hash FROM passage").fetchall():
            if hash in rows:
                stored[number] = self.vectors.matrix[rows[hash]]

    def _count(self, table: str) -> int:
        found = self.db.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(found[0]) if found else 0

    # -- what stands beside the database

    def _text(self) -> None:
        """The text index; linked from the last generation where no passage and no number changed."""
        if self.last is not None and self._same_passages():
            shutil.copytree(self.last / TEXT, self.folder / TEXT, copy_function=_link)
            return
        columns = "number, model, text, file, line, end_line, cell"
        rows = self.db.execute(f"SELECT {columns} FROM passage ORDER BY number").fetchall()
        passages = ((number, model, text, tuple(place)) for number, model, text, *place in rows)
        names = [(-1 - n, n, e.head.id, (e.head.path, 1, 1, None)) for n, e in enumerate(self.entries)]
        text_index.build(self.folder / TEXT, chain(passages, names))

    def _same_passages(self) -> bool:
        kept = all(entry.analysis is None and entry.old == number for number, entry in enumerate(self.entries))
        old = self.db.execute("SELECT count(*) FROM old.model").fetchone()
        ids = self.db.execute("SELECT count(*) FROM model m JOIN old.model o USING (number, id, path)").fetchone()
        return kept and old == ids == (len(self.entries),)

    def _first_screen(self) -> None:
        ordered = sorted(self.entries, key=lambda entry: (-instant(entry.head.dates.modified), entry.head.id))
        write_first_screen(self.folder, [entry.head.grid for entry in ordered[:ROWS]], len(ordered))
