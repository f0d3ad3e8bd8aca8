"""A newer analyser over an older catalogue: every root is read anew when it is next looked at, and none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis import outline
from core.catalog.reading import Reader
from core.indexing import fingerprints, run
from tests.tui.cli.conftest import script


@pytest.fixture
def upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of two roots that an older analyser made, whose outlines this one cannot read."""
    script(tmp_path / "one" / "a.py", "Net")
    script(tmp_path / "two" / "b.py", "Net")
    to_json = outline.Outline.to_json
    with monkeypatch.context() as older:
        older.setattr(run, "fingerprint", lambda: "older")
        older.setattr(outline, "VERSION", 0)
        older.setattr(outline.Outline, "to_json", lambda self: {**to_json(self), "version": 0})
        run.index(tmp_path / "c", [tmp_path / "one", tmp_path / "two"])
    assert ids(tmp_path / "c") == {"one/a", "two/b"}
    return tmp_path / "c"


def ids(catalog: Path) -> set[str]:
    reader = Reader.open(catalog)
    try:
        return set(reader.ids())
    finally:
        reader.close()


def test_roots_that_are_refreshed_one_after_the_other(upgraded: Path, tmp_path: Path) -> None:
    script(tmp_path / "three" / "c.py", "Net")
    run.index(upgraded, [tmp_path / "three"])
    run.index(upgraded, [tmp_path / "one"])
    run.index(upgraded)
    assert ids(upgraded) == {"one/a", "two/b", "three/c"}


@pytest.mark.parametrize("questions", range(0, 40, 3))
def test_a_first_run_that_is_stopped(upgraded: Path, tmp_path: Path, questions: int) -> None:
    """Stopped after it has asked so many times whether to stop."""
    asked = iter(range(questions))
    run.index(upgraded, stop=lambda: next(asked, None) is None)
    run.index(upgraded)
    assert ids(upgraded) == {"one/a", "two/b"}
    assert run.index(upgraded).changed == 0


def test_a_root_that_was_away_meanwhile(upgraded: Path, tmp_path: Path) -> None:
    (tmp_path / "two").rename(tmp_path / "away")
    run.index(upgraded)
    (tmp_path / "away").rename(tmp_path / "two")
    run.index(upgraded)
    assert ids(upgraded) == {"one/a", "two/b"}


@pytest.mark.parametrize(
    "name", ["assets/vocabulary/frameworks/new.toml", "assets/runners/new.py", "core/analysis/a.py"]
)
def test_what_facts_are_made_with_makes_them_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(fingerprints, "HERE", tmp_path)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "vocabulary.py").touch()
    before = fingerprints.fingerprint.__wrapped__()
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("a = 1", "utf-8")
    assert fingerprints.fingerprint.__wrapped__() != before
