"""Opening the catalogue, with the networks wired in, and opening the app on it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.configuration import Configuration, load
from core.errors import BadInput
from core.folders import folder
from core.library import Library
from tui.cli.printing import is_terminal, note

if TYPE_CHECKING:
    from core.protocols import TextEmbedder, Writer


def configuration() -> Configuration:
    """The user's configuration; each problem in it is a line on stderr."""
    found = load()
    for problem in found.problems:
        note(problem)
    return found


def catalog_path(given: Path | None, configured: Configuration) -> Path:
    """`--catalog`, else `MODELSEARCH_CATALOG`, else the configuration's, else the XDG data folder."""
    named = os.environ.get("MODELSEARCH_CATALOG")
    path = given or (Path(named) if named else None) or configured.catalog or folder("data") / "catalog"
    return path.expanduser().absolute()


def open_library(given: Path | None, configured: Configuration | None = None) -> Library:
    """The catalogue that this command is about. The networks are loaded when they are first needed."""
    configured = configured or configuration()
    return Library(catalog_path(given, configured), embedder=_embedder, writer=lambda: _writer(configured))


def _embedder() -> TextEmbedder | None:
    from models import text_embedder

    if why := text_embedder.missing():
        note(f"search by meaning is off: {why}")
        return None
    return text_embedder.load()


def _writer(configured: Configuration) -> Writer | None:
    from models import writer

    if why := writer.missing(configured.gguf):
        note(f"the report is written without a language model: {why}")
        return None
    return writer.load(configured.gguf)


def in_terminal() -> bool:
    """Whether the app can be shown: it needs a terminal to draw on and one to read keys from."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb"


def open_app(given: Path | None, question: str = "", diff: tuple[str, str] | None = None) -> int:
    """The app, on a question or a diff. Raises BadInput where there is no terminal for it."""
    if not in_terminal():
        raise BadInput("the app needs a terminal")
    from tui.app import run

    configured = configuration()
    return run(_quiet(given, configured), question, diff, configured)


def _quiet(given: Path | None, configured: Configuration) -> Library:
    """For the app, which says itself what is missing: a line on stderr would tear its screen.

    Nothing of `models` is imported before the first screen is painted.
    """

    def embedder() -> TextEmbedder | None:
        from models import text_embedder

        return text_embedder.load()

    def writer() -> Writer | None:
        from models import writer

        return writer.load(configured.gguf)

    return Library(catalog_path(given, configured), embedder=embedder, writer=writer)
