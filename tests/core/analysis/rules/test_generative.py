"""Generative models as people write them: graphs of TensorFlow 1, judges apart from makers, schedules, latents."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, candidates, values

GRAPH = """
import tensorflow as tf
import numpy as np
from tensorflow.examples.tutorials.mnist import input_data
mnist = input_data.read_data_sets("../data", one_hot=True)
mb_size = 32
z_dim = 10
x = tf.placeholder(tf.float32, [None, 784])
z = tf.placeholder(tf.float32, [None, z_dim])
w1, w2 = tf.Variable(tf.zeros([784, 9])), tf.Variable(tf.zeros([9, z_dim]))
v1, v2 = tf.Variable(tf.zeros([z_dim, 9])), tf.Variable(tf.zeros([9, 1]))
p1 = tf.Variable(tf.zeros([z_dim, 784]))
def Q(x):
    return tf.matmul(tf.nn.relu(tf.matmul(x, w1)), w2)
def P(z):
    return tf.matmul(z, p1)
def D(z):
    return tf.nn.sigmoid(tf.matmul(tf.nn.relu(tf.matmul(z, v1)), v2))
code = Q(x)
logits = P(code)
recon = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=x))
real, made = D(z), D(code)
d_loss = -tf.reduce_mean(tf.log(real) + tf.log(1 - made))
ae = tf.train.AdamOptimizer().minimize(recon, var_list=[w1, w2, p1])
judge = tf.train.AdamOptimizer().minimize(d_loss, var_list=[v1, v2])
sess = tf.Session()
for it in range(1000000):
    batch, _ = mnist.train.next_batch(mb_size)
    noise = np.random.randn(mb_size, z_dim)
    sess.run([ae, judge], feed_dict={x: batch, z: noise})
    if it % 1000 == 0:
        sess.run(logits, feed_dict={x: mnist.test.next_batch(4)[0]})
"""


def test_a_graph_that_is_fed_batches_and_noise(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": GRAPH})
    assert values(found, "batch_size") == [32]
    assert values(found, "steps") == [1000000]
    assert values(found, "epochs") == []
    assert values(found, "latent_dim") == [10]
    assert values(found, "architecture")[:2] == ["Adversarial Autoencoder", "Autoencoder"]


TWO = """
import torch
from torch import nn, optim
import torch.nn.functional as F
G = nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Linear(32, 784))
D = nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 1))
g_opt, d_opt = optim.Adam(G.parameters(), lr=1e-4), optim.Adam(D.parameters(), lr=1e-4)
WASS = {switch}
for epoch in range(5):
    for x in loader:
        fake = G(torch.randn(8, 9))
        real_out, fake_out = D(x), D(fake.detach())
        if WASS:
            real_loss = -torch.mean(real_out)
            made_loss = torch.mean(fake_out)
            d_loss = real_loss + made_loss + 0.1 * F.binary_cross_entropy(a, b)
        else:
            d_loss = F.binary_cross_entropy(fake_out, zeros) + F.binary_cross_entropy(real_out, ones)
        d_loss.backward()
        d_opt.step()
        g_loss = F.binary_cross_entropy(D(fake), ones)
        g_loss.backward()
        g_opt.step()
"""


@pytest.mark.parametrize(("switch", "first"), [("True", "WGAN"), ("False", "GAN")])
def test_means_drawn_apart_where_the_run_draws_them(tmp_path: Path, switch: str, first: str) -> None:
    found = analysed(tmp_path, {"train.py": TWO.replace("{switch}", switch)})
    assert values(found, "architecture") == ([first, "GAN", "MLP"] if first != "GAN" else ["GAN", "MLP"])


GIVEN = """
import tensorflow as tf
from tensorflow.keras import layers
G = tf.keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(784)])
D = tf.keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(1)])
g_opt, d_opt = tf.keras.optimizers.Adam(1e-4), tf.keras.optimizers.Adam(1e-4)
def critic_loss(real_scores, fake_scores):
    return tf.reduce_mean(fake_scores) - tf.reduce_mean(real_scores)
