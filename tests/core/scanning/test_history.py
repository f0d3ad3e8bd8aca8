"""Dates, authors and counts of commits; and that a stranger's configuration makes git run nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from core.scanning.hashing import blob_hash
from core.scanning.history import RepositoryHistory, head_of, read_history
from core.scanning.repository import Git, GitFailed, opened, repository_around

SCRIPT = "".join(f"line {number} of a script\n" for number in range(40))


class Work:
    """A repository with commits on given days."""

    def __init__(self, top: Path) -> None:
        self.top = top
        top.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, date: str = "2024-01-01T12:00:00+00:00", author: str = "Ada") -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "a@example.invalid", "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": author, "GIT_COMMITTER_EMAIL": "a@example.invalid", "GIT_COMMITTER_DATE": date,
        }  # fmt: skip
        return subprocess.run(
            ["git", "-C", str(self.top), *words], check=True, capture_output=True, text=True, env=env
        ).stdout

    def commit(self, date: str, author: str = "Ada", **files: str) -> None:
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x", date=date, author=author)

    def write(self, name: str, text: str) -> Path:
        path = self.top / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def history(self) -> RepositoryHistory:
        return history(self.top)


def history(folder: Path) -> RepositoryHistory:
    repository = repository_around(str(folder))
    assert repository is not None
    with opened(repository) as git:
        head = head_of(git)
        assert head is not None
        return read_history(repository, git, head)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path / "repo")


def test_first_and_last_commit_in_the_authors_own_offset(work: Work) -> None:
    work.commit("2025-03-01T00:30:00+09:00", "Ada", train_py=SCRIPT, other_py="x")
    work.commit("2025-04-02T23:00:00-07:00", "Bob", train_py=SCRIPT + "more\n")
    found = work.history().files
    assert (found["train.py"].created, found["train.py"].modified) == (
        "2025-03-01T00:30:00+09:00",
        "2025-04-02T23:00:00-07:00",
    )
    assert (found["train.py"].author, found["train.py"].commits) == ("Ada", 2)
    assert found["other.py"].commits == 1
    assert found["train.py"].blob == blob_hash((SCRIPT + "more\n").encode())


def test_renames_are_followed_through_several_names_and_edits(work: Work) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT)
    work.git("mv", "a.py", "b.py")
    work.commit("2024-02-01T12:00:00+00:00", b_py=SCRIPT + "one\n")
    (work.top / "sub").mkdir()
    work.git("mv", "b.py", "sub/c.py")
    work.commit("2024-03-01T12:00:00+00:00")
    found = work.history().files
    assert set(found) == {"sub/c.py"}
    assert found["sub/c.py"].created.startswith("2024-01-01") and found["sub/c.py"].commits == 3


def test_copies_are_not_followed(work: Work) -> None:
    work.commit("2024-01-01T12:00:00+00:00", v1__train_py=SCRIPT)
    work.commit("2024-06-01T12:00:00+00:00", v2__train_py=SCRIPT)
    found = work.history().files
    assert found["v1/train.py"].created.startswith("2024-01-01") and found["v1/train.py"].commits == 1
    assert found["v2/train.py"].created.startswith("2024-06-01") and found["v2/train.py"].commits == 1


def test_two_files_that_change_names_with_each_other(work: Work) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT)
    work.commit("2024-02-01T12:00:00+00:00", b_py="".join(f"quite another {n}\n" for n in range(40)))
    (work.top / "a.py").rename(work.top / "t.py")
    (work.top / "b.py").rename(work.top / "a.py")
    (work.top / "t.py").rename(work.top / "b.py")
    work.commit("2024-03-01T12:00:00+00:00")
    found = work.history().files
    assert set(found) == {"a.py", "b.py"}


def test_a_file_that_was_deleted_is_gone_and_one_made_anew_keeps_its_first_day(work: Work) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT, b_py="other\n")
    for name in ("a.py", "b.py"):
        (work.top / name).unlink()
    work.commit("2024-02-01T12:00:00+00:00")
    work.commit("2024-03-01T12:00:00+00:00", b_py="new and different\n")
    found = work.history().files
    assert set(found) == {"b.py"} and found["b.py"].created.startswith("2024-01-01")


def test_merged_branches_count(work: Work) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT)
    work.git("checkout", "-q", "-b", "side")
    work.commit("2024-02-01T12:00:00+00:00", "Bob", b_py="b\n")
    work.git("checkout", "-q", "main")
    work.commit("2024-03-01T12:00:00+00:00", c_py="c\n")
    work.git("merge", "-q", "--no-edit", "side", date="2024-04-01T12:00:00+00:00")
    found = work.history().files
    assert found["b.py"].created.startswith("2024-02-01") and found["b.py"].author == "Bob"


def test_names_with_blanks_newlines_and_other_letters(work: Work) -> None:
    for name in ("with blank.py", "new\nline.py", "über.py", 'quo"te.py', "\nfirst.py"):
        (work.top / name).write_text(name)
    work.commit("2024-01-01T12:00:00+00:00")
    assert set(work.history().files) == {"with blank.py", "new\nline.py", "über.py", 'quo"te.py', "\nfirst.py"}


def test_a_repository_around_the_folder_and_none(work: Work, tmp_path: Path) -> None:
    work.commit("2024-01-01T12:00:00+00:00", deep__down__a_py=SCRIPT)
    assert "deep/down/a.py" in history(work.top / "deep/down").files
    assert repository_around(str(tmp_path)) is None


def test_worktrees_and_detached_heads(work: Work, tmp_path: Path) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT)
    work.git("worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    assert set(history(tmp_path / "tree").files) == {"a.py"}
    work.git("pack-refs", "--all")
    work.git("gc", "-q")
    assert set(work.history().files) == {"a.py"}


def test_no_commit_yet(work: Work) -> None:
    repository = repository_around(str(work.top))
    assert repository is not None
    with opened(repository) as git:
        assert head_of(git) is None


def test_sha256_repositories(tmp_path: Path) -> None:
    work = Work.__new__(Work)
    work.top = tmp_path / "sha256"
    work.top.mkdir()
    work.git("init", "-q", "--object-format=sha256")
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT)
    assert work.history().files["a.py"].created.startswith("2024-01-01")


def test_a_partial_clone_keeps_its_dates_and_fetches_nothing(work: Work, tmp_path: Path) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT)
    work.git("mv", "a.py", "b.py")
    work.commit("2024-02-01T12:00:00+00:00")
    work.commit("2024-03-01T12:00:00+00:00", b_py=SCRIPT + "more\n")
    (work.top / "b.py").rename(work.top / "c.py")
    work.commit("2024-04-01T12:00:00+00:00", c_py=SCRIPT + "again\n")
    work.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    work.git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{work.top}", str(clone))
    packs = sorted((clone / ".git/objects/pack").iterdir())
    found = history(clone)
    assert set(found.files) == {"c.py"}
    assert found.files["c.py"].modified.startswith("2024-04-01")
    assert sorted((clone / ".git/objects/pack").iterdir()) == packs


def test_exact_renames_are_followed_in_a_partial_clone(work: Work, tmp_path: Path) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT, z_py="z\n")
    work.git("mv", "a.py", "b.py")
    (work.top / "z.py").unlink()
    work.commit("2024-02-01T12:00:00+00:00", y_py="quite new\n")
    work.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    work.git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{work.top}", str(clone))
    assert history(clone).files["b.py"].created.startswith("2024-01-01")


def test_a_shallow_clone_is_read_as_far_as_it_goes(work: Work, tmp_path: Path) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT)
    work.commit("2024-02-01T12:00:00+00:00", a_py=SCRIPT + "x\n")
    clone = tmp_path / "clone"
    work.git("clone", "-q", "--depth=1", f"file://{work.top}", str(clone))
    assert history(clone).files["a.py"].created.startswith("2024-02-01")


@pytest.mark.parametrize("damage", ["HEAD", "objects"])
def test_a_broken_repository_is_a_problem_and_no_exception(work: Work, damage: str) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT)
    repository = repository_around(str(work.top))
    assert repository is not None
    if damage == "HEAD":
        (work.top / ".git/HEAD").write_bytes(b"\xff\x00garbage")
    else:
        for pack in (work.top / ".git/objects").rglob("*"):
            if pack.is_file():
                pack.chmod(0o644)
                pack.write_bytes(b"garbage")
    with opened(repository) as git:
        try:
            head = head_of(git)
        except GitFailed as error:
            assert error.says
            return
        assert head is not None
        found = read_history(repository, git, head)
        assert found.files == {} and found.problems


def hostile_configuration(canary: str) -> str:
    """Every setting known to us by which a configuration names a program."""
    return f"""
