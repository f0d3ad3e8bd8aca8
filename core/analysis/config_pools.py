"""Which files a script can be given as configurations: those beside it, like a default, or whose keys suit."""

from __future__ import annotations

import os.path
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.analysis.config_files import (
    FOLDERS,
    TRAINING_KEYS,
    anywhere,
    bases_of,
    holds_configs,
    in_folder,
    nearest,
    not_left,
    parts_of,
)
from core.analysis.outline import Outline

DEFAULT_NAMES = ("default", "config", "base", "main", "train", "defaults")


@dataclass(slots=True)
class Choices:
    """Configurations of one script, as absolute paths."""

    default: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    always: list[str] = field(default_factory=list)
    """Read whatever is chosen: a fixed path, the groups of Hydra."""
    targets: list[str] = field(default_factory=list)
    """Dotted names of classes that the configurations name."""
    optional: bool = False
    """Whether the script runs without a configuration."""
    beside: dict[str, list[str]] = field(default_factory=dict)
    """For each that is one of several files which a run is given together: the others."""
    readable: list[str] = field(default_factory=list)
    """Read where they are not chosen."""


class Script(NamedTuple):
    """A script whose configurations are sought: its files, the modules that it reads, and what they read ends with."""

    outlines: Mapping[str, Outline]
    entries: Sequence[str]
    modules: Sequence[str]
    root: str
    suffixes: set[str]

    @property
    def entry(self) -> str:
        return self.entries[0]


def with_settings(outlines: Mapping[str, Outline], entry: str) -> list[str]:
    """The modules of a package of which a script takes one by its name, each with a class of its settings:
    `import_module("models." + name).Config()`."""
    asked = {name[1:] for names in outlines[entry].uses.values() for name in names if _SETTINGS.fullmatch(name)}
    for package in outlines[entry].packages if asked else ():
        folder = os.path.join(os.path.dirname(entry), *package.split("."))
        modules = [path for path in in_folder(outlines, folder, (".py",)) if not path.endswith("__init__.py")]
        if len(modules) > 1 and all(
            any(f"{name}.__init__" in outlines[path].uses for name in asked) for path in modules
        ):
            return modules
    return []


_SETTINGS = re.compile(r"\.\w*(Config|Settings|Options|Hyper[Pp]arams|HParams|Args)")


def pool_of(script: Script, wanted: set[str]) -> list[str]:
    """The files that could be given where no default tells: of configurations near the script, and those that commands
    give it, else of the folder that commands give it one of, else of whatever says much of training; of YAML, where
    there are none of the kinds that its code reads; of Python, where yacs merges them."""
    outlines, entry = script.outlines, script.entry
    for kinds in (wanted, {".yaml", ".yml"}):
        if pool := nearest(outlines, entry, kinds, script.root):
            return list(dict.fromkeys((*pool, *commanded(script, kinds, sure=True))))
        if pool := _commanded(script, kinds) or anywhere(outlines, entry, kinds):
            return pool
    return _merged(script) if any(".merge_from_file" in used for used in _used(script)) else []


def _used(script: Script) -> Iterator[Collection[str]]:
    return (used for module in script.modules for used in script.outlines[module].uses.values())


def _merged(script: Script) -> list[str]:
    """Files of Python that change or make what they call `cfg`, as yacs wants it; not those of data or models alone."""
    found = nearest(script.outlines, script.entry, (".py",), script.root)
    whole = (path for path in found if os.path.basename(os.path.dirname(path)) not in _PARTS)
    return [path for path in whole if "cfg" in script.outlines[path].assigns and path not in script.modules]


def commanded(script: Script, suffixes: Iterable[str], sure: bool = False) -> list[str]:
    """The files that commands give a script; where one must be `sure`, by names that no other script has."""
    told = [pair for outline in script.outlines.values() for pair in outline.commands]
    meant = {first for first, _ in told if any(one.endswith(end_of(first)) for one in script.entries)}
    if sure:
        meant = {first for first in meant if sum(path.endswith(end_of(first)) for path in script.outlines) == 1}
    ends = tuple(end_of(config) for first, config in told if first in meant)
    return [path for path in script.outlines if ends and path.endswith(ends) and path.endswith(tuple(suffixes))]


