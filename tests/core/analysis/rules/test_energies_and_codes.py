"""Energies whose samples drift, codebooks searched by distance, what is compared without a square, halves of flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\nfrom torchvision import datasets\n"
LOADER = "loader = torch.utils.data.DataLoader(datasets.MNIST('data'), batch_size=16)\n"

DRIFTING = (
    TORCH
    + LOADER
    + """
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5408, 1))
optimizer = optim.Adam(net.parameters(), lr=1e-4)
for real, _ in loader:
    x = torch.rand(16, 1, 28, 28, requires_grad=True)
    noise = torch.empty_like(x)
    for _ in range(60):
        {noise}
        net(x).sum().backward()
        x.data.add_(-10, x.grad.data{sign})
        x.grad.zero_()
    net.zero_grad()
    (net(real) - net(x.detach())).mean().backward()
    optimizer.step()
"""
)


@pytest.mark.parametrize(
    ("noise", "sign", "told"),
    [("x.data.add_(noise.normal_(0, 0.01))", "", True), ("pass", "", False), ("noise.normal_()", ".sign()", False)],
)
def test_samples_that_drift_down_a_gradient_with_noise_are_of_an_energy(
    tmp_path: Path, noise: str, sign: str, told: bool
) -> None:
    found = analysed(tmp_path, {"train.py": DRIFTING.format(noise=noise, sign=sign)})
    assert ("Energy-Based" in values(found, "architecture")) is told


CODES = (
    TORCH
    + LOADER
    + """
class Codes(nn.Module):
    def __init__(self):
        super().__init__()
        self.codebook = nn.Parameter(torch.randn(64, 16))
    def forward(self, z):
        near = pick(-torch.cdist(z, self.codebook))
        q = F.embedding(near, self.codebook)
        return z + (q - z).detach()

def pick(scores):
    return scores.argmax(-1)

class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Conv2d(1, 16, 4, 4)
        self.codes = Codes()
        self.decode = nn.ConvTranspose2d(16, 1, 4, 4)
    def forward(self, x):
        return self.decode({middle}), 0

net = Coder()
optimizer = optim.AdamW(net.parameters(), lr=3e-4)
for x, _ in loader:
    out, _ = net(x)
    out = out.clamp(-1.0, 1.0)
    loss = (out - x).abs().mean()
    loss.backward()
    optimizer.step()
"""
)


def test_a_codebook_may_be_searched_by_distance_in_one_place_and_picked_from_in_another(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": CODES.replace("{middle}", "self.codes(self.encode(x))")})
    assert values(found, "architecture")[:3] == ["VQ-VAE", "VAE", "Autoencoder"]


def test_what_comes_out_may_be_compared_by_its_distance_alone(tmp_path: Path) -> None:
    found = analysed(
        tmp_path, {"train.py": CODES.replace("{middle}", "self.encode(x)").replace("Codes()", "nn.Identity()")}
    )
    assert values(found, "architecture")[0] == "Autoencoder"


HALVES = (
    TORCH
    + LOADER
    + """
class Level(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.down = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(4, 2, 2, 2)
    def forward(self, x):
        x = self.up(self.down(x))
        {parts}
        x = torch.cat((a, skip), dim=1)
        return torch.cat((x, skip), dim=1).mean(1, keepdim=True)

net = Level(2)
optimizer = optim.Adam(net.parameters(), lr=3e-4)
for x, _ in loader:
    net(x).pow(2).mean().backward()
    optimizer.step()
"""
)


@pytest.mark.parametrize(("parts", "told"), [("a, skip = x.chunk(2, dim=1)", False), ("a, skip = x, self.old", True)])
def test_halves_that_were_split_are_no_skips(tmp_path: Path, parts: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": HALVES.replace("{parts}", parts)})
    assert ("UNet" in values(found, "architecture")) is told


TAPED = """
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, models

(x_train, _), _ = keras.datasets.mnist.load_data()
net = models.Sequential([layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(1)])

def samples(model, x, steps):
    for _ in range(steps):
        {noise}
        with tf.GradientTape() as tape:
            tape.watch(x)
            out = model(x)
        slope = tape.gradient(out, x)
        slope = tf.clip_by_value(slope, -0.03, 0.03)
        x += 10.0 * slope
    return x

class Judged(models.Model):
    def __init__(self):
        super().__init__()
        self.net = net
    def train_step(self, real):
        made = samples(self.net, tf.random.uniform((16, 28, 28, 1)), 60)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.net(made)) - tf.reduce_mean(self.net(real))
        grads = tape.gradient(loss, self.net.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.net.trainable_variables))
        return {"loss": loss}

model = Judged()
model.compile(optimizer=keras.optimizers.Adam(1e-4))
model.fit(x_train, batch_size=16, epochs=3)
"""


@pytest.mark.parametrize(("noise", "told"), [("x += tf.random.normal(x.shape, stddev=0.005)", True), ("pass", False)])
def test_samples_may_drift_along_the_gradient_of_a_tape(tmp_path: Path, noise: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": TAPED.replace("{noise}", noise)})
    assert ("Energy-Based" in values(found, "architecture")) is told


def test_a_library_may_build_what_comes_one_by_one(tmp_path: Path) -> None:
    code = """
        import tensorflow_probability as tfp
        from tensorflow import keras
        from tensorflow.keras import layers, models
        (x, _), _ = keras.datasets.mnist.load_data()
        dist = tfp.distributions.PixelCNN(image_shape=(28, 28, 1), num_resnet=1)
        image = layers.Input(shape=(28, 28, 1))
        chance = dist.log_prob(image)
        model = models.Model(inputs=image, outputs=chance)
        model.add_loss(-chance)
        model.compile(optimizer=keras.optimizers.Adam(0.001))
        model.fit(x, batch_size=128, epochs=10)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Autoregressive"]


WORLD = """
import gym
world = gym.make("Breakout-v4")
seen, _ = world.reset()
for _ in range(9):
    seen, reward, *_ = world.step(choose(seen))
gained = reward + 0.99 * value(seen)
""" + CODES.replace("pick(-torch.cdist(z, self.codebook))", "((z - self.codebook) ** 2).sum(-1).argmin(-1)")


@pytest.mark.parametrize(("given", "coded"), [("z + (q - z).detach()", True), ("q", False)])
def test_an_agent_may_see_its_world_in_codes(tmp_path: Path, given: str, coded: bool) -> None:
    text = WORLD.replace("{middle}", "self.codes(self.encode(x))").replace("z + (q - z).detach()", given)
    assert ("VQ-VAE" in values(analysed(tmp_path, {"train.py": text}), "architecture")) == coded
