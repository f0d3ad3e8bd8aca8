"""Running one command line: exit codes, errors in one line, closed pipes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from core.errors import ModelSearchError
from tui.cli.commands import modelsearch
from tui.cli.printing import safe


def run(args: Sequence[str]) -> int:
    """Exit code: 0 done, 1 nothing found, 2 bad usage or input (one line on stderr), 130 interrupted."""
    _prepare_streams()
    try:
        code = _command(args)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_output()
        return 0
    except OSError as error:
        _abandon_output()
        return _fail(f"{error.filename or 'the output'}: {error.strerror or error}", 2)
    return code


def _command(args: Sequence[str]) -> int:
    try:
        with modelsearch.make_context("modelsearch", list(args)) as context:
            return int(modelsearch.invoke(context))
    except click.exceptions.Exit as done:
        return done.exit_code
    except ModelSearchError as error:
        return _fail(str(error), error.exit_code)
    except click.ClickException as error:
        return _fail(error.format_message(), 2)
    except (KeyboardInterrupt, click.Abort):
        return _fail("stopped", 130)
    except OSError:
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


def _prepare_streams() -> None:
    """A character that the terminal's encoding lacks is written as an escape; a stream that is closed takes all."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (open to the end)
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _abandon_output() -> None:
    """Whoever reads the output has gone (`| head`), or it is full: keep Python from writing the rest to it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
