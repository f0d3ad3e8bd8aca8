"""Writes docs/commands.md from what `--help` says. A test fails when the two differ."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import modelsearch  # noqa: E402, F401  (loads the packages)

HEAD = """# Commands

What `modelsearch --help` and `modelsearch COMMAND --help` say. This page is written by `make docs`.
"""


def page() -> str:
    """The whole page: the help of the program, then of each command, as they are at 100 columns."""
    from tui.cli.commands import modelsearch as group

    parts = [HEAD, _section("modelsearch", "--help")]
    parts += [_section(f"modelsearch {name}", name, "--help") for name, one in group.commands.items() if not one.hidden]
    return "\n".join(parts)


def _section(title: str, *args: str) -> str:
    from click.testing import CliRunner

    from tui.cli.commands import modelsearch as group

    text = CliRunner().invoke(group, list(args), prog_name="modelsearch", terminal_width=100).output
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return f"## {title}\n\n```\n{lines}\n```\n"


if __name__ == "__main__":
    (HERE / "commands.md").write_text(page(), encoding="utf-8")
