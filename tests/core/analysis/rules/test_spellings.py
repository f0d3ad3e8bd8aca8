"""What families and settings are told by in its several spellings, each beside code that only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.facts import Analysis
from tests.core.analysis.writing import analysed, values

TORCH = "import torch, gym\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"
STEP = "\noptimizer = optim.Adam(net.parameters(), lr=1e-3)\nfor x in data:\n    {loss}\n    optimizer.step()\n"


def trained(folder: Path, forward: str, loss: str = "net(x).sum().backward()", parts: str = "") -> Analysis:
    """The analysis of a network with this forward, two linear layers and further parts, under this loss."""
    network = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    network += f"        self.one, self.two = nn.Linear(8, 8), nn.Linear(8, 8)\n        {parts or 'pass'}\n"
    network += "    def forward(self, x):\n" + "".join(f"        {line}\n" for line in forward.splitlines())
    return analysed(folder, {"train.py": TORCH + network + "net = Net()" + STEP.format(loss=loss)})


@pytest.mark.parametrize(
    ("forward", "told"),
    [
        ("n = (x**2).sum()\nroutes = self.one(x)\nreturn x / (1 + x) * x.norm()", False),
        ("n = (x**2).sum()\nroutes = self.one(x)\nreturn n / (1 + n) * x", True),
        ("n = (x**2).sum()\nagreed = self.one(x)\nreturn n / (1 + n) * x", False),
        ("n = (x**2).sum()\nroutes = self.one(x)\nreturn n / (1 - n) * x", False),
    ],
)
def test_capsules_squash_by_length_and_route(tmp_path: Path, forward: str, told: bool) -> None:
    assert ("Capsule" in values(trained(tmp_path, forward), "architecture")) is told


@pytest.mark.parametrize(
    ("forward", "told"),
    [
        ("gate = self.one(x).softmax(-1)\nreturn sum(gate[:, i] * e(x) for i, e in enumerate(self.experts))", True),
        ("routed = self.one(x).topk(2)\nreturn sum(e(x) for e in self.experts) + self.two(routed)", True),
        (
            "shares = self.one(x).softmax(-1)\nreturn sum(shares[:, i] * e(x) for i, e in enumerate(self.experts))",
            False,
        ),
        ("gate = self.one(x).softmax(-1)\nreturn sum(gate[:, i] * e(x) for i, e in enumerate(self.parts))", False),
        ("gate = self.one(x).sigmoid()\nreturn sum(gate[:, i] * e(x) for i, e in enumerate(self.experts))", False),
    ],
)
def test_experts_are_weighed_by_a_gate(tmp_path: Path, forward: str, told: bool) -> None:
    found = trained(tmp_path, forward, parts="self.experts = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])")
    assert ("Mixture of Experts" in values(found, "architecture")) is told


RBM = """
import numpy as np
W, a, b, rate = np.random.randn(6, 4) * 0.1, np.zeros(6), np.zeros(4), 0.1
for v in data:
    p = 1 / (1 + np.exp(-{up}))
    h = {drawn}
    back = sigmoid({down})
    W += rate * (np.outer(v, p) - np.outer(back, h))
    a += rate * (v - back)
    b += rate * (p - h)
"""


@pytest.mark.parametrize(
    ("up", "down", "drawn", "told"),
    [
        ("np.dot(v, W)", "np.dot(h, W.T)", "p > np.random.rand(4)", True),
        ("v.dot(W)", "h.dot(W.transpose())", "p > np.random.rand(4)", True),
        ("v @ W", "h @ W.T", "np.random.binomial(1, p)", True),
        ("v @ W", "h @ np.transpose(W)", "np.sign(p - np.random.uniform(size=4))", True),
        ("v @ W", "h @ U.T", "p > np.random.rand(4)", False),
        ("v @ W", "h @ W.T", "p > 0.5", False),
    ],
)
def test_machines_of_boltzmann_draw_and_go_back(tmp_path: Path, up: str, down: str, drawn: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": RBM.format(up=up, down=down, drawn=drawn)})
    assert ("RBM" in values(found, "architecture")) is told


PLAYED = """
class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(4, 32), nn.Linear(32, 2)
    def forward(self, x):
        return self.two(self.one(x).relu())
env, net = gym.make("CartPole-v1"), Policy()
state = env.reset()
optimizer = optim.Adam(net.parameters(), lr=1e-3)
for episode in range(10):
    out = net(state)
    state, reward, done, _ = env.step(out.argmax())
    {loss}
    loss.mean().backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("loss", "family"),
    [
        ("ratio = (new - old).exp(); loss = -torch.min(ratio * adv, ratio.clamp(1 - eps, 1 + eps) * adv)", "PPO"),
        ("ratio = (new - old).exp(); loss = -torch.min(ratio * adv, torch.clamp(ratio, min=1 - e, max=1 + e))", "PPO"),
        ("bound = torch.where(adv > 0, (1 + e) * adv, (1 - e) * adv); loss = -torch.min(ratio * adv, bound)", "PPO"),
        ("ratio = (new - old).exp(); loss = -torch.min(ratio * w, ratio.clamp(1 - eps, 2) * w)", ""),
        ("loss = -torch.log_softmax(out, -1)[1] * reward", "Policy Gradient"),
        ("loss = F.cross_entropy(out, action) * reward", "Policy Gradient"),
        ("loss = F.cross_entropy(out, action) * mask", ""),
        ("loss = F.cross_entropy(out, action) + reward", ""),
    ],
)
def test_policies_are_moved_by_what_was_gained(tmp_path: Path, loss: str, family: str) -> None:
    found = values(analysed(tmp_path, {"train.py": TORCH + PLAYED.format(loss=loss)}), "architecture")
    assert next((each for each in ("PPO", "Policy Gradient") if each in found), "") == family


