"""Items -> how many values: "more than one dataset", "two different optimizers", "several learning rates"."""

from __future__ import annotations

import re

from core.catalog.columns import COUNT
from core.search.items import Item, letters
from core.search.numbers import read_number
from core.search.query import Expr, Filter, Op, either

COUNTED = frozenset([
    "datasets", "environment", "optimizer", "loss", "scheduler", "model_classes", "batch_size", "learning_rate",
])  # fmt: skip
"""Fields of which a model can have several values that are told apart; "3 epochs" is a value, not a number of them.
A family has its parents beside it, and a framework that which it rests on."""
_SEVERAL = frozenset(["several", "multiple", "various", "numerous"])
_APART = frozenset(["different", "distinct", "separate"])
_MOST = 20
"""Values that are counted; a larger number is one of them."""
_SAID = re.compile(
    r"(?P<joint>q)?(?P<before>C)?(?P<article>r)?(?:(?P<span>B)?(?P<least>[Nr])(?(span)[ato]|[to])(?=N))?"
    r"(?P<number>[Nfr])(?P<after>P)?(?P<apart>[wf])?(?P<field>[FG])"
    r"(?![fqr]{0,2}[NE])"
)
_LISTED = re.compile(r"N(?=F[fqr]{0,2}N[ca]N)")
_OPS: dict[str, Op] = {
    "less": "<",
    "at_most": "<=",
    "more": ">",
    "at_least": ">=",
    "or_more": ">=",
    "or_less": "<=",
    "unequal": "!=",
}


def read_counted(items: list[Item]) -> None:
    """Make a number and the field whose values it counts one condition; one that only counts the values that are listed
    behind it, "two learning rates 0.1 and 0.01", says nothing."""
    for listed in _LISTED.finditer(letters(items)):
        number, field = items[listed.start() : listed.start() + 2]
        number.code = "f" if field.plural and number.number == 2 else number.code
    place = 0
    while place < len(items):
        ranked = place > 0 and items[place - 1].code in "ps"  # "top three batch sizes"
        if not ranked and (match := _SAID.match(letters(items), place)):
            said = {name: items[match.start(name)] for name, code in match.groupdict().items() if code}
            if expr := _condition(said):
                text = " ".join(item.text for item in items[place : match.end()])
                items[place : match.end()] = [Item("E", text, expr=expr, fields=(COUNT,))]
        place += 1


def _condition(said: dict[str, Item]) -> Expr | None:
    field, apart = said["field"], said.get("apart")
    if field.fields[0] not in COUNTED or (apart and apart.text.casefold() not in _APART):
        return None
    counted = _counted(said)
    return either(Filter(COUNT + name, *counted) for name in field.fields) if counted else None


def _counted(said: dict[str, Item]) -> tuple[Op, int | tuple[int, int]] | None:
    """How many values are asked for; None where the words only point at one."""
    word, article = said["number"].text.casefold(), said.get("article")
    if word in _SEVERAL:
        return None if "before" in said else (">", 1)
    role = next((said[name].role for name in ("before", "after") if name in said), "")
    number = said["number"].number or read_number(word)
    least = read_number(said["least"].text) if "least" in said else None
    if isinstance(number, int) and isinstance(least, int):
        return ("..", (least, number)) if 0 < least < number <= _MOST else None
    points = (article and article.text.casefold() == "the") or (word == "one" and not role and "joint" not in said)
    if not isinstance(number, int) or not 1 <= number <= _MOST or points:
        return None
    return (_OPS.get(role, ":"), number) if number == 1 or said["field"].plural else None
