"""Work in other processes: the same results, and one file's crash is that file's alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import core.indexing.workers as workers
from core.indexing.tasks import Done, Failed, Outlined, Outlining
from core.indexing.worker import receive, send
from core.indexing.workers import perform_all


def sources(folder: Path, count: int) -> list[Outlining]:
    for number in range(count):
        (folder / f"a{number}.py").write_text(f"import torch\nX = {number}\n")
    return [Outlining(str(folder / f"a{number}.py")) for number in range(count)]


def test_in_parallel_is_as_in_series(tmp_path: Path) -> None:
    tasks = sources(tmp_path, 40)
    there = dict(perform_all(tasks, lambda: False, processes=2))
    here = dict(perform_all(tasks, lambda: False, processes=1))
    assert there == here and len(there) == 40
    assert all(isinstance(done, Outlined) and done.hash for done in there.values())


def test_a_crash_is_one_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = sources(tmp_path, 40)
    original = workers._Worker.perform

    def perform(self: workers._Worker, task: Outlining) -> Done:
        if task.path.endswith("a7.py"):
            self._process = self._process or self._start()
            os.kill(self._process.pid, signal.SIGSEGV)
            self._process.wait()
        return original(self, task)

    monkeypatch.setattr(workers._Worker, "perform", perform)
    found = dict(perform_all(tasks, lambda: False, processes=2))
    assert [index for index, done in found.items() if isinstance(done, Failed)] == [7]
    assert len(found) == 40


def test_a_task_that_takes_too_long_is_ended_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = workers._Worker()
    monkeypatch.setattr(workers, "PATIENCE", 0.3)
    os.mkfifo(tmp_path / "pipe.py")  # opening it never ends
    done = worker.perform(Outlining(str(tmp_path / "pipe.py")))
    assert isinstance(done, Failed) and "took over" in done.why


def test_stopping_ends_early_and_leaves_no_process(tmp_path: Path) -> None:
    tasks = sources(tmp_path, 60)
    seen: list[Done] = []
    for _, done in perform_all(tasks, lambda: len(seen) >= 3, processes=2):
        seen.append(done)
    assert len(seen) < 10


def test_a_users_own_core_is_never_imported(tmp_path: Path) -> None:
    for name in ("core", "assets", "models"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n")
    (tmp_path / "train.py").write_text("import torch\n")
    script = Path(workers.__file__).with_name("worker.py")
    process = subprocess.Popen(
        [sys.executable, "-P", str(script)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    send(process.stdin, Outlining(str(tmp_path / "train.py")))
    assert isinstance(receive(process.stdout), Outlined)
    process.stdin.close()
    assert process.wait() == 0
    process.stdout.close()
    assert not (tmp_path / "ran").exists()
