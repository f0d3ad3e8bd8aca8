"""Two models side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.analysis.facts import Layer
from core.catalog.model import Model
from core.compare.difference import Diff, FieldRow, LayerRow
from core.compare.values import Cell, cells, ordered
from core.errors import BadInput

_UNKNOWN: Cell = ((), ())


def compare_two(a: Model, b: Model, code: bool = False) -> Diff:
    """What differs, then what is equal. What neither of them says has no row.

    Raises BadInput where `code` is asked for and a source cannot be read.
    """
    from_a, from_b = cells(a), cells(b)
    fields = ordered([*from_a, *from_b])
    rows = [_row(field, from_a.get(field, _UNKNOWN), from_b.get(field, _UNKNOWN)) for field in fields]
    rows.sort(key=lambda row: row.same)
    return Diff(
        a=a.id,
        b=b.id,
        rows=tuple(rows),
        layers=tuple(align(a.layers, b.layers)),
        code=_code(a, b) if code else None,
    )


def _row(field: str, a: Cell, b: Cell) -> FieldRow:
    """Two fields are the same when they hold the same values; which of them is the main one is not a difference."""
    return FieldRow(field, a[0], b[0], set(a[0]) == set(b[0]), a[1], b[1])


def align(a: Sequence[Layer], b: Sequence[Layer]) -> Iterator[LayerRow]:
    """The layers of both in their order: first runs that are equal whole, then, between those, pairs of one name."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, [_whole(layer) for layer in a], [_whole(layer) for layer in b], autojunk=False)
    for kind, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if kind == "equal":
            yield from (LayerRow(layer.name, _shape(layer), _shape(layer), "same") for layer in a[a_from:a_to])
        else:
            yield from _pair(a[a_from:a_to], b[b_from:b_to])


def _pair(a: Sequence[Layer], b: Sequence[Layer]) -> Iterator[LayerRow]:
    """Layers of one stretch that differ: those that keep name or shape face each other, the others stand alone."""
    left = list(b)
    for layer in a:
        other = _counterpart(layer, left)
        if other is None:
            yield LayerRow(layer.name, _shape(layer), None, "removed")
            continue
        while left[0] is not other:
            added = left.pop(0)
            yield LayerRow(added.name, None, _shape(added), "added")
        left.pop(0)
        name = layer.name if layer.name == other.name else f"{layer.name} → {other.name}"
        yield LayerRow(name, _shape(layer), _shape(other), "changed")
    yield from (LayerRow(layer.name, None, _shape(layer), "added") for layer in left)


def _counterpart(layer: Layer, others: Sequence[Layer]) -> Layer | None:
    """The first with its name, else the first with its kind and arguments, else the first of its kind."""
    tests = (
        lambda other: other.name == layer.name,
        lambda other: _shape(other) == _shape(layer),
        lambda other: other.kind == layer.kind,
    )
    return next((other for test in tests for other in others if test(other)), None)


def _whole(layer: Layer) -> tuple[str, str, str]:
    return layer.name, layer.kind, layer.arguments


def _shape(layer: Layer) -> str:
    return f"{layer.kind}({layer.arguments})"


def _code(a: Model, b: Model) -> str:
    """The unified difference of the two sources; of a notebook, of the text of its code cells."""
    from difflib import unified_diff

    return "\n".join(unified_diff(_lines(a), _lines(b), fromfile=a.path, tofile=b.path, lineterm=""))


def _lines(model: Model) -> list[str]:
    from core.analysis.source import read_source

    source = read_source(model.path)
    if not source.text and source.warnings:
        raise BadInput(source.warnings[0])
    return source.lines
