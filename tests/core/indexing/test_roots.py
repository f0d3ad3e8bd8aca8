"""Which paths become roots, and what they and their models are called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.indexing.roots import Target, choose, find_root, ids, label_for


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "a/train.py").write_text("")
    return tmp_path


def test_no_path_means_every_root(tree: Path) -> None:
    assert choose([], {str(tree / "a")}) == [Target(str(tree / "a"), str(tree / "a"))]


def test_a_path_inside_another_of_the_same_command_is_part_of_it(tree: Path) -> None:
    assert choose([tree / "a/b", tree / "a"], set()) == [Target(str(tree / "a"), str(tree / "a"))]


def test_inside_around_and_through_a_link(tree: Path) -> None:
    known = {str(tree / "a/b")}
    assert choose([tree / "a/b/c"], known) == [Target(str(tree / "a/b"), str(tree / "a/b/c"))]
    with pytest.raises(BadInput, match="forget"):
        choose([tree / "a"], known)
    (tree / "link").symlink_to(tree / "a/b")
    assert choose([tree / "link"], known) == [Target(str(tree / "a/b"), str(tree / "a/b"))]
    assert choose([tree / "link/c"], known) == [Target(str(tree / "a/b"), str(tree / "a/b/c"))]


def test_a_known_root_that_is_gone_is_still_a_root(tree: Path) -> None:
    gone = str(tree / "gone")
    assert choose([Path(gone)], {gone}) == [Target(gone, gone)]


def test_labels_grow_upward(tmp_path: Path) -> None:
    for name in ("x/examples", "y/examples"):
        (tmp_path / name).mkdir(parents=True)
    path = str(tmp_path / "y/examples")
    assert label_for(path, set()) == "examples"
    assert label_for(path, {"examples"}) == "y.examples"
    assert label_for(path, {"examples", "y.examples"}) == f"{tmp_path.name}.y.examples"
    assert label_for("/", {"root"}) == "root-2"
    (tmp_path / "v1.2").mkdir()
    assert label_for(str(tmp_path / "v1.2"), set()) == "v1.2"


def test_ids_keep_suffixes_only_where_they_must() -> None:
    paths = ["/r/x.py", "/r/x.ipynb", "/r/y.py", "/r/z/config.yaml", "/r/x.py.py"]
    assert ids("r", "/r", paths) == {
        "/r/x.py": "r/x.py",
        "/r/x.ipynb": "r/x.ipynb",
        "/r/y.py": "r/y",
        "/r/z/config.yaml": "r/z/config",
        "/r/x.py.py": "r/x.py.py",
    }
    assert ids("train", "/r/train.py", ["/r/train.py"]) == {"/r/train.py": "train"}


def _path(text: str) -> str:
    return "/r/" + os.path.normpath(text.strip("/.") + "x.py")


@settings(deadline=None)
@given(st.sets(st.text(st.sampled_from("ab./"), min_size=1, max_size=6).map(_path), max_size=8))
def test_ids_are_unique_whatever_the_names(paths: set[str]) -> None:
    named = ids("r", "/r", sorted(paths))
    assert len(set(named.values())) == len(paths) == len(named)


def test_roots_are_found_by_label_and_path() -> None:
    labels = {"/x/a": "a", "/y/a": "y.a"}
    assert find_root("y.a", labels) == "/y/a" and find_root("/x/a", labels) == "/x/a"
    with pytest.raises(BadInput, match=r"there are: a, y\.a"):
        find_root("b", labels)
