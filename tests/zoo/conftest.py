"""What the tests of the zoo share: the process that runs its studies, and data in the formats that these read."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.zoo.running import Runner


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    with Runner() as running:
        yield running


@pytest.fixture(scope="session")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two with MNIST's four files, gzipped and not, and how the few digits in them are to be read."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    pictures = np.kron(digits.images / 16 * 255, np.ones((3, 3))).astype(np.uint8)
    pictures = np.pad(pictures, ((0, 0), (2, 2), (2, 2)))  # 28 x 28
    folder = tmp_path_factory.mktemp("mnist")
    blocks = np.pad(pictures[:400], ((0, 0), (2, 2), (2, 2))).reshape(-1, 8, 4, 8, 4)
    np.save(folder / "expected.npy", blocks.mean((2, 4)))
    for part, chosen in (("train", slice(0, 400)), ("t10k", slice(400, 500))):
        for name, array in ((f"{part}-images-idx3", pictures[chosen]), (f"{part}-labels-idx1", digits.target[chosen])):
            content = (
                struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
            )
            for kind, suffix, written in (("plain", "", content), ("gz", ".gz", gzip.compress(content))):
                (folder / kind).mkdir(exist_ok=True)
                (folder / kind / f"{name}-ubyte{suffix}").write_bytes(written)
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds one of pictures of several sizes and kinds."""
    folder = tmp_path_factory.mktemp("pictures") / "plain"
    folder.mkdir()
    noise = np.random.default_rng(0)
    for index in range(80):
        picture = noise.integers(0, 255, (20 + index % 3 * 20, 30, 3)).astype(np.uint8)
        Image.fromarray(picture).save(folder / f"{index}.{('png', 'jpg')[index % 2]}")
    (folder / "notes.txt").write_text("not a picture")
    return folder.parent
