"""Which configurations the calls of a script name, as far as its own text tells."""

from __future__ import annotations

import ast
import os.path
import re
from collections.abc import Mapping
from functools import partial
from itertools import takewhile

from core.analysis.nodes import name_of, walk

_WRAPPING = ("Path", "PurePath", "str", "abspath", "realpath", "fspath", "resolve")
"""Calls that give the path that they are given."""
_GIVING_A_PATH = frozenset({"join", "joinpath", "open", *_WRAPPING})


def end_of_path(node: ast.expr) -> str:
    """`c.yaml` of itself, of `HERE / "c.yaml"`, `os.path.join(HERE, "c.yaml")` and `(HERE / "c.yaml").read_text()`,
    `a/c.yaml` of `HERE / "a" / "c.yaml"`; empty where no end is told."""
    for _ in range(5):
        if type(node) not in _MADE:
            break
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
            above = node.left.right if isinstance(node.left, ast.BinOp) and isinstance(node.op, ast.Div) else None
            end = end_of_path(node.right)
            start = end_of_path(above) if isinstance(above, ast.Constant) else ""
            return f"{start}/{end}" if start and end else end
        if isinstance(node, ast.Call) and node.args and (name := name_of(node.func)) in _GIVING_A_PATH:
            node = node.args[-1] if name != "open" else node.args[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value
        else:
            break
    return node.value.lstrip("/") if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


_MADE = frozenset({ast.BinOp, ast.Call})


def hydra_file(node: ast.Call, dicts: Mapping[str, ast.Dict], path: str, holder: str) -> str:
    """`folder|name` of a Hydra decorator's configuration, its arguments also from a dict (`**PARAMS`); before Hydra 1.0
    one path held both. `folder|` where the name must be told, `|` where the folder too (`@hydra.main()`);
    that of the script for `Path(__file__).stem`."""
    given = dict(zip(("config_path", "config_name"), map(end_of_path, node.args), strict=False))
    for keyword in node.keywords:
        if isinstance(keyword.value, ast.Attribute) and keyword.value.attr == "stem":
            given[keyword.arg or ""] = os.path.splitext(os.path.basename(path))[0]
        elif keyword.arg is not None:
            given[keyword.arg] = end_of_path(keyword.value)
        elif isinstance(keyword.value, ast.Name) and (spread := dicts.get(keyword.value.id)):
            pairs = zip(spread.keys, spread.values, strict=True)
            given |= {str(key.value): end_of_path(value) for key, value in pairs if isinstance(key, ast.Constant)}
    folder, name = given.get("config_path", ""), given.get("config_name", "")
    if not name and folder.endswith((".yaml", ".yml")):
        folder, _, name = folder.rpartition("/")
    return f"{folder or '.'}|{name}" if name or folder else "|" if holder == "hydra" else ""


def made_path(node: ast.AST, depth: int = 20) -> str:
    """What is told of a path that code puts together, stars for what is not: `configs/*.yaml` of
    `f"configs/{name}.yaml"`, of `join("configs", name + ".yaml")` and of `"configs/{}.yaml".format(name)`. What is put
    together of more than `depth` parts is no path."""
    told = partial(made_path, depth=depth - 1)
    if not depth:
        return "*"
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else "*"
    if isinstance(node, ast.JoinedStr):
        return "".join(map(told, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
        return f"{told(node.left)}{'/' * isinstance(node.op, ast.Div)}{told(node.right)}"
    if isinstance(node, ast.Call) and name_of(node.func) in ("join", "Path"):
        return "/".join(map(told, node.args))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return re.sub(r"\{[^{}]*\}", "*", told(node.func.value))
    return "*"


def chosen_by_name(node: ast.AST) -> str:
    """That path, where it leads to one of several configurations: `configs/*.yaml`; else nothing."""
    last = node
    while isinstance(last, ast.BinOp):
        last = last.right
    if isinstance(last, (ast.Name, ast.Attribute)) or not isinstance(getattr(last, "value", ""), str):
        return ""  # sums of numbers are many
    if isinstance(last, ast.JoinedStr) and not (last.values and isinstance(last.values[-1], ast.Constant)):
        return ""  # the end is left open
    whole = re.sub(r"\*+", "*", made_path(node)).removeprefix("*/")
    path = whole.removeprefix("./")
    chosen = 0 < path.count("*") <= MOST_CHOSEN and path.endswith(SUFFIXES)
    return path if chosen and not whole.startswith(("*", "/", "..")) else ""


MOST_CHOSEN = 3
"""Parts of a path that may be left to options; matching more takes long, and tells nothing."""
SUFFIXES = (".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".conf")


def package_of(node: ast.expr) -> str:
    """`models` of `f"models.{name}"`, of `"models." + name` and of `".".join(["models", name])`, `.` of a name that
    `__name__` begins; empty where no package is told."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        node = node.left
    if isinstance(node, ast.Call) and name_of(node.func) == "join" and node.args:  # ".".join([__name__, name])
        node = node.args[0]
    first = node
    if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
        first = node.elts[0]
        parts = takewhile(lambda text: isinstance(text, str), (getattr(each, "value", None) for each in node.elts))
        if told := ".".join(map(str, parts)):
            return told
    elif isinstance(node, ast.JoinedStr) and node.values:
        first = node.values[0]
    first = first.value if isinstance(first, ast.FormattedValue) else first
    if isinstance(first, ast.Name) and first.id in ("__name__", "__package__"):
        return "."
    text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    package = text.rpartition(".")[0] or ("." if text == "." else "")
    return package if first is not node or text.endswith(".") else ""


def package_written(node: ast.expr) -> str:
    """`runs` of `"runs.{}".format(name)`; empty for anything else."""
    made = node.func if isinstance(node, ast.Call) else None
    text = made.value if isinstance(made, ast.Attribute) and made.attr == "format" else None
    told = text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""
    return told.partition("{")[0].rpartition(".")[0]


_MAKING = re.compile(r"create|instantiate|build|locate|import|factory|get_(class|obj)|from_(str|name|string|path)")
"""How functions are named that make something of a name with dots."""


def package_asked(given: ast.expr, name: str) -> str:
    """The package of which a call of this name makes something by the made name that it is given: `models` of
    `create("models." + name)`."""
    return package_of(given) if _MAKING.search(name) else ""


def folder_of(node: ast.expr) -> str:
    """`../lib` of itself, of `join(dirname(__file__), "..", "lib")` and of `Path(__file__).parent.parent / "lib"`: a
    folder seen from that of the file; empty where a part of it is not told."""
    inside = list(walk(node))
    names = [name_of(inner) for inner in inside]
    if not _OF_PATHS.issuperset(filter(None, names)):
        return ""
    texts = [inner for inner in inside if isinstance(inner, ast.Constant) and isinstance(inner.value, str)]
    told = [str(each.value) for each in sorted(texts, key=lambda each: (each.lineno, each.col_offset))]
    above = names.count("dirname") + names.count("parent") - names.count("__file__")
    return "/".join([".."] * above + [text if text.startswith("/") and not above else text.strip("/") for text in told])


_OF_PATHS = frozenset({"os", "osp", "path", "pathlib", "parent", "dirname", "__file__", *_GIVING_A_PATH})


def fields_of(node: ast.ClassDef) -> list[str]:
    """The names that a class annotates."""
    return [
        line.target.id for line in node.body if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    ]