def _commanded(script: Script, suffixes: Iterable[str]) -> list[str]:
    """The files of the folders from which commands give a script one: `python train.py --config tutorials/a.yaml`;
    where folders beside have one of that name too with the same parts (`exp/a/config.toml`), those."""
    given = commanded(script, suffixes)
    files = in_folder(script.outlines, script.root, suffixes) if given else []
    if beside := {path for one in given for path in files if _apart(script.outlines, one, path)}:
        return sorted({*beside, *given})
    folders = {os.path.dirname(path) for path in given}
    found = (path for folder in folders for path in in_folder(script.outlines, folder, suffixes))
    return [path for path in found if os.path.dirname(path) in folders]


def _apart(outlines: Mapping[str, Outline], one: str, other: str) -> bool:
    """Whether two files of one name have mostly the same parts, and stand as deep in other folders:
    `exp/a/net/run.toml`, `exp/b/net/run.toml`."""
    pairs = list(zip(one.split(os.sep), other.split(os.sep), strict=False))
    if one == other or one.count(os.sep) != other.count(os.sep) or len(set(pairs[-1])) > 1:
        return False
    parts, others = parts_of(outlines[one]), parts_of(outlines[other])
    return len(parts & others) * 3 >= 2 * len(parts | others)


def end_of(told: str) -> str:
    """What the path of a file ends with that a command names, whatever folder it is given in."""
    return os.sep + os.path.normpath(told).lstrip("./")


def located(script: Script, file: str, path: str) -> list[str]:
    """The file a relative path means: beside the script, beside the module, or from a folder above."""
    if not path:
        return []
    outlines, folder = script.outlines, os.path.dirname(script.entry)
    folders = [folder, os.path.dirname(file)]
    for _ in range(4):
        folder = os.path.dirname(folder)
        folders.append(folder)
    for base in folders:
        full = os.path.normpath(os.path.join(base, path))
        for option in (full, f"{full}.yaml", f"{full}.yml", f"{full}.py"):
            if option in outlines:
                return [option]
    inside = [os.path.join(os.path.dirname(script.entry), *up, name) for name in FOLDERS for up in ((), ("..",))]
    known = [os.path.normpath(os.path.join(folder, path)) for folder in inside]
    return [option for option in known if option in outlines][:1]


def moved(script: Script, path: str, suffixes: Iterable[str]) -> tuple[list[str], str]:
    """The file that a path means which leads nowhere, and the folder that stands where one of configurations did: the
    only one of that end, `agents/cart/ppo.yaml` for `configs/cart/ppo.yaml`."""
    first, _, end = path.removeprefix("./").partition("/")
    found = [item for item in script.outlines if item.endswith(os.sep + end) and item.endswith(tuple(suffixes))]
    if "/" not in end or not holds_configs(first) or len(found) != 1:
        return [], ""
    return found, found[0].removesuffix(os.sep + end)


def home(config: str, root: str) -> str:
    """The folder of a configuration, or the one above it that is called a folder of configurations."""
    folder = above = os.path.dirname(config)
    while above.startswith(root + os.sep):
        if holds_configs(os.path.basename(above)):
            return above
        above = os.path.dirname(above)
    return folder


def typed(
    script: Script, suits: Callable[[set[str]], bool], suffixes: Iterable[str] = (".yaml", ".yml", ".json")
) -> list[str]:
    """Files whose keys suit, of the nearest folder of configurations, else of the nearest folder above the script that
    has some; not those that stand in a folder called after another script, or after the folder of others, unless the
    script stands in it too."""
    outlines, entry, root = script.outlines, script.entry, script.root
    folder = os.path.dirname(entry)
    others = _stems(p for p in outlines if os.path.dirname(p) == folder and p.endswith(".py")) - _stems([entry])
    aside = os.path.dirname(folder) + os.sep
    scripts = (p for p in outlines if p.startswith(aside) and p.endswith(".py"))
    others |= {p[len(aside) :].split(os.sep)[0] for p in scripts} - {
        os.path.basename(folder),
        *FOLDERS,
    }

    def fits(path: str) -> bool:
        top = set(parts_of(outlines[path]))
        above = os.path.relpath(os.path.dirname(path), os.path.commonpath((path, folder)))
        return bool(top) and suits(top) and others.isdisjoint(above.replace("-", "_").split(os.sep))

    found = list(filter(fits, nearest(outlines, entry, suffixes, root)))
    while not found and folder.startswith(root) and folder != root:
        folder = os.path.dirname(folder)
        found = list(filter(fits, not_left(in_folder(outlines, folder, suffixes), folder)))
    return found


