"""Notebook cells as Python: magics and shell lines taken out, line numbers kept."""

from __future__ import annotations

import re

from core.analysis.nodes import parsed

CODE_MAGICS = frozenset({"time", "timeit", "capture", "prun", "debug", "python", "python3", "pypy", "snakeviz"})
"""Cell magics below which there is Python still."""
_ASSIGNED = re.compile(r"^(\s*[\w.,\s]+=\s*)[!%].*$")
_TIMED = re.compile(r"^(\s*)%time[ \t]+(?=\S)")
"""What stands before a statement whose time is taken: `%time net.fit(x, y)`."""
_LINE = re.compile(r"^(\s*)(%{1,2} ?[A-Za-z_].*|[!?].*|[\w.]+\?{1,2}\s*)$")


def without_magics(text: str) -> str:
    """The cell with `%magic`, `!shell` and `name?` lines made harmless, `x = !ls` made `x = None`; what its first line
    is indented by goes, as IPython takes it away."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    if indent := first[: len(first) - len(first.lstrip())]:
        text = re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
    if first.startswith("%%") and (first[2:].split() or [""])[0] not in CODE_MAGICS and not _WRITTEN.match(text):
        return "\n" * text.count("\n")
    if not any(sign in text for sign in "%!?") or _is_python(text):
        return text
    lines, continued = [], False
    for line in text.split("\n"):
        line = _TIMED.sub(r"\1", line)
        magic = continued or _LINE.match(line)
        continued = bool(magic) and line.rstrip().endswith("\\")
        if magic:
            indent = line[: len(line) - len(line.lstrip())]
            line = f"{indent}pass" if line.strip() and not isinstance(magic, bool) else ""
        elif "!" in line or "%" in line:
            line = _ASSIGNED.sub(r"\1None", line)
        lines.append(line)
    return "\n".join(lines)


_WRITTEN = re.compile(r"\s*%%(?:writefile|file)\s+(?:-\w+\s+)*(?:\./)?([\w./-]+)\.py\s")
"""The head of a cell whose text becomes a script or a module; it is read where it stands."""


def in_one_piece(cells: list[str]) -> list[str]:
    """The cells, as if what they write into modules stood in the notebook: `import setup` goes, `setup.Net()` becomes
    `Net()`. Lines stay where they are."""
    found = filter(None, map(_WRITTEN.match, cells))
    either = "|".join(dict.fromkeys(re.escape(each.group(1).replace("/", ".")) for each in found))
    if not either:
        return cells
    imports = re.compile(rf"^([ \t]*)(?:import|from) (?:{either})(?: import [\w, *]+)?[ \t]*$", re.MULTILINE)
    if not any(map(imports.search, cells)):
        return cells
    named = re.compile(rf"(?<![\w./'\"])(?:{either})\.(?=\w)(?!py\b)")
    return [named.sub("", imports.sub(r"\1pass", text)) for text in cells]


def _is_python(text: str) -> bool:
    """Whether there is no magic in it: a line that begins with `%` may go on with a formatted string."""
    try:
        parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
