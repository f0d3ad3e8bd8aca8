"""Slips in the words that a question is built with: "models witout Adam", "comapre DCGAN with WGAN", "atleast 20"."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA, Postfix, Prefix

from core.search.english import english
from core.search.grammar import outside_quotes
from core.search.misspelt import SHORTEST, may_slip
from core.vocabulary import load

if TYPE_CHECKING:
    from core.search.lexicon import Lexicon

_WORD = re.compile(rf"(?<![\w./:=<>*'’-])[A-Za-z]{{{SHORTEST},20}}(?![\w/:=<>*'’-]|\.\w)")
"""A word of English prose, no part of a path, a file's name or a filter."""
_ASKING = (
    "compare", "compares", "compared", "comparing", "comparison", "contrast", "difference", "differences",
    "differ", "versus", "image", "images", "picture", "pictures", "sample", "samples", "photo", "photos", "curve",
)  # fmt: skip


def without_slips(line: str, lexicon: Lexicon) -> str:
    """A line whose words that say how the others belong together are spelt right. What stands in quotes, is a word of
    English or a name, or misspells one, stays as it is, and so does what has a capital behind the first word."""
    for word in reversed(list(_WORD.finditer(outside_quotes(line)))):
        named = line[: word.start()].strip() and not word[0].islower() and not line.isupper()
        meant = None if named else _meant(word[0].casefold(), lexicon)
        if meant:
            line = f"{line[: word.start()]}{meant}{line[word.end() :]}"
    return line


@cache
def _words() -> tuple[frozenset[str], dict[str, str]]:
    """The words that are looked for, and phrases of two by how they are spelt in one: `atleast`."""
    said = [phrase for phrase in english().functions if phrase.replace(" ", "").isalpha()]
    joined = {phrase.replace(" ", ""): phrase for phrase in said if phrase.count(" ") == 1}
    named = (name for spec in load().fields.values() for name in (spec.name, *spec.aliases) if name.isalpha())
    words = {word for phrase in [*said, *_ASKING, *english().dropped, *named] for word in phrase.split()}
    return frozenset(word for word in words if len(word) >= SHORTEST), joined


def _meant(word: str, lexicon: Lexicon) -> str | None:
    """What a word misspells by a slip, two of a long word, that leave its first letter; of several what has the same
    letters or looks most like it, unless that is a word that is looked for by itself."""
    single, joined = _words()
    if word in joined or word in single:
        return joined.get(word)
    if not lexicon.misspelt.leaves(word):
        return None
    other = lexicon.misspelt.word(word)
    words = {*single, other} if other else single
    near = process.extract(word, words, scorer=OSA.distance, score_cutoff=2, limit=None)
    like = [(slips, sorted(name) != sorted(word), -_likeness(name, word), name) for name, slips, _ in near]
    meant = min((each for each in like if each[-1] not in single or may_slip(word, each[-1], each[0])), default=None)
    return meant[-1] if meant and meant[-1] in single else None


def _likeness(one: str, other: str) -> int:
    """How many letters two words begin and end with alike."""
    return Prefix.similarity(one, other) + Postfix.similarity(one, other)
