"""Where configurations stand, and which files are configurations of training."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from core.analysis.outline import Outline

FOLDERS = ("configs", "config", "conf", "cfgs", "cfg", "configurations", "experiments", "options", "hparams",
    "hyperparams", "params", "recipes", "settings", "exps")  # fmt: skip
"""Names of folders that hold configurations."""
_ENDS = frozenset({"configs", "config", "cfgs", "cfg", "conf", "confs", "options"})
_OF_SOMETHING_ELSE = frozenset({"accelerate", "data", "dataset", "datasets", "deepspeed", "ds", "fsdp"})


@lru_cache(maxsize=50_000)
def holds_configs(folder: str) -> bool:
    """Whether a folder of this name holds configurations of runs: `configs`, `Options`, `local_configs`; not
    `deepspeed_configs`."""
    words = re.split(r"[_.-]", folder.lower())
    return folder.lower() in FOLDERS or (words[-1] in _ENDS and _OF_SOMETHING_ELSE.isdisjoint(words))


TRAINING_KEYS = frozenset(["lr", "learning_rate", "batch_size", "epochs", "max_epochs", "num_epochs", "optimizer",
    "optim", "model", "train", "steps", "max_steps", "num_steps", "max_iters", "train_batch_size", "training",
    "trainer", "batch", "n_epochs", "niter", "solver", "batchsize"])  # fmt: skip


def words_of(outline: Outline) -> set[str]:
    return {part.lower() for key in outline.keys for part in key.split(".")}


def parts_of(outline: Outline) -> frozenset[str]:
    """The keys that a configuration has at its top."""
    return frozenset(key for key in outline.keys if "." not in key)


def in_folder(outlines: Mapping[str, Outline], folder: str, suffixes: Iterable[str]) -> list[str]:
    inside = folder + os.sep
    return [path for path in outlines if path.startswith(inside) and path.endswith(tuple(suffixes))]


def in_folders(outlines: Mapping[str, Outline], folder: str, suffixes: Iterable[str]) -> list[str]:
    """The files in those folders of a folder that are called folders of configurations."""
    found = in_folder(outlines, folder, suffixes)
    heads = (path[len(folder) + 1 :].partition(os.sep) for path in found)
    return [path for path, (head, inside, _) in zip(found, heads, strict=True) if inside and holds_configs(head)]


def nearest(outlines: Mapping[str, Outline], entry: str, suffixes: Iterable[str], root: str) -> list[str]:
    """Configurations in a folder of that name, near the script: the nearest folder that has some."""
    folder = os.path.dirname(entry)
    while True:
        found = in_folders(outlines, folder, suffixes)
        if not found and folder == os.path.dirname(entry):
            beside = [path for path in in_folder(outlines, folder, suffixes) if os.path.dirname(path) == folder]
            found = [path for path in beside if _stands_beside(path, entry) or _tells_much(outlines[path])]
        if found:
            return found
        if folder == root or not folder.startswith(root) or folder == os.path.dirname(folder):
            return _in_project(outlines, entry, suffixes)
        folder = os.path.dirname(folder)


def anywhere(outlines: Mapping[str, Outline], entry: str, suffixes: Iterable[str]) -> list[str]:
    """Files anywhere below a script's folder, else beside the package that it is part of, else beside its README, that
    say much of training, and no run has left there: `data/model/bay.yaml`."""
    beside = os.path.dirname(entry)
    above = os.path.dirname(beside)
    readme = [above] if os.path.join(above, "README.md") in outlines else []
    for folder in dict.fromkeys((beside, _above(outlines, beside), *readme)):
        found = in_folder(outlines, folder, suffixes)
        told = [path for path in found if _tells_much(outlines[path])]
        if kept := not_left(told, folder):
            return kept
    return []


def not_left(paths: Iterable[str], folder: str) -> list[str]:
    """The files below a folder that no run has left there."""
    return [path for path in paths if not _LEFT & set(path[len(folder) :].split(os.sep))]


def _tells_much(outline: Outline) -> bool:
    """Whether a file says so much of training that it needs no name of a configuration."""
    return len(words_of(outline) & TRAINING_KEYS) >= MUCH


def _above(outlines: Mapping[str, Outline], folder: str) -> str:
    """The folder that the outermost package around a folder stands in; that folder, where it is in none."""
    while os.path.join(folder, "__init__.py") in outlines:
        folder = os.path.dirname(folder)
    return folder


MUCH = 3
"""Words of training that a file must have to be taken for a configuration wherever it stands."""
_LEFT = frozenset({"pretrained", "checkpoints", "checkpoint", "logs", "lightning_logs", "runs", "results", "outputs",
    "output", "wandb", "saved", "saved_models", "tests"})  # fmt: skip
"""Folders of what runs have left."""


def _in_project(outlines: Mapping[str, Outline], entry: str, suffixes: Iterable[str]) -> list[str]:
    """Configurations anywhere beside the package that a script is part of, `egs/speech/conf/a.yaml`, or beside a
    folder of code that has no words of its own."""
    folder = _above(outlines, os.path.dirname(entry))
    above = os.path.dirname(folder)
    if folder == os.path.dirname(entry):
        if os.path.join(folder, "README.md") in outlines or os.path.join(above, "README.md") not in outlines:
            return []
        folder = above
    found = in_folder(outlines, folder, suffixes)
    return [path for path in found if any(map(holds_configs, os.path.dirname(path)[len(folder) :].split(os.sep)))]


def _stands_beside(path: str, entry: str) -> bool:
    """Whether a file beside a script is called a configuration, `config_v1.json`, or after the script."""
    stem, suffix = os.path.splitext(os.path.basename(path).lower())
    named = _BESIDE.search(stem) is not None or path == f"{os.path.splitext(entry)[0]}{suffix}"
    return suffix != ".py" and named


_BESIDE = re.compile(r"(^|[_.-])(config|cfg|conf|hparams|hyper_?params)")
"""How a configuration is called that stands beside its script."""


def _of_data(path: str) -> bool:
    """Whether a file stands in a folder of configurations of data alone: `dataset_configs`."""
    folders = (re.split(r"[_.-]", part.lower()) for part in path.split(os.sep)[-3:-1])
    return any(len(words) > 1 and words[-1] in _ENDS and words[0] in _DATA for words in folders)


_DATA = frozenset({"data", "dataset", "datasets"})


def like(outlines: Mapping[str, Outline], outline: Outline, default: Outline | None) -> bool:
    """Whether a file is a configuration of training: like the default one, or with the keys of one, those on which it
    is built taken in."""
    if "_base_" in outline.path.split(os.sep) or _of_data(outline.path):  # what others are built on
        return False
    if outline.kind == "python" and "common" in outline.path.split(os.sep)[-3:-1]:  # the same of detectron2's
        return False
    if outline.kind == "python":
        own, theirs = set(outline.assigns), set(default.assigns) if default is not None else set()
        if own and theirs and len(own & theirs) * 3 < len(own):
            return False
        return outline.only_assigns and bool(outline.assigns or "get_config" in outline.uses) and not outline.trains
    keys = _keys(outlines, outline)
    if default is not None and default.keys:
        top = {key for key in keys if "." not in key}
        theirs = set(parts_of(default))
        return len(top & theirs) * 3 >= len(top | theirs)
    return bool({part.lower() for key in keys for part in key.split(".")} & TRAINING_KEYS)


def _keys(outlines: Mapping[str, Outline], outline: Outline) -> set[str]:
    return {key for each in (outline, *bases_of(outlines, outline)) for key in each.keys}


def tries_another(outlines: Mapping[str, Outline], path: str) -> bool:
    """Whether a configuration is only named for trying what those beside it train: `test_bone.yaml` beside
    `train_bone.yaml`, `net_test_rooms.yaml` beside `net_train_houses.yaml`."""
    folder, name = os.path.split(path)
    tested = _TESTED.search(name)
    if tested is None:
        return False
    start, rest = name[: tested.start()], name[tested.end() :]
    trained = os.path.join(folder, f"{start}train{rest if not start else ''}")
    return any(other.startswith(trained) for other in outlines)


_TESTED = re.compile(r"(?<![a-z])test(?![a-z])")


def says_more(outlines: Mapping[str, Outline], outline: Outline) -> bool:
    """Whether a configuration says anything of training beside the network."""
    words = {part.lower() for key in _keys(outlines, outline) for part in key.split(".")}
    told = bool(words & (TRAINING_KEYS | _LOSSES) - {"model"}) or any(map(_RATE.search, words))
    return outline.kind == "python" or told


_RATE = re.compile(r"^lr_|_lr$|(^|_)learning_rate(_|$)|(^|_)(batch_size|num_epochs|max_epochs?)$")
"""What settings of training are called beside their plain names: `lr_base`."""
_LOSSES = frozenset({"loss", "losses", "criterion", "optimization", "total_steps"})
"""What configurations say of training that leave the rates and batches as the code has them."""


def bases_of(outlines: Mapping[str, Outline], outline: Outline, depth: int = 4) -> list[Outline]:
    """The files on which a configuration says that it is built, and those on which they are; each once."""
    found, last = {outline.path: outline}, [outline]
    for _ in range(depth + 1):
        named = dict.fromkeys(_base(outlines, each.path, base) for each in last for base in each.bases)
        last = [outlines[path] for path in named if path in outlines and path not in found]
        found.update((each.path, each) for each in last)
    return list(found.values())[1:]


def _base(outlines: Mapping[str, Outline], path: str, told: str) -> str:
    """The file that a configuration names as its base: from its own folder, or from one above where it is run."""
    folder = os.path.dirname(path)
    first = os.path.normpath(os.path.join(folder, told))
    for _ in range(DEEPEST_RUN if first not in outlines else 0):
        folder = os.path.dirname(folder)
        if (found := os.path.normpath(os.path.join(folder, told))) in outlines:
            return found
    return first


DEEPEST_RUN = 6
"""Folders below that of the run in which configurations stand."""


_JUDGING = re.compile(
    r"(eval|evaluate|evaluation|infer|inference|predict|sample|sampling|demo)\d*[_.-]|"
    r".*[_-](eval|evaluate|evaluation|inference)([_-](config|cfg))?\.$",
    re.IGNORECASE,
)
"""How the names of configurations begin, or end, that only use a model."""
_FOR_JUDGING = frozenset({"test", "tests", "testing", "eval", "evaluation", "infer", "inference", "demo", "predict"})
"""Names of folders of such configurations."""
_TRAINED_BY = frozenset({"lr", "learning_rate", "optimizer", "optim", "optimization", "epochs", "solver", "train"})


def judges(outlines: Mapping[str, Outline], outline: Outline) -> bool:
    """Whether a configuration is named for using a model (`sampling_equal.yaml` may also say how data are drawn to
    train), or stands in a folder for that: it says nothing of training, or one of its name stands in `train` beside; or
    has sections for that alone to lay over what it is built on."""
    name = os.path.splitext(os.path.basename(outline.path))[0]
    draws = name.startswith("sampl") and bool({"train", "training", "trainer"} & words_of(outline))
    named = bool(_JUDGING.match(f"{name}.")) and not draws
    apart = _stands_apart(outline.path) and (
        _beside_training(outlines, outline.path) or not words_of(outline) & _TRAINED_BY
    )
    own = {key.partition(".")[0].lower() for key in outline.keys if "." in key} if outline.bases else set()
    return named or apart or (bool(own) and own <= _FOR_JUDGING | {"generation"})


def _beside_training(outlines: Mapping[str, Outline], path: str) -> bool:
    """Whether a file is called as one to train with, `test/a.yaml` beside `train/a.yaml`, or stands below such a folder
    of configurations: `test/vot/a.yaml`."""
    *above, last, folder, name = path.split(os.sep)
    if folder.lower() in _FOR_JUDGING:
        return os.sep.join((*above, last, "train", name)) in outlines
    beside = os.sep.join((*above, "train", ""))
    return last.lower() in _FOR_JUDGING and any(other.startswith(beside) for other in outlines)


def _stands_apart(path: str) -> bool:
    """Whether a file stands in a folder for using a model, or below one in a folder of configurations:
    `configs/infer/small/a.yaml`."""
    folders = os.path.dirname(path).lower().split(os.sep)
    homes = [number for number, folder in enumerate(folders) if holds_configs(folder)]
    return not _FOR_JUDGING.isdisjoint(folders[-1:] + (folders[homes[-1] :] if homes else []))
