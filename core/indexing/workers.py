"""Work on all cores: processes of our own, each with one task at a time, so that a crash is known to be one file's."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from core.indexing.tasks import Done, Failed, Task, perform
from core.indexing.worker import receive, send

SERIAL = 24
"""Up to this many tasks are done here and now: starting a process costs as much as some twenty files."""
PATIENCE = 120.0
"""Seconds that one task may take before its process is ended and the file reported."""


def perform_all(
    tasks: Sequence[Task], stop: Callable[[], bool], processes: int | None = None
) -> Iterator[tuple[int, Done]]:
    """(index of the task, what came of it), in the order in which they are done; ends early once `stop()` is true."""
    count = min(processes or _cores(), len(tasks) // 4)
    if len(tasks) <= SERIAL or count < 2:
        yield from ((i, perform(task)) for i, task in enumerate(tasks) if not stop())
        return
    yield from _in_parallel(tasks, stop, count)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_parallel(tasks: Sequence[Task], stop: Callable[[], bool], count: int) -> Iterator[tuple[int, Done]]:
    workers = [_Worker() for _ in range(count)]
    idle = list(workers)
    running: dict[Future[Done], tuple[int, _Worker]] = {}
    remaining = iter(enumerate(tasks))
    with ThreadPoolExecutor(count, thread_name_prefix="indexing") as threads:
        try:
            while True:
                while idle and not stop() and (following := next(remaining, None)) is not None:
                    index, task = following
                    worker = idle.pop()
                    running[threads.submit(worker.perform, task)] = (index, worker)
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    index, worker = running.pop(future)
                    idle.append(worker)
                    yield index, future.result()
        finally:
            for worker in workers:
                worker.close()


class _Worker:
    """One process, started when it is first needed and again after a crash."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def perform(self, task: Task) -> Done:
        process = self._process = self._process or self._start()
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        try:
            send(cast(BinaryIO, process.stdin), task)
            return cast(Done, receive(cast(BinaryIO, process.stdout)))
        except (EOFError, OSError):
            in_time = late.is_alive()
            ended = process.wait()
            self.close()
            return Failed(f"the process reading it ended with {ended}" if in_time else f"took over {PATIENCE:.0f} s")
        finally:
            late.cancel()

    def _start(self) -> subprocess.Popen[bytes]:
        """Apart from the terminal: Ctrl+C is the run's to hear, and a worker ends when its stdin does."""
        script = Path(__file__).with_name("worker.py")
        command = [sys.executable, "-P", str(script)]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            cast(BinaryIO, process.stdout).close()
            with suppress(BrokenPipeError):  # what it was not sent any more
                cast(BinaryIO, process.stdin).close()
