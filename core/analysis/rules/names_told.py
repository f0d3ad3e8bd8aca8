"""What names and titles say that a model is for: its file's and its folders', a notebook's heading, a docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core import vocabulary
from core.analysis.facts import Place
from core.analysis.program import Program
from core.analysis.readmes import LONGEST, is_readme, named, names_any, opening
from core.analysis.rules.datasets import datasets
from core.analysis.rules.pictured_places import Answer
from core.analysis.source import Source

Heard = tuple[str, Place, str]
"""What is said, where, and by what."""
_SURE = ("head ",)
"""How those tasks were found that no name is heard against."""
_EXACT = ("the targets are",)
"""The same for those that no name tells more exactly: what is guessed word by word is written so, too."""
_BY_DATA = ("dataset ",)
_SURER = (*_SURE, *_BY_DATA, "architecture ")
"""The same for what is said of its folder, which other scripts may stand in."""
_OF_ANY_SORT = "over pictures"
"""How what only makes pictures, or tells them apart, was found."""
_ALL = ("",)
"""The same for what is said of the folders around that."""
_GENERAL = frozenset({
    "classification", "regression", "reconstruction", "data generation", "density estimation",
    "time series forecasting",
})  # fmt: skip
"""What losses and families alone tell is often for something else, of which a README speaks."""
_FOLDERS = 3
"""How many folders up from the file speak of it."""


def renamed(program: Program, found: Answer | None) -> Answer | None:
    """The task once names were heard: they say what for, where a loss and the shape of a network are for many things.
    What acts and a library's head are sure; data and families are surer than the name of the folder, and all code than
    those of folders around it; a README is heard where code says nothing, what is general or of which kind pictures of
    no known data are, its title also against pictures of any sort. What implies another task is only told more exactly;
    a name of two tasks tells none, nor do names once one says that the script comes before another, or is not for
    it."""
    told, how = (found[0], found[2]) if found is not None else ("", "")
    if told == "reinforcement learning":
        return found
    parents = vocabulary.load().parents
    near, *far = _folders(program)
    unsure = how.endswith(_OF_ANY_SORT)
    strange = unsure and told == "image classification" and all(fact.value is None for fact in program.ask(datasets))
    general = _SURE + _BY_DATA if told in _GENERAL or strange else _ALL
    titled = _SURE + _BY_DATA if unsure else general
    for heard, sure in ((_own(program), _SURE), ([near], _SURER), (far, _ALL), (_readmes(program), general)):
        for text, place, where in heard:
            text = _BESIDE.split(_plain(text))[0]
            if _ASIDE.search(text):
                return found
            said = _said(text, weak=found is None and (sure is _SURE or where == _TITLE))
            if len(said) > 1 or told in said or any(name in parents("task", told) for name in said):
                return found
            exacter = bool(said) and told in parents("task", said[0])
            heard_against = _EXACT if exacter else titled if where == _TITLE else sure
            if said and (found is None or not how.startswith(heard_against)):
                return said[0], place, where
    return found


def _own(program: Program) -> Iterator[Heard]:
    """The names of the configuration and of the script, and the script's title, with where they stand."""
    for path in dict.fromkeys((program.candidate.path, program.entry.path)):
        yield Path(path).stem, _first(program, path), "the file's name"
    if (title := _title(program)) is not None:
        yield *title, "the title"


def _readmes(program: Program) -> Iterator[Heard]:
    """The titles of the READMEs beside the configuration and further up, the nearest first, then the first sentences
    under them."""
    paths = sorted(filter(is_readme, program.candidate.files), key=lambda path: (-len(Path(path).parts), path))
    sources = [program.read(path) for path in paths] if program.read is not None else []
    for source in sources:
        if "opening" not in source.kept:
            source.kept["opening"] = [*opening(source.text)]
    for which in (0, 1):
        for source in sources:
            for piece in source.kept["opening"][which : which + 1]:
                near = which == 0 and _is_near(source, program)
                if which == 0 and piece.text.count(",") >= _MANY:
                    continue  # each is called there, of which this is one
                yield piece.text, Place(source.path, piece.line, piece.line), _TITLE if near else "the README"


_MANY = 3


def _is_near(source: Source, program: Program) -> bool:
    """Whether a README stands beside the script or the configuration, or names it or its folder."""
    folder = Path(source.path).parent
    said = named(source.text[:LONGEST])
    files = (Path(program.candidate.path), Path(program.entry.path))
    below = (path for path in files if path.is_relative_to(folder))
    return any(path.parent == folder or names_any(said, path.relative_to(folder).as_posix()) for path in below)


def _folders(program: Program) -> Iterator[Heard]:
    path = Path(program.candidate.path)
    for folder in list(path.parents)[:_FOLDERS]:
        yield folder.name, _first(program, str(path)), "the folder's name"


def _first(program: Program, path: str) -> Place:
    """The first line of a file, in a notebook that of its first cell of code."""
    cells = program.entry.source.cells if path == program.entry.path else ()
    return Place(path, 1, 1, next((cell.index for cell in cells if cell.kind == "code"), None))


def _title(program: Program) -> tuple[str, Place] | None:
    """A notebook's first heading, else the first line of the script's docstring."""
    for cell in program.entry.source.cells[:_FIRST]:
        if cell.kind == "markdown" and (heading := _HEADING.search(cell.text)):
            line = cell.text.count("\n", 0, heading.start()) + 1
            return heading[1], Place(program.entry.path, line, line, cell.index)
    body = program.entry.tree.body
    text = ast.get_docstring(program.entry.tree) if body else None
    return (text.strip().partition("\n")[0], program.entry.place(body[0])) if text else None


_TITLE = "the README's title"
_FIRST = 4
_HEADING = re.compile(r"^#{1,3}\s+(.+)$", re.MULTILINE)


@cache
def _words() -> tuple[re.Pattern[str], dict[str, str | None], frozenset[str]]:
    """All that is said of tasks, the longest first, what each tells, and which tell only where nothing does."""
    terms = vocabulary.load().terms("task")
    table: dict[str, str | None] = {
        name.casefold().replace("-", " "): term.name for term in terms for name in (term.name, *term.aliases)
    }
    names = vocabulary.load().table("tasks", "names")
    table |= dict.fromkeys(names["everyday"])
    table |= {each: name for name, said in vocabulary.load().table("tasks", "said").items() for each in said}
    longest = sorted(map(re.escape, table), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(longest)})s?\b"), table, frozenset(names["weak"])


def _said(text: str, *, weak: bool) -> list[str]:
    """The tasks that a name speaks of, in plain text, without those that others of them imply."""
    pattern, table, weaker = _words()
    found = {table[match] for match in pattern.findall(text) if weak or match not in weaker}
    tasks = [each for each in found if each is not None]
    implied = {parent for each in tasks for parent in vocabulary.load().parents("task", each)}
    return sorted(set(tasks) - implied)


def _plain(text: str) -> str:
    return _BETWEEN.sub(" ", _CAPITALS.sub(" ", text)).casefold()


_BESIDE = re.compile(r" (?:without|inspired by|motivated by) ")
"""What comes before things that are only mentioned."""
_ASIDE = re.compile(r"\b(not|no|before|beyond|unlike|pre ?train(s|ed|ing)?|pretext|adapted from)\b")
"""What names say of what a script is not for, or for which it only makes ready."""
_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W_]+")
