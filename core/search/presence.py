"""Items -> what is there or missing: "without a scheduler", "uses dropout", "unknown optimizer", "the lr is known"."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.search.items import Item, letters
from core.search.query import Expr, Filter, either

FEATURES = frozenset(
    [
        "scheduler",
        "dropout",
        "ema",
        "grad_clip",
        "weight_decay",
        "momentum",
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

PLAIN_FEATURES = frozenset(["dropout", "ema", "grad_clip", "weight_decay", "momentum", "precision"])
"""Fields that ask for something already beside a name: "mixed-precision ResNets"."""

RECORDED = frozenset(["description", "author", "metrics"])
"""Fields of what is known of a model, which no network is made without: "models without a description"."""

ASKED = frozenset(["what", "which", "how", "whose", "by", "value", "rate", "compare", "versus"])


def read_presence(items: list[Item]) -> list[Item]:
    """Reads "without a scheduler", "uses dropout", "unknown optimizer", "whose seed is missing"."""
    _read_known(items)
    rules: list[tuple[str, Callable[[str], Expr | None], bool]] = [
        (r"m[fqr]{0,3}(?P<field>[FG])", lambda name: Filter(name, "missing"), False),
        (r"(?P<field>[FG])[fqr]{0,3}m", lambda name: Filter(name, "missing"), False),
        (r"X[frhq]{0,5}(?P<field>[FG])(?![fqrhCBX]{0,2}N)", lambda name: Filter(name, "has"), True),
    ]
    for pattern, make, negated in rules:
        while match := re.search(pattern, letters(items)):
            said = items[match.start("field")]
            kept = negated and said.fields[0] in RECORDED and match.end() == len(items)
            if (said.weak and not kept) or (negated and _is_valued(items, match.end())):
                break
            expr = either(make(name) for name in said.fields)
            found = Item("E", said.text, expr=expr, fields=("has",))
            items[match.start() : match.end()] = [Item("X", "without"), found] if negated else [found]
    read_features(items)
    _read_contrasts(items)
    for match in re.finditer(r"h[rfx]{0,2}(?P<field>[FG])(?![fqrhCBX]{0,2}N)", letters(items)):
        said = items[match.start("field")]
        if (
            not said.weak
            and not _is_valued(items, match.end())
            and (said.fields[0] in FEATURES or said.fields[0].startswith("settings."))
        ):
            _present(said)
    for place, said in enumerate(items):
        feature = said.code in "FG" and not said.weak and bool(said.fields)
        setting = feature and said.fields[0].startswith("settings.")
        if feature and (setting or said.fields[0] in FEATURES) and _goes_on(items, place):
            _present(said)  # "without dropout or weight decay"
        elif said.code == "m" and re.search("n't|not|never", said.text, re.IGNORECASE):
            said.code, said.role = "X", "neg"  # "don't mention batch norm": no field that could be unknown
    return items


def read_features(items: list[Item]) -> None:
    """Features named beside conditions: "MNIST, dropout and a batch of 32", of which a number may be one."""
    asked = any(item.code in "NmXSsp" or item.text.casefold() in ASKED for item in items)
    codes = letters(items)
    listed = re.fullmatch("[frx]*F(?:[coa]+[frx]*F)+f*", codes)  # "either dropout or weight decay"
    for place, item in enumerate(items):
        beside = listed or re.search("E[coa]*$", codes[:place]) or re.match("[coa]*E", codes[place + 1 :])
        if item.code in "FG" and not item.weak and item.fields[0] in PLAIN_FEATURES and beside and not asked:
            _present(item)


_KNOWN = re.compile(r"(?:(?P<before>[FG])[cfq]{0,2}[wf]|w(?P<behind>[FG]))(?![fqr]{0,2}[NE])")


def _read_known(items: list[Item]) -> None:
    """A field that is there or not: "the lr is known", "a known seed", "no data set is known", "dropout none". Beside
    words that nothing reads it is no more than another: "a loss known from physics"."""
    described = letters(items).count("w") > 1
    for match in reversed(list(_KNOWN.finditer(letters(items)))):
        said = items[match.start("before" if match["before"] else "behind")]
        known = items[match.end() - 1 if match["before"] else match.start()]
        refused = re.search("X[frhq]{0,5}$", letters(items[: match.start()]))
        if known.text.casefold() == "none" and match["before"] and not said.weak:
            items[match.start() : match.end()] = [Item("X", "without"), said]
        elif known.text.casefold() in _STATED and not said.weak and not described:
            known.code = "f"
            if not refused:
                _present(said)


_STATED = frozenset(["known", "stated", "documented"])
_CONTRAST = re.compile(
    r"(?P<before>[FG])(?P<joint>[bca]*)[rf]{0,2}(?P<no>X)"
    r"|Eb[rf]{0,2}(?P<has>h?)[rf]{0,2}(?P<behind>[FG])(?![fqrhCBX]{0,2}N)"
)


def _read_contrasts(items: list[Item]) -> None:
    """Features that "but" or "and" set against what is refused: "dropout but no batch norm", "no dropout but EMA"; any
    field that a script then has: "no optimizer but has a learning rate"."""
    for match in _CONTRAST.finditer(letters(items)):
        said = items[match.start("before" if match["before"] else "behind")]
        no = "" if match["behind"] else items[match.start("no")].text
        joined = match["behind"] or match["joint"] or no.startswith(("and ", "but "))
        but = no and ("b" in match["joint"] or no.startswith("but "))  # "a scheduler but no weight decay"
        if joined and (match["has"] or said.fields[0] in (FEATURES if but else PLAIN_FEATURES)) and not said.weak:
            _present(said)


def _goes_on(items: list[Item], place: int) -> bool:
    """Whether a field without a value ends a list of what is there or missing."""
    codes = letters(items)
    listed = re.search(r"E[coaxrf]*[coa][rf]?$", codes[:place])
    had = re.search(r"[hx][rfx]{0,2}E[coa]+[rf]{0,2}$", codes[:place])  # "with Adam and a scheduler"
    valued = re.match(r"[fqrhCBX]{0,2}N", codes[place + 1 :]) or _is_valued(items, place + 1)
    kinds = [("has",)] + ([("",), ("architecture",)] if items[place].fields[0] in PLAIN_FEATURES else [])
    return not valued and (had is not None or (listed is not None and items[listed.start()].fields in kinds))


def _present(said: Item) -> None:
    said.code, said.expr, said.fields = "E", either(Filter(name, "has") for name in said.fields), ("has",)


def _is_valued(items: list[Item], place: int) -> bool:
    """Whether a value of the field before `place` follows: "no optimizer Adam", but "no dropout, trained on MNIST"."""
    named = next((item for item in items[place : place + 3] if item.code not in "fqrhCBX"), None)
    return named is not None and named.code == "E" and bool(set(named.fields) & set(items[place - 1].fields))
