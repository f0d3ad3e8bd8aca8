"""Models of one notebook that have nothing to do with one another, libraries beside TensorFlow, losses that are only
printed, and arrays that only hold weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

FITTED = """
    from tensorflow.keras import Model
    from tensorflow.keras.layers import Dense, Input

    x = Input((4,))
    first = Model(x, Dense(1)(x))
    first.compile("adam", "mse")
    first.fit(data, wanted, epochs=3)
    ASKED
    z = Input((4,))
    second = Model(z, Dense(1)(GIVEN))
    second.compile("adam", "mse")
    second.fit(data, wanted, epochs=3)
"""


@pytest.mark.parametrize(
    "asked, given, told",
    [("came = first(data)", "z", ["Linear"]), ("joined = first(z0)", "joined", ["MLP"])],
)
def test_only_what_is_made_of_layers_joins_two_models(tmp_path: Path, asked: str, given: str, told: list[str]) -> None:
    code = FITTED.replace("ASKED", "z0 = Input((4,))\n    " + asked).replace("GIVEN", given)
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == told


def test_elegy_is_known_and_fits_by_itself(tmp_path: Path) -> None:
    code = """
        import elegy as eg
        import jax
        import optax
        import tensorflow as tf

        class Net(eg.Module):
            @eg.compact
            def __call__(self, x):
                return eg.nn.Linear(10)(jax.nn.relu(eg.nn.Linear(300)(x)))

        model = eg.Model(module=Net(), loss=[eg.losses.Crossentropy()], optimizer=optax.adam(1e-3))
        model.fit(inputs=x, labels=y, epochs=10, batch_size=64)
        served = tf.saved_model.load("saved")
    """
    facts = analysed(tmp_path, {"train.py": code})
    assert values(facts, "framework") == ["Elegy", "JAX"]
    assert values(facts, "model_classes") == ["Net"]
    assert values(facts, "architecture") == ["MLP"]
    assert values(facts, "loss") == ["Crossentropy"]


def test_layers_of_neural_tangents(tmp_path: Path) -> None:
    code = """
        from jax import grad, random
        from jax.example_libraries import optimizers
        from neural_tangents import stax

        init_fn, apply_fn, kernel_fn = stax.serial(stax.Dense(512), stax.Erf(), stax.Dense(1))
        start, step, get_params = optimizers.sgd(0.1)
        state = start(init_fn(random.PRNGKey(0), (-1, 1))[1])
        for i in range(1000):
            state = step(i, grad(lambda p: ((apply_fn(p, x) - y) ** 2).mean())(get_params(state)), state)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["MLP"]


def test_a_loss_that_is_only_printed_is_none(tmp_path: Path) -> None:
    code = """
        import tensorflow as tf
        from tensorflow.keras import Sequential, layers, optimizers

        model = Sequential([layers.Dense(256), layers.Dense(10)])
        optimizer = optimizers.Adam(1e-3)
        for epoch in range(30):
            for x, y in data:
                with tf.GradientTape() as tape:
                    apart = tf.reduce_mean(tf.losses.MSE(y, model(x)))
                    loss = tf.reduce_mean(tf.losses.categorical_crossentropy(y, model(x)))
                grads = tape.gradient(loss, model.trainable_variables)
                optimizer.apply_gradients(zip(grads, model.trainable_variables))
            print(epoch, float(loss), f"{float(apart)}")
    """
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["categorical_crossentropy"]


