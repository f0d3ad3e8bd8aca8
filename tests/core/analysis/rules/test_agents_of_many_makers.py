"""Agents whose names come from star imports, whose worlds are made by many libraries, whose returns grow in a loop; and
what is drawn, weighed and compared beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

STARRED = """
    import gym, random
    {imports}

    env = gym.make("CartPole-v0")
    model = Sequential()
    model.add(Dense(units=64, activation="relu", input_dim=4))
    model.add(Dense(units=2, activation="linear"))
    model.compile(loss="mse", optimizer=RMSprop(lr=0.00025))
    for step in range(1000):
        target = reward + 0.99 * model.predict(state).max()
        model.fit(state, target, batch_size=64, verbose=0)
"""


@pytest.mark.parametrize(
    "order", [("layers", "optimizers"), ("optimizers", "layers"), ("layers", "callbacks", "optimizers")]
)
def test_names_of_layers_and_optimizers_imported_whole(order: tuple[str, ...], tmp_path: Path) -> None:
    lines = ["from keras.models import Sequential", *(f"from keras.{part} import *" for part in order)]
    found = analysed(tmp_path, {"train.py": STARRED.replace("{imports}", "\n    ".join(lines))})
    assert values(found, "architecture") == ["DQN", "MLP"]
    assert values(found, "optimizer") == ["RMSprop"]


WORLD = """
    import torch
    import torch.nn as nn
    {made}

    net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for step in range(1000):
        observation, reward, done, info = env.step(net(observation).argmax())
        loss = -(net(observation).log_softmax(-1) * reward).mean()
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ('import jumanji\n    env = jumanji.make("Snake-v1")', "Snake-v1"),
        ('import jaxmarl\n    env = jaxmarl.make("MPE_simple_spread_v3")', "MPE_simple_spread_v3"),
        ('from smac.env import StarCraft2Env\n    env = StarCraft2Env(map_name="3m")', "3m"),
        ('from worlds import make\n    env = make("Maze_v2", size=4)', "Maze_v2"),
    ],
)
def test_worlds_of_many_makers(made: str, name: str, tmp_path: Path) -> None:
    maker = "def make(env_id, **settings):\n    return WORLDS[env_id](**settings)\n"
    found = analysed(tmp_path, {"train.py": WORLD.replace("{made}", made), "worlds.py": maker})
    assert values(found, "environment") == [name]


def test_returns_that_grow_in_a_loop(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        from emulator import Emulator

        GAMMA = 0.99
        state = tf.placeholder(tf.float32, [None, 4])
        log_pi = tf.log(tf.layers.dense(tf.layers.dense(state, 64), 2))
        td = tf.placeholder(tf.float32, [None])
        train = tf.train.RMSPropOptimizer(1e-3).minimize(-tf.reduce_sum(tf.reduce_sum(log_pi, 1) * td))
        with tf.Session() as session:
            for step in range(1000):
                rewards = Emulator().play()
                R, returns = 0.0, []
                for ri in reversed(rewards):
                    R = ri + GAMMA * R
                    returns.append(R)
                session.run(train, {td: returns})
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == "Policy Gradient"


CODER = """
    import torch
    import torch.nn as nn

    class Coder(nn.Module):
        def __init__(self):
            super().__init__()
            self.q, self.p = nn.Linear(784, 64), nn.Linear(32, 784)
        def reparameterize(self, mu, logvar):
            std = logvar.mul(0.5).exp_()
            return torch.randn(std.size()).mul(std).add_(mu)
        def calculate_loss(self, x, beta{preset}):
            mu, logvar = self.q(x).chunk(2, 1)
            z = self.reparameterize(mu, logvar)
            KL = -(log_normal(z, 0, 1) - log_normal(z, mu, logvar))
            return log_bernoulli(x, self.p(z)) + beta * KL

    net = Coder()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(10):
        net.calculate_loss(torch.zeros(8, 784), beta=epoch / 100).sum().backward()
        optimizer.step()
"""


@pytest.mark.parametrize(("preset", "family"), [("", "Beta-VAE"), ("=1.0", "VAE")])
def test_what_only_warms_up_weighs_no_divergence(preset: str, family: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": CODER.replace("{preset}", preset)})
    assert values(found, "architecture")[0] == family


def test_styles_compared_by_a_network_read_from_a_matrix_file(tmp_path: Path) -> None:
    text = """
        import scipy.io
        import tensorflow as tf

        weights = scipy.io.loadmat("vgg.mat")["layers"][0]
        def features(x):
            for kernel in weights:
                x = tf.nn.relu(tf.nn.conv2d(x, tf.constant(kernel), strides=[1, 1, 1, 1], padding="SAME"))
            return tf.reshape(x, (-1, 64))
        picture = tf.Variable(tf.zeros([1, 64, 64, 3]))
        wanted = tf.placeholder(tf.float32, [64, 64])
        found = features(picture)
        gram = tf.matmul(tf.transpose(found), found)
        train = tf.train.AdamOptimizer(10.0).minimize(tf.nn.l2_loss(gram - wanted))
        with tf.Session() as session:
            for step in range(1000):
                session.run(train)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == "Style Transfer"