[core]
    fsmonitor = {canary}
    hooksPath = hooks
    pager = {canary}
    editor = {canary}
    sshCommand = {canary}
    askPass = {canary}
    gitProxy = {canary}
    alternateRefsCommand = {canary}
    attributesFile = attributes
    worktree = ..
[log]
    showSignature = true
[gpg]
    program = {canary}
    format = ssh
[gpg "ssh"]
    program = {canary}
    allowedSignersFile = signers
[diff]
    external = {canary}
    renames = copies
[diff "evil"]
    textconv = {canary}
    command = {canary}
[filter "evil"]
    clean = {canary}
    smudge = {canary}
    process = {canary}
    required = true
[pager]
    log = {canary}
[alias]
    log = !{canary}
    ls-tree = !{canary}
    rev-parse = !{canary}
[credential]
    helper = !{canary}
[extensions]
    worktreeConfig = true
    partialClone = evil
[remote "evil"]
    url = ext::{canary}
    promisor = true
    uploadpack = {canary}
    vcs = {canary}
[protocol "ext"]
    allow = always
[trace2]
    eventTarget = {canary}
[include]
    path = more
"""


def test_a_hostile_configuration_runs_nothing(work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work.commit("2024-01-01T12:00:00+00:00", a_py=SCRIPT)
    work.git("mv", "a.py", "b.py")
    work.commit("2024-02-01T12:00:00+00:00", b_py=SCRIPT + "more\n")
    ran = tmp_path / "ran"
    canary = tmp_path / "canary"
    canary.write_text(f'#!/bin/sh\necho "$0 $@" >> {ran}\ncat\n')
    canary.chmod(0o755)
    git = work.top / ".git"
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc", "post-checkout"):
        (git / "hooks").mkdir(exist_ok=True)
        (git / "hooks" / hook).write_bytes(canary.read_bytes())
        (git / "hooks" / hook).chmod(0o755)
    text = hostile_configuration(str(canary))
    (git / "config").write_text(text)
    (git / "config.worktree").write_text(text)
    (git / "more").write_text(text)
    (work.top / ".gitattributes").write_text("*.py diff=evil filter=evil\n")
    (git / "info").mkdir(exist_ok=True)
    (git / "info/attributes").write_text("*.py diff=evil filter=evil\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(text)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(canary))
    monkeypatch.setenv("GIT_PAGER", str(canary))
    monkeypatch.setenv("GIT_SSH_COMMAND", str(canary))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(canary))
    monkeypatch.setenv("PAGER", str(canary))
    found = work.history()
    assert not ran.exists()
    assert found.files["b.py"].commits == 2 and found.problems == ()


def test_a_signed_commit_is_not_checked(work: Work, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    canary = tmp_path / "canary"
    canary.write_text(
        f"#!/bin/sh\ntouch {ran}\ncat > /dev/null\n"
        "printf '%s\\n' '-----BEGIN PGP SIGNATURE-----' '-----END PGP SIGNATURE-----'\n"
        "echo '[GNUPG:] SIG_CREATED ' >&2\n"
    )
    canary.chmod(0o755)
    work.write("a_py", SCRIPT)
    work.git("add", "-A")
    work.git("-c", f"gpg.program={canary}", "commit", "-q", "-S", "-m", "signed")
    assert ran.exists()
    ran.unlink()
    (work.top / ".git/config").write_text(hostile_configuration(str(canary)))
    assert set(work.history().files) == {"a.py"}
    assert not ran.exists()


def test_git_that_is_missing_is_said(work: Work, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitFailed, match="git cannot be run"):
        Git(tmp_path).run("version")
