"""Weights files read from their headers, against what the libraries that wrote them know."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.artifacts.checkpoints import Weights, read_checkpoint
from core.artifacts.pickles import BadPickle, follow_bytes, tensors


def test_a_state_dict_of_pytorch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 2))
    path = tmp_path / "model.pt"
    torch.save(model.state_dict(), path)
    found = read_checkpoint(str(path))
    assert (found.format, found.readable) == ("pytorch", True)
    assert found.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert dict(found.tensors)["0.weight"] == (4, 1, 3, 3)
    assert [name for name, _ in found.tensors] == list(model.state_dict())


@pytest.mark.parametrize("new", [True, False])
def test_a_checkpoint_with_an_optimizer_and_an_average_counts_the_network_once(tmp_path: Path, new: bool) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    model = torch.nn.Linear(3, 5)
    average = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    path = tmp_path / "last.ckpt"
    saved = {"epoch": 3, "model": model.state_dict(), "ema": average, "optimizer": optimizer.state_dict()}
    torch.save(saved, path, _use_new_zipfile_serialization=new)
    found = read_checkpoint(str(path))
    assert (found.format, found.parameters) == ("pytorch", 20)
    assert "optimizer.state.0.exp_avg" in dict(found.tensors)


def test_a_whole_pickled_module_and_tied_weights(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    model = torch.nn.Sequential(torch.nn.Embedding(7, 4), torch.nn.Linear(4, 7, bias=False))
    model[1].weight = model[0].weight
    torch.save(model, tmp_path / "whole.pth")
    torch.save(model.state_dict(), tmp_path / "tied.pth")
    assert read_checkpoint(str(tmp_path / "whole.pth")).parameters == 28
    assert read_checkpoint(str(tmp_path / "tied.pth")).parameters == 28


def test_safetensors(tmp_path: Path) -> None:
    header = {"__metadata__": {"format": "pt"}, "a.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    data = json.dumps(header).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(data)) + data + bytes(24))
    assert read_checkpoint(str(path)) == Weights("safetensors", 6, (("a.weight", (2, 3)),))


def test_arrays_of_numpy(tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", kernel=np.zeros((3, 2)), bias=np.zeros(2))
    np.savez_compressed(tmp_path / "results.npz", scores=np.zeros((30, 2)))
    np.save(tmp_path / "codes.npy", np.zeros((5, 6), order="F"))
    assert read_checkpoint(str(tmp_path / "weights.npz")).parameters == 8
    assert read_checkpoint(str(tmp_path / "results.npz")) == Weights("npz", None, (("scores", (30, 2)),))
    assert read_checkpoint(str(tmp_path / "codes.npy")) == Weights("npy", None, (("array", (5, 6)),))
    np.save(tmp_path / "samples.npy", np.zeros((5, 6), dtype=np.uint8))
    assert read_checkpoint(str(tmp_path / "samples.npy")).is_data


def test_formats_that_are_only_named(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"w": 1}))
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(32))
    (tmp_path / "a.msgpack").write_bytes(b"\x81\xa1a\x01")
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", b"")
    found = [read_checkpoint(str(tmp_path / f"a.{suffix}")) for suffix in ("pkl", "h5", "msgpack", "keras")]
    assert found == [Weights("pickle"), Weights("hdf5"), Weights("msgpack"), Weights("keras")]


def flax_array(shape: list[int], data: bytes) -> bytes:
    """An array as flax packs it: extension 1 around (shape, dtype, bytes)."""
    inner = bytes([0x93, 0x90 | len(shape), *shape, 0xA7]) + b"float32" + b"\xc5" + struct.pack(">H", len(data)) + data
    return b"\xc8" + struct.pack(">H", len(inner)) + b"\x01" + inner


def test_arrays_of_flax(tmp_path: Path) -> None:
    dense = b"\x82\xa6kernel" + flax_array([4, 100], bytes(1600)) + b"\xa4bias" + flax_array([100], bytes(400))
    path = tmp_path / "model.msgpack"
    path.write_bytes(b"\x82\xa4step\xcd\x03\xe8\xa6params\x81\xa5dense" + dense)
    found = read_checkpoint(str(path))
    assert found == Weights("msgpack", 500, (("params.dense.kernel", (4, 100)), ("params.dense.bias", (100,))))
    path.write_bytes(path.read_bytes()[:60])
    assert not read_checkpoint(str(path)).readable


def field(number: int, data: bytes) -> bytes:
    """One length-delimited field of a protocol buffer."""
    assert len(data) < 128
    return bytes([number << 3 | 2, len(data)]) + data


def test_onnx_initialisers(tmp_path: Path) -> None:
    packed = field(1, bytes([4, 3])) + field(8, b"w") + field(9, bytes(48))
    single = b"\x08\x05" + field(8, b"b") + field(9, bytes(20))
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x08\x07" + field(7, field(5, packed) + field(5, single)))
    assert read_checkpoint(str(path)) == Weights("onnx", 17, (("w", (4, 3)), ("b", (5,))))


@pytest.mark.parametrize(
    "name", ["a.pt", "a.safetensors", "a.npz", "a.npy", "a.h5", "a.keras", "a.onnx", "a.ckpt", "a.pkl"]
)
@pytest.mark.parametrize("data", [b"", b"\r\n", b"PK\x03\x04junk", b"\x80\x02junk", b"\xff" * 64])
def test_damage_is_said(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    found = read_checkpoint(str(path))
    assert not found.readable or (found.format in ("pickle", "hdf5") and data)


def small_zip() -> bytes:
    """A zip as torch.save writes it, made without torch."""
    body = io.BytesIO()
    storage = "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI6\ntQ"
    program = "(dS'w'\nctorch._utils\n_rebuild_tensor_v2\n(" + storage + "I0\n(I2\nI3\nt(I3\nI1\ntI00\nNtRs."
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("archive/data.pkl", program)
        archive.writestr("archive/data/0", bytes(24))
    return body.getvalue()


def test_a_handwritten_pickle_of_protocol_0(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(small_zip())
    assert read_checkpoint(str(path)) == Weights("pytorch", 6, (("w", (2, 3)),))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    suffix=st.sampled_from(["pt", "safetensors", "npz", "onnx", "keras", "ckpt", "npy", "msgpack"]),
    cut=st.integers(0, 600),
    flips=st.lists(st.tuples(st.integers(0, 599), st.integers(0, 255)), max_size=8),
)
def test_any_bytes_are_read(tmp_path: Path, suffix: str, cut: int, flips: list[tuple[int, int]]) -> None:
    data = bytearray(small_zip())
    data = data[:cut] if cut < len(data) else data
    for at, value in flips:
        if at < len(data):
            data[at] = value
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(data)
    assert isinstance(read_checkpoint(str(path)).readable, bool)


@given(
    st.one_of(st.binary(max_size=200), st.recursive(st.integers() | st.text() | st.none(), st.lists).map(pickle.dumps))
)
def test_any_pickle_is_followed_or_refused(data: bytes) -> None:
    try:
        thing = follow_bytes(data)
    except BadPickle:
        return
    assert isinstance(list(tensors(thing)), list)


def test_shared_and_circular_containers_end() -> None:
    shared: list[object] = []
    nested: object = shared
    for _ in range(60):
        nested = [nested, nested]
    shared.append(shared)
    assert list(tensors(follow_bytes(pickle.dumps(nested)))) == []
