"""Reading files of every kind, the damaged ones too."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from core.analysis.configs import read_config
from core.analysis.facts import Place
from core.analysis.magics import without_magics
from core.analysis.program import DictValue, ListValue
from core.analysis.source import LARGEST_PARSED, read_source


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def notebook(*cells: tuple[str, str]) -> str:
    return json.dumps({"cells": [{"cell_type": kind, "source": text.splitlines(True)} for kind, text in cells]})


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        (b"x = 1\ny = (\n", ":2: cannot be parsed"),
        (b"x = 1\n# caf\xe9\n", ":2: not UTF-8"),
        (b"x = 1\0\n", "cannot be parsed"),
        (b"x = " + b"-" * 50_000 + b"1\n", "nested too deeply"),
        (b"x = " + b"(" * 5_000 + b"1\n", "cannot be parsed"),
        (b"#" * (LARGEST_PARSED + 5), "too large to analyse"),
    ],
)
def test_what_cannot_be_parsed_is_kept_as_text_with_a_warning(tmp_path: Path, content: bytes, warning: str) -> None:
    source = read_source(written(tmp_path, "bad.py", content))
    assert any(warning in line for line in source.warnings), source.warnings
    assert source.text


def test_a_missing_file_is_a_warning(tmp_path: Path) -> None:
    source = read_source(tmp_path / "gone.py")
    assert source.text == "" and "cannot be read" in source.warnings[0]


def test_python_2_is_read(tmp_path: Path) -> None:
    code = 'import os\nprint "epoch", 3\ntry:\n    x = 0777L\nexcept OSError, e:\n    raise ValueError, "no"\n'
    source = read_source(written(tmp_path, "old.py", code))
    assert source.tree is not None and not source.warnings
    assert [node.lineno for node in source.tree.body] == [1, 2, 3]


def test_python_of_newer_versions_is_read(tmp_path: Path) -> None:
    code = """
type Batch[T] = list[T]
class Box[T](Base):
    def first[U: int](self, items: list[U]) -> U:
        print(f"{items["a"]} and {items["b"]:.2f}", f'{items['c']}')
        return items[0]
