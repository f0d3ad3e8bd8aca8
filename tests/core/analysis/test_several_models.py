"""Several models in one notebook, and adversaries and transformers as JAX and Keras write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

SEVERAL = """
    from tensorflow import keras
    from tensorflow.keras import layers
    inputs = keras.Input((120, 14))
    x = layers.Dense(16, activation="relu")(layers.Flatten()(inputs))
    model = keras.Model(inputs, layers.Dense(1)(x))
    model.compile("rmsprop", loss="mse")
    model.fit(train, epochs=10)

    inputs = keras.Input((120, 14))
    x = layers.GlobalAveragePooling1D()(layers.Conv1D(8, 24, activation="relu")(inputs))
    model = keras.Model(inputs, layers.Dense(1)(x))
    model.compile("rmsprop", loss="mse")
    model.fit(train, epochs=10)
"""


def test_functional_models_at_the_top_level_are_networks_of_their_own(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SEVERAL}), "architecture") == ["CNN", "MLP"]


HEAD = """
    from tensorflow import keras
    from tensorflow.keras import layers
    inputs = keras.Input((28, 28, 1))
    base = keras.Model(inputs, layers.Flatten()(layers.Conv2D(8, 3)(inputs)))
    again = keras.Input((28, 28, 1))
    x = layers.Dense(16, activation="relu")(base(again))
    model = keras.Model(again, layers.Dense(10, activation="softmax")(x))
    model.compile("adam", loss="sparse_categorical_crossentropy")
    model.fit(pictures, labels, epochs=10)
"""


def test_a_model_is_one_with_the_model_that_it_calls(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD}), "architecture") == ["CNN"]


JUDGED = """
    import haiku as hk, jax, jax.numpy as jnp, optax

    class Generator(hk.Module):
        def __call__(self, z):
            return hk.Conv2DTranspose(1, 5, stride=2)(jnp.reshape(hk.Linear(49 * 64)(z), (-1, 7, 7, 64)))

    class Discriminator(hk.Module):
        def __call__(self, x):
            return hk.Linear(2)(hk.Flatten()(hk.Conv2D(8, 5)(x)))

    class GAN:
        def __init__(self):
            self.gen_transform = hk.without_apply_rng(hk.transform(lambda *args: Generator()(*args)))
            self.disc_transform = hk.without_apply_rng(hk.transform(lambda *args: Discriminator()(*args)))
            self.gen_opt, self.disc_opt = optax.adam(1e-4), optax.adam(1e-4)

        def sample(self, rng, params):
            return self.gen_transform.apply(params, jax.random.normal(rng, (64, 20)))

        def gen_loss(self, gen_params, rng, disc_params):
            fake_batch = self.sample(rng, gen_params)
            return -jnp.log(jax.nn.softmax(self.disc_transform.apply(disc_params, fake_batch))[:, 1]).mean()

        def disc_loss(self, disc_params, rng, gen_params, batch):
            fake_batch = self.sample(rng, gen_params)
            real_and_fake = jnp.concatenate([batch, fake_batch], axis=0)
            return self.disc_transform.apply(disc_params, real_and_fake).mean()

        def update(self, rng, state, batch):
            grads = jax.grad(self.disc_loss)(state.disc, rng, state.gen, batch)
            change, disc = self.disc_opt.update(grads, state.disc_opt)
            grads = jax.grad(self.gen_loss)(state.gen, rng, state.disc)
            return self.gen_opt.update(grads, state.gen_opt)

    gan = GAN()
    for step in range(20001):
        state = gan.update(rng, state, next(dataset))
"""


def test_a_judge_that_is_applied_to_what_is_called_real_and_fake(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": JUDGED}), "architecture") == ["GAN", "CNN"]


BLOCKS = """
    import haiku as hk, jax, jax.numpy as jnp, numpy as np, optax

    def _layer_norm(x):
        return hk.LayerNorm(axis=-1, create_scale=True, create_offset=True)(x)

    class Transformer(hk.Module):
        def __call__(self, h):
            mask = np.tril(np.ones((1, 1, 8, 8)))
            for _ in range(6):
                h_norm = _layer_norm(h)
                h = h + hk.MultiHeadAttention(8, 32, w_init=None, model_size=64)(h_norm, h_norm, h_norm, mask=mask)
                h = h + hk.Sequential([hk.Linear(256), jax.nn.gelu, hk.Linear(64)])(_layer_norm(h))
            return _layer_norm(h)

    def forward(tokens):
        return hk.Linear(100)(Transformer()(hk.Embed(100, 64)(tokens)))

    network = hk.transform(forward)
    optimizer = optax.chain(optax.trace(decay=0.9, nesterov=True), optax.scale(-1e-3))
    def loss(params, rng, tokens):
        return optax.softmax_cross_entropy_with_integer_labels(network.apply(params, rng, tokens), tokens).mean()
    for step in range(1000):
        grads = jax.grad(loss)(params, rng, batch)
        updates, state = optimizer.update(grads, state)
        params = optax.apply_updates(params, updates)
