"""Which file an import means, among the files that are known."""

from __future__ import annotations

import os.path
import sys
from collections import defaultdict
from functools import lru_cache

from core import vocabulary

OF_LAYERS = vocabulary.load().of_frameworks("layers")
"""Libraries of layers and networks, small ones too."""
_ALONE = OF_LAYERS - vocabulary.load().of_frameworks("steps")
"""Those of layers alone, which are no framework themselves."""
LIBRARIES = OF_LAYERS.union(vocabulary.load().table("libraries", "modules")["names"])
"""Names that mean the library, unless a module or package of that name lies right beside the script."""
SIDE_FOLDERS = ("utils", "src/utils", "lib", "model", "models", "common", "data", "tools", "helpers", "scripts",
    "game", "envs")  # fmt: skip
HIGHEST = 6
"""Folders upward from the importing file in which an absolute import is looked for."""


def find_module(
    dotted: str, level: int, importer: str, entry: str, known: frozenset[str], put: tuple[str, ...] = ()
) -> str | None:
    """The known file that `dotted` means in `importer`, when `entry` is what is run; None for a library's.

    `level` counts the dots of a relative import; `put` are folders, seen from the entry's, that it puts on `sys.path`.
    """
    parts = dotted.split(".") if dotted else []
    if parts and parts[-1] not in _modules(known):
        return None
    if level:
        folder = os.path.dirname(importer)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        return _in_folder(folder, parts, known)
    if not parts:  # `import_module("")`
        return None
    beside = [os.path.dirname(entry)]
    if os.path.dirname(importer) != beside[0]:
        beside.append(os.path.dirname(importer))
    for folder in beside:
        found = _in_folder(folder, parts, known)
        if found in (None, importer):
            continue
        if parts[0] not in LIBRARIES or (folder == beside[0] and _shadows(folder, parts, importer, known)):
            return found
    for folder in put:
        if found := _in_folder(os.path.normpath(os.path.join(beside[0], folder)), parts, known):
            return found
    if parts[0] in LIBRARIES and "examples" not in parts[1:]:
        return _vendored(beside, parts, known) or _in_its_repository(beside[0], parts, known)
    found = _above(beside, parts, known) or _put_on_path(beside, parts, known)
    if parts[0] in sys.stdlib_module_names:  # Python's own comes before what lies elsewhere
        return found
    found = found or _below_its_name(beside[-1], parts, known)
    found = found or _in_folder(beside[-1], parts, known)  # itself, where no other is of that name
    return found or _the_only_one(os.path.dirname(beside[0]), parts, known) or _installed(beside[0], parts, known)


def _shadows(folder: str, parts: list[str], importer: str, known: frozenset[str]) -> bool:
    """Whether a module or package that has a library's name, in the folder of what is run, is taken for the library;
    not from inside a package of that name that is run from above, where it means the library. A folder is a package
    without `__init__.py` too, for what it has: `datasets.lists`."""
    inside = len(parts) == 1 and importer.startswith(os.path.join(folder, parts[0], ""))
    if inside and os.path.join(folder, "__init__.py") in known:
        return False
    return (len(parts) > 1 or _in_folder(folder, parts, known) is not None) and not _is_a_library(
        folder, parts[0], known
    )


def _above(beside: list[str], parts: list[str], known: frozenset[str]) -> str | None:
    """The module in the nearest folder above, or in a `src` there."""
    for start in beside:
        folder = os.path.dirname(start)
        for _ in range(HIGHEST):
            if found := _in_folder(folder, parts, known) or _in_folder(os.path.join(folder, "src"), parts, known):
                return found
            if folder == os.path.dirname(folder):
                break
            folder = os.path.dirname(folder)
    return None


def find_package(
    dotted: str, level: int, importer: str, entry: str, known: frozenset[str], put: tuple[str, ...]
) -> str | None:
    """The folder of the package that `dotted` means: of its `__init__.py`, or, where it has none, the nearest of that
    name that holds modules."""
    home = find_module(dotted, level, importer, entry, known, put)
    if home is not None:
        return os.path.dirname(home) if os.path.basename(home) == "__init__.py" else None
    folder = os.path.dirname(importer)
    for _ in range(HIGHEST if dotted else 0):
        inside = os.path.join(folder, *dotted.split("."))
        if inside in _folders(known):
            return inside
        folder = os.path.dirname(folder)
    return None


@lru_cache(maxsize=100)
def _folders(known: frozenset[str]) -> frozenset[str]:
    """The folders that hold these files, at whatever depth."""
    found: set[str] = set()
    for path in known:
        while (path := os.path.dirname(path)) not in found:
            found.add(path)
    return frozenset(found)


MOST_OF_ONES_OWN = 150
"""Files beyond which a package is the library of that name itself, or a fork of all of it."""


@lru_cache(maxsize=1000)
def _is_a_library(folder: str, name: str, known: frozenset[str]) -> bool:
    """Whether a package beside the script is a whole library: scripts in its repository are read as if it were
    installed."""
    inside = os.path.join(folder, name, "")
    return sum(path.startswith(inside) for path in known) > MOST_OF_ONES_OWN


MOST_OF_ONE_AUTHOR = 30
"""Files up to which a library is small enough to be read along with the examples in its own repository."""


