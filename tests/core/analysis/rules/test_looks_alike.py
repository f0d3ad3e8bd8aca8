"""What looks alike and is not: judges that give probabilities, windows, coordinates, noise that is predicted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\nfrom torchvision import datasets\n"
LOADER = "loader = torch.utils.data.DataLoader(datasets.MNIST('data'), batch_size=16)\n"

JUDGED = (
    TORCH
    + LOADER
    + """
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1))
    def forward(self, x):
        return self.body(x)

class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2), nn.Flatten(), nn.Linear(1352, 1))
    def forward(self, x):
        return {out}

netG, netD = Generator(), Discriminator()
optG, optD = optim.Adam(netG.parameters(), lr=1e-4), optim.Adam(netD.parameters(), lr=1e-4)
for real, _ in loader:
    fake = netG(torch.randn_like(real))
    d_loss = 1 - netD(real).mean() + netD(fake.detach()).mean()
    optD.zero_grad()
    d_loss.backward()
    optD.step()
    g_loss = -netD(fake).mean()
    optG.zero_grad()
    g_loss.backward()
    optG.step()
"""
)


@pytest.mark.parametrize(("out", "told"), [("torch.sigmoid(self.body(x))", False), ("self.body(x)", True)])
def test_a_judge_that_gives_probabilities_is_no_critic(tmp_path: Path, out: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": JUDGED.replace("{out}", out)})
    assert ("WGAN" in values(found, "architecture")) is told
    assert "GAN" in values(found, "architecture")


SKIPPING = (
    TORCH
    + LOADER
    + """
class Same(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)])
        self.up = nn.ModuleList([nn.Conv2d(16, 8, 3, padding=1), nn.Conv2d(16, 1, 3, padding=1)])
    def forward(self, x):
        kept = []
        for layer in self.down:
            x = F.relu(layer(x))
            kept.append(x)
        for layer in self.up:
            x = layer(torch.cat([x, {skip}], dim=1))
        return x

class Places(nn.Module):
    def __init__(self):
        super().__init__()
        self.coords = torch.randn(1, 2, 28, 28)
        self.conv = nn.Conv2d(5, 4, 3, stride=2, padding=1)
        self.grow = nn.ConvTranspose2d(4, 1, 2, 2)
    def forward(self, x):
        coords = torch.cat([self.coords, self.coords], dim=1)
        return self.grow(self.conv(torch.cat([x, coords], dim=1)))

net = {net}()
optimizer = optim.Adam(net.parameters(), lr=1e-3)
for x, _ in loader:
    F.mse_loss(net(x + torch.randn_like(x)), x).backward()
    optimizer.step()
"""
)


@pytest.mark.parametrize(
    ("net", "skip", "told"),
    [("Same", "kept.pop()", True), ("Same", "torch.zeros(16, 8, 28, 28)", False), ("Places", "kept.pop()", False)],
)
def test_skips_are_what_was_put_by(tmp_path: Path, net: str, skip: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": SKIPPING.replace("{net}", net).replace("{skip}", skip)})
    assert ("UNet" in values(found, "architecture")) is told


SCORED = (
    TORCH
    + LOADER
    + """
score_model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 1, 3, padding=1))
optimizer = optim.Adam(score_model.parameters(), lr=1e-3)
alphas = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 100), 0)
for x, _ in loader:
    eps = torch.randn_like(x)
    a = alphas[torch.randint(0, 100, (16,))].view(-1, 1, 1, 1)
    score = score_model(a.sqrt() * x + (1 - a).sqrt() * eps)
    loss = torch.square({compared}).mean()
    loss.backward()
    optimizer.step()
"""
)


@pytest.mark.parametrize(("compared", "told"), [("eps - score", False), ("score * (1 - a).sqrt() + eps", True)])
def test_noise_that_is_predicted_is_no_score(tmp_path: Path, compared: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": SCORED.replace("{compared}", compared)})
    assert "Diffusion" in values(found, "architecture")
    assert ("Score-Based" in values(found, "architecture")) is told


MEASURED = (
    TORCH
    + LOADER
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1)
    def forward(self, x):
        return self.conv(x)

class Distance(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(784, 8)
    def forward(self, x):
        return self.body(x.flatten(1))

{decorator}
def distance(x, y):
    judge, reader = Distance(), AutoModelForCausalLM.from_pretrained("gpt2-large")
    return F.l1_loss(judge(x), judge(y)) + F.cross_entropy(reader(x).logits, y)

net = Net()
optimizer = optim.Adam(net.parameters(), lr=1e-3)
for x, _ in loader:
    F.mse_loss(net(x), x).backward()
    optimizer.step()
    print(distance(net(x), x))
"""
)


