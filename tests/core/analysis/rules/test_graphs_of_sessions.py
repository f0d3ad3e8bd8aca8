"""Version 1 of TensorFlow, as courses write it: what sessions are fed, and networks laid by functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from core.analysis.rules.batches import batch_sizes
from core.analysis.rules.duration import epochs, steps
from core.analysis.rules.framework import frameworks
from core.analysis.rules.loss import losses
from core.analysis.rules.optimizers import optimizers
from core.analysis.rules.rates import learning_rates
from core.analysis.rules.task import task
from tests.core.analysis.writing import analysed, names, program, values

FED = """
import tensorflow as tf
inputs = tf.placeholder(tf.float32, (None, 784))
targets = tf.placeholder(tf.float32, (None, 784))
rate = tf.placeholder(tf.float32)
hidden = tf.layers.dense(inputs, 32, activation=tf.nn.relu)
logits = tf.layers.dense(hidden, 784)
cost = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits))
training = tf.train.AdamOptimizer(rate).minimize(cost)
learning_rate = 0.004
sess = tf.Session()
for epoch in range(20):
    for images, labels in batches():
        sess.run(training, feed_dict={{inputs: images, targets: {wanted}, rate: learning_rate}})
"""


@pytest.mark.parametrize(("wanted", "told"), [("images", True), ("labels", False)])
def test_what_is_fed_alike(tmp_path: Path, wanted: str, told: bool) -> None:
    found = program(tmp_path, {"train.py": FED.format(wanted=wanted)})
    assert ("Autoencoder" in {fact.value for fact in architecture(found)}) == told
    assert [fact.value for fact in learning_rates(found)] == [0.004]


BLOCKS = """
import tensorflow as tf
def ln(x):
    mean, variance = tf.nn.moments(x, [-1], keep_dims=True)
    return (x - mean) / (variance + 1e-8) ** 0.5
def attend(queries, keys):
    q, k, v = (tf.layers.dense(each, 64) for each in (queries, keys, keys))
    scores = tf.nn.softmax(tf.matmul(q, tf.transpose(k, [0, 2, 1])))
    outputs = tf.matmul(scores, v)
    {added}
    return ln(outputs)
def feed(x):
    outputs = tf.layers.dense(tf.layers.dense(x, 256, activation=tf.nn.relu), 64)
    outputs += x
    return ln(outputs)
x = tf.placeholder(tf.float32, [None, 10, 64])
y = x
for block in range(6):
    y = feed(attend(y, y))
step = tf.train.AdamOptimizer(1e-4).minimize(tf.reduce_mean(tf.abs(y - target())))
tf.Session().run(step)
"""


@pytest.mark.parametrize(("added", "told"), [("outputs += queries", True), ("pass", False)])
def test_blocks_of_a_transformer_in_functions(tmp_path: Path, added: str, told: bool) -> None:
    found = program(tmp_path, {"train.py": BLOCKS.format(added=added)})
    assert ("Transformer" in {fact.value for fact in architecture(found)}) == told


def test_the_last_layer_of_tflearn_tells_how_it_is_trained(tmp_path: Path) -> None:
    code = (
        "import tflearn\nnet = tflearn.fully_connected(tflearn.input_data([None, 9]), 4, activation='softmax')\n"
        "net = tflearn.regression(net, optimizer='sgd', learning_rate=0.02, loss='categorical_crossentropy')\n"
        "tflearn.DNN(net).fit(x, y, batch_size=100, n_epoch=30)\n"
    )
    found = program(tmp_path, {"train.py": code})
    assert [fact.value for fact in optimizers(found)] == ["SGD"]
    assert [fact.value for fact in epochs(found)] == [30]


BY_HAND = """
import numpy as np
from sklearn.manifold import TSNE
class Net:
    def __init__(self, size, learning_rate):
        self.first, self.second = np.zeros((size, 9)), np.zeros((9, 1))
        self.learning_rate = learning_rate
    def train(self, features, targets):
        for x, y in zip(features, targets):
            hidden = x.dot(self.first)
            error = hidden.dot(self.second) - y
            self.second -= hidden.T.dot(error) * self.learning_rate
            self.first -= x.T.dot(error.dot(self.second.T)) * self.learning_rate
