"""A minimal, bounded reader of protocol buffers without a schema.

Encoding: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MOST_FIELDS = 100_000


class BadMessage(ValueError):
    """These bytes are no message."""


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at an offset and the offset behind it."""
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise BadMessage("a number without an end")


def fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Number, wire type and value of each field; fixed-width values as their bytes."""
    at = count = 0
    while at < len(data):
        key, at = varint(data, at)
        count += 1
        if count > MOST_FIELDS:
            raise BadMessage("too many fields")
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = varint(data, at)
            yield number, wire, value
            continue
        if wire == BYTES:
            length, at = varint(data, at)
        elif wire in (FIXED64, FIXED32):
            length = 8 if wire == FIXED64 else 4
        else:
            raise BadMessage(f"wire type {wire}")
        if at + length > len(data):
            raise BadMessage("cut off")
        yield number, wire, data[at : at + length]
        at += length
