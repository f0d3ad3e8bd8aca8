"""Which configurations a script can be run with, and which one it uses when none is chosen."""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from core.analysis.config_files import (
    TRAINING_KEYS,
    bases_of,
    in_folder,
    in_folders,
    judges,
    like,
    parts_of,
    says_more,
    tries_another,
    words_of,
)
from core.analysis.config_pools import (
    DEFAULT_NAMES,
    Choices,
    Script,
    bindings,
    commanded,
    end_of,
    home,
    located,
    moved,
    overrides,
    pool_of,
    typed,
    with_settings,
    without_bases,
    without_helpers,
)
from core.analysis.configs import INI_SUFFIXES
from core.analysis.hydra_choices import told_to_hydra
from core.analysis.outline import Outline


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
    given = {file for file, how, _ in hooks if how == "gin" and {*outlines[file].suffixes} == {".gin"}}
    hooks = [hook for hook in hooks if hook[1] != "required" or hook[0] not in given]  # gin takes what an option does
    suffixes = {suffix for file in modules for suffix in outlines[file].suffixes}
    script = Script(outlines, entries, modules, root, suffixes | ({".yml"} if ".yaml" in suffixes else set()))
    hooks = hooks or _taken_by_hand(script)
    put_together = [hook for hook in hooks if hook[1] == "made"]
    for file, how, path in (hook for hook in hooks if hook not in put_together):
        _READING[how](script, file, path, found)
    ways = [how for _, how, _ in hooks]
    if ways.count("required") > 1:
        _together(outlines, found)
    elif not {"option", "required", "offered"}.isdisjoint(ways):
        found.chosen = _whole(outlines, found) or found.chosen
    for file, _, path in put_together:
        _by_name(script, file, path, found)
    found.chosen += [] if hooks else with_settings(outlines, entries[0])
    _settle(outlines, found)
    return found


def _taken_by_hand(script: Script) -> list[tuple[str, str, str]]:
    """That a script needs a configuration, where it looks at `sys.argv` itself, or has options and reads files, and
    commands give it files that say how to train: `Settings.load(sys.argv[1])`, `-first configs/first.yaml`."""
    entry = script.outlines[script.entry]
    looks = any(".argv" in used for used in entry.uses.values()) or bool(entry.settings and script.suffixes)
    told = commanded(script, {".yaml", ".yml", *script.suffixes}, sure=True) if looks else []
    needed = any(like(script.outlines, script.outlines[path], None) for path in told)
    return [(script.entry, "required", "")] if needed else []


def _whole(outlines: Mapping[str, Outline], found: Choices) -> list[str]:
    """The configurations chosen that say anything of training, or have no parts but those of the default one or of one
    that does: what they leave out is as the code has it. What others of them are built on is none of itself."""
    telling = [path for path in found.chosen if says_more(outlines, outlines[path])]
    whole = {parts_of(outlines[path]) for path in (*found.default, *telling)}
    bases = tuple(end_of(base) for path in found.chosen for base in outlines[path].bases)
    others = (path for path in found.chosen if path not in telling and not path.endswith(bases))
    short = {path for path in others if any(parts_of(outlines[path]) <= each for each in whole)}
    return [path for path in found.chosen if path in telling or path in short]


def _settle(outlines: Mapping[str, Outline], found: Choices) -> None:
    """Tell each configuration once, sorted; a single one that is needed is the default."""
    found.always += [path for path in found.readable if path not in found.chosen]
    read = [outlines[path] for path in dict.fromkeys((*found.always, *found.chosen))]
    read += [base for each in read for base in bases_of(outlines, each)]
    found.targets += [target for each in read for target in each.targets]
    found.default = sorted(dict.fromkeys(found.default))
    found.always = sorted(dict.fromkeys(found.always))
    known = {*found.default, *found.always}
    found.chosen = sorted({path for path in found.chosen if path not in known and not tries_another(outlines, path)})
    if len(found.chosen) == 1 and not found.default and not found.optional:
        found.default, found.chosen = found.chosen, []


def _hydra(script: Script, file: str, path: str, found: Choices) -> None:
    """`@hydra.main(config_path="conf", config_name="config")`."""
    told_to_hydra(script.outlines, file, path, found)


def _fixed(script: Script, file: str, path: str, found: Choices) -> None:
    """`yaml.safe_load(open("config.yaml"))`."""
    found.always += located(script, file, path)


def _executed(script: Script, file: str, path: str, found: Choices) -> None:
    """`exec(open("configurator.py").read())`: what it executes, and what this one is given on the command line."""
    found.always += located(script, file, path)
    if not path or _use_argv(script.outlines, file, found.always):
        found.optional = True
        found.chosen += overrides(script)