for real in read():
    with tf.GradientTape() as tape, tf.GradientTape() as d_tape:
        fake = G(tf.random.normal([32, 10]), training=True)
        fake_logits, real_logits = D(fake, training=True), D(real, training=True)
        d_loss = critic_loss(real_logits, fake_logits)
        g_loss = -tf.reduce_mean(fake_logits)
    d_opt.apply_gradients(zip(d_tape.gradient(d_loss, D.trainable_variables), D.trainable_variables))
    g_opt.apply_gradients(zip(tape.gradient(g_loss, G.trainable_variables), G.trainable_variables))
"""


@pytest.mark.parametrize(("what", "first"), [("scores", "WGAN"), ("features", "GAN")])
def test_a_loss_draws_apart_the_means_of_what_it_is_given(tmp_path: Path, what: str, first: str) -> None:
    found = analysed(tmp_path, {"train.py": GIVEN.replace("scores", what)})
    assert values(found, "architecture")[0] == first


APART = """
import torch
from torch import nn, optim
class Maker(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3)
    def forward(self, x):
        return self.conv(x)
class Whole:
    def __init__(self):
        self.netG, self.netD = Maker(), nn.Sequential(nn.Conv2d(3, 8, 4), nn.Conv2d(8, 1, 4))
        self.criterion = nn.MSELoss()
        self.opt_G = optim.Adam(self.netG.parameters(), lr=2e-4)
        self.opt_D = optim.Adam(self.netD.parameters(), lr=2e-4)
    def forward(self, x):
        self.fake_B = self.netG(x)
    def d_loss(self, real_B):
        fake = self.fake_B.detach()
        return self.criterion(self.netD(fake), zeros) + self.criterion(self.netD(real_B), ones)
    def train(self, x, y):
        self.forward(x)
        self.d_loss(y).backward()
        self.opt_D.step()
        self.criterion(self.netD(self.fake_B), ones).backward()
        self.opt_G.step()
whole = Whole()
for epoch in range(3):
    for x, y in loader:
        whole.train(x, y)
"""


def test_a_judge_that_is_given_what_is_called_fake(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": APART}), "architecture") == ["GAN", "CNN"]


MODE = """
import tensorflow as tf
import tensorflow.contrib.slim as slim
def dense(x, n):
    return slim.fully_connected(slim.flatten(x), n)
def generator(z, is_train):
    h = tf.reshape(dense(z, 784), [-1, 7, 7, 16])
    return slim.conv2d_transpose(h, 1, 5, 4)
def discriminator(x, is_train, reuse=None):
    return dense(slim.conv2d(x, 16, 5, 2), 1)
x, z = tf.placeholder(tf.float32, [None, 28, 28, 1]), tf.placeholder(tf.float32, [None, 100])
training = tf.placeholder(tf.bool)
real, made = discriminator(x, training), discriminator(generator(z, training), training, reuse=True)
d_loss = tf.losses.sigmoid_cross_entropy(tf.ones_like(real), real)
d_loss += tf.losses.sigmoid_cross_entropy(tf.zeros_like(made), made)
g_loss = tf.losses.sigmoid_cross_entropy(tf.ones_like(made), made)
d_step = tf.train.AdamOptimizer(2e-4).minimize(d_loss)
g_step = tf.train.AdamOptimizer(2e-4).minimize(g_loss)
with tf.Session() as sess:
    for iteration in xrange(2000):
        sess.run([d_step, g_step], feed_dict={x: a, z: b, training: True})
        print "step {}, {}".format(
            iteration, 1)
"""


def test_how_a_network_runs_is_no_condition_and_its_head_no_mlp(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": MODE})
    assert values(found, "architecture") == ["DCGAN", "GAN", "CNN"]
    assert values(found, "framework")[0] == "TensorFlow"
    assert values(found, "steps") == [2000]


STEPS = """
import torch
from torch import nn, optim
def drawn(mu, sigma):
    eps = mu.mul(0).normal_()
    return eps.mul_(sigma).add_(mu)
class Net(nn.Module):
    def __init__(self, flows=0):
        super().__init__()
        self.encoder, self.decoder, self.flows = nn.Linear(784, 20), nn.Linear(10, 784), flows
        self.cells = nn.ModuleList([nn.Linear(10, 10) for _ in range(flows)])
    def forward(self, x):
        mu, sigma = torch.chunk(self.encoder(x), 2, dim=1)
        z = drawn(mu, sigma)
        for n in range(self.flows):
            z, log_det = self.cells[n](z)
            total = total - log_det
        return self.decoder(z), mu, sigma
