"""What the model says about itself in words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core.analysis.facts import Fact, Place
from core.analysis.program import Program

LONGEST = 400
"""Characters of a description; what is longer ends at a sentence."""
README = re.compile(r"readme(\.md|\.rst|\.txt)?$", re.IGNORECASE)
NOISE = re.compile(
    r"copyright|licen[sc]e|all rights reserved|^\s*(created on|@author|author[s]?:)|coding[:=]|spdx", re.IGNORECASE
)


def description(program: Program) -> Iterator[Fact]:
    """Accepts, in this order: the entry's docstring, a parser's description, the first words of a notebook, the
    folder's README."""
    for find in (_docstring, _parser, _markdown, _readme):
        found = find(program)
        if found is not None:
            text, place, how = found
            yield Fact("description", text, place, how)
            return


def _docstring(program: Program) -> tuple[str, Place, str] | None:
    body = program.entry.tree.body
    if (
        body
        and isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    ):
        text = shortened(body[0].value.value)
        if text:
            return text, program.entry.place(body[0]), "docstring"
    return None


def _parser(program: Program) -> tuple[str, Place, str] | None:
    for call in program.named("ArgumentParser", "Parser"):
        given = call.argument("description", 2 if call.name == "ArgumentParser" else None)
        if given is not None and given.text and (text := shortened(given.text)) and " " in text:
            return text, given.place, "argparse description"
    return None


def _markdown(program: Program) -> tuple[str, Place, str] | None:
    for cell in program.entry.source.cells:
        if cell.kind == "markdown" and (text := shortened(_prose(cell.text))):
            lines = cell.text.count("\n") + 1
            return text, Place(program.entry.path, 1, lines, cell.index), "markdown"
    return None


def _readme(program: Program) -> tuple[str, Place, str] | None:
    """Only a README of the script's own folder: one further up speaks of other models too."""
    folder = str(Path(program.entry.path).parent)
    for path in program.candidate.files:
        if README.search(path) and str(Path(path).parent) == folder and program.read is not None:
            source = program.read(path)
            text = shortened(_prose(source.text)) if _speaks_of(source.text, Path(program.entry.path).stem) else ""
            if text:
                return text, Place(path, 1, min(source.text.count("\n") + 1, 10)), "readme"
    return None


def _speaks_of(text: str, stem: str) -> bool:
    """Whether a README is about this script: it names it, or the script is its folder's main one."""
    return (
        stem in ("main", "train", "run", "__main__", "model", "train_net")
        or re.search(rf"\b{re.escape(stem)}\b", text) is not None
    )


def _prose(text: str) -> str:
    """The first heading and paragraph of Markdown, without pictures, links' targets and code."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"```.*?```|<!--.*?-->|<[^>]+>", " ", text, flags=re.DOTALL)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", " ", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[!\S*|^\s*[-=*_]{3,}\s*$|[*_`]{1,3}", "", text, flags=re.MULTILINE)
    parts = [part.strip() for part in re.split(r"\n\s*\n|(?<=\n)(?=#)", text) if part.strip(" #\n")]
    chosen = parts[:2] if parts and (parts[0].startswith("#") or len(parts[0]) < 40) else parts[:1]
    return ". ".join(part.lstrip("# ").rstrip(".") for part in chosen)


def shortened(text: str) -> str:
    """One paragraph of plain text, without licences and underlines, cut at a sentence's end."""
    told = re.match(r"\s*---\s*\n(.*?)\n\s*---", text, re.DOTALL)  # front matter: its summary, or its title
    if told is not None:
        fields = dict(
            re.findall(r"^(title|summary):\s*>?\s*(.*?)(?=^\w+:|\Z)", told.group(1), re.DOTALL | re.MULTILINE)
        )
        text = fields.get("summary") or fields.get("title") or text[told.end() :]
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    kept = [part for part in paragraphs if part and not NOISE.search(part) and re.search(r"[A-Za-z]{3}", part)]
    words = re.sub(r"[=\-~*#]{4,}", " ", kept[0]).strip() if kept else ""
    if len(words) < 30 and len(kept) > 1:
        words = f"{words.rstrip('.')}. {kept[1]}" if words else kept[1]
    if len(words) <= LONGEST:
        return words
    cut = words[:LONGEST]
    return cut[: cut.rfind(". ") + 1] if ". " in cut[80:] else cut.rpartition(" ")[0] + " …"