def _gin(script: Script, file: str, path: str, found: Choices) -> None:
    """`gin.parse_config_file(path)`."""
    found.always += located(script, file, path)
    found.chosen += [] if found.always else bindings(script)
    found.optional = not found.chosen


def _dataclass(script: Script, file: str, path: str, found: Choices) -> None:
    """A command line made of typed classes: files with nothing but their fields."""
    found.optional = True
    fields = {name for module in script.modules for name in script.outlines[module].fields}
    found.chosen += typed(script, fields.issuperset)


def _some_sections(script: Script, file: str, path: str, found: Choices) -> None:
    """A heir of Lightning's command line that is told defaults."""
    found.chosen += typed(script, SECTIONS.issuperset)
    found.optional = not found.chosen


def _all_sections(script: Script, file: str, path: str, found: Choices) -> None:
    """Lightning's command line."""
    found.chosen += typed(script, SECTIONS.issuperset)
    found.optional = False


def _flags(script: Script, file: str, path: str, found: Choices) -> None:
    """A file of options, `--flagfile`: by default the one at a path; else those that set what the code speaks of,
    `lr` of `args.lr`, in a folder of configurations or, so called, beside the script."""
    names = {name for each in script.modules for used in script.outlines[each].uses.values() for name in used}
    spoken = {name.rpartition(".")[2] for name in names}

    def suits(keys: Iterable[str]) -> bool:
        return not spoken.isdisjoint(key.replace("-", "_") for key in keys)

    found.default += located(script, file, path)
    found.chosen += typed(script, suits, (*INI_SUFFIXES, ".yaml", ".yml"))
    folder = os.path.dirname(script.entry)
    beside = (each for each in in_folder(script.outlines, folder, INI_SUFFIXES) if os.path.dirname(each) == folder)
    beside = (each for each in beside if "config" in os.path.basename(each))
    found.chosen += [each for each in beside if suits(parts_of(script.outlines[each]))]
    found.optional = True


def _arguments(script: Script, file: str, path: str, found: Choices) -> None:
    """A file of the arguments of Hugging Face's trainers."""
    found.chosen += typed(script, lambda keys: len(keys & ARGUMENTS) > 1)
    found.optional = path == "optional" or not found.chosen


SECTIONS = frozenset(["seed_everything", "trainer", "model", "data", "optimizer", "lr_scheduler", "ckpt_path", "fit"])
"""Of a configuration of Lightning's command line."""


ARGUMENTS = frozenset(["output_dir", "learning_rate", "num_train_epochs", "max_steps", "model_name_or_path",
    "per_device_train_batch_size", "gradient_accumulation_steps", "lr_scheduler_type", "warmup_ratio"])  # fmt: skip
"""Of a file of the arguments of Hugging Face's trainers."""


def _option(script: Script, file: str, path: str, found: Choices) -> None:
    """`--config`: its default, and everything like it that could be given instead."""
    outlines = script.outlines
    wanted = {suffix for suffix in (*script.suffixes, os.path.splitext(path)[1]) if suffix} or {".yaml", ".yml"}
    default = [item for item in located(script, file, path) if item.endswith(tuple(wanted))]
    default, above = (default, home(default[0], script.root)) if default else moved(script, path, wanted)
    pool = in_folder(outlines, above, wanted) if default else pool_of(script, wanted)
    if default and len(pool) == 1 and os.path.dirname(default[0]) == os.path.dirname(script.entry):
        pool = default
    found.always += [item for item in pool if "_base_" in item.split(os.sep)]
    pool = [
        item
        for item in pool
        if item in default or like(outlines, outlines[item], outlines[default[0]] if default else None)
    ]
    pool = [item for item in pool if item in default or not judges(outlines, outlines[item])]
    pool = without_helpers(outlines, without_bases(outlines, pool, default), default)
    if not default:
        default = [path for path in pool if _stands_for(path, pool)][:1]
        pool += [path for path in default and _laid_over(outlines, default[0], wanted) if path not in pool]
    found.default += default
    if not (default and default[0].endswith(".py")):
        pool = [item for item in pool if not (item.endswith(".py") and item in script.modules)]  # the script's own code
    found.chosen += [item for item in pool if item not in default]
    found.targets += [target for item in default for target in outlines[item].targets]
    if not default and not pool:
        found.optional = True


def _stands_for(path: str, pool: Sequence[str]) -> bool:
    """Whether a configuration is called the one of all that could be given: `default.yaml` beside or above them, not
    the `train.yaml` of one of several folders."""
    folder, name = os.path.split(path)
    return os.path.splitext(name)[0] in DEFAULT_NAMES and all(each.startswith(folder + os.sep) for each in pool)