class Meter:
    def reset(self):
        self.n = 0
net, meter, scaler = Net(), Meter(), torch.cuda.amp.GradScaler()
opt = optim.Adamax(net.parameters(), lr=1e-2)
for epoch in range(3):
    meter.reset()
    for x in loader:
        recon, mu, sigma = net(x)
        kl = -0.5 * torch.sum(1 + torch.log(sigma ** 2) - mu ** 2 - sigma ** 2)
        scaler.scale(torch.nn.functional.mse_loss(recon, x) + kl).backward()
        scaler.step(opt)
"""


def test_a_latent_drawn_step_by_step_and_flows_that_are_none(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": STEPS}), "architecture")
    assert found[0] == "VAE"
    assert "Flow" not in found


SCHEDULE = """
import torch
from torch import nn, optim
import torchvision.transforms as T
class Net(nn.Module):
    def __init__(self, eps_model, n_T):
        super().__init__()
        beta_t = torch.linspace(1e-4, 0.02, n_T)
        log_alpha_t = torch.log(1 - beta_t)
        alphabar_t = torch.cumsum(log_alpha_t, dim=0).exp()
        self.register_buffer("a", torch.sqrt(alphabar_t))
        self.register_buffer("b", torch.sqrt(1 - alphabar_t))
        self.eps_model, self.criterion = eps_model, nn.MSELoss()
    def forward(self, x):
        eps = torch.randn_like(x)
        t = torch.randint(1, 1000, (len(x),))
        return self.criterion(eps, self.eps_model(self.a[t] * x + self.b[t] * eps))
tf = T.Compose([T.Resize(286), T.RandomCrop(256), T.ToTensor()])
net = Net(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 3, 3)), 1000)
opt = optim.Adam(net.parameters(), lr=2e-4)
for epoch in range(4):
    for x in loader:
        net(x).backward()
        opt.step()
"""


def test_a_schedule_summed_in_logarithms_and_the_size_after_the_last_crop(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SCHEDULE})
    assert values(found, "architecture") == ["Diffusion", "CNN"]
    assert values(found, "image_size") == [256]


LOSSES = """
import torch
class Wasserstein(torch.nn.Module):
    def forward(self, real, made):
        return made.mean() - real.mean()
"""
USING = """
import torch
from torch import nn, optim
from torch.utils.data import Dataset, DataLoader
from source.losses import Wasserstein
class MNISTM(Dataset):
    def __len__(self):
        return 9
D, G = nn.Linear(9, 1), nn.Linear(4, 9)
kinds = {"was": Wasserstein}
loss_fn = kinds["was"]()
opt, other = optim.Adam(D.parameters(), lr=1e-4), optim.Adam(G.parameters(), lr=1e-4)
for epoch in range(2):
    for x in DataLoader(MNISTM(), batch_size=16):
        loss_fn(D(x), D(G(torch.randn(16, 4)))).backward()
        opt.step()
"""


def test_a_loss_by_its_module_and_data_by_the_class_named_for_it(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": USING, "source/losses.py": LOSSES, "source/__init__.py": ""})
    assert values(found, "loss") == ["Wasserstein"]
    assert values(found, "datasets") == ["MNIST-M"]


BUILT = """
import tensorflow as tf
class Net:
    def build(self, rate):
        x = tf.placeholder(tf.float32, [None, 9])
        self.loss = tf.reduce_mean(tf.layers.dense(x, 1))
        self.train_op = tf.train.AdamOptimizer(rate).minimize(self.loss)
"""
SOLVER = """
import tensorflow as tf
class Solver:
    def __init__(self, model):
        self.model = model
    def train(self):
        with tf.Session() as sess:
            for step in range(300):
                sess.run(self.model.train_op, {})
"""
START = """
from model import Net
from solver import Solver
if __name__ == "__main__":
    net = Net()
    net.build(3e-4)
    Solver(net).train()
