"""The folder of generations: which one is read, how the next one is made, and who may write.

CATALOGUE/
    CURRENT          the name of the generation that readers open; moved atomically
    g000012-3fa9c1/  catalogue.duckdb, text/ (BM25), vectors.f32, rounded.i8, first.json; never changed once CURRENT
                     names it
    new-...          a generation in the making; whoever writes next deletes what a kill has left
    user.jsonl       what the user wrote; no part of any generation
    DAMAGED          the name of a generation that a reader found damaged: the next writer starts from nothing
    writer.lock      held by the one process that writes
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import BadInput, CatalogBusy

CURRENT = "CURRENT"
DATABASE = "catalogue.duckdb"
TEXT = "text"
VECTORS = "vectors.f32"
ROUNDED = "rounded.i8"
FIRST = "first.json"
LOCK = "writer.lock"
DAMAGED = "DAMAGED"
_MAKING = "new-"


def current(catalog: Path) -> Path | None:
    """The generation that CURRENT names, whether it is there or not; None where nothing has been published."""
    try:
        name = (catalog / CURRENT).read_bytes().strip().decode("ascii", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadInput(f"cannot read the catalogue {catalog}: {error.strerror}") from error
    return catalog / (name if name.isascii() and name.replace("-", "").isalnum() else "what CURRENT names")


def mark_damaged(catalog: Path) -> None:
    """Tell the next writer not to build on the current generation. Whoever may not write here tells nobody."""
    with suppress(OSError, BadInput):
        if (named := current(catalog)) is not None:
            replace_text(catalog / DAMAGED, named.name + "\n")


def is_marked(generation: Path) -> bool:
    """Whether a reader found this generation damaged."""
    try:
        return (generation.parent / DAMAGED).read_bytes().strip() == generation.name.encode()
    except OSError:
        return False


@contextmanager
def writing(catalog: Path) -> Iterator[None]:
    """Hold the writer's lock, and clean up after a writer that was killed. Raises CatalogBusy, BadInput."""
    try:
        catalog.mkdir(parents=True, exist_ok=True)
        handle = os.open(catalog / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise BadInput(f"cannot write the catalogue {catalog}: {error.strerror}") from error
    try:
        _lock(handle, catalog)
        _clean(catalog, keep=_kept(catalog))
        yield
    finally:
        os.close(handle)


def _lock(handle: int, catalog: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CatalogBusy(f"another process is indexing into {catalog}; try again when it is done") from error


@contextmanager
def making(catalog: Path) -> Iterator[Path]:
    """A folder to make the next generation in, published when the block ends well. Needs the writer's lock."""
    name = f"g{_next_number(catalog):06d}-{os.urandom(3).hex()}"
    folder = catalog / (_MAKING + name)
    folder.mkdir()
    try:
        yield folder
        _publish(catalog, folder, name)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise BadInput(f"cannot write the catalogue {catalog}: {error.strerror or error}") from error
        raise


def _publish(catalog: Path, folder: Path, name: str) -> None:
    before = _kept(catalog)[:1]
    sync_tree(folder)
    folder.rename(catalog / name)
    replace_text(catalog / CURRENT, name + "\n")
    _clean(catalog, keep=[name, *before])


def _kept(catalog: Path) -> list[str]:
    """Names of the current and the previous generation, newest first."""
    named = current(catalog)
    if named is None:
        return []
    older = [path.name for path in _generations(catalog) if path.name < named.name]
    return [named.name, *older[-1:]]


def _generations(catalog: Path) -> list[Path]:
    """Generations in the order of their numbers."""
    return sorted(path for path in catalog.glob("g[0-9]*") if path.is_dir())


def _next_number(catalog: Path) -> int:
    named = current(catalog)
    names = [path.name for path in _generations(catalog)] + ([named.name] if named else [])
    return 1 + max((int(name[1:7]) for name in names if name[1:7].isdecimal()), default=0)


def _clean(catalog: Path, keep: list[str]) -> None:
    """Delete what a killed writer left and generations that nobody is meant to open any more."""
    stale = [path for path in _generations(catalog) if path.name not in keep]
    for path in [*catalog.glob(_MAKING + "*"), *stale]:
        shutil.rmtree(path, ignore_errors=True)
    for path in catalog.glob(".*.part"):
        path.unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Put a whole text file in place at once: readers see the old or the new one, also after a power cut."""
    part = path.with_name(f".{path.name}.{os.urandom(3).hex()}.part")
    with part.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    _sync(path.parent)


def sync_tree(folder: Path) -> None:
    """Bring every file below, and the folders that name them, to the disk."""
    for where, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(where) / name)
        _sync(Path(where))
    _sync(folder.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
