"""Reading the catalogue: one generation opened read-only, and the newer one when there is one."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
from duckdb import DuckDBPyConnection

from core.analysis.facts import Fact
from core.artifacts.records import Artefacts, Image
from core.catalog.connecting import DAMAGE, connect, damaged
from core.catalog.first_screen import row_from
from core.catalog.generations import DATABASE, ROUNDED, TEXT, VECTORS, current
from core.catalog.model import Model, Root, Row
from core.catalog.naming import Named
from core.catalog.schema import DIMENSIONS, TABLES, VERSION
from core.catalog.values import checkpoint_from, fact_from, head_from, layer_from, metric_from, model_from, series_from
from core.errors import CatalogDamaged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.catalog.rounded import Rounded

Params = Sequence[Any]
T = TypeVar("T")
_TRIES = 20
"""How often a generation that was deleted between reading CURRENT and opening it is looked for anew."""


class Reader:
    """One generation. Every method may be called from any thread; each thread gets a cursor of its own.

    A catalogue that does not exist yet is an empty one, whose `generation` is the catalogue folder itself.
    """

    def __init__(self, catalog: Path, generation: Path | None, connection: DuckDBPyConnection) -> None:
        self.catalog = catalog
        self.generation = generation or catalog
        self._published = generation
        self._connection = connection
        self._local = threading.local()
        self._made: dict[Callable[[Reader], Any], Any] = {}
        self._making = threading.RLock()

    @staticmethod
    def open(catalog: Path) -> Reader:
        """Open the newest generation. Raises CatalogDamaged with what to do."""
        for attempt in range(_TRIES):
            generation = current(catalog)
            if generation is None:
                return Reader(catalog, None, _empty())
            try:
                return Reader(catalog, generation, _open_checked(catalog, generation))
            except (*DAMAGE, OSError) as error:
                if current(catalog) == generation:
                    raise damaged(catalog, error) from error
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def newest(self) -> Reader:
        """This reader while CURRENT has not moved, else a new one; this one stays usable for whoever still holds it."""
        return self if current(self.catalog) == self._published else Reader.open(self.catalog)

    def close(self) -> None:
        """Give the files back. A cursor that is still in use keeps them until it is dropped."""
        self._connection.close()

    # -- for core.catalog only

    def cursor(self) -> DuckDBPyConnection:
        """This thread's cursor."""
        found: DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if found is None:
            found = self._local.cursor = self._connection.cursor()
        return found

    def query(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement. Raises CatalogDamaged where the file is broken."""
        with self._damage_told():
            return self.cursor().execute(sql, list(params)).fetchall()

    def arrays(self, sql: str, params: Params = ()) -> dict[str, NDArray[Any]]:
        """All rows of a statement as one array for each column: two to five times faster. Raises CatalogDamaged."""
        with self._damage_told():
            return self.cursor().execute(sql, list(params)).fetchnumpy()

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except (
            duckdb.IOException,
            duckdb.SerializationException,
            duckdb.InternalException,
            duckdb.FatalException,
        ) as error:
            raise damaged(self.catalog, error) from error

    def made(self, kind: Callable[[Reader], T]) -> T:
        """What is made of this generation once and goes with this reader: its columns, its ranking, its lexicon."""
        with self._making:
            if kind not in self._made:
                self._made[kind] = kind(self)
            found: T = self._made[kind]
            return found

    @cached_property
    def text(self) -> Any:
        """The tantivy index (see `text_index`); None in an empty catalogue."""
        from core.catalog import text_index

        if self._published is None:
            return None
        try:
            return text_index.open_index(self.generation / TEXT)
        except (OSError, ValueError) as error:
            raise damaged(self.catalog, error) from error

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """Passage embeddings by passage number, memory-mapped, of shape (passages, 384); zeros where there is none
        yet."""
        import numpy as np

        path = self.generation / VECTORS
        if self._published is None or not path.exists():
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        try:
            return np.memmap(path, dtype=np.float32, mode="r").reshape(-1, DIMENSIONS)
        except (OSError, ValueError) as error:
            raise damaged(self.catalog, f"{VECTORS}: {error}") from error

    @cached_property
    def rounded(self) -> Rounded | None:
        """The same in bytes, memory-mapped; None where there are none."""
        from core.catalog.rounded import read_rounded

        try:
            return read_rounded(self.generation / ROUNDED, len(self.vectors))
        except OSError as error:
            raise damaged(self.catalog, f"{ROUNDED}: {error}") from error

    @cached_property
    def meta(self) -> dict[str, str]:
        """`version`, `embedder` (name, absent before the first embedding), `embedded` (texts), `recall` (with an HNSW
        index)."""
        return dict(self.query("SELECT key, value FROM meta"))

    # -- for everybody

    @cached_property
    def _order(self) -> tuple[str, ...]:
        return tuple(id for (id,) in self.query("SELECT id FROM model ORDER BY modified_at DESC, id"))

    def ids(self) -> tuple[str, ...]:
        """All ids, last modified first, then by id."""
        return self._order

    def names(self) -> tuple[Named, ...]:
        """What a model may be called by."""
        return self._names

    @cached_property
    def _names(self) -> tuple[Named, ...]:
        rows = self.query("SELECT id, path, aliases FROM model ORDER BY number")
        return tuple(Named(id, path, tuple(aliases)) for id, path, aliases in rows)

    def models(self, ids: Sequence[str] | None = None) -> list[Model]:
        """These models in this order (all of them: the default order); unknown ids are passed over."""
        numbers = self._numbers(ids)
        parts = [self._by_model(table, columns, numbers, ids is None) for table, columns in _PARTS]
        heads = {
            row[0]: head_from(row[1:]) for row in self._of_models("SELECT * FROM model", "number", numbers, ids is None)
        }
        return [
            model_from(
                heads[n],
                [fact_from(row) for row in parts[0][n]],
                [layer_from(row) for row in parts[1][n]],
                [metric_from(row) for row in parts[2][n]],
            )
            for n in numbers
        ]

    def facts(self, numbers: Sequence[int], fields: Sequence[str]) -> dict[int, list[Fact]]:
        """The facts of these fields by model number, in order of position."""
        found: dict[int, list[Fact]] = {number: [] for number in numbers}
        if numbers and fields:
            sql = f"SELECT model, field, value, {_PLACE}, how, stage FROM fact WHERE model IN {listed(numbers)}"
            for number, *row in self.query(f"{sql} AND field IN {listed(fields)} ORDER BY model, position"):
                found[number].append(fact_from(tuple(row)))
        return found

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """The grid's rows of these models in this order; unknown ids are passed over."""
        numbers = self._numbers(ids)
        found = dict(self._of_models("SELECT number, grid FROM model", "number", numbers))
        return [row_from(json.loads(found[number])) for number in numbers]

    def artefacts(self, id: str) -> Artefacts:
        """Everything found for one model."""
        numbers = self._numbers([id])
        found = {table: self._by_model(table, columns, numbers)[n] for table, columns in _FOUND for n in numbers[:1]}
        return Artefacts(
            tuple(Image(*row) for row in found.get("image", ())),
            tuple(checkpoint_from(row) for row in found.get("checkpoint", ())),
            tuple(series_from(row) for row in found.get("series", ())),
            tuple(metric_from(row) for row in found.get("metric", ())),
            tuple(w for (ws,) in self.query("SELECT found_warnings FROM model WHERE id = ?", [id]) for w in ws),
        )

    def roots(self) -> list[Root]:
        """The roots by label, with the number of models in each."""
        rows = self.query(
            "SELECT r.path, r.label, r.offline, count(m.id) FROM root r LEFT JOIN model m ON m.root = r.path"
            " GROUP BY ALL ORDER BY 2"
        )
        return [Root(*row) for row in rows]

    def similar(self, id: str) -> list[str]:
        """Ids of near-identical models, the most alike first."""
        rows = self.query(
            "SELECT o.id FROM likeness s JOIN model m ON m.number = s.model JOIN model o ON o.number = s.other"
            " WHERE m.id = ? ORDER BY s.score DESC, o.id",
            [id],
        )
        return [other for (other,) in rows]

    def _numbers(self, ids: Sequence[str] | None) -> list[int]:
        if ids is None:
            return [n for (n,) in self.query("SELECT number FROM model ORDER BY modified_at DESC, id")]
        found = dict(self._of_models("SELECT id, number FROM model", "id", list(ids)))
        return [found[id] for id in ids if id in found]

    def _of_models(self, select: str, column: str, keys: Sequence[Any], every: bool = False) -> list[tuple[Any, ...]]:
        if every:
            return self.query(select)
        return self.query(f"{select} WHERE {column} IN {listed(keys)}") if keys else []

    def _by_model(
        self, table: str, columns: str, numbers: Sequence[int], every: bool = False
    ) -> defaultdict[int, list[tuple[Any, ...]]]:
        """Rows of a table by model number, in order of position."""
        found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        select = f"SELECT model, {columns} FROM {table}"
        order = " ORDER BY model, position"
        rows: Iterable[tuple[Any, ...]] = self.query(select + order) if every else ()
        if not every and numbers:
            rows = self.query(f"{select} WHERE model IN {listed(numbers)}{order}")
        for number, *row in rows:
            found[number].append(tuple(row))
        return found


def listed(keys: Sequence[Any]) -> str:
    """Numbers or texts as they stand behind IN: binding a list costs DuckDB a look for pandas for each of its items."""
    texts = [str(key) if isinstance(key, int) else "'" + key.replace("'", "''") + "'" for key in keys]
    return f"({', '.join(texts)})"


_PLACE = "file, line, end_line, cell"
_PARTS = (
    ("fact", f"field, value, {_PLACE}, how, stage"),
    ("module", f"name, kind, arguments, parameters, {_PLACE}"),
    ("metric", f"name, value, split, epoch, {_PLACE}"),
)
_FOUND = (
    ("image", "path, epoch, step, label, stage, created, modified, width, height, readable, why"),
    ("checkpoint", "path, format, size, epoch, parameters, tensors, modified, readable, why"),
    ("series", "path, name, split, unit, points, why"),
    ("metric", f"name, value, split, epoch, {_PLACE}"),
)


def _open_checked(catalog: Path, generation: Path) -> DuckDBPyConnection:
    """The generation's database, if it is whole and of this version."""
    if not (generation / DATABASE).is_file():
        raise FileNotFoundError(f"{generation.name} is missing")
    connection = connect(generation / DATABASE, read_only=True)
    try:
        found = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    except BaseException:
        connection.close()
        raise
    if found != (str(VERSION),):
        connection.close()
        raise CatalogDamaged(
            f"the catalogue {catalog} was made by another version of ModelSearch;"
            " `modelsearch index` makes it anew from its folders"
        )
    return connection


def _empty() -> DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute(TABLES)
    connection.execute(f"INSERT INTO meta VALUES ('version', '{VERSION}')")
    return connection
