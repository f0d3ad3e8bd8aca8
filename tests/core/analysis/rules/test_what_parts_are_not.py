"""What research code does beside its networks, and what parts of a network are taken for: losses, ramps, masks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

SHARPENED = """
import torch
from torch import nn
import torch.nn.functional as F

class Edges(nn.Module):
    def __init__(self):
        super().__init__()
        self.kernel = torch.ones(3, 1, 5, 5)
        LAYER
    def blurred(self, picture):
        return F.conv2d(picture, self.kernel, groups=3)
    def edges(self, picture):
        return picture - INNER
    def forward(self, left, right):
        return ((self.edges(left) - self.edges(right)) ** 2).mean()

net = nn.Conv2d(3, 3, 3, padding=1)
edges = Edges()
optimizer = torch.optim.Adam(net.parameters())
for x, y in data:
    edges(net(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("layer", "inner", "found"),
    [
        ("pass", "self.blurred(picture)", False),
        ("self.tower = nn.Conv2d(3, 3, 5)", "self.tower(picture)", True),
    ],
)
def test_filters_without_weights_make_no_twins(layer: str, inner: str, found: bool, tmp_path: Path) -> None:
    code = SHARPENED.replace("LAYER", layer).replace("INNER", inner)
    assert ("Siamese" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


RAMPED = """
import tensorflow.compat.v1 as tf

def optimize(loss, base):
    step = tf.train.get_or_create_global_step()
    rate = START
    rate *= tf.minimum(1.0, tf.cast(step, tf.float32) / 1000.0)
    return tf.train.AdamOptimizer(rate).minimize(loss)

x = tf.placeholder(tf.float32, [None, 9])
train = optimize(tf.reduce_mean(tf.layers.dense(x, 1) ** 2), 5e-4)
with tf.Session() as session:
    for _ in range(9):
        session.run(train, {x: batch})
"""


@pytest.mark.parametrize("start", ["base", "tf.train.polynomial_decay(base, step, 9000)"])
def test_what_ramps_a_rate_is_no_rate(start: str, tmp_path: Path) -> None:
    code = RAMPED.replace("START", start)
    assert values(analysed(tmp_path, {"train.py": code}), "learning_rate") == [5e-4]


CHOSEN = """
import torch
from torch import nn

class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(90, 8)
        self.out = nn.Linear(8, 8)
    def forward(self, x, sound):
        FIRST = (self.out(sound) @ self.embedding(x).transpose(1, 2)).softmax(-1)
        SECOND = torch.nn.functional.one_hot(FIRST.topk(1).indices, 90).float()
        return FIRST + (SECOND - FIRST).detach()

net = Reader()
optimizer = torch.optim.Adam(net.parameters())
for x, sound in data:
    net(x, sound).sum().backward()
    optimizer.step()
"""


def test_a_hard_choice_that_gradients_pass_by_is_no_codebook(tmp_path: Path) -> None:
    code = CHOSEN.replace("FIRST", "soft").replace("SECOND", "hard")
    assert "VQ-VAE" not in values(analysed(tmp_path, {"train.py": code}), "architecture")


HOLED = """
import torch
from torch import nn
import torch.nn.functional as F

class Partial(nn.Conv1d):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.weight_mask = torch.ones(1, 1, self.kernel_size[0])
    def forward(self, x, mask=None):
        PRODUCT
        return super().forward(x)

net = nn.Sequential(Partial(8, 8, 3), nn.ReLU(), Partial(8, 8, 3))
optimizer = torch.optim.Adam(net.parameters())
for x, y in data:
    F.mse_loss(net(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("product", "found"),
    [
        ("x = x * (self.weight_mask.shape[1] * self.weight_mask.shape[2])", False),
        ("x = x * mask", False),
        ("self.weight.data = self.weight.data * self.mask", True),
        ("self.weight.data *= self.mask", True),
    ],
)
def test_only_masks_of_weights_hide_what_comes_after(product: str, found: bool, tmp_path: Path) -> None:
    code = HOLED.replace("PRODUCT", product)
    assert ("Autoregressive" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


UNCERTAIN = """
import tensorflow as tf
import tensorflow_probability as tfp
tfd = tfp.distributions
divergence = lambda q, p, _: tfd.kl_divergence(q, p) / 60000.0
net = tf.keras.Sequential([LAYERS])
net.compile(tf.keras.optimizers.Adam(1e-2), loss="binary_crossentropy")
net.fit(x, y, epochs=5)
drawn = [net.layers[-1].kernel_posterior.sample() for _ in range(9)]
"""


@pytest.mark.parametrize(
    ("layers", "family"),
    [
        ("tfp.layers.DenseFlipout(1, activation='sigmoid', kernel_divergence_fn=divergence)", "Logistic Regression"),
        ("tfp.layers.Convolution2DFlipout(6, 5), tf.keras.layers.Flatten(), tfp.layers.DenseFlipout(1)", "CNN"),
    ],
)
def test_weights_that_are_drawn_are_no_latent(layers: str, family: str, tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": UNCERTAIN.replace("LAYERS", layers)}), "architecture")
    assert found[0] == family
    assert "VAE" not in found


NOTED = """
import gym
import torch
from torch import nn

class Agent:
    def __init__(self):
        self.net = nn.Sequential(nn.Linear(3, 64), nn.Tanh(), nn.Linear(64, 1))
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-3)
    def update(self, state, reward, following):
        wanted = reward + 0.99 * self.net(following).detach()
        CRITIC = ((self.net(state) - wanted) ** 2).mean()
        ACTOR = -self.net(state).mean()
        (CRITIC + ACTOR).backward()
        self.optimizer.step()
        return CRITIC.item(), ACTOR.item()

env = gym.make("Pendulum-v1")
agent = Agent()
state = env.reset()
for step in range(900):
    following, reward, done, _ = env.step(agent.net(state))
    value_loss, policy_loss = agent.update(state, reward, following)
    print(value_loss, policy_loss)
    state = env.reset() if done else following
"""


@pytest.mark.parametrize(("critic", "actor", "found"), [("error", "rest", False), ("critic_loss", "actor_loss", True)])
def test_what_a_loop_takes_down_of_an_agent_is_no_critic(critic: str, actor: str, found: bool, tmp_path: Path) -> None:
    code = NOTED.replace("CRITIC", critic).replace("ACTOR", actor)
    assert ("Actor-Critic" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found
