"""What is only watched, weighed or added by accident says nothing of a family."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

PRODUCTS = """
import torch
from torch import nn
class Pairs(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(128, 64)
    def forward(self, x{given}):
        z = {made}
        return z @ z.t()
net = Pairs()
opt = torch.optim.Adam(net.parameters(), 1e-3)
for x, adj, same in loader:
    loss = nn.functional.binary_cross_entropy_with_logits(net(x{given}), same)
    loss.backward()
    opt.step()
"""


GAN = """
import torch
from torch import nn
import torch.nn.functional as F
maker = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 2))
critic = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 1))
first = torch.optim.Adam(maker.parameters(), 2e-4)
second = torch.optim.Adam(critic.parameters(), 2e-4)
for real in loader:
    made = maker(torch.randn(len(real), 10))
    good, bad = critic(real), critic(made.detach())
    {lines}
    second.zero_grad()
    judged.backward()
    second.step()
    gain = F.softplus(-critic(made)).mean()
    first.zero_grad()
    gain.backward()
    first.step()
"""


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("judged = (F.softplus(-good) + F.softplus(bad)).mean(); gap = torch.mean(good - bad)", False),
        ("judged = (F.softplus(-good) + F.softplus(bad)).mean(); gap = good.mean() - bad.mean()", False),
        ("judged = torch.mean(bad - good)", True),
        ("judged = (bad - good).mean()", True),
    ],
)
def test_means_that_are_only_watched_are_no_loss(tmp_path: Path, lines: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": GAN.format(lines=lines)})
    assert ("WGAN" in values(found, "architecture")) is told


@pytest.mark.parametrize(
    ("given", "made", "told"), [("", "self.first(x)", False), (", adj", "torch.spmm(adj, self.first(x))", True)]
)
def test_products_of_codes_are_edges_only_of_a_graph(tmp_path: Path, given: str, made: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": PRODUCTS.format(given=given, made=made)})
    assert ("Autoencoder" in values(found, "architecture")) is told


ADDED = """
import tensorflow as tf
def layer(x, offset, near, far):
    h = tf.nn.conv2d({start}, near, 1, "SAME")
    h = tf.nn.conv2d(h, far, 1, "SAME")
    return h + offset
near, far = tf.Variable(tf.zeros([3, 3, 8, 8])), tf.Variable(tf.zeros([3, 3, 8, 8]))
offset = tf.Variable(tf.zeros([8]))
opt = tf.keras.optimizers.Adam(1e-3)
for x, y in data:
    with tf.GradientTape() as tape:
        out = tf.reduce_mean(layer(x, offset, near, far), [1, 2])
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, out))
    opt.apply_gradients(zip(tape.gradient(loss, [near, far, offset]), [near, far, offset]))
"""


@pytest.mark.parametrize(("start", "told"), [("x", False), ("offset", True)])
def test_only_what_is_convolved_itself_is_added_past_convolutions(tmp_path: Path, start: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": ADDED.format(start=start)})
    assert ("ResNet" in values(found, "architecture")) is told


POINTS = """
import torch
from torch import nn
maker, judge = nn.Linear(8, 2), nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 1))
first, second = torch.optim.Adam(maker.parameters(), 2e-4), torch.optim.Adam(judge.parameters(), 2e-4)
bce = nn.BCEWithLogitsLoss()
for x, y in loader:
    y = {y}
    real = torch.cat([x, y], 1)
    made = maker(torch.randn(64, 8))
    loss = bce(judge(real), torch.ones(64, 1)) + bce(judge(made.detach()), torch.zeros(64, 1))
    loss.backward()
    second.step()
    loss = bce(judge(made), torch.ones(64, 1))
    loss.backward()
    first.step()
"""


@pytest.mark.parametrize(("y", "told"), [("torch.sin(x)", False), ("one_hot(y)", True)])
def test_what_is_made_of_the_data_is_no_label(tmp_path: Path, y: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": POINTS.format(y=y)})
    assert ("Conditional GAN" in values(found, "architecture")) is told


def test_losses_without_a_keyword_compile_a_play(tmp_path: Path) -> None:
    text = """
from tensorflow import keras
from tensorflow.keras import layers
gen = keras.Sequential([layers.Dense(64, input_dim=8), layers.Dense(784)])
disc = keras.Sequential([layers.Dense(64, input_dim=784), layers.Dense(1, activation="sigmoid")])
disc.compile("adam", "binary_crossentropy")
disc.trainable = False
noise = keras.Input(shape=(8,))
gan = keras.Model(noise, disc(gen(noise)))
gan.compile("adam", "binary_crossentropy")
for turn in range(1000):
    made = gen.predict(drawn)
    disc.train_on_batch(real, ones)
    disc.train_on_batch(made, zeros)
    gan.train_on_batch(drawn, ones)
"""
    assert "GAN" in values(analysed(tmp_path, {"train.py": text}), "architecture")


def test_a_step_across_begins_with_a_normalisation(tmp_path: Path) -> None:
    code = """
import tensorflow as tf
def step(x0, width):
    x = tf.nn.relu(tf.layers.batch_normalization(x0))
    x = tf.layers.conv2d(x, width, 3, padding="same")
    x = tf.layers.conv2d(tf.nn.relu(x), width, 3, padding="same")
    return x0 + x
seen = tf.placeholder(tf.float32, [None, 32, 32, 3])
labels = tf.placeholder(tf.int64, [None])
y = tf.layers.conv2d(seen, 16, 3, padding="same")
for _ in range(3):
    y = step(y, 16)
scores = tf.layers.dense(tf.reduce_mean(y, [1, 2]), 10)
loss = tf.losses.sparse_softmax_cross_entropy(labels, scores)
train = tf.train.AdamOptimizer(1e-3).minimize(loss)
with tf.Session() as session:
    for i in range(100):
        session.run(train)
"""
    assert "ResNet" in values(analysed(tmp_path, {"train.py": code}), "architecture")
