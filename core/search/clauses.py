"""Items -> conditions: numbers with their fields, what is there or missing, and the order asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.search.items import Item
from core.search.query import Expr, Filter, Op, both, either, negate

FEATURES = frozenset(
    [
        "scheduler",
        "dropout",
        "ema",
        "grad_clip",
        "weight_decay",
        "seed",
        "precision",
        "loss_weights",
        "betas",
        "steps",
        "heads",
        "image_size",
        "latent_dim",
    ]
)
"""Fields that a script may do without, so that "with dropout" asks for something."""

PLAIN_FEATURES = frozenset(["dropout", "ema", "grad_clip", "weight_decay", "precision"])
"""Fields that ask for something already beside a name: "mixed-precision ResNets"."""

_ASKED = frozenset(["what", "which", "how", "whose", "by", "value", "rate", "compare", "versus"])

_OPS: dict[str, Op] = {"less": "<", "at_most": "<=", "more": ">", "at_least": ">=", "or_more": ">=", "or_less": "<="}
ABOUT = 0.1
"""How far, as a share, "about 100" reaches."""

_PLURAL_NOUNS = frozenset(
    [
        "models",
        "scripts",
        "experiments",
        "runs",
        "notebooks",
        "configs",
        "ones",
        "files",
        "studies",
        "programs",
        "entries",
        "agents",
        "networks",
        "nets",
        "classifiers",
        "implementations",
        "projects",
    ]
)
_NOUNS = frozenset(word.removesuffix("s") for word in _PLURAL_NOUNS) | {
    "study",
    "entry",
    "training",
    "version",
    "thing",
}


@dataclass(slots=True)
class Order:
    """What a sentence says about order and number."""

    sort: list[tuple[str, bool]] = field(default_factory=list)
    limit: int | None = None


def letters(items: Iterable[Item]) -> str:
    return "".join(item.code for item in items)


def _filters(fields: tuple[str, ...], op: Op, value: int | float | tuple[float | None, float | None]) -> Expr | None:
    return either(Filter(name, op, value) for name in fields)


def _compare(fields: tuple[str, ...], role: str, number: int | float) -> Expr | None:
    if role == "about":
        return _filters(fields, "..", (round(number * (1 - ABOUT), 12), round(number * (1 + ABOUT), 12)))
    if role == "unequal":
        return negate(_filters(fields, ":", number))
    return _filters(fields, _OPS.get(role, ":"), number)


_BETWEEN = r"(?P<between>B)[fr]{0,2}(?P<low>N)[at][fr]{0,2}(?P<high>N)"
_RANGE = r"(?P<low>N)t(?P<high>N)"
_LIST = r"(?P<list>N(?:[co]{1,2}N)+)"
_ONE = r"(?P<before>C)?[fqrh]{0,2}(?P<one>N)(?P<after>P)?"
_FIELD_FIRST = [
    re.compile(rf"(?P<field>F)[fqrhc]{{0,4}}(?P<not>X)?[fqrh]{{0,3}}{rest}") for rest in (_BETWEEN, _RANGE, _LIST, _ONE)
]
_NUMBER_FIRST = [
    re.compile(rf"(?P<not>X)?[rfh]{{0,1}}{rest}[fr]{{0,2}}(?P<field>F)(?P<last>P)?")
    for rest in (_BETWEEN, _RANGE, _LIST)
]
_NUMBER_FIRST.append(
    re.compile(r"(?P<not>X)?(?P<before>C)[fr]?(?P<field>F)[fqr]{0,2}(?P<one>N)(?P<after>P)?(?![fr]{0,2}F)")
)
_NUMBER_FIRST.append(
    re.compile(r"(?P<not>X)?[rh]?(?P<before>C)?[rf]?(?P<one>N)(?P<after>P)?[fr]{0,2}(?P<field>F)(?P<last>P)?")
)


_TWO = re.compile(r"(?P<first>C)[fr]?(?P<low>N)[abcf]{1,2}(?P<second>C)[fr]?(?P<high>N)")
"""At least 20 but fewer than 50."""

_ONCE = re.compile(
    r"(?P<first>C)[fr]?(?P<low>N)[fr]{0,2}(?P<field>F)[abcf]{1,2}(?P<second>C)[fr]?(?P<high>N)(?![fr]{0,2}[FG])"
)
"""Less than 1M parameters but more than 100k."""

_TURNED = {"less": "more", "more": "less", "at_most": "at_least", "at_least": "at_most"}


def _read_pairs(items: list[Item]) -> None:
    """Two bounds of one field, before or behind it; and a bound that stands before the field: 1e-4 <= lr."""
    for match in reversed(
        list(
            re.finditer(
                rf"F[fqrh]{{0,3}}{_TWO.pattern}|{_TWO.pattern.replace('?P<', '?P<x')}[fr]{{0,2}}F", letters(items)
            )
        )
    ):
        part = "x" if match["xfirst"] else ""
        fields = items[match.start() if not part else match.end() - 1].fields
        _bound_twice(items, match, fields, part)
    for match in reversed(list(_ONCE.finditer(letters(items)))):
        _bound_twice(items, match, items[match.start("field")].fields)
    for match in reversed(list(re.finditer(r"NC[r]?F(?![fqrhC]{0,3}N)", letters(items)))):
        number, bound, said = items[match.start()], items[match.start() + 1], items[match.end() - 1]
        expr = _compare(said.fields, _TURNED.get(bound.role, bound.role), number.number)
        items[match.start() : match.end()] = [Item("E", said.text, expr=expr, fields=said.fields)]


def _bound_twice(items: list[Item], match: re.Match[str], fields: tuple[str, ...], part: str = "") -> None:
    """Makes one condition of two bounds; `part` begins the names of their groups."""
    expr = both(
        _compare(fields, items[match.start(part + bound)].role, items[match.start(part + number)].number)
        for bound, number in (("first", "low"), ("second", "high"))
    )
    text = " ".join(item.text for item in items[match.start() : match.end()])
    items[match.start() : match.end()] = [Item("E", text, expr=expr, fields=fields)]


def _read_rates(items: list[Item]) -> None:
    """An optimizer at a number below 1: "Adam at 1e-3"."""
    for match in reversed(list(re.finditer(r"E(q)(N)(?!P?[fr]{0,2}F)", letters(items)))):
        optimizer, joint, number = items[match.start() : match.end()]
        if optimizer.fields == ("optimizer",) and joint.text.casefold() == "at" and number.number < 1:
            expr = _compare(("learning_rate",), "equal", number.number)
            items[match.start(1) : match.end()] = [Item("E", number.text, expr=expr, fields=("learning_rate",))]


def read_numbers(items: list[Item]) -> list[Item]:
    """Fields and their numbers, from left to right, each made one condition."""
    _read_pairs(items)
    _read_rates(items)
    place = 0
    while place < len(items):
        rules = _FIELD_FIRST if items[place].code == "F" else _NUMBER_FIRST if items[place].code in "XCNBrhP" else []
        codes = letters(items)
        match = next((found for rule in rules if (found := rule.match(codes, place))), None)
        if match:
            items[place : match.end()] = [_numbered(items, match)]
        place += 1
    return items


def _numbered(items: list[Item], match: re.Match[str]) -> Item:
    groups = {name: items[match.start(name)] for name, text in match.groupdict().items() if text}
    fields = groups["field"].fields
    if "list" in groups:
        numbers = [item.number for item in items[match.start("list") : match.end("list")] if item.code == "N"]
        expr = either(_filters(fields, ":", number) for number in numbers)
    elif "low" in groups:
        expr = _filters(fields, "..", tuple(sorted((groups["low"].number, groups["high"].number))))  # type: ignore[arg-type]
    else:
        role = next((groups[name].role for name in ("after", "last", "before") if name in groups), "equal")
        expr = _compare(fields, role, groups["one"].number)
    text = " ".join(item.text for item in items[match.start() : match.end()])
    return Item("E", text, expr=expr, fields=fields, negated="not" in groups)


def read_presence(items: list[Item]) -> list[Item]:
    """Reads "without a scheduler", "uses dropout", "unknown optimizer", "whose seed is missing"."""
    rules: list[tuple[str, Callable[[str], Expr | None], bool]] = [
        (r"m[fr]{0,2}(?P<field>[FG])", lambda name: Filter(name, "missing"), False),
        (r"(?P<field>[FG])[fqr]{0,3}m", lambda name: Filter(name, "missing"), False),
        (r"X[frh]{0,3}(?P<field>[FG])(?![fqrhCB]{0,2}[NE])", lambda name: Filter(name, "has"), True),
    ]
    for pattern, make, negated in rules:
        while match := re.search(pattern, letters(items)):
            said = items[match.start("field")]
            if said.weak:
                break
            expr = either(make(name) for name in said.fields)
            found = Item("E", said.text, expr=expr, fields=("has",))
            items[match.start() : match.end()] = [Item("X", "without"), found] if negated else [found]
    asked = any(item.code in "NmXSsp" or item.text.casefold() in _ASKED for item in items)
    for place, item in enumerate(items):
        beside = any(other.code == "E" for other in items[max(place - 1, 0) : place + 2])
        if item.code in "FG" and not item.weak and item.fields[0] in PLAIN_FEATURES and beside and not asked:
            item.code, item.expr, item.fields = "E", Filter(item.fields[0], "has"), ("has",)
    for match in re.finditer(r"h[rf]{0,1}(?P<field>[FG])(?![fqrhCB]{0,2}[NE])", letters(items)):
        said = items[match.start("field")]
        if not said.weak and (said.fields[0] in FEATURES or said.fields[0].startswith("settings.")):
            said.code, said.expr, said.fields = "E", either(Filter(name, "has") for name in said.fields), ("has",)
    return items


def read_order(items: list[Item], order: Order) -> list[Item]:
    """Reads "the latest", "largest batch size", "top 5 by epochs", "sorted by learning rate"."""
    place = 0
    while place < len(items):
        item = items[place]
        used = 0
        if item.code == "S":
            used = _sorted_by(items, place, order)
        elif item.code == "s":
            used = _most(items, place, order)
        elif item.code == "L":
            used = _latest(items, place, order)
        elif (
            item.text.casefold() == "by"
            and not _repeated(items, place)
            and re.fullmatch(r".[frq]{0,2}[FG]", letters(items[place:]))
        ):
            order.sort.append((items[-1].fields[0], False))
            used = len(items) - place
        elif item.code in "fw" and item.text.casefold() in ("order", "sort", "rank"):
            _by(items, place + 1, order, descending=False)
        elif item.code == "p" and place + 1 < len(items) and items[place + 1].code == "N":
            order.limit, used = _count(items[place + 1]), 2
            _by(items, place + 2, order, descending=True)
        items[place : place + used] = [Item("f", item.text)] if used else items[place : place + used]
        place += 1
    return items


def _repeated(items: list[Item], place: int) -> bool:
    """Whether the same word stands on both sides: "step by step" orders nothing."""
    return 0 < place < len(items) - 1 and items[place - 1].text.casefold() == items[place + 1].text.casefold()


def _by(items: list[Item], place: int, order: Order, descending: bool) -> None:
    """The field behind a later "by": of "top 5 by number of epochs", of "order the GANs by learning rate"."""
    codes = letters(items)
    places = [at for at in range(place, len(items)) if items[at].text.casefold() == "by"]
    match = next(
        (found for at in places if (found := re.compile(r".[frq]{0,3}(?P<field>[FG])").match(codes, at))), None
    )
    if match:
        said = items[match.start("field")]
        order.sort.append((said.fields[0], descending))
        items[place - 1].code = "f"
        for item in items[match.start() : match.end()]:
            item.code = "f"


def _count(item: Item) -> int | None:
    return int(item.number) if 1 <= item.number < 1e6 else None


def _sorted_by(items: list[Item], place: int, order: Order) -> int:
    used = 1
    while place + used < len(items) and items[place + used].code in "fr":
        if items[place + used].text.casefold() in ("date", "created", "modified"):
            break
        used += 1
    if place + used >= len(items):
        return 0
    said = items[place + used]
    name = said.fields[0] if said.code in "FG" else {"date": "created"}.get(said.text.casefold(), "")
    if not name:
        return 0
    used += 1
    comma = letters(items[place + used : place + used + 2]) == "cV"
    after = items[place + used + comma] if place + used + comma < len(items) else None
    order.sort.append((name, bool(after and after.role == "descending")))
    return used + (1 + comma if after and after.code == "V" else 0)


def _most(items: list[Item], place: int, order: Order) -> int:
    """A superlative and the field it is of; of "the largest model" the parameters are meant."""
    after = items[place + 1 : place + 3]
    for used, item in enumerate(after, 2):
        if item.code in "FG":
            order.sort.append((item.fields[0], items[place].role == "most"))
            _limit(items, place, used, order)
            return used
        word = item.text.casefold()
        if items[place].text.casefold() in ("longest", "shortest") and word in ("trained", "training", "running"):
            order.sort.append(("epochs", items[place].role == "most"))
            _limit(items, place, used, order)
            return used
        if item.code not in "fr" or word in _NOUNS | _PLURAL_NOUNS:
            break
    return _largest(items, place, order) if items[place].text.casefold() in _SIZES else 0


_SIZES = frozenset(["largest", "biggest", "smallest"])


def _largest(items: list[Item], place: int, order: Order) -> int:
    """Reads "biggest VAE", "3 largest PyTorch models", by parameters where no other field is said."""
    for at in range(place + 1, min(place + 5, len(items))):
        item, descending = items[at], items[place].role == "most"
        if item.code in "FG":
            order.sort.append((item.fields[0], descending))
            item.code = "f"
        elif _is_noun(item) or _is_plural(item):
            sorts = len(order.sort)
            _by(items, at + 1, order, descending)
            if len(order.sort) == sorts:
                order.sort.append(("parameters", descending))
        elif item.code in "frE":
            continue
        else:
            return 0
        _limit(items, place, 1, order)
        return 1
    return 0


def _limit(items: list[Item], place: int, used: int, order: Order) -> None:
    """A number before the superlative, else one where the sentence asks for one thing."""
    if place and items[place - 1].code == "N":
        order.limit, items[place - 1].code = _count(items[place - 1]), "f"
    elif order.limit is None and not any(_is_plural(item) for item in items):
        bare = {item.code for item in items} <= set("frsFG")  # "largest batch size"
        order.limit = 1 if bare or any(_is_noun(item) for item in items) else None


def _is_noun(item: Item) -> bool:
    return _last(item) in _NOUNS or (item.code == "E" and not item.plural and item.fields == ("architecture",))


def _is_plural(item: Item) -> bool:
    return _last(item) in _PLURAL_NOUNS or (item.code == "E" and item.plural and item.fields == ("architecture",))


def _last(item: Item) -> str:
    """The word that says what is meant: of "language model" the last."""
    return item.text.casefold().rpartition(" ")[2]


_OF_MAKING = frozenset(["created", "made", "written", "added", "new", "oldest", "earliest", "newest"])


def _latest(items: list[Item], place: int, order: Order) -> int:
    """Reads "the latest GAN", "5 newest scripts"; "last layer" is no order."""
    after = next(
        (item for item in items[place + 1 :] if item.code not in "fr" or _is_noun(item) or _is_plural(item)), None
    )
    counted = bool(place + 1 < len(items) and items[place + 1].code == "N")
    if items[place].text.casefold() == "last" and not (counted or (after and (_is_noun(after) or _is_plural(after)))):
        return 0
    told = {item.text.casefold() for item in items[place + 1 : place + 3]}
    told.add(items[place].text.casefold())
    name = "created" if told & _OF_MAKING else "modified"
    order.sort.append((name, items[place].role == "latest"))
    if counted:
        order.limit = _count(items[place + 1])
        return 2
    _limit(items, place, 1, order)
    return 1


def is_plural_noun(items: list[Item], place: int) -> bool:
    """Whether a plural noun for models stands here: the "scripts" of "LSTM scripts"."""
    return place < len(items) and items[place].text.casefold() in _PLURAL_NOUNS
