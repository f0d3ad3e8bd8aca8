"""The data sets that paths, addresses and folders name: of what is read, of settings, of commands in notebooks."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from core import vocabulary
from core.analysis.facts import Fact, Place
from core.analysis.program import Call, Class, Function, Program, Resolved, Template
from core.analysis.rules.judging import is_evaluation
from core.analysis.rules.values import parameters, words_of

READERS = frozenset(vocabulary.load().table("libraries", "calls")["reading"])
"""Calls that read what a path or address names."""


@lru_cache(maxsize=50_000)
def known_set(text: str) -> str | None:
    generic = vocabulary.load().table("datasets", "generic")["names"]
    return None if text in generic or len(text) < 2 else vocabulary.load().canonical("datasets", text)


def of_folders(program: Program) -> Iterator[Fact]:
    """What a library makes batches of, by the folder that it is given, or a table that is read, by its name."""
    for call in program.named(*_FROM_FOLDERS, "read_csv", "open"):
        if call.target is None and not is_evaluation(call.bound):
            for fact in of_path(call):
                text = next((value.text for value in call.positional[:1]), None) or ""
                if call.name in _FROM_FOLDERS or text.endswith(".csv"):
                    yield fact


def of_shell(program: Program) -> Iterator[Fact]:
    """`!wget https://example.org/aclImdb_v1.tar.gz` in a notebook, or in the text of a script that says how it is
    run."""
    source = program.entry.source
    fetching = False
    for number, line in enumerate(source.lines, 1) if _FETCHES.search(source.text) else ():
        fetching = _FETCHING.match(line) is not None or (fetching and source.lines[number - 2].endswith("\\"))
        if fetching:
            for word in line.split():
                name = in_path(word, not word.startswith("-"))
                if name:
                    yield Fact("datasets", name, source.place(number), said(name, line, "downloaded in a cell"))


def of_configuration(program: Program) -> Iterator[Fact]:
    """What the name of the run's configuration says that it is trained on: `ade20k-hrnet.yaml`; not by the name of a
    network that it builds."""
    candidate = program.candidate
    files = [path for path in (candidate.path, *candidate.aliases) if not path.endswith((".py", ".ipynb"))]
    stem = os.path.splitext(os.path.basename(files[0]))[0] if len(files) == 1 else ""
    words = re.split(r"[-_.]", stem)
    built = {each.cls.name.casefold() for each in program.instances} if stem else set()
    words = [word for word in words if word.casefold() not in built]
    spoken = {known_set(word) for word in (*words, *map("_".join, pairwise(words))) if len(word) > 3}
    known = spoken - {None, *vocabulary.load().table("datasets", "generic")["everyday"]}
    known = known if _OF_OTHERS.isdisjoint(words) else set()
    for name in known if len(known) == 1 else ():
        yield Fact("datasets", str(name), Place(files[0], 1, 1), f"computed: {stem} is {name}")


_OF_OTHERS = frozenset({"pretrained", "init", "weights", "checkpoint", "ckpt", "from", "to", "no", "without", "vs"})
"""Words beside which a name may say what a run begins with, or does without: `flowers_from_imagenet`."""
_FETCHES = re.compile(r"wget|curl|gdown|kaggle|aria2c|axel")
_FETCHING = re.compile(r"\s*!?\s*(wget|curl|gdown|kaggle|aria2c|axel)\b")
_FROM_FOLDERS = ("image_dataset_from_directory", "text_dataset_from_directory", "audio_dataset_from_directory",
    "flow_from_directory", "ImageFolder")  # fmt: skip


_FOLDERS = frozenset({
    "walk", "listdir", "scandir", "ImageFolder", "flow_from_directory", "image_dataset_from_directory",
    "text_dataset_from_directory", "audio_dataset_from_directory",
})  # fmt: skip
"""Readers of whole folders, whose bare name may say all: `os.walk("train2014")`."""


def of_path(call: Call) -> Iterator[Fact]:
    """Texts given to what reads files: library readers, the user's Dataset classes, and the user's functions that load
    data by a name: `load_data("cora")`."""
    named = isinstance(call.target, Function) and _LOADING.match(call.name) is not None
    own = call.target if isinstance(call.target, Class) and is_dataset(call.target) else None
    if named or call.name in READERS or own is not None:
        most = max(3, len(parameters(own))) if own is not None else 3  # no long list of files
        for value in [*call.positional[:most], *call.keywords.values()]:
            yield from of_text(value, named or call.name in _FOLDERS)


_LOADING = re.compile(r"(load|get|read|prepare|build|make)_?(graph_?)?(data|data_?sets?|data_?loaders?)$")
"""What functions are called that are told by a bare name which data to load."""


def is_dataset(cls: Class) -> bool:
    return cls.name.endswith(("Dataset", "DataLoader")) or cls.heir_of("Dataset", "DataModule", "Sequence", "Folder")


_ELSE = re.compile(r"(^|_)(model|checkpoint|ckpt|weight|pretrained|log|output|save|result)s?(_|$)")
"""What the names of paths speak of that hold no data."""


def of_text(value: Resolved, option: bool) -> Iterator[Fact]:
    for one in value.all():
        if one.how == "chosen configuration" or is_evaluation(one.name) or _ELSE.search(words_of(one.name)):
            continue
        text = one.text or (one.value.text if isinstance(one.value, Template) else None)
        if not text or len(text) > 300 or "\n" in text:
            continue
        name = in_path(text, option)
        if name:
            yield Fact("datasets", name, one.place, said(name, text, one.how or "path"))


def said(name: str, text: str, how: str) -> str:
    """How a text names a data set: where no word of its name stands there, what stands there is told."""
    words = [word.lower() for word in re.findall(r"[A-Za-z]{4,}", name)]
    stands = vocabulary.fold(name) in vocabulary.fold(text) or any(word in text.lower() for word in words)
    return how if stands else f"computed: {text} is {name}"


_LABELS = re.compile(
    r"/(models?|weights|checkpoints?|pretrained)/|/inception[-_.]|label_?map|synset|class_?index|class_?names|labels\.(txt|json|pbtxt)$|\.(pth|ckpt|safetensors)$",
    re.IGNORECASE,
)
"""Files that name the classes which a pretrained network knows, or hold its weights, and no data."""


@lru_cache(maxsize=50_000)
def in_path(text: str, option: bool) -> str | None:
    """The data set that a part of a path names exactly; the last such part."""
    everyday = vocabulary.load().table("datasets", "generic")["everyday"]
    looks = "/" in text or "\\" in text or re.search(r"\.\w{2,5}$", text)
    if (not looks and not option) or len(text) > LONGEST_PATH or _LABELS.search(text):
        return None
    for address, name in vocabulary.load().table("datasets", "addresses").items():
        if address in text:
            return str(name)
    for part in reversed(re.split(r"[/\\?=&]+", _PICTURE.sub("", text))):
        stem = re.sub(
            r"(\.(csv|json|jsonl|txt|tar|gz|tgz|zip|pkl|pickle|npz|npy|h5|hdf5|mat|data|tsv|parquet|content|cites|pt|bin|7z|dat|bz2|xz))+$",
            "",
            part,
        )
        for piece in (
            part,
            stem,
            _ENDING.sub("", stem),
            _ENDING.sub("", _ENDING.sub("", stem)),
            stem.partition(".")[0] if stem.find(".") > 4 else "",  # ml-1m.train.rating
            _SIZE.sub("", _ENDING.sub("", stem)),
            _LISTED.sub("", stem),
        ):
            name = known_set(piece) if len(piece) > 2 else None
            if name and not (name in everyday and _is_everyday(piece, name)):
                return name
    return None


def _is_everyday(piece: str, name: str) -> bool:
    """Whether what names a data set is the everyday word itself, or is short: not `rt-polarity` for Movie Review."""
    spelt = vocabulary.fold(piece)
    return len(spelt) < 9 or spelt.startswith(vocabulary.fold(name))


_LISTED = re.compile(r"[-_](train|audio)[-_]\w*$", re.IGNORECASE)
"""What a list of files says behind the name of the data: `libritts_train_clean_100_audiopath_text.txt`."""
LONGEST_PATH = 1_000
"""Letters; a longer text is no path."""
_PICTURE = re.compile(r"[^/\\?=&]*\.(jpe?g|png|bmp|gif|tiff?)$", re.IGNORECASE)
"""The name of one picture, which is no data set: `images/monet.jpg`."""
_SIZE = re.compile(r"(?<=[A-Za-z]{4})(64|128|256|512|1024)$")
"""How large the pictures are, right behind the name of a folder: `imagenet256`."""
_ENDING = re.compile(
    r"[-_. ](train(ing|val)?|test|hr|lr|data|dataset|images|imgs|pngs?|jpe?gs?|videos?|val|valid|small|tiny|sample|"
    r"master|full|full_size|raw|frames|lmdb|features|tfrecords?|(pre)?processed|cropped|aligned|resized|corpus|v\d(\.\d)*|\d(\.\d)+|(16|32|64|128|256|512|1024)(x\d+)?)$"
    r"|^(kaggle|resized|cropped|aligned|(pre)?processed|raw)[-_]",
    re.IGNORECASE,
)
"""What a folder's name adds to the name of the data in it."""
