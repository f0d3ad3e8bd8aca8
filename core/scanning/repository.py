"""Running git on a repository that a stranger may have set up, so that nothing of theirs is run.

A repository's configuration can name programs (signature checks, file system monitors, pagers, helpers, filters), and
so can the one of the user. None of it is read: git gets a git folder of our own making, with an empty configuration and
links to the repository's HEAD, references and objects, which are data. What a partial clone lacks is never fetched.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 600
"""Seconds that git may take: the history of a large repository takes some; a pipe among its references, for ever."""
_LINKED = ("objects", "refs", "packed-refs", "reftable", "shallow")
_SEPARATE = ("-c", "log.showSignature=false", "-c", "log.mailmap=false", "-c", "core.fsmonitor=false")
_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "-c", "core.untrackedCache=false")
_EXTENSION = re.compile(r"^\s*(objectformat|refstorage)\s*=\s*(\w+)\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree with a history. `folder` holds HEAD, `common` objects and references (another in a worktree)."""

    top: str
    folder: str
    common: str


class GitFailed(Exception):
    """git could not do it; `says` is the first line of why, empty where git said nothing."""

    def __init__(self, says: str, code: int = 0) -> None:
        self.says = says
        super().__init__(says or f"git ended with {code}")


def repository_around(folder: str) -> Repository | None:
    """The repository that a folder lies in, or None."""
    for top in (Path(folder), *Path(folder).parents):
        found = _git_folder(top / ".git")
        if found is not None:
            return Repository(str(top), str(found), str(_common(found)))
    return None


def _git_folder(mark: Path) -> Path | None:
    """What `.git` stands for: a folder, or a file that names one (worktrees, submodules)."""
    try:
        if mark.is_file():
            named = mark.read_text().removeprefix("gitdir:").strip()
            mark = (mark.parent / named).resolve()
        return mark if (mark / "HEAD").is_file() else None
    except (OSError, ValueError):
        return None


def _common(folder: Path) -> Path:
    try:
        return (folder / _text(folder / "commondir").strip()).resolve()
    except (OSError, ValueError):
        return folder


def _text(path: Path) -> str:
    """A small file of a repository. Raises OSError where it is none: a pipe would block whoever opens it."""
    if not path.is_file():
        raise FileNotFoundError(path)
    return path.read_text(errors="replace")


@contextmanager
def opened(repository: Repository) -> Iterator[Git]:
    """git on this repository, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="modelsearch-git-") as made:
        folder = Path(made)
        for name in _LINKED:
            target = Path(repository.common, name)
            if target.is_dir() or target.is_file():
                (folder / name).symlink_to(target)
        (folder / "refs").mkdir(exist_ok=True) if not (folder / "refs").is_symlink() else None
        (folder / "HEAD").write_bytes(Path(repository.folder, "HEAD").read_bytes())
        (folder / "config").write_text(_configuration(repository))
        yield Git(folder)


def _configuration(repository: Repository) -> str:
    """How objects and references are stored, which git must know; nothing else of the repository's own
    configuration."""
    try:
        text = _text(Path(repository.common, "config"))
    except OSError:
        text = ""
    found = {name.lower(): value for name, value in _EXTENSION.findall(text)}
    lines = [f"\t{name} = {value}" for name, value in sorted(found.items())]
    version = "1" if lines else "0"
    return "\n".join([f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n[extensions]", *lines, ""])


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git in a git folder of our own making."""

    folder: Path

    def run(self, *words: str) -> bytes:
        """What git writes to stdout. Raises GitFailed, also where there is no git."""
        command = ["git", "--no-pager", *_SEPARATE, *_QUIET, *words]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self._environment(),
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired as error:
            raise GitFailed(f"git took over {PATIENCE} s") from error
        except OSError as error:
            raise GitFailed(f"git cannot be run ({error.strerror})") from error
        if done.returncode != 0:
            raise GitFailed(done.stderr.decode(errors="replace").strip().partition("\n")[0], done.returncode)
        return done.stdout

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SSH_ASKPASS"))}
        return own | {
            "GIT_DIR": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
