"""Families are found in structure: small programs of every kind, and what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from tests.core.analysis.writing import program

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"
STEP = """
opt = optim.Adam(net.parameters(), lr=1e-3)
for x, y in loader:
    out = net(x)
    loss = {loss}
    loss.backward()
    opt.step()
"""


def net(layers: str, forward: str, loss: str = "F.cross_entropy(out, y)", arguments: str = "x") -> str:
    """A network of one class, and the loop that trains it."""
    body = "\n".join("        " + line for line in layers.splitlines())
    steps = "\n".join("        " + line for line in forward.splitlines())
    text = (
        f"class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"{body}\n    def forward(self, {arguments}):\n{steps}\n"
    )
    return TORCH + text + "net = Net()\n" + STEP.format(loss=loss)


JOINED_LABELS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.mean, self.spread = nn.Linear(794, 64), nn.Linear(64, 8), nn.Linear(64, 8)
        self.out = nn.Linear(18, 784)
    def forward(self, x, digit):
        onehot_digit = F.one_hot(digit, 10)
        h = F.relu(self.into(torch.cat((x, onehot_digit), 1)))
        mean, spread = self.mean(h), self.spread(h)
        z = mean + torch.randn(8) * torch.exp(spread / 2)
        return torch.sigmoid(self.out(torch.cat((z, onehot_digit), 1))), mean, spread
net = Net()
opt = optim.Adam(net.parameters())
for x, digit in loader:
    out, mean, spread = net(x, digit)
    divergence = 0.5 * (mean ** 2 + torch.exp(spread) - spread - 1).sum()
    (F.binary_cross_entropy(out, x) + divergence).backward()
    opt.step()
"""

OLD_AUTOENCODER = """
import tensorflow as tf
def layer(given, size):
    kernel = tf.Variable(tf.zeros([784, size]))
    return tf.nn.relu(tf.matmul(given, kernel))
pixels = tf.placeholder(tf.float32, [None, 784])
code = layer(pixels, 16)
deeper = layer(code, 16)
wider = layer(deeper, 64)
back = layer(wider, 784)
cost = tf.nn.sigmoid_cross_entropy_with_logits(labels=pixels, logits=back)
tf.train.AdamOptimizer(0.01).minimize(cost)
"""


OLD_TWINS = """
import tensorflow as tf
def branch(given):
    return tf.layers.dense(tf.layers.dense(given, 8), 4)
left, right = tf.placeholder(tf.float32, [None, 9]), tf.placeholder(tf.float32, [None, 9])
with tf.variable_scope('twin', reuse=False):
    one = branch(left)
with tf.variable_scope('twin', reuse=True):
    other = branch(right)
tf.train.AdamOptimizer(0.01).minimize(apart(one, other))
"""

OLD_GAN = """
import tensorflow as tf
def build_discriminator(given, reuse):
    with tf.variable_scope('discriminator', reuse=reuse):
        return tf.layers.dense(tf.layers.dense(given, 8), 1)
noise, pictures = tf.placeholder(tf.float32, [None, 9]), tf.placeholder(tf.float32, [None, 784])
with tf.variable_scope('generator'):
    hidden = tf.layers.dense(noise, 16)
    drawn = tf.layers.dense(hidden, 784)
real, fake = build_discriminator(pictures, False), build_discriminator(drawn, True)
tf.train.AdamOptimizer(0.01).minimize(score(real, fake), var_list=a)
tf.train.AdamOptimizer(0.01).minimize(score(fake, real), var_list=b)
"""

CLIPPED = """
def mse(judged, wanted):
    return (judged - wanted) ** 2
clipped = [weight.assign(tf.clip_by_value(weight, -0.01, 0.01)) for weight in weights]
judged = mse(real, tf.ones_like(real)) + mse(fake, tf.zeros_like(fake))
"""

SOFT_VALUE = """
import gym
env = gym.make('Pendulum-v0')
actor, q, v = nn.Linear(3, 1), nn.Linear(4, 1), nn.Linear(3, 1)
opt = optim.Adam(v.parameters())
state = env.reset()
while True:
    action, log_prob = draw(actor(state))
    new_q = q(torch.cat([state, action], 1))
    next_value = new_q - log_prob
    F.mse_loss(v(state), next_value.detach()).backward()
    opt.step()
    state = env.step(action)
"""

GROWING = net(
    "self.blocks = nn.ModuleList([nn.Conv2d(8 * n, 8, 3) for n in range(1, 4)])",
    "seen = [x]\nfor block in self.blocks:\n    seen.append(block(torch.cat(seen, 1)))\nreturn torch.cat(seen, 1)",
)

