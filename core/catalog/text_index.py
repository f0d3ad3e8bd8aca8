"""The BM25 index of one generation: a tantivy folder beside the database.

A document is a passage: `passage` its number (stored), `model` its model's number, `words` its whole words and `parts`
the parts of its compounds, each as `tokens` makes them, `shown` what a hit shows of it. The model's id is one more
document, whose passage number is -1 - model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import tantivy

from core.analysis.facts import Place
from core.catalog.tokens import analysed

WRITER_BYTES = 64_000_000


@cache
def schema() -> Any:
    """The fields; text is split by us, so tantivy only parts it at blanks."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage", stored=True, indexed=False, fast=True)
    builder.add_integer_field("model", stored=True, indexed=True, fast=True)
    builder.add_bytes_field("shown", stored=True)
    for field in ("words", "parts"):
        builder.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="position")
    return builder.build()


def build(folder: Path, passages: Iterable[tuple[int, int, str, tuple[str, int, int, int | None]]]) -> None:
    """Write the index of (passage number, model number, text, place) into a folder that does not exist yet.

    What a hit shows of a passage is stored here too: to fetch 50 of them, DuckDB would unpack the texts of all.
    """
    folder.mkdir()
    writer = tantivy.Index(schema(), path=str(folder)).writer(WRITER_BYTES, 1)
    for passage, model, text, place in passages:
        words, parts = analysed(text)
        shown = json.dumps((excerpt(text), *place)).encode()
        writer.add_document(
            tantivy.Document(passage=passage, model=model, shown=shown, words=" ".join(words), parts=" ".join(parts))
        )
    writer.commit()
    writer.wait_merging_threads()


_SPACES = re.compile(r"\s+")
LONGEST = 200
"""Letters of a passage that a hit shows."""


def excerpt(text: str) -> str:
    """The beginning of a passage on one line."""
    line = _SPACES.sub(" ", text).strip()
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def shown(document: Any) -> tuple[str, Place]:
    """What `build` stored of a passage: its beginning and where it stands."""
    text, *place = json.loads(bytes(document.get_first("shown")))
    return text, Place(*place)


def open_index(folder: Path) -> Any:
    """The tantivy index in a folder, for searching."""
    index = tantivy.Index.open(str(folder))
    index.reload()
    return index
