"""Names that a word misspells: letters left out or in another order, another vowel, no vowels at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, cached_property
from string import ascii_lowercase
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA, Prefix

from core.search.english import english, is_derived, singulars, spelt, topical
from core.search.senses import Found
from core.vocabulary import fold

if TYPE_CHECKING:
    from core.search.lexicon import Lexicon

SURE_CONCEPT = 7
"""Letters of the shortest concept of which a letter may be another one."""
SHORTEST_WORD = 7
"""Letters of the shortest plain word that is taken for a misspelt one."""
LONGEST_INITIALS = 4
"""Letters of a word in capitals that is taken for initials, which misspell nothing: "CORL", no Cora."""
SHORTEST = 4
"""Letters of the shortest word that a slip is put right in: of five none may be missing or one too many."""
LONG = 8
"""Letters from which two slips are one word's; of six where only the letters' order is wrong."""
_ALIKE = frozenset("aeiouysz")
"""Letters that one writes for another: vowels, and s and z."""
SHORTEST_BARE = 3
"""Letters of the shortest word that a name is without its vowels."""

_OF_SHORT_VERB = re.compile(r"[^aeiou\W\d]{1,3}[aeiou]([bdgmnprt])\1(?:ing|ed|er|ers)")
"""A form of a verb of three letters or so, as English doubles its last: "binning"."""
_BRITISH = re.compile("alis(?:e|es|ed|er|ers|ing)$")
"""How a word ends that code spells with a z: "normalise"."""
_CODE = re.compile(r"[^\W\d]\.[^\W\d]")
"""A name within another, as code and files have them: "model.fit"."""


class ByLength:
    """Names, of which a word may misspell only those that are about as long: a letter more or less is a slip."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._kept: dict[tuple[str, int, int], list[str]] = {}

    def about(self, word: str, slips: int, first: str = "") -> list[str]:
        """In their order those that may be so many slips away, and begin with `first`."""
        least, most = len(word) - slips, len(word) + slips
        if (first, least, most) not in self._kept:
            like = [name for name in self._names if least <= len(name) <= most and name.startswith(first)]
            self._kept[first, least, most] = like
        return self._kept[first, least, most]


