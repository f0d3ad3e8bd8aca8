"""What is done with sequences of words: one is made of another, or there are words at all."""

from __future__ import annotations

import re

from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed


def translating(model: Purposed) -> Answer | None:
    """One sequence of words in, and another out: of data that are texts, or where either has a vocabulary of its
    own."""
    pair = model.families.get("Seq2Seq")
    if pair is None:
        return None
    if model.holds("text"):
        return "translation", pair.place, "one sequence of words in, another out"
    named = {name.casefold() for body in model.view.bodies for name in (*body.assigned, *body.spoken)}
    if not model.data and any(map(_SOURCE.match, named)) and any(map(_TARGET.match, named)):
        return "translation", pair.place, "words of one vocabulary in, of another out"
    return None


_SOURCE = re.compile(r"(n_|len_|size_)?(src|source|input|encoder)_(vocab|lang|tokenizer|i?word2i|language)")
_TARGET = re.compile(r"(n_|len_|size_)?(trg|tgt|target|output|decoder)_(vocab|lang|tokenizer|i?word2i|language)")
"""What the vocabularies, or languages, of both sides are called."""


def speaks_of_words(model: Purposed) -> bool:
    """Whether what is embedded are words or letters of a vocabulary."""
    embedded = bool(model.view.kinds["embedding"])
    return embedded and any(_WORDS.search(name) for body in model.view.bodies for name in body.spoken)


_WORDS = re.compile(r"vocab|token(s|i[sz]er?)?(_|$)|(^|_)words?(_|$)")
"""What symbols of texts are called."""
