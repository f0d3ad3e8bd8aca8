"""Which configurations a script can be run with, and which one it uses when none is chosen."""

from __future__ import annotations

import os.path
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.analysis.config_files import (
    FOLDERS,
    TRAINING_KEYS,
    anywhere,
    bases_of,
    holds_configs,
    in_folder,
    in_folders,
    judges,
    like,
    nearest,
    says_more,
    tries_another,
    words_of,
)
from core.analysis.hydra_choices import told_to_hydra
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


def configurations(
    outlines: Mapping[str, Outline], entries: Sequence[str], modules: Sequence[str], root: str,
    reached: Container[tuple[str, str]],
) -> Choices:  # fmt: skip
    """The configurations of a script, by what it and its modules read: of a module, what is `reached`, as (file,
    function)."""
    found = Choices()
    hooks = [
        (file, how, path)
        for file in modules
        for how, path, where in outlines[file].configs
        if not where or file in entries or (file, where) in reached
    ]
    if any(how == "hydra" and file in entries for file, how, _ in hooks):  # not what a helper composes to try itself
        hooks = [hook for hook in hooks if hook[1] != "hydra" or hook[0] in entries]
    suffixes = {suffix for file in modules for suffix in outlines[file].suffixes}
    if any(suffix == ".yaml" for suffix in suffixes):
        suffixes.add(".yml")
    readable: list[str] = []
    for file, how, path in hooks:
        if how == "hydra":
            told_to_hydra(outlines, file, path, found)
        elif how == "fixed":
            found.always += _located(outlines, entries[0], file, path)
        elif how == "exec":
            found.always += _located(outlines, entries[0], file, path)
            if not path or outlines_use_argv(outlines, file, found.always):
                found.optional = True
                found.chosen += _overrides(outlines, entries[0], root)
        elif how == "gin":
            found.always += _located(outlines, entries[0], file, path)
            found.chosen += [] if found.always else _bindings(outlines, entries[0], modules, root)
            found.optional = not found.chosen
        elif how == "typed":
            found.optional = True
            fields = {name for module in modules for name in outlines[module].fields}
            found.chosen += _typed(outlines, entries[0], root, fields.issuperset)
        elif how in ("sections", "all sections"):
            found.chosen += _typed(outlines, entries[0], root, SECTIONS.issuperset)
            found.optional = how == "sections" and not found.chosen
        elif how == "flags":
            found.default += _located(outlines, entries[0], file, path)
            found.chosen += _typed(outlines, entries[0], root, bool, (".txt", ".conf", ".ini", ".cfg", ".yaml", ".yml"))
            found.optional = True
        elif how == "arguments":
            found.chosen += _typed(outlines, entries[0], root, lambda keys: len(keys & ARGUMENTS) > 1)
            found.optional = path == "optional" or not found.chosen
        elif how == "made":
            readable += _by_name(outlines, entries, file, path, found)
        elif how == "folder":
            _of_folders(outlines, entries[0], path, found)
        elif how in ("option", "required", "objects"):
            _option(outlines, entries[0], file, path, suffixes, root, found)
    if sum(how == "required" for _, how, _ in hooks) > 1:
        _together(outlines, found)
    elif any(how in ("option", "required") for _, how, _ in hooks):
        found.chosen = [path for path in found.chosen if says_more(outlines, outlines[path])] or found.chosen
    found.chosen += [] if hooks else _with_settings(outlines, entries[0])
    found.always += [path for path in readable if path not in found.chosen]
    found.targets += [target for path in (*found.always, *found.chosen) for target in outlines[path].targets]
    found.default = sorted(dict.fromkeys(found.default))
    found.always = sorted(dict.fromkeys(found.always))
    known = {*found.default, *found.always}
    found.chosen = sorted({path for path in found.chosen if path not in known and not tries_another(outlines, path)})
    if len(found.chosen) == 1 and not found.default and not found.optional:
        found.default, found.chosen = found.chosen, []
    return found


def _with_settings(outlines: Mapping[str, Outline], entry: str) -> list[str]:
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


