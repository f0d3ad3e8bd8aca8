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


FIT = "net.compile('adam', loss='mse')\nnet.fit(x, y, epochs=2)\n"
TWINS = """
def tower():
    a = keras.Input((9,))
    return keras.Model(a, layers.Dense(4)(a))
left = keras.Input((9,))
right = keras.Input((9,))
part = MADE
first = part(left)
second = part(right)
net = keras.Model([left, right], layers.Dense(1)(layers.Concatenate()([first, second])))
"""
BLOCKS = """
def block(x):
    h = layers.MultiHeadAttention(2, 8)(x, x)
    x = layers.LayerNormalization()(h) + x
    h = layers.Conv1D(16, kernel_size=1)(x)
    h = layers.Conv1D(8, WIDTH)(h)
    return layers.LayerNormalization()(h + x)
a = keras.Input((9, 8))
net = keras.Model(a, layers.Dense(2)(block(block(a))))
"""
LANGUAGE = """
def NAME(n):
    return keras.ops.arange(n)[:, None] >= keras.ops.arange(n)
a = keras.Input((9,), dtype='int32')
x = layers.Embedding(9, 8)(a)
h = layers.MultiHeadAttention(2, 8)(x, x, attention_mask=NAME(9))
x = layers.LayerNormalization()(x + h)
x = layers.LayerNormalization()(x + layers.Dense(8)(layers.Dense(9)(x)))
net = keras.Model(a, layers.Dense(9)(x))
"""


@pytest.mark.parametrize(
    ("code", "family", "there"),
    [
        (TWINS.replace("MADE", "tower()"), "Siamese", True),
        (TWINS.replace("MADE", "layers.Embedding(9, 4)"), "Siamese", False),
        (BLOCKS.replace("WIDTH", "1"), "Transformer", True),
        (BLOCKS.replace("WIDTH", "1"), "CNN", False),
        (LANGUAGE.replace("NAME", "causal_attention_mask"), "GPT", True),
        (LANGUAGE.replace("NAME", "padding_mask"), "GPT", False),
    ],
)
def test_families_of_functional_code(tmp_path: Path, code: str, family: str, there: bool) -> None:
    found = values(analysed(tmp_path, {"train.py": HEAD + code + FIT}), "architecture")
    assert (family in found) is there, found


KEEPER = """
class Draw(layers.Layer):
    def call(self, inputs):
        return inputs + keras.random.normal((2,))
class Pair(keras.Model):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.near = keras.metrics.CosineSimilarity()
    def train_step(self, x):
        loss = keras.losses.mean_absolute_error(x, self.decoder(self.encoder(x)))
        return {'near': self.near(x, x)}
a, b = keras.Input((9,)), keras.Input((2,))
encoder = keras.Model(a, Draw()(layers.Dense(2)(a)))
decoder = keras.Model(b, layers.Dense(9)(b))
net = Pair(encoder, decoder)
net.compile(optimizer='adam')
net.fit(x, epochs=2)
"""


@pytest.mark.parametrize("package", ["keras", "keras_core", "tf_keras"])
def test_a_model_that_keeps_functional_models_is_the_model_and_measures_are_no_losses(
    tmp_path: Path, package: str
) -> None:
    head = HEAD.replace("import keras", f"import {package} as keras").replace("from keras", f"from {package}")
    found = analysed(tmp_path, {"train.py": head + KEEPER})
    assert values(found, "model_classes") == ["Pair", "Draw"]
    assert values(found, "loss") == ["mean_absolute_error"]
    assert "Keras" in values(found, "framework")


def test_an_agent_and_its_critic_written_in_one_script(tmp_path: Path) -> None:
    code = """
import gym, tensorflow as tf
env = gym.make('CartPole-v1')
a = keras.Input((4,))
h = layers.Dense(9)(a)
net = keras.Model(a, [layers.Dense(2)(h), layers.Dense(1)(h)])
opt, huber = keras.optimizers.Adam(0.01), keras.losses.Huber()
state = env.reset()
with tf.GradientTape() as tape:
    probs, critic_value = net(state)
    actor_losses, critic_losses = [], []
    for log_prob, value, ret in zip(probs, critic_value, rewards):
        diff = ret - value
        actor_losses.append(-log_prob * diff)
        critic_losses.append(huber(value, ret))
    loss = sum(actor_losses) + sum(critic_losses)
opt.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
"""
    found = values(analysed(tmp_path, {"train.py": HEAD + code}), "architecture")
    assert found[0] == "Actor-Critic"
    assert "Policy Gradient" in found


