"""Words that are counted, agents whose environment is not seen, and sounds that are taken apart: what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, analysed, values

COUNTED = """
from sklearn.pipeline import make_pipeline
from sklearn.feature_extraction.text import TfidfVectorizer
from ESTIMATOR

model = make_pipeline(TfidfVectorizer(min_df=3), NAME())
model.fit(messages, kinds)
"""
AGENT = """
from torchrl.objectives import ClipPPOLoss

actor, critic = nn.Linear(8, 2), nn.Linear(8, 1)
loss_module = ClipPPOLoss(actor, critic)
optimizer = torch.optim.Adam(loss_module.parameters(), lr=3e-4)
for batch in collector:
    losses = loss_module(batch)
    losses["loss_objective"].backward()
    optimizer.step()
"""
MIXED = """
def si_snr(made, wanted):
    scale = (made * wanted).sum(-1, keepdim=True) / wanted.pow(2).sum(-1, keepdim=True)
    noise = made - scale * wanted
    return -10 * torch.log10((scale * wanted).pow(2).sum(-1) / noise.pow(2).sum(-1)).mean()

model = nn.Sequential(nn.Conv1d(1, 64, 16, stride=8), nn.ReLU(), nn.ConvTranspose1d(64, 2, 16, stride=8))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for mixture, sources in loader:
    loss = si_snr(model(mixture), sources)
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("estimator", "task"),
    [
        ("sklearn.linear_model import LogisticRegression", "text classification"),
        ("xgboost import XGBClassifier", "text classification"),
        ("sklearn.svm import SVR", "regression"),
    ],
)
def test_kinds_of_texts_whose_words_are_counted(tmp_path: Path, estimator: str, task: str) -> None:
    code = COUNTED.replace("ESTIMATOR", estimator).replace("NAME", estimator.rpartition(" ")[2])
    assert values(analysed(tmp_path, {"train.py": code}), "task") == [task]


def test_an_agent_whose_environment_is_not_seen(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + AGENT}), "task") == ["reinforcement learning"]


def test_sounds_that_are_taken_apart(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + MIXED}), "task") == ["source separation"]


WRITTEN_OUT = """
import numpy as np
import tensorflow as tf
from tensorflow import keras

SETUP
optimizer = keras.optimizers.SGD(0.01)
for epoch in range(5):
    with tf.GradientTape() as tape:
        out = model(x)
        cost = tf.reduce_mean(tf.square(out - y_WANTED))
    optimizer.apply_gradients(zip(tape.gradient(cost, model.trainable_variables), model.trainable_variables))
"""
PICTURES = """
(x, y), _ = keras.datasets.mnist.load_data()
y_wanted = tf.one_hot(y, depth=10)
model = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
"""
SERIES = """
x, y_wanted = np.load("series.npy")
model = keras.Sequential([keras.layers.LSTM(32), keras.layers.Dense(1)])
"""
NUMBERS = """
x, y_wanted = np.load("numbers.npy")
model = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
"""


@pytest.mark.parametrize(
    ("setup", "task"),
    [(PICTURES, "image classification"), (SERIES, "time series forecasting"), (NUMBERS, "regression")],
)
def test_squared_errors_that_are_written_out(tmp_path: Path, setup: str, task: str) -> None:
    code = WRITTEN_OUT.replace("SETUP", setup).replace("WANTED", "wanted")
    assert values(analysed(tmp_path, {"train.py": code}), "task") == [task]


GRAPH = """
import tensorflow as tf

class Network:
    def __init__(self, vocab_size, kinds):
        self.x = tf.placeholder(tf.int32, [None, None])
        self.y = tf.placeholder(tf.float32, [None, kinds])
        words = tf.nn.embedding_lookup(tf.Variable(tf.random_uniform([vocab_size, 64], -1, 1)), self.x)
        outputs, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(64), words, dtype=tf.float32)
        self.logits = tf.layers.dense(outputs[:, -1], kinds)
        self.cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=self.logits, labels=self.y))
        self.train = tf.train.AdamOptimizer(1e-3).minimize(self.cost)

network = Network(5000, 4)
with tf.Session() as session:
    for x, y in batches:
        session.run(network.train, {network.x: x, network.y: y})
"""


def test_kinds_of_words_in_a_graph_that_is_laid(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": GRAPH}), "task") == ["text classification"]


NOT_AN_AGENT = """
model = nn.Linear(8, 2)
optimizers, averages = make(model), Averages()
for epoch in range(3):
    averages.reset()
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
    for each in optimizers:
        each.step(epoch)
"""


def test_what_is_told_an_epoch_does_not_act(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + NOT_AN_AGENT}), "task") == ["classification"]


HANDED_OVER = """
from tensorflow.keras import Model, layers

decoder = layers.LSTM(32, return_state=True)

def build(start, inputs):
    h, _, c = start(inputs)
    h, _, c = decoder(inputs, initial_state=[h, c])
    return Model(inputs, layers.Dense(10, activation="softmax")(h))

model = build(encoder, layers.Input(shape=(20, 8)))
model.compile(optimizer="adam", loss="categorical_crossentropy")
model.fit(x, y, epochs=2)
"""


def test_what_gave_a_state_may_be_unknown(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HANDED_OVER})
    assert not found.warnings
    assert values(found, "architecture")[0] == "LSTM"
