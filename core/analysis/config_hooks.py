"""Which configurations a file reads, as far as its own calls tell: what fills that part of an outline."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cached_property, lru_cache

from core.analysis.config_options import CHOSEN, DOCUMENTED, gives_no_file, says_config, takes_config
from core.analysis.config_paths import SUFFIXES, chosen_by_name, end_of_path, hydra_file
from core.analysis.evidence import is_cli
from core.analysis.nodes import below, keyword, name_of, walk
from core.analysis.outline import Outline

_OF_A_MODEL = re.compile(r"-{0,2}model[-_](config|cfg)(uration)?([-_](file|path))?$")
"""How options are called that take the configuration of a model, which may be the whole one."""
_COMMAND_LINES = {"default_argument_parser": ("detectron2", ""), "train_pipeline": ("basicsr", ".yml")}
"""What makes the command line of a library that takes a configuration, with its suffix where it has but one."""
_RUNNING_A_FILE = frozenset({"ConfigObject", "load_source", "run_path", "SourceFileLoader"})
"""Calls that run a file of Python, chosen by its path, for the names that it gives values."""


_LOADING = frozenset({"safe_load", "load", "loads", "full_load", "load_all", "safe_load_all", "full_load_all"})
"""What the functions of YAML's, JSON's and TOML's libraries are called that read a file, or all its documents."""


_KINDS = {"yaml": ".yaml", "json": ".json", "json5": ".json", "commentjson": ".json", "toml": ".toml",
    "tomllib": ".toml", "tomli": ".toml", "tomlkit": ".toml", "rtoml": ".toml", "OmegaConf": ".yaml"}  # fmt: skip
"""What the files end with that a library's functions of those names read."""


_OPENING = _LOADING | {"open", "fromfile", "parse_file", "exec", "import_module"}
"""Calls that may be given the path of a configuration, those of files of Python among them."""


_TYPED = frozenset({"pyrallis", "draccus"})
"""Libraries whose command lines take a file (`--config_path`) of the fields of a class."""


_READERS: dict[str, tuple[tuple[str, ...], str]] = {
    **dict.fromkeys(("ConfigParser", "RawConfigParser", "SafeConfigParser"), ((".cfg", ".ini", ".conf"), "")),
    "load_hyperpyyaml": ((".yaml",), "objects"),
    "augment_argparse": ((".yaml",), "required"),  # fastargs: with --config-file
    "merge_from_file": ((".yaml",), ""),  # yacs
}
"""Calls that read configurations of one kind: what their files end with, and how a script takes one, where told."""


WRITING = frozenset({"dump", "save", "write", "write_text", "join", "to_json", "to_yaml", "exists", "isfile", "remove",
                      "print", "endswith"})  # fmt: skip
"""Calls that are given the path of a file that they do not read."""


_READING = re.compile(
    r"(config|cfg|ya?ml|args|hparams|settings|opts?)_?from_?(file|yaml)|(load|read|parse)_?(config|cfg|yaml|hparams?)|(^|_)from_(json|ya?ml)(_file)?$",
    re.IGNORECASE,
)
"""How functions are named that read a configuration from a file."""


@lru_cache(maxsize=50_000)
def _reads(name: str) -> bool:
    """Whether a function is named for reading a configuration from a file."""
    return _READING.search(name) is not None


@lru_cache(maxsize=50_000)
def _may_take(name: str) -> bool:
    """Whether a call of this name may ask for an option, start a command, run a file or fill what is declared."""
    return name in _TAKING or name.startswith(("DEFINE_", "parse_config_file")) or name.endswith("CLI")


_TAKING = _RUNNING_A_FILE | {
    "add_argument", "add_option", "option", "main", "hydra_runner", "hydra_main", "initialize", "initialize_config_dir",
    "compose", "wrap", "parse", "docopt", "parse_args_and_config", "parse_yaml_file", "parse_json_file", "from_cli",
}  # fmt: skip


_DEFAULT = re.compile(r"default_?(conf|cfg)|(conf|config|cfg)_?default", re.IGNORECASE)
"""How the configuration is called that is taken where none is chosen."""


def _merges(call: ast.Call) -> bool:
    return last(call.func) == "merge_from_file"


_TOLD = ("nargs", "action", "help")


