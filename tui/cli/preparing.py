"""`setup` and `doctor`."""

from __future__ import annotations

import time
from pathlib import Path

from core.errors import BadInput
from core.export import line
from tui.cli.printing import Printer, note


def setup() -> int:
    """0 when all that is needed is there; what is not needed may fail, and is said."""
    from models.setup import steps

    failed = []
    for number, step in enumerate(todo := steps(), start=1):
        title = f"[{number}/{len(todo)}] {step.name}"
        if step.missing() is None:
            note(f"{title}: there")
            continue
        note(f"{title}: {step.missing()}; making it")
        begun = time.monotonic()
        try:
            step.make(lambda text: note(f"    {text}"))
            note(f"{title}: done in {time.monotonic() - begun:.0f} s")
        except BadInput as error:
            failed += [step] if step.needed else []
            note(f"{title}: {error}")
    if failed:
        note(f"still missing: {', '.join(step.name for step in failed)}; `modelsearch setup` tries again")
    return 2 if failed else 0


def doctor(catalog: Path | None, as_json: bool) -> int:
    """0 when everything needed is there, else 1."""
    from tui.cli.checks import checks

    found = checks(catalog)
    if as_json:
        print(line([{"name": c.name, "ok": c.ok, "found": c.found, "advice": c.advice} for c in found]))
    else:
        printer = Printer()
        for check in found:
            mark = ("ok      ", "green") if check.ok else ("missing ", "red" if check.needed else "yellow")
            printer.line(mark, (f"{check.name}  ", "bold"), check.found)
            if check.advice:
                printer.line((check.advice, "dim"), indent=8)
    return 0 if all(check.ok or not check.needed for check in found) else 1
