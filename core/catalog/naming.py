"""Which model a text means: by id, a tail, head or fuzzy piece of one, an alias's path, or the `parent_stem` form."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import AmbiguousModel, UnknownModel

CANDIDATES = 12
"""How many candidates an ambiguous name lists."""
_NUMBERED = re.compile(r"^\d+[\W_]+(?=[^\W\d])")
_GAPS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Named:
    """A model's id, its path and the paths of its launchers."""

    id: str
    path: str
    aliases: tuple[str, ...] = ()


Names = Sequence[Named]


def exact(text: str, names: Names) -> str | None:
    """The id, where the text is an id, a path of the model, a tail of exactly one id, or the title of one lesson."""
    asked = text.strip().removeprefix("./").rstrip("/")
    if not asked:
        return None
    for find in (_by_id, _by_path, _by_tail, _by_title):
        found = find(asked, names)
        if found:
            return found[0] if len(found) == 1 else None
    return None


def resolve(text: str, names: Names) -> str:
    """The id that the text means. Raises UnknownModel with the nearest ids, AmbiguousModel with the candidates."""
    asked = text.strip().removeprefix("./").rstrip("/")
    if asked:
        for find in (_by_id, _by_path, _by_tail, _by_title, _by_parent_stem, _by_head, _by_piece, _by_words):
            found = find(asked, names)
            if len(found) == 1:
                return found[0]
            if found:
                raise AmbiguousModel(text, sorted(found)[:CANDIDATES])
    from difflib import get_close_matches

    raise UnknownModel(text, get_close_matches(asked, [named.id for named in names], n=3, cutoff=0.6))


def _ids(found: Iterable[Named]) -> list[str]:
    return list(dict.fromkeys(named.id for named in found))


def _by_id(asked: str, names: Names) -> list[str]:
    return _ids(n for n in names if n.id == asked) or _ids(n for n in names if n.id.casefold() == asked.casefold())


def _by_path(asked: str, names: Names) -> list[str]:
    """The file's own path, or that of a launcher; a relative one from the working folder."""
    if "\0" in asked:
        return []  # no path holds one, and to look for a user's home of such a name is an error
    path = os.path.abspath(os.path.expanduser(asked))  # noqa: PTH100, PTH111  (of any text; Path raises for some)
    return _ids(n for n in names if n.path == path) or _ids(n for n in names if path in n.aliases)


def _by_tail(asked: str, names: Names) -> list[str]:
    """Whole last parts of an id (`v2/train`), or of a path or launcher's path (`v2/train.py`)."""
    tail = "/" + asked.casefold()
    by_id = _ids(n for n in names if n.id.casefold().endswith(tail))
    return by_id or _ids(n for n in names if any(path.casefold().endswith(tail) for path in (n.path, *n.aliases)))


def title(id: str) -> str:
    """The last part of an id without the number that puts lessons in order: `Rainbow` of `agents/08.Rainbow`."""
    return _NUMBERED.sub("", id.rpartition("/")[2])


def _by_title(asked: str, names: Names) -> list[str]:
    said = _GAPS.sub("", asked.casefold())
    return _ids(n for n in names if said and said == _GAPS.sub("", title(n.id).casefold()))


def _by_parent_stem(asked: str, names: Names) -> list[str]:
    """`v2_train` for `.../v2/train`."""
    return _ids(n for n in names if "_".join(n.id.split("/")[-2:]).casefold() == asked.casefold())


def _by_head(asked: str, names: Names) -> list[str]:
    """Whole first parts of an id."""
    return _ids(n for n in names if n.id.casefold().startswith(asked.casefold() + "/"))


def _by_piece(asked: str, names: Names) -> list[str]:
    return _ids(n for n in names if asked.casefold() in n.id.casefold())


def _by_words(asked: str, names: Names) -> list[str]:
    """All the words of the text stand in the id, in whatever order and however they are joined."""
    words = [word for word in _GAPS.split(asked.casefold()) if word]
    folded = [(n, _GAPS.sub("", n.id.casefold())) for n in names]
    return _ids(n for n, id in folded if words and all(word in id for word in words))
