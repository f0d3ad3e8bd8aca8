"""The Diff pane: two models side by side; and three or more as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from core.analysis.facts import Place, Value
from core.catalog.model import Model
from core.compare.difference import CohortComparison, Diff, FieldRow, LayerRow, Spread
from core.fields import LISTED, SETTINGS
from tui.app import text
from tui.app.text import cut, fit, plain, plain_lines, wrap
from tui.app.widgets.lines import Document, Line, Span, heading, line


def document(diff: Diff) -> Document:
    """Facts, layers and code of two models, the differing ones first."""
    return lambda width: list(_two(diff, width))


def _two(diff: Diff, width: int) -> Iterator[Line]:
    label, half = _columns(width)
    yield _head("", diff.a, diff.b, label, half)
    differing = [row for row in diff.rows if not row.same]
    equal = [row for row in diff.rows if row.same]
    yield heading("Facts", width, f"{len(differing)} differ, {len(equal)} equal")
    for row in differing:
        yield from _field(row, label, half)
    if equal:
        yield line("")
        yield line("equal", "dim")
        for row in equal:
            yield _equal(row, label, width)
    yield from _layers(diff.layers, label, half, width)
    yield from _code(diff.code, width)


def _columns(width: int) -> tuple[int, int]:
    """Cells of the label and of each side."""
    label = 16 if width >= 70 else 13
    return label, max((width - label - 3) // 2, 6)


def _head(label: str, a: str, b: str, width: int, half: int) -> Line:
    return Line(
        (
            Span(fit(label, width)),
            Span(fit(plain(a), half, "end"), "strong"),
            Span(" \u2502 ", "dim"),
            Span(fit(plain(b), half, "end"), "strong"),
        )
    )


def _name(field: str) -> str:
    """A field in words; a setting as the code spells it."""
    if field.startswith(SETTINGS):
        return plain(field.removeprefix(SETTINGS))
    return plain(field.removeprefix("metrics.")).replace("_", " ")


def _shown(field: str, values: Sequence[Value]) -> str:
    return text.values(field, tuple(values)) if values else "unknown"


def _field(row: FieldRow, label: int, half: int) -> Iterator[Line]:
    """A differing field: each side's values, wrapped, with their place behind them."""
    sides = [
        _side(_shown(row.field, values), bool(values), text.place(places[0]) if places else "", half)
        for values, places in ((row.a, row.place_a), (row.b, row.place_b))
    ]
    target = (row.place_a or row.place_b or (None,))[0]
    value = (row.a or row.b or (None,))[0]
    for index in range(max(len(side) for side in sides)):
        a, b = (side[index] if index < len(side) else (Span(" " * half),) for side in sides)
        name = Span(fit(_name(row.field) if index == 0 else "", label - 1) + " ", "label")
        yield Line(
            (name, *a, Span(" \u2502 ", "dim"), *b), target=target, stop=index == 0, field=row.field, value=value
        )


def _side(value: str, known: bool, where: str, half: int) -> list[tuple[Span, ...]]:
    """The lines of one side, `half` cells wide; the place ends the last one, or has its own where there is no room."""
    role = "differs" if known else "dim"
    parts = wrap(value, half)
    if len(parts) > MOST:
        parts = [*parts[: MOST - 1], cut(parts[MOST - 1] + " \u2026", half)]
    lines: list[tuple[Span, ...]] = [(Span(fit(part, half), role),) for part in parts]
    room = half - cell_len(parts[-1])
    if where and cell_len(where) + 2 <= room:
        lines[-1] = (Span(parts[-1], role), Span(fit(where, room, align="right"), "place"))
    elif where:
        lines.append((Span(fit(where, half, "end", "right"), "place"),))
    return lines


MOST = 4
"""Lines of one value: a description is longer than what a comparison needs of it."""


def _equal(row: FieldRow, label: int, width: int) -> Line:
    target: Place | None = row.place_a[0] if row.place_a else None
    spans = (
        Span(fit(_name(row.field), label - 1) + " ", "dim"),
        Span(cut(_shown(row.field, row.a), width - label), "dim"),
    )
    return Line(spans, target=target, field=row.field, value=row.a[0] if row.a else None)


def _layers(layers: Sequence[LayerRow], label: int, half: int, width: int) -> Iterator[Line]:
    if not layers:
        return
    changed = sum(1 for row in layers if row.change != "same")
    yield line("")
    yield heading("Layers", width, f"{changed} differ, {len(layers) - changed} equal")
    for row in layers:
        roles = _layer_roles(row)
        spans = (
            Span(fit(plain(row.name), label - 1, "end") + " ", "label"),
            Span(fit(plain(row.a or ""), half), roles[0]),
            Span(" \u2502 ", "dim"),
            Span(fit(plain(row.b or ""), half), roles[1]),
        )
        yield Line(spans, stop=row.change != "same")


def _layer_roles(row: LayerRow) -> tuple[str, str]:
    if row.change == "same":
        return "dim", "dim"
    return ("removed", "added") if row.a is None or row.b is None else ("differs", "differs")


Pair = tuple[str, str | None, str | None]
"""What happened ("same", "changed", "hunk") and the line of each side."""


