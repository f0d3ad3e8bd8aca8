"""Files that were made to do harm: nothing is run, and nothing grows."""

from __future__ import annotations

import os
import pickle
import pickletools
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from core.artifacts.checkpoints import read_checkpoint
from core.artifacts.linking import Listed, Maker, find_artefacts


class Canary:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    "name", ["a.pkl", "a.pt", "a.pth", "a.ckpt", "a.npy", "a.joblib", "zip.pt", "zip.npz", "a.bin.pth.tar"]
)
def test_a_pickle_is_never_run(tmp_path: Path, name: str) -> None:
    canary = tmp_path / "ran"
    data = pickle.dumps({"state_dict": Canary(canary)})
    assert b"mkdir" in data and any(opcode.name == "REDUCE" for opcode, _, _ in pickletools.genops(data))
    path = tmp_path / name
    if name.startswith("zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", data)
            archive.writestr("archive/object.npy", data)
    else:
        path.write_bytes(data)
    files = [Listed(str(path), path.stat().st_size)]
    found = find_artefacts(Maker(str(tmp_path / "train.py")), str(tmp_path), files)
    assert [checkpoint.path for checkpoint in found.checkpoints] == [str(path)]
    assert not canary.exists()


def peak(path: Path) -> int:
    """The most memory that reading a file took, in bytes."""
    tracemalloc.start()
    read_checkpoint(str(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("member", ["archive/data.pkl", "weights.npy", "config.json"])
def test_a_zip_bomb_is_not_inflated(tmp_path: Path, member: str) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(member, "w") as inner:
        for _ in range(300):
            inner.write(b"]" * (1 << 20))
    assert path.stat().st_size < 1 << 20
    assert peak(path) < 100 << 20


def test_a_header_that_promises_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", 1 << 40) + b"{}")
    assert not read_checkpoint(str(path)).readable
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", 0xFFFFFFFF) + b"{'shape': (9,)}")
    assert peak(tmp_path / "a.npy") < 10 << 20


def test_json_nested_to_the_sky(tmp_path: Path) -> None:
    data = b"[" * 200_000
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(data)) + data)
    assert not read_checkpoint(str(path)).readable


def test_a_tensor_larger_than_the_world(tmp_path: Path) -> None:
    header = b'{"w": {"dtype": "F32", "shape": [4000000000000000000, 4000000000000000000], "data_offsets": [0, 0]}}'
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    assert read_checkpoint(str(path)).parameters is None


def test_links_and_pipes_do_not_hang(tmp_path: Path) -> None:
    """A named pipe that nobody writes to would block whoever opens it."""
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.pt").symlink_to(tmp_path / "loop.pt")
    files = [Listed(str(tmp_path / name), 0) for name in ("pipe.png", "loop.pt")]
    found = find_artefacts(Maker(str(tmp_path / "train.py")), str(tmp_path), files)
    assert found.images == () and found.checkpoints == () and len(found.warnings) == 2
