"""What course notebooks and small repositories of Keras and JAX do in ways of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

SOLVER = """
import jax.numpy as jnp
import optax
from flax import linen as nn
from jaxopt import OptaxSolver

class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(10)(nn.relu(nn.Dense(64)(x)))

net = Net()

def loss_fun(params, batch):
    return optax.softmax_cross_entropy(net.apply(params, batch["x"]), batch["y"]).mean()

solver = OptaxSolver(opt=optax.adam(0.002), fun=loss_fun)
state = solver.init_state(params)
for step in range(100):
    params, state = solver.update(params=params, state=state, batch=next(batches))
"""
STAX = """
import jax.numpy as jnp
from jax import grad, random
from jax.example_libraries import optimizers, stax

init_fn, f = stax.serial(stax.Dense(512), stax.Relu, stax.Dense(10))
_, params = init_fn(random.PRNGKey(0), (-1, 784))
opt_init, opt_apply, get_params = optimizers.sgd(0.3)
state = opt_init(params)
loss = lambda fx, y: jnp.mean((fx - y) ** 2)
grad_loss = grad(lambda params, x, y: loss(f(params, x), y))
for i, (x, y) in enumerate(batches):
    state = opt_apply(i, grad_loss(get_params(state), x, y), state)
"""
MACHINE = """
import tensorflow as tf

class RBM:
    def __init__(self, visible, hidden, lr=0.05, batchsize=100):
        self.learning_rate, self.batchsize = lr, batchsize
        self.w, self.hb, self.vb = tf.zeros([visible, hidden]), tf.zeros([hidden]), tf.zeros([visible])

    def train(self, x, epochs=10):
        for epoch in range(epochs):
            h0 = tf.nn.relu(tf.sign(tf.sigmoid(tf.matmul(x, self.w) + self.hb) - tf.random.uniform([])))
            v1 = tf.sigmoid(tf.matmul(h0, tf.transpose(self.w)) + self.vb)
            change = tf.matmul(tf.transpose(x), h0) - tf.matmul(tf.transpose(v1), h0)
            self.w = self.w + self.learning_rate * change
            self.vb = self.vb + self.learning_rate * tf.reduce_mean(x - v1, 0)

RBM(784, 200).train(data, 50)
"""


@pytest.mark.parametrize(("script", "rate"), [(SOLVER, [0.002]), (STAX, [0.3]), (MACHINE, [0.05])])
def test_steps_that_solvers_states_and_weights_written_anew_take(
    tmp_path: Path, script: str, rate: list[float]
) -> None:
    assert names(tmp_path, {"train.py": script}) == ["train.py"]
    assert values(analysed(tmp_path, {"train.py": script}), "learning_rate") == rate


def test_what_solves_equations_trains_nothing(tmp_path: Path) -> None:
    assert (
        names(tmp_path, {"heat.py": "import jax\nsolver = Solver()\nfor i in range(9):\n    solver.update(i)\n"}) == []
    )
    mixing = "import torch\nimage = torch.mm(a, b)\nfor i in range(9):\n    image = image + 0.5 * other\n"
    assert names(tmp_path, {"mix.py": mixing}) == []


CODERS = """
import numpy as np
import tensorflow as tf
from tensorflow import keras as K

class Encoder(K.layers.Layer):
    def __init__(self):
        super().__init__()
        self.hidden = K.layers.Dense(32, activation="relu")

    def call(self, x):
        return self.hidden(x)

class Decoder(K.layers.Layer):
    def __init__(self):
        super().__init__()
        self.out = K.layers.Dense(784, activation="sigmoid")

    def call(self, z):
        return self.out(z)

class Net(K.Model):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    def call(self, x):
        return self.decoder(self.encoder(x))

model = Net()
"""
COMPILED = 'model.compile(loss="mse", optimizer="adam")\nmodel.fit(data, epochs=5)\n'
BY_TAPE = """
optimizer = tf.keras.optimizers.Adam(0.01)

def loss(preds, real):
    return tf.reduce_mean(tf.square(tf.subtract(preds, real)))

for epoch in range(5):
    with tf.GradientTape() as tape:
        cost = loss(model(x), x_of(epoch))
    optimizer.apply_gradients(zip(tape.gradient(cost, model.variables), model.variables))
