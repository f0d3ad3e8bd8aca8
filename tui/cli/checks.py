"""What `doctor` looks at. Each check is tried by itself, so that one that fails hides no other."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from core.configuration import Configuration, load
from core.errors import ModelSearchError

if TYPE_CHECKING:
    from core.catalog.model import Root

SETUP = "modelsearch setup"
NAMED = 5
"""Paths that were left out that are named."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `advice` is empty where there is nothing to do."""

    name: str
    ok: bool
    found: str
    advice: str = ""
    needed: bool = True


def checks(catalog: Path | None) -> list[Check]:
    """Everything, in the order in which it is needed."""
    configured = load()
    found = [_python(), *_packages(), _git(), _embedder(), _writer(configured)]
    return [*found, _catalogue(catalog, configured), *_problems(configured)]


def _try(name: str, look: Callable[[], str], advice: str, needed: bool = True) -> Check:
    """What `look` finds, or why it cannot. Anything may be wrong with an installation, so any exception counts."""
    try:
        return Check(name, True, look(), needed=needed)
    except Exception as error:
        found = str(error) if isinstance(error, LookupError | ModelSearchError) else f"{type(error).__name__}: {error}"
        return Check(name, False, found, advice, needed)


def _python() -> Check:
    return Check("python", sys.version_info[:2] >= (3, 11), f"{sys.version.split()[0]} at {sys.executable}")


def _packages() -> Iterator[Check]:
    """Each native package is imported: a wheel for another machine is found by its name, too."""
    for name in ("duckdb", "tantivy", "onnxruntime", "tokenizers", "numpy", "PIL", "textual"):
        yield _try(name, partial(_imported, name), f"reinstall it: pip install --force-reinstall {name}")
    yield _try("vss", _vss, "reinstall it: pip install --force-reinstall duckdb-extension-vss")


def _imported(name: str) -> str:
    module = importlib.import_module(name)
    return str(getattr(module, "__version__", "") or version(name))


def _vss() -> str:
    """The extension loads from the installed file, into the DuckDB that is here; nothing is downloaded."""
    import duckdb

    from core.catalog.nearness import load_vss

    with duckdb.connect() as connection:
        load_vss(connection)
    return version("duckdb-extension-vss")


def _git() -> Check:
    found = shutil.which("git")
    advice = "" if found else "without git, dates are those of the files"
    return Check("git", bool(found), found or "not found", advice, needed=False)


def _embedder() -> Check:
    from models import text_embedder

    def look() -> str:
        if why := text_embedder.missing():
            raise LookupError(why)
        embedder = text_embedder.load()
        assert embedder is not None
        embedder.embed(["a diffusion model"])
        return f"{embedder.name} in {text_embedder.embedder_folder()}"

    return _try("embedder", look, f"search by meaning is off; run: {SETUP}")


def _writer(configured: Configuration) -> Check:
    from models import writer

    def look() -> str:
        if why := writer.missing(configured.gguf):
            raise LookupError(why)
        loaded = writer.load(configured.gguf)
        assert loaded is not None
        return loaded.name

    return _try("writer", look, f"reports are lists of claims until then; run: {SETUP}", needed=False)


def _catalogue(catalog: Path | None, configured: Configuration) -> Check:
    """The catalogue opens; what it holds, and what of its roots is passed over (they are walked for that)."""
    from core.library import Library
    from tui.cli.opening import catalog_path

    path = catalog_path(catalog, configured)
    library = Library(path)
    try:
        look = lambda: f"{path}: {_contents(library.roots())}"  # noqa: E731
        return _try("catalogue", look, "build it again: modelsearch index FOLDER")
    finally:
        library.close()


def _contents(roots: Sequence[Root]) -> str:
    from core.scanning.walking import shown, walk
    from tui.wording import plural

    models = plural(sum(root.models for root in roots), "model")
    passed = [path for root in roots if not root.offline for path in sorted(walk(root.path).passed)]
    more = f" and {len(passed) - NAMED:,} more" if len(passed) > NAMED else ""
    named = f" ({', '.join(map(shown, passed[:NAMED]))}{more})" if passed else ""
    offline = [root.label for root in roots if root.offline]
    away = f"; offline: {', '.join(offline)}" if offline else ""
    return f"{models} of {plural(len(roots), 'root')}, {len(passed):,} files or folders left out{named}{away}"


def _problems(configured: Configuration) -> Iterator[Check]:
    for problem in configured.problems:
        yield Check("configuration", False, problem, "the default is used until it is put right", needed=False)
