"""What looks like twins or latents, and is neither; packages of one's own that are named as libraries are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TRAINED = """
opt = optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    F.mse_loss(net(x), y).backward()
    opt.step()
"""


@pytest.mark.parametrize(("start", "found"), [("layer.weight.data", False), ("torch.empty(8)", True)])
def test_weights_that_begin_at_random_are_no_latents(tmp_path: Path, start: str, found: bool) -> None:
    code = f"""
import torch
from torch import nn, optim
from torch.nn import functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(8, 8), nn.Linear(8, 8)
    def start(self, layer, mean, stddev):
        return {start}.normal_().mul_(stddev).add_(mean)
    def forward(self, x):
        return self.decoder(self.encoder(x) + self.start(self.encoder, 0, 1))
    def decode(self, x):
        return self.decoder(x)
net = Net()
{TRAINED}"""
    assert ("VAE" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


@pytest.mark.parametrize(
    ("part", "found"), [("nn.ReflectionPad2d(1)", False), ("positive", False), ("nn.Conv2d(3, 8, 3)", True)]
)
def test_what_has_no_weights_makes_no_twins(tmp_path: Path, part: str, found: bool) -> None:
    code = f"""
import torch
from torch import nn
def positive(x):
    return x * x + 1
class Distance(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.scale = {part}, nn.Conv2d(3, 1, 1)
    def forward(self, one, other):
        one, other = self.before(one), self.before(other)
        return self.scale((one - other) ** 2)
net = Distance()
{TRAINED}"""
    assert ("Siamese" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


@pytest.mark.parametrize(("layer", "found"), [("tf.layers.dense(a, 8)", False), ("tower(a)", True)])
def test_one_scope_around_layers_of_a_library_makes_no_twins(tmp_path: Path, layer: str, found: bool) -> None:
    code = f"""
import tensorflow as tf
def tower(x):
    return tf.layers.dense(x, 8)
def compare(a, b):
    with tf.variable_scope("one", reuse=True):
        left = {layer}
        right = {layer.replace("a", "b") if found else layer.replace("(a", "(b")}
    return distance(left, right)
loss = tf.reduce_mean(compare(tf.placeholder(tf.float32), tf.placeholder(tf.float32)))
step = tf.train.AdamOptimizer(0.1).minimize(loss)
with tf.Session() as session:
    session.run(step)
"""
    assert ("Siamese" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


def test_a_package_in_lib_that_is_named_as_a_library_is(tmp_path: Path) -> None:
    files = {
        "train.py": "from torch import nn, optim\nfrom torch.nn import functional as F\n"
        "from loading.rows import loader\nnet = nn.Linear(1, 1)\n" + TRAINED,
        "lib/loading/__init__.py": "",
        "lib/loading/rows.py": "import datasets\nloader = datasets.imdb.imdb('rows')",
        "lib/datasets/__init__.py": "from . import imdb",
        "lib/datasets/imdb.py": "class imdb:\n    def __init__(self, name):\n        self.name = name",
    }
    assert values(analysed(tmp_path, files), "datasets") == []


def test_a_projection_that_is_turned_back_is_no_autoencoder(tmp_path: Path) -> None:
    text = """
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    pca = PCA(0.99).fit(known)
    def reconstruction_errors(pca, X):
        X_reconstructed = pca.inverse_transform(pca.transform(X))
        mse = np.square(X_reconstructed - X).mean(axis=-1)
        return mse
    kmeans = KMeans(n_clusters=5).fit(faces)
    print(reconstruction_errors(pca, faces))
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["K-Means"]


@pytest.mark.parametrize(("mean", "found"), [("mean=0.0", False), ("mean", True)])
def test_noise_around_a_number_is_no_latent(tmp_path: Path, mean: str, found: bool) -> None:
    code = f"""
import torch
from torch import nn, optim
from torch.nn import functional as F
class Net(nn.Module):
    def __init__(self, std, {mean}):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(8, 8), nn.Linear(8, 8)
        self.noise_std, self.mean = std, mean
    def forward(self, x):
        return self.decode(torch.randn(8) * self.noise_std + self.mean)
    def decode(self, x):
        return self.decoder(self.encoder(x))
net = Net(1, y)
{TRAINED}"""
    assert ("VAE" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


def test_what_a_network_gives_in_the_loop_is_compared_with_what_it_took(tmp_path: Path) -> None:
    code = """
import torch
from torch import nn, optim
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Linear(8, 2), nn.Linear(2, 8)
    def forward(self, x):
        return self.up(self.down(x))
net = Net()
opt = optim.SGD(net.parameters(), lr=0.1)
criterion = nn.MSELoss()
for images, _ in loader:
    outputs = net(images)
    criterion(outputs, images).backward()
    opt.step()
"""
    assert "Autoencoder" in values(analysed(tmp_path, {"train.py": code}), "architecture")


@pytest.mark.parametrize(
    ("given", "second", "found"),
    [
        ("one, other", "self.tower(other)", True),
        ("one, target", "self.tower(target)", False),
        ("one, other=None", "self.tower(other) if other is not None else 0", False),
    ],
)
def test_what_is_wanted_and_what_may_be_left_out_makes_no_twins(
    tmp_path: Path, given: str, second: str, found: bool
) -> None:
    code = f"""
import torch
from torch import nn, optim
from torch.nn import functional as F
class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.tower = nn.Conv2d(3, 8, 3)
    def forward(self, {given}):
        return self.tower(one) - {second}
net = Pair()
{TRAINED}"""
    assert ("Siamese" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


@pytest.mark.parametrize(("switch", "found"), [("False", False), ("True", True)])
def test_a_switch_for_log_determinants_is_none(tmp_path: Path, switch: str, found: bool) -> None:
    code = f"""
import torch
from torch import nn, optim
from torch.nn import functional as F
class Norm(nn.Module):
    def __init__(self, logdet={switch}):
        super().__init__()
        self.scale, self.logdet = nn.Parameter(torch.ones(8)), logdet
        self.logdet = logdet
    def forward(self, x, back=False):
        if back:
            return self.reverse(x)
        out = torch.mul(x, self.scale)
        if self.logdet:
            logdet = torch.sum(torch.log(self.scale))
            return out, logdet
        return out
    def reverse(self, x):
        return x / self.scale
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lay, self.norm = nn.Linear(8, 8), Norm()
    def forward(self, x):
        return self.norm(self.lay(x))
net = Net()
{TRAINED}"""
    assert ("Flow" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


@pytest.mark.parametrize(
    ("size", "used", "found"),
    [(0, "args.z_dim", False), (16, "args.z_dim", True), (0, "args.z_dim or 32", True)],
)
def test_a_latent_of_no_dimension_is_none(tmp_path: Path, size: int, used: str, found: bool) -> None:
    code = f"""
import argparse
import torch
from torch import nn, optim
from torch.nn import functional as F
parser = argparse.ArgumentParser()
parser.add_argument("--z_dim", type=int, default={size})
args = parser.parse_args()
class Net(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(8, 2 * z_dim), nn.Linear(8 + z_dim, 8)
    def decode(self, x, z):
        return self.decoder(torch.cat([x, z], 1))
    def forward(self, x):
        mean, logvar = self.encoder(x).chunk(2, 1)
        z = mean + torch.exp(0.5 * logvar) * torch.randn_like(mean)
        return self.decode(x, z), -0.5 * torch.sum(1 + logvar - mean.pow(2) - logvar.exp())
net = Net({used})
opt = optim.Adam(net.parameters(), lr=1e-3)
for x in loader:
    out, kl = net(x)
    (F.mse_loss(out, x) + kl).backward()
    opt.step()
"""
    assert ("VAE" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found


@pytest.mark.parametrize(
    ("asked", "found"),
    [("F.kl_div(logprobs, logprobs_old)", False), ("F.kl_div(prior, posterior)", True)],
)
def test_words_drawn_by_gumbel_noise_beside_an_older_policy_are_no_latents(
    tmp_path: Path, asked: str, found: bool
) -> None:
    code = f"""
import torch
from torch import nn, optim
from torch.nn import functional as F
class Net(nn.Module):
    def __init__(self, kl_coef=0.1):
        super().__init__()
        self.kl_coef, self.layer = kl_coef, nn.Linear(8, 8)
    def draw(self, x):
        return x - torch.log(-torch.log(torch.rand(8)))
    def decode(self, x):
        return self.layer(self.draw(x))
    def loss(self, x, prior, posterior, logprobs, logprobs_old):
        kl_loss = {asked}
        return F.mse_loss(self.decode(x), x) + self.kl_coef * kl_loss
net = Net()
opt = optim.Adam(net.parameters(), lr=1e-3)
for x, others in loader:
    net.loss(x, *others).backward()
    opt.step()
"""
    assert ("VAE" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found
