"""Work on all cores: processes of our own, each with one task at a time, so that a crash is known to be one file's."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import BinaryIO, cast

from core.indexing.tasks import Analysing, Done, Failed, Task, perform
from core.indexing.worker import COLLECTING, receive, send

SERIAL = 24
"""Up to this many tasks are done here and now, unless the processes run already: starting one costs as much as some
twenty files."""
PATIENCE = 120.0
"""Seconds that one task may take before its process is ended and the file reported."""
HELD = 16_000
"""Bytes that a pipe holds until they are read: what is given ahead is no more, or both ends might wait for each
other."""
LOOKING = 1.0
"""Seconds between two looks at which tasks take that long, while nothing else happens."""


class Pool:
    """The processes of one run. They start when there is much to do, and stay: what they read is at hand later on."""

    def __init__(self, processes: int | None = None) -> None:
        self._workers = [_Worker() for _ in range(processes or _cores())]
        self._homes: dict[str, _Worker] = {}
        """The process that a folder's files went to first, and go to again while it has nothing else to do."""

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.close()

    def get_ready(self, tasks: int) -> None:
        """Start the processes now if that many tasks are worth it: they load while the tasks are still looked for."""
        for worker in self._workers if self._is_worth_it(tasks) else ():
            worker.start()

    def perform(self, tasks: Sequence[Task], stop: Callable[[], bool]) -> Iterator[tuple[int, Done]]:
        """(index of the task, what came of it), in the order in which they are done; ends early once `stop()` is
        true."""
        if self._is_worth_it(len(tasks)):
            yield from self._in_parallel(tasks, stop)
            return
        before = gc.get_threshold()
        gc.set_threshold(*COLLECTING)
        try:
            yield from ((i, perform(task)) for i, task in enumerate(tasks) if not stop())
        finally:
            gc.set_threshold(*before)

    def _is_worth_it(self, tasks: int) -> bool:
        started = any(worker.is_started for worker in self._workers)
        return len(self._workers) > 1 and tasks > (1 if started else SERIAL)

    def _in_parallel(self, tasks: Sequence[Task], stop: Callable[[], bool]) -> Iterator[tuple[int, Done]]:
        """Each process has a thread that gives it one task after another, whatever the caller does with the results."""
        queues, over = _Queues(tasks, self._homes, 2 * len(self._workers)), threading.Event()
        results: SimpleQueue[tuple[int, Done] | BaseException | None] = SimpleQueue()

        def serve(worker: _Worker) -> None:
            try:
                current = queues.next(worker)
                while current is not None and not over.is_set() and not stop():
                    following = queues.next(worker, ahead=True)
                    results.put((current[0], worker.perform(current[1], following[1] if following else None)))
                    current = following or queues.next(worker)
                worker.forget_ahead()
            except BaseException as error:  # raised again where the results are waited for
                results.put(error)
            results.put(None)

        threads = [threading.Thread(target=serve, args=(worker,), name="indexing") for worker in self._workers]
        for thread in threads:
            thread.start()
        try:
            yield from self._results(results)
        finally:
            over.set()
            for worker in self._workers:
                worker.give_up()
            for thread in threads:
                thread.join()

    def _results(self, results: SimpleQueue[tuple[int, Done] | BaseException | None]) -> Iterator[tuple[int, Done]]:
        """What comes of the tasks, until every thread has said that it ends; tasks that take too long are ended."""
        working = len(self._workers)
        while working:
            for worker in self._workers:
                worker.end_late()
            try:
                done = results.get(timeout=LOOKING)
            except Empty:
                continue
            if isinstance(done, BaseException):
                raise done
            if done is None:
                working -= 1
            else:
                yield done


Numbered = tuple[int, Task]


class _Queues:
    """Tasks by folder: a folder's files go to one process, which then has the modules that they share at hand."""

    def __init__(self, tasks: Sequence[Task], homes: dict[str, _Worker], few: int = 0) -> None:
        folders: dict[str, deque[Numbered]] = {}
        for index, task in enumerate(tasks):
            folders.setdefault(_folder(task), deque()).append((index, task))
        self.homes, self.few, self.left = homes, few, len(tasks)
        self.lock = threading.Lock()
        self.own: dict[_Worker, deque[deque[Numbered]]] = {}
        self.free: deque[tuple[str, deque[Numbered]]] = deque()
        for folder, queue in folders.items():
            if folder in homes:
                self.own.setdefault(homes[folder], deque()).append(queue)
            else:
                self.free.append((folder, queue))

    def next(self, worker: _Worker, ahead: bool = False) -> Numbered | None:
        """What a process does next: its own folders, then a new one, then what another would come to last. Ahead of
        time only while there is more than a few left, so that all end together."""
        with self.lock:
            found = None if ahead and self.left <= self.few else self._next(worker)
            self.left -= found is not None
            return found

    def _next(self, worker: _Worker) -> Numbered | None:
        mine = self.own.setdefault(worker, deque())
        while mine and not mine[0]:
            mine.popleft()
        if not mine and self.free:
            folder, queue = self.free.popleft()
            self.homes[folder] = worker
            mine.append(queue)
        if mine:
            return mine[0].popleft()
        others = [queue for queues in self.own.values() for queue in queues if queue]
        return max(others, key=len).pop() if others else None


def _folder(task: Task) -> str:
    return os.path.dirname(task.candidate.script or task.candidate.path if isinstance(task, Analysing) else task.path)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """One process, started when it is first needed and again after a crash."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._since: float | None = None
        """When the task that it works on was given to it."""
        self._ahead: Task | None = None
        """What it was given to do after that already."""

    def perform(self, task: Task, following: Task | None = None) -> Done:
        """What comes of a task. What follows is given to the process too, so that it need not wait for it."""
        process = self.start()
        requests = cast(BinaryIO, process.stdin)
        self._since = since = time.monotonic()
        try:
            if task is not self._ahead:
                send(requests, task)
            self._ahead = following if following is not None and send(requests, following, HELD) else None
            return cast(Done, receive(cast(BinaryIO, process.stdout)))
        except (EOFError, OSError, ValueError):  # it ended, or was closed meanwhile
            took = time.monotonic() - since
            ended = process.wait()
            self.close()
            return Failed(
                f"the process reading it ended with {ended}" if took < PATIENCE else f"took over {PATIENCE:.0f} s"
            )
        finally:
            self._since = None

    def forget_ahead(self) -> None:
        """End the process if it was given something ahead that nobody asks for any more."""
        if self._ahead is not None:
            self.close()

    def end_late(self) -> None:
        """End the process if its task takes too long."""
        process, since = self._process, self._since
        if process is not None and since is not None and time.monotonic() - since > PATIENCE:
            process.kill()

    def give_up(self) -> None:
        """End the process if it works on something, which then nobody waits for."""
        process = self._process
        if process is not None and self._since is not None:
            process.kill()

    @property
    def is_started(self) -> bool:
        return self._process is not None

    def start(self) -> subprocess.Popen[bytes]:
        """The process, running."""
        self._process = self._process or self._start()
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        """Apart from the terminal: Ctrl+C is the run's to hear, and a worker ends when its stdin does."""
        script = Path(__file__).with_name("worker.py")
        command = [sys.executable, "-P", str(script)]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def close(self) -> None:
        process, self._process, self._ahead = self._process, None, None
        if process is not None:
            process.kill()
            process.wait()
            cast(BinaryIO, process.stdout).close()
            with suppress(BrokenPipeError):  # what it was not sent any more
                cast(BinaryIO, process.stdin).close()
