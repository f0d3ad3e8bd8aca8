"""A finished report: sections of sentences and tables, each sentence with the places that it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from core.analysis.facts import Place


@dataclass(frozen=True, slots=True)
class Sentence:
    """`written`: in the words of the writer; else in the claim's own plain words."""

    text: str
    places: tuple[Place, ...] = ()
    written: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are plain text; every row is as long as the head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    sentences: tuple[Sentence, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Renders itself as Markdown and as one HTML page; whatever came from files is escaped in both."""

    title: str
    sections: tuple[Section, ...]
    writer: str | None = None
    """The name of the language model that wrote; None where none did."""
    replaced: int = 0
    """Sentences of the writer that did not hold and were replaced by the claim's own."""
    stopped: bool = False
    trouble: str = ""
    """Why the writer gave up, where it did."""

    @property
    def written(self) -> int:
        """How many sentences are in the writer's words."""
        return sum(sentence.written for section in self.sections for sentence in section.sentences)

    @property
    def colophon(self) -> str:
        """Who wrote it and how much of it, in one sentence or two."""
        if self.writer is None:
            text = "This report was put together from the claims alone; no language model took part."
        else:
            text = (
                f"Written by {self.writer}: {_count(self.written, 'sentence')} in its words, "
                f"{self.replaced} that did not hold against the facts replaced by plain ones."
            )
        if self.trouble:
            text += f" The writer gave up: {self.trouble.rstrip('.')}."
        return text + (" It was stopped before its end." if self.stopped else "")

    def files(self) -> dict[str, str]:
        """Short name of each file that a sentence rests on, in order of first mention."""
        sentences = (sentence for section in self.sections for sentence in section.sentences)
        return short_names(place.file for sentence in sentences for place in sentence.places)

    def to_markdown(self) -> str:
        from core.report.rendering import markdown

        return markdown(self)

    def to_html(self) -> str:
        """A page of its own, with its style in it."""
        from core.report.rendering import html

        return html(self)


def short_names(files: Iterable[str]) -> dict[str, str]:
    """The shortest tail of each path that tells it from the others: `train.py`, or `v1/train.py` and `v2/train.py`."""
    paths = list(dict.fromkeys(files))
    parts = {path: PurePath(path).parts for path in paths}
    tails = {path: [PurePath(*parts[path][-n:]).as_posix() for n in range(1, len(parts[path]) + 1)] for path in paths}
    often = Counter(tail for path in paths for tail in tails[path])
    return {path: next((tail for tail in tails[path] if often[tail] == 1), path) for path in paths}


def footnotes(places: Iterable[Place], names: dict[str, str]) -> list[str]:
    """`train.py:41, 52` for each file: its lines in order; for a notebook `study.ipynb cell 3:12`."""
    by_file: dict[str, list[int]] = {}
    for place in places:
        name = names.get(place.file, PurePath(place.file).name)
        key = name if place.cell is None else f"{name} cell {place.cell}"
        by_file.setdefault(key, []).append(place.line)
    return [f"{name}:{', '.join(map(str, sorted(set(lines))))}" for name, lines in by_file.items()]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
