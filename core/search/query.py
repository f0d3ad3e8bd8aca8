"""The one Query that the grammar and plain language are both read into, its parts, its canonical line and its edits."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.analysis.facts import Value

Op = Literal[":", "!=", "<", "<=", ">", ">=", "..", "glob", "has", "missing", "none", "like"]


@dataclass(frozen=True, slots=True)
class Filter:
    """`field op value`, an exact predicate. For `..` the value is (low, high), None where open.

    A `value` of several alternatives (`field:a,b`) is an Or of filters, never a Filter with several values.
    """

    field: str
    op: Op
    value: Value = None
    note: str = dataclasses.field(default="", compare=False)
    """What the chip says beside the value: how a date or a typo was read. Not part of what was asked."""


@dataclass(frozen=True, slots=True)
class Text:
    """Free text: ranked by BM25 and meaning; a filter only where negated or a phrase."""

    words: str
    phrase: bool = False
    note: str = dataclasses.field(default="", compare=False)
    """What the chip says beside the words: a correction offered for an unknown field."""


@dataclass(frozen=True, slots=True)
class Not:
    arg: Expr


@dataclass(frozen=True, slots=True)
class And:
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or:
    args: tuple[Expr, ...]


Expr = Filter | Text | Not | And | Or

Intent = Literal["find", "details", "compare", "cohorts", "images", "count", "report"]


@dataclass(frozen=True, slots=True)
class PictureWish:
    """Which pictures a question for pictures asks for; None and "" where it does not say."""

    epoch: int | tuple[int | None, int | None] | None = None
    """The epoch, or the first and the last of several, open where None."""
    step: int | None = None
    label: str = ""
    latest: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked. `str(query)` is one canonical line that reads back as the same query."""

    expr: Expr | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    """(field, descending) in order."""
    rank: tuple[int, int | None] | None = None
    """The first and the last place among the distinct values of what is sorted by: (1, 1) has the largest, and all that
    have as much; (2, None) all but these."""
    limit: int | None = None
    intent: Intent = "find"
    cohorts: tuple[Query, ...] = ()
    pictures: PictureWish | None = None
    bad: tuple[str, ...] = ()
    """One line for each chip whose value cannot be read, `chip — reason`; the chip is marked and filters nothing."""

    def __str__(self) -> str:
        return " ".join(part for chip in _parts(self) if (part := chip.text))


@dataclass(frozen=True, slots=True)
class Chip:
    """One removable part of a query as the screen shows it. `text` is the part of the canonical line."""

    text: str
    kind: Literal["filter", "text", "sort", "rank", "limit", "intent", "bad"]
    note: str = ""


BAD_MARK = " — "
"""Between a chip that cannot be read and the reason, in `Query.bad`."""


# -- building


def both(args: Iterable[Expr | None]) -> Expr | None:
    """All of these, flattened, without repeats; the free words among them become one Text."""
    flat = _flat(And, args)
    words = [arg for arg in flat if isinstance(arg, Text) and not arg.phrase]
    if len(words) > 1:
        merged = Text(" ".join(arg.words for arg in words), note="; ".join(arg.note for arg in words if arg.note))
        flat = [merged if arg is words[0] else arg for arg in flat if arg is words[0] or arg not in words]
    return _one_or(And, flat)


def either(args: Iterable[Expr | None]) -> Expr | None:
    """Any of these, flattened, without repeats."""
    return _one_or(Or, _flat(Or, args))


def negate(arg: Expr | None) -> Expr | None:
    """None of it; a double negation cancels."""
    return arg.arg if isinstance(arg, Not) else Not(arg) if arg else None


def _flat(kind: type[And] | type[Or], args: Iterable[Expr | None]) -> list[Expr]:
    found: dict[Expr, None] = {}
    for arg in args:
        for part in arg.args if isinstance(arg, kind) else (arg,):
            if part is not None:
                found.setdefault(part)
    return list(found)


def _one_or(kind: type[And] | type[Or], args: list[Expr]) -> Expr | None:
    return kind(tuple(args)) if len(args) > 1 else args[0] if args else None


