"""Running one command line: exit codes, errors in one line, closed pipes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from core.errors import ModelSearchError
from tui.cli.commands import modelsearch
from tui.cli.printing import safe


def run(args: Sequence[str]) -> int:
    """Exit code: 0 done, 1 nothing found, 2 bad usage or input (one line on stderr), 130 interrupted."""
    _make_streams_lenient()
    try:
        code = _command(args)
        sys.stdout.flush()
    except BrokenPipeError:
        return _leave_pipe()
    return code


def _command(args: Sequence[str]) -> int:
    try:
        code = modelsearch.main(list(args), prog_name="modelsearch", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except ModelSearchError as error:
        return _fail(str(error), error.exit_code)
    except click.ClickException as error:
        return _fail(error.format_message(), 2)
    except (KeyboardInterrupt, click.Abort):
        return _fail("stopped", 130)
    except BrokenPipeError:
        raise
    except Exception as error:
        return _fail(_record(error), 2)


def _fail(text: str, code: int) -> int:
    """One line on stderr. Names in it come from files and arguments, so nothing in it is interpreted."""
    click.echo(f"modelsearch: {safe(' '.join(text.split()))}", err=True)
    return code


def _record(error: Exception) -> str:
    """Write the traceback to the log and say where that is."""
    from tui.log import write_traceback

    return f"unexpected {type(error).__name__}: {error}; {write_traceback(error)}"


def _make_streams_lenient() -> None:
    """A character that the terminal's encoding lacks is written as an escape, never an exception."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _leave_pipe() -> int:
    """The reader has gone (`| head`): end silently, and keep Python from flushing into the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
