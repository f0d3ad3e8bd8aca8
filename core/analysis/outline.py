"""What one file is, in short: enough to tell models from helpers without the other files at hand.

An outline is JSON, so that the catalogue can keep it with the file's hash and discovery costs nothing for
files that did not change.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from itertools import dropwhile

from core.analysis import gin
from core.analysis.configs import read_documents
from core.analysis.facts import Kind
from core.analysis.program import DictValue, ListValue, Resolved, each_in, items_in
from core.analysis.readmes import LONGEST, is_readme, named
from core.analysis.source import Source

VERSION = 91
"""Changes with the meaning of outlines; older ones are made anew."""
SUFFIXES = (".yaml", ".yml", ".json", ".toml", ".gin", ".conf")
MOST_NAMES = 400
MAIN = "__main__"
"""Stands for the body of `if __name__ == "__main__"`, which runs in the entry only."""


@dataclass(slots=True)
class Outline:
    """`uses` and `trains` are by function: "" is the module level, `Class.method` a method."""

    path: str
    kind: str
    size: int = 0
    version: int = VERSION
    imports: list[tuple[str, int, list[tuple[str, str]]]] = field(default_factory=list)
    """(module, level, [(name, local name)]); no names for `import module`, whose local name stands first."""
    packages: list[str] = field(default_factory=list)
    """Packages of which it imports modules by names that it makes: `import_module(f"models.{name}")`; `*` where it does
    not say of which."""
    launches: list[str] = field(default_factory=list)
    """Those of which it writes such a name into a text: `import_module("runs.{}.{}".format(kind, name))`."""
    put: list[str] = field(default_factory=list)
    """Folders, seen from its own, that it puts on `sys.path`."""
    uses: dict[str, list[str]] = field(default_factory=dict)
    """Names that each function speaks of: `train`, `lib.train`, `.fit`."""
    trains: dict[str, list[str]] = field(default_factory=dict)
    """Signs of a training loop by function."""
    asks: list[str] = field(default_factory=list)
    """The functions that ask a trainer to train, which may be of a library that nobody knows: `trainer.fit()`."""
    looping: bool = False
    """Whether it has a loop of any kind."""
    epochs: bool = False
    """Whether a loop of its own counts epochs."""
    repeats: bool = False
    """Whether a sign of training stands in a loop of its own."""
    builds: int = 0
    """Calls that build networks, optimizers, loaders: a thin launcher has none."""
    registered: list[str] = field(default_factory=list)
    """Classes and functions of its module level that a registry keeps by a name."""
    bases: list[str] = field(default_factory=list)
    """What the classes of its module level derive from: `nn.Module`; of a configuration, the files that it names."""
    settings: int = 0
    """Literal options and upper-case constants at hand."""
    overrides: int = 0
    """Entries of literal dicts that calls are given, `configure(conf, {"epochs": 3})`, and numbers that it puts on what
    it imports, `config.epochs = 3`."""
    multiplies: list[str] = field(default_factory=list)
    """The functions that multiply matrices."""
    descends: list[str] = field(default_factory=list)
    """The functions that take steps down a gradient by hand, whatever they take them with."""
    updates: list[str] = field(default_factory=list)
    """The functions with signs that weights are changed: optimizers, their steps, subtractions of a gradient."""
    loops: bool = False
    """Whether a loop runs the operations that train, of a graph that may be built elsewhere: `sess.run(train_op)`."""
    guard: bool = False
    """Whether it has `if __name__ == "__main__"`."""
    runs: bool = False
    """Whether its module level does something when it is run."""
    assigns: list[str] = field(default_factory=list)
    """Names that its module level gives values."""
    fields: list[str] = field(default_factory=list)
    """Names that the classes of its module level annotate: the keys of the files that a typed command line takes."""
    only_assigns: bool = False
    """Whether it is nothing but assignments, imports and `get_config`: a configuration."""
    configs: list[tuple[str, str, str]] = field(default_factory=list)
    """(how, path, function) of configurations it reads: how is "option", "required", "offered" (to be laid over what
    the code has), "fixed", "typed", "hydra", "objects" of HyperPyYAML, "folder" (its name in a folder that an option
    takes), "made" (put together, with stars for what is not told), "exec", "gin", "sections" of Lightning's command
    line, "all sections" where they tell the model too, "arguments" of Hugging Face's trainers, "flags" of a command
    line."""
    handed: list[str] = field(default_factory=list)
    """Options that take a configuration since they are handed to what reads one: `c` of `args_from_file(args.c)`."""
    suffixes: list[str] = field(default_factory=list)
    """Suffixes of the kinds of configuration it reads."""
    keys: list[str] = field(default_factory=list)
    """Keys of a config file, `section.key`."""
    package: str = ""
    """Hydra's `# @package` of a config file."""
    defaults: bool = False
    """Whether a config file has a Hydra defaults list."""
    groups: list[str] = field(default_factory=list)
    """The groups of which that list takes one file each."""
    targets: list[str] = field(default_factory=list)
    """The classes and functions that a config file names with their modules, `_target_`s first of all."""
    roles: list[str] = field(default_factory=list)
    """The keys under which those stand, one for each."""
    told: list[str] = field(default_factory=list)
    """Scripts that the text at the head of a configuration names: `train.py`, `lib.train`, `full_finetune`."""
    testing: bool = False
    """Whether it imports a test framework."""
    chosen: list[tuple[str, str]] = field(default_factory=list)
    """(text, name): what is called where something equals a text (`if kind == "a": A()`, `{"a": A}`, `[A, B]`)."""
    preset: list[str] = field(default_factory=list)
    """Texts that are the defaults of options."""
    commands: list[tuple[str, str]] = field(default_factory=list)
    """Of a README, a notebook or the docstring of a script: the scripts, and the configurations that they are given, in
    the commands that it tells."""
    named: list[str] = field(default_factory=list)
    """The files and folders that a README names, as it writes them."""
    classes: list[str] = field(default_factory=list)
    """Classes that texts name with their modules: `"training.networks.Generator"`."""

    def to_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: dict[str, object]) -> Outline | None:
        """The outline; None where it is of another version."""
        if data.get("version") != VERSION:
            return None
        made = cls(**{name: data[name] for name in cls.__slots__ if name in data})  # type: ignore[arg-type]
        made.imports = [(m, level, [(a, b) for a, b in pairs]) for m, level, pairs in made.imports]
        made.configs = [(how, path, where) for how, path, where in made.configs]
        made.chosen = [(text, name) for text, name in made.chosen]
        made.commands = [(script, config) for script, config in made.commands]
        return made

    def model_kind(self) -> Kind:
        return "notebook" if self.kind == "notebook" else "config" if self.kind == "config" else "script"


