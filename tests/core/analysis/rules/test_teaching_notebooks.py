"""Notebooks that train one model after the other, and fetch their data in a cell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = "from tensorflow import keras\nfrom tensorflow.keras import layers\n"
NET = "net = keras.Sequential([layers.Dense(9), layers.Dense(4)])\nnet.compile('adam', loss='mse')\n"


def notebook(*cells: str) -> str:
    """A notebook of these code cells."""
    made = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    return json.dumps({"cells": made, "nbformat": 4, "metadata": {}})


def test_data_fetched_by_a_command(tmp_path: Path) -> None:
    fetched = "!wget https://example.org/data/aclImdb_v1.tar.gz\n!tar xf aclImdb_v1.tar.gz"
    analysis = analysed(tmp_path, {"a.ipynb": notebook(fetched, HEAD, NET + "net.fit(x, y)")}, "a.ipynb")
    assert values(analysis, "datasets") == ["IMDb"]
    told = next(fact for fact in analysis.facts if fact.field == "datasets")
    assert (told.place.cell, told.place.line) == (0, 1)


@pytest.mark.parametrize(
    ("code", "batches"),
    [
        ("net.fit(a, b, batch_size=64)\nd = keras.utils.image_dataset_from_directory('p', batch_size=32)\n", [32, 64]),
        ("dummy_data = keras.utils.timeseries_dataset_from_array(a, b, 3, batch_size=2)\n"
         "d = keras.utils.timeseries_dataset_from_array(x, y, 9, batch_size=256)\n", [256]),
        ("for shown in maker.flow(a, batch_size=1):\n    show(shown)\n"
         "d = maker.flow_from_directory('p', batch_size=20)\n", [20]),
    ],
)  # fmt: skip
def test_batches_of_several_models(tmp_path: Path, code: str, batches: list[int]) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + NET + code + "net.fit(d)\n"}), "batch_size") == batches


def test_a_folder_counts_beside_what_a_library_loads(tmp_path: Path) -> None:
    code = "(x, y), _ = keras.datasets.mnist.load_data()\nd = keras.utils.image_dataset_from_directory('celeba_gan')\n"
    found = values(analysed(tmp_path, {"train.py": HEAD + code + NET + "net.fit(x, y)\nnet.fit(d)\n"}), "datasets")
    assert found == ["MNIST", "CelebA"]


def test_an_autoencoder_beside_diffusion(tmp_path: Path) -> None:
    code = """
    import numpy as np
    def schedule(n):
        alpha = 1 - np.linspace(0.0001, 0.02, n)
        return np.cumprod(alpha)
    schedule(9)
    """
    code = HEAD + NET + "net.fit(x, x)\n" + "\n".join(line[4:] for line in code.splitlines())
    found = values(analysed(tmp_path, {"train.py": code}), "architecture")
    assert {"Autoencoder", "Diffusion"} <= set(found)