"""
NOISY = """
from keras.layers import Dense
from keras.models import Sequential
model = Sequential([Dense(32, activation="relu"), Dense(784)])
model.compile(loss="huber", optimizer="adam")
noisy = clean + 0.5 * np.random.normal(size=clean.shape)
noisy = np.clip(noisy, 0, 1)
model.fit(GIVEN, clean, epochs=5)
"""


@pytest.mark.parametrize("script", [CODERS + COMPILED, CODERS + BY_TAPE, NOISY.replace("GIVEN", "noisy")])
def test_autoencoders_that_are_compiled_taped_or_told_noise(tmp_path: Path, script: str) -> None:
    assert "Autoencoder" in values(analysed(tmp_path, {"train.py": script}), "architecture")


def test_what_is_made_of_other_pictures_is_no_autoencoder(tmp_path: Path) -> None:
    script = NOISY.replace("GIVEN", "photos")
    assert "Autoencoder" not in values(analysed(tmp_path, {"train.py": script}), "architecture")


LOGISTIC = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def propagate(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    return np.dot(X, (A - Y).T), np.mean(A - Y), cost

def optimize(w, b, X, Y, num_iterations, learning_rate):
    for i in range(num_iterations):
        dw, db, cost = propagate(w, b, X, Y)
        w = w - learning_rate * dw
        b = b - learning_rate * db
    return w, b

def predict(w, b, X):
    w = w.reshape(X.shape[0], 1)
    return sigmoid(np.dot(w.T, X) + b)

def model(X_train, Y_train, X_test, num_iterations=2000, learning_rate=0.5):
    w, b = optimize(np.zeros((X_train.shape[0], 1)), 0, X_train, Y_train, num_iterations, learning_rate)
    found = predict(w, b, X_train)
    print(100 - np.mean(np.abs(found - Y_train)) * 100)
    return {"w": w, "b": b}

made = model(X_train, Y_train, X_test, learning_rate=0.005)
predict(made["w"], made["b"], picture)
"""


def test_one_weight_that_predicts_too_and_labels_that_were_shown(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": LOGISTIC}), "architecture") == ["Logistic Regression", "Linear"]


LAYERED = """
from keras import backend as K
from keras.layers import Dense, Input, Lambda
from keras.models import Model

def box_loss(args):
    return K.binary_crossentropy(args[0], args[1])

boxes, wanted = Input(shape=(8,)), Input(shape=(4,))
made = Lambda(box_loss, output_shape=(1,), name="boxes")([Dense(4)(boxes), wanted])
model = Model([boxes, wanted], made)
model.compile(loss={"boxes": lambda y_true, y_pred: y_pred}, optimizer="adam")
model.fit(x, y, batch_size=8, epochs=3)
"""


def test_loss_that_is_a_layer(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": LAYERED}), "loss") == ["box_loss"]
    other = LAYERED.replace('{"boxes": lambda y_true, y_pred: y_pred}', '"mse"')
    assert "box_loss" not in values(analysed(tmp_path, {"train.py": other}), "loss")


GRAPH = """
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data
from helpers import random_mini_batches

mnist = input_data.read_data_sets("data", one_hot=True)
one = mnist.train.next_batch(2)

def model(X_train, Y_train, learning_rate=0.009, num_epochs=100, minibatch_size=64):
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=tf.layers.dense(x, 10), labels=y))
    optimizer = tf.train.AdamOptimizer(learning_rate).minimize(cost)
    with tf.Session() as sess:
        for epoch in range(num_epochs):
            BATCH
            sess.run(optimizer, feed_dict={x: a, y: b})
        print(cost.eval({x: X_train, y: Y_train}))

model(images, labels)
"""


@pytest.mark.parametrize(
    ("batch", "size"),
    [("a, b = random_mini_batches(X_train, minibatch_size)", 64), ("a, b = mnist.train.next_batch(50)", 50)],
)
def test_batches_of_a_session(tmp_path: Path, batch: str, size: int) -> None:
    script = GRAPH.replace("BATCH", batch)
    script = script if "next_batch(50)" in batch else script.replace("one = mnist.train.next_batch(2)", "")
    assert values(analysed(tmp_path, {"train.py": script}), "batch_size") == [size]


SHARED = """
from keras.layers import LSTM, Activation, Bidirectional, Concatenate, Dense, Dot, Input, RepeatVector
from keras.models import Model

def softly(x):
    return x

repeat, join, first, second = RepeatVector(30), Concatenate(axis=-1), Dense(10), Dense(1)
share = Activation(SHARE)
dot = Dot(axes=1)
after = LSTM(64, return_state=True)

def one_step(a, s):
    energies = second(first(join([a, repeat(s)])))
    alphas = share(energies)
    return dot([alphas, a])

x, s, c = Input(shape=(30, 37)), Input(shape=(64,)), Input(shape=(64,))
a = Bidirectional(LSTM(32, return_sequences=True))(x)
s1, _, c1 = after(one_step(a, s), initial_state=[s, c])
model = Model([x, s, c], Dense(11, activation="softmax")(s1))
model.compile(loss="categorical_crossentropy", optimizer="adam")
model.fit([data, s0, c0], labels, epochs=1, batch_size=100)
"""


@pytest.mark.parametrize(("share", "attends"), [("'softmax'", True), ("softmax", True), ("'tanh'", False)])
def test_attention_of_layers_that_are_shared_by_steps(tmp_path: Path, share: str, attends: bool) -> None:
    found = analysed(tmp_path, {"train.py": SHARED.replace("SHARE", share)})
    assert ("Attention" in values(found, "architecture")) is attends


TRANSLATOR = """
import tensorflow as tf

class Decoder(tf.keras.Model):
    def __init__(self, units):
        super().__init__()
        self.gru, self.fc = tf.keras.layers.GRU(units), tf.keras.layers.Dense(100)
        self.w1, self.w2, self.v = (tf.keras.layers.Dense(n) for n in (units, units, 1))

    def call(self, x, hidden, states):
        score = self.v(tf.nn.tanh(self.w1(states) + self.w2(tf.expand_dims(hidden, 1))))
        WEIGHTS = tf.nn.softmax(score, axis=1)
        context = tf.reduce_sum(WEIGHTS * states, axis=1)
        return self.fc(self.gru(tf.concat([tf.expand_dims(context, 1), x], axis=-1)))

decoder = Decoder(8)
optimizer = tf.keras.optimizers.Adam(0.01)
for x, y in data:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=decoder(x, h, states)))
    optimizer.apply_gradients(zip(tape.gradient(loss, decoder.variables), decoder.variables))
"""


@pytest.mark.parametrize(
    ("weights", "weighed", "attends"),
    [("attention_weights", "states", True), ("chances", "states", True), ("chances", "x", False)],
)
def test_shares_called_attention_weigh_states(tmp_path: Path, weights: str, weighed: str, attends: bool) -> None:
    text = TRANSLATOR.replace("WEIGHTS * states", f"WEIGHTS * {weighed}").replace("WEIGHTS", weights)
    found = analysed(tmp_path, {"train.py": text})
    assert ("Attention" in values(found, "architecture")) is attends


STYLE = """
import tensorflow as tf
from helpers import load_NETWORK_model

content_image, style_image = read("images/louvre.jpg"), imread("images/monet.jpg")
model = load_NETWORK_model("pretrained/net.mat")

def gram_matrix(a):
    return tf.matmul(a, tf.transpose(a))

def style_cost(a_s, a_g):
    return tf.reduce_sum(tf.pow(gram_matrix(a_s) - gram_matrix(a_g), 2))

def content_cost(a_c, a_g):
    return tf.reduce_sum(tf.pow(a_c - a_g, 2))

train_step = tf.train.AdamOptimizer(2.0).minimize(content_cost(c, g) + style_cost(s, g))
for i in range(200):
    sess.run(train_step)
"""


@pytest.mark.parametrize(("network", "told"), [("vgg", ["Style Transfer", "CNN"]), ("plain", [])])
def test_style_by_a_network_that_a_missing_file_loads(tmp_path: Path, network: str, told: list[str]) -> None:
    found = analysed(tmp_path, {"train.py": STYLE.replace("NETWORK", network)})
    assert values(found, "architecture") == told
    assert values(found, "datasets") == []  # one picture is none


CANNED = """
import tensorflow as tf
data = tf.estimator.inputs.numpy_input_fn({"x": x}, y, batch_size=64, num_epochs=None, shuffle=True)
model = tf.estimator.NAME(feature_columns=[tf.feature_column.numeric_column("x", shape=784)])
model.train(data, steps=1000)
"""


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("LinearClassifier", ["Logistic Regression", "Linear"]),
        ("LinearRegressor", ["Linear"]),
        ("DNNRegressor", ["MLP"]),
    ],
)
def test_estimators_that_are_told_steps(tmp_path: Path, name: str, families: list[str]) -> None:
    found = analysed(tmp_path, {"train.py": CANNED.replace("NAME", name)})
    assert values(found, "architecture") == families
    assert values(found, "steps") == [1000]