def side_by_side(unified: str) -> list[Pair]:
    """A unified diff as pairs of lines: a run of removed lines stands beside the run of added ones after it."""
    pairs: list[Pair] = []
    removed: list[str] = []
    added: list[str] = []

    def flush() -> None:
        for index in range(max(len(removed), len(added))):
            pairs.append(
                (
                    "changed",
                    removed[index] if index < len(removed) else None,
                    added[index] if index < len(added) else None,
                )
            )
        removed.clear()
        added.clear()

    for item in plain_lines(unified):
        if item.startswith(("--- ", "+++ ")) and not pairs:
            continue
        if item.startswith("-"):
            if added:
                flush()
            removed.append(item[1:])
        elif item.startswith("+"):
            added.append(item[1:])
        else:
            flush()
            if item.startswith("@@"):
                pairs.append(("hunk", item, None))
            elif item:
                pairs.append(("same", item[1:], item[1:]))
    flush()
    return pairs


def _code(code: str | None, width: int) -> Iterator[Line]:
    if not code:
        return
    pairs = side_by_side(code)
    yield line("")
    yield heading("Code", width, f"{sum(1 for kind, _, _ in pairs if kind == 'changed')} lines differ")
    half = max((width - 3) // 2, 8)
    before = ""
    for kind, a, b in pairs:
        if kind == "hunk":
            yield line(cut(a or "", width), "place")
        else:
            yield _code_line(kind, a, b, half, stop=kind == "changed" and before != "changed")
        before = kind


def _code_line(kind: str, a: str | None, b: str | None, half: int, stop: bool) -> Line:
    roles = ("removed", "added") if kind == "changed" else ("", "")
    return Line(
        (
            Span(fit(a or "", half), roles[0] if a is not None else ""),
            Span(" \u2502 ", "dim"),
            Span(fit(b or "", half), roles[1] if b is not None else ""),
        ),
        stop=stop,
    )


# -- three or more


def table(models: Sequence[Model]) -> Document:
    """Fields down, models across; what differs is set off, what is equal folded below."""
    return lambda width: list(_table(models, width))


def _table(models: Sequence[Model], width: int) -> Iterator[Line]:
    label = 16
    each = max(min((width - label) // len(models) - 2, 32), 12)
    yield Line((Span(" " * label), *(Span(fit(plain(model.id), each, "end") + "  ", "strong") for model in models)))
    rows = [(field, [model.values(field) for model in models]) for field in _fields(models)]
    differing = [row for row in rows if len(set(row[1])) > 1]
    equal = [row for row in rows if len(set(row[1])) == 1 and row[1][0]]
    yield heading("Facts", width, f"{len(differing)} differ, {len(equal)} equal")
    for field, values in differing:
        spans = [Span(fit(_name(field), label - 1) + " ", "label")]
        spans += [Span(fit(_shown(field, item), each) + "  ", "differs" if item else "dim") for item in values]
        known = next((item for item in values if item), ())
        yield Line(tuple(spans), stop=True, field=field, value=known[0] if known else None)
    if equal:
        yield line("")
        yield line("equal", "dim")
        for field, values in equal:
            yield Line(
                (
                    Span(fit(_name(field), label - 1) + " ", "dim"),
                    Span(cut(_shown(field, values[0]), width - label), "dim"),
                ),
                field=field,
                value=values[0][0],
            )


def _fields(models: Sequence[Model]) -> list[str]:
    settings = sorted({fact.field for model in models for fact in model.facts if fact.field.startswith(SETTINGS)})
    return [*LISTED, *settings]


# -- cohorts


def cohorts(comparison: CohortComparison) -> Document:
    """Two questions' answers beside each other, field by field."""
    return lambda width: list(_cohorts(comparison, width))


def _cohorts(comparison: CohortComparison, width: int) -> Iterator[Line]:
    label, half = _columns(width)
    names = [f"{query} ({size})" for query, size in zip(comparison.queries, comparison.sizes, strict=True)]
    yield _head("", names[0], names[1], label, half)
    yield heading("Fields", width)
    for row in comparison.rows:
        a, b = (_spread(row.field, spread) for spread in row.spreads)
        roles = ["dim" if not _known(spread) else "" if a == b else "differs" for spread in row.spreads]
        spans = (
            Span(fit(_name(row.field), label - 1) + " ", "label"),
            Span(fit(a, half), roles[0]),
            Span(" \u2502 ", "dim"),
            Span(fit(b, half), roles[1]),
        )
        yield Line(spans, stop=a != b, field=row.field)


def _known(spread: Spread) -> bool:
    return spread.median is not None or bool(spread.counts)


def _spread(field: str, spread: Spread) -> str:
    parts = []
    if spread.median is not None:
        parts.append(f"median {text.value(field, spread.median)}")
        if spread.low is not None and spread.high is not None and spread.low != spread.high:
            parts.append(f"{text.value(field, spread.low)} to {text.value(field, spread.high)}")
    else:
        parts += [f"{text.value(field, value)} {count}" for value, count in spread.counts]
    if spread.unknown:
        parts.append(f"unknown {spread.unknown}")
    return ", ".join(parts) or "unknown"
