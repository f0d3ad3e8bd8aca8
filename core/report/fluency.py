"""Does a sentence read as English? A check of each word with the next, enough to refuse word salad.

Two words may stand side by side if they do so in the claim's own sentence, or if their kinds may in English.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import pairwise

_KINDS = {
    "determiner": "a an the this its",
    "preposition": "of in on at to for with by from as",
    "verb": "is are was were has have uses use employs runs run trains learns takes sets set",
    "participle": "trained built called used using",
    "joint": "and while where",
    "relative": "which that",
    "pronoun": "it",
    "comma": ", ;",
    "end": ".",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}

_MAY_FOLLOW = {
    "start": "determiner pronoun preposition name",
    "determiner": "word name",
    "preposition": "determiner name",
    "verb": "determiner participle preposition name",
    "participle": "preposition",
    "joint": "determiner name preposition verb pronoun",
    "relative": "verb",
    "pronoun": "verb",
    "comma": "determiner pronoun preposition joint relative name",
    "name": "preposition joint verb comma end",
    "word": "preposition joint verb comma end",
}
"""A kind, and the kinds that may follow it; `name` is a name or number, `word` any other word."""


Word = tuple[str, bool]
"""A word in lower case, or a name or number as it is; and whether it is one of these."""


def reads_badly(words: Sequence[Word], model: Sequence[Word], nouns: Set[str] = frozenset()) -> str | None:
    """The first two words that do not go together, or None. `model` reads well; `nouns` may have a name after them."""
    known = set(pairwise([("", False), *model]))
    for before, after in pairwise([("", False), *words]):
        allowed = _MAY_FOLLOW.get(_kind(before), "").split()
        named = before[0] in nouns and after[1]
        if _kind(after) not in allowed and not named and (before, after) not in known:
            return f"{f'{before[0]} {after[0]}'.strip()!r} does not read well"
    verbs = [any(_kind(word) == "verb" for word in side) for side in (words, model)]
    return "there is no verb" if verbs[1] and not verbs[0] else None


def _kind(word: Word) -> str:
    if word == ("", False):
        return "start"
    return "name" if word[1] else _KIND_OF.get(word[0], "word")
