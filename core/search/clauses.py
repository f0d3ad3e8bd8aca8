"""Items -> conditions: numbers with their fields, settings, and packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from core.search.english import english, spelt
from core.search.items import Item, letters, near
from core.search.leading import UNITS, lead_to_numbers
from core.search.numbers import SCALES
from core.search.presence import ASKED
from core.search.query import Expr, Filter, Op, Text, both, either, negate

_OPS: dict[str, Op] = {"less": "<", "at_most": "<=", "more": ">", "at_least": ">=", "or_more": ">=", "or_less": "<="}
_COMPOUND = frozenset(["betas"])
"""Fields whose value is several numbers at once: "betas of 0.5 and 0.999"."""
ABOUT = 0.1
"""How far, as a share, "about 100" reaches."""


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
_LIST = r"(?P<list>N(?:[coa]{1,2}N)+)"
_ONE = r"(?P<before>C)?[fqrh]{0,2}(?P<one>N)(?P<after>P)?"
_FIELD_FIRST = [
    re.compile(rf"(?P<field>F)[fqrhc]{{0,4}}(?P<not>X)?[fqrh]{{0,3}}{rest}")
    for rest in (_BETWEEN, _RANGE, rf"{_LIST}(?![fr]{{0,2}}F)", _ONE)
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


_TWO = re.compile(r"(?P<first>C)[fr]?(?P<low>N)(?P<joint>[abcfo]{0,2})(?P<second>C)[fr]?(?P<high>N)")
"""At least 20 but fewer than 50."""

_ONCE = re.compile(
    r"(?P<first>C)[fr]?(?P<low>N)[fr]{0,2}(?P<field>F)(?P<joint>[abcfo]{1,2})(?P<second>C)[fr]?(?P<high>N)(?![fr]{0,2}[FG])"
)
"""Less than 1M parameters but more than 100k."""

_AROUND = re.compile(r"(?P<low>N)(?P<first>C)(?P<field>F)(?P<second>C)(?P<high>N)")
"""0.01 <= lr < 0.05."""

_TURNED = {"less": "more", "more": "less", "at_most": "at_least", "at_least": "at_most"}


def _read_pairs(items: list[Item]) -> None:
    """Two bounds of one field, before or behind it; and a bound that stands before the field: 1e-4 <= lr."""
    for match in reversed(list(re.finditer("CN[fr]?F?(P)[fr]?N", letters(items)))):
        item = items[match.start(1)]
        joined, _, compared = item.text.partition(" ")
        if joined.casefold() in ("or", "and") and compared:  # "below 1e-4 or above 1", "under 10k steps and over 1k"
            bound = Item("C", compared, role=item.role.removeprefix("or_"))
            items[match.start(1) : match.end(1)] = [Item(joined[0].casefold(), joined), bound]
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
    for match in reversed(list(_AROUND.finditer(letters(items)))):
        first, field = items[match.start("first")], items[match.start("field")]
        first.role = _TURNED.get(first.role, first.role)
        _bound_twice(items, match, field.fields)
    for match in reversed(list(re.finditer(r"NC[r]?F(?![fqrhC]{0,3}N)", letters(items)))):
        number, bound, said = items[match.start()], items[match.start() + 1], items[match.end() - 1]
        expr = _compare(said.fields, _TURNED.get(bound.role, bound.role), number.number)
        items[match.start() : match.end()] = [Item("E", said.text, expr=expr, fields=said.fields)]


def _bound_twice(items: list[Item], match: re.Match[str], fields: tuple[str, ...], part: str = "") -> None:
    """Makes one condition of two bounds, of which one holds behind "or"; `part` begins the names of their groups."""
    join = either if "o" in (match.groupdict().get(f"{part}joint") or "") else both
    expr = join(
        _compare(fields, items[match.start(part + bound)].role, items[match.start(part + number)].number)
        for bound, number in (("first", "low"), ("second", "high"))
    )
    text = " ".join(item.text for item in items[match.start() : match.end()])
    items[match.start() : match.end()] = [Item("E", text, expr=expr, fields=fields)]


def _read_sizes(items: list[Item]) -> None:
    """A size of pictures with a comparison: "at most 64 pixels", "64x64 or larger"."""
    for match in reversed(list(re.finditer(r"(?P<before>C)[rf]?E|E(?P<after>P)", letters(items)))):
        size = next(item for item in items[match.start() : match.end()] if item.code == "E")
        if size.fields == ("image_size",) and isinstance(size.expr, Filter) and isinstance(size.expr.value, int):
            role = items[match.start("before") if match["before"] else match.start("after")].role
            expr = _compare(size.fields, role, size.expr.value)
            items[match.start() : match.end()] = [Item("E", size.text, expr=expr, fields=size.fields)]


def _read_rates(items: list[Item]) -> None:
    """An optimizer at a number that may be its rate: "Adam at 1e-3", "adam, 1e-3", "adam 1e-3 100 epochs"; no momentum:
    "SGD at 0.9"."""
    for match in reversed(list(re.finditer(r"E(?:[qc](?=N)|(?=N.))(N)(?!P?[fr]{0,2}[FG])", letters(items)))):
        optimizer, *joint, number = items[match.start() : match.end()]
        at = not joint or joint[0].text.casefold() in ("at", ",")
        if optimizer.fields == ("optimizer",) and at and number.number < 0.5:
            expr = _compare(("learning_rate",), "equal", number.number)
            items[match.start(1) : match.end()] = [Item("E", number.text, expr=expr, fields=("learning_rate",))]


def read_numbers(items: list[Item]) -> list[Item]:
    """Fields and their numbers, from left to right, each made one condition."""
    lead_to_numbers(items)
    _read_sizes(items)
    _read_pairs(items)
    _read_rates(items)
    place = 0
    while place < len(items):
        rules = _FIELD_FIRST if items[place].code == "F" else _NUMBER_FIRST if items[place].code in "XCNBrhP" else []
        codes = letters(items)
        match = next((found for rule in rules if (found := rule.match(codes, place))), None)
        if match and not _repeats(items, match):
            items[place : match.end()] = [_numbered(items, match)]
            for unit in items[place + 1 : place + 2]:
                unit.code = "f" if unit.text.casefold() in UNITS else unit.code  # "no less than 256 samples"
        place += 1
    _read_exceptions(items)
    return items


def _read_exceptions(items: list[Item]) -> None:
    """A number that is refused behind a condition on numbers: "an lr above 1e-3 but not 0.01", "a seed, but not 0"."""
    for match in re.finditer(r"E(?=[bc]?X[fr]?(?P<number>N)(?![fqrP]{0,2}[FG]))", letters(items)):
        said, number = items[match.start()].expr, items[match.start("number")]
        if not isinstance(said, Filter):
            continue
        bounds = said.value if isinstance(said.value, tuple) else (said.value,)
        if said.op == "has" or all(isinstance(bound, int | float) for bound in bounds):  # and no dates
            number.code, number.fields = "E", (said.field,)
            number.expr = Filter(said.field, ":", number.number)


def _repeats(items: list[Item], match: re.Match[str]) -> bool:
    """Whether a number says how often: "every 10 epochs", "one step at a time" are no durations."""
    before = items[max(match.start() - 1, 0) : match.end()]
    behind = " ".join(item.text.casefold() for item in items[match.end() : match.end() + 3])
    often = any(item.text.casefold() == "every" for item in before) or behind == "at a time"
    for item in before if often else ():
        item.code = "w" if item.code in "NF" else item.code
    return often


def _numbered(items: list[Item], match: re.Match[str]) -> Item:
    groups = {name: items[match.start(name)] for name, text in match.groupdict().items() if text}
    fields = groups["field"].fields
    if "list" in groups:
        numbers = [item.number for item in items[match.start("list") : match.end("list")] if item.code == "N"]
        join = both if fields[0] in _COMPOUND else either
        expr = join(_filters(fields, ":", number) for number in numbers)
    elif "low" in groups:
        expr = _filters(fields, "..", _ends(groups["low"], groups["high"]))
    else:
        role = next((groups[name].role for name in ("after", "last", "before") if name in groups), "equal")
        expr = _compare(fields, role, groups["one"].number)
    text = " ".join(item.text for item in items[match.start() : match.end()])
    return Item("E", text, expr=expr, fields=fields, negated="not" in groups)


_SCALED = re.compile(r"(?:\d[\d.,]*|[a-z-]+) ?(?P<scale>k|m|thousand|million|billion)", re.IGNORECASE)


def _ends(low: Item, high: Item) -> tuple[float, float]:
    """The ends of a range in order; a scale said once is both's: "between 1 and 10 million"."""
    first, last = low.number, high.number
    scaled = _SCALED.fullmatch(high.text)
    if scaled and not _SCALED.fullmatch(low.text):
        scale = SCALES[scaled["scale"].casefold()]
        first = first * scale if first * scale < last else first
    return (min(first, last), max(first, last))


