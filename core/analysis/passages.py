"""The pieces of a model's text that are indexed and embedded: what it says of itself, the most telling first."""

from __future__ import annotations

import ast
import os.path
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain

from core.analysis.facts import Fact, Passage, Place
from core.analysis.nodes import unparse
from core.analysis.program import Module, Program
from core.analysis.readmes import is_readme, sections, told
from core.analysis.source import Source
from core.vocabulary import load

LONGEST = 1200
"""Characters of one passage: about what the embedder reads (256 tokens)."""
MOST = 80
"""Passages of one model."""
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_DIGEST = ("architecture", "task", "framework", "datasets", "environment", "model_classes", "optimizer",
    "learning_rate", "batch_size",
           "epochs", "loss", "hardware", "scheduler")  # fmt: skip


def passages(program: Program, facts: Sequence[Fact]) -> tuple[Passage, ...]:
    """All passages of a model, what its facts say first; at most `MOST`."""
    candidate = program.candidate
    found: dict[tuple[str, str], Passage] = {}
    for passage in chain(
        described(program, facts),
        [digest(program, facts)],
        _config(program),
        _of_module(program.entry),
        _readme(program),
        chain.from_iterable(map(_of_module, _taking_part(program))),
    ):
        if passage.text.strip():
            found.setdefault((passage.kind, passage.text), passage)
        if len(found) == MOST:
            break
    if not found:
        source = program.entry.source
        text = source.text[:LONGEST]
        return (Passage("text", text, Place(candidate.path, 1, text.count("\n") + 1)),) if text.strip() else ()
    return tuple(found.values())


def digest(program: Program, facts: Sequence[Fact]) -> Passage:
    """The facts in words, with the name of the file: what a question about the model as a whole would match."""
    path = program.candidate.path
    name = " ".join(re.split(r"[/_\-.]+", "/".join(path.split(os.sep)[-3:])))
    lines = [name]
    description = next((str(fact.value) for fact in facts if fact.field == "description" and fact.value), "")
    if description:
        lines.append(description)
    for field in _DIGEST:
        if values := _values(facts, field):
            lines.append(f"{field.replace('_', ' ')}: {', '.join(values)}")
    return Passage("digest", "\n".join(lines)[:LONGEST], Place(path, 1, 1))


def described(program: Program, facts: Sequence[Fact]) -> Iterator[Passage]:
    """What the model is for, of what, and what it is, in plain words of the vocabulary: "image generation (handwritten
    digits) with VAE, MLP: an autoencoder with a probabilistic latent space", and each part of it alone. A question in
    words of its own is nearer to these than to code."""
    tasks, families = _values(facts, "task"), _values(facts, "architecture")
    subjects = [*_said(facts, "datasets", "subjects"), *_said(facts, "environment", "glosses")]
    task = ", ".join(tasks) + (f" ({'; '.join(subjects)})" if subjects else "")
    family = f" with {', '.join(families[:2])}" if families else ""
    gloss = next(iter(_said(facts, "architecture", "glosses")), "")
    whole = f"{task}{family}: {gloss}" if gloss else f"{task}{family}"
    for text in (whole, *([task] if subjects else []), *subjects[:2]):
        if text.strip():
            yield Passage("described", text.strip(), Place(program.candidate.path, 1, 1))


def _values(facts: Sequence[Fact], field: str) -> list[str]:
    return list(dict.fromkeys(str(fact.value) for fact in facts if fact.field == field and fact.value is not None))


def _said(facts: Sequence[Fact], field: str, table: str) -> list[str]:
    """What a table of the vocabulary says first of the values of a field; of an environment also by its family:
    CartPole-v1."""
    vocabulary = load()
    says = vocabulary.table(table, field)
    found: dict[str, None] = {}
    for value in _values(facts, field):
        name = vocabulary.canonical(field, value) or vocabulary.canonical(field, value.split("-")[0]) or value
        text = next((says[each] for each in (name, *vocabulary.parents(field, name)) if each in says), None)
        if text:
            found[text if isinstance(text, str) else text[0]] = None
    return list(found)


def _taking_part(program: Program) -> list[Module]:
    """The imported modules without those that only define classes that this run makes none of: a package of thirty
    models imports them all, and each model would be described by the other twenty-nine."""
    made = {id(cls.module) for instance in program.instances for cls in instance.cls.lineage()}
    made |= {id(call.module) for call in program.calls if call.within is not None}
    return [module for module in program.modules[1:] if id(module) in made or not _only_classes(module)]


def _only_classes(module: Module) -> bool:
    kinds = {type(node) for node in module.tree.body}
    return ast.ClassDef in kinds and not kinds & {ast.FunctionDef, ast.AsyncFunctionDef}


def _of_module(module: Module) -> list[Passage]:
    return _kept(module.source, partial(_told_by, module))


def _kept(source: Source, make: Callable[[], Iterable[Passage]]) -> list[Passage]:
    """The passages of one file, made once while it is kept."""
    if "passages" not in source.kept:
        source.kept["passages"] = list(make())
    found: list[Passage] = source.kept["passages"]
    return found


