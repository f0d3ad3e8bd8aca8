"""Code of papers of many fields: features spread along graphs, flags that a script sets anew, settings looked up by
what holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
STEPS = (
    "optimizer = torch.optim.Adam(net.parameters(), lr=0.01)\nfor epoch in range(3):\n    for x, y in loader:\n"
    "        loss = F.cross_entropy(net(x), y)\n        loss.backward()\n        optimizer.step()\n"
)


@pytest.mark.parametrize(
    ("given", "line", "spread"),
    [
        ("adj_matrix", "kept = near @ kept + 0.1 * x", True),
        ("adjacency", "kept = sparse_dot(near, kept)", True),
        ("weights", "kept = near @ kept + 0.1 * x", False),  # a recurrent state
        ("adj_matrix", "kept = near @ x", False),
    ],
)
def test_features_that_are_spread_again_and_again_are_of_a_graph(
    tmp_path: Path, given: str, line: str, spread: bool
) -> None:
    code = f"""
class Spreading(nn.Module):
    def __init__(self, {given}):
        super().__init__()
        self.near = prepared({given})
        self.first = nn.Linear(16, 7)
    def forward(self, x):
        x = kept = self.first(x)
        near = drop(self.near)
        for _ in range(10):
            {line}
        return kept

net = Spreading(read())
"""
    found = values(analysed(tmp_path, {"train.py": HEAD + code + STEPS}), "architecture")
    assert ("GNN" in found) is spread


def test_a_script_may_set_the_default_of_a_flag_of_another_module(tmp_path: Path) -> None:
    common = "from absl import flags\nflags.DEFINE_float('rate', 0.0001, 'rate')\n"
    code = """
import torch
from absl import app, flags
import common
FLAGS = flags.FLAGS

def main(_):
    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=FLAGS.rate)
    for x, y in loader:
        loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()

if __name__ == "__main__":
    FLAGS.set_default("rate", 0.03)
    app.run(main)
"""
    found = analysed(tmp_path, {"train.py": code, "common.py": common})
    assert (values(found, "learning_rate"), values(found, "settings.rate")) == ([0.03], [0.03])


@pytest.mark.parametrize(("test", "told"), [("self.step < images", []), ("turn < images", [4096])])
def test_a_loop_that_goes_until_a_step_is_reached_counts_no_epochs(tmp_path: Path, test: str, told: list[int]) -> None:
    code = f"""
net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
images, turn = 4096, 0
while {test}:
    for x, y in loader:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "epochs") == told


def test_settings_are_taken_from_what_can_be_asked_by_key_or_by_name(tmp_path: Path) -> None:
    code = """
import argparse
import json

def looked_up(name, first, second):
    def get(holder):
        if hasattr(holder, "__getitem__"):
            return holder[name]
        elif hasattr(holder, "__getattribute__"):
            return getattr(holder, name)
        else:
            NotImplementedError(name)
    try:
        return get(first)
    except KeyError:
        return get(second)

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.5)
args = parser.parse_args()
with open("own.json") as file:
    told = json.load(file)
net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=looked_up("rate", told, args))
for x, y in loader:
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
"""
    found = analysed(tmp_path, {"train.py": HEAD + code, "own.json": '{"rate": 0.02}'})
    assert values(found, "learning_rate") == [0.02]


@pytest.mark.parametrize(("size", "told"), [("1", [96]), ("None", [96]), ("8", [8, 1])])
def test_data_that_are_made_in_batches_are_handed_on_alone(tmp_path: Path, size: str, told: list[int]) -> None:
    code = f"""
from torch.utils.data import DataLoader, Dataset

class Sounds(Dataset):
    def __init__(self, folder, batch_size):
        self.pieces = cut(folder, batch_size)
    def __getitem__(self, index):
        return self.pieces[index]

loader = DataLoader(Sounds("mixed", batch_size=96), batch_size={size})
later = DataLoader(Sounds("held", batch_size=1), batch_size=1)
net = nn.Linear(4, 2)
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code + STEPS}), "batch_size") == told


def test_a_judge_that_is_told_how_long_series_are_has_no_condition(tmp_path: Path) -> None:
    code = """
