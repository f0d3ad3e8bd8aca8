"""The data sets that loaders load: by the names of libraries' classes and functions, and of the user's own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from core import vocabulary
from core.analysis.facts import Fact, Place
from core.analysis.nodes import unparse
from core.analysis.program import Call, Class, Function, Program
from core.analysis.rules.judging import for_evaluation
from core.analysis.rules.kinds import plain
from core.analysis.rules.paths import (
    LONGEST_PATH,
    is_dataset,
    known_set,
    of_path,
    of_text,
    said,
)

MARKERS = frozenset({"datasets", "dataset", "data", "dset", "demos", "molnet", "URLs", "test_utils"})
"""Parts of a library's dotted name under which its data sets stand."""


def loaded(loading: list[Call], program: Program) -> Iterator[Fact]:
    """What these calls load; what a library's call in a function loads goes before what the function is named for:
    `def load_mnist(): return fashion_mnist.load_data()`."""
    found = [(call, [*_of_loader(call, program)]) for call in loading]
    inside = {id(call.within.node) for call, facts in found if facts and call.within and call.target is None}
    for call, facts in found:
        if not (isinstance(call.target, Function) and id(call.target.node) in inside):
            yield from facts


def may_load(dotted: str) -> bool:
    """Whether a library's call of this name can load a data set by itself."""
    if dotted.rpartition(".")[2].startswith("register_"):
        return False  # `register_coco_instances`: of which one is chosen
    known = plain(dotted) in vocabulary.load().table("datasets", "loaders") or dotted_set(dotted) is not None
    return known or dotted.endswith((".COCO", *_HANDED_DATA))


_HANDED_DATA = ("untar_data", ".load_dataset", ".datasets._load")
"""How the names of library calls end that are handed the data set that they load: `load_dataset(MNIST)`."""


_COCO_FILE = re.compile(r"coco|instances|captions|person_keypoints|train20|val20", re.IGNORECASE)
"""What the paths of COCO's own annotations hold; others are written in its format."""


def _of_loader(call: Call, program: Program) -> Iterator[Fact]:
    """The data sets that a call loads, of a class or function of the user's or of a library."""
    if isinstance(call.target, Class):
        yield from _of_own_class(call, call.target)
    elif isinstance(call.target, Function) and (own := _of_own_module(call.target)):
        told = [fact for given in call.positional[:1] for fact in of_text(given, True)]  # get_imdb("voc_2007_train")
        told = [fact for fact in told if fact.value != own]  # other data than the function's
        yield from told or [_stated(own, call, "function named for a data set, or of a module that is")]
    elif call.target is not None or call.dotted.endswith("__call__") or ".__dict__." in call.dotted:
        return
    elif call.dotted == "pycocotools.coco.COCO":
        yield from _of_coco(call, program)
    else:
        yield from _of_library(call)


def _of_own_class(call: Call, cls: Class) -> Iterator[Fact]:
    """By a library's data set that a class derives from, or by its own name."""
    for base in cls.external_bases():
        name = dotted_set(base)
        if name:
            yield _stated(name, call, "class of a data set")
    named = is_dataset(cls) or _is_spelt(cls)
    if named and (own := known_class(cls.name)):
        other = None if _given_by_name(call, own) else next(of_path(call), None)
        yield other or _stated(own, call, "class named for a data set")  # Shapes3dDataset("data/ShapeNet")


def _given_by_name(call: Call, name: str) -> bool:
    """Whether a part of a path that a call is given is the name of a data set: `vqa_dataset("data/VQA/coco")`."""
    texts = (value.text or "" for value in (*call.positional, *call.keywords.values()))
    return any(known_set(part) == name for text in texts if len(text) <= LONGEST_PATH for part in text.split("/"))


def _of_coco(call: Call, program: Program) -> Iterator[Fact]:
    """Of annotations in COCO's format that are read to train: COCO, where no path says that they are of other data."""
    judges = [other.within for other in program.named("COCOeval") if other.within is not None]
    read = call.positional or call.keywords  # one that is filled by hand is for judging
    if not read or for_evaluation(call) or call.within in judges:
        return
    file = call.positional[0].text if call.positional else None
    if other := next(of_path(call), None):
        yield other
    elif not file or _COCO_FILE.search(file):
        yield _stated("COCO", call, "call")


