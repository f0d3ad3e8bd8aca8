"""What is imported when."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.cli.conftest import ROOT


def imported(*args: str | Path) -> set[str]:
    """The top-level modules that a run of the command line has imported."""
    code = (
        "import sys, modelsearch\n"
        "from tui.cli.main import run\n"
        "run(sys.argv[1:])\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *map(str, args)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["search", "--help"], ["search", "--nonsense"]])
def test_help_is_light(args: list[str]) -> None:
    assert not imported(*args) & {"textual", "duckdb", "numpy", "rich", "yaml", "tantivy", "onnxruntime", "torch"}


def test_diff_and_list_import_no_more_than_they_need(catalogue: Path) -> None:
    heavy = {"textual", "numpy", "rich", "yaml", "onnxruntime", "torch", "llama_cpp", "rapidfuzz"}
    for args in (["diff", "v1/train", "v2/train"], ["list", "--json"], ["show", "sgd"]):
        assert not imported(*args, "--catalog", catalogue) & heavy, args
