"""What a weights file holds, read from headers alone: nothing is unpickled, decompressed at length or imported."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.artifacts.msgpack import arrays
from core.artifacts.onnx import initializers
from core.artifacts.pickles import LARGEST_COUNT, MOST_BYTES, BadPickle, Tensor, follow, follow_bytes, tensors

MOST_HEADER = 16 << 20
"""A safetensors header, or the directory of a zip file, that is larger is not read."""
MOST_MEMBERS = 20_000
MOST_NPY_HEADER = 1 << 16
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
"""The number that starts a file of torch.save before version 1.6."""
BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
"""The ends of names of what a batch normalisation keeps and does not learn."""
NOT_WEIGHTS = re.compile(r"(?:^|[._])(?:optim|optimi[sz]er|opt|sched|scheduler|scaler|rng)", re.IGNORECASE)
"""Top-level entries of a checkpoint that hold the state of training, not of the network."""

_WHOLE_NUMBERS = re.compile(rb"'descr'\s*:\s*'[|<>=]?[biu]")
_SHAPE = re.compile(rb"'shape'\s*:\s*\(([\d,\s]*)\)")
Shapes = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """The format, tensors and number of parameters where it tells them, and whether it is data and no weights."""

    format: str
    parameters: int | None = None
    tensors: Shapes = ()
    readable: bool = True
    is_data: bool = False


class _Damaged(Exception):
    """The file is not what its name or first bytes promise."""


_BROKEN = (
    *(_Damaged, BadPickle, ValueError, KeyError, struct.error, zipfile.BadZipFile, zlib.error, EOFError),
    *(RecursionError, MemoryError, NotImplementedError, RuntimeError, OverflowError),
)
"""All that bytes of bad will or bad luck make the readers below raise: zipfile alone raises half of them."""


def read_checkpoint(path: str) -> Weights:
    """What a file of weights holds. Damaged: `readable` is False. Raises OSError where it cannot be opened."""
    name = _named(path)
    with Path(path).open("rb") as file:
        head = file.read(16)
        file.seek(0)
        reader = _reader(name, head)
        try:
            return reader(file)
        except OSError as error:
            if error.errno != errno.EINVAL:  # the offsets of a broken zip point before its start
                raise
            return Weights(name, readable=False)
        except _BROKEN:
            return Weights(name, readable=False)


def _named(path: str) -> str:
    """The format that the suffix promises."""
    suffix = os.path.splitext(path)[1].lower()
    return _SUFFIXES.get(suffix, "pytorch")


def _reader(name: str, head: bytes) -> Callable[[BinaryIO], Weights]:
    """The reader for what the first bytes are; a plain pickle is only listed."""
    if name == "pickle":
        return lambda file: Weights("pickle", readable=bool(head))
    if head.startswith(b"PK\x03\x04"):
        return _zip
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return lambda file: Weights("keras" if name == "keras" else "hdf5")
    if head.startswith(b"\x93NUMPY"):
        return _npy
    if name == "safetensors":
        return _safetensors
    if name == "onnx":
        return _onnx
    if name == "msgpack" and head[:1] and head[0] >= 0x80:
        return _msgpack
    return _legacy if head.startswith(b"\x80") else _nothing


def _nothing(file: BinaryIO) -> Weights:
    raise _Damaged


def _zip(file: BinaryIO) -> Weights:
    """A zip is PyTorch's, NumPy's or Keras's by what its directory lists."""
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()[:MOST_MEMBERS]
        names = [member.filename for member in members]
        pickle = next((member for member in members if member.filename.endswith("/data.pkl")), None)
        if pickle is not None:
            kind = "torchscript" if any(name.endswith("/constants.pkl") for name in names) else "pytorch"
            with archive.open(pickle) as inner:
                data = inner.read(MOST_BYTES)
            return _weights(kind, tensors(follow_bytes(data)))
        if any(name.endswith(".npy") for name in names):
            return _npz(archive, members)
        if "config.json" in names or "model.weights.h5" in names:
            return Weights("keras")
    raise _Damaged


