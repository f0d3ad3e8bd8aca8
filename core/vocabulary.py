"""The words of the field: names, aliases and parents, read once from `assets/vocabulary/`.

Adding a data set, an optimizer or a family is a line there, adding a framework a file, never code here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import core

FieldKind = Literal["number", "name", "text", "date", "size"]
KINDS: tuple[FieldKind, ...] = ("number", "name", "text", "date", "size")
ABOUT_FRAMEWORKS = ("layers", "networks", "wrappers", "losses", "models", "optimizers", "steps", "fits", "trains")
"""What a file of `frameworks/` may say of one beside its aliases, parents and modules; CONTRIBUTING explains them."""
FOLDER = Path(core.__file__).parent.parent / "assets" / "vocabulary"
"""Beside the packages: the same place in a checkout and in an installed wheel."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of the vocabulary: what kind of value it holds and the words that mean it."""

    name: str
    aliases: tuple[str, ...]
    kind: FieldKind


@dataclass(frozen=True, slots=True)
class Term:
    """A known value of a field. `parents` are the direct ones: LSTM -> RNN."""

    field: str
    name: str
    aliases: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Letters and digits only, case folded: "CIFAR-10", "cifar10" and "Cifar 10" are one."""
    return "".join(filter(str.isalnum, text.casefold()))


class Vocabulary:
    """All fields and terms, looked up by folded name or alias."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """`documents` maps a file's stem to what stands in it. Raises KeyError, ValueError on a malformed file."""
        self._documents = documents
        self.fields: Mapping[str, FieldSpec] = MappingProxyType(_fields(documents["fields"]))
        self.settings_aliases: Mapping[str, tuple[str, ...]] = MappingProxyType(
            {words: tuple(names) for words, names in documents["settings"]["aliases"].items()}
        )
        self._terms = {term_field: tuple(terms) for term_field, terms in _terms(documents)}
        self._names: dict[str, dict[str, Term]] = {}
        """By field, made when the field is first asked for."""

    def field(self, word: str) -> FieldSpec | None:
        """The field of this name or alias, None where no field has it."""
        return self._fields_by_word.get(fold(word))

    def terms(self, field: str) -> tuple[Term, ...]:
        """The known values of a field, in the order of its file; none for a field without a list."""
        return self._terms.get(field, ())

    def term(self, field: str, text: str) -> Term | None:
        """The term whose name or alias is exactly this text, once both are folded."""
        names = self._names.get(field)
        if names is None:
            names = self._names[field] = _index(self.terms(field))
        return names.get(fold(text))

    def canonical(self, field: str, text: str) -> str | None:
        """The canonical name for a name or alias (exact after folding), None where the field does not know it."""
        found = self.term(field, text)
        return found.name if found else None

    def parents(self, field: str, name: str) -> tuple[str, ...]:
        """All that a name implies, nearest first: WGAN-GP -> (WGAN, GAN)."""
        found: dict[str, None] = {}
        level = [name]
        while level:
            terms = (self.term(field, each) for each in level)
            level = [parent for term in terms if term for parent in term.parents if parent not in found]
            found.update(dict.fromkeys(level))
        return tuple(found)

    def document(self, stem: str) -> Mapping[str, Any]:
        """One file of the vocabulary as it stands."""
        return self._documents[stem]

    def of_frameworks(self, key: str) -> frozenset[str]:
        """What all frameworks say under one of the keys of `ABOUT_FRAMEWORKS`."""
        found: frozenset[str] = self._documents["frameworks"][key]
        return found

    def table(self, stem: str, name: str) -> Mapping[str, Any]:
        """A table of a file that is neither terms nor parents, such as the modules of frameworks."""
        table: Mapping[str, Any] = self._documents[stem].get(name, {})
        return table

    @cached_property
    def _fields_by_word(self) -> dict[str, FieldSpec]:
        words: dict[str, FieldSpec] = {}
        for spec in self.fields.values():
            for word in spec.aliases:
                words.setdefault(fold(word), spec)
        return words | {fold(spec.name): spec for spec in self.fields.values()}


@cache
def load() -> Vocabulary:
    """The vocabulary that ships with ModelSearch; read once a process."""
    documents = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
    files = [tomllib.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "frameworks").glob("*.toml"))]
    return Vocabulary(documents | {"frameworks": _gathered(files)})


@cache
def keys_of(stem: str, table: str) -> Mapping[str, list[str]]:
    """Of a table of lists in a file, the keys under which each item stands."""
    found: dict[str, list[str]] = {}
    for key, items in load().document(stem)[table].items():
        for item in items:
            found.setdefault(item, []).append(key)
    return found


def _gathered(files: list[dict[str, Any]]) -> dict[str, Any]:
    """The frameworks of all files as one document. Raises ValueError for a key that none has."""
    named = {name: about for file in files for name, about in file.items()}
    for name, about in named.items():
        if unknown := about.keys() - {"aliases", "parents", "modules", *ABOUT_FRAMEWORKS}:
            raise ValueError(f"{name}: {', '.join(sorted(unknown))} is said of no framework")
    return {
        "field": "framework",
        "terms": {name: about.get("aliases", []) for name, about in named.items()},
        "parents": {name: about.get("parents", []) for name, about in named.items()},
        "modules": {module: name for name, about in named.items() for module in about.get("modules", ())},
        **{key: frozenset(e for about in named.values() for e in about.get(key, ())) for key in ABOUT_FRAMEWORKS},
    }


def _fields(document: Mapping[str, Mapping[str, list[str]]]) -> dict[str, FieldSpec]:
    named = ((kind, *entry) for kind in KINDS for entry in document.get(kind, {}).items())
    return {name: FieldSpec(name, tuple(aliases), kind) for kind, name, aliases in named}


def _terms(documents: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, list[Term]]]:
    for document in documents.values():
        if "terms" in document:
            field, parents = document["field"], document.get("parents", {})
            yield (
                field,
                [
                    Term(field, name, tuple(aliases), tuple(parents.get(name, ())))
                    for name, aliases in document["terms"].items()
                ],
            )


def _index(terms: tuple[Term, ...]) -> dict[str, Term]:
    """Names win over aliases; of two equal aliases the first holds."""
    names: dict[str, Term] = {}
    for term in terms:
        for alias in term.aliases:
            names.setdefault(fold(alias), term)
    return names | {fold(term.name): term for term in terms}
