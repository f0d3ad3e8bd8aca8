"""Filters pasted from other tools, said in our grammar: MLflow's filter strings and Aim's expressions.

    metrics.accuracy > 0.9 and params.lr = '0.001'        metrics.accuracy>0.9 learning_rate:0.001
    run.hparams.lr < 0.01 and run.hparams["opt"] != "sgd"  learning_rate<0.01 optimizer!=sgd
    metric.name == "loss" and metric.last < 0.1            has:metrics.loss metrics.loss<0.1

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
_OWN = {
    **dict.fromkeys(("run_name", "name", "mlflow.runname"), "id"),
    **dict.fromkeys(("experiment", "source_name", "mlflow.source.name"), "path"),
    **dict.fromkeys(("user_id", "mlflow.user"), "author"),
    **dict.fromkeys(("created_at", "start_time"), "created"),
    **dict.fromkeys(("finalized_at", "end_time"), "modified"),
}
"""Attributes of a run that a model has, too."""

_STRING = r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\""
_DAY = r"datetime(?:\.datetime)?\(\s*\d{4}(?:\s*,\s*\d+)*\s*\)"
_ONE = rf"(?:{_STRING}|{_DAY}|[\w.+-]+)"
_LIST = rf"\s*{_ONE}(?:\s*,\s*{_ONE})*\s*,?\s*"
"""A comma must part two values: were it optional, a list without an end could be read in exponentially many ways."""
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<name>(?:metrics?|param(?:eter)?s?|tags?|attributes?|run)(?:\.(?:\w[\w/-]*|`[^`]+`|"[^"]+")|\[(?:{_STRING})\])+)
        \s*(?P<op>==|!=|<=|>=|=|<|>|(?:NOT\s+)?I?LIKE\b|(?:NOT\s+)?IN\b)
        \s*(?P<value>{_ONE}|\({_LIST}\)|\[{_LIST}\])
    |(?P<held>{_STRING})\s+in\s+(?P<holder>(?:run|attributes?|tags?)(?:\.\w[\w/-]*)+)
    |(?P<joint>and\b|or\b|not\b|&&|\|\||&|\||\(|\)))""",
    re.IGNORECASE | re.VERBOSE,
)
_PART = re.compile(r"`([^`]+)`|\"([^\"]+)\"|'([^']+)'|(\w[\w/-]*)")
_JOINTS = {"and": "", "&&": "", "&": "", "or": "OR", "||": "OR", "|": "OR", "not": "NOT", "(": "(", ")": ")"}
_OF_SERIES = frozenset(["last", "min", "max"])
"""What Aim compares of the metric that the expression names."""
_SUBSET = ("context.subset", "context['subset']", 'context["subset"]')
"""The split that Aim tracks a metric for. Metrics are asked for here by the name that they were written under, which
says the split where there is one (`val_loss`), so this narrows nothing."""
LONGEST = 2000
"""Characters of a line that is looked at; nobody pastes a longer filter."""


def unpasted(line: str) -> str:
    """A pasted filter in our grammar; any other line as it is."""
    parts: list[str] = []
    text, place, named = line[:LONGEST].strip(), 0, False
    metric = _metric(text)
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            return line
        named = named or bool(match["name"] or match["held"])
        if match["held"]:
            parts.append(f"{_field(match['holder'], metric)}:*{_pattern(_plain(match['held']))}*")
        else:
            parts.append(_comparison(match, metric) if match["name"] else _JOINTS[match["joint"].casefold()])
        place = match.end()
    return " ".join(part for part in parts if part) if named and len(line) <= LONGEST else line


def _metric(text: str) -> str:
    """The metric that an expression of Aim names once for all its comparisons, "" where none or several are named."""
    named = {_plain(match["value"]) for match in _TOKEN.finditer(text) if _names_metric(match)}
    return named.pop() if len(named) == 1 else ""


def _names_metric(match: re.Match[str]) -> bool:
    return (match["name"] or "").casefold() == "metric.name" and match["op"] in ("=", "==")


def _comparison(match: re.Match[str], metric: str) -> str:
    """One comparison as a qualifier."""
    if _names_metric(match):
        return f"has:metrics.{_plain(match['value'])}"
    if match["name"].casefold().endswith(_SUBSET):
        return ""
    name, op = _field(match["name"], metric), " ".join(match["op"].upper().split())
    negated = "-" if op.startswith("NOT ") else ""
    values = [_plain(value) for value in re.findall(_ONE, match["value"])]
    if op.endswith("LIKE"):
        return f"{negated}{name}:{_pattern(values[0])}"
    written = ",".join(_value(value) for value in values)
    sign = ":" if op.endswith(("=", "IN")) and op in ("=", "==", "IN", "NOT IN") else op
    return f"{negated}{name}{sign}{written}"


def _field(path: str, metric: str) -> str:
    """The field that a path of another tool means; a parameter that no field is, is a setting."""
    kind, *names = ["".join(groups) for groups in _PART.findall(path)]
    if kind.casefold() == "run" and len(names) > 1:
        kind, *names = names
    name = names[-1]
    if kind.casefold() in _METRICS:
        return f"metrics.{metric if kind.casefold() == 'metric' and name in _OF_SERIES and metric else name}"
    if kind.casefold() in ("tag", "tags"):
        return _OWN.get(".".join(names).casefold(), "tag")
    spec = load().field(name)
    if spec or kind.casefold() not in _SETTINGS:
        return spec.name if spec else _OWN.get(name.casefold(), name)
    return SETTINGS + name


def _plain(value: str) -> str:
    if value.startswith("datetime"):
        return "-".join(part.zfill(2) for part in re.findall(r"\d+", value)[:3])
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] in "'\"" else value


def _value(text: str) -> str:
    return text if read_number(text) is not None else quoted(text)


def _pattern(text: str) -> str:
    """`%` and `_` of LIKE; blanks and marks, which match nothing here, as any letter."""
    return re.sub(r"[^\w*?./-]", "?", text.replace("%", "*").replace("_", "?")) or "*"