import tensorflow as tf

def generator(z, t):
    with tf.variable_scope("generator"):
        out, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(24), z, sequence_length=t, dtype=tf.float32)
        return tf.layers.dense(out, 6)

def discriminator(x, t):
    with tf.variable_scope("discriminator", reuse=tf.AUTO_REUSE):
        out, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(24), x, sequence_length=t, dtype=tf.float32)
        return tf.layers.dense(out, 1)

X = tf.placeholder(tf.float32, [None, 24, 6])
Z = tf.placeholder(tf.float32, [None, 24, 6])
T = tf.placeholder(tf.int32, [None])
made = generator(Z, T)
y_made, y_real = discriminator(made, T), discriminator(X, T)
d_loss = tf.losses.sigmoid_cross_entropy(tf.ones_like(y_real), y_real)
d_loss += tf.losses.sigmoid_cross_entropy(tf.zeros_like(y_made), y_made)
g_loss = tf.losses.sigmoid_cross_entropy(tf.ones_like(y_made), y_made)
d_step = tf.train.AdamOptimizer(1e-3).minimize(d_loss)
g_step = tf.train.AdamOptimizer(1e-3).minimize(g_loss)
with tf.Session() as sess:
    for step in range(5000):
        sess.run([d_step, g_step], feed_dict={X: x, Z: z, T: lengths})
"""
    found = values(analysed(tmp_path, {"train.py": code}), "architecture")
    assert found[0] == "GAN" and "Conditional GAN" not in found


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("loss = tf.nn.l2_loss(y - aim)", ["l2_loss"]),
        ("loss = tf.losses.mean_squared_error(aim, y) + tf.nn.l2_loss(w)", ["mean_squared_error"]),
    ],
)
def test_the_square_of_a_difference_is_a_loss_and_no_penalty(tmp_path: Path, line: str, told: list[str]) -> None:
    code = f"""
import numpy as np
import tensorflow as tf

def MAE(actual, found):
    return np.mean(np.abs(actual - found))

x, aim = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 1])
w = tf.get_variable("w", [4, 1])
y = tf.matmul(x, w)
{line}
step = tf.train.AdamOptimizer(1e-3).minimize(loss)
with tf.Session() as sess:
    for epoch in range(5):
        sess.run(step, feed_dict={{x: a, aim: b}})
    print(MAE(b, sess.run(y, feed_dict={{x: a}})))
"""
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == told


def test_what_a_measure_of_ignite_is_made_of_is_not_minimised(tmp_path: Path) -> None:
    code = """
from ignite.engine import Engine
from ignite.metrics import Loss

net = Speaking.from_pretrained("small")
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

def update(engine, batch):
    loss = net(**batch)[0]
    loss.backward()
    optimizer.step()
    return loss.item()

trainer, evaluator = Engine(update), Engine(judge)
Loss(nn.CrossEntropyLoss()).attach(evaluator, "nll")
trainer.run(loader, max_epochs=3)
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "loss") == []


def test_settings_may_stand_alone_in_lists(tmp_path: Path) -> None:
    code = """
import argparse
import yaml

parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True)
args = parser.parse_args()
with open(args.config) as file:
    plan = yaml.safe_load(file)
net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=plan["learning"][0]["lr"])
for epoch in range(plan["phase"][0]["end"]):
    for x, y in loader:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
"""
    plan = "network:\n  - dim: 8\nlearning:\n  - lr: 0.02\nphase:\n  - end: 40\n"
    files = {"train.py": HEAD + code, "configs/small.yml": plan, "configs/large.yml": plan.replace("8", "64")}
    found = analysed(tmp_path, files, "configs/small.yml")
    assert (values(found, "learning_rate"), values(found, "epochs")) == ([0.02], [40])


