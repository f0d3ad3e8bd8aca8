"""What a typed line says about models: tags, tags taken away, a note, or the note taken away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.catalog.user import UserFile

HINT = "#tag tags, -#tag untags, - drops the note, else a note   Esc close"
NO_NOTE = "-"
MARKS = ("#", "-#")


def complaint(text: str) -> str | None:
    """Why this line will not do; None where it will."""
    line = text.strip()
    return "a tag needs a name" if line.startswith(MARKS) and not tags(line) else None


def tags(line: str) -> list[tuple[str, bool]]:
    """The tags of a line and whether each is given or taken away; a bare word does as the marked one before it."""
    found, given = [], True
    for word in line.replace(",", " ").split():
        given = not word.startswith("-#") if word.startswith(MARKS) else given
        names = word[1:] if word.startswith("-#") else word
        found += [(name, given) for name in names.split("#") if name]
    return found


def keep(user: UserFile, ids: Sequence[str], text: str) -> None:
    """Write down what the line says of each of these models."""
    line = text.strip()
    for id in ids:
        if line.startswith(MARKS):
            for name, given in tags(line):
                (user.tag if given else user.untag)(id, name)
        else:
            user.note(id, "" if line == NO_NOTE else line)
