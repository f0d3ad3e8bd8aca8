"""Names and shapes of the arrays in a MessagePack file as flax writes it, read by seeking past the data.

Format: github.com/msgpack/msgpack (spec.md); flax.serialization: an array is extension 1, itself (shape, dtype, bytes).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

DEEPEST = 32
MOST_VALUES = 200_000
MOST_NAME = 1 << 10
ARRAY_HEAD = 512
"""The shape of an array stands in its first bytes."""
NDARRAY = 1

_FIXED = {
    0xC0: 0,
    0xC2: 0,
    0xC3: 0,
    0xCA: 4,
    0xCB: 8,
    **{0xCC + i: 1 << i for i in range(4)},
    **{0xD0 + i: 1 << i for i in range(4)},
}
"""Bytes behind the first of nil, booleans, floats and integers."""
_SIZED = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
"""Bytes that tell the length of binaries and texts."""
_EXTENSIONS = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_GROUPS = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}
"""Bytes that tell the count of arrays and maps, and values for each."""


class BadMessage(ValueError):
    """These bytes are no MessagePack, or more of it than is read."""


def arrays(file: BinaryIO) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each array's dotted name and shape, in order. Raises BadMessage."""
    yield from _Walk(file).value("", 0)


class _Walk:
    """Goes through a file once."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.left = MOST_VALUES

    def value(self, name: str, depth: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        self.left -= 1
        if depth > DEEPEST or self.left < 0:
            raise BadMessage("too deep or too long")
        first = self.number(1)
        group = self.group(first)
        if group is not None:
            count, each = group
            for index in range(count):
                key = self.key() if each == 2 else str(index)
                yield from self.value(f"{name}.{key}" if name else key, depth + 1)
        elif first in _EXTENSIONS or 0xD4 <= first <= 0xD8:
            yield from self.extension(
                name, self.number(_EXTENSIONS[first]) if first in _EXTENSIONS else 1 << (first - 0xD4)
            )
        else:
            self.file.seek(self.length(first), 1)

    def group(self, first: int) -> tuple[int, int] | None:
        """How many entries an array or map has, and values for each; None for anything else."""
        if 0x80 <= first <= 0x9F:
            return first & 0x0F, 2 if first < 0x90 else 1
        if first in _GROUPS:
            size, each = _GROUPS[first]
            return self.number(size), each
        return None

    def length(self, first: int) -> int:
        """Bytes of a plain value behind what was read of it."""
        if first < 0x80 or first >= 0xE0:
            return 0
        if 0xA0 <= first <= 0xBF:
            return first & 0x1F
        if first in _SIZED:
            return self.number(_SIZED[first])
        if first in _FIXED:
            return _FIXED[first]
        raise BadMessage(f"byte {first:#x}")

    def key(self) -> str:
        """A map's key; only texts and small numbers are told apart."""
        first = self.number(1)
        if first < 0x80:
            return str(first)
        length = self.length(first)
        if length > MOST_NAME:
            raise BadMessage("a long key")
        return (
            self.take(length).decode("utf-8", "replace")
            if 0xA0 <= first <= 0xBF or first in (0xD9, 0xDA, 0xDB)
            else "?"
        )

    def extension(self, name: str, length: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        code, start = self.number(1), self.file.tell()
        if code == NDARRAY:
            yield name or "array", _shape(self.file.read(min(length, ARRAY_HEAD)))
        self.file.seek(start + length)

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        data = self.file.read(size)
        if len(data) < size:
            raise BadMessage("cut off")
        return data


def _shape(data: bytes) -> tuple[int, ...]:
    """The first of an array's three parts: a list of whole numbers."""
    walk = _Walk(io.BytesIO(data))
    walk.group(walk.number(1))
    group = walk.group(walk.number(1))
    if group is None or group[0] > DEEPEST:
        raise BadMessage("no shape")
    sizes = []
    for _ in range(group[0]):
        first = walk.number(1)
        if first >= 0x80 and not 0xCC <= first <= 0xCF:
            raise BadMessage("no size")
        sizes.append(first if first < 0x80 else walk.number(1 << (first - 0xCC)))
    return tuple(sizes)
