"""YAML, JSON, TOML, INI, HOCON and gin files as values with the line of every entry. Tags are never acted on; those of
HyperPyYAML are told as Hydra would."""

from __future__ import annotations

import re
import tomllib
from math import inf
from pathlib import Path

import yaml

from core.analysis import gin, hocon
from core.analysis.facts import Place
from core.analysis.program import UNKNOWN, DictValue, ListValue, Resolved
from core.analysis.source import Source

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FLOAT = re.compile(r"^[-+]?(\d[\d_]*)(\.\d*)?([eE][-+]?\d+)?$|^[-+]?\.\d+([eE][-+]?\d+)?$")
DEEPEST = 60
DEEPEST_TEXT = 500
"""Levels of nesting up to which a file is composed at all."""
INI_SUFFIXES = (".ini", ".cfg", ".conf", ".txt")
"""What files end with that hold lines of `name = value`."""
LARGEST = 300_000
"""Characters; a larger file is data, not a configuration."""


def read_config(source: Source) -> Resolved | None:
    """The value of a config file, of its first document; None, with a warning in the source, where it has none."""
    return next(iter(read_documents(source)), None)


def read_documents(source: Source) -> list[Resolved]:
    """The values of all documents of a config file: of YAML, one after each line of dashes."""
    suffix = Path(source.path).suffix.lower()
    if len(source.text) > LARGEST:
        return []
    if suffix == ".gin":
        return [gin.as_entries(gin.read(source), source.path)]
    try:
        if suffix in INI_SUFFIXES:
            return [hocon.read(source, _word)] if hocon.is_hocon(source.text) else [_ini(source)]
        return [_toml(source)] if suffix == ".toml" else _yaml(source, suffix == ".json")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        source.warnings.append(f"{source.path}:{line}: cannot be parsed: {error.problem or 'not YAML'}")
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        line = int(found[1]) if (found := re.search(r"line (\d+)", str(error))) else 1
        source.warnings.append(f"{source.path}:{line}: cannot be parsed: {str(error).splitlines()[0]}")
    return []


def _ini(source: Source) -> Resolved:
    """The sections of an INI file, each entry a text or a number; what stands in DEFAULT is of every section. Entries
    without any section are all there is."""
    sections: dict[object, Resolved] = {}
    loose = entries = DictValue()
    depth = inf
    for number, line in enumerate(source.text.split("\n"), 1):
        place = Place(source.path, number, number)
        if head := re.match(r"\[([^\]]+)\]\s*$", line):
            entries = DictValue()
            sections[head[1]] = Resolved(entries, place, "ini config", name=head[1])
            depth = inf
        elif (entry := re.match(r"([ \t]*)([\w.-]+)[ \t]*[=:]", line)) and len(entry[1]) <= depth:
            depth = len(entry[1])  # what stands deeper goes on with the entry above
            text = re.split(r"\s[#;]", line[entry.end() :], maxsplit=1)[0].strip()
            value = _number(text) if _FLOAT.match(text) else text
            entries.entries[entry[2]] = Resolved(value, place, "ini config", name=entry[2])
    if not sections:
        return Resolved(_with_truths(loose), Place(source.path, 1, 1), "config")
    common = sections["DEFAULT"].value if "DEFAULT" in sections else None
    for section in sections.values() if isinstance(common, DictValue) else ():
        assert isinstance(section.value, DictValue) and isinstance(common, DictValue)
        section.value.entries = {**common.entries, **section.value.entries}
    return Resolved(DictValue(sections), Place(source.path, 1, 1), "ini config")


_WORDS: dict[str, object] = {"true": True, "false": False, "none": None, "null": None}


def _word(text: str) -> object:
    """A word of a file in which numbers and truths are written as they are."""
    return _number(text) if _FLOAT.match(text) else _WORDS.get(text.lower(), text)


def _with_truths(entries: DictValue) -> DictValue:
    """Entries of which no code says what they are: those that say so are true or false."""
    truths = {"true": True, "false": False}
    made = {
        key: value.but(value=truths.get(str(value.value).lower(), value.value), how="config")
        for key, value in entries.entries.items()
    }
    return DictValue(made)


def _yaml(source: Source, is_json: bool) -> list[Resolved]:
    if "nodes" not in source.kept:
        text = _COMMENT.sub(_blanked, source.text.replace("\t", " ")) if is_json else source.text
        _check_nesting(text)
        source.kept["nodes"] = _composed(text)
    how = "json config" if is_json else "yaml config"
    return [_from_node(root, source.path, how, {}, 0, "") for root in source.kept["nodes"]]


def _composed(text: str) -> list[yaml.Node]:
    loader = _Loader(text)
    found = []
    try:
        while loader.check_node():
            found.append(loader.get_node())
        return found
    finally:
        loader.dispose()


_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
"""A comment in JSON, as its readers of many projects take it out; texts are matched to be left alone."""


