"""The words that a question may name: the vocabulary's, and those of the collection that is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.catalog import tokens
from core.catalog.columns import METRICS, Columns, columns_of
from core.catalog.matching import names_meant
from core.fields import SETTINGS
from core.search.english import english, singulars, spelt
from core.search.misspelt import Misspelt
from core.search.query import Expr, Filter, Or, Text
from core.search.senses import Found, Sense
from core.vocabulary import Vocabulary, fold, load

if TYPE_CHECKING:
    from core.catalog.reading import Reader

SHORTEST_CONCEPT = 5
"""Letters of the shortest concept that may be misspelt."""
LONGEST_PHRASE = 7
"""Words of the longest phrase that is looked up."""

_FIELD_ORDER = (
    "architecture", "datasets", "framework", "optimizer", "task", "environment", "hardware", "loss", "scheduler",
)  # fmt: skip
"""Where a word names values of several fields, the earlier field is meant; values of the collection are names too."""

_ALSO_TECHNIQUES = ("architecture", "loss", "datasets")
"""Fields whose names in use are no techniques."""


class Lexicon:
    """Phrases and what they mean in one generation of one catalogue."""

    def __init__(self, vocabulary: Vocabulary, columns: Columns | None) -> None:
        self.vocabulary, self.columns = vocabulary, columns
        self.senses: dict[str, Sense] = {}
        self.spelt: dict[str, str] = {}
        self._spaced: set[str] = set()
        self._settings_too: dict[str, Sense] = {}
        self._values_too: dict[tuple[str, str], Sense] = {}
        self._add_fields()
        self._add_concepts()
        self._add_values()
        if columns is not None:
            self._add_own(columns)
        self.strong = [
            key
            for key, sense in self.senses.items()
            if not sense.weak
            and len(key) >= (4 if sense.kind != "concept" else SHORTEST_CONCEPT)
            and not (sense.kind == "setting" and sense.names == (self.spelt[key],))
        ]
        self.misspelt = Misspelt(self)
        self.class_names = self._own_values("model_classes")
        self.narrower = frozenset(map(fold, vocabulary.table("architectures", "narrower").get("names", ())))
        """Names of one kind of a family, which only a model's text can tell: "dueling DQN"."""
        self.families = frozenset(name for name in self._own_values("architecture") if name != name.casefold())
        """As the vocabulary spells them: "DQN" is the family also where a model is called `dqn`."""
        self.labels = {label.casefold(): label for label in columns.roots.values()} if columns else {}
        self.called_roots = _around(columns.roots) | self.labels if columns else {}
        """The labels, and the folders around roots that say which one is meant, each with the label."""
        self.label_parts = [(part, label) for low, label in self.labels.items() for part in re.split(r"[\W_]+", low)]
        """The words of the roots' labels, each with its label."""
        self.titles = {fold(label): label for label in self.labels.values() if len(re.split(r"[\W_]+", label)) > 3}
        """The labels of four words or more, which nobody says by chance."""
        self.folders = _folders(columns.ids) if columns else frozenset()

    def _own_values(self, field: str) -> frozenset[str]:
        return frozenset(str(v) for v in self.columns.values(field) if v) if self.columns else frozenset()

    def _add(self, phrase: str, sense: Sense) -> None:
        key = fold(phrase)
        if key and key not in self.senses:
            self.senses[key] = sense
            self.spelt[key] = phrase
        known = self.senses.get(key)
        same = known and (known.field, known.value, known.names) == (sense.field, sense.value, sense.names)
        if same and re.search(r"[\s_-]", phrase.strip()):
            self._spaced.add(key)  # also where it is written in one word first: "CartPole", "cart pole"

    def _add_fields(self) -> None:
        weak = english().weak_fields
        for spec in self.vocabulary.fields.values():
            for word in (spec.name, *spec.aliases):
                if not word.endswith(" on"):  # "created on or after": the preposition is the date's
                    self._add(word, Sense("field", spec.name, weak=fold(word) in weak))

    def _add_concepts(self) -> None:
        for concept in self.vocabulary.table("concepts", "concepts").values():
            for phrase in concept["phrases"]:
                flags = {flag: concept.get(flag, False) for flag in ("weak", "alone", "subject", "described")}
                self._add(phrase, Sense("concept", "", concept["means"], **flags))
        named = {
            (field, fold(word)): term.name
            for field in _ALSO_TECHNIQUES
            for term in self.vocabulary.terms(field)
            for word in (term.name, *term.aliases)
        }
        for technique in self.vocabulary.table("techniques", "techniques").values():
            for phrase in technique.get("phrases", ()):
                if any(
                    (name := named.get((field, fold(phrase)))) and self.in_use(field, name)
                    for field in _ALSO_TECHNIQUES
                ):
                    continue  # what models here are known to have: "mixture-of-experts models", "hinge loss", PROTEINS
                self._add(phrase, Sense("concept", "", _evidence(technique["words"]), described=True))

    def _add_values(self) -> None:
        weak = english().weak_values
        for names_first in (True, False):
            for field in _FIELD_ORDER + tuple(f for f in self.vocabulary.fields if f not in _FIELD_ORDER):
                for term in self.vocabulary.terms(field):
                    for word in (term.name,) if names_first else term.aliases:
                        self._add(word, Sense("value", field, term.name, weak=fold(word) in weak))
        for words, names in self.vocabulary.settings_aliases.items():
            setting = Sense("setting", "", names=names, weak=fold(words) in english().weak_fields)
            self._add(words, setting)
            self._settings_too[fold(words)] = setting
        for names in self.vocabulary.settings_aliases.values():
            for name in names:
                if len(name) > 2:
                    self._add(name, Sense("setting", "", names=(name,), weak=True))

    def _add_own(self, columns: Columns) -> None:
        ordinary = english().ordinary
        for field in _FIELD_ORDER:
            for value in columns.values(field):
                key = fold(str(value))
                if isinstance(value, str) and len(key) >= 3 and not key.isdigit():
                    sense = Sense("value", field, value, weak=value.casefold() in ordinary)
                    if self._is_idle_alias(key, field):
                        other = self.senses.pop(key)  # Noam, an optimizer here, though elsewhere a schedule
                        self._values_too[other.field, key] = other
                    self._add(value, sense)
                    self._values_too[field, key] = sense
        for field in ("datasets", "environment"):
            for name, values in _heads(map(str, columns.values(field))).items():
                self._add(name, Sense("concept", "", f"{field}:" + ",".join(f'"{value}"' for value in values)))
        for name in map(str, columns.values("author")):
            parts = [part for part in name.split() if part != part.casefold()]  # "van" is none in "Marc van Zee"
            for word in (name, *parts):
                if len(word) > 2 and word.casefold() not in ordinary:
                    self._add(word, Sense("value", "author", name))
        for name in self.settings():
            verb, _, rest = name.partition("_")
            asked = verb == "use" and fold(rest) in self.senses  # "which models use dropout" asks for no `use_dropout`
            if ("_" in name or "-" in name) and not asked:
                self._add(name, Sense("setting", "", names=(name,)))

    def _is_idle_alias(self, key: str, field: str) -> bool:
        """Whether a name of a value of this field is known only as another name of another field's, which no model
        has."""
        known = self.senses.get(key)
        if known is None or known.kind != "value" or known.field == field or fold(known.value) == key:
            return False
        return not self.in_use(known.field, known.value)

    def settings(self) -> tuple[str, ...]:
        """The names of the settings that the collection has."""
        return self.columns.settings if self.columns else ()

    def setting(self, name: str) -> str | None:
        """The collection's own spelling of a setting's name; where it has none as it is, `-` and `_` and case do not
        matter."""
        if name in self.settings():
            return name
        folded = fold(name)
        return next((own for own in self.settings() if fold(own) == folded), None)

    def settings_called(self, names: Sequence[str]) -> tuple[str, ...]:
        """The collection's own spellings of settings by these names (`GAMMA`), the names where it has none of them."""
        return tuple(own for name in names for own in self._settings_by_key.get(fold(name), ())) or tuple(names)

    @cached_property
    def _settings_by_key(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for own in self.settings():
            found.setdefault(fold(own), []).append(own)
        return found

    def setting_apart(self, name: str, field: str) -> str | None:
        """The setting that is spelt as another name of a field of numbers and mostly tells something else than it:
        `num_steps` of a rollout, where the steps are `total_timesteps`."""
        spec = self.vocabulary.fields.get(field)
        other = "_" in name and name != field and name in self.settings()
        if self.columns is None or not other or spec is None or spec.kind != "number":
            return None
        known, own = (
            [(model, of.values[code]) for model, code in zip(of.models.tolist(), of.codes.tolist(), strict=True)]
            for of in map(self.columns.column, (field, SETTINGS + name))
        )
        return name if 2 * len(set(own) & set(known)) < len(set(own)) else None

    def setting_too(self, found: Found) -> Found | None:
        """The setting that goes by the name of a concept or value: "entropy coefficient", "momentum"."""
        if found.sense.kind not in ("concept", "value"):
            return None
        senses = (self._settings_too.get(form) for form in singulars(fold(found.name)))
        return next((replace(found, sense=sense) for sense in senses if sense), None)

    def value_too(self, found: Found, fields: Iterable[str]) -> Found | None:
        """The value that a name is of a field said beside it: "the Noam optimizer", though Noam is a schedule too; "a
        step or cosine schedule"."""
        if found.sense.kind not in ("value", "field") or found.sense.field in fields:
            return None
        senses = [self._values_too.get((name, fold(found.name))) for name in fields]
        named = ((name, self.vocabulary.canonical(name, found.name)) for name in fields)
        senses += [Sense("value", name, value, weak=True) for name, value in named if value]
        return next((replace(found, sense=sense) for sense in senses if sense), None)

    def metric(self, name: str) -> str | None:
        """The collection's own spelling of a metric's name."""
        folded = fold(name)
        names = self.columns.metric_names if self.columns else ()
        return next((METRICS + own for own in names if fold(own) == folded), None)

    def family(self, sense: Sense, text: str) -> str:
        """The value meant: a loss said in plain words ("mean squared error") is the family, not one function."""
        initials = re.fullmatch("[A-Z][A-Z0-9]+ loss", text)  # "BCE loss", no code as "BCELoss" is
        if sense.field != "loss" or "_" in text or (text != text.casefold() and not initials):
            return sense.value
        return (sense.value, *self.vocabulary.parents("loss", sense.value))[-1]

    def called(self, name: str) -> list[str]:
        """The folders and files in whose names a name stands, however it is spelt: "pix 2 pix" in `pix2pix.py`; of a
        short one as a word of its own: `td3_lstm.py`."""
        key = fold(name)
        short = len(key) < SHORTEST_CONCEPT
        return sorted(own for folded, own in self._folders_folded if key in (tokens.words(own) if short else folded))

    @cached_property
    def _folders_folded(self) -> list[tuple[str, str]]:
        stems = {re.sub(r"\.\w+$", "", name) for name in self.folders}
        return [(fold(stem), stem) for stem in stems]

    # -- looking up

    def hyphenated(self, word: str) -> bool:
        """Whether a word with hyphens is a name or concept, in either number, a folder, or a word of English."""
        known = word.casefold() in self.folders or any(form in self.senses for form in singulars(fold(word)))
        return "-" in word and (known or english().functions.get(word.casefold()) == "pretrained")

    def exact(self, words: Sequence[str]) -> Found | None:
        """The longest phrase at the start of these words, also in the plural; a sign ends it ("beta > 1", no beta1)."""
        words = list(takewhile(lambda word: word not in _SIGNS, words[:LONGEST_PHRASE]))
        for length in range(len(words), 0, -1):
            key = fold("".join(words[:length]))
            if not (fold(words[0]) and fold(words[length - 1])):
                continue
            for form in singulars(key):
                sense = self.senses.get(form)
                if sense and (length == 1 or self._may_be_spaced(form, words[:length])):
                    plural = form != key or words[length - 1].endswith("s")
                    return Found(sense, length, plural, name=self.spelt[form])
        return None

    def means(self, word: str) -> bool:
        """Whether a word means something here, apart from a name that is an English word too and that no model has, and
        from a longer name of a family that a root has: nanoGPT."""
        found = self.exact([word])
        if found is None or found.sense.kind != "value":
            return found is not None
        value, field = found.sense.value, found.sense.field
        longer = word.casefold() in self.called_roots and fold(value) in fold(word) and fold(value) != fold(word)
        return not (longer and field == "architecture") and (not found.sense.weak or self.in_use(field, value))

    def _may_be_spaced(self, key: str, words: Sequence[str]) -> bool:
        """Whether words run together are this name: written apart in the vocabulary, or no English ("celeb a")."""
        last = self.senses.get(fold(words[-1]).removesuffix("s"))
        if "_" in self.spelt[key] and last and last.field == "architecture":
            return False  # "CelebA GANs", though code calls the data `celeba_gan`
        if key in self._spaced:
            return True
        return len(key) >= 5 and words[0] not in english().dropped and not all(w in english().ordinary for w in words)

    def is_narrower(self, expr: Expr | None) -> bool:
        """Whether an expression is the name of one kind of a family."""
        return isinstance(expr, Text) and fold(expr.words) in self.narrower

    def parted(self, words: Sequence[str]) -> str | None:
        """The part of a model's name that two words are, "info gan", infogan; names or English both, they are two."""
        two = words[:2]
        name = next((form for form in singulars(fold("".join(two))) if form in self.name_parts), None)
        if len(two) < 2 or not name or not all(map(fold, two)) or all(map(self._plain, two)):
            return None
        return None if all(any(form in self.senses for form in singulars(fold(word))) for word in two) else name

    def is_called(self, leaf: Filter, word: str) -> bool:
        """Whether a model that meets a filter on names holds this word in its id."""
        if self.columns is None or word.casefold() not in self._words_of_names:
            return False
        count = len(self.columns.ids)
        met = self.columns.column(leaf.field).where(count, names_meant(leaf.field, str(leaf.value), self.vocabulary))
        ids = (name for name, meets in zip(self.columns.ids, met, strict=True) if meets)
        return any(word.casefold() in (*tokens.words(name), *tokens.parts(name)) for name in ids)

    @staticmethod
    def _plain(word: str) -> bool:
        return word.casefold() in english().ordinary

    @cached_property
    def name_parts(self) -> frozenset[str]:
        """The words in the names of files, folders and classes that are no plain English."""
        return self._long_words_of_names - english().ordinary

    @cached_property
    def english_parts(self) -> frozenset[str]:
        """The words of plain English in such names."""
        return self._long_words_of_names & english().ordinary

    @cached_property
    def _long_words_of_names(self) -> frozenset[str]:
        return frozenset(part for part in self._words_of_names if len(part) > 4 and not part.isdigit())

    @cached_property
    def _words_of_names(self) -> frozenset[str]:
        names = (*self.folders, *self.class_names)
        return frozenset(part for name in names for part in (*tokens.words(name), *tokens.parts(name)))

    def held_together(self, exprs: Sequence[Expr]) -> bool:
        """Whether some model has all of these values, so far as values tell."""
        columns = self.columns
        if all(isinstance(e, Filter) and e.op == ":" and e.field in ("root", "kind") for e in exprs):
            return False  # a model lies in one root: "PPO in lab and archive"
        named = [list(e.args if isinstance(e, Or) else (e,)) for e in exprs]
        if columns is None or not all(_is_value(e) for some in named for e in some):
            return True
        held = (
            np.logical_or.reduce([self._having(e, columns) for e in some if isinstance(e, Filter)]) for some in named
        )
        return bool(np.logical_and.reduce(list(held)).any())

    def _having(self, named: Filter, columns: Columns) -> NDArray[np.bool_]:
        """The models that have a value."""
        test = names_meant(named.field, str(named.value), self.vocabulary)
        return columns.column(named.field).where(len(columns.ids), test)

    def in_use(self, field: str, value: str) -> bool:
        """Whether some model of the collection has this value, or a member of the family it names."""
        test = names_meant(field, value, self.vocabulary)
        return self.columns is not None and any(map(test, self.columns.values(field)))


def _is_value(expr: Expr) -> bool:
    return isinstance(expr, Filter) and expr.op == ":" and expr.field.startswith((SETTINGS, *_FIELD_ORDER))


def _evidence(words: Sequence[str]) -> str:
    """What a technique leaves in a script, as a line of the grammar: any of the phrases, all parts of one."""
    lines = [[f'"{part}"' for part in line.split(" + ")] for line in words]
    return "(" + " OR ".join(line[0] if len(line) == 1 else f"({' '.join(line)})" for line in lines) + ")"


def _heads(values: Iterable[str]) -> dict[str, list[str]]:
    """Names without the number of their version or year, and which they are: WMT for WMT14 and WMT17."""
    found: dict[str, list[str]] = {}
    for value in values:
        match = re.fullmatch(r"([A-Za-z][A-Za-z-]+?)[-_ ]?v?\d[\d.]*[kM]?", value)
        if match and match[1].casefold() not in english().ordinary:
            found.setdefault(match[1], []).append(value)
    return found


def _folders(ids: Sequence[str]) -> frozenset[str]:
    """Every part of an id, folded in case: the names of folders and files."""
    return frozenset(part.casefold() for name in ids for part in name.split("/"))


def _around(roots: Mapping[str, str]) -> dict[str, str]:
    """The names of the folders around roots that say which one is meant, each with the label: `ignite/examples`."""
    around = Counter(PurePath(path).parent.name.casefold() for path in roots)
    names = {PurePath(path).parent.name.casefold(): label for path, label in roots.items()}
    plain = spelt() | english().ordinary | _STORES
    return {name: label for name, label in names.items() if around[name] == 1 and len(name) > 3 and name not in plain}


_SIGNS = frozenset(["<", ">", "<=", ">=", "=", "==", "!="])
_STORES = frozenset(["repos", "github", "gitlab", "bitbucket", "clones", "datasets", "notebooks", "pycharmprojects"])
"""Folders in which all kinds of roots lie."""


def lexicon_of(reader: Reader) -> Lexicon:
    """The lexicon of a reader."""
    return reader.made(_make)


def _make(reader: Reader) -> Lexicon:
    return Lexicon(load(), columns_of(reader))
