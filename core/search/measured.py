"""What runs measured and left behind, in words -> conditions on it and orders by it: "accuracy above 90%", "lowest
loss", "which runs have checkpoints"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from core.catalog.columns import METRICS, Columns
from core.search.grammar import outside_quotes
from core.vocabulary import load

_OPS = {
    ">=": r">=|(?:of )?at least|no less than",
    ">": r">|above|over|exceeding|beyond|(?:more|greater|higher|better|larger) than",
    "<=": r"<=|(?:of )?at most|up to|no more than",
    "<": r"<|below|under|(?:less|lower|smaller) than",
}
_COMPARED = rf"(?P<compared>{'|'.join(_OPS.values())})"
_NUMBER = r"(?P<number>\d*\.?\d+(?:e-?\d+)?)(?P<percent>\s*%|\s+percent\b)?"
_SPLIT = r"(?:(?:train|training|val|valid|validation|dev|test|testing|eval|average|mean)[\s_-]+)?"
_HELD = (
    r"(?:\b(?:that|which|who|reach(?:es|ed)?|achieve[sd]?|attain(?:s|ed)?|hits?|gets?|got|has|have|had|with|whose|an?"
    r"|the|final)\s+){0,4}"
)
_TOP = (
    r"(?:(?P<best>best|top)|(?P<worst>worst)|(?P<most>highest|largest|greatest|max(?:imum)?)"
    r"|lowest|smallest|least|min(?:imum)?)"
)
_SORTED = re.compile(r"\b(?:top|best|sort|order|rank)", re.IGNORECASE)

_LEFT = {
    "checkpoints": r"(?:saved |trained )?checkpoints",
    "metrics": r"(?:(?:training )?logs|logged (?:metrics|values|losses))",
    "images": r"(?:saved |generated |sample )?pictures",
}
"""What runs leave behind, by its field. The images that a model is said to have may be those it learns from."""
_WITH = r"(?:(?-i:(?<=[A-Z]s ))|(?<=models )|(?<=runs )|(?<=scripts ))with|with(?! (?:pictures|logs)\b)"
"""Bare pictures and logs are left behind by a model that has them; "tell a story with pictures" learns from them."""
_BEHIND = r"(?: behind)?(?=\s*(?:[,.;?!)]|$|(?:and|or|but|on|in|for|from|trained)\b))"
_LEFT_SAID = [
    (f"{sign}has:{field}", re.compile(rf"\b{verbs} {said}{_BEHIND}", re.IGNORECASE))
    for field, said in _LEFT.items()
    for sign, verbs in (
        ("-", r"(?:without(?: any)?|(?:with|(?:(?:that|which) )?(?:have|has|left)) no)"),
        ("", rf"(?:{_WITH}|(?:(?:that|which) )?(?:have|has|left)(?: behind)?)(?: any| some)?"),
    )
]


def measured(line: str, columns: Columns) -> str:
    """A line with what it says of a metric, and of what runs left behind, as the grammar says it. A usual metric that
    is compared with a number is one also where no run here logged it, so that none is found; to sort by it, a run must
    have."""
    line = _left_behind(line)
    between, *compared, ordered, sorted_by, had = _patterns(
        tuple(name for name in columns.metric_names if not _is_set(name, columns))
    )
    for said in reversed([*between.finditer(outside_quotes(line))]):
        field = _field(said["name"], columns)
        low, high = (_share(float(said[end]), field, columns, bool(said["percent"])) for end in ("low", "number"))
        line = _said_as(line, said, f"{field}:{low:g}..{high:g}")
    for said in (found for shape in compared for found in reversed([*shape.finditer(outside_quotes(line))])):
        field = _field(said["name"], columns)
        op = next(op for op, words in _OPS.items() if re.fullmatch(words, said["compared"], re.IGNORECASE))
        number = _share(float(said["number"]), field, columns, bool(said["percent"]))
        line = _said_as(line, said, f"{field}{op}{number:g}")
    top = ordered.search(outside_quotes(line))
    if top and (name := _logged(top["name"], columns)):
        falls = _is_lower(name)
        up = bool(top["most"]) or (bool(top["best"]) and not falls) or (bool(top["worst"]) and falls)
        line = _said_as(line, top, f"sort:{'-' if up else ''}{METRICS}{name} rank:1")
    by = sorted_by.search(outside_quotes(line))
    if by and (name := _logged(by["name"], columns)) and _SORTED.search(line[: by.end()]):
        line = _said_as(line, by, f"sort:{'' if _is_lower(name) else '-'}{METRICS}{name}")
    has = had.search(outside_quotes(line))
    if has and (name := _logged(has["name"], columns)) and not load().field(has["name"]):
        line = _said_as(line, has, f"has:{METRICS}{name}")
    return line


def _left_behind(line: str) -> str:
    for grammar, said in _LEFT_SAID:
        for found in reversed([*said.finditer(outside_quotes(line))]):
            line = _said_as(line, found, grammar)
    return line


def _field(said: str, columns: Columns) -> str:
    """The field of a metric, as runs logged it or as it is said."""
    return METRICS + (_logged(said, columns) or re.sub(r"[\W_]+", "_", said.casefold()))


def _share(number: float, field: str, columns: Columns, percent: bool) -> float:
    """A number in percent as a share of 1, where the metric is logged so: "90%", "accuracy above 90"."""
    told = percent or (number > 1 and _words(field)[-1:] == _words("accuracy"))
    return number / 100 if told and _are_shares(columns, field) else number


def _said_as(line: str, found: re.Match[str], grammar: str) -> str:
    """The line with what was found said as the grammar says it, apart from a mark that stood right behind it."""
    behind = line[found.end() :]
    return f"{line[: found.start()]}{grammar}{' ' if behind[:1].strip() else ''}{behind}"


@lru_cache(maxsize=8)
def _patterns(logged: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """A metric before its bound, one behind it, one to be sorted by, and one that a run has: "with logged accuracy"."""
    known = load().table("metrics", "better")
    names = {_spelt(name) for name in (*logged, *known["higher"], *known["lower"])}
    name = rf"(?P<name>{_SPLIT}(?:{'|'.join(sorted(names, key=len, reverse=True))}))"
    apart = r"(?<![\w.:/-])(?<!\bno )(?<!\bnot )(?<!\bwithout )"
    end = r"(?![\w:/-]|\.\w|\s+(?:epochs?|steps?|iterations?|updates?|layers?|batch(?:es)?)\b)"
    shapes = (
        rf"{apart}{_HELD}{name}\s+(?:(?:is|was|of)\s+)?between\s+(?P<low>\d*\.?\d+)%?\s+(?:and|to)\s+{_NUMBER}{end}",
        rf"{apart}{_HELD}{name}(?:\s+(?:is|was|that is))?\s*{_COMPARED}\s*{_NUMBER}{end}",
        rf"{apart}{_HELD}{_COMPARED}\s*{_NUMBER}\s+{name}{end}",
        rf"{apart}{_HELD}{_TOP}\s+(?:final\s+)?{name}{end}",
        rf"(?:\b(?:sort|order|rank)\w*\s+)?\bby\s+(?:the\s+|their\s+)?{name}{end}",
        rf"{apart}(?:(?:that|which|with)\s+)?(?:an?\s+)?(?:has|have|logs?|logged|recorded)\s+(?:an?\s+|the\s+)?{name}"
        r"(?=$|[,.?!]|\s+(?:and|on|but)\b)",
    )
    return tuple(re.compile(shape, re.IGNORECASE) for shape in shapes)


def _is_set(name: str, columns: Columns) -> bool:
    """Whether a run only logged what it was set to: `lr`, `epoch`, a setting of the collection."""
    field = load().field(name)
    return name in columns.settings or (field is not None and field.kind in ("number", "size"))


def _spelt(name: str) -> str:
    """The pattern of a metric's name, its words apart in any way."""
    return r"[\W_]+".join(map(re.escape, re.findall(r"[^\W_]+", name))) or "(?!)"


def _words(name: str) -> tuple[str, ...]:
    """The words of a metric's name, each in its first spelling."""
    same = {other: word for word, others in load().table("metrics", "same").items() for other in others}
    return tuple(same.get(word, word) for word in re.findall(r"[^\W_]+", name.casefold()))


def _logged(said: str, columns: Columns) -> str | None:
    """The metric of this name that some run logged; what is said of training may be told without it."""
    names = {_words(name): name for name in columns.metric_names}
    words = _words(said)
    return names.get(words) or (names.get(words[1:]) if words[0] == "train" else None)


def _are_shares(columns: Columns, field: str) -> bool:
    """Whether a metric is logged as a share of 1, as one is that nobody logged."""
    values: Iterable[object] = columns.column(field).values
    return all(value <= 1 for value in values if isinstance(value, int | float))


def _is_lower(name: str) -> bool:
    """Whether less of a metric is better: the last word of its name that is known says so."""
    known = load().table("metrics", "better")
    better = {_words(each): kind == "lower" for kind in known for each in known[kind]}
    words = _words(name)
    ends = (words[at : at + length] for at in reversed(range(len(words))) for length in (2, 1))
    return next((better[end] for end in ends if end in better), False)
