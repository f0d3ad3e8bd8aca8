"""What a walk sees, what it passes over, and that it always ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scanning.walking import Walk, walk


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def seen(root: Path, found: Walk | None = None) -> list[str]:
    return [os.path.relpath(file.path, root) for file in (found or walk(str(root))).files]


def test_other_peoples_code_and_what_tools_make_is_passed_over_and_counted(tmp_path: Path) -> None:
    write(tmp_path, "train.py", ".git/config", ".hidden/x.py", "node_modules/a.py", "__pycache__/a.pyc", "build/a.py")
    write(
        tmp_path, "dist/a.py", "lib/site-packages/a.py", "env/pyvenv.cfg", "env/a.py", "outputs/sample.png", ".env.py"
    )
    found = walk(str(tmp_path))
    assert seen(tmp_path, found) == [".env.py", "outputs/sample.png", "train.py"]
    assert found.left_out == 8
    assert str(tmp_path / "env") in found.passed and str(tmp_path / "lib/site-packages") in found.passed
    assert found.problems == []


@pytest.mark.parametrize("name", ["build", ".hidden", "site-packages", "env"])
def test_a_root_that_is_such_a_folder_itself_is_scanned(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, "pyvenv.cfg", "train.py")
    assert "train.py" in seen(tmp_path / name)


def test_a_file_is_a_root_of_one_file(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.py")
    assert [file.path for file in walk(str(tmp_path / "a.py")).files] == [str(tmp_path / "a.py")]


def test_the_ignore_file_is_read_as_gitignore_is(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "old/b.py", "old/keep/c.py", "x/tmp_1.py", "x/keep.py", "x/y/tmp_2.py", "z/a.py")
    (tmp_path / ".modelsearchignore").write_text("# mine\nold/\ntmp_*.py\n/a.py\n")
    (tmp_path / "x/y/.modelsearchignore").write_text("!tmp_2.py\n")
    found = walk(str(tmp_path))
    assert [name for name in seen(tmp_path, found) if name.endswith(".py")] == ["x/keep.py", "x/y/tmp_2.py", "z/a.py"]
    assert found.left_out == 3


def test_ignore_files_of_the_root_hold_in_a_part_of_it(tmp_path: Path) -> None:
    write(tmp_path, "x/tmp_1.py", "x/a.py")
    (tmp_path / ".modelsearchignore").write_text("tmp_*.py\n")
    assert seen(tmp_path, walk(str(tmp_path / "x"), around=str(tmp_path))) == ["x/a.py"]


def test_links_that_loop_or_lead_upward_end(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, "a/train.py")
    (root / "a/again").symlink_to(root)
    (root / "self").symlink_to("self")
    (root / "up").symlink_to(tmp_path)
    (root / "everything").symlink_to("/")
    (root / "same").symlink_to(root / "a")
    (root / "copy.py").symlink_to(root / "a/train.py")
    found = walk(str(root))
    assert seen(root, found) == ["a/train.py"]
    assert len(found.problems) <= 1


def test_links_out_of_the_root_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path / "disk", "outputs/sample.png", "extra.py")
    root = tmp_path / "root"
    write(root, "train.py")
    (root / "outputs").symlink_to(tmp_path / "disk/outputs")
    (root / "outputs2").symlink_to(tmp_path / "disk/outputs")
    (root / "extra.py").symlink_to(tmp_path / "disk/extra.py")
    assert seen(root) == ["extra.py", "outputs/sample.png", "train.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_a_line(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "closed/b.py")
    (tmp_path / "closed").chmod(0)
    try:
        found = walk(str(tmp_path))
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert seen(tmp_path, found) == ["a.py"]
    assert len(found.problems) == 1 and "closed" in found.problems[0]


def test_names_with_newlines_and_escapes_are_seen_and_names_that_are_not_utf8_are_said(tmp_path: Path) -> None:
    write(tmp_path, "new\nline.py", "esc\x1b[31m.py", "[bold]x.py")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.py")).write_text("")
    found = walk(str(tmp_path))
    assert seen(tmp_path, found) == ["[bold]x.py", "esc\x1b[31m.py", "new\nline.py"]
    assert found.left_out == 1
    assert len(found.problems) == 1 and found.problems[0].isprintable()


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    found = walk(str(tmp_path))
    assert found.files == [] and found.left_out == 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["a", "b", "build", ".x", "c"]), min_size=1, max_size=4), max_size=8))
def test_files_are_sorted_and_none_lies_in_a_passed_over_folder(
    tmp_path_factory: pytest.TempPathFactory, paths: list[list[str]]
) -> None:
    root = tmp_path_factory.mktemp("walk")
    for parts in paths:
        write(root, "/".join(parts) + ".py")
    found = seen(root)
    assert found == sorted(found)
    expected = {"/".join(parts) + ".py" for parts in paths if not {"build", ".x"} & set(parts[:-1])}
    assert set(found) == expected
