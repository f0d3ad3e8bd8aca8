"""One process that reads files for the run: run as a script, it answers pickled requests on stdin until that ends.

It is started by path with Python's `-P`, and loads `core` and `assets` from beside this file, so that no folder of the
user's that happens to be called `core` is ever imported. Requests and answers are (length, pickle); both ends are ours.
"""

from __future__ import annotations

import gc
import importlib.util
import math
import pickle
import struct
import sys
from pathlib import Path
from typing import BinaryIO

COLLECTING = (1_000_000, 10, 10)
"""Thresholds of Python's garbage collector: syntax trees live long, and to look through them is a tenth of the work.
What a million new objects hold is some 100 MB."""
HEAD = struct.Struct("<Q")


def send(stream: BinaryIO, message: object, most: float = math.inf) -> bool:
    """Send a message; whether it was, since it has at most so many bytes."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    if len(data) > most:
        return False
    stream.write(HEAD.pack(len(data)) + data)
    stream.flush()
    return True


def receive(stream: BinaryIO) -> object:
    """The next message. Raises EOFError where the other end is gone."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        raise EOFError
    (size,) = HEAD.unpack(head)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


def load_packages(home: Path) -> None:
    """Make `core` and `assets` mean the packages in this folder."""
    for name in ("core", "assets"):
        start = home / name / "__init__.py"
        spec = importlib.util.spec_from_file_location(name, start, submodule_search_locations=[str(start.parent)])
        assert spec is not None and spec.loader is not None
        package = importlib.util.module_from_spec(spec)
        sys.modules[name] = package
        spec.loader.exec_module(package)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    from core.indexing.tasks import load_all, perform

    load_all()
    gc.freeze()
    gc.set_threshold(*COLLECTING)
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        send(answers, perform(request))


if __name__ == "__main__":
    load_packages(Path(__file__).resolve().parents[2])
    answering, sys.stdout = sys.stdout.buffer, sys.stderr
    serve(sys.stdin.buffer, answering)