CLOSED = """
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential

def MAKER(gamma=2.0):
    def INNER(y_true, y_pred):
        return -K.mean(K.pow(1.0 - y_pred, gamma) * K.log(y_pred))
    return INNER

model = Sequential([Dense(10, activation="softmax")])
model.compile(loss=MAKER(2.0), optimizer="adam")
model.fit(x, y, batch_size=8, epochs=3)
"""


@pytest.mark.parametrize(
    ("maker", "inner", "told"),
    [("focal_loss", "loss", "focal_loss"), ("focal_loss", "fixed", "focal_loss"), ("make_loss", "focal", "focal")],
)
def test_loss_that_another_function_makes(tmp_path: Path, maker: str, inner: str, told: str) -> None:
    script = CLOSED.replace("MAKER", maker).replace("INNER", inner)
    assert values(analysed(tmp_path, {"train.py": script}), "loss") == [told]


TRANSFORMED = """
import haiku as hk, jax, optax

def make(dims):
    @DECORATOR
    def net(x):
        return hk.nets.MLP(dims)(hk.Flatten()(x))
    return hk.without_apply_rng(net)

init, apply = make([300, 10])
opt = optax.adam(0.01)

def loss_fn(params, x, y):
    return optax.softmax_cross_entropy(apply(params, x), y).mean()

for x, y in data:
    updates, state = opt.update(jax.grad(loss_fn)(params, x, y), state)
    params = optax.apply_updates(params, updates)
"""


@pytest.mark.parametrize(("decorator", "told"), [("hk.transform", ["MLP"]), ("hk.transform_with_state", ["MLP"])])
def test_functions_that_haiku_transforms_under_a_decorator(tmp_path: Path, decorator: str, told: list[str]) -> None:
    found = analysed(tmp_path, {"train.py": TRANSFORMED.replace("DECORATOR", decorator)})
    assert values(found, "architecture") == told
