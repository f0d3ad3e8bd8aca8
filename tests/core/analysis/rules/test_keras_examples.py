"""What longer scripts of Keras do: layers built late, graphs, masked kernels, schedules, data named by a class."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n"
END = "net.compile('adam', loss='mse')\nnet.fit(x, y, epochs=2)\n"

BUILT_LATE = """
class Inner(layers.Layer):
    def call(self, x):
        return self.dense(x)
    def build(self, shape):
        self.dense = layers.Dense(4)
class Outer(layers.Layer):
    def build(self, shape):
        self.inner = Inner()
    def call(self, x):
        return self.inner(x)
a = keras.Input((9,))
net = keras.Model(a, Outer()(a))
"""


def test_layers_that_build_makes_are_part_of_the_model(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + BUILT_LATE + END}), "model_classes") == ["Outer", "Inner"]


PASSING = """
class Pass(layers.Layer):
    def __init__(self):
        super().__init__()
        self.a, self.b = layers.Dense(8), layers.Dense(8)
    def call(self, given):
        states, edges = given
        h = self.b(self.a(states))
        MESSAGES
        return out
net = keras.Model(a, Pass()([a, e]))
"""


@pytest.mark.parametrize(
    ("messages", "first"),
    [
        ("out = tf.math.unsorted_segment_sum(data=h, segment_ids=edges[:, 0], num_segments=9)", "GNN"),
        ("score = tf.exp(h) / tf.math.segment_sum(h, edges); out = tf.math.segment_sum(h * score, edges)", "GAT"),
    ],
)  # fmt: skip
def test_messages_of_neighbours_make_a_graph_network(tmp_path: Path, messages: str, first: str) -> None:
    code = HEAD + PASSING.replace("MESSAGES", messages) + END
    assert values(analysed(tmp_path, {"train.py": code}), "architecture")[0] == first


MASKED = """
class Masked(layers.Layer):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(8, 3)
    def call(self, x):
        self.conv.kernel.assign(self.conv.kernel * self.mask)
        return self.conv(x)
net = keras.Model(a, Masked()(Masked()(a)))
"""


def test_a_masked_kernel_makes_pictures_one_by_one(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": HEAD + MASKED + END}), "architecture")
    assert found[:2] == ["Autoregressive", "CNN"]


RAYS = """
def render(alpha, rgb):
    weights = alpha * tf.math.cumprod(1.0 - alpha + 1e-9, exclusive=True)
    return tf.reduce_sum(weights * rgb)
net = keras.Sequential([layers.Dense(9), layers.Dense(4)])
render(net(x), c)
"""
ALIKE = """
class PairLoss(keras.losses.Loss):
    def __call__(self, labels, vectors):
        normalized = tf.math.l2_normalize(vectors, axis=1)
        return tf.matmul(normalized, tf.transpose(normalized))
net = keras.Sequential([keras.applications.ResNet50(), layers.Dense(4)])
net.compile('adam', loss=PairLoss())
net.fit(x, y)
"""


@pytest.mark.parametrize(("code", "families"), [(RAYS, ["MLP"]), (ALIKE, ["ResNet", "CNN"])])
def test_what_only_looks_like_another_family(tmp_path: Path, code: str, families: list[str]) -> None:
    analysis = analysed(tmp_path, {"train.py": HEAD + code + END})
    assert values(analysis, "architecture") == families
    assert values(analysis, "model_classes") == []


TOLD = """
maker = keras.Sequential([layers.Dense(49), layers.Reshape((7, 7, 1)), layers.Conv2DTranspose(1, 3)])
judge = keras.Sequential([layers.Conv2D(8, 3), layers.Dense(1)])
class Net(keras.Model):
    def __init__(self, judge, maker):
        super().__init__()
        self.discriminator, self.generator = judge, maker
    def train_step(self, data):
        real, kinds = data
        given = tf.concat([tf.random.normal((8, 9)), one_hot_labels], axis=1)
        with tf.GradientTape() as tape:
            fake = self.generator(given)
            both = tf.concat([fake, real], 0)
            loss = self.loss_fn(labels, self.discriminator(both))
        self.d_optimizer.apply_gradients(zip(tape.gradient(loss, self.discriminator.weights), w))
        with tf.GradientTape() as tape:
            loss = self.loss_fn(turned, self.discriminator(self.generator(given)))
        self.g_optimizer.apply_gradients(zip(tape.gradient(loss, self.generator.weights), w))
