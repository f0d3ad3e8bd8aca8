"""Writes what the documents show of the program: docs/commands.md, and the output of the README's examples.

Tests fail when they differ from what the program says.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import modelsearch  # noqa: E402, F401  (loads the packages)

HEAD = """# Commands

What `modelsearch --help` and `modelsearch COMMAND --help` say. This page is written by `make docs`.
"""
WIDTH = 100
EXAMPLE = re.compile(r"^\$ modelsearch (.*)\n((?:(?!\$ |```).*\n)*)", re.MULTILINE)
"""A command in a console block of the README, and the lines below it."""
PASSING = re.compile(r"^(/|created |modelsearch: )")
"""Lines that hold a path or a date of this machine, or stand on stderr."""


def commands() -> str:
    """The page of commands: the help of the program, then of each command."""
    from tui.cli.commands import modelsearch as group

    parts = [HEAD, _section("modelsearch", "--help")]
    parts += [_section(f"modelsearch {name}", name, "--help") for name, one in group.commands.items() if not one.hidden]
    return "\n".join(parts)


def _section(title: str, *args: str) -> str:
    from click.testing import CliRunner

    from tui.cli.commands import modelsearch as group

    text = CliRunner().invoke(group, list(args), prog_name="modelsearch", terminal_width=WIDTH).output
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return f"## {title}\n\n```\n{lines}\n```\n"


def printed(command: str, catalog: Path) -> list[str]:
    """The lines that a terminal of 100 columns without colours shows, without those that are of this machine."""
    program = [sys.executable, str(ROOT / "modelsearch.py"), *shlex.split(command), "--catalog", str(catalog)]
    lines = on_terminal(program, WIDTH, {"NO_COLOR": "1"}).split("\n")
    return [line.rstrip() for line in lines if line.strip() and not PASSING.match(line)]


def on_terminal(program: list[str], columns: int, environment: dict[str, str]) -> str:
    """What a program writes on a pseudo-terminal of that width, stdout and stderr together."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color", **environment}
    with subprocess.Popen(program, stdin=its, stdout=its, stderr=its, cwd=ROOT, env=env) as process:
        os.close(its)
        found = b""
        while chunk := _read(ours):
            found += chunk
        process.wait()
    os.close(ours)
    return found.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def examples(text: str, catalog: Path) -> str:
    """The text with the output of each example as it is now, as many lines of it as are shown."""

    def anew(match: re.Match[str]) -> str:
        shown = match[2].count("\n")
        cut = match[2].endswith("…\n")
        lines = printed(match[1], catalog)[: shown - cut]
        return f"$ modelsearch {match[1]}\n" + "\n".join(lines + ["…"] * cut) + "\n"

    return EXAMPLE.sub(anew, text)


def main() -> None:
    (ROOT / "docs" / "commands.md").write_text(commands(), encoding="utf-8")
    readme = ROOT / "README.md"
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, str(ROOT / "modelsearch.py"), "index", str(ROOT / "assets" / "zoo")]
        subprocess.run([*program, "--catalog", folder], check=True, capture_output=True)
        readme.write_text(examples(readme.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