class ConfigHooks:
    """Notes the configurations that calls read, and the options that take them."""

    tree: ast.Module

    def __init__(self, made: Outline) -> None:
        self.made = made
        self.libraries: set[str] = set()
        self.dicts: dict[str, ast.Dict] = {}
        """Dicts that its module level gives a name: arguments of what stands below."""
        self.hydra_folders: list[str] = []
        self.composed: list[str] = []
        self.unclear: list[tuple[str, str, str]] = []
        """(name, path, function) of options of which nothing about them says that they take a configuration."""
        self.lesser: list[tuple[str, str]] = []
        """(path, function) of options that are called after the configuration of a model."""
        self.typed_in = False
        """Whether OmegaConf takes the whole command line."""
        self.loaded: list[tuple[str, str]] = []
        """(attribute, function) of what OmegaConf loads a file from: `config` of `load(cli.config)`."""
        self.joined: list[ast.expr] = []
        """What puts texts together."""
        self.handed: set[str] = set()
        """Attributes given to what is named for reading a configuration: `args_from_file(args, args.c)`."""

    def read_by(self, node: ast.Call, name: str, holder: str, where: str) -> None:
        """Note what a call of `name` on `holder`, in the function `where`, reads or takes."""
        made = self.made
        if name in ("join", "format", "Path"):
            self.joined.append(node)
        if name == "join" and (file := _in_an_option(node)):
            made.configs.append(("folder", file, where))
        if node.args and _reads(name) and "gin" not in self.libraries:
            self.handed.update(given.attr for given in node.args if isinstance(given, ast.Attribute))
        if _may_take(name) and (self._takes(node, name, holder, where) or self._reads_typed(node, name, holder, where)):
            return
        if name in _READERS:
            suffixes, how = _READERS[name]
            made.suffixes.extend(suffixes)
            made.configs.extend([(how, "", where)] if how else [])
        elif holder == "ConfigFactory":  # pyhocon
            made.suffixes.append(".conf")
            self._config_named(node, name, where)
        elif name in _COMMAND_LINES and _COMMAND_LINES[name][0] in self.libraries:
            made.suffixes.append(_COMMAND_LINES[name][1])
            made.configs.append(("required", "", where))
        elif name in _OPENING:
            self._config_load(node, name, holder, where)
        elif node.args and name not in WRITING:
            self._config_named(node, name, where)

    def _takes(self, node: ast.Call, name: str, holder: str, where: str) -> bool:
        """Whether a call asks for an option, starts a command of Hydra's or runs another file; what it takes is
        noted."""
        made = self.made
        if name in ("add_argument", "add_option", "option") or name.startswith("DEFINE_"):
            made.settings += name in ("add_argument", "add_option")
            made.preset.extend([text] if (text := _keyword(node, "default")) else [])
            self._config_option(node, name, where)
        elif name == "docopt":
            self._documented(where)
        elif name == "from_cli" and holder == "OmegaConf":
            self.typed_in = True
        elif name in ("main", "hydra_runner", "hydra_main") and (
            file := hydra_file(node, self.dicts, made.path, holder)
        ):
            made.configs.append(("hydra", file, where))
        elif "hydra" in self.libraries and name in ("initialize", "initialize_config_dir", "compose"):
            self._composed(node, name)
        elif name in _RUNNING_A_FILE:
            made.suffixes.append(".py")
            made.configs.append(("required", "", where))
        else:
            return False
        return True

    def _reads_typed(self, node: ast.Call, name: str, holder: str, where: str) -> bool:
        """Whether a call fills what is declared in code (classes of settings, parameters of functions) from a file;
        how is noted."""
        made = self.made
        if name in ("wrap", "parse") and self.libraries & _TYPED and holder in (*_TYPED, ""):
            made.suffixes.append(".yaml")
            made.configs.append(("typed", "", where))
        elif name in ("parse_args_and_config", "parse_yaml_file", "parse_json_file"):  # of heirs of HfArgumentParser
            made.configs.append(("arguments", "" if name == "parse_args_and_config" else "optional", where))
        elif is_cli(name, self.libraries):
            given = bool(node.args) or keyword(node, "model_class") is not None
            made.configs.append(("sections" if given else "all sections", "", where))
        elif name.startswith("parse_config_file") and "gin" in self.libraries:
            made.suffixes.append(".gin")
            made.configs.append(("gin", end_of_path(node.args[0]) if node.args else "", where))
        else:
            return False
        return True

    def resolve(self) -> None:
        """Options are of configurations that are handed to what reads one; `--model-config` is where no other is, and
        so is what OmegaConf loads of its command line: `config=a.yaml`."""
        made = self.made
        if not any(how in ("option", "offered", "required") for how, _, _ in made.configs):
            made.configs += [("option" if path else "required", path, where) for path, where in self.lesser]
            taken = [where for name, where in self.loaded if self.typed_in and takes_config([name], False)]
            made.configs += [("required", "", where) for where in taken[:1]]
        told = [(name, path, where) for name, path, where in self.unclear if name.replace("-", "_") in self.handed]
        made.handed = [name for name, _, _ in told]
        made.configs += [("option" if path else "required", path, where) for _, path, where in told]
        put_together = ((node.lineno, node.col_offset, chosen_by_name(node)) for node in self.joined)
        paths = (path for _, _, path in sorted(each for each in put_together if each[2]))
        made.configs += [("made", path, "") for path in dict.fromkeys(paths)]

    def _composed(self, node: ast.Call, name: str) -> None:
        """`initialize(config_path="conf")`, then `compose(config_name="config")`."""
        given = {keyword.arg: end_of_path(keyword.value) for keyword in node.keywords}
        first = end_of_path(node.args[0]) if node.args else ""
        if name != "compose":
            self.hydra_folders.append(given.get("config_path") or given.get("config_dir") or first or ".")
        elif file := given.get("config_name") or first:
            self.composed.append(file)

    def _documented(self, where: str) -> None:
        """Note the options that take a configuration by default, of those that a text tells docopt."""
        texts = (node.value for node in below(self.tree, ast.Constant) if isinstance(node.value, str))
        for told in (found for text in texts if "[default:" in text for found in DOCUMENTED.finditer(text)):
            path = told[2].strip()
            if path.endswith(CHOSEN) and takes_config([told[1]], True):
                self.made.configs.append(("option", path, where))

    def _config_option(self, node: ast.Call, name: str, where: str) -> None:
        """Note an option that takes a configuration, as needed, by default or only offered."""
        names = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        default = keyword(node, "default")
        if default is None and name.startswith("DEFINE_") and len(node.args) > 1:
            default = node.args[1]
        elif default is None and len(node.args) > 2 and names[-1:] and not names[-1].startswith("-"):
            default = node.args[2]  # of a helper: `add_arg("config", str, "configs/base.yaml")`
        path = self._text(default)
        says = says_config(_keyword(node, "help")) or _names_a_config(_keyword(node, "metavar"))
        if name == "DEFINE_config_file":
            self.made.suffixes.append(".py")
            path = path.partition(":")[0]  # "agents.py:sac"
        elif keyword(node, "is_config_file") is not None:  # of configargparse
            self.made.configs.append(("flags", path, where))
            return
        elif _is_rest(keyword(node, "nargs")) or gives_no_file(
            names[:3], last(keyword(node, "type") or ast.Pass()), *(_keyword(node, told) for told in _TOLD)
        ):
            return
        elif any(_OF_A_MODEL.match(each) for each in names[:3]):
            self.lesser.append((path, where))
            return
        elif not takes_config(names[:3], says or path.endswith(CHOSEN)):
            counts = is_number(default) or last(keyword(node, "type") or node.func) in ("int", "float")
            self.unclear += [(each.lstrip("-"), path, where) for each in names[:3] if not counts]
            return
        path = path or self._stated_elsewhere()
        offered = not path and any(each.lstrip("-").replace("-", "_") in self._laid_over for each in names[:3])
        self.made.configs.append(("option" if path else "offered" if offered else "required", path, where))

    @cached_property
    def _laid_over(self) -> frozenset[str]:
        """What is asked for before a file is laid over settings that the code has: `config_file` of
        `if args.config_file: cfg.merge_from_file(args.config_file)`."""
        asking = (block for block in below(self.tree, ast.If) if any(map(_merges, below(block, ast.Call))))
        return frozenset(node.attr for block in asking for node in walk(block.test) if isinstance(node, ast.Attribute))

    def _stated_elsewhere(self) -> str:
        """The path that the file calls the default configuration: `DEFAULT_CONFIG = "configs/base.yaml"`."""
        named = (value for name, values in self._named.items() if _DEFAULT.search(name) for value in values)
        paths = (value.value for value in named if isinstance(value, ast.Constant) and isinstance(value.value, str))
        return next((path for path in paths if path.endswith((*CHOSEN, ".conf"))), "")

    @cached_property
    def _named(self) -> dict[str, list[ast.expr]]:
        """By name: the defaults that parameters of functions have, and behind them what the module level assigns."""
        found: dict[str, list[ast.expr]] = defaultdict(list)
        functions: list[ast.FunctionDef] = below(self.tree, ast.FunctionDef)
        for node in functions:
            given = [*node.args.posonlyargs, *node.args.args]
            for each, value in zip(given[len(given) - len(node.args.defaults) :], node.args.defaults, strict=True):
                found[each.arg].append(value)
        for line in self.tree.body:
            if isinstance(line, ast.Assign):
                found[last(line.targets[0])].append(line.value)
        return found

    def _text(self, node: ast.expr | None) -> str:
        """The text that a default is: written out, the first of a list, or under a name that the file gives one."""
        if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
            node = node.elts[0]
        if isinstance(node, ast.Name):
            node = next(iter(self._named.get(node.id, ())), None)
        return end_of_path(node) if node is not None else ""

    def _kept_path(self, name: str) -> str:
        """The path that code gives the name of what it opens: `path = "config.json"`, `open(path)`."""
        lines = (line for line in below(self.tree, ast.Assign) if last(line.targets[0]) == name)
        paths = (end_of_path(line.value) for line in lines if type(line.value) in _TELLING_A_PATH)
        return next((path for path in paths if path.endswith(SUFFIXES)), "")

    def _config_load(self, node: ast.Call, name: str, holder: str, where: str) -> None:
        """Note what a call reads configurations from: the suffix of their files, or what is executed."""
        made = self.made
        suffix = _KINDS.get(holder)
        if name in _LOADING and holder == "LazyConfig":
            made.suffixes.append(".py")
        elif name in _LOADING and suffix:
            made.suffixes.append(suffix)
            if holder == "OmegaConf" and node.args and isinstance(node.args[0], ast.Attribute):
                self.loaded.append((node.args[0].attr, where))
        elif name == "fromfile" or (name == "exec" and "open" in ast.dump(node)[:400]):
            made.suffixes.append(".py")
            if name == "exec":
                first = node.args[0] if node.args else node
                paths = [n.value for n in walk(first) if isinstance(n, ast.Constant) and str(n.value).endswith(".py")]
                made.configs.append(("exec", str(paths[0]) if paths else "", where))
        self._config_named(node, name, where)

    def _config_named(self, node: ast.Call, name: str, where: str) -> None:
        """`create_model("models/v1.yaml")`: a configuration that is always read; `load_hparams(path)` of a parameter
        whose default is one, `section([CONFIG_FILE], "train")`."""
        first = node.args[0] if node.args else None
        if type(first) is ast.List and first.elts:
            first = first.elts[0]
        kind = type(first)
        if kind is ast.Name:
            named = (first.id.isupper() and len(first.id) > 3) or _reads(name)  # type: ignore[union-attr]
            path = self._text(first) if named else self._kept_path(first.id) if name == "open" else ""  # type: ignore[union-attr]
        else:
            path = end_of_path(first) if kind in _TELLING_A_PATH else ""  # type: ignore[arg-type]
        if "." not in path or _writes(node):
            return
        lines = path.endswith(".txt") and name == "read"  # of a configparser's
        if lines or path.endswith(SUFFIXES):
            self.made.configs.append(("fixed", path, where))


