"""Teaching scripts of Keras: what `fit` belongs to, how long it lasts, what functional code builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = "import keras\nfrom keras import layers\n"
NET = HEAD + "net = keras.Sequential([layers.Dense(9), layers.Dense(2)])\nnet.compile('adam', loss='mse')\n"


def test_a_transformer_that_is_fitted_for_epochs_is_trained(tmp_path: Path) -> None:
    code = NET + "transformer = net\ntransformer.fit(x, y, epochs=7)\n"
    assert values(analysed(tmp_path, {"train.py": code}), "epochs") == [7]


@pytest.mark.parametrize(
    ("code", "epochs"),
    [
        ("epochs = 30\nfor epoch in range(epochs):\n    net.fit(x, y, epochs=1)\n", [30]),
        ("import tensorflow as tf\nd = tf.data.experimental.make_csv_dataset('a.csv', 8, num_epochs=1)\n"
         "net.fit(d, epochs=15)\n", [15]),
        ("import grain\nd = grain.IndexSampler(9, num_epochs=4)\nnet.fit(d)\n", [4]),
    ],
)  # fmt: skip
def test_epochs_are_those_of_training(tmp_path: Path, code: str, epochs: list[int]) -> None:
    assert values(analysed(tmp_path, {"train.py": NET + code}), "epochs") == epochs
