"""Names and shapes of the weights in an ONNX file: the graph is walked by seeking, its data never read.

Fields: ModelProto.graph = 7; GraphProto.initializer = 5; TensorProto.dims = 1, name = 8 (onnx.proto3).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from core.artifacts.protobuf import BYTES, FIXED32, FIXED64, VARINT, BadMessage, varint

MOST_FIELDS = 200_000
MOST_NAME = 1 << 12


def initializers(file: BinaryIO) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each initializer's name and shape. Raises BadMessage."""
    end = file.seek(0, os.SEEK_END)
    graphs = [(start, length) for number, _, start, length in _walk(file, 0, end) if number == 7]
    if not graphs:
        raise BadMessage("no graph")
    for start, length in graphs:
        for number, wire, inner, size in _walk(file, start, start + length):
            if number == 5 and wire == BYTES:
                yield _tensor(file, inner, inner + size)


def _tensor(file: BinaryIO, start: int, end: int) -> tuple[str, tuple[int, ...]]:
    name, shape = "", list[int]()
    for number, wire, inner, size in _walk(file, start, end):
        if number == 1 and wire == VARINT:
            shape.append(size)
        elif number in (1, 8) and wire == BYTES:
            file.seek(inner)
            data = file.read(min(size, MOST_NAME))
            if number == 8:
                name = data.decode("utf-8", "replace")
            else:
                shape += _packed(data)
    return name, tuple(shape[:32])


def _packed(data: bytes) -> list[int]:
    numbers, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        numbers.append(value)
    return numbers


def _walk(file: BinaryIO, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Number, wire type, offset and length of each field between two offsets; of a varint its value as the length."""
    for _ in range(MOST_FIELDS):
        if at >= end:
            return
        key, at = _varint_at(file, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _varint_at(file, at)
            yield number, wire, at, value
            continue
        if wire == BYTES:
            length, at = _varint_at(file, at)
        elif wire in (FIXED64, FIXED32):
            length = 8 if wire == FIXED64 else 4
        else:
            raise BadMessage(f"wire type {wire}")
        if at + length > end:
            raise BadMessage("cut off")
        yield number, wire, at, length
        at += length


def _varint_at(file: BinaryIO, at: int) -> tuple[int, int]:
    file.seek(at)
    value, used = varint(file.read(10), 0)
    return value, at + used