WEIGHED_ELSEWHERE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.out = nn.GRU(4, 8), nn.Linear(16, 4)
    def forward(self, x):
        seen, last = self.into(x)
        shares = self.compare(seen, last)
        return self.out(torch.cat([last, shares.bmm(seen)], 1))
    def compare(self, seen, last):
        return F.softmax((seen * last).sum(-1), dim=-1)
net = Net()
"""

NEIGHBOURS = """
skip_grams = []
for word, other in pairs:
    skip_grams.append([word, other])
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.out = nn.Linear(99, 2, bias=False), nn.Linear(2, 99, bias=False)
    def forward(self, x):
        return self.out(self.into(x))
net = Net()
"""

NEIGHBOURHOOD = """
def adjacency_of(size):
    return torch.eye(size)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(9, 2)
        self.register_buffer('A', adjacency_of(9))
    def forward(self, x):
        return self.out(torch.mm(x, self.A))
net = Net()
"""

RESIZED = "from torchvision import transforms\nprepare = transforms.Resize(32)\n"

PROGRAMS = {
    "a kept adjacency": (TORCH + NEIGHBOURHOOD + STEP.format(loss="F.cross_entropy(out, y)"), ["GNN"]),
    "data that is resized": (RESIZED + GROWING, ["DenseNet", "CNN"]),
    "probabilities times a weight": (
        net(
            "self.a, self.b = nn.Linear(4, 8), nn.Linear(8, 3)\nself.steps = nn.Parameter(torch.ones(3, 1))",
            "shares = F.softmax(self.b(F.relu(self.a(x))), dim=1)\nreturn shares.mm(self.steps)",
            "F.mse_loss(out, y)",
        ),
        ["MLP"],
    ),
    "labels as vectors": (TORCH + JOINED_LABELS, ["Conditional VAE", "VAE", "Autoencoder", "MLP"]),
    "an autoencoder of version 1": (OLD_AUTOENCODER, ["Autoencoder", "MLP"]),
    "twins of version 1": (OLD_TWINS, ["Siamese", "MLP"]),
    "a gan of version 1": (OLD_GAN, ["GAN", "MLP"]),
    "clipped, and drawn to labels": (OLD_GAN + CLIPPED, ["GAN", "MLP"]),
    "a soft value": (TORCH + SOFT_VALUE, ["SAC", "Actor-Critic", "Linear"]),
    "a growing list": (GROWING, ["DenseNet", "CNN"]),
    "weights of a method": (
        TORCH + WEIGHED_ELSEWHERE + STEP.format(loss="F.mse_loss(out, y)"),
        ["GRU", "RNN", "Attention"],
    ),
    "words and neighbours": (TORCH + NEIGHBOURS + STEP.format(loss="F.cross_entropy(out, y)"), ["Word2Vec"]),
    "mlp": (
        net("self.a = nn.Linear(784, 64)\nself.b = nn.Linear(64, 10)", "return self.b(F.relu(self.a(x)))"),
        ["MLP"],
    ),
    "cnn with a head": (
        net(
            "self.a = nn.Conv2d(1, 8, 3)\nself.b = nn.Linear(64, 32)\nself.c = nn.Linear(32, 10)",
            "return self.c(self.b(self.a(x).flatten(1)))",
        ),
        ["CNN"],
    ),
    "logistic regression": (
        TORCH + "net = nn.Linear(784, 10)\n" + STEP.format(loss="F.cross_entropy(out, y)"),
        ["Logistic Regression", "Linear"],
    ),
    "a line": (TORCH + "net = nn.Linear(1, 1)\n" + STEP.format(loss="F.mse_loss(out, y)"), ["Linear"]),
    "lstm": (net("self.a = nn.LSTM(8, 16)\nself.b = nn.Linear(16, 2)", "return self.b(self.a(x)[0])"), ["LSTM", "RNN"]),
    "resnet": (
        net(
            "self.a = nn.Conv2d(8, 8, 3)\nself.b = nn.Conv2d(8, 8, 3)",
            "identity = x\nout = self.b(F.relu(self.a(x)))\nout += identity\nreturn out",
        ),
        ["ResNet", "CNN"],
    ),
    "unet": (
        net(
            "self.d1 = nn.Conv2d(3, 8, 3)\nself.d2 = nn.Conv2d(8, 16, 3)\n"
            "self.pool = nn.MaxPool2d(2)\nself.up = nn.ConvTranspose2d(16, 8, 2, 2)\n"
            "self.end = nn.Conv2d(16, 1, 1)",
            "skip = self.d1(x)\nh = self.d2(self.pool(skip))\nreturn self.end(torch.cat([self.up(h), skip], dim=1))",
        ),
        ["UNet", "CNN"],
    ),
    "autoencoder": (
        net(
            "self.enc = nn.Linear(784, 16)\nself.dec = nn.Linear(16, 784)",
            "return self.dec(self.enc(x))",
            "F.mse_loss(out, x)",
        ),
        ["Autoencoder", "MLP"],
    ),
    "not an autoencoder": (
        net(
            "self.a = nn.Linear(784, 16)\nself.b = nn.Linear(16, 784)", "return self.b(self.a(x))", "F.mse_loss(out, y)"
        ),
        ["MLP"],
    ),
    "siamese": (
        net(
            "self.cnn = nn.Conv2d(1, 8, 3)\nself.fc = nn.Linear(16, 1)",
            "a = self.cnn(p)\nb = self.cnn(q)\nreturn self.fc(torch.cat((a, b), 1))",
            arguments="p, q",
        ),
        ["Siamese", "CNN"],
    ),
    "super-resolution": (
        net(
            "self.a = nn.Conv2d(1, 64, 5)\nself.b = nn.Conv2d(64, 9, 3)\nself.s = nn.PixelShuffle(3)",
            "return self.s(self.b(self.a(x)))",
            "F.mse_loss(out, y)",
        ),
        ["Super-Resolution", "CNN"],
    ),
    "ready-made": (
        "import torchvision\nnet = torchvision.models.resnet18(weights=None)\n"
        + TORCH
        + STEP.format(loss="F.cross_entropy(out, y)"),
        ["ResNet", "CNN"],
    ),
    "timm": (
        "import timm\nnet = timm.create_model('vit_base_patch16_224')\n"
        + TORCH
        + STEP.format(loss="F.cross_entropy(out, y)"),
        ["ViT", "Transformer", "Attention"],
    ),
    "keras": (
        "from tensorflow import keras\nfrom tensorflow.keras import layers\n"
        "m = keras.Sequential([layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)])\n"
        "m.compile('adam', loss='sparse_categorical_crossentropy')\nm.fit(x, y)\n",
        ["CNN"],
    ),
    "forest": (
        "from sklearn.ensemble import RandomForestClassifier\nm = RandomForestClassifier(100)\nm.fit(x, y)\n",
        ["Random Forest"],
    ),
    "gcn layers": (
        "from torch_geometric.nn import GCNConv\n"
        + net(
            "self.a = GCNConv(16, 8)\nself.b = GCNConv(8, 2)",
            "return self.b(self.a(x, edge_index), edge_index)",
            arguments="x, edge_index",
        ),
        ["GCN", "GNN"],
    ),
    "flax": (
        "import jax, optax\nimport flax.linen as nn\nclass CNN(nn.Module):\n"
        "    @nn.compact\n    def __call__(self, x):\n        x = nn.Conv(8, (3, 3))(x)\n"
        "        return nn.Dense(10)(x)\n"
        "model = CNN()\nparams = model.init(jax.random.PRNGKey(0), x)\nopt = optax.adam(1e-3)\n",
        ["CNN"],
    ),
}

VAE = (
    TORCH
    + """
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.mu, self.lv, self.dec = nn.Linear(784, 40), nn.Linear(40, 8), nn.Linear(40, 8), nn.Linear(8, 784)
    def forward(self, x):
        h = self.enc(x)
        mu, logvar = self.mu(h), self.lv(h)
        std = torch.exp(0.5 * logvar)
        return self.dec(mu + torch.randn_like(std) * std), mu, logvar
