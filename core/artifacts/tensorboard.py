"""Scalars out of TensorBoard's event files: a row of TFRecords, each an Event message; only scalar summaries are read.

TFRecord: length (8 bytes), its checksum (4), the data, its checksum (4). Event: step = 2, summary = 5.
Summary: value = 1. Value: tag = 1, simple_value = 2, tensor = 8.
TensorProto: dtype = 1, tensor_content = 4, float_val = 5, double_val = 6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from core.artifacts.metrics import Sample
from core.artifacts.protobuf import BadMessage, fields

LARGEST_RECORD = 1 << 20
"""A larger record is a picture or a graph and is passed over."""
MOST_RECORDS = 1_000_000
FLOAT, DOUBLE = 1, 2


def samples(file: BinaryIO) -> Iterator[Sample]:
    """Every scalar in order. A file that is still being written ends in the middle of a record: that is its end."""
    for count in range(MOST_RECORDS):
        head = file.read(12)
        if len(head) < 12:
            return
        length = struct.unpack_from("<Q", head)[0]
        if length > LARGEST_RECORD:
            if length > 1 << 40:
                return
            file.seek(length + 4, 1)
            continue
        data = file.read(length)
        if len(data) < length or len(file.read(4)) < 4:
            return
        try:
            yield from _event(data, count + 1)
        except (BadMessage, UnicodeDecodeError, struct.error):
            return


def _event(data: bytes, record: int) -> Iterator[Sample]:
    step, summaries = 0, []
    for number, _, value in fields(data):
        if number == 2 and isinstance(value, int):
            step = value
        elif number == 5 and isinstance(value, bytes):
            summaries.append(value)
    for summary in summaries:
        for number, _, value in fields(summary):
            if number == 1 and isinstance(value, bytes):
                tag, scalar = _value(value)
                if tag and scalar is not None and scalar == scalar:
                    yield Sample(tag, scalar, None, float(step), record)


def _value(data: bytes) -> tuple[str, float | None]:
    tag, scalar = "", None
    for number, _, value in fields(data):
        if number == 1 and isinstance(value, bytes):
            tag = value.decode()
        elif number == 2 and isinstance(value, bytes) and len(value) == 4:
            scalar = struct.unpack("<f", value)[0]
        elif number == 8 and isinstance(value, bytes):
            scalar = _tensor(value)
    return tag, scalar


def _tensor(data: bytes) -> float | None:
    """The number of a tensor that holds a single one."""
    found: list[float] = []
    kind, content = 0, b""
    for number, _, value in fields(data):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 4 and isinstance(value, bytes):
            content = value
        elif number in (5, 6) and isinstance(value, bytes) and len(value) == 4 * (number - 4):
            found.append(struct.unpack("<f" if number == 5 else "<d", value)[0])
    if kind in (FLOAT, DOUBLE) and len(content) == 4 * kind:
        found.append(struct.unpack("<f" if kind == FLOAT else "<d", content)[0])
    return found[0] if len(found) == 1 else None
