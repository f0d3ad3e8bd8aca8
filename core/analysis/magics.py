"""Notebook cells as Python: magics and shell lines taken out, line numbers kept."""

from __future__ import annotations

import re

from core.analysis.nodes import parsed

CODE_MAGICS = frozenset({"time", "timeit", "capture", "prun", "debug", "python", "python3", "pypy", "snakeviz"})
"""Cell magics below which there is Python still."""
_ASSIGNED = re.compile(r"^(\s*[\w.,\s]+=\s*)[!%].*$")
_LINE = re.compile(r"^(\s*)(%{1,2} ?[A-Za-z_].*|[!?].*|[\w.]+\?{1,2}\s*)$")


def without_magics(text: str) -> str:
    """The cell with `%magic`, `!shell` and `name?` lines made harmless, `x = !ls` made `x = None`."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    if first.startswith("%%") and (first[2:].split() or [""])[0] not in CODE_MAGICS:
        return "\n" * text.count("\n")
    if not any(sign in text for sign in "%!?") or _is_python(text):
        return text
    lines, continued = [], False
    for line in text.split("\n"):
        magic = continued or _LINE.match(line)
        continued = bool(magic) and line.rstrip().endswith("\\")
        if magic:
            indent = line[: len(line) - len(line.lstrip())]
            line = f"{indent}pass" if line.strip() and not isinstance(magic, bool) else ""
        elif "!" in line or "%" in line:
            line = _ASSIGNED.sub(r"\1None", line)
        lines.append(line)
    return "\n".join(lines)


def _is_python(text: str) -> bool:
    """Whether there is no magic in it: a line that begins with `%` may go on with a formatted string."""
    try:
        parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
