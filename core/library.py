"""The one front door: everything the command line and the screen ask for goes through a Library.

Nothing heavy is imported until it is asked for: the first screen is read without DuckDB.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UnknownModel

if TYPE_CHECKING:
    from core.artifacts.records import Artefacts
    from core.catalog.first_screen import FirstScreen
    from core.catalog.model import Model, Root, Row
    from core.catalog.reading import Reader
    from core.catalog.user import UserFile
    from core.compare.difference import CohortComparison, Diff, Table
    from core.progress import IndexSummary, Progress
    from core.protocols import TextEmbedder, Writer
    from core.report.document import Report
    from core.search.answer import Answer, Hit, PictureHit
    from core.search.completion import Completion
    from core.search.facets import Facet
    from core.search.query import Query


class Library:
    """A catalogue folder, opened for reading; writing happens in `index` and `forget` only.

    Every method may be called from any thread. `embedder` and `writer` are made on first use; each may raise
    or return None, and then search works without meaning and reports are the claims alone.
    """

    def __init__(
        self,
        catalog: Path,
        embedder: Callable[[], TextEmbedder | None] = lambda: None,
        writer: Callable[[], Writer | None] = lambda: None,
    ) -> None:
        self.catalog = catalog
        self._make_embedder, self._make_writer = embedder, writer
        self._embedder: TextEmbedder | None = None
        self._embedder_made = False
        self._reader: Reader | None = None
        self._lock = threading.Lock()
        self._making = threading.Lock()
        """Held while the embedder is made, which may take a minute: reading does not wait for it."""

    # -- the catalogue

    def first_screen(self) -> FirstScreen | None:
        """The first rows of the empty question, from a small file; None where nothing is indexed."""
        from core.catalog.first_screen import read_first_screen

        return read_first_screen(self.catalog)

    def reader(self) -> Reader:
        """The newest generation, opened once and again when it moves. Raises CatalogDamaged."""
        from core.catalog.reading import Reader

        with self._lock:
            if self._reader is None:
                self._reader = Reader.open(self.catalog)
            else:
                self._reader = self._reader.newest()
            return self._reader

    def close(self) -> None:
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def user(self) -> UserFile:
        """Notes, tags, saved questions and history."""
        from core.catalog.user import UserFile

        return UserFile(self.catalog)

    def index(
        self,
        paths: Sequence[Path] = (),
        progress: Progress = lambda step: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> IndexSummary:
        """Add these roots or refresh them (none: all). Raises BadInput, CatalogBusy."""
        from core.indexing.run import index

        return index(self.catalog, paths, embedder=self.embedder, progress=progress, stop=stop)

    def forget(self, root: str) -> Root:
        """Take a root (by path or label) out of the catalogue. What the user wrote stays."""
        from core.indexing.run import forget

        return forget(self.catalog, root)

    def roots(self) -> Sequence[Root]:
        return self.reader().roots()

    def embedder(self) -> TextEmbedder | None:
        with self._making:
            if not self._embedder_made:
                self._embedder, self._embedder_made = self._make_embedder(), True
            return self._embedder

    # -- models

    def list(self) -> Sequence[Model]:
        """All models, last modified first, then by id."""
        return self.reader().models()

    def rows(self, ids: Sequence[str]) -> Sequence[Row]:
        return self.reader().rows(ids)

    def resolve(self, text: str) -> str:
        """The id that this text means. Raises UnknownModel, AmbiguousModel."""
        from core.catalog.naming import resolve

        return resolve(text, self.reader().names())

    def exact(self, text: str) -> str | None:
        """The id, where the text is an exact id or an unambiguous tail of one; else None."""
        from core.catalog.naming import exact

        return exact(text, self.reader().names())

    def model(self, text: str) -> Model:
        """One model by anything `resolve` takes."""
        found = self.reader().models([self.resolve(text)])
        if not found:
            raise UnknownModel(text)
        return found[0]

    def artefacts(self, text: str) -> Artefacts:
        return self.reader().artefacts(self.resolve(text))

    def similar(self, text: str) -> Sequence[str]:
        """Ids of near-identical models, nearest first."""
        return self.reader().similar(self.resolve(text))

    # -- questions

    def read(self, question: str) -> Query:
        """How a question is read, without answering it."""
        from core.search.reading import read_question

        return read_question(question, self.reader())

    def search(self, question: str | Query, limit: int | None = None) -> Answer:
        """The whole set that answers, in order."""
        from core.search.answering import answer

        return answer(question, self.reader(), self.embedder, self.user(), limit=limit)

    def warm(self) -> None:
        """Read and load what the first free text needs, so that whoever types one does not wait for it."""
        from core.search.answering import warm

        warm(self.reader(), self.embedder)

    def hits(self, found: Answer, start: int = 0, stop: int | None = None) -> Sequence[Hit]:
        """The hits of an answer from `start` to `stop`, each with its reasons."""
        from core.search.answering import hits

        return hits(found, self.reader(), start, stop)

    def facets(self, found: Answer, fields: Sequence[str] = ()) -> Sequence[Facet]:
        """How many models of an answer have each value of these fields, or of the main ones."""
        from core.search.facets import FIELDS, facets

        return facets(found, self.reader(), fields or FIELDS)

    def complete(self, text: str, cursor: int) -> Sequence[Completion]:
        """What may stand at the cursor, with counts."""
        from core.search.completion import complete

        return complete(text, cursor, self.reader(), self.user())

    def images(self, question: str, epoch: int | None = None) -> Sequence[PictureHit]:
        """The pictures of a model or of a question."""
        from core.search.pictures import pictures

        return pictures(question, self.reader(), self.embedder, self.user(), epoch=epoch)

    # -- comparisons and prose

    def diff(self, a: str, b: str, code: bool = False) -> Diff:
        from core.compare.two import compare_two

        return compare_two(self.model(a), self.model(b), code=code)

    def compare(self, first: str | Answer, second: str | Answer) -> CohortComparison:
        """Two cohorts side by side, each a question or the answer to one."""
        from core.compare.cohorts import compare_cohorts

        answers = [self.search(asked) if isinstance(asked, str) else asked for asked in (first, second)]
        reader = self.reader()
        return compare_cohorts([str(found.query) for found in answers], [reader.models(found.ids) for found in answers])

    def table(self, ids: Sequence[str]) -> Table:
        """Three or more models beside each other."""
        from core.compare.many import compare_many

        return compare_many(self.reader().models([self.resolve(name) for name in ids]))

    def report(
        self,
        ids: Sequence[str],
        question: str = "",
        on_text: Callable[[str], None] = lambda text: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Report:
        """A report on one model, a pair or a set; pieces go to `on_text` as they are written."""
        from core.report.writing import write_report

        models = self.reader().models([self.resolve(name) for name in ids])
        artefacts = [self.artefacts(model.id) for model in models]
        return write_report(models, artefacts, question, self._make_writer, on_text=on_text, stop=stop)