def test_a_record_that_is_replaced_is_one_of_the_same_class(tmp_path: Path) -> None:
    code = """
import jax
import optax
from flax import struct

class Learner(struct.PyTreeNode):
    params: dict

    def update(self, batch):
        learner = self.replace(params=self.params)
        return learner.sharpen(batch)

    def sharpen(self, batch):
        tx = optax.adamw(3e-4)
        grads = jax.grad(lambda params: squared(params, batch))(self.params)
        return self.replace(params=optax.apply_updates(self.params, tx.update(grads, None)[0]))

learner = Learner(params={})
for step in range(1000):
    learner = learner.update(next(batches))
"""
    found = analysed(tmp_path, {"train.py": code})
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["AdamW"], [3e-4])


@pytest.mark.parametrize(
    ("line", "told"), [("return x0 + x", "ResNet"), ("return skip(x0) + x", "CNN"), ("return x", "CNN")]
)
def test_a_block_in_a_function_adds_what_it_is_given(tmp_path: Path, line: str, told: str) -> None:
    code = f"""
import tensorflow as tf

def classify(x, width):
    def block(x0, width):
        x = tf.layers.conv2d(tf.nn.relu(x0), width, 3)
        x = tf.layers.conv2d(tf.nn.relu(x), width, 3)
        if x0.shape[3] != width:
            x0 = tf.layers.conv2d(x0, width, 1)
        {line}

    y = tf.layers.conv2d(x, 16, 3)
    for _ in range(3):
        y = block(y, width)
    return tf.layers.dense(tf.reduce_mean(y, [1, 2]), 10)

x, labels = tf.placeholder(tf.float32, [None, 32, 32, 3]), tf.placeholder(tf.int32, [None])
loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=classify(x, 32))
step = tf.train.AdamOptimizer(1e-3).minimize(loss)
with tf.Session() as sess:
    for epoch in range(5):
        sess.run(step, feed_dict={{x: a, labels: b}})
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture")[0] == told


def test_modules_that_ask_for_a_weight_are_told_and_bases_that_build_what_they_are_given_are_not(
    tmp_path: Path,
) -> None:
    code = """
import flax.linen as nn
import jax
import optax

class Keeping(nn.Module):
    def lay(self, make, width):
        return make(width)

class Warmth(nn.Module):
    start: float = 1.0
    @nn.compact
    def __call__(self):
        return jax.numpy.exp(self.param("log", lambda key: jax.numpy.log(self.start)))

class Actor(Keeping):
    @nn.compact
    def __call__(self, x):
        return self.lay(nn.Dense, 4)(nn.Dense(64)(x))

actor, warmth = Actor(), Warmth(0.5)
tx = optax.adam(3e-4)
for step in range(1000):
    params = actor.init(key, x), warmth.init(key)
    grads = jax.grad(lambda p: (actor.apply(p[0], x) * warmth.apply(p[1])).mean())(params)
    params = optax.apply_updates(params, tx.update(grads, state)[0])
"""
    assert values(analysed(tmp_path, {"train.py": code}), "model_classes") == ["Actor", "Warmth"]


def test_a_class_of_many_games_is_no_environment(tmp_path: Path) -> None:
    code = """
import gym.envs.atari
import gym.envs.classic_control
world = gym.envs.atari.AtariEnv(game=read(), obs_type="image", frameskip=1)
world.spec = gym.envs.registration.EnvSpec("NoFrameskip-v0")
other = gym.envs.classic_control.PendulumEnv()
net = nn.Linear(4, 2)
state = world.reset()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code + STEPS}), "environment") == ["PendulumEnv"]


def test_graphs_of_citations_are_told_apart(tmp_path: Path) -> None:
    code = """
import numpy as np
def load_dataset(name):
    return np.load(f"data/{name}.npz")
graph = load_dataset("cora_ml")
net = nn.Linear(4, 2)
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code + STEPS}), "datasets") == ["Cora ML"]
