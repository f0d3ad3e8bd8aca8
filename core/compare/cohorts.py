"""Groups of models side by side: how the values of each field are spread in each group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.analysis.facts import Value, is_number
from core.catalog.model import Model
from core.compare.difference import CohortComparison, CohortRow, Spread
from core.compare.values import Cell, cells, ordered

_PROSE = frozenset({"description"})
"""Fields that are different for every model by nature: a count of them says nothing."""


def compare_cohorts(queries: Sequence[str], groups: Sequence[Sequence[Model]]) -> CohortComparison:
    """A row for each field that any model of any group knows, rows whose spreads differ first."""
    known = [[cells(model) for model in group] for group in groups]
    fields = ordered(field for group in known for of_one in group for field in of_one if field not in _PROSE)
    rows = [CohortRow(field, tuple(_spread(field, group) for group in known)) for field in fields]
    rows.sort(key=_alike)
    return CohortComparison(tuple(queries), tuple(map(len, groups)), tuple(rows))


def _spread(field: str, group: Sequence[dict[str, Cell]]) -> Spread:
    """Counts of models by value, most frequent first; a model with two values counts for both."""
    found = [of_one[field][0] for of_one in group if field in of_one]
    counts = Counter(value for values in found for value in values)
    numbers = sorted(value for values in found for value in values if is_number(value))
    return Spread(
        counts=tuple(sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))),
        unknown=len(group) - len(found),
        median=_median(numbers),
        low=numbers[0] if numbers else None,
        high=numbers[-1] if numbers else None,
    )


def _median(numbers: Sequence[float]) -> float | None:
    """Between the middle two where there is no middle one, to as many digits as decimal numbers keep; `statistics` is
    not imported for this one line."""
    if not numbers:
        return None
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else float(f"{(numbers[middle - 1] + numbers[middle]) / 2:.12g}")


def _alike(row: CohortRow) -> bool:
    """Whether every group has the same values in the same proportions, as far as counts of different sizes tell."""
    return len({_shares(spread) for spread in row.spreads}) == 1


def _shares(spread: Spread) -> frozenset[tuple[Value, float]]:
    total = sum(count for _, count in spread.counts) or 1
    return frozenset((value, round(count / total, 6)) for value, count in spread.counts)