def _together(outlines: Mapping[str, Outline], found: Choices) -> None:
    """Where a script asks for several files, and each of several folders has one of each: the folder is one choice, by
    the file that says most of training."""
    folders: dict[str, list[str]] = {}
    for path in sorted({*found.default, *found.chosen}):
        folders.setdefault(os.path.dirname(path), []).append(path)
    names = {tuple(map(os.path.basename, paths)) for paths in folders.values()}
    if len(folders) < 2 or len(names) > 1 or len(next(iter(names))) < 2:
        return
    found.default, found.chosen = [], []
    for folder, paths in folders.items():
        most = max(paths, key=lambda path: len(words_of(outlines[path]) & TRAINING_KEYS))
        found.chosen.append(most)
        found.beside[most] = [path for path in in_folder(outlines, folder, (".yaml", ".yml", ".json")) if path != most]


def _located(outlines: Mapping[str, Outline], entry: str, file: str, path: str) -> list[str]:
    """The file a relative path means: beside the script, beside the module, or from a folder above."""
    if not path:
        return []
    folder = os.path.dirname(entry)
    folders = [folder, os.path.dirname(file)]
    for _ in range(4):
        folder = os.path.dirname(folder)
        folders.append(folder)
    for base in folders:
        full = os.path.normpath(os.path.join(base, path))
        for option in (full, f"{full}.yaml", f"{full}.yml", f"{full}.py"):
            if option in outlines:
                return [option]
    inside = [os.path.join(os.path.dirname(entry), *up, name) for name in FOLDERS for up in ((), ("..",))]
    known = [os.path.normpath(os.path.join(folder, path)) for folder in inside]
    return [option for option in known if option in outlines][:1]


def _option(
    outlines: Mapping[str, Outline], entry: str, file: str, path: str, suffixes: set[str], root: str, found: Choices
) -> None:
    """`--config`: its default, and everything like it that could be given instead."""
    wanted = suffixes | ({os.path.splitext(path)[1]} if path else set())
    wanted = {suffix for suffix in wanted if suffix} or {".yaml", ".yml"}
    default = _located(outlines, entry, file, path)
    default = [item for item in default if item.endswith(tuple(wanted))]
    pool = in_folder(outlines, _home(default[0], root), wanted) if default else nearest(outlines, entry, wanted, root)
    pool = pool or anywhere(outlines, entry, wanted)
    if default and len(pool) == 1 and os.path.dirname(default[0]) == os.path.dirname(entry):
        pool = default
    found.always += [item for item in pool if "_base_" in item.split(os.sep)]
    pool = [
        item
        for item in pool
        if item in default or like(outlines, outlines[item], outlines[default[0]] if default else None)
    ]
    pool = [item for item in pool if item in default or not judges(outlines[item])]
    pool = _without_helpers(outlines, _without_bases(outlines, pool, default), default)
    if not default:
        named = [p for p in pool if os.path.splitext(os.path.basename(p))[0] in DEFAULT_NAMES]
        default = named[:1]
    found.default += default
    found.chosen += [item for item in pool if item not in default and item != entry]
    found.targets += [target for item in default for target in outlines[item].targets]
    if not default and not pool:
        found.optional = True


def _of_folders(outlines: Mapping[str, Outline], entry: str, name: str, found: Choices) -> None:
    """The files of one name in the folders of experiments beside a script; the one in the folder that an option takes
    by default."""
    beside = os.path.dirname(entry)
    pool = [path for path in in_folders(outlines, beside, (".yaml", ".yml", ".json")) if os.path.basename(path) == name]
    pool = [path for path in pool if like(outlines, outlines[path], None)]
    preset = {os.path.normpath(os.path.join(beside, text, name)) for text in outlines[entry].preset}
    found.default += [path for path in pool if path in preset]
    found.chosen += [path for path in pool if path not in preset]


def _by_name(
    outlines: Mapping[str, Outline], entries: Sequence[str], file: str, path: str, found: Choices
) -> list[str]:  # fmt: skip
    """Files whose names a script puts together: of `f"configs/{name}.yaml"` the one that the default of an option
    names, and those like it; where none is named, all that may be read are given."""
    folders = [os.path.dirname(entries[0]), os.path.dirname(file)]
    for _ in range(3):
        folders.append(os.path.dirname(folders[-1]))
    end = "([^/]+)".join(map(re.escape, path.split("*")))
    ways = [re.compile(f"{re.escape(folder)}/{end}") for folder in folders]
    pools = ([match for each in outlines if (match := way.fullmatch(each))] for way in dict.fromkeys(ways))
    pool = next(filter(None, pools), [])
    preset = {text for each in (*entries, file) for text in outlines[each].preset}
    default = [match[0] for match in pool if preset.issuperset(match.groups())]
    if len(default) == 1 and says_more(outlines, outlines[default[0]]):
        found.default += default
        found.chosen += [match[0] for match in pool if like(outlines, outlines[match[0]], outlines[default[0]])]
        found.optional = True
        return []
    return [match[0] for match in pool]


