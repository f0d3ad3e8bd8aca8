"""Weights of layers that are told only what they give; the numbers are those of Keras 3 and Flax for the same code."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.layers import layer_tree, parameters
from tests.core.analysis.writing import program

SEQUENTIAL = "import keras\nfrom keras import layers as L\nmodel = keras.Sequential([{}])\n"
KERAS = {
    "keras.Input((28, 28, 1)), L.Conv2D(32, (3, 3)), L.MaxPooling2D((2, 2)), L.BatchNormalization(), "
    "L.Conv2D(64, 3, strides=2, padding='same', use_bias=False), L.LayerNormalization(), "
    "L.GlobalAveragePooling2D(), L.Dropout(.5), L.Dense(10)": 19658,
    "keras.Input((100,)), L.Dense(7 * 7 * 16), L.Reshape((7, 7, 16)), "
    "L.Conv2DTranspose(8, 4, strides=2, padding='same'), L.LeakyReLU(0.2), L.UpSampling2D(), L.Conv2DTranspose(4, 3), "
    "L.AveragePooling2D(3, strides=2, padding='same'), L.Flatten(), L.Dense(1, use_bias=False)": 82432,
    "keras.Input((40,)), L.Embedding(500, 16), L.Conv1D(8, 5, dilation_rate=2), L.MaxPooling1D(3), "
    "L.LSTM(12, return_sequences=True), L.GRU(6, return_sequences=True), L.SimpleRNN(5), L.Dense(2)": 10088,
    "keras.Input((32, 32, 3)), L.SeparableConv2D(8, 3), L.DepthwiseConv2D(3, padding='same'), "
    "L.Conv2D(6, 3, dilation_rate=2), L.Flatten(), L.Dense(3)": 12748,
}
FUNCTIONAL = """
from tensorflow import keras
from tensorflow.keras import layers as L
i = keras.Input((16, 16, 3))
a = L.Conv2D(8, 3, padding="same")(i)
b = L.Conv2D(8, 1)(i)
x = L.Add()([a, b])
y = L.Concatenate()([x, i])
o = L.Dense(4)(L.Flatten()(y))
model = keras.Model(i, o)
"""
ADDED = """
from keras.models import Sequential
from keras.layers import Dense, Flatten, Conv2D
model = Sequential()
model.add(Conv2D(4, kernel_size=3, input_shape=(8, 8, 1)))
model.add(Flatten())
model.add(Dense(10))
"""
LINEN = """
import jax, jax.numpy as jnp
from flax import linen as nn
class CNN(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.Conv(features=32, kernel_size=(3, 3))(x)
        x = nn.avg_pool(nn.relu(x), window_shape=(2, 2), strides=(2, 2))
        x = nn.Conv(features=64, kernel_size=(3, 3))(x)
        x = nn.avg_pool(nn.relu(x), window_shape=(2, 2), strides=(2, 2))
        x = x.reshape((x.shape[0], -1))
        x = nn.relu(nn.Dense(features=256)(x))
        return nn.Dense(features=10)(x)
cnn = CNN()
params = cnn.init(jax.random.key(0), jnp.ones([1, 28, 28, 1]))["params"]
"""


@pytest.mark.parametrize(("layers", "count"), KERAS.items(), ids=["pictures", "generator", "text", "separable"])
def test_sequential_models_have_the_weights_that_keras_counts(layers: str, count: int, tmp_path: Path) -> None:
    followed = program(tmp_path, {"train.py": SEQUENTIAL.format(layers)})
    assert [fact.value for fact in parameters(followed)] == [count]


@pytest.mark.parametrize(
    ("text", "count"), [(FUNCTIONAL, 11524), (ADDED, 1490), (LINEN, 824458)], ids=["functional", "added", "linen"]
)
def test_other_ways_to_build_a_model(text: str, count: int, tmp_path: Path) -> None:
    assert [fact.value for fact in parameters(program(tmp_path, {"train.py": text}))] == [count]


def test_without_the_shape_of_the_input_the_sum_is_unknown(tmp_path: Path) -> None:
    followed = program(tmp_path, {"train.py": SEQUENTIAL.format("L.Dense(8), L.Dropout(0.1), L.Dense(2)")})
    assert [layer.parameters for layer in layer_tree(followed)] == [0, None, 0, None]
    assert not list(parameters(followed))


def test_a_layer_that_reads_its_own_output_ends(tmp_path: Path) -> None:
    text = "from keras import layers\nd = layers.Dense(4)\nx = d(x)\nfor i in range(3):\n    x = d(x)\n"
    program(tmp_path, {"train.py": text})
    assert [layer.parameters for layer in layer_tree(program(tmp_path, {"train.py": text}))] in ([None], [20], [])