net = Net(10, 0.1)
net.train(np.load('x.npy'), np.load('y.npy'))
TSNE().fit_transform(net.first)
"""


def test_a_rate_may_stand_last(tmp_path: Path) -> None:
    assert names(tmp_path, {"train.py": BY_HAND}) == ["train.py"]
    assert [fact.value for fact in frameworks(program(tmp_path, {"train.py": BY_HAND}))] == ["NumPy"]


def test_what_speaks_with_the_model_of_another_script_is_none(tmp_path: Path) -> None:
    train = (
        "import tensorflow as tf\nclass Graph:\n    def __init__(self, training=True):\n"
        "        x = tf.placeholder(tf.float32, [None, 9])\n        self.y = tf.layers.dense(x, 4)\n"
        "        if training:\n            self.step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_mean(self.y))\n"
        "if __name__ == '__main__':\n    g = Graph()\n    for turn in range(9):\n        tf.Session().run(g.step)\n"
    )
    speak = (
        "import tensorflow as tf\nfrom train import Graph\ng = Graph(training=False)\nprint(tf.Session().run(g.y))\n"
    )
    assert names(tmp_path, {"train.py": train, "synthesize.py": speak}) == ["train.py"]


def test_runs_that_only_look_are_no_training(tmp_path: Path) -> None:
    """`decoder_op` is called like an operation that trains, and another is known to."""
    text = """
    import tensorflow as tf
    x = tf.placeholder(tf.float32, [None, 784])
    decoder_op = tf.layers.dense(tf.layers.dense(x, 32), 784)
    loss = tf.reduce_mean(tf.pow(x - decoder_op, 2))
    optimizer = tf.train.RMSPropOptimizer(0.01).minimize(loss)
    with tf.Session() as sess:
        for i in range(1, 301):
            sess.run([optimizer, loss], feed_dict={x: data.next_batch(64)})
        for i in range(4):
            sess.run(decoder_op, feed_dict={x: data.next_batch(4)})
    """
    assert [fact.value for fact in steps(program(tmp_path, {"train.py": text}))] == [300]


def test_own_function_of_which_a_tape_takes_gradients(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    w = tf.Variable(0.1)
    def mean_square(guess, wanted):
        return tf.reduce_mean(tf.square(guess - wanted))
    optimizer = tf.optimizers.SGD(0.01)
    for step in range(100):
        with tf.GradientTape() as tape:
            loss = mean_square(w * 2.0, 3.0)
        optimizer.apply_gradients(zip(tape.gradient(loss, [w]), [w]))
    """
    assert [fact.value for fact in losses(program(tmp_path, {"train.py": text}))] == ["mean_square"]