def _laid_over(outlines: Mapping[str, Outline], default: str, suffixes: Iterable[str]) -> list[str]:
    """The files beside the default one that say a part of what it says, of how to train or not: `data: ...`."""
    folder, parts = os.path.dirname(default), parts_of(outlines[default])
    beside = (path for path in in_folder(outlines, folder, suffixes) if os.path.dirname(path) == folder)
    return [path for path in beside if (own := parts_of(outlines[path])) and own < parts]


def _offered(script: Script, file: str, path: str, found: Choices) -> None:
    """`--config-file`, of what is only laid over the settings that the code has, and need not be given."""
    _option(script, file, path, found)
    found.optional = True


def _of_folders(script: Script, file: str, name: str, found: Choices) -> None:
    """The files of one name in the folders of experiments beside a script; the one in the folder that an option takes
    by default."""
    outlines, beside = script.outlines, os.path.dirname(script.entry)
    pool = [path for path in in_folders(outlines, beside, (".yaml", ".yml", ".json")) if os.path.basename(path) == name]
    pool = [path for path in pool if like(outlines, outlines[path], None)]
    preset = {os.path.normpath(os.path.join(beside, text, name)) for text in outlines[script.entry].preset}
    found.default += [path for path in pool if path in preset]
    found.chosen += [path for path in pool if path not in preset]


def _by_name(script: Script, file: str, path: str, found: Choices) -> None:
    """Files whose names a script puts together: of `f"configs/{name}.yaml"` the one that the default of an option
    names, and those like it; where none is, but the command line is read by hand, those of the folders that say
    anything of training; else all that may be read are given."""
    outlines = script.outlines
    folders = [os.path.dirname(script.entry), os.path.dirname(file)]
    for _ in range(3):
        folders.append(os.path.dirname(folders[-1]))
    end = "([^/]+)".join(map(re.escape, path.split("*")))
    ways = [re.compile(f"{re.escape(folder)}/{end}") for folder in folders]
    pools = ([match for each in outlines if (match := way.fullmatch(each))] for way in dict.fromkeys(ways))
    pool = next(filter(None, pools), [])
    preset = {text for each in (*script.entries, file) for text in outlines[each].preset}
    default = [match[0] for match in pool if preset.issuperset(match.groups())]
    one = outlines[default[0]] if len(default) == 1 else None
    if one is not None and (says_more(outlines, one) or _lays_out(one, outlines[file])):
        found.default += default
        alike = [match[0] for match in pool if like(outlines, outlines[match[0]], one)]
        found.chosen += alike if says_more(outlines, one) else [match[0] for match in pool]
        found.optional = True
        return
    found.readable += [match[0] for match in pool]
    by_hand = _use_argv(outlines, file, script.entries)
    for folder in {os.path.dirname(each) for each in found.readable if by_hand}:
        beside = [path for path in found.readable if os.path.dirname(path) == folder]
        beside = without_bases(outlines, beside, [])
        found.chosen += beside if any(like(outlines, outlines[each], None) for each in beside) else []


def _lays_out(config: Outline, script: Outline) -> bool:
    """Whether a configuration of which a script reads but one says what a network is built with: each is of another."""
    made = [path for how, path, _ in script.configs if how == "made"]
    words = {word for key in config.keys for word in key.lower().split(".")}
    return len(made) == 1 and bool(words & _OF_LAYERS)


_OF_LAYERS = frozenset({"num_layers", "n_layers", "n_layer", "num_heads", "n_heads", "n_head", "nhead", "d_model",
    "dropout", "hidden_size", "hidden_dim", "embed_dim", "embedding_dim", "hidden_channels"})  # fmt: skip
"""What configurations call the sizes of a network."""


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


def _use_argv(outlines: Mapping[str, Outline], file: str, executed: Sequence[str]) -> bool:
    """Whether what is executed looks at the command line for further files (a configurator)."""
    return any(".argv" in used for path in (*executed, file) for used in outlines[path].uses.values())


_READING: dict[str, Callable[[Script, str, str, Choices], None]] = {
    "hydra": _hydra, "fixed": _fixed, "exec": _executed, "gin": _gin, "typed": _dataclass, "sections": _some_sections,
    "all sections": _all_sections, "flags": _flags, "arguments": _arguments, "folder": _of_folders,
    "option": _option, "required": _option, "offered": _offered, "objects": _option,
}  # fmt: skip
"""What finds the configurations of a script, by how it reads one (`Outline.configs`)."""
