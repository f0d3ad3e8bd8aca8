"""Filters pasted from other tools, said in our grammar: MLflow's filter strings and Aim's expressions.

    metrics.accuracy > 0.9 and params.lr = '0.001'        metrics.accuracy>0.9 learning_rate:0.001
    run.hparams.lr < 0.01 and run.hparams["opt"] != "sgd"  learning_rate<0.01 optimizer!=sgd

Only a line that is nothing else is taken for one; any other line stays as it is.
"""

from __future__ import annotations

import re

from core.fields import SETTINGS
from core.search.numbers import read_number
from core.search.query import quoted
from core.vocabulary import load

_METRICS = ("metric", "metrics")
_SETTINGS = ("param", "params", "parameter", "parameters", "hparams")
_OWN = {"run_name": "id", "name": "id", "experiment": "path", "user_id": "author", "source_name": "path"}
"""Attributes of a run that a model has, too."""

_STRING = r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\""
_ONE = rf"(?:{_STRING}|[\w.+-]+)"
_LIST = rf"\s*{_ONE}(?:\s*,\s*{_ONE})*\s*,?\s*"
"""A comma must part two values: were it optional, a list without an end could be read in exponentially many ways."""
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<name>(?:metrics?|param(?:eter)?s?|tags?|attributes?|run)(?:\.(?:\w[\w/-]*|`[^`]+`|"[^"]+")|\[(?:{_STRING})\])+)
        \s*(?P<op>==|!=|<=|>=|=|<|>|(?:NOT\s+)?I?LIKE\b|(?:NOT\s+)?IN\b)
        \s*(?P<value>{_ONE}|\({_LIST}\)|\[{_LIST}\])
    |(?P<joint>and\b|or\b|not\b|&&|\|\||&|\||\(|\)))""",
    re.IGNORECASE | re.VERBOSE,
)
_PART = re.compile(r"`([^`]+)`|\"([^\"]+)\"|'([^']+)'|(\w[\w/-]*)")
_JOINTS = {"and": "", "&&": "", "&": "", "or": "OR", "||": "OR", "|": "OR", "not": "NOT", "(": "(", ")": ")"}
LONGEST = 2000
"""Characters of a line that is looked at; nobody pastes a longer filter."""


def unpasted(line: str) -> str:
    """A pasted filter in our grammar; any other line as it is."""
    parts: list[str] = []
    text, place, named = line[:LONGEST].strip(), 0, False
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            return line
        named = named or bool(match["name"])
        parts.append(_comparison(match) if match["name"] else _JOINTS[match["joint"].casefold()])
        place = match.end()
    return " ".join(part for part in parts if part) if named and len(line) <= LONGEST else line


def _comparison(match: re.Match[str]) -> str:
    """One comparison as a qualifier."""
    name, op = _field(match["name"]), " ".join(match["op"].upper().split())
    negated = "-" if op.startswith("NOT ") else ""
    values = [_plain(value) for value in re.findall(_ONE, match["value"])]
    if op.endswith("LIKE"):
        return f"{negated}{name}:{_pattern(values[0])}"
    written = ",".join(_value(value) for value in values)
    sign = ":" if op.endswith(("=", "IN")) and op in ("=", "==", "IN", "NOT IN") else op
    return f"{negated}{name}{sign}{written}"


def _field(path: str) -> str:
    """The field that a path of another tool means; a parameter that no field is, is a setting."""
    kind, *names = ["".join(groups) for groups in _PART.findall(path)]
    if kind.casefold() == "run" and len(names) > 1:
        kind, *names = names
    name = names[-1]
    if kind.casefold() in _METRICS:
        return f"metrics.{name}"
    if kind.casefold() in ("tag", "tags"):
        return "tag"
    spec = load().field(name)
    if spec or kind.casefold() not in _SETTINGS:
        return spec.name if spec else _OWN.get(name.casefold(), name)
    return SETTINGS + name


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] in "'\"" else value


def _value(text: str) -> str:
    return text if read_number(text) is not None else quoted(text)


def _pattern(text: str) -> str:
    """`%` and `_` of LIKE; blanks and marks, which match nothing here, as any letter."""
    return re.sub(r"[^\w*?./-]", "?", text.replace("%", "*").replace("_", "?")) or "*"