def outline(source: Source) -> Outline:
    """The outline of a file, made once. Never raises for what it holds."""
    if "outline" not in source.kept:
        source.kept["outline"] = _outlined(source)
    made: Outline = source.kept["outline"]
    return made


def _outlined(source: Source) -> Outline:
    made = Outline(source.path, source.kind, source.size)
    if source.kind == "config":
        made.told = scripts_told(source.text)
        _outline_config(source, made)
    elif source.tree is not None:
        from core.analysis.outlining import Walk

        try:
            Walk(made).module(source.tree)
        except RecursionError:
            source.warnings.append(f"{source.path}:1: nested too deeply to be outlined to its end")
        made.only_assigns = made.only_assigns and source.kind == "python"
        made.classes = list(dict.fromkeys(_CLASS.findall(source.text)))[:MOST_TOLD]
        made.told = scripts_told(source.text) if made.only_assigns else []
        cells = "\n".join(cell.text for cell in source.cells)
        made.commands = commands_told(cells or ast.get_docstring(source.tree) or "")
    else:
        made.commands = commands_told(source.text)
        made.named = named(source.text[:LONGEST]) if is_readme(source.path) else []
    return made


_CLASS = re.compile(r"""['"]((?:[a-z_]\w*\.)+[A-Z]\w*)['"]""")
_HEAD = re.compile(r'(?:\s*#[^\n]*\n|\s*[rR]?"""(?:.{0,3000}?)"""|\s*\n)*', re.DOTALL)
_RUN = re.compile(r"(?<![\w./-])(?:[\w/-]+\.py|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|(?<= run )\w+)(?![\w/])")
MOST_TOLD = 12


def scripts_told(text: str) -> list[str]:
    """The scripts that the comments and the docstring at the head of a text speak of, by their dotted names:
    `python -m lib.train`, `python lib/train.py`, `tune run finetune`."""
    head = _HEAD.match(text[:6000])
    named = _RUN.findall(head[0]) if head else []
    found = (name.removesuffix(".py").replace("/", ".").strip(".") for name in named)
    return list(dict.fromkeys(found))[:MOST_TOLD]


_COMMAND = re.compile(r"\b(?:python3?|torchrun|accelerate|deepspeed)\s[^\n]*")
_GOES_ON = re.compile(r"^([^#\n]*[\w\"'])[ \t]*\n(?=[ \t]+--\w)|\\[ \t]*\n", re.MULTILINE)
"""Where a command goes on in the next line: behind a backslash, or with an option that stands deeper; not below a
comment."""
_MODULE = re.compile(r"\s-m\s+(?!torch\.|accelerate\b)([A-Za-z_][\w.]*)")
_FILE = re.compile(r"(?<![\w./+-])[\w./+-]+\.(?:py|ya?ml|json|toml|gin)(?![\w.])")