@pytest.mark.parametrize(("decorator", "told"), [("@torch.no_grad()", ["Net"]), ("", ["Net", "Distance"])])
def test_what_is_built_where_no_gradient_is_taken_only_measures(
    tmp_path: Path, decorator: str, told: list[str]
) -> None:
    code = "from transformers import AutoModelForCausalLM\n" + MEASURED.replace("{decorator}", decorator)
    found = analysed(tmp_path, {"train.py": code})
    assert sorted(map(str, values(found, "model_classes"))) == sorted(told)
    assert ("GPT" in values(found, "architecture")) == ("cross_entropy" in values(found, "loss")) == (not decorator)


GATED = """
import tensorflow as tf

def causal_conv(x, weights, dilation):
    return tf.nn.conv1d(x, weights, stride=1, padding="VALID")

class Waves(object):
    def __init__(self, dilations):
        self.dilations = dilations
    def layer(self, x, dilation):
        held = causal_conv(x, tf.Variable(tf.zeros([2, 32, 32])), dilation)
        gate = causal_conv(x, tf.Variable(tf.zeros([2, 32, 32])), dilation)
        return tf.tanh(held) * tf.sigmoid(gate)
    def loss(self, x):
        for dilation in self.dilations:
            x = self.layer(x, dilation)
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=x, labels=x))

net = Waves([{dilations}])
step = tf.train.AdamOptimizer(1e-3).minimize(net.loss(tf.placeholder(tf.float32, [None, 100, 32])))
with tf.Session() as sess:
    for _ in range(100):
        sess.run(step)
"""


