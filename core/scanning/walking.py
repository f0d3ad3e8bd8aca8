"""Walking a root: what is there, by stat alone, and what was passed over."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from core.scanning.ignoring import Ignored, read_ignore_file

PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist"})
"""Folders of other people's code and of what tools make. Hidden folders and virtual environments are passed over
too."""
VENV_MARK = "pyvenv.cfg"


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file as it was seen."""

    path: str
    size: int
    mtime_ns: int


@dataclass(slots=True)
class Walk:
    """What a walk saw. `passed` are folders and files that were passed over; `problems` are lines for the user."""

    files: list[Found] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def left_out(self) -> int:
        return len(self.passed)


def walk(root: str, stop: Callable[[], bool] = lambda: False, around: str | None = None) -> Walk:
    """Every file under a root (or the root itself, where it is a file), sorted by path.

    The root itself is looked at whatever it is called. Links are followed where they lead out of the root, each folder
    once and never to a folder around the root, so that loops end. What cannot be read is a problem, not an error.
    `around` is the root that `root` is a part of: its ignore files hold here too.
    """
    found = Walk()
    if not os.path.isdir(root):
        _add_file(root, found)
        return found
    ignored = Ignored()
    for folder in _between(around, root):
        ignored = ignored.within(folder, read_ignore_file(folder, found.problems))
    _Walker(os.path.realpath(root), found, stop).go(root, ignored)
    found.files.sort(key=lambda file: file.path)
    found.problems.sort()
    return found


def _between(around: str | None, root: str) -> Iterator[str]:
    """The folders from `around` down to the parent of `root`."""
    if around is None or around == root:
        return
    folder = around
    yield folder
    for part in PurePath(os.path.relpath(os.path.dirname(root), around)).parts:
        folder = os.path.join(folder, part)
        yield folder


Folder = tuple[str, Ignored]


@dataclass(slots=True)
class _Walker:
    """One walk under the real path `top`. Linked folders wait until everything else was seen, in order of path."""

    top: str
    found: Walk
    stop: Callable[[], bool]
    linked: list[Folder] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)

    def go(self, root: str, ignored: Ignored) -> None:
        pending: list[Folder] = [(root, ignored)]
        while pending and not self.stop():
            folder, ignored = pending.pop()
            identity = _identity(folder)
            if identity not in self.seen:
                self.seen.add(identity)
                pending.extend(self._look(folder, ignored))
            if not pending and self.linked:
                self.linked.sort(key=lambda link: link[0])
                pending.append(self.linked.pop(0))

    def _look(self, folder: str, ignored: Ignored) -> list[Folder]:
        """Note a folder's files; the folders in it that are to be looked at."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._problem(folder, f"cannot be read ({error.strerror})")
            return []
        ignored = ignored.within(folder, read_ignore_file(folder, self.found.problems))
        return [(entry.path, ignored) for entry in entries if self._take(entry, ignored)]

    def _take(self, entry: os.DirEntry[str], ignored: Ignored) -> bool:
        """Whether the entry is a folder to look at next; a file is noted, a linked folder is kept for later."""
        if not _is_text(entry.name):
            self._problem(entry.path, "its name is not UTF-8, left out")
            return False
        folder = _is_folder(entry)
        if (folder and _passed_over(entry)) or ignored.holds(entry.path, folder):
            self.found.passed.append(entry.path)
            return False
        if entry.is_symlink() and not self._leads_out(entry.path):
            return False
        if folder and entry.is_symlink():
            self.linked.append((entry.path, ignored))
            return False
        if not folder:
            _add_file(entry.path, self.found)
        return folder

    def _leads_out(self, link: str) -> bool:
        """Whether a link leads to something that the walk does not meet anyway, and not to a folder around the root."""
        target = os.path.realpath(link)
        return not within(target, self.top) and not within(self.top, target)

    def _problem(self, path: str, what: str) -> None:
        self.found.problems.append(f"{shown(path)}: {what}")
        self.found.passed.append(path)


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(path: str) -> str:
    """A path fit for one line on a terminal: what cannot be printed is escaped."""
    return path if path.isprintable() else ascii(path)[1:-1]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _passed_over(entry: os.DirEntry[str]) -> bool:
    hidden = entry.name.startswith(".")
    return hidden or entry.name in PASSED_OVER or os.path.exists(os.path.join(entry.path, VENV_MARK))


def _identity(path: str) -> tuple[int, int]:
    """What tells a folder from another however it was reached."""
    try:
        status = os.stat(path)
    except OSError:
        return (0, hash(path))
    return (status.st_dev, status.st_ino)


def _add_file(path: str, found: Walk) -> None:
    """Note a regular file; pipes, sockets and links to nowhere are left out."""
    try:
        status = os.stat(path)
    except OSError as error:
        found.problems.append(f"{shown(path)}: cannot be read ({error.strerror})")
        found.passed.append(path)
        return
    if stat.S_ISREG(status.st_mode):
        found.files.append(Found(path, status.st_size, status.st_mtime_ns))
    else:
        found.passed.append(path)
