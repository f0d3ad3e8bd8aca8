"""Options of a command line that take configurations, by their names and what their help says."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CONFIG_OPTION = re.compile(
    r"^-{0,2}(\w+[-_.])?(config|cfg|conf|configuration|hparams|params|opt|options?)([-_.]?(file|path|yaml|yml|json|fn|filename|name|module))?$"
    r"|^-{0,2}(hp|hparam|hyper[-_]?param(eter)?s|settings)[-_](file|path)$"
)
_NOT_CONFIG = re.compile(
    r"deepspeed|ds[-_]|^-*data(set)?s?$|model[-_]config|tokenizer|fsdp|dataset[-_]config|bert|data[-_](config|cfg)|accelerate|eval"
)


CHOSEN = (".yaml", ".yml", ".toml", ".gin")
"""How the names of files end that are configurations, whatever the option that takes them is called."""
_SAYS_CONFIG = re.compile(
    r"(config\w*|settings?|ya?ml|hyper-?param\w*|experiment)( description)?[- ]*files?\b"
    r"|file (to use )?(of|with|containing|for) (the )?(\w+ )?(config|settings|hyper)"
    r"|path (to|of) (the |a )?(\w+ )?config"
    r"|\b(input|config\w*|settings?|param\w*|experiment|training|run)\b.{0,40}[\s('\"]\.(ya?ml|toml|gin)\b",
    re.IGNORECASE,
)


DOCUMENTED = re.compile(r"(?<!-)(--\w[\w-]*)(?:(?!\n[ \t]*-)[^\]]|\](?!\n\n)){0,1000}?\[default:\s*([^\]\n]+)\]")
"""An option and its default, which may stand some lines below, before the next option."""


_SETTINGS = re.compile(r"^-{0,2}(\w+[-_.])?(opts|options|params|hparams)$")


_NO_PATH = frozenset({"dict", "int", "float", "bool", "loads", "literal_eval"})
"""What an option's text is made into that is not the path of a file."""
_OF_FILES = re.compile(r"\bfiles\b", re.IGNORECASE)


def gives_no_file(names: Sequence[str], kind: str, nargs: object, action: object, says: object) -> bool:
    """Whether an option is a switch (`--find-unused-params`) or takes single settings (`--options lr=0.1 epochs=3`),
    not several files as its help says, or of a kind that no path is of (`--optimizer_params`, a dict)."""
    if kind in _NO_PATH:
        return True
    several = nargs in ("+", "*") and any(_SETTINGS.match(name.lower()) for name in names)
    return str(action).startswith("store_") or (several and not _OF_FILES.search(str(says)))


def says_config(text: str) -> bool:
    """Whether an option's help says that it takes a configuration: "name of config file to load", "Input file (.ckpt or
    .yaml)"."""
    return bool(_SAYS_CONFIG.search(text))


def takes_config(names: Sequence[str], told: bool) -> bool:
    """Whether an option takes a configuration: by its names (`--config`, `--cfg-file`; `-c` is not enough), or since
    something else about it tells so."""
    if any(_NOT_CONFIG.search(name.lower()) for name in names):
        return False
    return told or any(_CONFIG_OPTION.match(name.lower()) for name in names)