def commands_told(text: str) -> list[tuple[str, str]]:
    """Which scripts a text gives which configurations: `python train.py --config configs/small.yaml`, `python -m
    lib.train --config small.yaml`; what stands before the script is its launcher's."""
    commands = _COMMAND.findall(_GOES_ON.sub(lambda end: f"{end[1] or ''} ", text))
    lines = (_FILE.findall(_MODULE.sub(lambda told: f" {told[1].replace('.', '/')}.py", line)) for line in commands)
    runs = (list(dropwhile(lambda name: not name.endswith(".py"), names)) for names in lines)
    found = ((script, other) for script, *others in filter(None, runs) for other in others)
    return list(dict.fromkeys(found))[:MOST_NAMES]


def _outline_config(source: Source, made: Outline) -> None:
    before = len(source.warnings)
    documents = read_documents(source)
    del source.warnings[before:]
    found = re.search(r"^#\s*@package\s+(\S+)", source.text[:400], re.MULTILINE)
    made.package = found[1] if found else ""
    if source.path.endswith(".gin"):
        bindings = gin.read(source)
        made.imports = [(module, 0, [("", module)]) for module in bindings.imports]
        made.bases = bindings.includes
    for value in documents:
        _keys(value, "", made, 0)


def _groups(listed: Resolved) -> list[str]:
    """The groups of which a defaults list takes a file: `model` of `- model: vit`, not of `- model: null`."""
    items = items_in(listed)
    pairs = [pair for each in items if isinstance(each.value, DictValue) for pair in each.value.entries.items()]
    return [str(group).split()[-1].strip("/") for group, chosen in pairs if chosen.text]


_OF_A_MODULE = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)*\.[A-Z]\w*")
"""A class by the module that it stands in: `model.graphs.Net`."""


_NAMING = frozenset({"_target_", "_component_", "target", "class", "class_path"})
"""Keys under which a function may stand too."""
_IN_A_PACKAGE = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)+")
"""A module or function that may be taken by its name: `models.resnet`."""
_FILES = (*SUFFIXES, ".txt", ".csv", ".pt", ".pth", ".pkl", ".npy", ".npz", ".py", ".h5", ".com", ".org")
"""What ends the names of files and addresses, which are none."""
_MODULE_KEYS = ("module", "module_name", "module_path")
"""Keys under which a module stands beside what is in it."""


def _target(key: str, entry: Resolved) -> str | None:
    """The class or function that an entry names with its module, `model.graphs.Net`, or as the two of a list or of a
    mapping: `{"module": "lib.net", "main": "Net"}`; or a module alone."""
    pair = entry.value.items if isinstance(entry.value, ListValue) else _beside_module(entry.value)
    parts = [each.text or "" for each in pair]
    text = ".".join(parts) if len(parts) == 2 and parts[1].isidentifier() else entry.text or ""
    named = (key in _NAMING and "." in text) or _OF_A_MODULE.fullmatch(text)
    alone = key not in _MODULE_KEYS and not isinstance(entry.value, ListValue)
    inner = alone and _IN_A_PACKAGE.fullmatch(text) and not text.endswith(_FILES)
    return text if named or inner else None


def _beside_module(held: object) -> list[Resolved]:
    """Of a mapping, the module that it tells, and the texts beside it."""
    entries = held.entries if isinstance(held, DictValue) else {}
    module = next((key for key in _MODULE_KEYS if key in entries), None)
    return [entries[module], *(each for key, each in entries.items() if key != module and each.text)] if module else []


def _keys(value: Resolved, prefix: str, made: Outline, depth: int) -> None:
    """The keys of a mapping, and of those in it, or alone in a list in it: `train:` over `- lr: 0.01`."""
    held = value.value
    alone = isinstance(held, ListValue) and len(held.items) == 1 and prefix not in ("", "defaults.")
    mapping = held.items[0].value if isinstance(held, ListValue) and alone else held
    if not isinstance(mapping, DictValue) or depth > 4:
        return
    for key, entry in mapping.entries.items():
        if len(made.keys) >= MOST_NAMES:
            return
        made.keys.append(f"{prefix}{key}")
        if not prefix and key == "defaults":
            made.defaults = True
            made.groups = _groups(entry)
        if not prefix:
            texts = each_in(entry)[:20]
            made.bases += [each.text for each in texts if each.text and each.text.endswith(SUFFIXES)]
        if target := _target(str(key), entry):
            made.targets.append(target)
            made.roles.append(str(key))
        _keys(entry, f"{prefix}{key}.", made, depth + 1)
