"""Which folders are indexed, what they are called, and what their models are called."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from core.errors import BadInput
from core.scanning.walking import shown, within


@dataclass(frozen=True, slots=True)
class Target:
    """A root to refresh: the whole of it, or the part under `part`."""

    root: str
    part: str

    def covers(self, path: str) -> bool:
        return within(path, self.part)


def choose(paths: Sequence[Path], known: Collection[str]) -> list[Target]:
    """What to refresh for these paths (none: every known root). Raises BadInput for what cannot be a root."""
    if not paths:
        return [Target(root, root) for root in sorted(known)]
    targets: list[Target] = []
    roots = set(known)
    for path in sorted({absolute(path) for path in paths}):
        target = _target(path, roots)
        roots.add(target.root)
        targets.append(target)
    whole = {target.root for target in targets if target.part == target.root}
    return [target for target in targets if target.part == target.root or target.root not in whole]


def absolute(path: Path) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _target(path: str, roots: Collection[str]) -> Target:
    real = os.path.realpath(path)
    for root in sorted(roots):
        if real == os.path.realpath(root):
            return Target(root, root)
    _check(path)
    for root in sorted(roots):
        there = os.path.realpath(root)
        if within(real, there):
            return Target(root, os.path.normpath(os.path.join(root, os.path.relpath(real, there))))
        if within(there, real):
            raise BadInput(
                f"{shown(path)} lies around {shown(root)}, which is indexed; `modelsearch forget {shown(root)}` first"
            )
    return Target(path, path)


def _check(path: str) -> None:
    """Raises BadInput where a new root cannot be read."""
    if not os.path.exists(path):
        raise BadInput(f"{shown(path)}: no such file or folder")
    if not (os.path.isdir(path) or os.path.isfile(path)):
        raise BadInput(f"{shown(path)}: neither a file nor a folder")
    if not readable(path):
        raise BadInput(f"{shown(path)}: cannot be read")
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"{shown(path)}: its name is not UTF-8") from error


def readable(path: str) -> bool:
    """Whether a root is there and can be looked into."""
    try:
        if os.path.isdir(path):
            os.scandir(path).close()
            return True
        if not os.path.isfile(path):
            return False
        with Path(path).open("rb") as stream:
            stream.read(1)
    except OSError:
        return False
    return True


def label_for(path: str, taken: Collection[str]) -> str:
    """The folder's name; where another root has taken it, `parent.name`, and so on upward."""
    pure = PurePath(path)
    name = pure.name if os.path.isdir(path) else pure.stem
    parts = [*pure.parent.parts[1:], name or "root"]
    for count in range(1, len(parts) + 1):
        label = ".".join(parts[-count:])
        if label not in taken:
            return label
    number = next(n for n in range(2, len(taken) + 3) if f"{label}-{n}" not in taken)
    return f"{label}-{number}"


def ids(label: str, root: str, paths: Iterable[str]) -> dict[str, str]:
    """The id of each model of a root by its path: label and relative path without suffix, unless two would share it."""
    whole = {path: _relative(root, path) for path in paths}
    names = {path: str(PurePath(relative).with_suffix("")) if relative else "" for path, relative in whole.items()}
    while shared := {name for name, count in Counter(names.values()).items() if count > 1}:
        names |= {path: whole[path] for path, name in names.items() if name in shared}
    return {path: f"{label}/{name}" if name else label for path, name in names.items()}


def _relative(root: str, path: str) -> str:
    return "" if path == root else os.path.relpath(path, root)


def find_root(text: str, labels: Mapping[str, str]) -> str:
    """The path of the root that is called so, by path or label. Raises BadInput."""
    path = absolute(Path(text))
    for root, label in labels.items():
        if text == label or path == root:
            return root
    names = ", ".join(sorted(labels.values())) or "none"
    raise BadInput(f"no root is called {shown(text)!r} (there are: {shown(names)})")
