"""Whatever is wrong with the input: one clear line, an exit code, no traceback (`process` looks), nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.cli.conftest import ROOT, Done, script

Run = Callable[..., Done]


def test_a_path_that_is_not_there(run: Run, tmp_path: Path) -> None:
    done = run("index", tmp_path / "no such folder", "--catalog", tmp_path / "c")
    assert (done.code, done.out) == (2, "")
    assert "no such folder" in done.err
    assert len(done.err.splitlines()) == 1


def test_nothing_indexed_yet(run: Run, tmp_path: Path) -> None:
    for args in (["list"], ["list", "--json"], ["search", "gan"], ["roots"], ["images", "gan"]):
        done = run(*args, "--catalog", tmp_path / "c")
        assert done.code == 1, args
    assert run("show", "x", "--catalog", tmp_path / "c").code == 1
    assert not (tmp_path / "c").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_kept_with_a_warning(run: Run, tmp_path: Path) -> None:
    script(tmp_path / "in" / "a.py", "Net")
    script(tmp_path / "in" / "b.py", "Net")
    (tmp_path / "in" / "b.py").chmod(0)
    done = run("index", tmp_path / "in", "--catalog", tmp_path / "c")
    assert done.code == 0
    assert "in/a" in run("list", "--catalog", tmp_path / "c").out


def test_odd_files_hinder_nothing(run: Run, tmp_path: Path) -> None:
    """Not UTF-8, a broken notebook, 50 MB in one script, a loop of links, an empty file, a folder called x.py."""
    home = tmp_path / "in"
    script(home / "good.py", "Net")
    (home / "latin.py").write_bytes(b"# \xe9t\xe9\nimport torch\nopt = torch.optim.Adam([], lr=0.1)\nopt.step()\n")
    (home / "broken.ipynb").write_text('{"cells": [')
    (home / "other.ipynb").write_text("[1, 2]")
    with (home / "large.py").open("w") as large:
        large.write("import torch\n")
        large.write("x = [\n" + "    123456789,\n" * 3_300_000 + "]\n")
    (home / "loop").symlink_to(home)
    (home / "dangling.py").symlink_to(home / "nowhere")
    (home / "empty.py").touch()
    (home / "x.py").mkdir()
    (home / "syntax.py").write_text("import torch\ndef f(:\n")
    (home / "null.py").write_bytes(b"import torch\0\n")
    done = run("index", home, "--json", "--catalog", tmp_path / "c")
    assert done.code == 0, done.err
    models = {model["id"]: model for model in run("list", "--json", "--catalog", tmp_path / "c").lines}
    assert models["in/good"]["batch_size"] == [64]
    assert not any("loop" in id for id in models)


@pytest.mark.parametrize("name", ["CURRENT", "catalog.duckdb"])
def test_a_damaged_catalogue_says_what_to_do(run: Run, catalogue: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "c"
    shutil.copytree(catalogue, copy)
    for path in copy.rglob(name):
        path.write_bytes(b"this is not it" * 1000)
    for path in [path for path in copy.rglob("*.duckdb") if name != "CURRENT"]:
        path.write_bytes(b"this is not it" * 1000)
    done = run("list", "--catalog", copy)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "modelsearch index" in done.err


def test_a_catalogue_that_is_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c").write_text("no folder")
    script(tmp_path / "a.py", "Net")
    done = run("index", tmp_path / "a.py", "--catalog", tmp_path / "c")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert run("list", "--catalog", tmp_path / "c").code in (1, 2)


def test_names_with_markup_escapes_and_newlines(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "in"
    name = "net [red]\x1b[31m\n<b>\u202e.py"
    script(home / name, "Net", about="Title \\x1b]0;owned\\x07 [bold]")
    script(home / "b.py", "Net")
    assert run("index", home, "--catalog", tmp_path / "c").code == 0
    for args in (["list"], ["show", "net"], ["diff", "net", "in/b"], ["search", "net"], ["report", "in/b"]):
        done = run(*args, "--catalog", tmp_path / "c")
        assert done.code == 0, (args, done.err)
        assert not any(character in done.out + done.err for character in "\x1b\x07\u202e"), args
    assert len(run("list", "--catalog", tmp_path / "c").out.splitlines()) == 2
    models = run("list", "--json", "--catalog", tmp_path / "c").lines
    assert str(home / name) in {model["path"] for model in models}


def test_bytes_in_a_file_name_that_are_not_utf8(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "in"
    script(home / "a.py", "Net")
    try:
        (home / "a.py").rename(os.fsdecode(os.fsencode(home) + b"/n\xe9t.py"))
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    done = run("index", home, "--catalog", tmp_path / "c")
    assert done.code == 0
    models = run("list", "--json", "--catalog", tmp_path / "c").lines
    assert models or "its name is not UTF-8" in done.err


def test_unreadable_batches(run: Run, catalogue: Path, tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "missing"):
        done = run("search", "--batch", file, "--catalog", catalogue)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert run("search", "a question", "--batch", "-", "--catalog", catalogue).code == 2


ODD = ['"', "(", ")", "a OR", "NOT", "-", "lr:", ":", "created:2025-13", "like:nothing", "a:b:c"]


@pytest.mark.parametrize("question", ODD)
def test_no_question_is_too_odd(run: Run, catalogue: Path, question: str) -> None:
    done = run("search", "--json", "--catalog", catalogue, "--", question)
    assert done.code in (0, 1, 2)
    assert done.code == 2 or done.lines


def test_a_second_writer_is_refused_in_one_line(run: Run, collection: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    run("index", collection, "--catalog", catalog)
    holder = (
        "import sys, modelsearch; from pathlib import Path; from core.library import Library;"
        "library = Library(Path(sys.argv[1]));"
        "told = []\n"
        "def tell(step):\n"
        "    if not told: told.append(print('writing', flush=True) or sys.stdin.read())\n"
        "library.index(progress=tell)"
    )
    command = [sys.executable, "-c", holder, str(catalog)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        done = run("index", "--catalog", catalog)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert run("list", "--catalog", catalog).code == 0
        process.communicate("")


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which PROGRAM is the command line."""
    line = line.replace("PROGRAM", f"{sys.executable} modelsearch.py")
    return subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("args", ["list --json", "list", "--help", "search --json", "show sgd --json"])
def test_a_closed_pipe_ends_it_silently(catalogue: Path, args: str) -> None:
    done = shell(f"PROGRAM --catalog {catalogue} {args} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (0, "")
    assert shell(f"PROGRAM --catalog {catalogue} {args} | true").stderr == ""


@pytest.mark.parametrize("redirect", [">/dev/full", ">&-"])
def test_an_output_that_is_full_or_closed(catalogue: Path, redirect: str) -> None:
    done = shell(f"PROGRAM --catalog {catalogue} list {redirect}")
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1