def leaves(expr: Expr | None, negated: bool = False) -> list[tuple[Filter | Text, bool]]:
    """Every filter and text of an expression, each with whether it stands under a negation."""
    if isinstance(expr, Filter | Text):
        return [(expr, negated)]
    if isinstance(expr, Not):
        return leaves(expr.arg, not negated)
    return [leaf for arg in expr.args for leaf in leaves(arg, negated)] if expr else []


# -- printing

_BARE = re.compile(r"[^\\\s()\"|,<>=!*?:-][^\\\s()\"|,*?]*")


def quoted(text: str) -> str:
    """In double quotes, so that any text reads back as itself."""
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def print_value(value: Value) -> str:
    """One value as the grammar spells it; strings that would read as something else are quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return quoted(",".join(print_value(item) for item in value))
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    plain = _BARE.fullmatch(text) and ".." not in text and text.casefold() != "none"
    return text if plain else quoted(text)


def _print_filter(leaf: Filter) -> str:
    name, value = leaf.field, leaf.value
    if leaf.op in ("has", "missing"):
        return f"{leaf.op}:{name}"
    if leaf.op == "none":
        return f"{name}:none"
    if leaf.op == "..":
        low, high = value if isinstance(value, tuple) else (value, None)
        return f"{name}:{'' if low is None else print_value(low)}..{'' if high is None else print_value(high)}"
    if leaf.op == "glob":
        return f"{name}:{value}"
    return f"{name}:{print_value(value)}" if leaf.op in (":", "like") else f"{name}{leaf.op}{print_value(value)}"


def _same_field(args: tuple[Expr, ...]) -> bool:
    """Whether an Or is what `field:a,b` says."""
    filters = [arg for arg in args if isinstance(arg, Filter) and arg.op in (":", "glob")]
    return len(filters) == len(args) and len({leaf.field for leaf in filters}) == 1


def print_expr(expr: Expr, inside: Literal["", "and", "or", "not"] = "") -> str:
    """The expression as the grammar spells it, in parentheses only where what surrounds it needs them."""
    if isinstance(expr, Filter):
        return _print_filter(expr)
    if isinstance(expr, Text):
        return quoted(expr.words) if expr.phrase else f"text:{print_value(expr.words)}"
    if isinstance(expr, Not):
        return "-" + print_expr(expr.arg, "not")
    if isinstance(expr, Or) and _same_field(expr.args):
        first = expr.args[0]
        assert isinstance(first, Filter)
        return f"{first.field}:" + ",".join(print_expr(arg)[len(first.field) + 1 :] for arg in expr.args)
    name: Literal["and", "or"] = "and" if isinstance(expr, And) else "or"
    line = (" " if name == "and" else " OR ").join(print_expr(arg, name) for arg in expr.args)
    return f"({line})" if inside in ("not", "and") else line


def _kind(expr: Expr) -> Literal["filter", "text"]:
    return "text" if all(isinstance(leaf, Text) for leaf, _ in leaves(expr)) else "filter"


def _note(expr: Expr) -> str:
    return "; ".join(dict.fromkeys(leaf.note for leaf, _ in leaves(expr) if leaf.note))


def _top(query: Query) -> tuple[Expr, ...]:
    """What the expression demands together: one chip each."""
    if query.cohorts or query.expr is None:
        return ()
    return query.expr.args if isinstance(query.expr, And) else (query.expr,)


def _expr_chips(query: Query) -> list[Chip]:
    inside: Literal["", "and"] = "and" if isinstance(query.expr, And) else ""
    return [Chip(print_expr(arg, inside), _kind(arg), _note(arg)) for arg in _top(query)]


def _cohort_chips(query: Query) -> list[Chip]:
    lines = [print_expr(cohort.expr, "and") if cohort.expr else "" for cohort in query.cohorts]
    return [Chip("VERSUS " * (number > 0) + line, "filter") for number, line in enumerate(lines)]


def _wish_chips(query: Query) -> list[Chip]:
    wish = query.pictures or PictureWish()
    said = {"epoch": _span(wish.epoch), "step": wish.step, "label": wish.label or None, "latest": wish.latest or None}
    shown = {
        name: value if name == "epoch" else print_value(value) for name, value in said.items() if value is not None
    }
    return [Chip(f"image.{name}:{text}", "intent") for name, text in shown.items()]


def _span(span: int | tuple[int | None, int | None] | None) -> str | None:
    """One number, or the first and the last of several, as they are written: `10..20`, `50..`."""
    if isinstance(span, tuple) and span[0] == span[1]:
        return str(span[0])
    if isinstance(span, tuple):
        return "..".join("" if end is None else str(end) for end in span)
    return None if span is None else str(span)


def _parts(query: Query) -> list[Chip]:
    parts = _cohort_chips(query) if query.cohorts else _expr_chips(query)
    parts += [Chip(f"sort:{'-' * descending}{name}", "sort") for name, descending in query.sort]
    parts += [Chip(f"rank:{_span(query.rank)}", "rank")] if query.rank else []
    parts += [Chip(f"limit:{query.limit}", "limit")] if query.limit is not None else []
    if query.intent not in ("find", "cohorts"):
        parts.append(Chip(f"intent:{query.intent}", "intent"))
    parts += _wish_chips(query)
    for line in query.bad:
        chip, _, reason = line.rpartition(BAD_MARK)
        parts.append(Chip(chip, "bad", reason))
    return parts


def chips(query: Query) -> tuple[Chip, ...]:
    """The removable parts of a query in the order of the canonical line."""
    return tuple(_parts(query))


# -- editing


def without(query: Query, index: int) -> Query:
    """The query without the part that `chips(query)[index]` shows."""
    chip = _parts(query)[index]
    top = len(query.cohorts) or len(_top(query))
    if index < top and query.cohorts:
        return versus([cohort for number, cohort in enumerate(query.cohorts) if number != index], query)
    if index < top:
        return replace(query, expr=both(arg for number, arg in enumerate(_top(query)) if number != index))
    if chip.kind == "sort":
        left = query.sort[: index - top] + query.sort[index - top + 1 :]
        return replace(query, sort=left, rank=query.rank if left else None)
    if chip.kind == "rank":
        return replace(query, rank=None)
    if chip.kind == "limit":
        return replace(query, limit=None)
    if chip.kind == "bad":
        place = index - len(_parts(query)) + len(query.bad)
        return replace(query, bad=query.bad[:place] + query.bad[place + 1 :])
    if chip.text.startswith("image.") and query.pictures:
        blank = PictureWish()
        name = chip.text[len("image.") :].partition(":")[0]
        return replace(query, pictures=replace(query.pictures, **{name: getattr(blank, name)}))
    return replace(query, intent="find", pictures=None)


def versus(cohorts: Iterable[Query], base: Query | None = None) -> Query:
    """The comparison of several cohorts; its expression is the union of theirs. One cohort alone is a plain query."""
    sides, base = tuple(cohorts), base or Query()
    if len(sides) < 2:
        return replace(base, expr=sides[0].expr if sides else None, cohorts=(), intent="find")
    return replace(base, expr=either(side.expr for side in sides), cohorts=sides, intent="cohorts")


def with_filter(query: Query, name: str, value: Value, exclude: bool = False) -> Query:
    """The query and one more filter (None: the field is unknown); on a comparison, in every cohort."""
    if isinstance(value, tuple):
        value = ",".join(print_value(item) for item in value)
    leaf: Expr = Filter(name, "missing") if value is None else Filter(name, ":", value)
    return narrowed(query, Not(leaf) if exclude else leaf)


def narrowed(query: Query, by: Expr) -> Query:
    """The query and one more condition; on a comparison, in every cohort."""
    if query.cohorts:
        return versus([narrowed(side, by) for side in query.cohorts], query)
    return replace(query, expr=both([query.expr, by]))


def with_sort(query: Query, name: str, descending: bool = False) -> Query:
    """The query sorted by this field, and by nothing else; places are those of the order that was asked for."""
    return replace(query, sort=((name, descending),), rank=None)


def to_json(expr: Expr | None) -> dict[str, Any] | None:
    """The tree of CONTRACT's search JSON: `{op: and|or|not, args}` with leaves `{field op value}`."""
    if expr is None:
        return None
    if isinstance(expr, Filter):
        return {"field": expr.field, "op": expr.op, "value": expr.value}
    if isinstance(expr, Text):
        return {"field": "text", "op": "phrase" if expr.phrase else ":", "value": expr.words}
    if isinstance(expr, Not):
        return {"op": "not", "args": [to_json(expr.arg)]}
    return {"op": "and" if isinstance(expr, And) else "or", "args": [to_json(arg) for arg in expr.args]}
