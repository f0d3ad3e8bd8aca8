"""When each file of a repository was made and last changed, and by whom: one `git log` for the whole repository.

Renames are followed and copies are not: `git log --follow` takes a copy of a similar script for a rename, so the log is
read once for all files, newest first, and names are followed here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.scanning.repository import Git, GitFailed, Repository

_FORMAT = "--format=%x01%aI%x00%an"
_LOG = (
    "log",
    "--date-order",
    "--name-status",
    "-z",
    "-l0",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-show-signature",
)
_RENAMES = ("-M", "-M100%", "--no-renames")
"""In order of preference: the first needs every blob, the second only those of equal hash, the last none (partial
clones)."""


FIRST = -60_000_000_000.0
"""Seconds since 1970, in the year 68: before that, a date is a mistake or a trick."""


@dataclass(slots=True)
class FileHistory:
    """One file at HEAD: the author's dates of the first and the last commit that touched it, the author of the
    first."""

    created: str
    modified: str
    author: str
    commits: int
    blob: str = ""


@dataclass(frozen=True, slots=True)
class RepositoryHistory:
    """Every file at HEAD by its path from the top of the repository; `problems` are lines for the user."""

    head: str
    files: dict[str, FileHistory]
    problems: tuple[str, ...] = ()


def head_of(git: Git) -> str | None:
    """The commit that HEAD stands at; None before the first commit. Raises GitFailed for a broken repository."""
    try:
        return git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except GitFailed as error:
        if error.says:
            raise
        return None


def read_history(repository: Repository, git: Git, head: str) -> RepositoryHistory:
    """Read the whole history. A repository that git cannot read gives no files and a problem."""
    problems: list[str] = []
    blobs = _blobs(git, head, repository, problems)
    for renames in _RENAMES:
        try:
            log = git.run(*_LOG, renames, _FORMAT, head)
        except GitFailed as error:
            problem = f"{repository.top}: git log failed ({error})"
            continue
        files = _follow(_commits(log), blobs)
        return RepositoryHistory(head, files, tuple(problems))
    return RepositoryHistory(head, {}, (*problems, problem))


def _blobs(git: Git, head: str, repository: Repository, problems: list[str]) -> dict[str, str]:
    """The hash of every file at HEAD by its path."""
    try:
        listed = git.run("ls-tree", "-r", "-z", "--full-tree", head)
    except GitFailed as error:
        problems.append(f"{repository.top}: git ls-tree failed ({error})")
        return {}
    entries = (entry.partition(b"\t") for entry in listed.split(b"\0") if entry)
    return {os.fsdecode(path): about.split()[2].decode() for about, _, path in entries}


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: the author's date and name, and the (status, path, path before a rename) of what it touched."""

    date: str
    author: str
    changes: tuple[tuple[str, str, str | None], ...]


def _commits(log: bytes) -> Iterator[Commit]:
    """What `git log -z --name-status` with our format wrote, newest first."""
    for entry in log.split(b"\x01")[1:]:
        date, _, rest = entry.partition(b"\0")
        author, _, listed = rest.partition(b"\0")
        made = date.decode("ascii", "replace").replace("Z", "+00:00")
        if _is_date(made):
            yield Commit(made, author.decode("utf-8", "replace"), tuple(_changes(listed.split(b"\0"))))


def _is_date(text: str) -> bool:
    """Whether it is a date that a calendar has: a commit can claim any."""
    try:
        return datetime.fromisoformat(text).timestamp() > FIRST and text[-6] in "+-"
    except (ValueError, OverflowError):
        return False


def _changes(words: list[bytes]) -> Iterator[tuple[str, str, str | None]]:
    """Status, path, and for a rename the path before; a rename's status is followed by both."""
    remaining = iter(words)
    for status in remaining:
        letter = status.lstrip(b"\n")[:1].decode("ascii", "replace")
        if letter in ("R", "C"):
            before, path = next(remaining, b""), next(remaining, b"")
            yield letter, os.fsdecode(path), os.fsdecode(before)
        elif letter:
            yield letter, os.fsdecode(next(remaining, b"")), None


@dataclass(slots=True)
class _Follower:
    """Names as they were at the commit in hand, each with the files at HEAD that it became."""

    files: dict[str, FileHistory] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)

    def touch(self, name: str, commit: Commit) -> None:
        for path in self.names.get(name, ()):
            known = self.files.get(path)
            if known is None:
                self.files[path] = FileHistory(commit.date, commit.date, commit.author, 1)
            else:
                known.created, known.author, known.commits = commit.date, commit.author, known.commits + 1

    def rename(self, renames: Sequence[tuple[str, str]]) -> None:
        """Older commits call each (name, before) by its name before; two files may have changed names with each
        other."""
        taken = [(before, self.names.pop(name, [])) for name, before in renames]
        for before, paths in taken:
            self.names.setdefault(before, []).extend(paths)


def _follow(commits: Iterable[Commit], blobs: dict[str, str]) -> dict[str, FileHistory]:
    """Follow the files at HEAD back through the log."""
    follower = _Follower(names={path: [path] for path in blobs})
    for commit in commits:
        for status, path, _ in commit.changes:
            if status != "D":
                follower.touch(path, commit)
        follower.rename([(path, before) for _, path, before in commit.changes if before is not None])
    for path, known in follower.files.items():
        known.blob = blobs[path]
    return follower.files