def _home(config: str, root: str) -> str:
    """The folder of a configuration, or the one above it that is called a folder of configurations."""
    folder = above = os.path.dirname(config)
    while above.startswith(root + os.sep):
        if holds_configs(os.path.basename(above)):
            return above
        above = os.path.dirname(above)
    return folder


SECTIONS = frozenset(["seed_everything", "trainer", "model", "data", "optimizer", "lr_scheduler", "ckpt_path", "fit"])
"""Of a configuration of Lightning's command line."""


ARGUMENTS = frozenset(["output_dir", "learning_rate", "num_train_epochs", "max_steps", "model_name_or_path",
    "per_device_train_batch_size", "gradient_accumulation_steps", "lr_scheduler_type", "warmup_ratio"])  # fmt: skip
"""Of a file of the arguments of Hugging Face's trainers."""


def _typed(
    outlines: Mapping[str, Outline], entry: str, root: str, suits: Callable[[set[str]], bool],
    suffixes: Iterable[str] = (".yaml", ".yml", ".json"),
) -> list[str]:  # fmt: skip
    """Files whose keys suit; not those that stand in a folder called after another script, or after the folder of
    others."""
    found = []
    folder = os.path.dirname(entry)
    others = _stems(p for p in outlines if os.path.dirname(p) == folder and p.endswith(".py")) - _stems([entry])
    aside = os.path.dirname(folder) + os.sep
    others |= {p[len(aside) :].split(os.sep)[0] for p in outlines if p.startswith(aside)} - {
        os.path.basename(folder),
        *FOLDERS,
    }
    for path in nearest(outlines, entry, suffixes, root):
        top = {key for key in outlines[path].keys if "." not in key}
        parts = {part.replace("-", "_") for part in os.path.dirname(path)[len(root) :].split(os.sep)}
        if top and suits(top) and not parts & others:
            found.append(path)
    return found


def _bindings(outlines: Mapping[str, Outline], entry: str, modules: Sequence[str], root: str) -> list[str]:
    """Files of gin, of the nearest folder above the script that has some, that bind what its modules define."""
    folder, found = os.path.dirname(entry), []
    while not (found := in_folder(outlines, folder, (".gin",))) and folder.startswith(root + os.sep):
        folder = os.path.dirname(folder)
    defined = {name for file in modules for name in outlines[file].uses}
    return [path for path in found if {key.partition(".")[0] for key in outlines[path].keys if "." in key} & defined]


def _stems(paths: Iterable[str]) -> set[str]:
    return {os.path.splitext(os.path.basename(path))[0].replace("-", "_") for path in paths}


def _without_bases(outlines: Mapping[str, Outline], pool: list[str], default: list[str]) -> list[str]:
    """The configurations without those that are called a base, and on which others are built."""
    built_on = {base.path for item in pool for base in bases_of(outlines, outlines[item], 0)}
    bases = {item for item in built_on if re.match(r"_?base([-_.]|$)", os.path.basename(item), re.IGNORECASE)}
    return [item for item in pool if item in default or item not in bases]


def _without_helpers(outlines: Mapping[str, Outline], pool: list[str], default: list[str]) -> list[str]:
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


def outlines_use_argv(outlines: Mapping[str, Outline], file: str, executed: Sequence[str]) -> bool:
    """Whether what is executed looks at the command line for further files (a configurator)."""
    return any(".argv" in used for path in (*executed, file) for used in outlines[path].uses.values())


def _overrides(outlines: Mapping[str, Outline], entry: str, root: str) -> list[str]:
    """Files of plain assignments to names that the script has at its module level."""
    names = set(outlines[entry].assigns)
    found = []
    for path in nearest(outlines, entry, (".py",), root):
        outline = outlines[path]
        own = set(outline.assigns)
        overrides = outline.kind == "python" and outline.only_assigns and len(own & names) * 2 >= len(own) > 0
        if overrides and not any(name.startswith("eval_only") for name in own):
            found.append(path)
    return found
