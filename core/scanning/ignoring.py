"""`.modelsearchignore`: the user's own word on what is not scanned, in the syntax of .gitignore."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pathspec import GitIgnoreSpec

FILE = ".modelsearchignore"


@dataclass(frozen=True, slots=True)
class Ignored:
    """The ignore files that hold in a folder, outermost first; the innermost one that says anything decides."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def within(self, folder: str, spec: GitIgnoreSpec | None) -> Ignored:
        """What holds in `folder`, whose own ignore file says `spec`."""
        return self if spec is None else Ignored((*self.specs, (folder, spec)))

    def holds(self, path: str, folder: bool) -> bool:
        for base, spec in reversed(self.specs):
            relative = os.path.relpath(path, base) + ("/" if folder else "")
            said = spec.check_file(relative).include
            if said is not None:
                return said
        return False


def read_ignore_file(folder: str, problems: list[str]) -> GitIgnoreSpec | None:
    """The ignore file of a folder, None where it has none; one that cannot be read is a problem."""
    path = os.path.join(folder, FILE)
    if not os.path.isfile(path):  # a pipe would block whoever opens it
        return None
    try:
        with open(path, encoding="utf-8") as stream:
            return GitIgnoreSpec.from_lines(stream)
    except (OSError, ValueError) as error:
        problems.append(f"{path}: cannot be read ({' '.join(str(error).split())})")
        return None
