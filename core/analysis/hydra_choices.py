"""Which configurations a script of Hydra can be run with."""

from __future__ import annotations

import os.path
from collections.abc import Mapping

from core.analysis.config_files import TRAINING_KEYS, anywhere, in_folder, judges, like, words_of
from core.analysis.config_pools import Choices
from core.analysis.outline import Outline


def _hydra_root(outlines: Mapping[str, Outline], beside: str, folder: str) -> tuple[str, list[str]]:
    """The folder that Hydra reads, and its configurations: beside the script, else below a folder above it
    (`config_path=ROOT / "configs"`)."""
    for _ in range(4):
        root = os.path.normpath(os.path.join(beside, folder))
        if (configs := in_folder(outlines, root, (".yaml", ".yml"))) or folder == ".":
            return root, configs
        beside = os.path.dirname(beside)
    return root, []


def _searched(outlines: Mapping[str, Outline], root: str, default: Outline) -> list[str]:
    """The configurations of the nearest folder above that has the groups which Hydra must search for elsewhere."""
    above, found = root, list[str]()
    for _ in range(4 if "hydra.searchpath" in default.keys else 0):
        above = os.path.dirname(above)
        found = in_folder(outlines, above, (".yaml", ".yml"))
        if all(any(path.startswith(os.path.join(above, group, "")) for path in found) for group in default.groups):
            return [path for path in found if not path.startswith(root + os.sep)]
    return []


_FRAGMENTS = ("debug", "hparams_search", "hydra", "callbacks", "logger", "trainer", "launcher", "local", "paths", "env",
              "machine", "platform", "cluster", "extras", "sweep", "sweeper")  # fmt: skip
"""Config groups that are never an experiment."""


def told_to_hydra(outlines: Mapping[str, Outline], file: str, path: str, found: Choices) -> None:
    """The default composition, each experiment, and every group file that a composition may read."""
    folder, _, name = path.partition("|")
    if not folder:  # both are told on the command line
        for item in anywhere(outlines, file, (".yaml", ".yml")):
            found.chosen.append(item)
            found.beside[item] = in_folder(outlines, os.path.dirname(item), (".yaml", ".yml"))
        return
    root, configs = _hydra_root(outlines, os.path.dirname(file), folder)
    default = [item for item in configs if os.path.splitext(item)[0] == os.path.join(root, name.removesuffix(".yaml"))]
    composing = [item for item in configs if os.path.dirname(item) == root]
    whole = [item for item in composing if outlines[item].defaults or words_of(outlines[item]) & TRAINING_KEYS]
    found.default += default
    found.always += [] if not default else _searched(outlines, root, outlines[default[0]])
    around = os.path.dirname(root) + os.sep  # what scripts elsewhere begin with says nothing
    scripts = (outline for path, outline in outlines.items() if path.startswith(around))
    preset = {file.rpartition("|")[2] for each in scripts for how, file, _ in each.configs if how == "hydra"}
    told = {*preset, *(f"{name}.yaml" for name in preset)}  # what --config-name may say is no other script's default
    whole = [item for item in whole if not default or like(outlines, outlines[item], outlines[default[0]])]
    whole = [item for item in whole if not judges(outlines, outlines[item])]
    found.chosen += [item for item in whole if os.path.basename(item) not in told]
    found.optional = bool(default) or not found.chosen
    found.always += [item for item in configs if item not in (*default, *found.chosen)]
    found.targets += [target for item in configs for target in outlines[item].targets]
    composed = [item for item in configs if item in composing or outlines[item].package == "_global_"]
    groups = (group.strip("/") for item in composed for group in outlines[item].groups)
    fragments = {*_FRAGMENTS, *groups}
    for item in configs:
        section = os.path.relpath(item, root).split(os.sep)[0]
        sets = {key.partition(".")[0] for key in outlines[item].keys} - {"hydra"}  # Hydra's own are none of a run's
        laid_over = outlines[item].package == "_global_" and sets and section not in (*fragments, *sets)
        named = section != os.path.basename(item) and (section in ("experiment", "experiments") or laid_over)
        if named and item not in (*default, *found.chosen):
            found.chosen.append(item)
            found.always.remove(item)