"""


def test_norms_that_one_helper_makes(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": BLOCKS})
    assert values(found, "architecture") == ["Transformer", "Attention", "GPT"]
    assert values(found, "optimizer") == ["SGD"] and values(found, "learning_rate") == [1e-3]


RESIDUAL = """
    from tensorflow import keras
    from tensorflow.keras.layers import Activation, BatchNormalization, Conv2D, Dense, Flatten, Input

    def unit(x, n, stride=1):
        return Activation("relu")(BatchNormalization()(Conv2D(n, 3, strides=stride, padding="same")(x)))

    def network(shape, depth):
        inputs = Input(shape)
        x = unit(inputs, 16)
        for block in range(3):
            y = unit(unit(x, 16), 16)
            x = keras.layers.add([x, y])
        return keras.Model(inputs, Dense(10, activation="softmax")(Flatten()(x)))

    model = network((32, 32, 3), 20)
    model.compile("adam", loss="categorical_crossentropy")
    model.fit(pictures, labels, epochs=10)
"""

NOISY = """
    from tensorflow import keras
    from tensorflow.keras.layers import Conv2D, Conv2DTranspose, Dense, Flatten, Input, Reshape
    inputs = Input((28, 28, 1))
    encoder = keras.Model(inputs, Dense(16)(Flatten()(Conv2D(32, 3, strides=2, padding="same")(inputs))))
    codes = Input((16,))
    grown = Conv2DTranspose(1, 3, strides=2, padding="same")(Reshape((14, 14, 8))(Dense(14 * 14 * 8)(codes)))
    decoder = keras.Model(codes, grown)
    autoencoder = keras.Model(inputs, decoder(encoder(inputs)))
    autoencoder.compile(loss="mse", optimizer="adam")
    autoencoder.fit(noisy, clean, epochs=10)
"""

BOXES = """
    from tensorflow import keras
    from tensorflow.keras.layers import Concatenate, Conv2D, Input
    inputs = Input((480, 640, 3))
    def build(inputs):
        found, x = [], inputs
        for i in range(3):
            x = Conv2D(64, 3, strides=2)(x)
            offsets = Conv2D(16, 3)(x)
            offsets = [offsets, offsets]
            offsets = Concatenate(axis=-1)(offsets)
            found.append(offsets)
        return keras.Model(inputs, found)
    model = build(inputs)
    model.compile("adam", loss="mae")
    model.fit(data, epochs=10)
"""


@pytest.mark.parametrize(
    ("text", "families"),
    [(RESIDUAL, ["ResNet", "CNN"]), (NOISY, ["Autoencoder", "CNN"]), (BOXES, ["CNN"])],
)
def test_functional_networks(tmp_path: Path, text: str, families: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == families


HUB = """
    import tensorflow as tf
    import tensorflow_datasets as tfds
    import tensorflow_hub as hub
    kind, pixels = ("mobilenet_v2", 224)
    HANDLE = "https://tfhub.dev/google/tf2-preview/{}/feature_vector/4".format(kind)
    splits, info = tfds.load("cats_vs_dogs", with_info=True, split=parts)
    (train, test) = splits
    train_batches = train.map(scale).batch(32).prefetch(1)
    test_batches = test.map(scale).batch(1)
    model = tf.keras.Sequential([hub.KerasLayer(HANDLE, input_shape=(224, 224, 3)), tf.keras.layers.Dense(2)])
    model.compile("adam", loss="sparse_categorical_crossentropy")
    model.fit(train_batches, epochs=5)
"""


def test_a_network_of_a_hub_is_named_by_its_address(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HUB})
    assert values(found, "architecture") == ["MobileNet", "CNN"]
    assert values(found, "batch_size") == [32]


SETTINGS_OF_IMPORTED = """
import argparse
import torch
from types import SimpleNamespace
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
config = SimpleNamespace(epochs=100, batch_size=10, lr=5e-3)
class Fitter:
    def __init__(self):
        self.net = nn.Linear(784, 10)
    def fit(self, args):
        opt = torch.optim.AdamW(self.net.parameters(), lr=args.lr)
        for epoch in range(args.epochs):
            for x, y in DataLoader(MNIST("data"), batch_size=args.batch_size):
                loss = nn.functional.cross_entropy(self.net(x), y)
                loss.backward()
                opt.step()
if __name__ == "__main__":
    Fitter().fit(config)
"""
PUT_ON_IT = """
from train import *
config.epochs = 7
config.batch_size = 320
config.lr = 0.1
fitter = Fitter()
fitter.fit(config)
"""
OF_ITS_OWN = """
from types import SimpleNamespace
from train import Fitter
config = SimpleNamespace(epochs=25, batch_size=128, lr=0.2, seed=3)
fitter = Fitter()
fitter.fit(config)
"""


def test_a_launcher_that_puts_settings_on_what_it_imports(tmp_path: Path) -> None:
    files = {"train.py": SETTINGS_OF_IMPORTED, "fonts.py": PUT_ON_IT, "small.py": OF_ITS_OWN}
    told = {name: analysed(tmp_path, files, name) for name in files}
    assert {name: values(found, "epochs") for name, found in told.items()} == {
        "train.py": [100], "fonts.py": [7], "small.py": [25],
    }  # fmt: skip
    assert values(told["fonts.py"], "batch_size") == [320]
