from __future__ import annotations

from pathlib import Path

import pytest

from core.configuration import Configuration, load
from core.folders import folder


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert load(tmp_path / "config.toml") == Configuration()


def test_every_entry_is_read(tmp_path: Path) -> None:
    weights = tmp_path / "writer.gguf"
    weights.write_bytes(b"GGUF")
    file = tmp_path / "config.toml"
    file.write_text(f'''
[keys]
mark = "m"
[ui]
theme = "nord"
columns = ["id", "epochs"]
[writer]
gguf = "{weights}"
[catalog]
path = "/data/catalogue"
''')
    found = load(file)
    assert found.keys == {"mark": "m"}
    assert (found.theme, found.columns) == ("nord", ("id", "epochs"))
    assert (found.gguf, found.catalog) == (weights, Path("/data/catalogue"))
    assert found.problems == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[ui]\ncolour = 'red'", "ui.colour: unknown entry"),
        ("[ui]\ntheme = 5", "ui.theme: must be a text"),
        ("[ui]\ncolumns = 'id'", "ui.columns: must be a list"),
        ("[catalog]\npath = 'here'", "catalog.path: must be an absolute path"),
        ("[writer]\ngguf = '/no/such.gguf'", "writer.gguf: there is no file"),
        ("[keys]\nmark = ''", "keys.mark: must be a text"),
        ("theme = 'nord'", "theme: unknown entry"),
        ("[ui\n", "not valid TOML"),
    ],
)
def test_a_bad_entry_is_one_line_and_the_default_holds(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    found = load(file)
    assert len(found.problems) == 1
    assert words in found.problems[0]
    assert "\n" not in found.problems[0]
    assert found == Configuration(problems=found.problems)


def test_a_good_entry_survives_a_bad_one(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[ui]\ntheme = 'nord'\ncolumns = 3\n")
    assert load(file).theme == "nord"


def test_a_file_that_is_not_utf8_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff\xfe")
    assert len(load(file).problems) == 1


def test_a_relative_xdg_folder_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert folder("data") == Path.home() / ".local/share/modelsearch"
