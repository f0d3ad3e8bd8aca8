"""Families of architecture in the names that people give to scripts, folders and classes."""

from __future__ import annotations

import re
from functools import cache

from core import vocabulary

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
"""The words of a name: `CycleGANModel` has three, `wgan_gp` two."""
LONGEST = 4
"""Words that are taken together."""


@cache
def families_in(name: str) -> tuple[str, ...]:
    """The families that a name holds, of several in one place the longest: WGAN-GP of `wgan_gp_digits`."""
    words = WORDS.findall(name)
    found, at = [], 0
    while at < len(words):
        joins = ((cut, "".join(words[at:cut])) for cut in range(min(len(words), at + LONGEST), at, -1))
        known = ((cut, vocabulary.load().canonical("architecture", text)) for cut, text in joins if len(text) > 2)
        cut, family = next(((cut, family) for cut, family in known if family), (at + 1, None))
        found += [family] if family else []
        at = cut
    return tuple(dict.fromkeys(found))