_LARGE = ("batch_size", "epochs", "steps", "image_size", "latent_dim", "hidden_sizes", "learning_rate")
_SIZED = ("parameters", "steps")
"""Fields that a number of millions or more may be of, where it is no name: "gemma 2b", "ppo atari 10m"."""
_SMALL = ("learning_rate", "weight_decay", "dropout")
"""Fields that a number without a field may be of: "mnist adam 64", "resnet sgd 0.1"."""


def read_loose(items: list[Item]) -> list[Item]:
    """One number behind nothing but names is the value of some field."""
    for place, item in enumerate(items):
        sized = any(other.fields == ("image_size",) for other in near(items, place))
        if item.code == "w" and sized and item.text.casefold() in _PICTURES:
            item.code = "f"  # "images of 64x64 pixels"
    if re.fullmatch("E+N", letters(items)):
        text, number = items[-1].text, items[-1].number
        large = re.fullmatch(r"[\d.]+[mb]", text, re.IGNORECASE)
        fields = _SIZED if large else _LARGE if number >= 1 else _SMALL
        expr = _filters(fields, ":", number)
        items[-1] = Item("E", text, expr=either([expr, Text(text, phrase=True)]) if large else expr, fields=fields)
    return items


_PICTURES = frozenset(["images", "pictures", "pixels", "photos", "inputs", "px", "resolution"])


