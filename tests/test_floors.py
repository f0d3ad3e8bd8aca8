"""What may know of what, seen from a running process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def modules_of(package: str) -> list[str]:
    """The dotted names of all modules of a package."""
    files = sorted((ROOT / package).rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names]


def imported_with(names: list[str]) -> set[str]:
    """The top-level modules that importing these brings along, in a new process."""
    code = "import modelsearch, importlib, sys; [importlib.import_module(n) for n in sys.argv[1:]]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, *names], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_core_knows_no_screen_and_no_network() -> None:
    forbidden = {"textual", "rich", "click", "torch", "onnxruntime", "llama_cpp", "models", "tui"}
    loaded = imported_with([name for name in modules_of("core") if name != "core.indexing.worker"])
    assert loaded & forbidden <= {"models", "tui"}  # the entry point loads their packages, which are empty


def test_core_imports_nothing_of_the_floors_above() -> None:
    upward = re.compile(r"^\s*(?:from|import) (?:tui|models)\b", re.MULTILINE)
    assert not [path for path in (ROOT / "core").rglob("*.py") if upward.search(path.read_text(encoding="utf-8"))]


def test_models_import_no_heavy_library_until_they_are_used() -> None:
    names = [name for name in modules_of("models") if name != "models.llama"]  # it is llama.cpp, and imported late
    assert not imported_with(names) & {"torch", "onnxruntime", "llama_cpp", "textual"}


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", *(f"docs/{name}.md" for name in ("analysis", "architecture", "search"))]
)
def test_links_lead_to_files_that_are_there(name: str) -> None:
    path = ROOT / name
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]
