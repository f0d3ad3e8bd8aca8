"""Single scripts of agents, makers of pictures and densities: what looks like a judge, a machine, a part or a batch."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import HEAD, STEP, analysed, names, values

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


CODES = """
import tensorflow as tf

def MLP_encoder(x):
    w = tf.get_variable("w", [784, 2])
    v = tf.get_variable("v", [2, 2])
    return tf.matmul(tf.nn.relu(tf.matmul(x, w)), v)

def MLP_decoder(z):
    w = tf.get_variable("w", [2, 784])
    return tf.sigmoid(tf.matmul(z, w))

def discriminator(z, reuse=False):
    with tf.variable_scope("discriminator", reuse=reuse):
        w = tf.get_variable("w", [12, 1])
        return tf.matmul(z, w)

def model(x, labels, told, wanted):
    z = MLP_encoder(x)
    y = MLP_decoder(DECODED)
    fake = discriminator(tf.concat([z, labels], 1))
    real = discriminator(tf.concat([told, wanted], 1), reuse=True)
    judged = tf.nn.sigmoid_cross_entropy_with_logits
    d_loss = tf.reduce_mean(judged(logits=real, labels=tf.ones_like(real)))
    d_loss += tf.reduce_mean(judged(logits=fake, labels=tf.zeros_like(fake)))
    return tf.reduce_mean(tf.squared_difference(x, y)), d_loss

x, labels, told, wanted = (tf.placeholder(tf.float32, [None, n]) for n in (784, 10, 2, 10))
loss, d_loss = model(x, labels, told, wanted)
step, d_step = tf.train.AdamOptimizer(1e-3).minimize(loss), tf.train.AdamOptimizer(1e-3).minimize(d_loss)
sess = tf.Session()
for epoch in range(20):
    sess.run([step, d_step], feed_dict={x: pictures, labels: kinds, told: draw(64), wanted: kinds})
"""


def test_codes_that_are_judged_and_decoded(tmp_path: Path) -> None:
    for number, (decoded, told) in enumerate((("z", True), ("told", False))):
        found = analysed(tmp_path / str(number), {"train.py": CODES.replace("DECODED", decoded)})
        assert ("Adversarial Autoencoder" in values(found, "architecture")) is told


VELOCITY = (
    HEAD
    + """
