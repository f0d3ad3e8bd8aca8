"""Models of Keras that several classes make, layers that a lifted class builds, weights in a dict, losses of parts,
measures beside them, and data that only look like texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

CLUSTERED = """
    from tensorflow.keras.datasets import mnist
    from tensorflow.keras.layers import Conv2D, Dense, Flatten, Input
    from tensorflow.keras.models import Model

    class Body:
        def __init__(self, widths):
            self.widths = widths
            self.build()

        def build(self):
            inputs = Input(shape=(24, 24, 1))
            self.network = Model(inputs, Body.stack(self.widths, inputs))

        @staticmethod
        def stack(widths, x):
            for width in widths:
                x = Conv2D(width, 3)(x)
            return x

    class Cluster:
        def __init__(self, body, heads):
            self.body, self.heads = body, heads
            self.build()

        def build(self):
            inputs = Input(shape=(24, 24, 1))
            x = Flatten()(self.body(inputs))
            self.model = Model(inputs, [Dense(10, name="z%d" % i)(x) for i in range(self.heads)])
            self.model.compile(optimizer="adam", loss="mse")

    (x, y), _ = mnist.load_data()
    cluster = Cluster(Body([64, 64]).network, HEADS)
    cluster.model.fit(x, y, epochs=3)
"""


@pytest.mark.parametrize("heads", ["1", "2"])
def test_classes_that_build_a_model_of_keras_by_static_methods_and_on_one_another(tmp_path: Path, heads: str) -> None:
    facts = analysed(tmp_path, {"train.py": CLUSTERED.replace("HEADS", heads)})
    assert values(facts, "model_classes") == ["Body", "Cluster"]
    assert values(facts, "architecture") == ["CNN"]


def test_a_lifted_class_of_flax_builds_its_layers(tmp_path: Path) -> None:
    code = """
        import functools
        import jax, optax
        from flax import linen as nn
        from flax.training.train_state import TrainState

        def sharded(target, axis):
            gathered = functools.partial(gather, axis=axis)
            return nn.map_variables(target, trans_in_fn=gathered, mapped_collections="params")

        class Whole(nn.Module):
            @nn.compact
            def __call__(self, x):
                return nn.Dense(10)(nn.silu(nn.Dense(512)(x)))

        class Split(nn.Module):
            @nn.compact
            def __call__(self, x):
                layer = sharded(nn.Dense, "data")
                return layer(features=10)(nn.silu(layer(features=512)(x)))

        def start(rng, x, model):
            params = model.init(rng, x)["params"]
            return TrainState.create(apply_fn=model.apply, params=params, tx=optax.adamw(1e-3))

        for model in (Whole(), Split()):
            state = start(jax.random.PRNGKey(0), x, model)
            for _ in range(15):
                state = state.apply_gradients(grads=jax.grad(loss_fn)(state.params))
    """
    assert set(values(analysed(tmp_path, {"train.py": code}), "model_classes")) == {"Whole", "Split"}


def test_products_with_what_is_kept_under_params(tmp_path: Path) -> None:
    code = """
        import jax, optax
        import jax.numpy as jnp

        def net(x, params):
            x = jax.nn.relu(jnp.dot(x, params["hidden"]))
            return jnp.dot(x, params["output"])

        def loss(params, batch, labels):
            return optax.sigmoid_binary_cross_entropy(net(batch, params), labels).mean()

        optimizer = optax.adam(1e-2)
        state = optimizer.init(params)
        for batch, labels in zip(DATA, LABELS):
            updates, state = optimizer.update(jax.grad(loss)(params, batch, labels), state)
            params = optax.apply_updates(params, updates)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["MLP"]


def test_a_loss_of_fastai_is_none_where_it_measures(tmp_path: Path) -> None:
    code = """
        from fastai.vision.all import *

        dls = ImageDataLoaders.from_folder(untar_data(URLs.PETS))
        learn = cnn_learner(dls, resnet18, metrics=[MSELossFlat()], loss_func=L1LossFlat())
        learn.fine_tune(2)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["L1LossFlat"]


FITTED = """
    import tensorflow as tf
    from tensorflow.keras import backend as K

    def overlap_loss(y, p):
        return 1 - 2 * K.sum(y * p) / (K.sum(y) + K.sum(p))

    def joint_loss(y, p):
        return tf.keras.losses.binary_crossentropy(y, p) + overlap_loss(y, p)

    model = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3), tf.keras.layers.Conv2D(1, 1)])
    model.compile("adam", loss=LOSS)
    model.fit(x, y, epochs=2)
    tf.keras.metrics.mean_absolute_error(y, model.predict(x)).numpy()
"""


@pytest.mark.parametrize("loss, told", [("joint_loss", "joint_loss"), ("'mse'", "mse")])
def test_neither_parts_of_a_loss_nor_numbers_that_are_read_off(tmp_path: Path, loss: str, told: str) -> None:
    assert values(analysed(tmp_path, {"train.py": FITTED.replace("LOSS", loss)}), "loss") == [told]


def test_a_loss_of_which_gradients_are_taken_though_it_is_shown_too(tmp_path: Path) -> None:
    code = """
    import tensorflow as tf
    model, other = tf.keras.Sequential([tf.keras.layers.Dense(4)]), tf.keras.Sequential([tf.keras.layers.Dense(8)])
    optimizer = tf.keras.optimizers.Adam()
    for x, y in data:
        with tf.GradientTape() as tape:
            told = tf.keras.losses.mean_absolute_error(y, model(x))
            back = tf.keras.losses.mean_squared_error(x, other(model(x)))
            total = told + back
        optimizer.apply_gradients(zip(tape.gradient(total, weights), weights))
        print(told.numpy())
    """
    found = values(analysed(tmp_path, {"train.py": code}), "loss")
    assert found == ["mean_absolute_error", "mean_squared_error"]


FACES = """
    import pandas
    from tensorflow.keras import layers, Sequential

    data = pandas.read_csv("meta/imdb.csv")
    model = Sequential([LAYERS, layers.Dense(2)])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(data, epochs=2)
"""
READ = "layers.Embedding(9000, 64), layers.GlobalAveragePooling1D()"
SEEN = "layers.Conv2D(8, 3), layers.Flatten()"


@pytest.mark.parametrize("lays, told", [(READ, ["IMDb"]), (SEEN, [])])
def test_texts_only_by_name_are_none_where_pictures_are_seen(tmp_path: Path, lays: str, told: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": FACES.replace("LAYERS", lays)}), "datasets") == told
