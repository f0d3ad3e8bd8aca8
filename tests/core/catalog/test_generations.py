"""The folder of generations: publishing, keeping, locking, and what a kill leaves behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.catalog.generations import CURRENT, current, making, replace_text, writing
from core.catalog.writing import Content, Vectors, write_generation
from core.errors import BadInput, CatalogBusy


def publish(catalog: Path, text: str) -> str:
    with making(catalog) as folder:
        (folder / "content").write_text(text)
    named = current(catalog)
    assert named is not None
    return named.name


def generations(catalog: Path) -> list[str]:
    return sorted(path.name for path in catalog.iterdir() if path.is_dir())


def test_a_catalogue_that_is_not_there_has_no_generation(tmp_path: Path) -> None:
    assert current(tmp_path / "none") is None


def test_the_current_and_the_previous_generation_are_kept(tmp_path: Path) -> None:
    with writing(tmp_path):
        names = [publish(tmp_path, str(number)) for number in range(4)]
    assert generations(tmp_path) == names[-2:]
    assert len(set(names)) == 4
    assert (tmp_path / names[-1] / "content").read_text() == "3"


def test_an_error_while_making_publishes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    with writing(tmp_path):
        name = publish(tmp_path, "good")
        with pytest.raises(ZeroDivisionError), making(tmp_path) as folder:
            (folder / "content").write_text("half")
            raise ZeroDivisionError
    assert generations(tmp_path) == [name]
    assert current(tmp_path) == tmp_path / name


def test_what_a_kill_left_is_cleaned_by_the_next_writer(tmp_path: Path) -> None:
    with writing(tmp_path):
        name = publish(tmp_path, "good")
    (tmp_path / "new-g000002-aaaaaa").mkdir()
    (tmp_path / "g000002-bbbbbb").mkdir()  # renamed, but CURRENT was not moved any more
    (tmp_path / ".CURRENT.abc.part").write_text("g000002")
    with writing(tmp_path):
        assert generations(tmp_path) == [name]
        following = publish(tmp_path, "next")
    assert following.startswith("g000002-") and following != "g000002-bbbbbb"
    assert generations(tmp_path) == [name, following]


def test_names_are_never_used_again_even_after_current_went_back(tmp_path: Path) -> None:
    with writing(tmp_path):
        first, second = publish(tmp_path, "1"), publish(tmp_path, "2")
        replace_text(tmp_path / CURRENT, first)
    with writing(tmp_path):
        third = publish(tmp_path, "3")
    assert third not in (first, second)


def test_a_second_writer_is_told_in_one_line(tmp_path: Path) -> None:
    code = (
        "import sys; import modelsearch; from pathlib import Path; from core.catalog.generations import writing\n"
        "with writing(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    try:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(CatalogBusy) as caught, writing(tmp_path):
            pass
        assert "\n" not in str(caught.value)
    finally:
        other.kill()
        other.communicate()
    with writing(tmp_path):
        pass


def test_a_catalogue_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput), writing(tmp_path / "file"):
        pass


@pytest.mark.parametrize("text", ["", "../elsewhere", "/etc"])
def test_a_broken_pointer_never_leads_out_of_the_folder(tmp_path: Path, text: str) -> None:
    (tmp_path / CURRENT).write_text(text)
    named = current(tmp_path)
    assert named is not None and named.parent == tmp_path


def test_an_empty_generation_is_written(tmp_path: Path) -> None:
    write_generation(tmp_path, None, Content([], []), Vectors())
    assert (tmp_path / "first.json").exists()
