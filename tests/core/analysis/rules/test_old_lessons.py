"""How lessons of the time of sessions and first blocks write networks: parts got by functions, ways around a block,
autoencoders kept on an object, weights that stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

GOT = """
    import tensorflow as tf
    def get_generator(noise, is_train=True):
        with tf.variable_scope("generator", reuse=not is_train):
            return tf.tanh(tf.layers.dense(tf.layers.dense(noise, 128), 784))
    def get_discriminator(img, reuse=False):
        with tf.variable_scope("discriminator", reuse=reuse):
            return tf.layers.dense(tf.layers.dense(img, 128), 1)
    real_img, noise_img = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 100])
    made = get_generator(noise_img)
    logits_real, logits_fake = get_discriminator(real_img), get_discriminator(made, reuse=True)
    entropy = tf.nn.sigmoid_cross_entropy_with_logits
    d_loss = tf.reduce_mean(entropy(logits=logits_real, labels=ones) + entropy(logits=logits_fake, labels=zeros))
    g_loss = tf.reduce_mean(entropy(logits=logits_fake, labels=ones))
    d_train, g_train = tf.train.AdamOptimizer(1e-3).minimize(d_loss), tf.train.AdamOptimizer(1e-3).minimize(g_loss)
    with tf.Session() as sess:
        for epoch in range(300):
            sess.run([d_train, g_train], feed_dict={real_img: a, noise_img: b})
"""


def test_what_functions_get_that_play(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": GOT}), "architecture") == ["GAN", "MLP"]


BLOCK = """
    import torch
    from torch import nn
    class Block(nn.Module):
        def __init__(self, ins, outs):
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(ins, outs, 3, padding=1), nn.Conv2d(outs, outs, 3, padding=1)
            self.extra = EMPTY
            if outs != ins:
                self.extra = nn.Sequential(nn.Conv2d(ins, outs, 1), nn.BatchNorm2d(outs))
        def forward(self, x):
            out = self.conv2(torch.relu(self.conv1(x)))
            out = self.extra(x) + out
            return out
    net = nn.Sequential(nn.Conv2d(3, 16, 3), Block(16, 32), Block(32, 32), nn.Flatten(), nn.Linear(32, 10))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(10):
        for x, y in loader:
            nn.functional.cross_entropy(net(x), y).backward()
            opt.step()
"""


@pytest.mark.parametrize(("kept", "told"), [("nn.Sequential()", True), ("nn.Conv2d(ins, outs, 1)", False)])
def test_a_way_around_that_may_be_empty(kept: str, told: bool, tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": BLOCK.replace("EMPTY", kept)}), "architecture")
    assert ("ResNet" in found) == told


KEPT = """
    import tensorflow as tf
    class Coder:
        def __init__(self, D, M):
            self.X = tf.placeholder(tf.float32, shape=(None, D))
            self.W, self.V = tf.Variable(tf.random_normal((D, M))), tf.Variable(tf.random_normal((M, D)))
            self.Z = tf.nn.relu(tf.matmul(self.X, self.W))
            logits = tf.matmul(self.Z, self.V)
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=WANTED, logits=logits)
            self.train_op = tf.train.RMSPropOptimizer(0.001).minimize(tf.reduce_sum(losses))
        def fit(self, X, sess):
            for i in range(30):
                sess.run(self.train_op, feed_dict={self.X: X})
    Coder(784, 300).fit(images, tf.Session())
"""


@pytest.mark.parametrize(("wanted", "told"), [("self.X", ["Autoencoder", "MLP"]), ("other", ["MLP"])])
def test_an_autoencoder_kept_on_an_object(wanted: str, told: list[str], tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": KEPT.replace("WANTED", wanted)}), "architecture") == told


def test_weights_that_are_to_be_found_again(tmp_path: Path) -> None:
    code = """
    import numpy as np
    true_w = np.array([2.0, -3.4])
    y = x @ true_w + 4.2
    w, lr = np.zeros(2), 0.1
    for epoch in range(10):
        w = w - lr * (x.T @ (x @ w - y))
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Linear"]


def test_weights_of_samples_are_no_attention(tmp_path: Path) -> None:
    code = """
    import numpy as np
    from sklearn.tree import DecisionTreeClassifier
    w = np.ones(9) / 9
    for m in range(5):
        tree = DecisionTreeClassifier(max_depth=1)
        tree.fit(x, y, sample_weight=w)
        error = w.dot(tree.predict(x) != y)
        w = w * np.exp(-error * y)
        w = w / w.sum()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Decision Tree"]


def test_units_drawn_by_a_class_and_its_base(tmp_path: Path) -> None:
    code = """
    import tensorflow as tf
    class Plain:
        def __init__(self, x):
            self.x, self.W = x, tf.Variable(tf.random_normal([784, 100]))
        def up(self, v):
            probability = tf.nn.sigmoid(tf.matmul(v, self.W))
            return probability, tf.where(probability > tf.random_uniform(tf.shape(probability)), 1.0, 0.0)
    class Gaussian(Plain):
        def down(self, h):
            return tf.matmul(h, tf.transpose(self.W))
        def step(self):
            again = self.down(self.up(self.x)[1])
            return tf.reduce_mean(tf.square(self.x - again)), self.W.assign_sub(0.01 * (self.x - again))
    cost, train_op = Gaussian(tf.placeholder(tf.float32, [None, 784])).step()
    with tf.Session() as sess:
        for epoch in range(15):
            sess.run([cost, train_op])
    tf.train.GradientDescentOptimizer(0.1).minimize(cost)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["RBM"]
