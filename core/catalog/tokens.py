"""How text becomes words for the text index: one way for what is indexed and for what is asked.

Words keep digits (`2048`, `v2`) and nothing is a stop word. A compound is indexed whole and in parts: `ConditionalUNet`
is `conditionalunet` and `conditional`, `unet`; `cifar10` is `cifar10` and `cifar`, `10`.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_PART = re.compile(r"\d+|[^\W\d_]+")


def words(text: str) -> list[str]:
    """The whole words of a text in order, folded. `_` and `-` part words; an apostrophe inside one does not."""
    return [word.casefold() for word in _WORD.findall(text)]


def parts(text: str) -> list[str]:
    """The parts of the compounds of a text in order, folded; a word that is no compound gives nothing."""
    return [part for word in _WORD.findall(text) for part in split(word)]


def analysed(text: str) -> tuple[list[str], list[str]]:
    """`words` and `parts` in one pass, for whole collections."""
    whole: list[str] = []
    pieces: list[str] = []
    for word in _WORD.findall(text):
        folded, found = _known(word)
        whole.append(folded)
        pieces.extend(found)
    return whole, pieces


@lru_cache(maxsize=200_000)
def _known(word: str) -> tuple[str, tuple[str, ...]]:
    return word.casefold(), split(word)


@lru_cache(maxsize=10_000)
def split(word: str) -> tuple[str, ...]:
    """Parts of one compound word at CamelCase humps and letter-digit joints; empty where it has one part.

    One capital stays with the hump that follows (`UNet`), more of them part from it (`VQVae`, `HTTPServer`).
    """
    found = [part.casefold() for run in _PART.findall(word) for part in _humps(run)]
    return tuple(found) if len(found) > 1 else ()


_HUMP = re.compile(r"[A-Z]{1,2}[a-z]+|[A-Z]{2,}(?=[A-Z][a-z])|[A-Z]+|[a-z]+|\d+|.", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z]+")


def _humps(run: str) -> list[str]:
    return _HUMP.findall(run) if _PLAIN.fullmatch(run) else [run]