def bindings(script: Script) -> list[str]:
    """Files of gin, of the nearest folder above the script that has some, that bind what its modules define, themselves
    or by what they include."""
    outlines, folder, found = script.outlines, os.path.dirname(script.entry), list[str]()
    while not (found := in_folder(outlines, folder, (".gin",))) and folder.startswith(script.root + os.sep):
        folder = os.path.dirname(folder)
    defined = {name for file in script.modules for name in outlines[file].uses}
    included = tuple(base for path in found for base in outlines[path].bases)
    found = [path for path in found if not (path.endswith(included) and _FOR_OTHERS.search(os.path.basename(path)))]
    return [path for path in _without_pieces(outlines, found) if _bound(outlines, path) & defined]


def _bound(outlines: Mapping[str, Outline], path: str) -> set[str]:
    """What a file of gin binds parameters of, or one that it includes."""
    files = (outlines[path], *bases_of(outlines, outlines[path]))
    return {key.partition(".")[0] for each in files for key in each.keys if "." in key}


def _without_pieces(outlines: Mapping[str, Outline], paths: list[str]) -> list[str]:
    """The files of gin that are in no folder whose files others are put together of: those that include files of
    several folders, `models/net.gin` and `data/small.gin`."""
    folders = set[str]()
    for path in paths:
        parts = {os.path.dirname(base.path) for base in bases_of(outlines, outlines[path], 0)} - {os.path.dirname(path)}
        folders |= parts if len(parts) > 1 else set()
    pieces = tuple(folder + os.sep for folder in folders)
    return [path for path in paths if not (pieces and path.startswith(pieces))]


_FOR_OTHERS = re.compile(r"(^|_)(defaults?|common)(_|\.)", re.IGNORECASE)
"""What files of gin are called that others only include."""


def _stems(paths: Iterable[str]) -> set[str]:
    return {os.path.splitext(os.path.basename(path))[0].replace("-", "_") for path in paths}


def without_bases(outlines: Mapping[str, Outline], pool: list[str], default: list[str]) -> list[str]:
    """The configurations without those on which others are built and that are called a base, or are files of Python
    that say nothing of training."""
    built_on = {base.path for item in pool for base in bases_of(outlines, outlines[item], 0)}
    called = re.compile(r"_?base([-_.]|$)", re.IGNORECASE)
    bases = {
        item
        for item in built_on
        if called.match(os.path.basename(item))
        or (item.endswith(".py") and TRAINING_KEYS.isdisjoint(map(str.lower, outlines[item].assigns)))
    }
    return [item for item in pool if item in default or item not in bases]


def without_helpers(outlines: Mapping[str, Outline], pool: list[str], default: list[str]) -> list[str]:
    """The configurations without the Python modules that only serve others: those that several of them import, and
    those that have no `get_config` where others have it."""
    if any("get_config" in outlines[item].uses for item in pool):
        pool = [item for item in pool if item in default or "get_config" in outlines[item].uses]
    imported = Counter(
        name
        for item in pool
        for name in {
            part for module, _, pairs in outlines[item].imports for part in (module.rpartition(".")[2], *dict(pairs))
        }
    )
    stems = {item: os.path.splitext(os.path.basename(item))[0] for item in pool}
    serving = {item: imported[stems[item]] + (os.path.basename(os.path.dirname(item)) in _PARTS) for item in pool}
    serving = {item: imported[stems[item]] and count for item, count in serving.items()}
    return [item for item in pool if item in default or stems[item] in DEFAULT_NAMES or serving[item] < 2]


_PARTS = ("models", "data", "datasets", "schedules")
"""Folders of modules of which one that serves a single other configuration is a part of it."""


def overrides(script: Script) -> list[str]:
    """Files of plain assignments to names that the script has at its module level."""
    outlines = script.outlines
    names, found = set(outlines[script.entry].assigns), []
    for path in nearest(outlines, script.entry, (".py",), script.root):
        outline = outlines[path]
        own = set(outline.assigns)
        overrides = outline.kind == "python" and outline.only_assigns and len(own & names) * 2 >= len(own) > 0
        if overrides and not any(name.startswith("eval_only") for name in own):
            found.append(path)
    return found
