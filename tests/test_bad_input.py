"""Files that are none, catalogues that are damaged, disks that are full: one clear line, and nothing is lost."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.catalog.generations import CURRENT, DATABASE, FIRST, ROUNDED, TEXT, VECTORS
from core.catalog.user import FILE, UserFile
from core.errors import CatalogDamaged
from core.library import Library
from tests.tui.cli.conftest import ROOT, Done, process, script


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scripts under one root, one under another."""
    home = tmp_path_factory.mktemp("bad")
    script(home / "one" / "a.py", "Autoencoder")
    script(home / "one" / "b.py", "Denoiser", optimizer="SGD")
    script(home / "two" / "c.py", "Dresser")
    return home


@pytest.fixture(scope="module")
def whole(collection: Path) -> Iterator[Path]:
    """The catalogue of both, with something that the user wrote."""
    catalog = collection / "catalogue"
    Library(catalog).index([collection / "one", collection / "two"])
    UserFile(catalog).note("one/a", "the best one")
    yield catalog


def one_line(done: Done, code: int) -> None:
    """Nothing on stdout, one line on stderr, and that exit code."""
    assert (done.code, done.out, len(done.err.splitlines())) == (code, "", 1), done


def no_file(kind: str, path: Path) -> None:
    """Something that is called like a script and cannot be read like one; opening some of them never ends."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.path.relpath(path))  # a socket's path may not be long
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to({"device": "/dev/zero", "loop": path.name, "dangling": "nowhere"}[kind])


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder", "device", "loop", "dangling"])
def test_what_is_no_file_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.chdir(tmp_path)
    script(tmp_path / "in" / "good.py", "Net")
    for name in ("x.py", "config.yaml", "README.md", "picture.png", "model.pt", "log.csv", ".modelsearchignore"):
        no_file(kind, tmp_path / "in" / name)
    done = process("index", tmp_path / "in", "--catalog", tmp_path / "c")
    assert done.code == 0
    assert [model["id"] for model in process("list", "--json", "--catalog", tmp_path / "c").lines] == ["in/good"]
    alone = process("index", tmp_path / "in" / "x.py", "--catalog", tmp_path / "other")
    if kind != "folder":
        one_line(alone, 2)


def garble(path: Path) -> None:
    path.write_bytes(b"\xff\0garbled" * (path.stat().st_size // 9 + 1))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


HARMS: list[tuple[str, Callable[[Path], None]]] = [
    *((name, harm) for name in (CURRENT, DATABASE, FIRST, VECTORS, TEXT) for harm in (garble, empty, Path.unlink)),
    *((name, cut) for name in (CURRENT, DATABASE, VECTORS, ROUNDED, TEXT)),
    (ROUNDED, Path.unlink),
]


@pytest.mark.parametrize(("name", "harm"), HARMS)
def test_a_damaged_catalogue_is_made_anew(whole: Path, tmp_path: Path, name: str, harm: Callable[[Path], None]) -> None:
    """Whatever is damaged, what is asked is either answered in full or met with a line that says what to do; `index` of
    one root mends all; and what the user wrote is there."""
    catalog = tmp_path / "c"
    shutil.copytree(whole, catalog)
    generation = catalog / (catalog / CURRENT).read_text().strip()
    for path in _harmed(catalog, generation, name):
        harm(path)
    gone = name == CURRENT and harm is Path.unlink
    assert gone or told_or_answered(catalog)
    Library(catalog).index([whole.parent / "two"])
    assert answered(Library(catalog))
    assert UserFile(catalog).notes("one/a") == ["the best one"]


def _harmed(catalog: Path, generation: Path, name: str) -> list[Path]:
    if name == CURRENT:
        return [catalog / name]
    if name == TEXT:
        return [path for path in (generation / TEXT).iterdir() if path.is_file()]
    return [generation / name]


def answered(library: Library) -> bool:
    """Whether a list, a search by words and the facts of a model are what they should be."""
    ids = {model.id for model in library.list()}
    found = set(library.search('"on images"').ids)
    library.artefacts("one/a")
    library.close()
    return ids == found == {"one/a", "one/b", "two/c"}


def told_or_answered(catalog: Path) -> bool:
    """The same, or an error that names the way out."""
    try:
        return answered(Library(catalog))
    except CatalogDamaged as error:
        return "modelsearch index" in str(error) and "\n" not in str(error)


@pytest.mark.parametrize("part", range(1, 8))
def test_a_damaged_block_of_the_database_is_told_and_mended(whole: Path, tmp_path: Path, part: int) -> None:
    """Wherever the damage lies: also in a block that `list` and `index` do not read."""
    catalog = tmp_path / "c"
    shutil.copytree(whole, catalog)
    database = catalog / (catalog / CURRENT).read_text().strip() / DATABASE
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(12288 + (size - 12288) * part // 8)
        file.write(b"\xff" * 20_000)
    assert told_or_answered(catalog)
    Library(catalog).index()
    assert answered(Library(catalog))


def test_the_command_line_says_so_in_one_line(whole: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    shutil.copytree(whole, catalog)
    for path in catalog.rglob("meta.json"):
        garble(path)
    done = process("search", '"on images"', "--catalog", catalog)
    one_line(done, 2)
    assert "modelsearch index" in done.err


@pytest.mark.parametrize("harm", [garble, cut, empty])
def test_a_damaged_file_of_the_user_loses_only_what_is_damaged(
    whole: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    catalog = tmp_path / "c"
    shutil.copytree(whole, catalog)
    harm(catalog / FILE)
    assert len(process("list", "--json", "--catalog", catalog).lines) == 3
    assert process("index", "--catalog", catalog).code == 0
    UserFile(catalog).note("one/b", "after")
    assert UserFile(catalog).notes("one/b") == ["after"]
    assert len(process("list", "--json", "--catalog", catalog).lines) == 3


@pytest.mark.parametrize("room", [4_096, 300_000])
def test_a_full_disk_is_one_line_and_the_catalogue_stays(whole: Path, tmp_path: Path, room: int) -> None:
    """No file may grow beyond `room` bytes, which fails as a full disk does."""
    catalog = tmp_path / "c"
    shutil.copytree(whole, catalog)
    script(tmp_path / "three" / "d.py", "Late")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    command = [sys.executable, ROOT / "modelsearch.py", "index", tmp_path / "three", "--catalog", catalog]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
    assert done.returncode == 2, done.stderr
    last = done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr and "unexpected" not in done.stderr
    assert str(catalog) in last and "File too large" in last
    assert len(process("list", "--json", "--catalog", catalog).lines) == 3
    assert UserFile(catalog).notes("one/a") == ["the best one"]
    assert process("index", tmp_path / "three", "--catalog", catalog).code == 0
    assert len(process("list", "--json", "--catalog", catalog).lines) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_catalogue_that_may_only_be_read(whole: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    shutil.copytree(whole, catalog)
    for folder in (catalog, *(path for path in catalog.rglob("*") if path.is_dir())):
        folder.chmod(0o555)
    try:
        assert len(process("list", "--json", "--catalog", catalog).lines) == 3
        assert process("search", '"on images"', "--catalog", catalog).code == 0
        one_line(process("index", tmp_path, "--catalog", catalog), 2)
    finally:
        for folder in (catalog, *(path for path in catalog.rglob("*") if path.is_dir())):
            folder.chmod(0o755)


def test_a_catalogue_below_a_file(collection: Path) -> None:
    below = collection / "one" / "a.py" / "catalogue"
    one_line(process("index", collection / "one", "--catalog", below), 2)
    for command in (["list"], ["search", "gan"], ["show", "x"], ["roots"]):
        done = process(*command, "--catalog", below)
        assert done.code in (1, 2) and len(done.err.splitlines()) == 1, command


def test_ids_that_are_unknown_or_ambiguous(whole: Path) -> None:
    for command in (["show", "one/zzz"], ["diff", "one/a", "zzz"], ["diff", "one/a", "one/b", "two/c"]):
        one_line(process(*command, "--catalog", whole), 1)
    for command in (["diff", "one/a", "one"], ["show", "one"]):
        done = process(*command, "--catalog", whole)
        one_line(done, 2)
        assert "one/a" in done.err and "one/b" in done.err


@pytest.mark.parametrize(
    "question",
    [
        "(" * 3_000,
        "-" * 3_000 + "x",
        "a" * 100_000,
        "not " * 3_000,
        "lr:" * 3_000,
        "\udcff",
        "\x1b[31m",
        "lr:" + "9" * 5_000,
        "limit:999999999999999999999",
        "created:99999",
        "a OR " * 3_000,
        "lr:1e999..nan",
        "params:1e400",
        "",
    ],
)
def test_a_monstrous_question(whole: Path, question: str) -> None:
    done = process("search", "--json", "--catalog", whole, "--", question)
    assert done.code in (0, 1, 2)
    assert not done.out or done.lines[0]["query"] is not None
    assert len(done.err.splitlines()) <= 1
