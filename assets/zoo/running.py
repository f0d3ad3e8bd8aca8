"""Runs studies as their authors would, in forks of one process: importing torch takes longer than a quick run.

This file is also the program of that process: it reads one job a line (JSON) and answers each with one line.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

PRELOADED = ("torch.utils.data", "sklearn.datasets", "PIL.Image", "yaml", "matplotlib.pyplot")


@dataclass(frozen=True)
class Finished:
    """How a run ended: exit code, what it printed, seconds of processor time."""

    code: int
    stdout: str
    stderr: str
    seconds: float


class Runner:
    """The process that runs studies, one at a time, each on one thread. A context manager."""

    def __enter__(self) -> Self:
        settings = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "Agg"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **settings},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self, folder: Path, script: str, arguments: list[str]) -> Finished:
        """Run a script or notebook in its folder, to its end."""
        assert self._process.stdin and self._process.stdout
        with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as errors:
            job = {"argv": [script, *arguments], "folder": str(folder), "out": out.name, "errors": errors.name}
            print(json.dumps(job), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
            if not answer:
                raise RuntimeError("the process that runs the studies has ended")
            return Finished(*json.loads(answer)[:1], out.read(), errors.read(), *json.loads(answer)[1:])


def serve() -> None:
    """Fork for each job that stands on stdin."""
    for name in PRELOADED:
        with contextlib.suppress(ImportError):  # a study that needs it will say so itself
            importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(_run(**json.loads(line)))
        _, status, used = os.wait4(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime]), flush=True)


def _run(argv: list[str], folder: str, out: str, errors: str) -> int:
    """Be `python SCRIPT ARGUMENTS` in that folder; gives the exit code."""
    for number, name in ((0, os.devnull), (1, out), (2, errors)):
        os.dup2(os.open(name, os.O_RDWR), number)
    os.chdir(folder)
    sys.argv, sys.path[0] = argv, folder
    code = 0
    try:
        if argv[0].endswith(".ipynb"):
            run_notebook(Path(argv[0]))
        else:
            runpy.run_path(argv[0], run_name="__main__")
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException:  # whatever a study dies of is its result here
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def run_notebook(path: Path) -> None:
    """Run the code cells in turn and keep what they print as their outputs."""
    book = json.loads(path.read_text(encoding="utf-8"))
    names: dict[str, object] = {"__name__": "__main__"}
    count = 0
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile("".join(cell["source"]), f"{path.name} cell {count}", "exec"), names)
            cell["execution_count"] = count
            lines = printed.getvalue().splitlines(keepends=True)
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": lines}] if lines else []
    path.write_text(json.dumps(book, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    serve()
