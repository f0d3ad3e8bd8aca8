"""The BM25 index of one generation: a tantivy folder beside the database.

A document is a passage: `passage` its number (stored), `model` its model's number, `words` its whole words and `parts`
the parts of its compounds, each as `tokens` makes them. The model's id and path are one more document, whose passage
number is -1 - model.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tantivy

from core.catalog.tokens import analysed

WRITER_BYTES = 64_000_000


def schema() -> Any:
    """The fields; text is split by us, so tantivy only parts it at blanks."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage", stored=True, indexed=False, fast=True)
    builder.add_integer_field("model", stored=True, indexed=True, fast=True)
    for field in ("words", "parts"):
        builder.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="position")
    return builder.build()


def build(folder: Path, passages: Iterable[tuple[int, int, str]]) -> None:
    """Write the index of (passage number, model number, text) into a folder that does not exist yet."""
    folder.mkdir()
    writer = tantivy.Index(schema(), path=str(folder)).writer(WRITER_BYTES, 1)
    for passage, model, text in passages:
        words, parts = analysed(text)
        writer.add_document(
            tantivy.Document(passage=passage, model=model, words=" ".join(words), parts=" ".join(parts))
        )
    writer.commit()
    writer.wait_merging_threads()


def open_index(folder: Path) -> Any:
    """The tantivy index in a folder, for searching."""
    index = tantivy.Index.open(str(folder))
    index.reload()
    return index
