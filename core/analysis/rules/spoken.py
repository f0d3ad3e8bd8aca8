"""Tasks over pictures that code speaks of in a word of their own, where nothing else tells one."""

from __future__ import annotations

import ast
import re
from functools import cache

from core import vocabulary
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed

_SEVERAL = 2


def speaking_of_task(model: Purposed) -> Answer | None:
    """A word for one task alone, after which a loss of a convolutional network is called, or of which several functions
    about it speak."""
    if not (model.view.kinds["conv"] or model.view.kinds["factory"]) or model.hears():
        return None
    losses = [(_CAPITALS.sub("_", str(fact.value)).casefold(), fact) for fact in model.losses.values()]
    for task, word in _words():
        named = next((fact for name, fact in losses if word.search(name)), None)
        if named is not None:
            return task, named.place, f"loss {named.value}"
        bodies = [body for body in model.view.bodies if body.speaks_of(word)]
        if len(bodies) >= _SEVERAL:
            body = next((each for each in bodies if not isinstance(each.node, ast.Module)), bodies[0])
            return task, body.place(body.node), "what the code speaks of"
    return None


_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@cache
def _words() -> list[tuple[str, re.Pattern[str]]]:
    table = vocabulary.load().table("tasks", "spoken")
    return [(task, re.compile(rf"(^|_)({'|'.join(words)})s?(_|$)")) for task, words in table.items()]