net = VAE()
opt = optim.Adam(net.parameters())
def loss_function(recon, x, mu, logvar):
    bce = F.binary_cross_entropy(recon, x)
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + {weight}kld
for x, _ in loader:
    recon, mu, logvar = net(x)
    loss_function(recon, x, mu, logvar).backward()
    opt.step()
"""
)
GAN = (
    TORCH
    + """
import sys
{generator}
{discriminator}
g_opt = optim.Adam(G.parameters())
d_opt = optim.Adam(D.parameters())
for real, _ in loader:
    z = torch.randn(64, 100, 1, 1)
    fake = G(z)
    {judge}
    d_loss.backward()
    d_opt.step()
    g_opt.step()
"""
)
LINEAR = {
    "generator": "G = nn.Sequential(nn.Linear(100, 64), nn.ReLU(), nn.Linear(64, 784))",
    "discriminator": "D = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 1))",
}
CONVOLUTIONS = {
    "generator": "G = nn.Sequential(nn.ConvTranspose2d(100, 64, 4), nn.BatchNorm2d(64), nn.ConvTranspose2d(64, 1, 4))",
    "discriminator": "D = nn.Sequential(nn.Conv2d(1, 64, 4, 2), nn.BatchNorm2d(64), nn.Conv2d(64, 1, 4))",
}
BCE = "bce = nn.BCELoss()\n    d_loss = bce(D(real), torch.ones(64)) + bce(D(fake.detach()), torch.zeros(64))"
CLIPPED = (
    "d_loss = D(fake.detach()).mean() - D(real).mean()\n"
    "    for p in D.parameters():\n        p.data.clamp_(-0.01, 0.01)"
)
PENALTY = (
    "mix = real\n    grad = torch.autograd.grad(D(mix).sum(), mix)[0]\n"
    "    d_loss = D(fake.detach()).mean() - D(real).mean() + 10 * ((grad.norm(2, dim=1) - 1) ** 2).mean()"
)
SLOPES = {
    **LINEAR,
    "generator": LINEAR["generator"] + "\ndef slope(x):\n    return torch.autograd.grad(D(x).sum(), x)[0].norm(dim=1)",
    "judge": "d_loss = D(fake.detach()).mean() - D(real).mean() + ((slope(real) - 1) ** 2).mean()",
}
AGENT = (
    TORCH
    + """
