"""Sizes out of headers, the same as Pillow's."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.artifacts.pictures import measure

FORMATS = ["png", "jpeg", "gif", "bmp", "webp"]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (37, 21), (300, 2)])
def test_the_size_is_pillows(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    path = tmp_path / f"picture.{kind}"
    Image.new("RGB", size, (200, 10, 30)).save(path)
    assert measure(str(path)) == size


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}])
def test_other_kinds_of_webp(tmp_path: Path, options: dict[str, object]) -> None:
    path = tmp_path / "picture.webp"
    Image.new("RGBA", (40, 50)).save(path, **options)
    assert measure(str(path)) == (40, 50)


def test_a_progressive_jpeg_with_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (64, 48)).save(path, progressive=True, comment=b"x" * 3000)
    assert measure(str(path)) == (64, 48)


@pytest.mark.parametrize(
    "data", [b"", b"\r\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF1234WEBPVP8 ", b"BM"]
)
def test_a_damaged_picture_has_no_size(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    assert measure(str(path)) is None


def test_a_bomb_is_measured_and_not_decoded(tmp_path: Path) -> None:
    """A header that promises 3.6 gigapixels, over data that would inflate to gigabytes."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1 << 20)) * 4
    chunks = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    assert measure(str(path)) == (60_000, 60_000)


@given(
    kind=st.sampled_from(FORMATS),
    cut=st.integers(0, 400),
    flips=st.lists(st.tuples(st.integers(0, 399), st.integers(0, 255)), max_size=6),
)
def test_any_bytes_are_measured(
    tmp_path_factory: pytest.TempPathFactory, kind: str, cut: int, flips: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"x.{kind}"
    Image.new("RGB", (19, 23)).save(path)
    data = bytearray(path.read_bytes()[:cut])
    for at, value in flips:
        if at < len(data):
            data[at] = value
    path.write_bytes(data)
    size = measure(str(path))
    assert size is None or min(size) > 0
