"""Tasks over pictures that code speaks of in a word of their own, where nothing else tells one."""

from __future__ import annotations

import re
from functools import cache

from core import vocabulary
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed

_SEVERAL = 2


def speaking_of_task(model: Purposed) -> Answer | None:
    """A word for one task alone, of which several functions about a convolutional network speak."""
    if not (model.view.kinds["conv"] or model.view.kinds["factory"]) or model.hears():
        return None
    for task, word in _words():
        bodies = [body for body in model.view.bodies if body.speaks_of(word)]
        if len(bodies) >= _SEVERAL:
            return task, bodies[0].place(bodies[0].node), "what the code speaks of"
    return None


@cache
def _words() -> list[tuple[str, re.Pattern[str]]]:
    table = vocabulary.load().table("tasks", "spoken")
    return [(task, re.compile(rf"(^|_)({'|'.join(words)})s?(_|$)")) for task, words in table.items()]