def read_settings(items: list[Item], known: Collection[str]) -> list[Item]:
    """A setting that no number belongs to and that nothing asks for is one that a script has: "n critic steps"."""
    if any(item.text.casefold() in ASKED or item.code in "SspL" for item in items):
        return items
    for before, item in zip([None, *items], items, strict=False):
        own = [name for name in item.fields if name.startswith("settings.") and name[9:] in known]
        if item.code == "F" and own and not item.weak and " " in item.text:
            item.code, item.expr = "E", either(Filter(name, "has") for name in own)
            item.fields = ("has",)
        elif (
            item.code == "F" and item.weak and before and before.fields[:1] and before.fields[0].startswith("settings.")
        ):
            item.code = "f"  # the unit: "learning starts after 10000 steps"
        elif item.code == "w" and before and before.code == "E" and before.fields[0].startswith("settings."):
            item.code = "f" if item.text.casefold() in UNITS else "w"
    return items


def read_packages(items: list[Item], holds: Callable[[str], bool]) -> None:
    """Names of code that the text of some model holds, behind what is done with packages, have to stand there as they
    are: "scripts that import torchvision", "uses gymnasium and tyro", "built with einops"."""
    for place, item in enumerate(items):
        said = item.text.casefold()
        built = place > 0 and said in _WITH and items[place - 1].text.casefold() in _BUILT
        if not built and said not in _USING:
            continue
        packages = _packages(items[place + 1 :], said.startswith("import"), holds)
        for other in packages:
            if other.code == "w":
                other.code, other.expr, other.fields = "E", Text(other.text, phrase=True), ("",)
        if any(other.fields == ("",) for other in packages) or (packages and item.code == "w"):
            for other in items[place - built : place + 1]:
                other.code = "f"


def _packages(items: list[Item], imported: bool, holds: Callable[[str], bool]) -> list[Item]:
    """The packages that a list begins with, which what is imported is by any name, and what is used by none of plain
    English."""
    found: list[Item] = []
    joined = True
    for item in items:
        name = item.text.casefold()
        plain = (name in spelt() or name in english().ordinary) and (not imported or name in english().functions)
        if item.code in "coabX":
            joined = True
        elif joined and (item.fields in (("framework",), ("",)) or (item.code == "w" and not plain and holds(name))):
            joined = False
            found.append(item)
        elif item.code not in "xr":
            break
    return found


_USING = frozenset(["import", "imports", "importing", "use", "uses", "using", "employ", "employs", "employing"])
_WITH = frozenset(["with", "on", "upon", "from", "to"])
_BUILT = frozenset([
    "built", "made", "written", "implemented", "coded", "based", "relies", "rely", "depends", "depend", "logged", "log",
    "logs", "tracked",
])  # fmt: skip