@pytest.mark.parametrize(("dilations", "told"), [("1, 2, 4", True), ("1", False)])
def test_a_function_of_ones_own_may_be_told_how_far_apart_it_looks(tmp_path: Path, dilations: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": GATED.replace("{dilations}", dilations)})
    assert ("Autoregressive" in values(found, "architecture")) is told


LAID_OUT = """
import jax
import jax.numpy as jnp
import optax
from ml_collections import ConfigDict

config = ConfigDict(initial_dictionary=dict(rate=2e-4, batch_size=32))

def optimizer_of(rate):
    return optax.adamw(rate)

def loss(w, x):
    return jnp.mean((x @ w) ** 2)

w = jnp.zeros((4, 4))
state = optimizer_of(1.0).init(w)
learning_rate = optax.linear_schedule(0.0, config.rate, 100)
for step in range(1000):
    grads = jax.grad(loss)(w, jnp.ones((config.batch_size, 4)))
    updates, state = optimizer_of(learning_rate(step)).update(grads, state, w)
    w = optax.apply_updates(w, updates)
"""


def test_an_optimizer_may_only_lay_out_its_state(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": LAID_OUT})
    assert values(found, "learning_rate") == [2e-4]


SHORTCUT = (
    TORCH
    + LOADER
    + """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 3, padding=1)
    def forward(self, x):
        residual = x
        return torch.add(self.two(F.relu(self.one(x))), residual)

net = {net}
optimizer = optim.Adam(net.parameters(), lr=1e-3)
for x, _ in loader:
    F.mse_loss(net(x), x.flip(2)).backward()
    optimizer.step()
"""
)


@pytest.mark.parametrize(("net", "told"), [("Block()", False), ("nn.Sequential(Block(), Block())", True)])
def test_one_shortcut_around_a_whole_network_makes_no_residual_one(tmp_path: Path, net: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": SHORTCUT.replace("{net}", net)})
    assert ("ResNet" in values(found, "architecture")) is told


GUESSED = (
    TORCH
    + LOADER
    + """
class GuessLoss(nn.Module):
    def __init__(self):
        super().__init__()
        {part}
    def forward(self, wanted, x):
        return ((self.body(x) - wanted) ** 2).mean()

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.guess = nn.Linear(784, 16), GuessLoss()
    def forward(self, x):
        return self.guess(torch.randn_like(x), self.body(x))

net = Net()
optimizer = optim.Adam(net.parameters(), lr=1e-3)
for x, _ in loader:
    net(x.flatten(1)).backward()
    optimizer.step()
"""
)


def test_a_loss_with_layers_of_its_own_is_a_class_that_is_built(tmp_path: Path) -> None:
    code = GUESSED.replace("{part}", "self.body = nn.Linear(16, 784)")
    assert values(analysed(tmp_path, {"train.py": code}), "model_classes") == ["Net", "GuessLoss"]
    code = GUESSED.replace("{part}", "self.body = nn.Flatten()")
    assert values(analysed(tmp_path / "other", {"train.py": code}), "model_classes") == ["Net"]


KEPT = (
    TORCH
    + LOADER
    + """
class Grow(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2))

class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList([nn.Conv2d(1, 8, 3, stride=2, padding=1), Grow(), nn.Conv2d(9, 1, 3, padding=1)])
        self.last = nn.Conv2d(1, 1, 3, padding=1)
    def forward(self, x, time):
        h = x
        hs = [h]
        h = self.parts[1](self.parts[0](h))
        h = self.parts[2](torch.cat([h, hs.pop()], dim=1))
        return self.last(h)

net = Whole()
optimizer = optim.Adam(net.parameters(), lr=1e-3)
for x, _ in loader:
    F.mse_loss(net(x, 0), x.flip(2)).backward()
    optimizer.step()
"""
)


def test_what_was_put_by_is_a_skip_whatever_it_was_called_before(tmp_path: Path) -> None:
    assert "UNet" in values(analysed(tmp_path, {"train.py": KEPT}), "architecture")


HELD = """
import torch
from torch import nn, optim
model = {model}
opt = optim.SGD(model.parameters(), lr=0.1)
for i in range(0, 100, 10):
    score = model(x[i : i + 10]).squeeze()
    loss = torch.mean(torch.clamp({held}, min=0))
    loss.backward()
    opt.step()
"""


@pytest.mark.parametrize(
    ("model", "held", "families"),
    [
        ("nn.Linear(2, 1)", "1 - y * score", ["SVM", "Linear"]),
        ("nn.Linear(2, 1)", "1 - score", ["Linear"]),
        ("nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))", "1 - y * score", ["MLP"]),
    ],
)
def test_a_linear_machine_with_a_margin(tmp_path: Path, model: str, held: str, families: list[str]) -> None:
    found = analysed(tmp_path, {"train.py": HELD.format(model=model, held=held)})
    assert values(found, "architecture") == families
    assert (values(found, "task") == ["classification"]) is ("SVM" in families)


def test_vectors_of_words_that_a_network_is_fed(tmp_path: Path) -> None:
    code = """
    from gensim.models import Word2Vec
    from keras.models import Sequential
    from keras.layers import LSTM, Dense
    vectors = Word2Vec(texts, size=100)
    net = Sequential([LSTM(30), Dense(2)])
    net.compile("adam", "mse")
    net.fit(vectors.wv[words], y)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["LSTM", "RNN"]


def test_sets_of_the_users_compare_nothing(tmp_path: Path) -> None:
    code = """
class CustomSet(torch.utils.data.Dataset):
    def __init__(self, data, labels):
        self.data, self.labels = data, labels
class Kept:
    def __init__(self, data):
        labels = data[0]
        data = shuffle(labels)
        self.set = CustomSet(data, labels)
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5408, 10))
optimizer = optim.Adam(net.parameters())
for x, y in torch.utils.data.DataLoader(Kept(images).set):
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""
    found = analysed(tmp_path, {"train.py": TORCH + code})
    assert (values(found, "architecture"), values(found, "task")) == (["CNN"], ["image classification"])


APART = """
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 10, 3))
optimizer = optim.Adam(net.parameters())
{more}
for x, y in torch.utils.data.DataLoader(mine):
    F.cross_entropy(net(x).mean((2, 3)), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("more", "task"),
    [
        ("def preprocess(x):\n    return nn.Upsample(scale_factor=2)(x)\nx = preprocess(x)", "image classification"),
        ("def augmented(x):\n    return nn.Upsample(scale_factor=2)(x)\nx = augmented(x)", "image segmentation"),
        ("x = nn.Upsample(scale_factor=2)(x)", "image segmentation"),
        ("y_disp_gt = y_disp.copy()", "image classification"),
        ("mask_disp_pred = net(x)", "image classification"),
        ("disp_gt = left.copy()", "depth estimation"),
        ("center, boxes, sigma = box, box, 1\ncurve = torch.exp(-(grid - center) ** 2 / sigma)", "object detection"),
        (
            "center, boxes, sigma = box, box, 1\nplt.plot(torch.exp(-(grid - center) ** 2 / sigma))",
            "image classification",
        ),
    ],
)
def test_what_prepares_and_draws_is_no_place_in_a_picture(tmp_path: Path, more: str, task: str) -> None:
    assert values(analysed(tmp_path, {"train.py": TORCH + APART.format(more=more)}), "task") == [task]


def test_triplets_tell_likeness_and_wavelets_are_no_sound(tmp_path: Path) -> None:
    code = APART.format(more="").replace("F.cross_entropy(net(x).mean((2, 3)), y)", "nn.TripletMarginLoss()(*net(x))")
    assert values(analysed(tmp_path, {"train.py": TORCH + code}), "task") == ["similarity learning"]
    waves = "def wavelet_denoising(x):\n    wav = pywt.Wavelet('haar')\n    return pywt.wavedec(x, wav)\n"
    for more, task in ((waves, "image classification"), ("wav = read(path)", "audio classification")):
        text = TORCH + APART.format(more=more + "\nx = wavelet_denoising(x)" if more is waves else more)
        assert values(analysed(tmp_path / task, {"train.py": text}), "task") == [task]