"""


def test_the_model_is_where_the_session_runs(tmp_path: Path) -> None:
    found = candidates(tmp_path, {"main.py": START, "solver.py": SOLVER, "model.py": BUILT})
    assert [Path(each.path).name for each in found] == ["solver.py"]
    assert [Path(alias).name for each in found for alias in each.aliases] == ["main.py"]


COMMAND = """
import fire
import torch
from torch import nn, optim
def train_from_folder(size=64, batch_size=5, rate=2e-4, steps=150, extra=[]):
    net = nn.Linear(size, 1)
    if size in extra:
        net = nn.LSTM(size, 1)
    opt = optim.Adam(net.parameters(), lr=rate)
    for step in range(steps):
        net(torch.randn(batch_size, size)).sum().backward()
        opt.step()
def main():
    fire.Fire(train_from_folder)
"""


def test_what_an_installed_command_hands_to_fire(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"cli.py": COMMAND}, "cli.py")
    assert values(found, "learning_rate") == [2e-4]
    assert values(found, "steps") == [150]
    assert values(found, "architecture") == ["Linear"]


PACKAGE = """
import importlib
def find(name):
    filename = "models." + name + "_model"
    library = importlib.import_module(filename)
    for each, cls in library.__dict__.items():
        if each.lower() == name + "model":
            return cls
"""
CHOSEN = """
import torch
from torch import nn, optim
class CutModel:
    def __init__(self):
        self.net = nn.Sequential(nn.Linear(9, 9), nn.Linear(9, 1))
        self.opt = optim.Adam(self.net.parameters(), lr=2e-4)
    def optimize(self, x):
        self.net(x).sum().backward()
        self.opt.step()
"""
STARTED = """
from models import find
if __name__ == "__main__":
    model = find("cut")()
    for epoch in range(7):
        model.optimize(data)
"""


def test_a_module_imported_by_a_name_made_before(tmp_path: Path) -> None:
    files = {"train.py": STARTED, "models/__init__.py": PACKAGE, "models/cut_model.py": CHOSEN}
    found = analysed(tmp_path, files)
    assert values(found, "learning_rate") == [2e-4]
    assert values(found, "epochs") == [7]


TUNED = """
import torch
import transformers
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, {network}
from diffusers.utils import convert_unet_state_dict_to_peft
words = transformers.Qwen3Model.from_pretrained("some/words")
schedule = FlowMatchEulerDiscreteScheduler.from_pretrained("some/model")
vae = AutoencoderKL.from_pretrained("some/model")
net = {network}.from_pretrained("some/model")
kept = convert_unet_state_dict_to_peft(state)
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4)
for epoch in range(3):
    for x in loader:
        latents = vae.encode(x).latent_dist.sample()
        torch.mean((net(latents) - target) ** 2).backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("network", "family"), [("ZImageTransformer2DModel", "DiT"), ("FluxControlNetModel", "ControlNet")]
)
def test_networks_of_diffusers_by_the_ends_of_their_names(tmp_path: Path, network: str, family: str) -> None:
    found = analysed(tmp_path, {"train.py": TUNED.replace("{network}", network)})
    assert values(found, "architecture")[0] == family
    assert "UNet" not in values(found, "architecture")
    assert values(found, "task") == ["image generation"]
    assert values(found, "framework")[-1] == "Hugging Face Transformers"


LAYERS = """
import tensorflow as tf
def param(name, shape):
    return tf.Variable(tf.zeros(shape), name=name)
def Linear(name, n_in, n_out, inputs):
    weight = param(name + ".W", [n_in, n_out])
    return tf.matmul(inputs, weight)
"""
TOY = """
import tensorflow as tf
import tflib.cifar10 as cifar10
from tflib.linear import Linear
data = cifar10.load(64)
x = tf.placeholder(tf.float32, [64, 32])
y = Linear("2", 9, 1, tf.nn.relu(Linear("1", 32, 9, x)))
step = tf.train.AdamOptimizer(1e-4).minimize(y)
"""


def test_weights_that_a_helper_makes_and_data_of_a_module_of_ones_own(tmp_path: Path) -> None:
    files = {"train.py": TOY, "tflib/__init__.py": "", "tflib/linear.py": LAYERS}
    found = analysed(tmp_path, files | {"tflib/cifar10.py": "def load(size):\n    return unpickle(size)\n"})
    assert values(found, "architecture") == ["MLP"]
    assert values(found, "datasets") == ["CIFAR-10"]