def test_epochs_over_pairs_of_ends_of_batches(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    train_op = tf.train.GradientDescentOptimizer(0.05).minimize(cost)
    for i in range(100):
        for start, end in zip(range(0, len(images), 128), range(128, len(images) + 1, 128)):
            sess.run(train_op, feed_dict={x: images[start:end]})
    """
    assert [fact.value for fact in epochs(program(tmp_path, {"train.py": text}))] == [100]


def test_epochs_of_data_that_repeat(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    data = tf.data.Dataset.from_tensor_slices(images).batch(32).repeat(10)
    for step, (x, y) in enumerate(data):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(net(x))
        optimizer.apply_gradients(zip(tape.gradient(loss, net.weights), net.weights))
    """
    assert [fact.value for fact in epochs(program(tmp_path, {"train.py": text}))] == [10]


def test_an_estimator_is_asked_to_train_with_its_settings(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    def model_fn(features, labels, mode, params):
        logits = tf.layers.dense(features["x"], 10)
        if mode == tf.estimator.ModeKeys.PREDICT:
            return tf.estimator.EstimatorSpec(mode, predictions=logits)
        loss = tf.losses.softmax_cross_entropy(labels, logits)
        step = tf.train.AdamOptimizer(params["learning_rate"]).minimize(loss)
        return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=step)
    train_input = tf.estimator.inputs.numpy_input_fn(x, y, batch_size=64, num_epochs=None)
    test_input = tf.estimator.inputs.numpy_input_fn(u, v, num_epochs=1)
    model = tf.estimator.Estimator(model_fn=model_fn, params={"learning_rate": 1e-4})
    model.train(input_fn=train_input, steps=2000)
    """
    found = program(tmp_path, {"train.py": text})
    assert [fact.value for fact in learning_rates(found)] == [1e-4]
    assert [fact.value for fact in epochs(found)] == []


def test_batch_for_each_replica_of_a_strategy_of_two(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    try:
        strategy = tf.distribute.TPUStrategy(tf.distribute.cluster_resolver.TPUClusterResolver.connect())
    except ValueError:
        strategy = tf.distribute.get_strategy()
    SIZE = 25 * strategy.num_replicas_in_sync
    data = tf.data.TFRecordDataset("pictures").shuffle(9).batch(SIZE)
    net = tf.keras.Sequential([tf.keras.layers.Dense(3)])
    net.compile("adam", "mse")
    net.fit(data, epochs=3)
    """
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": text}))] == [25]


SOLVED = """
import torch
optimizer = torch.optim.Adam(net.parameters())
rounds = 0
while True:
    optimizer.step()
    rounds += 1
    running = 0.05 * reward + 0.95 * running
    if {test}:
        break
"""


@pytest.mark.parametrize(("test", "told"), [("running > 195", []), ("rounds > 300", [300])])
def test_only_what_is_counted_ends_the_steps(tmp_path: Path, test: str, told: list[int]) -> None:
    assert [fact.value for fact in steps(program(tmp_path, {"train.py": SOLVED.format(test=test)}))] == told


def test_a_graph_that_is_only_asked_is_followed_with_its_switch_on(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    tf.app.flags.DEFINE_boolean("train", False, "train, or show what was learned")
    FLAGS = tf.app.flags.FLAGS
    x = tf.placeholder(tf.float32, [None, 9])
    output = tf.layers.dense(x, 3)
    train_op = tf.train.AdamOptimizer(1e-3).minimize(tf.reduce_mean(tf.square(output)))
    def train():
        for epoch in range(40):
            sess.run(train_op, feed_dict={x: data})
    def show():
        sess.run(output, feed_dict={x: data})
    if FLAGS.train:
        train()
    else:
        show()
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "epochs") == [40]


def test_an_estimator_that_is_handed_its_input(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    linear = tf.estimator.LinearClassifier(feature_columns=columns)
    linear.train(train_input_fn)
    """
    assert names(tmp_path, {"train.py": text}) == ["train.py"]


def test_what_a_window_is_flattened_to_is_no_batch(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    data = tf.data.Dataset.from_tensor_slices(series).window(21, shift=1, drop_remainder=True)
    data = data.flat_map(lambda part: part.batch(21)).shuffle(100).batch(32)
    net = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    net.compile("sgd", "mse")
    net.fit(data, epochs=5)
    """
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": text}))] == [32]


CARRIED = """
import tensorflow as tf
def coder(sizes):
    x = tf.placeholder(tf.float32, [None, 784])
    wanted = tf.placeholder(tf.float32, [None, 784])
    kept = []
    carried = x
    for size in sizes:
        kept.append(tf.Variable(tf.random_normal([int(carried.get_shape()[1]), size])))
        made = tf.nn.tanh(tf.matmul(carried, kept[-1]))
        carried = made
    for weights in kept[::-1]:
        made = tf.nn.tanh(tf.matmul(carried, tf.transpose(weights)))
        carried = made
    y = carried
    return tf.reduce_sum(tf.square(y - {wanted}))
step = tf.train.AdamOptimizer(1e-3).minimize(coder([256, 64]))
tf.Session().run(step)
"""


@pytest.mark.parametrize(("wanted", "told"), [("x", True), ("wanted", False)])
def test_what_is_carried_through_layers(tmp_path: Path, wanted: str, told: bool) -> None:
    found = program(tmp_path, {"train.py": CARRIED.format(wanted=wanted)})
    assert ("Autoencoder" in {fact.value for fact in architecture(found)}) == told


LINE = """
import jax, jax.numpy as jnp
def mse(w, b, x, y):
    return jnp.mean((jnp.dot(x, w) + b - y) ** 2)
def update(w, b, x, y):
    loss, (dw, db) = jax.value_and_grad(mse, (0, 1))(w, b, x, y)
    w, b = w - 0.1 * dw, b - 0.1 * db
    return w, b
w, b = jnp.zeros((3, 1)), jnp.zeros(1)
for epoch in range(9):
    w, b = update(w, b, *points())
    print(mse(w, b, *points()))
"""


def test_a_loss_that_predicts_by_itself_compares_no_two_things(tmp_path: Path) -> None:
    assert "Autoencoder" not in {fact.value for fact in architecture(program(tmp_path, {"train.py": LINE}))}


ODDS = """
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data
digits = input_data.read_data_sets("data", one_hot=True)
x = tf.placeholder(tf.float32, [None, 28, 28, 1])
y = tf.placeholder(tf.float32, [None, 10])
hidden = tf.layers.flatten(tf.layers.conv2d(x, 16, 5))
odds = tf.nn.softmax(tf.layers.dense(hidden, 10))
taught = tf.nn.softmax(tf.layers.dense(teacher(x), 10))
cost = -tf.reduce_sum({weighed} * tf.log(odds))
best = tf.equal(tf.argmax(odds, 1), tf.argmax(y, 1))
step = tf.train.AdamOptimizer().minimize(cost)
session = tf.Session()
for number in range(100):
    images, labels = digits.train.next_batch(50)
    session.run(step, feed_dict={{x: images, y: labels}})
"""


@pytest.mark.parametrize(("weighed", "told"), [("y", ["image classification"]), ("odds", []), ("taught", [])])
def test_an_entropy_that_is_written_out(tmp_path: Path, weighed: str, told: list[str]) -> None:
    found = program(tmp_path, {"train.py": ODDS.format(weighed=weighed)})
    assert [fact.value for fact in task(found)] == told