JOINED = """
import tensorflow as tf
from tensorflow.keras import layers
class Block(tf.keras.Model):
    def __init__(self, a, b):
        super().__init__()
        self.one, self.two = layers.Conv2D(a, 1), layers.Conv2D(a, 1)
        self.three, self.four = layers.Conv2D(b, 3, padding='same'), layers.Conv2D(b, 5, padding='same')
    def call(self, x):
        return layers.{join}()([self.one(x), self.three(self.two(x)), self.four(x)])
net = tf.keras.Sequential([Block(8, 16), Block(16, 32), layers.GlobalAvgPool2D(), layers.Dense(10)])
net.compile('adam', loss='sparse_categorical_crossentropy')
net.fit(x, y, epochs=3)
"""


@pytest.mark.parametrize(("join", "told"), [("Concatenate", True), ("Average", False)])
def test_branches_joined_by_a_layer(tmp_path: Path, join: str, told: bool) -> None:
    analysis = analysed(tmp_path, {"train.py": JOINED.format(join=join)})
    assert ("Inception" in values(analysis, "architecture")) == told


@pytest.mark.parametrize(("joined", "optimizers"), [("", ["Adam"]), ("net.add(shown)\n", ["Adam", "RMSprop"])])
def test_a_model_that_is_only_asked_once_is_not_what_is_trained(
    tmp_path: Path, joined: str, optimizers: list[str]
) -> None:
    shown = "shown = keras.Sequential([layers.Embedding(9, 4)])\nshown.compile('rmsprop', 'mae')\nshown.predict(x)\n"
    told = analysed(tmp_path, {"train.py": NET + shown + joined + "net.fit(x, y)\n"})
    assert values(told, "optimizer") == optimizers


def test_losses_that_are_weighed_and_added_up(tmp_path: Path) -> None:
    made = "first = keras.losses.Huber()\nsecond = keras.losses.CategoricalFocalCrossentropy()\n"
    code = HEAD + made + NET.removeprefix(HEAD).replace("'mse'", "first + (1 * second)") + "net.fit(x, y)\n"
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["Huber", "CategoricalFocalCrossentropy"]


def test_what_a_generator_is_asked_to_show_is_no_training(tmp_path: Path) -> None:
    giving = (
        "def batches(data, count):\n    for epoch in range(count):\n        for one in data:\n            yield one\n"
    )
    fed = "for one in batches(x, 1):\n    break\nnet.fit_generator(batches(x, 8), epochs=8)\n"
    assert values(analysed(tmp_path, {"train.py": NET + giving + fed}), "epochs") == [8]
    trained = "for one in batches(x, 8):\n    net.train_on_batch(one)\n"
    assert values(analysed(tmp_path, {"train.py": NET + giving + trained}), "epochs") == [8]


def test_a_loss_that_a_measure_gives(tmp_path: Path) -> None:
    code = """
    from tensorflow.keras import metrics
    from tensorflow.keras.layers import Dense, Input
    from tensorflow.keras.models import Model
    given = Input((8,))
    net = Model(given, Dense(8)(given))
    net.add_loss(metrics.binary_crossentropy(given, net.output) * 8)
    net.compile("adam")
    net.fit(x)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["binary_crossentropy"]


@pytest.mark.parametrize(("given", "told"), [("'rmsprop'", ["RMSprop"]), ("slow", ["Adam"])])
def test_an_optimizer_that_nothing_reads(tmp_path: Path, given: str, told: list[str]) -> None:
    made = "slow = keras.optimizers.Adam(0.002)\n" + NET.removeprefix(HEAD).replace("'adam'", given)
    analysis = analysed(tmp_path, {"train.py": HEAD + made + "net.fit(x, y)\n"})
    assert values(analysis, "optimizer") == told
    assert values(analysis, "learning_rate") == ([0.002] if told == ["Adam"] else [])


def test_half_a_batch_is_drawn_twice(tmp_path: Path) -> None:
    training = """
def train(net, n_batch=256):
    half_batch = int(n_batch / 2)
    for i in range(10000):
        net.train_on_batch(real(half_batch))
        net.train_on_batch(false(half_batch))
train(net)
"""
    assert values(analysed(tmp_path, {"train.py": NET + training}), "batch_size") == [256]