def _check_directory(file: BinaryIO) -> None:
    """Refuse a zip whose directory alone would fill the memory: zipfile reads it whole."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 65_557))
    tail = file.read(65_557)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise _Damaged
    length = struct.unpack_from("<I", tail, at + 12)[0]
    if length != 0xFFFFFFFF and length > MOST_HEADER:
        raise _Damaged
    wide = tail.rfind(b"PK\x06\x06")
    if wide >= 0 and struct.unpack_from("<Q", tail, wide + 40)[0] > MOST_HEADER:
        raise _Damaged
    file.seek(0)


def _npz(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> Weights:
    found = []
    for member in members:
        if member.filename.endswith(".npy"):
            with archive.open(member) as inner:
                found.append((member.filename.removesuffix(".npy"), Tensor(_npy_shape(inner.read(MOST_NPY_HEADER)))))
    weights = _weights("npz", found)
    named = any(re.search(r"weight|kernel|bias|param|embed", name) for name, _ in weights.tensors)
    return weights if named else Weights("npz", None, weights.tensors)


def _npy(file: BinaryIO) -> Weights:
    """An array alone: its shape is told, but nobody says that it is parameters; of whole numbers, it is data."""
    header = file.read(MOST_NPY_HEADER)
    is_data = _WHOLE_NUMBERS.search(header[:256]) is not None
    return Weights("npy", None, (("array", _npy_shape(header)),), is_data=is_data)


def _npy_shape(data: bytes) -> tuple[int, ...]:
    found = _SHAPE.search(data) if data.startswith(b"\x93NUMPY") else None
    if found is None:
        raise _Damaged
    shape = tuple(int(size) for size in found.group(1).replace(b",", b" ").split())
    if len(shape) > 32 or any(size >= LARGEST_COUNT for size in shape):
        raise _Damaged
    return shape


def _safetensors(file: BinaryIO) -> Weights:
    """Eight bytes of length, then JSON: name -> dtype, shape, data_offsets."""
    prefix = file.read(8)
    if len(prefix) < 8 or (length := struct.unpack("<Q", prefix)[0]) > MOST_HEADER:
        raise _Damaged
    header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise _Damaged
    found = []
    for name, entry in header.items():
        if name != "__metadata__":
            shape = entry["shape"] if isinstance(entry, dict) else None
            if not isinstance(shape, list) or not all(isinstance(n, int) and 0 <= n < LARGEST_COUNT for n in shape):
                raise _Damaged
            found.append((str(name), Tensor(tuple(shape[:32]))))
    return _weights("safetensors", found)


def _onnx(file: BinaryIO) -> Weights:
    found = list(initializers(file))
    return _weights("onnx", ((name, Tensor(shape)) for name, shape in found))


def _msgpack(file: BinaryIO) -> Weights:
    return _weights("msgpack", ((name, Tensor(shape)) for name, shape in arrays(file)))


def _legacy(file: BinaryIO) -> Weights:
    """torch.save before 1.6: a magic number, a version, the system, then the object, each a pickle."""
    bounded = io.BytesIO(file.read(MOST_BYTES))
    if follow(bounded) != LEGACY_MAGIC:
        return Weights("pickle")
    for _ in range(2):
        follow(bounded)
    return _weights("pytorch", tensors(follow(bounded)))


def _weights(kind: str, found: Iterable[tuple[str, Tensor]]) -> Weights:
    """All tensors, and the count of those that are learned, each storage and each copy (an average of weights) once."""
    listed = [(name, tensor) for name, tensor in found]
    learned = [(name, tensor) for name, tensor in listed if not NOT_WEIGHTS.match(name) and not name.endswith(BUFFERS)]
    storages: dict[str, int] = {}
    for name, tensor in learned:
        storages.setdefault(tensor.storage or name, tensor.count)
    total = sum(storages.values()) - _copied(learned)
    shapes = tuple((name, tensor.shape) for name, tensor in listed)
    return Weights(kind, total if 0 < total < LARGEST_COUNT else None, shapes)


def _copied(learned: Sequence[tuple[str, Tensor]]) -> int:
    """Parameters of top-level entries that repeat an earlier one name for name (`model` and `ema`)."""
    groups: dict[str, dict[str, Tensor]] = {}
    for name, tensor in learned:
        top, dot, rest = name.partition(".")
        groups.setdefault(top if dot else "", {})[rest or top] = tensor
    seen: list[dict[str, tuple[int, ...]]] = []
    copied = 0
    for top, entries in groups.items():
        shapes = {name: tensor.shape for name, tensor in entries.items()}
        averaged = re.search(r"ema|avg|average|swa|shadow", top, re.IGNORECASE)
        if averaged and shapes in seen:
            copied += sum(tensor.count for tensor in entries.values())
        seen.append(shapes)
    return copied


_SUFFIXES = {
    ".safetensors": "safetensors", ".npz": "npz", ".npy": "npy", ".h5": "hdf5", ".hdf5": "hdf5", ".keras": "keras",
    ".onnx": "onnx", ".pkl": "pickle", ".pickle": "pickle", ".joblib": "pickle", ".msgpack": "msgpack",
}  # fmt: skip