STYLED = """
from torchvision import models
features = models.vgg19(weights="DEFAULT").features
image = torch.rand(1, 3, 64, 64, requires_grad=True)
def likeness(f, g):
    return {product}
optimizer = optim.LBFGS([image])
for _ in range(300):
    loss = F.mse_loss(likeness(features(image), features(image)), wanted)
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("product", "told"),
    [
        ("f @ f.T", True),
        ("torch.mm(f, f.t())", True),
        ("f.mm(f.t())", True),
        ("torch.bmm(f.transpose(1, 2), f)", True),
        ("torch.einsum('ij,kj->ik', f, f)", True),
        ("torch.matmul(f, f, transpose_b=True)", True),
        ("f @ g.T", False),
        ("torch.mm(f, g.t())", False),
        ("torch.einsum('ij,kj->ik', f, g)", False),
        ("torch.matmul(f, f)", False),
        ("torch.softmax(f @ f.T, -1)", False),
    ],
)
def test_styles_are_correlations_of_features(tmp_path: Path, product: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + STYLED.format(product=product)})
    assert ("Style Transfer" in values(found, "architecture")) is told


CODED = """
class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(8, 4), nn.Linear(2, 8)
    def encode(self, x):
        return self.encoder(x).chunk(2, -1)
    def decode(self, z):
        return self.decoder(z)
    def forward(self, x):
        a, b = self.encode(x)
        z = Gamma(a, b).rsample()
        return self.decode(z), a, b
net = Coder()
optimizer = optim.Adam(net.parameters())
for x in data:
    back, a, b = net(x)
    {divergence}
    {loss}
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("divergence", "loss", "told"),
    [
        ("kld = apart(a, b)", "loss = F.mse_loss(back, x) + 0.1 * kld", True),
        ("kl_loss = apart(a, b)", "loss = F.mse_loss(back, x) + kl_loss", True),
        ("extra = apart(a, b)", "loss = F.mse_loss(back, x) + extra", False),
        ("pass", "loss = F.mse_loss(back, x)", False),
    ],
)
def test_a_divergence_that_is_added_tells_a_vae(tmp_path: Path, divergence: str, loss: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + CODED.format(divergence=divergence, loss=loss)})
    assert ("VAE" in values(found, "architecture")) is told


KERAS = """
import tensorflow as tf
from tensorflow.keras import layers
net = tf.keras.Sequential([layers.Conv2D(8, 3, input_shape=(64, 64, 3)), layers.Flatten(), layers.Dense(2)])
{before}
net.compile(optimizer=tf.keras.optimizers.Adam({rate}), loss="mse")
net.fit(data, epochs=3)
"""


@pytest.mark.parametrize(
    ("before", "rate", "field", "expected"),
    [
        ("s = tf.keras.optimizers.schedules.PiecewiseConstantDecay([100, 200], [1e-2, 1e-3, 1e-4])", "s",
         "learning_rate", [1e-2]),
        ("s = tf.keras.optimizers.schedules.ExponentialDecay(1e-2, 500, 0.9)", "s", "learning_rate", [1e-2]),
        ("data = tf.keras.preprocessing.image.ImageDataGenerator().flow_from_directory('d', target_size=(64, 64))",
         "1e-3", "image_size", [64]),
        ("data = tf.keras.utils.image_dataset_from_directory('d', image_size=(32, 48))", "1e-3", "image_size",
         [(32, 48)]),
        ("tf.keras.mixed_precision.set_global_policy('mixed_float16')", "1e-3", "precision", ["fp16"]),
    ],
)  # fmt: skip
def test_settings_of_keras(tmp_path: Path, before: str, rate: str, field: str, expected: list[object]) -> None:
    assert values(analysed(tmp_path, {"train.py": KERAS.format(before=before, rate=rate)}), field) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("scaler = torch.amp.GradScaler()", ["mixed"]),
        ("scaler = torch.amp.GradScaler(enabled=True)", ["mixed"]),
        ("scaler = torch.amp.GradScaler(enabled=False)", []),
        ("context = torch.autocast('cuda', dtype=torch.bfloat16)", ["bf16"]),
        ("context = torch.autocast('cuda', dtype=torch.bfloat16, enabled=False)", []),
        ("context = torch.autocast('cuda')", ["mixed"]),
    ],
)
def test_precision_is_told_where_it_is_switched_on(tmp_path: Path, line: str, expected: list[str]) -> None:
    found = trained(tmp_path, "return self.two(self.one(x))", loss=f"{line}; net(x).sum().backward()")
    assert values(found, "precision") == expected
