"""Work in other processes: the same results, and one file's crash is that file's alone."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import core.indexing.workers as workers
from core.indexing.tasks import Done, Failed, Outlined, Outlining
from core.indexing.worker import receive, send
from core.indexing.workers import Pool


def sources(folder: Path, count: int) -> list[Outlining]:
    for number in range(count):
        (folder / f"a{number}.py").write_text(f"import torch\nX = {number}\n")
    return [Outlining(str(folder / f"a{number}.py")) for number in range(count)]


def everything(tasks: list[Outlining], processes: int) -> dict[int, Done]:
    with Pool(processes) as pool:
        return dict(pool.perform(tasks, lambda: False))


def test_in_parallel_is_as_in_series(tmp_path: Path) -> None:
    tasks = sources(tmp_path, 40)
    there = everything(tasks, 2)
    here = everything(tasks, 1)
    assert there == here and len(there) == 40
    assert all(isinstance(done, Outlined) and done.hash for done in there.values())


def test_a_crash_is_one_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = sources(tmp_path, 40)
    original = workers._Worker.perform

    def perform(self: workers._Worker, task: Outlining, following: Outlining | None = None) -> Done:
        if task.path.endswith("a7.py"):
            self._process = self._process or self._start()
            os.kill(self._process.pid, signal.SIGSEGV)
            self._process.wait()
        return original(self, task, following)

    monkeypatch.setattr(workers._Worker, "perform", perform)
    found = everything(tasks, 2)
    assert [index for index, done in found.items() if isinstance(done, Failed)] == [7]
    assert len(found) == 40


def test_a_task_that_takes_too_long_is_ended_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0.3)
    monkeypatch.setattr(workers, "LOOKING", 0.05)
    os.mkfifo(tmp_path / "pipe.py")  # opening it never ends
    found = everything([Outlining(str(tmp_path / "pipe.py")), *sources(tmp_path, 30)], 2)
    late = found[0]
    assert isinstance(late, Failed) and "took over" in late.why and len(found) == 31


def test_stopping_ends_early_and_leaves_no_process(tmp_path: Path) -> None:
    tasks = sources(tmp_path, 60)
    asked = itertools.count()
    with Pool(2) as pool:
        pool.get_ready(len(tasks))
        processes = [worker._process for worker in pool._workers]
        done = list(pool.perform(tasks, lambda: next(asked) >= 3))  # asked before each task, in each thread
        assert len(done) == 3
    assert all(process is not None and process.poll() is not None for process in processes)


def test_a_folder_stays_with_its_process_and_idle_ones_help(tmp_path: Path) -> None:
    near, far = workers._Worker(), workers._Worker()
    homes: dict[str, workers._Worker] = {}
    tasks = [Outlining(f"{folder}/{number}.py") for folder in ("a", "b") for number in range(3)]
    queues = workers._Queues(tasks, homes)
    first = [queues.next(worker) for worker in (near, far, near, far, near)]
    assert [each and each[1].path for each in first] == ["a/0.py", "b/0.py", "a/1.py", "b/1.py", "a/2.py"]
    assert queues.next(near) == (5, tasks[5]) and queues.next(far) is None
    assert homes == {"a": near, "b": far}
    again = workers._Queues(tasks, homes)
    assert again.next(far) == (3, tasks[3]) and again.next(near) == (0, tasks[0])


def test_the_last_tasks_are_not_given_ahead() -> None:
    one = workers._Worker()
    queues = workers._Queues([Outlining(f"a/{number}.py") for number in range(4)], {}, few=2)
    assert queues.next(one) and queues.next(one, ahead=True)
    assert queues.next(one, ahead=True) is None and queues.next(one)


def test_what_was_given_ahead_is_answered_in_turn_or_forgotten(tmp_path: Path) -> None:
    first, second, third = sources(tmp_path, 3)
    worker = workers._Worker()
    try:
        told = [worker.perform(first, second), worker.perform(second, third)]
        assert [done.path for done in told if isinstance(done, Outlined)] == [first.path, second.path]
        worker.forget_ahead()  # the third, which nobody asks for
        again = worker.perform(first)
        assert isinstance(again, Outlined) and again.path == first.path
    finally:
        worker.close()


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
