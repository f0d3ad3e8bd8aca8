"""Which known file a path in the code means: the chosen configuration, or the one that stands there."""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING

from core.analysis.config_paths import MOST_CHOSEN
from core.analysis.outline import outline
from core.analysis.program import Made, Resolved, Template

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

CONFIG_SUFFIXES = (".yaml", ".yml", ".json", ".toml")
CHOSEN_FILE = "chosen configuration"
"""How an option comes to its value that is given the path of the chosen configuration."""


def located(m: Machine, given: Resolved | None, suffixes: tuple[str, ...] = CONFIG_SUFFIXES) -> str | None:
    """The known file that a call is given; none where what is told of its path is not told of the chosen config."""
    told = _told_path(given)
    holes = told is not None and "*" in told
    if holes and m.candidate.kind == "config" and not _could_be(told or "", m.candidate.path):
        return None
    path = path_of(given)
    if path and standing(m, path, suffixes) is None:  # `configs = near if os.path.exists(near) else configs`
        others = filter(None, map(path_of, _others_of(given)))
        path = next((other for other in others if standing(m, other, suffixes)), path)
    return locate(m, path, suffixes)


def _others_of(value: Resolved | None) -> tuple[Resolved, ...]:
    """What else a path may be, or what was opened by it."""
    for _ in range(3):
        if value is None or value.others or not isinstance(value.value, Made):
            break
        value = value.value.call.positional[0] if value.value.call.positional else None
    return tuple(value.others) if value is not None else ()


def locate(m: Machine, path: str | None, suffixes: tuple[str, ...] = CONFIG_SUFFIXES) -> str | None:
    """The known file that a path in the code means: the chosen config, or the one that stands there. Where the chosen
    one is told by an option or by the name that the code gives it, other paths mean what stands there."""
    candidate = m.candidate
    there = standing(m, path, suffixes) if path and path != "None" else None
    if candidate.kind == "config" and not m.config_used and candidate.path.endswith(suffixes):
        if there not in (None, candidate.path) and _is_told(m):
            return there
        m.config_used = True
        return candidate.path
    return there or _moved(m, path, suffixes) if path and path != "None" else _usual(m, suffixes)


def _is_told(m: Machine) -> bool:
    """Whether what the code does with its options leads to the chosen config."""
    made = (
        path for file in m.modules.values() if file for how, path, _ in outline(file.source).configs if how == "made"
    )
    by_option = any(option.value.how == CHOSEN_FILE for option in m.program.options)
    return by_option or any(_could_be(path, m.candidate.path) for path in made)


def _could_be(told: str, path: str) -> bool:
    """Whether a path may be the one of which this is told, its holes stars: `configs/*.yaml`; any of many holes."""
    if told.count("*") > MOST_CHOSEN:
        return True
    end = "[^/]*".join(map(re.escape, told.split("*")))
    return re.search(f"(^|/){end.lstrip('/')}$", path) is not None


def standing(m: Machine, path: str, suffixes: tuple[str, ...]) -> str | None:
    """The known file that stands at a path, seen from the script, the module or a folder above."""
    here = m.frame.scope.module.path
    for folder in folders(here, m.entry_path):
        found = os.path.normpath(os.path.join(folder, path))
        for option in (found, *(found + suffix for suffix in suffixes)):
            if option in m.known and option.endswith(suffixes):
                return option
    return None


def _moved(m: Machine, path: str, suffixes: tuple[str, ...]) -> str | None:
    """The configuration that a path means which leads nowhere: one that the script is known by, of the same end below
    another folder."""
    end = path.removeprefix("./").partition("/")[2]
    return next((p for p in m.candidate.aliases if "/" in end and p.endswith(suffixes) and p.endswith(f"/{end}")), None)


def _usual(m: Machine, suffixes: tuple[str, ...]) -> str | None:
    """The configuration that the script is known to use when none is chosen."""
    entries = (m.entry_path, m.candidate.path)
    found = [p for p in m.candidate.aliases if p.endswith(suffixes) and p not in entries and p not in m.modules]
    return next((p for p in found if not p.endswith(".py") or m.is_config(p)), None)


def folders(here: str, entry: str) -> list[str]:
    folders = [os.path.dirname(entry), os.path.dirname(here)]
    for _ in range(4):
        folders.append(os.path.dirname(folders[-1]))
    return list(dict.fromkeys(folders))


def path_of(value: Resolved | None) -> str | None:
    """The path behind an open file, a text read from one, or a path."""
    told = _told_path(value) or ""
    end = told.rpartition("*/")[2]  # below a folder that nobody knows
    return end if told and "*" not in end else None


def _told_path(value: Resolved | None) -> str | None:
    """That path with stars for what nobody knows of it."""
    for _ in range(4):
        if value is None:
            return None
        inner = value.value
        if isinstance(inner, str):
            return inner
        if isinstance(inner, Template):
            return re.sub(r"(\{[^{}]*\}|\*)+", "*", inner.text)
        if not isinstance(inner, Made):
            return None
        receiver = inner.call.receiver
        by_path = receiver is not None and isinstance(receiver.value, (str, Template))  # HERE.open("rb")
        by_path = by_path or inner.call.name == "replace"  # of what was read
        value = inner.call.positional[0] if inner.call.positional and not by_path else receiver
    return None