def _in_its_repository(folder: str, parts: list[str], known: frozenset[str]) -> str | None:
    """In the package of a small library of layers, in whose own repository a script lies: in a folder above. What lies
    in the package itself means the library, whose layers are known by their names."""
    home = os.path.join(folder, "")
    for _ in range(HIGHEST if parts[0] in _ALONE else 0):
        folder = os.path.dirname(folder)
        if _in_folder(folder, parts[:1], known):
            inside = os.path.join(folder, parts[0], "")
            small = sum(path.startswith(inside) for path in known) <= MOST_OF_ONE_AUTHOR and not home.startswith(inside)
            return _in_folder(folder, parts, known) if small else None
    return None


def _vendored(beside: list[str], parts: list[str], known: frozenset[str]) -> str | None:
    """In a package of one's own that has a library's name, in a `lib` next to the script or its folder, or around the
    importing file: research code puts that on `sys.path`."""
    homes = [os.path.join(above, "lib") for above in (beside[0], os.path.dirname(beside[0]))]
    head, lib, _ = f"{beside[-1]}{os.sep}".rpartition(f"{os.sep}lib{os.sep}")
    for home in (*homes, *([f"{head}{os.sep}lib"] if lib else [])):
        if _in_folder(home, parts[:1], known):
            return _in_folder(home, parts, known)
    return None


@lru_cache(maxsize=20_000)
def find_known(
    dotted: str, level: int, importer: str, entry: str, known: frozenset[str], put: tuple[str, ...]
) -> str | None:
    """As `find_module`, looked for once: the configurations of one script import the same."""
    return find_module(dotted, level, importer, entry, known, put)


@lru_cache(maxsize=100)
def the_same(known: frozenset[str]) -> frozenset[str]:
    """The first of equal sets, which are then compared by being the same."""
    return known


@lru_cache(maxsize=20_000)
def dotted_name(path: str, entry: str) -> str:
    """`models.vae` for a file under the entry's folder, `vae` for one elsewhere."""
    relative = os.path.relpath(path, os.path.dirname(entry))
    parts = [part for part in os.path.splitext(relative)[0].split(os.sep) if part != ".."]
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


@lru_cache(maxsize=1000)
def heads(known: frozenset[str]) -> frozenset[str]:
    """The names that an absolute import of one of these files can begin with: their own and their folders'."""
    return frozenset(part for path in known for part in path.removesuffix(".py").split(os.sep))


@lru_cache(maxsize=20_000)
def may_be_local(dotted: str, known: frozenset[str]) -> bool:
    """Whether an absolute import may mean one of the files of which these are the heads: by the name that it begins
    with, or, of a long path, by one on the way."""
    parts = dotted.split(".")
    return parts[0] in known or any(part in known for part in parts[1:-1])


def _put_on_path(beside: list[str], parts: list[str], known: frozenset[str]) -> str | None:
    """In a folder below or next to the script's, which scripts put on `sys.path` themselves: `game`, `../utils`."""
    for start in beside:
        for above in (start, os.path.dirname(start), os.path.dirname(os.path.dirname(start))):
            for name in SIDE_FOLDERS:
                if found := _in_folder(os.path.join(above, name), parts, known):
                    return found
    return None


def _the_only_one(around: str, parts: list[str], known: frozenset[str]) -> str | None:
    """The one file of that name in the folders below another: scripts put folders on `sys.path` by many ways."""
    below = f"{around}{os.sep}"
    ending = os.sep.join(("", *parts))
    found = [
        path for path in _named(known).get(parts[-1], ()) if path.startswith(below) and _module(path).endswith(ending)
    ]
    return found[0] if len(found) == 1 else None


def _installed(folder: str, parts: list[str], known: frozenset[str]) -> str | None:
    """In the one package of that name, wherever it lies below a folder above: what a repository installs of itself, as
    `pkg/name/part.py`."""
    if parts[0] in SIDE_FOLDERS:
        return None
    for _ in range(HIGHEST):
        folder = os.path.dirname(folder)
        if package := _the_only_one(folder, parts[:1], known):
            whole = os.path.basename(package) == "__init__.py"
            return _in_folder(os.path.dirname(package), parts[1:], known) if whole else None
    return None


@lru_cache(maxsize=100)
def _named(known: frozenset[str]) -> dict[str, list[str]]:
    """These files by the names of their modules."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in known:
        found[os.path.basename(_module(path))].append(path)
    return found


@lru_cache(maxsize=100)
def _modules(known: frozenset[str]) -> frozenset[str]:
    """The names of these files as modules, and of the packages that they begin."""
    return frozenset(os.path.basename(path).removesuffix(".py") for path in known).union(_named(known))


def _module(path: str) -> str:
    """A file without its suffix; the folder of a package's `__init__.py`."""
    return path.removesuffix(".py").removesuffix(f"{os.sep}__init__")


def _below_its_name(folder: str, parts: list[str], known: frozenset[str]) -> str | None:
    """In a folder above that is itself named on the way: `org.project.tools.train` below `project/`."""
    lower = [part.lower() for part in parts]
    for _ in range(HIGHEST):
        name = os.path.basename(folder).lower()
        told = name in lower[:-1] and (name == lower[0] or name not in SIDE_FOLDERS)  # any library has `models`
        if told and (found := _in_folder(folder, parts[lower.index(name) + 1 :], known)):
            return found
        folder = os.path.dirname(folder)
    return None


def _in_folder(folder: str, parts: list[str], known: frozenset[str]) -> str | None:
    base = os.sep.join((folder.rstrip(os.sep), *parts)) if folder else os.sep.join(parts)
    if parts and (path := f"{base}.py") in known:
        return path
    whole = f"{base}{os.sep}__init__.py" if base else "__init__.py"
    return whole if whole in known else None