import gymnasium as gym
env = gym.make('CartPole-v1')
net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
opt = optim.Adam(net.parameters())
gamma = 0.99
state, _ = env.reset()
while True:
    state, reward, done, _, _ = env.step(0)
    {update}
    loss.backward()
    opt.step()
"""
)
SCHEMES = {
    "vae": (VAE.replace("{weight}", ""), ["VAE", "Autoencoder", "MLP"]),
    "beta-vae": (VAE.replace("{weight}", "beta * "), ["Beta-VAE", "VAE", "Autoencoder", "MLP"]),
    "gan": (GAN.format(**LINEAR, judge=BCE), ["GAN", "MLP"]),
    "dcgan": (GAN.format(**CONVOLUTIONS, judge=BCE), ["DCGAN", "GAN", "CNN"]),
    "wgan": (GAN.format(**LINEAR, judge=CLIPPED), ["WGAN", "GAN", "MLP"]),
    "wgan-gp": (GAN.format(**LINEAR, judge=PENALTY), ["WGAN-GP", "WGAN", "GAN", "MLP"]),
    "wgan-gp, the gradient in a function": (GAN.format(**SLOPES), ["WGAN-GP", "WGAN", "GAN", "MLP"]),
    "wgan-gp, by another name": (
        GAN.format(**SLOPES).replace("torch.autograd.grad(D", "torch_grad(D"),
        ["WGAN-GP", "WGAN", "GAN", "MLP"],
    ),
    "dqn": (
        AGENT.replace(
            "{update}",
            "q = net(state).gather(1, action)\n"
            "    target = reward + gamma * net(state).max(1)[0]\n"
            "    loss = F.smooth_l1_loss(q, target)",
        ),
        ["DQN", "MLP"],
    ),
    "reinforce": (
        AGENT.replace("{update}", "log_prob = dist.log_prob(action)\n    loss = (-log_prob * returns).sum()"),
        ["Policy Gradient", "MLP"],
    ),
    "ppo": (
        AGENT.replace(
            "{update}",
            "ratio = torch.exp(log_prob - old_log_prob)\n"
            "    loss = -torch.min(ratio * advantage, torch.clamp(ratio, 1 - eps, 1 + eps) * advantage).mean()",
        ),
        ["PPO", "Actor-Critic", "Policy Gradient", "MLP"],
    ),
}


@pytest.mark.parametrize("name", [*PROGRAMS, *SCHEMES])
def test_families(name: str, tmp_path: Path) -> None:
    text, expected = (PROGRAMS | SCHEMES)[name]
    facts = list(architecture(program(tmp_path, {"train.py": text})))
    assert [fact.value for fact in facts] == expected
    assert all(fact.how and fact.place.line > 0 for fact in facts)


def test_a_name_alone_is_no_family(tmp_path: Path) -> None:
    text = net("self.a = nn.Linear(4, 4)\nself.b = nn.Linear(4, 2)", "return self.b(self.a(x))").replace(
        "Net", "TransformerVAEGAN"
    )
    assert [fact.value for fact in architecture(program(tmp_path, {"train.py": text}))] == ["MLP"]


def test_the_evidence_stands_at_its_line(tmp_path: Path) -> None:
    text = PROGRAMS["cnn with a head"][0]
    fact = next(iter(architecture(program(tmp_path, {"train.py": text}))))
    assert "nn.Conv2d" in text.splitlines()[fact.place.line - 1]
    assert fact.how == "built of Conv2d"