"""
    source = read_source(written(tmp_path, "new.py", code))
    assert source.tree is not None and not source.warnings
    assert [node.lineno for node in source.tree.body] == [2, 3]


@pytest.mark.parametrize(
    ("code", "rest", "line"),
    [
        ("a = 1\nb =\nc = 3\n", "a = 1\npass\nc = 3", 2),
        ("def f(x):\n    # yours\n\nc = 3\n", "def f(x):\n    pass\nc = 3", 4),
        ("def f(x):\nc = 3\n", "pass\nc = 3", 2),
        ("a = [\n  1,\n# here\n)\nc = 3\n", "pass\nc = 3", 4),
        ("f(1,\n  2\n\nc = 3\n", "pass\nc = 3", 1),
        ("  a = 1\n  b = 2\nc = 3\n", "a = 1\nb = 2\nc = 3", 1),
        ("for x in a b:\n    y = 1\nc = 3\n", "if True:\n    y = 1\nc = 3", 1),
        ("if a:\n    x = f(a b,\n      2)\n    y = 2\nc = 3\n", "if a:\n    pass\n    y = 2\nc = 3", 2),
        ("if a:\n    x = 1\n   y = 2\nc = 3\n", "if a:\n    x = 1\ny = 2\nc = 3", 3),
    ],
)
def test_a_broken_statement_is_left_out_and_the_rest_is_read(tmp_path: Path, code: str, rest: str, line: int) -> None:
    source = read_source(written(tmp_path, "a.py", code))
    assert source.tree is not None and ast.unparse(source.tree) == rest
    assert source.tree.body[-1].lineno == code.count("\n")
    (warning,) = source.warnings
    assert f"a.py:{line}: cannot be parsed: " in warning and warning.endswith("; 1 statement left out")


def test_prose_is_no_python(tmp_path: Path) -> None:
    source = read_source(written(tmp_path, "a.py", "Dear reader, this is a letter.\n" * 50))
    assert source.tree is None and "left out" not in source.warnings[0]


def test_tabs_that_are_mixed_with_spaces_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.py", "class A:\n    def f(self):\n\treturn 1\n\n    def g(self):\n        return 2\n")
    source = read_source(str(path))
    assert source.tree is not None and not source.warnings


def test_notebook_places_count_cells_and_their_lines(tmp_path: Path) -> None:
    text = notebook(
        ("markdown", "# Title"),
        ("code", "%matplotlib inline\n!pip install x\nlr = 1"),
        ("code", "%%bash\nls"),
        ("code", "a = 2\nb = 3"),
    )
    source = read_source(written(tmp_path, "n.ipynb", text))
    assert source.tree is not None and not source.warnings
    lr, b = source.tree.body[2], source.tree.body[-1]
    assert source.place(lr.lineno) == Place(source.path, 3, 3, 1)
    assert source.place(b.lineno) == Place(source.path, 2, 2, 3)


def test_a_broken_cell_costs_only_itself(tmp_path: Path) -> None:
    source = read_source(written(tmp_path, "n.ipynb", notebook(("code", "x = (\n"), ("code", "y = 1"))))
    assert source.tree is not None and ast.unparse(source.tree) == "pass\ny = 1"
    assert "cell 0:1" in source.warnings[0]


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": 3}', '{"cells": [3]}', '{"nothing": 1}', "[" * 100_000])
def test_a_broken_notebook_is_a_warning(tmp_path: Path, text: str) -> None:
    source = read_source(written(tmp_path, "n.ipynb", text))
    assert "broken notebook" in source.warnings[0]


def entries(value: object) -> dict[object, object]:
    assert isinstance(value, DictValue)
    return {key: entry.value for key, entry in value.entries.items()}


def test_yaml_numbers_as_scientists_write_them(tmp_path: Path) -> None:
    text = "lr: 1e-4\nn: 1_000\nname: '3'\nflag: yes\nnone:\nsizes: [1, 2]\nother: !!python/object:os.system x\n"
    value = read_config(read_source(written(tmp_path, "c.yaml", text)))
    assert value is not None
    found = entries(value.value)
    assert (found["lr"], found["n"], found["name"], found["flag"], found["none"]) == (1e-4, 1000, "3", True, None)
    assert isinstance(found["sizes"], ListValue)
    assert isinstance(value.value, DictValue) and value.value.entries["n"].place.line == 2


def test_json_and_toml_have_lines(tmp_path: Path) -> None:
    as_json = read_config(read_source(written(tmp_path, "c.json", '{\n\t"train": {\n\t\t"lr": 0.1}}')))
    as_toml = read_config(read_source(written(tmp_path, "c.toml", "[train]\n\nlr = 0.1\n")))
    for value in (as_json, as_toml):
        assert value is not None and isinstance(value.value, DictValue)
        train = value.value.entries["train"].value
        assert isinstance(train, DictValue)
        assert (train.entries["lr"].value, train.entries["lr"].place.line) == (0.1, 3)


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\t- x", "&a [*a]", "{" * 3000])
def test_broken_yaml_is_a_warning_or_nothing(tmp_path: Path, text: str) -> None:
    source = read_source(written(tmp_path, "c.yaml", text))
    value = read_config(source)
    assert value is not None or source.warnings


def test_aliases_of_aliases_stay_small(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert read_config(read_source(written(tmp_path, "bomb.yaml", "\n".join(lines)))) is not None


@pytest.mark.parametrize(
    "text",
    [
        "print('cost %.2f'\n      %(cost))\n",
        "x = (a\n     %b)\n",
        "%matplotlib inline\nprint('cost %.2f'\n      %(cost))\n",
    ],
)
def test_a_line_that_goes_on_with_a_percent_sign_is_no_magic(text: str) -> None:
    kept = without_magics(text)
    ast.parse(kept)
    assert kept.splitlines()[-1] == text.splitlines()[-1]


def test_a_cell_that_is_indented_as_a_whole() -> None:
    assert without_magics("  x = [1,\n       2]\n\n  y = 3\n") == "x = [1,\n     2]\n\ny = 3\n"


def test_old_python_with_a_line_of_blanks_without_end_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "old.py"
    path.write_text("print 'x'\n" + "\t" * 20_000 + "print 'y'\n")
    assert read_source(str(path)).warnings


def test_old_python_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.py"
    path.write_text("for i in xrange(3):\n    print 'loss', i  # so far\nexcept_ = 0777 <> 10L\n")
    source = read_source(str(path))
    assert source.tree is not None and ast.unparse(source.tree.body[1]) == "except_ = 511 != 10"


MARIMO = """
import marimo

app = marimo.App()

with app.setup:
    import torch

@app.cell(hide_code=True)
def _():
    rate = 0.01
    return (rate,)

@app.function
def network(width):
    return torch.nn.Linear(width, 2)

@app.cell
async def _(rate):
    optimizer = torch.optim.Adam(network(4).parameters(), lr=rate)
    return

if __name__ == "__main__":
    app.run()
"""


def test_cells_of_marimo_are_the_top_level(tmp_path: Path) -> None:
    path = tmp_path / "notebook.py"
    path.write_text(MARIMO.lstrip(), "utf-8")
    tree = read_source(path).tree
    assert tree is not None
    assert [type(node).__name__ for node in tree.body] == [
        "Import",
        "Assign",
        "Import",
        "Assign",
        "FunctionDef",
        "Assign",
    ]
    assert tree.body[-1].lineno == 19


def test_decorators_of_other_apps_stay(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text("import typer\napp = typer.Typer()\n@app.command()\ndef cell(): ...\n", "utf-8")
    tree = read_source(path).tree
    assert tree is not None and len(tree.body) == 3


def test_a_long_run_of_blanks_before_what_is_no_code_is_gone_through_once(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text("import torch\nx = (\n" + " " * 20_000 + "\u2028\n)\ny = 1\n", encoding="utf-8")
    source = read_source(str(path))
    assert source.warnings and source.tree is not None