def _of_library(call: Call) -> Iterator[Fact]:
    """By the name of a library's loader, or by what it is given."""
    handed = call.positional[0].dotted if call.dotted.endswith(_HANDED_DATA) and call.positional else None
    if handed and (name := dotted_set(handed)):
        yield _stated(name, call, "call argument")
        return
    loaders = vocabulary.load().table("datasets", "loaders")
    if call.receiver is not None and plain(call.receiver.dotted or "") in loaders:
        return  # `TUDataset(path, "MUTAG").shuffle()`
    argument = loaders.get(plain(call.dotted))
    if argument:
        yield from _named(call, argument)
    else:
        name = dotted_set(call.dotted)
        if call.name == "read_data_sets" and any("fashion" in (one.text or "").lower() for one in call.positional[:1]):
            name = "Fashion-MNIST"  # what reads MNIST reads it too, of another folder
        if name:
            yield _stated(name, call, "call")


def _of_own_module(function: Function) -> str | None:
    """The data set that the user's module is named for, of which a function loads it: `lib.cifar10.load(64)`; or the
    function itself: `load_mnist(path)`."""
    if function.owner is not None:
        return None
    told = re.match(r"_?(?:load|get|read|prepare|fetch)(?:_|(?=[A-Z]))(?:data_|[Kk]aggle_?)?(\w+)$", function.name)
    if told and (name := known_class(told[1])):
        return name
    loads = re.match(r"(load|get|read|make|prepare)(_?(data|data_?set|dataloader|loader|train)s?)?$", function.name)
    return known_class(function.module.name.rpartition(".")[2]) if loads else None


def _is_spelt(cls: Class) -> bool:
    """Whether a class that derives from nothing of a library's is spelt as only a data set is (`Market1501`), or is
    what a module of data sets is called after: `VeRi` of `data/datasets/veri.py`."""
    return set(cls.external_bases()) <= {"object"} and _is_name_of_data(cls.name, cls.module.name)


@cache
def _is_name_of_data(name: str, home: str) -> bool:
    *package, module = home.split(".")
    own = name[0].isupper() and vocabulary.fold(module) == vocabulary.fold(name)
    own = own and bool({"datasets", "dataset", "data"} & set(package))
    return own or re.search(r"^[A-Z][A-Za-z]+\d{2,}$|^(?=.{5,})[A-Z][a-z]+[A-Z]+$", name) is not None


@cache
def known_class(name: str) -> str | None:
    """The data set that a class of the user's is named for: `CelebADataset`, `SpeakerDatasetTIMITCut`."""
    if within := re.search(r"Data[Ss]et_?([A-Z]{3,}\d*)(?=[A-Z][a-z]|_|$)", name):
        return known_set(within[1])
    stripped = re.sub(r"_?(Data|[Dd]ata[Ss]et|DataModule|Data_?[Ll]oader|DataGenerator|Sequence|Train)$", "", name)
    everyday = vocabulary.load().table("datasets", "generic")["everyday"]
    found = known_set(stripped) if len(stripped) > 2 else None
    return None if found in everyday and len(stripped) < 8 else found


_AROUND = re.compile(
    r"^(load|fetch|get)_|(DataModule|Dataset|_dataset|Train(ing)?|Validation|Test|_SAMPLE|_TINY|_FULL|_\d{3})$"
)
"""What the names of loaders add to those of the data."""


_OF_CLASSES = re.compile(
    r"(torchvision|torch_geometric|torchaudio|torchtext)\.datasets\.(?!\w*utils\.)(\w+\.)*[A-Z]\w+$"
)
"""Classes of libraries each of which is one data set, whether the vocabulary knows it or not."""


_ANY_DATA = re.compile(
    r"Folder|Fake|Random|Memory|BlockModel|Generator|^(Vision|Explainer|Hetero|On_?Disk)?$|^Infection"
)
"""Names of such classes that hold whatever they are given, or make it up."""


_READING = re.compile(r"^(get|load|make|extract|train(ing)?)(_(train(ing)?_)?(data|data_?set|images|labels|samples))?$")
"""What functions of a package that is one data set are called."""


_PACKAGES = ("medmnist.", "torchnlp.", "gluonnlp.", "tensorflow_federated.", "mxnet.io.")
"""Packages whose parts are named for data sets, under no name that says so."""


