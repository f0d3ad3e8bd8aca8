"""Networks whose parts are layers that are kept, or weights that are taken in turn; and what small letters set."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

BLOCKS = """
    import tensorflow as tf
    from tensorflow.keras import layers

    class Down(layers.Layer):
        def __init__(self, n):
            super().__init__()
            self.conv, self.pool = layers.Conv2D(n, 3, padding="same"), layers.MaxPool2D(2)
        def call(self, x):
            x = self.conv(x)
            return x, self.pool(x)

    class Up(layers.Layer):
        def __init__(self, n):
            super().__init__()
            self.grow, self.conv = layers.UpSampling2D(2), layers.Conv2D(n, 3, padding="same")
            self.join = layers.Concatenate()
        def call(self, x, skip):
            return self.conv(self.join([self.grow(x), skip]))

    class Depth(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.down, self.up, self.last = Down(16), Up(16), layers.Conv2D(1, 1)
        def call(self, x):
            skip, x = self.down(x)
            return self.last(self.up(x, skip))

    model = Depth()
    model.compile(optimizer="adam", loss="mae")
    model.fit(x, y, epochs=3)
"""


def test_a_layer_that_is_kept_joins_the_way_down_to_the_way_up(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": BLOCKS}), "architecture") == ["UNet", "CNN"]


IN_TURN = """
    import jax, jax.numpy as jnp
    gamma = 0.9
    lr = 1e-2
    seen = 0

    def init(widths, key):
        return [[jax.random.normal(key, (b, a)), jnp.zeros(b)] for a, b in zip(widths[:-1], widths[1:])]

    def predict(params, x):
        for w, b in params[:-1]:
            x = jax.nn.relu(jnp.dot(w, x) + b)
        return x

    def loss(params, x, y):
        return jnp.mean((predict(params, x) - gamma * y) ** 2)

    params = init([784, 512, 10], jax.random.PRNGKey(0))
    for epoch in range(5):
        for x, y in loader:
            grads = jax.grad(loss)(params, x, y)
            params = jax.tree_map(lambda p, g: p - lr * g, params, grads)
            seen += 1
"""


def test_products_with_each_weight_in_turn(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": IN_TURN})
    assert values(found, "architecture") == ["MLP"]
    assert values(found, "settings.gamma") == [0.9] and values(found, "settings.lr") == [1e-2]
    assert values(found, "settings.seen") == []  # it counts


LAYERED = """
    from tensorflow import keras
    from tensorflow.keras.layers import Activation, Dense, Input, LSTM, Multiply, Permute, RepeatVector, Reshape
    x = Input((20, 8))
    h = LSTM(16, return_sequences=True)(x)
    alpha = Activation("softmax")(Reshape([-1])(Dense(1, activation="tanh")(h)))
    repeated = Permute([2, 1])(RepeatVector(16)(alpha))
    c = keras.layers.GlobalAveragePooling1D()(Multiply()([h, repeated]))
    model = keras.Model(x, Dense(5, activation="softmax")(c))
    model.compile(loss="categorical_crossentropy", optimizer="rmsprop")
    model.fit(data, labels, epochs=2)
"""


def test_attention_as_layers(tmp_path: Path) -> None:
    assert "Attention" in values(analysed(tmp_path, {"train.py": LAYERED}), "architecture")


INSIDE = {
    "objax/__init__.py": "from objax.nn import Linear\n",
    "objax/nn.py": "class Linear:\n    def __init__(self, a, b):\n        self.w = make(a, b)\n",
    "examples/train.py": """
        import objax
        model = objax.nn.Sequential([objax.nn.Linear(2, 3), objax.functional.relu, objax.nn.Linear(3, 1)])
        opt = objax.optimizer.Momentum(model.vars())
        gv = objax.GradValues(lambda x: model(x).mean(), model.vars())
        for epoch in range(3):
            g, v = gv(data)
            opt(lr=4e-4 * (batch_size / 64), grads=g)
    """,
}


def test_examples_within_the_checkout_of_a_library(tmp_path: Path) -> None:
    assert names(tmp_path, INSIDE) == ["examples/train.py"]
    found = analysed(tmp_path, INSIDE, "examples/train.py")
    assert values(found, "architecture") == ["MLP"] and values(found, "optimizer") == ["SGD"]
    assert values(found, "learning_rate") == [4e-4]  # before it is scaled
