"""Settings that come by flags that hold a dict, defaults of dicts, functions of a step, and classes of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

FLAGGED = """
import jax
import jax.numpy as jnp
import ml_collections
import optax
from absl import app, flags
from ml_collections import config_flags

FLAGS = flags.FLAGS
flags.DEFINE_integer("batch_size", 32, "how many")
settings = ml_collections.ConfigDict({"lr": 2e-4, "width": 8})
config_flags.DEFINE_config_dict("model", settings, lock_config=False)

def main(_):
    start = 1
    rate = lambda step: FLAGS.model["lr"]
    optimizer = optax.adamw(learning_rate=rate)
    w = jnp.zeros((4, FLAGS.model.width))
    state = optimizer.init(w)
    for step in range(start, 1000):
        grads = jax.grad(lambda w: jnp.mean((jnp.ones((FLAGS.batch_size, 4)) @ w) ** 2))(w)
        updates, state = optimizer.update(grads, state, w)
        w = optax.apply_updates(w, updates)

if __name__ == "__main__":
    app.run(main)
"""


def test_a_flag_may_hold_a_dict_and_a_rate_be_a_function_of_the_step(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": FLAGGED}), "learning_rate") == [2e-4]


SIZED = """
import argparse
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets

def sample_data(dataset, batch_size):
    return DataLoader(dataset, shuffle=True, batch_size=batch_size)

def train(args, dataset, net, optimizer):
    side = 4 * 2 ** net.step
    for x, _ in sample_data(dataset, args.batch.get(side, args.usual)):
        net(x.flatten(1)).pow(2).mean().backward()
        optimizer.step()

if __name__ == "__main__":
    batch_size = 16
    parser = argparse.ArgumentParser()
    parser.add_argument("--sched", action="store_true")
    args = parser.parse_args()
    args.batch = {4: 512} if args.sched else {}
    args.usual = 32
    net = nn.Linear(784, 1)
    train(args, datasets.MNIST("data"), net, optim.Adam(net.parameters(), lr=1e-3))
"""


def test_a_dict_without_entries_gives_what_is_said_beside_it(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SIZED}), "batch_size") == [32]


OWN = """
import tensorflow as tf
from tensorflow.python.training import optimizer
from tensorflow.python.platform import flags

flags.DEFINE_float("lr", 3e-4, "rate")
FLAGS = flags.FLAGS

class AdamOptimizer(optimizer.Optimizer):
    def __init__(self, learning_rate=0.001, beta1=0.9):
        super().__init__(False, "Adam")
        self._lr = learning_rate

class Model:
    def __init__(self, x):
        self.w = tf.Variable(tf.zeros([4, 4]))
        self.cost = tf.reduce_mean(tf.matmul(x, self.w) ** 2)
        {made}

model = Model(tf.placeholder(tf.float32, [None, 4]))
with tf.Session() as sess:
    for e in range(100):
        {before}
        sess.run(model.train_op)
"""


@pytest.mark.parametrize(
    ("made", "before", "rate"),
    [
        ("self.train_op = AdamOptimizer(FLAGS.lr, beta1=0.0).minimize(self.cost)", "pass", 3e-4),
        (
            "self.lr = tf.Variable(0.0, trainable=False)\n"
            "        self.train_op = tf.train.AdamOptimizer(self.lr).minimize(self.cost)",
            "sess.run(tf.assign(model.lr, 0.002 * (0.97 ** e)))",
            0.002,
        ),
    ],
)
def test_a_rate_may_go_to_an_optimizer_of_ones_own_or_into_a_variable(
    tmp_path: Path, made: str, before: str, rate: float
) -> None:
    found = analysed(tmp_path, {"train.py": OWN.replace("{made}", made).replace("{before}", before)})
    assert values(found, "learning_rate") == [rate]


PENALISING = {
    "main.py": """
        import argparse
        import torch
        from model import Critic
        from train import train
        parser = argparse.ArgumentParser()
        parser.add_argument("--lr", type=float, default=1e-4)
        if __name__ == "__main__":
            args = parser.parse_args()
            train(Critic(), lr=args.lr)
    """,
    "model.py": """
        import torch
        from torch import autograd, nn
        class Critic(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(1, 1))
            def forward(self, x):
                return self.body(x)
            def penalty(self, x):
                x = x.requires_grad_()
                slope = autograd.grad(self(x).sum(), x, create_graph=True)[0]
                return ((slope.norm(2, dim=1) - 1) ** 2).mean()
    """,
    "train.py": """
        import torch
        from torch import optim
        def train(model, lr=1e-3):
            optimizer = optim.Adam(model.parameters(), lr=lr)
            for _ in range(100):
                optimizer.zero_grad()
                (model(torch.randn(8, 4)).mean() + model.penalty(torch.randn(8, 4))).backward()
                optimizer.step()
    """,
}


def test_the_file_with_the_loop_is_the_model_and_not_one_that_takes_a_gradient(tmp_path: Path) -> None:
    assert names(tmp_path, PENALISING) == ["train.py"]


@pytest.mark.parametrize(("otherwise", "told"), [("else:\n    args.__dict__[key] = value", [32]), ("", [32, 200])])
def test_what_both_ways_set_is_no_longer_what_it_was(tmp_path: Path, otherwise: str, told: list[int]) -> None:
    code = f"""
import argparse
import torch
parser = argparse.ArgumentParser()
parser.add_argument("--size", type=int, default=200)
args = parser.parse_args()
key, value = "size", 32
if torch.cuda.is_available():
    args.__dict__[key] = value
{otherwise}
net = torch.nn.Linear(3, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x in torch.utils.data.DataLoader(torch.zeros(9, 3), batch_size=args.size):
    net(x).mean().backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "batch_size") == told


TYPED = """
from typing import NamedTuple
import torch
from torch import nn
Settings = NamedTuple("Settings", [("rate", float), ("sizes", dict)])
class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.body = nn.Linear(sizes["width"], 2)
        self._loss = None
    @property
    def loss(self):
        return self._loss
    @loss.setter
    def loss(self, told):
        name, smoothing = told
        self._loss = nn.CrossEntropyLoss(label_smoothing=smoothing)
    def forward(self, x, y):
        return self.loss(self.body(x), y)
settings = Settings(rate=0.02, sizes={"width": 64})
model = Net(settings.sizes)
model.loss = ("cross entropy", 0.1)
optimizer = torch.optim.Adam(model.parameters(), lr=settings.rate)
for x, y in loader:
    model(x, y).backward()
    optimizer.step()
"""


def test_settings_go_through_typed_tuples_and_properties(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TYPED})
    assert (values(found, "learning_rate"), values(found, "loss")) == ([0.02], ["CrossEntropyLoss"])