_TELLING_A_PATH = frozenset({ast.Constant, ast.BinOp, ast.Call})
"""What an argument may be, but a name, that tells the end of a path."""


def _writes(node: ast.Call) -> bool:
    """`open(folder + "/config.json", "w")`: what a run writes, it is not told."""
    modes = [*node.args[1:2], *(each.value for each in node.keywords if each.arg == "mode")]
    told = (mode.value for mode in modes if isinstance(mode, ast.Constant))
    return last(node.func) == "open" and any(isinstance(mode, str) and mode[:1] in ("w", "a", "x") for mode in told)


def _in_an_option(node: ast.Call) -> str:
    """`params.json` of `os.path.join(args.model_dir, "params.json")`."""
    options, name = [*node.args[:1], None][0], end_of_path(node)
    named = isinstance(options, ast.Attribute) and isinstance(options.value, ast.Name) and len(node.args) == 2
    return name if named and name.endswith((".yaml", ".yml", ".json")) else ""


def last(node: ast.AST) -> str:
    while type(node) is ast.Call:
        node = node.func
    return name_of(node)


def _keyword(node: ast.Call, name: str) -> str:
    found = keyword(node, name)
    return str(found.value) if isinstance(found, ast.Constant) and found.value is not None else ""


def _is_rest(nargs: ast.expr | None) -> bool:
    """Whether an option takes what is left of the command line."""
    return nargs is not None and last(nargs) == "REMAINDER"


def _names_a_config(metavar: str) -> bool:
    return metavar.endswith((".yaml", ".yml")) or "config" in metavar.lower()


def is_number(node: ast.AST | None) -> bool:
    """Whether a number stands there."""
    return type(node) is ast.Constant and type(node.value) in (int, float)


def overrides(given: ast.Dict) -> int:
    """How many keys of a literal dict are given another literal."""
    pairs = zip(given.keys, given.values, strict=True)
    return sum(type(k) is ast.Constant and type(v) is ast.Constant and k.value != v.value for k, v in pairs)