STEPPED = """
    model = Net()
    params = model.init(jax.random.PRNGKey(0), x)
    optimizer = optax.adam(1e-3)
    state = optimizer.init(params)
    for x, y in loader:
        def loss_fn(p):
            return optax.softmax_cross_entropy(model.apply(p, x), y).mean()
        updates, state = optimizer.update(jax.grad(loss_fn)(params), state)
        params = optax.apply_updates(params, updates)
"""
RESIDUAL = """
    import jax, optax
    import jax.numpy as jnp
    from flax import linen as nn

    class Block(nn.Module):
        given: dict = None

        @nn.compact
        def __call__(self, x):
            residual = x
            x = nn.relu(nn.Conv(16, (3, 3), kernel_init=lambda *_: jnp.array(self.given["one"]))(x))
            x = nn.Conv(16, (3, 3), kernel_init=lambda *_: jnp.array(self.given["two"]))(x)
            x += residual
            return nn.relu(x)

    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            for _ in range(4):
                x = Block()(x)
            return nn.Dense(10)(x.mean((1, 2)))
"""


def test_a_block_whose_weights_may_be_given_as_arrays_is_residual(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": RESIDUAL + STEPPED}), "architecture") == ["ResNet", "CNN"]


INCEPTION = """
    from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D, concatenate
    from keras.models import Model

    def laid(x, filters, size):
        return Conv2D(filters, size, padding="same", activation="relu")(x)

    def block(x, a, b, c):
        one = Conv2D(a, 1)(x)
        three = laid(laid(x, b, 1), b, 3)
        pool = laid(MaxPooling2D(3, strides=1, padding="same")(x), c, 1)
        return concatenate([JOINED], axis=3)

    inputs = Input((32, 32, 3))
    h = block(block(block(inputs, 64, 128, 32), 64, 128, 32), 64, 128, 32)
    model = Model(inputs, Dense(10, activation="softmax")(Flatten()(h)))
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=3)
"""


@pytest.mark.parametrize("joined, told", [("one, three, pool", ["Inception", "CNN"]), ("one, three", ["CNN"])])
def test_a_function_lays_branches_and_joins_them(tmp_path: Path, joined: str, told: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": INCEPTION.replace("JOINED", joined)}), "architecture") == told


GROWING = """
    import jax, optax
    import jax.numpy as jnp
    from flax import linen as nn

    class Layer(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Conv(12, (3, 3))(nn.relu(x))

    class Block(nn.Module):
        count: int

        @nn.compact
        def __call__(self, x):
            for _ in range(self.count):
                y = Layer()(x)
                x = JOIN
            return x

    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            for count in (4, 4, 4):
                x = nn.Conv(16, (1, 1))(Block(count)(x))
            return nn.Dense(10)(x.mean((1, 2)))
"""


@pytest.mark.parametrize(
    "join, told",
    [("jnp.concatenate(arrays=[x, y], axis=-1)", ["DenseNet", "CNN"]), ("jnp.concatenate([y, y], axis=-1)", ["CNN"])],
)
def test_a_loop_that_joins_what_it_makes_to_what_it_has(tmp_path: Path, join: str, told: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": GROWING.replace("JOIN", join) + STEPPED}), "architecture") == told


def test_what_a_step_is_given_is_no_rate(tmp_path: Path) -> None:
    code = """
        import jax, optax

        def train(net, params, rate):
            updater = optax.sgd(rate) if scratch else lambda given, grads: descend(given, grads, rate)
            for epoch in range(500):
                for x, y in loader:
                    grads = jax.grad(loss)(params, x, y)
                    params = updater(params, grads)

        params = [jax.random.normal(key, (28, 32)) * 0.01, 32]
        train(net, params, 1)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "learning_rate") == [1]


def test_what_transformers_makes_for_tensorflow_is_fitted_by_keras(tmp_path: Path) -> None:
    code = """
        import tensorflow as tf
        from transformers import TFAutoModelForSequenceClassification, create_optimizer
        net = TFAutoModelForSequenceClassification.from_pretrained("bert-base-cased")
        net.compile(optimizer=create_optimizer(init_lr=2e-5, num_warmup_steps=0, num_train_steps=99)[0])
        net.fit(open("texts"), epochs=3)
    """
    facts = analysed(tmp_path, {"train.py": code})
    assert values(facts, "framework") == ["TensorFlow", "Hugging Face Transformers"]
