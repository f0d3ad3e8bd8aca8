"""`index`, `roots` and `forget`."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from core.export import line
from core.progress import IndexSummary, Step
from tui.cli.opening import open_library
from tui.cli.printing import Printer, fit, note, safe
from tui.wording import plural

if TYPE_CHECKING:
    from core.library import Library

WORDS = {
    "scan": "looking for files",
    "history": "reading the history",
    "analyse": "reading the sources",
    "artefacts": "looking at pictures and checkpoints",
    "store": "storing",
    "embed": "learning the meaning",
}


def index(catalog: Path | None, paths: Sequence[Path], as_json: bool) -> int:
    library = open_library(catalog)
    telling = Telling()
    with Interruption() as interruption:
        summary = library.index([path.absolute() for path in paths], progress=telling.step, stop=interruption.asked)
    telling.end()
    for problem in (*summary.problems, *_barren(library, paths)):
        note(problem)
    if as_json:
        print(line({name: value for name, value in asdict(summary).items() if name != "problems"}))
    else:
        Printer().line(_sentence(summary))
    return 130 if interruption.asked() else 0


def _barren(library: Library, paths: Sequence[Path]) -> list[str]:
    """The paths that were just added and hold no model: a slip of the finger may be looked at for ever after."""
    named = {path.resolve() for path in paths}
    empty = (
        [root for root in library.roots() if root.models == 0 and Path(root.path).resolve() in named] if paths else []
    )
    return [f"{root.path}: no model was found in it (modelsearch forget {root.label} takes it out)" for root in empty]


def _sentence(summary: IndexSummary) -> str:
    counts = {word: getattr(summary, word) for word in ("added", "changed", "removed", "offline")}
    changes = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count) or "nothing changed"
    left_out = f"; {summary.left_out:,} left out (doctor names them)" if summary.left_out else ""
    return f"{plural(summary.models, 'model')} ({changes}) in {summary.seconds:.1f} s{left_out}"


class Interruption:
    """While it is open, the first Ctrl+C asks the work to stop where it can go on later; the second ends it."""

    def __init__(self) -> None:
        self._asked = False

    def asked(self) -> bool:
        return self._asked

    def __enter__(self) -> Interruption:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _ask(self, *_: int | FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        note("stopping; what is done stays (Ctrl+C again: at once)")


class Telling:
    """Progress on stderr: one line that changes on a terminal, a line for each stage elsewhere."""

    OFTEN = 0.1
    """Seconds between two changes of the line."""

    def __init__(self) -> None:
        self.printer = Printer(sys.stderr)
        self._stage = ""
        self._last = 0.0

    def step(self, step: Step) -> None:
        new = step.stage != self._stage
        self._stage = step.stage
        if not self.printer.terminal:
            if new:
                note(WORDS[step.stage])
            return
        now = time.monotonic()
        if new or now - self._last >= self.OFTEN or step.done == step.total:
            self._last = now
            self._draw(step)

    def _draw(self, step: Step) -> None:
        count = f"{step.done:,}/{step.total:,}" if step.total else f"{step.done:,}" if step.done else ""
        text = f"{_bar(step)} {WORDS[step.stage]} {count}  {safe(step.what)}"
        sys.stderr.write("\r\x1b[2K" + fit(text, self.printer.width - 1))
        sys.stderr.flush()

    def end(self) -> None:
        if self.printer.terminal and self._stage:
            sys.stderr.write("\r\x1b[2K")


def _bar(step: Step, width: int = 20) -> str:
    filled = width * step.done // step.total if step.total else 0
    return f"[{'#' * filled}{'.' * (width - filled)}]"


def roots(catalog: Path | None, as_json: bool) -> int:
    found = open_library(catalog).roots()
    if as_json:
        for root in found:
            print(line(asdict(root)))
    elif found:
        body = [(root.label, str(root.models), "offline" if root.offline else "", root.path) for root in found]
        Printer().table(("label", "models", "", "path"), body, keep=4)
    if not found:
        note("no folder has been added yet: modelsearch index FOLDER")
    return 0 if found else 1


def forget(catalog: Path | None, root: str) -> int:
    gone = open_library(catalog).forget(root)
    note(f"forgot {gone.label} ({gone.path}); {plural(gone.models, 'model')} fewer, your notes stay")
    return 0
