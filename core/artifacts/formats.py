"""Which files can be artefacts at all, told by their names alone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from core.artifacts.naming import read_name, words
from core.artifacts.words import word_set

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"})
CHECKPOINT_SUFFIXES = frozenset(
    {
        ".pt",
        ".pth",
        ".ckpt",
        ".safetensors",
        ".npz",
        ".npy",
        ".h5",
        ".hdf5",
        ".keras",
        ".onnx",
        ".pkl",
        ".pickle",
        ".msgpack",
        ".joblib",
    }
)
LOG_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".log", ".txt", ".out"})
NOTEBOOK = ".ipynb"
INPUT_WORDS = word_set(
    "data dataset datasets raw input inputs source content style reference references original originals"
)
"""What lies in a folder of these was given to a model; only a write path makes it an output."""
READING_WORDS = word_set("doc docs node modules assets static logo logos")
"""What lies in a folder of these is there to be read; of its pictures, those are outputs whose names tell a time."""
PICTURE_WORDS = word_set("image images img imgs picture pictures photo photos file files")
"""These beside them change nothing: `content-images`, `input_data`."""
MOST_UNTIMED = 400
"""A folder with more pictures than this whose names tell no epoch or step holds a data set."""


def kind_of(path: str) -> str | None:
    """image, checkpoint or log (a notebook is its own log); None for a file that cannot be an artefact."""
    name = os.path.basename(path)
    suffix = os.path.splitext(name)[1].lower()
    if suffix in IMAGE_SUFFIXES:
        return "image"
    if suffix in CHECKPOINT_SUFFIXES or name.lower().endswith((".pth.tar", ".pt.tar", "pytorch_model.bin")):
        return "checkpoint"
    if suffix in LOG_SUFFIXES or suffix == NOTEBOOK or ".tfevents." in name:
        return "log"
    return None


def crowded_folders(paths: Sequence[str]) -> frozenset[str]:
    """The folders that hold a data set, told by the crowd of pictures in them."""
    untimed = Counter(os.path.dirname(path) for path in paths if kind_of(path) == "image" and not _timed(path))
    return frozenset(folder for folder, count in untimed.items() if count > MOST_UNTIMED)


def is_input(path: str, around: str) -> bool:
    """Whether a folder between `around` (a model's) and the file is called like one for data or documentation, in
    which only a picture of some epoch or step (`assets/gan_epoch_10.png`) was made by a model."""
    folders = [frozenset(words(part)) for part in PurePath(os.path.relpath(os.path.dirname(path), around)).parts]
    if any(_is_for(folder, INPUT_WORDS) for folder in folders):
        return True
    return any(_is_for(folder, READING_WORDS) for folder in folders) and not _told_time(os.path.basename(path))


def _is_for(folder: frozenset[str], purpose: frozenset[str]) -> bool:
    return bool(folder & purpose) and folder <= INPUT_WORDS | READING_WORDS | PICTURE_WORDS


def _timed(path: str) -> bool:
    return _told_time("/".join(PurePath(path).parts[-2:]))


def _told_time(relative: str) -> bool:
    name = read_name(relative)
    return name.epoch is not None or name.step is not None
