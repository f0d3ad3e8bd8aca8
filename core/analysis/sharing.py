"""Whose a configuration is that several scripts could be given."""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping

from core.analysis.config_pools import Choices, end_of
from core.analysis.outline import Outline

_SHORT = 2
"""Letters up to which a word of a script's name may stand for a longer one: `ft` for `finetune`."""
_PLAIN = frozenset({"main", "train", "run", "training", "trainer", "script", "py", "net", "model", "config", "configs"})
"""Words of the names of scripts that tell nothing."""


def owners(outlines: Mapping[str, Outline], choices: Mapping[str, Choices]) -> dict[str, str]:
    """The script (path -> its choices, in order) that each configuration belongs to.

    The one that a README gives it to, else that its own head names, else the one that imports the same, else the one of
    whose name and folders it has the words, else the one whose default it is most like, else the one whose name has the
    fewest words beside, else the nearest, else the first. What is one script's default belongs to no other.
    """
    defaults = {config for each in choices.values() for config in each.default}
    takers: dict[str, list[str]] = {}
    for script, each in choices.items():
        for config in each.chosen:
            if config not in defaults:
                takers.setdefault(config, []).append(script)
    given: dict[str, set[tuple[str, str]]] = {}
    for script, config in (pair for outline in outlines.values() for pair in outline.commands):
        given.setdefault(os.path.basename(config), set()).add((end_of(script), end_of(config)))

    def fits(script: str, config: str) -> tuple[float, ...]:
        commands = given.get(os.path.basename(config), ())
        told = any(script.endswith(first) and config.endswith(other) for first, other in commands)
        return told, *_fits(outlines, script, config, choices[script])

    return {
        config: scripts[0] if len(scripts) == 1 else max(scripts, key=lambda script: fits(script, config))
        for config, scripts in takers.items()
    }


def _fits(outlines: Mapping[str, Outline], script: str, config: str, chosen: Choices) -> tuple[float, ...]:
    way = os.path.relpath(config, os.path.dirname(script))
    words = _words(os.path.splitext(way)[0])
    own, home = (_words(name) - _PLAIN for name in (_stem(script), os.path.basename(os.path.dirname(script))))
    named = [_named(word, words) for word in own]
    shared = max(0, sum(named), 0 if own else sum(_named(word, words) for word in home))
    keys = set(outlines[config].keys)
    alike = max((len(keys & other) / len(keys | other) for other in _keys(outlines, chosen) if other | keys), default=0)
    shared += len(_folders(script) & _folders(config))
    together = len(_imported(outlines[script]) & _imported(outlines[config]))
    rest = round(alike, 1), sum(named), -way.count(os.sep)
    return _speaks(outlines[config].told, script), together, shared, *rest


def _speaks(told: list[str], script: str) -> int:
    """How well the dotted names that a head speaks of name a script: 1 for its own name, more with its folders."""
    stem, way = _stem(script), "." + os.path.splitext(script)[0].replace(os.sep, ".")
    named = [name for name in told if name.rpartition(".")[2] == stem]
    return max((1 + name.count(".") if way.endswith(f".{name}") else 1 for name in named), default=0)


def _named(word: str, others: set[str]) -> int:
    return max((_means(word, other) for other in others), default=-1)


def _keys(outlines: Mapping[str, Outline], chosen: Choices) -> list[set[str]]:
    return [set(outlines[config].keys) for config in chosen.default]


def _imported(outline: Outline) -> set[str]:
    """The modules that a file imports, of which a module may be a name: `from lib import train`."""
    return {f"{module}.{name}".strip(".") for module, _, pairs in outline.imports for name, _ in pairs}


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _folders(path: str) -> set[str]:
    return set(os.path.dirname(path).split(os.sep))


def _words(text: str) -> set[str]:
    return {word for word in re.split(r"[^a-z0-9]+", text.lower()) if word}


def _means(short: str, word: str) -> int:
    """2 for the same word, 1 for `moe` in `swinmoe` and `ft` for `finetune`, -1 for another one."""
    if short == word:
        return 2
    stands = len(short) <= _SHORT and re.match(".*".join(map(re.escape, short)), word)
    return 1 if short in word or stands else -1
