"""Single scripts of agents, makers of pictures and densities: what looks like a judge, a machine, a part or a batch."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import HEAD, STEP, analysed, values

LATENT = (
    HEAD
    + """
import torch.distributions as D
from torchvision.datasets import MNIST

def filters(centre, width):
    left = torch.exp(-centre * width)
    return centre, left

class Sketch(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.back = nn.Linear(784, 20), nn.Linear(10, 784)
    def look(self, x):
        centre, left = filters(x.mean(), 2)
        return left @ x @ left.transpose(-2, -1)
    def draw(self, x):
        centre, left = filters(x.mean(), 3)
        return torch.sigmoid(left.transpose(-2, -1) @ x @ left)
    def forward(self, x):
        mean, scale = self.encoder(self.look(x)).chunk(2, -1)
        told = D.Normal(mean, scale.exp())
        recon = self.draw(self.back(told.rsample()))
        seen = D.Bernoulli(recon).log_prob(x)
        return -seen.mean() + D.kl_divergence(told, D.Normal(0.0, 1.0)).mean()

model = Sketch()
loader = torch.utils.data.DataLoader(MNIST("."), batch_size=32)
"""
    + STEP.replace("LOSS", "loss = model(x)")
)


def test_a_module_of_distributions_is_no_judge_and_what_is_computed_no_machine(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": LATENT}), "architecture") == ["VAE", "Autoencoder", "MLP"]


DENSITY = """
import tensorflow as tf
tfd = tf.contrib.distributions
tfb = tfd.bijectors
class Bend(tfb.Bijector):
    def _forward(self, x):
        return tf.where(x > 0, x, x / 2)
bijectors = []
for i in range(4):
    bijectors.append(tfb.Affine(shift=tf.get_variable("shift%d" % i, [2])))
    bijectors.append(Bend())
dist = tfd.TransformedDistribution(tfd.MultivariateNormalDiag(tf.zeros([2])), tfb.Chain(bijectors))
loss = -tf.reduce_mean(dist.log_prob(points))
train_op = tf.train.AdamOptimizer(1e-3).minimize(loss)
sess = tf.Session()
for i in range(1000):
    sess.run(train_op)
"""


def test_a_density_of_bijectors(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": DENSITY})
    assert (values(found, "architecture"), values(found, "model_classes")) == (["Flow"], ["Bend"])


AGENT = """
import gym
import numpy as np
import torch
from torch import nn

class Agent:
    def __init__(self, SIGNATURE):
        KEPT
        self.rollout = 256
        self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
        self.opt = torch.optim.Adam(self.net.parameters(), lr=0.001)
    def update(self, states, returns):
        order = np.arange(self.rollout)
        np.random.shuffle(order)
        chosen = order[: self.batch_size]
        loss = -(torch.log_softmax(self.net(states[chosen]), -1) * returns[chosen]).mean()
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()

env = gym.make("CartPole-v1")
GIVEN
while True:
    agent.update(*play(env))
"""


def test_the_batch_that_an_agent_keeps(tmp_path: Path) -> None:
    code = AGENT.replace("SIGNATURE", "mode=0").replace("KEPT", "self.batch_size = 64")
    assert values(analysed(tmp_path, {"train.py": code.replace("GIVEN", "agent = Agent()")}), "batch_size") == [64]


SETTINGS = """
import configparser
config = configparser.ConfigParser()
config.read("./settings.conf")
told = config["DEFAULT"]
parts = int(told["MiniBatch"])
batch_size = int(int(told["Envs"]) * int(told["Steps"]) / parts)
agent = Agent(batch_size=batch_size)
"""


def test_how_many_parts_there_are_is_no_batch(tmp_path: Path) -> None:
    code = AGENT.replace("SIGNATURE", "batch_size").replace("KEPT", "self.batch_size = batch_size")
    files = {
        "train.py": code.replace("GIVEN", SETTINGS),
        "settings.conf": "[DEFAULT]\nEnvs = 8\nSteps = 128\nMiniBatch = 4\n",
    }
    assert values(analysed(tmp_path, files), "batch_size") == [256]
