"""The size of a picture from its header, without decoding it: a bomb of a picture costs nothing."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

HEAD = 32
"""Bytes that tell the format, and the size for all formats but JPEG."""
MOST_SEGMENTS = 512
"""A JPEG with more segments than this before its frame header is taken for damaged."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def measure(path: str) -> tuple[int, int] | None:
    """Width and height in pixels; None for a damaged or unknown picture. Raises OSError where it cannot be read."""
    with Path(path).open("rb") as file:
        head = file.read(HEAD)
        try:
            size = _size(head, file)
        except (struct.error, IndexError):
            return None
    return size if size and min(size) > 0 else None


def _size(head: bytes, file: BinaryIO) -> tuple[int, int] | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return struct.unpack_from(">II", head, 16)
    if head.startswith((b"GIF87a", b"GIF89a")):
        return struct.unpack_from("<HH", head, 6)
    if head.startswith(b"BM"):
        return _bmp(head)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _webp(head)
    if head.startswith(b"\xff\xd8"):
        return _jpeg(file)
    return None


def _bmp(head: bytes) -> tuple[int, int]:
    """Core headers have 16-bit sizes; a negative height means top to bottom."""
    if struct.unpack_from("<I", head, 14)[0] == 12:
        return struct.unpack_from("<HH", head, 18)
    width, height = struct.unpack_from("<ii", head, 18)
    return width, abs(height)


def _webp(head: bytes) -> tuple[int, int] | None:
    """The three kinds of WebP: lossy, lossless, extended."""
    kind = head[12:16]
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = struct.unpack_from("<I", head, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    return None


def _jpeg(file: BinaryIO) -> tuple[int, int] | None:
    """Walk from segment to segment to the frame header."""
    file.seek(2)
    for _ in range(MOST_SEGMENTS):
        marker = file.read(2)
        if len(marker) < 2 or marker[0] != 0xFF:
            return None
        if marker[1] == 0xFF or 0xD0 <= marker[1] <= 0xD8 or marker[1] == 0x01:  # padding and marks without a body
            file.seek(-1 if marker[1] == 0xFF else 0, 1)
            continue
        length = struct.unpack(">H", file.read(2))[0]
        if marker[1] in _FRAMES:
            height, width = struct.unpack_from(">HH", file.read(5), 1)
            return width, height
        if length < 2 or marker[1] in (0xD9, 0xDA):
            return None
        file.seek(length - 2, 1)
    return None