class Misspelt:
    """What words misspell, by the names of one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    @cached_property
    def _names(self) -> ByLength:
        return ByLength(self._lexicon.strong)

    @cached_property
    def _parts(self) -> tuple[ByLength, ByLength]:
        """The words of models' names: those that are no plain English, and those that are."""
        return ByLength(self._lexicon.name_parts), ByLength(self._lexicon.english_parts)

    def name(self, words: Sequence[str]) -> Found | None:
        """The name that one to three words at the start misspell; a plain English word misspells nothing."""
        for length in range(min(3, len(words)), 0, -1):
            chunk = words[:length]
            known = self._known if length == 1 else self._common
            if length == 1 and chunk[0].isupper() and len(chunk[0]) <= LONGEST_INITIALS:
                continue
            if all(map(known, chunk)) or words[0].casefold() in english().dropped or _CODE.search(" ".join(chunk)):
                continue
            if length > 1 and chunk[-1].casefold() in english().dropped and len(chunk[-1]) < 4:
                continue
            most = sum(len(word) // 3 for word in chunk if not self._known(word)) or 1
            key = fold("".join(chunk))
            found = self._nearest(key, most) or (self._jumbled(key) if length == 1 else None)
            if found and length > 1 and self._is_said_by(chunk[:-1], chunk[-1], found, most):
                continue
            if found and length == 1 and not may_slip(key, found) and _slips_from_english(key):
                continue  # "squars" are squares, no SQuAD
            if found and all(
                fold(word) in found for word in chunk if length > 1 and fold(word) in self._lexicon.senses
            ):
                name = self._lexicon.spelt[found]
                meant = self._lexicon.exact([name, *words[length:]]) or Found(self._lexicon.senses[found], 1, name=name)
                length += meant.length - 1
                note = f"“{' '.join(words[:length])}” read as {self._shown(fold(meant.name))}"
                return replace(meant, length=length, note=note)
        return self._without_vowels(words[0])

    def _is_said_by(self, words: Sequence[str], last: str, found: str, most: int) -> bool:
        """Whether words misspell the same without the last, which is a name of its own: "celba gan" of CelebA."""
        senses = self._lexicon.senses
        near = self._nearest(fold("".join(words)), most) if fold(last) in senses else None
        return near is not None and senses[near] == senses[found]

    def ending(self, words: Sequence[str]) -> Found | None:
        """The name of two or three words of which one behind the first is misspelt, though the first means something by
        itself: "batch normalizaton", "least squars gan"; a misspelt word behind those may belong to it."""
        for length in (3, 2) if words and self._known(words[0]) else ():
            unknown = [word for word in words[1 : length + 1] if not self._known(word)]
            if len(words) < length or len(unknown) != 1 or not unknown[0].isalpha() or words[length:][:1] == unknown:
                continue  # "recurrent Q-network" is no recurrent network
            found = self.name(words[:length])
            if found and found.length >= length:
                return found
        return None

    def _without_vowels(self, word: str) -> Found | None:
        """The one name in use here that a word leaves the vowels out of: `flx`, `rsnt`, `trnsfrmr`."""
        key = fold(word)
        named = self._consonants.get(key, ()) if key not in self._lexicon.senses else ()
        if len(named) != 1:
            return None
        sense, name = self._lexicon.senses[named[0]], self._lexicon.spelt[named[0]]
        return Found(sense, 1, name=name, note=f"“{word}” read as {self._shown(named[0])}")

    @cached_property
    def _consonants(self) -> dict[str, list[str]]:
        """The names in use by their consonants."""
        found: dict[str, list[str]] = {}
        for key, sense in self._lexicon.senses.items():
            bare = key[:1] + re.sub("[aeiou]", "", key[1:])
            named = sense.kind == "value" and not sense.weak and SHORTEST_BARE <= len(bare) < len(key)
            if named and self._lexicon.in_use(sense.field, sense.value):
                found.setdefault(bare, []).append(key)
        return found

    def word(self, word: str) -> str | None:
        """The part of a model's name, else the long word of English, that a word misspells: `infgan`, infogan;
        `swtich`, switch."""
        low = word.casefold()
        known = self._known(low) and not _BRITISH.search(low)
        if len(low) < 5 or not (low.isalnum() and low.isascii()) or known or low in self._lexicon.name_parts:
            return None
        own, plain = self._parts
        near = _one_slip(low, own) or _one_slip(low, plain)
        if near is None and len(low) >= SHORTEST_WORD:
            near = _one_slip(low, _ordinary())
            near = near if near and len(near) >= SHORTEST_WORD and may_slip(low, near) else None
        return near

    def leaves(self, word: str) -> bool:
        """Whether a word is no English, no name or part of one here, and misspells no name."""
        return not self._known(word) and word not in self._lexicon.name_parts and self.name([word]) is None

    def field(self, name: str) -> str | None:
        """The field whose name or alias an unknown one is nearest to."""
        vocabulary = self._lexicon.vocabulary
        names = [word for spec in vocabulary.fields.values() for word in (spec.name, *spec.aliases)]
        near = process.extractOne(name.casefold(), names, scorer=OSA.normalized_distance, score_cutoff=0.34)
        spec = vocabulary.field(near[0]) if near else None
        return spec.name if spec else None

    def value(self, field: str, text: str) -> str | None:
        """The value of a field that a text misspells, where neither vocabulary nor collection knows it as it is."""
        vocabulary, columns = self._lexicon.vocabulary, self._lexicon.columns
        if columns is None:
            return None
        own = {fold(str(v)): str(v) for v in columns.values(field) if isinstance(v, str)}
        names = own | {fold(w): term.name for term in vocabulary.terms(field) for w in (term.name, *term.aliases)}
        key = fold(text)
        if key in names or len(key) < 4:
            return None
        limit = 1 if len(key) < 8 else 2
        near = process.extractOne(key, list(names), scorer=OSA.distance, score_cutoff=limit)
        return names[near[0]] if near else None

    def _known(self, word: str) -> bool:
        """Whether a word is spelt as it should be: English, or a name of its own here."""
        low = word.casefold()
        return (
            self._common(word)
            or any(form in spelt() for form in singulars(low))
            or is_derived(low)
            or low in topical()
            or bool(_OF_SHORT_VERB.fullmatch(low))
        )

    def _common(self, word: str) -> bool:
        """Whether a word is plain English, or a name of its own here."""
        low = word.casefold()
        return (
            any(form in english().ordinary for form in singulars(low))
            or low in english().describing
            or low in self._lexicon.folders
            or any(form in self._lexicon.senses for form in singulars(fold(low)))
            or (any(letter.isdigit() for letter in low) and not re.fullmatch(r"[a-z]{3,}\d[a-z]{2,}|[a-z]{4,}\d+", low))
            or len(low) < 4
        )

    def _nearest(self, key: str, most: int) -> str | None:
        """The name at most so many letters away, which has the same digits."""
        limit = min(most, 1 if len(key) < 8 else 2 if len(key) < 15 else 3)
        best: tuple[int, str] | None = None
        for form in singulars(key):
            if len(form) < 4 or form.isdigit():
                continue
            names = self._names.about(form, limit)
            least = process.extract(form, names, scorer=OSA.distance, score_cutoff=limit, limit=5)
            least = [each for each in least if self._may_slip(each[0], form) and _digits(each[0]) == _digits(form)]
            near = min(least, key=lambda each: (each[1], -Prefix.similarity(each[0], form)), default=None)
            if near and near[1] > 1 and (near[0].startswith(form) or form.startswith(near[0])):
                continue  # "polynomial" does not misspell PolynomialLR
            if near and near[0][0] == form[0] and (best is None or near[1] < best[0]):
                best = (int(near[1]), near[0])
        return best[1] if best else None

    def _may_slip(self, name: str, form: str) -> bool:
        """Whether a word may misspell this name: of a short concept, the letters in another order, one
        missing, or another vowel."""
        if len(name) >= SURE_CONCEPT or self._lexicon.senses[name].kind != "concept":
            return True
        other = [pair for pair in zip(name, form, strict=False) if pair[0] != pair[1]]
        vowels = len(name) == len(form) and {letter for pair in other for letter in pair} <= set("aeiouy")
        return _letters_apart(name, form) <= 1 or vowels

    def _jumbled(self, key: str) -> str | None:
        """The name in use here whose letters stand in a short word, but for one, in another order, `celab`, CelebA, or
        of which two letters inside are left out, `denset`, DenseNet."""
        if not 5 <= len(key) < 8:
            return None
        near = process.extract(key, self._names.about(key, 2), scorer=OSA.distance, score_cutoff=2)
        near = [each for each in near if _letters_apart(each[0], key) <= 1 or _lacks(key, each[0])]
        names = [name for name, *_ in near if name[0] == key[0]]
        meant = [(name, self._lexicon.senses[name]) for name in names]
        used = [
            name for name, sense in meant if sense.kind == "value" and self._lexicon.in_use(sense.field, sense.value)
        ]
        return used[0] if len(used) == 1 else None

    def _shown(self, key: str) -> str:
        sense = self._lexicon.senses[key]
        return sense.value or sense.field or key


def _slips_from_english(word: str) -> bool:
    """Whether a letter left out, or two in another order, made this of a longer word of English."""
    if len(word) < LONG - 2 or not (word.isalpha() and word.isascii()):
        return False
    turned = (f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" for at in range(1, len(word) - 1))
    lacked = (f"{word[:at]}{letter}{word[at:]}" for at in range(1, len(word)) for letter in ascii_lowercase)
    return any(meant in spelt() for meant in (*turned, *lacked))


@cache
def _ordinary() -> ByLength:
    return ByLength(english().ordinary)


def _one_slip(word: str, names: ByLength) -> str | None:
    """The name that one slip makes of a word, but for its first letter and its digits; of several that which begins
    most like it."""
    like = names.about(word, 1, word[0])
    near = process.extract(word, like, scorer=OSA.distance, score_cutoff=1, limit=None)
    meant = [name for name, *_ in near if _digits(name) == _digits(word)]
    return min(meant, key=lambda name: (-Prefix.similarity(name, word), name), default=None)


def may_slip(word: str, name: str, slips: int = 1) -> bool:
    """Whether fingers slip so: the order of letters, one left out or struck twice, another vowel, z for s; another
    consonant makes another word, "masking", "lesion"."""
    if word[0] != name[0]:
        return False
    mine, meant = Counter(word), Counter(name)
    more, less = mine - meant, meant - mine
    if not more and not less:
        return slips == 1 or len(word) >= LONG - 2
    if (slips > 1 and len(word) < LONG) or (len(word) < SHORTEST + 1 and (more or len(name) < SHORTEST + 1)):
        return False
    if more and less:
        return {*more, *less} <= _ALIKE
    return more.keys() <= meant.keys()


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))


def _lacks(word: str, name: str) -> bool:
    """Whether a word of six letters or more is a longer name with letters inside left out."""
    letters = iter(name)
    return 6 <= len(word) < len(name) and word[-1] == name[-1] and all(letter in letters for letter in word)


def _letters_apart(one: str, other: str) -> int:
    """How many letters one word has and the other has not."""
    mine, theirs = Counter(one), Counter(other)
    return (mine - theirs).total() + (theirs - mine).total()
