"""Where pictures stand on a page: rows of boxes in the pictures' own proportions, as large as lets all of them fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CELL = 2
"""A cell is about twice as high as it is wide."""
LEAST = 8
"""Cells of height that a picture keeps; where not all fit at that, there are more pages."""
NAME = 10
"""Cells of width that a name below a picture needs."""
GAP = 1
TRIED = 200
"""Pictures for which a common height is sought; more never fit one page."""


@dataclass(frozen=True, slots=True)
class Box:
    """The cells of one picture, without the line of its name."""

    index: int
    width: int
    height: int


Row = tuple[Box, ...]
Page = tuple[Row, ...]


def pages(shapes: Sequence[float], width: int, height: int) -> list[Page]:
    """Pages of `width` by `height` cells; a shape is a picture's width divided by its height."""
    least = min(LEAST, max(height - 1, 1))
    tallest = height - 1 if len(shapes) <= TRIED else least
    for tall in range(tallest, least, -1):
        found = _paged(_rows(shapes, width, tall), height)
        if len(found) == 1:
            return found
    return _paged(_rows(shapes, width, least), height)


def fitted(index: int, shape: float, width: int, tall: int) -> Box:
    """A box as tall as that, lower where the picture would be wider than the page."""
    wanted = max(round(shape * tall * CELL), 1)
    if wanted <= width:
        return Box(index, max(wanted, min(NAME, width)), tall)
    return Box(index, width, max(round(width / shape / CELL), 1))


def _rows(shapes: Sequence[float], width: int, tall: int) -> list[Row]:
    rows: list[list[Box]] = [[]]
    used = 0
    for index, shape in enumerate(shapes):
        box = fitted(index, shape, width, tall)
        if rows[-1] and used + box.width > width:
            rows.append([])
            used = 0
        rows[-1].append(box)
        used += box.width + GAP
    return [tuple(row) for row in rows if row]


def _paged(rows: Sequence[Row], height: int) -> list[Page]:
    """As many rows a page as its height holds, each with a line of names."""
    found: list[list[Row]] = [[]]
    used = 0
    for row in rows:
        needs = max(box.height for box in row) + 1
        if found[-1] and used + needs > height:
            found.append([])
            used = 0
        found[-1].append(row)
        used += needs
    return [tuple(page) for page in found]