@cache
def dotted_set(dotted: str) -> str | None:
    """The data set that a library's dotted name means: `torchvision.datasets.CIFAR10`,
    `keras.datasets.mnist.load_data`."""
    parts = plain(dotted).split(".")
    if parts[0] == "?" or len(parts) < 2:
        return None
    at = next((index for index, part in enumerate(parts) if part in MARKERS), None)
    if at is None and plain(dotted).startswith(_PACKAGES):
        at = 0
    if _READING.match(parts[-1]) and (name := known_class(parts[0])):
        return name  # a package that is one data set: mnist1d.data.get_dataset, emnist.extract_training_samples
    if "tutorials" in parts and "mnist" in parts:
        return "MNIST"
    if at is None or (parts[0] in ("torch", "tensorflow") and "keras" not in parts and at == 1):
        return None
    for part in (*reversed(parts[at + 1 :]), ".".join(parts[at:])):
        stripped = _AROUND.sub("", part)
        for text in (part, stripped):
            name = known_set(text)
            if name:
                return name
    stripped = _AROUND.sub("", parts[-1])
    return stripped if _OF_CLASSES.match(dotted) and not _ANY_DATA.search(stripped) else None


def _named(call: Call, argument: str) -> Iterator[Fact]:
    """The name that a loader is given; `load_dataset("glue", "sst2")` means the subset."""
    name, _, position = argument.partition(" ")
    given = call.argument(name, int(position or 0))
    for one in given.all() if given is not None else ():
        if not one.text or one.text.endswith((".py", ".csv", ".json")):
            continue
        subset = call.argument("name", 1) if name == "path" else None
        joined = known_set(f"{call.name}{one.text}")  # ModelNet(root, "10")
        if joined:
            yield Fact("datasets", joined, call.place, "call")
            continue
        if "://" in one.text:  # download_from_url("https://example.org/multi30k/train.gz")
            yield from of_text(one, True)
            continue
        texts = [f"{one.text}/{subset.text}", subset.text] if subset is not None and subset.text else []
        known = next((found for text in texts if text and (found := _subset(text, one.text))), None) or _by_id(one.text)
        if known:
            yield Fact(
                "datasets",
                known,
                subset.place if texts and subset and known == _subset(texts[0], one.text) else one.place,
                said(known, " ".join([one.text, *texts]), one.how),
            )


def _subset(text: str, whole: str) -> str | None:
    """A subset's own name, where the vocabulary keeps it under the data set that was named."""
    words = vocabulary.load()
    name = words.canonical("datasets", text)
    parent = words.canonical("datasets", whole.rpartition("/")[2])
    return name if name and (parent in words.parents("datasets", name) or "/" in text) else None


def _by_id(text: str) -> str | None:
    """`owner/name`, `name/config:version` and `name`; a name that nobody knows stays as it is."""
    generic = {vocabulary.fold(name) for name in vocabulary.load().table("datasets", "generic")["names"]}
    text = text.split(":")[0].strip("/")
    parts = text.split("/")
    for piece in (text, parts[-1], parts[0]):
        name = known_set(piece)
        if name:
            return name
    if vocabulary.fold(parts[-1]) in generic or not re.fullmatch(r"[\w.\-]*[A-Za-z]{2}[\w.\-]*(/[\w.\-]+)?", text):
        return None
    return re.sub(r"[-_](train|valid|validation|test)$", "", parts[-1])


def _stated(name: str, call: Call, how: str) -> Fact:
    """The fact at the call, or at the import where only that names the data set."""
    place = call.place
    lines = "\n".join(call.module.source.lines[call.node.lineno - 1 : call.node.end_lineno])
    words = [word.casefold() for word in re.findall(r"[A-Za-z]{4,}", name)] or [vocabulary.fold(name)]
    if not any(word in vocabulary.fold(lines) for word in [*words, vocabulary.fold(name)]):
        if (imported := _import_place(name, call)) is not None:
            return Fact("datasets", name, imported, how)
        chosen = (node for node in call.module.of(ast.Attribute) if node.attr == call.name)
        place = next((call.module.place(node) for node in chosen), place)
        how = f"computed: {call.name} is {name}"
    return Fact("datasets", name, place, how)


def _import_place(name: str, call: Call) -> Place | None:
    for node in call.module.of(ast.Import, ast.ImportFrom):
        if vocabulary.fold(name) in vocabulary.fold(unparse(node)):
            return call.module.place(node)
    return None