net = Net(judge, maker)
net.compile(keras.optimizers.Adam(), keras.optimizers.Adam())
net.fit(d)
"""


def test_labels_joined_to_the_noise_make_a_conditional_gan(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": HEAD + TOLD}), "architecture")
    assert found[0] == "Conditional GAN"
    assert "UNet" not in found


def test_base_rate_of_a_schedule_in_pieces_is_the_highest(tmp_path: Path) -> None:
    made = "rate = tf.optimizers.schedules.PiecewiseConstantDecay(boundaries=[100, 200], values=[0.1, 0.01, 0.001])\n"
    code = HEAD + made + "net = keras.Sequential([layers.Dense(9)])\nnet.compile(tf.optimizers.SGD(rate))\nnet.fit(x)\n"
    assert values(analysed(tmp_path, {"train.py": code}), "learning_rate") == [0.1]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("class OxfordPets(keras.utils.Sequence):\n    pass\nx = OxfordPets()\n", "Oxford-IIIT Pet"),
        ("import pandas as pd\nx = pd.read_csv('SNLI_Corpus/snli_1.0_train.csv')\n", "SNLI"),
    ],
)
def test_data_named_by_a_class_or_a_part_of_a_path(tmp_path: Path, code: str, name: str) -> None:
    code = HEAD + code + "net = keras.Sequential([layers.Dense(9)])\n" + END
    assert values(analysed(tmp_path, {"train.py": code}), "datasets") == [name]


def test_keras_of_tensorflow_comes_before_the_library_of_the_encoder(tmp_path: Path) -> None:
    code = """
    import tensorflow as tf
    import transformers
    inner = transformers.TFBertModel.from_pretrained("bert-base-uncased")
    net = tf.keras.Model(a, tf.keras.layers.Dense(3)(inner(a)))
    net.compile("adam", loss="mse")
    net.fit(x, y)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "framework")[0] == "TensorFlow"


PIXELS = """
def up(n):
    return keras.Sequential([layers.Conv2DTranspose(n, 4, strides=2)])
def Generator():
    a = keras.Input((64, 64, 3))
    x, skips = a, []
    for n in [8, 16]:
        down = keras.Sequential([layers.Conv2D(n, 4, strides=2)])
        x = down(x)
        skips.append(x)
    join = layers.Concatenate()
    for rise, skip in zip([up(8), up(4)], reversed(skips)):
        x = join([rise(x), skip])
    return keras.Model(a, layers.Conv2DTranspose(3, 4, strides=2)(x))
def Discriminator():
    a, b = keras.Input((64, 64, 3)), keras.Input((64, 64, 3))
    return keras.Model([a, b], layers.Conv2D(1, 4)(layers.concatenate([a, b])))
generator, discriminator = Generator(), Discriminator()
discriminator([picture, generator(picture)])
g_optimizer, d_optimizer = keras.optimizers.Adam(2e-4), keras.optimizers.Adam(2e-4)
def train_step(picture, target):
    with tf.GradientTape() as tape, tf.GradientTape() as other:
        made = generator(picture)
        right = discriminator([picture, target])
        wrong = discriminator([picture, made])
        loss = loss_of(right, wrong)
    g_optimizer.apply_gradients(zip(tape.gradient(loss, generator.weights), w))
    d_optimizer.apply_gradients(zip(other.gradient(loss, discriminator.weights), w))
def fit(data, steps):
    for step, (picture, target) in data.repeat().take(steps).enumerate():
        train_step(picture, target)
fit(tf.data.Dataset.from_tensor_slices(x).batch(1), steps=4000)
"""