class Block(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.attention, self.norm = nn.MultiheadAttention(width, 4), nn.LayerNorm(width)
        self.told, self.mlp = nn.Linear(width, 2 * width), nn.Sequential(nn.Linear(width, 256), nn.Linear(256, width))
    def forward(self, x, c):
        shift, scale = self.told(c).chunk(2, dim=-1)
        x = self.norm(x) * (1 + scale) + shift
        x = x + self.attention(x, x, x)[0]
        return x + self.mlp(x)

def between(x, eps, t):
    return (1 - t) * eps + t * x

def velocity(x, eps):
    return x - eps

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches, self.time = nn.Conv2d(3, 64, 4, stride=4), nn.Linear(1, 64)
        self.blocks = nn.ModuleList([Block() for _ in range(4)])
    def forward(self, x, t):
        x = self.patches(x).flatten(2).transpose(1, 2)
        for block in self.blocks:
            x = block(x, self.time(t))
        return x

model = Net()
loader = torch.utils.data.DataLoader(pictures, batch_size=8)
"""
    + STEP.replace(
        "LOSS",
        "t = torch.rand(len(x), 1); eps = torch.randn_like(x); "
        "loss = ((model(between(x, eps, t), t) - velocity(x, eps)) ** 2).mean()",
    )
)


def test_a_transformer_scaled_by_the_time_that_learns_a_velocity(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": VELOCITY}), "architecture")
    assert found[:2] == ["DiT", "Diffusion"] and "Flow Matching" in found
    line = "        x = self.norm(x) * (1 + scale) + shift\n"
    switched = VELOCITY.replace(line, "        x = self.norm(x)\n        if self.told_so:\n    " + line)
    assert "DiT" not in values(analysed(tmp_path, {"train.py": switched}), "architecture")


TRAINED_ELSEWHERE = """
import json
import sys
import torch
from torch import nn

with open(sys.argv[1]) as file:
    config = json.load(file)
with open("results/settings.json", "w") as file:
    json.dump(config, file)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
def train(batches, epochs):
    for epoch in range(epochs):
        for x, y in batches:
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
for epoch in range(config["epochs"]):
    train(torch.utils.data.DataLoader(data, batch_size=config["batch_size"]), 1)
"""


def test_what_a_run_writes_it_is_not_told_and_one_epoch_of_many_is_not_all(tmp_path: Path) -> None:
    config = '{"lr": 0.01, "epochs": 70, "batch_size": 16}'
    files = {"train.py": TRAINED_ELSEWHERE, "settings.json": config}
    found = analysed(tmp_path / "told", files, "settings.json")
    assert [values(found, field) for field in ("epochs", "batch_size", "learning_rate")] == [[70], [16], [0.01]]
    assert values(analysed(tmp_path / "bare", {"train.py": TRAINED_ELSEWHERE}), "epochs") == []


HEADS = """
from keras.layers import Conv2D, Dense, Flatten, Input
from keras.models import Model, Sequential
def build():
    body = Sequential()
    body.add(Conv2D(32, 3, input_shape=(28, 28, 1)))
    body.add(Conv2D(64, 3))
    body.add(Flatten())
    image = Input(shape=(28, 28, 1))
    features = body(image)
    return Model(image, [Dense(1)(features), Dense(10)(features)])
model = build()
model.compile(optimizer="adam", loss="mse")
model.fit(x, y, epochs=3)
"""


def test_heads_on_a_stack_of_the_same_function_are_no_network(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEADS}), "architecture") == ["CNN"]


LEARNING = """
import torch
def learn(net, data=()):
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    for x in data:
        loss = net(x).sum()
        loss.backward()
        optimizer.step()
"""


def test_the_settings_of_a_manual_train_nothing(tmp_path: Path) -> None:
    for name, told in (("conf.py", []), ("main.py", ["docs/source/main.py"])):
        using = "import sys\nsys.path.insert(0, '../..')\nfrom lib import learn\n\nlearn(3)\n"
        files = {"lib/__init__.py": LEARNING, f"docs/source/{name}": using}
        assert names(tmp_path / name, files) == told


ENLARGED = (
    HEAD
    + """
import h5py
class Pairs(torch.utils.data.Dataset):
    def __init__(self, path):
        self.path = path
    def __getitem__(self, at):
        with h5py.File(self.path) as file:
            return file["LOW"][at], file["hr"][at]
model = nn.Sequential(nn.Conv2d(1, 56, 5), nn.PReLU(), nn.ConvTranspose2d(56, 1, 9, stride=2))
loader = torch.utils.data.DataLoader(Pairs("train.h5"), batch_size=16)
"""
    + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")
)


def test_pairs_of_both_resolutions_are_read(tmp_path: Path) -> None:
    for name, told in (("lr", ["Super-Resolution", "CNN"]), ("low", ["CNN"])):
        found = analysed(tmp_path / name, {"train.py": ENLARGED.replace("LOW", name)})
        assert values(found, "architecture") == told


def test_data_of_a_library_beside_a_folder_of_pictures(tmp_path: Path) -> None:
    code = (
        HEAD
        + "from torchvision import datasets\n"
        + "source, target = datasets.MNIST('.'), datasets.ImageFolder(root='data/MNIST_M/train')\n"
        + "model = nn.Linear(4, 2)\nloader = torch.utils.data.DataLoader(source, batch_size=8)\n"
        + "other = torch.utils.data.DataLoader(target, batch_size=8)\n"
        + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    )
    assert values(analysed(tmp_path, {"train.py": code}), "datasets") == ["MNIST", "MNIST-M"]


PARTLY_TOLD = (
    HEAD
    + """
import torch.distributions as D
class Partly(nn.Module):
    def __init__(self):
        super().__init__()
        self.p_z = D.Normal(torch.zeros(2), torch.ones(2))
        self.encoder, self.decoder = nn.Linear(784, 4), nn.Linear(2, 784)
    def encode(self, x):
        mean, scale = self.encoder(x).chunk(2, -1)
        return D.Normal(mean, scale.exp())
    def decode(self, z):
        return D.Bernoulli(logits=self.decoder(z))
def lost(x, z, p_z, p_x_z, q_z_x):
    return - p_x_z.log_prob(x).sum(1) - p_z.log_prob(z).sum(1) SIGN q_z_x.log_prob(z).sum(1)
model = Partly()
loader = torch.utils.data.DataLoader(data, batch_size=32)
"""
    + STEP.replace(
        "LOSS", "q = model.encode(x); z = q.rsample(); loss = lost(x, z, model.p_z, model.decode(z), q).mean()"
    )
)


def test_a_bound_of_distributions_by_their_names(tmp_path: Path) -> None:
    for sign, told in (("+", True), ("-", False)):
        found = analysed(tmp_path / str(told), {"train.py": PARTLY_TOLD.replace("SIGN", sign)})
        assert ("VAE" in values(found, "architecture")) is told


CONTINUED = (
    HEAD
    + """
class Letters(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.out = nn.Embedding(100, 8), nn.LSTM(8, 16), nn.Linear(16, 100)
    def begin(self):
        return None
    def _init_state(self, batch_size=1):
        return torch.zeros(1, batch_size, 16)
    def forward(self, x):
        return self.out(self.lstm(self.embedding(x), self._init_state())[0])
model = Letters()
from torchtext.datasets import AG_NEWS
loader = AG_NEWS(split="train")
"""
    + STEP.replace("LOSS", "told, wanted = x[:, FIRST:-1], x[:, 1:]; loss = F.cross_entropy(model(told), wanted)")
)


def test_texts_that_are_only_continued_and_the_shape_of_a_state(tmp_path: Path) -> None:
    for first, task in (("0", "language modelling"), ("2", "text classification")):
        found = analysed(tmp_path / first, {"train.py": CONTINUED.replace("FIRST", first)})
        assert (values(found, "task"), values(found, "batch_size")) == ([task], [])


PRAISED = (
    AGENT.replace("SIGNATURE", "mode=0")
    .replace("KEPT", "self.batch_size = 64")
    .replace(
        "loss = -(torch.log_softmax(self.net(states[chosen]), -1) * returns[chosen]).mean()",
        "action_policy = (self.net(states[chosen]) * picked).sum(1); "
        "loss = -(torch.log(action_policy + 1e-8) * adv).mean()",
    )
)


def test_the_logarithm_of_what_a_policy_says(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": PRAISED.replace("GIVEN", "agent = Agent()")})
    assert "Policy Gradient" in values(found, "architecture")


INFERRED = """
from jax import random
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.contrib.einstein import RBFKernel, SteinVI
from numpyro.examples.datasets import MNIST, _load

def model(x):
    w = numpyro.param("w", jnp.ones((784, 2)))
    numpyro.sample("y", dist.Normal(jnp.matmul(x, w), 1.0))

def read(which):
    return _load(which, 100)

def main():
    steinvi = SteinVI(model, model, numpyro.optim.Adam(0.01), RBFKernel())
    return steinvi.run(random.key(0), 500, read(MNIST))

main()
"""


def test_particles_that_are_moved_and_data_that_a_library_is_handed(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": INFERRED})
    assert (values(found, "datasets"), values(found, "optimizer")) == (["MNIST"], ["Adam"])


RECORDS = (
    HEAD
    + """
from collections import namedtuple
Source = namedtuple("Source", ["name", "urls"])
FASHION = Source("fashion", ["https://x.org/a"])
DIGITS = Source("digits", ["https://x.org/b"])

def _load_fashion_mnist():
    return fetch(FASHION)
def _load_mnist():
    return fetch(DIGITS)
def load(source):
    if source == FASHION:
        return _load_fashion_mnist()
    elif source == DIGITS:
        return _load_mnist()

model = nn.Linear(4, 2)
loader = torch.utils.data.DataLoader(load(DIGITS), batch_size=8)
"""
    + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
)


def test_records_are_compared_by_what_they_hold(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": RECORDS}), "datasets") == ["MNIST"]
