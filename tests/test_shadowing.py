"""The installed wheel in a folder that holds packages of the same names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("core", "models", "tui", "assets")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment in which the wheel is installed, with this environment's dependencies.

    The dependencies come in by a .pth file, the way of `--system-site-packages` for an environment inside another.
    """
    home = tmp_path_factory.mktemp("installed")
    source = home / "source"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")
    for name in NAMES:
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("modelsearch.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    venv.create(home / "venv", with_pip=False)
    python = home / "venv" / "bin" / "python"
    inside = sysconfig.get_path("purelib", vars={"base": str(home / "venv")})
    (Path(inside) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-input"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--ignore-installed", str(source)]
    subprocess.run([*command, *options], check=True, capture_output=True)
    return python


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder whose packages of the project's names say so and end the process when they are imported."""
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong package was imported')\n")
    (tmp_path / "train.py").write_text("import core\nlr = 0.1\n")
    return tmp_path


def _run(python: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": "."}
    return subprocess.run(args, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_command_finds_its_own_packages(installed: Path, hostile: Path) -> None:
    for command in ([str(installed.parent / "modelsearch")], [str(installed), "-m", "modelsearch"]):
        found = _run(installed, hostile, *command, "list", "--catalog", "catalogue")
        assert "nothing is indexed yet" in found.stderr
        assert found.returncode == 1


def test_indexing_finds_them_too_in_every_process(installed: Path, hostile: Path) -> None:
    command = str(installed.parent / "modelsearch")
    found = _run(installed, hostile, command, "index", ".", "--catalog", "catalogue", "--json")
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("{")


def test_importing_puts_nothing_before_the_standard_library(installed: Path, hostile: Path) -> None:
    code = (
        "import sys; before = list(sys.path); import modelsearch; assert modelsearch.main; assert sys.path == before;"
        "import core, models, tui, assets; from pathlib import Path; home = Path(modelsearch.__file__).parent;"
        "print(all(Path(m.__file__).parent.parent == home for m in (core, models, tui, assets)), home)"
    )
    found = _run(installed, hostile, str(installed), "-c", code)
    assert found.stdout.split()[0] == "True", found.stderr
    assert "site-packages" in found.stdout


def test_a_package_that_was_imported_before_is_replaced(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("")
    (tmp_path / "core" / "errors.py").write_text("")
    code = "import core.errors, modelsearch; from core.errors import BadInput; print(BadInput.exit_code)"
    assert _run(installed, tmp_path, str(installed), "-c", code).stdout == "2\n"


def test_the_wheel_holds_all_code_and_data_and_no_tests(installed: Path) -> None:
    home = Path(sysconfig.get_path("purelib", vars={"base": str(installed.parent.parent)}))
    kept = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    ours = {
        path.relative_to(ROOT).as_posix()
        for name in NAMES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert not sorted(ours - kept)
    assert not [name for name in kept if name.startswith(("tests/", "docs/"))]