def _told_by(module: Module) -> Iterator[Passage]:
    """Docstrings and heads of a module's classes and functions; the markdown of a notebook."""
    source = module.source
    yield from _docstring(module, module.tree)
    for cell in source.cells:
        if cell.kind == "markdown":
            yield from _pieces("markdown", cell.text, source.path, cell.index)
    for node in module.tree.body:
        if isinstance(node, _DEFINITIONS):
            yield _head(node, source)
            yield from _docstring(module, node)
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        yield from _docstring(module, inner)
    yield from _uses(module)
    if module.source.tree is None:
        yield from _pieces("text", module.text[: LONGEST * 4], source.path, None)
    else:
        yield from _comments(module, source)


def _docstring(
    module: Module, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[Passage]:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        text = ast.get_docstring(node) or ""
        if len(text) > 12:
            yield Passage("docstring", text[:LONGEST], module.place(first))


def _head(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, source: Source) -> Passage:
    """The first line of a definition, the comment above it and the comments in it."""
    lines = source.lines
    start = node.lineno - 1
    above = start
    while above > 0 and lines[above - 1].lstrip().startswith("#"):
        above -= 1
    stop = min(getattr(node, "end_lineno", start + 1) or start + 1, len(lines))
    inside = (line.strip() for line in lines[start + 1 : stop] if "#" in line and line.lstrip().startswith("#"))
    kept = [*(line.strip() for line in lines[above : start + 1]), *inside]
    if isinstance(node, ast.ClassDef):
        kept += [
            f"def {inner.name}" for inner in node.body if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]
    return Passage("code", "\n".join(kept)[:LONGEST], source.place(above + 1, node.lineno))


def _uses(module: Module) -> Iterator[Passage]:
    """The names that a module imports and calls, so that a question for one of them finds it; by themselves the modules
    that it imports whole, which take no place from what it calls."""
    names: dict[str, None] = {}
    length = 0
    for name in _named(module):
        if name not in names:
            names[name] = None
            length += len(name) + 1
        if length > LONGEST:
            break
    text = " ".join(names)[:LONGEST]
    if text:
        yield Passage("code", f"uses {text}", module.source.place(1, 1))
    whole = " ".join(dict.fromkeys(alias.name for node in module.of(ast.Import) for alias in node.names))
    if whole:
        yield Passage("code", f"imports {whole[:LONGEST]}", module.source.place(1, 1))


def _named(module: Module) -> Iterator[str]:
    """What a module imports by name, and calls."""
    for node in module.of(ast.ImportFrom, ast.Call):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module)
        elif isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            yield unparse(node.func)[:80]


def _comments(module: Module, source: Source) -> Iterator[Passage]:
    """The comments outside of definitions, whose own `_head` tells."""
    defined = (node for node in module.tree.body if isinstance(node, _DEFINITIONS))
    inside = {number for node in defined for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    lines = ((number, line.strip()) for number, line in enumerate(source.lines, 1) if number not in inside)
    kept = [(number, line) for number, line in lines if line.startswith("#")]
    text = "\n".join(line for _, line in kept)[:LONGEST]
    if text:
        yield Passage("code", text, source.place(kept[0][0], kept[0][0]))


def _readme(program: Program) -> Iterator[Passage]:
    """What the READMEs beside the model and further up say of it, then the sections of the one beside it."""
    path = program.candidate.path
    folder = os.path.dirname(program.candidate.script or path)
    sources = [program.read(each) for each in program.candidate.files if is_readme(each)] if program.read else []
    for source in sources:
        if "sections" not in source.kept:
            source.kept["sections"] = sections(source.text)
        for text, piece in told(source.kept["sections"], os.path.relpath(path, os.path.dirname(source.path))):
            if len(text) > 12:
                yield Passage("readme", text[:LONGEST], Place(source.path, piece.line, piece.end))
    for source in sources:
        if os.path.dirname(source.path) == folder:
            yield from _kept(source, partial(_pieces, "readme", source.text[:20_000], source.path, None))


def _config(program: Program) -> Iterator[Passage]:
    candidate = program.candidate
    if candidate.kind == "config" and program.read is not None:
        text = program.read(candidate.path).text
        yield from _pieces("text", text[:LONGEST], candidate.path, None)


_SECTION = re.compile(r"^(?=#{1,4} )", re.MULTILINE)


def _pieces(kind: str, text: str, path: str, cell: int | None) -> Iterator[Passage]:
    """A text by its sections, each cut to what the embedder reads."""
    line = 1
    for section in _SECTION.split(text):
        for part in _cut(section):
            if len(part.strip()) > 12:
                yield Passage(kind, part.strip(), Place(path, line, line + part.rstrip().count("\n"), cell))  # type: ignore[arg-type]
            line += part.count("\n")


def _cut(text: str) -> Iterable[str]:
    """Pieces of at most `LONGEST` characters that end at a paragraph or line where they can."""
    while len(text) > LONGEST:
        end = max(text.rfind("\n\n", 0, LONGEST), text.rfind("\n", 0, LONGEST), LONGEST // 2)
        yield text[:end]
        text = text[end:]
    yield text
