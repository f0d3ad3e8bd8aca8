"""What the user wrote is never lost."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from core.catalog.user import FILE, UserFile


@pytest.fixture
def user(tmp_path: Path) -> UserFile:
    return UserFile(tmp_path / "catalogue")


def test_notes_and_tags_are_kept_by_id(user: UserFile) -> None:
    user.note("a", "first")
    user.note("a", "better")
    user.tag("a", "best")
    user.tag("a", "old")
    user.untag("a", "old")
    user.tag("b", "best")
    assert user.notes("a") == ["better"] and user.notes("b") == []
    assert user.tags("a") == ["best"] and user.tags("c") == []
    assert user.all_tags() == {"a": ["best"], "b": ["best"]}
    user.note("a", "")
    assert user.all_notes() == {}


def test_saved_questions_and_history(user: UserFile) -> None:
    user.save("mine", "lr:<1e-3")
    user.save("other", "vae")
    user.save("other", "")
    for question in ["gan", "vae", "vae", "gan"]:
        user.remember(question)
    assert user.saved() == {"mine": "lr:<1e-3"}
    assert user.history() == ["vae", "gan"]


def test_a_torn_last_line_costs_only_itself(user: UserFile) -> None:
    user.note("a", "kept")
    with (user.catalog / FILE).open("ab") as stream:
        stream.write(b'{"kind": "note", "id": "a", "te')
    assert user.notes("a") == ["kept"]
    user.note("b", "after")
    assert user.all_notes() == {"a": "kept", "b": "after"}


@pytest.mark.parametrize(
    "line",
    [b"[]", b"null", b'{"kind": 3}', b'{"kind": "note"}', b'{"kind": "note", "id": [], "text": {}}', b"\xff\xfe"],
)
def test_lines_that_are_not_ours_are_passed_over(user: UserFile, line: bytes) -> None:
    user.note("a", "kept")
    with (user.catalog / FILE).open("ab") as stream:
        stream.write(line + b"\n")
    user.tag("a", "still")
    assert user.notes("a") == ["kept"] and user.tags("a") == ["still"]


def test_writers_at_the_same_time_lose_nothing(user: UserFile) -> None:
    threads = [
        threading.Thread(target=lambda n=n: [UserFile(user.catalog).tag(f"m{n}", f"t{i}") for i in range(10)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {id: len(tags) for id, tags in user.all_tags().items()} == {f"m{n}": 10 for n in range(4)}
    assert all(json.loads(line) for line in (user.catalog / FILE).read_text().splitlines())


def test_notes_follow_a_renamed_model(user: UserFile) -> None:
    user.note("old", "mine")
    user.tag("old", "best")
    user.follow(present={"new": "h1", "other": "h2"}, before={"old": "h1", "other": "h2"})
    assert user.notes("new") == ["mine"] and user.tags("new") == ["best"] and user.notes("old") == []


def test_notes_stay_where_it_is_not_clear_which_model_is_meant(user: UserFile) -> None:
    user.note("old", "mine")
    user.follow(present={"new": "h1", "copy": "h1"}, before={"old": "h1"})
    assert user.notes("old") == ["mine"]
    user.follow(present={"existing": "h1"}, before={"old": "h1", "existing": "h1"})
    assert user.notes("old") == ["mine"]


def test_the_last_known_content_serves_after_a_rebuild(user: UserFile) -> None:
    user.note("old", "mine")
    user.follow(present={"old": "h2"}, before={"old": "h1"})
    user.follow(present={"new": "h2"}, before={})
    assert user.notes("new") == ["mine"]


def test_roots_and_labels_outlive_the_catalogue(user: UserFile) -> None:
    user.add_root("/x/flowers", "flowers")
    user.add_root("/y/flowers", "y.flowers")
    user.forget_root("/x/flowers")
    assert user.roots() == ["/y/flowers"]
    assert user.labels() == {"/x/flowers": "flowers", "/y/flowers": "y.flowers"}