def test_pictures_changed_by_a_network_that_takes_what_it_had(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": HEAD + PIXELS})
    found = values(analysis, "architecture")
    assert found[0] == "Conditional GAN"
    assert "UNet" in found
    assert values(analysis, "steps") == [4000]
    assert values(analysis, "batch_size") == [1]


@pytest.mark.parametrize(
    "batches",
    [
        "d = data.batch(64)\nfirst = next(iter(data.batch(3)))\n",
        "d = data.flat_map(lambda w: w.batch(sequence_length + 1)).batch(64)\n",
    ],
)
def test_a_batch_to_look_at_and_a_window_are_no_batch_of_training(tmp_path: Path, batches: str) -> None:
    code = HEAD + "sequence_length = 25\ndata = tf.data.Dataset.from_tensor_slices(x)\n" + batches
    code += "net = keras.Sequential([layers.Dense(9)])\nnet.compile('adam', loss='mse')\nnet.fit(d, epochs=2)\n"
    assert values(analysed(tmp_path, {"train.py": code}), "batch_size") == [64]


SELECTED = """
class Select(layers.Layer):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.norm, self.more = (layers.Dense(8), layers.Dense(8), layers.LayerNormalization(),
                                                layers.LayerNormalization())
        self.softmax = layers.Dense(4, activation='softmax')
    def call(self, inputs):
        shares = tf.expand_dims(self.softmax(inputs), axis=-1)
        return tf.matmul(shares, self.norm(self.more(self.a(self.b(inputs)))), transpose_a=True)
net = keras.Model(a, Select()(a))
"""
MOBILE = """
def block(x):
    h = layers.MultiHeadAttention(2, 8)(layers.LayerNormalization()(x), x)
    x = layers.Add()([h, x])
    h = mlp(layers.LayerNormalization()(x))
    return layers.Add()([h, x])
def mlp(x):
    return layers.Dense(8)(layers.Dense(8)(x))
def build():
    a = keras.Input((64, 64, 3))
    x = a
    for _ in range(8):
        x = layers.Conv2D(8, 3)(x)
    return keras.Model(a, layers.Dense(2)(block(block(x))))
net = build()
"""
LEARNED = """
class Tree(keras.Model):
    def __init__(self):
        super().__init__()
        self.way, self.more = layers.Dense(8), layers.Dense(8)
    def call(self, x):
        shares = tf.nn.softmax(self.leaves)
        return tf.matmul(self.more(self.way(x)), shares)
net = Tree()
"""


@pytest.mark.parametrize(
    ("code", "families"),
    [(SELECTED, ["MLP"]), (MOBILE, ["Transformer", "Attention", "CNN"]), (LEARNED, ["MLP"])],
)
def test_what_attends_and_what_only_shares_out(tmp_path: Path, code: str, families: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + code + END}), "architecture") == families


GIVEN_BACK = "net.compile('adam', loss='mse')\nnet.fit(x=d, y=d, epochs=2)\n"


def test_a_network_fitted_to_give_back_its_input(tmp_path: Path) -> None:
    code = HEAD + "net = keras.Sequential([layers.Dense(9), layers.Dense(4), layers.Dense(9)])\n" + GIVEN_BACK
    assert values(analysed(tmp_path, {"train.py": code}), "architecture")[0] == "Autoencoder"


def test_data_that_another_split_of_is_loaded_to_test(tmp_path: Path) -> None:
    code = "import tensorflow_datasets as tfds\n(x, y), _ = keras.datasets.cifar10.load_data()\n"
    code += "other = tfds.load('cifar10_corrupted/saturate_5', split='test')\n"
    code += "net = keras.Sequential([layers.Dense(9), layers.Dense(4)])\n" + END
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "datasets") == ["CIFAR-10"]