def _blanked(found: re.Match[str]) -> str:
    """A text as it stands; of a comment the ends of its lines."""
    return found[0] if found[0].startswith('"') else "\n" * found[0].count("\n")


def _check_nesting(text: str) -> None:
    """Raise ValueError for what is nested so deeply that composing it in C would overflow the stack and end the
    process. Most texts cannot be: a level takes a bracket, a question mark, or half a column (a list may stand right
    below its key)."""
    brackets = sum(map(text.count, "[{?"))
    if 2 * (brackets + max(map(len, text.split("\n")))) < DEEPEST_TEXT:
        return
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST_TEXT:
            raise ValueError("nested too deeply")


def _from_node(node: yaml.Node, path: str, how: str, made: dict[int, Resolved], depth: int, name: str) -> Resolved:
    """The value of a node. Shared nodes (anchors) are made once, so that aliases of aliases stay small."""
    if id(node) in made:
        return made[id(node)]
    start, end = node.start_mark.line + 1, node.end_mark.line + 1
    result = Resolved(UNKNOWN, Place(path, start, max(start, end)), how, name=name)
    made[id(node)] = result
    if depth > DEEPEST:
        return result
    if isinstance(node, yaml.MappingNode):
        result.value = entries = DictValue()
        for key_node, value_node in node.value:
            key = _text(key_node)
            value = _from_node(value_node, path, how, made, depth + 1, key)
            if key == "<<" and isinstance(value.value, DictValue):
                entries.entries = {**value.value.entries, **entries.entries}
            else:
                entries.entries[key] = value
    elif isinstance(node, yaml.SequenceNode):
        result.value = ListValue([_from_node(item, path, how, made, depth + 1, name) for item in node.value])
    else:
        result.value = _scalar(node)
    if (tag := str(node.tag))[:1] == "!":
        result.value = _tagged(tag, node, result)
    return result


_MADE = re.compile(r"!(new|name|apply):(.+)")
_REFERENCE = re.compile(r"<(\w+(?:\[\w+\])*)>")


def _tagged(tag: str, node: yaml.Node, value: Resolved) -> object:
    """What a tag of HyperPyYAML says, in Hydra's words: `_target_` of `!new:lib.Net`, also `_partial_` of
    `!name:lib.Net`, with `_args_` where a list is given; `${a.b}` of `!ref <a[b]>`."""
    if tag == "!ref":
        found = _REFERENCE.fullmatch(_text(node))
        return f"${{{found[1].replace('[', '.').replace(']', '')}}}" if found else UNKNOWN
    if (made := _MADE.fullmatch(tag)) is None:
        return value.value
    entries: dict[object, Resolved] = {"_target_": value.but(value=made[2])}
    if made[1] == "name":
        entries["_partial_"] = value.but(value=True)
    if isinstance(value.value, DictValue):
        entries |= value.value.entries
    elif isinstance(value.value, ListValue):
        entries["_args_"] = value.but()
    return DictValue(entries)


def _text(node: yaml.Node) -> str:
    """What a plain node says; nothing of a list or a mapping, which aliases make longer than it looks."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    if getattr(node, "style", None):
        return text
    kind = str(node.tag).rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    if kind == "int" or kind == "float" or _FLOAT.match(text):
        return _number(text)
    return text


def _number(text: str) -> object:
    plain = text.replace("_", "")
    try:
        return int(plain, 0) if not re.match(r"^[-+]?0\d", plain) else int(plain)
    except ValueError:
        pass
    try:
        return float(plain.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return text


def _toml(source: Source) -> Resolved:
    lines = _toml_lines(source.text)
    return _from_plain(tomllib.loads(source.text), (), source.path, lines, "toml config")


def _toml_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each key, by its path of sections."""
    found: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if head := re.match(r"^\s*\[+\s*([^\]]+?)\s*\]+", line):
            section = tuple(part.strip(" \"'") for part in head[1].split("."))
            found.setdefault(section, number)
        elif entry := re.match(r"^\s*([\w.\"'-]+)\s*=", line):
            found.setdefault((*section, *(part.strip("\"'") for part in entry[1].split("."))), number)
    return found


def _from_plain(
    value: object, keys: tuple[str, ...], path: str, lines: dict[tuple[str, ...], int], how: str
) -> Resolved:
    line = next((lines[keys[:cut]] for cut in range(len(keys), 0, -1) if keys[:cut] in lines), 1)
    made: object = value
    if isinstance(value, dict):
        made = DictValue({key: _from_plain(item, (*keys, str(key)), path, lines, how) for key, item in value.items()})
    elif isinstance(value, list):
        made = ListValue([_from_plain(item, keys, path, lines, how) for item in value])
    elif not isinstance(value, (int, float, str)):
        made = str(value)
    return Resolved(made, Place(path, line, line), how, name=keys[-1] if keys else "")
